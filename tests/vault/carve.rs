//! The bytes of every key that can be had from some files, for a search in memory. Written from
//! `ledger/SPEC.md` alone; it shares no code with the writer, nor with `shredcheck`, which gives no
//! key away.

use std::collections::{HashMap, HashSet};

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use sha2::{Digest, Sha256};

type KeyId = [u8; 16];
type Key = [u8; 32];

/// A wrap record found somewhere.
struct Wrap {
    parent: KeyId,
    child: KeyId,
    context: Vec<u8>,
    nonce: [u8; 24],
    wrapped: Vec<u8>,
}

/// What the carving came to.
pub(super) struct Carved {
    /// Keys that lay somewhere in the clear.
    pub(super) lying_open: HashSet<KeyId>,
    /// Every key that can be had.
    pub(super) reachable: HashSet<KeyId>,
    /// Their bytes.
    pub(super) keys: HashMap<KeyId, Key>,
}

/// Carves files and follows every wrap.
pub(super) fn carve(files: &[(String, Vec<u8>)]) -> Carved {
    let wraps: Vec<Wrap> = files
        .iter()
        .flat_map(|(_, bytes)| wraps_in(bytes))
        .collect();
    let mut known: HashSet<KeyId> = wraps.iter().map(|wrap| wrap.child).collect();
    known.extend(wraps.iter().map(|wrap| wrap.parent));
    let mut keys: HashMap<KeyId, Key> = HashMap::new();
    for (_, bytes) in files {
        lying_in(bytes, &known, &mut keys);
    }
    let lying_open = keys.keys().copied().collect();
    let mut by_parent: HashMap<KeyId, Vec<&Wrap>> = HashMap::new();
    for wrap in &wraps {
        by_parent.entry(wrap.parent).or_default().push(wrap);
    }
    let mut open: Vec<KeyId> = keys.keys().copied().collect();
    while let Some(parent) = open.pop() {
        let under = keys[&parent];
        for wrap in by_parent
            .get(&parent)
            .map(Vec::as_slice)
            .unwrap_or_default()
        {
            if let Some(child) = unwrap(&under, wrap)
                && fingerprint(&child) == wrap.child
                && keys.insert(wrap.child, child).is_none()
            {
                open.push(wrap.child);
            }
        }
    }
    Carved {
        lying_open,
        reachable: keys.keys().copied().collect(),
        keys,
    }
}

/// SPEC §5: magic `RLK\x01`, kind 1, depth, prefix, origin, epoch, parent, child, nonce, wrapped
/// key, check.
fn wraps_in(bytes: &[u8]) -> Vec<Wrap> {
    const CONTEXT: usize = 1 + 4 + 1 + 8 + 16 + 16;
    const LENGTH: usize = 5 + CONTEXT + 24 + 48 + 8;
    let mut found = Vec::new();
    for (place, window) in bytes.windows(5).enumerate() {
        if window != b"RLK\x01\x01" || bytes.len() < place + LENGTH {
            continue;
        }
        let record = &bytes[place..place + LENGTH];
        let (head, check) = record.split_at(LENGTH - 8);
        if Sha256::digest(head)[..8] != *check {
            continue;
        }
        let body = &head[5..];
        found.push(Wrap {
            parent: body[14..30].try_into().unwrap(),
            child: body[30..46].try_into().unwrap(),
            context: body[..CONTEXT].to_vec(),
            nonce: body[CONTEXT..CONTEXT + 24].try_into().unwrap(),
            wrapped: body[CONTEXT + 24..].to_vec(),
        });
    }
    found
}

fn lying_in(bytes: &[u8], known: &HashSet<KeyId>, keys: &mut HashMap<KeyId, Key>) {
    for window in bytes.windows(32) {
        // A window with two neighbouring zero pairs is padding: no random key in practice.
        if window[..4] == [0; 4] || window[28..] == [0; 4] {
            continue;
        }
        let key: Key = window.try_into().unwrap();
        let id = fingerprint(&key);
        if known.contains(&id) {
            keys.insert(id, key);
        }
    }
}

fn unwrap(under: &Key, wrap: &Wrap) -> Option<Key> {
    let cipher = XChaCha20Poly1305::new(under.into());
    let payload = Payload {
        msg: &wrap.wrapped,
        aad: &wrap.context,
    };
    let plain = cipher.decrypt((&wrap.nonce).into(), payload).ok()?;
    plain.try_into().ok()
}

/// SPEC §5: HKDF-Expand(key, "kid", 16), which is one HMAC.
fn fingerprint(key: &Key) -> KeyId {
    let pad = |byte: u8| {
        let mut block = [byte; 64];
        block.iter_mut().zip(key).for_each(|(to, from)| *to ^= from);
        block
    };
    let inner = Sha256::new()
        .chain_update(pad(0x36))
        .chain_update(b"kid\x01")
        .finalize();
    let outer = Sha256::new()
        .chain_update(pad(0x5c))
        .chain_update(inner)
        .finalize();
    outer[..16].try_into().unwrap()
}
