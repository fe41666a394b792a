//! What is over by the retention rules, as the dry run shows it.

use std::collections::BTreeSet;

use ledger::error::Fault;
use ledger::limits::VIEW_ROWS_MAX;
use proto::protection::v1 as wire;

use super::entry::hexadecimal;
use super::time::to_wire;
use crate::api::Reader;
use crate::api::retention::DueCase;

/// The dry run of the caller's organisation.
pub fn preview(reader: &Reader<'_>, due: &[DueCase]) -> Result<wire::PreviewSweepResponse, Fault> {
    let rules = reader.ledger.retention();
    let views = reader.views.read()?;
    let own = reader.caller.organisation;
    let pending = views.retention().sweeps();
    let pending = pending.filter(|(_, sweep)| sweep.organisation == own);
    let pending = pending.map(|(id, sweep)| wire::PendingSweep {
        sweep_id: id.to_string(),
        cases: sweep.cases,
        approved: sweep.approved,
        requested_at: Some(to_wire(sweep.requested)),
    });
    let cases =
        |meant: &dyn Fn(&DueCase) -> bool| count(due.iter().filter(|one| meant(one)).count());
    Ok(wire::PreviewSweepResponse {
        cases: cases(&DueCase::goes),
        keys: count(due.iter().map(DueCase::keys).sum()),
        held: cases(&|one| !one.plan.held.is_empty()),
        in_use: cases(&|one| one.plan.in_use),
        rules_version: rules.version(),
        rules_digest: hexadecimal(&rules.digest()),
        due: due.iter().take(VIEW_ROWS_MAX).map(due_case).collect(),
        pending: pending.collect(),
    })
}

fn due_case(one: &DueCase) -> wire::DueCase {
    let over = one.plan.due.iter();
    let rules: BTreeSet<String> = over.clone().map(|over| over.rule.clone()).collect();
    wire::DueCase {
        case_id: one.case.id.to_string(),
        touched_at: Some(to_wire(one.case.touched)),
        consent_ids: over.map(|over| over.consent.to_string()).collect(),
        rules: rules.into_iter().collect(),
        hold_ids: one.holds().iter().map(ToString::to_string).collect(),
        in_use: one.plan.in_use,
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
