//! A rotation: leaves die because everything above them is re-keyed and the old root destroyed.
//!
//! The writer's order (SPEC §6.2; each step's crash is decided by `boot.rs`):
//! 0. `rotate` → write `records()` in frames, synced. A crash leaves unreachable wraps: abandoned.
//! 1. Every mirror acknowledges, else drop the rotation and record `Abandoned`.
//! 2. `verify_rotation` on what was read back from the journal files.
//! 3. `Vault::install`. A crash leaves both roots: boot reads back again and finishes.
//! 4. `Vault::destroy` the old. A crash leaves the new root only: boot finishes.
//! 5. `install`, then `closing_records()` in one frame, synced; then the certificate.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::index::{self, IndexRecord, KeyIndex, MemoryIndex};
use super::place::{ARITY, LEAF_DEPTH, LeafNumber, Place};
use super::record::{KeyRecord, Origin, RotationId, WRAP_RECORD_BYTES, Wrap, index_records};
use super::secret::{HeldKey, Key, KeyId};
use super::tree::{KeyTree, find_wrap, is_dead, leaf_number, open_wrap, unreachable};
use crate::clock::Entropy;
use crate::error::Fault;

/// A rotation built and not yet installed. Dropping it zeroises the new root: then it never
/// happened.
#[must_use]
pub struct Rotation {
    id: RotationId,
    epoch: u64,
    old_root: KeyId,
    root: Key,
    dead: Vec<KeyId>,
    records: Vec<KeyRecord>,
    /// Every child that a rewritten node must lead to, and the key id it must have.
    expected: BTreeMap<Place, KeyId>,
    /// The nodes with a new key, the root apart.
    rewritten: BTreeSet<Place>,
    superseded: Vec<IndexRecord>,
}

impl Rotation {
    /// A rotation whose process died: what its records, read back from the journal, say of it,
    /// under a root from the vault. It is as good as a built one once `verify_rotation` has passed.
    pub fn recover(read_back: &ReadBack, root: Key) -> Self {
        let parents: BTreeSet<KeyId> = read_back.wraps.iter().map(|wrap| wrap.1).collect();
        let rewritten = read_back
            .wraps
            .iter()
            .filter(|(_, _, child)| parents.contains(child))
            .map(|(place, _, _)| *place);
        Self {
            id: read_back.id,
            epoch: read_back.epoch,
            old_root: read_back.old_root,
            root,
            dead: read_back.targets.clone(),
            records: Vec::new(),
            rewritten: rewritten.collect(),
            expected: read_back
                .wraps
                .iter()
                .map(|(place, _, child)| (*place, *child))
                .collect(),
            superseded: Vec::new(),
        }
    }

    /// The rotation's random name.
    pub fn id(&self) -> RotationId {
        self.id
    }

    /// The epoch that it leads to.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The new root, for the vault.
    pub fn root(&self) -> &Key {
        &self.root
    }

    /// The leaves it leaves behind. Those asked for that are not here and have no tombstone did not
    /// fit and want another rotation.
    pub fn dead(&self) -> &[KeyId] {
        &self.dead
    }

    /// What to write, in this order: intent, targets, wraps, ready. Empty for a recovered rotation.
    pub fn records(&self) -> &[KeyRecord] {
        &self.records
    }

    /// What to write, in one frame, once the old root is destroyed: tombstones and `Done`.
    pub fn closing_records(&self) -> Vec<KeyRecord> {
        let mut records: Vec<_> = self
            .dead
            .iter()
            .map(|key| KeyRecord::Dead { key: *key })
            .collect();
        records.push(KeyRecord::Done {
            rotation: self.id,
            epoch: self.epoch,
            root: self.root.id(),
        });
        records
    }

    /// Index entries that nothing leads to after `Done`; removing them only saves space.
    pub fn superseded(&self) -> &[IndexRecord] {
        &self.superseded
    }
}

impl KeyTree {
    /// Builds the rotation that leaves these leaves behind, as many as fit, **in the order given**
    /// (what must die together comes first). Changes nothing; insert no leaf until it is installed
    /// or dropped.
    pub fn rotate(
        &self,
        index: &dyn KeyIndex,
        dead: &[KeyId],
        entropy: &mut dyn Entropy,
    ) -> Result<Rotation, Fault> {
        let targets = self.targets_that_fit(index, dead)?;
        let mut id = [0; 16];
        entropy.fill(&mut id);
        let root = HeldKey::new(Key::generate(entropy));
        let mut build = Build {
            tree: self,
            index,
            entropy,
            epoch: self.epoch.checked_add(1).ok_or_else(epochs_exhausted)?,
            wraps: Vec::new(),
            expected: BTreeMap::new(),
            rewritten: BTreeSet::new(),
            superseded: Vec::new(),
        };
        let numbers: Vec<LeafNumber> = targets.keys().copied().collect();
        build.node(Place::ROOT, &self.root, &root, &numbers)?;
        let epoch = build.epoch;
        let rotation = RotationId(id);
        let mut records = vec![KeyRecord::Intent {
            rotation,
            epoch,
            old_root: self.root.id,
            new_root: root.id,
        }];
        let dead: Vec<KeyId> = targets.into_values().collect();
        records.extend(dead.iter().map(|key| KeyRecord::Target {
            rotation,
            key: *key,
        }));
        records.append(&mut build.wraps);
        records.push(ready(rotation, &records)?);
        Ok(Rotation {
            id: rotation,
            epoch,
            old_root: self.root.id,
            root: root.key.duplicate(),
            dead,
            records,
            expected: build.expected,
            rewritten: build.rewritten,
            superseded: build.superseded,
        })
    }

