//! C2SP signed-note v1: a text and the signatures under it.
//!
//! - The text of a parsed note cannot be had without checking a signature: `verify` hands it out.
//! - Signatures of unknown keys are passed over; one wrong signature of the known key refuses the
//!   note.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::errors::NoteError;
use super::verifier_key::{VerifierKey, is_key_name};
use crate::limits::{RECEIPT_BYTES_MAX, SIGNATURES_MAX};

/// Begins a signature line: an em dash and a space.
const SIGNATURE_START: &str = "\u{2014} ";
/// Bytes of a key id, before the signature itself.
const KEY_ID_BYTES: usize = 4;

/// Something that signs notes. The key's bytes stay behind it, in `keys/`.
pub trait NoteSigner {
    /// The name under which it signs: for a log, its origin.
    fn name(&self) -> &str;
    /// The id of its key under that name; see `key_id`.
    fn key_id(&self) -> [u8; 4];
    /// The Ed25519 signature over these bytes.
    fn sign(&self, message: &[u8]) -> [u8; 64];
}

/// One signature under a note, by whatever key and algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureLine {
    name: String,
    key_id: [u8; 4],
    signature: Vec<u8>,
}

/// A text with at least one signature line, none of them checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<SignatureLine>,
}

impl Note {
    /// Signs a text, which ends in a newline and has no other control character.
    pub fn sign(text: &str, signers: &[&dyn NoteSigner]) -> Result<Self, NoteError> {
        if !text.ends_with('\n') || has_control(text) {
            return Err(NoteError::Text);
        }
        if signers.is_empty() {
            return Err(NoteError::NoSignatures);
        }
        if signers.len() > SIGNATURES_MAX {
            return Err(NoteError::TooManySignatures);
        }
        if !signers.iter().all(|signer| is_key_name(signer.name())) {
            return Err(NoteError::KeyName);
        }
        let signatures = signers.iter().map(|signer| SignatureLine {
            name: signer.name().to_owned(),
            key_id: signer.key_id(),
            signature: signer.sign(text.as_bytes()).to_vec(),
        });
        Ok(Self {
            text: text.to_owned(),
            signatures: signatures.collect(),
        })
    }

    /// Reads a note, of exactly these bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > RECEIPT_BYTES_MAX {
            return Err(NoteError::TooLong);
        }
        let note = str::from_utf8(bytes).map_err(|_| NoteError::NotText)?;
        if has_control(note) {
            return Err(NoteError::ControlCharacter);
        }
        // The text may have empty lines itself; the last one separates (signed-note, Format).
        let (_, lines) = note.rsplit_once("\n\n").ok_or(NoteError::NoSignatures)?;
        let text = note
            .strip_suffix(lines)
            .and_then(|text| text.strip_suffix('\n'))
            .ok_or(NoteError::NoSignatures)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::NoSignatures)?;
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            if signatures.len() == SIGNATURES_MAX {
                return Err(NoteError::TooManySignatures);
            }
            signatures.push(SignatureLine::parse(line)?);
        }
        Ok(Self {
            text: text.to_owned(),
            signatures,
        })
    }

    /// The text, if `key` signed it. Every line under this key's name and id must be right.
    pub fn verify(&self, key: &VerifierKey) -> Result<&str, NoteError> {
        let mut found = false;
        for line in &self.signatures {
            if line.name != key.name() || line.key_id != key.id() {
                continue;
            }
            if !key.signed(&self.text, &line.signature) {
                return Err(NoteError::WrongSignature);
            }
            found = true;
        }
        if found {
            Ok(&self.text)
        } else {
            Err(NoteError::UnknownKey)
        }
    }

    /// The text, whoever signed it: for who makes its digest, not for who believes it.
    pub(crate) fn unverified_text(&self) -> &str {
        &self.text
    }

    /// The signature lines, unchecked.
    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl SignatureLine {
    fn parse(line: &str) -> Result<Self, NoteError> {
        let (name, blob) = line
            .strip_prefix(SIGNATURE_START)
            .and_then(|rest| rest.split_once(' '))
            .ok_or(NoteError::SignatureLine)?;
        if !is_key_name(name) {
            return Err(NoteError::KeyName);
        }
        let blob = STANDARD
            .decode(blob)
            .map_err(|_| NoteError::SignatureLine)?;
        match blob.split_first_chunk::<KEY_ID_BYTES>() {
            Some((key_id, signature)) if !signature.is_empty() => Ok(Self {
                name: name.to_owned(),
                key_id: *key_id,
                signature: signature.to_vec(),
            }),
            Some(_) | None => Err(NoteError::SignatureLine),
        }
    }

    /// The name of the key that is said to have signed.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of that key.
    pub fn key_id(&self) -> [u8; 4] {
        self.key_id
    }
}

impl fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut blob = self.key_id.to_vec();
        blob.extend_from_slice(&self.signature);
        write!(
            f,
            "{SIGNATURE_START}{} {}",
            self.name,
            STANDARD.encode(blob)
        )
    }
}

/// Whether there is an ASCII control character other than the newline (signed-note, Format).
pub(super) fn has_control(text: &str) -> bool {
    text.bytes().any(|byte| byte < 0x20 && byte != b'\n')
}
