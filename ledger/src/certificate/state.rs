//! What is known when a certificate is issued: what can still be read, who else holds data, what
//! was asked of them. It may say more the next time.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each question names the events that concern it and passes all others by"
)]

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::Timestamp;
use crate::copies::BackupReport;
use crate::domain::codes::Channel;
use crate::domain::event::Event;
use crate::domain::ids::{GroundId, LeafKeyId, OrganisationId, ReferralId};
use crate::error::Fault;
use crate::keys::Statement;
use crate::shared::Shared;
use crate::submit::answer::Entry;

use super::copies::{Copies, Round};
use super::facts::{Facts, stands};
use super::parts::{self, Lost};

/// What stays readable on one ground.
pub(super) struct Kept {
    pub(super) ground: GroundId,
    pub(super) parts: Lost,
    pub(super) until: Option<Timestamp>,
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
    pub(super) copies: Copies,
    pub(super) recipients: Vec<Recipient>,
    /// Referrals of which the person holds a copy on paper.
    pub(super) papers: Vec<ReferralId>,
}

impl State {
    /// What these entries of the stream, this ledger, and its list of backups tell.
    pub(super) fn of(
        shared: &Shared,
        facts: &Facts,
        entries: &[Entry],
        backups: Option<&[BackupReport]>,
    ) -> Result<Self, Fault> {
        let ends = ends(entries);
        let kept = parts::kept(shared, entries)?.into_iter();
        let kept = kept.map(|(ground, parts)| Kept {
            ground,
            parts,
            until: ends.get(&ground).copied(),
        });
        let gone: BTreeSet<GroundId> = facts.grounds.iter().map(|ended| ended.ground).collect();
        let outside = Outside::of(entries, &gone);
        let rounds = rounds(shared, facts, entries)?;
        let last = rounds.as_deref().and_then(<[Round]>::last);
        Ok(Self {
            kept: kept.collect(),
            vault: shared.vault(),
            cut_out: last.map(|(stands, _)| stands.at),
            copies: Copies::of(shared, facts, rounds.as_deref(), backups)?,
            recipients: outside.recipients,
            papers: outside.papers.into_iter().collect(),
        })
    }
}

/// The rounds that cut out what this rotation killed; none while any of it waits: the stream says of
/// every one of its keys that its ciphertext is gone, and nothing of it lies in the files.
fn rounds(shared: &Shared, facts: &Facts, entries: &[Entry]) -> Result<Option<Vec<Round>>, Fault> {
    let mut waiting: BTreeSet<LeafKeyId> = facts.keys.iter().copied().collect();
    if parts::still_stored(shared, entries, &waiting)? {
        return Ok(None);
    }
    let after = entries
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
    Ok(waiting.is_empty().then_some(rounds))
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
