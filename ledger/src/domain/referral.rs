//! What goes with a referral beside its steps: what is agreed for following up, cancelling, recall.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::BTreeSet;

use serde::Serialize;

use super::case::{Case, Referral};
use super::codes::{Channel, FollowUpItem, RecallAnswer, ReferralState, ViewPurpose};
use super::event::{Event, PersonalDataSeen, Record, ViewTarget};
use super::ids::{CaseId, PersonId, ReferralId};
use crate::clock::{Day, Timestamp};

/// What two services agreed to tell each other of a referral when it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FollowUpContract {
    /// How.
    pub channel: Channel,
    /// On which day.
    pub on: Day,
    /// What is told.
    pub items: BTreeSet<FollowUpItem>,
}

impl FollowUpContract {
    /// Whether the service is to tell how it went with the person, which they must have agreed to.
    pub fn asks_how_it_went(&self) -> bool {
        self.items.iter().any(|item| match item {
            FollowUpItem::Reached | FollowUpItem::Appointment => false,
            FollowUpItem::HelpGiven | FollowUpItem::Reason | FollowUpItem::FurtherNeeds => true,
        })
    }
}

/// A referral that was asked back after it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recall {
    /// By when the recipient should answer.
    pub answer_by: Timestamp,
    /// What it said.
    pub answer: Option<RecallAnswer>,
}

impl RecallAnswer {
    /// Where a referral stands that was answered so. What was acted on already goes to its end, so
    /// that it is known how it ended; the recipient opens it no more all the same.
    pub fn leads_to(self) -> ReferralState {
        match self {
            Self::NotRead | Self::Destroyed => ReferralState::Recalled,
            Self::AlreadyActed => ReferralState::Accepted,
        }
    }
}

impl Case {
    /// Folds in what goes with a referral beside its steps.
    pub(super) fn apply_beside(&mut self, record: &Record) {
        let mut change = |id: &ReferralId, change: &dyn Fn(&mut Referral)| {
            if let Some(referral) = self.referrals.get_mut(id) {
                change(referral);
                referral.changed = record.version;
            }
        };
        match &record.event {
            Event::ReferralCancelled(it) => change(&it.referral, &|referral| {
                referral.state = ReferralState::Cancelled;
            }),
            Event::RecallAsked(it) => change(&it.referral, &|referral| {
                referral.state = ReferralState::RecallAsked;
                referral.recall = Some(Recall {
                    answer_by: it.answer_by,
                    answer: None,
                });
            }),
            Event::RecallAnswered(it) => change(&it.referral, &|referral| {
                referral.state = it.answer.leads_to();
                if let Some(recall) = &mut referral.recall {
                    recall.answer = Some(it.answer);
                }
            }),
            // Whoever works on the case looks at what was sent, too; the recipient does not.
            Event::PersonalDataSeen(PersonalDataSeen {
                target: ViewTarget::Referral(id),
                purpose: ViewPurpose::Service,
            }) if record.actor.on_behalf_of().is_none()
                && !record
                    .actor
                    .staff()
                    .is_some_and(|by| self.assigned.contains(&by)) =>
            {
                if let Some(referral) = self.referrals.get_mut(id) {
                    referral.opened = referral.opened || referral.sent.is_some();
                }
            }
            Event::FollowUpAgreed(it) => change(&it.referral, &|referral| {
                referral.follow_up = Some(FollowUpContract {
                    channel: it.channel,
                    on: it.on,
                    items: it.items.clone(),
                });
            }),
            _ => {}
        }
    }
}

/// Fields of `CancelReferral`.
#[derive(Clone, Serialize)]
pub struct Cancelling {
    /// In which case.
    pub case: CaseId,
    /// Which.
    pub referral: ReferralId,
    /// Who says so; the client if not said.
    pub asked_by: Option<PersonId>,
}

/// Fields of `AnswerRecall`.
#[derive(Clone, Serialize)]
pub struct AnsweringRecall {
    /// In which case.
    pub case: CaseId,
    /// Which.
    pub referral: ReferralId,
    /// What became of it.
    pub answer: RecallAnswer,
}
