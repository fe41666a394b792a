//! Key records: what the journal keeps of the key tree, in bytes that can be carved at any offset.
//!
//! - Fixed layout: magic ‖ kind ‖ body of the kind's length ‖ check (SPEC §5.3).
//! - Clear: a record shows places, epochs and key ids, never a key. Wraps are noise without their
//!   parent.

use std::fmt;

use sha2::{Digest, Sha256};

use super::cipher::{self, NONCE_BYTES, WRAPPED_BYTES};
use super::cut::{Cut, cut_key, open_cut_key};
use super::index::{self, IndexRecord};
use super::place::Place;
use super::secret::{HeldKey, Key, KeyId};
use crate::clock::Entropy;
use crate::error::Fault;

/// First bytes of every key record; the last one is the format version.
const MAGIC: &[u8; 4] = b"RLK\x01";
/// Bytes of the truncated SHA-256 that closes a record.
const CHECK_BYTES: usize = 8;
/// Bytes of a `Wrap` record, the largest kind.
pub const WRAP_RECORD_BYTES: usize = MAGIC.len() + 1 + WRAP_BODY_BYTES + CHECK_BYTES;
const WRAP_BODY_BYTES: usize = 1 + 4 + 1 + 8 + 16 + 16 + NONCE_BYTES + WRAPPED_BYTES;

/// The random name of one rotation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RotationId(pub [u8; 16]);

impl fmt::Debug for RotationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        KeyId(self.0).fmt(f)
    }
}

/// Why a wrap was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A new key under the key that its parent has.
    Inserted,
    /// A rotation: this child under a new parent key.
    Rotated,
}

/// One key wrapped under its parent in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrap {
    /// Where the child hangs.
    pub place: Place,
    /// Inserted or rotated.
    pub origin: Origin,
    /// Epoch of the root that it was written under.
    pub epoch: u64,
    /// The key that opens it.
    pub parent: KeyId,
    /// The key inside.
    pub child: KeyId,
    /// Random.
    pub nonce: [u8; NONCE_BYTES],
    /// XChaCha20-Poly1305(parent key, nonce, aad, child key).
    pub wrapped: [u8; WRAPPED_BYTES],
}

/// One key record of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyRecord {
    /// A node or leaf key under its parent.
    Wrap(Wrap),
    /// The leaf is fenced: no append, no read but the copy for the person.
    Fence {
        /// The leaf key.
        key: KeyId,
    },
    /// The fence is taken back (only before an intent).
    Unfence {
        /// The leaf key.
        key: KeyId,
    },
    /// Tombstone: the leaf key is unreachable for ever. Without it nothing is called shredded.
    Dead {
        /// The leaf key.
        key: KeyId,
    },
    /// A rotation begins.
    Intent {
        /// Which.
        rotation: RotationId,
        /// The epoch it leads to.
        epoch: u64,
        /// The root that will be destroyed.
        old_root: KeyId,
        /// The root that will be installed.
        new_root: KeyId,
    },
    /// A leaf that the rotation leaves behind; follows the intent, so that boot can finish alone.
    Target {
        /// Which rotation.
        rotation: RotationId,
        /// The leaf key.
        key: KeyId,
    },
    /// The rotation's records are complete.
    Ready {
        /// Which.
        rotation: RotationId,
        /// Records before this one, the intent included.
        count: u32,
        /// SHA-256 over the bytes of those records in order.
        digest: [u8; 32],
    },
    /// The new root is installed and the old one destroyed. Also written once for the first root.
    Done {
        /// Which.
        rotation: RotationId,
        /// The epoch now.
        epoch: u64,
        /// The root now.
        root: KeyId,
    },
    /// The rotation was given up; its new root is gone and the old one lives.
    Abandoned {
        /// Which.
        rotation: RotationId,
    },
    /// Segments of an event that no living grant opens: their bytes are to be zeros.
    Cut(Cut),
}

