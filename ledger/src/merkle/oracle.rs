//! Our proofs against those of `ct-merkle`, which others wrote: same bytes, each side accepts the
//! other's.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;

use super::{
    Frontier, Hash, NodeReader, ProofError, consistency_proof, empty_root, inclusion_proof,
    leaf_hash, node_hash, root_at, verify_consistency, verify_inclusion,
};
use crate::error::Fault;

/// All perfect subtrees, row by row.
struct Nodes(Vec<Vec<Hash>>);

impl NodeReader for Nodes {
    fn node(&self, level: u8, index: u64) -> Result<Hash, Fault> {
        let node = self.0[usize::from(level)].get(usize::try_from(index).unwrap());
        Ok(*node.expect("only nodes in the tree are asked for"))
    }
}

fn trees(size: u64) -> (Nodes, MemoryBackedTree<Sha256, Vec<u8>>) {
    let mut theirs = MemoryBackedTree::new();
    let mut row = Vec::new();
    for index in 0..size {
        let bytes = index.to_be_bytes().to_vec();
        row.push(leaf_hash(&bytes));
        theirs.push(bytes);
    }
    let mut rows = Vec::new();
    while !row.is_empty() {
        let pairs = row.as_chunks::<2>().0;
        let above = pairs.iter().map(|[left, right]| node_hash(left, right));
        let above = above.collect();
        rows.push(std::mem::replace(&mut row, above));
    }
    (Nodes(rows), theirs)
}

fn bytes(proof: &[Hash]) -> Vec<u8> {
    proof.iter().flat_map(|hash| hash.0).collect()
}

fn check_inclusion(
    (ours, theirs): &(Nodes, MemoryBackedTree<Sha256, Vec<u8>>),
    size: u64,
    index: u64,
) {
    let root = root_at(ours, size).unwrap();
    assert_eq!(root.0.as_slice(), theirs.root().as_bytes().as_slice());
    let proof = inclusion_proof(ours, index, size).unwrap();
    let oracle = theirs.prove_inclusion(usize::try_from(index).unwrap());
    assert_eq!(bytes(&proof), oracle.as_bytes(), "leaf {index} of {size}");
    let leaf = leaf_hash(&index.to_be_bytes());
    assert_eq!(verify_inclusion(leaf, index, size, &proof, root), Ok(()));
    // The many small trees have every shape of path; in larger ones a part of the leaves is enough.
    if size < 70 || index.is_multiple_of(31) {
        refuse_wrong_inclusions(leaf, index, size, &proof, root);
    }
}

fn refuse_wrong_inclusions(leaf: Hash, index: u64, size: u64, proof: &[Hash], root: Hash) {
    let verify = |proof: &[Hash]| verify_inclusion(leaf, index, size, proof, root);
    if let Some((_, shorter)) = proof.split_last() {
        assert_eq!(verify(shorter), Err(ProofError::TooShort));
    }
    let longer = [proof, &[root]].concat();
    assert_eq!(verify(&longer), Err(ProofError::TooLong));
    for place in 0..proof.len() {
        let mut altered = proof.to_vec();
        altered[place].0[31] ^= 1;
        assert_eq!(verify(&altered), Err(ProofError::WrongRoot));
    }
    for other in [index.wrapping_sub(1), index + 1] {
        assert!(verify_inclusion(leaf, other, size, proof, root).is_err());
    }
    assert!(verify_inclusion(root, index, size, proof, root).is_err() || size == 1);
}

fn check_consistency(ours: &Nodes, old: u64, new: u64) -> Vec<Hash> {
    let (old_root, new_root) = (root_at(ours, old).unwrap(), root_at(ours, new).unwrap());
    let proof = consistency_proof(ours, old, new).unwrap();
    let verify = |proof: &[Hash]| verify_consistency(old, old_root, new, new_root, proof);
    assert_eq!(verify(&proof), Ok(()), "{old} to {new}");
    if let Some((_, shorter)) = proof.split_last() {
        assert_eq!(verify(shorter), Err(ProofError::TooShort), "{old} to {new}");
    }
    let longer = [proof.as_slice(), &[new_root]].concat();
    assert_eq!(verify(&longer), Err(ProofError::TooLong), "{old} to {new}");
    for place in 0..proof.len() {
        let mut altered = proof.clone();
        altered[place].0[0] ^= 0x80;
        assert!(verify(&altered).is_err(), "{old} to {new}, hash {place}");
    }
    let other = leaf_hash(b"another history");
    assert!(verify_consistency(old, other, new, new_root, &proof).is_err());
    // From the empty tree every root follows; only a signature tells which one is the log's.
    assert!(verify_consistency(old, old_root, new, other, &proof).is_err() || old == 0);
    proof
}

