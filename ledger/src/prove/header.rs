//! The event header as a verifier sees it: the only clear part of an event, and the bytes of its
//! leaf.
//!
//! Layout (SPEC §4): suite ‖ version ‖ log id (32) ‖ leaf index (u64, big-endian) ‖ segment count
//! (u8) ‖ SHA-256 of each sealed segment (32 each).

use super::errors::HeaderError;
use crate::limits::SEGMENTS_MAX;

/// The only suite there is.
pub const SUITE: u8 = 1;
/// The only version of the header there is.
pub const VERSION: u8 = 1;

/// What an event header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventHeader {
    /// Which ledger; stays the same when a restore starts a new origin.
    pub log_id: [u8; 32],
    /// Number of the event and of its leaf.
    pub index: u64,
    /// SHA-256 of each sealed segment; segment 0 is the record part.
    pub segment_digests: Vec<[u8; 32]>,
}

impl EventHeader {
    /// Reads a header, of exactly these bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, HeaderError> {
        let (&[suite, version], rest) = bytes.split_first_chunk().ok_or(HeaderError::Length)?;
        if suite != SUITE {
            return Err(HeaderError::Suite);
        }
        if version != VERSION {
            return Err(HeaderError::Version);
        }
        let (log_id, rest) = rest.split_first_chunk().ok_or(HeaderError::Length)?;
        let (index, rest) = rest.split_first_chunk().ok_or(HeaderError::Length)?;
        let (&count, rest) = rest.split_first().ok_or(HeaderError::Length)?;
        let count = usize::from(count);
        if count == 0 || count > SEGMENTS_MAX {
            return Err(HeaderError::SegmentCount);
        }
        let (digests, left_over) = rest.as_chunks::<32>();
        if digests.len() != count || !left_over.is_empty() {
            return Err(HeaderError::Length);
        }
        Ok(Self {
            log_id: *log_id,
            index: u64::from_be_bytes(*index),
            segment_digests: digests.to_vec(),
        })
    }

    /// The bytes, which are the leaf's; refused if there is no segment or there are too many.
    pub fn bytes(&self) -> Result<Vec<u8>, HeaderError> {
        let count = self.segment_digests.len();
        if count == 0 || count > SEGMENTS_MAX {
            return Err(HeaderError::SegmentCount);
        }
        let count = u8::try_from(count).map_err(|_| HeaderError::SegmentCount)?;
        let mut bytes = vec![SUITE, VERSION];
        bytes.extend_from_slice(&self.log_id);
        bytes.extend_from_slice(&self.index.to_be_bytes());
        bytes.push(count);
        bytes.extend(self.segment_digests.iter().flatten());
        Ok(bytes)
    }
}
