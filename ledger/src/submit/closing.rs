//! Closing a stream: its record leaf goes, and with it every way back to it (SPEC §5.1, §11.8).
//!
//! - `StreamClosed` names a leaf and counts, never whose record it was. The index forgets the
//!   client code and where the stream's events stand; a hash of the stream stays, so that whoever
//!   asks for it is told that it ended.
//! - With a record leaf go the leaves of all snapshots of views: their rows may be of that stream.

use std::sync::Arc;

use crate::decide::{Close, Decision};
use crate::domain::complaint::UNCOUNTED;
use crate::domain::event::{Event, Record, StreamClosed};
use crate::domain::ids::{LeafKeyId, OrganisationId};
use crate::domain::record::PublicText;
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::keys::{IndexRecord, KeyIndex, Overlay};
use crate::log::Reader;
use crate::named::{StreamName, read_id, stream_key};
use crate::shared::{Shared, read_u64};

use super::held::{Held, State};
use super::sealed::Sealed;
use super::staged::Staged;
use super::writer::Writer;

/// What closing a stream adds to a sealed decision; nothing where none is closed.
#[derive(Default)]
pub(super) struct Closing {
    state: Option<(StreamId, Held)>,
    index_records: Vec<IndexRecord>,
}

impl Closing {
    /// Adds it.
    pub(super) fn added_to(self, mut sealed: Sealed) -> Sealed {
        sealed.states.extend(self.state);
        sealed.index_records.extend(self.index_records);
        sealed
    }
}

impl Writer {
    /// Tells the end of a stream that a decision closes, and has its record leaf fenced and ordered
    /// to be destroyed with that event.
    pub(super) fn close_stream(
        &self,
        staged: &Staged,
        decision: &mut Decision,
    ) -> Result<Closing, Fault> {
        let Some(close) = decision.close.take() else {
            return Ok(Closing::default());
        };
        let Some(held) = self.held(staged, close.stream)? else {
            return Ok(Closing::default());
        };
        let leaf = LeafKeyId(held.record_key.0);
        let records = self.all_records(staged, close.stream)?;
        let told = u64::try_from(decision.events.len()).unwrap_or(u64::MAX);
        let position = staged.next().saturating_add(told);
        let closed = counted(&records, leaf, &close);
        decision
            .events
            .push(self.told(StreamId::Ledger, closed.into()));
        let mut index_records = self.forgets(&held, &close, records.len());
        let places = records.iter().map(|(position, _)| *position);
        index_records.push(closed_record(leaf, position, places));
        let mut leaves = vec![leaf];
        for leaf in self.snapshot_leaves(staged)? {
            index_records.push(forgotten(snapshot_key(leaf)));
            leaves.push(leaf);
        }
        let orders = leaves.iter().map(|leaf| (StreamId::Ledger, *leaf));
        decision.shred.extend(orders);
        decision.fence.extend(leaves);
        let closed = Held::closed(held.version, held.record_key, close.organisation);
        Ok(Closing {
            state: Some((close.stream, closed)),
            index_records,
        })
    }

    /// The events of a stream, those that the group staged included.
    fn all_records(
        &self,
        staged: &Staged,
        stream: StreamId,
    ) -> Result<Vec<(u64, Arc<Record>)>, Fault> {
        let stored = self.shared.stream(stream)?.into_iter();
        let mut records: Vec<_> = stored.map(|it| (it.position, it.record)).collect();
        let own = (staged.first..).zip(&staged.records);
        let own = own.filter(|(_, record)| record.stream == stream);
        records.extend(own.map(|(position, record)| (position, Arc::clone(record))));
        Ok(records)
    }

    /// What the index says of the stream no more, and the hash that it keeps.
    fn forgets(&self, held: &Held, close: &Close, events: usize) -> Vec<IndexRecord> {
        let keys = &self.shared.index_keys;
        let versions = (1_u64..).take(events);
        let mut records: Vec<IndexRecord> = versions
            .map(|version| forgotten(stream_key(keys, close.stream, version)))
            .collect();
        if let State::Case(case) = &held.state {
            records.push(forgotten(self.shared.code_key(case.code)));
        }
        let key = ended_key(self.shared.name_of(close.stream));
        let sealed = keys.value(&key, &close.stream.to_bytes());
        let value = Some(sealed.seal(&close.organisation.0));
        records.push(IndexRecord { key, value });
        records
    }

