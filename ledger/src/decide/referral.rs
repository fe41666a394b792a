//! Writing a referral: only what the service needs, on a ground that allows it (MISSION A3, A6,
//! D2).

use std::collections::BTreeSet;

use super::context::{Context, about_category, referral_of};
use super::{Decision, NewPersonal, cover, journey, procedure, rights, specialist};
use crate::domain::case::Case;
use crate::domain::codes::*;
use crate::domain::command::Action;
use crate::domain::directory::Service;
use crate::domain::event::{
    AttestedInEmergency, ReferralAttested, ReferralDrafted, ReferralRevised,
};
use crate::domain::ids::{ConsentId, ExceptionId, GroundId, ReferralId};
use crate::domain::personal::{Item, Personal};
use crate::domain::scope::Scope;
use crate::domain::stream::StreamId;
use crate::refusal::{Refusal, Refused};

/// Drafts a referral.
pub(super) fn draft(
    context: &mut Context<'_>,
    urgency: Urgency,
    ground: Option<GroundId>,
    items: Vec<Item>,
    follows: Option<ReferralId>,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    let service = context.service()?;
    let categories = check_items(context, &service, &items);
    check_service(context, &service, urgency);
    check_recipient(context, &service);
    if let Some(before) = follows {
        let before = referral_of(&case, before)?;
        let failed = matches!(
            before.state,
            ReferralState::NotAccepted
                | ReferralState::NotCompleted
                | ReferralState::RecallAsked
                | ReferralState::Recalled
                | ReferralState::Stopped
                | ReferralState::Cancelled
        );
        context.object_if(!failed, Refusal::ReferralState, before.state.code());
    }
    let ground = content_ground(context, &case, &service, ground, &categories)?;
    context.settle()?;
    let referral = ReferralId::fresh(context.entropy);
    let drafted = ReferralDrafted {
        referral,
        service: service.id,
        recipient: service.entry.organisation,
        categories,
        urgency,
        ground,
        follows,
    };
    let parts = parts(&case, ground, items);
    let event = context.event_with(StreamId::Case(case.id), drafted, parts);
    Ok(Decision::of(vec![event]))
}

/// Writes a draft, or one that was returned, again.
pub(super) fn revise(
    context: &mut Context<'_>,
    id: ReferralId,
    ground: Option<GroundId>,
    items: Vec<Item>,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    let service = context.service()?;
    let referral = referral_of(&case, id)?;
    let categories = check_items(context, &service, &items);
    check_service(context, &service, referral.urgency);
    check_recipient(context, &service);
    journey::check_state(context, Action::ReviseReferral, referral.state);
    let ground = content_ground(context, &case, &service, ground, &categories)?;
    context.settle()?;
    let revised = ReferralRevised {
        referral: id,
        categories,
        ground,
    };
    let parts = parts(&case, ground, items);
    let event = context.event_with(StreamId::Case(case.id), revised, parts);
    Ok(Decision::of(vec![event]))
}

/// A referral agreed to by somebody who wants nothing written down (MISSION A6).
pub(super) fn attest(
    context: &mut Context<'_>,
    agreed: bool,
    urgency: Urgency,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    let service = context.service()?;
    check_service(context, &service, urgency);
    check_recipient(context, &service);
    // Where a record is kept, an attestation does not take the place of consent (MISSION B7).
    let documented = case.documentation == Documentation::Full;
    if documented || !agreed {
        context.object(Refusal::ConsentMissing);
    }
    let concerns = specialist::not_asked_before(context, &case, urgency);
    context.settle()?;
    let stream = StreamId::Case(case.id);
    let service = service.id;
    let mut events = vec![context.event(stream, ReferralAttested { service, agreed })];
    if !concerns.is_empty() {
        let unasked = AttestedInEmergency { service, concerns };
        events.push(context.event(stream, unasked));
    }
    Ok(Decision::of(events))
}

/// Objects to a service that ended, takes no referrals, or is not known to be safe (MISSION D2).
pub(super) fn check_service(context: &mut Context<'_>, service: &Service, urgency: Urgency) {
    if service.retired {
        context.object(Refusal::ServiceRetired);
    }
    if !service.entry.accepts_referrals {
        context.object(Refusal::ServiceTakesNoReferrals);
    }
    let emergency = urgency == Urgency::Emergency;
    let rules = context.rules.organisation.services;
    match service.assessment {
        Assessment::Approved => {}
        Assessment::NotAssessed if emergency || rules.unassessed_allowed => {}
        Assessment::NotAssessed => context.object(Refusal::ServiceNotAssessed),
        Assessment::Rejected => context.object(Refusal::ServiceRejected),
    }
}

