//! Retention as callers see it: rules, holds, what is due, the dry run.

use std::collections::BTreeSet;

use ledger::clock::Timestamp;
use ledger::domain::apart::StandsApart;
use ledger::domain::case::Case;
use ledger::domain::codes::HoldReason;
use ledger::error::Fault;
use ledger::hex::hex;
use ledger::limits::VIEW_ROWS_MAX;
use ledger::retention::RetentionRules;
use proto::common::v1 as common;
use proto::protection::v1 as wire;

use super::time::to_wire;
use crate::api::retention::DueCase;
use crate::api::{Outcome, Reader};

/// The holds of a case.
pub fn holds(case: &Case, now: Timestamp) -> wire::ListHoldsResponse {
    let holds = case.holds.iter().map(|(id, hold)| wire::Hold {
        hold_id: id.to_string(),
        person_id: hold.person.map(|person| person.to_string()),
        reason: reason(hold.reason).into(),
        until: Some(to_wire(hold.until)),
        in_force: hold.is_in_force(now),
        release_asked: hold.release_asked.is_some(),
    });
    wire::ListHoldsResponse {
        holds: holds.collect(),
    }
}

/// The rules in force, and what the caller's organisation made of them.
pub fn rules(reader: &Reader<'_>) -> Outcome<wire::GetRetentionRulesResponse> {
    let rules = reader.retention_rules()?;
    let views = reader.views.read()?;
    let (view, own) = (views.retention(), reader.caller.organisation);
    Ok(wire::GetRetentionRulesResponse {
        version: rules.version(),
        digest: hex(&rules.digest()),
        rules: rules.text().to_owned(),
        let_loose: view.is_let_loose(own, rules.version()),
        clock_doubted_at: view.doubted(own).map(to_wire),
        last_sweep_at: view.last(own).map(to_wire),
        last_sweep_too_many: view.last_too_many(own),
    })
}

/// The dry run of the caller's organisation.
pub fn preview(
    reader: &Reader<'_>,
    due: &[DueCase],
    staff: usize,
) -> Result<wire::PreviewSweepResponse, Fault> {
    let rules = reader.ledger.retention();
    let views = reader.views.read()?;
    let own = reader.caller.organisation;
    let pending = views.retention().sweeps();
    let pending = pending.filter(|(_, sweep)| sweep.organisation == own);
    let pending = pending.map(|(id, sweep)| wire::PendingSweep {
        sweep_id: id.to_string(),
        cases: sweep.cases,
        approved: sweep.approved.is_some(),
        requested_at: Some(to_wire(sweep.requested)),
        rules_version: sweep.version,
    });
    let cases =
        |meant: &dyn Fn(&DueCase) -> bool| count(due.iter().filter(|one| meant(one)).count());
    let stays = |one: &&DueCase| one.plan.in_use || one.plan.asked || !one.plan.held.is_empty();
    let exceptions: Vec<&DueCase> = due.iter().filter(stays).collect();
    let left_out = exceptions.len().saturating_sub(VIEW_ROWS_MAX);
    Ok(wire::PreviewSweepResponse {
        cases: cases(&DueCase::goes),
        keys: count(due.iter().map(DueCase::keys).sum()),
        held: cases(&|one| !one.plan.held.is_empty()),
        in_use: cases(&|one| one.plan.in_use),
        asked: cases(&|one| one.plan.asked),
        rules_version: rules.version(),
        rules_digest: hex(&rules.digest()),
        exceptions: exceptions
            .into_iter()
            .take(VIEW_ROWS_MAX)
            .map(due_case)
            .collect(),
        exceptions_left_out: count(left_out),
        pending: pending.collect(),
        staff: count(staff),
        closes: cases(&|one| one.plan.closes.is_some()),
        unattended_cases_max: rules.unattended_cases_max(),
    })
}

/// A case in which something is over.
pub fn due_case(one: &DueCase) -> wire::DueCase {
    let over = one.plan.due.iter();
    let of_record = one.plan.closes.iter().map(|over| over.rule.clone());
    let rules = over.clone().map(|over| over.rule.clone());
    let rules: BTreeSet<String> = rules.chain(of_record).collect();
    wire::DueCase {
        case_id: one.case.id.to_string(),
        touched_at: Some(to_wire(one.case.touched)),
        consent_ids: over.map(|over| over.consent.to_string()).collect(),
        rules: rules.into_iter().collect(),
        hold_ids: one.plan.held.iter().map(ToString::to_string).collect(),
        in_use: one.plan.in_use,
        asked: one.plan.asked,
        keys: count(one.keys()),
        closes: one.plan.closes.is_some(),
    }
}

/// When something that stands apart from cases ends by the rules.
pub fn end_by_rule(it: &StandsApart<'_>, rules: &RetentionRules) -> common::EndByRule {
    let end = rules.apart_end(it);
    common::EndByRule {
        words_end_at: end.words.map(|over| to_wire(over.since)),
        ends_at: end.record.map(|over| to_wire(over.since)),
        held_until: end.held_until.map(to_wire),
    }
}

fn reason(reason: HoldReason) -> wire::HoldReason {
    match reason {
        HoldReason::LegalOrder => wire::HoldReason::LegalOrder,
        HoldReason::LegalClaim => wire::HoldReason::LegalClaim,
        HoldReason::Complaint => wire::HoldReason::Complaint,
        HoldReason::Investigation => wire::HoldReason::Investigation,
        HoldReason::Audit => wire::HoldReason::Audit,
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
