//! Repeatable randomness and in-memory parts for the tests of `keys` and `seal`.

use std::cell::Cell;

use sha2::{Digest, Sha256};

use super::index::{KeyIndex, MemoryIndex};
use super::record::{KeyRecord, index_records};
use super::secret::{HeldKey, Key, LeafHandle};
use crate::clock::Entropy;
use crate::error::Fault;

/// Bytes SHA-256(seed ‖ 0), SHA-256(seed ‖ 1), … : the same in every run.
pub(crate) struct SeededEntropy {
    seed: u64,
    block: u64,
}

impl SeededEntropy {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, block: 0 }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let mut hash = Sha256::new();
            hash.update(self.seed.to_be_bytes());
            hash.update(self.block.to_be_bytes());
            self.block += 1;
            chunk.copy_from_slice(&hash.finalize()[..chunk.len()]);
        }
    }
}

/// Lets one write of a vault fail on this thread: a count of the writes so far, and which of them
/// fails, before or after it reached the disk.
#[derive(Clone, Copy, Default)]
pub(crate) struct Trip {
    pub(crate) writes: u32,
    pub(crate) at: Option<u32>,
    pub(crate) persisted: bool,
}

thread_local! {
    static TRIP: Cell<Trip> = Cell::default();
}

impl Trip {
    /// Sets the trip for the writes that follow.
    pub(crate) fn set(self) {
        TRIP.set(self);
    }

    /// How it stands.
    pub(crate) fn now() -> Self {
        TRIP.get()
    }

    /// Counts a write; says whether it fails, and if so whether it reaches the disk first.
    pub(crate) fn next() -> Option<bool> {
        let mut trip = TRIP.get();
        let fails = (trip.at == Some(trip.writes)).then_some(trip.persisted);
        trip.writes += 1;
        TRIP.set(trip);
        fails
    }
}

/// A leaf key outside any tree.
pub(crate) fn leaf(entropy: &mut dyn Entropy) -> LeafHandle {
    LeafHandle(HeldKey::new(Key::generate(entropy)))
}

/// Every key record ever written, as bytes (nothing is ever overwritten), and its index.
#[derive(Clone, Default)]
pub(crate) struct Written {
    pub(crate) bytes: Vec<u8>,
    pub(crate) records: Vec<Vec<u8>>,
    pub(crate) index: MemoryIndex,
}

impl Written {
    pub(crate) fn write(&mut self, records: &[KeyRecord]) {
        for record in records {
            let bytes = record.to_bytes();
            self.index.apply(index_records(&bytes).unwrap());
            // Records do not lie at any alignment: a carver must find them all the same.
            self.bytes.extend_from_slice(b"\0R");
            self.bytes.extend_from_slice(&bytes);
            self.records.push(bytes);
        }
    }
}

impl KeyIndex for Written {
    fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        self.index.value(key)
    }
}
