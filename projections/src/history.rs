//! The history of a case or a referral and the record of decisions, read from one stream's record
//! parts (`Ledger::stream`). Pure; nothing is stored.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each question names the events that concern it and passes all others by"
)]

use std::collections::BTreeSet;

use ledger::clock::Timestamp;
use ledger::domain::codes::*;
use ledger::domain::event::{
    Actor, Event, Given, NoticeRecorded, RecipientNotified, Recorded, ViewTarget,
};
use ledger::domain::ids::*;
use ledger::domain::scope::Scope;
use ledger::ledger::Entry;

/// One event as a row of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Where it is in the log: the position that a receipt is asked for by.
    pub position: u64,
    /// Its place in the stream, from 1.
    pub version: u64,
    /// When it was recorded.
    pub recorded: Recorded,
    /// When it is claimed to have happened, if that is another time (MISSION C9).
    pub occurred: Option<Timestamp>,
    /// Who acted.
    pub actor: Actor,
    /// The event's stable name.
    pub event: &'static str,
    /// The referral it is about.
    pub referral: Option<ReferralId>,
    /// The state that it brought the referral into.
    pub state: Option<ReferralState>,
    /// Why, where a reason was given.
    pub reason: Option<ReferralReason>,
    /// How it travelled.
    pub channel: Option<Channel>,
}

/// A decision about consent, an exception or a disclosure, with what it rested on (MISSION B5, B7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The event.
    pub step: Step,
    /// Whose data it was about.
    pub person: Option<PersonId>,
    /// The consent or exception that it made or changed, or the grounds that it rested on.
    pub grounds: Vec<GroundId>,
    /// In which capacity a consent was given.
    pub capacity: Option<Capacity>,
    /// How it was expressed.
    pub form: Option<ConsentForm>,
    /// What was covered, refused or taken out.
    pub scope: Option<Scope>,
    /// Why an exception was used.
    pub exception: Option<(ExceptionKind, ExceptionReason)>,
    /// Until when it holds.
    pub expires: Option<Timestamp>,
}

/// Every event of a stream as a step, oldest first.
pub fn history(entries: &[Entry]) -> Vec<Step> {
    let mut sent = BTreeSet::new();
    let mut steps: Vec<Step> = entries.iter().map(step).collect();
    for step in &mut steps {
        // An emergency may be signed off after sending; that moves nothing (C12).
        if step.state == Some(ReferralState::Reviewed) && sent.contains(&step.referral) {
            step.state = None;
        }
        if step.state == Some(ReferralState::Sent) {
            sent.insert(step.referral);
        }
    }
    steps
}

/// The steps of one referral, oldest first. That its content was opened is a step, too.
pub fn history_of_referral(entries: &[Entry], referral: ReferralId) -> Vec<Step> {
    let mut steps = history(entries);
    steps.retain(|step| step.referral == Some(referral));
    steps
}

/// The decision record of a case: who decided what, when, by which rule and on what ground.
pub fn decisions(entries: &[Entry]) -> Vec<Decision> {
    entries.iter().filter_map(decision).collect()
}

fn step(entry: &Entry) -> Step {
    let record = &entry.record;
    let (referral, state) = referral(&record.event);
    Step {
        position: entry.position,
        version: record.version,
        recorded: record.recorded,
        occurred: record.occurred,
        actor: record.actor,
        event: record.event.name(),
        referral,
        state,
        reason: match &record.event {
            Event::ReferralReturned(it) => Some(it.reason),
            Event::ReferralNotAccepted(it) => Some(it.reason),
            Event::ReferralNotCompleted(it) => Some(it.reason),
            Event::ReferralRecalled(it) => Some(it.reason),
            Event::RecallAsked(it) => Some(it.reason),
            _ => None,
        },
        channel: match &record.event {
            Event::ReferralSent(it) => Some(it.channel),
            Event::FollowUpRecorded(it) => Some(it.channel),
            Event::SpecialistConsulted(it) => Some(it.channel),
            Event::FollowUpAgreed(it) => Some(it.channel),
            Event::DisclosureRecorded(it) => Some(it.channel),
            Event::NoticeRecorded(it) => Some(it.channel),
            Event::RecipientNotified(it) => it.channel,
            Event::PersonToldBy(it) => Some(it.channel),
            _ => None,
        },
    }
}