/// Objects to data that the service does not need (MISSION A3).
pub(super) fn check_needs(
    context: &mut Context<'_>,
    service: &Service,
    categories: &BTreeSet<DataCategory>,
) {
    if let Some(extra) = categories.difference(&service.entry.needs).next() {
        context.object(about_category(Refusal::CategoryNotNeeded, *extra));
    }
}

/// Nothing is even written for officials of the State of origin (MISSION B9).
fn check_recipient(context: &mut Context<'_>, service: &Service) {
    let class = service.entry.class;
    let barred = class == RecipientClass::StateOfOrigin;
    context.object_if(barred, Refusal::RecipientNotCovered, class.code());
}

fn check_items(
    context: &mut Context<'_>,
    service: &Service,
    items: &[Item],
) -> BTreeSet<DataCategory> {
    let categories: BTreeSet<_> = items.iter().map(|item| item.category).collect();
    check_needs(context, service, &categories);
    let wrong = items.is_empty() || categories.len() != items.len();
    context.object_if(wrong, Refusal::ItemsInvalid, "items");
    categories
}

/// The ground that the content rests on: the one named, or the client's consent to the record.
fn content_ground(
    context: &mut Context<'_>,
    case: &Case,
    service: &Service,
    named: Option<GroundId>,
    categories: &BTreeSet<DataCategory>,
) -> Result<GroundId, Refused> {
    let by_exception = named.and_then(|ground| case.exceptions.get(&ExceptionId(ground.0)));
    if let (Some(ground), Some(exception)) = (named, by_exception) {
        if !cover::may_be_used(exception, context.now) {
            context.object(Refusal::ExceptionNotAuthorised);
        }
        let recipient = service.entry.organisation;
        let covered = exception
            .scope
            .covers(Purpose::Referral, recipient, categories);
        if let Err(uncovered) = covered {
            context.object(cover::why(uncovered));
        }
        procedure::check_service(context, exception, service, categories);
        return Ok(ground);
    }
    rights::needs_unrestricted(context, case, case.client);
    context.needs_documentation(case);
    let ground = match named {
        Some(ground) => ground,
        // One that holds all of it, if there is one; of any other it is said what it lacks.
        None => match case
            .record_ground_for(case.client, categories, context.now)
            .or_else(|| case.record_ground(case.client, context.now))
        {
            Some(ground) => ground,
            None => return Err(context.refuse(cover::no_record(case, case.client))),
        },
    };
    // Even on another consent nothing is written before consent to record (MISSION A2).
    context.needs_record(case, case.client);
    let consent = case.consents.get(&ConsentId(ground.0));
    let in_force = cover::in_force(case, ground, context.now).is_ok();
    let Some(consent) = consent.filter(|one| in_force && one.person == case.client) else {
        return Err(context.refuse(Refusal::ConsentNotInForce));
    };
    // A child's account rests on the child's own consent, never on a caregiver's (MISSION B8).
    let own = matches!(consent.capacity, Capacity::Own | Capacity::Assent);
    context.object_if(!own, Refusal::CapacityInvalid, consent.capacity.code());
    check_recordable(context, &consent.scope, categories);
    Ok(ground)
}

/// Objects to content that the ground does not allow to be written down.
fn check_recordable(context: &mut Context<'_>, scope: &Scope, categories: &BTreeSet<DataCategory>) {
    let records = |purpose: &Purpose| matches!(purpose, Purpose::Record | Purpose::Referral);
    if !scope.purposes.iter().any(records) {
        context.object(Refused::about(
            Refusal::PurposeNotCovered,
            Purpose::Referral.code(),
        ));
    }
    let held = &scope.categories - &scope.withheld;
    if let Some(beyond) = categories.difference(&held).next() {
        context.object(about_category(Refusal::CategoryNotCovered, *beyond));
    }
}

fn parts(case: &Case, ground: GroundId, items: Vec<Item>) -> Vec<NewPersonal> {
    let part = |item| NewPersonal {
        persons: vec![case.client],
        grounds: vec![ground],
        content: Personal::Item(item),
    };
    items.into_iter().map(part).collect()
}
