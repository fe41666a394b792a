//! What some keys lead to, over every wrap ever found.

use std::collections::{HashMap, HashSet};

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use zeroize::Zeroizing;

use super::KeyId;
use super::carve::{Records, Wrap};
use super::fingerprint::{KEY_BYTES, Key, fingerprint};

/// Every key that can be had.
pub(super) struct Reached(HashMap<KeyId, Key>);

impl Reached {
    /// Opens everything that these keys open, and what that opens, until nothing is new.
    pub(super) fn from(start: impl Iterator<Item = (KeyId, Key)>, records: &Records) -> Self {
        let mut keys: HashMap<KeyId, Key> = start.collect();
        let mut open: Vec<KeyId> = keys.keys().copied().collect();
        while let Some(parent) = open.pop() {
            let Some(under) = keys.get(&parent).cloned() else {
                continue;
            };
            for wrap in records.wraps.get(&parent).into_iter().flatten() {
                if keys.contains_key(&wrap.child) {
                    continue;
                }
                if let Some(child) = unwrap(&under, wrap) {
                    keys.insert(wrap.child, child);
                    open.push(wrap.child);
                }
            }
        }
        Self(keys)
    }

    /// Those of some keys that can be had, in order.
    pub(super) fn of(&self, keys: &HashSet<KeyId>) -> Vec<KeyId> {
        sorted(keys.iter().filter(|key| self.0.contains_key(key)))
    }

    /// Those that cannot, in order.
    pub(super) fn missing(&self, keys: &HashSet<KeyId>) -> Vec<KeyId> {
        sorted(keys.iter().filter(|key| !self.0.contains_key(key)))
    }
}

/// SPEC §5.2: whoever opens a wrap compares the key id.
fn unwrap(under: &Key, wrap: &Wrap) -> Option<Key> {
    let cipher = XChaCha20Poly1305::new((&**under).into());
    let payload = Payload {
        msg: &wrap.wrapped,
        aad: &wrap.context,
    };
    let plain = cipher.decrypt((&wrap.nonce).into(), payload).ok()?;
    let plain = Zeroizing::new(plain);
    let key: &[u8; KEY_BYTES] = plain.as_slice().try_into().ok()?;
    (fingerprint(key) == wrap.child).then(|| Zeroizing::new(*key))
}

fn sorted<'a>(keys: impl Iterator<Item = &'a KeyId>) -> Vec<KeyId> {
    let mut keys: Vec<KeyId> = keys.copied().collect();
    keys.sort_unstable();
    keys
}
