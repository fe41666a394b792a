//! What reads bytes from outside: one function each, for the fuzzer (`ledger/fuzz`) and for a short
//! run of altered bytes in the ordinary tests.
//!
//! - Each takes any bytes. It must not panic, and must not ask for more memory than the bytes are
//!   worth; what it accepts it must be able to write down again.

use crate::authorise::Policy;
use crate::domain::personal::Personal;
use crate::domain::record::Record;
use crate::domain::stream::StreamId;
use crate::header::EventHeader;
use crate::keys::{KeyRecord, index_records};
use crate::prove::{Checkpoint, Note, Receipt, VerifierKey, verify_receipt};
use crate::seal::{codec, segment};

pub use crate::log::fuzzed::journal;

/// A name, and what takes bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target, by the name of its program in `ledger/fuzz`.
pub const TARGETS: &[Target] = &[
    ("event", event),
    ("segment", sealed),
    ("key_records", key_records),
    ("journal", journal),
    ("note", note),
    ("receipt", receipt),
    ("policy", policy),
];

/// Record and personal parts.
pub fn event(bytes: &[u8]) {
    if let Ok(record) = codec::decode::<Record>(bytes) {
        let again = codec::encode(&record).map(|bytes| codec::decode::<Record>(&bytes));
        assert!(matches!(again, Ok(Ok(again)) if again == record));
    }
    let personal = codec::decode::<(StreamId, u64, u8, Personal)>(bytes);
    if let Ok(personal) = personal {
        assert!(codec::encode(&personal).is_ok());
    }
}

/// Sealed segments, added grants, and event headers.
pub fn sealed(bytes: &[u8]) {
    let _ = segment::segment_grants(bytes);
    let _ = segment::added_grant_keys(bytes);
    if let Ok(header) = EventHeader::parse(bytes) {
        let again = header.to_bytes();
        assert!(again.is_ok_and(|again| again == bytes));
    }
}

/// Key records, one after the other.
pub fn key_records(bytes: &[u8]) {
    let mut rest = bytes;
    while let Ok((record, behind)) = KeyRecord::read_first(rest) {
        let read = rest.len() - behind.len();
        assert!(rest.starts_with(&record.to_bytes()) && read > 0);
        rest = behind;
    }
    let _ = index_records(bytes);
}

/// Signed notes, checkpoints and verifier keys.
pub fn note(bytes: &[u8]) {
    let _ = Note::parse(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Ok(checkpoint) = Checkpoint::parse(text) {
            assert!(Checkpoint::parse(&checkpoint.text()).is_ok());
        }
        let _ = text.parse::<VerifierKey>();
    }
}

/// Receipts, by the key that the golden ones are signed with.
pub fn receipt(bytes: &[u8]) {
    let _ = Receipt::parse(bytes);
    let key = include_str!("../../tests/golden/receipt/vkey.txt");
    if let Ok(key) = key.trim().parse() {
        let _ = verify_receipt(bytes, &key);
    }
}

/// Policy tables.
pub fn policy(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Policy::parse(text);
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    /// Bytes that are right, to be altered: the golden files, and a made record.
    fn seeds() -> Vec<Vec<u8>> {
        let hex = |text: &str| -> Vec<u8> {
            let digits: Vec<u8> = text
                .lines()
                .filter(|line| !line.starts_with('#'))
                .flat_map(str::chars)
                .filter_map(|letter| letter.to_digit(16))
                .map(|digit| u8::try_from(digit).unwrap())
                .collect();
            digits
                .chunks_exact(2)
                .map(|two| two[0] * 16 + two[1])
                .collect()
        };
        vec![
            hex(include_str!("keys/golden/key_records.hex")),
            hex(include_str!("seal/golden/segment_two_grants.hex")),
            include_bytes!("../../tests/golden/receipt/good.tlog-proof").to_vec(),
            include_bytes!("../../tests/golden/receipt/vkey.txt").to_vec(),
            include_bytes!("authorise/policy.toml").to_vec(),
            crate::log::fuzzed::frame(),
            vec![0; 300],
            (0..=255).cycle().take(1000).collect(),
        ]
    }

    /// Numbers that look like chance and are the same every time.
    struct Throws(u64);

    impl Throws {
        fn below(&mut self, bound: usize) -> usize {
            self.0 += 1;
            let digest = Sha256::digest(self.0.to_be_bytes());
            let number = u64::from_be_bytes(*digest.first_chunk().unwrap());
            usize::try_from(number % u64::try_from(bound.max(1)).unwrap()).unwrap()
        }
    }

    fn alter(bytes: &mut Vec<u8>, other: &[u8], throws: &mut Throws) {
        let at = throws.below(bytes.len());
        let huge = [0xFF, 0xFF, 0xFF, 0x7F, 0xFD, 0xFC, 0xFB];
        match throws.below(6) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, huge[throws.below(huge.len())]),
            2 => {
                let end = (at + throws.below(16)).min(bytes.len());
                bytes.drain(at..end);
            }
            3 => {
                let from = throws.below(other.len());
                bytes.splice(at..at, other[from..].iter().copied().take(64));
            }
            4 => {
                let end = (at + 8).min(bytes.len());
                bytes[at..end].fill(huge[throws.below(huge.len())]);
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << throws.below(8);
                }
            }
        }
    }

    #[test]
    fn no_altered_bytes_make_a_reader_panic() {
        let (seeds, mut throws) = (seeds(), Throws(1));
        for (_, target) in TARGETS {
            for seed in &seeds {
                target(seed);
                for _ in 0..200 {
                    let mut bytes = seed.clone();
                    for _ in 0..=throws.below(3) {
                        let other = &seeds[throws.below(seeds.len())];
                        alter(&mut bytes, other, &mut throws);
                    }
                    target(&bytes);
                }
            }
        }
    }

    #[test]
    fn every_target_has_its_program() {
        let programs = include_str!("../fuzz/Cargo.toml");
        for (name, _) in TARGETS {
            assert!(programs.contains(&format!("name = \"{name}\"")), "{name}");
        }
    }
}
