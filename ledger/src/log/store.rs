//! The store that answers by key: sled behind a trait, in this file alone.
//!
//! - What sled was seen to do decides the shape: its `flush` is no `fsync`, so
//!   [`Store::sync`] adds our own; damage shows as a panic, so every call runs guarded, and a
//!   panic closes the store for good; it shrinks silently, so each batch says how far it goes.
//! - The store is never the only copy of anything: the journal rebuilds it.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::error::Fault;
use crate::limits::STORE_CACHE_BYTES;

/// A key and its new value; `None` removes it.
pub type Change = (Vec<u8>, Option<Vec<u8>>);

/// What visits keys and values; answers whether to go on.
pub type Visit<'a> = dyn FnMut(&[u8], &[u8]) -> bool + 'a;

/// An ordered map of bytes.
pub trait Store: Send + Sync {
    /// Applies changes in order and all together. Not durable before [`Store::sync`].
    fn apply(&self, changes: Vec<Change>) -> Result<(), Fault>;
    /// Returns once everything applied survives a power cut.
    fn sync(&self) -> Result<(), Fault>;
    /// The value of a key.
    fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault>;
    /// Visits pairs in ascending order, from a key on.
    fn ascend(&self, from: &[u8], visit: &mut Visit<'_>) -> Result<(), Fault>;
    /// Visits pairs in descending order, from below a key on.
    fn descend(&self, below: &[u8], visit: &mut Visit<'_>) -> Result<(), Fault>;
}

/// Opens a store in a folder, making it when it is not there.
pub trait OpenStore: Send + Sync {
    /// Opens the store.
    fn open(&self, folder: &Path) -> Result<Box<dyn Store>, Fault>;
}

/// Opens sled.
#[derive(Debug, Clone, Copy, Default)]
pub struct SledOpener;

struct Sled {
    tree: sled::Db,
    /// sled's own file, for the sync that sled leaves out.
    file: File,
}

impl OpenStore for SledOpener {
    fn open(&self, folder: &Path) -> Result<Box<dyn Store>, Fault> {
        if half_written_snapshot(folder)? {
            // A crash while sled wrote its snapshot; sled then reports corruption (its #1527).
            let detail = "a half-written snapshot file lies in the store's folder".to_owned();
            return Err(Fault::Store {
                doing: "open",
                detail,
            });
        }
        let tree = open_when_unlocked(folder)?;
        let file = File::open(folder.join("db")).map_err(Fault::io("opening the store's file"))?;
        // The names of sled's files must be durable before anything counts on their bytes.
        File::open(folder)
            .and_then(|f| f.sync_all())
            .map_err(Fault::io("store folder sync"))?;
        Ok(Box::new(Sled { tree, file }))
    }
}

/// sled lets go of its file lock a moment after it was dropped, so a busy lock is asked again.
fn open_when_unlocked(folder: &Path) -> Result<sled::Db, Fault> {
    let deadline = Instant::now() + Duration::from_secs(2);
    loop {
        let config = sled::Config::new()
            .path(folder)
            .cache_capacity(STORE_CACHE_BYTES);
        match config.open() {
            Err(sled::Error::Io(error))
                if error.to_string().contains("lock") && Instant::now() < deadline =>
            {
                std::thread::sleep(Duration::from_millis(20));
            }
            opened => return opened.map_err(failed("open")),
        }
    }
}

fn half_written_snapshot(folder: &Path) -> Result<bool, Fault> {
    if !folder.exists() {
        return Ok(false);
    }
    for entry in std::fs::read_dir(folder).map_err(Fault::io("store listing"))? {
        let name = entry.map_err(Fault::io("store listing"))?.file_name();
        if name.to_string_lossy().ends_with(".generating") {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Store for Sled {
    fn apply(&self, changes: Vec<Change>) -> Result<(), Fault> {
        let mut batch = sled::Batch::default();
        for (key, value) in changes {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        self.tree.apply_batch(batch).map_err(failed("apply"))
    }

    fn sync(&self) -> Result<(), Fault> {
        self.tree.flush().map_err(failed("flush"))?;
        // sled's flush ends in sync_file_range, which leaves the file's length and the disk's
        // cache alone: 38 of 40 power cuts lost data. This is the sync that it leaves out.
        self.file.sync_data().map_err(Fault::io("store sync"))
    }

    fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        let value = self.tree.get(key).map_err(failed("read"))?;
        Ok(value.map(|value| value.to_vec()))
    }

    fn ascend(&self, from: &[u8], visit: &mut Visit<'_>) -> Result<(), Fault> {
        for pair in self.tree.range(from..) {
            let (key, value) = pair.map_err(failed("scan"))?;
            if !visit(&key, &value) {
                break;
            }
        }
        Ok(())
    }

    fn descend(&self, below: &[u8], visit: &mut Visit<'_>) -> Result<(), Fault> {
        for pair in self.tree.range(..below).rev() {
            let (key, value) = pair.map_err(failed("scan"))?;
            if !visit(&key, &value) {
                break;
            }
        }
        Ok(())
    }
}

fn failed(doing: &'static str) -> impl FnOnce(sled::Error) -> Fault {
    move |error| Fault::Store {
        doing,
        detail: error.to_string(),
    }
}

/// A store whose panics are faults. After the first panic it answers nothing more.
pub(super) struct Guarded {
    store: Box<dyn Store>,
    closed: AtomicBool,
}

impl Guarded {
    /// Opens a store with its panics caught.
    pub(super) fn open(opener: &dyn OpenStore, folder: &Path) -> Result<Self, Fault> {
        let opened = catch_unwind(AssertUnwindSafe(|| opener.open(folder)));
        let store = opened.unwrap_or_else(|_| Err(panicked("open")))?;
        Ok(Self {
            store,
            closed: AtomicBool::new(false),
        })
    }

    fn call<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&dyn Store) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        if self.closed.load(Ordering::Acquire) {
            let detail = "the store is closed since it panicked".to_owned();
            return Err(Fault::Store { doing, detail });
        }
        catch_unwind(AssertUnwindSafe(|| work(&*self.store))).unwrap_or_else(|_| {
            self.closed.store(true, Ordering::Release);
            Err(panicked(doing))
        })
    }

    /// Drops the store, which for sled writes and frees its lock.
    pub(super) fn close(self) -> Result<(), Fault> {
        let store = self.store;
        catch_unwind(AssertUnwindSafe(|| drop(store))).map_err(|_| panicked("close"))
    }
}

impl Store for Guarded {
    fn apply(&self, changes: Vec<Change>) -> Result<(), Fault> {
        self.call("apply", |store| store.apply(changes))
    }

    fn sync(&self) -> Result<(), Fault> {
        self.call("sync", |store| store.sync())
    }

    fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        self.call("read", |store| store.value(key))
    }

    fn ascend(&self, from: &[u8], visit: &mut Visit<'_>) -> Result<(), Fault> {
        self.call("scan", |store| store.ascend(from, visit))
    }

    fn descend(&self, below: &[u8], visit: &mut Visit<'_>) -> Result<(), Fault> {
        self.call("scan", |store| store.descend(below, visit))
    }
}

fn panicked(doing: &'static str) -> Fault {
    Fault::Store {
        doing,
        detail: "the store panicked".to_owned(),
    }
}
