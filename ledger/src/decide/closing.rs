//! Closing a case as work, with its last follow-up, and going on with it (MISSION C4, C15).
//!
//! - A case is closed when nothing waits in it any more; whatever does is named.
//! - Nothing begins in a closed case but an emergency, which opens it again. What protects the
//!   person, answers, or takes away goes on as before.

use super::context::{Context, referral_of};
use super::{Decision, journey, merge};
use crate::clock::Timestamp;
use crate::domain::case::{Case, Exception, Referral};
use crate::domain::closing::{ClosingWork, Reopening};
use crate::domain::codes::{
    ClosingReason, ClosingTold, NoFollowUp, NoticeState, ReferralState, ReopeningReason, Urgency,
};
use crate::domain::command::Command;
use crate::domain::event::{CaseReopened, CaseWorkClosed};
use crate::domain::stream::StreamId;
use crate::limits::WAITING_NAMED_MAX;
use crate::refusal::{Refusal, Refused};

/// Closes a case in which nothing waits.
pub(super) fn close(context: &mut Context<'_>, it: ClosingWork) -> Result<Decision, Refused> {
    let case = context.case()?;
    if case.closed.is_some() {
        context.object(Refusal::NothingToDo);
    }
    for (refusal, mut what) in waits(&case, context.now) {
        what.truncate(WAITING_NAMED_MAX);
        context.object_if(!what.is_empty(), refusal, &what.join(" "));
    }
    let told_nobody = it.told == ClosingTold::Died;
    let died = it.reason == ClosingReason::Died;
    let mandated = &context.rules.organisation.mandated_bodies;
    let alone = !died && case.waits_for_mandated_body(context.now, mandated);
    context.object_if(alone, Refusal::DecisionOpen, "mandated_body");
    context.object_if(died != told_nobody, Refusal::ClosingInvalid, "told");
    check_transfer(context, &case, it)?;
    check_follow_up(context, &case, it);
    context.settle()?;
    let closed = CaseWorkClosed {
        reason: it.reason,
        transferred_by: it.transferred_by,
        followed_up: case.followed_up,
        no_follow_up: it.no_follow_up,
        told: it.told,
    };
    let event = context.event(StreamId::Case(case.id), closed);
    Ok(Decision::of(vec![event]))
}

/// Goes on with it. Whoever stands in its record as working on it still does.
pub(super) fn reopen(context: &mut Context<'_>, it: Reopening) -> Result<Decision, Refused> {
    let case = context.case()?;
    if case.closed.is_none() {
        context.object(Refusal::NothingToDo);
    }
    context.settle()?;
    let reopened = CaseReopened { reason: it.reason };
    let event = context.event(StreamId::Case(case.id), reopened);
    Ok(Decision::of(vec![event]))
}

/// Objects to beginning anything in a case that is closed.
pub(super) fn rests(context: &mut Context<'_>, command: &Command) {
    let taken_up = matches!(command, Command::LinkIncoming(_));
    // What protects the person goes on, and what is urgent opens the case again.
    let protects = matches!(
        command,
        Command::RaiseConcern(_) | Command::AssessAge { .. }
    );
    let begins = taken_up || !protects && merge::begins(context, command);
    let sides = [
        (context.case(), "case"),
        (context.other_case(), "other_case"),
    ];
    for (side, what) in sides {
        let closed = side.is_ok_and(|case| case.closed.is_some());
        context.object_if(begins && closed, Refusal::CaseWorkClosed, what);
    }
}

/// Whether the command is urgent care in a closed case: it opens the case again.
pub(super) fn is_urgent_in_closed(context: &Context<'_>, command: &Command) -> bool {
    let urgent = matches!(
        command,
        Command::InvokeException { .. }
            | Command::DraftReferral {
                urgency: Urgency::Emergency,
                ..
            }
            | Command::AttestReferral {
                urgency: Urgency::Emergency,
                ..
            }
    );
    urgent && context.case().is_ok_and(|case| case.closed.is_some())
}

/// Says before everything else that the case is open again.
pub(super) fn reopen_first(context: &Context<'_>, decision: &mut Decision) -> Result<(), Refused> {
    let stream = StreamId::Case(context.case()?.id);
    let reason = ReopeningReason::Emergency;
    let event = context.event(stream, CaseReopened { reason });
    decision.events.insert(0, event);
    Ok(())
}