#[test]
fn inclusion_proofs_of_all_small_trees_are_those_of_the_oracle() {
    for size in 1..=300 {
        let trees = trees(size);
        // Every leaf up to 130; from there every seventh, each time other ones, and both ends.
        let (first, step) = if size <= 130 { (0, 1) } else { (size % 7, 7) };
        for index in (first..size).step_by(step).chain([0, size - 1]) {
            check_inclusion(&trees, size, index);
        }
    }
}

#[test]
fn consistency_proofs_of_all_small_trees_are_those_of_the_oracle() {
    for new in 1..=300 {
        let (ours, theirs) = trees(new);
        // Every earlier size up to 130; from there every seventh, each time other ones, and the
        // empty tree.
        let (first, step) = if new <= 130 { (1, 1) } else { (new % 7 + 1, 7) };
        for old in (first..=new).step_by(step).chain([0, new]) {
            let proof = check_consistency(&ours, old, new);
            if old > 0 {
                let oracle = theirs.prove_consistency(usize::try_from(new - old).unwrap());
                assert_eq!(bytes(&proof), oracle.as_bytes(), "{old} to {new}");
            }
        }
    }
}

#[test]
fn the_frontier_has_the_oracle_s_root_at_every_size() {
    let mut theirs = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    let mut frontier = Frontier::empty();
    for index in 0_u64..700 {
        theirs.push(index.to_be_bytes().to_vec());
        frontier.push(leaf_hash(&index.to_be_bytes()));
        let root = theirs.root();
        assert_eq!(frontier.root().0.as_slice(), root.as_bytes().as_slice());
    }
}

#[test]
fn a_later_tree_that_is_smaller_is_refused() {
    let root = leaf_hash(b"a");
    assert_eq!(
        verify_consistency(2, root, 1, root, &[]),
        Err(ProofError::SizeShrank {
            old_size: 2,
            new_size: 1
        })
    );
}

#[test]
fn the_tree_without_leaves_has_one_root_and_holds_no_leaf() {
    let leaf = leaf_hash(b"");
    assert_eq!(
        verify_consistency(0, leaf, 1, leaf, &[]),
        Err(ProofError::WrongOldRoot)
    );
    assert_eq!(verify_consistency(0, empty_root(), 1, leaf, &[]), Ok(()));
    assert_eq!(
        verify_inclusion(leaf, 0, 0, &[], empty_root()),
        Err(ProofError::IndexBeyondSize { index: 0, size: 0 })
    );
}

#[test]
fn sizes_at_the_end_of_the_numbers_do_not_overflow() {
    let hash = leaf_hash(b"x");
    let proof = vec![hash; 64];
    for index in [0, 1, u64::MAX / 2, u64::MAX - 1] {
        assert!(verify_inclusion(hash, index, u64::MAX, &proof, hash).is_err());
        assert!(verify_consistency(index, hash, u64::MAX, hash, &proof).is_err());
    }
    assert!(verify_inclusion(hash, u64::MAX, u64::MAX, &proof, hash).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn inclusion_in_larger_trees_agrees_with_the_oracle(
        size in 301_u64..3000,
        seed in any::<u64>(),
    ) {
        let trees = trees(size);
        check_inclusion(&trees, size, seed % size);
        check_inclusion(&trees, size, size - 1);
    }

    #[test]
    fn consistency_of_larger_trees_agrees_with_the_oracle(
        new in 301_u64..3000,
        seed in any::<u64>(),
    ) {
        let (ours, theirs) = trees(new);
        let old = 1 + seed % new;
        let proof = check_consistency(&ours, old, new);
        let oracle = theirs.prove_consistency(usize::try_from(new - old).unwrap());
        prop_assert_eq!(bytes(&proof), oracle.as_bytes());
    }
}
