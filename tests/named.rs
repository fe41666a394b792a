//! Whose key it was that a rule or a withdrawal destroyed stands nowhere: no id of a complaint, a
//! breach, a referral from outside, a case or a member of staff lies in any file, before and after
//! its end (MISSION C6, E4, E8, E9).

use std::path::Path;

use harness::carve::words_in;
use harness::scratch::Scratch;
use harness::words;
use ledger::copies::{back_up, export_keys};
use ledger::domain::breach::Counted;
use ledger::domain::codes::*;
use ledger::domain::command::*;
use ledger::domain::event::Event;
use ledger::domain::ids::BreachId;
use ledger::domain::personal::Text;
use ledger::domain::stream::StreamId;
use ledger::fsck::fsck;
use ledger::ledger::Ledger;
use serde_json::Value;

use super::apart::{answered, came_in, complained};
use super::retention::{Served, old_cases, reopen_at};

/// A breach that was reported, assessed and closed.
fn breached(scratch: &Scratch) -> BreachId {
    let report = Command::ReportBreach(ReportingBreach {
        organisation: None,
        kind: BreachKind::DeviceLost,
        suspected: None,
        happened_from: None,
        happened_until: None,
        suspected_at: None,
        known_at: None,
        words: Some(Text::new("Canary Breach".to_owned())),
    });
    let answer = scratch.done(Role::FocalPoint, report);
    let Event::BreachReported(reported) = &answer.entries[0].record.event else {
        panic!("{:?}", answer.entries);
    };
    let breach = reported.breach;
    let one = Counted {
        at_least: 1,
        at_most: Some(1),
    };
    let assess = Command::AssessBreach(AssessingBreach {
        breach,
        harms: [BreachHarm::Confidentiality].into(),
        categories: [DataCategory::Needs].into(),
        people: one,
        records: one,
        consequences: [].into(),
        measures: [].into(),
        risk: BreachRisk::Unlikely,
    });
    scratch.done(Role::DataProtectionOfficer, assess);
    let close = Command::CloseBreach { breach };
    scratch.done(Role::ControllerDelegate, close);
    breach
}

/// An id as files could hold it: raw, as text, and as text without hyphens.
fn forms(id: [u8; 16]) -> Vec<Vec<u8>> {
    let plain: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = ledger::domain::ids::CaseId(id).to_string();
    vec![id.to_vec(), text.into_bytes(), plain.into_bytes()]
}

/// Sweeps of the real server, as long as something is over.
fn swept_until_nothing_is_over(served: &Served) {
    let officer = Role::DataProtectionOfficer;
    for _ in 0..2 {
        let preview = served.told(officer, "retention dry-run");
        // No sweep is asked for of none; what stands apart goes along with any.
        served.sweep(preview["cases"].as_u64().unwrap_or(0).max(1));
    }
}

/// What ended is gone with its record, and the log says so once for each.
fn all_ended(ledger: &Ledger, streams: &[StreamId]) {
    for stream in streams {
        assert!(ledger.stream(*stream).unwrap().is_empty(), "{stream:?}");
    }
    let told = ledger.stream(StreamId::Ledger).unwrap();
    let closed = told
        .iter()
        .filter(|entry| matches!(entry.record.event, Event::StreamClosed(_)));
    assert!(closed.count() >= streams.len());
}

#[test]
fn c6_e8_that_the_words_of_a_complaint_and_a_breach_end_moves_no_count() {
    // given one of each that is over, as to their words
    let mut scratch = Scratch::new();
    let now = scratch.ledger.now();
    reopen_at(&mut scratch, now.minus_months(30));
    let complaint = complained(&scratch);
    answered(&scratch, complaint);
    let breach = breached(&scratch);
    let served = Served::of(scratch, Vec::new());
    let counts = || {
        let told = served.told(Role::Auditor, "audit counts");
        let told = told["counts"].as_array().unwrap().clone();
        let is = |row: &&Value| {
            let name = row["event_name"].as_str().unwrap();
            ["Shred", "Certified", "Cut", "Closed"]
                .iter()
                .any(|it| name.contains(it))
        };
        told.iter()
            .filter(is)
            .map(Value::to_string)
            .collect::<Vec<_>>()
    };
    let before = counts();
    assert!(!before.is_empty(), "they are among what is counted");
    // when a sweep ends them, then nothing of it is counted
    served.sweep(1);
    let state = served.told(Role::Coordinator, "complaint list");
    assert!(
        state["complaints"][0]["ends"]["words_end_at"].is_null(),
        "{state}"
    );
    assert_eq!(counts(), before);
    let (_place, ledger, _) = served.stopped();
    let words = ledger
        .complaint(complaint)
        .unwrap()
        .unwrap()
        .lasting
        .words_ended;
    assert!(words && !ledger.breach(breach).unwrap().unwrap().words);
    for stream in [StreamId::Complaint(complaint), StreamId::Breach(breach)] {
        let told = ledger.stream(stream).unwrap();
        let has = |name| told.iter().any(|entry| entry.record.event.name() == name);
        assert!(
            has("Shredded") && has("ErasureCertified"),
            "it was done, and certified"
        );
    }
    ledger.close().unwrap();
}

