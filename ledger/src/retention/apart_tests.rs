//! What stands apart from cases ends by rules of its own (MISSION C6, C13, E8).

use super::tests::{Hands, ask, let_loose, refused};
use super::*;
use crate::clock::{DAY_MS, Timestamp};
use crate::decide::tests::{ADMIN, COORDINATOR, DELEGATE, DPO as OFFICER, FOCAL, HOME, SAFE, text};
use crate::domain::apart::{Apart, HoldingApart};
use crate::domain::codes::*;
use crate::domain::command::*;
use crate::domain::event::Event;
use crate::domain::ids::{ComplaintId, IncomingId, OrganisationId, StaffId, SweepId};
use crate::domain::incoming::Sender;
use crate::erase::orders::order_record;
use crate::fsck::fsck;
use crate::keys::{KeyId, is_dead};
use crate::ledger::{CutOptions, Ledger, PersonalContent};
use crate::named::tests::put;
use crate::packet::Trusted;
use crate::packet::exchange_tests::trusted_of;
use crate::refusal::Refusal;
use crate::submit::closing::ended;
use crate::submit::tests::{Desk, done, request};
use crate::submit::writer::Writer;

const WORDS: &str = "invented words";

/// Takes somebody on in a role that two persons give.
fn appoint(ledger: &Ledger, staff: StaffId, role: Role) {
    let register = Command::RegisterStaff {
        staff,
        organisation: HOME,
        name: text("invented"),
        roles: [role].into(),
    };
    ask(ledger, ADMIN, register);
    let confirm = true;
    let decide = Command::DecideRole {
        staff,
        role,
        confirm,
    };
    ask(ledger, OFFICER, decide);
}

fn complain(ledger: &Ledger, kind: ComplaintKind) -> ComplaintId {
    let complaining = Command::RecordComplaint(Complaining {
        kind,
        against: None,
        anonymous: true,
        words: text(WORDS),
        contact: None,
    });
    let answer = done(ledger, FOCAL, complaining);
    let Event::ComplaintReceived(it) = &answer.entries[0].record.event else {
        panic!("another event")
    };
    it.complaint
}

fn answered(ledger: &Ledger, kind: ComplaintKind, by: StaffId) -> ComplaintId {
    let complaint = complain(ledger, kind);
    let answer = Command::AnswerComplaint(AnsweringComplaint {
        complaint,
        outcome: ComplaintOutcome::Upheld,
        told: PersonTold::NotReached,
        note: Some(text("it is so")),
    });
    ask(ledger, by, answer);
    complaint
}

fn incoming(ledger: &Ledger) -> IncomingId {
    coming(ledger, None)
}

fn coming(ledger: &Ledger, packet: Option<Trusted>) -> IncomingId {
    let answer = done(ledger, FOCAL, taking(packet));
    let Event::IncomingReceived(it) = &answer.entries[0].record.event else {
        panic!("another event")
    };
    it.incoming
}

fn taking(packet: Option<Trusted>) -> Command {
    Command::RecordIncoming(TakingDown {
        from: Sender::Class(SenderClass::SelfOrFamily),
        channel: Channel::Phone,
        urgency: Urgency::Routine,
        reference: None,
        consent: ConsentClaim::NotSaid,
        packet,
    })
}

/// A desk whose clock stands months after what was done at it.
fn later(desk: &Desk, months: u32) -> Ledger {
    let ledger = desk.opened();
    let then = ledger.now().plus_months(months);
    ledger.close().unwrap();
    Ledger::open_by(desk.options(), Hands::at(then)).unwrap()
}

fn end(ledger: &Ledger, what: Apart) {
    let asked = request(Caller::System, Command::EndApart { what });
    ledger.submit(asked).unwrap();
    while ledger.status().shreds_pending > 0 {
        std::thread::yield_now();
    }
}

fn not_ended(ledger: &Ledger, what: Apart) -> Refusal {
    refused(ledger, Caller::System, Command::EndApart { what })
}

fn hold(what: Apart, until: Timestamp) -> Command {
    Command::HoldApart(HoldingApart {
        what,
        reason: HoldReason::LegalClaim,
        until,
    })
}

