//! The end of a case's record: what is left of a closed case is a number, and nothing leads back.

use super::tests::{Hands, by_rule_at, decided_at, held, later, let_loose, refused, sweep_at};
use super::*;
use crate::clock::Timestamp;
use crate::decide::tests::{FOCAL, PROVIDER};
use crate::domain::case::Case;
use crate::domain::codes::ViewPurpose;
use crate::domain::command::{Caller, Command, Request};
use crate::domain::event::{Event, ViewTarget};
use crate::domain::ids::{LeafKeyId, SweepId};
use crate::domain::stream::StreamId;
use crate::erase::orders::orders;
use crate::fsck::fsck;
use crate::keys::{KeyId, is_dead, is_fenced};
use crate::ledger::{CutOptions, Ledger, Rejection};
use crate::prove::verify_certificate;
use crate::refusal::Refusal;
use crate::submit::answer::Reply;
use crate::submit::held::Held;
use crate::submit::tests::{Desk, request};
use crate::submit::writer::Writer;

/// Long after the record's time is over, too.
fn end(case: &Case) -> Timestamp {
    case.touched.plus_months(85)
}

fn case_in(writer: &Writer, desk: &Desk) -> Case {
    let held = writer.shared.held(StreamId::Case(desk.case)).unwrap();
    (*held.and_then(Held::case).unwrap()).clone()
}

/// The leaf of the case's record.
fn record_leaf(writer: &Writer, desk: &Desk) -> KeyId {
    let held = writer.shared.held(StreamId::Case(desk.case)).unwrap();
    held.unwrap().record_key
}

/// A desk whose case has nothing personal any more, with certificates that say so.
fn emptied() -> (Desk, Writer) {
    let desk = Desk::new();
    let mut writer = desk.writer();
    let case = case_in(&writer, &desk);
    sweep_at(&mut writer, &desk, later(&case));
    writer.erase();
    writer.certify();
    (desk, writer)
}

fn close(writer: &mut Writer, desk: &Desk) {
    let now = end(&case_in(writer, desk));
    let command = Command::CloseCase { case: desk.case };
    by_rule_at(writer, desk, command, now);
}

fn view(desk: &Desk) -> Command {
    Command::ViewPersonalData {
        case: desk.case,
        target: ViewTarget::Case,
        purpose: ViewPurpose::Service,
    }
}

fn findings(desk: &Desk) -> Vec<crate::fsck::Finding> {
    let (data, vault) = (
        desk.folder.path().join("data"),
        desk.folder.path().join("vault"),
    );
    let report = fsck(&data, Some(&vault), None, &|_, _, _| {}).unwrap();
    report.findings
}

#[test]
fn the_record_goes_when_nothing_personal_is_left_and_its_own_time_is_over() {
    let (desk, writer) = emptied();
    let case = case_in(&writer, &desk);
    let rules = RetentionRules::default();
    let plan = Plan::of(&case, &rules, end(&case));
    assert_eq!(plan.closes.unwrap().rule, "record");
    let (until, _) = record_end(&case, &rules);
    let early = Plan::of(&case, &rules, Timestamp(until.0 - 1));
    assert!(early.is_empty(), "{early:?}");
    let (held, hold) = held(case.clone(), end(&case));
    let plan = Plan::of(&held, &rules, end(&case));
    assert_eq!((plan.closes, plan.held), (None, [hold].into()));
    let mut alive = case.clone();
    alive.shredded.pop_first();
    assert!(Plan::of(&alive, &rules, end(&case)).closes.is_none());
    drop(writer);
}

#[test]
fn restricted_cases_may_have_a_shorter_record_and_rules_say_so_for_every_case() {
    let desk = Desk::new();
    let mut case = case_in(&desk.writer(), &desk);
    let rules = RetentionRules::default();
    let usual = rules.record(&case).months;
    case.sensitivity = crate::domain::codes::Sensitivity::Restricted;
    assert!(rules.record(&case).months < usual);
    let general = "[[record]]\nname = \"record\"\nmonths = 84\n";
    assert!(DEFAULT_RETENTION.contains(general));
    let without = DEFAULT_RETENTION.replace(general, "");
    let error = RetentionRules::parse(&without).unwrap_err();
    assert!(error.meaning.contains("[[record]]"), "{error}");
    let by_kind = general.replace("months", "categories = [\"health\"]\nmonths");
    let error = RetentionRules::parse(&DEFAULT_RETENTION.replace(general, &by_kind)).unwrap_err();
    assert!(error.meaning.contains("as a whole"), "{error}");
}

