//! Directory files by name: mostly bad ones, the project's own, and the real one from Jordan.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test names what it expects and shows whatever else it got"
)]

use std::collections::BTreeSet;
use std::path::Path;

use ledger::domain::codes::{DataCategory, RecipientClass};
use serde_json::json;

use super::*;

const TODAY: Day = Day(20_000);
const SERVICE: &str = "148525f7-19de-4bc2-a0d0-ac1bcce99c9c";
const ORGANISATION: &str = "c50aec7b-2e22-4025-98b9-6055f253881c";

fn read(text: &str) -> (Vec<Found>, u64) {
    let owned = io::Cursor::new(text.as_bytes().to_vec());
    let mut reader = DirectoryReader::new(owned, TODAY);
    let mut all = Vec::new();
    while let Some(found) = reader.next_found().unwrap() {
        all.push(found);
    }
    (all, reader.unknown_fields())
}

fn record() -> Value {
    json!({
        "id": SERVICE,
        "name": "A service",
        "status": "active",
        "organization": {"id": ORGANISATION, "name": "An organisation", "description": "…"},
    })
}

/// The record with one field set to something, read alone.
fn with(field: &str, value: Value) -> Found {
    let mut record = record();
    record[field] = value;
    let (mut all, _) = read(&json!([record]).to_string());
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn entry(found: Found) -> ServiceEntry {
    match found {
        Found::Service(listed) => listed.entry,
        other => panic!("not a service: {other:?}"),
    }
}

fn problem(found: &Found) -> (&'static str, Option<&str>) {
    match found {
        Found::Refused(record) => (record.cause.code(), record.cause.about()),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn bad_records_are_refused_by_name() {
    let long = "x".repeat(20_000);
    let cases = [
        ("id", json!(null), "missing"),
        ("id", json!(7), "wrong_type"),
        ("name", json!(null), "missing"),
        ("name", json!("  "), "missing"),
        ("name", json!(long), "too_long"),
        ("name", json!("bell \u{7}"), "control_character"),
        ("name", json!("turned \u{202e}gnp.exe"), "control_character"),
        ("description", json!(["list"]), "wrong_type"),
        ("description", json!(long), "too_long"),
        ("status", json!(null), "missing"),
        ("status", json!("open"), "not_a_word"),
        ("status", json!("defunct"), "not_active"),
        ("organization", json!("IOCC"), "wrong_type"),
        ("assured_date", json!("01/01/2014"), "date_invalid"),
        ("assured_date", json!("2014-02-30"), "date_invalid"),
        ("assured_date", json!("1066-10-14"), "date_invalid"),
        ("assured_date", json!("9999-01-01"), "date_invalid"),
        ("minimum_age", json!("five"), "wrong_type"),
        ("schedules", json!({}), "wrong_type"),
        (
            "service_areas",
            json!(vec![json!({"name": "x"}); 65]),
            "too_many",
        ),
    ];
    for (field, value, code) in cases {
        assert_eq!(problem(&with(field, value)), (code, Some(field)));
    }
}

#[test]
fn bad_words_in_attributes_are_refused_rather_than_guessed() {
    for kind in ["recipient_class", "data_category", "visibility"] {
        let attributes = json!([{"link_type": kind, "value": "whatever"}]);
        let found = with("attributes", attributes);
        assert_eq!(problem(&found), ("not_a_word", Some(kind)));
    }
}

#[test]
fn a_record_without_an_organisation_is_refused() {
    let found = with("organization", json!(null));
    assert_eq!(problem(&found), ("missing", Some("organization_id")));
    let found = with("organization", json!({"name": "no id"}));
    assert_eq!(problem(&found), ("missing", Some("id")));
}

#[test]
fn a_refused_record_is_named_and_the_others_go_on() {
    let mut bad = record();
    bad["name"] = json!(null);
    let text = format!("[{},{{\"id\":}},7,{}]", bad, record());
    let (all, _) = read(&text);
    let Found::Refused(first) = &all[0] else {
        panic!("{all:?}");
    };
    assert_eq!(
        first.to_string(),
        format!("record 1 ({SERVICE}): missing (name)")
    );
    assert_eq!(problem(&all[1]).0, "not_json");
    assert_eq!(problem(&all[2]).0, "wrong_type");
    assert!(matches!(&all[3], Found::Service(listed) if listed.place == 4));
}

#[test]
fn an_id_that_is_not_a_uuid_is_never_repeated_in_a_report() {
    let mut bad = record();
    bad["id"] = json!("Mary, 0700 000000");
    bad["status"] = json!("defunct");
    let (all, _) = read(&bad.to_string());
    assert!(matches!(&all[0], Found::Refused(record) if record.id.is_none()));
}

#[test]
fn ids_are_stable_and_uuids_are_kept() {
    let own = with("id", json!(SERVICE.to_uppercase()));
    assert!(matches!(own, Found::Service(listed) if listed.service.to_string() == SERVICE));
    let derived_id = |id: Value| match with("id", id) {
        Found::Service(listed) => listed.service.to_string(),
        other => panic!("{other:?}"),
    };
    // Frozen: another rule would bring the same services in twice.
    assert_eq!(
        derived_id(json!("17")),
        "814ea916-bc2d-80d2-bd94-541cca8b1c3e"
    );
    assert_ne!(derived_id(json!("17")), derived_id(json!("18")));
}

#[test]
fn the_same_id_twice_is_a_repetition_another_service_or_a_contradiction() {
    let one = record();
    let mut renamed = record();
    renamed["name"] = json!("Another service");
    let mut contradicting = record();
    contradicting["description"] = json!("changed");
    let (all, _) = read(&json!([one, one, renamed, renamed, contradicting]).to_string());
    let Found::Service(other) = &all[2] else {
        panic!("{all:?}");
    };
    assert_ne!(other.service.to_string(), SERVICE);
    assert_eq!(all[1], Found::Repetition);
    assert_eq!(all[3], Found::Repetition);
    assert_eq!(problem(&all[4]), ("repeated", Some("id")));
}

#[test]
fn fields_are_mapped() {
    let text = json!({
        "id": SERVICE, "name": "A  service\n", "status": "temporarily closed",
        "organization_id": ORGANISATION, "strange": 1, "stranger": {},
        "minimum_age": 5, "maximum_age": 17, "eligibility_description": "Open to all",
        "languages": [{"name": "Arabic"}, {"code": "en"}, {"name": "Arabic"}],
        "cost_options": [{"option": "adult", "amount": 2.5, "currency": "jod"}],
        "fees_description": "free for children",
        "phones": [{"number": "+1 555 0100"}], "email": "help@a.invalid",
        "contacts": [{"name": "A Person", "email": "person@a.invalid", "department": "Desk"}],
        "schedules": [{"byday": "MO", "opens_at": "08:00", "closes_at": "12:00"}],
        "service_at_locations": [{"location": {"name": "House", "transportation": "bus 7",
            "addresses": [{"city": "Town"}], "accessibility": [{"description": "ramp"}]}}],
        "attributes": [
            {"link_type": "sector", "value": "HEALTH"},
            {"link_type": "recipient_class", "value": "asylum_authority"},
            {"link_type": "visibility", "value": "need_to_know"},
            {"link_type": "response_delay", "value": "one week"}],
    });
    let (mut all, unknown) = read(&text.to_string());
    let entry = entry(all.remove(0));
    assert_eq!(unknown, 2);
    assert_eq!(entry.name.0, "A service");
    assert_eq!(entry.eligibility.0, "Open to all");
    assert_eq!(entry.fees.0, "free for children");
    assert_eq!(entry.languages.len(), 2);
    assert_eq!(entry.schedules[0].0, "MO, 08:00 to 12:00");
    assert_eq!(entry.locations[0].0, "House, Town");
    assert_eq!(entry.accessibility.len(), 1);
    let details = &entry.details;
    assert_eq!(
        (details.minimum_age, details.maximum_age),
        (Some(5), Some(17))
    );
    assert_eq!(details.transport.0, "bus 7");
    assert_eq!(details.response_within[0].0, "one week");
    assert_eq!(entry.class, RecipientClass::AsylumAuthority);
    assert!(entry.confidential && !entry.accepts_referrals);
    assert!(entry.needs.contains(&DataCategory::Health));
    // People who can be reached there are people: neither their name nor their address comes in.
    assert_eq!(entry.contact.0, "+1 555 0100, help@a.invalid, Desk");
}

#[test]
fn right_to_left_and_combining_text_comes_in_unchanged() {
    for name in ["خدمات التعليم", "Dịch vụ giáo dục", "שירות", "e\u{301}cole"]
    {
        assert_eq!(entry(with("name", json!(name))).name.0, name);
    }
}

#[test]
fn the_services_we_wrote_ourselves_all_come_in() {
    let (all, unknown) = read(OWN_DIRECTORY);
    let entries: Vec<ServiceEntry> = all.into_iter().map(entry).collect();
    let organisations: BTreeSet<_> = entries.iter().map(|entry| entry.organisation).collect();
    assert_eq!((entries.len(), organisations.len(), unknown), (20, 8, 0));
    assert_eq!(entries.iter().filter(|entry| entry.confidential).count(), 2);
    assert_eq!(
        entries
            .iter()
            .filter(|entry| !entry.accepts_referrals)
            .count(),
        1
    );
    for entry in &entries {
        assert!(entry.description.0.contains("Invented"), "{}", entry.name.0);
        assert!(!entry.sectors.is_empty() && !entry.languages.is_empty());
        assert!(entry.assured_on.is_some() && !entry.how_to_refer.0.is_empty());
        assert!(entry.contact.0.contains(".invalid"), "{}", entry.name.0);
    }
}

#[test]
fn the_real_services_of_jordan_all_come_in() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("shared/data/services-jordan-2014.hsds.json"))
        .find(|path| path.is_file());
    let Some(path) = path else {
        println!("skipped: ../shared/data/services-jordan-2014.hsds.json is not here");
        return;
    };
    let text = std::fs::read_to_string(path).unwrap();
    let (all, unknown) = read(&text);
    let services: Vec<&Listed> = all
        .iter()
        .map(|found| match found {
            Found::Service(listed) => listed.as_ref(),
            other => panic!("{other:?}"),
        })
        .collect();
    let ids: BTreeSet<_> = services.iter().map(|listed| listed.service).collect();
    let organisations: BTreeSet<_> = services
        .iter()
        .map(|listed| listed.entry.organisation)
        .collect();
    let closed = services
        .iter()
        .filter(|listed| !listed.entry.accepts_referrals);
    assert_eq!((services.len(), ids.len()), (562, 562));
    assert_eq!((organisations.len(), closed.count(), unknown), (44, 87, 0));
    assert!(
        services
            .iter()
            .all(|listed| !listed.entry.sectors.is_empty())
    );
}