#[test]
fn c6_the_words_of_a_complaint_die_when_the_rule_says_from_its_answer_and_its_record_later() {
    // given a complaint that was answered, one that nobody answered, and a serious one
    let desk = Desk::new();
    let ledger = desk.opened();
    let complaint = answered(&ledger, ComplaintKind::Conduct, COORDINATOR);
    let what = Apart::Complaint(complaint);
    let open = Apart::Complaint(complain(&ledger, ComplaintKind::Conduct));
    appoint(&ledger, SAFE, Role::Safeguarding);
    let serious = ComplaintKind::ExploitationOrAbuse;
    let serious = Apart::Complaint(answered(&ledger, serious, SAFE));
    let leaves: Vec<_> = {
        let state = ledger.complaint(complaint).unwrap().unwrap();
        state.leaves.values().copied().collect()
    };
    assert!(!leaves.is_empty(), "words, and what was found");
    // then nobody but the ledger ends it, and not alone
    let by_staff = refused(
        &ledger,
        Caller::Staff(COORDINATOR),
        Command::EndApart { what },
    );
    assert_eq!(by_staff, Refusal::NotAllowed);
    assert_eq!(not_ended(&ledger, what), Refusal::NotDue);
    ledger.close().unwrap();
    let ledger = later(&desk, 25);
    assert_eq!(not_ended(&ledger, what), Refusal::RetentionNotApproved);
    let_loose(&ledger, SweepId([1; 16]));
    // when the words are over they are destroyed, and those of the others stay
    end(&ledger, what);
    assert_eq!(not_ended(&ledger, open), Refusal::NotDue);
    assert_eq!(not_ended(&ledger, serious), Refusal::NotDue);
    for leaf in &leaves {
        assert!(is_dead(&ledger.shared.reader, KeyId(leaf.0)).unwrap());
    }
    let view = Command::ViewComplaint { complaint };
    let nothing = refused(&ledger, Caller::Staff(COORDINATOR), view.clone());
    assert_eq!(nothing, Refusal::NothingToDo);
    assert_eq!(
        not_ended(&ledger, what),
        Refusal::NotDue,
        "its record is not"
    );
    ledger.close().unwrap();
    // and when the record is over nothing is left of it, whoever asks
    let ledger = later(&desk, 37);
    let_loose(&ledger, SweepId([2; 16]));
    end(&ledger, what);
    assert_eq!(ledger.complaint(complaint).unwrap(), None);
    assert!(ledger.stream(what.stream()).unwrap().is_empty());
    let gone = refused(&ledger, Caller::Staff(COORDINATOR), view);
    assert_eq!(gone, Refusal::NotFound);
    assert_eq!(not_ended(&ledger, what), Refusal::NotFound);
    nothing_tells_what_it_was(&ledger);
    let cut = CutOptions {
        after_days: 0,
        store: true,
    };
    assert!(ledger.cut_out(cut).unwrap().finished);
    ledger.close().unwrap();
    let (data, vault) = (
        desk.folder.path().join("data"),
        desk.folder.path().join("vault"),
    );
    let report = fsck(&data, Some(&vault), None, &|_, _, _| {}).unwrap();
    assert_eq!(report.findings, Vec::new());
}

/// Who reads the ledger's own stream learns of no complaint by its end.
fn nothing_tells_what_it_was(ledger: &Ledger) {
    let entries = ledger
        .stream(crate::domain::stream::StreamId::Ledger)
        .unwrap();
    let closed = entries.iter().find_map(|entry| {
        let Event::StreamClosed(it) = &entry.record.event else {
            return None;
        };
        Some(it.clone())
    });
    let closed = closed.expect("a closing");
    assert_eq!(
        (closed.rule.0.as_str(), closed.organisation),
        ("apart", HOME)
    );
    let told = Event::NAMES.iter().zip(&closed.events);
    let told = told.filter(|(name, count)| name.contains("Complaint") && **count > 0);
    assert_eq!(told.count(), 0);
    let none = closed.events.iter().all(|count| *count == 0);
    assert!(none && (closed.keys, closed.parts) == (0, 0), "{closed:?}");
}

#[test]
fn c6_a_hold_keeps_a_complaint_until_its_day_and_only_who_may_know_of_it_places_one() {
    let desk = Desk::new();
    let ledger = desk.opened();
    appoint(&ledger, SAFE, Role::Safeguarding);
    let kind = ComplaintKind::ExploitationOrAbuse;
    let what = Apart::Complaint(answered(&ledger, kind, SAFE));
    ledger.close().unwrap();
    let ledger = later(&desk, 61);
    let_loose(&ledger, SweepId([1; 16]));
    let until = ledger.now().plus_ms(DAY_MS);
    for stranger in [OFFICER, COORDINATOR, FOCAL] {
        let unknown = refused(&ledger, Caller::Staff(stranger), hold(what, until));
        assert_eq!(unknown, Refusal::NotFound);
    }
    let over = refused(&ledger, Caller::Staff(SAFE), hold(what, ledger.now()));
    assert_eq!(over, Refusal::TimeInvalid);
    ask(&ledger, SAFE, hold(what, until));
    let shorter = refused(&ledger, Caller::Staff(SAFE), hold(what, until));
    assert_eq!(shorter, Refusal::NothingToDo);
    assert_eq!(not_ended(&ledger, what), Refusal::LegalHold);
    ledger.close().unwrap();
    let ledger = later(&desk, 62);
    let_loose(&ledger, SweepId([2; 16]));
    end(&ledger, what);
}

