//! Exceptions by themselves, reviews and procedures on the wire: no names of anybody.

use std::collections::BTreeMap;

use ledger::clock::{Day, Timestamp};
use ledger::domain::codes::Training;
use ledger::domain::exception::ProcedureId;
use ledger::organisation::{Organisation, Procedure, ReportedTo};
use projections::given::Left;
use proto::audit::v1::{ExceptionEntry, SentOnException};
use proto::consent::v1::ReportingProcedure;
use proto::tracking::v1::ReviewDue;

use super::codes::{Code, numbers};
use super::time::{day_to_wire, to_wire};
use crate::api::exceptions::{Due, Listed};

/// An exception as an auditor sees it.
pub fn entry(listed: &Listed, file: &Organisation, now: Timestamp) -> ExceptionEntry {
    let used = &listed.used;
    let terms = used.terms.as_ref();
    let procedure = terms.and_then(|it| it.procedure.as_ref());
    let known = procedure.and_then(|id| file.exceptions.procedures.get(id));
    let decided = used.decided;
    let after = decided.map(|(_, at)| at.0.saturating_sub(used.invoked.0) / MINUTE_MS);
    let reviewed = used.reviewed.as_ref();
    ExceptionEntry {
        exception_id: used.exception.to_string(),
        case_id: used.case.to_string(),
        kind: used.kind.number(),
        reason: used.reason.number(),
        procedure: procedure.map(ToString::to_string).unwrap_or_default(),
        law: known.map(|it| it.law.clone()).unwrap_or_default(),
        organisation_version: terms.map(|it| it.file),
        state: used.state(now).number(),
        invoked_at: Some(to_wire(used.invoked)),
        authorise_by: Some(to_wire(used.authorise_by)),
        decided_at: decided.map(|(_, at)| to_wire(at)),
        confirmed: decided.map(|(confirmed, _)| confirmed),
        decided_after_minutes: after,
        decided_late: used.decided_late(now),
        expires_at: Some(to_wire(used.expires)),
        sent: listed.left.iter().map(sent).collect(),
        acted_first: listed.acted_first(),
        report_by: terms.and_then(|it| it.report_by).map(to_wire),
        report_late: listed.report_late(now),
        told: used.told.map(|(told, _, _)| told.number()),
        told_by: used.told.and_then(|(_, by, _)| by).map(|by| by.number()),
        told_at: used.told.map(|(_, _, at)| to_wire(at)),
        review_by: terms.map(|it| to_wire(it.review_by)),
        reviewed_at: reviewed.map(|(_, _, at)| to_wire(*at)),
        found: reviewed.map(|(found, _, _)| found.number()),
        measures: reviewed.map(|(_, all, _)| numbers(all)).unwrap_or_default(),
        reviewed_late: used.reviewed_late(now),
        acted_without: numbers::<Training>(&used.without),
    }
}

fn sent(left: &Left) -> SentOnException {
    SentOnException {
        recipient_id: left.recipient.to_string(),
        service_id: left.service.map(|id| id.to_string()),
        categories: numbers(&left.categories),
        channel: left.channel.number(),
        at: Some(to_wire(left.at())),
    }
}

/// Something that somebody else is to do.
pub fn review(due: &Due) -> ReviewDue {
    ReviewDue {
        step: due.step.number(),
        case_id: due.case.to_string(),
        client_code: due.code.map(|code| code.to_string()).unwrap_or_default(),
        exception_id: due.exception.map(|(id, _)| id.to_string()),
        kind: due.exception.map(|(_, kind)| kind.number()),
        referral_id: due.referral.map(|id| id.to_string()),
        since: Some(to_wire(due.since)),
        due: Some(to_wire(due.place.due)),
        late: due.late,
        escalated_to: due.escalated_to.map(|role| role.number()),
    }
}

/// The prepared procedures, and whether each may be gone by today.
pub fn procedures(all: &BTreeMap<ProcedureId, Procedure>, today: Day) -> Vec<ReportingProcedure> {
    let procedure = |(id, it): (&ProcedureId, &Procedure)| {
        let (service, class) = match it.to {
            ReportedTo::Service(service) => (Some(service.to_string()), None),
            ReportedTo::Class(class) => (None, Some(class.number())),
        };
        ReportingProcedure {
            procedure: id.to_string(),
            service_id: service,
            class,
            law: it.law.clone(),
            categories: numbers(&it.categories),
            within: it.within_words.clone(),
            assessed_on: day_to_wire(it.assessed_on),
            assess_again_on: day_to_wire(it.assess_again_on),
            usable: it.is_assessed(today),
            steps: it.steps.clone(),
        }
    };
    all.iter().map(procedure).collect()
}

const MINUTE_MS: u64 = 60_000;
