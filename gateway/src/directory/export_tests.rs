//! What is exported is HSDS, comes in again as it was, and gives no shelter away.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ledger::domain::codes::*;
use ledger::domain::directory::{AssessmentHow, Places, Service, ServiceDetails};
use ledger::domain::fees::{Currency, Money};
use ledger::domain::ids::OrganisationId;
use ledger::organisation::Organisation;
use serde_json::json;

use super::*;
use crate::wire::service::service as on_the_wire;

const TODAY: Day = Day(20_000);

fn listed(text: &str) -> Vec<Listed> {
    let owned = io::Cursor::new(text.as_bytes().to_vec());
    let mut reader = DirectoryReader::new(owned, TODAY);
    let mut all = Vec::new();
    while let Some(found) = reader.next_found().unwrap() {
        match found {
            Found::Service(listed) => all.push(*listed),
            Found::Repetition => {}
            Found::Refused(refused) => panic!("{refused}"),
        }
    }
    assert_eq!(reader.unknown_fields(), 0);
    all
}

fn exported(service: &Service, whole: bool) -> Value {
    let rules = Organisation::default().services;
    hsds(&on_the_wire(service, rules, TODAY), whole).unwrap()
}

fn services(text: &str) -> Vec<Service> {
    let all = listed(text).into_iter();
    all.map(|it| Service {
        fees: it.fees,
        ..Service::of(it.service, 1, it.entry)
    })
    .collect()
}

/// A price of each kind of payer, exact and in words, with and without days.
fn prices() -> Vec<FeeOption> {
    let money = |amount, code| Money::written(amount, Currency::of(code).unwrap());
    let price = |payer, option, amount| FeeOption {
        payer,
        option: public(option),
        amount,
        amount_description: public(""),
        valid_from: None,
        valid_to: None,
    };
    let until = FeeOption {
        valid_from: Some(Day(19_000)),
        valid_to: Some(Day(30_000)),
        amount_description: public("per visit"),
        ..price(FeePayer::Person, "adults", money("2.505", "JOD"))
    };
    let words = FeeOption {
        amount_description: public("by donation"),
        ..price(FeePayer::Person, "", None)
    };
    vec![
        price(FeePayer::Free, "children", None),
        price(FeePayer::Free, "", None),
        price(FeePayer::Free, "elderly", money("0", "USD")),
        until,
        words,
        price(
            FeePayer::SendingOrganisation,
            "",
            money("9999999999.99", "USD"),
        ),
        price(FeePayer::Funder, "", money("7", "XOF")),
    ]
}

fn public(words: &str) -> PublicText {
    PublicText(words.to_owned())
}

/// A service of which everything is said that can be said.
fn full() -> Service {
    let lines = |words: &str| vec![public(words), public(&format!("{words} two"))];
    let details = ServiceDetails {
        organisation_also: public("HLA"),
        run_by: Some(RunBy::Community),
        focal_point: public("Intake desk"),
        focal_contact: public("intake@harbour.invalid"),
        minimum_age: Some(12),
        maximum_age: Some(17),
        groups_served: lines("served"),
        groups_excluded: lines("excluded"),
        status_required: public("none"),
        interpretation: public("by phone"),
        transport: public("bus 12"),
        staff_genders: [StaffGender::Women, StaffGender::Other].into(),
        referral_methods: ReferralMethod::ALL.iter().copied().collect(),
        next_steps: lines("steps"),
        response_within: lines("days"),
        feedback: lines("mail"),
        feedback_within: lines("weeks"),
        data_use: public("kept a year\n\ngiven to nobody"),
        mandatory_reporting: public("violence against children, to the authority"),
    };
    let entry = ServiceEntry {
        name: public("A shelter"),
        organisation: OrganisationId([7; 16]),
        organisation_name: public("Harbour"),
        class: RecipientClass::AsylumAuthority,
        sectors: lines("SHELTER"),
        description: public("first line\nsecond, in the secret street"),
        locations: lines("Secret street 4"),
        languages: lines("Arabic"),
        eligibility: public("anybody; ages apart"),
        fees: public("none, or 2 XTS"),
        schedules: lines("Mon-Thu"),
        documents: lines("paper"),
        accessibility: lines("ramp"),
        how_to_refer: public("No referrals"),
        contact: public("phone 555 0104, desk"),
        accepts_referrals: true,
        needs: BTreeSet::new(),
        assured_on: Some(Day(19_000)),
        confidential: true,
        details,
    };
    Service {
        assessment: Assessment::Approved,
        review_on: Some(Day(20_300)),
        how: AssessmentHow {
            method: Some(AssessmentMethod::Visit),
            met: [Criterion::SafePremises].into(),
            unmet: [Criterion::Complaints].into(),
            asked: Some(9),
            helped: Some(7),
        },
        places: Some(Places {
            availability: Availability::Limited,
            free: Some(2),
            of: Some(10),
            on: Day(19_990),
        }),
        fees: prices(),
        ..Service::of(ServiceId([9; 16]), 1, entry)
    }
}

