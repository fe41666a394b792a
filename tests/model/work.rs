//! Cases that are closed as work in a random program: nothing begins in them until somebody goes on
//! or an emergency opens them again, with what is urgent in the same answer or not at all.

use harness::words;
use ledger::domain::closing::{ClosingWork, Reopening};
use ledger::domain::codes::*;
use ledger::domain::command::Command;
use ledger::domain::event::Event;
use ledger::domain::stream::StreamId;
use ledger::ledger::{Answer, Rejection};
use ledger::refusal::Refusal;

use super::{Person, World, chosen};

impl World {
    /// Closes a case, if nothing waits in it.
    pub(super) fn close_work(&mut self) {
        let Some(person) = chosen(&mut self.people, &mut self.dice) else {
            return;
        };
        let close = Command::CloseCaseWork(ClosingWork {
            case: person.case,
            reason: ClosingReason::NeedsMet,
            transferred_by: None,
            no_follow_up: Some(NoFollowUp::NothingSent),
            told: ClosingTold::MayReturn,
        });
        let expected = match (person.at_rest, person.drafts.is_empty()) {
            (true, _) => Some(Refusal::NothingToDo),
            (false, false) => Some(Refusal::ReferralOpen),
            (false, true) => None,
        };
        let closed = said(self.scratch.submit(Role::FocalPoint, close));
        assert_eq!(closed.as_ref().err().copied(), expected, "{}", person.name);
        if let Ok(closed) = closed {
            person.write_down(&closed);
            person.at_rest = true;
        }
    }

    /// Somebody goes on with a case.
    pub(super) fn reopen_work(&mut self) {
        let Some(person) = chosen(&mut self.people, &mut self.dice) else {
            return;
        };
        let reopen = Command::ReopenCase(Reopening {
            case: person.case,
            reason: ReopeningReason::CameBack,
        });
        let reopened = said(self.scratch.submit(Role::FocalPoint, reopen));
        let rested = std::mem::take(&mut person.at_rest);
        match reopened {
            Ok(reopened) => {
                assert!(rested, "{}", person.name);
                person.write_down(&reopened);
            }
            Err(no) => {
                assert!(!rested, "{}", person.name);
                assert_eq!(no, Refusal::NothingToDo);
            }
        }
    }

    /// Something cannot wait: what is written rests on the consent to be recorded.
    pub(super) fn write_urgent(&mut self) {
        let Some(person) = chosen(&mut self.people, &mut self.dice) else {
            return;
        };
        self.written += 1;
        let text = format!("need {}", self.written);
        let items = [(DataCategory::Needs, text.as_str())];
        let mut draft = words::draft(person.case, self.service, None, &items);
        if let Command::DraftReferral { urgency, .. } = &mut draft {
            *urgency = Urgency::Emergency;
        }
        let drafted = self.scratch.done(Role::FocalPoint, draft);
        let events = drafted.entries.iter();
        let events: Vec<&str> = events.map(|it| it.record.event.name()).collect();
        let reopened = events.first() == Some(&"CaseReopened");
        assert_eq!(reopened, person.at_rest, "{}: {events:?}", person.name);
        assert!(events.contains(&"ReferralDrafted"), "{events:?}");
        person.at_rest = false;
        person.drafts.push((words::drafted(&drafted), None));
        person.urgent.insert(text);
        person.write_down(&drafted);
    }

    /// Takes back what was not sent, so that nothing waits any more.
    pub(super) fn take_back(&mut self) {
        let Some(person) = chosen(&mut self.people, &mut self.dice) else {
            return;
        };
        for (referral, _) in std::mem::take(&mut person.drafts) {
            let recall = Command::RecallReferral {
                case: person.case,
                referral,
                reason: ReferralReason::Other,
            };
            let recalled = self.scratch.done(Role::FocalPoint, recall);
            person.write_down(&recalled);
        }
    }

    /// A case rests as far as it was noted, and in its own stream nothing began while it did.
    pub(super) fn compare_work(&self, person: &Person) {
        let ledger = &self.scratch.ledger;
        let case = ledger.case(person.case).expect("it is read");
        let rests = case.expect("it is there").closed.is_some();
        assert_eq!(rests, person.at_rest, "{}", person.name);
        let mut rests = false;
        for entry in ledger.stream(StreamId::Case(person.case)).expect("read") {
            match &entry.record.event {
                Event::CaseWorkClosed(_) => rests = true,
                Event::CaseReopened(_) => rests = false,
                Event::ReferralDrafted(_) | Event::ConsentGiven(_) => {
                    assert!(!rests, "{}: begun in a closed case", person.name);
                }
                _ => {}
            }
        }
    }
}

/// What came of a command that may be refused.
pub(super) fn said(outcome: Result<Answer, Rejection>) -> Result<Answer, Refusal> {
    match outcome {
        Ok(answer) => Ok(answer),
        Err(Rejection::Refused(no)) => Err(no.refusal),
        Err(Rejection::Fault(fault)) => panic!("{fault}"),
    }
}
