//! Cost and completeness of rotations, and the leaf numbers and states round them.

use crate::error::Fault;
use crate::keys::index::{MemoryIndex, Overlay, counter_key};
use crate::keys::place::{Cohort, MONTH_LEAVES, Place};
use crate::keys::record::{KeyRecord, Origin, Wrap, index_records};
use crate::keys::rotation::{ReadBack, Rotation, verify_rotation};
use crate::keys::secret::{HeldKey, Key, KeyId};
use crate::keys::testing::{SeededEntropy, Written};
use crate::keys::tree::{KeyState, KeyTree, NewLeaf};
use crate::keys::{IndexRecord, LeafNumber};
use crate::limits::ROTATION_BYTES_MAX;

struct Grove {
    entropy: SeededEntropy,
    tree: KeyTree,
    written: Written,
}

impl Grove {
    fn new(seed: u64) -> Self {
        let mut entropy = SeededEntropy::new(seed);
        let (tree, _, record) = KeyTree::create(&mut entropy);
        let mut written = Written::default();
        written.write(&[record]);
        Self {
            entropy,
            tree,
            written,
        }
    }

    fn insert(&mut self, cohort: Cohort) -> NewLeaf {
        let index = &self.written.index;
        let leaf = self
            .tree
            .insert_leaf(index, cohort, &mut self.entropy)
            .unwrap();
        self.written.write(&leaf.records);
        leaf
    }

    fn rotate(&mut self, dead: &[KeyId]) -> Result<Rotation, Fault> {
        self.tree
            .rotate(&self.written.index, dead, &mut self.entropy)
    }
}

fn wraps(rotation: &Rotation) -> usize {
    let is_wrap = |record: &&KeyRecord| matches!(record, KeyRecord::Wrap(_));
    rotation.records().iter().filter(is_wrap).count()
}

fn bytes(records: &[KeyRecord]) -> Vec<Vec<u8>> {
    records.iter().map(KeyRecord::to_bytes).collect()
}

fn read_back(records: &[Vec<u8>]) -> Result<ReadBack, Fault> {
    ReadBack::from_records(records.iter().map(Vec::as_slice))
}

/// The path to one leaf in a tree so full that every node on it has all sixteen children: what a
/// shred among 10^6 leaves (and any other number) meets at most.
#[test]
fn one_shred_in_a_full_tree_writes_at_most_130_wraps() {
    let mut grove = Grove::new(1);
    let leaf = grove.insert(Cohort::Month(600));
    let index = grove.written.index.clone();
    for depth in 0..8 {
        let place = Place::above(leaf.number, depth);
        let parent = grove.tree.held(&index, place).unwrap().unwrap();
        for child in place.children() {
            if child == Place::above(leaf.number, depth + 1) {
                continue;
            }
            let key = HeldKey::new(Key::generate(&mut grove.entropy));
            let origin = Origin::Inserted;
            let wrap = Wrap::make(child, origin, 1, &parent, &key, &mut grove.entropy);
            grove.written.write(&[KeyRecord::Wrap(wrap)]);
        }
    }
    let rotation = grove.rotate(&[leaf.id()]).unwrap();
    assert_eq!(wraps(&rotation), 7 * 16 + 15);
    assert!(wraps(&rotation) <= 130);
}

#[test]
fn a_sweep_that_does_not_fit_takes_what_comes_first_and_leaves_the_rest() {
    let mut grove = Grove::new(2);
    // One leaf in each of many months shares little: the most expensive sweep there is.
    let leaves: Vec<KeyId> = (0..1400)
        .map(|n| grove.insert(Cohort::Month(n)).id())
        .collect();
    let rotation = grove.rotate(&leaves).unwrap();
    let size: usize = bytes(rotation.records()).iter().map(Vec::len).sum();
    assert!(size <= ROTATION_BYTES_MAX, "{size}");
    let taken = rotation.dead().len();
    assert!(taken > 100 && taken < leaves.len(), "{taken}");
    let dead: std::collections::BTreeSet<_> = rotation.dead().iter().collect();
    assert!(leaves.iter().take(taken).all(|id| dead.contains(id)));
    let closing = rotation.closing_records();
    grove.written.write(rotation.records());
    grove.written.write(&closing);
    grove.tree.install(rotation).unwrap();
    // Asked again for all of them, the next one goes on where this one stopped.
    let next = grove.rotate(&leaves).unwrap();
    assert!(next.dead().contains(&leaves[taken]));
    assert!(!next.dead().contains(&leaves[0]));
}

