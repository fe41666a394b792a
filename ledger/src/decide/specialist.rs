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
use crate::domain::codes::{Concern, Urgency};
use crate::domain::command::{Confirming, Consulting};
use crate::domain::event::*;
use crate::domain::ids::StaffId;
use crate::domain::specialist::Noted;
use crate::domain::staff::Staff;
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
    // Who is not on a restricted case could not go on with what they began; who stands in for
    // somebody goes on by that one's place on it, and no longer than that.
    let deputy = context.by.actor.on_behalf_of().is_some();
    let stays = |it: &StaffId| !deputy && !case.assigned.contains(it);
    if let Some(staff) = context.caller().filter(stays) {
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
    is_open_to_advice(context, referral, &specialist);
    if specialist.id != caller.id {
        // One note waits for one specialist, so that each knows what they confirm.
        let waits = referral.noted.contains_key(&specialist.id);
        context.object_if(waits, Refusal::AlreadyExists, "consultation");
        does_not_overrule(context, referral, (&concerns, specialist.id));
    }
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
    let caller = context.calling().ok_or(Refusal::NotAllowed)?;
    match referral.noted.get(&caller.id).filter(|_| it.confirm) {
        Some(note) => may_still_confirm(context, (&case, referral), (note, &caller)),
        None if referral.noted.contains_key(&caller.id) => {}
        None => context.object(Refusal::NothingToDo),
    }
    context.settle()?;
    let confirmed = ConsultationConfirmed {
        referral: it.referral,
        confirmed: it.confirm,
    };
    let event = context.event(StreamId::Case(case.id), confirmed);
    Ok(Decision::of(vec![event]))
}

/// Objects to what has gone, and to advice about a draft of one's own: the specialist is another
/// person than who wrote it.
fn is_open_to_advice(context: &mut Context<'_>, referral: &Referral, specialist: &Staff) {
    let unsent = referral.state.is_unsent();
    context.object_if(!unsent, Refusal::ReferralState, referral.state.code());
    let one = |author| specialist.is_one_with(author, context.now);
    if referral.author.is_some_and(one) {
        context.object(Refusal::SecondPersonRequired);
    }
}

/// Objects to setting aside what one specialist advised by what another one is said to have said.
fn does_not_overrule(
    context: &mut Context<'_>,
    referral: &Referral,
    (concerns, specialist): (&BTreeSet<Concern>, StaffId),
) {
    let against = |concern: &Concern| {
        let advised = referral.consulted.get(concern)?;
        (!advised.lets_go() && advised.specialist != specialist).then_some(advised.advice)
    };
    if let Some(advice) = concerns.iter().find_map(against) {
        context.object(Refused::about(Refusal::SpecialistFirst, advice.code()));
    }
}

/// Looks again at what was asked when it was noted: a role may be gone, or the referral.
fn may_still_confirm(
    context: &mut Context<'_>,
    (case, referral): (&Case, &Referral),
    (note, caller): (&Noted, &Staff),
) {
    let rules = &context.rules.organisation.specialists;
    let theirs = |concern: &Concern| rules.is_specialist(caller, *concern);
    if !note.concerns.iter().all(theirs) {
        let named = names(context, &case.suspected(context.now));
        context.object(Refused::about(Refusal::NotAllowed, named));
    }
    is_open_to_advice(context, referral, caller);
    does_not_overrule(context, referral, (&note.concerns, caller.id));
}

/// Objects to sending what a specialist was not consulted about, or advised against.
pub(super) fn needs_specialist(context: &mut Context<'_>, case: &Case, referral: &Referral) {
    let missing = case.not_consulted(referral, context.now);
    if missing.is_empty() {
        return;
    }
    // What was advised comes before whom to ask: asking somebody else until the answer fits is not
    // consulting.
    let about = match referral.advised_against(&missing) {
        Some(one) => one.advice.code().to_owned(),
        None => names(context, &missing),
    };
    context.object(Refused::about(Refusal::SpecialistFirst, about));
}

/// Objects to attesting a referral of a suspected case by who is no specialist for it (MISSION A6):
/// where nothing is written there is no draft to advise on, so that the specialist who is asked
/// attests it themself. What nobody was asked about, in an emergency.
pub(super) fn not_asked_before(
    context: &mut Context<'_>,
    case: &Case,
    urgency: Urgency,
) -> BTreeSet<Concern> {
    let caller = context.calling();
    let rules = &context.rules.organisation.specialists;
    let theirs = |concern: &Concern| {
        let caller = caller.as_ref();
        caller.is_some_and(|caller| rules.is_specialist(caller, *concern))
    };
    let mut missing = case.suspected(context.now);
    missing.retain(|concern| !theirs(concern));
    if urgency != Urgency::Emergency && !missing.is_empty() {
        let named = names(context, &missing);
        context.object(Refused::about(Refusal::SpecialistFirst, named));
    }
    missing
}

/// Whom to consult about these: roles and staff.
fn names(context: &Context<'_>, concerns: &BTreeSet<Concern>) -> String {
    let rules = &context.rules.organisation.specialists;
    let words: BTreeSet<_> = concerns.iter().flat_map(|it| rules.names(*it)).collect();
    let words: Vec<_> = words.into_iter().collect();
    words.join(", ")
}
