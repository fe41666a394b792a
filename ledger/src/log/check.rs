//! The storage half of `fsck`: walks all frames in the journal's files and compares the store.
//!
//! - It names every flaw and goes on; only a file that cannot be read at all ends it.
//! - Memory is bounded: one frame, and one part of the index at a time.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::check_cuts::{CutsSeen, differ_by_cuts};
use super::content::{Meta, derive, event_key, position_of};
use super::cursor::{Cursor, Step};
use super::event::StoredEvent;
use super::frame::Frame;
use super::index::IndexRecord;
use super::parse::offset_of;
use super::reader::Reader;
use super::walk::{Walked, walk, zeros_behind};
use crate::error::Fault;
use crate::hex::hex;
use crate::limits::CHECK_RECORDS_MAX;

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub place: FindingPlace,
    /// What, in words without personal data.
    pub what: String,
}

/// Where a finding is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FindingPlace {
    /// The journal's files as a whole.
    Journal,
    /// A frame, and the events it holds or should hold.
    Frame {
        /// Its number.
        number: u64,
        /// Leaf index of its first event.
        first_leaf: u64,
        /// Leaf index behind its last event.
        tree_size: u64,
    },
    /// An event.
    Event {
        /// Its leaf index.
        position: u64,
        /// The segment, from 0, when one segment is meant.
        segment: Option<usize>,
    },
    /// An index record.
    Index {
        /// Its key.
        key: Vec<u8>,
        /// Number of the frame that last changed it, when one did.
        frame: Option<u64>,
    },
    /// The store as a whole.
    Store,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.place {
            FindingPlace::Journal => write!(f, "journal: {}", self.what),
            FindingPlace::Frame {
                number,
                first_leaf,
                tree_size,
            } if first_leaf < tree_size => {
                let last = tree_size - 1;
                write!(
                    f,
                    "frame {number} (events {first_leaf} to {last}): {}",
                    self.what
                )
            }
            FindingPlace::Frame { number, .. } => write!(f, "frame {number}: {}", self.what),
            FindingPlace::Event { position, .. } => write!(f, "event {position}: {}", self.what),
            FindingPlace::Index { key, .. } => write!(f, "index {}: {}", hex(key), self.what),
            FindingPlace::Store => write!(f, "store: {}", self.what),
        }
    }
}

/// Checks journal and store. `each` gets every frame that could be taken apart, with whether it
/// was sound, so that a caller can re-derive what the log knows nothing of.
pub fn check(
    reader: &Reader,
    index_of_key_record: fn(&[u8]) -> Result<Vec<IndexRecord>, Fault>,
    each: &mut dyn FnMut(&Frame, bool),
) -> Result<Vec<Finding>, Fault> {
    let mut findings = Vec::new();
    let mut stored = true;
    if let Err(fault) = reader.shared.with_store(|store| Meta::of(store)) {
        push(&mut findings, FindingPlace::Store, fault.to_string());
        stored = false;
    }
    let (mut index_records, mut whole) = (0_usize, true);
    let mut cuts = CutsSeen::default();
    let end = walk(reader.journal(), &mut |walked| match walked {
        Walked::Flaw(finding) => findings.push(finding),
        Walked::Doubt(doubt) => cuts.doubt(&doubt, &mut findings),
        Walked::Gap => whole = false,
        Walked::Frame(frame, sound) => {
            match derive(&frame.key_records, index_of_key_record) {
                Ok(derived) => {
                    cuts.list(&derived);
                    index_records += derived.len() + frame.index_records.len();
                }
                Err(fault) => push(
                    &mut findings,
                    place_of(frame),
                    format!("key record: {fault}"),
                ),
            }
            if stored {
                compare_events(reader, frame, &mut findings);
            }
            each(frame, sound);
        }
    })?;
    cuts.findings(whole, &mut findings);
    findings.extend(zeros_behind(reader.journal(), &end)?);
    if stored {
        check_end(reader, &end, &mut findings)?;
        let parts = index_records / CHECK_RECORDS_MAX + 1;
        for part in 0..if whole { parts } else { 0 } {
            check_index(reader, index_of_key_record, (part, parts), &mut findings)?;
        }
    }
    Ok(findings)
}

/// Adds a finding.
fn push(findings: &mut Vec<Finding>, place: FindingPlace, what: impl Into<String>) {
    findings.push(Finding {
        place,
        what: what.into(),
    });
}

pub(super) fn place_of(frame: &Frame) -> FindingPlace {
    FindingPlace::Frame {
        number: frame.number,
        first_leaf: frame.first_leaf,
        tree_size: frame.tree_size(),
    }
}

/// The store's events against the journal's.
fn compare_events(reader: &Reader, frame: &Frame, findings: &mut Vec<Finding>) {
    let in_order = reader
        .events(frame.first_leaf, frame.events.len())
        .unwrap_or_default();
    if in_order.iter().map(|(_, event)| event).eq(&frame.events) {
        return;
    }
    for (position, event) in frame.positions() {
        let place = FindingPlace::Event {
            position,
            segment: None,
        };
        match reader.event(position) {
            Err(fault) => push(findings, place, format!("the store's copy: {fault}")),
            Ok(None) => push(findings, place, "missing from the store"),
            Ok(Some(stored)) if stored != *event => {
                let copies = (event, &stored);
                match differ_by_cuts(reader, position, copies, findings) {
                    Ok(true) => {}
                    Ok(false) => {
                        push(findings, place, differing(reader, position, event, &stored));
                    }
                    Err(fault) => push(findings, place, format!("the store's index: {fault}")),
                }
            }
            Ok(Some(_)) => {}
        }
    }
}

