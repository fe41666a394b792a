//! The record part's own end in a random program: years go by, one case is over by the rules, and
//! nothing of it is left but its proofs. Everybody else is as before.

use harness::scratch::fresh_request;
use harness::words;
use ledger::domain::codes::Role;
use ledger::domain::command::{Caller, Command};
use ledger::domain::event::Event;
use ledger::domain::ids::SweepId;
use ledger::domain::stream::StreamId;
use ledger::ledger::{Answer, Rejection};
use ledger::refusal::Refusal;

use super::{Person, World};

/// Longer than any rule that ships keeps a record.
const MONTHS: u32 = 85;

/// A case that was closed, and where it was told.
pub(super) struct Closed {
    person: Person,
    told: u64,
}

impl World {
    /// Years go by, two persons agree to the rules, and one case ends by them. The power may be
    /// cut at any moment of it.
    pub(super) fn close_one(&mut self) {
        if self.people.is_empty() {
            return;
        }
        let person = self.people.remove(self.dice.below(self.people.len()));
        self.let_loose_after(MONTHS, 1);
        let case = person.case;
        // What was withdrawn with the period waits for its destruction; what stands is over.
        for command in [Command::ShredDue { case }, Command::ApplyRetention { case }] {
            if let Err(refused) = self.by_itself(command) {
                assert_eq!(refused, Refusal::NotDue);
            }
            self.destroyed();
            self.perhaps_cut();
        }
        let answer = self.by_itself(Command::CloseCase { case });
        let answer = answer.expect("nothing personal is left");
        let told = answer.entries.iter().find_map(|entry| {
            let is = matches!(entry.record.event, Event::StreamClosed(_));
            is.then_some(entry.position)
        });
        self.closed.push(Closed {
            person,
            told: told.expect("its end is told"),
        });
        self.perhaps_cut();
    }

    /// Time goes by, and two persons agree to the rules.
    pub(super) fn let_loose_after(&mut self, months: u32, cases: u32) {
        self.now = self.now.plus_months(months);
        self.reopen();
        if months > 0 {
            let assess = words::approve(self.service, self.now);
            self.scratch.done(Role::Coordinator, assess);
        }
        let sweep = SweepId(fresh_request().0);
        let request = Command::RequestSweep { sweep, cases };
        self.scratch.done(Role::DataProtectionOfficer, request);
        let approve = Command::ApproveSweep { sweep };
        self.scratch.done(Role::Coordinator, approve);
    }

    pub(super) fn by_itself(&self, command: Command) -> Result<Answer, Refusal> {
        let request = words::request(Caller::System, command);
        match self.scratch.ledger.submit(request) {
            Ok(answer) => Ok(answer),
            Err(Rejection::Refused(refused)) => Err(refused.refusal),
            Err(Rejection::Fault(fault)) => panic!("{fault}"),
        }
    }

    pub(super) fn destroyed(&self) {
        while self.scratch.ledger.status().shreds_pending > 0 {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    pub(super) fn perhaps_cut(&mut self) {
        if self.dice.below(3) == 0 {
            self.crash();
        }
    }

    /// Of those that are closed nothing is readable, and no event names them; what was answered
    /// about them is proved still.
    pub(super) fn compare_closed(&self) {
        let ledger = &self.scratch.ledger;
        let each = (0..ledger.size()).map(|at| ledger.records(at, 1).expect("it is read"));
        let all: Vec<_> = each.flatten().collect();
        let words: Vec<String> = all
            .iter()
            .map(|entry| format!("{:?}", entry.record))
            .collect();
        for Closed { person, told } in &self.closed {
            let case = person.case;
            assert!(ledger.case(case).expect("it is looked up").is_none());
            let of = ledger.closed(case).expect("it is looked up");
            assert_eq!(of, Some(self.scratch.organisation), "{}", person.name);
            let stream = ledger.stream(StreamId::Case(case));
            assert!(stream.expect("it is looked up").is_empty());
            let by_code = ledger.case_by_code(person.code);
            assert_eq!(by_code.expect("it is looked up"), None);
            let view = self.scratch.submit(Role::FocalPoint, words::view(case));
            match view {
                Err(Rejection::Refused(it)) => assert_eq!(it.refusal, Refusal::RecordEnded),
                _ => panic!("{}: a closed case is read", person.name),
            }
            let ids = [format!("{case:?}"), format!("{:?}", person.client)];
            for entry in &words {
                assert!(ids.iter().all(|id| !entry.contains(id)), "{entry}");
            }
            let end = all.iter().find(|entry| entry.position == *told);
            let end = end.map(|entry| entry.record.event.name());
            assert_eq!(end, Some("StreamClosed"), "{}", person.name);
            for position in &person.told {
                let proved = ledger.receipt(*position).expect("it is looked up");
                assert!(proved.is_some(), "{}: {position}", person.name);
                assert!(ledger.is_closed_at(*position).expect("it is looked up"));
            }
        }
    }

    /// What was answered about those that live is in their streams.
    pub(super) fn nothing_is_lost(&self, person: &Person) {
        let stream = self.scratch.ledger.stream(StreamId::Case(person.case));
        let stream = stream.expect("it is read");
        let there = |told: &u64| stream.iter().any(|entry| entry.position == *told);
        assert!(person.told.iter().all(there), "{}", person.name);
    }
}
