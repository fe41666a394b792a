//! One journal frame: what a group of commands leaves behind, in bytes (SPEC §8.4).
//!
//! - The checksum covers all but the sealed segments; it is also the hash that the next frame
//!   holds, so zeroing a dead segment breaks neither. The header digests check the segments.
//! - Encoding writes straight into the journal's one reused buffer.

use sha2::{Digest, Sha256};

use super::event::StoredEvent;
use super::index::IndexRecord;
use super::parse::{Fields, length_of, put_bytes};
use crate::limits::JOURNAL_FRAME_BYTES_MAX;

/// First bytes of a frame.
pub(super) const MAGIC: &[u8; 8] = b"RLFRAME1";
/// Bytes before the first event header.
pub(super) const HEAD_BYTES: usize = 96;
/// Frames start at multiples of this, so that a scan for them may step by it.
pub(super) const ALIGNMENT: usize = 8;
/// Bytes of the checksum that ends a frame's body.
const CHECKSUM_BYTES: usize = 32;

/// What the spine wants appended: one group, one frame.
#[derive(Debug, Clone, Default)]
pub struct FrameDraft {
    /// Leaf index of the first event; must be the tree size so far.
    pub first_leaf: u64,
    /// The group's events, in leaf order.
    pub events: Vec<StoredEvent>,
    /// Key records (SPEC §5.3), opaque here.
    pub key_records: Vec<Vec<u8>>,
    /// Index records, applied after those that the key records give.
    pub index_records: Vec<IndexRecord>,
    /// The signed checkpoint that covers this frame's last event.
    pub checkpoint: Vec<u8>,
    /// Shredding goes on when the disk is full; everything else waits.
    pub reserve: bool,
}

/// Where a frame stands in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Number of the journal segment file, from 1.
    pub segment: u64,
    /// Byte offset in that file.
    pub offset: u64,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "journal file {:08}.seg at byte {}",
            self.segment, self.offset
        )
    }
}

/// A frame, as appended or as read back from the journal files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Frame number, from 1.
    pub number: u64,
    /// SHA-256 of this frame without its sealed segments.
    pub hash: [u8; 32],
    /// The hash of the frame before.
    pub previous: [u8; 32],
    /// Number of the last frame that the store had synced when this one was written.
    pub store_synced: u64,
    /// Leaf index of the first event.
    pub first_leaf: u64,
    /// Events in leaf order.
    pub events: Vec<StoredEvent>,
    /// Key records.
    pub key_records: Vec<Vec<u8>>,
    /// Index records.
    pub index_records: Vec<IndexRecord>,
    /// The checkpoint over everything up to this frame's last event.
    pub checkpoint: Vec<u8>,
    /// Where the frame stands.
    pub place: Place,
    /// Bytes it takes there.
    pub length: u64,
}

impl Frame {
    /// Leaves in the log once this frame is in it.
    pub fn tree_size(&self) -> u64 {
        self.first_leaf
            .saturating_add(super::parse::offset_of(self.events.len()))
    }

    /// Position of each event, with the event.
    pub fn positions(&self) -> impl Iterator<Item = (u64, &StoredEvent)> {
        (self.first_leaf..).zip(&self.events)
    }
}

/// The hash that the first frame of a log holds: it binds the chain to the log id.
pub(super) fn genesis(log_id: &[u8; 32]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"referral-ledger journal v1");
    hash.update(log_id);
    hash.finalize().into()
}

/// Numbers that the journal adds to a draft.
pub(super) struct Chain {
    pub(super) number: u64,
    pub(super) previous: [u8; 32],
    pub(super) store_synced: u64,
}

/// Appends the frame's bytes to `out` and gives its hash.
pub(super) fn encode(draft: &FrameDraft, chain: &Chain, out: &mut Vec<u8>) -> [u8; 32] {
    let start = out.len();
    let sealed: usize = draft
        .events
        .iter()
        .flat_map(|event| &event.segments)
        .map(Vec::len)
        .sum();
    out.extend_from_slice(MAGIC);
    let lengths_at = out.len();
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&length_of(sealed).to_be_bytes());
    out.extend_from_slice(&chain.number.to_be_bytes());
    out.extend_from_slice(&chain.previous);
    out.extend_from_slice(&chain.store_synced.to_be_bytes());
    out.extend_from_slice(&draft.first_leaf.to_be_bytes());
    for count in [
        draft.events.len(),
        draft.key_records.len(),
        draft.index_records.len(),
    ] {
        out.extend_from_slice(&length_of(count).to_be_bytes());
    }
    out.extend_from_slice(&length_of(draft.checkpoint.len()).to_be_bytes());
    out.resize(start + HEAD_BYTES, 0);
    for event in &draft.events {
        put_bytes(out, &event.header);
        out.push(u8::try_from(event.segments.len()).unwrap_or(u8::MAX));
        for segment in &event.segments {
            out.extend_from_slice(&length_of(segment.len()).to_be_bytes());
        }
    }
    draft
        .key_records
        .iter()
        .for_each(|record| put_bytes(out, record));
    draft
        .index_records
        .iter()
        .for_each(|record| record.encode(out));
    out.extend_from_slice(&draft.checkpoint);
    let body_length = length_of(out.len() - start + CHECKSUM_BYTES);
    if let Some(field) = out.get_mut(lengths_at..lengths_at + 4) {
        field.copy_from_slice(&body_length.to_be_bytes());
    }
    let hash: [u8; 32] = Sha256::digest(out.get(start..).unwrap_or_default()).into();
    out.extend_from_slice(&hash);
    for segment in draft.events.iter().flat_map(|event| &event.segments) {
        out.extend_from_slice(segment);
    }
    out.resize(start + (out.len() - start).next_multiple_of(ALIGNMENT), 0);
    hash
}

