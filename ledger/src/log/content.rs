//! What the store's keys and values are (SPEC §8.5), and how a frame becomes changes of them.
//!
//! - `e` ‖ position u64: one event. `i` ‖ key: one index value. `m`: how far the store goes.
//! - Every frame's changes end with `m`, in one batch: the store says itself which frame it holds.

use super::event::StoredEvent;
use super::files::Mark;
use super::folder::{put_mark, take_mark};
use super::frame::Frame;
use super::index::IndexRecord;
use super::parse::Fields;
use super::store::{Change, Store};
use crate::error::Fault;

pub(super) const META_KEY: &[u8] = b"m";
const EVENT_PREFIX: u8 = b'e';
pub(super) const INDEX_PREFIX: u8 = b'i';

/// How far the store goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Meta {
    pub(super) log_id: [u8; 32],
    pub(super) mark: Mark,
    pub(super) tree_size: u64,
    pub(super) checkpoint: Vec<u8>,
}

impl Meta {
    pub(super) fn of(store: &dyn Store) -> Result<Option<Self>, Fault> {
        let Some(bytes) = store.value(META_KEY)? else {
            return Ok(None);
        };
        let meta = Self::decode(&bytes);
        meta.map(Some)
            .ok_or_else(|| Fault::damaged("store", "its own record of how far it goes"))
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = self.log_id.to_vec();
        put_mark(&mut bytes, &self.mark);
        bytes.extend_from_slice(&self.tree_size.to_be_bytes());
        bytes.extend_from_slice(&self.checkpoint);
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields::of(bytes);
        Some(Self {
            log_id: fields.array()?,
            mark: take_mark(&mut fields)?,
            tree_size: fields.u64()?,
            checkpoint: fields.rest().to_vec(),
        })
    }
}

/// A frame on its way into the store, with the index records that its key records give.
pub(super) struct Queued {
    pub(super) frame: Frame,
    pub(super) derived: Vec<IndexRecord>,
}

impl Queued {
    /// A frame with its index records, those of its key records included.
    pub(super) fn of(
        frame: Frame,
        index_of_key_record: fn(&[u8]) -> Result<Vec<IndexRecord>, Fault>,
    ) -> Result<Self, Fault> {
        let derived = derive(&frame.key_records, index_of_key_record)?;
        Ok(Self { frame, derived })
    }

    /// All index records in the order in which they apply.
    pub(super) fn index_records(&self) -> impl Iterator<Item = &IndexRecord> {
        self.derived.iter().chain(&self.frame.index_records)
    }

    pub(super) fn mark(&self) -> Mark {
        let Frame {
            number,
            hash,
            place,
            ..
        } = self.frame;
        Mark {
            number,
            hash,
            place,
        }
    }

    /// The frame's changes, without the record of how far the store goes.
    pub(super) fn changes(&self, out: &mut Vec<Change>) {
        for (position, event) in self.frame.positions() {
            let mut value = Vec::with_capacity(event.size() + 32);
            event.encode(&mut value);
            out.push((event_key(position), Some(value)));
        }
        for record in self.index_records() {
            out.push((index_key(&record.key), record.value.clone()));
        }
    }

    /// The change that says the store now holds this frame.
    pub(super) fn meta(&self, log_id: &[u8; 32]) -> Change {
        let meta = Meta {
            log_id: *log_id,
            mark: self.mark(),
            tree_size: self.frame.tree_size(),
            checkpoint: self.frame.checkpoint.clone(),
        };
        (META_KEY.to_vec(), Some(meta.encode()))
    }
}

/// The index records that key records give, in order.
pub(super) fn derive(
    key_records: &[Vec<u8>],
    index_of_key_record: fn(&[u8]) -> Result<Vec<IndexRecord>, Fault>,
) -> Result<Vec<IndexRecord>, Fault> {
    let mut derived = Vec::new();
    for record in key_records {
        derived.extend(index_of_key_record(record)?);
    }
    Ok(derived)
}

/// The store's key of an event.
pub(super) fn event_key(position: u64) -> Vec<u8> {
    let mut key = vec![EVENT_PREFIX];
    key.extend_from_slice(&position.to_be_bytes());
    key
}

/// The position in a store's key, when it is an event's.
pub(super) fn position_of(key: &[u8]) -> Option<u64> {
    let mut fields = Fields::of(key);
    let position = (fields.u8()? == EVENT_PREFIX).then(|| fields.u64())??;
    fields.is_empty().then_some(position)
}

/// The store's key of an index key.
pub(super) fn index_key(key: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1 + key.len());
    bytes.push(INDEX_PREFIX);
    bytes.extend_from_slice(key);
    bytes
}

/// The event in a store's value.
pub(super) fn event_of(position: u64, value: &[u8]) -> Result<StoredEvent, Fault> {
    StoredEvent::decode(value)
        .ok_or_else(|| Fault::damaged("store", format!("event {position} does not decode")))
}

/// The smallest key above every key with a prefix; `None` when there is none.
pub(super) fn above_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut above = prefix.to_vec();
    while let Some(last) = above.pop() {
        if let Some(next) = last.checked_add(1) {
            above.push(next);
            return Some(above);
        }
    }
    None
}
