//! Retention in a whole ledger: what is over goes in one rotation, what is held stays and says so.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::clock::{Clock, DAY_MS, Timestamp};
use crate::decide::tests::FOCAL;
use crate::domain::case::{Case, Consent, touched_by};
use crate::domain::codes::{Channel, DataCategory, HoldReason, NoticeState};
use crate::domain::command::{Caller, Command, SweepEnd};
use crate::domain::event::{Event, Given, LeafOf, NoticeRecorded};
use crate::domain::ids::{HoldId, LeafKeyId, OrganisationId, ReferralId, StaffId, SweepId};
use crate::domain::stream::StreamId;
use crate::domain::subjects::Subjects;
use crate::ledger::{Ledger, Rejection};
use crate::refusal::Refusal;
use crate::submit::staged::Staged;
use crate::submit::tests::{Desk, request};
use crate::submit::writer::Writer;

/// When everything is over by the rules that ship.
pub(super) fn later(case: &Case) -> Timestamp {
    case.touched.plus_months(30)
}

pub(super) fn case_of(ledger: &Ledger, desk: &Desk) -> Case {
    (*ledger.case(desk.case).unwrap().unwrap()).clone()
}

pub(super) fn held(mut case: Case, now: Timestamp) -> (Case, HoldId) {
    let id = HoldId([9; 16]);
    let hold = crate::domain::case::Hold {
        person: None,
        reason: HoldReason::LegalOrder,
        until: now.plus_ms(DAY_MS),
        released: false,
        release_asked: None,
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

pub(super) fn refused(ledger: &Ledger, caller: Caller, command: Command) -> Refusal {
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
    let finish = Command::FinishSweep(SweepEnd {
        sweep,
        organisation: OrganisationId([1; 16]),
        cases: 1,
        held: 0,
        closed: 0,
        staff: 0,
        too_many: None,
    });
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
pub(super) fn sweep_at(writer: &mut Writer, desk: &Desk, now: Timestamp) {
    let apply = Command::ApplyRetention { case: desk.case };
    by_rule_at(writer, desk, apply, now);
}

/// What a command of the ledger's own comes to, with the rules let loose or not.
pub(super) fn decided_at(
    writer: &mut Writer,
    desk: &Desk,
    (command, let_loose): (Command, bool),
    now: Timestamp,
) -> Result<crate::decide::Decision, crate::refusal::Refused> {
    let held = writer.shared.held(StreamId::Case(desk.case)).unwrap();
    let subjects = Subjects {
        case: held.and_then(crate::submit::held::Held::case),
        let_loose,
        ..Subjects::default()
    };
    let asked = request(Caller::System, command);
    let permitted = crate::authorise::authorise(&writer.shared.policy, asked, &subjects, now);
    let (entropy, rules) = (writer.entropy.as_mut(), &writer.shared.rules);
    crate::decide::decide(permitted.unwrap(), &subjects, now, rules, entropy)
}

/// The same with another command of the ledger's own.
pub(super) fn by_rule_at(writer: &mut Writer, desk: &Desk, command: Command, now: Timestamp) {
    let decided = decided_at(writer, desk, (command, true), now).unwrap();
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
    let certified = stream.iter().find_map(|entry| {
        let Event::ErasureCertified(it) = &entry.record.event else {
            return None;
        };
        Some(it.note.0.clone())
    });
    let note = certified.expect("a certificate");
    assert!(
        note.contains(" retention ") && note.contains(" usual 1\n"),
        "{note}"
    );
    assert!(note.contains("decided ") && note.contains(" ledger\n"));
}

/// A clock that a test sets.
#[derive(Default)]
pub(super) struct Hands(AtomicU64);

impl Hands {
    pub(super) fn at(now: Timestamp) -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(now.0)))
    }

    fn set(&self, now: Timestamp) {
        self.0.store(now.0, Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

const OFFICER: StaffId = StaffId([15; 16]);
const COORDINATOR: StaffId = StaffId([17; 16]);

fn doubts(ledger: &Ledger) -> usize {
    let all = ledger.stream(StreamId::Ledger).unwrap();
    let doubts = all.iter();
    let doubts = doubts.filter(|it| matches!(it.record.event, Event::ClockDoubted(_)));
    doubts.count()
}

pub(super) fn ask(ledger: &Ledger, staff: StaffId, command: Command) {
    ledger
        .submit(request(Caller::Staff(staff), command))
        .unwrap();
}

/// Two persons agree to a sweep.
pub(super) fn let_loose(ledger: &Ledger, sweep: SweepId) {
    ask(ledger, OFFICER, Command::RequestSweep { sweep, cases: 1 });
    let approve = Command::ApproveSweep { sweep };
    assert_eq!(
        refused(ledger, Caller::Staff(OFFICER), approve.clone()),
        Refusal::SecondPersonRequired
    );
    assert_eq!(
        refused(ledger, Caller::Staff(FOCAL), approve.clone()),
        Refusal::NotAllowed
    );
    ask(ledger, COORDINATOR, approve);
}

/// Attack 25: whoever sets the clock decides neither what is destroyed nor what is kept.
#[test]
fn a_clock_that_jumps_is_told_in_the_log_and_no_rule_is_applied_until_two_persons_agree() {
    let desk = Desk::new();
    let case = case_of(&desk.opened(), &desk);
    let clock = Hands::at(later(&case));
    let open = || Ledger::open_by(desk.options(), clock.clone()).unwrap();
    let apply = Command::ApplyRetention { case: desk.case };
    let not_applied = |ledger: &Ledger| {
        let refusal = refused(ledger, Caller::System, apply.clone());
        assert_eq!(refusal, Refusal::RetentionNotApproved);
    };
    // Far ahead of the last event.
    let ledger = open();
    not_applied(&ledger);
    assert_eq!(doubts(&ledger), 1);
    let_loose(&ledger, SweepId([1; 16]));
    // Back while it runs, by more than clocks are off.
    clock.set(Timestamp(clock.now().0 - 2 * 3_600_000));
    not_applied(&ledger);
    assert_eq!(doubts(&ledger), 2);
    clock.set(later(&case).plus_ms(1));
    not_applied(&ledger);
    assert_eq!(doubts(&ledger), 3, "forth again is no better");
    ledger.close().unwrap();
    // A restart forgets nothing, and finds nothing new.
    let ledger = open();
    not_applied(&ledger);
    assert_eq!(doubts(&ledger), 3);
    // What was asked for before the doubt lets nothing loose twice.
    assert_eq!(
        refused(
            &ledger,
            Caller::Staff(COORDINATOR),
            Command::ApproveSweep {
                sweep: SweepId([1; 16])
            }
        ),
        Refusal::NotFound
    );
    let_loose(&ledger, SweepId([2; 16]));
    let done = ledger.submit(request(Caller::System, apply)).unwrap();
    assert_eq!(done.entries.len(), 2, "both consents");
}

#[test]
fn other_rules_need_a_higher_number_and_two_persons_and_stay_in_force_without_the_file() {
    let desk = Desk::new();
    let with = |rules: Option<String>| {
        let mut options = desk.options();
        options.retention = rules;
        Ledger::open(options)
    };
    let same_number = DEFAULT_RETENTION.replace("months = 24", "months = 1");
    let fault = with(Some(same_number.clone())).err().expect("refused");
    assert!(fault.to_string().contains("higher"), "{fault}");
    let next = same_number.replace("version = 1", "version = 2");
    let ledger = with(Some(next.clone())).unwrap();
    let sweep = SweepId([1; 16]);
    ask(&ledger, OFFICER, Command::RequestSweep { sweep, cases: 1 });
    ledger.close().unwrap();
    let ledger = with(None).unwrap();
    assert_eq!(ledger.retention().text(), next, "the log has them");
    let installed = ledger.stream(StreamId::Ledger).unwrap().into_iter();
    let installed = installed.filter_map(|entry| {
        let Event::RetentionInstalled(it) = &entry.record.event else {
            return None;
        };
        Some((it.version, it.rules.0.clone()))
    });
    let installed: Vec<_> = installed.collect();
    assert_eq!(
        installed,
        [(1, DEFAULT_RETENTION.to_owned()), (2, next.clone())]
    );
    ledger.close().unwrap();
    // What was asked for under other rules is not approved under these.
    let third = next.replace("version = 2", "version = 3");
    let ledger = with(Some(third)).unwrap();
    let approve = Command::ApproveSweep { sweep };
    let refusal = refused(&ledger, Caller::Staff(COORDINATOR), approve);
    assert_eq!(refusal, Refusal::VersionConflict);
}

/// The dry run and the sweep, over every month of a case's life, with and without holds.
#[test]
fn the_dry_run_names_the_very_keys_that_the_sweep_then_destroys() {
    let desk = Desk::new();
    let mut writer = desk.writer();
    let held_case = writer.shared.held(StreamId::Case(desk.case)).unwrap();
    let case = held_case.and_then(crate::submit::held::Held::case).unwrap();
    let (mut some, mut parts) = (0, 0);
    for (months, client, until) in (0..40_u32).flat_map(|months| {
        let client = [Some(case.client), None];
        let days = [0, 1_000];
        client
            .into_iter()
            .flat_map(move |client| days.map(|days| (months, client, days)))
    }) {
        let now = case.touched.plus_months(months);
        let (mut case, id) = held((*case).clone(), now);
        if let Some(hold) = case.holds.get_mut(&id) {
            hold.person = client;
            hold.until = now.plus_ms(until * DAY_MS);
        }
        let health = |consent: &&Consent| consent.scope.holds(DataCategory::Health);
        let (ground, consent) = case.consents.iter().find(|(_, it)| health(it)).unwrap();
        let of = LeafOf {
            person: consent.person,
            ground: (*ground).into(),
            category: Some(DataCategory::Health),
        };
        case.leaves.insert(of, LeafKeyId([7; 16]));
        let plan = Plan::of(&case, &writer.shared.rules.retention, now);
        let named = plan.keys(&case);
        let subjects = Subjects {
            case: Some(Arc::new(case)),
            let_loose: true,
            ..Subjects::default()
        };
        let apply = Command::ApplyRetention { case: desk.case };
        let asked = request(Caller::System, apply);
        let permitted = crate::authorise::authorise(&writer.shared.policy, asked, &subjects, now);
        let entropy = writer.entropy.as_mut();
        let permitted = permitted.unwrap();
        let decided =
            crate::decide::decide(permitted, &subjects, now, &writer.shared.rules, entropy);
        let destroyed = decided.map(|decision| {
            let fenced: BTreeSet<_> = decision.fence.iter().copied().collect();
            let ordered: BTreeSet<_> = decision.shred.iter().map(|(_, key)| *key).collect();
            assert_eq!(fenced, ordered, "nothing dies that was not fenced");
            ordered
        });
        assert_eq!(destroyed.unwrap_or_default(), named, "month {months}");
        some += usize::from(!named.is_empty());
        parts += usize::from(plan.due.iter().any(|over| over.categories.is_some()));
    }
    assert!(some > 10 && parts > 0, "the test looks at both kinds");
}

/// What opening itself records has the time of the wrong clock, and hides nothing.
#[test]
fn a_clock_set_ahead_while_closed_is_doubted_though_a_pending_order_was_carried_out_by_it() {
    let desk = Desk::new();
    let mut writer = desk.writer();
    let case = writer.shared.held(StreamId::Case(desk.case)).unwrap();
    let case = case.and_then(crate::submit::held::Held::case).unwrap();
    sweep_at(&mut writer, &desk, later(&case));
    let before = writer.shared.published().size;
    writer.close().unwrap();
    let clock = Hands::at(later(&case).plus_months(3));
    let ledger = Ledger::open_by(desk.options(), clock).unwrap();
    let see = Command::ApplyRetention { case: desk.case };
    let refusal = refused(&ledger, Caller::System, see);
    assert_eq!(refusal, Refusal::NotDue, "all of it is gone");
    assert_eq!(doubts(&ledger), 1);
    let stream = ledger.stream(StreamId::Case(desk.case)).unwrap();
    let mut recorded = stream.iter().filter(|it| it.position >= before);
    let gone = recorded.any(|it| matches!(it.record.event, Event::Shredded(_)));
    assert!(gone, "the order was carried out");
}

#[test]
fn an_id_that_is_in_use_names_no_other_sweep_and_a_sweep_ends_once() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let sweep = SweepId([1; 16]);
    let of = case_of(&ledger, &desk).organisation;
    let more = Command::RequestSweep {
        sweep,
        cases: 10_000,
    };
    let finish = Command::FinishSweep(SweepEnd {
        sweep,
        organisation: of,
        cases: 0,
        held: 0,
        closed: 0,
        staff: 0,
        too_many: None,
    });
    let approve = Command::ApproveSweep { sweep };
    ask(&ledger, OFFICER, Command::RequestSweep { sweep, cases: 3 });
    let by_officer = Caller::Staff(OFFICER);
    let again = || refused(&ledger, by_officer, more.clone());
    assert_eq!(again(), Refusal::AlreadyExists);
    let early = refused(&ledger, Caller::System, finish.clone());
    assert_eq!(early, Refusal::NothingToDo, "nobody agreed to it yet");
    // Two approvals that come in one group are one.
    let twice = [(); 2].map(|()| request(Caller::Staff(COORDINATOR), approve.clone()));
    let agreed = ledger.submit_together(twice.to_vec());
    assert_eq!(agreed.iter().filter(|it| it.is_ok()).count(), 1);
    assert_eq!(again(), Refusal::AlreadyExists);
    ledger
        .submit(request(Caller::System, finish.clone()))
        .unwrap();
    assert_eq!(
        refused(&ledger, Caller::System, finish),
        Refusal::NothingToDo
    );
    assert_eq!(again(), Refusal::AlreadyExists);
}

#[test]
fn a_sweep_that_found_more_than_it_might_take_lets_no_rule_loose() {
    let desk = Desk::new();
    let case = case_of(&desk.opened(), &desk);
    let ledger = Ledger::open_by(desk.options(), Hands::at(later(&case))).unwrap();
    let sweep = SweepId([1; 16]);
    let_loose(&ledger, sweep);
    let finish = Command::FinishSweep(SweepEnd {
        sweep,
        organisation: case.organisation,
        cases: 0,
        held: 0,
        closed: 0,
        staff: 0,
        too_many: Some(2),
    });
    ledger.submit(request(Caller::System, finish)).unwrap();
    let apply = Command::ApplyRetention { case: desk.case };
    let refusal = refused(&ledger, Caller::System, apply);
    assert_eq!(refusal, Refusal::RetentionNotApproved);
}

#[test]
fn asking_a_recipient_to_destroy_does_not_begin_the_time_anew() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let stream = ledger.stream(StreamId::Case(desk.case)).unwrap();
    let mut records = stream.iter().map(|entry| (*entry.record).clone());
    let mut record = records
        .find(|record| touched_by(record).is_some())
        .expect("staff did something");
    let notice = NoticeRecorded {
        given: Given::Referral(ReferralId([1; 16])),
        state: NoticeState::Planned,
        outcome: None,
        channel: Channel::Phone,
    };
    record.event = notice.into();
    assert_eq!(touched_by(&record), None);
}
