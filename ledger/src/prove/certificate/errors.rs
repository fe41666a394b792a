//! Why a certificate of erasure is not accepted: one code and one sentence for each cause.

use std::fmt;

use super::super::errors::{NoteError, ReceiptError};
use crate::limits::{CERTIFICATE_RECEIPTS_MAX, RECEIPT_BYTES_MAX};

/// Why a certificate is not accepted (SPEC §9.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateError {
    /// More bytes than a verifier reads.
    TooLong,
    /// Not UTF-8.
    NotText,
    /// A control character other than the newline.
    ControlCharacter,
    /// The file begins otherwise.
    FirstLine,
    /// A part's line is missing or counts lines that are not there.
    Part,
    /// More receipts than a certificate has.
    TooManyReceipts,
    /// The signed text, or its signature.
    Note(NoteError),
    /// The text begins otherwise.
    TextFirstLine,
    /// A line of the text is missing, doubled or not as it should be.
    Line,
    /// It is another log's than the key's.
    OtherLog,
    /// The events of a destruction are not all named, or one of them twice.
    Events,
    /// It was made, or its events stand, before the destruction it tells of.
    BeforeDestruction,
    /// No receipt of the event that holds the certificate's digest.
    NotRecorded,
    /// An event is named and its receipt is not there.
    ReceiptMissing,
    /// A receipt is doubled, or of an event that the text does not name.
    ReceiptUnasked,
    /// The event holds another text's digest.
    OtherDigest,
    /// A receipt.
    Receipt(ReceiptError),
}

impl CertificateError {
    /// A name that stays the same across versions.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "certificate_too_long",
            Self::NotText => "certificate_not_text",
            Self::ControlCharacter => "certificate_control_character",
            Self::FirstLine => "certificate_first_line",
            Self::Part => "certificate_part",
            Self::TooManyReceipts => "certificate_too_many_receipts",
            Self::Note(error) => error.code(),
            Self::TextFirstLine => "certificate_text_first_line",
            Self::Line => "certificate_line",
            Self::OtherLog => "certificate_other_log",
            Self::Events => "certificate_events",
            Self::BeforeDestruction => "certificate_before_destruction",
            Self::NotRecorded => "certificate_not_recorded",
            Self::ReceiptMissing => "certificate_receipt_missing",
            Self::ReceiptUnasked => "certificate_receipt_unasked",
            Self::OtherDigest => "certificate_other_digest",
            Self::Receipt(error) => error.code(),
        }
    }
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(
                f,
                "the certificate is longer than {RECEIPT_BYTES_MAX} bytes"
            ),
            Self::NotText => f.write_str("the certificate is not UTF-8 text"),
            Self::ControlCharacter => {
                f.write_str("the certificate has a control character or Windows line ends in it")
            }
            Self::FirstLine => f.write_str("the file does not begin as a certificate of erasure"),
            Self::Part => f.write_str("a part of the file is missing or cut short"),
            Self::TooManyReceipts => {
                write!(
                    f,
                    "the file has more than {CERTIFICATE_RECEIPTS_MAX} receipts"
                )
            }
            Self::Note(error) => error.fmt(f),
            Self::TextFirstLine => f.write_str("the signed text is no certificate of erasure"),
            Self::Line => f.write_str("a line of the certificate is missing, doubled or malformed"),
            Self::OtherLog => f.write_str("the certificate is another log's than the given key's"),
            Self::Events => {
                f.write_str("the certificate does not name each event of a destruction once")
            }
            Self::BeforeDestruction => {
                f.write_str("the certificate stands before the destruction it tells of")
            }
            Self::NotRecorded => {
                f.write_str("no receipt shows that the log holds this certificate's digest")
            }
            Self::ReceiptMissing => {
                f.write_str("an event that the certificate names has no receipt in the file")
            }
            Self::ReceiptUnasked => {
                f.write_str("the file has a receipt twice, or one that the text does not name")
            }
            Self::OtherDigest => f.write_str("the log holds the digest of another text"),
            Self::Receipt(error) => error.fmt(f),
        }
    }
}

impl From<NoteError> for CertificateError {
    fn from(error: NoteError) -> Self {
        Self::Note(error)
    }
}

impl From<ReceiptError> for CertificateError {
    fn from(error: ReceiptError) -> Self {
        Self::Receipt(error)
    }
}

impl std::error::Error for CertificateError {}
