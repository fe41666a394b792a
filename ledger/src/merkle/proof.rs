//! Inclusion and consistency proofs: made from the perfect subtrees, checked from nothing but
//! hashes.
//!
//! - Checking follows RFC 9162 §2.1.3.2 and §2.1.4.2, which give the algorithms for RFC 6962
//!   proofs.
//! - A proof has exactly one right length; a hash too many is refused, as is one too few.

use std::fmt;

use super::frontier::fold_peaks;
use super::hash::{Hash, empty_root, node_hash};
use crate::error::Fault;

/// Where the perfect subtrees of a tree are read.
pub trait NodeReader {
    /// The root of the `index`-th subtree of `2^level` leaves, all of which are in the tree.
    fn node(&self, level: u8, index: u64) -> Result<Hash, Fault>;
}

/// Why a proof is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProofError {
    /// The leaf's index is not below the tree's size.
    IndexBeyondSize {
        /// Index of the leaf.
        index: u64,
        /// Leaves in the tree.
        size: u64,
    },
    /// The tree said to be later has fewer leaves.
    SizeShrank {
        /// Leaves in the earlier tree.
        old_size: u64,
        /// Leaves in the later tree.
        new_size: u64,
    },
    /// The proof ends before the root is reached.
    TooShort,
    /// The proof goes on after the root is reached.
    TooLong,
    /// The hashes lead to another root than the tree's.
    WrongRoot,
    /// The hashes lead to another root than the earlier tree's: history was rewritten.
    WrongOldRoot,
}

impl ProofError {
    /// A name that stays the same across versions.
    pub fn code(&self) -> &'static str {
        match self {
            Self::IndexBeyondSize { .. } => "proof_index_beyond_size",
            Self::SizeShrank { .. } => "proof_size_shrank",
            Self::TooShort => "proof_too_short",
            Self::TooLong => "proof_too_long",
            Self::WrongRoot => "proof_wrong_root",
            Self::WrongOldRoot => "proof_wrong_old_root",
        }
    }
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IndexBeyondSize { index, size } => {
                write!(f, "leaf {index} is not in a tree of {size} leaves")
            }
            Self::SizeShrank { old_size, new_size } => write!(
                f,
                "the later tree has {new_size} leaves, fewer than the earlier one's {old_size}"
            ),
            Self::TooShort => f.write_str("the proof ends before it reaches the root"),
            Self::TooLong => f.write_str("the proof has more hashes than the tree has levels"),
            Self::WrongRoot => f.write_str("the proof does not lead to the root of the tree"),
            Self::WrongOldRoot => f.write_str(
                "the proof does not lead to the root of the earlier tree: not a part of this one",
            ),
        }
    }
}

impl std::error::Error for ProofError {}

/// Whether `leaf` is leaf number `index` of the tree of `size` leaves with this root (RFC 9162
/// §2.1.3.2).
pub fn verify_inclusion(
    leaf: Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::IndexBeyondSize { index, size });
    }
    let mut path = Path::new(index, size);
    let mut hash = leaf;
    for sibling in proof {
        hash = match path.climb()? {
            Side::Left => node_hash(sibling, &hash),
            Side::Right => node_hash(&hash, sibling),
        };
    }
    path.finish()?;
    if hash == root {
        Ok(())
    } else {
        Err(ProofError::WrongRoot)
    }
}

/// Whether the first `old_size` leaves of the new tree are the old tree (RFC 9162 §2.1.4.2).
///
/// Every tree is consistent with the empty one and with itself; both need an empty proof.
pub fn verify_consistency(
    old_size: u64,
    old_root: Hash,
    new_size: u64,
    new_root: Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old_size > new_size {
        return Err(ProofError::SizeShrank { old_size, new_size });
    }
    if old_size == 0 || old_size == new_size {
        return verify_without_hashes(old_size, old_root, new_size, new_root, proof);
    }
    let mut path = Path::new(old_size - 1, new_size);
    path.skip_left_turns();
    // An old tree that is one perfect subtree is itself the first hash, and the proof leaves it
    // out.
    let (first, rest) = if old_size.is_power_of_two() {
        (&old_root, proof)
    } else {
        proof.split_first().ok_or(ProofError::TooShort)?
    };
    let (mut old, mut new) = (*first, *first);
    for sibling in rest {
        match path.climb()? {
            Side::Left => {
                old = node_hash(sibling, &old);
                new = node_hash(sibling, &new);
            }
            Side::Right => new = node_hash(&new, sibling),
        }
    }
    path.finish()?;
    if old != old_root {
        Err(ProofError::WrongOldRoot)
    } else if new != new_root {
        Err(ProofError::WrongRoot)
    } else {
        Ok(())
    }
}

