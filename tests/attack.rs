//! Attacks on forgetting that need no broken disk: asked twice, at the same time, afterwards, and
//! by the wrong people (SECURITY.md has the table).

mod times;

use std::collections::BTreeSet;

use harness::scratch::Scratch;
use harness::words;
use ledger::domain::codes::{Capacity, DataCategory, Role};
use ledger::domain::command::{Caller, Command, Request};
use ledger::domain::event::Event;
use ledger::domain::ids::{CaseId, ConsentId, ServiceId};
use ledger::domain::personal::Personal;
use ledger::domain::stream::StreamId;
use ledger::ledger::{PersonalContent, Rejection};

/// A case with a consent, and a need written on it.
fn consented(scratch: &Scratch, service: ServiceId, name: &str) -> (CaseId, ConsentId) {
    let role = Role::FocalPoint;
    let (case, client) = words::opened(&scratch.done(role, words::open_case(name)));
    let scope = words::scope(scratch.partner, &[DataCategory::Needs]);
    let give = words::give(case, client, scope, Capacity::Own);
    let consent = words::given(&scratch.done(role, give));
    let needs = format!("needs of {name}");
    let items = [(DataCategory::Needs, needs.as_str())];
    let draft = words::draft(case, service, Some(consent.into()), &items);
    scratch.done(role, draft);
    (case, consent)
}

/// The names and needs of a case that can be read, and how many parts are shredded or fenced.
fn seen(scratch: &Scratch, case: CaseId) -> (BTreeSet<String>, usize) {
    let answer = scratch.done(Role::FocalPoint, words::view(case));
    let (mut texts, mut closed) = (BTreeSet::new(), 0);
    for part in scratch.ledger.open_personal(&answer).expect("it opens") {
        match part.content {
            PersonalContent::Open(Personal::Name(name)) => {
                texts.insert(name.reveal().to_owned());
            }
            PersonalContent::Open(Personal::Item(item)) => {
                texts.insert(item.text.reveal().to_owned());
            }
            PersonalContent::Open(_) => {}
            PersonalContent::Shredded | PersonalContent::Fenced => closed += 1,
        }
    }
    (texts, closed)
}

/// Keys that a case's stream calls shredded, each time that it does.
fn shredded(scratch: &Scratch, case: CaseId) -> Vec<[u8; 16]> {
    let stream = scratch.ledger.stream(StreamId::Case(case)).unwrap();
    let keys = stream.iter().filter_map(|entry| match &entry.record.event {
        Event::Shredded(shredded) => Some(shredded.keys.iter().map(|key| key.0)),
        _ => None,
    });
    keys.flatten().collect()
}

#[test]
fn a_shredding_asked_for_twice_and_in_overlapping_batches_happens_once() {
    let scratch = Scratch::new();
    let service = scratch.service();
    let cases: Vec<_> = (0..4)
        .map(|number| consented(&scratch, service, &format!("Person {number}")))
        .collect();
    let caller = Caller::Staff(scratch.staff(Role::FocalPoint));
    let (told, answers) = std::sync::mpsc::channel();
    let mut asked = 0;
    // Each withdrawal twice: by the same request, and by another one; all at the same time.
    for (case, consent) in &cases {
        let one: Request = words::request(caller, words::withdraw_now(*case, *consent));
        let other = words::request(caller, words::withdraw_now(*case, *consent));
        for request in [one.clone(), one, other] {
            let told = told.clone();
            let reply = Box::new(move |answer: Result<_, Rejection>| {
                told.send(answer.map(|_| ())).expect("somebody listens");
            });
            scratch.ledger.enqueue(request, reply).expect("it is taken");
            asked += 1;
        }
    }
    for _ in 0..asked {
        match answers.recv().expect("each is answered") {
            Ok(()) | Err(Rejection::Refused(_)) => {}
            Err(Rejection::Fault(fault)) => panic!("{fault}"),
        }
    }
    for (number, (case, _)) in (0..).zip(&cases) {
        let (texts, closed) = seen(&scratch, *case);
        assert_eq!(texts, [format!("Person {number}")].into());
        assert!(closed > 0);
        let keys = shredded(&scratch, *case);
        let distinct: BTreeSet<_> = keys.iter().collect();
        assert!(!keys.is_empty());
        assert_eq!(distinct.len(), keys.len(), "each key dies once");
    }
}

