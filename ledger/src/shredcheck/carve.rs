//! Key records in any bytes, at any offset (SPEC §5.3).
//!
//! - `record = "RLK" ‖ 0x01 ‖ kind(1) ‖ body ‖ SHA-256(all before)[..8]`; the kind gives the
//!   length.
//! - A record counts once, however often and wherever it lies.

use std::collections::{BTreeMap, HashMap, HashSet};

use sha2::{Digest, Sha256};

use super::KeyId;
use super::copies::Chunk;

/// One key under another.
pub(super) struct Wrap {
    /// The key inside.
    pub(super) child: KeyId,
    /// Depth, prefix, origin, epoch, parent and child: what the cipher binds it to.
    pub(super) context: [u8; CONTEXT_BYTES],
    /// The cipher's nonce.
    pub(super) nonce: [u8; NONCE_BYTES],
    /// The child, sealed.
    pub(super) wrapped: [u8; WRAPPED_BYTES],
}

/// The bytes of one record whose check is good.
pub(super) type Found = Box<[u8]>;

/// Everything that the records say.
#[derive(Default)]
pub(super) struct Records {
    /// By the key that opens them.
    pub(super) wraps: HashMap<KeyId, Vec<Wrap>>,
    /// Keys with a tombstone.
    pub(super) dead: HashSet<KeyId>,
    /// Every key that any record names.
    pub(super) named: HashSet<KeyId>,
    /// Distinct records by kind.
    pub(super) counts: BTreeMap<&'static str, u64>,
    /// Leaves, and in which of the things that were given they are named.
    leaves: HashMap<KeyId, HashSet<usize>>,
    /// Roots called installed: epoch, key, and where.
    installed: HashSet<(u64, KeyId, usize)>,
    seen: HashSet<[u8; 16]>,
}

/// The records that begin in a chunk.
pub(super) fn carve(chunk: &Chunk<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let mut rest = chunk.bytes;
    // What follows the fresh bytes belongs to the next chunk and is here to be read over the end.
    let beyond = chunk.bytes.len().saturating_sub(chunk.fresh);
    while let Some(place) = rest.iter().position(|byte| MAGIC.first() == Some(byte)) {
        rest = rest.get(place..).unwrap_or_default();
        if rest.len() <= beyond {
            break;
        }
        found.extend(record_at(rest));
        rest = rest.get(1..).unwrap_or_default();
    }
    found
}

/// The record that these bytes begin with, if its check is good.
fn record_at(bytes: &[u8]) -> Option<Found> {
    let (kind, _) = bytes.strip_prefix(MAGIC)?.split_first()?;
    let (_, body_bytes) = kind_of(*kind)?;
    let (covered, rest) = bytes.split_at_checked(MAGIC.len() + 1 + body_bytes)?;
    let check = rest.get(..CHECK_BYTES)?;
    let digest = Sha256::digest(covered);
    digest.starts_with(check).then(|| covered.into())
}

/// Name and length of the body.
fn kind_of(kind: u8) -> Option<(&'static str, usize)> {
    Some(match kind {
        1 => ("wraps", CONTEXT_BYTES + NONCE_BYTES + WRAPPED_BYTES),
        2 => ("fences", 16),
        3 => ("unfences", 16),
        4 => ("tombstones", 16),
        5 => ("intents", 16 + 8 + 16 + 16),
        6 => ("targets", 16 + 16),
        7 => ("readies", 16 + 4 + 32),
        8 => ("roots installed", 16 + 8 + 16),
        9 => ("rotations abandoned", 16),
        10 => ("cut lists", 8 + 2),
        _ => return None,
    })
}