#[test]
fn c13_a_referral_from_outside_ends_from_the_last_thing_done_with_it_and_a_hold_is_none() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let (goes, held) = (incoming(&ledger), incoming(&ledger));
    let (goes, held) = (Apart::Incoming(goes), Apart::Incoming(held));
    let until = ledger.now().plus_months(40);
    ask(&ledger, FOCAL, hold(held, until));
    assert_eq!(not_ended(&ledger, goes), Refusal::NotDue);
    ledger.close().unwrap();
    let ledger = later(&desk, 25);
    let_loose(&ledger, SweepId([1; 16]));
    assert_eq!(not_ended(&ledger, held), Refusal::LegalHold);
    end(&ledger, goes);
    assert!(ledger.stream(goes.stream()).unwrap().is_empty());
    assert!(!ledger.stream(held.stream()).unwrap().is_empty());
}

#[test]
fn c7_a_packet_whose_referral_ended_is_taken_in_no_second_time() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let packet = || Some(trusted_of(OrganisationId([0x5d; 16]), 9));
    let came = Apart::Incoming(coming(&ledger, packet()));
    ledger.close().unwrap();
    let ledger = later(&desk, 25);
    let_loose(&ledger, SweepId([1; 16]));
    end(&ledger, came);
    assert!(ledger.stream(came.stream()).unwrap().is_empty());
    let again = refused(&ledger, Caller::Staff(FOCAL), taking(packet()));
    assert_eq!(again, Refusal::PacketTaken);
}

#[test]
fn e8_the_words_of_a_breach_stay_until_it_is_closed_and_its_time_is_over() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let reporting = Command::ReportBreach(ReportingBreach {
        organisation: None,
        kind: BreachKind::DeviceLost,
        suspected: None,
        happened_from: None,
        happened_until: None,
        suspected_at: None,
        known_at: None,
        words: Some(text(WORDS)),
    });
    let answer = done(&ledger, FOCAL, reporting);
    let Event::BreachReported(reported) = &answer.entries[0].record.event else {
        panic!("another event")
    };
    let breach = reported.breach;
    let what = Apart::Breach(breach);
    ledger.close().unwrap();
    let ledger = later(&desk, 30);
    let_loose(&ledger, SweepId([1; 16]));
    assert_eq!(
        not_ended(&ledger, what),
        Refusal::NotDue,
        "nobody closed it"
    );
    let assess = Command::AssessBreach(AssessingBreach {
        breach,
        harms: [BreachHarm::Confidentiality].into(),
        categories: [DataCategory::Needs].into(),
        people: crate::domain::breach::Counted {
            at_least: 1,
            at_most: Some(1),
        },
        records: crate::domain::breach::Counted {
            at_least: 1,
            at_most: Some(1),
        },
        consequences: [].into(),
        measures: [].into(),
        risk: BreachRisk::Unlikely,
    });
    ask(&ledger, OFFICER, assess);
    appoint(&ledger, DELEGATE, Role::ControllerDelegate);
    ask(&ledger, DELEGATE, Command::CloseBreach { breach });
    assert_eq!(
        not_ended(&ledger, what),
        Refusal::NotDue,
        "from its closing"
    );
    let view = request(Caller::Staff(OFFICER), Command::ViewBreach { breach });
    let seen = ledger.submit(view.clone()).unwrap();
    let parts = ledger.open_personal(&seen).unwrap();
    let open = |it: &crate::ledger::PersonalPart| matches!(it.content, PersonalContent::Open(_));
    assert!(parts.iter().any(open));
    ledger.close().unwrap();
    let ledger = later(&desk, 30 + 25);
    let_loose(&ledger, SweepId([2; 16]));
    end(&ledger, what);
    let state = ledger.breach(breach).unwrap().unwrap();
    assert!(!state.words, "the register keeps the rest");
    ledger.close().unwrap();
    let ledger = later(&desk, 30 + 61);
    let_loose(&ledger, SweepId([3; 16]));
    end(&ledger, what);
    assert_eq!(ledger.breach(breach).unwrap(), None);
}

