//! The truth: vocabulary, authorisation, decisions, sealing, keys, log, Merkle tree, proofs,
//! erasure.
//!
//! Synchronous: no tokio, no tonic. Only `log/store.rs` names sled, only `keys/` touches key bytes.

pub mod authorise;
pub mod clear;
pub mod clock;
pub mod copies;
pub mod decide;
pub mod domain;
pub mod duplicates;
pub mod error;
mod figures;
pub mod fsck;
#[cfg(any(test, fuzzing))]
pub mod fuzzed;
pub mod header;
pub mod hex;
pub mod keys;
pub mod ledger;
pub mod limits;
pub mod log;
pub mod merkle;
pub mod organisation;
pub mod packet;
pub mod prove;
pub mod refusal;
pub mod retention;
pub mod seal;
pub mod shredcheck;
pub mod written;

mod certificate;
mod erase;
#[cfg(test)]
mod golden;
mod in_force;
mod init;
pub mod interview;
mod lock;
mod named;
mod open;
mod release;
pub mod scrub;
mod shared;
mod snapshot;
mod submit;
mod unfinished;
