//! The two exceptions to confidentiality (MISSION B5): minimum data, temporary, a second person.

use super::context::Context;
use super::withdrawal::Ending;
use super::{Decision, NewPersonal};
use crate::domain::codes::{ExceptionKind, ExceptionReason, Purpose};
use crate::domain::event::{ExceptionAuthorised, ExceptionInvoked, ExceptionRejected};
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
        authorise_by: context.now.plus_ms(context.rules.exception_authorise_ms),
        expires: context.now.plus_ms(context.rules.exception_valid_ms),
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
    // What is over is not confirmed after the fact; that it was wrong can always be said.
    if confirm && exception.expires <= context.now {
        context.object(Refusal::ExceptionNotAuthorised);
    }
    context.settle()?;
    let stream = StreamId::Case(case.id);
    if confirm {
        let authorised = ExceptionAuthorised { exception: id };
        return Ok(Decision::of(vec![context.event(stream, authorised)]));
    }
    let mut ending = Ending::of(&case);
    ending.push(context.event(stream, ExceptionRejected { exception: id }));
    ending.reject(id);
    Ok(ending.stop_what_rested_on_it(context))
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
