//! Random programs of withdrawals whole and in part, undoing, rotations that hold little, mirrors
//! that are away and crashes between two of them, against a model of a few lines: what was ordered
//! dies, and nothing else does.

use std::collections::{BTreeMap, VecDeque};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::orders::orders;
use super::tests::{ask, case_of, withdrawal};
use super::*;
use crate::certificate::all_waiting;
use crate::decide::tests::{CLINIC, HEALTH, items, scope, taken};
use crate::domain::case::Standing;
use crate::domain::codes::{Capacity, DataCategory, Urgency};
use crate::domain::command::{Command, ShredWish};
use crate::domain::ids::{ConsentId, CopyId};
use crate::domain::scope::Scope;
use crate::keys::{is_dead, is_fenced};
use crate::submit::tests::Desk;

/// A step, and two numbers that choose.
type Op = (u8, u8, u8);

/// What a leaf should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Should {
    Live,
    /// Withdrawn with the period, which no program outlives.
    Wait,
    /// Withdrawn at once: dead, or going to be.
    Die,
}

/// A consent, and what was taken out of it.
struct Ground {
    consent: ConsentId,
    whole: bool,
    /// What was asked for the category taken out.
    part: Option<Should>,
}

struct World {
    desk: Desk,
    writer: Option<Writer>,
    grounds: Vec<Ground>,
    leaves: BTreeMap<LeafKeyId, (ConsentId, Option<DataCategory>, Should)>,
}

#[test]
fn whatever_comes_between_two_rotations_what_was_ordered_dies_and_nothing_else() {
    let config = Config {
        cases: 4,
        max_shrink_iters: 8,
        failure_persistence: None,
        ..Config::default()
    };
    let program = prop::collection::vec((0_u8..16, any::<u8>(), any::<u8>()), 30);
    let ran = TestRunner::new(config).run(&program, |program| {
        let mut world = World::new();
        for op in program {
            world.step(op);
            world.compare();
        }
        world.crash();
        world.compare();
        world.compare_the_end();
        world.certify();
        Ok(())
    });
    ran.unwrap();
}

#[test]
fn a_part_that_leaves_although_the_whole_was_taken_back_is_certified() {
    let mut world = World::new();
    for act in [Act::Part, Act::Whole, Act::Undo] {
        world.act(0, &[(act, false)]);
    }
    let consent = world.grounds[0].consent;
    let mut leaves = world.leaves.iter();
    let health = (consent, Some(DataCategory::Health), Should::Wait);
    let (leaf, _) = leaves.find(|(_, of)| **of == health).unwrap();
    // Its period is over.
    let due = (StreamId::Case(world.desk.case), *leaf);
    world.writer().shred.push(due);
    world.writer().erase();
    assert_eq!(world.writer().uncertified.len(), 1);
    world.certify();
}

impl World {
    fn new() -> Self {
        let desk = Desk::new();
        let mut world = Self {
            writer: Some(desk.writer()),
            desk,
            grounds: Vec::new(),
            leaves: BTreeMap::new(),
        };
        for _ in 0..2 {
            world.give();
        }
        world
    }

    fn writer(&mut self) -> &mut Writer {
        self.writer.as_mut().unwrap()
    }

    fn step(&mut self, (step, a, b): Op) {
        let ground = usize::from(a) % self.grounds.len();
        let at_once = b % 3 != 0;
        match step {
            0 | 1 => self.give(),
            2..=4 => self.act(ground, &[(Act::Whole, at_once)]),
            5 | 6 => self.act(ground, &[(Act::Part, at_once)]),
            7 | 8 => self.act(ground, &[(Act::Undo, false)]),
            // Several in one group.
            9 => self.act(ground, &[(Act::Undo, false), (Act::Whole, false)]),
            10 => self.act(ground, &[(Act::Whole, true), (Act::Undo, false)]),
            11..=13 => {
                let bytes = if b % 2 == 0 { 1 } else { 60_000 };
                self.writer().shared.keys_mut().rotation_bytes_max = bytes;
                self.writer().erase_once();
            }
            14 => {
                let frame = self.writer().log.head().frame_number;
                let frame = if b % 2 == 0 { frame } else { u64::MAX };
                self.writer().shared.copies.pretend(CopyId([9; 16]), frame);
            }
            _ => self.crash(),
        }
    }

    /// The process dies; the opening goes on. A pretended mirror is not attached afterwards.
    fn crash(&mut self) {
        self.writer = None;
        self.writer = Some(self.desk.writer());
        for (leaf, (_, _, should)) in &self.leaves {
            let reader = &self.writer.as_ref().unwrap().shared.reader;
            let dead = is_dead(reader, KeyId(leaf.0)).unwrap();
            assert_eq!(dead, *should == Should::Die, "after an opening");
        }
    }

