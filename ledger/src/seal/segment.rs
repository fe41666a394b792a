//! A sealed segment: grants ‖ n ‖ commit ‖ ciphertext (SPEC §4.4).
//!
//! - Every living grant opens it (OR over grounds); a grant needs all its keys (AND over persons).
//! - Moved, renumbered, stripped of a grant or read under another schema, it does not open.
//! - The commitment is compared before decrypting: one ciphertext has one reading.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::padding;
use super::unsealed::{Unsealed, UnsealedGrant};
use crate::clock::Entropy;
use crate::error::Fault;
use crate::header::{SUITE, VERSION};
use crate::keys::cipher::{
    COMMIT_BYTES, GrantKey, NONCE_BYTES, SegmentKey, TAG_BYTES, WRAPPED_BYTES,
};
use crate::keys::{KeyId, KeyState, LeafHandle};
use crate::limits::{ADDED_GRANTS_MAX, GRANT_KEYS_MAX, GRANTS_MAX, SEGMENTS_MAX};

/// Where a segment stands; all of it is bound into the ciphertext.
#[derive(Clone, Copy, Debug)]
pub struct SegmentContext<'a> {
    /// The ledger.
    pub log_id: &'a [u8; 32],
    /// The event's leaf in the Merkle tree.
    pub leaf_index: u64,
    /// The segment's number in its event, from 0.
    pub number: u8,
    /// Segments of the event.
    pub count: u8,
    /// Version of what is encoded inside.
    pub schema: u16,
}

/// What opening a segment gives. Only `Shredded` says that the data is gone.
pub enum Opened {
    /// The plaintext, wiped when dropped.
    Plain(Zeroizing<Vec<u8>>),
    /// Every grant has a dead key.
    Shredded,
    /// No grant lives, no key is unknown, and at least one grant waits behind a fence.
    Fenced,
    /// No grant lives, and a key of one that is not dead is in no record: something is missing.
    UnknownKey,
}

/// Tells what the keys of a segment stand for; may be `KeyTree::key` or `KeyTree::key_for_copy`.
pub type Keys<'a> = &'a mut dyn FnMut(&KeyId) -> Result<KeyState, Fault>;

/// Seals a plaintext so that any of the grants opens it.
pub fn seal_segment(
    context: &SegmentContext<'_>,
    plaintext: &[u8],
    grants: &[Vec<&LeafHandle>],
    entropy: &mut dyn Entropy,
) -> Result<Vec<u8>, Fault> {
    let owned = |keys: &Vec<&LeafHandle>| keys.iter().copied().cloned().collect();
    let plain = Zeroizing::new(plaintext.to_vec());
    let grants = grants.iter().map(owned).collect();
    Unsealed::new(context, plain, grants, entropy)?.seal(context)
}

/// The key ids of a segment's own grants; needs no key.
pub fn segment_grants(segment: &[u8]) -> Result<Vec<Vec<KeyId>>, Fault> {
    let parsed = Parsed::read(segment).ok_or_else(layout)?;
    Ok(parsed.grants.into_iter().map(|grant| grant.keys).collect())
}

/// The key ids of an added grant; needs no key.
pub fn added_grant_keys(grant: &[u8]) -> Result<Vec<KeyId>, Fault> {
    match Grant::read(grant) {
        Some((grant, [])) => Ok(grant.keys),
        Some(_) | None => Err(layout()),
    }
}

/// Opens a segment through its own grants or, if none of them lives, through added ones.
pub fn open_segment(
    context: &SegmentContext<'_>,
    segment: &[u8],
    added: &[&[u8]],
    keys: Keys<'_>,
) -> Result<Opened, Fault> {
    let parsed = Parsed::read(segment).ok_or_else(layout)?;
    let key = match parsed.key(context, added, keys)? {
        Found::Key(key) => key,
        Found::None(Dead::Fenced) => return Ok(Opened::Fenced),
        Found::None(Dead::Unknown) => return Ok(Opened::UnknownKey),
        Found::None(Dead::Shredded) => return Ok(Opened::Shredded),
    };
    let bound = context.bytes(parsed.grants_bytes);
    let (cipher, commit) = key.derive(parsed.nonce, &bound);
    if !bool::from(commit.ct_eq(parsed.commit)) {
        return Err(damaged(context, "commitment"));
    }
    let mut plain = Zeroizing::new(parsed.body.to_vec());
    let aad = additional_data(&bound, &commit);
    if !cipher.open(parsed.nonce, &aad, &mut plain, parsed.tag) {
        return Err(damaged(context, "ciphertext"));
    }
    padding::unpad(plain).map(Opened::Plain)
}

