//! The file of a certificate: a note and receipts, each behind a line that says how many lines it
//! has.

use std::fmt;

use super::super::checkpoint::parse_decimal;
use super::super::note::has_control;
use super::errors::CertificateError;
use crate::limits::{CERTIFICATE_RECEIPTS_MAX, RECEIPT_BYTES_MAX};

/// The first line of a certificate's file.
pub const CERTIFICATE_FILE_FIRST_LINE: &str = "referral-ledger/erasure-certificate-file@v1";

/// A certificate's file in parts, none of them checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFile {
    /// The signed text, word for word.
    pub note: String,
    /// Receipts of the events that the text names in its order, and of its own event last.
    pub receipts: Vec<String>,
}

impl CertificateFile {
    /// Reads a file, of exactly these bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, CertificateError> {
        if bytes.len() > RECEIPT_BYTES_MAX {
            return Err(CertificateError::TooLong);
        }
        let text = str::from_utf8(bytes).map_err(|_| CertificateError::NotText)?;
        if has_control(text) {
            return Err(CertificateError::ControlCharacter);
        }
        let (first, mut rest) = text.split_once('\n').unwrap_or((text, ""));
        if first != CERTIFICATE_FILE_FIRST_LINE {
            return Err(CertificateError::FirstLine);
        }
        let note = part(&mut rest, "note ")?;
        let mut receipts = Vec::new();
        while !rest.is_empty() {
            if receipts.len() == CERTIFICATE_RECEIPTS_MAX {
                return Err(CertificateError::TooManyReceipts);
            }
            receipts.push(part(&mut rest, "receipt ")?);
        }
        Ok(Self { note, receipts })
    }
}

/// Takes one part: its line, and as many lines as that says.
fn part(rest: &mut &str, name: &str) -> Result<String, CertificateError> {
    let (line, after) = rest.split_once('\n').ok_or(CertificateError::Part)?;
    let count = line.strip_prefix(name).and_then(parse_decimal);
    let count = count
        .and_then(|count| usize::try_from(count).ok())
        .filter(|count| *count > 0)
        .ok_or(CertificateError::Part)?;
    let mut ends = after.match_indices('\n').map(|(place, _)| place + 1);
    let end = ends.nth(count - 1).ok_or(CertificateError::Part)?;
    let (part, left) = after.split_at(end);
    *rest = left;
    Ok(part.to_owned())
}

impl fmt::Display for CertificateFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{CERTIFICATE_FILE_FIRST_LINE}")?;
        write!(f, "note {}\n{}", self.note.lines().count(), self.note)?;
        self.receipts
            .iter()
            .try_for_each(|one| write!(f, "receipt {}\n{one}", one.lines().count()))
    }
}
