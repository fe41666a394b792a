//! The register of processing activities as it goes out.

use ledger::retention::{Limit, RetentionRules};
use proto::audit::v1 as words;

use super::codes::{Code as _, numbers};
use super::time::to_wire;
use crate::api::processing::Processing;

/// The register, with the limits of the rules in force.
pub fn processing(
    register: Processing,
    rules: &RetentionRules,
    organisation_version: u32,
) -> words::GetProcessingResponse {
    let activities = register.activities.into_iter();
    let activities = activities.map(|(purpose, it)| words::ProcessingActivity {
        purpose: purpose.number(),
        basis: it.basis.map(|basis| basis.number()),
        categories: numbers(&it.categories),
        people: numbers(&it.people),
        recipient_ids: it.recipients.iter().map(ToString::to_string).collect(),
    });
    words::GetProcessingResponse {
        organisation_id: register.organisation.to_string(),
        as_of: Some(to_wire(register.as_of)),
        activities: activities.collect(),
        limits: rules.limits().map(limit).collect(),
        staff_months: rules.staff().months,
        measures: register.measures,
        organisation_version,
        retention_version: rules.version(),
    }
}

fn limit(limit: Limit<'_>) -> words::ProcessingLimit {
    words::ProcessingLimit {
        rule: limit.kept.name.clone(),
        months: limit.kept.months,
        categories: numbers(limit.categories),
        sensitivity: limit.sensitivity.map(|one| one.number()),
        age_group: limit.age_group.map(|one| one.number()),
    }
}
