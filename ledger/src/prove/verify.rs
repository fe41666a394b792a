//! Checking what others hand in: a receipt alone, or one checkpoint after another.

use super::checkpoint::Checkpoint;
use super::errors::{CheckpointError, ReceiptError};
use super::receipt::Receipt;
use super::verifier_key::VerifierKey;
use crate::header::EventHeader;
use crate::merkle::{Hash, leaf_hash, verify_consistency, verify_inclusion};

/// What a receipt proves. Made by `verify_receipt` only.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Verified {
    header: EventHeader,
    checkpoint: Checkpoint,
}

/// Checks a receipt with nothing but the log's public key (tlog-proof, Verifying a tlog proof).
///
/// In this order: the file's form; the event header's form; that header and proof name the same
/// leaf; the checkpoint's signature, form and origin; that the header's leaf is in the checkpointed
/// tree.
pub fn verify_receipt(bytes: &[u8], key: &VerifierKey) -> Result<Verified, ReceiptError> {
    let receipt = Receipt::parse(bytes)?;
    let header = EventHeader::parse(&receipt.extra)?;
    if header.leaf_index != receipt.index {
        return Err(ReceiptError::OtherIndex);
    }
    let checkpoint = Checkpoint::open(receipt.checkpoint_note.as_bytes(), key)?;
    verify_inclusion(
        leaf_hash(&receipt.extra),
        receipt.index,
        checkpoint.size,
        &receipt.proof,
        checkpoint.root,
    )?;
    Ok(Verified { header, checkpoint })
}

/// Checks that both checkpoints are the log's and that the later one only added leaves. Answers
/// both.
pub fn verify_checkpoint_consistency(
    old_note: &[u8],
    new_note: &[u8],
    proof: &[Hash],
    key: &VerifierKey,
) -> Result<(Checkpoint, Checkpoint), CheckpointError> {
    let old = Checkpoint::open(old_note, key)?;
    let new = Checkpoint::open(new_note, key)?;
    verify_consistency(old.size, old.root, new.size, new.root, proof)
        .map_err(CheckpointError::Inconsistent)?;
    Ok((old, new))
}

impl Verified {
    /// Refuses a receipt of another ledger. The origin's key vouches for the log id it signed; this
    /// asks whether it is the one that the caller means, which matters after a restore, when
    /// origins change.
    pub fn of_log(self, log_id: &[u8; 32]) -> Result<Self, ReceiptError> {
        if self.header.log_id == *log_id {
            Ok(self)
        } else {
            Err(ReceiptError::OtherLog)
        }
    }

    /// Number of the event.
    pub fn index(&self) -> u64 {
        self.header.leaf_index
    }

    /// Leaves in the tree that the checkpoint covers.
    pub fn size(&self) -> u64 {
        self.checkpoint.size
    }

    /// Which ledger.
    pub fn log_id(&self) -> &[u8; 32] {
        &self.header.log_id
    }

    /// SHA-256 of each sealed segment of the event, the record part first.
    pub fn segment_digests(&self) -> &[[u8; 32]] {
        &self.header.segment_digests
    }

    /// The log's origin, which is its key's name.
    pub fn origin(&self) -> &str {
        &self.checkpoint.origin
    }

    /// The checkpointed root.
    pub fn root(&self) -> Hash {
        self.checkpoint.root
    }

    /// The checkpoint as a whole.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }
}
