//! What recipients are asked, and what they answer, once data that they were given are to go
//! (MISSION B6, E5).
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use super::case::Case;
use super::codes::{NoticeOutcome, NoticeState, RecallAnswer};
use super::event::{Event, Given, Record};
use super::ids::{OrganisationId, ReferralId};

/// Where asking one recipient stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Planned, sent, answered.
    pub state: NoticeState,
    /// What it says it did, once it confirmed.
    pub outcome: Option<NoticeOutcome>,
}

impl Notice {
    const PLANNED: Self = Self {
        state: NoticeState::Planned,
        outcome: None,
    };

    /// Whether this may be recorded after that. Who confirmed can say that more was done, and is
    /// not asked again: a confirmation stays one. Nobody is to be asked who was asked already.
    pub fn may_follow(self, before: Option<Self>) -> bool {
        match (before.map(|before| before.state), self.state) {
            (None, NoticeState::Planned | NoticeState::Sent | NoticeState::Impossible) => true,
            (None, NoticeState::Confirmed | NoticeState::Failed) => false,
            (Some(_), NoticeState::Planned) => false,
            (
                Some(NoticeState::Confirmed),
                NoticeState::Sent | NoticeState::Failed | NoticeState::Impossible,
            ) => false,
            (Some(_), NoticeState::Sent | NoticeState::Confirmed) => true,
            (Some(_), NoticeState::Failed | NoticeState::Impossible) => true,
        }
    }
}

impl Case {
    /// To whom it was given; nobody if it was not given, or not in this case.
    pub fn recipient_of(&self, given: Given) -> Option<OrganisationId> {
        match given {
            Given::Referral(id) => {
                let referral = self.referrals.get(&id)?;
                referral.sent.is_some().then_some(referral.recipient)
            }
            Given::Disclosure(id) => self.disclosures.get(&id).copied(),
        }
    }

    fn plan_notice(&mut self, referral: ReferralId) {
        let given = Given::Referral(referral);
        self.notices.entry(given).or_insert(Notice::PLANNED);
    }

    pub(super) fn apply_notice(&mut self, record: &Record) {
        match &record.event {
            Event::DisclosureRecorded(it) => {
                self.disclosures.insert(it.disclosure, it.recipient);
            }
            Event::NoticeRecorded(it) => {
                let notice = Notice {
                    state: it.state,
                    outcome: it.outcome,
                };
                self.notices.insert(it.given, notice);
            }
            _ => {}
        }
        if let Some(referral) = record.event.recipient_goes_on() {
            self.notices.remove(&Given::Referral(referral));
        }
        if let Some(referral) = record.event.recipient_to_ask() {
            self.plan_notice(referral);
        }
    }
}

impl Event {
    /// The referral whose recipient is to be asked from this event on: it has what must go.
    pub fn recipient_to_ask(&self) -> Option<ReferralId> {
        match self {
            Self::ReferralStopped(it) => it.recipient_asked.then_some(it.referral),
            Self::ReferralCancelled(it) => it.recipient_asked.then_some(it.referral),
            _ => None,
        }
    }

    /// The referral with which its recipient goes on although it was asked back: what it confirmed
    /// before answers no later asking.
    pub fn recipient_goes_on(&self) -> Option<ReferralId> {
        match self {
            Self::RecallAnswered(it) => {
                (it.answer == RecallAnswer::AlreadyActed).then_some(it.referral)
            }
            _ => None,
        }
    }
}