impl Records {
    /// Adds a record that was found in one of the things given.
    pub(super) fn add(&mut self, found: &[u8], argument: usize) {
        let Some((kind, body)) = found.strip_prefix(MAGIC).and_then(<[u8]>::split_first) else {
            return;
        };
        let digest = Sha256::digest(found);
        let new = digest.first_chunk().is_some_and(|it| self.seen.insert(*it));
        if let (true, Some((name, _))) = (new, kind_of(*kind)) {
            *self.counts.entry(name).or_default() += 1;
        }
        // A record of a known kind has a body of that kind's length, so no part is missing.
        let mut parts = Parts(body);
        let _ = match kind {
            1 => self.wrap(parts, new, argument),
            2 | 3 => parts.id().map(|it| self.name(it)),
            4 => parts.id().map(|it| {
                self.dead.insert(it);
                self.name(it);
            }),
            5 => parts.skip(16 + 8).and_then(|mut roots| {
                self.named.extend([roots.id()?, roots.id()?]);
                Some(())
            }),
            6 => parts
                .skip(16)
                .and_then(|mut key| key.id())
                .map(|it| self.name(it)),
            8 => parts.skip(16).and_then(|mut root| {
                let (epoch, root) = (root.number()?, root.id()?);
                self.installed.insert((epoch, root, argument));
                self.name(root);
                Some(())
            }),
            _ => None,
        };
    }

    fn wrap(&mut self, mut parts: Parts<'_>, new: bool, argument: usize) -> Option<()> {
        let context: [u8; CONTEXT_BYTES] = parts.take()?;
        let depth = *context.first()?;
        let mut ids = Parts(&context).skip(1 + 4 + 1 + 8)?;
        let (parent, child) = (ids.id()?, ids.id()?);
        if depth == LEAF_DEPTH {
            self.leaves.entry(child).or_default().insert(argument);
        }
        if new {
            let (nonce, wrapped) = (parts.take()?, parts.take()?);
            self.wraps.entry(parent).or_default().push(Wrap {
                child,
                context,
                nonce,
                wrapped,
            });
            self.named.extend([parent, child]);
        }
        Some(())
    }

    fn name(&mut self, key: KeyId) {
        self.named.insert(key);
    }

    /// The newest root that is called installed.
    pub(super) fn installed(&self) -> Option<(u64, KeyId)> {
        let newest = self.installed.iter().max()?;
        Some((newest.0, newest.1))
    }

    /// Leaves without a tombstone that a copy with the newest root names: they must be reachable.
    pub(super) fn living(&self) -> HashSet<KeyId> {
        let present = self.present();
        self.leaves_where(|places| !places.is_disjoint(&present))
    }

    /// Leaves without a tombstone that only other copies name.
    pub(super) fn elsewhere(&self) -> HashSet<KeyId> {
        let present = self.present();
        self.leaves_where(|places| places.is_disjoint(&present))
    }

    fn leaves_where(&self, wanted: impl Fn(&HashSet<usize>) -> bool) -> HashSet<KeyId> {
        let leaves = self.leaves.iter();
        leaves
            .filter(|(leaf, places)| !self.dead.contains(leaf) && wanted(places))
            .map(|(leaf, _)| *leaf)
            .collect()
    }

    /// Which of the things given hold the newest root's record.
    fn present(&self) -> HashSet<usize> {
        let newest = self.installed();
        let installed = self.installed.iter();
        installed
            .filter(|(epoch, root, _)| Some((*epoch, *root)) == newest)
            .map(|(_, _, argument)| *argument)
            .collect()
    }
}

/// Bytes taken from the front.
struct Parts<'a>(&'a [u8]);

impl<'a> Parts<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn id(&mut self) -> Option<KeyId> {
        self.take().map(KeyId)
    }

    fn number(&mut self) -> Option<u64> {
        self.take().map(u64::from_be_bytes)
    }

    fn skip(self, bytes: usize) -> Option<Self> {
        self.0.get(bytes..).map(Parts)
    }
}

const MAGIC: &[u8] = b"RLK\x01";
const CHECK_BYTES: usize = 8;
const CONTEXT_BYTES: usize = 1 + 4 + 1 + 8 + 16 + 16;
const NONCE_BYTES: usize = 24;
const WRAPPED_BYTES: usize = 48;
/// A wrap at this depth holds a leaf.
const LEAF_DEPTH: u8 = 8;
