//! Services of the directory, from the wire and onto it.
//!
//! - White space of published text is folded and lists say nothing twice, as when a file is
//!   imported, so that what is exported and imported again is the same entry.

use ledger::clock::Day;
use ledger::domain::directory::{AssessmentHow, Listing, Places, Service, ServiceDetails};
use ledger::domain::event::{PublicText, ServiceEntry};
use ledger::domain::fees::FeeOption;
use ledger::limits::{ASSESSED_PEOPLE_MAX, SERVICE_AGE_MAX, SERVICE_BYTES_MAX, SERVICE_PLACES_MAX};
use ledger::organisation::ServiceRules;
use ledger::refusal::{Refusal, Refused};
use proto::directory::v1 as wire;

use super::Checked;
use super::codes::{Code, code, numbers, optional, set};
use super::fees;
use super::field::{id, malformed, required, within_limit};
use super::text::{folded_line, folded_lines, public, public_name};
use super::time::{day, day_to_wire};

/// What the directory is to say of a service, and what it costs.
pub fn listing(service: &str, from: Option<wire::ServiceEntry>) -> Checked<Listing> {
    let service = id(service, "service_id")?;
    let from = required(from, "entry")?;
    let fees = fees::options(&from.cost_options, "entry.cost_options")?;
    let entry = entry(from)?;
    if fees::texts_bytes(&fees).saturating_add(entry.texts_bytes()) > SERVICE_BYTES_MAX {
        return Err(Refused::about(Refusal::TooLarge, "entry"));
    }
    Ok(Listing {
        service,
        entry,
        fees,
    })
}

fn entry(from: wire::ServiceEntry) -> Checked<ServiceEntry> {
    let assured_on = from.assured_on.as_deref();
    Ok(ServiceEntry {
        name: line(from.name, "entry.name")?,
        organisation: id(&from.organisation_id, "entry.organisation_id")?,
        organisation_name: line(from.organisation_name, "entry.organisation_name")?,
        class: code(from.recipient_class, "entry.recipient_class")?,
        sectors: list(from.sectors, "entry.sectors")?,
        description: text(from.description, "entry.description")?,
        locations: list(from.locations, "entry.locations")?,
        languages: list(from.languages, "entry.languages")?,
        eligibility: text(from.eligibility, "entry.eligibility")?,
        fees: text(from.fees, "entry.fees")?,
        schedules: list(from.schedules, "entry.schedules")?,
        documents: list(from.documents, "entry.documents")?,
        accessibility: list(from.accessibility, "entry.accessibility")?,
        how_to_refer: text(from.how_to_refer, "entry.how_to_refer")?,
        contact: text(from.contact, "entry.contact")?,
        accepts_referrals: from.accepts_referrals,
        needs: set(&from.needs, "entry.needs")?,
        assured_on: assured_on
            .map(|on| day(on, "entry.assured_on"))
            .transpose()?,
        confidential: from.confidential,
        details: details(from.details.unwrap_or_default())?,
    })
}

fn details(from: wire::ServiceDetails) -> Checked<ServiceDetails> {
    Ok(ServiceDetails {
        organisation_also: text(from.organisation_also, "entry.details.organisation_also")?,
        run_by: optional(from.run_by, "entry.details.run_by")?,
        focal_point: text(from.focal_point, "entry.details.focal_point")?,
        focal_contact: text(from.focal_contact, "entry.details.focal_contact")?,
        minimum_age: at_most(
            SERVICE_AGE_MAX,
            from.minimum_age,
            "entry.details.minimum_age",
        )?,
        maximum_age: at_most(
            SERVICE_AGE_MAX,
            from.maximum_age,
            "entry.details.maximum_age",
        )?,
        groups_served: list(from.groups_served, "entry.details.groups_served")?,
        groups_excluded: list(from.groups_excluded, "entry.details.groups_excluded")?,
        status_required: text(from.status_required, "entry.details.status_required")?,
        interpretation: text(from.interpretation, "entry.details.interpretation")?,
        transport: text(from.transport, "entry.details.transport")?,
        staff_genders: set(&from.staff_genders, "entry.details.staff_genders")?,
        referral_methods: set(&from.referral_methods, "entry.details.referral_methods")?,
        next_steps: list(from.next_steps, "entry.details.next_steps")?,
        response_within: list(from.response_within, "entry.details.response_within")?,
        feedback: list(from.feedback, "entry.details.feedback")?,
        feedback_within: list(from.feedback_within, "entry.details.feedback_within")?,
        data_use: text(from.data_use, "entry.details.data_use")?,
        mandatory_reporting: text(
            from.mandatory_reporting,
            "entry.details.mandatory_reporting",
        )?,
    })
}

/// How a service was assessed.
pub fn how(from: Option<wire::AssessmentHow>) -> Checked<AssessmentHow> {
    let from = from.unwrap_or_default();
    Ok(AssessmentHow {
        method: optional(from.method, "how.method")?,
        met: set(&from.met, "how.met")?,
        unmet: set(&from.unmet, "how.unmet")?,
        asked: at_most(ASSESSED_PEOPLE_MAX, from.asked, "how.asked")?,
        helped: at_most(ASSESSED_PEOPLE_MAX, from.helped, "how.helped")?,
    })
}

/// What a service says of its places.
pub fn places(from: Option<wire::Places>) -> Checked<Places> {
    let from = required(from, "places")?;
    Ok(Places {
        availability: code(from.availability, "places.availability")?,
        free: at_most(SERVICE_PLACES_MAX, from.free, "places.free")?,
        of: at_most(SERVICE_PLACES_MAX, from.of, "places.of")?,
        on: day(&from.on, "places.on")?,
    })
}

