//! The cipher operations on keys: wrap a key, seal and open a segment. Layouts stand with the
//! callers.

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use hkdf::{Hkdf, HkdfExtract};
use sha2::Sha256;
use zeroize::Zeroizing;

pub(crate) use super::secret::KEY_BYTES;
use super::secret::{Key, LeafHandle};
use crate::clock::Entropy;

/// Bytes of an XChaCha20-Poly1305 nonce. Always random: node keys are used for many wraps.
pub(crate) const NONCE_BYTES: usize = 24;
/// Bytes of a Poly1305 tag.
pub(crate) const TAG_BYTES: usize = 16;
/// Bytes of a wrapped key.
pub(crate) const WRAPPED_BYTES: usize = KEY_BYTES + TAG_BYTES;
/// Bytes of a commitment.
pub(crate) const COMMIT_BYTES: usize = 32;

/// A random nonce.
pub(crate) fn nonce(entropy: &mut dyn Entropy) -> [u8; NONCE_BYTES] {
    let mut nonce = [0; NONCE_BYTES];
    entropy.fill(&mut nonce);
    nonce
}

/// Wraps one key under another.
pub(in crate::keys) fn wrap(
    under: &Key,
    nonce: &[u8; NONCE_BYTES],
    aad: &[u8],
    key: &Key,
) -> [u8; WRAPPED_BYTES] {
    let mut wrapped = [0; WRAPPED_BYTES];
    let (body, tag) = wrapped.split_at_mut(KEY_BYTES);
    body.copy_from_slice(key.bytes());
    let cipher = XChaCha20Poly1305::new(under.bytes().into());
    tag.copy_from_slice(&encrypt(&cipher, nonce, aad, body));
    wrapped
}

/// Opens a wrapped key; `None` if it was not wrapped under this key, nonce and context.
pub(in crate::keys) fn unwrap(
    under: &Key,
    nonce: &[u8; NONCE_BYTES],
    aad: &[u8],
    wrapped: &[u8; WRAPPED_BYTES],
) -> Option<Key> {
    let (body, tag) = wrapped.split_first_chunk::<KEY_BYTES>()?;
    let tag: &[u8; TAG_BYTES] = tag.try_into().ok()?;
    let mut bytes = Zeroizing::new(*body);
    let cipher = XChaCha20Poly1305::new(under.bytes().into());
    decrypt(&cipher, nonce, aad, bytes.as_mut_slice(), tag).then(|| Key::from_bytes(&bytes))
}

/// The key of one segment, used for that segment only.
pub(crate) struct SegmentKey(Key);

impl SegmentKey {
    /// A fresh one.
    pub(crate) fn generate(entropy: &mut dyn Entropy) -> Self {
        Self(Key::generate(entropy))
    }

    /// `ek ‖ commit = HKDF-SHA-256(ikm = K_seg, salt = n, info = ctx, 64 bytes)` (SPEC §4.4).
    #[expect(clippy::expect_used, reason = "64 bytes are within HKDF's limit")]
    pub(crate) fn derive(
        &self,
        nonce: &[u8; NONCE_BYTES],
        context: &[u8],
    ) -> (SegmentCipher, [u8; COMMIT_BYTES]) {
        let mut output = Zeroizing::new([0; KEY_BYTES + COMMIT_BYTES]);
        Hkdf::<Sha256>::new(Some(nonce), self.0.bytes())
            .expand(context, output.as_mut_slice())
            .expect("64 bytes of output");
        let (encryption, rest) = output.split_at(KEY_BYTES);
        let mut commit = [0; COMMIT_BYTES];
        commit.copy_from_slice(rest);
        let cipher = XChaCha20Poly1305::new_from_slice(encryption)
            .expect("the first half is as long as a key");
        (SegmentCipher(cipher), commit)
    }
}

/// A segment's cipher under its derived key.
pub(crate) struct SegmentCipher(XChaCha20Poly1305);

impl SegmentCipher {
    /// Encrypts in place and gives the tag.
    pub(crate) fn seal(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        buffer: &mut [u8],
    ) -> [u8; TAG_BYTES] {
        encrypt(&self.0, nonce, aad, buffer)
    }

    /// Decrypts in place; false (and the buffer as it was) if the tag does not fit.
    #[must_use]
    pub(crate) fn open(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        buffer: &mut [u8],
        tag: &[u8; TAG_BYTES],
    ) -> bool {
        decrypt(&self.0, nonce, aad, buffer, tag)
    }
}

/// The key that wraps a segment key for one grant.
pub(crate) struct GrantKey(Key);

impl GrantKey {
    /// `wk = HKDF(ikm = the leaf keys in the order given, salt = wrap nonce, info)` (SPEC §4.4).
    #[expect(clippy::expect_used, reason = "32 bytes are within HKDF's limit")]
    pub(crate) fn derive(
        leaves: &[&LeafHandle],
        wrap_nonce: &[u8; NONCE_BYTES],
        info: &[u8],
    ) -> Self {
        let mut extract = HkdfExtract::<Sha256>::new(Some(wrap_nonce));
        for leaf in leaves {
            extract.input_ikm(leaf.0.key.bytes());
        }
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        let (_, hkdf) = extract.finalize();
        hkdf.expand(info, bytes.as_mut_slice())
            .expect("32 bytes of output");
        Self(Key::from_bytes(&bytes))
    }

    /// Wraps the segment key; what it is for is already bound by `info`.
    pub(crate) fn wrap(
        &self,
        wrap_nonce: &[u8; NONCE_BYTES],
        segment_key: &SegmentKey,
    ) -> [u8; WRAPPED_BYTES] {
        wrap(&self.0, wrap_nonce, &[], &segment_key.0)
    }

    /// Opens the wrapped segment key.
    pub(crate) fn unwrap(
        &self,
        wrap_nonce: &[u8; NONCE_BYTES],
        wrapped: &[u8; WRAPPED_BYTES],
    ) -> Option<SegmentKey> {
        unwrap(&self.0, wrap_nonce, &[], wrapped).map(SegmentKey)
    }
}

/// Encrypts in place and gives the tag.
#[expect(clippy::expect_used, reason = "the cipher refuses only above 256 GiB")]
pub(in crate::keys) fn encrypt(
    cipher: &XChaCha20Poly1305,
    nonce: &[u8; NONCE_BYTES],
    aad: &[u8],
    buffer: &mut [u8],
) -> [u8; TAG_BYTES] {
    cipher
        .encrypt_inout_detached(nonce.into(), aad, buffer.into())
        .expect("far below the cipher's limit")
        .into()
}

/// Decrypts in place; false if the tag does not fit.
#[must_use]
pub(in crate::keys) fn decrypt(
    cipher: &XChaCha20Poly1305,
    nonce: &[u8; NONCE_BYTES],
    aad: &[u8],
    buffer: &mut [u8],
    tag: &[u8; TAG_BYTES],
) -> bool {
    cipher
        .decrypt_inout_detached(nonce.into(), aad, buffer.into(), tag.into())
        .is_ok()
}
