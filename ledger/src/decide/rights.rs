//! What a person asks for about their data (MISSION E3): taken, checked who asks, advised, decided,
//! carried out, answered; with a clock.
//!
//! - The officer advises and carries out, the controller's delegate decides, and whoever decides
//!   does neither of the others: a deletion has two persons behind it, and no daily limit.
//! - What anybody asks for a child is decided by the child-protection focal point (B8).
//! - A deletion ends grounds by the same road as a withdrawal (`ending.rs`).

use std::collections::BTreeSet;

use super::consequences::consequences;
use super::context::Context;
use super::ending::{Ending, chosen, split, unrecorded};
use super::{Consequences, Decision, NewEvent, contact, notice};
use crate::domain::case::{Case, Consent, Standing, SubjectRequest};
use crate::domain::codes::*;
use crate::domain::command::*;
use crate::domain::event::*;
use crate::domain::ids::{ConsentId, LeafKeyId, PersonId, SubjectRequestId};
use crate::domain::scope::Scope;
use crate::domain::stream::StreamId;
use crate::refusal::{Refusal, Refused};

/// Takes a request. Its clock runs from the day that it reached the organisation.
pub(super) fn receive(context: &mut Context<'_>, asking: Asking) -> Result<Decision, Refused> {
    let case = context.case()?;
    let person = asking.person.unwrap_or(case.client);
    let mut open = case.requests.values().filter(|one| one.end.is_none());
    let twice = open.any(|one| one.person == person && one.kind == asking.kind);
    context.object_if(twice, Refusal::AlreadyExists, "request");
    // Nobody asks in place of an adult (B4): an adult gives somebody authority.
    let for_a_child = matches!(asking.by, RequestedBy::Caregiver | RequestedBy::Guardian);
    let adult = person != case.client || !case.is_minor(context.now);
    context.object_if(
        for_a_child && adult,
        Refusal::CapacityInvalid,
        asking.by.code(),
    );
    // What is kept and not used is all that rests on the person the case is about.
    let keeps = asking.kind.restricts();
    context.object_if(
        keeps && person != case.client,
        Refusal::Malformed,
        "person_id",
    );
    let part = keeps && !asking.categories.is_empty();
    context.object_if(part, Refusal::Malformed, "categories");
    context.settle()?;
    let received = context.happened();
    let received = RequestReceived {
        request: SubjectRequestId::fresh(context.entropy),
        person,
        kind: asking.kind,
        by: asking.by,
        categories: asking.categories,
        channel: asking.channel,
        received,
        due: context.rules.organisation.answered_by(received, false),
    };
    let event = context.event(StreamId::Case(case.id), received);
    Ok(Decision::of(vec![event]))
}

/// Notes what came of checking who is asking; as often as it takes, until it was decided.
pub(super) fn identify(context: &mut Context<'_>, it: &Identifying) -> Result<Decision, Refused> {
    let case = context.case()?;
    let request = request_of(&case, it.request)?;
    needs_undecided(context, request);
    let shown = it.outcome == IdentityOutcome::AuthorityShown;
    let for_another = request.by != RequestedBy::Person;
    // For oneself nobody needs authority, and for another nothing else is enough.
    let unclear = it.outcome != IdentityOutcome::NotConfirmed && shown != for_another;
    context.object_if(unclear, Refusal::Malformed, "outcome");
    context.settle()?;
    let checked = RequestIdentityChecked {
        request: it.request,
        outcome: it.outcome,
    };
    let event = context.event(StreamId::Case(case.id), checked);
    Ok(Decision::of(vec![event]))
}

/// Two months more, once, asked for within the first one.
pub(super) fn extend(context: &mut Context<'_>, it: &Extending) -> Result<Decision, Refused> {
    let case = context.case()?;
    let request = request_of(&case, it.request)?;
    needs_undecided(context, request);
    if request.extended {
        context.object(Refusal::NothingToDo);
    }
    context.object_if(request.is_late(context.now), Refusal::TimeInvalid, "due");
    needs_safe_way(context, &case, request, it.channel);
    let organisation = &context.rules.organisation;
    let due = organisation.answered_by(request.received, true);
    context.settle()?;
    let extended = RequestExtended {
        request: it.request,
        reason: it.reason,
        due,
        told: it.told,
    };
    let mut events = vec![context.event(StreamId::Case(case.id), extended)];
    events.extend(told_by(context, &case, it.request, it.channel));
    Ok(Decision::of(events))
}

