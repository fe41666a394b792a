//! The journey of a referral (MISSION C1, C2, C4): a table of legal moves, and what each one asks
//! for.

use super::age::Asked;
use super::context::{Context, referral_of};
use super::cover::{self, Disclosure};
use super::{Decision, contact, fees, mechanism, procedure, referral, rights, specialist};
use crate::clock::Timestamp;
use crate::domain::case::{Case, Referral};
use crate::domain::codes::{Channel, RecallAnswer, ReferralReason, ReferralState, Urgency};
use crate::domain::command::Action;
use crate::domain::directory::Service;
use crate::domain::event::*;
use crate::domain::ids::{ExceptionId, GroundId, OutwardReference, ReferralId};
use crate::domain::referral::FollowUpContract;
use crate::domain::stream::StreamId;
use crate::limits::FOLLOW_UP_DAYS_MAX;
use crate::organisation::Organisation;
use crate::refusal::{Refusal, Refused};

/// A legal move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// By which command.
    pub action: Action,
    /// Out of which state.
    pub from: ReferralState,
    /// Into which.
    pub to: ReferralState,
    /// Only for emergencies (MISSION C12).
    pub emergency_only: bool,
    /// Only with this answer, where the recipient of a recall gives one.
    pub answer: Option<RecallAnswer>,
}

/// Every legal move. A withdrawal stops what is under way besides (`ReferralStopped`).
pub fn transitions() -> &'static [Transition] {
    TRANSITIONS
}

/// Whether anything can still come of a referral.
pub(super) fn is_under_way(state: ReferralState) -> bool {
    TRANSITIONS.iter().any(|step| step.from == state)
}

/// Whether a command leads from one state into another.
pub(super) fn leads(action: Action, from: ReferralState, to: ReferralState) -> bool {
    let mut steps = TRANSITIONS.iter();
    steps.any(|step| (step.action, step.from, step.to) == (action, from, to))
}

/// Objects to a command that the state of a referral does not allow.
pub(super) fn check_state(context: &mut Context<'_>, action: Action, state: ReferralState) {
    let legal = TRANSITIONS
        .iter()
        .any(|step| step.action == action && step.from == state && !step.emergency_only);
    context.object_if(!legal, Refusal::ReferralState, state.code());
}

/// Sends a draft back for correction.
pub(super) fn send_back(
    context: &mut Context<'_>,
    id: ReferralId,
    reason: ReferralReason,
) -> Result<Decision, Refused> {
    let returned = ReferralReturned {
        referral: id,
        reason,
    };
    step(context, Action::ReturnReferral, id, returned)
}

/// Signs a draft off, or an emergency that went without (MISSION C2, C12).
pub(super) fn review(
    context: &mut Context<'_>,
    id: ReferralId,
    read_back: bool,
    copy_given: bool,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    let referral = referral_of(&case, id)?;
    let afterwards = referral.sent.is_some() && referral.urgency == Urgency::Emergency;
    if afterwards {
        if referral.signed_off {
            context.object(Refusal::NothingToDo);
        }
    } else {
        check_state(context, Action::ReviewReferral, referral.state);
    }
    context.settle()?;
    let reviewed = ReferralReviewed {
        referral: id,
        read_back,
        copy_given,
    };
    let event = context.event(StreamId::Case(case.id), reviewed);
    Ok(Decision::of(vec![event]))
}

