//! One list of what comes of asking recipients, through the ledger's own case, the views, the
//! figures and their counterpart in Python: what none of them may tell differently.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where something is not as it must be"
)]

#[path = "../../ledger/src/certificate/tests/steps.rs"]
mod steps;
mod world;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use ledger::clock::Day;
use ledger::domain::case::Case;
use ledger::domain::codes::{Channel, NoticeOutcome, NoticeState, RecallAnswer};
use ledger::domain::event::*;
use ledger::domain::ids::{CaseId, PersonId, ReferralId};
use ledger::domain::stream::StreamId;
use ledger::hex::hex;
use projections::given::LeftSearch;
use projections::statistics::{Cohort, Made};
use world::{CLINIC, HOME, World};

const COHORT: (Day, Day) = (Day(0), Day(1_000));

/// A case for every order, with a referral that was sent, and what came of asking its recipient.
fn played() -> (World, Vec<(CaseId, ReferralId)>) {
    let mut world = World::default();
    let mut sent = Vec::new();
    for order in steps::orders(3) {
        let case = world.case(HOME);
        let referral = world.draft(case, CLINIC);
        world.send(case, referral);
        for step in order {
            world.push(StreamId::Case(case), steps::event(step, referral));
        }
        sent.push((case, referral));
    }
    (world, sent)
}

fn folded(world: &World, case: CaseId) -> Case {
    let of_case = world.of(StreamId::Case(case));
    let mut folded = Case::opened(&of_case[0].record).unwrap();
    of_case[1..]
        .iter()
        .for_each(|one| folded.apply(&one.record));
    folded
}

/// Recipients by where asking them stands, as figures show it: in the states' order, then all.
fn by_state(states: &[NoticeState]) -> Vec<u64> {
    let count = |state| states.iter().filter(|one| **one == state).count();
    let counts = NoticeState::ALL.iter().map(|state| count(*state));
    let counts = counts.chain([states.len()]);
    counts.map(|count| u64::try_from(count).unwrap()).collect()
}

#[test]
fn e5_what_came_of_asking_a_recipient_is_the_same_in_the_case_the_views_and_the_figures() {
    let (world, sent) = played();
    let views = world.views();
    let mut states = Vec::new();
    for (case, referral) in &sent {
        let known = folded(&world, *case);
        let known = known.notices.get(&Given::Referral(*referral));
        let search = LeftSearch {
            case: Some(*case),
            ..LeftSearch::default()
        };
        let [left] = views.given().find(&search, 2)[..] else {
            panic!("it left once");
        };
        let known = known.map(|notice| (notice.state, notice.outcome));
        let order = world.of(StreamId::Case(*case));
        assert_eq!(left.notice, known, "{order:?}");
        states.extend(known.map(|(state, _)| state));
    }
    let cohort = Cohort {
        organisation: HOME,
        from: COHORT.0,
        until: COHORT.1,
        as_of: world.now,
        limit: 1,
    };
    assert!(world.now.day() < COHORT.1);
    let made = Made::of(&views, &cohort).unwrap();
    let table = made.tables.iter().find(|table| table.name == "notices");
    let expected = by_state(&states);
    let shown: Vec<u64> = table.unwrap().all.iter().map(|it| it.unwrap()).collect();
    assert_eq!(shown, expected);
    assert_eq!(by_python(&world), expected);
}

fn by_python(world: &World) -> Vec<u64> {
    let mut events = tempfile::NamedTempFile::new().unwrap();
    for entry in &world.entries {
        let line = serde_json::to_string(&*entry.record).unwrap();
        writeln!(events, "{line}").unwrap();
    }
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/python/figures.py");
    let (from, until) = (COHORT.0.0.to_string(), COHORT.1.0.to_string());
    let ran = Command::new("python3")
        .arg(tests)
        .arg(events.path())
        .args([hex(&HOME.0), from, until, world.now.0.to_string()])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{told}");
    let figures: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    let tables: BTreeMap<&str, &serde_json::Value> = figures["tables"]
        .as_array()
        .unwrap()
        .iter()
        .map(|table| (table["name"].as_str().unwrap(), &table["all"]))
        .collect();
    let all = tables["notices"].as_array().unwrap().iter();
    all.map(|count| count.as_u64().unwrap()).collect()
}
