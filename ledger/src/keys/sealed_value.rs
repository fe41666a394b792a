//! Values of index records that name a case, an organisation or a member of staff: sealed, so that
//! whoever has the files but not the vault reads none of them (SPEC §5.1).
//!
//! - Each has a key of its own, from the index key, its place in the index and what it is asked by:
//!   a client code or a stream, which stand nowhere. The index key alone opens none of these.
//! - The nonce is derived from key and value: the same value at the same place gives the same
//!   bytes, another one another nonce.

use chacha20poly1305::XChaCha20Poly1305;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::cipher::{NONCE_BYTES, TAG_BYTES, decrypt, encrypt};
use super::secret::Key;

/// What the keys of sealed values are made from. A key, and zeroised on drop.
pub(in crate::keys) struct ValueKey(Hmac<Sha256>);

/// Seals and opens the value of one index record.
pub(crate) struct SealedValue<'a> {
    index_key: &'a [u8],
    encryption: Key,
    nonce: Hmac<Sha256>,
}

impl ValueKey {
    pub(in crate::keys) fn of(index_key: &Key) -> Self {
        Self(keyed(&index_key.derive(b"index/value")))
    }

    pub(in crate::keys) fn under<'a>(
        &self,
        index_key: &'a [u8],
        asked_by: &[u8],
    ) -> SealedValue<'a> {
        let mut mac = self.0.clone();
        for part in [index_key, asked_by] {
            let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
            mac.update(&length.to_be_bytes());
            mac.update(part);
        }
        let own: Zeroizing<[u8; 32]> = Zeroizing::new(mac.finalize().into_bytes().into());
        let own = Key::from_bytes(&own);
        SealedValue {
            index_key,
            encryption: own.derive(b"seal"),
            nonce: keyed(&own.derive(b"nonce")),
        }
    }
}

impl SealedValue<'_> {
    /// `01 ‖ nonce ‖ ciphertext ‖ tag`: as long as what is sealed and 41 bytes.
    pub(crate) fn seal(&self, plain: &[u8]) -> Vec<u8> {
        let mut mac = self.nonce.clone();
        mac.update(plain);
        let full: [u8; 32] = mac.finalize().into_bytes().into();
        let mut nonce = [0; NONCE_BYTES];
        nonce.iter_mut().zip(full).for_each(|(to, from)| *to = from);
        let mut body = plain.to_vec();
        let tag = encrypt(&self.cipher(), &nonce, self.index_key, &mut body);
        [[VERSION].as_slice(), &nonce, &body, &tag].concat()
    }

    /// What was sealed here; none if it was not.
    pub(crate) fn open(&self, value: &[u8]) -> Option<Vec<u8>> {
        let (version, rest) = value.split_first()?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE_BYTES>()?;
        let (body, tag) = rest.split_last_chunk::<TAG_BYTES>()?;
        let mut body = body.to_vec();
        let opened = decrypt(&self.cipher(), nonce, self.index_key, &mut body, tag);
        (*version == VERSION && opened).then_some(body)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.encryption.bytes().into())
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn keyed(key: &Key) -> Hmac<Sha256> {
    Hmac::new_from_slice(key.bytes()).expect("a key of any length")
}

const VERSION: u8 = 1;