/// Sends a referral. Never without a ground that covers all of it now (MISSION B7).
pub(super) fn send(
    context: &mut Context<'_>,
    id: ReferralId,
    channel: Channel,
    follow_up: Option<FollowUpContract>,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    let service = context.service()?;
    let referral = referral_of(&case, id)?;
    referral::check_service(context, &service, referral.urgency);
    referral::check_needs(context, &service, &referral.categories);
    let emergency = referral.urgency == Urgency::Emergency;
    let legal = TRANSITIONS.iter().any(|step| {
        step.action == Action::SendReferral
            && step.from == referral.state
            && (emergency || !step.emergency_only)
    });
    context.object_if(!legal, Refusal::ReferralState, referral.state.code());
    let agreed = follow_up.map(|it| {
        // What the day will ask of the service needs then, and so now, consent to feedback.
        if it.asks_how_it_went() {
            contact::needs_feedback(context, &case, referral.recipient);
        }
        agreed(context, id, it)
    });
    if context.is_restored() {
        context.object(Refusal::RestoredUnconfirmed);
    }
    if let Err(refused) = cover::in_force(&case, referral.content, context.now) {
        context.object(refused);
    }
    let disclosure = disclosure(context, &case, &service, referral);
    let mut basis = match cover::cover(&case, &disclosure, None, context.now) {
        Ok(basis) => basis,
        Err(refused) => return Err(context.refuse(refused)),
    };
    // An exception was made for this: its own two persons answer for it (B5).
    let excepted = |ground: &GroundId| case.exceptions.contains_key(&ExceptionId(ground.0));
    if basis.iter().any(excepted) {
        let covering = cover::carrying(&case, &disclosure, context.now);
        let what = (&*service, &referral.categories);
        basis = procedure::go_on(context, covering, referral.content, what);
    } else {
        rights::needs_unrestricted(context, &case, case.client);
        mechanism::check_agreement(context, &case, &service, referral);
        specialist::needs_specialist(context, &case, referral);
        fees::needs_told(context, &service, referral);
    }
    context.settle()?;
    // From when it went, if that is recorded later. A clock that was set back makes nothing due
    // before its time.
    let claimed = Some(context.happened()).filter(|at| *at < context.now);
    let from = claimed.unwrap_or_else(|| context.now.max(case.touched));
    let organisation = &context.rules.organisation;
    let due = organisation.due(referral.urgency, from);
    let sent = ReferralSent {
        referral: id,
        channel,
        basis,
        reference: OutwardReference::fresh(context.entropy),
        acknowledge_by: due.acknowledge_by,
        complete_by: due.complete_by,
    };
    let stream = StreamId::Case(case.id);
    let mut events = vec![context.event(stream, sent)];
    events.extend(agreed.map(|agreed| context.event(stream, agreed)));
    Ok(Decision::of(events))
}

/// Objects where what was sent may not go out now: the service, who runs it, the agreement with
/// them or what is suspected may be others than when it was sent.
pub(super) fn may_still_go(
    context: &mut Context<'_>,
    case: &Case,
    referral: &Referral,
) -> Result<(), Refused> {
    let service = context.service()?;
    referral::check_service(context, &service, referral.urgency);
    if context.is_restored() {
        context.object(Refusal::RestoredUnconfirmed);
    }
    let disclosure = disclosure(context, case, &service, referral);
    match cover::cover(case, &disclosure, None, context.now) {
        Err(refused) => context.object(refused),
        Ok(basis) => {
            let excepted = |it: &GroundId| case.exceptions.contains_key(&ExceptionId(it.0));
            if !basis.iter().any(excepted) {
                mechanism::check_agreement(context, case, &service, referral);
                specialist::needs_specialist(context, case, referral);
            }
        }
    }
    Ok(())
}

/// Whether consent carries now what was sent, and no exception is needed for it.
pub(crate) fn rests_on_consent(
    case: &Case,
    (referral, service): (&Referral, &Service),
    (now, file): (Timestamp, &Organisation),
) -> bool {
    let disclosure = Disclosure {
        recipient: referral.recipient,
        class: Some(service.entry.class),
        categories: &referral.categories,
        asked: Asked::of(case, now, file),
    };
    let excepted = |it: &GroundId| case.exceptions.contains_key(&ExceptionId(it.0));
    cover::cover(case, &disclosure, None, now).is_ok_and(|basis| !basis.iter().any(excepted))
}

/// What a referral discloses to whom. The service may have changed hands since the draft; consent
/// names organisations.
fn disclosure<'a>(
    context: &mut Context<'_>,
    case: &Case,
    service: &Service,
    referral: &'a Referral,
) -> Disclosure<'a> {
    let moved = service.entry.organisation != referral.recipient;
    let now_runs_it = service.entry.organisation.to_string();
    context.object_if(moved, Refusal::RecipientNotCovered, &now_runs_it);
    Disclosure {
        recipient: referral.recipient,
        class: Some(service.entry.class),
        categories: &referral.categories,
        asked: Asked::of(case, context.now, &context.rules.organisation),
    }
}

