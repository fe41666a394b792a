//! Writes a service of the directory in the field's open standard, Open Referral HSDS 3, with our
//! profile of it (MISSION D6).
//!
//! - What HSDS has a place for stands there; what it lacks stands in one property of ours,
//!   `safe_referral`, that the profile adds to a service by a JSON merge patch (RFC 7386):
//!   [`PROFILE_PATCH`]. Readers of plain HSDS pass it over.
//! - What is written comes in again as the very same entry. Assessments and places are told, for
//!   people to read; an import does not take them over: each organisation looks for itself.
//! - Of a confidential entry only who may be asked is written, unless the whole is asked for; what
//!   is left of it says that it was redacted, and does not come in again (MISSION D3).

use ledger::domain::codes::*;
use ledger::domain::ids::ServiceId;
use proto::directory::v1::{Places, ServiceDetails, ServiceEntry, ServiceRecord};
use serde_json::{Map, Value, json};

use super::derived;
use super::details::PROFILE;
use super::fees;
use crate::wire::codes::Code;

/// What our profile adds to the standard's `service.json`.
pub const PROFILE_PATCH: &str = include_str!("../../data/hsds-profile/service.json");

/// A service as HSDS 3 writes it; nothing if the record holds no entry.
pub fn hsds(record: &ServiceRecord, whole: bool) -> Option<Value> {
    let entry = record.entry.as_ref()?;
    let none = ServiceDetails::default();
    let details = entry.details.as_ref().unwrap_or(&none);
    let to = Writer {
        service: &record.service_id,
        redacted: entry.confidential && !whole,
    };
    let mut service = said(json!({
        "id": record.service_id,
        "name": entry.name,
        "status": "active",
        "organization": said(json!({
            "id": entry.organisation_id,
            "name": entry.organisation_name,
            "description": entry.organisation_name,
            "alternate_name": details.organisation_also,
        })),
        "minimum_age": details.minimum_age,
        "maximum_age": details.maximum_age,
        "assured_date": entry.assured_on,
        "languages": to.each("language", "name", &entry.languages),
        "attributes": to.sectors(&entry.sectors),
        "contacts": to.focal_point(details),
        "capacities": to.capacities(record.places.as_ref()),
    }));
    if !to.redacted {
        let more = said(json!({
            "description": entry.description,
            "eligibility_description": entry.eligibility,
            "fees_description": entry.fees,
            "application_process": entry.how_to_refer,
            "interpretation_services": details.interpretation,
            "cost_options": fees::written(&entry.cost_options, |place| to.id("cost", place)),
            "schedules": to.each("schedule", "description", &entry.schedules),
            "required_documents": to.each("document", "document", &entry.documents),
            "service_at_locations": to.locations(entry, details),
        }));
        service.extend(more);
    }
    service.insert(PROFILE.to_owned(), to.profile(record, entry, details));
    Some(Value::Object(service))
}

struct Writer<'a> {
    service: &'a str,
    redacted: bool,
}

