//! `protection certificate`: certificates of erasure, listed, kept as files, shown as pages.
//!
//! - What is written was verified first, here, with the log's public key.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use ledger::prove::{
    CertificateError, NoteError, VerifiedCertificate, VerifierKey, verify_certificate,
};
use ledger::refusal::{Refusal, Refused};
use serde::Serialize;
use serde_json::{Value, json};

use super::shared::uuid;
use crate::cli::call::{Call, Meta};
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::private;
use crate::page::certificate::page;

/// Flags of `protection certificate`.
#[derive(Args, Serialize)]
pub(crate) struct Certificate {
    /// Of which case; without one those of records of cases that were closed, and of names of
    /// former staff
    #[arg(value_parser = uuid)]
    case_id: Option<String>,
    /// Only of this rotation; needed for --out and --html if the case has several
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    rotation_id: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    files: Files,
}

/// Where a certificate is written to.
#[derive(Args, Clone, Default)]
pub(crate) struct Files {
    /// Write the newest certificate to this file, for `verify`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write it as a page that a person can read and print
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// Flags of `protection certify`.
#[derive(Args, Serialize)]
pub(crate) struct Certify {
    /// Of which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Which rotation destroyed the keys
    #[arg(value_parser = uuid)]
    rotation_id: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

impl Certificate {
    /// The question that this asks, and what becomes of the answer.
    pub(crate) fn ask(&self) -> Result<(Call, Files), Failure> {
        Ok((Call::question(CERTIFICATES, self)?, self.files.clone()))
    }
}

impl Certify {
    /// The call that this asks for.
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        Call::command(ISSUE, self, &self.meta)
    }
}

impl Files {
    /// Refuses names that something has already, before anything is asked.
    pub(crate) fn are_new(&self) -> Result<(), Failure> {
        let paths = [&self.out, &self.html];
        paths
            .into_iter()
            .flatten()
            .try_for_each(|path| private::new_name(path))
    }

    /// Lists the certificates of an answer, or writes the newest where it was asked to.
    pub(crate) fn take(&self, answer: &Value, output: Output) -> Result<(), Failure> {
        let none = Vec::new();
        let found = answer.get("certificates").and_then(Value::as_array);
        let found = found.unwrap_or(&none);
        if found.is_empty() {
            let what = Refused::about(Refusal::NotFound, "certificate");
            return Err(Failure::Refused {
                wrong: NO_CERTIFICATE.to_owned(),
                remedy: NO_CERTIFICATE_YET.to_owned(),
                code: what.refusal.code().to_owned(),
                about: what.about,
                flag: None,
            });
        }
        if self.out.is_none() && self.html.is_none() {
            return output.show(&list(found, output));
        }
        let rotations = found.iter().map(|one| one.get("rotation_id"));
        if rotations.collect::<std::collections::HashSet<_>>().len() > 1 {
            let several = "the case has several erasures; name one with --rotation-id";
            return Err(Failure::Usage(several.to_owned()));
        }
        let file = found.last().and_then(|newest| newest.get("file")?.as_str());
        let file = file.ok_or_else(|| Failure::Broken("the certificate is empty".to_owned()))?;
        let key = answer
            .get("vkey")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let key: VerifierKey = key.parse().map_err(|error: NoteError| doubtful(&error))?;
        let certificate = verify_certificate(file.as_bytes(), &key).map_err(|error| {
            let former = CertificateError::Note(NoteError::UnknownKey);
            if error == former {
                of_before()
            } else {
                doubtful(&error)
            }
        })?;
        if let Some(path) = &self.out {
            keep(path, file)?;
        }
        if let Some(path) = &self.html {
            keep_page(path, &certificate)?;
        }
        output.show(&json!({ "position": certificate.position(), "valid": true }))
    }
}

/// Writes the page of a verified certificate.
pub(crate) fn keep_page(path: &Path, certificate: &VerifiedCertificate) -> Result<(), Failure> {
    let made = page(certificate);
    let made = made.map_err(|error| Failure::Broken(format!("no page could be made: {error}")))?;
    keep(path, &made)
}

fn list(found: &[Value], output: Output) -> Value {
    let brief = |one: &Value| {
        let mut one = one.clone();
        if let (false, Some(fields)) = (output.json, one.as_object_mut()) {
            fields.remove("file");
        }
        one
    };
    Value::Array(found.iter().map(brief).collect())
}

fn keep(path: &Path, text: &str) -> Result<(), Failure> {
    private::new_name(path)?;
    private::file(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| Failure::Broken(format!("cannot write {}: {error}", path.display())))
}

/// The log has another name since it was restored, and signed this one under the former.
fn of_before() -> Failure {
    let what = Refused::about(Refusal::NotFound, "certificate");
    Failure::Refused {
        wrong: OF_BEFORE.to_owned(),
        remedy: ISSUE_AGAIN.to_owned(),
        code: what.refusal.code().to_owned(),
        about: what.about,
        flag: None,
    }
}

fn doubtful(error: &dyn std::fmt::Display) -> Failure {
    Failure::Broken(format!("the server's certificate does not hold: {error}"))
}

/// What is said where nothing was destroyed.
const NO_CERTIFICATE: &str = "There is no certificate: no key was destroyed here.";
const NO_CERTIFICATE_YET: &str = "If something was withdrawn, `protection status CASE` says when \
                                  it is destroyed, or that its keys wait for a mirror \
                                  (`keys_pending_copy`); the certificate is issued right after.";
const OF_BEFORE: &str = "The newest certificate was issued before this ledger was restored.";
const ISSUE_AGAIN: &str = "Issue it under the ledger's present key: `protection certify CASE \
                           ROTATION` (`protection certificate CASE` names the rotation).";
const CERTIFICATES: &str = "referral.protection.v1.DataProtectionService/GetCertificates";
const ISSUE: &str = "referral.protection.v1.DataProtectionService/IssueCertificate";
