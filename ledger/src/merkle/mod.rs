//! The RFC 6962 tree over event headers: hashes, right edge, proofs, tiles.
//!
//! - Pure but for `tile_files.rs`, which is the only file here that touches a disk.
//! - Everything on that disk can be computed again from the leaves, so its loss is a delay, never a
//!   loss.

pub mod frontier;
pub mod hash;
pub mod proof;
pub mod tiles;
pub mod tree;

mod rebuild;
mod tile_files;
mod tile_nodes;

pub use frontier::Frontier;
pub use hash::{Hash, empty_root, leaf_hash, node_hash};
pub use proof::{
    NodeReader, ProofError, consistency_proof, inclusion_proof, root_at, verify_consistency,
    verify_inclusion,
};
pub use tile_files::TileBatch;
pub use tiles::TileId;
pub use tree::{LeafAt, Tree};

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tree_tests;