    /// Goes over to the rotation's root and forgets every key opened under the old one.
    pub fn install(&mut self, rotation: Rotation) -> Result<(), Fault> {
        if rotation.old_root != self.root.id || self.epoch.checked_add(1) != Some(rotation.epoch) {
            return Err(Fault::damaged("rotation", "it does not follow this root"));
        }
        self.replace_root(HeldKey::new(rotation.root), rotation.epoch);
        Ok(())
    }

    /// Leaves already dead are left out; a leaf that no record names is a fault (I7).
    fn targets_that_fit(
        &self,
        index: &dyn KeyIndex,
        dead: &[KeyId],
    ) -> Result<BTreeMap<LeafNumber, KeyId>, Fault> {
        let mut targets = BTreeMap::new();
        let mut nodes = BTreeSet::from([Place::ROOT]);
        for id in dead {
            if is_dead(index, *id)? {
                continue;
            }
            let Some(number) = leaf_number(index, *id)? else {
                return Err(Fault::damaged("key tree", format!("unknown leaf key {id}")));
            };
            let mut path: BTreeSet<Place> = (0..LEAF_DEPTH)
                .map(|depth| Place::above(number, depth))
                .collect();
            path.retain(|place| !nodes.contains(place));
            // Every rewritten node wraps at most all its children anew; targets are smaller than
            // wraps.
            let wraps = (nodes.len() + path.len()) * usize::from(ARITY) + targets.len() + 3;
            // One leaf always fits, or nothing would ever die.
            if wraps * WRAP_RECORD_BYTES > self.rotation_bytes_max && !targets.is_empty() {
                break;
            }
            nodes.append(&mut path);
            targets.insert(number, *id);
        }
        Ok(targets)
    }
}

/// The new nodes of a rotation while they are made.
struct Build<'a> {
    tree: &'a KeyTree,
    index: &'a dyn KeyIndex,
    entropy: &'a mut dyn Entropy,
    epoch: u64,
    wraps: Vec<KeyRecord>,
    expected: BTreeMap<Place, KeyId>,
    rewritten: BTreeSet<Place>,
    superseded: Vec<IndexRecord>,
}

impl Build<'_> {
    /// Wraps every surviving child of a node under the node's new key; says whether any survived.
    fn node(
        &mut self,
        place: Place,
        old: &HeldKey,
        new: &HeldKey,
        dead: &[LeafNumber],
    ) -> Result<bool, Fault> {
        let mut survived = false;
        let mut met = 0;
        for child in place.children() {
            let below = numbers_below(child, dead);
            let Some(wrap) = find_wrap(self.index, child, old.id)? else {
                continue;
            };
            met += below.len();
            self.superseded.push(IndexRecord {
                key: index::wrap_key(child, old.id),
                value: None,
            });
            let Some(kept) = self.child(&wrap, old, below)? else {
                continue;
            };
            let wrap = Wrap::make(child, Origin::Rotated, self.epoch, new, &kept, self.entropy);
            self.expected.insert(child, kept.id);
            self.wraps.push(KeyRecord::Wrap(wrap));
            survived = true;
        }
        if met == dead.len() {
            Ok(survived)
        } else {
            // A leaf that should die is not reachable: better no rotation than a wrong certificate.
            Err(unreachable(place))
        }
    }

    /// The key that a child has from now on: its own, a new one, or none if nothing is left below.
    fn child(
        &mut self,
        wrap: &Wrap,
        parent: &HeldKey,
        dead: &[LeafNumber],
    ) -> Result<Option<HeldKey>, Fault> {
        if dead.is_empty() {
            return open_wrap(wrap, parent).map(Some);
        }
        if wrap.place.depth() == LEAF_DEPTH {
            return Ok(None);
        }
        let old = self.tree.open_cached(wrap, parent)?;
        let new = HeldKey::new(Key::generate(self.entropy));
        if !self.node(wrap.place, &old, &new, dead)? {
            return Ok(None);
        }
        self.rewritten.insert(wrap.place);
        Ok(Some(new))
    }
}

/// The records of one rotation as read back from the journal files, and nothing else.
pub struct ReadBack {
    id: RotationId,
    epoch: u64,
    old_root: KeyId,
    new_root: KeyId,
    targets: Vec<KeyId>,
    wraps: Vec<(Place, KeyId, KeyId)>,
    index: MemoryIndex,
}

