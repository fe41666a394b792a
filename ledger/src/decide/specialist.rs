//! The specialist first (MISSION C10): a suspected case is restricted, and nothing of it is sent
//! before a specialist that the organisation names was consulted.
//!
//! - Who is a specialist for what stands in the organisation's file (`[specialists]`).
//! - What somebody else writes down of a call with the specialist counts once the specialist says
//!   that it is so: who wants to send does not answer for who is to be asked.

use std::collections::BTreeSet;

use super::Decision;
use super::context::{Context, referral_of};
use crate::domain::case::{Case, Referral};
use crate::domain::codes::Concern;
use crate::domain::command::{Confirming, Consulting};
use crate::domain::event::*;
use crate::domain::stream::StreamId;
use crate::refusal::{Refusal, Refused};

/// Marks a case as suspected; it is restricted from here on, and who says so works on it.
pub(super) fn raise(
    context: &mut Context<'_>,
    concerns: BTreeSet<Concern>,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    if concerns.is_subset(&case.concerns) {
        context.object(Refusal::NothingToDo);
    }
    context.settle()?;
    let stream = StreamId::Case(case.id);
    let mut events = vec![context.event(stream, ConcernRaised { concerns })];
    // Who is not on a restricted case could not go on with what they began.
    if let Some(staff) = context.caller().filter(|it| !case.assigned.contains(it)) {
        events.push(context.event(stream, StaffAssigned { staff }));
    }
    Ok(Decision::of(events))
}

/// Records what a specialist advises on a referral that is not sent yet.
pub(super) fn consult(context: &mut Context<'_>, it: &Consulting) -> Result<Decision, Refused> {
    let case = context.case()?;
    let referral = referral_of(&case, it.referral)?;
    let caller = context.calling().ok_or(Refusal::NotAllowed)?;
    let specialist = match it.specialist.filter(|asked| *asked != caller.id) {
        Some(_) => context.staff()?,
        None => caller.clone(),
    };
    let suspected = case.suspected(context.now);
    let rules = &context.rules.organisation.specialists;
    let theirs = |concern: &Concern| rules.is_specialist(&specialist, *concern);
    let concerns: BTreeSet<_> = suspected.iter().copied().filter(theirs).collect();
    if suspected.is_empty() {
        context.object(Refusal::NothingToDo);
    } else if concerns.is_empty() || specialist.left().is_some() {
        let named = names(context, &suspected);
        context.object(Refused::about(Refusal::NotAllowed, named));
    }
    let unsent = referral.state.is_unsent();
    context.object_if(!unsent, Refusal::ReferralState, referral.state.code());
    context.settle()?;
    let consulted = SpecialistConsulted {
        referral: it.referral,
        concerns,
        specialist: specialist.id,
        advice: it.advice,
        channel: it.channel,
        confirmed: specialist.id == caller.id,
    };
    let event = context.event(StreamId::Case(case.id), consulted);
    Ok(Decision::of(vec![event]))
}

/// The specialist says whether they advised so.
pub(super) fn confirm(context: &mut Context<'_>, it: &Confirming) -> Result<Decision, Refused> {
    let case = context.case()?;
    let referral = referral_of(&case, it.referral)?;
    let mut waiting = referral.consulted.values().filter(|one| !one.confirmed);
    let caller = context.caller();
    if !waiting.any(|one| Some(one.specialist) == caller) {
        context.object(Refusal::NothingToDo);
    }
    context.settle()?;
    let confirmed = ConsultationConfirmed {
        referral: it.referral,
        confirmed: it.confirm,
    };
    let event = context.event(StreamId::Case(case.id), confirmed);
    Ok(Decision::of(vec![event]))
}

/// Objects to sending what a specialist was not consulted about, or advised against.
pub(super) fn needs_specialist(context: &mut Context<'_>, case: &Case, referral: &Referral) {
    let missing = case.not_consulted(referral, context.now);
    if missing.is_empty() {
        return;
    }
    let mut advised = missing.iter().filter_map(|it| referral.consulted.get(it));
    // What was advised comes before whom to ask: asking somebody else until the answer fits is not
    // consulting.
    let against = advised.find(|one| one.confirmed).map(|one| one.advice);
    let about = match against {
        Some(advice) => advice.code().to_owned(),
        None => names(context, &missing),
    };
    context.object(Refused::about(Refusal::SpecialistFirst, about));
}

/// Whom to consult about these: roles and staff.
fn names(context: &Context<'_>, concerns: &BTreeSet<Concern>) -> String {
    let rules = &context.rules.organisation.specialists;
    let words: BTreeSet<_> = concerns.iter().flat_map(|it| rules.names(*it)).collect();
    let words: Vec<_> = words.into_iter().collect();
    words.join(", ")
}