impl KeyRecord {
    /// The record's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(WRAP_RECORD_BYTES);
        bytes.extend_from_slice(MAGIC);
        bytes.push(self.kind());
        self.write_body(&mut bytes);
        let check = check(&bytes);
        bytes.extend_from_slice(&check);
        bytes
    }

    /// The record that exactly these bytes are.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Fault> {
        let (record, rest) = Self::read_first(bytes)?;
        if rest.is_empty() {
            Ok(record)
        } else {
            Err(damaged("trailing bytes"))
        }
    }

    /// The record at the start of these bytes, and what follows it.
    pub fn read_first(bytes: &[u8]) -> Result<(Self, &[u8]), Fault> {
        let (magic, after) = take::<4>(bytes)?;
        if magic != *MAGIC {
            return Err(damaged("magic"));
        }
        let ([kind], body) = take::<1>(after)?;
        let length = body_bytes(kind)
            .ok_or_else(|| damaged("kind"))?
            .saturating_add(MAGIC.len() + 1);
        let (head, tail) = bytes
            .split_at_checked(length)
            .ok_or_else(|| damaged("length"))?;
        let (found, rest) = take::<CHECK_BYTES>(tail)?;
        if found != check(head) {
            return Err(damaged("check"));
        }
        Ok((Self::read_body(kind, body)?, rest))
    }

    fn kind(&self) -> u8 {
        match self {
            Self::Wrap(_) => 1,
            Self::Fence { .. } => 2,
            Self::Unfence { .. } => 3,
            Self::Dead { .. } => 4,
            Self::Intent { .. } => 5,
            Self::Target { .. } => 6,
            Self::Ready { .. } => 7,
            Self::Done { .. } => 8,
            Self::Abandoned { .. } => 9,
            Self::Cut(_) => 10,
        }
    }

    fn write_body(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Wrap(wrap) => {
                bytes.extend_from_slice(&wrap.context());
                bytes.extend_from_slice(&wrap.nonce);
                bytes.extend_from_slice(&wrap.wrapped);
            }
            Self::Fence { key } | Self::Unfence { key } | Self::Dead { key } => {
                bytes.extend_from_slice(&key.0);
            }
            Self::Intent {
                rotation,
                epoch,
                old_root,
                new_root,
            } => {
                bytes.extend_from_slice(&rotation.0);
                bytes.extend_from_slice(&epoch.to_be_bytes());
                bytes.extend_from_slice(&old_root.0);
                bytes.extend_from_slice(&new_root.0);
            }
            Self::Target { rotation, key } => {
                bytes.extend_from_slice(&rotation.0);
                bytes.extend_from_slice(&key.0);
            }
            Self::Ready {
                rotation,
                count,
                digest,
            } => {
                bytes.extend_from_slice(&rotation.0);
                bytes.extend_from_slice(&count.to_be_bytes());
                bytes.extend_from_slice(digest);
            }
            Self::Done {
                rotation,
                epoch,
                root,
            } => {
                bytes.extend_from_slice(&rotation.0);
                bytes.extend_from_slice(&epoch.to_be_bytes());
                bytes.extend_from_slice(&root.0);
            }
            Self::Abandoned { rotation } => bytes.extend_from_slice(&rotation.0),
            Self::Cut(cut) => cut.write(bytes),
        }
    }

    fn read_body(kind: u8, body: &[u8]) -> Result<Self, Fault> {
        if kind == 10 {
            return Cut::read(body)
                .map(Self::Cut)
                .ok_or_else(|| damaged("length"));
        }
        let (first, rest) = take::<16>(body)?;
        let key = KeyId(first);
        let rotation = RotationId(first);
        match kind {
            1 => Wrap::read(body).map(Self::Wrap),
            2 => Ok(Self::Fence { key }),
            3 => Ok(Self::Unfence { key }),
            4 => Ok(Self::Dead { key }),
            5 => {
                let (epoch, rest) = take::<8>(rest)?;
                let (old_root, rest) = take::<16>(rest)?;
                Ok(Self::Intent {
                    rotation,
                    epoch: u64::from_be_bytes(epoch),
                    old_root: KeyId(old_root),
                    new_root: KeyId(take::<16>(rest)?.0),
                })
            }
            6 => Ok(Self::Target {
                rotation,
                key: KeyId(take::<16>(rest)?.0),
            }),
            7 => {
                let (count, rest) = take::<4>(rest)?;
                Ok(Self::Ready {
                    rotation,
                    count: u32::from_be_bytes(count),
                    digest: take::<32>(rest)?.0,
                })
            }
            8 => {
                let (epoch, rest) = take::<8>(rest)?;
                Ok(Self::Done {
                    rotation,
                    epoch: u64::from_be_bytes(epoch),
                    root: KeyId(take::<16>(rest)?.0),
                })
            }
            9 => Ok(Self::Abandoned { rotation }),
            _ => Err(damaged("kind")),
        }
    }

    fn index(&self, bytes: &[u8], records: &mut Vec<IndexRecord>) {
        let mut put = |key: Vec<u8>, value: Option<Vec<u8>>| {
            records.push(IndexRecord { key, value });
        };
        match self {
            Self::Wrap(wrap) => {
                put(
                    index::wrap_key(wrap.place, wrap.parent),
                    Some(wrap.index_value()),
                );
                if let (Some(number), Origin::Inserted) = (wrap.place.leaf_number(), wrap.origin) {
                    put(
                        index::leaf_key(wrap.child),
                        Some(number.0.to_be_bytes().to_vec()),
                    );
                    let counter = number.counter().to_be_bytes().to_vec();
                    put(index::counter_key(number.month()), Some(counter));
                }
            }
            Self::Fence { key } => put(index::fence_key(*key), Some(Vec::new())),
            Self::Unfence { key } => put(index::fence_key(*key), None),
            Self::Dead { key } => put(index::dead_key(*key), Some(Vec::new())),
            Self::Intent { .. } => {
                put(index::INTENT_KEY.to_vec(), Some(bytes.to_vec()));
                put(index::READY_KEY.to_vec(), None);
            }
            Self::Target { .. } => {}
            Self::Ready { .. } => put(index::READY_KEY.to_vec(), Some(bytes.to_vec())),
            Self::Done { .. } => {
                put(index::DONE_KEY.to_vec(), Some(bytes.to_vec()));
                put(index::INTENT_KEY.to_vec(), None);
                put(index::READY_KEY.to_vec(), None);
            }
            Self::Abandoned { .. } => {
                put(index::INTENT_KEY.to_vec(), None);
                put(index::READY_KEY.to_vec(), None);
            }
            Self::Cut(cut) => {
                for segment in cut.numbers() {
                    put(cut_key(cut.position, segment), Some(Vec::new()));
                    put(open_cut_key(cut.position, segment), Some(Vec::new()));
                }
            }
        }
    }
}

