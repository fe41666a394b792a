//! Checking a certificate offline, with nothing but the log's public key.

use std::collections::BTreeMap;

use super::super::note::Note;
use super::super::verifier_key::VerifierKey;
use super::super::verify::{Verified, verify_receipt};
use super::errors::CertificateError;
use super::file::CertificateFile;
use super::text::{CertificateText, Moment};
use crate::clear::certificate_segment;
use crate::header::segment_digest;

/// What a certificate proves. Made by `verify_certificate` only.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct VerifiedCertificate {
    text: String,
    parsed: CertificateText,
    position: u64,
}

impl VerifiedCertificate {
    /// The signed text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same, taken apart.
    pub fn parsed(&self) -> &CertificateText {
        &self.parsed
    }

    /// Where the event with its digest stands in the log.
    pub fn position(&self) -> u64 {
        self.position
    }
}

/// Checks a certificate's file: its form; the signature of the text; that it is this log's; that
/// its events are in order and none of destruction is missing; each receipt; that the last receipt
/// is of an event behind all of these that holds the text's digest.
pub fn verify_certificate(
    bytes: &[u8],
    key: &VerifierKey,
) -> Result<VerifiedCertificate, CertificateError> {
    let file = CertificateFile::parse(bytes)?;
    let text = Note::parse(file.note.as_bytes())?.verify(key)?.to_owned();
    let parsed = CertificateText::parse(&text)?;
    if parsed.log != key.name() {
        return Err(CertificateError::OtherLog);
    }
    let completed = in_order(&parsed)?;
    let (own, others) = file
        .receipts
        .split_last()
        .ok_or(CertificateError::NotRecorded)?;
    let mut proved = BTreeMap::new();
    for receipt in others {
        let receipt = of_log(receipt, &parsed, key)?;
        proved.insert(receipt.index(), ());
    }
    let own = of_log(own, &parsed, key)?;
    if proved.contains_key(&own.index()) || named(&parsed, own.index()) {
        return Err(CertificateError::NotRecorded);
    }
    if !parsed
        .events
        .iter()
        .all(|event| proved.contains_key(&event.position))
    {
        return Err(CertificateError::ReceiptMissing);
    }
    if proved.len() != others.len() || proved.keys().any(|index| !named(&parsed, *index)) {
        return Err(CertificateError::ReceiptUnasked);
    }
    if own.index() < completed {
        return Err(CertificateError::BeforeDestruction);
    }
    let digest = segment_digest(&certificate_segment(&text));
    if own.segment_digests().last() != Some(&digest) {
        return Err(CertificateError::OtherDigest);
    }
    Ok(VerifiedCertificate {
        text,
        parsed,
        position: own.index(),
    })
}

fn of_log(
    receipt: &str,
    text: &CertificateText,
    key: &VerifierKey,
) -> Result<Verified, CertificateError> {
    let verified = verify_receipt(receipt.as_bytes(), key)?;
    Ok(verified.of_log(&text.log_id)?)
}

fn named(text: &CertificateText, position: u64) -> bool {
    text.events.iter().any(|event| event.position == position)
}

/// I5: fenced and ordered first, then the intent, then the destruction, then its recording. Answers
/// where that stands.
fn in_order(text: &CertificateText) -> Result<u64, CertificateError> {
    let intent = only(text, "intent")?;
    let completed = only(text, "completed")?;
    let asked = |event: &&Moment| matches!(event.role.as_str(), "fenced" | "ordered");
    let mut asked = text.events.iter().filter(asked).peekable();
    if asked.peek().is_none() {
        return Err(CertificateError::Events);
    }
    if asked.any(|event| event.position >= intent.position) || intent.position >= completed.position
    {
        return Err(CertificateError::BeforeDestruction);
    }
    // Times come from one clock, which may be set back; positions decide, but a destruction that
    // is timed before its intent or after its recording is no record of that destruction.
    let within = |at: i128| (intent.at..=completed.at).contains(&at);
    if text.destroyed.is_some_and(|at| !within(at)) {
        return Err(CertificateError::BeforeDestruction);
    }
    Ok(completed.position)
}

fn only<'a>(text: &'a CertificateText, role: &str) -> Result<&'a Moment, CertificateError> {
    let mut of_role = text.events.iter().filter(|event| event.role == role);
    match (of_role.next(), of_role.next()) {
        (Some(event), None) => Ok(event),
        (Some(_) | None, _) => Err(CertificateError::Events),
    }
}
