//! Why a note, checkpoint or receipt is not accepted: one code and one sentence for each cause.
//!
//! Codes stay the same across versions; golden files are listed by them. No text of the refused
//! bytes is repeated, for they come from strangers.

use std::fmt;

use crate::header::HeaderError;
use crate::limits::{KEY_NAME_BYTES_MAX, PROOF_HASHES_MAX, RECEIPT_BYTES_MAX, SIGNATURES_MAX};
use crate::merkle::ProofError;

/// Why a signed note or a verifier key is not accepted (C2SP signed-note).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoteError {
    /// More bytes than a verifier reads.
    TooLong,
    /// Not UTF-8.
    NotText,
    /// A control character other than the newline.
    ControlCharacter,
    /// No empty line between a text and its signatures.
    NoSignatures,
    /// A signature line is not `— name base64`.
    SignatureLine,
    /// More signature lines than a verifier reads.
    TooManySignatures,
    /// A key name is empty, too long, or has a space, a plus or a control character in it.
    KeyName,
    /// The text to sign does not end in a newline.
    Text,
    /// A verifier key is not `name+id+base64` of an Ed25519 key.
    VerifierKey,
    /// A verifier key's id is not the one that follows from its name and key.
    VerifierKeyId,
    /// None of the signatures is by the known key.
    UnknownKey,
    /// The known key did not sign this text.
    WrongSignature,
}

/// Why a text is not a checkpoint, or not one of this log (C2SP tlog-checkpoint).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The note around it.
    Note(NoteError),
    /// Fewer than three lines, or no newline at the end.
    Lines,
    /// The origin is empty.
    Origin,
    /// The size is not a decimal number in its shortest form.
    Size,
    /// The root is not 32 bytes in base64.
    Root,
    /// The size is 0 and the root is not that of a tree without leaves.
    EmptyRoot,
    /// A line after the root is empty.
    ExtensionLine,
    /// The origin is another log's than the key's.
    OtherOrigin,
    /// The later checkpoint does not continue the earlier one.
    Inconsistent(ProofError),
}

/// Why a receipt is not accepted (C2SP tlog-proof and SPEC §9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReceiptError {
    /// More bytes than a verifier reads.
    TooLong,
    /// Not UTF-8.
    NotText,
    /// A control character other than the newline, such as the carriage return of a Windows editor.
    ControlCharacter,
    /// The first line is not `c2sp.org/tlog-proof@v1`.
    FirstLine,
    /// The second line does not carry the event header.
    ExtraLine,
    /// The event header is not base64.
    ExtraEncoding,
    /// The line of the index is missing or not a decimal number in its shortest form.
    IndexLine,
    /// A line of the proof is not 32 bytes in base64.
    ProofLine,
    /// More proof lines than any tree has levels.
    TooManyProofLines,
    /// No empty line, and so no checkpoint, after the proof.
    CheckpointMissing,
    /// The event header in `extra`.
    Header(HeaderError),
    /// The event header says another leaf index than the proof.
    OtherIndex,
    /// The event header is of another ledger.
    OtherLog,
    /// The checkpoint or its signature.
    Checkpoint(CheckpointError),
    /// The way from the leaf to the root.
    Inclusion(ProofError),
}

impl NoteError {
    /// A name that stays the same across versions.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "note_too_long",
            Self::NotText => "note_not_text",
            Self::ControlCharacter => "note_control_character",
            Self::NoSignatures => "note_no_signatures",
            Self::SignatureLine => "note_signature_line",
            Self::TooManySignatures => "note_too_many_signatures",
            Self::KeyName => "note_key_name",
            Self::Text => "note_text",
            Self::VerifierKey => "note_verifier_key",
            Self::VerifierKeyId => "note_verifier_key_id",
            Self::UnknownKey => "note_unknown_key",
            Self::WrongSignature => "note_wrong_signature",
        }
    }
}

impl CheckpointError {
    /// A name that stays the same across versions.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Note(error) => error.code(),
            Self::Lines => "checkpoint_lines",
            Self::Origin => "checkpoint_origin",
            Self::Size => "checkpoint_size",
            Self::Root => "checkpoint_root",
            Self::EmptyRoot => "checkpoint_empty_root",
            Self::ExtensionLine => "checkpoint_extension_line",
            Self::OtherOrigin => "checkpoint_other_origin",
            Self::Inconsistent(error) => error.code(),
        }
    }
}