fn referral(event: &Event) -> (Option<ReferralId>, Option<ReferralState>) {
    use ReferralState::*;
    let (referral, state) = match event {
        Event::ReferralDrafted(it) => (it.referral, Some(Draft)),
        Event::ReferralRevised(it) => (it.referral, Some(Draft)),
        Event::ReferralReturned(it) => (it.referral, Some(Returned)),
        Event::ReferralReviewed(it) => (it.referral, Some(Reviewed)),
        Event::ReferralSent(it) => (it.referral, Some(Sent)),
        Event::ReferralReceived(it) => (it.referral, Some(Received)),
        Event::ReferralAccepted(it) => (it.referral, Some(Accepted)),
        Event::ReferralNotAccepted(it) => (it.referral, Some(NotAccepted)),
        Event::ReferralCompleted(it) => (it.referral, Some(Completed)),
        Event::ReferralNotCompleted(it) => (it.referral, Some(NotCompleted)),
        Event::ReferralRecalled(it) => (it.referral, Some(Recalled)),
        Event::ReferralStopped(it) => (it.referral, Some(Stopped)),
        Event::ReferralCancelled(it) => (it.referral, Some(Cancelled)),
        Event::RecallAsked(it) => (it.referral, Some(RecallAsked)),
        Event::RecallAnswered(it) => (it.referral, Some(it.answer.leads_to())),
        Event::FollowUpAgreed(it) => (it.referral, None),
        Event::FollowUpRecorded(it) => (it.referral, None),
        Event::SpecialistConsulted(it) => (it.referral, None),
        Event::ConsultationConfirmed(it) => (it.referral, None),
        Event::ArrangementRecorded(it) => (it.referral, None),
        Event::NoticeRecorded(NoticeRecorded { given, .. })
        | Event::RecipientNotified(RecipientNotified { given, .. }) => match given {
            Given::Referral(referral) => (*referral, None),
            Given::Disclosure(_) => return (None, None),
        },
        Event::PersonalDataSeen(it) => match it.target {
            ViewTarget::Referral(referral) => (referral, None),
            ViewTarget::Case | ViewTarget::Interview(_) | ViewTarget::Profile(_) => {
                return (None, None);
            }
        },
        _ => return (None, None),
    };
    (Some(referral), state)
}

fn decision(entry: &Entry) -> Option<Decision> {
    let mut row = Decision {
        step: step(entry),
        person: None,
        grounds: Vec::new(),
        capacity: None,
        form: None,
        scope: None,
        exception: None,
        expires: None,
    };
    match &entry.record.event {
        Event::ConsentGiven(it) => {
            row.person = Some(it.person);
            row.grounds = vec![it.consent.into()];
            row.capacity = Some(it.capacity);
            row.form = Some(it.form);
            row.scope = Some(it.scope.clone());
            row.expires = it.expires;
        }
        Event::ConsentRefused(it) => {
            row.person = Some(it.person);
            row.scope = Some(it.scope.clone());
        }
        Event::ConsentWithdrawn(it) => {
            row.grounds = vec![it.consent.into()];
            row.scope = it.part.clone();
        }
        Event::WithdrawalUndone(it) => row.grounds = vec![it.consent.into()],
        Event::ConsentRenewed(it) => row.grounds = vec![it.consent.into()],
        Event::ConsentExpired(it) => row.grounds = vec![it.consent.into()],
        Event::ExceptionInvoked(it) => {
            row.person = Some(it.person);
            row.grounds = vec![it.exception.into()];
            row.scope = Some(it.scope.clone());
            row.exception = Some((it.kind, it.reason));
            row.expires = Some(it.expires);
        }
        Event::ExceptionAuthorised(it) => row.grounds = vec![it.exception.into()],
        Event::ExceptionRejected(it) => row.grounds = vec![it.exception.into()],
        Event::ExceptionLapsed(it) => row.grounds = vec![it.exception.into()],
        Event::ExceptionTermsSet(it) => row.grounds = vec![it.exception.into()],
        Event::ToldOfException(it) => row.grounds = vec![it.exception.into()],
        Event::ExceptionReviewed(it) => row.grounds = vec![it.exception.into()],
        Event::ReportedWhileLapsed(it) => row.grounds = vec![it.exception.into()],
        Event::ReferralSent(it) => row.grounds = it.basis.clone(),
        Event::DisclosureRecorded(it) => row.grounds = it.basis.clone(),
        Event::CaseOpened(_)
        | Event::ReferralReturned(_)
        | Event::ReferralReviewed(_)
        | Event::ReferralAccepted(_)
        | Event::ReferralNotAccepted(_)
        | Event::ReferralRecalled(_)
        | Event::ReferralStopped(_)
        | Event::ReferralCancelled(_)
        | Event::RecallAsked(_)
        | Event::RecallAnswered(_)
        | Event::ReferralAttested(_)
        | Event::ConcernRaised(_)
        | Event::SpecialistConsulted(_)
        | Event::ConsultationConfirmed(_)
        | Event::AttestedInEmergency(_)
        | Event::NoticeRecorded(_)
        | Event::ShredStarted(_)
        | Event::Shredded(_) => {}
        _ => return None,
    }
    Some(row)
}
