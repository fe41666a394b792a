//! Keeps the views up with the log: opens from snapshots, catches up, follows, keeps snapshots.
//!
//! - One lock over all views; one follower writes, in batches; a reader waits for one batch at
//!   most.
//! - A failure here never fails a command: views lag, say so, and try again. Only a panic inside a
//!   fold stops them for good, since half a batch may then be in them; reads then answer a fault.
//! - Snapshots are taken under the read lock, so reading goes on meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use ledger::error::Fault;
use ledger::ledger::Entry;
use ledger::limits::{VIEW_BATCH_EVENTS, VIEW_RETRY_MS_MAX, VIEW_SNAPSHOT_EVENTS, VIEW_WAIT_MS};

use crate::source::Source;
use crate::views::Views;

/// The views of one ledger. Clone to share.
#[derive(Clone)]
pub struct Runner {
    shared: Arc<Shared>,
}

struct Shared {
    source: Arc<dyn Source>,
    views: RwLock<Views>,
    /// The views' position, for those who wait for it.
    position: Mutex<u64>,
    moved: Condvar,
    /// Held by whoever catches up; the position of the last snapshot.
    following: Mutex<u64>,
    stop: AtomicBool,
    failing: AtomicBool,
}

/// The thread that follows the log. Stops when dropped.
#[must_use = "views stop following when this is dropped"]
pub struct Follower {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Runner {
    /// Opens the views from their newest snapshots and catches up with the log.
    pub fn open(source: Arc<dyn Source>) -> Result<Self, Fault> {
        let views = Views::load(source.as_ref());
        let position = views.position();
        let runner = Self {
            shared: Arc::new(Shared {
                source,
                views: RwLock::new(views),
                position: Mutex::new(position),
                moved: Condvar::new(),
                following: Mutex::new(position),
                stop: AtomicBool::new(false),
                failing: AtomicBool::new(false),
            }),
        };
        runner.catch_up()?;
        Ok(runner)
    }

    /// The views, all at one position, for as long as the guard is held. Hold it briefly.
    pub fn read(&self) -> Result<RwLockReadGuard<'_, Views>, Fault> {
        self.shared.views.read().map_err(|_| stopped())
    }

    /// Every event before this position is in the views.
    pub fn position(&self) -> u64 {
        *unpoisoned(self.shared.position.lock())
    }

    /// Whether the last attempt to follow the log failed.
    pub fn is_failing(&self) -> bool {
        self.shared.failing.load(Ordering::Relaxed)
    }

    /// Waits until the event at this position is in the views; false if the time is up before.
    /// Blocking: an async caller moves it off its threads.
    pub fn at_least(&self, position: u64, timeout: Duration) -> bool {
        let reached = unpoisoned(self.shared.position.lock());
        let waited = self
            .shared
            .moved
            .wait_timeout_while(reached, timeout, |reached| *reached <= position);
        *unpoisoned(waited).0 > position
    }

    /// Folds everything that is in the log now. Returns the position reached.
    pub fn catch_up(&self) -> Result<u64, Fault> {
        self.shared.catch_up()
    }

    /// Starts the thread that follows the log.
    pub fn follow(&self) -> Result<Follower, Fault> {
        self.shared.stop.store(false, Ordering::Relaxed);
        let shared = Arc::clone(&self.shared);
        let thread = std::thread::Builder::new()
            .name("views".to_owned())
            .spawn(move || shared.follow())
            .map_err(|source| Fault::Io {
                doing: "start of the views' thread",
                source,
            })?;
        Ok(Follower {
            shared: Arc::clone(&self.shared),
            thread: Some(thread),
        })
    }

    /// Keeps a snapshot of every view now, for example before a clean stop.
    pub fn save_snapshots(&self) -> Result<(), Fault> {
        let mut saved = self.shared.following.lock().map_err(|_| stopped())?;
        self.shared.save(&mut saved)
    }
}

impl Shared {
    fn follow(&self) {
        let mut rest_ms = VIEW_WAIT_MS;
        while !self.stop.load(Ordering::Relaxed) {
            let reached = *unpoisoned(self.position.lock());
            if self.source.wait_beyond(reached, VIEW_WAIT_MS) <= reached {
                continue;
            }
            match self.catch_up() {
                Ok(_) => {
                    self.failing.store(false, Ordering::Relaxed);
                    rest_ms = VIEW_WAIT_MS;
                }
                Err(fault) => {
                    self.failing.store(true, Ordering::Relaxed);
                    tracing::error!(%fault, reached, "views cannot follow the log");
                    self.rest(rest_ms);
                    rest_ms = rest_ms.saturating_mul(2).min(VIEW_RETRY_MS_MAX);
                }
            }
        }
    }

    fn catch_up(&self) -> Result<u64, Fault> {
        let mut saved = self.following.lock().map_err(|_| stopped())?;
        let mut next = self.views.read().map_err(|_| stopped())?.position();
        let end = self.source.size();
        while next < end && !self.stop.load(Ordering::Relaxed) {
            let entries = self.source.records(next, VIEW_BATCH_EVENTS)?;
            next = self.fold(next, &entries)?;
        }
        if next.saturating_sub(*saved) >= VIEW_SNAPSHOT_EVENTS {
            // Without a snapshot the next opening is slower; nothing else depends on it.
            if let Err(fault) = self.save(&mut saved) {
                tracing::warn!(%fault, "no snapshot of the views was kept");
                *saved = next;
            }
        }
        Ok(next)
    }

    fn fold(&self, mut next: u64, entries: &[Entry]) -> Result<u64, Fault> {
        let positions = entries.iter().map(|entry| entry.position);
        if entries.is_empty() || !positions.eq((next..).take(entries.len())) {
            return Err(Fault::Damaged {
                what: "record parts",
                place: format!("the log does not go on at position {next}"),
            });
        }
        let mut views = self.views.write().map_err(|_| stopped())?;
        for entry in entries {
            views.apply(entry.position, &entry.record);
            next = entry.position.saturating_add(1);
        }
        drop(views);
        *unpoisoned(self.position.lock()) = next;
        self.moved.notify_all();
        Ok(next)
    }

    fn save(&self, saved: &mut u64) -> Result<(), Fault> {
        let views = self.views.read().map_err(|_| stopped())?;
        views.save(self.source.as_ref())?;
        *saved = views.position();
        Ok(())
    }

    /// Rests in small steps, so that stopping does not wait for a long rest.
    fn rest(&self, rest_ms: u64) {
        let mut left = rest_ms;
        while left > 0 && !self.stop.load(Ordering::Relaxed) {
            let step = left.min(VIEW_WAIT_MS);
            std::thread::sleep(Duration::from_millis(step));
            left -= step;
        }
    }
}

impl Follower {
    /// Whether the thread still runs.
    pub fn is_alive(&self) -> bool {
        let thread = self.thread.as_ref();
        thread.is_some_and(|thread| !thread.is_finished())
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has poisoned the lock; readers learn of it there.
            let _ = thread.join();
        }
        // Catching up by hand goes on working.
        self.shared.stop.store(false, Ordering::Relaxed);
    }
}

/// A plain number behind a lock is whole whatever panicked.
fn unpoisoned<T>(lock: Result<T, PoisonError<T>>) -> T {
    lock.unwrap_or_else(PoisonError::into_inner)
}

fn stopped() -> Fault {
    Fault::Unusable("the views stopped after a fault of ours; restart to rebuild them".to_owned())
}
