//! What lies under a vault's passphrase (SPEC §6.1): the vault's key under Argon2id, every other
//! secret under that key.

use std::io;
use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use zeroize::Zeroizing;

use super::Unreadable;
use super::copies::unreadable;
use super::fingerprint::{KEY_BYTES, Key};
use super::slots;

/// How secrets lie: open, or under the vault's key.
pub(super) struct Seal(Option<Key>);

impl Seal {
    /// No passphrase.
    pub(super) const OPEN: Self = Self(None);

    /// The seal that these words open.
    pub(super) fn unlock(
        vault: &Path,
        log_id: &[u8; 32],
        words: Option<&[u8]>,
    ) -> Result<Self, Unreadable> {
        let path = vault.join("passphrase");
        let refused = |why: &str| unreadable(&path)(io::Error::other(why.to_owned()));
        let words = words.ok_or_else(|| refused("the vault lies under a passphrase"))?;
        for entry in slots::entries(&path, SLOT_LABEL, HEAD_BYTES + SEALED_BYTES)? {
            let Some((head, sealed)) = entry.body.split_at_checked(HEAD_BYTES) else {
                continue;
            };
            let Some(under) = derived(words, head) else {
                continue;
            };
            let epoch = entry.epoch.to_be_bytes();
            let context = [KEY_LABEL, head, b"passphrase\0", log_id, &epoch].concat();
            if let Some(key) = opened(&under, &context, sealed) {
                return Ok(Self(Some(key)));
            }
        }
        Err(refused("the passphrase does not open it"))
    }

    /// Whether secrets lie open.
    pub(super) fn is_open(&self) -> bool {
        self.0.is_none()
    }

    /// Bytes of a secret as it lies.
    pub(super) fn bytes(&self) -> usize {
        match self.0 {
            None => KEY_BYTES,
            Some(_) => SEALED_BYTES,
        }
    }

    /// A secret from what lies there.
    pub(super) fn secret(&self, bytes: &[u8], context: &[u8]) -> Option<Key> {
        match &self.0 {
            None => Some(Zeroizing::new(bytes.try_into().ok()?)),
            Some(under) => opened(under, context, bytes),
        }
    }
}

/// memory KiB ‖ passes ‖ lanes ‖ salt: the key that the words give, within the bounds of the page.
fn derived(words: &[u8], head: &[u8]) -> Option<Key> {
    let (memory, rest) = head.split_first_chunk::<4>()?;
    let (passes, rest) = rest.split_first_chunk::<4>()?;
    let (lanes, salt) = rest.split_first_chunk::<4>()?;
    let number = |bytes: &[u8; 4]| u32::from_be_bytes(*bytes);
    let (memory, passes, lanes) = (number(memory), number(passes), number(lanes));
    if memory > MEMORY_KIB_MAX || passes > PASSES_MAX || lanes > LANES_MAX {
        return None;
    }
    let cost = Params::new(memory, passes, lanes, Some(KEY_BYTES)).ok()?;
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, cost);
    let derived = argon.hash_password_into(words, salt, key.as_mut_slice());
    derived.ok().map(|()| key)
}

/// nonce ‖ sealed secret.
fn opened(under: &Key, context: &[u8], bytes: &[u8]) -> Option<Key> {
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>()?;
    let cipher = XChaCha20Poly1305::new((&**under).into());
    let payload = Payload {
        msg: sealed,
        aad: context,
    };
    let plain = Zeroizing::new(cipher.decrypt(nonce.into(), payload).ok()?);
    let key: &[u8; KEY_BYTES] = plain.as_slice().try_into().ok()?;
    Some(Zeroizing::new(*key))
}

const SLOT_LABEL: &[u8] = b"referral-ledger passphrase slot v1";
const KEY_LABEL: &[u8] = b"referral-ledger vault key v1";
const HEAD_BYTES: usize = 4 + 4 + 4 + 16;
const NONCE_BYTES: usize = 24;
const SEALED_BYTES: usize = NONCE_BYTES + KEY_BYTES + 16;
const MEMORY_KIB_MAX: u32 = 256 * 1024;
const PASSES_MAX: u32 = 32;
const LANES_MAX: u32 = 16;
