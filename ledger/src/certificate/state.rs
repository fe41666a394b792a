//! What is known when a certificate is issued: what can still be read, who else holds data, what
//! was asked of them. It may say more the next time.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each question names the events that concern it and passes all others by"
)]

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::Timestamp;
use crate::domain::case::Case;
use crate::domain::codes::Channel;
use crate::domain::event::Event;
use crate::domain::ids::{ConsentId, CopyId, GroundId, LeafKeyId, OrganisationId, ReferralId};
use crate::error::Fault;
use crate::keys::Statement;
use crate::retention::end_of;
use crate::shared::Shared;
use crate::submit::answer::Entry;

use super::facts::{Facts, stands};
use super::parts::{self, Lost};

/// What stays readable on one ground.
pub(super) struct Kept {
    pub(super) ground: GroundId,
    pub(super) parts: Lost,
    /// When it ends at the latest, and by which retention rule if by one.
    pub(super) until: Option<(Timestamp, Option<String>)>,
}

/// Somebody outside who was given data that rested on a destroyed ground.
pub(super) struct Recipient {
    pub(super) organisation: OrganisationId,
    pub(super) referral: Option<ReferralId>,
    pub(super) channel: Channel,
    pub(super) asked: Option<Timestamp>,
}

/// All of it.
pub(super) struct State {
    pub(super) kept: Vec<Kept>,
    pub(super) vault: Statement,
    /// When the last of what this rotation killed was cut out of this ledger's files.
    pub(super) cut_out: Option<Timestamp>,
    /// Attached mirrors, and whether each knows of the destruction.
    pub(super) mirrors: Vec<(CopyId, bool)>,
    pub(super) recipients: Vec<Recipient>,
    /// Referrals of which the person holds a copy on paper.
    pub(super) papers: Vec<ReferralId>,
}

impl State {
    /// What these entries of the stream, and this ledger, tell.
    pub(super) fn of(shared: &Shared, facts: &Facts, entries: &[Entry]) -> Result<Self, Fault> {
        let case = folded(entries);
        let rules = &shared.retention;
        let end = |ground: GroundId| {
            let case = case.as_ref()?;
            let consent = case.consents.get(&ConsentId(ground.0));
            let by_rule = consent.map(|consent| end_of(case, consent, rules));
            let by_rule = by_rule.map(|(end, rule)| (end, Some(rule)));
            let by_itself = ends(entries).get(&ground).map(|end| (*end, None));
            by_rule.into_iter().chain(by_itself).min()
        };
        let kept = parts::kept(shared, entries)?.into_iter();
        let kept = kept.map(|(ground, parts)| Kept {
            ground,
            parts,
            until: end(ground),
        });
        let gone: BTreeSet<GroundId> = facts.grounds.iter().map(|ended| ended.ground).collect();
        let outside = Outside::of(entries, &gone);
        Ok(Self {
            kept: kept.collect(),
            vault: shared.vault(),
            cut_out: cut_out(shared, facts, entries)?,
            mirrors: mirrors(shared, facts.epoch),
            recipients: outside.recipients,
            papers: outside.papers.into_iter().collect(),
        })
    }
}

/// When it was told that ciphertext was cut out, if nothing that this rotation killed still lies
/// there.
fn cut_out(shared: &Shared, facts: &Facts, entries: &[Entry]) -> Result<Option<Timestamp>, Fault> {
    let keys: BTreeSet<LeafKeyId> = facts.keys.iter().copied().collect();
    if parts::still_stored(shared, entries, &keys)? {
        return Ok(None);
    }
    let told = entries.iter().rev().find(|entry| {
        entry.position > facts.completed.position
            && matches!(entry.record.event, Event::CiphertextCut(_))
    });
    Ok(told.map(|entry| stands(entry).at))
}

/// A mirror that has the frame of a rotation's end holds no way to what it destroyed.
fn mirrors(shared: &Shared, epoch: u64) -> Vec<(CopyId, bool)> {
    let report = shared.copies.report(shared.reader.head().frame_number);
    let mirrors = report.mirrors.into_iter();
    mirrors.map(|one| (one.id, one.epoch >= epoch)).collect()
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

/// Who holds data that our keys do not reach.
#[derive(Default)]
struct Outside {
    recipients: Vec<Recipient>,
    papers: BTreeSet<ReferralId>,
}

impl Outside {
    fn of(entries: &[Entry], gone: &BTreeSet<GroundId>) -> Self {
        let mut outside = Self::default();
        let mut to = BTreeMap::new();
        let mut content: BTreeMap<ReferralId, BTreeSet<GroundId>> = BTreeMap::new();
        let mut copies = BTreeSet::new();
        for entry in entries {
            match &entry.record.event {
                Event::ReferralDrafted(it) => {
                    to.insert(it.referral, it.recipient);
                    content.entry(it.referral).or_default().insert(it.ground);
                }
                Event::ReferralRevised(it) => {
                    content.entry(it.referral).or_default().insert(it.ground);
                }
                Event::ReferralReviewed(it) if it.copy_given => {
                    copies.insert(it.referral);
                }
                Event::ReferralSent(it) => {
                    content.entry(it.referral).or_default().extend(&it.basis);
                    outside
                        .recipients
                        .extend(to.get(&it.referral).map(|to| Recipient {
                            organisation: *to,
                            referral: Some(it.referral),
                            channel: it.channel,
                            asked: None,
                        }));
                }
                Event::ReferralStopped(it) if it.recipient_asked => {
                    outside.asked(it.referral, stands(entry).at);
                }
                Event::DisclosureRecorded(it) if it.basis.is_some_and(|of| gone.contains(&of)) => {
                    outside.recipients.push(Recipient {
                        organisation: it.recipient,
                        referral: None,
                        channel: it.channel,
                        asked: None,
                    });
                }
                _ => {}
            }
        }
        let touched = |id: &ReferralId| content.get(id).is_some_and(|of| !of.is_disjoint(gone));
        outside
            .recipients
            .retain(|one| one.referral.is_none_or(|id| touched(&id)));
        outside.papers = copies.into_iter().filter(|id| touched(id)).collect();
        outside
    }

    fn asked(&mut self, referral: ReferralId, at: Timestamp) {
        let mut to = self.recipients.iter_mut();
        if let Some(recipient) = to.find(|one| one.referral == Some(referral)) {
            recipient.asked = Some(at);
        }
    }
}
