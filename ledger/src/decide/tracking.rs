//! Following a case: follow-up, disclosures that happened, views of personal data, who works on it.

use std::collections::BTreeSet;

use super::age::Asked;
use super::context::{Context, referral_of};
use super::cover::{self, Disclosure};
use super::{Decision, NewPersonal, contact, interview, journey, procedure, rights};
use crate::clock::Timestamp;
use crate::domain::case::{Case, Exception, Referral};
use crate::domain::codes::*;
use crate::domain::contact::FollowingUp;
use crate::domain::event::*;
use crate::domain::ids::{DisclosureId, ExceptionId, GroundId, OrganisationId, StaffId};
use crate::domain::personal::Personal;
use crate::domain::staff::Staff;
use crate::domain::stream::StreamId;
use crate::organisation::Organisation;
use crate::refusal::{Refusal, Refused};

/// A follow-up, with and without an answer (MISSION C4). The person is contacted only with consent
/// to that and as they agreed, a service that took them on is asked how it went only with consent
/// to that (B10); whether a referral arrived may always be asked.
pub(super) fn follow_up(context: &mut Context<'_>, it: FollowingUp) -> Result<Decision, Refused> {
    let case = context.case()?;
    let referral = referral_of(&case, it.referral)?;
    let unsent = referral.sent.is_none();
    context.object_if(unsent, Refusal::ReferralState, referral.state.code());
    let attempted = it.outcome != FollowUpOutcome::NotToldUnsafe;
    if let Some(person) = it.person {
        contact::needs_safe(context, &case, (person, it.channel), it.outcome);
        if attempted {
            contact::needs_follow_up(context, &case, person);
        }
    } else if attempted && took_on(referral.state) && !asks_of_arrival_only(referral) {
        contact::needs_feedback(context, &case, referral.recipient);
    }
    let ground = note_ground(&case, referral, context.now);
    if it.note.is_some() && ground.is_none() {
        context.needs_documentation(&case);
        context.needs_record(&case, case.client);
    }
    context.settle()?;
    let part = ground.zip(it.note).map(|(ground, note)| NewPersonal {
        persons: vec![case.client],
        grounds: vec![ground],
        content: Personal::Note(note),
    });
    let recorded = FollowUpRecorded {
        referral: it.referral,
        person: it.person,
        outcome: it.outcome,
        channel: it.channel,
    };
    let parts = part.into_iter().collect();
    let event = context.event_with(StreamId::Case(case.id), recorded, parts);
    Ok(Decision::of(vec![event]))
}

/// Whether what was agreed for following up asks how the person came to the service, and no more.
fn asks_of_arrival_only(referral: &Referral) -> bool {
    let agreed = referral.follow_up.as_ref();
    agreed.is_some_and(|it| !it.asks_how_it_went())
}

/// Whether a service in this state knows how it went with the person.
fn took_on(state: ReferralState) -> bool {
    match state {
        ReferralState::Accepted | ReferralState::Completed | ReferralState::NotCompleted => true,
        ReferralState::Draft
        | ReferralState::Returned
        | ReferralState::Reviewed
        | ReferralState::Sent
        | ReferralState::Received
        | ReferralState::NotAccepted
        | ReferralState::Recalled
        | ReferralState::RecallAsked
        | ReferralState::Cancelled
        | ReferralState::Stopped => false,
    }
}

/// What a note about a referral rests on: the consent to be recorded, else the exception that the
/// referral itself rests on, for as long as that one may be used.
fn note_ground(case: &Case, referral: &Referral, now: Timestamp) -> Option<GroundId> {
    let by_exception = || {
        let grounds = referral.grounds.iter().copied();
        let usable = |ground: &GroundId| {
            let exception = case.exceptions.get(&ExceptionId(ground.0));
            exception.is_some_and(|one| cover::may_be_used(one, now))
        };
        let mut usable = grounds.filter(usable);
        usable.next()
    };
    case.record_ground(case.client, now).or_else(by_exception)
}

/// What already happened is always recorded; without a covering ground it is an incident (C9).
pub(super) fn disclose(
    context: &mut Context<'_>,
    recipient: OrganisationId,
    categories: BTreeSet<DataCategory>,
    channel: Channel,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    let none = categories.is_empty();
    context.object_if(none, Refusal::ItemsInvalid, "categories");
    context.settle()?;
    let disclosure = Disclosure {
        recipient,
        class: None,
        categories: &categories,
        asked: Asked::of(&case, context.now, &context.rules.organisation),
    };
    let covered = cover::cover(&case, &disclosure, None, context.now);
    let mut basis = covered.unwrap_or_default();
    // What no procedure carries any more was told all the same, and somebody looks at it.
    let by_exception = |ground: &GroundId| case.exceptions.contains_key(&ExceptionId(ground.0));
    let mut unprepared = basis.iter().any(by_exception);
    if unprepared {
        let covering = cover::carrying(&case, &disclosure, context.now);
        let carries =
            |one: &&(GroundId, &Exception)| procedure::carries(context, one.1, &categories);
        if let Some((ground, _)) = covering.iter().find(carries) {
            (basis, unprepared) = (vec![*ground], false);
        }
    }
    let restricted = case.restriction_on(case.client).is_some();
    let waits = !basis.iter().any(by_exception)
        && lacks_specialist(&case, (recipient, &categories), context.now);
    let incident = basis.is_empty() || unprepared || waits || restricted;
    let recorded = DisclosureRecorded {
        disclosure: DisclosureId::fresh(context.entropy),
        recipient,
        categories,
        channel,
        incident,
        basis,
    };
    let event = context.event(StreamId::Case(case.id), recorded);
    Ok(Decision::of(vec![event]))
}

