//! What writer, applier and readers share: store, tail, head and the progress between them.
//!
//! - Locks are taken in the order tail, then head or store; `progress` is never held together with
//!   another, so none waits in a circle.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use super::content::Queued;
use super::files::JournalFiles;
use super::landmarks::Landmarks;
use super::store::{Guarded, Store};
use super::tail::Tail;
use crate::error::Fault;
use crate::limits::{STORE_BATCH_BYTES, STORE_BATCH_MS, TAIL_BYTES_MAX};

/// The end of the log: what the last acknowledged frame says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Number of the last frame; 0 when there is none.
    pub frame_number: u64,
    /// Its hash; for an empty log the hash that the first frame will hold.
    pub frame_hash: [u8; 32],
    /// Leaves in the log.
    pub tree_size: u64,
    /// The checkpoint over them; empty for an empty log.
    pub checkpoint: Vec<u8>,
}

/// Whether and how the applier should end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    No,
    WhenDrained,
    Now,
}

#[derive(Debug)]
struct Progress {
    queued: u64,
    applied: u64,
    synced: u64,
    tail_bytes: u64,
    /// The frame that somebody waits for the store to hold.
    wanted: u64,
    stop: Stop,
    poisoned: bool,
    store_failure: Option<String>,
}

pub(super) struct Shared {
    pub(super) files: JournalFiles,
    store: RwLock<Option<Guarded>>,
    tail: RwLock<Tail>,
    head: RwLock<Head>,
    progress: Mutex<Progress>,
    landmarks: Mutex<Landmarks>,
    /// Told when the applier got on, or nobody gets on any more.
    changed: Condvar,
    /// Told when the applier has something to do.
    work: Condvar,
}

impl Shared {
    /// `holds` is the number of the last frame that the store holds, synced.
    pub(super) fn new(
        files: JournalFiles,
        store: Option<Guarded>,
        head: Head,
        (holds, poisoned): (u64, bool),
    ) -> Self {
        let progress = Progress {
            queued: holds,
            applied: holds,
            synced: holds,
            tail_bytes: 0,
            wanted: 0,
            stop: Stop::No,
            poisoned,
            store_failure: None,
        };
        Self {
            files,
            store: RwLock::new(store),
            tail: RwLock::new(Tail::default()),
            head: RwLock::new(head),
            progress: Mutex::new(progress),
            landmarks: Mutex::new(Landmarks::default()),
            changed: Condvar::new(),
            work: Condvar::new(),
        }
    }

