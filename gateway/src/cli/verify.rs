//! `verify`: checks receipts offline, with nothing but the log's public key (SPEC §9).

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use ledger::limits::RECEIPT_BYTES_MAX;
use ledger::prove::{VerifierKey, verify_receipt};
use serde_json::{Value, json};

use super::failure::Failure;
use super::output::Output;

/// Flags of `verify`.
#[derive(Args)]
pub(crate) struct Verify {
    /// Receipts (*.tlog-proof); - reads one from stdin
    #[arg(required = true, value_name = "RECEIPT")]
    receipts: Vec<PathBuf>,
    /// The log's public key: the key itself (name+id+base64) or a file that holds it
    #[arg(long, value_name = "VKEY|FILE")]
    key: String,
}

impl Verify {
    /// Checks each receipt and prints what it proves, or why it proves nothing.
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        let key = self.key()?;
        let mut rows = Vec::new();
        let mut all_well = true;
        for receipt in &self.receipts {
            let (valid, row) = check(receipt, &key)?;
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

    fn key(&self) -> Result<VerifierKey, Failure> {
        let wrong = |what: String| Failure::Usage(format!("--key: {what}"));
        // A key has pluses in it and is long; a file that is there wins all the same.
        let text = match fs::read_to_string(&self.key) {
            Ok(text) => text,
            Err(_) if self.key.contains('+') => self.key.clone(),
            Err(error) => return Err(wrong(format!("{}: {error}", self.key))),
        };
        let parsed = text.trim().parse();
        parsed.map_err(|error: ledger::prove::NoteError| wrong(error.to_string()))
    }
}

fn check(path: &Path, key: &VerifierKey) -> Result<(bool, Value), Failure> {
    let bytes = read(path)
        .map_err(|error| Failure::Usage(format!("cannot read {}: {error}", path.display())))?;
    let name = path.display().to_string();
    Ok(match verify_receipt(&bytes, key) {
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
