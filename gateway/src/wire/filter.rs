//! Filters of lists: which referrals, which services.

use std::collections::BTreeSet;

use ledger::clock::Day;
use ledger::organisation::ServiceRules;
use projections::directory::Search;
use proto::directory::v1::SearchServicesRequest;
use proto::tracking::v1::ReferralFilter;

use super::Checked;
use super::codes::{optional, set};
use super::field::optional_id;
use super::text::query;
use crate::api::worklist::Filter;

/// Which referrals.
pub fn referrals(from: Option<ReferralFilter>) -> Checked<Filter> {
    let from = from.unwrap_or_default();
    let states: BTreeSet<_> = set(&from.states, "filter.states")?;
    Ok(Filter {
        states,
        case: optional_id(from.case_id.as_deref(), "filter.case_id")?,
        organisation: optional_id(from.organisation_id.as_deref(), "filter.organisation_id")?,
        recipient: optional_id(from.recipient_id.as_deref(), "filter.recipient_id")?,
        service: optional_id(from.service_id.as_deref(), "filter.service_id")?,
        assigned: optional_id(from.assigned_id.as_deref(), "filter.assigned_id")?,
        urgencies: set(&from.urgencies, "filter.urgencies")?,
        late_only: from.late_only,
        open_only: from.open_only,
        escalated_only: from.escalated_only,
        follow_up_due_only: from.follow_up_due_only,
        specialist_only: from.specialist_only,
    })
}

/// Which services; the page and whether confidential ones show are said elsewhere.
pub fn services(from: SearchServicesRequest, rules: ServiceRules, today: Day) -> Checked<Search> {
    let since = rules.confirmed_since(today);
    let line = |text: Option<String>, field: &str| text.map(|text| query(text, field)).transpose();
    Ok(Search {
        text: query(from.text, "text")?,
        need: optional(from.need, "need")?,
        sector: line(from.sector, "sector")?,
        area: line(from.location, "location")?,
        language: line(from.language, "language")?,
        organisation: optional_id(from.organisation_id.as_deref(), "organisation_id")?,
        accepts_referrals: from.accepting_only.then_some(true),
        assessment: optional(from.assessment, "assessment")?,
        due: from.due_only.then_some((today, since)),
        retired: from.include_retired,
        confidential: false,
        community: from.community_edition,
        after: None,
    })
}
