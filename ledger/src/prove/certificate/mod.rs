//! Certificates of erasure: a signed text and the receipts that tie it to the log (SPEC §9.6).
//!
//! - What the text says is the log's word. The receipts show that the events it names, and the
//!   event that holds its digest, stand in the log in that order.
//! - One spelling: parts in one order, counted lines, nothing left over.

mod errors;
mod file;
mod text;
mod verify;

pub use errors::CertificateError;
pub use file::{CERTIFICATE_FILE_FIRST_LINE, CertificateFile};
pub use text::{CERTIFICATE_FIRST_LINE, CertificateText, Line, Moment};
pub use verify::{VerifiedCertificate, verify_certificate};

#[cfg(test)]
mod golden_tests;
