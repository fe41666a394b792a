//! Clear segments: what an event says to everybody who holds its header (SPEC §4.5).
//!
//! - The first byte is no count of grants, so nobody takes one for a sealed segment.
//! - They hold digests only: nothing about a person, no code, no time.

use sha2::{Digest, Sha256};

/// Begins a clear segment, where a sealed one says how many grants it has (1 to 8).
const MARK: u8 = 0xff;
/// The digest of a certificate of erasure follows.
const CERTIFICATE: u8 = 1;

/// The segment that binds the text of a certificate of erasure to its event.
pub fn certificate_segment(text: &str) -> Vec<u8> {
    let mut segment = vec![MARK, CERTIFICATE];
    segment.extend_from_slice(&Sha256::digest(text.as_bytes()));
    segment
}

/// Whether a segment is a clear one: it has no grants and no key opens it.
pub fn is_clear(segment: &[u8]) -> bool {
    segment.first() == Some(&MARK)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::GRANTS_MAX;

    #[test]
    fn a_clear_segment_is_never_a_sealed_one_and_names_one_text() {
        let segment = certificate_segment("one\n");
        assert!(is_clear(&segment) && usize::from(MARK) > GRANTS_MAX);
        assert_eq!(segment.len(), 34);
        assert_ne!(segment, certificate_segment("one"));
        assert!(!is_clear(&[1, CERTIFICATE]) && !is_clear(&[]) && !is_clear(&[0; 34]));
    }
}