#[test]
fn nothing_can_be_written_on_a_ground_that_was_shredded_and_no_key_is_made_anew() {
    let mut scratch = Scratch::new();
    let service = scratch.service();
    let (case, consent) = consented(&scratch, service, "Somebody");
    scratch.done(Role::FocalPoint, words::withdraw_now(case, consent));
    let leaves = |scratch: &Scratch| {
        let case = scratch.ledger.case(case).unwrap().expect("it is there");
        case.leaves.len()
    };
    for _ in 0..2 {
        // The rotation runs between groups; what is asked next comes after it.
        seen(&scratch, case);
        let before = leaves(&scratch);
        let items = [(DataCategory::Needs, "once more")];
        let draft = words::draft(case, service, Some(consent.into()), &items);
        scratch.refused(Role::FocalPoint, draft);
        let undo = Command::UndoWithdrawal { case, consent };
        scratch.refused(Role::FocalPoint, undo);
        assert_eq!(leaves(&scratch), before);
        scratch.reopen();
    }
}

#[test]
fn reading_and_writing_while_others_are_shredded_sees_all_or_nothing_of_each() {
    let scratch = Scratch::new();
    let service = scratch.service();
    let going: Vec<_> = (0..6)
        .map(|number| consented(&scratch, service, &format!("Going {number}")))
        .collect();
    let (staying, _) = consented(&scratch, service, "Staying");
    std::thread::scope(|threads| {
        let withdrawing = threads.spawn(|| {
            for (case, consent) in &going {
                scratch.done(Role::FocalPoint, words::withdraw_now(*case, *consent));
            }
        });
        for reader in 0..2 {
            let (scratch, going) = (&scratch, &going);
            threads.spawn(move || {
                for round in 0..30 {
                    let number = (round + reader) % going.len();
                    let (texts, closed) = seen(scratch, going[number].0);
                    assert!(texts.contains(&format!("Going {number}")), "{texts:?}");
                    // A need that is not shown is closed; one that is shown is whole.
                    assert!(texts.len() == 2 || closed > 0, "{texts:?} {closed}");
                    let (texts, closed) = seen(scratch, staying);
                    assert_eq!((texts.len(), closed), (2, 0));
                }
            });
        }
        threads.spawn(|| {
            for number in 0..10 {
                consented(&scratch, service, &format!("Coming {number}"));
            }
        });
        withdrawing.join().expect("all were withdrawn");
    });
    for (case, _) in &going {
        let (texts, closed) = seen(&scratch, *case);
        assert!(texts.len() == 1 && closed > 0, "{texts:?} {closed}");
    }
}

#[test]
fn who_may_not_see_a_case_cannot_tell_shredded_from_never_there() {
    let scratch = Scratch::new();
    let service = scratch.service();
    let (gone, consent) = consented(&scratch, service, "Gone");
    let (there, _) = consented(&scratch, service, "There");
    scratch.done(Role::FocalPoint, words::withdraw_now(gone, consent));
    let never = CaseId([7; 16]);
    for role in [Role::ServiceProvider, Role::Administrator] {
        let answer = |case: CaseId| {
            let staff = Caller::Staff(scratch.staff(role));
            let asked = scratch
                .ledger
                .submit(words::request(staff, words::view(case)));
            match asked {
                Err(Rejection::Refused(refused)) => (refused.refusal, refused.about),
                Err(Rejection::Fault(fault)) => panic!("{fault}"),
                Ok(_) => panic!("{role:?} may not see it"),
            }
        };
        assert_eq!(answer(gone), answer(never));
        assert_eq!(answer(there), answer(never));
    }
}

#[test]
fn withdrawing_one_of_two_consents_leaves_what_rests_on_the_other() {
    let mut scratch = Scratch::new();
    let service = scratch.service();
    let (case, first) = consented(&scratch, service, "Somebody");
    let client = scratch.ledger.case(case).unwrap().expect("there").client;
    let scope = words::scope(scratch.partner, &[DataCategory::Language]);
    let give = words::give(case, client, scope, Capacity::Own);
    let second = words::given(&scratch.done(Role::FocalPoint, give));
    let items = [(DataCategory::Language, "a tongue")];
    let draft = words::draft(case, service, Some(second.into()), &items);
    scratch.done(Role::FocalPoint, draft);
    scratch.done(Role::FocalPoint, words::withdraw_now(case, first));
    for _ in 0..2 {
        let (texts, closed) = seen(&scratch, case);
        assert_eq!(texts, ["Somebody".to_owned(), "a tongue".to_owned()].into());
        assert!(closed > 0);
        scratch.reopen();
    }
}
