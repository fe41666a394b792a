//! A request id that comes again: with the same words it is answered as the first time, with others
//! it is refused, for as long as what was said lives.

use super::answer::{Answer, Rejection};
use super::repeat::Named;
use super::tests::{Desk, done, request};
use crate::clock::{Day, Timestamp};
use crate::decide::tests::{FOCAL, HEALTH, text};
use crate::domain::codes::{DataCategory, Urgency};
use crate::domain::command::{Caller, Command, Request, ShredWish};
use crate::domain::event::PublicText;
use crate::domain::figures::FiguresMade;
use crate::domain::personal::Item;
use crate::ledger::Ledger;
use crate::refusal::Refusal;
use crate::submit::answer::Reply;

/// A draft of these needs, on the consent that can be withdrawn.
fn draft(desk: &Desk, words: &str) -> Command {
    Command::DraftReferral {
        case: desk.case,
        service: HEALTH,
        urgency: Urgency::Routine,
        ground: Some(desk.consent.into()),
        items: vec![Item {
            category: DataCategory::Needs,
            text: text(words),
        }],
        follows: None,
    }
}

fn with_words(desk: &Desk, first: &Request, words: &str) -> Request {
    let mut other = first.clone();
    other.command = draft(desk, words);
    other
}

fn is_refused(outcome: Result<Answer, Rejection>) {
    match outcome {
        Err(Rejection::Refused(it)) => assert_eq!(it.refusal, Refusal::RequestIdReused),
        Err(Rejection::Fault(fault)) => panic!("{fault}"),
        Ok(_) => panic!("other words were answered as the first"),
    }
}

fn is_repeated(ledger: &Ledger, request: Request) {
    let answer = ledger.submit(request).unwrap();
    assert!(answer.repeated);
}

#[test]
fn other_words_under_the_same_request_id_are_refused_also_after_a_start_and_a_rebuilt_store() {
    let desk = Desk::new();
    let first = request(Caller::Staff(FOCAL), draft(&desk, "a doctor"));
    let check = |ledger: &Ledger| {
        let size = ledger.size();
        is_refused(ledger.submit(with_words(&desk, &first, "a lawyer")));
        is_repeated(ledger, first.clone());
        let mut earlier = first.clone();
        earlier.occurred = Some(Timestamp(1));
        is_refused(ledger.submit(earlier));
        assert_eq!(ledger.size(), size, "nothing was added");
    };
    let ledger = desk.opened();
    assert!(!ledger.submit(first.clone()).unwrap().repeated);
    check(&ledger);
    ledger.close().unwrap();
    let ledger = desk.opened();
    check(&ledger);
    ledger.close().unwrap();
    std::fs::remove_dir_all(desk.folder.path().join("data/log/store")).unwrap();
    let ledger = desk.opened();
    check(&ledger);
    ledger.close().unwrap();
}

#[test]
fn other_words_in_the_very_group_of_the_first_are_refused() {
    let desk = Desk::new();
    let first = request(Caller::Staff(FOCAL), draft(&desk, "a doctor"));
    let other = with_words(&desk, &first, "a lawyer");
    let mut writer = desk.writer();
    let mut told = Vec::new();
    let group = [first.clone(), other, first].map(|request| {
        let (tell, answer) = std::sync::mpsc::channel();
        told.push(answer);
        let reply: Reply = Box::new(move |outcome| tell.send(outcome).unwrap());
        (request, reply)
    });
    writer.commit(group.into());
    let mut told = told.into_iter().map(|it| it.recv().unwrap());
    assert!(!told.next().unwrap().unwrap().repeated);
    is_refused(told.next().unwrap());
    assert!(told.next().unwrap().unwrap().repeated);
}

#[test]
fn nobody_can_try_words_against_what_was_withdrawn_or_shredded() {
    let desk = Desk::new();
    let first = request(Caller::Staff(FOCAL), draft(&desk, "a doctor"));
    let ledger = desk.opened();
    ledger.submit(first.clone()).unwrap();
    let withdraw = |shred| Command::WithdrawConsent {
        case: desk.case,
        person: None,
        consent: Some(desk.consent),
        part: None,
        shred,
    };
    // Whatever is tried is answered as the honest repetition is.
    let tells_nothing = |ledger: &Ledger| {
        is_repeated(ledger, first.clone());
        is_repeated(ledger, with_words(&desk, &first, "a lawyer"));
    };
    done(&ledger, FOCAL, withdraw(ShredWish::AfterPeriod));
    tells_nothing(&ledger);
    let undo = Command::UndoWithdrawal {
        case: desk.case,
        consent: desk.consent,
    };
    done(&ledger, FOCAL, undo);
    is_refused(ledger.submit(with_words(&desk, &first, "a lawyer")));
    done(&ledger, FOCAL, withdraw(ShredWish::AtOnce));
    while ledger.status().shreds_pending > 0 {
        std::thread::yield_now();
    }
    tells_nothing(&ledger);
    ledger.close().unwrap();
    let ledger = desk.opened();
    tells_nothing(&ledger);
    let all = crate::ledger::CutOptions {
        after_days: 0,
        store: true,
    };
    assert!(ledger.cut_out(all).unwrap().finished);
    tells_nothing(&ledger);
    ledger.close().unwrap();
}

#[test]
fn figures_that_are_made_anew_for_a_repeated_request_are_the_same_request() {
    let publish = |events, from| {
        let made = FiguresMade {
            from: Day(from),
            until: Day(31),
            events,
            figures: PublicText(format!("of {events}")),
        };
        let command = Command::PublishFigures { made };
        let asked = request(Caller::Staff(FOCAL), command);
        *Named::of(&asked).unwrap().said()
    };
    assert_eq!(publish(7, 0), publish(8, 0));
    assert_ne!(publish(7, 0), publish(7, 1));
}
