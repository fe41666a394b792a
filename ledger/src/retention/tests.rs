//! Retention in a whole ledger: what is over goes in one rotation, what is held stays and says so.

use super::*;
use crate::clock::{DAY_MS, Timestamp};
use crate::decide::tests::FOCAL;
use crate::domain::case::Case;
use crate::domain::codes::HoldReason;
use crate::domain::command::{Caller, Command};
use crate::domain::event::Event;
use crate::domain::ids::{HoldId, OrganisationId, SweepId};
use crate::domain::stream::StreamId;
use crate::domain::subjects::Subjects;
use crate::ledger::{Ledger, Rejection};
use crate::refusal::Refusal;
use crate::submit::staged::Staged;
use crate::submit::tests::{Desk, request};
use crate::submit::writer::Writer;

/// When everything is over by the rules that ship.
fn later(case: &Case) -> Timestamp {
    case.touched.plus_months(30)
}

fn case_of(ledger: &Ledger, desk: &Desk) -> Case {
    (*ledger.case(desk.case).unwrap().unwrap()).clone()
}

fn held(mut case: Case, now: Timestamp) -> (Case, HoldId) {
    let id = HoldId([9; 16]);
    let hold = crate::domain::case::Hold {
        person: None,
        reason: HoldReason::LegalOrder,
        until: now.plus_ms(DAY_MS),
        released: false,
    };
    case.holds.insert(id, hold);
    (case, id)
}

#[test]
fn what_is_over_is_due_and_a_day_before_it_is_not() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let case = case_of(&ledger, &desk);
    let rules = RetentionRules::default();
    let plan = Plan::of(&case, &rules, later(&case));
    assert_eq!(
        plan.due.len(),
        2,
        "the record's consent and the one to refer"
    );
    assert!(plan.due.iter().all(|over| over.categories.is_none()));
    let consent = case.consents.values().next().unwrap();
    let (end, _) = end_of(&case, consent, &rules);
    let before = Timestamp(end.0 - DAY_MS);
    let early = Plan::of(&case, &rules, before);
    assert!(
        early.due.iter().all(|over| over.categories.is_some()),
        "{early:?}"
    );
}

#[test]
fn a_clock_that_was_set_back_makes_nothing_due_and_loses_nothing() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let mut case = case_of(&ledger, &desk);
    let rules = RetentionRules::default();
    assert!(Plan::of(&case, &rules, Timestamp(0)).is_empty());
    // What was done while the clock ran behind does not count as long ago.
    let later = later(&case);
    case.touched = later;
    assert!(Plan::of(&case, &rules, later.minus_months(6)).is_empty());
    assert!(Plan::of(&case, &rules, later).is_empty());
}

#[test]
fn a_hold_keeps_what_is_over_until_its_day() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let rules = RetentionRules::default();
    let case = case_of(&ledger, &desk);
    let now = later(&case);
    let (case, hold) = held(case, now);
    let plan = Plan::of(&case, &rules, now);
    assert!(plan.due.is_empty());
    assert_eq!(plan.held, [hold].into());
    let after = Plan::of(&case, &rules, now.plus_ms(DAY_MS));
    assert_eq!((after.due.len(), after.held.len()), (2, 0));
}

fn refused(ledger: &Ledger, caller: Caller, command: Command) -> Refusal {
    match ledger.submit(request(caller, command)) {
        Err(Rejection::Refused(refused)) => refused.refusal,
        Ok(_) | Err(Rejection::Fault(_)) => panic!("it was not refused"),
    }
}

#[test]
fn nobody_but_the_ledger_applies_the_rules_and_what_is_not_due_stays() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let apply = Command::ApplyRetention { case: desk.case };
    assert_eq!(
        refused(&ledger, Caller::Staff(FOCAL), apply.clone()),
        Refusal::NotAllowed
    );
    let early = refused(&ledger, Caller::System, apply);
    assert_eq!(
        early,
        Refusal::NotDue,
        "nothing is over, whoever let the rules loose"
    );
    let sweep = SweepId([1; 16]);
    let finish = Command::FinishSweep {
        sweep,
        organisation: OrganisationId([1; 16]),
        cases: 1,
        held: 0,
    };
    assert_eq!(
        refused(&ledger, Caller::Staff(FOCAL), finish),
        Refusal::NotAllowed
    );
    let approve = Command::ApproveSweep { sweep };
    assert_eq!(
        refused(&ledger, Caller::Staff(FOCAL), approve),
        Refusal::NotFound
    );
}

/// Decides, seals and appends as the spine does, at a moment of its own.
fn sweep_at(writer: &mut Writer, desk: &Desk, now: Timestamp) {
    let held = writer.shared.held(StreamId::Case(desk.case)).unwrap();
    let subjects = Subjects {
        case: held.and_then(crate::submit::held::Held::case),
        let_loose: true,
        ..Subjects::default()
    };
    let apply = Command::ApplyRetention { case: desk.case };
    let asked = request(Caller::System, apply);
    let permitted = crate::authorise::authorise(&writer.shared.policy, asked, &subjects, now);
    let entropy = writer.entropy.as_mut();
    let decided =
        crate::decide::decide(permitted.unwrap(), &subjects, now, &writer.rules, entropy).unwrap();
    let mut staged = Staged::on(writer.shared.tree().frontier());
    let sealed = writer.seal(&staged, decided, now).unwrap();
    staged.push(sealed);
    writer.shred.append(&mut staged.shred);
    let _ = writer.append(&mut staged, false).unwrap();
}

#[test]
fn what_is_swept_is_fenced_destroyed_in_one_rotation_and_certified_with_its_rule() {
    let desk = Desk::new();
    let mut writer = desk.writer();
    let case = writer.shared.held(StreamId::Case(desk.case)).unwrap();
    let case = case.and_then(crate::submit::held::Held::case).unwrap();
    let now = later(&case);
    sweep_at(&mut writer, &desk, now);
    let epochs = writer.shared.keys().epoch();
    writer.erase();
    assert_eq!(writer.shared.keys().epoch(), epochs + 1, "one rotation");
    writer.certify();
    let stream = writer.shared.stream(StreamId::Case(desk.case)).unwrap();
    let applied = |event: &Event| matches!(event, Event::RetentionApplied(_));
    assert_eq!(
        stream.iter().filter(|it| applied(&it.record.event)).count(),
        2
    );
    let certified = stream.iter().find_map(|entry| match &entry.record.event {
        Event::ErasureCertified(it) => Some(it.note.0.clone()),
        _ => None,
    });
    let note = certified.expect("a certificate");
    assert!(
        note.contains(" retention ") && note.contains(" usual 1\n"),
        "{note}"
    );
    assert!(note.contains("decided ") && note.contains(" ledger\n"));
}
