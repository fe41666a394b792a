//! Reports that a law obliges to go by a prepared procedure whose safety assessment holds
//! (MISSION B5). It is asked when the exception is used, confirmed, and whenever something is
//! written or sent on it: what turned out to be unsafe is stopped by another file.

use std::collections::BTreeSet;

use super::age::Asked;
use super::context::{Context, about_category};
use super::cover::{self, Disclosure};
use crate::domain::case::{Case, Exception, Referral};
use crate::domain::codes::{DataCategory, ExceptionKind};
use crate::domain::directory::Service;
use crate::domain::exception::ProcedureId;
use crate::domain::ids::{ExceptionId, GroundId};
use crate::organisation::Procedure;
use crate::refusal::{Refusal, Refused};

/// Objects to a report that no procedure carries: none is named or known, nobody has assessed it
/// for safety lately, or it goes beyond it.
pub(super) fn check(
    context: &mut Context<'_>,
    (kind, named): (ExceptionKind, Option<&ProcedureId>),
    categories: &BTreeSet<DataCategory>,
) {
    if let Some(refused) = kept_back(context, (kind, named), categories) {
        context.object(refused);
    }
}

/// The same of what goes to a service on an exception.
pub(super) fn check_service(
    context: &mut Context<'_>,
    exception: &Exception,
    service: &Service,
    categories: &BTreeSet<DataCategory>,
) {
    check(context, (exception.kind, exception.procedure()), categories);
    let elsewhere = leads_elsewhere(context, exception, service);
    context.object_if(elsewhere, Refusal::ProcedureExceeded, "service");
}

/// Of the exceptions that cover what goes to a service, the one that it goes on: what was written
/// on comes before the others, and what no procedure keeps back before all that one does. Objects
/// to what keeps the first of them back only where nothing carries.
pub(super) fn go_on(
    context: &mut Context<'_>,
    mut covering: Vec<(GroundId, &Exception)>,
    written_on: GroundId,
    (service, categories): (&Service, &BTreeSet<DataCategory>),
) -> Vec<GroundId> {
    covering.sort_by_key(|(id, _)| *id != written_on);
    if let Some(id) = first_free(context, &covering, (service, categories)) {
        return vec![id];
    }
    let first = covering.first();
    if let Some((_, exception)) = first {
        check_service(context, exception, service, categories);
    }
    first.map(|(id, _)| *id).into_iter().collect()
}

/// The exception that sending a referral now would name; none where consent carries it, and where
/// nothing does.
pub(super) fn sent_on(
    context: &Context<'_>,
    case: &Case,
    service: &Service,
    referral: &Referral,
) -> Option<GroundId> {
    let disclosure = Disclosure {
        recipient: referral.recipient,
        class: Some(service.entry.class),
        categories: &referral.categories,
        asked: Asked::of(case, context.now, &context.rules.organisation),
    };
    let basis = cover::cover(case, &disclosure, None, context.now).ok()?;
    let excepted = |ground: &GroundId| case.exceptions.contains_key(&ExceptionId(ground.0));
    if !basis.iter().any(excepted) {
        return None;
    }
    let mut covering = cover::carrying(case, &disclosure, context.now);
    covering.sort_by_key(|(id, _)| *id != referral.content);
    first_free(context, &covering, (service, &referral.categories))
}

fn first_free(
    context: &Context<'_>,
    covering: &[(GroundId, &Exception)],
    (service, categories): (&Service, &BTreeSet<DataCategory>),
) -> Option<GroundId> {
    let mut free = covering.iter().filter(|(_, exception)| {
        carries(context, exception, categories) && !leads_elsewhere(context, exception, service)
    });
    free.next().map(|(id, _)| *id)
}

/// Whether these kinds of data may go on an exception, as far as its procedure says so.
pub(super) fn carries(
    context: &Context<'_>,
    exception: &Exception,
    categories: &BTreeSet<DataCategory>,
) -> bool {
    kept_back(context, (exception.kind, exception.procedure()), categories).is_none()
}

fn kept_back(
    context: &Context<'_>,
    (kind, named): (ExceptionKind, Option<&ProcedureId>),
    categories: &BTreeSet<DataCategory>,
) -> Option<Refused> {
    if kind != ExceptionKind::LegalMandate {
        return None;
    }
    let procedure = match prepared(context, named) {
        Ok(procedure) => procedure,
        Err(refused) => return Some(refused),
    };
    let mut beyond = categories.difference(&procedure.categories);
    let beyond = beyond.next()?;
    Some(about_category(Refusal::ProcedureExceeded, *beyond))
}

fn leads_elsewhere(context: &Context<'_>, exception: &Exception, service: &Service) -> bool {
    exception.kind == ExceptionKind::LegalMandate
        && prepared(context, exception.procedure())
            .is_ok_and(|procedure| !procedure.leads_to(service))
}

/// The procedure of this name, if it may be gone by today.
pub(super) fn prepared<'a>(
    context: &Context<'a>,
    named: Option<&ProcedureId>,
) -> Result<&'a Procedure, Refused> {
    let procedures = &context.rules.organisation.exceptions.procedures;
    let known = named.and_then(|id| procedures.get(id));
    let known = known.ok_or_else(|| Refused::about(Refusal::ProcedureMissing, "procedure"))?;
    if known.is_assessed(context.now.day()) {
        return Ok(known);
    }
    let ended = known.assess_again_on.start().to_rfc3339();
    // The day alone, without the time of day.
    let day = ended.split('T').next().unwrap_or_default();
    Err(Refused::about(Refusal::ProcedureNotAssessed, day))
}