/// Whether something is suspected and no referral to the recipient with these data went out or has
/// the word of the specialists to (MISSION C10).
fn lacks_specialist(
    case: &Case,
    (recipient, categories): (OrganisationId, &BTreeSet<DataCategory>),
    now: Timestamp,
) -> bool {
    let may_go = |it: &Referral| {
        let advised = it.urgency != Urgency::Emergency && case.not_consulted(it, now).is_empty();
        let same = it.recipient == recipient && categories.is_subset(&it.categories);
        same && (it.sent.is_some() || advised)
    };
    !case.suspected(now).is_empty() && !case.referrals.values().any(may_go)
}

/// A view of personal data is an event first (MISSION E6). A recipient sees nothing of what was
/// recalled or stopped, and nothing, finished or not, that no ground covers any more (MISSION B6).
pub(super) fn view(
    context: &mut Context<'_>,
    target: ViewTarget,
    purpose: ViewPurpose,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    if let ViewTarget::Referral(id) = target {
        let referral = referral_of(&case, id)?;
        let outside = context.by.organisation != Some(case.organisation);
        let leaves = purpose == ViewPurpose::Packet;
        if leaves {
            needs_under_way(context, referral);
            journey::may_still_go(context, &case, referral)?;
        }
        // To serve with is for whom it was sent to; who sent it looks at it to work on the case.
        let served = context.by.organisation == Some(referral.recipient);
        if purpose == ViewPurpose::Service && !served {
            context.object(Refusal::NotAllowed);
        }
        if outside || leaves || purpose == ViewPurpose::Service {
            let file = &context.rules.organisation;
            // Nobody shows a referral to who received it without a ground that covers it now.
            for refused in closed_to_recipient(&case, referral, (context.now, file)) {
                context.object(refused);
            }
        }
    }
    // Answers are read by who is trained to take them; a copy is the client's own, and owed.
    let copy = purpose == ViewPurpose::CopyForPerson;
    if copy && target.is_of_interview() {
        if !is_owed(&case, target) {
            context.object(Refusal::NotDue);
        }
    } else if matches!(target, ViewTarget::Interview(_)) {
        interview::needs_designation(context);
    }
    // Kept and not used: the person's own copy, and help in an emergency, are no use against them.
    if !matches!(purpose, ViewPurpose::CopyForPerson | ViewPurpose::Emergency) {
        rights::needs_unrestricted(context, &case, case.client);
    }
    context.settle()?;
    let seen = PersonalDataSeen { target, purpose };
    let event = context.event(StreamId::Case(case.id), seen);
    Ok(Decision::of(vec![event]))
}

/// Nothing is handed over that was not sent, or that the recipient is done with.
fn needs_under_way(context: &mut Context<'_>, referral: &Referral) {
    let with_recipient = matches!(
        referral.state,
        ReferralState::Sent | ReferralState::Received | ReferralState::Accepted
    );
    let state = referral.state.code();
    context.object_if(!with_recipient, Refusal::ReferralState, state);
}

/// Whether somebody asks for a copy of what is about the client, as this is.
fn is_owed(case: &Case, target: ViewTarget) -> bool {
    let person = match target {
        ViewTarget::Interview(id) => case.interviews.get(&id).map(|it| it.person),
        ViewTarget::Profile(id) => Some(id),
        ViewTarget::Case | ViewTarget::Referral(_) => None,
    };
    person == Some(case.client) && !case.owed_in_a_copy().is_empty()
}

/// Why who received a referral has no right to what it says any more; empty while it has.
pub(super) fn closed_to_recipient(
    case: &Case,
    referral: &Referral,
    (now, file): (Timestamp, &Organisation),
) -> Vec<Refused> {
    let mut closed = Vec::new();
    let ended = matches!(
        referral.state,
        ReferralState::Recalled | ReferralState::Stopped | ReferralState::Cancelled
    );
    // What was asked back is not opened again, whatever the recipient says became of it.
    if ended || referral.recall.is_some() {
        let state = referral.state.code();
        closed.push(Refused::about(Refusal::ReferralState, state));
    }
    closed.extend(cover::in_force(case, referral.content, now).err());
    let disclosure = Disclosure {
        recipient: referral.recipient,
        class: None,
        categories: &referral.categories,
        // What was sent while the person was a child is judged as it was then.
        asked: Asked::of(case, referral.sent.unwrap_or(now), file),
    };
    closed.extend(cover::cover(case, &disclosure, None, now).err());
    closed
}

/// Puts somebody in charge who works on cases.
pub(super) fn assign(context: &mut Context<'_>, staff: StaffId) -> Result<Decision, Refused> {
    let case = context.case()?;
    if case.assigned.contains(&staff) {
        context.object(Refusal::NothingToDo);
    }
    let able = context.known_staff().is_some_and(Staff::works_on_cases);
    context.object_if(!able, Refusal::NotFound, "staff");
    context.settle()?;
    let event = context.event(StreamId::Case(case.id), StaffAssigned { staff });
    Ok(Decision::of(vec![event]))
}

/// Takes somebody off. Who is the last is not: somebody else is put on it, or takes it, first.
pub(super) fn unassign(context: &mut Context<'_>, staff: StaffId) -> Result<Decision, Refused> {
    let case = context.case()?;
    if !case.assigned.contains(&staff) {
        context.object(Refusal::NothingToDo);
    }
    let nobody = !case.is_left_with_somebody(staff);
    context.object_if(nobody, Refusal::NotAllowed, "last");
    context.settle()?;
    let event = context.event(StreamId::Case(case.id), StaffUnassigned { staff });
    Ok(Decision::of(vec![event]))
}
