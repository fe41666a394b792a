//! Figures against another language: what is published agrees with what Python computes from the
//! exported events, count by count, and what is kept back is never nothing.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use benches::year::{Span, Year};
use harness::python;
use ledger::clock::{Clock as _, Day};
use ledger::domain::event::Event;
use ledger::domain::ids::OrganisationId;
use ledger::hex::hex;
use ledger::limits::FIGURES_SMALL;
use projections::statistics::{Cohort, Made};
use projections::views::Views;
use serde_json::Value;

/// 2027-01-01 and 2027-07-01.
const FROM: Day = Day(20_819);
const UNTIL: Day = Day(21_000);

/// Months of work, the views of it, and its events in a file.
struct Played {
    views: Views,
    cohort: Cohort,
    events: tempfile::NamedTempFile,
}

fn played(span: &Span<'_>, until: Day) -> Played {
    let year = Year::played(span);
    let refused = &year.desk.refused;
    let unexpected = refused.keys().filter(|code| !EXPECTED.contains(code));
    assert_eq!(unexpected.count(), 0, "{refused:?}");
    let mut views = Views::default();
    let mut events = tempfile::NamedTempFile::new().unwrap();
    let mut organisation = OrganisationId([0; 16]);
    let mut next = 0;
    loop {
        let entries = year.world.ledger.records(next, 1_000).unwrap();
        for entry in &entries {
            views.apply(entry.position, &entry.record);
            let line = serde_json::to_string(&*entry.record).unwrap();
            writeln!(events, "{line}").unwrap();
            if let Event::CaseOpened(opened) = &entry.record.event {
                organisation = opened.organisation;
            }
            next = entry.position + 1;
        }
        if entries.is_empty() {
            break;
        }
    }
    let cohort = Cohort {
        organisation,
        from: FROM,
        until,
        as_of: year.clock.now(),
        limit: FIGURES_SMALL,
    };
    Played {
        views,
        cohort,
        events,
    }
}

/// What happens to people in the play that somebody else's deed came before.
const EXPECTED: [&str; 8] = [
    "referral_state",
    "consent_withdrawn",
    "shredded",
    "nothing_to_do",
    "not_due",
    "record_consent_missing",
    "consent_not_in_force",
    "notice_state",
];

fn by_python(played: &Played) -> Value {
    let cohort = &played.cohort;
    let ran = Command::new("python3")
        .arg(python::script("figures.py"))
        .arg(played.events.path())
        .arg(hex(&cohort.organisation.0))
        .args([
            FROM.0.to_string(),
            cohort.until.0.to_string(),
            cohort.as_of.0.to_string(),
        ])
        .output()
        .unwrap();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    serde_json::from_slice(&ran.stdout).unwrap()
}

/// Whether a count is shown; it must then be the same, and must be something if it is not.
fn agrees(shown: &Value, counted: &Value, place: &str) -> bool {
    if shown.is_null() {
        assert_ne!(counted.as_u64(), Some(0), "{place}: nothing is kept back");
        return false;
    }
    assert_eq!(shown, counted, "{place}");
    let count = counted.as_u64().unwrap();
    assert!(
        count == 0 || count >= FIGURES_SMALL,
        "{place}: {count} is small"
    );
    true
}

fn compare_tables(shown: &Value, counted: &Value) -> (usize, usize) {
    let (mut told, mut kept_back) = (0, 0);
    let mut line = |shown: &Value, counted: &Value, place: &str| {
        let (shown, counted) = (shown.as_array().unwrap(), counted.as_array().unwrap());
        assert_eq!(shown.len(), counted.len(), "{place}");
        for (shown, counted) in shown.iter().zip(counted) {
            let seen = agrees(shown, counted, place);
            told += usize::from(seen);
            kept_back += usize::from(!seen);
        }
    };
    let pairs = |one: &Value, other: &Value| {
        let (one, other) = (
            one.as_array().unwrap().clone(),
            other.as_array().unwrap().clone(),
        );
        assert_eq!(one.len(), other.len());
        one.into_iter().zip(other).collect::<Vec<_>>()
    };
    for (shown, counted) in pairs(shown, counted) {
        assert_eq!(shown["name"], counted["name"]);
        assert_eq!(shown["columns"], counted["columns"]);
        line(&shown["all"], &counted["all"], &shown["name"].to_string());
        for (shown, counted) in pairs(&shown["by"], &counted["by"]) {
            assert_eq!(shown["group"], counted["group"]);
            for (shown, counted) in pairs(&shown["rows"], &counted["rows"]) {
                assert_eq!(shown["name"], counted["name"]);
                line(
                    &shown["counts"],
                    &counted["counts"],
                    &shown["name"].to_string(),
                );
            }
        }
    }
    (told, kept_back)
}

