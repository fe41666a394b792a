//! The event header: the only clear part of an event, and what the Merkle leaf is made of.
//!
//! suite ‖ version ‖ log id ‖ leaf index ‖ segment count ‖ SHA-256(segment 0) ‖ … (SPEC §4.3).

use sha2::{Digest, Sha256};

use crate::error::Fault;
use crate::limits::SEGMENTS_MAX;

/// XChaCha20-Poly1305, HKDF-SHA-256, SHA-256.
pub const SUITE: u8 = 1;
/// Version of the layouts of header and segment.
pub const VERSION: u8 = 1;

/// The clear header of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventHeader {
    /// The ledger.
    pub log_id: [u8; 32],
    /// The event's leaf in the Merkle tree.
    pub leaf_index: u64,
    /// SHA-256 of each sealed segment, the record segment first.
    pub segments: Vec<[u8; 32]>,
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
            segments: segments.into_iter().map(segment_digest).collect(),
        }
    }

    /// The header's bytes; a fault unless it has 1 to 16 segments.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Fault> {
        let count = segment_count(self.segments.len())?;
        let mut bytes = Vec::with_capacity(43 + 32 * self.segments.len());
        bytes.extend_from_slice(&[SUITE, VERSION]);
        bytes.extend_from_slice(&self.log_id);
        bytes.extend_from_slice(&self.leaf_index.to_be_bytes());
        bytes.push(count);
        for digest in &self.segments {
            bytes.extend_from_slice(digest);
        }
        Ok(bytes)
    }

    /// The header that exactly these bytes are.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let ([suite, version], rest) = bytes.split_first_chunk::<2>().ok_or_else(damaged)?;
        if (*suite, *version) != (SUITE, VERSION) {
            return Err(Fault::UnknownFormat {
                what: "event header",
                version: u32::from(*suite) << 8 | u32::from(*version),
            });
        }
        let (log_id, rest) = rest.split_first_chunk::<32>().ok_or_else(damaged)?;
        let (leaf_index, rest) = rest.split_first_chunk::<8>().ok_or_else(damaged)?;
        let (count, rest) = rest.split_first().ok_or_else(damaged)?;
        let (digests, tail) = rest.as_chunks::<32>();
        if segment_count(digests.len())? != *count || !tail.is_empty() {
            return Err(damaged());
        }
        Ok(Self {
            log_id: *log_id,
            leaf_index: u64::from_be_bytes(*leaf_index),
            segments: digests.to_vec(),
        })
    }
}

/// SHA-256 of a sealed segment as stored.
pub fn segment_digest(segment: &[u8]) -> [u8; 32] {
    Sha256::digest(segment).into()
}

fn segment_count(count: usize) -> Result<u8, Fault> {
    match u8::try_from(count) {
        Ok(byte) if (1..=SEGMENTS_MAX).contains(&count) => Ok(byte),
        Ok(_) | Err(_) => Err(damaged()),
    }
}

fn damaged() -> Fault {
    Fault::damaged("event header", "length or segment count")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(segments: usize) -> EventHeader {
        EventHeader {
            log_id: [0xAB; 32],
            leaf_index: 0x0102_0304_0506_0708,
            segments: vec![[0xCD; 32]; segments],
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
            assert!(EventHeader::parse(&good[..cut]).is_err(), "cut at {cut}");
        }
        assert!(EventHeader::parse(&[good.as_slice(), &[0]].concat()).is_err());
        assert!(EventHeader::parse(&[good.as_slice(), &[0; 32]].concat()).is_err());
        for count in [0, 1, 3, 17, 255] {
            let mut bad = good.clone();
            bad[42] = count;
            assert!(EventHeader::parse(&bad).is_err(), "count {count}");
        }
        assert!(header(0).to_bytes().is_err());
        assert!(header(17).to_bytes().is_err());
        assert!(header(16).to_bytes().is_ok());
        let mut empty = header(1).to_bytes().unwrap();
        empty.truncate(43);
        empty[42] = 0;
        assert!(EventHeader::parse(&empty).is_err());
    }

    #[test]
    fn unknown_suites_and_versions_are_named() {
        let good = header(1).to_bytes().unwrap();
        for (at, version) in [(0, 0x0201), (1, 0x0102)] {
            let mut bad = good.clone();
            bad[at] = 2;
            assert!(matches!(
                EventHeader::parse(&bad),
                Err(Fault::UnknownFormat { version: found, .. }) if found == version
            ));
        }
    }
}
