//! Receipts: C2SP tlog-proof files that hold everything a stranger needs but the log's public key.
//!
//! `extra` carries the event header, so that the leaf can be computed. It is not trusted: if it is
//! not the leaf's, the proof does not lead to the signed root.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::checkpoint::{decode_hash, encode_hash, parse_decimal};
use super::errors::ReceiptError;
use super::note::has_control;
use crate::limits::{PROOF_HASHES_MAX, RECEIPT_BYTES_MAX};
use crate::merkle::Hash;

/// The first line (tlog-proof, Format).
const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// A receipt in parts, none of them checked against the others yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The event header's bytes.
    pub extra: Vec<u8>,
    /// Which leaf.
    pub index: u64,
    /// From the leaf's sibling up to the root's child.
    pub proof: Vec<Hash>,
    /// The signed checkpoint, word for word.
    pub checkpoint_note: String,
}

impl Receipt {
    /// Reads a receipt; what follows the empty line is the checkpoint, whatever it is.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReceiptError> {
        if bytes.len() > RECEIPT_BYTES_MAX {
            return Err(ReceiptError::TooLong);
        }
        let text = str::from_utf8(bytes).map_err(|_| ReceiptError::NotText)?;
        if has_control(text) {
            return Err(ReceiptError::ControlCharacter);
        }
        let mut rest = text;
        if next_line(&mut rest) != Some(FIRST_LINE) {
            return Err(ReceiptError::FirstLine);
        }
        let extra = next_line(&mut rest)
            .and_then(|line| line.strip_prefix("extra "))
            .ok_or(ReceiptError::ExtraLine)?;
        let extra = STANDARD
            .decode(extra)
            .map_err(|_| ReceiptError::ExtraEncoding)?;
        let index = next_line(&mut rest)
            .and_then(|line| line.strip_prefix("index "))
            .and_then(parse_decimal)
            .ok_or(ReceiptError::IndexLine)?;
        let mut proof = Vec::new();
        loop {
            let line = next_line(&mut rest).ok_or(ReceiptError::CheckpointMissing)?;
            if line.is_empty() {
                break;
            }
            if proof.len() == PROOF_HASHES_MAX {
                return Err(ReceiptError::TooManyProofLines);
            }
            proof.push(decode_hash(line).ok_or(ReceiptError::ProofLine)?);
        }
        if rest.is_empty() {
            return Err(ReceiptError::CheckpointMissing);
        }
        Ok(Self {
            extra,
            index,
            proof,
            checkpoint_note: rest.to_owned(),
        })
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        writeln!(f, "extra {}", STANDARD.encode(&self.extra))?;
        writeln!(f, "index {}", self.index)?;
        self.proof
            .iter()
            .try_for_each(|hash| writeln!(f, "{}", encode_hash(hash)))?;
        write!(f, "\n{}", self.checkpoint_note)
    }
}

/// Takes one whole line, without its newline; `None` if no newline is left.
fn next_line<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let (line, after) = rest.split_once('\n')?;
    *rest = after;
    Some(line)
}