/// The real services, where they are at hand.
fn of_jordan() -> Option<String> {
    let path = beside("services-jordan-2014.hsds.json")?;
    Some(std::fs::read_to_string(path).unwrap())
}

fn beside(name: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("shared/data").join(name))
        .find(|path| path.is_file());
    if found.is_none() {
        println!("skipped: ../shared/data/{name} is not here");
    }
    found
}

#[test]
fn d6_what_was_exported_comes_in_again_as_the_very_same_entry() {
    let own = services(OWN_DIRECTORY);
    let jordan = of_jordan().map(|text| services(&text)).unwrap_or_default();
    let mut sparse = full();
    sparse.entry.locations.clear();
    sparse.entry.details.focal_point = public("");
    sparse.entry.confidential = false;
    sparse.entry.accepts_referrals = false;
    sparse.entry.how_to_refer = public("By phone");
    for all in [own, jordan, vec![full()], vec![sparse]] {
        let written: Vec<Value> = all.iter().map(|one| exported(one, true)).collect();
        let again = services(&json!(written).to_string());
        assert_eq!(again.len(), all.len());
        for (before, after) in all.iter().zip(&again) {
            assert_eq!((before.id, &before.entry), (after.id, &after.entry));
            assert_eq!(before.fees, after.fees);
            // Each organisation assesses for itself: no file does it.
            assert_eq!(after.assessment, Assessment::NotAssessed);
        }
    }
}

#[test]
fn d4_prices_of_other_peoples_files_come_in_exactly_or_the_record_does_not() {
    let record = |costs: Value| {
        json!([{ "id": "a", "name": "A service", "status": "active", "cost_options": costs,
            "organization": {"id": "b", "name": "An organisation"} }])
        .to_string()
    };
    let read = |costs: Value| {
        let owned = io::Cursor::new(record(costs).into_bytes());
        let mut reader = DirectoryReader::new(owned, TODAY);
        reader.next_found().unwrap().expect("a record")
    };
    let fees = |costs: Value| match read(costs) {
        Found::Service(it) => it.fees,
        other @ (Found::Repetition | Found::Refused(_)) => panic!("{other:?}"),
    };
    // Who pays is not said: the person, or nobody where it is nothing.
    let two = fees(json!([
        {"id": "1", "option": "adults", "amount": 2.5, "currency": "jod"},
        {"id": "2", "option": "children", "amount": 0},
        {"id": "3"},
        {"id": "4", "option": "adults", "amount": 2.5, "currency": "JOD"},
        {"id": "5", "option": "by donation", "amount": null},
    ]));
    let payers: Vec<_> = two.iter().map(|one| one.payer).collect();
    let person = FeePayer::Person;
    assert_eq!(payers, [person, FeePayer::Free, person]);
    assert_eq!(two[0].amount.map(|it| it.minor), Some(2_500));
    assert_eq!(two[2].amount_description.0, "by donation");
    for (wrong, field) in [
        (json!({"amount": 2, "currency": "XTS"}), "currency"),
        (json!({"amount": 2, "currency": "dinar"}), "currency"),
        (json!({"amount": 2}), "currency"),
        (json!({"amount": 2.505, "currency": "USD"}), "amount"),
        (json!({"amount": -2, "currency": "USD"}), "amount"),
        (json!({"amount": 1e30, "currency": "USD"}), "amount"),
        (json!({"amount": "2", "currency": "USD"}), "amount"),
        (
            json!({"amount": 2, "currency": "USD", "valid_to": "soon"}),
            "valid_to",
        ),
    ] {
        match read(json!([wrong])) {
            Found::Refused(RefusedRecord {
                cause: Cause::Unread(problem),
                ..
            }) => assert_eq!(problem.field, field),
            other @ (Found::Service(_) | Found::Repetition | Found::Refused(_)) => {
                panic!("{field}: {other:?}")
            }
        }
    }
}

