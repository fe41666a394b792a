//! The clear index of key records: what is found where, without any key.
//!
//! - Wraps are filed by place **and parent key id**: a rotation's wraps hang under a new root and
//!   stand beside the living ones, so nothing has to be switched when it is done, or undone when it
//!   is not.
//! - Every index key of this module starts with the byte `k`.

use std::collections::HashMap;

use super::place::Place;
use super::secret::KeyId;
use crate::error::Fault;

/// One clear index record: sled key → value (`None` = remove).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexRecord {
    /// The key in the index.
    pub key: Vec<u8>,
    /// The value, or `None` to remove the key.
    pub value: Option<Vec<u8>>,
}

/// Read side of the index that key lookups use; implemented by the log's reader plus staging.
pub trait KeyIndex {
    /// The value under an index key.
    fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault>;
}

/// An index in memory: staged records of a group, or records read back from journal files.
#[derive(Clone, Debug, Default)]
pub struct MemoryIndex {
    values: HashMap<Vec<u8>, Option<Vec<u8>>>,
}

impl MemoryIndex {
    /// Applies index records in order.
    pub fn apply(&mut self, records: impl IntoIterator<Item = IndexRecord>) {
        for record in records {
            self.values.insert(record.key, record.value);
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.values.clear();
    }
}

impl KeyIndex for MemoryIndex {
    fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        Ok(self.values.get(key).cloned().flatten())
    }
}

/// Staged records in front of a durable index.
#[derive(Clone, Copy)]
pub struct Overlay<'a> {
    /// What lies below.
    pub base: &'a dyn KeyIndex,
    /// What was staged, removals included; the newest first.
    pub staged: &'a [&'a MemoryIndex],
}

impl KeyIndex for Overlay<'_> {
    fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        let staged = self.staged.iter().find_map(|one| one.values.get(key));
        staged.map_or_else(|| self.base.value(key), |value| Ok(value.clone()))
    }
}

/// `kw ‖ depth ‖ prefix ‖ parent key id` → epoch ‖ child key id ‖ nonce ‖ wrapped key.
pub(in crate::keys) fn wrap_key(place: Place, parent: KeyId) -> Vec<u8> {
    let mut key = Vec::with_capacity(23);
    key.extend_from_slice(b"kw");
    key.push(place.depth());
    key.extend_from_slice(&place.prefix().to_be_bytes());
    key.extend_from_slice(&parent.0);
    key
}

/// `kl ‖ key id` → leaf number.
pub(in crate::keys) fn leaf_key(id: KeyId) -> Vec<u8> {
    [b"kl".as_slice(), &id.0].concat()
}

/// What index keys of fences begin with.
pub(in crate::keys) const FENCE_START: &[u8] = b"kf";

/// `kf ‖ key id` → nothing, present while fenced.
pub(in crate::keys) fn fence_key(id: KeyId) -> Vec<u8> {
    [FENCE_START, &id.0].concat()
}

/// `kd ‖ key id` → nothing, present for ever once the key is dead.
pub(in crate::keys) fn dead_key(id: KeyId) -> Vec<u8> {
    [b"kd".as_slice(), &id.0].concat()
}

/// `kc ‖ month` → the highest counter given out in that month.
pub(in crate::keys) fn counter_key(month: u32) -> Vec<u8> {
    [b"kc".as_slice(), &month.to_be_bytes()].concat()
}

/// The last `Done` record.
pub(in crate::keys) const DONE_KEY: &[u8] = b"ke";
/// The `Intent` record of a rotation that is neither done nor abandoned.
pub(in crate::keys) const INTENT_KEY: &[u8] = b"ki";
/// The `Ready` record of that rotation.
pub(in crate::keys) const READY_KEY: &[u8] = b"kr";