/// The officer's advice; another one takes its place, until it was decided.
pub(super) fn advise(context: &mut Context<'_>, it: &Advising) -> Result<Decision, Refused> {
    let case = context.case()?;
    let request = request_of(&case, it.request)?;
    needs_undecided(context, request);
    needs_identity(context, request, it.answer, it.reason);
    context.settle()?;
    let advised = RequestAdvised {
        request: it.request,
        answer: it.answer,
        reason: it.reason,
    };
    let event = context.event(StreamId::Case(case.id), advised);
    Ok(Decision::of(vec![event]))
}

/// The delegate's decision, once; against the advice too, which stands beside it.
pub(super) fn decide(context: &mut Context<'_>, it: Ruling) -> Result<Decision, Refused> {
    let case = context.case()?;
    let request = request_of(&case, it.request)?;
    needs_undecided(context, request);
    let child = request.person == case.client && case.is_minor(context.now);
    let about_a_child = match request.by {
        RequestedBy::Caregiver | RequestedBy::Guardian => true,
        RequestedBy::Representative => child,
        RequestedBy::Person => false,
    };
    if about_a_child && !context.protects_children() {
        context.object(Refusal::ChildProtectionDecides);
    }
    let delegate = context.by.roles.contains(&Role::ControllerDelegate);
    if !about_a_child && !delegate {
        context.object(Refusal::NotAllowed);
    }
    needs_identity(context, request, it.answer, it.reason);
    if request.advised.is_none() {
        context.object(Refusal::AdviceMissing);
    }
    let asked = &request.categories;
    let beyond = !asked.is_empty() && !it.categories.is_subset(asked);
    context.object_if(beyond, Refusal::Malformed, "categories");
    // A part that leaves no consent to the record would take everything with it.
    let granted = SubjectRequest {
        granted: it.categories.clone(),
        ..request.clone()
    };
    let drags = it.answer != RequestAnswer::Refuse && takes_the_record(context, &case, &granted);
    context.object_if(drags, Refusal::Malformed, "categories");
    context.settle()?;
    let decided = RequestDecided {
        request: it.request,
        answer: it.answer,
        reason: it.reason,
        categories: it.categories,
    };
    let event = context.event(StreamId::Case(case.id), decided);
    Ok(Decision::of(vec![event]))
}

/// Does what was granted. Of a copy and of a correction it makes sure that it was made.
pub(super) fn carry_out(context: &mut Context<'_>, it: &CarryingOut) -> Result<Decision, Refused> {
    let case = context.case()?;
    let request = request_of(&case, it.request)?;
    let state = request.state();
    let granted = state == RequestState::Granted;
    context.object_if(!granted, Refusal::RequestState, state.code());
    // The consents may be others than when it was decided.
    let drags = takes_the_record(context, &case, request);
    context.object_if(drags, Refusal::Malformed, "categories");
    let copies = matches!(request.kind, RequestKind::Access | RequestKind::Portability);
    // A copy of the case is the client's; what others get is the officer's word.
    if copies && !request.copied && request.person == case.client {
        context.object(Refusal::CopyMissing);
    }
    let lacking = case.lacks_correction(request, context.now);
    if let Some(first) = lacking.filter(|_| request.kind == RequestKind::Correction) {
        context.object(Refused {
            refusal: Refusal::CorrectionMissing,
            about: first.map(|category| category.code().to_owned()),
        });
    }
    context.settle()?;
    let carried_out = RequestCarriedOut {
        request: it.request,
        person: request.person,
        kind: request.kind,
    };
    let event = context.event(StreamId::Case(case.id), carried_out);
    let mut decision = match request.kind {
        RequestKind::Deletion => delete(context, &case, request),
        RequestKind::Restriction | RequestKind::Objection => {
            Decision::of(tell_of_restriction(context, &case))
        }
        RequestKind::Access | RequestKind::Correction | RequestKind::Portability => {
            Decision::of(Vec::new())
        }
    };
    decision.events.insert(0, event);
    Ok(decision)
}