/// The fixed part of a frame, enough to know how many bytes follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) body_bytes: usize,
    pub(super) sealed_bytes: usize,
    pub(super) number: u64,
    pub(super) first_leaf: u64,
    pub(super) events: u64,
}

impl Head {
    /// Reads a head; `None` when these bytes are not one.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields::of(bytes);
        if fields.take(MAGIC.len())? != MAGIC {
            return None;
        }
        let (body_bytes, sealed_bytes) = (fields.length()?, fields.length()?);
        let number = fields.u64()?;
        fields.take(32 + 8)?;
        let head = Self {
            body_bytes,
            sealed_bytes,
            number,
            first_leaf: fields.u64()?,
            events: u64::from(fields.u32()?),
        };
        let fits = head.body_bytes >= HEAD_BYTES + CHECKSUM_BYTES
            && head.body_bytes.saturating_add(head.sealed_bytes) <= JOURNAL_FRAME_BYTES_MAX;
        fits.then_some(head)
    }

    /// Bytes of the whole frame.
    pub(super) fn frame_bytes(&self) -> usize {
        (self.body_bytes + self.sealed_bytes).next_multiple_of(ALIGNMENT)
    }
}

/// Checks a body's checksum and gives the frame's hash.
pub(super) fn body_hash(body: &[u8]) -> Option<[u8; 32]> {
    let (covered, checksum) = body.split_last_chunk::<CHECKSUM_BYTES>()?;
    (Sha256::digest(covered).as_slice() == checksum).then_some(*checksum)
}

/// Takes a whole frame apart. The checksum is *not* looked at, so that the storage check can name
/// what a damaged frame holds; everyone else asks [`body_hash`] first.
pub(super) fn parse(bytes: &[u8], place: Place) -> Option<Frame> {
    let head = Head::read(bytes)?;
    let body = bytes.get(..head.body_bytes)?;
    let (covered, hash) = body.split_last_chunk::<CHECKSUM_BYTES>()?;
    let mut sealed = Fields::of(bytes.get(head.body_bytes..head.body_bytes + head.sealed_bytes)?);
    let mut fields = Fields::of(covered);
    fields.take(MAGIC.len() + 16)?;
    let previous = fields.array()?;
    let (store_synced, first_leaf) = (fields.u64()?, fields.u64()?);
    let (events, keys, indexes) = (fields.length()?, fields.length()?, fields.length()?);
    let checkpoint_bytes = fields.length()?;
    fields = Fields::of(covered.get(HEAD_BYTES..)?);
    let events = take_each(events, || take_event(&mut fields, &mut sealed))?;
    let key_records = take_each(keys, || fields.bytes().map(<[u8]>::to_vec))?;
    let index_records = take_each(indexes, || IndexRecord::decode(&mut fields))?;
    let checkpoint = fields.take(checkpoint_bytes)?.to_vec();
    (fields.is_empty() && sealed.is_empty()).then_some(Frame {
        number: head.number,
        hash: *hash,
        previous,
        store_synced,
        first_leaf,
        events,
        key_records,
        index_records,
        checkpoint,
        place,
        length: super::parse::offset_of(head.frame_bytes()),
    })
}

/// Takes `count` items. Grows as items come, because a damaged count must not reserve memory.
fn take_each<T>(count: usize, mut take: impl FnMut() -> Option<T>) -> Option<Vec<T>> {
    let mut items = Vec::new();
    for _ in 0..count {
        items.push(take()?);
    }
    Some(items)
}

fn take_event(fields: &mut Fields<'_>, sealed: &mut Fields<'_>) -> Option<StoredEvent> {
    let header = fields.bytes()?.to_vec();
    let count = usize::from(fields.u8()?);
    let segments = take_each(count, || {
        let length = fields.length()?;
        sealed.take(length).map(<[u8]>::to_vec)
    })?;
    Some(StoredEvent { header, segments })
}
