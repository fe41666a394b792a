//! What tells whether a repeated request says the same as the first time (SPEC §5.1), and tells
//! nobody anything else.
//!
//! - Its key is made from every leaf that the command's events are sealed under: once one of them
//!   is destroyed, nobody can hold a guess against it, the vault's keeper included.
//! - The random request id, which is stored nowhere, goes into the key as well: who has all keys
//!   and not the request can do nothing with it either.

use hkdf::HkdfExtract;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::secret::{KEY_BYTES, Key, LeafHandle};

/// The keyed digest of what a command said.
///
/// `k = HKDF-SHA-256(ikm = request id ‖ leaf keys, salt = hash(caller, request id), info =
/// "request/said", 32)`, the leaves ordered by key id; `HMAC-SHA-256(k, digest)[..16]`.
#[expect(
    clippy::expect_used,
    reason = "32 bytes are within HKDF's limit, and HMAC takes any key"
)]
pub(crate) fn said(
    leaves: &[LeafHandle],
    (request, name): (&[u8; 16], &[u8; 16]),
    digest: &[u8; 32],
) -> [u8; 16] {
    let mut extract = HkdfExtract::<Sha256>::new(Some(name));
    extract.input_ikm(request);
    for leaf in leaves {
        extract.input_ikm(leaf.0.key.bytes());
    }
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    let (_, hkdf) = extract.finalize();
    hkdf.expand(b"request/said", bytes.as_mut_slice())
        .expect("32 bytes of output");
    let key = Key::from_bytes(&bytes);
    let mut mac = Hmac::<Sha256>::new_from_slice(key.bytes()).expect("a key of any length");
    mac.update(digest);
    let full: [u8; 32] = mac.finalize().into_bytes().into();
    let mut short = [0; 16];
    short.iter_mut().zip(full).for_each(|(to, from)| *to = from);
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::secret::HeldKey;
    use crate::keys::testing::SeededEntropy;

    fn leaf(seed: u64) -> LeafHandle {
        LeafHandle(HeldKey::new(Key::generate(&mut SeededEntropy::new(seed))))
    }

    #[test]
    fn golden_said_agrees_with_another_implementation() {
        // Made by hmac and hashlib of Python 3 from the text of SPEC §5.1.
        let leaf = |byte| LeafHandle(HeldKey::new(Key::from_bytes(&[byte; KEY_BYTES])));
        let told = said(&[leaf(0x11), leaf(0x22)], (&[1; 16], &[2; 16]), &[3; 32]);
        assert_eq!(crate::hex::hex(&told), "20caefd273848e991863f635c02c89aa");
    }

    #[test]
    fn whoever_lacks_one_leaf_the_request_or_its_name_comes_to_something_else() {
        let (request, name, digest) = ([1; 16], [2; 16], [3; 32]);
        let both = [leaf(1), leaf(2)];
        let told = said(&both, (&request, &name), &digest);
        assert_eq!(told, said(&both, (&request, &name), &digest));
        let others = [
            said(&both[..1], (&request, &name), &digest),
            said(&[leaf(1), leaf(3)], (&request, &name), &digest),
            said(&both, (&[9; 16], &name), &digest),
            said(&both, (&request, &[9; 16]), &digest),
            said(&both, (&request, &name), &[9; 32]),
        ];
        assert!(others.iter().all(|other| *other != told));
    }
}
