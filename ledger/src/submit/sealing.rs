//! Sealing an event whose place, keys and randomness are fixed: the work of ciphers and hashes,
//! which may happen on any thread (`sealers.rs`).

use crate::error::Fault;
use crate::header::{EventHeader, header_bytes};
use crate::log::StoredEvent;
use crate::merkle::{Hash, leaf_hash};
use crate::seal::unsealed::Unsealed;
use crate::seal::{SCHEMA_VERSION, SegmentContext};

/// An event whose place, keys and randomness are fixed.
pub(crate) struct UnsealedEvent {
    position: u64,
    count: u8,
    segments: Vec<Unsealed>,
    /// What the event says for all to read, behind its sealed segments.
    clear: Option<Vec<u8>>,
}

/// An event as it goes into the log, and its Merkle leaf.
pub(crate) type SealedEvent = (StoredEvent, Hash);

impl UnsealedEvent {
    /// An event of so many segments, none of them there yet.
    pub(crate) fn new(position: u64, count: u8) -> Self {
        let segments = Vec::with_capacity(usize::from(count));
        Self {
            position,
            count,
            segments,
            clear: None,
        }
    }

    /// Where the event's segment of this number stands.
    pub(crate) fn context<'a>(&self, log_id: &'a [u8; 32], number: u8) -> SegmentContext<'a> {
        SegmentContext {
            log_id,
            leaf_index: self.position,
            number,
            count: self.count,
            schema: SCHEMA_VERSION,
        }
    }

    /// Adds the next segment.
    pub(crate) fn push(&mut self, segment: Unsealed) {
        self.segments.push(segment);
    }

    /// Sets the segment that is said openly, as the last one.
    pub(crate) fn say(&mut self, clear: Option<Vec<u8>>) {
        self.clear = clear;
    }

    /// Bytes of the sealed event.
    pub(crate) fn bytes(&self) -> usize {
        let segments: usize = self.segments.iter().map(Unsealed::bytes).sum();
        let clear = self.clear.as_ref().map_or(0, Vec::len);
        segments + clear + header_bytes(usize::from(self.count))
    }

    /// Seals it, and hashes its header.
    pub(crate) fn seal(&self, log_id: &[u8; 32]) -> Result<SealedEvent, Fault> {
        let mut segments = Vec::with_capacity(usize::from(self.count));
        for (number, segment) in (0_u8..).zip(&self.segments) {
            segments.push(segment.seal(&self.context(log_id, number))?);
        }
        segments.extend(self.clear.clone());
        let bytes = segments.iter().map(Vec::as_slice);
        let header = EventHeader::over(*log_id, self.position, bytes).to_bytes()?;
        let leaf = leaf_hash(&header);
        Ok((StoredEvent { header, segments }, leaf))
    }
}
