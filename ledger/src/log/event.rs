//! A stored event: one clear header and the sealed segments whose digests it holds.
//!
//! - The log reads the header to check that event and place belong together, and never makes one.

use super::parse::{Fields, put_bytes};
use crate::header::{EventHeader, segment_digest};

/// An event as it lies in journal and store: opaque but for its header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// The clear header, whose hash is the Merkle leaf.
    pub header: Vec<u8>,
    /// The sealed segments, in the order of the header's digests.
    pub segments: Vec<Vec<u8>>,
}

/// What is wrong with a stored event; its words are those of findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventFlaw {
    /// The header has another suite, version, length or segment count than it should.
    Header,
    /// The header names another log.
    LogId,
    /// The header names this leaf index instead of the one its place gives.
    LeafIndex(u64),
    /// The digest of this segment (from 0) is not the header's.
    Segment(usize),
}

impl StoredEvent {
    /// Bytes of header and segments together.
    pub fn size(&self) -> usize {
        self.segments.iter().map(Vec::len).sum::<usize>() + self.header.len()
    }

    /// Checks the header alone: its form, log and leaf index.
    pub(super) fn header_flaw(&self, log_id: &[u8; 32], leaf: u64) -> Option<EventFlaw> {
        match EventHeader::parse(&self.header) {
            Ok(header) => self.place_flaw(&header, log_id, leaf),
            Err(_) => Some(EventFlaw::Header),
        }
    }

    /// Checks header and segment digests, and gives every flaw.
    pub fn flaws(&self, log_id: &[u8; 32], leaf: u64) -> Vec<EventFlaw> {
        let Ok(header) = EventHeader::parse(&self.header) else {
            return vec![EventFlaw::Header];
        };
        let pairs = self.segments.iter().zip(&header.segment_digests);
        let changed = pairs
            .enumerate()
            .filter(|(_, (segment, digest))| segment_digest(segment) != **digest)
            .map(|(number, _)| EventFlaw::Segment(number));
        let placed = self.place_flaw(&header, log_id, leaf);
        placed.into_iter().chain(changed).collect()
    }

    fn place_flaw(&self, header: &EventHeader, log_id: &[u8; 32], leaf: u64) -> Option<EventFlaw> {
        if header.segment_digests.len() != self.segments.len() {
            return Some(EventFlaw::Header);
        }
        if header.log_id != *log_id {
            return Some(EventFlaw::LogId);
        }
        (header.leaf_index != leaf).then_some(EventFlaw::LeafIndex(header.leaf_index))
    }

    /// The store's value of an event (SPEC §8.5).
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        put_bytes(out, &self.header);
        for segment in &self.segments {
            put_bytes(out, segment);
        }
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields::of(bytes);
        let header = fields.bytes()?.to_vec();
        let mut segments = Vec::new();
        while !fields.is_empty() {
            segments.push(fields.bytes()?.to_vec());
        }
        Some(Self { header, segments })
    }
}

impl std::fmt::Display for EventFlaw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Header => f.write_str("the header is malformed"),
            Self::LogId => f.write_str("the header names another log"),
            Self::LeafIndex(found) => write!(f, "the header names leaf {found}"),
            Self::Segment(number) => {
                write!(
                    f,
                    "segment {number} is not the one whose digest the header holds"
                )
            }
        }
    }
}