#[test]
fn a_contiguous_sweep_of_thousands_fits_one_rotation() {
    let mut grove = Grove::new(3);
    let ids: Vec<KeyId> = (0..5000)
        .map(|_| grove.insert(Cohort::Month(600)).id())
        .collect();
    let rotation = grove.rotate(&ids).unwrap();
    assert_eq!(rotation.dead().len(), ids.len());
    assert_eq!(wraps(&rotation), 0, "nothing is left to wrap");
}

#[test]
fn a_rotation_for_an_unknown_key_is_a_fault_and_for_a_dead_one_is_empty() {
    let mut grove = Grove::new(4);
    let leaf = grove.insert(Cohort::Record);
    assert!(grove.rotate(&[KeyId([9; 16])]).is_err());
    let rotation = grove.rotate(&[leaf.id(), leaf.id()]).unwrap();
    assert_eq!(rotation.dead(), [leaf.id()]);
    grove.written.write(rotation.records());
    grove.written.write(&rotation.closing_records());
    grove.tree.install(rotation).unwrap();
    assert!(grove.rotate(&[leaf.id()]).unwrap().dead().is_empty());
}

#[test]
fn a_rotation_built_on_another_root_is_not_installed() {
    let mut grove = Grove::new(5);
    let first = grove.rotate(&[]).unwrap();
    let second = grove.rotate(&[]).unwrap();
    grove.tree.install(first).unwrap();
    assert!(grove.tree.install(second).is_err());
}

#[test]
fn a_read_back_with_anything_missing_changed_or_added_is_refused() {
    let mut grove = Grove::new(6);
    let ids: Vec<KeyId> = (0..20).map(|_| grove.insert(Cohort::Record).id()).collect();
    let rotation = grove.rotate(&ids[3..5]).unwrap();
    let good = bytes(rotation.records());
    verify_rotation(&read_back(&good).unwrap(), &rotation).unwrap();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad.remove(at);
        assert!(read_back(&bad).is_err(), "record {at} missing");
        let mut bad = good.clone();
        bad.insert(at, good[at].clone());
        assert!(read_back(&bad).is_err(), "record {at} twice");
        let mut bad = good.clone();
        let byte = bad[at].len() / 2;
        bad[at][byte] ^= 1;
        assert!(read_back(&bad).is_err(), "record {at} changed");
    }
    let mut bad = good.clone();
    bad.swap(3, 4);
    assert!(read_back(&bad).is_err(), "order");
    let other = grove.rotate(&ids[3..5]).unwrap();
    assert!(verify_rotation(&read_back(&bytes(other.records())).unwrap(), &rotation).is_err());
}

/// A builder that loses a sibling, or keeps the dead leaf, writes a perfect count and digest: only
/// the walk through the new root finds it.
#[test]
fn a_rotation_that_loses_a_sibling_or_keeps_the_dead_is_caught_by_the_walk() {
    let mut grove = Grove::new(7);
    let ids: Vec<KeyId> = (0..6).map(|_| grove.insert(Cohort::Record).id()).collect();
    let rotation = grove.rotate(&ids[2..3]).unwrap();
    let wrong = grove.rotate(&ids[2..4]).unwrap();
    let keeps = grove.rotate(&[]).unwrap();
    for other in [wrong, keeps] {
        let records = reworded(&rotation, other.records());
        let read_back = read_back(&bytes(&records)).unwrap();
        assert!(verify_rotation(&read_back, &rotation).is_err());
    }
}

/// Another rotation's wraps under this one's intent, targets and a fitting ready.
fn reworded(rotation: &Rotation, wraps: &[KeyRecord]) -> Vec<KeyRecord> {
    use sha2::{Digest, Sha256};
    let head = rotation
        .records()
        .iter()
        .filter(|r| matches!(r, KeyRecord::Intent { .. } | KeyRecord::Target { .. }));
    let tail = wraps.iter().filter(|r| matches!(r, KeyRecord::Wrap(_)));
    let mut records: Vec<KeyRecord> = head.chain(tail).cloned().collect();
    let digest = Sha256::digest(bytes(&records).concat()).into();
    records.push(KeyRecord::Ready {
        rotation: rotation.id(),
        count: u32::try_from(records.len()).unwrap(),
        digest,
    });
    records
}

