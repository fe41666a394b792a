//! What is known when a certificate is issued: what can still be read, who else holds data, what
//! was asked of them. It may say more the next time.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each question names the events that concern it and passes all others by"
)]

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::Timestamp;
use crate::copies::BackupReport;
use crate::domain::case::Case;
use crate::domain::event::Event;
use crate::domain::ids::{ConsentId, GroundId, LeafKeyId};
use crate::error::Fault;
use crate::keys::Statement;
use crate::retention::{end_of, record_end};
use crate::shared::Shared;
use crate::submit::answer::Entry;

use super::copies::{Copies, Round};
use super::facts::{Facts, stands};
use super::outside::Outside;
use super::parts::{Lost, Reading};

/// What stays readable on one ground.
pub(super) struct Kept {
    pub(super) ground: GroundId,
    pub(super) parts: Lost,
    /// When it ends if nothing more is done in the case, and by which retention rule if by one.
    pub(super) until: Option<(Timestamp, Option<String>)>,
}

/// All of it.
pub(super) struct State {
    pub(super) kept: Vec<Kept>,
    /// When the record part is over if nothing more is done in the case, and by which rule; none
    /// where the stream is no case.
    pub(super) record_until: Option<(Timestamp, String)>,
    pub(super) vault: Statement,
    /// When the last of what this rotation killed was cut out of this ledger's files.
    pub(super) cut_out: Option<Timestamp>,
    pub(super) copies: Copies,
    pub(super) outside: Outside,
}

impl State {
    /// What these entries of the stream, this ledger, and its list of backups tell.
    pub(super) fn of(
        shared: &Shared,
        facts: &Facts,
        reading: Reading<'_>,
        backups: Option<&[BackupReport]>,
    ) -> Result<Self, Fault> {
        let entries = reading.entries;
        let case = folded(entries);
        let rules = &shared.rules.retention;
        let end = |ground: GroundId| {
            let case = case.as_ref()?;
            let consent = case.consents.get(&ConsentId(ground.0));
            let by_rule = consent.map(|consent| end_of(case, consent, rules));
            let by_rule = by_rule.map(|(end, rule)| (end, Some(rule)));
            let by_itself = ends(entries).get(&ground).map(|end| (*end, None));
            by_rule.into_iter().chain(by_itself).min()
        };
        let kept = reading.kept().into_iter();
        let kept = kept.map(|(ground, parts)| Kept {
            ground,
            parts,
            until: end(ground),
        });
        let gone: BTreeSet<GroundId> = facts.grounds.iter().map(|ended| ended.ground).collect();
        let rounds = rounds(facts, reading);
        let last = rounds.as_deref().and_then(<[Round]>::last);
        Ok(Self {
            kept: kept.collect(),
            record_until: case.as_ref().map(|case| record_end(case, rules)),
            vault: shared.vault(),
            cut_out: last.map(|(stands, _)| stands.at),
            copies: Copies::of(shared, facts, rounds.as_deref(), backups)?,
            outside: Outside::of(entries, &gone),
        })
    }
}

/// The rounds that cut out what this rotation killed; none while any of it waits. Then the stream
/// says of each of its keys that the ciphertext is gone, and nothing of it lies in the files.
fn rounds(facts: &Facts, reading: Reading<'_>) -> Option<Vec<Round>> {
    let mut waiting: BTreeSet<LeafKeyId> = facts.keys.iter().copied().collect();
    if reading.is_still_stored(&waiting) {
        return None;
    }
    let after = reading
        .entries
        .iter()
        .filter(|entry| entry.position > facts.completed.position);
    let mut rounds = Vec::new();
    for entry in after {
        if let Event::CiphertextCut(cut) = &entry.record.event
            && cut.keys.iter().any(|key| facts.keys.contains(key))
        {
            waiting.retain(|key| !cut.keys.contains(key));
            rounds.push((stands(entry), cut.clone()));
        }
    }
    waiting.is_empty().then_some(rounds)
}

/// The case as these events leave it.
fn folded(entries: &[Entry]) -> Option<Case> {
    let mut case: Option<Case> = None;
    for entry in entries {
        match &mut case {
            Some(case) => case.apply(&entry.record),
            None => case = Case::opened(&entry.record),
        }
    }
    case
}

/// When each ground ends by itself.
fn ends(entries: &[Entry]) -> BTreeMap<GroundId, Timestamp> {
    let end = |entry: &Entry| match &entry.record.event {
        Event::ConsentGiven(it) => Some((it.consent.into(), it.expires?)),
        Event::ExceptionInvoked(it) => Some((it.exception.into(), it.expires)),
        _ => None,
    };
    entries.iter().filter_map(end).collect()
}
