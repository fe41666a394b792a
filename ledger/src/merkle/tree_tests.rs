//! The tree over its folder: reopened, torn, emptied, altered, and compared with a plain frontier.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::tiles::TILE_BYTES;
use super::{Frontier, Hash, TileId, Tree, leaf_hash, verify_consistency, verify_inclusion};
use crate::error::Fault;

/// Two level-1 tiles' worth would be slow; one full level-1 tile and some is what reaches every
/// path.
const LEAVES: u64 = 65_536 + 256 * 3 + 17;

fn leaf(index: u64) -> Hash {
    leaf_hash(&index.to_be_bytes())
}

fn open(folder: &Path, size: u64, root: Option<Hash>) -> Result<Tree, Fault> {
    Tree::open(folder, size, root, &mut |index| Ok(leaf(index)))
}

fn no_leaf(index: u64) -> Result<Hash, Fault> {
    panic!("leaf {index} was read though its tile is there")
}

fn filled(size: u64) -> (TempDir, Tree) {
    let folder = tempfile::tempdir().unwrap();
    let mut tree = open(folder.path(), 0, None).unwrap();
    let leaves: Vec<Hash> = (0..size).map(leaf).collect();
    for group in leaves.chunks(100) {
        tree.extend(group).unwrap();
    }
    tree.write_tiles().unwrap();
    (folder, tree)
}

fn root_of(size: u64) -> Hash {
    let mut frontier = Frontier::empty();
    (0..size).for_each(|index| frontier.push(leaf(index)));
    frontier.root()
}

fn check_some_proofs(tree: &Tree) {
    let size = tree.size();
    for at in [1, size / 3, size / 2, size - 1, size] {
        let root = tree.root_at(at).unwrap();
        for index in [0, at / 2, at - 1] {
            let proof = tree.inclusion_proof(index, at).unwrap();
            verify_inclusion(leaf(index), index, at, &proof, root).unwrap();
            assert_eq!(tree.leaf(index).unwrap(), leaf(index));
        }
        let proof = tree.consistency_proof(at, size).unwrap();
        verify_consistency(at, root, size, tree.root(), &proof).unwrap();
    }
}

fn is_damage(outcome: &Result<impl Sized, Fault>) -> bool {
    matches!(outcome, Err(Fault::Damaged { .. }))
}

#[test]
fn a_tree_reopened_at_any_edge_goes_on_as_if_never_closed() {
    let folder = tempfile::tempdir().unwrap();
    let mut frontier = Frontier::empty();
    for size in [
        0, 1, 2, 255, 256, 257, 511, 512, 1000, 65_535, 65_536, 65_537,
    ] {
        let mut tree = open(folder.path(), frontier.size(), Some(frontier.root())).unwrap();
        let group: Vec<Hash> = (frontier.size()..size).map(leaf).collect();
        group.iter().for_each(|hash| frontier.push(*hash));
        tree.extend(&group).unwrap();
        tree.write_tiles().unwrap();
        assert_eq!(tree.frontier(), frontier, "size {size}");
    }
    check_some_proofs(&open(folder.path(), 65_537, Some(frontier.root())).unwrap());
}

#[test]
fn a_whole_folder_is_opened_with_the_leaves_of_the_last_partial_tile_only() {
    let (folder, tree) = filled(LEAVES);
    let mut read = Vec::new();
    let reopened = Tree::open(folder.path(), LEAVES, Some(tree.root()), &mut |index| {
        read.push(index);
        Ok(leaf(index))
    })
    .unwrap();
    assert_eq!(read, (LEAVES - 17..LEAVES).collect::<Vec<_>>());
    check_some_proofs(&reopened);
}

#[test]
fn proofs_are_given_before_any_tile_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut tree = open(folder.path(), 0, None).unwrap();
    let leaves: Vec<Hash> = (0..3000).map(leaf).collect();
    tree.extend(&leaves).unwrap();
    assert!(!folder.path().join("tile").exists());
    assert_eq!(tree.unwritten().len(), 11);
    check_some_proofs(&tree);
    let batch = tree.unwritten();
    batch.write(folder.path()).unwrap();
    tree.forget_written(&batch);
    assert!(tree.unwritten().is_empty());
    check_some_proofs(&tree);
}

#[test]
fn tiles_that_were_lost_or_cut_short_are_computed_again() {
    let (folder, tree) = filled(LEAVES);
    fs::remove_file(folder.path().join("tile/0/017")).unwrap();
    fs::write(folder.path().join("tile/0/200"), [0; TILE_BYTES - 1]).unwrap();
    fs::write(folder.path().join("tile/0/257"), []).unwrap();
    fs::remove_dir_all(folder.path().join("tile/1")).unwrap();
    let reopened = open(folder.path(), LEAVES, Some(tree.root())).unwrap();
    check_some_proofs(&reopened);
    Tree::open(folder.path(), LEAVES - 17, None, &mut no_leaf).unwrap();
}

#[test]
fn a_folder_that_lost_all_tiles_is_filled_again() {
    let (folder, tree) = filled(LEAVES);
    fs::remove_dir_all(folder.path().join("tile")).unwrap();
    check_some_proofs(&open(folder.path(), LEAVES, Some(tree.root())).unwrap());
}