/// A service of the directory, as it stands today.
pub fn service(service: &Service, rules: ServiceRules, today: Day) -> wire::ServiceRecord {
    wire::ServiceRecord {
        service_id: service.id.to_string(),
        version: service.version,
        entry: Some(entry_to_wire(&service.entry, &service.fees)),
        assessment: service.assessment.number(),
        review_on: service.review_on.map(day_to_wire),
        retired: service.retired,
        how: Some(how_to_wire(&service.how)).filter(|how| *how != Default::default()),
        places: service.places.map(places_to_wire),
        due: service.is_due(today, rules.confirmed_since(today)),
        fees_version: service.fees_version,
    }
}

/// What the directory says of a service, and what it costs.
pub fn entry_to_wire(entry: &ServiceEntry, fees: &[FeeOption]) -> wire::ServiceEntry {
    wire::ServiceEntry {
        name: entry.name.0.clone(),
        organisation_id: entry.organisation.to_string(),
        organisation_name: entry.organisation_name.0.clone(),
        recipient_class: entry.class.number(),
        sectors: words(&entry.sectors),
        description: entry.description.0.clone(),
        locations: words(&entry.locations),
        languages: words(&entry.languages),
        eligibility: entry.eligibility.0.clone(),
        fees: entry.fees.0.clone(),
        schedules: words(&entry.schedules),
        documents: words(&entry.documents),
        accessibility: words(&entry.accessibility),
        how_to_refer: entry.how_to_refer.0.clone(),
        contact: entry.contact.0.clone(),
        accepts_referrals: entry.accepts_referrals,
        needs: numbers(&entry.needs),
        assured_on: entry.assured_on.map(day_to_wire),
        confidential: entry.confidential,
        details: Some(details_to_wire(&entry.details)),
        cost_options: fees::options_to_wire(fees),
    }
}

fn details_to_wire(details: &ServiceDetails) -> wire::ServiceDetails {
    wire::ServiceDetails {
        organisation_also: details.organisation_also.0.clone(),
        run_by: details.run_by.map(Code::number),
        focal_point: details.focal_point.0.clone(),
        focal_contact: details.focal_contact.0.clone(),
        minimum_age: details.minimum_age,
        maximum_age: details.maximum_age,
        groups_served: words(&details.groups_served),
        groups_excluded: words(&details.groups_excluded),
        status_required: details.status_required.0.clone(),
        interpretation: details.interpretation.0.clone(),
        transport: details.transport.0.clone(),
        staff_genders: numbers(&details.staff_genders),
        referral_methods: numbers(&details.referral_methods),
        next_steps: words(&details.next_steps),
        response_within: words(&details.response_within),
        feedback: words(&details.feedback),
        feedback_within: words(&details.feedback_within),
        data_use: details.data_use.0.clone(),
        mandatory_reporting: details.mandatory_reporting.0.clone(),
    }
}

fn how_to_wire(how: &AssessmentHow) -> wire::AssessmentHow {
    wire::AssessmentHow {
        method: how.method.map(Code::number),
        met: numbers(&how.met),
        unmet: numbers(&how.unmet),
        asked: how.asked,
        helped: how.helped,
    }
}

fn places_to_wire(places: Places) -> wire::Places {
    wire::Places {
        availability: places.availability.number(),
        free: places.free,
        of: places.of,
        on: day_to_wire(places.on),
    }
}

pub(super) fn words(list: &[PublicText]) -> Vec<String> {
    list.iter().map(|text| text.0.clone()).collect()
}

/// A published text of one line, which must say something.
pub(super) fn line(from: String, field: &str) -> Checked<PublicText> {
    let checked = public_name(from, field)?;
    Ok(PublicText(folded_line(&checked.0)))
}

/// A published text, which may be empty.
pub(super) fn text(from: String, field: &str) -> Checked<PublicText> {
    let checked = public(from, field)?;
    Ok(PublicText(folded_lines(&checked.0)))
}

/// A list of published lines, each of which must say something.
fn list(from: Vec<String>, field: &str) -> Checked<Vec<PublicText>> {
    within_limit(&from, field)?;
    let mut list = Vec::new();
    for (place, one) in from.into_iter().enumerate() {
        let one = line(one, &format!("{field}[{place}]"))?;
        if !list.contains(&one) {
            list.push(one);
        }
    }
    Ok(list)
}

fn at_most(max: u32, from: Option<u32>, field: &str) -> Checked<Option<u32>> {
    match from {
        Some(number) if number > max => Err(malformed(field)),
        number => Ok(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d3_more_places_or_people_than_there_can_be_are_refused_at_the_edge() {
        let said = |free, of| wire::Places {
            availability: 1,
            free,
            of,
            on: "2026-11-22".to_owned(),
        };
        let many = SERVICE_PLACES_MAX;
        assert!(places(Some(said(Some(many), Some(many)))).is_ok());
        for (free, of, field) in [
            (Some(many + 1), None, "places.free"),
            (None, Some(u32::MAX), "places.of"),
        ] {
            let refused = places(Some(said(free, of))).expect_err("too many");
            assert_eq!(refused.about.as_deref(), Some(field));
        }
        let asked = |asked, helped| wire::AssessmentHow {
            asked,
            helped,
            ..wire::AssessmentHow::default()
        };
        let many = ASSESSED_PEOPLE_MAX;
        assert!(how(Some(asked(Some(many), Some(many)))).is_ok());
        for (from, field) in [
            (asked(Some(many + 1), None), "how.asked"),
            (asked(None, Some(u32::MAX)), "how.helped"),
        ] {
            let refused = how(Some(from)).expect_err("too many");
            assert_eq!(refused.about.as_deref(), Some(field));
        }
    }
}
