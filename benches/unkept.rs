//! A ledger that keeps no snapshots of views, so that every opening of them is a rebuild.

use ledger::error::Fault;
use ledger::ledger::{Entry, Ledger};
use projections::source::Source;

/// A ledger as a source of events alone.
pub struct Unkept(pub Ledger);

impl Source for Unkept {
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn records(&self, from: u64, max: usize) -> Result<Vec<Entry>, Fault> {
        self.0.records(from, max)
    }

    fn is_closed_at(&self, position: u64) -> Result<bool, Fault> {
        self.0.is_closed_at(position)
    }

    fn wait_beyond(&self, position: u64, timeout_ms: u64) -> u64 {
        self.0.wait_beyond(position, timeout_ms)
    }

    fn save_snapshot(&self, _: &str, _: u64, _: &[u8]) -> Result<(), Fault> {
        Ok(())
    }

    fn load_snapshot(&self, _: &str) -> Result<Option<(u64, Vec<u8>)>, Fault> {
        Ok(None)
    }
}