impl ReadBack {
    /// Reads the records from intent to ready; anything missing, doubled, out of order or changed
    /// is damage.
    pub fn from_records<'a>(records: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, Fault> {
        let mut records = records.into_iter();
        let mut sum = Sha256::new();
        let mut count = 1_u32;
        let first = records.next().ok_or_else(|| incomplete("no intent"))?;
        let mut read = Self::begin(KeyRecord::from_bytes(first)?)?;
        sum.update(first);
        let mut wraps = BTreeSet::new();
        for bytes in records.by_ref() {
            match KeyRecord::from_bytes(bytes)? {
                KeyRecord::Target { rotation, key } if rotation == read.id => {
                    read.targets.push(key)
                }
                KeyRecord::Wrap(wrap) if wrap.epoch == read.epoch && wraps.insert(wrap.place) => {
                    read.wraps.push((wrap.place, wrap.parent, wrap.child));
                    read.index.apply(index_records(bytes)?);
                }
                KeyRecord::Ready {
                    rotation,
                    count: told,
                    digest,
                } if rotation == read.id => {
                    let digest_found: [u8; 32] = sum.finalize().into();
                    let whole = told == count && digest == digest_found;
                    return match (whole, records.next()) {
                        (true, None) => Ok(read),
                        (true, Some(_)) => Err(incomplete("records after ready")),
                        (false, _) => Err(incomplete("count or digest")),
                    };
                }
                KeyRecord::Wrap(_)
                | KeyRecord::Target { .. }
                | KeyRecord::Ready { .. }
                | KeyRecord::Intent { .. }
                | KeyRecord::Fence { .. }
                | KeyRecord::Unfence { .. }
                | KeyRecord::Dead { .. }
                | KeyRecord::Done { .. }
                | KeyRecord::Abandoned { .. }
                | KeyRecord::Cut(_) => return Err(incomplete("a foreign record")),
            }
            sum.update(bytes);
            count = count.saturating_add(1);
        }
        Err(incomplete("no ready"))
    }

    fn begin(first: KeyRecord) -> Result<Self, Fault> {
        let KeyRecord::Intent {
            rotation,
            epoch,
            old_root,
            new_root,
        } = first
        else {
            return Err(incomplete("no intent"));
        };
        Ok(Self {
            id: rotation,
            epoch,
            old_root,
            new_root,
            targets: Vec::new(),
            wraps: Vec::new(),
            index: MemoryIndex::default(),
        })
    }
}

/// I4: walks what was read back through the new root only. Every expected child opens and is the
/// key it was, nothing else hangs there, and no dead leaf is among them.
pub fn verify_rotation(read_back: &ReadBack, rotation: &Rotation) -> Result<(), Fault> {
    let root = HeldKey::new(rotation.root.duplicate());
    let same = read_back.id == rotation.id
        && read_back.epoch == rotation.epoch
        && read_back.old_root == rotation.old_root
        && read_back.new_root == root.id
        && read_back.targets == rotation.dead;
    if !same {
        return Err(incomplete("another rotation's records"));
    }
    let mut found = BTreeMap::new();
    let mut open = vec![(Place::ROOT, root)];
    while let Some((place, node)) = open.pop() {
        for child in place.children() {
            let Some(wrap) = find_wrap(&read_back.index, child, node.id)? else {
                continue;
            };
            let held = open_wrap(&wrap, &node)?;
            found.insert(child, held.id);
            if rotation.rewritten.contains(&child) {
                open.push((child, held));
            }
        }
    }
    if found != rotation.expected || found.len() != read_back.wraps.len() {
        return Err(incomplete("a sibling is missing or changed"));
    }
    let dead: BTreeSet<&KeyId> = rotation.dead.iter().collect();
    if found.values().any(|id| dead.contains(id)) {
        return Err(incomplete("a dead leaf is still reachable"));
    }
    Ok(())
}

fn numbers_below(place: Place, sorted: &[LeafNumber]) -> &[LeafNumber] {
    let start = sorted.partition_point(|number| Place::above(*number, place.depth()) < place);
    let (_, from) = sorted.split_at(start);
    let end = from.partition_point(|number| Place::above(*number, place.depth()) <= place);
    let (below, _) = from.split_at(end);
    below
}

fn ready(rotation: RotationId, records: &[KeyRecord]) -> Result<KeyRecord, Fault> {
    let mut sum = Sha256::new();
    for record in records {
        sum.update(record.to_bytes());
    }
    Ok(KeyRecord::Ready {
        rotation,
        count: u32::try_from(records.len()).map_err(|_| incomplete("too many records"))?,
        digest: sum.finalize().into(),
    })
}

fn incomplete(what: &'static str) -> Fault {
    Fault::damaged("rotation", what)
}

fn epochs_exhausted() -> Fault {
    Fault::damaged("key tree", "epoch")
}