/// What still waits in a case, kind by kind: the refusal that it is, and ids of what waits, or
/// words where there are none.
fn waits(case: &Case, now: Timestamp) -> [(Refusal, Vec<String>); 6] {
    let referrals = |waits: &dyn Fn(&Referral) -> bool| -> Vec<String> {
        let of_it = case.referrals.iter().filter(|(_, one)| waits(one));
        of_it.map(|(id, _)| id.to_string()).collect()
    };
    let exceptions = case.exceptions.iter();
    let exceptions = exceptions.filter(|(_, one)| is_unaccounted(one, now));
    let requests = case.requests.iter().filter(|(_, one)| one.end.is_none());
    let mut notices = case.notices.values().chain(case.informed.values());
    let planned = notices.any(|one| one.state == NoticeState::Planned);
    let merge = case.merge.is_some_and(|one| !one.confirmed);
    let mut holds = case.holds.values();
    let hold = holds.any(|it| it.is_in_force(now) && it.release_asked.is_some());
    let decisions = [
        (case.handover.is_some(), "handover"),
        (merge, "merge"),
        (hold, "hold"),
    ];
    let decisions = decisions.into_iter().filter(|(waits, _)| *waits);
    let open = |one: &Referral| journey::is_under_way(one.state) || lacks_sign_off(one);
    [
        (Refusal::ReferralOpen, referrals(&open)),
        (
            Refusal::ExceptionOpen,
            exceptions.map(|(id, _)| id.to_string()).collect(),
        ),
        (
            Refusal::RequestOpen,
            requests.map(|(id, _)| id.to_string()).collect(),
        ),
        (Refusal::FollowUpOwed, referrals(&Referral::owes_follow_up)),
        (
            Refusal::NoticeOwed,
            planned.then(|| "planned".to_owned()).into_iter().collect(),
        ),
        (
            Refusal::DecisionOpen,
            decisions.map(|(_, word)| word.to_owned()).collect(),
        ),
    ]
}

/// Whether an emergency went without a sign-off, and nobody made up for it (MISSION C12).
fn lacks_sign_off(referral: &Referral) -> bool {
    let sent_first = referral.urgency == Urgency::Emergency && referral.sent.is_some();
    sent_first && !referral.signed_off
}

/// Whether somebody is still to decide on an exception, to tell the person or to look at it.
fn is_unaccounted(exception: &Exception, now: Timestamp) -> bool {
    let accounted = exception.terms.is_some();
    let unfinished = exception.told.is_none() || exception.reviewed.is_none();
    exception.is_undecided(now) || (accounted && unfinished)
}

/// Another organisation has taken the person over when it completed a referral that says so: it
/// went on the person's consent, both sides see what it carries, and each keeps its own record.
fn check_transfer(context: &mut Context<'_>, case: &Case, it: ClosingWork) -> Result<(), Refused> {
    let transferred = it.reason == ClosingReason::Transferred;
    let wrong = transferred != it.transferred_by.is_some();
    context.object_if(wrong, Refusal::ClosingInvalid, "transferred_by");
    if let Some(id) = it.transferred_by {
        let referral = referral_of(case, id)?;
        let inside = referral.recipient == case.organisation;
        context.object_if(inside, Refusal::ClosingInvalid, "transferred_by");
        let taken_over = referral.state == ReferralState::Completed;
        let state = referral.state.code();
        context.object_if(!taken_over, Refusal::ReferralState, state);
    }
    Ok(())
}

/// Either somebody followed up since the case was opened, or it is said why nobody did.
fn check_follow_up(context: &mut Context<'_>, case: &Case, it: ClosingWork) {
    match (case.followed_up, it.no_follow_up) {
        (None, None) => context.object(Refusal::FollowUpMissing),
        (Some(_), Some(_)) => {
            context.object(Refused::about(Refusal::ClosingInvalid, "no_follow_up"));
        }
        (None, Some(NoFollowUp::NothingSent)) => {
            let sent = case.referrals.values().any(|one| one.sent.is_some());
            context.object_if(sent, Refusal::ClosingInvalid, "no_follow_up");
        }
        (None, Some(NoFollowUp::Died)) => {
            let lives = it.reason != ClosingReason::Died;
            context.object_if(lives, Refusal::ClosingInvalid, "no_follow_up");
        }
        (
            None,
            Some(
                NoFollowUp::NotAgreed
                | NoFollowUp::Unsafe
                | NoFollowUp::NotReached
                | NoFollowUp::Other,
            ),
        )
        | (Some(_), None) => {}
    }
}