impl ReceiptError {
    /// A name that stays the same across versions.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "receipt_too_long",
            Self::NotText => "receipt_not_text",
            Self::ControlCharacter => "receipt_control_character",
            Self::FirstLine => "receipt_first_line",
            Self::ExtraLine => "receipt_extra_line",
            Self::ExtraEncoding => "receipt_extra_encoding",
            Self::IndexLine => "receipt_index_line",
            Self::ProofLine => "receipt_proof_line",
            Self::TooManyProofLines => "receipt_too_many_proof_lines",
            Self::CheckpointMissing => "receipt_checkpoint_missing",
            Self::Header(error) => error.code(),
            Self::OtherIndex => "receipt_other_index",
            Self::OtherLog => "receipt_other_log",
            Self::Checkpoint(error) => error.code(),
            Self::Inclusion(error) => error.code(),
        }
    }
}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "the note is longer than {RECEIPT_BYTES_MAX} bytes"),
            Self::NotText => f.write_str("the note is not UTF-8 text"),
            Self::ControlCharacter => f.write_str("the note has a control character in it"),
            Self::NoSignatures => {
                f.write_str("the note has no signatures after an empty line at its end")
            }
            Self::SignatureLine => {
                f.write_str("a signature line is not a dash, a key name and base64")
            }
            Self::TooManySignatures => {
                write!(f, "the note has more than {SIGNATURES_MAX} signatures")
            }
            Self::KeyName => write!(
                f,
                "a key name is empty, longer than {KEY_NAME_BYTES_MAX} bytes, or has a space, \
                 a plus or a control character in it"
            ),
            Self::Text => f.write_str("the text of a note must end in a newline"),
            Self::VerifierKey => {
                f.write_str("the verifier key is not name+id+base64 of an Ed25519 public key")
            }
            Self::VerifierKeyId => {
                f.write_str("the verifier key's id does not belong to its name and key")
            }
            Self::UnknownKey => f.write_str(
                "no signature is by the given key (a log that was restored has another one; what \
                 was signed before verifies with its log.vkey.old)",
            ),
            Self::WrongSignature => {
                f.write_str("the signature is not the given key's over this text")
            }
        }
    }
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Note(error) => error.fmt(f),
            Self::Lines => {
                f.write_str("the checkpoint is not at least three lines of origin, size and root")
            }
            Self::Origin => f.write_str("the checkpoint's origin is empty"),
            Self::Size => f.write_str("the checkpoint's size is not a plain decimal number"),
            Self::Root => f.write_str("the checkpoint's root is not 32 bytes in base64"),
            Self::EmptyRoot => {
                f.write_str("the checkpoint is over no leaves but has a root of some")
            }
            Self::ExtensionLine => f.write_str("the checkpoint has an empty line after its root"),
            Self::OtherOrigin => {
                f.write_str("the checkpoint's origin is not the name of the given key")
            }
            Self::Inconsistent(error) => {
                write!(
                    f,
                    "the later checkpoint does not continue the earlier one: {error}"
                )
            }
        }
    }
}

impl fmt::Display for ReceiptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "the receipt is longer than {RECEIPT_BYTES_MAX} bytes"),
            Self::NotText => f.write_str("the receipt is not UTF-8 text"),
            Self::ControlCharacter => {
                f.write_str("the receipt has a control character or Windows line ends in it")
            }
            Self::FirstLine => {
                f.write_str("the receipt does not begin with the line c2sp.org/tlog-proof@v1")
            }
            Self::ExtraLine => f.write_str("the receipt's second line is not the event header"),
            Self::ExtraEncoding => f.write_str("the event header in the receipt is not base64"),
            Self::IndexLine => {
                f.write_str("the receipt has no index line with a plain decimal number")
            }
            Self::ProofLine => {
                f.write_str("a line of the inclusion proof is not 32 bytes in base64")
            }
            Self::TooManyProofLines => {
                write!(
                    f,
                    "the inclusion proof has more than {PROOF_HASHES_MAX} hashes"
                )
            }
            Self::CheckpointMissing => {
                f.write_str("the receipt has no checkpoint after an empty line")
            }
            Self::Header(error) => error.fmt(f),
            Self::OtherIndex => {
                f.write_str("the event header belongs to another leaf than the proof")
            }
            Self::OtherLog => f.write_str("the receipt is of another ledger"),
            Self::Checkpoint(error) => error.fmt(f),
            Self::Inclusion(error) => error.fmt(f),
        }
    }
}

impl From<NoteError> for CheckpointError {
    fn from(error: NoteError) -> Self {
        Self::Note(error)
    }
}

impl From<HeaderError> for ReceiptError {
    fn from(error: HeaderError) -> Self {
        Self::Header(error)
    }
}

impl From<CheckpointError> for ReceiptError {
    fn from(error: CheckpointError) -> Self {
        Self::Checkpoint(error)
    }
}

impl From<ProofError> for ReceiptError {
    fn from(error: ProofError) -> Self {
        Self::Inclusion(error)
    }
}

impl std::error::Error for NoteError {}
impl std::error::Error for CheckpointError {}
impl std::error::Error for ReceiptError {}