/// A grant of an old segment to a later ground, for an event of its own; `None` if the segment does
/// not open through the keys given (fenced, shredded or unknown).
pub fn add_grant(
    context: &SegmentContext<'_>,
    segment: &[u8],
    added: &[&[u8]],
    through: Keys<'_>,
    new: &[&LeafHandle],
    entropy: &mut dyn Entropy,
) -> Result<Option<Vec<u8>>, Fault> {
    let parsed = Parsed::read(segment).ok_or_else(layout)?;
    let Found::Key(key) = parsed.key(context, added, through)? else {
        return Ok(None);
    };
    // The commitment proves that the key is this segment's before anything is granted.
    let (_, commit) = key.derive(parsed.nonce, &context.bytes(parsed.grants_bytes));
    if !bool::from(commit.ct_eq(parsed.commit)) {
        return Err(damaged(context, "commitment"));
    }
    let new = new.iter().copied().cloned().collect();
    let new = UnsealedGrant::new(context, new, entropy)?;
    let mut grant = Vec::with_capacity(new.bytes());
    new.write(context, &key, &mut grant);
    Ok(Some(grant))
}

const CONTEXT_BYTES: usize = 2 + 32 + 8 + 1 + 1 + 2 + 32;

impl SegmentContext<'_> {
    pub(super) fn check(&self) -> Result<(), Fault> {
        if self.number < self.count && usize::from(self.count) <= SEGMENTS_MAX {
            Ok(())
        } else {
            Err(damaged(self, "segment number"))
        }
    }

    /// ctx = suite ‖ version ‖ log id ‖ leaf index ‖ number ‖ count ‖ schema ‖ SHA-256(grants).
    pub(super) fn bytes(&self, grants: &[u8]) -> [u8; CONTEXT_BYTES] {
        let mut bytes = [0; CONTEXT_BYTES];
        let digest: [u8; 32] = Sha256::digest(grants).into();
        let parts: [&[u8]; 5] = [
            &[SUITE, VERSION],
            self.log_id,
            &self.leaf_index.to_be_bytes(),
            &[self.number, self.count],
            &self.schema.to_be_bytes(),
        ];
        let all = parts.into_iter().chain([digest.as_slice()]).flatten();
        bytes.iter_mut().zip(all).for_each(|(to, from)| *to = *from);
        bytes
    }

    /// "grant/v1" ‖ log id ‖ leaf index ‖ segment number ‖ key ids.
    pub(super) fn grant_info(&self, keys: &[KeyId]) -> Vec<u8> {
        let mut info = Vec::with_capacity(49 + 16 * keys.len());
        info.extend_from_slice(b"grant/v1");
        info.extend_from_slice(self.log_id);
        info.extend_from_slice(&self.leaf_index.to_be_bytes());
        info.push(self.number);
        for key in keys {
            info.extend_from_slice(&key.0);
        }
        info
    }
}

/// key count ‖ key ids, ascending and distinct ‖ wrap nonce ‖ wrapped segment key.
struct Grant<'a> {
    keys: Vec<KeyId>,
    nonce: &'a [u8; NONCE_BYTES],
    wrapped: &'a [u8; WRAPPED_BYTES],
}

impl<'a> Grant<'a> {
    /// The grant at the start of these bytes, and what follows it.
    fn read(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (count, rest) = bytes.split_first()?;
        let count = usize::from(*count);
        if !(1..=GRANT_KEYS_MAX).contains(&count) {
            return None;
        }
        let (ids, rest) = rest.split_at_checked(16 * count)?;
        let (nonce, rest) = rest.split_first_chunk()?;
        let (wrapped, rest) = rest.split_first_chunk()?;
        let keys: Vec<KeyId> = ids.as_chunks::<16>().0.iter().copied().map(KeyId).collect();
        let ascending = keys.iter().zip(keys.iter().skip(1)).all(|(a, b)| a < b);
        let grant = Self {
            keys,
            nonce,
            wrapped,
        };
        ascending.then_some((grant, rest))
    }

