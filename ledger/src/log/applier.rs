//! The applier: a thread that carries frames from the tail into the store, in order.
//!
//! - At most [`STORE_UNSYNCED_BYTES_MAX`] bytes lie unsynced in the store, for at most
//!   [`STORE_UNSYNCED_MS_MAX`]: more was seen to leave a database that panics on opening.
//! - A failure stops new commands, never acknowledged ones: they are in the journal and stay in
//!   the tail.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::content::Queued;
use super::parse::offset_of;
use super::shared::{Shared, Stop};
use super::store::{Change, Store};
use crate::error::Fault;
use crate::limits::{STORE_UNSYNCED_BYTES_MAX, STORE_UNSYNCED_MS_MAX};

/// Bytes that a record costs beyond key and value.
const RECORD_OVERHEAD_BYTES: usize = 32;

/// Applies frames with the bound on unsynced bytes; the applier thread, replay and rebuild all use
/// this one.
pub(super) struct Applying<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) log_id: [u8; 32],
    unsynced_bytes: usize,
    /// Syncs so far: a changed count says that everything applied before is durable.
    syncs: u64,
}

impl<'a> Applying<'a> {
    pub(super) fn new(store: &'a dyn Store, log_id: [u8; 32]) -> Self {
        Self {
            store,
            log_id,
            unsynced_bytes: 0,
            syncs: 0,
        }
    }

    /// Applies whole frames, of which the last one's number is what the store then says it holds.
    /// A group too large for one batch goes in pieces; the number comes with the last piece, so a
    /// crash between them leaves a store that replays the group.
    pub(super) fn apply(&mut self, group: &[Arc<Queued>]) -> Result<(), Fault> {
        let Some(last) = group.last() else {
            return Ok(());
        };
        let mut changes = Vec::new();
        group.iter().for_each(|queued| queued.changes(&mut changes));
        changes.push(last.meta(&self.log_id));
        let mut piece = Vec::new();
        let mut piece_bytes = 0;
        for change in changes {
            let bytes = cost(&change);
            if piece_bytes + bytes > STORE_UNSYNCED_BYTES_MAX && !piece.is_empty() {
                self.put(std::mem::take(&mut piece), piece_bytes)?;
                piece_bytes = 0;
            }
            piece_bytes += bytes;
            piece.push(change);
        }
        self.put(piece, piece_bytes)
    }

    fn put(&mut self, piece: Vec<Change>, bytes: usize) -> Result<(), Fault> {
        if self.unsynced_bytes + bytes > STORE_UNSYNCED_BYTES_MAX {
            self.sync()?;
        }
        self.store.apply(piece)?;
        self.unsynced_bytes += bytes;
        Ok(())
    }

    /// Makes everything applied durable.
    pub(super) fn sync(&mut self) -> Result<(), Fault> {
        self.store.sync()?;
        self.unsynced_bytes = 0;
        self.syncs += 1;
        Ok(())
    }
}

fn cost((key, value): &Change) -> usize {
    key.len() + value.as_ref().map_or(0, Vec::len) + RECORD_OVERHEAD_BYTES
}

/// Starts the thread. It ends when asked to, or with the first failure.
pub(super) fn start(shared: Arc<Shared>) -> Result<JoinHandle<()>, Fault> {
    let thread = std::thread::Builder::new().name("log-applier".to_owned());
    thread
        .spawn(move || {
            // Whatever ends this thread early must wake a writer that waits for room.
            let ended = catch_unwind(AssertUnwindSafe(|| run(&shared)));
            let panicked = |_| {
                Err(Fault::Store {
                    doing: "apply",
                    detail: "the applier panicked".to_owned(),
                })
            };
            if let Err(fault) = ended.unwrap_or_else(panicked) {
                shared.store_failed(&fault);
            }
        })
        .map_err(Fault::io("starting the applier"))
}

fn run(shared: &Shared) -> Result<(), Fault> {
    let pause = Duration::from_millis(STORE_UNSYNCED_MS_MAX);
    let mut unsynced_since: Option<Instant> = None;
    shared.with_store(|store| {
        let mut applying = Applying::new(store, shared.files.log_id);
        loop {
            let due = unsynced_since.map(|since| since + pause);
            let (applied, stop) = shared.await_work(due);
            if stop == Stop::Now {
                return Ok(());
            }
            let group = shared
                .tail()
                .after(applied, offset_of(STORE_UNSYNCED_BYTES_MAX));
            if let Some(last) = group.last() {
                let number = last.frame.number;
                let syncs = applying.syncs;
                applying.apply(&group)?;
                if applying.syncs != syncs {
                    // A sync came before the group's last piece: what it covered is durable.
                    shared.store_synced_to(applied);
                    unsynced_since = None;
                }
                // A crash here leaves the group in journal and store, at worst unsynced there.
                shared.store_applied(number);
                unsynced_since.get_or_insert_with(Instant::now);
            }
            let due = unsynced_since.is_some_and(|since| since.elapsed() >= pause);
            let drained = stop == Stop::WhenDrained && group.is_empty();
            if due || drained {
                applying.sync()?;
                shared.store_synced();
                unsynced_since = None;
            }
            if drained {
                return Ok(());
            }
        }
    })
}
