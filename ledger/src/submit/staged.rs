//! What a group has staged so far: visible to later commands of the same group, durable only
//! together.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::domain::event::{Event, Record};
use crate::domain::ids::{LeafKeyId, RotationId};
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::keys::{IndexRecord, MemoryIndex};
use crate::log::{FrameDraft, StoredEvent};
use crate::merkle::{Frontier, Hash};

use zeroize::Zeroizing;

use super::answer::Entry;
use super::held::Held;
use super::sealed::Sealed;
use super::sealers::Sealers;
use super::sealing::UnsealedEvent;
use super::tally::AtOnce;

/// One group in the making.
pub(crate) struct Staged {
    /// The tree with the leaves of the sealed events.
    pub(crate) frontier: Frontier,
    /// Number of durable events below the group.
    pub(crate) first: u64,
    /// Staged events that are not sealed yet; all of them until the group is whole.
    unsealed: Vec<UnsealedEvent>,
    /// Stored bytes of the sealed events.
    pub(crate) events: Vec<StoredEvent>,
    /// Their leaf hashes.
    pub(crate) leaves: Vec<Hash>,
    /// Their headers, for receipts.
    pub(crate) headers: Vec<Vec<u8>>,
    /// Their record parts.
    pub(crate) records: Vec<Arc<Record>>,
    /// Key records in order.
    pub(crate) key_records: Vec<Vec<u8>>,
    /// Index records in order, those of key records left out.
    pub(crate) index_records: Vec<IndexRecord>,
    /// All staged index records, for look-ups.
    pub(crate) index: MemoryIndex,
    /// What the group's commands said, by the keys of their requests in the index.
    pub(crate) said: HashMap<Vec<u8>, Zeroizing<[u8; 32]>>,
    /// Streams that the group changed.
    pub(crate) states: HashMap<StreamId, Held>,
    /// Leaves that the group's commands asked to destroy, with their streams.
    pub(crate) shred: Vec<(StreamId, LeafKeyId)>,
    /// Leaves that the group's commands spare: no order from before them counts any more.
    pub(crate) spared: BTreeSet<LeafKeyId>,
    /// Who of the group has something of which case destroyed at once.
    pub(crate) at_once: BTreeSet<AtOnce>,
    /// Erasures that the group's commands want certified again.
    pub(crate) certify: Vec<(StreamId, RotationId)>,
    /// Whether the index records are worth a frame of their own.
    pub(crate) settles: bool,
    /// Bytes so far.
    pub(crate) bytes: usize,
    /// Whether all its commands take data away: then it may use what is kept for a full disk.
    pub(crate) takes_away: bool,
}

impl Staged {
    /// An empty group on top of a tree.
    pub(crate) fn on(frontier: Frontier) -> Self {
        Self {
            first: frontier.size(),
            frontier,
            unsealed: Vec::new(),
            events: Vec::new(),
            leaves: Vec::new(),
            headers: Vec::new(),
            records: Vec::new(),
            key_records: Vec::new(),
            index_records: Vec::new(),
            index: MemoryIndex::default(),
            said: HashMap::new(),
            states: HashMap::new(),
            shred: Vec::new(),
            spared: BTreeSet::new(),
            at_once: BTreeSet::new(),
            certify: Vec::new(),
            settles: false,
            bytes: 0,
            takes_away: false,
        }
    }

    /// Takes a sealed command in, whole.
    pub(crate) fn push(&mut self, sealed: Sealed) {
        self.bytes += sealed.bytes();
        self.unsealed.extend(sealed.events);
        self.records.extend(sealed.records);
        self.index.apply(sealed.key_index);
        self.index.apply(sealed.index_records.iter().cloned());
        self.key_records.extend(sealed.key_records);
        self.index_records.extend(sealed.index_records);
        self.states.extend(sealed.states);
        self.shred.retain(|(_, leaf)| !sealed.spared.contains(leaf));
        self.spared.extend(sealed.spared);
        self.shred.extend(sealed.shred);
        self.certify.extend(sealed.certify);
    }

    /// Whether a stream ends with one of the events.
    pub(crate) fn closes_a_stream(&self) -> bool {
        let mut records = self.records.iter();
        records.any(|record| matches!(record.event, Event::StreamClosed(_)))
    }

    /// The position of the next event.
    pub(crate) fn next(&self) -> u64 {
        let staged = u64::try_from(self.records.len()).unwrap_or(u64::MAX);
        self.first.saturating_add(staged)
    }

    /// Seals what is not sealed yet, and adds it to the tree.
    pub(crate) fn seal(&mut self, log_id: &[u8; 32], sealers: &Sealers) -> Result<(), Fault> {
        let unsealed = std::mem::take(&mut self.unsealed);
        for (event, leaf) in sealers.seal(log_id, unsealed)? {
            self.frontier.push(leaf);
            self.leaves.push(leaf);
            self.headers.push(event.header.clone());
            self.events.push(event);
        }
        Ok(())
    }

    /// Whether there is anything to make durable. What is remembered of a command that came to
    /// nothing is not.
    pub(crate) fn is_empty(&self) -> bool {
        let said = self.records.is_empty() && self.key_records.is_empty();
        said && self.shred.is_empty() && !self.settles
    }

    /// The record part and the header of a staged event.
    pub(crate) fn event(&self, position: u64) -> Option<(&Arc<Record>, &Vec<u8>)> {
        let place = usize::try_from(position.checked_sub(self.first)?).ok()?;
        Some((self.records.get(place)?, self.headers.get(place)?))
    }

    /// The events as followers of the log see them, with the bytes that each record part is sealed
    /// in. To be asked for before the events move out.
    pub(crate) fn entries(&self) -> Vec<(Entry, usize)> {
        let sealed = self.events.iter().map(|event| event.segments.first());
        let sealed = sealed.map(|record| record.map_or(0, Vec::len));
        (self.first..)
            .zip(&self.records)
            .map(|(position, record)| {
                let record = Arc::clone(record);
                Entry { position, record }
            })
            .zip(sealed)
            .collect()
    }

    /// The frame to append; the events move out, everything else stays for adopting.
    pub(crate) fn draft(&mut self, checkpoint: &str, reserve: bool) -> FrameDraft {
        FrameDraft {
            first_leaf: self.first,
            events: std::mem::take(&mut self.events),
            key_records: std::mem::take(&mut self.key_records),
            index_records: std::mem::take(&mut self.index_records),
            checkpoint: checkpoint.as_bytes().to_vec(),
            reserve,
        }
    }
}