/// What is agreed for following up: on a day that is still to come, and not for ever.
fn agreed(context: &mut Context<'_>, id: ReferralId, it: FollowUpContract) -> FollowUpAgreed {
    let today = context.now.day();
    let latest = today.0.saturating_add(FOLLOW_UP_DAYS_MAX);
    let absurd = it.on < today || it.on.0 > latest;
    context.object_if(absurd, Refusal::TimeInvalid, "follow_up.on");
    FollowUpAgreed {
        referral: id,
        channel: it.channel,
        on: it.on,
        items: it.items,
    }
}

/// The service confirms receipt.
pub(super) fn receive(context: &mut Context<'_>, id: ReferralId) -> Result<Decision, Refused> {
    let received = ReferralReceived { referral: id };
    step(context, Action::ReceiveReferral, id, received)
}

/// The service accepts.
pub(super) fn accept(context: &mut Context<'_>, id: ReferralId) -> Result<Decision, Refused> {
    let accepted = ReferralAccepted { referral: id };
    step(context, Action::AcceptReferral, id, accepted)
}

/// The service does not accept.
pub(super) fn decline(
    context: &mut Context<'_>,
    id: ReferralId,
    reason: ReferralReason,
) -> Result<Decision, Refused> {
    let declined = ReferralNotAccepted {
        referral: id,
        reason,
    };
    step(context, Action::DeclineReferral, id, declined)
}

/// The help was given.
pub(super) fn complete(context: &mut Context<'_>, id: ReferralId) -> Result<Decision, Refused> {
    let completed = ReferralCompleted { referral: id };
    step(context, Action::CompleteReferral, id, completed)
}

/// The help was not given.
pub(super) fn fail(
    context: &mut Context<'_>,
    id: ReferralId,
    reason: ReferralReason,
) -> Result<Decision, Refused> {
    let failed = ReferralNotCompleted {
        referral: id,
        reason,
    };
    step(context, Action::FailReferral, id, failed)
}

/// A move that asks for nothing but the right state.
pub(super) fn step(
    context: &mut Context<'_>,
    action: Action,
    id: ReferralId,
    event: impl Into<Event>,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    let state = referral_of(&case, id)?.state;
    check_state(context, action, state);
    context.settle()?;
    let event = context.event(StreamId::Case(case.id), event);
    Ok(Decision::of(vec![event]))
}

const fn always(action: Action, from: ReferralState, to: ReferralState) -> Transition {
    Transition {
        action,
        from,
        to,
        emergency_only: false,
        answer: None,
    }
}

const fn answered(answer: RecallAnswer, to: ReferralState) -> Transition {
    Transition {
        action: Action::AnswerRecall,
        from: ReferralState::RecallAsked,
        to,
        emergency_only: false,
        answer: Some(answer),
    }
}

const fn emergency(action: Action, from: ReferralState, to: ReferralState) -> Transition {
    Transition {
        action,
        from,
        to,
        emergency_only: true,
        answer: None,
    }
}

const TRANSITIONS: &[Transition] = {
    use Action::*;
    use ReferralState::*;
    &[
        always(ReviseReferral, Draft, Draft),
        always(ReviseReferral, Returned, Draft),
        always(ReturnReferral, Draft, Returned),
        always(ReturnReferral, Reviewed, Returned),
        always(ReviewReferral, Draft, Reviewed),
        always(SendReferral, Reviewed, Sent),
        emergency(SendReferral, Draft, Sent),
        always(ReceiveReferral, Sent, Received),
        always(AcceptReferral, Received, Accepted),
        always(DeclineReferral, Received, NotAccepted),
        always(CompleteReferral, Accepted, Completed),
        always(FailReferral, Accepted, NotCompleted),
        always(RecallReferral, Draft, Recalled),
        always(RecallReferral, Returned, Recalled),
        always(RecallReferral, Reviewed, Recalled),
        always(RecallReferral, Sent, RecallAsked),
        always(RecallReferral, Received, RecallAsked),
        always(RecallReferral, Accepted, RecallAsked),
        answered(RecallAnswer::NotRead, Recalled),
        answered(RecallAnswer::Destroyed, Recalled),
        answered(RecallAnswer::AlreadyActed, Accepted),
        always(CancelReferral, Draft, Cancelled),
        always(CancelReferral, Returned, Cancelled),
        always(CancelReferral, Reviewed, Cancelled),
        always(CancelReferral, Sent, Cancelled),
        always(CancelReferral, Received, Cancelled),
        always(CancelReferral, Accepted, Cancelled),
        always(CancelReferral, RecallAsked, Cancelled),
    ]
};