    pub(super) fn head(&self) -> Head {
        self.head
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn tail(&self) -> RwLockReadGuard<'_, Tail> {
        self.tail.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works with the store, unless it is closed.
    pub(super) fn with_store<T>(
        &self,
        work: impl FnOnce(&dyn Store) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        match &*self.store.read().unwrap_or_else(PoisonError::into_inner) {
            Some(store) => work(store),
            None => Err(Fault::Store {
                doing: "read",
                detail: "it is not open".to_owned(),
            }),
        }
    }

    pub(super) fn take_store(&self) -> Option<Guarded> {
        self.store
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// Puts another store in the place of the one in use; whoever reads waits meanwhile.
    pub(super) fn replace_store(
        &self,
        change: impl FnOnce(Option<Guarded>) -> Result<Guarded, Fault>,
    ) -> Result<(), Fault> {
        let mut store = self.store.write().unwrap_or_else(PoisonError::into_inner);
        *store = Some(change(store.take())?);
        Ok(())
    }

    /// Where frames written since the opening stand.
    pub(super) fn landmarks(&self) -> MutexGuard<'_, Landmarks> {
        self.landmarks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For the writer: refuses a poisoned log, waits while the tail is full, and gives the number
    /// of the last frame that the store has synced.
    pub(super) fn await_room(&self, frame_bytes: u64) -> Result<u64, Fault> {
        let bytes_max = super::parse::offset_of(TAIL_BYTES_MAX);
        let full = |now: &mut Progress| {
            now.tail_bytes > 0 && now.tail_bytes + frame_bytes > bytes_max && !now.poisoned
        };
        let now = self
            .changed
            .wait_while(self.progress(), full)
            .unwrap_or_else(PoisonError::into_inner);
        if now.poisoned {
            Err(Fault::Poisoned)
        } else {
            Ok(now.synced)
        }
    }

    /// For the writer: a frame is acknowledged; readers see it and the applier takes it.
    pub(super) fn publish(&self, queued: std::sync::Arc<Queued>) {
        let frame = &queued.frame;
        let (number, length) = (frame.number, frame.length);
        let head = Head {
            frame_number: number,
            frame_hash: frame.hash,
            tree_size: frame.tree_size(),
            checkpoint: frame.checkpoint.clone(),
        };
        // Both under the tail's lock: nobody sees an event that the head does not cover yet.
        let mut tail = self.tail.write().unwrap_or_else(PoisonError::into_inner);
        tail.push(queued);
        *self.head.write().unwrap_or_else(PoisonError::into_inner) = head;
        drop(tail);
        let mut now = self.progress();
        // An applier that waits for more is left to wait.
        let idle = now.queued == now.applied;
        now.queued = number;
        now.tail_bytes += length;
        if idle || now.tail_bytes >= STORE_BATCH_BYTES {
            self.work.notify_one();
        }
    }

    /// Refuses everything from now on, until the log is opened again.
    pub(super) fn poison(&self) {
        self.progress().poisoned = true;
        self.changed.notify_all();
    }

    pub(super) fn is_poisoned(&self) -> bool {
        self.progress().poisoned
    }

    /// For the applier: waits until there is work worth a batch, the time is up or it should end.
    pub(super) fn await_work(&self, until: Option<Instant>) -> (u64, Stop) {
        let idle = |now: &mut Progress| now.queued == now.applied && now.stop == Stop::No;
        let now = self.await_while(self.progress(), until, idle);
        let more = Instant::now() + Duration::from_millis(STORE_BATCH_MS);
        let until = until.map_or(more, |until| until.min(more));
        let little = |now: &mut Progress| {
            now.queued > now.applied
                && now.tail_bytes < STORE_BATCH_BYTES
                && now.wanted <= now.applied
                && now.stop == Stop::No
        };
        let now = self.await_while(now, Some(until), little);
        (now.applied, now.stop)
    }

    fn await_while<'a>(
        &self,
        now: MutexGuard<'a, Progress>,
        until: Option<Instant>,
        waiting: impl FnMut(&mut Progress) -> bool,
    ) -> MutexGuard<'a, Progress> {
        let Some(until) = until else {
            let waited = self.work.wait_while(now, waiting);
            return waited.unwrap_or_else(PoisonError::into_inner);
        };
        let wait = until.saturating_duration_since(Instant::now());
        let waited = self.work.wait_timeout_while(now, wait, waiting);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// For the applier: the store holds every frame up to this one.
    pub(super) fn store_applied(&self, number: u64) {
        let bytes = self
            .tail
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .applied(number);
        let mut now = self.progress();
        now.applied = number;
        now.tail_bytes = now.tail_bytes.saturating_sub(bytes);
        self.changed.notify_all();
    }

    /// For the applier: everything applied so far is durable in the store.
    pub(super) fn store_synced(&self) {
        let mut now = self.progress();
        now.synced = now.applied;
    }

    /// For the applier: everything up to this frame is durable in the store.
    pub(super) fn store_synced_to(&self, number: u64) {
        self.progress().synced = number;
    }

    /// For the applier: the store failed. New commands stop; acknowledged ones stay in the tail.
    pub(super) fn store_failed(&self, fault: &Fault) {
        tracing::error!(%fault, "the store failed; restart to recover");
        let mut now = self.progress();
        now.poisoned = true;
        now.store_failure = Some(fault.to_string());
        self.changed.notify_all();
    }

    /// Why the applier ended early, if it did.
    pub(super) fn store_failure(&self) -> Option<String> {
        self.progress().store_failure.clone()
    }

    /// Asks the applier to end.
    pub(super) fn stop(&self, stop: Stop) {
        self.progress().stop = stop;
        self.changed.notify_all();
        self.work.notify_one();
    }

    /// Waits until a frame beyond this one is synced, the log ends, or the time is up.
    pub(super) fn await_frame(&self, number: u64, wait: Duration) {
        let waiting = |now: &mut Progress| now.queued <= number && now.stop == Stop::No;
        let waited = self
            .changed
            .wait_timeout_while(self.progress(), wait, waiting);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Waits until the store holds a frame.
    pub(super) fn await_applied(&self, number: u64) -> Result<(), Fault> {
        let behind =
            |now: &mut Progress| now.applied < number && now.store_failure.is_none() && !ended(now);
        let mut now = self.progress();
        now.wanted = now.wanted.max(number);
        self.work.notify_one();
        let now = self
            .changed
            .wait_while(now, behind)
            .unwrap_or_else(PoisonError::into_inner);
        if now.applied >= number {
            Ok(())
        } else {
            Err(Fault::Poisoned)
        }
    }
}

/// True when no applier runs that could still make progress.
fn ended(now: &Progress) -> bool {
    now.stop == Stop::Now || now.applied == now.queued
}
