//! The key tree: which leaf keys live, found from the one root in memory (SPEC §5.2).
//!
//! - I1: removing a leaf re-keys every ancestor and the root (`rotation.rs`).
//! - I6: a leaf has one place for ever.
//! - I7: live, fenced, shredded and unknown are four answers; a key that should open and does not
//!   is a fault, never "shredded".

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use lru::LruCache;

use super::index::{self, KeyIndex};
use super::place::{Cohort, LEAF_DEPTH, LeafNumber, MONTH_LEAVES, Place};
use super::record::{KeyRecord, Origin, RotationId, Wrap};
use super::secret::{HeldKey, Key, KeyId, LeafHandle};
use crate::clock::Entropy;
use crate::error::Fault;
use crate::limits::{KEYS_CACHED_MAX, ROTATION_BYTES_MAX};

/// Epoch of the first root.
pub const FIRST_EPOCH: u64 = 1;

/// What a key id stands for.
#[derive(Clone, Debug)]
pub enum KeyState {
    /// The key lives.
    Live(LeafHandle),
    /// The key is fenced: refuse, except for the copy for the person.
    Fenced,
    /// The key is dead; its tombstone is in the journal.
    Shredded,
    /// No record names this key. Not a shredded key: something is missing.
    Unknown,
}

/// A leaf just made. Nothing sealed under it may be acknowledged before its records are durable.
#[must_use]
pub struct NewLeaf {
    /// The living key.
    pub handle: LeafHandle,
    /// Its number, which is its place for ever.
    pub number: LeafNumber,
    /// Its wrap and those of new inner nodes; they travel in the frame of its first event.
    pub records: Vec<KeyRecord>,
}

impl NewLeaf {
    /// The key's public id.
    pub fn id(&self) -> KeyId {
        self.handle.id()
    }
}

/// The tree, opened by its root. Staged records are seen through the index that each call is given;
/// what is not (or no longer) in that index is never built upon.
pub struct KeyTree {
    pub(in crate::keys) root: HeldKey,
    pub(in crate::keys) epoch: u64,
    /// Next counter per month, as far as known. Skipped numbers do no harm.
    counters: HashMap<u32, u32>,
    /// Open node and leaf keys of this root; each is zeroised when it falls out.
    open: Mutex<LruCache<Place, HeldKey>>,
    /// Bytes of wraps in one rotation, at most.
    pub(crate) rotation_bytes_max: usize,
    /// Numbers of leaves asked for last.
    numbers: Mutex<LruCache<KeyId, LeafNumber>>,
}

impl KeyTree {
    /// A new tree: the tree, its root for the vault, and the record that names the root. The root
    /// must be in the vault before the record is durable.
    pub fn create(entropy: &mut dyn Entropy) -> (Self, Key, KeyRecord) {
        let root = Key::generate(entropy);
        let mut rotation = [0; 16];
        entropy.fill(&mut rotation);
        let record = KeyRecord::Done {
            rotation: RotationId(rotation),
            epoch: FIRST_EPOCH,
            root: root.id(),
        };
        (Self::open(root.duplicate(), FIRST_EPOCH), root, record)
    }

    /// The tree under the root that boot has decided for.
    pub fn open(root: Key, epoch: u64) -> Self {
        let capacity = NonZeroUsize::new(KEYS_CACHED_MAX).unwrap_or(NonZeroUsize::MIN);
        Self {
            root: HeldKey::new(root),
            epoch,
            counters: HashMap::new(),
            open: Mutex::new(LruCache::new(capacity)),
            rotation_bytes_max: ROTATION_BYTES_MAX,
            numbers: Mutex::new(LruCache::new(capacity)),
        }
    }

