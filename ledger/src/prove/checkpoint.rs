//! C2SP tlog-checkpoint: origin, size and root, as the text of a signed note.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::errors::{CheckpointError, NoteError};
use super::note::{Note, NoteSigner, has_control};
use super::verifier_key::VerifierKey;
use crate::merkle::{Hash, empty_root};

/// What a log says about itself at one size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log; also the name of the key that signs.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The text to sign: three lines and never an extension line.
    pub fn text(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            encode_hash(&self.root)
        )
    }

    /// The signed note. Sign only what nothing can lose, and never two sizes that do not continue
    /// each other.
    pub fn sign(&self, signers: &[&dyn NoteSigner]) -> Result<String, NoteError> {
        if self.origin.is_empty() || self.origin.contains('\n') {
            return Err(NoteError::Text);
        }
        Note::sign(&self.text(), signers).map(|note| note.to_string())
    }

    /// Reads a checkpoint's text. Extension lines are allowed and passed over.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        if has_control(text) {
            return Err(CheckpointError::Note(NoteError::ControlCharacter));
        }
        let body = text.strip_suffix('\n').ok_or(CheckpointError::Lines)?;
        let mut lines = body.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointError::Lines);
        };
        if origin.is_empty() {
            return Err(CheckpointError::Origin);
        }
        if lines.any(str::is_empty) {
            return Err(CheckpointError::ExtensionLine);
        }
        let size = parse_decimal(size).ok_or(CheckpointError::Size)?;
        let root = decode_hash(root).ok_or(CheckpointError::Root)?;
        if size == 0 && root != empty_root() {
            return Err(CheckpointError::EmptyRoot);
        }
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root,
        })
    }

    /// Reads a signed checkpoint of the log whose key this is: signature first, then text, then
    /// origin.
    pub fn open(note: &[u8], key: &VerifierKey) -> Result<Self, CheckpointError> {
        let note = Note::parse(note)?;
        let checkpoint = Self::parse(note.verify(key)?)?;
        if checkpoint.origin != key.name() {
            return Err(CheckpointError::OtherOrigin);
        }
        Ok(checkpoint)
    }
}

/// A decimal number in its only accepted spelling: digits, no sign, no leading zero.
pub(super) fn parse_decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// A hash as one line of base64.
pub(super) fn encode_hash(hash: &Hash) -> String {
    STANDARD.encode(hash.0)
}

/// A hash from base64 in its only accepted spelling, padded and with no spare bits set.
pub(super) fn decode_hash(text: &str) -> Option<Hash> {
    let bytes = STANDARD.decode(text).ok()?;
    Hash::from_slice(&bytes)
}
