//! Contact with a person: only as they agreed, and only if they agreed to it at all (MISSION B10).

use std::collections::BTreeSet;

use super::Decision;
use super::context::Context;
use crate::clock::Timestamp;
use crate::domain::case::Case;
use crate::domain::codes::{Channel, DataCategory, FollowUpOutcome, Purpose};
use crate::domain::contact::{Agreeing, Contact};
use crate::domain::event::ContactAgreed;
use crate::domain::ids::{OrganisationId, PersonId};
use crate::domain::stream::StreamId;
use crate::refusal::{Refusal, Refused};

/// Records how a person agrees to be contacted; that they agree to no way at all is recorded, too.
pub(super) fn agree(context: &mut Context<'_>, it: Agreeing) -> Result<Decision, Refused> {
    let case = context.case()?;
    context.needs_documentation(&case);
    context.needs_record(&case, it.person);
    let mut channels = it.contact.channels.iter();
    if channels.any(|one| !may_have_details(&case, it.person, *one, context.now)) {
        let category = DataCategory::Contact.code();
        context.object(Refused::about(Refusal::CategoryNotCovered, category));
    }
    if case.contacts.get(&it.person) == Some(&it.contact) {
        context.object(Refusal::NothingToDo);
    }
    context.settle()?;
    let agreed = ContactAgreed {
        person: it.person,
        contact: it.contact,
    };
    let event = context.event(StreamId::Case(case.id), agreed);
    Ok(Decision::of(vec![event]))
}

/// Objects to a contact that the person did not agree to, or not like this. What was not attempted
/// because it would be unsafe is always as agreed.
pub(super) fn needs_safe(
    context: &mut Context<'_>,
    case: &Case,
    (person, channel): (PersonId, Channel),
    outcome: FollowUpOutcome,
) {
    let left_words = match outcome {
        FollowUpOutcome::NotToldUnsafe => return,
        FollowUpOutcome::MessageLeft => true,
        FollowUpOutcome::Answered | FollowUpOutcome::NoAnswer => false,
    };
    let contact = Contact {
        channel,
        at: context.rules.organisation.clock_at(context.happened()),
        staff: context.caller(),
        left_words,
    };
    let agreed = case.contacts.get(&person);
    let forbidden = agreed.map_or(Some("not_agreed"), |agreed| agreed.forbids(contact));
    let kept = may_have_details(case, person, channel, context.now)
        || had_details(case, person, context.happened());
    let forbidden = forbidden.or_else(|| (!kept).then_some("withdrawn"));
    if let Some(what) = forbidden {
        context.object(Refused::about(Refusal::ContactNotSafe, what));
    }
}

/// Whether what such a contact takes may be recorded: nobody is called whose number must not stand
/// here any more. Who is met in person needs none.
fn may_have_details(case: &Case, person: PersonId, channel: Channel, now: Timestamp) -> bool {
    let contact = BTreeSet::from([DataCategory::Contact]);
    channel == Channel::InPerson || case.record_ground_for(person, &contact, now).is_some()
}

/// The same at the moment of a contact, which may be recorded after the number was taken back
/// (MISSION C9).
fn had_details(case: &Case, person: PersonId, at: Timestamp) -> bool {
    let mut consents = case.consents.values();
    consents.any(|one| {
        one.person == person && one.is_own_record() && one.held(DataCategory::Contact, at)
    })
}

/// Objects to contacting a person afterwards without consent to that: their own, or one about the
/// client.
pub(super) fn needs_follow_up(context: &mut Context<'_>, case: &Case, person: PersonId) {
    let of = BTreeSet::from([person, case.client]);
    let mut consents = case.consents_in_force(context.now);
    let agreed = consents.any(|(_, one)| {
        of.contains(&one.person) && one.scope.purposes.contains(&Purpose::FollowUp)
    });
    let purpose = Purpose::FollowUp.code();
    context.object_if(!agreed, Refusal::PurposeNotCovered, purpose);
}

/// Objects to asking a service how it went without the person's consent to that.
pub(super) fn needs_feedback(context: &mut Context<'_>, case: &Case, from: OrganisationId) {
    let consents = case.consents_in_force(context.now);
    let of_client = consents.filter(|(_, one)| one.person == case.client);
    let mut scopes = of_client.map(|(_, one)| &one.scope);
    let (mut agreed, mut named) = (false, false);
    while let Some(scope) = scopes.find(|one| one.purposes.contains(&Purpose::Feedback)) {
        agreed = true;
        named = named || scope.recipients.contains(&from);
    }
    let purpose = Purpose::Feedback.code();
    context.object_if(!agreed, Refusal::PurposeNotCovered, purpose);
    context.object_if(agreed && !named, Refusal::RecipientNotCovered, purpose);
}
