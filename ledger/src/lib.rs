//! The truth: vocabulary, authorisation, decisions, sealing, keys, log, Merkle tree, proofs, erasure.
//!
//! Synchronous: no tokio, no tonic. Only `log/store.rs` names sled, only `keys/` touches key bytes.

pub mod clock;
pub mod error;
pub mod keys;
pub mod limits;
pub mod seal;
