//! Readings of proofs: checkpoints, inclusion, consistency, receipts, sealed entries, the policy.

use ledger::authorise::Reading;
use ledger::log::StoredEvent;
use ledger::merkle::Hash;
use ledger::organisation::Organisation;
use ledger::refusal::{Refusal, Refused};

use super::{Outcome, Reader};

/// The newest signed checkpoint and what verifies it.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// A C2SP signed note.
    pub note: String,
    /// The log's verifier key.
    pub vkey: String,
    /// How many events the log holds, at least as many as the note says.
    pub size: u64,
}

impl Reader<'_> {
    /// The newest checkpoint.
    pub fn checkpoint(&self) -> Outcome<Checkpoint> {
        self.may(Reading::AuditProofs, None)?;
        let status = self.ledger.status();
        Ok(Checkpoint {
            note: status.checkpoint,
            vkey: self.ledger.vkey(),
            size: status.size,
        })
    }

    /// The RFC 6962 path of an event in the tree of a size, and that size.
    pub fn inclusion(&self, position: u64, size: Option<u64>) -> Outcome<(u64, Vec<Hash>)> {
        self.may(Reading::AuditProofs, None)?;
        let size = self.size_asked(size, "tree_size")?;
        if position >= size {
            return Err(Refused::about(Refusal::NotFound, "position").into());
        }
        Ok((size, self.ledger.inclusion_proof(position, size)?))
    }

    /// The RFC 6962 proof that a later tree holds an earlier one, and the later size.
    pub fn consistency(&self, old: u64, new: Option<u64>) -> Outcome<(u64, Vec<Hash>)> {
        self.may(Reading::AuditProofs, None)?;
        let new = self.size_asked(new, "new_size")?;
        if old > new {
            return Err(Refused::about(Refusal::Malformed, "old_size").into());
        }
        Ok((new, self.ledger.consistency_proof(old, new)?))
    }

    /// The receipt of an event at the newest checkpoint.
    pub fn receipt(&self, position: u64) -> Outcome<String> {
        self.may(Reading::AuditProofs, None)?;
        let receipt = self.ledger.receipt(position)?;
        Ok(receipt.ok_or_else(|| Refused::about(Refusal::NotFound, "position"))?)
    }

    /// An event as stored; nothing at the end of the log.
    pub fn sealed(&self, position: u64) -> Outcome<Option<StoredEvent>> {
        self.may(Reading::SealedEntries, None)?;
        if position >= self.ledger.size() {
            return Ok(None);
        }
        Ok(self.ledger.sealed(position)?)
    }

    /// The policy table in force: its digest, and the matrix that auditors read.
    pub fn policy(&self) -> Outcome<([u8; 32], String)> {
        self.may(Reading::AuditProofs, None)?;
        let policy = self.ledger.policy();
        Ok((policy.digest(), policy.matrix()))
    }

    /// The organisation's file in force.
    pub fn organisation(&self) -> Outcome<&Organisation> {
        self.may(Reading::AuditProofs, None)?;
        Ok(self.ledger.organisation())
    }

    fn size_asked(&self, asked: Option<u64>, field: &str) -> Outcome<u64> {
        let size = self.ledger.size();
        match asked {
            Some(asked) if asked > size => Err(Refused::about(Refusal::NotFound, field).into()),
            Some(asked) => Ok(asked),
            None => Ok(size),
        }
    }
}
