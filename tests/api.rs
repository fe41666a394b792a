//! A stock gRPC client in another language walks the whole life of a referral, and every wrong
//! turn.

use std::collections::BTreeSet;
use std::process::Command;

use harness::process::Place;
use harness::python;
use serde_json::Value;

/// Turns that must be refused, and the code that each one is refused with.
const WRONG_TURNS: [(&str, &str); 16] = [
    ("without consent", "CONSENT_MISSING"),
    ("recipient outside the scope", "RECIPIENT_NOT_COVERED"),
    ("data category outside the scope", "CATEGORY_NOT_COVERED"),
    (
        "minor without the caregiver's consent",
        "CAREGIVER_CONSENT_MISSING",
    ),
    ("minor without the minor's consent", "CHILD_CONSENT_MISSING"),
    ("after withdrawal", "CONSENT_WITHDRAWN"),
    ("recipient opens what was withdrawn", "CONSENT_WITHDRAWN"),
    ("after expiry", "CONSENT_EXPIRED"),
    ("role that may not", "NOT_ALLOWED"),
    ("nobody", "UNAUTHENTICATED"),
    ("who asked decides", "SECOND_PERSON_REQUIRED"),
    ("stale version", "VERSION_CONFLICT"),
    ("not reviewed", "REFERRAL_STATE"),
    ("sent twice", "REFERRAL_STATE"),
    ("accepted before received", "REFERRAL_STATE"),
    ("completed before accepted", "REFERRAL_STATE"),
];

#[test]
fn a_stock_client_walks_to_the_end_and_is_refused_at_every_wrong_turn() {
    let place = Place::new(crate::PROGRAM);
    let Some(python) = python::with_grpc(&place.program) else {
        return;
    };
    let receipts = place.folder.path().join("receipts");
    std::fs::create_dir(&receipts).unwrap();
    let serving = place.serve(&["--reflection"]);
    let walked = Command::new(&python)
        .arg("-B")
        .arg(python::script("walk.py"))
        .args([&serving.address, place.vkey().trim()])
        .arg(&receipts)
        .env("REFERRAL_TOKEN", place.token())
        .env("REFERRAL_SECOND_TOKEN", place.tokens()[1])
        .output()
        .expect("Python runs");
    let talk = String::from_utf8_lossy(&walked.stderr);
    assert!(walked.status.success(), "{talk}\n{}", serving.said());
    let told: Value = serde_json::from_slice(&walked.stdout).expect("one JSON object");

    let refusals = told["refusals"].as_object().unwrap();
    let refusals: BTreeSet<_> = refusals
        .iter()
        .map(|(turn, code)| (turn.as_str(), code.as_str().unwrap()))
        .collect();
    assert_eq!(refusals, BTreeSet::from(WRONG_TURNS));
    assert!(told["receipts"].as_u64().unwrap() > 50, "{told}");
    assert!(told["checkpoints"].as_u64().unwrap() >= 5, "{told}");

    // What the client kept is enough for the program, offline, once the server is gone.
    assert!(serving.stop().success());
    place.run(&["fsck", "--json"]).expect(0);
    let mut kept: Vec<String> = std::fs::read_dir(&receipts)
        .unwrap()
        .map(|entry| entry.unwrap().path().display().to_string())
        .collect();
    kept.extend([
        "--key".to_owned(),
        place.vkey().trim().to_owned(),
        "--json".to_owned(),
    ]);
    let arguments: Vec<&str> = ["verify"]
        .into_iter()
        .chain(kept.iter().map(String::as_str))
        .collect();
    let verified = harness::process::run(&place.program, &arguments)
        .expect(0)
        .json();
    assert_eq!(verified.as_array().unwrap().len(), kept.len() - 3);
}

#[test]
fn a_server_describes_itself_only_when_asked_to() {
    let place = Place::new(crate::PROGRAM);
    let Some(python) = python::with_grpc(&place.program) else {
        return;
    };
    let serving = place.serve(&[]);
    let ask = "import sys; sys.path.insert(0, sys.argv[2]); from ledger_client import Client; \
               print(Client(sys.argv[1]).services)";
    let asked = Command::new(&python)
        .args(["-B", "-c", ask, &serving.address])
        .arg(python::script(""))
        .output()
        .expect("Python runs");
    let talk = String::from_utf8_lossy(&asked.stderr);
    assert!(
        !asked.status.success() && talk.contains("UNIMPLEMENTED"),
        "{talk}"
    );
}
