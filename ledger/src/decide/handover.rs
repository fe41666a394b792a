//! Handing cases over in two steps: offered, and taken or not (MISSION C14, C15).
//!
//! - Who is offered a case is put on it with the offer, so that they see what they take; who
//!   offered it stays until it is taken. At no moment does nobody work on it.
//! - It is offered to whoever works on cases, and to nobody else: being put on a restricted case
//!   opens it.
//! - Several files, of a family, are offered together and taken together. No file's stream tells of
//!   another: each holds a salted digest of what goes together, and so does one that goes alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::context::Context;
use super::{Decision, NewEvent, journey};
use crate::domain::case::Case;
use crate::domain::event::*;
use crate::domain::ids::{CaseId, StaffId};
use crate::domain::staff::Staff;
use crate::domain::stream::StreamId;
use crate::refusal::{Refusal, Refused};

/// Offers a case that the caller works on, with what is open in it, and the files that go with it.
pub(super) fn offer(context: &mut Context<'_>, to: StaffId) -> Result<Decision, Refused> {
    let files = together(context)?;
    let from = context.caller().ok_or(Refusal::NotAllowed)?;
    context.object_if(from == to, Refusal::NothingToDo, "staff");
    for (case, what) in &files {
        // Nobody hands over what they do not work on.
        let works = case.assigned.contains(&from);
        context.object_if(!works, Refusal::NothingToDo, what);
        let offered = case.handover.is_some();
        context.object_if(offered, Refusal::AlreadyExists, "handover");
        let merged = case.is_merged_into_another();
        context.object_if(merged, Refusal::MergedCase, what);
        context.object_if(case.closed.is_some(), Refusal::CaseWorkClosed, what);
    }
    let able = context.known_staff().is_some_and(Staff::works_on_cases);
    context.object_if(!able, Refusal::NotFound, "staff");
    context.settle()?;
    let ids: BTreeSet<CaseId> = files.iter().map(|(case, _)| case.id).collect();
    let mut events = Vec::new();
    for (case, _) in &files {
        let mut salt = [0; 32];
        context.entropy.fill(&mut salt);
        let files = tie(&salt, &ids);
        events.extend(offered(context, case, (from, to)));
        let stream = StreamId::Case(case.id);
        events.push(context.event(stream, HandoverTied { salt, files }));
    }
    Ok(Decision::of(events))
}

/// Takes it, or does not. Who offered it may take the offer back; nobody else answers. What was
/// offered together is taken together.
pub(super) fn answer(context: &mut Context<'_>, take: bool) -> Result<Decision, Refused> {
    let files = together(context)?;
    let ids: BTreeSet<CaseId> = files.iter().map(|(case, _)| case.id).collect();
    let caller = context.caller();
    let mut events = Vec::new();
    for (case, what) in &files {
        let Some(handover) = case.handover else {
            context.object_if(true, Refusal::NothingToDo, what);
            continue;
        };
        let back = !take && caller == Some(handover.from);
        let answers = caller == Some(handover.to) || back;
        context.object_if(!answers, Refusal::NotAllowed, "handover");
        let whole = match handover.tied {
            Some((salt, files)) => tie(&salt, &ids) == files,
            None => ids.len() == 1,
        };
        context.object_if(take && !whole, Refusal::HandoverWhole, what);
        events.extend(answered(context, case, take));
    }
    context.settle()?;
    Ok(Decision::of(events))
}

/// The case that the command names and the files that go with it, each with what a refusal calls
/// it.
fn together(context: &Context<'_>) -> Result<Vec<(Arc<Case>, &'static str)>, Refused> {
    let further = context.further().iter().map(|case| (case.clone(), "with"));
    Ok([(context.case()?, "case")]
        .into_iter()
        .chain(further)
        .collect())
}

/// SHA-256 over what these files are offered together with, for one of them (SPEC §11.14).
fn tie(salt: &[u8; 32], files: &BTreeSet<CaseId>) -> [u8; 32] {
    let mut digest = Sha256::new_with_prefix(TOGETHER);
    digest.update(salt);
    for file in files {
        digest.update(file.0);
    }
    digest.finalize().into()
}

fn offered(context: &Context<'_>, case: &Case, (from, to): (StaffId, StaffId)) -> Vec<NewEvent> {
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
    events
}

fn answered(context: &Context<'_>, case: &Case, take: bool) -> Vec<NewEvent> {
    let Some(handover) = case.handover else {
        return Vec::new();
    };
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
    events
}

/// What the digest begins with.
const TOGETHER: &[u8] = b"referral-ledger/handover/v1\0";
