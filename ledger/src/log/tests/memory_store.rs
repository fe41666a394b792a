//! A store in memory whose calls can each be made to fail or panic.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::error::Fault;
use crate::log::{Change, OpenStore, Store, Visit};

/// What a broken call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Break {
    Error,
    ErrorAfterwards,
    Panic,
}

/// Opens stores that share one map, as a disk would keep it.
#[derive(Clone, Default)]
pub(crate) struct MemoryOpener {
    map: Arc<Mutex<BTreeMap<Vec<u8>, Vec<u8>>>>,
    calls: Arc<AtomicUsize>,
    broken: Arc<Mutex<Option<(usize, Break)>>>,
}

impl MemoryOpener {
    pub(crate) fn break_call(&self, number: usize, how: Break) {
        *self.broken.lock().unwrap() = Some((number, how));
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    fn call<T>(&self, work: impl FnOnce() -> T) -> Result<T, Fault> {
        let number = self.calls.fetch_add(1, Ordering::SeqCst);
        let broken = *self.broken.lock().unwrap();
        let fault = || Fault::Store {
            doing: "test",
            detail: "broken on purpose".to_owned(),
        };
        match broken.filter(|(at, _)| *at == number) {
            None => Ok(work()),
            Some((_, Break::Error)) => Err(fault()),
            Some((_, Break::ErrorAfterwards)) => {
                work();
                Err(fault())
            }
            Some((_, Break::Panic)) => panic!("broken on purpose"),
        }
    }
}

impl OpenStore for MemoryOpener {
    fn open(&self, folder: &Path) -> Result<Box<dyn Store>, Fault> {
        if !folder.exists() {
            self.map.lock().unwrap().clear();
            std::fs::create_dir_all(folder).unwrap();
        }
        self.call(|| -> Box<dyn Store> { Box::new(self.clone()) })
    }
}

impl Store for MemoryOpener {
    fn apply(&self, changes: Vec<Change>) -> Result<(), Fault> {
        self.call(|| {
            let mut map = self.map.lock().unwrap();
            for (key, value) in changes {
                match value {
                    Some(value) => map.insert(key, value),
                    None => map.remove(&key),
                };
            }
        })
    }

    fn sync(&self) -> Result<(), Fault> {
        self.call(|| ())
    }

    fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        Ok(self.map.lock().unwrap().get(key).cloned())
    }

    fn ascend(&self, from: &[u8], visit: &mut Visit<'_>) -> Result<(), Fault> {
        let map = self.map.lock().unwrap().clone();
        for (key, value) in map.range(from.to_vec()..) {
            if !visit(key, value) {
                break;
            }
        }
        Ok(())
    }

    fn descend(&self, below: &[u8], visit: &mut Visit<'_>) -> Result<(), Fault> {
        let map = self.map.lock().unwrap().clone();
        for (key, value) in map.range(..below.to_vec()).rev() {
            if !visit(key, value) {
                break;
            }
        }
        Ok(())
    }
}
