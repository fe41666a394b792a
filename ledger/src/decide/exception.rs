//! The two exceptions to confidentiality (MISSION B5): minimum data, temporary, a second person.

use super::context::Context;
use super::ending::Ending;
use super::{Decision, NewPersonal, contact, procedure};
use crate::clock::Timestamp;
use crate::domain::case::{Case, Exception, Standing};
use crate::domain::codes::*;
use crate::domain::event::{
    Event, ExceptionAuthorised, ExceptionInvoked, ExceptionLapsed, ExceptionRejected,
    ExceptionReviewed, ExceptionTermsSet, ToldOfException,
};
use crate::domain::exception::{ProcedureId, Reviewing, Telling, TellingOf};
use crate::domain::ids::{ExceptionId, StaffId};
use crate::domain::personal::{Personal, Text};
use crate::domain::scope::Scope;
use crate::domain::stream::StreamId;
use crate::limits::EXCEPTION_CATEGORIES_MAX;
use crate::refusal::{Refusal, Refused};

/// Uses an exception. It needs no consent and no documentation: who cannot respond is helped first.
pub(super) fn invoke(
    context: &mut Context<'_>,
    (kind, reason, procedure): (ExceptionKind, ExceptionReason, Option<ProcedureId>),
    scope: Scope,
    told: Option<Telling>,
    note: Text,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    // Acting first is for once: whose last exception was rejected, or decided by nobody in time,
    // asks somebody else, for as long as that one would have lasted.
    let caller = context.calling();
    let by_one_person = |by: Option<StaffId>| match (&caller, by) {
        (Some(caller), Some(by)) => caller.is_one_with(by, context.now),
        (_, by) => by == context.by.actor.staff(),
    };
    let unconfirmed = case.exceptions.values().any(|earlier| {
        by_one_person(earlier.invoked_by)
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
    procedure::check(context, (kind, procedure.as_ref()), &scope.categories);
    if let Some(telling) = told {
        check_contact(context, &case, telling);
    }
    context.settle()?;
    let exception = ExceptionId::fresh(context.entropy);
    let invoked = ExceptionInvoked {
        exception,
        person: case.client,
        kind,
        reason,
        scope,
        told: told.is_some_and(|it| it.told == ExceptionTold::Before),
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
    let stream = StreamId::Case(case.id);
    let mut events = vec![context.event_with(stream, invoked, vec![reasons])];
    let terms = terms(context, exception, procedure);
    events.push(context.event(stream, terms));
    events.extend(told.map(|it| context.event(stream, told_of(exception, it))));
    Ok(Decision::of(events))
}

/// A second person confirms an exception or does not; authorising made sure that it is another.
pub(super) fn decide(
    context: &mut Context<'_>,
    id: ExceptionId,
    confirm: bool,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    let exception = exception_of(&case, id)?;
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
    if confirm {
        let named = (exception.kind, exception.procedure());
        procedure::check(context, named, &exception.scope.categories);
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

/// Records whether the person was told, and again when more is known: who could not be told yet may
/// be told later, and who was told is not untold.
pub(super) fn tell(context: &mut Context<'_>, it: &TellingOf) -> Result<Decision, Refused> {
    let case = context.case()?;
    let exception = exception_of(&case, it.exception)?;
    if exception
        .told
        .is_some_and(|told| told.is_told() || told == it.telling)
    {
        context.object(Refusal::NothingToDo);
    }
    check_contact(context, &case, it.telling);
    context.settle()?;
    let told = told_of(it.exception, it.telling);
    let event = context.event(StreamId::Case(case.id), told);
    Ok(Decision::of(vec![event]))
}

/// A third person says what came of looking at an exception; authorising made sure that it is one.
/// That its keys are gone by then changes nothing: the review is about what was decided.
pub(super) fn review(context: &mut Context<'_>, it: Reviewing) -> Result<Decision, Refused> {
    let case = context.case()?;
    let exception = exception_of(&case, it.exception)?;
    if exception.reviewed.is_some() {
        context.object(Refused::about(Refusal::ExceptionDecided, "review"));
    }
    if exception.is_undecided(context.now) {
        context.object(Refusal::ExceptionUndecided);
    }
    context.settle()?;
    let reviewed = ExceptionReviewed {
        exception: it.exception,
        outcome: it.outcome,
        measures: it.measures,
    };
    let event = context.event(StreamId::Case(case.id), reviewed);
    Ok(Decision::of(vec![event]))
}

fn exception_of(case: &Case, id: ExceptionId) -> Result<&Exception, Refused> {
    let exception = case.exceptions.get(&id);
    exception.ok_or_else(|| Refused::about(Refusal::NotFound, "exception"))
}

/// Somebody who was met in person can be told; any other way only as they agreed (MISSION B10).
fn check_contact(context: &mut Context<'_>, case: &Case, it: Telling) {
    let afterwards = matches!(it.told, ExceptionTold::After | ExceptionTold::NotReached);
    if let Some(channel) = it.channel.filter(|one| *one != Channel::InPerson)
        && afterwards
    {
        let attempted = FollowUpOutcome::Answered;
        contact::needs_safe(context, case, (case.client, channel), attempted);
    }
}

fn told_of(exception: ExceptionId, it: Telling) -> ToldOfException {
    ToldOfException {
        exception,
        told: it.told,
        channel: it.channel,
    }
}

fn terms(
    context: &Context<'_>,
    exception: ExceptionId,
    procedure: Option<ProcedureId>,
) -> ExceptionTermsSet {
    let file = &context.rules.organisation;
    let gone_by = procedure.as_ref();
    let gone_by = gone_by.and_then(|id| file.exceptions.procedures.get(id));
    ExceptionTermsSet {
        exception,
        file: file.version(),
        report_by: gone_by.map(|it| file.reported_by(it, context.now)),
        review_by: file.reviewed_by(context.now),
        procedure,
    }
}

/// Ends an exception that nobody confirmed in time, or whose time is up.
pub(super) fn lapse(context: &mut Context<'_>, id: ExceptionId) -> Result<Decision, Refused> {
    let case = context.case()?;
    let exception = exception_of(&case, id)?;
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
