//! What stands apart from cases in a random program: complaints, breaches and referrals from
//! outside begin, are held, and end by rules of their own as months go by, words first.

use std::collections::BTreeSet;

use harness::apart::{self, Does, Stands};
use ledger::clock::Timestamp;
use ledger::domain::apart::Apart;
use ledger::domain::command::Command;
use ledger::domain::ids::IncomingId;
use ledger::ledger::Rejection;
use ledger::refusal::Refusal;

use super::World;

/// Months that go by before they are looked at: some words are over then, some records, some
/// neither.
const MONTHS: u32 = 13;
/// For how long one of them is held.
const HELD_MONTHS: u32 = 20;

/// One of them, as it was noted.
#[derive(Clone)]
pub(super) struct Aside {
    what: Apart,
    /// What was said in it, if anything was.
    said: Option<String>,
    /// Since when its time runs.
    since: Option<Timestamp>,
    held_until: Option<Timestamp>,
    stands: Stands,
    /// Positions of its events that answers named.
    told: Vec<u64>,
}

/// How long words and record are kept by the rules that ship.
fn months(what: Apart) -> (u32, u32) {
    match what {
        Apart::Complaint(_) => (24, 36),
        Apart::Breach(_) => (24, 60),
        Apart::Incoming(_) => (0, 24),
    }
}

impl Aside {
    /// What the rules come to at a moment.
    fn at(&self, now: Timestamp) -> Result<Stands, Refusal> {
        let Some(since) = self.since else {
            return Err(Refusal::NotDue);
        };
        let (words, record) = months(self.what);
        let over = match &self.stands {
            Stands::Nothing => return Err(Refusal::NotFound),
            Stands::Said(words) if words.is_empty() => {
                (since.plus_months(record) <= now).then_some(Stands::Nothing)
            }
            Stands::Said(_) => (since.plus_months(words) <= now).then_some(Stands::Record),
            Stands::Record => (since.plus_months(record) <= now).then_some(Stands::Nothing),
        };
        let held = self.held_until.is_some_and(|until| now < until);
        match over {
            None => Err(Refusal::NotDue),
            Some(_) if held => Err(Refusal::LegalHold),
            Some(over) => Ok(over),
        }
    }
}

impl World {
    /// Something comes in, or is said.
    pub(super) fn begins_apart(&mut self) {
        self.written += 1;
        let said = format!("said {}", self.written);
        let before = self.scratch.ledger.size();
        let does: Does<'_> = &|role, command| self.scratch.done(role, command);
        let (what, said) = match self.dice.below(3) {
            0 => (Apart::Complaint(apart::complained(does, &said)), Some(said)),
            1 => (Apart::Breach(apart::breached(does, &said)), Some(said)),
            _ => (apart::came_in(does, &format!("IN-{}", self.written)), None),
        };
        let at_once = said.is_none();
        self.aside.push(Aside {
            what,
            stands: Stands::Said(said.iter().cloned().collect::<BTreeSet<String>>()),
            said,
            since: at_once.then_some(self.now),
            held_until: None,
            told: vec![before],
        });
    }

    /// One came in a packet.
    pub(super) fn came_apart(&mut self, incoming: IncomingId, position: u64) {
        self.aside.push(Aside {
            what: Apart::Incoming(incoming),
            stands: Stands::Said(BTreeSet::new()),
            said: None,
            since: Some(self.now),
            held_until: None,
            told: vec![position],
        });
    }

    /// Somebody answers a complaint, or closes a breach: its time begins to run.
    pub(super) fn answers_apart(&mut self) {
        let does: Does<'_> = &|role, command| self.scratch.done(role, command);
        let open = self.aside.iter_mut().find(|one| one.since.is_none());
        let Some(one) = open else {
            return;
        };
        match one.what {
            Apart::Complaint(complaint) => apart::answered(does, complaint),
            Apart::Breach(breach) => apart::breach_closed(does, breach),
            Apart::Incoming(_) => panic!("its time runs from its coming"),
        }
        one.since = Some(self.now);
    }

    /// Somebody keeps one of them from the rules.
    pub(super) fn holds_apart(&mut self) {
        let number = self.dice.below(self.aside.len().max(1));
        let Some(one) = self.aside.get_mut(number) else {
            return;
        };
        let until = self.now.plus_months(HELD_MONTHS);
        let hold = apart::hold(one.what, until);
        let expected = match &one.stands {
            Stands::Nothing => Some("not_found"),
            _ if one.held_until >= Some(until) => Some("nothing_to_do"),
            Stands::Said(_) | Stands::Record => None,
        };
        let role = apart::reader(one.what);
        match expected {
            // The ledger goes on destroying meanwhile, so that its size says nothing here.
            Some(code) => {
                let Err(Rejection::Refused(refused)) = self.scratch.submit(role, hold) else {
                    panic!("not refused")
                };
                assert_eq!(refused.refusal.code(), code);
            }
            None => {
                self.scratch.done(role, hold);
                one.held_until = Some(until);
            }
        }
    }

    /// Months go by, two persons agree to the rules, and each ends as far as it is over and not
    /// held. The power may be cut at any moment of it.
    pub(super) fn ends_apart(&mut self) {
        self.let_loose_after(MONTHS, 1);
        for number in 0..self.aside.len() {
            let one = &self.aside[number];
            let (what, expected) = (one.what, one.at(self.now));
            let answer = self.by_itself(Command::EndApart { what });
            let ended = answer.map(|_| ());
            assert_eq!(ended, expected.clone().map(|_| ()), "{what:?}");
            if let Ok(stands) = expected {
                self.aside[number].stands = stands;
                self.perhaps_cut();
                self.destroyed();
            }
        }
    }

    /// Each is there as it was noted, and nothing else of it.
    pub(super) fn compare_apart(&self) {
        let there = self.there_apart();
        assert_eq!(wrong(&self.aside, &there), Vec::<String>::new());
        let ledger = &self.scratch.ledger;
        for one in &self.aside {
            for position in &one.told {
                let proved = ledger.receipt(*position).expect("it is looked up");
                assert!(proved.is_some(), "{:?}: {position}", one.what);
            }
        }
    }

    /// The control: each that were noted otherwise than it is would be noticed, alone.
    pub(super) fn other_notes_would_be_noticed(&self) {
        let there = self.there_apart();
        for number in 0..self.aside.len() {
            let mut notes = self.aside.clone();
            let one = &mut notes[number];
            one.stands = match (&one.stands, &one.said) {
                (Stands::Nothing | Stands::Record, Some(said)) => {
                    Stands::Said([said.clone()].into())
                }
                (Stands::Nothing | Stands::Record, None) => Stands::Said(BTreeSet::new()),
                (Stands::Said(_), _) => Stands::Nothing,
            };
            assert_eq!(wrong(&notes, &there).len(), 1);
        }
    }

    fn there_apart(&self) -> Vec<Stands> {
        let ledger = &self.scratch.ledger;
        let records = apart::records(ledger);
        let stands = |one: &Aside| {
            let reader = self.scratch.staff(apart::reader(one.what));
            apart::stands(ledger, reader, one.what, &records)
        };
        self.aside.iter().map(stands).collect()
    }
}

/// What is otherwise than it was noted.
fn wrong(notes: &[Aside], there: &[Stands]) -> Vec<String> {
    let both = notes.iter().zip(there);
    let others = both.filter(|(one, there)| one.stands != **there);
    let told =
        others.map(|(one, there)| format!("{:?}: {there:?}, not {:?}", one.what, one.stands));
    told.collect()
}