/// Says which of two copies is wrong, as far as the digests tell.
fn differing(
    reader: &Reader,
    position: u64,
    journal: &StoredEvent,
    stored: &StoredEvent,
) -> String {
    let log_id = &reader.journal().log_id;
    let in_store = stored.flaws(log_id, position);
    let in_journal = journal.flaws(log_id, position);
    match (in_store.first(), in_journal.first()) {
        (Some(flaw), None) => format!("the store's copy is wrong: {flaw}"),
        (None, Some(flaw)) => format!("the journal's copy is wrong: {flaw}"),
        (Some(_), Some(_)) => "both copies are wrong".to_owned(),
        (None, None) => "journal and store hold different events".to_owned(),
    }
}

/// The store's own record of its end, and events that no frame holds.
fn check_end(reader: &Reader, end: &Cursor, findings: &mut Vec<Finding>) -> Result<(), Fault> {
    let (meta, extra) = reader.shared.with_store(|store| {
        let mut extra = Vec::new();
        store.ascend(&event_key(end.tree_size), &mut |key, _| {
            extra.extend(position_of(key));
            position_of(key).is_some()
        })?;
        Ok((Meta::of(store)?, extra))
    })?;
    for position in extra {
        let place = FindingPlace::Event {
            position,
            segment: None,
        };
        push(
            findings,
            place,
            "in the store, but in no frame of the journal",
        );
    }
    let holds = meta.map_or(0, |meta| meta.mark.number);
    if holds > end.number {
        let what = format!(
            "it holds frame {holds}, the journal ends at frame {}",
            end.number
        );
        push(findings, FindingPlace::Store, what);
    }
    Ok(())
}

/// What the frames say of a key last: the frame, and the digest of the value.
type Expected = HashMap<Vec<u8>, (u64, Option<[u8; 32]>)>;

/// One part of the index: what the frames say it holds against what the store says.
fn check_index(
    reader: &Reader,
    index_of_key_record: fn(&[u8]) -> Result<Vec<IndexRecord>, Fault>,
    part: (usize, usize),
    findings: &mut Vec<Finding>,
) -> Result<(), Fault> {
    let mut expected = Expected::new();
    let mut cursor = reader.journal().at_start().without_digests();
    while let Some(frame) = next_frame(&mut cursor)? {
        let derived = derive(&frame.key_records, index_of_key_record).unwrap_or_default();
        for record in derived.iter().chain(&frame.index_records) {
            if in_part(&record.key, part) {
                let digest = record
                    .value
                    .as_ref()
                    .map(|value| Sha256::digest(value).into());
                expected.insert(record.key.clone(), (frame.number, digest));
            }
        }
    }
    let mut from = Vec::new();
    loop {
        let page = reader.with_prefix_from(b"", &from, 1024)?;
        let Some((last, _)) = page.last() else {
            break;
        };
        from.clone_from(last);
        from.push(0);
        for (key, value) in page.into_iter().filter(|(key, _)| in_part(key, part)) {
            let digest: [u8; 32] = Sha256::digest(&value).into();
            let (frame, what) = match expected.remove(&key) {
                Some((_, Some(wanted))) if wanted == digest => continue,
                Some((frame, Some(_))) => (Some(frame), "stale: the frame gave another value"),
                Some((frame, None)) => (Some(frame), "stale: the frame removed it"),
                None => (None, "extra: no frame gave it"),
            };
            push(findings, FindingPlace::Index { key, frame }, what);
        }
    }
    let missing = expected
        .into_iter()
        .filter(|(_, (_, digest))| digest.is_some());
    for (key, (frame, _)) in missing {
        let place = FindingPlace::Index {
            key,
            frame: Some(frame),
        };
        push(findings, place, "missing from the store");
    }
    Ok(())
}

/// The next frame whose fields can be read, damaged or not.
fn next_frame(cursor: &mut Cursor) -> Result<Option<Box<Frame>>, Fault> {
    match cursor.step()? {
        Step::Frame(frame) => Ok(Some(frame)),
        Step::End => Ok(None),
        Step::Bad(bad) => {
            let frame = cursor.lenient(&bad)?;
            if let Some(frame) = &frame {
                cursor.pass_damaged(frame);
            }
            Ok(frame.map(Box::new))
        }
    }
}

/// Spreads keys over parts evenly, whatever the keys look like.
fn in_part(key: &[u8], (part, parts): (usize, usize)) -> bool {
    let spread = Sha256::digest(key)
        .first_chunk()
        .map_or(0, |bytes| u64::from_be_bytes(*bytes));
    parts == 1 || spread % offset_of(parts) == offset_of(part)
}

impl Reader {
    /// How far the store itself says it goes: frame number and tree size.
    pub fn store_holds(&self) -> Result<(u64, u64), Fault> {
        let meta = self.shared.with_store(|store| Meta::of(store))?;
        Ok(meta.map_or((0, 0), |meta| (meta.mark.number, meta.tree_size)))
    }
}