#[test]
fn d6_each_export_is_a_service_of_hsds_and_of_our_profile() {
    let patch: Value = serde_json::from_str(PROFILE_PATCH).unwrap();
    let own = &patch["properties"]["safe_referral"];
    // CONTRIBUTING says where the standard's own schema is had from.
    let standard = std::env::var_os("REFERRAL_HSDS_SCHEMA").map(|path| {
        let text = std::fs::read_to_string(path).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()
    });
    if standard.is_none() {
        println!("skipped: REFERRAL_HSDS_SCHEMA names no compiled service.json of the standard");
    }
    let jordan = of_jordan().map(|text| services(&text)).unwrap_or_default();
    let all = services(OWN_DIRECTORY).into_iter().chain(jordan);
    for service in all.chain([full()]) {
        for whole in [true, false] {
            let written = exported(&service, whole);
            assert_eq!(wrong(&hsds_facts(), &written, ""), [""; 0]);
            assert_eq!(wrong(own, &written["safe_referral"], ""), [""; 0]);
            if let Some(standard) = &standard {
                assert_eq!(wrong(standard, &written, ""), [""; 0]);
            }
        }
    }
}

#[test]
fn d6_the_check_against_a_schema_finds_what_is_wrong() {
    let mut written = exported(&full(), true);
    written["status"] = json!("open");
    written["id"] = json!("seven");
    written["organization"]["description"] = json!(null);
    written["languages"][1] = json!({ "name": 3 });
    written["assured_date"] = json!("yesterday");
    assert_eq!(
        wrong(&hsds_facts(), &written, ""),
        [
            "/assured_date",
            "/id",
            "/languages/1/id",
            "/languages/1/name",
            "/organization/description",
            "/status",
        ]
    );
}

#[test]
fn d3_a_redacted_entry_gives_nothing_away_and_does_not_come_in_again() {
    let service = full();
    let text = exported(&service, false).to_string().to_lowercase();
    for told in [
        "secret",
        "555 0104",
        "ramp",
        "bus 12",
        "mon-thu",
        "no referrals",
        "kept a year",
    ] {
        assert!(!text.contains(told), "{told}");
    }
    assert!(text.contains("intake@harbour.invalid"));
    let mut reader = DirectoryReader::new(io::Cursor::new(text.into_bytes()), TODAY);
    let Some(Found::Refused(refused)) = reader.next_found().unwrap() else {
        panic!("a redacted entry came in");
    };
    assert_eq!(refused.cause.code(), "redacted");
}

#[test]
fn d1_people_who_can_be_reached_do_not_come_in_but_functions_do() {
    let with = |contact: Value| {
        let text = json!([{
            "id": "a", "name": "A service", "status": "active",
            "organization": {"id": "o", "name": "An organisation", "description": "…"},
            "contacts": [contact], "minimum_age": 0.5, "maximum_age": 17.5,
            "attributes": [{"link_type": "referral_method", "value": "IA Form, e-mail"}],
        }]);
        listed(&text.to_string()).remove(0).entry.details
    };
    let person = with(
        json!({"name": "A Person", "title": "Head", "email": "a@b.invalid",
        "phones": [{"number": "555"}]}),
    );
    assert_eq!(
        (person.focal_point.0, person.focal_contact.0),
        ("Head".into(), "555".into())
    );
    let desk = with(json!({"title": "Desk", "email": "desk@b.invalid"}));
    assert_eq!(desk.focal_contact.0, "desk@b.invalid");
    // A part of a year is given to the person.
    assert_eq!((desk.minimum_age, desk.maximum_age), (Some(0), Some(18)));
    let methods = [ReferralMethod::ReferralForm, ReferralMethod::Email];
    assert_eq!(desk.referral_methods, methods.into());
}

#[test]
fn d1_ways_to_refer_are_read_from_whole_words_only() {
    let methods = |said: &str| {
        let text = json!([{
            "id": "a", "name": "A service", "status": "active",
            "organization": {"id": "o", "name": "An organisation", "description": "…"},
            "attributes": [{"link_type": "referral_method", "value": said}],
        }]);
        let entry = listed(&text.to_string()).remove(0).entry;
        entry.details.referral_methods
    };
    let known = [
        ("Information by phone", vec![ReferralMethod::Phone]),
        (
            "An informal platform that raises awareness; mailing list",
            vec![],
        ),
        (
            "Walk-in, or RAIS",
            vec![ReferralMethod::WalkIn, ReferralMethod::SharedSystem],
        ),
        (
            "Referral FORM (e-mail)",
            vec![ReferralMethod::ReferralForm, ReferralMethod::Email],
        ),
    ];
    for (said, expected) in known {
        assert_eq!(methods(said), expected.into_iter().collect(), "{said}");
    }
}