fn verify_without_hashes(
    old_size: u64,
    old_root: Hash,
    new_size: u64,
    new_root: Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if !proof.is_empty() {
        Err(ProofError::TooLong)
    } else if old_size == 0 && old_root != empty_root() {
        Err(ProofError::WrongOldRoot)
    } else if old_size == new_size && old_root != new_root {
        Err(ProofError::WrongRoot)
    } else {
        Ok(())
    }
}

/// On which side of the path the next hash of the proof stands.
enum Side {
    Left,
    Right,
}

/// The way from a node up to the root: `fn` and `sn` of RFC 9162.
struct Path {
    node: u64,
    last: u64,
}

impl Path {
    fn new(index: u64, size: u64) -> Self {
        Self {
            node: index,
            last: size - 1,
        }
    }

    /// Goes up while the node is a right child, without taking a hash.
    fn skip_left_turns(&mut self) {
        let shift = self.node.trailing_ones();
        self.node = self.node.checked_shr(shift).unwrap_or(0);
        self.last = self.last.checked_shr(shift).unwrap_or(0);
    }

    /// Takes one hash of the proof and goes up to where the next one is needed.
    fn climb(&mut self) -> Result<Side, ProofError> {
        if self.last == 0 {
            return Err(ProofError::TooLong);
        }
        let side = if self.node & 1 == 1 {
            Side::Left
        } else if self.node == self.last {
            // A node without a sibling rises until it is a right child. It is not 0, as `last` is
            // not.
            let shift = self.node.trailing_zeros();
            self.node >>= shift;
            self.last >>= shift;
            Side::Left
        } else {
            Side::Right
        };
        self.node >>= 1;
        self.last >>= 1;
        Ok(side)
    }

    fn finish(&self) -> Result<(), ProofError> {
        if self.last == 0 {
            Ok(())
        } else {
            Err(ProofError::TooShort)
        }
    }
}

/// The root over the first `size` leaves.
pub fn root_at(reader: &dyn NodeReader, size: u64) -> Result<Hash, Fault> {
    if size == 0 {
        return Ok(empty_root());
    }
    range_hash(reader, 0, size)
}

/// The proof that leaf `index` is in the tree of the first `size` leaves (RFC 6962 §2.1.1).
pub fn inclusion_proof(reader: &dyn NodeReader, index: u64, size: u64) -> Result<Vec<Hash>, Fault> {
    if index >= size {
        let error = ProofError::IndexBeyondSize { index, size };
        return Err(Fault::Unusable(error.to_string()));
    }
    let (mut begin, mut end) = (0, size);
    let mut proof = Vec::new();
    while end - begin > 1 {
        let middle = begin + split(end - begin);
        if index < middle {
            proof.push(range_hash(reader, middle, end)?);
            end = middle;
        } else {
            proof.push(range_hash(reader, begin, middle)?);
            begin = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree of the first `old_size` leaves is a part of that of `new_size` (RFC 6962
/// §2.1.2).
pub fn consistency_proof(
    reader: &dyn NodeReader,
    old_size: u64,
    new_size: u64,
) -> Result<Vec<Hash>, Fault> {
    if old_size > new_size {
        let error = ProofError::SizeShrank { old_size, new_size };
        return Err(Fault::Unusable(error.to_string()));
    }
    let (mut begin, mut end) = (0, new_size);
    let mut proof = Vec::new();
    if old_size == 0 {
        return Ok(proof);
    }
    while old_size != end {
        let middle = begin + split(end - begin);
        if old_size <= middle {
            proof.push(range_hash(reader, middle, end)?);
            end = middle;
        } else {
            proof.push(range_hash(reader, begin, middle)?);
            begin = middle;
        }
    }
    // The old tree itself is left out where it is one whole subtree, for the checker knows its
    // root.
    if begin != 0 {
        proof.push(range_hash(reader, begin, end)?);
    }
    proof.reverse();
    Ok(proof)
}

/// The hash over leaves `begin..end`, where `begin` is a multiple of the next power of two of the
/// length.
fn range_hash(reader: &dyn NodeReader, begin: u64, end: u64) -> Result<Hash, Fault> {
    let mut peaks = Vec::new();
    let mut at = begin;
    while at < end {
        let level = (end - at).ilog2();
        let node_level = u8::try_from(level).unwrap_or(u8::MAX);
        peaks.push(reader.node(node_level, at >> level)?);
        at += 1 << level;
    }
    fold_peaks(&peaks).ok_or_else(|| Fault::damaged("merkle range", format!("leaf {begin}")))
}

/// The largest power of two below `count`, which is 2 or more.
fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}