impl Wrap {
    /// Wraps a key under the one above it.
    pub(in crate::keys) fn make(
        place: Place,
        origin: Origin,
        epoch: u64,
        parent: &HeldKey,
        child: &HeldKey,
        entropy: &mut dyn Entropy,
    ) -> Self {
        let mut wrap = Self {
            place,
            origin,
            epoch,
            parent: parent.id,
            child: child.id,
            nonce: cipher::nonce(entropy),
            wrapped: [0; WRAPPED_BYTES],
        };
        wrap.wrapped = cipher::wrap(&parent.key, &wrap.nonce, &wrap.context(), &child.key);
        wrap
    }

    /// The key inside; `None` if it does not open, or is not the key it is named for.
    pub(in crate::keys) fn open(&self, parent: &Key) -> Option<HeldKey> {
        cipher::unwrap(parent, &self.nonce, &self.context(), &self.wrapped)
            .map(HeldKey::new)
            .filter(|held| held.id == self.child)
    }

    /// What the index holds of a wrap; the rest is in its key.
    pub(in crate::keys) fn from_index(
        place: Place,
        parent: KeyId,
        value: &[u8],
    ) -> Result<Self, Fault> {
        let (origin, rest) = take::<1>(value)?;
        let (epoch, rest) = take::<8>(rest)?;
        let (child, rest) = take::<16>(rest)?;
        let (nonce, rest) = take::<NONCE_BYTES>(rest)?;
        let (wrapped, rest) = take::<WRAPPED_BYTES>(rest)?;
        if !rest.is_empty() {
            return Err(damaged("index value"));
        }
        Ok(Self {
            place,
            origin: Origin::from_byte(origin)?,
            epoch: u64::from_be_bytes(epoch),
            parent,
            child: KeyId(child),
            nonce,
            wrapped,
        })
    }

