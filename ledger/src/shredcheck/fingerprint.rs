//! `key id = HKDF-Expand-SHA-256(key, "kid", 16)` (SPEC §5.1), as fast as one core computes it.
//!
//! - HKDF-Expand of one block is HMAC(key, "kid" ‖ 0x01): four compressions. All padding is known
//!   beforehand, so none of it is computed per key.

use sha2::block_api::compress256;
use zeroize::Zeroizing;

use super::KeyId;

/// A key of the tree, or 32 bytes that may be one.
pub(super) type Key = Zeroizing<[u8; KEY_BYTES]>;

/// Bytes of a key.
pub(super) const KEY_BYTES: usize = 32;

/// The fingerprint of a key.
pub(super) fn fingerprint(key: &[u8; KEY_BYTES]) -> KeyId {
    let inner = sha256(&[key_block(key, 0x36), INNER]);
    let mut message = OUTER;
    overwrite(&mut message, &inner);
    let outer = sha256(&[key_block(key, 0x5c), message]);
    let mut id = [0; 16];
    overwrite(&mut id, &outer);
    KeyId(id)
}

fn key_block(key: &[u8; KEY_BYTES], pad: u8) -> [u8; BLOCK_BYTES] {
    let mut block = [pad; BLOCK_BYTES];
    block.iter_mut().zip(key).for_each(|(to, from)| *to ^= from);
    block
}

fn sha256(blocks: &[[u8; BLOCK_BYTES]]) -> [u8; 32] {
    let mut state = START;
    compress256(&mut state, blocks);
    let mut digest = [0; 32];
    for (to, word) in digest.chunks_exact_mut(4).zip(state) {
        to.copy_from_slice(&word.to_be_bytes());
    }
    digest
}

fn overwrite(to: &mut [u8], from: &[u8]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}

/// A message's last block: the message, 0x80, zeros, and the length of all blocks in bits.
const fn last_block(message: &[u8], bits: u16) -> [u8; BLOCK_BYTES] {
    let mut block = [0; BLOCK_BYTES];
    let (start, _) = block.split_at_mut(message.len());
    start.copy_from_slice(message);
    let (_, rest) = block.split_at_mut(message.len());
    if let Some((mark, _)) = rest.split_first_mut() {
        *mark = 0x80;
    }
    let (_, length) = block.split_at_mut(BLOCK_BYTES - 2);
    length.copy_from_slice(&bits.to_be_bytes());
    block
}

const BLOCK_BYTES: usize = 64;
const INNER: [u8; BLOCK_BYTES] = last_block(b"kid\x01", 8 * (64 + 4));
/// Its first 32 bytes are overwritten with the inner digest.
const OUTER: [u8; BLOCK_BYTES] = last_block(&[0; 32], 8 * (64 + 32));
/// FIPS 180-4 §5.3.3.
const START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

#[cfg(test)]
mod tests {
    use hkdf::Hkdf;
    use sha2::Sha256;

    use super::*;

    #[test]
    fn a_fingerprint_is_what_hkdf_expands() {
        for byte in 0..=255 {
            let mut key = [byte; KEY_BYTES];
            key[7] = 7;
            let mut expected = [0; 16];
            let expand = Hkdf::<Sha256>::from_prk(&key).unwrap();
            expand.expand(b"kid", &mut expected).unwrap();
            assert_eq!(fingerprint(&key), KeyId(expected));
        }
    }
}
