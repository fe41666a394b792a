//! The attacker of SECURITY.md: carves every wrap at every byte offset and opens all that a root
//! opens.

use std::collections::{BTreeMap, BTreeSet};

use crate::keys::place::Place;
use crate::keys::record::{KeyRecord, Wrap};
use crate::keys::secret::{HeldKey, Key, KeyId};

/// Every wrap that lies anywhere in these bytes.
pub(super) fn carve(bytes: &[u8]) -> Vec<Wrap> {
    (0..bytes.len())
        .filter_map(|offset| match KeyRecord::read_first(&bytes[offset..]) {
            Ok((KeyRecord::Wrap(wrap), _)) => Some(wrap),
            _ => None,
        })
        .collect()
}

/// All keys that the root leads to over these wraps, however old, and the places each was found at.
pub(super) fn closure(root: &Key, wraps: &[Wrap]) -> BTreeMap<KeyId, BTreeSet<(Place, KeyId)>> {
    let mut by_parent: BTreeMap<KeyId, Vec<&Wrap>> = BTreeMap::new();
    for wrap in wraps {
        by_parent.entry(wrap.parent).or_default().push(wrap);
    }
    let mut found: BTreeMap<KeyId, BTreeSet<(Place, KeyId)>> = BTreeMap::new();
    let mut open = vec![HeldKey::new(root.duplicate())];
    while let Some(parent) = open.pop() {
        for wrap in by_parent.get(&parent.id).into_iter().flatten() {
            let Some(child) = wrap.open(&parent.key) else {
                continue;
            };
            let first_time = !found.contains_key(&child.id);
            found
                .entry(child.id)
                .or_default()
                .insert((wrap.place, wrap.parent));
            if first_time {
                open.push(child);
            }
        }
    }
    found
}
