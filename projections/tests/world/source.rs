//! A source in memory that can be told to fail.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use ledger::error::Fault;
use ledger::ledger::Entry;
use projections::source::Source;

#[derive(Default)]
pub struct Memory {
    entries: Mutex<Vec<Entry>>,
    grown: Condvar,
    pub snapshots: Mutex<BTreeMap<String, (u64, Vec<u8>)>>,
    pub reads_fail: AtomicBool,
    pub snapshots_fail: AtomicBool,
    pub reads: Mutex<Vec<u64>>,
    /// Positions of closed streams.
    pub closed: Mutex<BTreeSet<u64>>,
}

impl Memory {
    pub fn with(entries: &[Entry]) -> Self {
        let memory = Self::default();
        memory.append(entries);
        memory
    }

    pub fn append(&self, entries: &[Entry]) {
        self.entries.lock().unwrap().extend_from_slice(entries);
        self.grown.notify_all();
    }
}

impl Source for Memory {
    fn size(&self) -> u64 {
        self.entries.lock().unwrap().len() as u64
    }

    fn records(&self, from: u64, max: usize) -> Result<Vec<Entry>, Fault> {
        if self.reads_fail.load(Ordering::Relaxed) {
            return Err(Fault::Poisoned);
        }
        self.reads.lock().unwrap().push(from);
        let entries = self.entries.lock().unwrap();
        Ok(entries
            .iter()
            .skip(from as usize)
            .take(max)
            .filter(|entry| !self.closed.lock().unwrap().contains(&entry.position))
            .cloned()
            .collect())
    }

    fn is_closed_at(&self, position: u64) -> Result<bool, Fault> {
        Ok(self.closed.lock().unwrap().contains(&position))
    }

    fn wait_beyond(&self, position: u64, timeout_ms: u64) -> u64 {
        let entries = self.entries.lock().unwrap();
        let timeout = Duration::from_millis(timeout_ms);
        let shorter = |entries: &mut Vec<Entry>| entries.len() as u64 <= position;
        let waited = self.grown.wait_timeout_while(entries, timeout, shorter);
        waited.unwrap().0.len() as u64
    }

    fn save_snapshot(&self, name: &str, position: u64, bytes: &[u8]) -> Result<(), Fault> {
        if self.snapshots_fail.load(Ordering::Relaxed) {
            return Err(Fault::Poisoned);
        }
        let kept = (position, bytes.to_vec());
        self.snapshots.lock().unwrap().insert(name.to_owned(), kept);
        Ok(())
    }

    fn load_snapshot(&self, name: &str) -> Result<Option<(u64, Vec<u8>)>, Fault> {
        if self.snapshots_fail.load(Ordering::Relaxed) {
            return Err(Fault::Poisoned);
        }
        Ok(self.snapshots.lock().unwrap().get(name).cloned())
    }
}