    fn index_value(&self) -> Vec<u8> {
        let mut value = Vec::with_capacity(WRAP_BODY_BYTES);
        value.push(self.origin.byte());
        value.extend_from_slice(&self.epoch.to_be_bytes());
        value.extend_from_slice(&self.child.0);
        value.extend_from_slice(&self.nonce);
        value.extend_from_slice(&self.wrapped);
        value
    }

    /// depth ‖ prefix ‖ origin ‖ epoch ‖ parent ‖ child: the clear half, bound as additional data.
    fn context(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(46);
        bytes.push(self.place.depth());
        bytes.extend_from_slice(&self.place.prefix().to_be_bytes());
        bytes.push(self.origin.byte());
        bytes.extend_from_slice(&self.epoch.to_be_bytes());
        bytes.extend_from_slice(&self.parent.0);
        bytes.extend_from_slice(&self.child.0);
        bytes
    }

    fn read(body: &[u8]) -> Result<Self, Fault> {
        let ([depth], rest) = take::<1>(body)?;
        let (prefix, rest) = take::<4>(rest)?;
        let (origin, rest) = take::<1>(rest)?;
        let (epoch, rest) = take::<8>(rest)?;
        let (parent, rest) = take::<16>(rest)?;
        let (child, rest) = take::<16>(rest)?;
        let (nonce, rest) = take::<NONCE_BYTES>(rest)?;
        let (wrapped, _) = take::<WRAPPED_BYTES>(rest)?;
        let place = Place::new(depth, u32::from_be_bytes(prefix))
            .filter(|place| place.parent().is_some())
            .ok_or_else(|| damaged("place"))?;
        Ok(Self {
            place,
            origin: Origin::from_byte(origin)?,
            epoch: u64::from_be_bytes(epoch),
            parent: KeyId(parent),
            child: KeyId(child),
            nonce,
            wrapped,
        })
    }
}

impl Origin {
    fn byte(self) -> u8 {
        match self {
            Self::Inserted => 0,
            Self::Rotated => 1,
        }
    }

    fn from_byte([byte]: [u8; 1]) -> Result<Self, Fault> {
        match byte {
            0 => Ok(Self::Inserted),
            1 => Ok(Self::Rotated),
            _ => Err(damaged("origin")),
        }
    }
}

/// What the index holds of these key records (one, or several in a row). Pure; needs no key.
pub fn index_records(bytes: &[u8]) -> Result<Vec<IndexRecord>, Fault> {
    let mut records = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (record, after) = KeyRecord::read_first(rest)?;
        let (own, _) = rest.split_at(rest.len() - after.len());
        record.index(own, &mut records);
        rest = after;
    }
    Ok(records)
}

/// Whether these bytes are a `Fence` record, by their kind alone.
pub(crate) fn is_fence(bytes: &[u8]) -> bool {
    bytes.get(MAGIC.len()) == Some(&2)
}

fn body_bytes(kind: u8) -> Option<usize> {
    match kind {
        1 => Some(WRAP_BODY_BYTES),
        2..=4 | 9 => Some(16),
        5 => Some(16 + 8 + 16 + 16),
        6 => Some(16 + 16),
        7 => Some(16 + 4 + 32),
        8 => Some(16 + 8 + 16),
        10 => Some(Cut::BYTES),
        _ => None,
    }
}

fn check(head: &[u8]) -> [u8; CHECK_BYTES] {
    let digest: [u8; 32] = Sha256::digest(head).into();
    let mut check = [0; CHECK_BYTES];
    check
        .iter_mut()
        .zip(digest)
        .for_each(|(to, from)| *to = from);
    check
}

fn take<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8]), Fault> {
    bytes
        .split_first_chunk::<N>()
        .map(|(first, rest)| (*first, rest))
        .ok_or_else(|| damaged("length"))
}

fn damaged(part: &'static str) -> Fault {
    Fault::damaged("key record", part)
}
