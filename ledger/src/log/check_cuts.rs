//! The storage check of what was cut out: zeros stand where a list says so, and nowhere else.

use std::collections::BTreeMap;

use super::check::{Finding, FindingPlace};
use super::cut::{Doubt, is_zeros, listed};
use super::event::StoredEvent;
use super::index::IndexRecord;
use super::reader::Reader;
use crate::error::Fault;
use crate::keys::Cut;
use crate::keys::cut::open_cut_key;

/// What a walk over all frames met of cut lists and of segments that are not as written; bits of
/// segments by position.
#[derive(Default)]
pub(super) struct CutsSeen {
    listed: BTreeMap<u64, Cut>,
    zeros: BTreeMap<u64, Cut>,
    other: BTreeMap<u64, Cut>,
}

impl CutsSeen {
    /// Takes in the index records of a frame.
    pub(super) fn list(&mut self, records: &[IndexRecord]) {
        listed(records).for_each(|place| note(&mut self.listed, place));
    }

    /// Takes in what is in doubt in a frame; zeros wait for their list, other bytes are told.
    pub(super) fn doubt(&mut self, doubt: &Doubt, findings: &mut Vec<Finding>) {
        let place = (doubt.position, doubt.segment);
        if doubt.zeros {
            return note(&mut self.zeros, place);
        }
        note(&mut self.other, place);
        let what = format!(
            "in the journal: segment {} is not the one whose digest the header holds",
            doubt.segment
        );
        findings.push(at(place, what));
    }

    /// What lists and bytes do not agree on. `whole`: every list of the journal was seen.
    pub(super) fn findings(&self, whole: bool, findings: &mut Vec<Finding>) {
        for place in all(&self.zeros).filter(|place| whole && !has(&self.listed, *place)) {
            let what = format!(
                "in the journal: segment {} is zeros and on no cut list",
                place.1
            );
            findings.push(at(place, what));
        }
        for place in all(&self.listed).filter(|place| !has(&self.zeros, *place)) {
            let bytes = if has(&self.other, place) {
                "other bytes stand in its place"
            } else {
                "its bytes are still there"
            };
            let what = format!(
                "in the journal: segment {} was cut out, yet {bytes}",
                place.1
            );
            findings.push(at(place, what));
        }
    }
}

/// Whether journal and store differ only in what was cut out of the journal. What was listed and is
/// not yet known to be done may still stand in the store; afterwards it may not.
pub(super) fn differ_by_cuts(
    reader: &Reader,
    position: u64,
    (journal, stored): (&StoredEvent, &StoredEvent),
    findings: &mut Vec<Finding>,
) -> Result<bool, Fault> {
    if journal.header != stored.header || journal.segments.len() != stored.segments.len() {
        return Ok(false);
    }
    let mut remaining = Vec::new();
    let pairs = journal.segments.iter().zip(&stored.segments);
    for (number, (ours, theirs)) in (0_u8..).zip(pairs) {
        if ours == theirs {
            continue;
        }
        if !is_zeros(ours) || !reader.is_cut(position, number)? {
            return Ok(false);
        }
        if reader.value(&open_cut_key(position, number))?.is_none() {
            remaining.push(number);
        }
    }
    for number in remaining {
        let what = format!("segment {number} was cut out, yet the store still holds it");
        findings.push(at((position, number), what));
    }
    Ok(true)
}

fn note(cuts: &mut BTreeMap<u64, Cut>, (position, segment): (u64, u8)) {
    let cut = cuts
        .entry(position)
        .or_insert_with(|| Cut::none_of(position));
    cut.add(segment);
}

fn all(cuts: &BTreeMap<u64, Cut>) -> impl Iterator<Item = (u64, u8)> {
    cuts.values().flat_map(|cut| cut.each())
}

fn has(cuts: &BTreeMap<u64, Cut>, (position, segment): (u64, u8)) -> bool {
    let cut = cuts.get(&position);
    cut.is_some_and(|cut| cut.numbers().any(|number| number == segment))
}

fn at((position, segment): (u64, u8), what: String) -> Finding {
    let place = FindingPlace::Event {
        position,
        segment: Some(usize::from(segment)),
    };
    Finding { place, what }
}
