//! The two exceptions to confidentiality (MISSION B5): minimum data, temporary, a second person.

use super::context::Context;
use super::ending::Ending;
use super::{Decision, NewPersonal};
use crate::clock::Timestamp;
use crate::domain::case::{Case, Standing};
use crate::domain::codes::{ExceptionKind, ExceptionReason, Purpose};
use crate::domain::event::{
    Event, ExceptionAuthorised, ExceptionInvoked, ExceptionLapsed, ExceptionRejected,
};
use crate::domain::ids::ExceptionId;
use crate::domain::personal::{Personal, Text};
use crate::domain::scope::Scope;
use crate::domain::stream::StreamId;
use crate::limits::EXCEPTION_CATEGORIES_MAX;
use crate::refusal::{Refusal, Refused};

/// Uses an exception. It needs no consent and no documentation: who cannot respond is helped first.
pub(super) fn invoke(
    context: &mut Context<'_>,
    kind: ExceptionKind,
    reason: ExceptionReason,
    scope: Scope,
    told: bool,
    note: Text,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    // Acting first is for once: whose last exception was rejected, or decided by nobody in time,
    // asks somebody else, for as long as that one would have lasted.
    let unconfirmed = case.exceptions.values().any(|earlier| {
        earlier.invoked_by == context.by.actor.staff()
            && context.now < earlier.expires
            && match earlier.confirmed {
                Some(confirmed) => !confirmed,
                None => context.now >= earlier.authorise_by,
            }
    });
    if unconfirmed {
        context.object(Refusal::SecondPersonRequired);
    }
    if let Some(part) = too_wide(&scope) {
        context.object(Refused::about(Refusal::ExceptionTooWide, part));
    }
    context.settle()?;
    let exception = ExceptionId::fresh(context.entropy);
    let invoked = ExceptionInvoked {
        exception,
        person: case.client,
        kind,
        reason,
        scope,
        told,
        authorise_by: context
            .rules
            .organisation
            .exception_authorised_by(context.now),
        expires: context.rules.organisation.exception_ends(context.now),
    };
    let reasons = NewPersonal {
        persons: vec![case.client],
        grounds: vec![exception.into()],
        content: Personal::Note(note),
    };
    let event = context.event_with(StreamId::Case(case.id), invoked, vec![reasons]);
    Ok(Decision::of(vec![event]))
}

/// A second person confirms an exception or does not; authorising made sure that it is another.
pub(super) fn decide(
    context: &mut Context<'_>,
    id: ExceptionId,
    confirm: bool,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    let exception = case.exceptions.get(&id);
    let exception = exception.ok_or_else(|| Refused::about(Refusal::NotFound, "exception"))?;
    if exception.confirmed.is_some() {
        context.object(Refusal::ExceptionDecided);
    }
    // What lapsed is not confirmed after the fact; that it was wrong can be said until it is gone.
    if confirm && !exception.is_open(context.now) {
        context.object(Refusal::ExceptionNotAuthorised);
    }
    if case.destruction_began(id.into()) {
        context.object(Refusal::ShreddingStarted);
    }
    context.settle()?;
    let stream = StreamId::Case(case.id);
    if confirm {
        let authorised = ExceptionAuthorised { exception: id };
        return Ok(Decision::of(vec![context.event(stream, authorised)]));
    }
    let period = context.rules.organisation.withdrawn_kept_until(context.now);
    let known = exception.standing.shred_due();
    let shred_due = known.map_or(period, |due| due.min(period));
    let rejected = ExceptionRejected {
        exception: id,
        shred_due,
    };
    Ok(ended(context, &case, rejected, (id, shred_due)))
}

/// Ends an exception that nobody confirmed in time, or whose time is up.
pub(super) fn lapse(context: &mut Context<'_>, id: ExceptionId) -> Result<Decision, Refused> {
    let case = context.case()?;
    let exception = case.exceptions.get(&id);
    let exception = exception.ok_or_else(|| Refused::about(Refusal::NotFound, "exception"))?;
    if exception.standing != Standing::InForce {
        context.object(Refusal::NothingToDo);
    }
    if context.now < exception.lapses() {
        context.object(Refusal::NotDue);
    }
    context.settle()?;
    let shred_due = context.rules.organisation.withdrawn_kept_until(context.now);
    let lapsed = ExceptionLapsed {
        exception: id,
        shred_due,
    };
    Ok(ended(context, &case, lapsed, (id, shred_due)))
}

fn ended(
    context: &Context<'_>,
    case: &Case,
    event: impl Into<Event>,
    (id, shred_due): (ExceptionId, Timestamp),
) -> Decision {
    let mut ending = Ending::of(case);
    ending.end_exception(context, event, (id, shred_due));
    if shred_due <= context.now {
        ending.shred_at_once();
    }
    ending.stop_what_rested_on_it(context)
}

/// Which part of the scope is empty, or more than the minimum.
fn too_wide(scope: &Scope) -> Option<&'static str> {
    let minimal = |purpose: &Purpose| match purpose {
        Purpose::Record | Purpose::Referral => true,
        Purpose::FollowUp | Purpose::Feedback | Purpose::Statistics => false,
    };
    if scope.purposes.is_empty() || !scope.purposes.iter().all(minimal) {
        Some("scope.purposes")
    } else if scope.recipients.is_empty() {
        Some("scope.recipients")
    } else if scope.categories.is_empty() || scope.categories.len() > EXCEPTION_CATEGORIES_MAX {
        Some("scope.categories")
    } else {
        None
    }
}