#[test]
fn nobody_but_the_ledger_closes_a_case_and_not_before_two_persons_let_the_rules_loose() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let close = Command::CloseCase { case: desk.case };
    let by_staff = refused(&ledger, Caller::Staff(FOCAL), close.clone());
    assert_eq!(by_staff, Refusal::NotAllowed);
    let early = refused(&ledger, Caller::System, close);
    assert_eq!(early, Refusal::NotDue);
    ledger.close().unwrap();
    // When it is due, too: not before two persons agreed.
    let (desk, mut writer) = emptied();
    let now = end(&case_in(&writer, &desk));
    let mut decide = |let_loose| {
        let close = Command::CloseCase { case: desk.case };
        decided_at(&mut writer, &desk, (close, let_loose), now)
    };
    assert!(decide(true).is_ok_and(|decision| decision.close.is_some()));
    let alone = decide(false).map(|_| ()).unwrap_err();
    assert_eq!(alone.refusal, Refusal::RetentionNotApproved);
}

#[test]
fn a_closed_case_takes_no_command_and_neither_its_code_nor_an_old_request_leads_to_it() {
    let desk = Desk::new();
    let asked: Request = request(Caller::Staff(FOCAL), view(&desk));
    let told = Command::RecordDisclosure {
        case: desk.case,
        recipient: crate::decide::tests::CLINIC,
        categories: [crate::domain::codes::DataCategory::Needs].into(),
        channel: crate::domain::codes::Channel::Phone,
    };
    let old = request(Caller::Staff(FOCAL), told);
    let ledger = desk.opened();
    ledger.submit(old.clone()).unwrap();
    let code = ledger.case(desk.case).unwrap().unwrap().code;
    ledger.close().unwrap();
    let mut writer = desk.writer();
    let case = case_in(&writer, &desk);
    let positions = writer.shared.positions(StreamId::Case(desk.case)).unwrap();
    sweep_at(&mut writer, &desk, later(&case));
    writer.erase();
    writer.certify();
    close(&mut writer, &desk);
    let check = |ledger: &Ledger| {
        assert_eq!(ledger.case(desk.case).unwrap(), None);
        assert_eq!(ledger.closed(desk.case).unwrap(), Some(case.organisation));
        assert_eq!(ledger.case_by_code(code).unwrap(), None);
        assert!(ledger.stream(StreamId::Case(desk.case)).unwrap().is_empty());
        let own = refused(ledger, Caller::Staff(FOCAL), asked.command.clone());
        assert_eq!(own, Refusal::RecordEnded);
        let other = refused(ledger, Caller::Staff(PROVIDER), asked.command.clone());
        assert_eq!(other, Refusal::NotFound);
        let rule = Command::CloseCase { case: desk.case };
        assert_eq!(refused(ledger, Caller::System, rule), Refusal::RecordEnded);
        match ledger.submit(old.clone()) {
            Err(Rejection::Refused(it)) => assert_eq!(it.refusal, Refusal::RecordEnded),
            _ => panic!("the old answer was given"),
        }
        assert!(positions.iter().all(|at| ledger.is_closed_at(*at).unwrap()));
        assert!(
            ledger.receipt(positions[0]).unwrap().is_some(),
            "proofs stay"
        );
        let all = ledger.records(0, 10_000).unwrap();
        assert!(all.iter().all(|entry| !positions.contains(&entry.position)));
    };
    // Before its key is destroyed, and after, and after the next start.
    let leaf = closed_leaf(&writer);
    assert!(is_fenced(&writer.shared.reader, leaf).unwrap());
    writer.erase();
    assert!(is_dead(&writer.shared.reader, leaf).unwrap());
    writer.certify();
    writer.close().unwrap();
    let ledger = desk.opened();
    check(&ledger);
    ledger.close().unwrap();
    assert_eq!(findings(&desk), Vec::new());
}