/// What granting a deletion, or a part of it, would come to: read off the decision itself. Where
/// the client asks and has another file that is merged with this one, what the same would come to
/// there.
pub(super) fn deletion(
    context: &Context<'_>,
    id: SubjectRequestId,
    categories: BTreeSet<DataCategory>,
) -> Result<(Consequences, Option<Consequences>), Refused> {
    let case = context.case()?;
    let asked = request_of(&case, id)?;
    if asked.kind != RequestKind::Deletion {
        return Err(Refused::about(Refusal::NothingToDo, "kind"));
    }
    let state = asked.state();
    if !matches!(
        state,
        RequestState::Received
            | RequestState::IdentityChecked
            | RequestState::Advised
            | RequestState::Granted
    ) {
        return Err(Refused::about(Refusal::RequestState, state.code()));
    }
    let granted = SubjectRequest {
        granted: categories,
        ..asked.clone()
    };
    let decision = delete(context, &case, &granted);
    let here = consequences(&case, &decision, context.now);
    let merged = |one: &Case| one.merge.filter(|it| it.confirmed).map(|it| it.id);
    let of_both = asked.person == case.client && merged(&case).is_some();
    let there = context.other_case().ok().filter(|_| of_both);
    let there = there.filter(|other| merged(other) == merged(&case));
    let there = there.map(|other| {
        let granted = SubjectRequest {
            person: other.client,
            ..granted
        };
        let decision = delete(context, &other, &granted);
        consequences(&other, &decision, context.now)
    });
    Ok((here, there))
}

/// Whether a deletion of a part would end the last consent to be recorded, and all that goes with
/// it.
fn takes_the_record(context: &Context<'_>, case: &Case, request: &SubjectRequest) -> bool {
    if request.kind != RequestKind::Deletion || request.meant().is_none() {
        return false;
    }
    let (whole, _) = ends(context, case, request);
    !unrecorded(case, &whole).is_empty()
}

/// The consents that a deletion ends as a whole, and those that lose the categories meant.
fn ends(
    context: &Context<'_>,
    case: &Case,
    request: &SubjectRequest,
) -> (BTreeSet<ConsentId>, Vec<(ConsentId, Scope)>) {
    let part = request.meant().map(|categories| Scope {
        categories: categories.clone(),
        ..Scope::default()
    });
    let ends = chosen(case, request.person, None, part.as_ref(), Some(context.now));
    split(case, &ends, part.as_ref())
}

/// Ends the consents that the data rest on, whole or in the categories meant, and has the keys
/// destroyed at once. What rests on an exception stays until that ends, as the certificate says.
fn delete(context: &Context<'_>, case: &Case, request: &SubjectRequest) -> Decision {
    let (whole, partial) = ends(context, case, request);
    let mut ending = Ending::of(case);
    for (consent, part) in partial {
        ending.narrow(context, consent, part, context.now);
    }
    for consent in whole {
        ending.withdraw(context, consent, context.now);
    }
    ending.shred_at_once();
    let mut decision = ending.stop_what_rested_on_it(context);
    decision.shred.extend(waiting(case, request));
    decision
}

/// What is closed already and waits for its time, of the categories meant: it goes now, too. As a
/// whole, such consents are among those that end.
fn waiting(case: &Case, request: &SubjectRequest) -> Vec<(StreamId, LeafKeyId)> {
    let Some(categories) = request.meant() else {
        return Vec::new();
    };
    let waits = |consent: &Consent| match consent.standing {
        Standing::Withdrawn { .. } | Standing::Expired { .. } => consent.person == request.person,
        Standing::InForce | Standing::Shredded => false,
    };
    let consents = case.consents.iter().filter(|(_, consent)| waits(consent));
    let leaves = consents.flat_map(|(id, _)| case.leaves_of_categories((*id).into(), categories));
    let living = leaves.filter(|leaf| !case.begun.contains(leaf));
    living.map(|leaf| (StreamId::Case(case.id), leaf)).collect()
}

/// Ends a request.
pub(super) fn close(context: &mut Context<'_>, it: &Closing) -> Result<Decision, Refused> {
    let case = context.case()?;
    let request = request_of(&case, it.request)?;
    let state = request.state();
    let done = request.decided.map(|(answer, _)| answer);
    let fits = match (state, it.end) {
        (RequestState::CarriedOut, RequestEnd::Fulfilled) => done == Some(RequestAnswer::Grant),
        (RequestState::CarriedOut, RequestEnd::FulfilledInPart) => {
            done == Some(RequestAnswer::GrantInPart)
        }
        (RequestState::Refused, RequestEnd::NotFulfilled) => true,
        (
            RequestState::Closed | RequestState::CarriedOut | RequestState::Refused,
            RequestEnd::TakenBack,
        ) => false,
        (_, RequestEnd::TakenBack) => true,
        (_, RequestEnd::Fulfilled | RequestEnd::FulfilledInPart | RequestEnd::NotFulfilled) => {
            false
        }
    };
    context.object_if(!fits, Refusal::RequestState, state.code());
    // "Done" is said once the keys are gone, whatever they wait for.
    let fulfils = matches!(it.end, RequestEnd::Fulfilled | RequestEnd::FulfilledInPart);
    let waits = case.undeleted(request).next().is_some();
    if fulfils && request.kind == RequestKind::Deletion && waits {
        context.object(Refusal::NotDue);
    }
    let way = (it.told == PersonTold::Told).then_some(it.channel);
    needs_safe_way(context, &case, request, way);
    // What two persons decided is not undone on anybody's word.
    let officer = context.by.roles.contains(&Role::DataProtectionOfficer);
    if it.end == RequestEnd::TakenBack && state == RequestState::Granted && !officer {
        context.object(Refusal::NotAllowed);
    }
    context.settle()?;
    let closed = RequestClosed {
        request: it.request,
        end: it.end,
        told: it.told,
        channel: it.channel,
    };
    let event = context.event(StreamId::Case(case.id), closed);
    Ok(Decision::of(vec![event]))
}

