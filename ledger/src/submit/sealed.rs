//! Seal: a decision gets its leaf keys, fences, index records and randomness, one command after the
//! other; what is left is the work of ciphers and hashes, which `sealing.rs` does for the group.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::certificate;
use crate::clear::certificate_segment;
use crate::clock::{DAY_MS, Drawn, Entropy, Timestamp};
use crate::copies::copies_records;
use crate::decide::{Decision, NewEvent, NewPersonal};
use crate::domain::case::Case;
use crate::domain::event::{Event, LeafMade, LeafOf, Record};
use crate::domain::ids::{ConsentId, GroundId, LeafKeyId, RotationId};
use crate::domain::scope::Scope;
use crate::domain::stream::StreamId;
use crate::erase::orders::{order_ended, order_record};
use crate::error::Fault;
use crate::figures;
use crate::in_force;
use crate::keys::{
    Cohort, IndexRecord, KeyId, KeyRecord, KeyState, KeyTree, LeafHandle, MemoryIndex, Overlay,
};
use crate::limits::GROUND_MONTHS_DEFAULT;
use crate::named::stream_key;
use crate::retention::{self, leaf_end};
use crate::seal::codec;
use crate::seal::unsealed::{Unsealed, random_bytes};
use crate::shared::Shared;

use super::held::{Held, State};
use super::sealing::UnsealedEvent;

/// A decision with its place, keys and randomness: sealing it can no longer be refused. Consumed by
/// staging.
#[must_use]
pub(crate) struct Sealed {
    pub(crate) events: Vec<UnsealedEvent>,
    pub(crate) records: Vec<Arc<Record>>,
    pub(crate) key_records: Vec<Vec<u8>>,
    pub(crate) key_index: Vec<IndexRecord>,
    pub(crate) index_records: Vec<IndexRecord>,
    pub(crate) states: HashMap<StreamId, Held>,
    /// Leaves to destroy, with the stream that tells of it.
    pub(crate) shred: Vec<(StreamId, LeafKeyId)>,
    /// Leaves whose fence is lifted, and that no earlier order may reach any more.
    pub(crate) spared: Vec<LeafKeyId>,
    /// Erasures to certify again.
    pub(crate) certify: Vec<(StreamId, RotationId)>,
    /// Every leaf that the events are sealed under, ordered by key id.
    pub(crate) rests_on: BTreeMap<KeyId, LeafHandle>,
}

impl Sealed {
    /// Bytes that it adds to the group's frame.
    pub(crate) fn bytes(&self) -> usize {
        let events: usize = self.events.iter().map(UnsealedEvent::bytes).sum();
        let keys: usize = self.key_records.iter().map(Vec::len).sum();
        events + keys
    }
}

/// What sealing works with: one command's share of a group.
pub(crate) struct Sealer<'a> {
    shared: &'a Shared,
    keys: &'a mut KeyTree,
    entropy: Drawn<'a>,
    now: Timestamp,
    /// Position of the command's first event.
    first: u64,
    /// What the group staged before.
    staged_index: &'a MemoryIndex,
    own_index: MemoryIndex,
    /// Grounds that this decision establishes.
    established: HashMap<GroundId, Established>,
    /// Leaves opened or made so far: fences take hold behind the command's last event.
    living: HashMap<KeyId, LeafHandle>,
    sealed: Sealed,
}

impl<'a> Sealer<'a> {
    pub(crate) fn new(
        shared: &'a Shared,
        keys: &'a mut KeyTree,
        entropy: &'a mut dyn Entropy,
        (now, first): (Timestamp, u64),
        staged_index: &'a MemoryIndex,
        states: HashMap<StreamId, Held>,
    ) -> Self {
        // The states move through the events: a stream held once is changed in place.
        let sealed = Sealed {
            events: Vec::new(),
            records: Vec::new(),
            key_records: Vec::new(),
            key_index: Vec::new(),
            index_records: Vec::new(),
            states,
            shred: Vec::new(),
            spared: Vec::new(),
            certify: Vec::new(),
            rests_on: BTreeMap::new(),
        };
        Self {
            shared,
            keys,
            entropy: Drawn::from(entropy),
            now,
            first,
            staged_index,
            own_index: MemoryIndex::default(),
            established: HashMap::new(),
            living: HashMap::new(),
            sealed,
        }
    }

    /// Seals a whole decision.
    pub(crate) fn seal(mut self, decision: Decision) -> Result<Sealed, Fault> {
        let Decision {
            events,
            fence,
            unfence,
            spare,
            shred,
            certify,
            // The writer has told it before.
            close: _,
        } = decision;
        self.entropy.draw(events.iter().map(randomness).sum());
        self.established = established(&events);
        // First, so that these very events can be written on what is given back.
        for key in &unfence {
            self.key_record(&KeyRecord::Unfence { key: KeyId(key.0) })?;
        }
        for event in events {
            self.seal_event(event)?;
        }
        for key in fence {
            self.key_record(&KeyRecord::Fence { key: KeyId(key.0) })?;
        }
        let ordered = shred
            .iter()
            .map(|(stream, leaf)| order_record(self.shared.name_of(*stream), *leaf));
        let unfenced = unfence.iter();
        let spared: Vec<LeafKeyId> = unfenced.chain(&spare).copied().collect();
        let ended = spared.iter().map(|leaf| order_ended(*leaf));
        self.sealed.index_records.extend(ordered.chain(ended));
        self.sealed.shred = shred;
        self.sealed.spared = spared;
        self.sealed.certify = certify;
        self.sealed.rests_on = self.living.into_iter().collect();
        Ok(self.sealed)
    }