#[test]
fn a_torn_tile_under_the_edge_is_noticed_at_opening_and_computed_again() {
    let (folder, tree) = filled(1000);
    fs::write(folder.path().join("tile/0/002"), [0; TILE_BYTES]).unwrap();
    let unchecked = open(folder.path(), 1000, None).unwrap();
    assert_ne!(unchecked.root(), tree.root());
    let reopened = open(folder.path(), 1000, Some(tree.root())).unwrap();
    check_some_proofs(&reopened);
    Tree::open(folder.path(), 768, Some(root_of(768)), &mut no_leaf).unwrap();
}

#[test]
fn a_torn_tile_far_from_the_edge_never_ends_up_in_a_proof_and_is_repaired() {
    let (folder, tree) = filled(LEAVES);
    let mut bytes = fs::read(folder.path().join("tile/0/005")).unwrap();
    bytes[77] ^= 4;
    fs::write(folder.path().join("tile/0/005"), bytes).unwrap();
    let mut reopened = open(folder.path(), LEAVES, Some(tree.root())).unwrap();
    assert!(is_damage(&reopened.inclusion_proof(5 * 256, LEAVES)));
    assert!(is_damage(&reopened.leaf(5 * 256 + 9)));
    assert!(reopened.inclusion_proof(6 * 256, LEAVES).is_ok());
    assert_eq!(reopened.repair(&mut |index| Ok(leaf(index))).unwrap(), 1);
    assert_eq!(reopened.leaf(5 * 256 + 9).unwrap(), leaf(5 * 256 + 9));
    check_some_proofs(&reopened);
}

#[test]
fn a_tile_of_another_place_is_refused() {
    let (folder, tree) = filled(LEAVES);
    let tile = |name: &str| folder.path().join("tile/0").join(name);
    fs::copy(tile("004"), tile("003")).unwrap();
    let reopened = open(folder.path(), LEAVES, Some(tree.root())).unwrap();
    assert!(is_damage(&reopened.leaf(3 * 256)));
}

#[test]
fn wrong_leaves_are_damage_and_overwrite_no_tile() {
    let (folder, tree) = filled(1000);
    let before = fs::read(folder.path().join("tile/0/001")).unwrap();
    let lie = leaf(u64::MAX);
    let outcome = Tree::open(folder.path(), 1000, Some(tree.root()), &mut |_| Ok(lie));
    assert!(is_damage(&outcome));
    assert_eq!(fs::read(folder.path().join("tile/0/001")).unwrap(), before);
    let mut whole = open(folder.path(), 1000, Some(tree.root())).unwrap();
    assert!(is_damage(&whole.repair(&mut |_| Ok(lie))));
    check_some_proofs(&whole);
}

#[test]
fn a_root_that_is_not_the_checkpoint_s_is_damage() {
    let (folder, _) = filled(600);
    assert!(is_damage(&open(folder.path(), 600, Some(leaf(0)))));
}

#[test]
fn tiles_from_a_longer_log_are_not_read() {
    let (folder, _) = filled(1000);
    let shorter = open(folder.path(), 300, Some(root_of(300))).unwrap();
    check_some_proofs(&shorter);
    assert!(shorter.leaf(300).is_err());
    let id = TileId { level: 0, index: 2 };
    assert_eq!(shorter.tile(id, 256).unwrap(), None);
}

#[test]
fn more_than_the_tree_has_is_refused() {
    let (_folder, tree) = filled(300);
    assert!(tree.leaf(300).is_err());
    assert!(tree.inclusion_proof(300, 300).is_err());
    assert!(tree.inclusion_proof(0, 301).is_err());
    assert!(tree.consistency_proof(0, 301).is_err());
    assert!(tree.consistency_proof(300, 299).is_err());
    assert!(tree.root_at(301).is_err());
}

#[test]
fn tiles_are_served_with_the_widths_the_tree_has() {
    let (_folder, tree) = filled(LEAVES);
    let first = TileId { level: 0, index: 0 };
    let served = tree.tile(first, 256).unwrap().unwrap();
    assert_eq!(served.len(), TILE_BYTES);
    assert_eq!(served[..32], leaf(0).0);
    // A tile that is full now was partial at an earlier checkpoint, and is served as it was then.
    assert_eq!(tree.tile(first, 9).unwrap().unwrap(), served[..9 * 32]);
    let edge = TileId { level: 1, index: 1 };
    assert_eq!(tree.tile(edge, 3).unwrap().unwrap().len(), 96);
    assert_eq!(tree.tile(edge, 4).unwrap(), None);
    assert_eq!(tree.tile(first, 0).unwrap(), None);
    let beyond = TileId { level: 9, index: 0 };
    assert_eq!(tree.tile(beyond, 1).unwrap(), None);
}

#[test]
fn a_batch_that_cannot_be_written_stays_and_is_written_later() {
    let folder = tempfile::tempdir().unwrap();
    let mut tree = open(folder.path(), 0, None).unwrap();
    tree.extend(&(0..256).map(leaf).collect::<Vec<_>>())
        .unwrap();
    fs::write(folder.path().join("tile"), b"in the way").unwrap();
    assert!(tree.write_tiles().is_err());
    check_some_proofs(&tree);
    fs::remove_file(folder.path().join("tile")).unwrap();
    tree.write_tiles().unwrap();
    Tree::open(folder.path(), 256, Some(tree.root()), &mut no_leaf).unwrap();
}
