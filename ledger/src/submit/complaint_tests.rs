//! C6 through the spine: a complaint's words are sealed apart from every case, opened by who may
//! read them, and still there after the ledger was opened again.

use super::tests::Desk;
use crate::decide::tests::{COORDINATOR, FOCAL, text};
use crate::domain::codes::{ComplaintKind, ComplaintOutcome, PersonTold};
use crate::domain::command::{AnsweringComplaint, Caller, Command, Complaining, Request};
use crate::domain::event::{Actor, Event};
use crate::domain::ids::{ComplaintId, RequestId, StaffId};
use crate::domain::personal::Personal;
use crate::ledger::{Answer, Ledger, PersonalContent, Rejection};
use crate::refusal::Refusal;

fn ask(ledger: &Ledger, caller: StaffId, command: Command) -> Result<Answer, Rejection> {
    let mut entropy = crate::clock::SystemEntropy;
    ledger.submit(Request {
        request: RequestId::fresh(&mut entropy),
        caller: Caller::Staff(caller),
        expected_version: None,
        occurred: None,
        command,
    })
}

fn opened(ledger: &Ledger, complaint: ComplaintId) -> Vec<String> {
    let seen = ask(ledger, COORDINATOR, Command::ViewComplaint { complaint }).unwrap();
    let parts = ledger.open_personal(&seen).unwrap();
    let words = parts.into_iter().map(|part| match part.content {
        PersonalContent::Open(Personal::Complaint(it)) => it.words.reveal().to_owned(),
        PersonalContent::Open(Personal::Note(text)) => text.reveal().to_owned(),
        PersonalContent::Open(_) | PersonalContent::Shredded | PersonalContent::Fenced => {
            panic!("another part, or one that is closed")
        }
    });
    words.collect()
}

#[test]
fn c6_what_was_complained_about_is_opened_by_who_may_read_it_and_comes_back_after_opening() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let recorded = Command::RecordComplaint(Complaining {
        kind: ComplaintKind::Conduct,
        against: None,
        anonymous: true,
        words: text("sent away"),
        contact: Some(text("by the nurse")),
    });
    let recorded = ask(&ledger, FOCAL, recorded).unwrap();
    let record = &recorded.entries[0].record;
    assert_eq!(record.actor, Actor::Nobody);
    let Event::ComplaintReceived(received) = &record.event else {
        panic!("{record:?}")
    };
    let complaint = received.complaint;
    let refused = ask(&ledger, FOCAL, Command::ViewComplaint { complaint });
    let Err(Rejection::Refused(refused)) = refused else {
        panic!("it was opened")
    };
    assert_eq!(refused.refusal, Refusal::NotFound);
    assert_eq!(opened(&ledger, complaint), ["sent away"]);
    let answer = Command::AnswerComplaint(AnsweringComplaint {
        complaint,
        outcome: ComplaintOutcome::Upheld,
        told: PersonTold::Told,
        note: Some(text("it is so")),
    });
    ask(&ledger, COORDINATOR, answer).unwrap();
    ledger.close().unwrap();
    let ledger = desk.opened();
    let state = ledger.complaint(complaint).unwrap().unwrap();
    let answered = (ComplaintOutcome::Upheld, PersonTold::Told);
    assert_eq!(state.answered, Some(answered));
    assert_eq!(opened(&ledger, complaint), ["sent away", "it is so"]);
}