    fn seal_event(&mut self, new: NewEvent) -> Result<(), Fault> {
        let held = self.sealed.states.remove(&new.stream);
        let record_leaf = self.record_leaf(held.as_ref())?;
        let version = held.as_ref().map_or(0, |held| held.version) + 1;
        let mut made = Vec::new();
        let mut parts = Vec::with_capacity(new.personal.len());
        for part in new.personal {
            let grants = self.grants(held.as_ref(), &part, &mut made)?;
            parts.push((part.content, grants));
        }
        let record = Record {
            stream: new.stream,
            version,
            recorded: new.recorded,
            occurred: new.occurred,
            actor: new.actor,
            leaves: made,
            event: new.event,
        };
        let position = self.first + u64::try_from(self.sealed.events.len()).unwrap_or(u64::MAX);
        let clear = said_openly(&record.event)?;
        let count = u8::try_from(parts.len() + 1 + clear.iter().len())
            .map_err(|_| Fault::Unusable("an event with too many personal parts".to_owned()))?;
        let mut event = UnsealedEvent::new(position, count);
        let log_id = &self.shared.log_id;
        let plain = codec::encode(&record)?;
        let own = vec![vec![record_leaf.clone()]];
        let context = event.context(log_id, 0);
        event.push(Unsealed::new(&context, plain, own, &mut self.entropy)?);
        for (number, (content, grants)) in (1_u8..).zip(parts) {
            let plain = codec::encode(&(new.stream, version, number, content))?;
            let context = event.context(log_id, number);
            event.push(Unsealed::new(&context, plain, grants, &mut self.entropy)?);
        }
        event.say(clear);
        self.sealed.events.push(event);
        self.index(&record, position);
        let held = Held::after(held, &record, record_leaf.id())?;
        self.sealed.states.insert(new.stream, held);
        self.sealed.records.push(Arc::new(record));
        Ok(())
    }

    /// Index records of an event: its place in the stream, and a case's client code.
    fn index(&mut self, record: &Record, position: u64) {
        let keys = &self.shared.index_keys;
        self.sealed.index_records.push(IndexRecord {
            key: stream_key(keys, record.stream, record.version),
            value: Some(position.to_be_bytes().to_vec()),
        });
        let of_retention = retention::index::of(&record.event, position);
        let of_files = in_force::of(&record.event, position);
        let of_both = of_retention.into_iter().chain(of_files);
        self.sealed.index_records.extend(of_both);
        let of_figures = figures::of(&record.event, position);
        self.sealed.index_records.extend(of_figures);
        if let Event::CaseOpened(opened) = &record.event {
            let of_code = self.shared.code_record(opened.code, opened.case);
            self.sealed.index_records.push(of_code);
        }
        self.sealed
            .index_records
            .extend(copies_records(keys, record, position));
        if certificate::tells_of(&record.event) {
            let waiting = certificate::waiting(position);
            self.sealed.index_records.push(waiting);
        }
    }

    fn record_leaf(&mut self, held: Option<&Held>) -> Result<LeafHandle, Fault> {
        match held {
            Some(held) => self.live(held.record_key),
            None => self.new_leaf(Cohort::Record),
        }
    }

    /// The leaves of a personal part: one grant per ground, all its persons in each.
    fn grants(
        &mut self,
        held: Option<&Held>,
        part: &NewPersonal,
        made: &mut Vec<LeafMade>,
    ) -> Result<Vec<Vec<LeafHandle>>, Fault> {
        let mut grants = Vec::with_capacity(part.grounds.len());
        for ground in &part.grounds {
            let mut keys = Vec::with_capacity(part.persons.len());
            for person in &part.persons {
                let of = LeafOf {
                    person: *person,
                    ground: *ground,
                    category: part.content.category(),
                };
                keys.push(self.ground_leaf(held, of, made)?);
            }
            grants.push(keys);
        }
        Ok(grants)
    }