/// An order to destroy as earlier versions wrote it is found.
fn finds_the_old_form(folder: &Path, stream: StreamId, wanted: &[Vec<u8>]) {
    std::fs::create_dir(folder).unwrap();
    let mut bytes = vec![0; 5000];
    bytes.extend(stream.to_bytes());
    bytes.extend([7; 9]);
    std::fs::write(folder.join("planted"), bytes).unwrap();
    let found: Vec<usize> = words_in(&[folder], wanted).iter().map(|it| it.1).collect();
    assert_eq!(found, [0]);
}

#[test]
fn c6_e8_e9_no_file_names_what_ended_its_kind_or_who_had_it_destroyed() {
    // given, thirty months ago, one of each, and a case whose data are withdrawn at once
    let mut scratch = Scratch::new();
    let organisation = scratch.organisation;
    let cases = old_cases(&mut scratch, 1);
    let complaint = complained(&scratch);
    answered(&scratch, complaint);
    let breach = breached(&scratch);
    let incoming = came_in(&scratch);
    let (withdrawn, consent, other) = scratch.two_cases();
    scratch.done(Role::FocalPoint, words::withdraw_now(withdrawn, consent));
    let folder = scratch.folder.path().to_owned();
    let place = |name: &str| folder.join(name);
    let rules = ledger::retention::DEFAULT_RETENTION.replace("version = 1", "version = 2");
    let rules = ["36", "60", "84"].iter().fold(rules, |rules, months| {
        rules.replace(&format!("months = {months}"), "months = 26")
    });
    std::fs::write(place("rules.toml"), rules).unwrap();
    // when two sweeps end words, data and records, with a mirror beside
    let file = place("rules.toml");
    let mirror = place("mirror");
    std::fs::create_dir(&mirror).unwrap();
    let flags = ["--retention", file.to_str().unwrap()];
    let flags = [flags.as_slice(), &["--mirror", mirror.to_str().unwrap()]].concat();
    let served = Served::with(scratch, cases.clone(), &flags);
    swept_until_nothing_is_over(&served);
    let (_place, ledger, _) = served.stopped();
    let ended = [
        StreamId::Complaint(complaint),
        StreamId::Breach(breach),
        StreamId::Incoming(incoming),
        StreamId::Case(cases[0]),
        StreamId::Case(withdrawn),
        StreamId::Case(other),
    ];
    all_ended(&ledger, &ended);
    ledger.close().unwrap();
    let (data, vault) = (place("data"), place("vault"));
    back_up(&data, &place("backup")).unwrap();
    std::fs::create_dir(place("carried")).unwrap();
    export_keys(&data, &place("carried").join("keys")).unwrap();
    // then no id of theirs, nor of who acted, lies anywhere
    let staff =
        [Role::FocalPoint, Role::Coordinator].map(|role| StreamId::Staff(Scratch::member(role)));
    let ids = ended.iter().chain(&staff).map(|stream| {
        let bytes = stream.to_bytes();
        <[u8; 16]>::try_from(&bytes[1..]).unwrap()
    });
    let wanted: Vec<Vec<u8>> = ids.flat_map(forms).collect();
    let copies = ["data", "vault", "mirror", "backup", "carried"].map(place);
    let places: Vec<&Path> = copies.iter().map(AsRef::as_ref).collect();
    assert_eq!(words_in(&places, &wanted), Vec::new());
    finds_the_old_form(&place("planted"), ended[0], &wanted);
    // and the scan finds in each copy what does stand there: whose sweeps they were
    for place in [&places[0], &places[2], &places[3]] {
        let found = words_in(&[place], &[organisation.0.to_vec()]);
        assert!(!found.is_empty(), "{}", place.display());
    }
    let report = fsck(&data, Some(&vault), None, &|_, _, _| {}).unwrap();
    assert_eq!(report.findings, Vec::new());
}
