//! Who holds data that our keys do not reach, what was asked of them and what they answered.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each question names the events that concern it and passes all others by"
)]

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::codes::{Channel, NoticeOutcome, NoticeState, RecallAnswer};
use crate::domain::event::{Event, Given, NoticeRecorded};
use crate::domain::ids::{GroundId, OrganisationId, ReferralId};
use crate::submit::answer::Entry;

use super::facts::{Stands, stands};

/// Somebody outside who was given data that rested on a destroyed ground, or on none: what was
/// told without a ground is on every certificate of its case.
pub(super) struct Recipient {
    pub(super) organisation: OrganisationId,
    pub(super) given: Given,
    pub(super) channel: Channel,
    /// What came of asking it: when it was first to be asked, when it was asked last, and its last
    /// word.
    pub(super) notices: Vec<Step>,
    /// When a referral was last asked back, and what was answered to that.
    pub(super) recalls: Vec<Recall>,
}

/// A referral was asked back, or that was answered.
#[derive(Clone, Copy)]
pub(super) struct Recall {
    pub(super) at: Stands,
    pub(super) answer: Option<RecallAnswer>,
}

/// One step of asking.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) state: NoticeState,
    pub(super) at: Stands,
    pub(super) how: Option<Channel>,
    pub(super) outcome: Option<NoticeOutcome>,
}

/// All of them.
#[derive(Default)]
pub(super) struct Outside {
    pub(super) recipients: Vec<Recipient>,
    /// Referrals of which the person holds a copy on paper.
    pub(super) papers: BTreeSet<ReferralId>,
}

impl Outside {
    /// Who was given what rested on these grounds or on none, by a stream's entries.
    pub(super) fn of(entries: &[Entry], gone: &BTreeSet<GroundId>) -> Self {
        let mut outside = Self::default();
        let mut to = BTreeMap::new();
        let mut content: BTreeMap<ReferralId, BTreeSet<GroundId>> = BTreeMap::new();
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
                    outside.papers.insert(it.referral);
                }
                Event::ReferralSent(it) => {
                    content.entry(it.referral).or_default().extend(&it.basis);
                    if let Some(to) = to.get(&it.referral) {
                        outside.gave(*to, Given::Referral(it.referral), it.channel);
                    }
                }
                Event::DisclosureRecorded(it)
                    if it.incident || it.basis.iter().any(|of| gone.contains(of)) =>
                {
                    outside.gave(it.recipient, Given::Disclosure(it.disclosure), it.channel);
                }
                Event::NoticeRecorded(it) => outside.note(it.given, step(it, stands(entry))),
                Event::RecallAsked(it) => outside.recall(it.referral, stands(entry), None),
                Event::RecallAnswered(it) => {
                    outside.recall(it.referral, stands(entry), Some(it.answer));
                }
                _ => {}
            }
            if let Some(referral) = entry.record.event.recipient_goes_on() {
                outside.forget(Given::Referral(referral));
            }
            if let Some(referral) = entry.record.event.recipient_to_ask() {
                let step = Step {
                    state: NoticeState::Planned,
                    at: stands(entry),
                    how: None,
                    outcome: None,
                };
                outside.note(Given::Referral(referral), step);
            }
        }
        let touched = |id: &ReferralId| content.get(id).is_some_and(|of| !of.is_disjoint(gone));
        outside.recipients.retain(|one| match &one.given {
            Given::Referral(id) => touched(id),
            Given::Disclosure(_) => true,
        });
        outside.papers.retain(|id| touched(id));
        outside
    }

    fn gave(&mut self, organisation: OrganisationId, given: Given, channel: Channel) {
        self.recipients.push(Recipient {
            organisation,
            given,
            channel,
            notices: Vec::new(),
            recalls: Vec::new(),
        });
    }

    /// Who is asked back anew has not answered that yet.
    fn recall(&mut self, referral: ReferralId, at: Stands, answer: Option<RecallAnswer>) {
        let mut to = self.recipients.iter_mut();
        let given = Given::Referral(referral);
        if let Some(recipient) = to.find(|one| one.given == given) {
            match answer {
                Some(_) => recipient.recalls.truncate(1),
                None => recipient.recalls.clear(),
            }
            recipient.recalls.push(Recall { at, answer });
        }
    }

    /// What was confirmed before the recipient went on is no answer any more.
    fn forget(&mut self, given: Given) {
        let mut to = self.recipients.iter_mut();
        if let Some(recipient) = to.find(|one| one.given == given) {
            recipient.notices.clear();
        }
    }

    fn note(&mut self, given: Given, step: Step) {
        let mut to = self.recipients.iter_mut();
        let Some(recipient) = to.find(|one| one.given == given) else {
            return;
        };
        // It is planned where nothing is known yet; who was asked already is not to be asked.
        if step.state == NoticeState::Planned && !recipient.notices.is_empty() {
            return;
        }
        // The last of each kind tells it; what was planned first is since when it was owed.
        let kind = |state: NoticeState| match state {
            NoticeState::Planned => 0,
            NoticeState::Sent => 1,
            NoticeState::Confirmed | NoticeState::Failed | NoticeState::Impossible => 2,
        };
        let same = |other: &Step| kind(other.state) == kind(step.state);
        recipient.notices.retain(|other| !same(other));
        recipient.notices.push(step);
    }
}

fn step(recorded: &NoticeRecorded, at: Stands) -> Step {
    Step {
        state: recorded.state,
        at,
        how: Some(recorded.channel),
        outcome: recorded.outcome,
    }
}
