//! Random programs of insert, fence, shred, abandon and reopen against a small model.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::closure::{carve, closure};
use crate::keys::place::{Cohort, LeafNumber, Place};
use crate::keys::record::KeyRecord;
use crate::keys::rotation::{ReadBack, verify_rotation};
use crate::keys::secret::{Key, KeyId, LeafHandle};
use crate::keys::testing::{SeededEntropy, Written};
use crate::keys::tree::{KeyState, KeyTree};

#[derive(Clone, Debug)]
enum Step {
    Insert(Cohort),
    Fence(usize),
    Unfence(usize),
    Shred(Vec<usize>),
    Abandon(Vec<usize>),
    Reopen,
}

struct World {
    entropy: SeededEntropy,
    tree: KeyTree,
    written: Written,
    live: BTreeMap<KeyId, (LeafHandle, LeafNumber, bool)>,
    shredded: Vec<KeyId>,
    /// A root that is gone, and what was shredded by leaving it.
    old_roots: Vec<(Key, Vec<KeyId>)>,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut entropy = SeededEntropy::new(seed);
        let (tree, _, record) = KeyTree::create(&mut entropy);
        let mut written = Written::default();
        written.write(&[record]);
        Self {
            entropy,
            tree,
            written,
            live: BTreeMap::new(),
            shredded: Vec::new(),
            old_roots: Vec::new(),
        }
    }

    fn pick(&self, choices: &[usize]) -> Vec<KeyId> {
        let live: Vec<KeyId> = self.live.keys().copied().collect();
        let picked = choices
            .iter()
            .filter_map(|n| live.get(n % live.len().max(1)));
        picked.copied().collect()
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Insert(cohort) => {
                let index = &self.written.index;
                let leaf = self
                    .tree
                    .insert_leaf(index, *cohort, &mut self.entropy)
                    .unwrap();
                self.written.write(&leaf.records);
                let state = (leaf.handle.clone(), leaf.number, false);
                assert!(self.live.insert(leaf.id(), state).is_none());
            }
            Step::Fence(n) => self.fence(*n, true),
            Step::Unfence(n) => self.fence(*n, false),
            Step::Shred(choices) => self.shred(&self.pick(choices)),
            Step::Abandon(choices) => {
                let dead = self.pick(choices);
                let rotation = self
                    .tree
                    .rotate(&self.written.index, &dead, &mut self.entropy)
                    .unwrap();
                self.written.write(rotation.records());
                let rotation = rotation.id();
                self.written.write(&[KeyRecord::Abandoned { rotation }]);
            }
            Step::Reopen => {
                let root = self.tree.root.key.duplicate();
                self.tree = KeyTree::open(root, self.tree.epoch());
            }
        }
    }

    fn fence(&mut self, n: usize, fenced: bool) {
        for key in self.pick(&[n]) {
            self.written.write(&[if fenced {
                KeyRecord::Fence { key }
            } else {
                KeyRecord::Unfence { key }
            }]);
            self.live.get_mut(&key).unwrap().2 = fenced;
        }
    }

    fn shred(&mut self, dead: &[KeyId]) {
        let index = &self.written.index;
        let rotation = self.tree.rotate(index, dead, &mut self.entropy).unwrap();
        let paths = self.paths(rotation.dead());
        let records = rotation.records().to_vec();
        self.written.write(&records);
        let bytes: Vec<Vec<u8>> = records.iter().map(KeyRecord::to_bytes).collect();
        let read_back = ReadBack::from_records(bytes.iter().map(Vec::as_slice)).unwrap();
        verify_rotation(&read_back, &rotation).unwrap();
        let closing = rotation.closing_records();
        let superseded = rotation.superseded().to_vec();
        let gone = rotation.dead().to_vec();
        self.old_roots
            .push((self.tree.root.key.duplicate(), gone.clone()));
        self.tree.install(rotation).unwrap();
        self.written.write(&closing);
        self.written.index.apply(superseded);
        for (place, old) in paths {
            let new = self.tree.held(&self.written.index, place).unwrap();
            assert_ne!(new.map(|held| held.id), Some(old), "I1 at {place:?}");
        }
        for id in gone {
            self.live.remove(&id);
            self.shredded.push(id);
        }
    }

    /// Every node from the root down to these leaves, with its key id.
    fn paths(&self, leaves: &[KeyId]) -> Vec<(Place, KeyId)> {
        let mut paths = Vec::new();
        for (_, number, _) in leaves.iter().map(|id| &self.live[id]) {
            for depth in 0..=8 {
                let place = Place::above(*number, depth);
                let held = self.tree.held(&self.written.index, place).unwrap().unwrap();
                paths.push((place, held.id));
            }
        }
        paths
    }

    fn check(&self) {
        let wraps = carve(&self.written.bytes);
        let reached = closure(&self.tree.root.key, &wraps);
        for id in &self.shredded {
            assert!(!reached.contains_key(id), "I2: {id} is reachable");
            let state = self.tree.key(&self.written.index, *id).unwrap();
            assert!(matches!(state, KeyState::Shredded));
        }
        for (id, (handle, number, fenced)) in &self.live {
            let places = reached.get(id).expect("I3: a live leaf is reachable");
            assert_eq!(places.len(), 1, "I6: one path");
            assert_eq!(places.first().unwrap().0, Place::leaf(*number));
            let copy = self.tree.key_for_copy(&self.written.index, *id).unwrap();
            let KeyState::Live(found) = copy else {
                panic!("a live key is not given: {copy:?}");
            };
            assert_eq!(found.0.key.bytes(), handle.0.key.bytes());
            let state = self.tree.key(&self.written.index, *id).unwrap();
            assert_eq!(matches!(state, KeyState::Fenced), *fenced, "{state:?}");
        }
        for (root, gone) in &self.old_roots {
            let reached = closure(root, &wraps);
            for id in gone {
                assert!(reached.contains_key(id), "control: the old root reaches it");
            }
        }
    }
}

fn cohort() -> impl Strategy<Value = Cohort> {
    prop_oneof![
        4 => (600_u32..604).prop_map(Cohort::Month),
        1 => Just(Cohort::Month(u32::MAX)),
        2 => Just(Cohort::Record),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => cohort().prop_map(Step::Insert),
        1 => any::<usize>().prop_map(Step::Fence),
        1 => any::<usize>().prop_map(Step::Unfence),
        3 => prop::collection::vec(any::<usize>(), 0..4).prop_map(Step::Shred),
        1 => prop::collection::vec(any::<usize>(), 0..3).prop_map(Step::Abandon),
        1 => Just(Step::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_program_makes_a_shredded_key_reachable_or_loses_a_live_one(
        seed in any::<u64>(),
        steps in prop::collection::vec(step(), 1..30),
    ) {
        let mut world = World::new(seed);
        for step in &steps {
            world.step(step);
        }
        world.check();
    }
}

#[test]
fn the_closure_finds_what_a_naive_deletion_leaves_behind() {
    let mut world = World::new(7);
    world.step(&Step::Insert(Cohort::Record));
    let id = *world.live.keys().next().unwrap();
    // Deleting the row and writing the tombstone, without a rotation: the attacker still gets the
    // key.
    world.written.write(&[KeyRecord::Dead { key: id }]);
    let reached = closure(&world.tree.root.key, &carve(&world.written.bytes));
    assert!(reached.contains_key(&id));
}