#[test]
fn e2_rules_for_what_stands_apart_are_for_all_of_it_or_for_none() {
    let refused = |text: &str| RetentionRules::parse(text).unwrap_err();
    let missing = DEFAULT_RETENTION.replace("of = \"incoming\"", "of = \"breach\"");
    assert!(refused(&missing).meaning.contains("incoming"));
    let unknown = DEFAULT_RETENTION.replace("of = \"incoming\"", "of = \"visits\"");
    let error = refused(&unknown);
    let line = |text: &str| DEFAULT_RETENTION.lines().position(|it| it == text).unwrap() + 1;
    assert_eq!(error.line, line("of = \"incoming\""));
    assert!(error.meaning.contains("visits"), "{error}");
    let odd = DEFAULT_RETENTION.replace("of = \"incoming\"", "of = \"incoming\"\nserious = true");
    let error = refused(&odd);
    assert_eq!(error.line, line("of = \"incoming\"") + 1);
    assert!(error.meaning.contains("serious"), "{error}");
    let never = DEFAULT_RETENTION.replace(
        "of = \"breach\"\nmonths = 60",
        "of = \"breach\"\nmonths = 0",
    );
    assert!(refused(&never).meaning.contains("between 1"));
    // A file from before there were such rules is one that ends none of it.
    let mut old = String::new();
    let mut apart = false;
    for line in DEFAULT_RETENTION.lines() {
        apart = line == "[[apart]]" || apart && !line.starts_with("[[");
        if !apart {
            old.push_str(line);
            old.push('\n');
        }
    }
    let old = RetentionRules::parse(&old).unwrap();
    let desk = Desk::new();
    let ledger = desk.opened();
    let complaint = answered(&ledger, ComplaintKind::Conduct, COORDINATOR);
    let complaint = ledger.complaint(complaint).unwrap().unwrap();
    let never = ledger.now().plus_months(1000);
    assert_eq!(
        old.apart_plan(&(&*complaint).into(), never),
        ApartPlan::Stays
    );
    let now = RetentionRules::default();
    let over = now.apart_plan(&(&*complaint).into(), never);
    assert!(matches!(over, ApartPlan::Words(_)), "the positive control");
}

#[test]
fn e4_an_order_for_a_stream_that_ended_unseen_is_carried_out_and_told_by_the_ledger() {
    // given somebody whose keys wait for their period, and a referral from outside that ended
    let desk = Desk::new();
    let ledger = desk.opened();
    let came = Apart::Incoming(incoming(&ledger));
    let (case, consent) = (desk.case, Some(desk.consent));
    let withdraw = Command::WithdrawConsent {
        case,
        person: None,
        consent,
        part: None,
        shred: ShredWish::AfterPeriod,
    };
    ask(&ledger, FOCAL, withdraw);
    let leaf = {
        let case = ledger.case(case).unwrap().unwrap();
        case.leaves_of(desk.consent.into()).next().unwrap()
    };
    ledger.close().unwrap();
    let ledger = later(&desk, 25);
    let_loose(&ledger, SweepId([1; 16]));
    end(&ledger, came);
    ledger.close().unwrap();
    // when an order names the stream that is no more, as in a log restored from before its end
    let mut writer = desk.writer();
    let name = writer.shared.name_of(came.stream());
    let order = order_record(name, leaf);
    put(&mut writer, vec![(order.key, order.value)]);
    let known = |writer: &Writer| ended(&writer.shared, came.stream());
    assert_eq!(known(&writer).unwrap(), Some(HOME));
    // (which organisation held it is read in the old form, too, and not if it was altered)
    let key = [b"te".as_slice(), &name.0].concat();
    let good = writer.shared.reader.value(&key).unwrap().unwrap();
    assert_eq!(good.len(), 57);
    let mut altered = good.clone();
    altered[40] ^= 1;
    put(&mut writer, vec![(key.clone(), Some(altered))]);
    assert!(known(&writer).is_err());
    put(&mut writer, vec![(key, Some(HOME.0.to_vec()))]);
    assert_eq!(known(&writer).unwrap(), Some(HOME));
    drop(writer);
    // then the opening carries it out, and the ledger's own stream tells of it
    let ledger = desk.opened();
    while ledger.status().shreds_pending > 0 {
        std::thread::yield_now();
    }
    assert!(is_dead(&ledger.shared.reader, KeyId(leaf.0)).unwrap());
    let told = ledger.stream(crate::domain::stream::StreamId::Ledger);
    let names = |event: &Event| matches!(event, Event::Shredded(it) if it.keys.contains(&leaf));
    let told = told.unwrap();
    assert!(told.iter().any(|entry| names(&entry.record.event)));
    ledger.close().unwrap();
}
