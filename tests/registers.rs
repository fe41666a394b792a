//! The organisation's registers from end to end, over the real server (MISSION E10, E11).

use harness::scratch::Scratch;
use harness::words::{self, busy_organisation};
use ledger::domain::codes::{Capacity, DataCategory, Role};
use ledger::ledger::{Ledger, Rejection};
use ledger::refusal::Refusal;

use crate::retention::Served;

/// A ledger whose organisation's file has other lines.
fn with_lines(changes: &[&str]) -> Scratch {
    let mut scratch = Scratch::new();
    scratch.ledger.close().unwrap();
    let mut file = busy_organisation(1_000).replace("version = 1", "version = 2");
    for line in changes {
        let off = format!("# {line}");
        assert!(file.contains(&off), "{line}");
        file = file.replace(&off, line);
    }
    let mut options = Scratch::options_in(scratch.folder.path());
    options.organisation = Some(file);
    scratch.ledger = Ledger::open(options).unwrap();
    scratch
}

#[test]
fn e11_the_register_of_processing_says_what_is_in_use_on_which_basis_and_for_how_long() {
    // given a file that states one basis, and a consent to be referred
    let scratch = with_lines(&["referral = \"consent\""]);
    let role = Role::FocalPoint;
    let (case, client) = words::opened(&scratch.done(role, words::open_case("Canary Identity")));
    let scope = words::scope(scratch.partner, &[DataCategory::Needs]);
    let give = words::give(case, client, scope, Capacity::Own);
    scratch.done(role, give);
    let partner = scratch.partner.to_string();
    // when the officer asks for the register
    let served = Served::of(scratch, vec![case]);
    let officer = Role::DataProtectionOfficer;
    let register = served.told(officer, "audit processing");
    // then each purpose stands in it, and what is in use with its data, people and recipients
    let activities = register["activities"].as_array().unwrap();
    let of = |purpose: &str| {
        let found = activities.iter().find(|one| one["purpose"] == purpose);
        found.unwrap_or_else(|| panic!("{purpose}: {register}"))
    };
    let referral = of("referral");
    assert_eq!(referral["basis"], "consent");
    assert_eq!(referral["categories"], serde_json::json!(["needs"]));
    assert_eq!(referral["people"], serde_json::json!(["adult"]));
    assert_eq!(referral["recipient_ids"], serde_json::json!([partner]));
    let record = of("record");
    assert!(record["basis"].is_null(), "not stated: {record}");
    assert!(record["recipient_ids"].as_array().unwrap().is_empty());
    assert!(
        of("statistics")["categories"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let limits = register["limits"].as_array().unwrap();
    let usual = limits.iter().find(|one| one["rule"] == "usual").unwrap();
    assert_eq!(usual["months"], 24);
    assert!(!register["measures"].as_array().unwrap().is_empty());
    assert!(!register.to_string().contains("Canary"));
    assert!(!register.to_string().contains(&case.to_string()));
    drop(served);
}

#[test]
fn e10_an_administrator_records_training_and_it_stands_in_the_list_of_staff() {
    let scratch = with_lines(&["code_of_conduct_months = 12"]);
    let staff = Scratch::member(Role::FocalPoint);
    let open = || words::open_case("Canary Identity");
    match scratch.submit(Role::FocalPoint, open()) {
        Err(Rejection::Refused(it)) => assert_eq!(it.refusal, Refusal::TrainingLapsed),
        _ => panic!("nothing is on record, and it was not refused"),
    }
    let today = scratch.ledger.now().to_rfc3339();
    let today = today.split('T').next().unwrap().to_owned();
    let served = Served::of(scratch, Vec::new());
    let line = format!("staff train {staff} code_of_conduct --on {today}");
    served.told(Role::Administrator, &line);
    let listed = served.told(Role::Administrator, "staff list");
    let rows = listed["staff"].as_array().unwrap();
    let id = staff.to_string();
    let row = rows.iter().find(|row| row["staff_id"] == id.as_str());
    let trained = &row.unwrap()["trained"][0];
    assert_eq!(trained["training"], "code_of_conduct");
    assert_eq!(trained["on"], today);
    let (_place, ledger, _) = served.stopped();
    let caller = ledger::domain::command::Caller::Staff(staff);
    let opened = ledger.submit(words::request(caller, open()));
    assert!(opened.is_ok(), "open again");
    ledger.close().unwrap();
}
