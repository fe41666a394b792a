//! Verifier keys of C2SP signed-note: a name, a key id, and an Ed25519 public key in one line of
//! text.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use super::errors::NoteError;
use crate::hex::hex;
use crate::limits::KEY_NAME_BYTES_MAX;

/// Signature type of plain Ed25519 signatures (signed-note, Signature types).
const ED25519: u8 = 0x01;
/// Hexadecimal digits of a key id in a verifier key.
const KEY_ID_DIGITS: usize = 8;

/// A public key under its name: what a verifier is told to trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    public: VerifyingKey,
}

impl VerifierKey {
    /// A key from its parts. Keys of small order, under which one signature fits many texts, are
    /// refused.
    pub fn new(name: &str, public: &[u8; 32]) -> Result<Self, NoteError> {
        if !is_key_name(name) {
            return Err(NoteError::KeyName);
        }
        let id = key_id(name, public);
        let public = VerifyingKey::from_bytes(public)
            .ok()
            .filter(|public| !public.is_weak())
            .ok_or(NoteError::VerifierKey)?;
        Ok(Self {
            name: name.to_owned(),
            id,
            public,
        })
    }

    /// The name, which is also the origin of the log it signs for.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of the hash of name, type and key.
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// Whether it is the same key, under this name or another.
    pub fn is_same_key(&self, other: &Self) -> bool {
        self.public == other.public
    }

    /// Whether these 64 bytes are this key's signature over exactly this text. Strict: one
    /// signature, one spelling, no small-order points.
    pub(super) fn signed(&self, text: &str, signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .and_then(|signature| self.public.verify_strict(text.as_bytes(), &signature))
            .is_ok()
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::VerifierKey);
        };
        let key = STANDARD.decode(key).map_err(|_| NoteError::VerifierKey)?;
        let Some((&ED25519, public)) = key.split_first() else {
            return Err(NoteError::VerifierKey);
        };
        let public = public.try_into().map_err(|_| NoteError::VerifierKey)?;
        let parsed = Self::new(name, public)?;
        if id.len() != KEY_ID_DIGITS || hex(&parsed.id) != id {
            return Err(NoteError::VerifierKeyId);
        }
        Ok(parsed)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![ED25519];
        key.extend_from_slice(self.public.as_bytes());
        write!(
            f,
            "{}+{}+{}",
            self.name,
            hex(&self.id),
            STANDARD.encode(key)
        )
    }
}

/// The id of an Ed25519 key under a name: SHA-256(name ‖ newline ‖ 0x01 ‖ key), its first four
/// bytes.
pub fn key_id(name: &str, public: &[u8; 32]) -> [u8; 4] {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(name.as_bytes())
        .chain_update([b'\n', ED25519])
        .chain_update(public)
        .finalize()
        .into();
    let [a, b, c, d, ..] = digest;
    [a, b, c, d]
}

/// Whether a name may be a key's: not empty, no Unicode space, no plus (signed-note, Format).
pub(super) fn is_key_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= KEY_NAME_BYTES_MAX
        && !name
            .chars()
            .any(|letter| letter.is_whitespace() || letter.is_control() || letter == '+')
}
