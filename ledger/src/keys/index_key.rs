//! Keyed hashes of what the disk may not show: stream ids, callers, request ids, commands,
//! client codes, whose destructions are counted.
//!
//! - Each kind of hash has a key of its own, derived by label, so that equal inputs of two kinds
//!   differ.
//! - What the index has to give back is sealed (`sealed_value.rs`).

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::sealed_value::{SealedValue, ValueKey};
use super::secret::Key;

/// The keyed hashes of the index. Their states are keys and are zeroised on drop (hmac, `zeroize`).
pub struct IndexKeys {
    stream: Hmac<Sha256>,
    request: Hmac<Sha256>,
    command: Hmac<Sha256>,
    code: Hmac<Sha256>,
    tally: Hmac<Sha256>,
    value: ValueKey,
}

impl IndexKeys {
    /// Derives one key per kind of hash.
    pub fn new(key: &Key) -> Self {
        Self {
            stream: keyed(&key.derive(b"index/stream")),
            request: keyed(&key.derive(b"index/request")),
            command: keyed(&key.derive(b"index/command")),
            code: keyed(&key.derive(b"index/code")),
            tally: keyed(&key.derive(b"index/tally")),
            value: ValueKey::of(key),
        }
    }

    /// The name of a stream on disk.
    pub fn stream(&self, stream: &[u8]) -> [u8; 16] {
        hash(&self.stream, &[stream])
    }

    /// The name of a client code on disk.
    pub fn code(&self, code: &[u8]) -> [u8; 16] {
        hash(&self.code, &[code])
    }

    /// The name on disk of whose destructions are counted, or of one thing among these.
    pub fn tally(&self, staff: &[u8], of: &[u8]) -> [u8; 16] {
        hash(&self.tally, &[staff, of])
    }

    /// A value that stands under an index key, for who knows what it is `asked_by`.
    pub(crate) fn value<'a>(&self, index_key: &'a [u8], asked_by: &[u8]) -> SealedValue<'a> {
        self.value.under(index_key, asked_by)
    }

    /// The name of one caller's request on disk.
    pub fn request(&self, caller: &[u8], request: &[u8]) -> [u8; 16] {
        hash(&self.request, &[caller, request])
    }

    /// What a command was, to tell a repetition from a re-used request id. `None` expects no
    /// version.
    pub fn command(&self, kind: &[u8], subjects: &[u8], expected_version: Option<u64>) -> [u8; 16] {
        let version = expected_version.map(u64::to_be_bytes);
        let version = version.as_ref().map_or([].as_slice(), |bytes| bytes);
        hash(&self.command, &[kind, subjects, version])
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn keyed(key: &Key) -> Hmac<Sha256> {
    Hmac::new_from_slice(key.bytes()).expect("a key of any length")
}

/// Each part goes in behind its length, so that no two lists of parts give the same bytes.
fn hash(keyed: &Hmac<Sha256>, parts: &[&[u8]]) -> [u8; 16] {
    let mut mac = keyed.clone();
    for part in parts {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        mac.update(&length.to_be_bytes());
        mac.update(part);
    }
    let full: [u8; 32] = mac.finalize().into_bytes().into();
    let mut short = [0; 16];
    short.iter_mut().zip(full).for_each(|(to, from)| *to = from);
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::testing::SeededEntropy;

    #[test]
    fn kinds_and_boundaries_between_parts_give_different_hashes() {
        let keys = IndexKeys::new(&Key::generate(&mut SeededEntropy::new(1)));
        let other = IndexKeys::new(&Key::generate(&mut SeededEntropy::new(2)));
        assert_ne!(keys.request(b"ab", b"c"), keys.request(b"a", b"bc"));
        assert_ne!(keys.stream(b"a"), other.stream(b"a"));
        assert_ne!(keys.request(b"a", b"b"), keys.command(b"a", b"b", None));
        assert_ne!(
            keys.command(b"a", b"b", None),
            keys.command(b"a", b"b", Some(0))
        );
        assert_eq!(keys.stream(b"a"), keys.stream(b"a"));
        assert_ne!(keys.tally(b"a", b""), keys.tally(b"a", b"b"));
        assert_ne!(keys.tally(b"a", b"b"), keys.request(b"a", b"b"));
    }
}
