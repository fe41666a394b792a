//! The event header: the only clear part of an event, and the bytes that its Merkle leaf is made of
//! (SPEC §4.3).
//!
//! - Sealing writes it; the log, fsck and a stranger's verifier read it: all of them here.
//! - It commits to a digest of each segment, so a segment can die without breaking a proof.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::error::Fault;
use crate::limits::SEGMENTS_MAX;

/// XChaCha20-Poly1305, HKDF-SHA-256, SHA-256: the only suite there is.
pub const SUITE: u8 = 1;
/// Version of the layouts of header and segment.
pub const VERSION: u8 = 1;

/// What an event header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventHeader {
    /// Which ledger.
    pub log_id: [u8; 32],
    /// Number of the event, and of its leaf in the Merkle tree.
    pub leaf_index: u64,
    /// SHA-256 of each sealed segment; segment 0 is the record part.
    pub segment_digests: Vec<[u8; 32]>,
}

/// Why the bytes are not an event header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderError {
    /// Cut off, or bytes left over.
    Length,
    /// A suite that this program does not know.
    Suite,
    /// A version that this program does not know.
    Version,
    /// No segment, or more than an event can have.
    SegmentCount,
}

impl EventHeader {
    /// The header over sealed segments.
    pub fn over<'a>(
        log_id: [u8; 32],
        leaf_index: u64,
        segments: impl IntoIterator<Item = &'a [u8]>,
    ) -> Self {
        Self {
            log_id,
            leaf_index,
            segment_digests: segments.into_iter().map(segment_digest).collect(),
        }
    }

    /// The bytes, which are the leaf's; refused if there is no segment or there are too many.
    pub fn to_bytes(&self) -> Result<Vec<u8>, HeaderError> {
        let count = self.segment_digests.len();
        let count = u8::try_from(count).map_err(|_| HeaderError::SegmentCount)?;
        require_segments(count)?;
        let mut bytes = Vec::with_capacity(header_bytes(self.segment_digests.len()));
        bytes.extend_from_slice(&[SUITE, VERSION]);
        bytes.extend_from_slice(&self.log_id);
        bytes.extend_from_slice(&self.leaf_index.to_be_bytes());
        bytes.push(count);
        bytes.extend(self.segment_digests.iter().flatten());
        Ok(bytes)
    }

    /// The header that exactly these bytes are.
    pub fn parse(bytes: &[u8]) -> Result<Self, HeaderError> {
        let (&[suite, version], rest) = bytes.split_first_chunk().ok_or(HeaderError::Length)?;
        if suite != SUITE {
            return Err(HeaderError::Suite);
        }
        if version != VERSION {
            return Err(HeaderError::Version);
        }
        let (log_id, rest) = rest.split_first_chunk().ok_or(HeaderError::Length)?;
        let (leaf_index, rest) = rest.split_first_chunk().ok_or(HeaderError::Length)?;
        let (&count, rest) = rest.split_first().ok_or(HeaderError::Length)?;
        require_segments(count)?;
        let (digests, left_over) = rest.as_chunks::<32>();
        if digests.len() != usize::from(count) || !left_over.is_empty() {
            return Err(HeaderError::Length);
        }
        Ok(Self {
            log_id: *log_id,
            leaf_index: u64::from_be_bytes(*leaf_index),
            segment_digests: digests.to_vec(),
        })
    }
}

/// Bytes of the header of an event with so many segments.
pub(crate) const fn header_bytes(segments: usize) -> usize {
    FIXED_BYTES + 32 * segments
}

/// SHA-256 of a sealed segment as stored.
pub fn segment_digest(segment: &[u8]) -> [u8; 32] {
    Sha256::digest(segment).into()
}

fn require_segments(count: u8) -> Result<(), HeaderError> {
    (1..=SEGMENTS_MAX)
        .contains(&usize::from(count))
        .then_some(())
        .ok_or(HeaderError::SegmentCount)
}

impl HeaderError {
    /// A name that stays the same across versions.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Length => "header_length",
            Self::Suite => "header_suite",
            Self::Version => "header_version",
            Self::SegmentCount => "header_segment_count",
        }
    }
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "the event header is cut off or has bytes left over",
            Self::Suite => "the event header is of a suite that this program does not know",
            Self::Version => "the event header is of a version that this program does not know",
            Self::SegmentCount => "the event header has no segment or too many",
        })
    }
}

impl std::error::Error for HeaderError {}

impl From<HeaderError> for Fault {
    fn from(error: HeaderError) -> Self {
        Self::damaged("event header", error.to_string())
    }
}

/// Bytes before the digests.
const FIXED_BYTES: usize = 1 + 1 + 32 + 8 + 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn header(segments: usize) -> EventHeader {
        EventHeader {
            log_id: [0xAB; 32],
            leaf_index: 0x0102_0304_0506_0708,
            segment_digests: vec![[0xCD; 32]; segments],
        }
    }

    #[test]
    fn the_layout_is_frozen() {
        let mut expected = vec![1, 1];
        expected.extend([0xAB; 32]);
        expected.extend([1, 2, 3, 4, 5, 6, 7, 8, 2]);
        expected.extend([0xCD; 64]);
        assert_eq!(header(2).to_bytes().unwrap(), expected);
        assert_eq!(EventHeader::parse(&expected).unwrap(), header(2));
    }

    #[test]
    fn headers_of_the_wrong_length_or_count_are_refused() {
        let good = header(2).to_bytes().unwrap();
        for cut in 0..good.len() {
            assert_eq!(
                EventHeader::parse(&good[..cut]),
                Err(HeaderError::Length),
                "cut at {cut}"
            );
        }
        for left_over in [&[0][..], &[0; 32]] {
            let longer = [good.as_slice(), left_over].concat();
            assert_eq!(EventHeader::parse(&longer), Err(HeaderError::Length));
        }
        for (count, error) in [
            (0, HeaderError::SegmentCount),
            (1, HeaderError::Length),
            (3, HeaderError::Length),
            (17, HeaderError::SegmentCount),
            (255, HeaderError::SegmentCount),
        ] {
            let mut bad = good.clone();
            bad[42] = count;
            assert_eq!(EventHeader::parse(&bad), Err(error), "count {count}");
        }
        for count in [0, 17, 256] {
            assert_eq!(header(count).to_bytes(), Err(HeaderError::SegmentCount));
        }
        assert!(header(16).to_bytes().is_ok());
        let mut empty = header(1).to_bytes().unwrap();
        empty.truncate(43);
        empty[42] = 0;
        assert_eq!(EventHeader::parse(&empty), Err(HeaderError::SegmentCount));
    }

    #[test]
    fn unknown_suites_and_versions_are_named() {
        let good = header(1).to_bytes().unwrap();
        for (at, error) in [(0, HeaderError::Suite), (1, HeaderError::Version)] {
            let mut bad = good.clone();
            bad[at] = 2;
            assert_eq!(EventHeader::parse(&bad), Err(error));
        }
    }
}