#[test]
fn leaves_of_one_group_see_each_other_through_the_overlay_only() {
    let mut grove = Grove::new(8);
    let mut staged = MemoryIndex::default();
    let mut insert = |staged: &mut MemoryIndex| {
        let index = Overlay {
            base: &grove.written.index,
            staged: &[&*staged],
        };
        let leaf = grove
            .tree
            .insert_leaf(&index, Cohort::Record, &mut grove.entropy)
            .unwrap();
        for record in &leaf.records {
            staged.apply(index_records(&record.to_bytes()).unwrap());
        }
        leaf
    };
    let first = insert(&mut staged);
    let second = insert(&mut staged);
    assert_eq!((first.records.len(), second.records.len()), (8, 1));
    // The group is dropped: the next leaf must not hang under nodes that were never written.
    staged.clear();
    let third = insert(&mut staged);
    assert_eq!(third.records.len(), 8);
    let index = Overlay {
        base: &grove.written.index,
        staged: &[&staged],
    };
    assert!(matches!(
        grove.tree.key(&index, first.id()).unwrap(),
        KeyState::Unknown
    ));
    assert!(matches!(
        grove.tree.key(&index, third.id()).unwrap(),
        KeyState::Live(_)
    ));
}

#[test]
fn a_rotation_after_a_dropped_group_does_not_build_on_what_that_group_had_opened() {
    let mut grove = Grove::new(11);
    let kept = grove.insert(Cohort::Month(600));
    let durable = grove.written.clone();
    let dropped = grove.insert(Cohort::Record);
    grove.tree.key(&grove.written, dropped.id()).unwrap();
    grove.written = durable;
    // Another tree writes nodes at the same places: what the first one opened there is stale.
    let mut other = KeyTree::open(grove.tree.root.key.duplicate(), grove.tree.epoch());
    let index = &grove.written.index;
    let leaf = other
        .insert_leaf(index, Cohort::Record, &mut grove.entropy)
        .unwrap();
    grove.written.write(&leaf.records);
    let rotation = grove.rotate(&[leaf.id()]).unwrap();
    let records = bytes(rotation.records());
    verify_rotation(&read_back(&records).unwrap(), &rotation).unwrap();
    grove.written.write(rotation.records());
    grove.tree.install(rotation).unwrap();
    let state = grove.tree.key(&grove.written, kept.id()).unwrap();
    assert!(matches!(state, KeyState::Live(_)));
}

#[test]
fn numbers_go_on_after_reopening_and_overflow_into_the_next_month_but_never_into_records() {
    let mut grove = Grove::new(9);
    let first = grove.insert(Cohort::Month(700)).number;
    grove.tree = KeyTree::open(grove.tree.root.key.duplicate(), grove.tree.epoch());
    assert_eq!(
        grove.insert(Cohort::Month(700)).number,
        LeafNumber(first.0 + 1)
    );
    let full = |month: u32| IndexRecord {
        key: counter_key(month),
        value: Some((MONTH_LEAVES - 1).to_be_bytes().to_vec()),
    };
    grove
        .written
        .index
        .apply([full(701), full(0xEFF), full(0xF00)]);
    assert_eq!(
        grove.insert(Cohort::Month(701)).number.0,
        702 * MONTH_LEAVES
    );
    assert_eq!(grove.insert(Cohort::Record).number.0, 0xF01 * MONTH_LEAVES);
    let index = &grove.written.index;
    let last = grove
        .tree
        .insert_leaf(index, Cohort::Month(u32::MAX), &mut grove.entropy);
    assert!(matches!(last, Err(Fault::Unusable(_))));
}

#[test]
fn fenced_shredded_unknown_and_wrong_root_are_four_answers() {
    let mut grove = Grove::new(10);
    let leaf = grove.insert(Cohort::Record);
    let (id, unknown) = (leaf.id(), KeyId([1; 16]));
    assert!(matches!(
        grove.tree.key(&grove.written, unknown).unwrap(),
        KeyState::Unknown
    ));
    grove.written.write(&[KeyRecord::Fence { key: id }]);
    assert!(matches!(
        grove.tree.key(&grove.written, id).unwrap(),
        KeyState::Fenced
    ));
    let copy = grove.tree.key_for_copy(&grove.written, id).unwrap();
    assert!(matches!(copy, KeyState::Live(_)));
    grove.written.write(&[KeyRecord::Unfence { key: id }]);
    assert!(matches!(
        grove.tree.key(&grove.written, id).unwrap(),
        KeyState::Live(_)
    ));
    let wrong = KeyTree::open(Key::generate(&mut grove.entropy), 1);
    assert!(matches!(
        wrong.key(&grove.written, id),
        Err(Fault::Damaged { .. })
    ));
}