/// The leaf that the last closing names.
fn closed_leaf(writer: &Writer) -> KeyId {
    let entries = writer.shared.stream(StreamId::Ledger).unwrap();
    let mut closed = entries.iter().rev().filter_map(|entry| {
        let Event::StreamClosed(closed) = &entry.record.event else {
            return None;
        };
        Some(KeyId(closed.leaf.0))
    });
    closed.next().expect("a closing")
}

#[test]
fn what_is_asked_of_a_case_in_the_very_group_that_closes_it_is_refused() {
    // given a case that is due, and two persons who agreed that it goes
    let (desk, writer) = emptied();
    let clock = Hands::at(end(&case_in(&writer, &desk)));
    writer.close().unwrap();
    let ledger = Ledger::open_by(desk.options(), clock.clone()).unwrap();
    let_loose(&ledger, SweepId([1; 16]));
    ledger.close().unwrap();
    let mut writer = crate::open::open_by(&desk.options(), clock).unwrap();
    // when somebody asks for it in the same group, behind the closing
    let mut told = Vec::new();
    let rule = request(Caller::System, Command::CloseCase { case: desk.case });
    let group = [rule, request(Caller::Staff(FOCAL), view(&desk))].map(|request| {
        let (tell, answer) = std::sync::mpsc::channel();
        told.push(answer);
        let reply: Reply = Box::new(move |outcome| tell.send(outcome).unwrap());
        (request, reply)
    });
    writer.commit(group.into());
    // then it is closed already
    let mut told = told.into_iter().map(|it| it.recv().unwrap());
    assert!(told.next().unwrap().is_ok());
    match told.next().unwrap() {
        Err(Rejection::Refused(it)) => assert_eq!(it.refusal, Refusal::RecordEnded),
        Ok(_) | Err(Rejection::Fault(_)) => panic!("it was not refused"),
    }
}

#[test]
fn a_case_is_closed_at_once_and_its_events_are_told_no_more() {
    let (desk, mut writer) = emptied();
    close(&mut writer, &desk);
    let held = writer.shared.held(StreamId::Case(desk.case)).unwrap();
    assert!(held.unwrap().closed_of().is_some(), "at once");
    let entries = writer.shared.records(0, 10_000).unwrap();
    let of_case = |it: &crate::ledger::Entry| it.record.stream == StreamId::Case(desk.case);
    assert!(
        !entries.iter().any(of_case),
        "not even before the key is gone"
    );
}

#[test]
fn a_crash_between_the_closing_and_its_rotation_is_finished_by_the_next_start_and_certified() {
    let (desk, mut writer) = emptied();
    let leaf = record_leaf(&writer, &desk);
    close(&mut writer, &desk);
    assert!(!is_dead(&writer.shared.reader, leaf).unwrap());
    drop(writer);
    let mut writer = desk.writer();
    assert!(is_dead(&writer.shared.reader, leaf).unwrap());
    assert_eq!(orders(&writer.shared).unwrap(), Vec::new());
    while !writer.uncertified.is_empty() {
        writer.certify();
    }
    let entries = writer.shared.stream(StreamId::Ledger).unwrap();
    let certified = entries.iter().rev();
    let mut certified =
        certified.filter(|it| matches!(it.record.event, Event::ErasureCertified(_)));
    let position = certified.next().expect("a certificate").position;
    let file = crate::certificate::file(&writer.shared, position)
        .unwrap()
        .unwrap();
    let key = writer.shared.vkey.parse().unwrap();
    let proved = verify_certificate(file.as_bytes(), &key).unwrap();
    let text = proved.text();
    assert!(
        text.contains("stream ledger\n") && text.contains("closed 1\n"),
        "{text}"
    );
    assert!(!text.contains(&desk.case.to_string()), "{text}");
    assert!(!text.contains("record-until"), "{text}");
}