    /// The epoch of the root.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Makes a leaf key and wraps it under its place's parent; the root stays.
    pub fn insert_leaf(
        &mut self,
        index: &dyn KeyIndex,
        cohort: Cohort,
        entropy: &mut dyn Entropy,
    ) -> Result<NewLeaf, Fault> {
        let number = self.next_number(index, cohort)?;
        let mut records = Vec::new();
        let mut parent = self.root.clone();
        for depth in 1..LEAF_DEPTH {
            let place = Place::above(number, depth);
            // The record is asked for each time, cached or not: a node whose record was staged and
            // then dropped must not get children that nothing durable leads to (I3).
            let node = match find_wrap(index, place, parent.id)? {
                Some(wrap) => self.open_cached(&wrap, &parent)?,
                None => {
                    // Whatever was opened here belonged to a group that was dropped.
                    if self.cached(place).is_some() {
                        self.forget_opened();
                    }
                    let node = HeldKey::new(Key::generate(entropy));
                    let origin = Origin::Inserted;
                    let wrap = Wrap::make(place, origin, self.epoch, &parent, &node, entropy);
                    records.push(KeyRecord::Wrap(wrap));
                    node
                }
            };
            parent = node;
        }
        let leaf = HeldKey::new(Key::generate(entropy));
        let (place, origin) = (Place::leaf(number), Origin::Inserted);
        let wrap = Wrap::make(place, origin, self.epoch, &parent, &leaf, entropy);
        records.push(KeyRecord::Wrap(wrap));
        Ok(NewLeaf {
            handle: LeafHandle(leaf),
            number,
            records,
        })
    }

    /// What a key id stands for, fence and tombstone first.
    pub fn key(&self, index: &dyn KeyIndex, id: KeyId) -> Result<KeyState, Fault> {
        // A leaf is fenced before it dies and stays fenced (SPEC §6.2): without a fence it lives.
        if !is_fenced(index, id)? {
            return self.living(index, id);
        }
        match self.key_for_copy(index, id)? {
            KeyState::Live(_) => Ok(KeyState::Fenced),
            state @ (KeyState::Fenced | KeyState::Shredded | KeyState::Unknown) => Ok(state),
        }
    }

    /// As `key`, but a fenced key is given: only for the copy that a person has asked for.
    pub fn key_for_copy(&self, index: &dyn KeyIndex, id: KeyId) -> Result<KeyState, Fault> {
        if is_dead(index, id)? {
            return Ok(KeyState::Shredded);
        }
        self.living(index, id)
    }

    /// The key itself; where it is not reachable, why.
    fn living(&self, index: &dyn KeyIndex, id: KeyId) -> Result<KeyState, Fault> {
        let Some(number) = self.number(index, id)? else {
            return Ok(KeyState::Unknown);
        };
        match self.held(index, Place::leaf(number))? {
            Some(held) if held.id == id => Ok(KeyState::Live(LeafHandle(held))),
            Some(_) | None if is_dead(index, id)? => Ok(KeyState::Shredded),
            // Left behind by a rotation whose `dead` records are not written yet: it was fenced
            // before.
            Some(_) | None if is_fenced(index, id)? => Ok(KeyState::Fenced),
            Some(_) | None => Err(unreachable(Place::leaf(number))),
        }
    }

    /// A leaf's number, which never changes and is therefore remembered.
    fn number(&self, index: &dyn KeyIndex, id: KeyId) -> Result<Option<LeafNumber>, Fault> {
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = numbers.get(&id) {
            return Ok(Some(*number));
        }
        let found = leaf_number(index, id)?;
        if let Some(number) = found {
            numbers.put(id, number);
        }
        Ok(found)
    }

    /// The key at a place, opened from the root down; `None` if nothing hangs there.
    pub(in crate::keys) fn held(
        &self,
        index: &dyn KeyIndex,
        place: Place,
    ) -> Result<Option<HeldKey>, Fault> {
        let Some(above) = place.parent() else {
            return Ok(Some(self.root.clone()));
        };
        if let Some(held) = self.cached(place) {
            return Ok(Some(held));
        }
        let Some(parent) = self.held(index, above)? else {
            return Ok(None);
        };
        match find_wrap(index, place, parent.id)? {
            Some(wrap) => self.open_cached(&wrap, &parent).map(Some),
            None => Ok(None),
        }
    }