/// The places of a value that a JSON schema does not allow; of the words that HSDS uses.
fn wrong(schema: &Value, value: &Value, place: &str) -> Vec<String> {
    let mut found = Vec::new();
    let fits = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("number") => value.is_number(),
        Some("integer") => value.is_u64() || value.is_i64(),
        Some("boolean") => value.is_boolean(),
        Some(other) => panic!("the standard uses {other}"),
        None => true,
    };
    let among = schema["enum"]
        .as_array()
        .is_none_or(|words| words.contains(value));
    if !fits || !among || !is_written_as(schema["format"].as_str(), value) {
        found.push(place.to_owned());
        return found;
    }
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(value) = value.get(name) {
            found.extend(wrong(schema, value, &format!("{place}/{name}")));
        }
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        let name = name.as_str().unwrap();
        if value.get(name).is_none() {
            found.push(format!("{place}/{name}"));
        }
    }
    for (at, one) in value.as_array().into_iter().flatten().enumerate() {
        found.extend(wrong(&schema["items"], one, &format!("{place}/{at}")));
    }
    found.sort();
    found
}

fn is_written_as(format: Option<&str>, value: &Value) -> bool {
    let Some(text) = value.as_str() else {
        return true;
    };
    let date = time::macros::format_description!("[year]-[month]-[day]");
    let rfc3339 = &time::format_description::well_known::Rfc3339;
    match format {
        Some("uuid") => text.parse::<ServiceId>().is_ok(),
        Some("date") => time::Date::parse(text, date).is_ok(),
        Some("date-time") => time::OffsetDateTime::parse(text, rfc3339).is_ok(),
        Some("email") => text.contains('@'),
        Some("uri") => text.contains(':'),
        Some(other) => panic!("the standard uses {other}"),
        None => true,
    }
}

/// What HSDS 3.0 asks of what we write: a list of facts, in our own words. The standard's own
/// compiled schema is CC BY-SA 4.0 and not ours to ship; where REFERRAL_HSDS_SCHEMA names it, the
/// same exports are checked against it, too.
fn hsds_facts() -> Value {
    let text = json!({"type": "string"});
    let id = json!({"type": "string", "format": "uuid"});
    let number = json!({"type": "number"});
    let part = |field: &str| {
        json!({"type": "array", "items": {
            "type": "object", "required": ["id"], "properties": {"id": id, field: text},
        }})
    };
    let location = json!({
        "type": "object",
        "required": ["id", "location_type"],
        "properties": {
            "id": id, "name": text, "transportation": text,
            "location_type": {"enum": ["physical", "postal", "virtual"]},
            "accessibility": part("description"),
        },
    });
    json!({
        "type": "object",
        "required": ["id", "name", "status"],
        "properties": {
            "id": id, "name": text, "description": text, "application_process": text,
            "eligibility_description": text, "fees_description": text,
            "cost_options": {"type": "array", "items": {
                "type": "object", "required": ["id"],
                "properties": {"id": id, "option": text, "amount": number,
                    "currency": text, "amount_description": text,
                    "valid_from": {"type": "string", "format": "date"},
                    "valid_to": {"type": "string", "format": "date"}},
            }},
            "interpretation_services": text, "minimum_age": number, "maximum_age": number,
            "status": {"enum": ["active", "inactive", "defunct", "temporarily closed"]},
            "assured_date": {"type": "string", "format": "date"},
            "organization": {
                "type": "object",
                "required": ["id", "name", "description"],
                "properties": {
                    "id": id, "name": text, "description": text, "alternate_name": text,
                },
            },
            "languages": part("name"), "schedules": part("description"),
            "required_documents": part("document"), "contacts": part("title"),
            "attributes": part("value"),
            "service_at_locations": {"type": "array", "items": {
                "type": "object", "required": ["id"],
                "properties": {"id": id, "location": location},
            }},
            "capacities": {"type": "array", "items": {
                "type": "object", "required": ["id", "unit", "available", "updated"],
                "properties": {
                    "id": id, "available": number, "maximum": number, "description": text,
                    "updated": {"type": "string", "format": "date-time"},
                    "unit": {
                        "type": "object", "required": ["id", "name"],
                        "properties": {"id": id, "name": text},
                    },
                },
            }},
        },
    })
}