    /// Leaves that snapshots of views rest on, and that are not ordered to be destroyed yet.
    fn snapshot_leaves(&self, staged: &Staged) -> Result<Vec<LeafKeyId>, Fault> {
        let index = Overlay {
            base: &self.shared.reader,
            staged: &[&staged.index],
        };
        let mut leaves = Vec::new();
        for (key, _) in self.shared.reader.with_prefix(SNAPSHOTS, usize::MAX)? {
            let leaf = key.strip_prefix(SNAPSHOTS).map(<[u8; 16]>::try_from);
            let Some(Ok(leaf)) = leaf else {
                return Err(Fault::damaged("index", "the leaf of a snapshot"));
            };
            if index.value(&key)?.is_some() {
                leaves.push(LeafKeyId(leaf));
            }
        }
        Ok(leaves)
    }
}

/// What the log keeps of a stream: numbers.
fn counted(records: &[(u64, Arc<Record>)], leaf: LeafKeyId, close: &Close) -> StreamClosed {
    let mut events = vec![0_u32; Event::NAMES.len()];
    let (mut keys, mut parts) = (0_u32, 0_u32);
    for (_, record) in records {
        let name = record.event.name();
        // What no count tells of is not told here either.
        if UNCOUNTED.contains(&name) || close.stream.is_counted_for_nobody() {
            continue;
        }
        let mut kinds = Event::NAMES.iter().zip(&mut events);
        if let Some((_, count)) = kinds.find(|(one, _)| **one == name) {
            *count = count.saturating_add(1);
        }
        if let Event::Shredded(shredded) = &record.event {
            let gone = u32::try_from(shredded.keys.len()).unwrap_or(u32::MAX);
            keys = keys.saturating_add(gone);
            parts = parts.saturating_add(shredded.parts);
        }
    }
    let (rule, version) = close.rule.clone();
    StreamClosed {
        leaf,
        organisation: close.organisation,
        rule: PublicText(rule),
        version,
        events,
        keys,
        parts,
    }
}

/// `ts` ‖ leaf → empty: a leaf that a snapshot of views rests on, until it is ordered to be
/// destroyed.
pub(super) fn snapshot_record(leaf: LeafKeyId) -> IndexRecord {
    IndexRecord {
        key: snapshot_key(leaf),
        value: Some(Vec::new()),
    }
}

fn snapshot_key(leaf: LeafKeyId) -> Vec<u8> {
    [SNAPSHOTS, &leaf.0].concat()
}

/// `te` ‖ hash(stream) → the organisation that held it, sealed for who knows the stream: one that
/// was closed.
fn ended_key(name: StreamName) -> Vec<u8> {
    [ENDED, &name.0].concat()
}

/// Whether a stream of this name was closed.
pub(crate) fn is_ended(shared: &Shared, name: StreamName) -> Result<bool, Fault> {
    Ok(shared.reader.value(&ended_key(name))?.is_some())
}

/// Who held a stream that was closed; none of any other.
pub(crate) fn ended(shared: &Shared, stream: StreamId) -> Result<Option<OrganisationId>, Fault> {
    let key = ended_key(shared.name_of(stream));
    let Some(value) = shared.reader.value(&key)? else {
        return Ok(None);
    };
    let id = read_id(&value, &shared.index_keys.value(&key, &stream.to_bytes()));
    let id = id.ok_or_else(|| Fault::damaged("index", "a closed stream"))?;
    Ok(Some(OrganisationId(id)))
}

/// Where the end of a closed stream is told, and where its events stand.
pub(crate) struct ClosedAt {
    pub(crate) told: u64,
    pub(crate) positions: Vec<u64>,
}

/// `tc` ‖ leaf → the position of its `StreamClosed` ‖ those of the stream's events, until they are
/// cut out.
fn closed_record(leaf: LeafKeyId, told: u64, positions: impl Iterator<Item = u64>) -> IndexRecord {
    let all = std::iter::once(told).chain(positions);
    IndexRecord {
        key: closed_key(leaf),
        value: Some(all.flat_map(u64::to_be_bytes).collect()),
    }
}

pub(crate) fn closed_key(leaf: LeafKeyId) -> Vec<u8> {
    [CLOSED, &leaf.0].concat()
}

/// What the index still says of a closed stream's record leaf; nothing of any other leaf.
pub(crate) fn closed_at(reader: &Reader, leaf: LeafKeyId) -> Result<Option<ClosedAt>, Fault> {
    let Some(value) = reader.value(&closed_key(leaf))? else {
        return Ok(None);
    };
    let all = value.chunks(8).map(read_u64);
    let mut positions = all.collect::<Result<Vec<_>, _>>()?;
    if positions.is_empty() {
        return Err(Fault::damaged("index", "a closed stream"));
    }
    let told = positions.remove(0);
    Ok(Some(ClosedAt { told, positions }))
}

fn forgotten(key: Vec<u8>) -> IndexRecord {
    IndexRecord { key, value: None }
}

const SNAPSHOTS: &[u8] = b"ts";
const ENDED: &[u8] = b"te";
const CLOSED: &[u8] = b"tc";
