//! The register of breaches: reported, assessed, notified, told, closed (MISSION E8; GDPR Art. 33,
//! 34).
//!
//! - Reporting asks for next to nothing: what happened, and when it became known.
//! - Nothing is refused for being late: what is late says why.
//! - Who may know of it is asked before anything is decided (`domain/breach.rs`).

use super::context::Context;
use super::{Decision, NewPersonal};
use crate::clock::Timestamp;
use crate::domain::breach::*;
use crate::domain::codes::{BreachRisk, BreachState, NotificationPhase, UntoldGround};
use crate::domain::command::Action;
use crate::domain::event::*;
use crate::domain::ids::{BreachId, GroundId, PersonId};
use crate::domain::personal::Personal;
use crate::domain::stream::StreamId;
use crate::refusal::{Refusal, Refused};

/// Somebody says that something happened to data.
pub(super) fn report(context: &mut Context<'_>, it: ReportingBreach) -> Result<Decision, Refused> {
    let own = context.by.organisation.ok_or(Refusal::NotAllowed)?;
    let known_at = it.known_at.unwrap_or(context.now);
    for (at, field) in [
        (Some(known_at), "known_at"),
        (it.suspected_at, "suspected_at"),
        (it.happened_from, "happened_from"),
    ] {
        context.object_if(at > Some(known_at), Refusal::TimeInvalid, field);
        check_past(context, at, field);
    }
    check_past(context, it.happened_until, "happened_until");
    let turned = it.happened_until.is_some() && it.happened_from > it.happened_until;
    context.object_if(turned, Refusal::TimeInvalid, "happened_until");
    context.settle()?;
    let breach = BreachId::fresh(context.entropy);
    let ground = GroundId::fresh(context.entropy);
    let reported = BreachReported {
        breach,
        organisation: it.organisation.unwrap_or(own),
        kind: it.kind,
        suspected: it.suspected,
        happened_from: it.happened_from,
        happened_until: it.happened_until,
        suspected_at: it.suspected_at,
        known_at,
        ground,
    };
    let words = it.words.map(|words| NewPersonal {
        persons: vec![PersonId(breach.0)],
        grounds: vec![ground],
        content: Personal::Note(words),
    });
    let stream = StreamId::Breach(breach);
    let event = context.event_with(stream, reported, words.into_iter().collect());
    Ok(Decision::of(vec![event]))
}

/// The words about it are opened; that they were is recorded first (MISSION E6).
pub(super) fn view(context: &mut Context<'_>) -> Result<Decision, Refused> {
    let breach = context.breach()?;
    if !breach.words {
        context.object(Refusal::NothingToDo);
    }
    done(context, &breach, BreachSeen {})
}

/// What it comes to, as far as is known by now.
pub(super) fn assess(context: &mut Context<'_>, it: AssessingBreach) -> Result<Decision, Refused> {
    let breach = context.breach()?;
    check_state(context, Action::AssessBreach, breach.state);
    let assessed = BreachAssessed {
        harms: it.harms,
        categories: it.categories,
        people: it.people,
        records: it.records,
        consequences: it.consequences,
        measures: it.measures,
        risk: it.risk,
    };
    done(context, &breach, assessed)
}

/// An authority was notified, or told more. The first part that comes late says why.
pub(super) fn notify(context: &mut Context<'_>, it: NotifyingBreach) -> Result<Decision, Refused> {
    let breach = context.breach()?;
    check_state(context, Action::NotifyBreach, breach.state);
    let at = happened(context, &breach);
    // Each body hears of it by itself; what turns out after all was said is told, too.
    let (begun, whole) = (breach.is_begun(it.to), breach.is_whole(it.to));
    let (begins, legal) = match it.phase {
        NotificationPhase::Whole | NotificationPhase::First => (true, !begun),
        NotificationPhase::Further => (false, begun),
        NotificationPhase::Last => (false, begun && !whole),
    };
    context.object_if(!legal, Refusal::BreachState, "phase");
    let late = begins && at > breach.notify_by();
    context.object_if(late && it.late.is_none(), Refusal::BreachState, "late");
    context.object_if(!late && it.late.is_some(), Refusal::BreachState, "in_time");
    let notified = BreachNotified {
        to: it.to,
        phase: it.phase,
        at,
        reference: it.reference,
        late: it.late,
    };
    done(context, &breach, notified)
}

