//! A log small enough to hold in a test: fixed seed, five events, receipts for each.

use ed25519_dalek::{Signer as _, SigningKey};

use super::{Checkpoint, NoteSigner, Receipt, VerifierKey, key_id};
use crate::error::Fault;
use crate::header::EventHeader;
use crate::merkle::{
    Frontier, Hash, NodeReader, consistency_proof, inclusion_proof, leaf_hash, node_hash,
};

pub(super) const ORIGIN: &str = "ledger.example/referrals";
pub(super) const LOG_ID: [u8; 32] = [0x4c; 32];
pub(super) const SEED: [u8; 32] = [0x5e; 32];

/// A key held in the open, as only tests do.
pub(super) struct TestSigner {
    name: String,
    key: SigningKey,
    /// Where set, said instead of the id that belongs to the key.
    pub(super) false_id: Option<[u8; 4]>,
}

impl TestSigner {
    pub(super) fn new(name: &str, seed: [u8; 32]) -> Self {
        Self {
            name: name.to_owned(),
            key: SigningKey::from_bytes(&seed),
            false_id: None,
        }
    }

    pub(super) fn verifier(&self) -> VerifierKey {
        VerifierKey::new(&self.name, self.key.verifying_key().as_bytes()).unwrap()
    }
}

impl NoteSigner for TestSigner {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> [u8; 4] {
        let own = key_id(&self.name, self.key.verifying_key().as_bytes());
        self.false_id.unwrap_or(own)
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

/// Event headers as leaves.
pub(super) struct TestLog {
    pub(super) headers: Vec<Vec<u8>>,
}

impl TestLog {
    pub(super) fn new(size: u64) -> Self {
        let headers = (0..size).map(|index| header(LOG_ID, index)).collect();
        Self { headers }
    }

    pub(super) fn size(&self) -> u64 {
        u64::try_from(self.headers.len()).unwrap()
    }

    pub(super) fn root(&self) -> Hash {
        let mut frontier = Frontier::empty();
        self.headers
            .iter()
            .for_each(|h| frontier.push(leaf_hash(h)));
        frontier.root()
    }

    pub(super) fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            origin: ORIGIN.to_owned(),
            size: self.size(),
            root: self.root(),
        }
    }

    pub(super) fn receipt(&self, index: u64) -> Receipt {
        let note = self.checkpoint().sign(&[&log_signer()]).unwrap();
        Receipt {
            extra: self.headers[usize::try_from(index).unwrap()].clone(),
            index,
            proof: inclusion_proof(self, index, self.size()).unwrap(),
            checkpoint_note: note,
        }
    }

    pub(super) fn consistency(&self, old_size: u64) -> Vec<Hash> {
        consistency_proof(self, old_size, self.size()).unwrap()
    }
}

impl NodeReader for TestLog {
    fn node(&self, level: u8, index: u64) -> Result<Hash, Fault> {
        if level == 0 {
            return Ok(leaf_hash(&self.headers[usize::try_from(index).unwrap()]));
        }
        let left = self.node(level - 1, index * 2)?;
        Ok(node_hash(&left, &self.node(level - 1, index * 2 + 1)?))
    }
}

/// The header of event `index`, with one segment for each even event and two for each odd one.
pub(super) fn header(log_id: [u8; 32], index: u64) -> Vec<u8> {
    let digest = leaf_hash(&index.to_be_bytes()).0;
    let segments = if index.is_multiple_of(2) { 1 } else { 2 };
    let header = EventHeader {
        log_id,
        leaf_index: index,
        segment_digests: vec![digest; segments],
    };
    header.to_bytes().unwrap()
}

pub(super) fn log_signer() -> TestSigner {
    TestSigner::new(ORIGIN, SEED)
}

pub(super) fn log_key() -> VerifierKey {
    log_signer().verifier()
}
