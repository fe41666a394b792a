//! A stored event: one clear header and the sealed segments whose digests it holds.
//!
//! - The header's layout is fixed by SPEC (DESIGN 5): suite 1 ‖ version 1 ‖ log id 32 ‖ leaf index
//!   u64 ‖ segment count u8 ‖ SHA-256 of each segment. The log reads it and never makes one.

use sha2::{Digest, Sha256};

use super::parse::{Fields, put_bytes};

/// Bytes of a header before its digests.
const HEADER_FIXED_BYTES: usize = 1 + 1 + 32 + 8 + 1;

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
        let Some(header) = Header::read(&self.header) else {
            return Some(EventFlaw::Header);
        };
        if header.digests.len() != self.segments.len() {
            return Some(EventFlaw::Header);
        }
        if header.log_id != *log_id {
            return Some(EventFlaw::LogId);
        }
        (header.leaf != leaf).then_some(EventFlaw::LeafIndex(header.leaf))
    }

    /// Checks header and segment digests, and gives every flaw.
    pub fn flaws(&self, log_id: &[u8; 32], leaf: u64) -> Vec<EventFlaw> {
        let mut flaws: Vec<EventFlaw> = self.header_flaw(log_id, leaf).into_iter().collect();
        let digests = Header::read(&self.header).map(|header| header.digests);
        for (number, (segment, digest)) in self
            .segments
            .iter()
            .zip(digests.unwrap_or_default())
            .enumerate()
        {
            if Sha256::digest(segment).as_slice() != digest {
                flaws.push(EventFlaw::Segment(number));
            }
        }
        flaws
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

struct Header<'a> {
    log_id: [u8; 32],
    leaf: u64,
    digests: Vec<&'a [u8]>,
}

impl<'a> Header<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut fields = Fields::of(bytes);
        let (1, 1) = (fields.u8()?, fields.u8()?) else {
            return None;
        };
        let log_id = fields.array()?;
        let leaf = fields.u64()?;
        let count = usize::from(fields.u8()?);
        if bytes.len() != HEADER_FIXED_BYTES + 32 * count {
            return None;
        }
        let digests = fields.rest().chunks_exact(32).collect();
        Some(Self {
            log_id,
            leaf,
            digests,
        })
    }
}