/// People were told. Whoever is to be safe first is told before anything is assessed.
pub(super) fn tell(context: &mut Context<'_>, it: &TellingBreach) -> Result<Decision, Refused> {
    let breach = context.breach()?;
    check_state(context, Action::TellBreach, breach.state);
    let at = happened(context, &breach);
    let told = BreachTold {
        how: it.how,
        people: it.people,
        at,
    };
    done(context, &breach, told)
}

/// People are not told of a high risk, or those left are not: a decision with its ground.
pub(super) fn withhold(
    context: &mut Context<'_>,
    ground: UntoldGround,
) -> Result<Decision, Refused> {
    let breach = context.breach()?;
    check_state(context, Action::WithholdBreach, breach.state);
    let high = breach.risk() == Some(BreachRisk::High);
    context.object_if(!high, Refusal::BreachState, "not_high");
    if breach.withheld == Some(ground) {
        context.object(Refusal::NothingToDo);
    }
    done(context, &breach, BreachWithheld { ground })
}

/// Nothing more is to be done: whoever was to know knows, or there is a ground why not.
pub(super) fn close(context: &mut Context<'_>) -> Result<Decision, Refused> {
    let breach = context.breach()?;
    check_state(context, Action::CloseBreach, breach.state);
    let risk = breach.risk().unwrap_or(BreachRisk::High);
    let unnotified = risk != BreachRisk::Unlikely && !breach.is_notified_whole();
    context.object_if(unnotified, Refusal::BreachState, "not_notified");
    // What was begun is ended, though the risk turned out unlikely.
    let begun = !breach.notified.is_empty() && !breach.is_notified_whole();
    context.object_if(begun, Refusal::BreachState, "not_notified");
    let untold = risk == BreachRisk::High && !breach.answered;
    context.object_if(untold, Refusal::BreachState, "not_told");
    done(context, &breach, BreachClosed {})
}

/// Somebody looks up who could have been affected; that they did is recorded first (MISSION E6).
pub(super) fn trace(context: &mut Context<'_>, it: &TracingBreach) -> Result<Decision, Refused> {
    let breach = context.breach()?;
    let traced = BreachTraced {
        recipient: it.recipient,
        service: it.service,
        staff: it.staff,
        from: it.from,
        until: it.until,
    };
    done(context, &breach, traced)
}

/// Every legal step: by which command, out of which state, into which.
pub(super) const STEPS: [(Action, BreachState, BreachState); 8] = {
    use BreachState::{Assessed, Closed, Reported};
    [
        (Action::AssessBreach, Reported, Assessed),
        (Action::AssessBreach, Assessed, Assessed),
        (Action::NotifyBreach, Reported, Reported),
        (Action::NotifyBreach, Assessed, Assessed),
        (Action::TellBreach, Reported, Reported),
        (Action::TellBreach, Assessed, Assessed),
        (Action::WithholdBreach, Assessed, Assessed),
        (Action::CloseBreach, Assessed, Closed),
    ]
};

/// What else must be so for a step, in the words of the table.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "two steps ask for more than their state"
)]
pub(super) fn when(action: Action) -> &'static str {
    match action {
        Action::WithholdBreach => "high risk",
        Action::CloseBreach => "notified and told as its risk asks",
        _ => "",
    }
}

fn check_state(context: &mut Context<'_>, action: Action, state: BreachState) {
    let legal = STEPS.iter().any(|step| (step.0, step.1) == (action, state));
    context.object_if(!legal, Refusal::BreachState, state.code());
}

fn check_past(context: &mut Context<'_>, at: Option<Timestamp>, field: &str) {
    let future = at.is_some_and(|at| at > context.now);
    context.object_if(future, Refusal::TimeInvalid, field);
}

/// When somebody was notified or told: not before it was known.
fn happened(context: &mut Context<'_>, breach: &Breach) -> Timestamp {
    let at = context.happened();
    let early = at < breach.reported.known_at;
    context.object_if(early, Refusal::TimeInvalid, "occurred");
    at
}

fn done(
    context: &mut Context<'_>,
    breach: &Breach,
    event: impl Into<Event>,
) -> Result<Decision, Refused> {
    context.settle()?;
    let event = context.event(StreamId::Breach(breach.id), event);
    Ok(Decision::of(vec![event]))
}