    /// The segment key, or why this grant does not give it.
    fn key(&self, context: &SegmentContext<'_>, keys: &mut Keys<'_>) -> Result<Found, Fault> {
        let mut leaves = Vec::with_capacity(self.keys.len());
        let mut why = None;
        for id in &self.keys {
            match keys(id)? {
                KeyState::Live(leaf) if leaf.id() == *id => leaves.push(leaf),
                KeyState::Live(_) => return Err(damaged(context, "another key was given")),
                // One dead key is enough: a grant needs all of them.
                KeyState::Shredded => return Ok(Found::None(Dead::Shredded)),
                KeyState::Unknown => why = why.max(Some(Dead::Unknown)),
                KeyState::Fenced => why = why.max(Some(Dead::Fenced)),
            }
        }
        if let Some(why) = why {
            return Ok(Found::None(why));
        }
        let leaves: Vec<&LeafHandle> = leaves.iter().collect();
        GrantKey::derive(&leaves, self.nonce, &context.grant_info(&self.keys))
            .unwrap(self.nonce, self.wrapped)
            .map(Found::Key)
            .ok_or_else(|| damaged(context, "grant"))
    }
}

/// What the grants of a segment lead to.
enum Found {
    Key(SegmentKey),
    None(Dead),
}

/// Why no grant opens. Of several reasons the greatest is the answer: what is missing is told
/// loudest, and "shredded" only if nothing else is true of any grant (I7).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Dead {
    Shredded,
    Fenced,
    Unknown,
}

/// A segment taken apart, nothing opened yet.
struct Parsed<'a> {
    grants: Vec<Grant<'a>>,
    grants_bytes: &'a [u8],
    nonce: &'a [u8; NONCE_BYTES],
    commit: &'a [u8; COMMIT_BYTES],
    body: &'a [u8],
    tag: &'a [u8; TAG_BYTES],
}

impl<'a> Parsed<'a> {
    fn read(segment: &'a [u8]) -> Option<Self> {
        let (count, mut rest) = segment.split_first()?;
        if !(1..=GRANTS_MAX).contains(&usize::from(*count)) {
            return None;
        }
        let mut grants = Vec::with_capacity(usize::from(*count));
        for _ in 0..*count {
            let (grant, after) = Grant::read(rest)?;
            grants.push(grant);
            rest = after;
        }
        let (grants_bytes, _) = segment.split_at_checked(segment.len() - rest.len())?;
        let (nonce, rest) = rest.split_first_chunk()?;
        let (commit, rest) = rest.split_first_chunk()?;
        let (body, tag) = rest.split_last_chunk()?;
        Some(Self {
            grants,
            grants_bytes,
            nonce,
            commit,
            body,
            tag,
        })
    }

    /// The segment key through the first grant that lives, own ones first.
    fn key(
        &self,
        context: &SegmentContext<'_>,
        added: &[&[u8]],
        mut keys: Keys<'_>,
    ) -> Result<Found, Fault> {
        context.check()?;
        if added.len() > ADDED_GRANTS_MAX {
            return Err(damaged(context, "number of added grants"));
        }
        let mut why = Dead::Shredded;
        for grant in &self.grants {
            match grant.key(context, &mut keys)? {
                Found::Key(key) => return Ok(Found::Key(key)),
                Found::None(dead) => why = why.max(dead),
            }
        }
        for bytes in added {
            let Some((grant, [])) = Grant::read(bytes) else {
                return Err(damaged(context, "added grant"));
            };
            match grant.key(context, &mut keys)? {
                Found::Key(key) => return Ok(Found::Key(key)),
                Found::None(dead) => why = why.max(dead),
            }
        }
        Ok(Found::None(why))
    }
}

pub(super) fn additional_data(
    bound: &[u8; CONTEXT_BYTES],
    commit: &[u8; COMMIT_BYTES],
) -> [u8; CONTEXT_BYTES + COMMIT_BYTES] {
    let mut aad = [0; CONTEXT_BYTES + COMMIT_BYTES];
    let (first, second) = aad.split_at_mut(CONTEXT_BYTES);
    first.copy_from_slice(bound);
    second.copy_from_slice(commit);
    aad
}

fn layout() -> Fault {
    Fault::damaged("segment", "layout")
}

pub(super) fn damaged(context: &SegmentContext<'_>, what: &str) -> Fault {
    let (event, number) = (context.leaf_index, context.number);
    Fault::damaged("segment", format!("event {event} segment {number}: {what}"))
}
