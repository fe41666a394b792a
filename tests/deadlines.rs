//! Deadlines from end to end: what is late stands in the worklist of who must see it, by the clock
//! alone, over the real server (MISSION C4).

use harness::scratch::Scratch;
use harness::words;
use ledger::clock::DAY_MS;
use ledger::domain::codes::{Capacity, DataCategory, Role, Sensitivity};
use ledger::domain::command::Command;
use ledger::domain::ids::{CaseId, ServiceId};
use ledger::domain::stream::StreamId;
use serde_json::Value;

use crate::retention::{Served, reopen_at};

/// A case with a routine referral that was sent.
fn sent(scratch: &Scratch, service: ServiceId, sensitivity: Sensitivity) -> CaseId {
    let role = Role::ChildProtection;
    let mut open = words::open_case("Canary Identity");
    if let Command::OpenCase {
        sensitivity: of, ..
    } = &mut open
    {
        *of = sensitivity;
    }
    let (case, client) = words::opened(&scratch.done(role, open));
    let scope = words::scope(scratch.partner, &[DataCategory::Needs]);
    let give = words::give(case, client, scope, Capacity::Own);
    let consent = words::given(&scratch.done(role, give));
    let items = [(DataCategory::Needs, "Canary Needs")];
    let draft = words::draft(case, service, Some(consent.into()), &items);
    let referral = words::drafted(&scratch.done(role, draft));
    scratch.done(role, words::review(case, referral));
    scratch.done(role, words::send(case, referral));
    case
}

fn cases(listed: &Value) -> Vec<&str> {
    let rows = listed["referrals"].as_array().unwrap().iter();
    let mut cases: Vec<&str> = rows.map(|row| row["case_id"].as_str().unwrap()).collect();
    cases.sort_unstable();
    cases
}

#[test]
fn c4_what_is_late_for_too_long_stands_in_the_worklist_of_the_role_that_must_see_it() {
    let mut scratch = Scratch::new();
    let service = scratch.service();
    let now = scratch.ledger.now();
    let ago = |days: u64| ledger::clock::Timestamp(now.0 - days * DAY_MS);
    // To be acknowledged within three days, and three days after that the role must see it.
    reopen_at(&mut scratch, ago(10));
    let standard = sent(&scratch, service, Sensitivity::Standard).to_string();
    let restricted = sent(&scratch, service, Sensitivity::Restricted).to_string();
    reopen_at(&mut scratch, ago(5));
    let late = sent(&scratch, service, Sensitivity::Standard);
    reopen_at(&mut scratch, now);
    sent(&scratch, service, Sensitivity::Standard);
    let served = Served::of(scratch, vec![late]);
    let listed = |role, flags: &str| served.told(role, &format!("referral list {flags}"));

    let focal = listed(Role::FocalPoint, "--escalated-only");
    assert_eq!(cases(&focal), [standard.as_str()]);
    let row = &focal["referrals"][0];
    assert_eq!(row["attention"], "escalated", "{row}");
    assert_eq!(row["escalated_to"], "focal_point", "{row}");
    assert_eq!(row["without_response"], true, "{row}");
    let child = listed(Role::ChildProtection, "--escalated-only");
    assert_eq!(
        cases(&child),
        [restricted.as_str()],
        "never to who may not see it"
    );

    let both = listed(Role::ChildProtection, "--late-only");
    assert_eq!(both["referrals"].as_array().unwrap().len(), 3);
    let late = late.to_string();
    let rows = both["referrals"].as_array().unwrap();
    let row = rows.iter().find(|row| row["case_id"] == late.as_str());
    let row = row.unwrap();
    assert_eq!(row["attention"], "late", "{row}");
    assert!(row["escalated_to"].is_null(), "{row}");
    let provider = listed(Role::ServiceProvider, "--late-only");
    let provider = provider["referrals"].as_array().unwrap();
    assert_eq!(provider.len(), 3, "the service sees what it owes");
    let told = |row: &Value| row["escalated_to"].is_null() && row["case_id"] == "";
    assert!(provider.iter().all(told), "{provider:?}");

    let (_, ledger, cases) = served.stopped();
    let events = ledger.stream(StreamId::Case(cases[0])).unwrap();
    let last = events.last().unwrap().record.event.name();
    assert_eq!(last, "ReferralSent", "no event says that it is late");
}
