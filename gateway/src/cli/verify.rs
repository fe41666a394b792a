//! `verify`: checks receipts and certificates of erasure offline, with nothing but the log's public
//! key (SPEC §9).

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use ledger::limits::RECEIPT_BYTES_MAX;
use ledger::prove::certificate::CERTIFICATE_FILE_FIRST_LINE;
use ledger::prove::{CertificateError, VerifierKey, verify_certificate, verify_receipt};
use serde_json::{Value, json};

use super::failure::Failure;
use super::output::Output;
use super::people::certificate::keep_page;

/// Flags of `verify`.
#[derive(Args)]
pub(crate) struct Verify {
    /// Receipts (*.tlog-proof) and certificates of erasure; - reads one from stdin
    #[arg(required = true, value_name = "RECEIPT")]
    receipts: Vec<PathBuf>,
    /// The log's public key: the key itself (name+id+base64) or a file that holds it
    #[arg(long, value_name = "VKEY|FILE")]
    key: String,
    /// Write a certificate that holds as a page that a person can read and print
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl Verify {
    /// Checks each receipt and prints what it proves, or why it proves nothing.
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        let key = key_of(&self.key)?;
        let mut rows = Vec::new();
        let mut all_well = true;
        for receipt in &self.receipts {
            let (valid, row) = self.check(receipt, &key)?;
            all_well &= valid;
            rows.push(row);
        }
        output.show(&Value::Array(rows))?;
        if all_well {
            Ok(())
        } else {
            Err(Failure::Findings)
        }
    }

    fn check(&self, path: &Path, key: &VerifierKey) -> Result<(bool, Value), Failure> {
        let bytes = read(path)
            .map_err(|error| Failure::Usage(format!("cannot read {}: {error}", path.display())))?;
        let name = path.display().to_string();
        if !bytes.starts_with(CERTIFICATE_FILE_FIRST_LINE.as_bytes()) {
            return Ok(checked_receipt(name, &bytes, key));
        }
        let certificate = match verify_certificate(&bytes, key) {
            Ok(certificate) => certificate,
            Err(error) => return Ok((false, refused(&name, &error))),
        };
        if let Some(page) = &self.html {
            keep_page(page, &certificate)?;
        }
        let text = certificate.parsed();
        let row = json!({
            "certificate": name,
            "valid": true,
            "position": certificate.position(),
            "stream": text.all("stream").next().map(|words| words.join(" ")),
            "rotation": text.word("rotation"),
            "issue": text.word("issue"),
            "lost": text.word("lost"),
            "origin": text.log,
        });
        Ok((true, row))
    }
}

/// A public key: the key itself, or a file that holds it.
pub(crate) fn key_of(given: &str) -> Result<VerifierKey, Failure> {
    let wrong = |what: String| Failure::Usage(format!("--key: {what}"));
    // A key has pluses in it and is long; a file that is there wins all the same.
    let text = match fs::read_to_string(given) {
        Ok(text) => text,
        Err(_) if given.contains('+') => given.to_owned(),
        Err(error) => return Err(wrong(format!("{given}: {error}"))),
    };
    let parsed = text.trim().parse();
    parsed.map_err(|error: ledger::prove::NoteError| wrong(error.to_string()))
}

fn checked_receipt(name: String, bytes: &[u8], key: &VerifierKey) -> (bool, Value) {
    match verify_receipt(bytes, key) {
        Ok(proved) => {
            let row = json!({
                "receipt": name,
                "valid": true,
                "position": proved.index(),
                "size": proved.size(),
                "origin": proved.origin(),
            });
            (true, row)
        }
        Err(error) => {
            let row = json!({
                "receipt": name,
                "valid": false,
                "code": error.code(),
                "wrong": error.to_string(),
            });
            (false, row)
        }
    }
}

fn refused(name: &str, error: &CertificateError) -> Value {
    json!({
        "certificate": name,
        "valid": false,
        "code": error.code(),
        "wrong": error.to_string(),
    })
}

/// At most one byte more than a verifier takes, so that a huge file is refused, not read.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let most = u64::try_from(RECEIPT_BYTES_MAX).unwrap_or(u64::MAX);
    let most = most.saturating_add(1);
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes)?;
    } else {
        fs::File::open(path)?.take(most).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}