impl Writer<'_> {
    /// HSDS wants an id for every part; the same part has the same id in every export.
    fn id(&self, kind: &str, place: usize) -> String {
        let place = place.to_string();
        ServiceId(derived(&[self.service, kind, &place])).to_string()
    }

    fn each(&self, kind: &str, field: &str, texts: &[String]) -> Value {
        let parts = texts.iter().enumerate();
        let parts = parts.map(|(place, text)| json!({ "id": self.id(kind, place), field: text }));
        parts.collect()
    }

    fn sectors(&self, sectors: &[String]) -> Value {
        let attribute = |(place, sector)| {
            json!({
                "id": self.id("sector", place),
                "link_id": self.service,
                "link_entity": "service",
                "link_type": "sector",
                "value": sector,
            })
        };
        sectors.iter().enumerate().map(attribute).collect()
    }

    /// Physical access and transport are of a location in HSDS: they stand with the first.
    fn locations(&self, entry: &ServiceEntry, details: &ServiceDetails) -> Value {
        let mut names: Vec<&str> = entry.locations.iter().map(String::as_str).collect();
        let access = !entry.accessibility.is_empty() || !details.transport.is_empty();
        if names.is_empty() && access {
            names.push("");
        }
        let at = |(place, name): (usize, &str)| {
            let mut location = said(json!({
                "id": self.id("location", place),
                "location_type": "physical",
                "name": name,
            }));
            if place == 0 {
                location.extend(said(json!({
                    "transportation": details.transport,
                    "accessibility": self.each("access", "description", &entry.accessibility),
                })));
            }
            json!({ "id": self.id("at", place), "location": location })
        };
        names.into_iter().enumerate().map(at).collect()
    }

    fn focal_point(&self, details: &ServiceDetails) -> Value {
        if details.focal_point.is_empty() {
            return Value::Null;
        }
        json!([{ "id": self.id("contact", 0), "title": details.focal_point }])
    }

    /// HSDS 3.1; a reader of 3.0 passes it over.
    fn capacities(&self, places: Option<&Places>) -> Value {
        let Some((places, free)) = places.and_then(|places| Some((places, places.free?))) else {
            return Value::Null;
        };
        json!([said(json!({
            "id": self.id("capacity", 0),
            "unit": { "id": self.id("unit", 0), "name": "places" },
            "available": free,
            "maximum": places.of,
            "updated": format!("{}T00:00:00Z", places.on),
            "description": word::<Availability>(places.availability),
        }))])
    }

    fn profile(
        &self,
        record: &ServiceRecord,
        entry: &ServiceEntry,
        details: &ServiceDetails,
    ) -> Value {
        let visibility = match (entry.confidential, self.redacted) {
            (false, _) => "public",
            (true, false) => "need_to_know",
            (true, true) => "redacted",
        };
        let mut profile = said(json!({
            "visibility": visibility,
            "recipient_class": word::<RecipientClass>(entry.recipient_class),
            "accepts_referrals": entry.accepts_referrals,
            "run_by": details.run_by.and_then(word::<RunBy>),
            "focal_point": details.focal_point,
            "focal_contact": details.focal_contact,
            "staff_genders": words::<StaffGender>(&details.staff_genders),
            "referral_methods": words::<ReferralMethod>(&details.referral_methods),
            "assessment": assessment(record),
            "availability": record.places.as_ref().map(|places| json!({
                "state": word::<Availability>(places.availability),
                "on": places.on,
            })),
        }));
        // Even an empty list says something: a referral there carries nothing.
        let needs = words::<DataCategory>(&entry.needs);
        profile.insert("data_categories".to_owned(), needs);
        if !self.redacted {
            profile.extend(said(json!({
                "contact": entry.contact,
                "fee_payers": fees::payers(&entry.cost_options, |place| self.id("cost", place)),
                "groups_served": details.groups_served,
                "groups_excluded": details.groups_excluded,
                "status_required": details.status_required,
                "next_steps": details.next_steps,
                "response_within": details.response_within,
                "feedback": details.feedback,
                "feedback_within": details.feedback_within,
                "data_use": details.data_use,
                "mandatory_reporting": details.mandatory_reporting,
            })));
        }
        Value::Object(profile)
    }
}

fn assessment(record: &ServiceRecord) -> Value {
    let how = record.how.clone().unwrap_or_default();
    let said = said(json!({
        "result": word::<Assessment>(record.assessment),
        "review_on": record.review_on,
        "method": how.method.and_then(word::<AssessmentMethod>),
        "met": words::<Criterion>(&how.met),
        "unmet": words::<Criterion>(&how.unmet),
        "asked": how.asked,
        "helped": how.helped,
    }));
    Value::Object(said)
}

fn word<C: Code>(number: i32) -> Option<String> {
    C::wire_word(number)
}

fn words<C: Code>(numbers: &[i32]) -> Value {
    numbers.iter().filter_map(|one| word::<C>(*one)).collect()
}

/// The fields that say something: not null, not an empty text or list.
pub(super) fn said(fields: Value) -> Map<String, Value> {
    let says = |value: &Value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    };
    match fields {
        Value::Object(fields) => fields.into_iter().filter(|(_, it)| says(it)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    }
}
