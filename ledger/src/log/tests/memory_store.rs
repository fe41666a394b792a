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

type Map = Arc<Mutex<BTreeMap<Vec<u8>, Vec<u8>>>>;

/// Opens stores whose maps outlive them, as a disk would keep them: one for each folder, wherever
/// that is moved to.
#[derive(Clone, Default)]
pub(crate) struct MemoryOpener {
    maps: Arc<Mutex<Vec<Map>>>,
    map: Map,
    calls: Arc<AtomicUsize>,
    broken: Arc<Mutex<Option<(usize, Break)>>>,
}

impl MemoryOpener {
    pub(crate) fn break_call(&self, number: usize, how: Break) {
        *self.broken.lock().unwrap() = Some((number, how));
    }

    /// From now on everything works.
    pub(crate) fn mend(&self) {
        *self.broken.lock().unwrap() = None;
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
        let name = folder.join("map");
        let mut maps = self.maps.lock().unwrap();
        let known = std::fs::read_to_string(&name)
            .ok()
            .and_then(|text| text.parse::<usize>().ok())
            .and_then(|number| maps.get(number).cloned());
        let map = known.unwrap_or_else(|| {
            std::fs::create_dir_all(folder).unwrap();
            std::fs::write(&name, maps.len().to_string()).unwrap();
            maps.push(Map::default());
            maps[maps.len() - 1].clone()
        });
        drop(maps);
        self.call(|| -> Box<dyn Store> {
            Box::new(Self {
                map,
                ..self.clone()
            })
        })
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
