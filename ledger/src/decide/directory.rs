//! Directory entries and their assessment (MISSION D1, D2).

use super::Decision;
use super::context::Context;
use crate::clock::Day;
use crate::domain::codes::Assessment;
use crate::domain::event::{
    ServiceAssessed, ServiceEntry, ServiceRegistered, ServiceRetired, ServiceUpdated,
};
use crate::domain::ids::ServiceId;
use crate::domain::stream::StreamId;
use crate::limits::REVIEW_DAYS_MAX;
use crate::refusal::{Refusal, Refused};

/// Brings a service into the directory, not assessed yet.
pub(super) fn register(
    context: &mut Context<'_>,
    service: ServiceId,
    entry: ServiceEntry,
) -> Result<Decision, Refused> {
    if context.known_service().is_some() {
        context.object(Refusal::AlreadyExists);
    }
    check_assured(context, &entry);
    context.settle()?;
    let registered = ServiceRegistered { service, entry };
    let event = context.event(StreamId::Service(service), registered);
    Ok(Decision::of(vec![event]))
}

/// Corrects or confirms an entry.
pub(super) fn update(context: &mut Context<'_>, entry: ServiceEntry) -> Result<Decision, Refused> {
    let service = context.service()?;
    if service.retired {
        context.object(Refusal::ServiceRetired);
    }
    if service.entry == entry {
        context.object(Refusal::NothingToDo);
    }
    check_assured(context, &entry);
    context.settle()?;
    let event = context.event(StreamId::Service(service.id), ServiceUpdated { entry });
    Ok(Decision::of(vec![event]))
}

/// Records an assessment and when it is due again.
pub(super) fn assess(
    context: &mut Context<'_>,
    assessment: Assessment,
    review_on: Day,
) -> Result<Decision, Refused> {
    let service = context.service()?;
    if service.retired {
        context.object(Refusal::ServiceRetired);
    }
    let today = context.now.day();
    let absurd = review_on <= today || review_on.0 > today.0.saturating_add(REVIEW_DAYS_MAX);
    context.object_if(absurd, Refusal::TimeInvalid, "review_on");
    if service.assessment == assessment && service.review_on == Some(review_on) {
        context.object(Refusal::NothingToDo);
    }
    context.settle()?;
    let assessed = ServiceAssessed {
        assessment,
        review_on,
    };
    let event = context.event(StreamId::Service(service.id), assessed);
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

/// An entry cannot have been confirmed on a day that has not come.
fn check_assured(context: &mut Context<'_>, entry: &ServiceEntry) {
    let today = context.now.day();
    let absurd = entry.assured_on.is_some_and(|day| day > today);
    context.object_if(absurd, Refusal::TimeInvalid, "assured_on");
}