#[test]
fn e7_another_language_comes_to_the_same_figures_from_the_exported_events() {
    if let Err(error) = Command::new("python3").arg("--version").output() {
        println!("SKIPPED: no python3: {error}");
        return;
    }
    // given half a year of work
    let span = Span {
        people: PEOPLE,
        first: FROM.start(),
        days: 181,
        directory: None,
    };
    // when figures are made of it, here and in Python, then every count that is shown is the same
    let (told, kept_back) = agree(&played(&span, UNTIL));
    assert!(
        told > 60 && kept_back > 10,
        "{told} told, {kept_back} kept back"
    );
}

/// By hand: `REFERRAL_LONG=1 cargo test --release -p whole-tests figures -- --nocapture`.
#[test]
fn e7_a_year_of_work_over_the_real_directory_comes_to_the_same_figures() {
    if std::env::var_os("REFERRAL_LONG").is_none() {
        println!("skipped: takes many minutes; REFERRAL_LONG=1 runs it");
        return;
    }
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let directory = directory.map(|root| root.join("shared/data/services-jordan-2014.hsds.json"));
    let Some(directory) = directory.filter(|file| file.exists()) else {
        println!("skipped: ../shared/data/services-jordan-2014.hsds.json is not here");
        return;
    };
    if let Err(error) = Command::new("python3").arg("--version").output() {
        println!("SKIPPED: no python3: {error}");
        return;
    }
    let span = Span {
        people: PEOPLE_OF_A_YEAR,
        first: FROM.start(),
        days: 365,
        directory: Some(&directory),
    };
    let (told, kept_back) = agree(&played(&span, Day(FROM.0 + 365)));
    println!("{told} counts told and {kept_back} kept back, all as Python counted them");
    assert!(told > 1_000, "{told} told, {kept_back} kept back");
}

/// Makes the figures and has Python count again; gives how many counts are told, and kept back.
fn agree(played: &Played) -> (usize, usize) {
    let made = Made::of(&played.views, &played.cohort).unwrap();
    let shown = serde_json::to_value(&made).unwrap();
    let counted = by_python(played);
    let (told, kept_back) = compare_tables(&shown["tables"], &counted["tables"]);
    assert_eq!(shown["services"], counted["services"]);
    let mut rates = 0;
    for one in shown["indicators"].as_array().unwrap() {
        let name = one["name"].as_str().unwrap();
        let both = &counted["indicators"][name];
        for (shown, counted) in [(&one["count"], &both[0]), (&one["of"], &both[1])] {
            assert!(
                shown.is_null() || shown == counted,
                "{name}: {shown} and {counted}"
            );
        }
        rates += usize::from(one["per_mille"].is_u64());
    }
    assert!(rates >= 5, "only {rates} indicators could be told: {shown}");
    let times: BTreeMap<&str, &Value> = shown["times"]
        .as_array()
        .unwrap()
        .iter()
        .map(|time| (time["name"].as_str().unwrap(), time))
        .collect();
    for (name, time) in times {
        for within in ["median", "p90"] {
            let counted = &counted["times"][name][within];
            match &time[within] {
                Value::String(word) if word == "not_yet" => assert!(counted.is_null(), "{name}"),
                Value::Object(hours) => assert_eq!(&hours["hours"], counted, "{name} {within}"),
                other => panic!("{name} {within}: {other}"),
            }
        }
    }
    (told, kept_back)
}

/// A year of a large organisation's.
const PEOPLE_OF_A_YEAR: u64 = 100_000;
/// Enough that most counts are no small ones.
const PEOPLE: u64 = 420;
