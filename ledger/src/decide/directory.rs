//! Directory entries and their assessment (MISSION D1, D2).

use super::context::Context;
use super::{Decision, fees};
use crate::domain::command::{Assessing, Listing};
use crate::domain::directory::Places;
use crate::domain::event::{
    PlacesReported, ServiceAssessed, ServiceEntry, ServiceFeesSet, ServiceRegistered,
    ServiceRetired, ServiceUpdated,
};
use crate::domain::stream::StreamId;
use crate::limits::{CLAIMED_DAYS_MAX, REVIEW_DAYS_MAX};
use crate::refusal::{Refusal, Refused};

/// Brings a service into the directory, not assessed yet.
pub(super) fn register(context: &mut Context<'_>, it: Listing) -> Result<Decision, Refused> {
    let Listing {
        service,
        entry,
        fees,
    } = it;
    if context.known_service().is_some() {
        context.object(Refusal::AlreadyExists);
    }
    check_entry(context, &entry);
    fees::check(context, &fees);
    context.settle()?;
    let stream = StreamId::Service(service);
    let mut events = vec![context.event(stream, ServiceRegistered { service, entry })];
    if !fees.is_empty() {
        events.push(context.event(stream, ServiceFeesSet { fees }));
    }
    Ok(Decision::of(events))
}

/// Corrects or confirms an entry, and what the service costs; what did not change is not recorded
/// again.
pub(super) fn update(context: &mut Context<'_>, it: Listing) -> Result<Decision, Refused> {
    let Listing { entry, fees, .. } = it;
    let service = context.service()?;
    if service.retired {
        context.object(Refusal::ServiceRetired);
    }
    let (same_entry, same_fees) = (service.entry == entry, service.fees == fees);
    if same_entry && same_fees {
        context.object(Refusal::NothingToDo);
    }
    check_entry(context, &entry);
    fees::check(context, &fees);
    context.settle()?;
    let stream = StreamId::Service(service.id);
    let mut events = Vec::new();
    if !same_entry {
        events.push(context.event(stream, ServiceUpdated { entry }));
    }
    if !same_fees {
        events.push(context.event(stream, ServiceFeesSet { fees }));
    }
    Ok(Decision::of(events))
}

/// Records an assessment and when it is due again. Whoever asked people what came of it says how
/// many were asked and how many helped; a criterion is met or not, never both.
pub(super) fn assess(context: &mut Context<'_>, it: Assessing) -> Result<Decision, Refused> {
    let service = context.service()?;
    let Assessing {
        assessment,
        review_on,
        how,
        ..
    } = it;
    if service.retired {
        context.object(Refusal::ServiceRetired);
    }
    let today = context.now.day();
    let absurd = review_on <= today || review_on.0 > today.0.saturating_add(REVIEW_DAYS_MAX);
    context.object_if(absurd, Refusal::TimeInvalid, "review_on");
    context.object_if(
        !how.met.is_disjoint(&how.unmet),
        Refusal::ItemsInvalid,
        "unmet",
    );
    let outcomes_absurd = match (how.asked, how.helped) {
        (Some(asked), Some(helped)) => helped > asked,
        (None, Some(_)) => true,
        (Some(_) | None, None) => false,
    };
    context.object_if(outcomes_absurd, Refusal::ItemsInvalid, "helped");
    let same = service.assessment == assessment && service.how == how;
    if same && service.review_on == Some(review_on) {
        context.object(Refusal::NothingToDo);
    }
    context.settle()?;
    let assessed = ServiceAssessed {
        assessment,
        review_on,
        how,
    };
    let event = context.event(StreamId::Service(service.id), assessed);
    Ok(Decision::of(vec![event]))
}

/// Records what a service says of its places, with the day that it was so.
pub(super) fn report_places(
    context: &mut Context<'_>,
    places: Places,
) -> Result<Decision, Refused> {
    let service = context.service()?;
    if service.retired {
        context.object(Refusal::ServiceRetired);
    }
    let today = context.now.day();
    let oldest = today
        .0
        .saturating_sub(u32::try_from(CLAIMED_DAYS_MAX).unwrap_or(u32::MAX));
    let older = service.places.is_some_and(|last| places.on < last.on);
    let absurd = places.on > today || places.on.0 < oldest || older;
    context.object_if(absurd, Refusal::TimeInvalid, "on");
    let beyond = places
        .free
        .zip(places.of)
        .is_some_and(|(free, of)| free > of);
    context.object_if(beyond, Refusal::ItemsInvalid, "free");
    if service.places == Some(places) {
        context.object(Refusal::NothingToDo);
    }
    context.settle()?;
    let event = context.event(StreamId::Service(service.id), PlacesReported { places });
    Ok(Decision::of(vec![event]))
}

/// Ends a service.
pub(super) fn retire(context: &mut Context<'_>) -> Result<Decision, Refused> {
    let service = context.service()?;
    if service.retired {
        context.object(Refusal::NothingToDo);
    }
    context.settle()?;
    let event = context.event(StreamId::Service(service.id), ServiceRetired {});
    Ok(Decision::of(vec![event]))
}

/// An entry cannot have been confirmed on a day that has not come, nor serve nobody.
fn check_entry(context: &mut Context<'_>, entry: &ServiceEntry) {
    let (from, to) = (entry.details.minimum_age, entry.details.maximum_age);
    let nobody = from.zip(to).is_some_and(|(from, to)| from > to);
    context.object_if(nobody, Refusal::ItemsInvalid, "maximum_age");
    let today = context.now.day();
    let absurd = entry.assured_on.is_some_and(|day| day > today);
    context.object_if(absurd, Refusal::TimeInvalid, "assured_on");
}
