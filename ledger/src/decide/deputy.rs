//! Naming somebody who stands in for an absent colleague (MISSION C15).
//!
//! - Who will be absent names their deputy alone: they could put each of their cases on them. Where
//!   somebody else does, it opens what they were not given, and a second person decides.
//! - Nobody gets a role by it: a deputy has those that the absent person's work needs.

use std::sync::Arc;

use super::Decision;
use super::context::Context;
use crate::clock::{DAY_MS, Day};
use crate::domain::codes::Role;
use crate::domain::command::{DecidingDeputy, NamingDeputy};
use crate::domain::deputy::Deputyship;
use crate::domain::event::*;
use crate::domain::ids::StaffId;
use crate::domain::staff::Staff;
use crate::domain::stream::StreamId;
use crate::limits::{DEPUTY_AHEAD_DAYS_MAX, DEPUTY_DAYS_MAX};
use crate::refusal::{Refusal, Refused};

/// Names a deputy, or asks for one where it is for somebody else.
pub(super) fn name(context: &mut Context<'_>, it: &NamingDeputy) -> Result<Decision, Refused> {
    let deputy = context.staff()?;
    let absent = context.absent()?;
    let own = context.caller() == Some(it.absent);
    if !own && !context.by.roles.contains(&Role::Coordinator) {
        context.object(Refusal::NotAllowed);
    }
    if it.staff == it.absent {
        context.object(Refusal::NothingToDo);
    }
    // What a coordinator asked for keeps nobody from naming their own, and is in nobody's way once
    // its days are over.
    let wish = deputy.deputy_asked.get(&it.absent);
    let asked = wish.is_some_and(|wish| context.now < Deputyship::of(wish.first, wish.last).until);
    context.object_if(asked && !own, Refusal::AlreadyExists, "deputy");
    let latest = context.now.plus_ms(DEPUTY_AHEAD_DAYS_MAX * DAY_MS);
    let early = it.first < context.now.day() || it.first > latest.day();
    context.object_if(early, Refusal::TimeInvalid, "first_day");
    may_stand_in(context, (&deputy, &absent), (it.first, it.last));
    context.settle()?;
    let asks = context.by.organisation.filter(|_| !own);
    let Some(organisation) = asks else {
        return Ok(named(context, it.staff, it.absent, (it.first, it.last)));
    };
    let asked = DeputyAsked {
        staff: it.staff,
        absent: it.absent,
        first: it.first,
        last: it.last,
        organisation,
    };
    let event = context.event(StreamId::Staff(it.staff), asked);
    Ok(Decision::of(vec![event]))
}

/// Lets somebody stand in whom somebody else asked for, or does not.
pub(super) fn decide(context: &mut Context<'_>, it: &DecidingDeputy) -> Result<Decision, Refused> {
    let (absent, confirm) = (it.absent, it.confirm);
    let deputy = context.staff()?;
    let wish = deputy.deputy_asked.get(&absent);
    let wish = *wish.ok_or_else(|| Refused::about(Refusal::NotFound, "deputy"))?;
    if confirm {
        let absent = context.absent()?;
        may_stand_in(context, (&deputy, &absent), (wish.first, wish.last));
    }
    context.settle()?;
    if confirm {
        return Ok(named(context, deputy.id, absent, (wish.first, wish.last)));
    }
    let staff = deputy.id;
    let rejected = DeputyRejected { staff, absent };
    let event = context.event(StreamId::Staff(staff), rejected);
    Ok(Decision::of(vec![event]))
}

/// Ends it before its time: either of the two, or who looks after staff and data.
pub(super) fn end(context: &mut Context<'_>, absent: StaffId) -> Result<Decision, Refused> {
    let deputy = context.staff()?;
    let caller = context.caller();
    let looks_after = [Role::Coordinator, Role::DataProtectionOfficer];
    let looks_after = looks_after
        .iter()
        .any(|role| context.by.roles.contains(role));
    if caller != Some(deputy.id) && caller != Some(absent) && !looks_after {
        context.object(Refusal::NotAllowed);
    }
    let span = deputy.stands_in.get(&absent);
    if span.is_none_or(|span| context.now >= span.until) {
        context.object(Refusal::NothingToDo);
    }
    context.settle()?;
    let staff = deputy.id;
    let both = [staff, absent].map(StreamId::Staff);
    let ended = |stream| context.event(stream, DeputyEnded { staff, absent });
    Ok(Decision::of(both.map(ended).into()))
}

/// Objects to who has left, to days that mean nothing, to who cannot do the work, and to a second
/// deputy at once.
fn may_stand_in(
    context: &mut Context<'_>,
    (deputy, absent): (&Arc<Staff>, &Arc<Staff>),
    (first, last): (Day, Day),
) {
    for (one, what) in [(deputy, "staff"), (absent, "absent")] {
        context.object_if(one.left().is_some(), Refusal::NotFound, what);
    }
    let span = Deputyship::of(first, last);
    let longest = span.from.plus_ms(DEPUTY_DAYS_MAX * DAY_MS);
    let over = span.until <= context.now;
    let wrong = over || last < first || span.until > longest;
    context.object_if(wrong, Refusal::TimeInvalid, "last_day");
    // What ended earlier today is over.
    let now = context.now;
    let meets = |one: &Deputyship| now < one.until && one.meets(&span);
    let second = absent.deputies.values().any(meets);
    // One at a time for the same two: a later one would take the place of the present one.
    let mut same = absent.deputies.get(&deputy.id).into_iter();
    let second = second || same.any(|one| context.now < one.until);
    context.object_if(second, Refusal::AlreadyExists, "deputy");
    if let Some(role) = deputy.lacks(absent) {
        context.object(Refused::about(Refusal::DeputyUnsuitable, role.code()));
    }
    let away = deputy.deputies.values().any(meets);
    context.object_if(away, Refusal::DeputyUnsuitable, "absent");
    // Whoever stands in is there: others rely on it.
    let relied_on = absent.stands_in.values().any(meets);
    context.object_if(relied_on, Refusal::DeputyUnsuitable, "stands_in");
}

fn named(
    context: &Context<'_>,
    staff: StaffId,
    absent: StaffId,
    (first, last): (Day, Day),
) -> Decision {
    let both = [staff, absent].map(StreamId::Staff);
    let named = DeputyNamed {
        staff,
        absent,
        first,
        last,
    };
    let event = |stream| context.event(stream, named.clone());
    Decision::of(both.map(event).into())
}
