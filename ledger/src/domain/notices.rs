//! What recipients are asked, and what they answer, once data that they were given are to go, were
//! put right or are restricted (MISSION B6, E5).
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::BTreeSet;

use serde::Serialize;

use super::case::Case;
use super::codes::{Channel, DataCategory, NoticeAbout, NoticeOutcome, NoticeState, RecallAnswer};
use super::event::{Event, Given, Record};
use super::ids::{CaseId, OrganisationId, ReferralId, SubjectRequestId};

/// Where asking one recipient stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Planned, sent, answered.
    pub state: NoticeState,
    /// What it says it did, once it confirmed.
    pub outcome: Option<NoticeOutcome>,
}

/// A disclosure that was recorded afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisclosedTo {
    /// To whom.
    pub recipient: OrganisationId,
    /// Which data.
    pub categories: BTreeSet<DataCategory>,
}

impl Notice {
    const PLANNED: Self = Self {
        state: NoticeState::Planned,
        outcome: None,
    };

    /// Whether the recipient was asked, as far as is known here.
    pub fn was_asked(self) -> bool {
        match self.state {
            NoticeState::Sent | NoticeState::Confirmed => true,
            NoticeState::Planned | NoticeState::Failed | NoticeState::Impossible => false,
        }
    }

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
            Given::Disclosure(id) => self.disclosures.get(&id).map(|one| one.recipient),
        }
    }

    /// What others hold of these kinds of data, as far as is known here; of all kinds if none are
    /// named. Who gave back or destroyed what it had holds nothing.
    pub fn held_outside(&self, categories: Option<&BTreeSet<DataCategory>>) -> Vec<Given> {
        let meant = |of: &BTreeSet<DataCategory>| {
            categories.is_none_or(|categories| !of.is_disjoint(categories))
        };
        let sent = self.referrals.iter().filter(|(_, one)| {
            one.sent.is_some() && one.recipient != self.organisation && meant(&one.categories)
        });
        let sent = sent.map(|(id, _)| Given::Referral(*id));
        let outside = self.disclosures.iter();
        let outside = outside.filter(|(_, one)| meant(&one.categories));
        let outside = outside.map(|(id, _)| Given::Disclosure(*id));
        let gone = |given: &Given| {
            let outcome = self.notices.get(given).and_then(|notice| notice.outcome);
            matches!(
                outcome,
                Some(NoticeOutcome::Returned | NoticeOutcome::Destroyed)
            )
        };
        sent.chain(outside).filter(|given| !gone(given)).collect()
    }

    /// What those hold who know of a restriction.
    pub fn know_of_restriction(&self) -> Vec<Given> {
        let told = self.informed.iter().filter(|((about, _), notice)| {
            *about == NoticeAbout::Restriction
                && matches!(notice.state, NoticeState::Sent | NoticeState::Confirmed)
        });
        told.map(|((_, given), _)| *given).collect()
    }

    /// Whether a recipient knows of a restriction and was not told yet that it is over.
    pub fn still_restricts(&self, given: &Given) -> bool {
        let state = |about| self.informed.get(&(about, *given)).map(|it| it.state);
        let knows = matches!(
            state(NoticeAbout::Restriction),
            Some(NoticeState::Sent | NoticeState::Confirmed)
        );
        knows && state(NoticeAbout::Lifting) == Some(NoticeState::Planned)
    }

    /// Whoever was to be told that a restriction is over goes on as it does: there is a new one.
    fn go_on_restricting(&mut self) {
        self.informed.retain(|(about, _), notice| {
            *about != NoticeAbout::Lifting || notice.state != NoticeState::Planned
        });
    }

    fn plan_notice(&mut self, referral: ReferralId) {
        let given = Given::Referral(referral);
        self.notices.entry(given).or_insert(Notice::PLANNED);
    }

    /// Nobody is told any more of a restriction that is over before they were, unless another one
    /// goes on.
    fn forget_restriction(&mut self, lifted: SubjectRequestId) {
        let mut others = self.requests.iter().filter(|(id, _)| **id != lifted);
        if others.any(|(_, one)| one.person == self.client && one.restricts()) {
            return;
        }
        self.informed.retain(|(about, _), notice| {
            *about != NoticeAbout::Restriction || notice.state != NoticeState::Planned
        });
    }

    pub(super) fn apply_notice(&mut self, record: &Record) {
        match &record.event {
            Event::DisclosureRecorded(it) => {
                let disclosed = DisclosedTo {
                    recipient: it.recipient,
                    categories: it.categories.clone(),
                };
                self.disclosures.insert(it.disclosure, disclosed);
            }
            Event::NoticeRecorded(it) => {
                let notice = Notice {
                    state: it.state,
                    outcome: it.outcome,
                };
                self.notices.insert(it.given, notice);
            }
            Event::RecipientNotified(it) => {
                let notice = Notice {
                    state: it.state,
                    outcome: it.outcome,
                };
                self.informed.insert((it.about, it.given), notice);
                if it.about == NoticeAbout::Restriction {
                    self.informed.remove(&(NoticeAbout::Lifting, it.given));
                }
            }
            Event::RequestCarriedOut(it) if it.kind.restricts() && it.person == self.client => {
                self.go_on_restricting();
            }
            Event::RestrictionLifted(it) => self.forget_restriction(it.request),
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

/// Fields of `RecordNotice`.
#[derive(Clone, Serialize)]
pub struct Noticing {
    /// In which case.
    pub case: CaseId,
    /// What it is about.
    pub about: NoticeAbout,
    /// What the recipient was given.
    pub given: Given,
    /// Where asking it stands.
    pub state: NoticeState,
    /// What it says it did, once it confirmed.
    pub outcome: Option<NoticeOutcome>,
    /// How it was asked, or answered.
    pub channel: Channel,
}