    /// A consent with words of its own and two categories written on it.
    fn give(&mut self) {
        if self.grounds.len() == 8 {
            return;
        }
        let both = [DataCategory::Needs, DataCategory::Health];
        let give = Command::GiveConsent {
            case: self.desk.case,
            person: self.desk.client,
            given_by: Some(self.desk.client),
            scope: scope(CLINIC, &both),
            consent: taken(Capacity::Own),
        };
        let before = case_of(self.writer.as_ref().unwrap(), &self.desk);
        assert!(ask(self.writer(), vec![give])[0].is_ok());
        let after = case_of(self.writer.as_ref().unwrap(), &self.desk);
        let new = after.consents.keys();
        let mut new = new.filter(|id| !before.consents.contains_key(id));
        let consent = *new.next().unwrap();
        let draft = Command::DraftReferral {
            case: self.desk.case,
            service: HEALTH,
            urgency: Urgency::Routine,
            ground: Some(consent.into()),
            items: items(&both),
            follows: None,
        };
        assert!(ask(self.writer(), vec![draft])[0].is_ok());
        let case = case_of(self.writer.as_ref().unwrap(), &self.desk);
        for (of, leaf) in &case.leaves {
            if of.ground == consent.into() {
                let should = (consent, of.category, Should::Live);
                self.leaves.insert(*leaf, should);
            }
        }
        self.grounds.push(Ground {
            consent,
            whole: false,
            part: None,
        });
    }

    /// Asks for something of one ground in one group, and notes what was accepted.
    fn act(&mut self, ground: usize, acts: &[(Act, bool)]) {
        let consent = self.grounds[ground].consent;
        let command = |(act, at_once): &(Act, bool)| {
            let wish = [ShredWish::AfterPeriod, ShredWish::AtOnce][usize::from(*at_once)];
            let Command::WithdrawConsent { case, .. } = withdrawal(&self.desk, None) else {
                panic!("a withdrawal");
            };
            let health = Scope {
                categories: [DataCategory::Health].into(),
                ..Scope::default()
            };
            match act {
                Act::Undo => Command::UndoWithdrawal { case, consent },
                Act::Whole | Act::Part => Command::WithdrawConsent {
                    case,
                    person: None,
                    consent: Some(consent),
                    part: (*act == Act::Part).then_some(health),
                    shred: wish,
                },
            }
        };
        let commands = acts.iter().map(command).collect();
        let outcomes = ask(self.writer(), commands);
        for ((act, at_once), outcome) in acts.iter().zip(outcomes) {
            if outcome.is_ok() {
                let wish = [Should::Wait, Should::Die][usize::from(*at_once)];
                self.note(ground, *act, wish);
            }
        }
    }

    fn note(&mut self, ground: usize, act: Act, wish: Should) {
        let case = case_of(self.writer.as_ref().unwrap(), &self.desk);
        let ground = &mut self.grounds[ground];
        let (whole, part) = (ground.whole, ground.part);
        match act {
            Act::Whole => ground.whole = true,
            Act::Part if part != Some(Should::Die) => ground.part = Some(wish),
            Act::Part => {}
            Act::Undo if whole => ground.whole = false,
            Act::Undo => ground.part = None,
        }
        for (leaf, (of, category, should)) in &mut self.leaves {
            let taken_out = part.filter(|_| *category == Some(DataCategory::Health));
            let meant = act != Act::Part || *category == Some(DataCategory::Health);
            if *of != ground.consent || !meant || case.begun.contains(leaf) {
                continue;
            }
            *should = match act {
                // What waits can be hastened; what is ordered stays so.
                Act::Whole | Act::Part if *should == Should::Die => Should::Die,
                Act::Whole | Act::Part => wish,
                // What was taken out before goes on leaving, by what was said of it then.
                Act::Undo if whole => taken_out.unwrap_or(Should::Live),
                Act::Undo if taken_out.is_some() => Should::Live,
                Act::Undo => *should,
            };
        }
    }

    fn compare(&self) {
        let writer = self.writer.as_ref().unwrap();
        assert!(!writer.shared.is_poisoned());
        let reader = &writer.shared.reader;
        for (leaf, (_, _, should)) in &self.leaves {
            let key = KeyId(leaf.0);
            let (fenced, dead) = (is_fenced(reader, key), is_dead(reader, key));
            let (fenced, dead) = (fenced.unwrap(), dead.unwrap());
            assert_eq!(fenced, *should != Should::Live, "{leaf}");
            assert!(!dead || *should == Should::Die, "{leaf}: {should:?}");
        }
        let case = case_of(writer, &self.desk);
        for ground in &self.grounds {
            let mut leaves = self.leaves.iter().filter(|(_, of)| of.0 == ground.consent);
            let all_dead = leaves.all(|(leaf, _)| case.shredded.contains(leaf));
            let standing = case.consents[&ground.consent].standing;
            assert_eq!(standing == Standing::Shredded, all_dead && ground.whole);
        }
    }

    /// After an opening nothing that was ordered waits any more.
    fn compare_the_end(&self) {
        let writer = self.writer.as_ref().unwrap();
        assert!(writer.shred.is_empty());
        assert_eq!(orders(&writer.shared).unwrap(), Vec::new());
    }

    /// Every erasure can be told of: no certificate waits for ever.
    fn certify(&mut self) {
        let writer = self.writer();
        while !writer.uncertified.is_empty() {
            writer.certify();
        }
        assert_eq!(all_waiting(&writer.shared).unwrap(), VecDeque::new());
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Whole,
    Part,
    Undo,
}
