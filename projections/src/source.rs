//! Where views get their events from, and where their snapshots are kept: the ledger, or a test's.

use ledger::error::Fault;
use ledger::ledger::{Entry, Ledger};

/// What views need of the log. Implemented by [`Ledger`].
pub trait Source: Send + Sync {
    /// Number of durable events; their positions are below it.
    fn size(&self) -> u64;

    /// Record parts of the events at up to `max` positions from one on, in order; those of closed
    /// streams are left out.
    fn records(&self, from: u64, max: usize) -> Result<Vec<Entry>, Fault>;

    /// Whether the event at a position is of a closed stream.
    fn is_closed_at(&self, position: u64) -> Result<bool, Fault>;

    /// Blocks until there are more events than `position`, or the time is up; the number there is.
    fn wait_beyond(&self, position: u64, timeout_ms: u64) -> u64;

    /// Seals and keeps the snapshot of a view that has folded every event before `position`.
    fn save_snapshot(&self, name: &str, position: u64, bytes: &[u8]) -> Result<(), Fault>;

    /// The newest readable snapshot of that name, and its position.
    fn load_snapshot(&self, name: &str) -> Result<Option<(u64, Vec<u8>)>, Fault>;
}

impl Source for Ledger {
    fn size(&self) -> u64 {
        Self::size(self)
    }

    fn records(&self, from: u64, max: usize) -> Result<Vec<Entry>, Fault> {
        Self::records(self, from, max)
    }

    fn is_closed_at(&self, position: u64) -> Result<bool, Fault> {
        Self::is_closed_at(self, position)
    }

    fn wait_beyond(&self, position: u64, timeout_ms: u64) -> u64 {
        Self::wait_beyond(self, position, timeout_ms)
    }

    fn save_snapshot(&self, name: &str, position: u64, bytes: &[u8]) -> Result<(), Fault> {
        Self::save_snapshot(self, name, position, bytes)
    }

    fn load_snapshot(&self, name: &str) -> Result<Option<(u64, Vec<u8>)>, Fault> {
        Self::load_snapshot(self, name)
    }
}