    /// The key in a wrap, from the cache if it is there.
    pub(in crate::keys) fn open_cached(
        &self,
        wrap: &Wrap,
        parent: &HeldKey,
    ) -> Result<HeldKey, Fault> {
        match self.cached(wrap.place) {
            Some(held) if held.id == wrap.child => return Ok(held),
            Some(_) => self.forget_opened(),
            None => {}
        }
        let held = open_wrap(wrap, parent)?;
        self.open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .put(wrap.place, held.clone());
        Ok(held)
    }

    fn cached(&self, place: Place) -> Option<HeldKey> {
        self.open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&place)
            .cloned()
    }

    /// Puts a new root in place of the old one and forgets every key opened under that.
    pub(in crate::keys) fn replace_root(&mut self, root: HeldKey, epoch: u64) {
        self.root = root;
        self.epoch = epoch;
        self.forget_opened();
    }

    /// Drops, and so zeroises, every opened key but the root.
    fn forget_opened(&self) {
        self.open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    fn next_number(&mut self, index: &dyn KeyIndex, cohort: Cohort) -> Result<LeafNumber, Fault> {
        for month in cohort.months() {
            let next = match self.counters.get(&month) {
                Some(next) => *next,
                None => stored_counter(index, month)?,
            };
            self.counters
                .insert(month, next.saturating_add(1).min(MONTH_LEAVES));
            if next < MONTH_LEAVES {
                return Ok(LeafNumber(month * MONTH_LEAVES + next));
            }
        }
        Err(Fault::Unusable(
            "the key tree has no free leaf in this range".to_owned(),
        ))
    }
}

/// The wrap at a place under a parent key, if there is one.
pub(in crate::keys) fn find_wrap(
    index: &dyn KeyIndex,
    place: Place,
    parent: KeyId,
) -> Result<Option<Wrap>, Fault> {
    index
        .value(&index::wrap_key(place, parent))?
        .map(|value| Wrap::from_index(place, parent, &value))
        .transpose()
}

/// Opens a wrap that its parent must open.
pub(in crate::keys) fn open_wrap(wrap: &Wrap, parent: &HeldKey) -> Result<HeldKey, Fault> {
    wrap.open(&parent.key)
        .ok_or_else(|| unreachable(wrap.place))
}

/// The leaf number of a key id, if any record ever gave it one.
pub(crate) fn leaf_number(index: &dyn KeyIndex, id: KeyId) -> Result<Option<LeafNumber>, Fault> {
    let Some(value) = index.value(&index::leaf_key(id))? else {
        return Ok(None);
    };
    read_u32(&value).map(|number| Some(LeafNumber(number)))
}

/// Whether the key has its tombstone.
pub(crate) fn is_dead(index: &dyn KeyIndex, id: KeyId) -> Result<bool, Fault> {
    Ok(index.value(&index::dead_key(id))?.is_some())
}

/// Whether the key is fenced.
pub(crate) fn is_fenced(index: &dyn KeyIndex, id: KeyId) -> Result<bool, Fault> {
    Ok(index.value(&index::fence_key(id))?.is_some())
}

/// A place that should be reachable from the root and is not.
pub(in crate::keys) fn unreachable(place: Place) -> Fault {
    let (depth, prefix) = (place.depth(), place.prefix());
    Fault::damaged("key tree", format!("depth {depth} prefix {prefix:08x}"))
}

fn stored_counter(index: &dyn KeyIndex, month: u32) -> Result<u32, Fault> {
    match index.value(&index::counter_key(month))? {
        Some(value) => read_u32(&value).map(|highest| highest.saturating_add(1)),
        None => Ok(0),
    }
}

fn read_u32(value: &[u8]) -> Result<u32, Fault> {
    value
        .try_into()
        .map(u32::from_be_bytes)
        .map_err(|_| Fault::damaged("key index", "a number"))
}
