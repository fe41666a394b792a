//! Handing a case over in two steps: offered, and taken or not (MISSION C15).
//!
//! - Who is offered a case is put on it with the offer, so that they see what they take; who
//!   offered it stays until it is taken. At no moment does nobody work on it.
//! - It is offered to whoever works on cases, and to nobody else: being put on a restricted case
//!   opens it.

use super::context::Context;
use super::{Decision, journey};
use crate::domain::event::*;
use crate::domain::ids::StaffId;
use crate::domain::staff::Staff;
use crate::domain::stream::StreamId;
use crate::refusal::{Refusal, Refused};

/// Offers a case that the caller works on, with what is open in it.
pub(super) fn offer(context: &mut Context<'_>, to: StaffId) -> Result<Decision, Refused> {
    let case = context.case()?;
    let from = context.caller().ok_or(Refusal::NotAllowed)?;
    // Nobody hands over what they do not work on, or to themselves.
    if from == to || !case.assigned.contains(&from) {
        context.object(Refusal::NothingToDo);
    }
    context.object_if(case.handover.is_some(), Refusal::AlreadyExists, "handover");
    let able = context.known_staff().is_some_and(Staff::works_on_cases);
    context.object_if(!able, Refusal::NotFound, "staff");
    context.settle()?;
    let referrals = case.referrals.iter();
    let open = referrals.filter(|(_, one)| journey::is_under_way(one.state));
    let requests = case.requests.iter().filter(|(_, one)| one.end.is_none());
    let offered = HandoverOffered {
        from,
        to,
        referrals: open.map(|(id, _)| *id).collect(),
        requests: requests.map(|(id, _)| *id).collect(),
    };
    let stream = StreamId::Case(case.id);
    let mut events = vec![context.event(stream, offered)];
    if !case.assigned.contains(&to) {
        events.push(context.event(stream, StaffAssigned { staff: to }));
    }
    Ok(Decision::of(events))
}

/// Takes it, or does not. Who offered it may take the offer back; nobody else answers.
pub(super) fn answer(context: &mut Context<'_>, take: bool) -> Result<Decision, Refused> {
    let case = context.case()?;
    let Some(handover) = case.handover else {
        return Err(context.refuse(Refusal::NothingToDo));
    };
    let caller = context.caller();
    let back = !take && caller == Some(handover.from);
    if caller != Some(handover.to) && !back {
        context.object(Refused::about(Refusal::NotAllowed, "handover"));
    }
    context.settle()?;
    let stream = StreamId::Case(case.id);
    let mut events = Vec::new();
    if take {
        let from = handover.from;
        events.push(context.event(stream, HandoverTaken { from }));
        if case.assigned.contains(&from) {
            events.push(context.event(stream, StaffUnassigned { staff: from }));
        }
    } else {
        let to = handover.to;
        events.push(context.event(stream, HandoverDeclined { to }));
        if !handover.knew_it && case.assigned.contains(&to) {
            events.push(context.event(stream, StaffUnassigned { staff: to }));
        }
    }
    Ok(Decision::of(events))
}