#[test]
fn certificates_say_until_when_the_record_stays() {
    let (desk, writer) = emptied();
    let (until, rule) = record_end(&case_in(&writer, &desk), &RetentionRules::default());
    let entries = writer.shared.stream(StreamId::Case(desk.case)).unwrap();
    let note = entries.iter().find_map(|entry| {
        let Event::ErasureCertified(it) = &entry.record.event else {
            return None;
        };
        Some(it.note.0.clone())
    });
    let line = format!("\nrecord-until {} {rule}\n", until.to_rfc3339());
    assert!(note.unwrap().contains(&line), "{line}");
}

#[test]
fn snapshots_of_views_die_with_the_record_and_none_is_kept_that_has_seen_less() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let size = ledger.size();
    ledger
        .save_snapshot("test", size, b"rows of the case")
        .unwrap();
    assert!(ledger.load_snapshot("test").unwrap().is_some());
    ledger.close().unwrap();
    let mut writer = desk.writer();
    let case = case_in(&writer, &desk);
    sweep_at(&mut writer, &desk, later(&case));
    writer.erase();
    writer.certify();
    close(&mut writer, &desk);
    writer.erase();
    writer.close().unwrap();
    let ledger = desk.opened();
    assert_eq!(ledger.load_snapshot("test").unwrap(), None);
    let late = ledger.save_snapshot("test", size, b"rows of the case");
    assert!(late.is_err(), "it has not seen the closing");
    let now = ledger.size();
    ledger.save_snapshot("test", now, b"rows").unwrap();
    assert!(ledger.load_snapshot("test").unwrap().is_some());
}

#[test]
fn the_bytes_of_a_closed_case_are_cut_out_and_the_index_forgets_where_they_stood() {
    let (desk, mut writer) = emptied();
    let positions = writer.shared.positions(StreamId::Case(desk.case)).unwrap();
    let leaf = record_leaf(&writer, &desk);
    close(&mut writer, &desk);
    writer.erase();
    writer.certify();
    writer.close().unwrap();
    let ledger = desk.opened();
    let all = CutOptions {
        after_days: 0,
        store: true,
    };
    assert!(ledger.cut_out(all).unwrap().finished);
    for position in positions {
        let stored = ledger.sealed(position).unwrap().unwrap();
        assert!(
            stored.segments[0].iter().all(|byte| *byte == 0),
            "event {position}"
        );
        assert!(ledger.is_closed_at(position).unwrap());
    }
    let leaf = LeafKeyId(leaf.0);
    let reader = &ledger.shared.reader;
    assert!(
        crate::submit::closing::closed_at(reader, leaf)
            .unwrap()
            .is_none()
    );
    assert_eq!(
        ledger.closed(desk.case).unwrap().map(|it| it.0.len()),
        Some(16)
    );
    ledger.close().unwrap();
    assert_eq!(findings(&desk), Vec::new());
}

#[test]
fn a_record_that_no_closing_tells_of_and_that_cannot_be_read_is_found() {
    let (desk, mut writer) = emptied();
    let leaf = record_leaf(&writer, &desk);
    let mut staged = crate::submit::staged::Staged::on(writer.shared.tree().frontier());
    let fence = crate::keys::KeyRecord::Fence { key: leaf };
    staged.key_records.push(fence.to_bytes());
    let _ = writer.append(&mut staged, false).unwrap();
    writer.close().unwrap();
    let found = findings(&desk);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].what.contains("no event closed its stream"),
        "{found:?}"
    );
}

#[test]
fn no_event_names_the_case_that_was_closed() {
    let (desk, mut writer) = emptied();
    close(&mut writer, &desk);
    let before = writer.shared.published().size;
    writer.erase();
    writer.certify();
    writer.close().unwrap();
    let ledger = desk.opened();
    let ends = ledger.records(before - 1, 100).unwrap();
    let tells = |entry: &crate::ledger::Entry| format!("{:?}", entry.record.event);
    let id = format!("{:?}", desk.case);
    assert!(
        ends.iter().all(|entry| !tells(entry).contains(&id)),
        "no event names it"
    );
}
