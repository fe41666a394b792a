//! Reports that a law obliges to go by a prepared procedure whose safety assessment holds
//! (MISSION B5). It is asked when the exception is used, confirmed, and whenever something is
//! written or sent on it: what turned out to be unsafe is stopped by another file.

use std::collections::BTreeSet;

use super::context::{Context, about_category};
use crate::domain::case::Exception;
use crate::domain::codes::{DataCategory, ExceptionKind};
use crate::domain::directory::Service;
use crate::domain::exception::ProcedureId;
use crate::organisation::Procedure;
use crate::refusal::{Refusal, Refused};

/// Objects to a report that no procedure carries: none is named or known, nobody has assessed it
/// for safety lately, or it goes beyond it.
pub(super) fn check(
    context: &mut Context<'_>,
    (kind, named): (ExceptionKind, Option<&ProcedureId>),
    categories: &BTreeSet<DataCategory>,
) {
    if kind != ExceptionKind::LegalMandate {
        return;
    }
    match prepared(context, named) {
        Ok(procedure) => {
            if let Some(beyond) = categories.difference(&procedure.categories).next() {
                context.object(about_category(Refusal::ProcedureExceeded, *beyond));
            }
        }
        Err(refused) => context.object(refused),
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
    if exception.kind == ExceptionKind::LegalMandate {
        let elsewhere = prepared(context, exception.procedure())
            .is_ok_and(|procedure| !procedure.leads_to(service));
        context.object_if(elsewhere, Refusal::ProcedureExceeded, "service");
    }
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
