//! Keeps the views up with the log: opens from snapshots, catches up, follows, keeps snapshots.
//!
//! - One lock over all views; one follower writes, in batches; a reader waits for one batch at
//!   most.
//! - A failure here never fails a command: views lag, say so, and try again. Only a panic inside a
//!   fold stops them for good, since half a batch may then be in them; reads then answer a fault.
//! - Snapshots are taken under the read lock, so reading goes on meanwhile.
//! - A closed stream (`StreamClosed`) takes its rows along: the views are built anew from what is
//!   still readable, beside the old ones, and take their place before anybody is told that they
//!   have seen it. So views are always what the readable log gives, its closings included.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use ledger::domain::event::Event;
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
    /// Held by whoever catches up.
    following: Mutex<Following>,
    stop: AtomicBool,
    failing: AtomicBool,
}

/// How far whoever catches up has come.
struct Following {
    /// The position of the last snapshot.
    saved: u64,
    /// Streams closed before this position were closed when the views began to be built.
    closed_before: u64,
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
        // Snapshots die with the next closing, so those that can be read now have seen all before.
        let closed_before = source.size();
        let views = Views::load(source.as_ref());
        let position = views.position();
        let following = Following {
            saved: position,
            closed_before,
        };
        let runner = Self {
            shared: Arc::new(Shared {
                source,
                views: RwLock::new(views),
                position: Mutex::new(position),
                moved: Condvar::new(),
                following: Mutex::new(following),
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
        let mut following = self.shared.following.lock().map_err(|_| stopped())?;
        self.shared.save(&mut following.saved)
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
        let mut following = self.following.lock().map_err(|_| stopped())?;
        let mut next = self.views.read().map_err(|_| stopped())?.position();
        let end = self.source.size();
        while next < end && !self.stop.load(Ordering::Relaxed) {
            let batch = Batch::read(self.source.as_ref(), (next, end))?;
            if batch.closes_from(following.closed_before) {
                // Whatever comes up to the end now is in it, so that many closings are one work.
                let end = self.source.size();
                next = self.rebuild(end)?;
                *following = Following {
                    saved: 0,
                    closed_before: end,
                };
            } else {
                next = self.fold(&batch)?;
            }
        }
        if next.saturating_sub(following.saved) >= VIEW_SNAPSHOT_EVENTS {
            // Without a snapshot the next opening is slower; nothing else depends on it.
            if let Err(fault) = self.save(&mut following.saved) {
                tracing::warn!(%fault, "no snapshot of the views was kept");
                following.saved = next;
            }
        }
        Ok(next)
    }

    fn fold(&self, batch: &Batch) -> Result<u64, Fault> {
        let mut views = self.views.write().map_err(|_| stopped())?;
        batch.fold_into(&mut views);
        drop(views);
        self.reached(batch.next);
        Ok(batch.next)
    }

    /// Builds all views again up to a position, and puts them in the place of the old ones.
    fn rebuild(&self, end: u64) -> Result<u64, Fault> {
        let mut views = Views::default();
        let mut next = 0;
        while next < end {
            let batch = Batch::read(self.source.as_ref(), (next, end))?;
            batch.fold_into(&mut views);
            next = batch.next;
        }
        *self.views.write().map_err(|_| stopped())? = views;
        tracing::info!(end, "the views were built anew without what was closed");
        self.reached(end);
        Ok(end)
    }

    fn reached(&self, next: u64) {
        *unpoisoned(self.position.lock()) = next;
        self.moved.notify_all();
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

/// Some events to fold, and the positions among them of closed streams.
struct Batch {
    entries: Vec<Entry>,
    closed: Vec<u64>,
    next: u64,
}

impl Batch {
    /// The events from a position on, up to another one. A position that is not there must be of a
    /// closed stream.
    fn read(source: &dyn Source, (from, end): (u64, u64)) -> Result<Self, Fault> {
        let left = usize::try_from(end.saturating_sub(from)).unwrap_or(usize::MAX);
        let most = left.min(VIEW_BATCH_EVENTS);
        let entries = source.records(from, most)?;
        let mut batch = Self {
            closed: Vec::new(),
            next: from,
            entries,
        };
        for entry in &batch.entries {
            if entry.position < batch.next {
                return Err(gap(entry.position));
            }
            batch.closed.extend(batch.next..entry.position);
            batch.next = entry.position.saturating_add(1);
        }
        if batch.entries.is_empty() {
            let most = u64::try_from(most).unwrap_or(u64::MAX);
            batch.next = from.saturating_add(most);
            batch.closed.extend(from..batch.next);
        }
        for position in &batch.closed {
            if !source.is_closed_at(*position)? {
                return Err(gap(*position));
            }
        }
        Ok(batch)
    }

    /// Whether a stream was closed at a position or behind it.
    fn closes_from(&self, position: u64) -> bool {
        let mut behind = self.entries.iter().filter(|it| it.position >= position);
        behind.any(|entry| matches!(entry.record.event, Event::StreamClosed(_)))
    }

    fn fold_into(&self, views: &mut Views) {
        for entry in &self.entries {
            views.apply(entry.position, &entry.record);
        }
        views.pass(self.next);
    }
}

fn gap(position: u64) -> Fault {
    Fault::Damaged {
        what: "record parts",
        place: format!("the log does not go on at position {position}"),
    }
}

/// A plain number behind a lock is whole whatever panicked.
fn unpoisoned<T>(lock: Result<T, PoisonError<T>>) -> T {
    lock.unwrap_or_else(PoisonError::into_inner)
}

fn stopped() -> Fault {
    Fault::Unusable("the views stopped after a fault of ours; restart to rebuild them".to_owned())
}