/// Lets data be used again. The person is told beforehand, or it is known why not.
pub(super) fn lift(context: &mut Context<'_>, it: &Lifting) -> Result<Decision, Refused> {
    let case = context.case()?;
    let request = request_of(&case, it.request)?;
    if !request.restricts() {
        context.object(Refusal::NothingToDo);
    }
    needs_safe_way(context, &case, request, it.channel);
    context.settle()?;
    let lifted = RestrictionLifted {
        request: it.request,
        person: request.person,
        told: it.told,
    };
    let mut events = vec![context.event(StreamId::Case(case.id), lifted)];
    events.extend(told_by(context, &case, it.request, it.channel));
    let mut others = case.requests.iter().filter(|(id, _)| **id != it.request);
    let goes_on = others.any(|(_, one)| one.person == request.person && one.restricts());
    if !goes_on {
        let holders = case.know_of_restriction();
        events.extend(notice::plan(context, &case, NoticeAbout::Lifting, holders));
    }
    Ok(Decision::of(events))
}

/// Whoever asked is told the way they came, unless they agreed on others since, or as they agreed
/// (B10).
fn needs_safe_way(
    context: &mut Context<'_>,
    case: &Case,
    request: &SubjectRequest,
    way: Option<Channel>,
) {
    let another = way.filter(|way| request.agreed_since || *way != request.channel);
    if let Some(way) = another.filter(|_| request.by == RequestedBy::Person) {
        let contacted = (request.person, way);
        contact::needs_safe(context, case, contacted, FollowUpOutcome::Answered);
    }
}

/// How the person was told of what was done just before.
fn told_by(
    context: &Context<'_>,
    case: &Case,
    request: SubjectRequestId,
    way: Option<Channel>,
) -> Option<NewEvent> {
    let told = PersonToldBy {
        request,
        channel: way?,
    };
    Some(context.event(StreamId::Case(case.id), told))
}

/// Who holds data that are restricted from now on is to hear of it (E5), unless it knows already.
fn tell_of_restriction(context: &Context<'_>, case: &Case) -> Vec<NewEvent> {
    if case.restriction_on(case.client).is_some() {
        return Vec::new();
    }
    let mut holders = case.held_outside(None);
    holders.retain(|given| !case.still_restricts(given));
    notice::plan(context, case, NoticeAbout::Restriction, holders)
}

/// Objects to using what a person asked to have kept and not used.
pub(super) fn needs_unrestricted(context: &mut Context<'_>, case: &Case, person: PersonId) {
    if case.restriction_on(person).is_some() {
        context.object(Refusal::ProcessingRestricted);
    }
}

fn needs_undecided(context: &mut Context<'_>, request: &SubjectRequest) {
    let state = request.state();
    let open = matches!(
        state,
        RequestState::Received | RequestState::IdentityChecked | RequestState::Advised
    );
    context.object_if(!open, Refusal::RequestState, state.code());
}

/// Nothing is granted to who may be anybody, and nobody known is refused as unknown.
fn needs_identity(
    context: &mut Context<'_>,
    request: &SubjectRequest,
    answer: RequestAnswer,
    reason: Option<RequestReason>,
) {
    let unknown = request.identity == Some(IdentityOutcome::NotConfirmed);
    let as_unknown = reason == Some(RequestReason::IdentityNotConfirmed);
    if request.identity.is_none() {
        context.object(Refusal::IdentityUnchecked);
    } else if unknown && answer != RequestAnswer::Refuse {
        context.object(Refusal::IdentityNotConfirmed);
    }
    let known = request.identity.is_some() && !unknown;
    context.object_if(as_unknown && known, Refusal::Malformed, "reason");
}

fn request_of(case: &Case, id: SubjectRequestId) -> Result<&SubjectRequest, Refused> {
    let request = case.requests.get(&id);
    request.ok_or_else(|| Refused::about(Refusal::NotFound, "request"))
}