    fn ground_leaf(
        &mut self,
        held: Option<&Held>,
        of: LeafOf,
        made: &mut Vec<LeafMade>,
    ) -> Result<LeafHandle, Fault> {
        let just_made = made.iter().find(|made| made.of == of);
        let case = match held.map(|held| &held.state) {
            Some(State::Case(case)) => Some(case),
            Some(
                State::Ledger
                | State::Service(_)
                | State::Staff(_)
                | State::Member(_)
                | State::Pathway(_)
                | State::Incoming(_)
                | State::Link(_)
                | State::Complaint(_)
                | State::Breach(_)
                | State::Closed(_),
            )
            | None => None,
        };
        let apart = match held.map(|held| &held.state) {
            Some(State::Complaint(complaint)) => Some(&complaint.leaves),
            Some(State::Breach(breach)) => Some(&breach.leaves),
            Some(_) | None => None,
        };
        let known = just_made.map(|made| made.key);
        let known = known.or_else(|| case?.leaves.get(&of).copied());
        let known = known.or_else(|| apart?.get(&of).copied());
        if let Some(key) = known {
            return self.live(KeyId(key.0));
        }
        let end = self.end_of(case.map(AsRef::as_ref), of);
        let leaf = self.new_leaf(Cohort::Month(end.month()))?;
        made.push(LeafMade {
            of,
            key: LeafKeyId(leaf.id().0),
        });
        Ok(leaf)
    }

    /// When a leaf is likely to go: with its ground's own end, or by the retention rules before it.
    fn end_of(&self, case: Option<&Case>, of: LeafOf) -> Timestamp {
        let established = self.established.get(&of.ground);
        let own = established.map_or_else(|| case?.end_of(of.ground), |one| one.end);
        let known = || Some(&case?.consents.get(&ConsentId(of.ground.0))?.scope);
        let scope = established.map_or_else(known, |one| one.consent.as_ref());
        let rules = &self.shared.rules.retention;
        let by_rule = case
            .zip(scope)
            .map(|(case, scope)| leaf_end(case, (scope, of.category), rules, self.now));
        let end = own.into_iter().chain(by_rule).min();
        end.unwrap_or_else(|| self.now.plus_ms(GROUND_MONTHS_DEFAULT * 31 * DAY_MS))
    }

    fn live(&mut self, id: KeyId) -> Result<LeafHandle, Fault> {
        if let Some(leaf) = self.living.get(&id) {
            return Ok(leaf.clone());
        }
        let index = Overlay {
            base: &self.shared.unfenced.over(&self.shared.reader),
            staged: &[&self.own_index, self.staged_index],
        };
        match self.keys.key(&index, id)? {
            KeyState::Live(leaf) => {
                self.living.insert(id, leaf.clone());
                Ok(leaf)
            }
            KeyState::Fenced | KeyState::Shredded | KeyState::Unknown => Err(Fault::damaged(
                "decision",
                format!("a part rests on leaf {id:?}, not alive"),
            )),
        }
    }

    fn new_leaf(&mut self, cohort: Cohort) -> Result<LeafHandle, Fault> {
        let index = Overlay {
            base: &self.shared.reader,
            staged: &[&self.own_index, self.staged_index],
        };
        let leaf = self.keys.insert_leaf(&index, cohort, &mut self.entropy)?;
        for record in &leaf.records {
            self.key_record(record)?;
        }
        self.living.insert(leaf.id(), leaf.handle.clone());
        Ok(leaf.handle)
    }

    fn key_record(&mut self, record: &KeyRecord) -> Result<(), Fault> {
        let bytes = record.to_bytes();
        let index = crate::keys::index_records(&bytes)?;
        self.own_index.apply(index.iter().cloned());
        self.sealed.key_index.extend(index);
        self.sealed.key_records.push(bytes);
        Ok(())
    }
}

/// Random bytes that the segments of an event take, the record part first.
fn randomness(new: &NewEvent) -> usize {
    let parts = new.personal.iter();
    let parts: usize = parts.map(|part| random_bytes(part.grounds.len())).sum();
    random_bytes(1) + parts
}

/// A ground that an event establishes.
struct Established {
    /// When it ends by itself.
    end: Option<Timestamp>,
    /// What it covers, if it is a consent.
    consent: Option<Scope>,
}

/// The grounds that these events establish. Their leaves are numbered by the month in which they
/// end, so that one sweep takes leaves that lie together (SPEC §5.2).
fn established(events: &[NewEvent]) -> HashMap<GroundId, Established> {
    let one = |new: &NewEvent| {
        if let Event::ConsentGiven(given) = &new.event {
            let (end, consent) = (given.expires, Some(given.scope.clone()));
            return Some((given.consent.into(), Established { end, consent }));
        }
        if let Event::ExceptionInvoked(invoked) = &new.event {
            let (end, consent) = (Some(invoked.expires), None);
            return Some((invoked.exception.into(), Established { end, consent }));
        }
        None
    };
    events.iter().filter_map(one).collect()
}

/// What an event says to everybody: the digest of a certificate's text.
fn said_openly(event: &Event) -> Result<Option<Vec<u8>>, Fault> {
    let Event::ErasureCertified(certified) = event else {
        return Ok(None);
    };
    let note = crate::prove::Note::parse(certified.note.0.as_bytes())
        .map_err(|error| Fault::damaged("certificate of erasure", error.to_string()))?;
    Ok(Some(certificate_segment(note.unverified_text())))
}
