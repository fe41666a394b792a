//! Random programs of people, grounds, withdrawals, undoing, crashes and reopenings, against a
//! model of a few lines: what was written on a ground that stands is read, and nothing else.
//!
//! - A crash is a copy of both folders while the ledger has them open, opened in their place; after
//!   every opening the raw bytes are searched for a way back to what was shredded.
//! - Six programs; with `REFERRAL_LONG=1` two hundred. A failing one prints its `REFERRAL_SEED`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;

use harness::carve::copy;
use harness::dice::Dice;
use harness::scratch::Scratch;
use harness::words;
use ledger::domain::codes::{Capacity, DataCategory, Role};
use ledger::domain::command::Command;
use ledger::domain::ids::{CaseId, ConsentId, PersonId, ServiceId};
use ledger::domain::personal::Personal;
use ledger::error::{Fault, VaultFault};
use ledger::ledger::{PersonalContent, Rejection};
use ledger::refusal::Refusal;
use ledger::shredcheck::{Asked, shredcheck};
use tempfile::TempDir;

/// Steps of one program.
const STEPS: usize = 40;

/// What is known of one case.
struct Person {
    case: CaseId,
    client: PersonId,
    name: String,
    /// Consents that stand, with what was written on each.
    standing: BTreeMap<ConsentId, BTreeSet<String>>,
    /// Consents that were withdrawn, with what was written on each.
    withdrawn: BTreeMap<ConsentId, BTreeSet<String>>,
}

/// A ledger and what should be in it.
struct World {
    scratch: Scratch,
    service: ServiceId,
    people: Vec<Person>,
    written: usize,
    dice: Dice,
}

#[test]
#[allow(
    clippy::print_stdout,
    reason = "a program that fails is tried again by its seed"
)]
fn whatever_happens_in_whatever_order_the_living_are_read_and_the_forgotten_are_not() {
    let long = std::env::var_os("REFERRAL_LONG").is_some_and(|set| set == "1");
    let seed = Dice::seed();
    for program in 0..if long { 200 } else { 6 } {
        let seed = seed.wrapping_add(program);
        println!("program {program}: REFERRAL_SEED={seed}");
        let mut world = World::new(seed);
        for _ in 0..STEPS {
            world.step();
        }
        world.crash();
        world.compare();
    }
}

impl World {
    fn new(seed: u64) -> Self {
        let scratch = Scratch::new();
        let service = scratch.service();
        Self {
            scratch,
            service,
            people: Vec::new(),
            written: 0,
            dice: Dice::seeded(seed),
        }
    }

    fn step(&mut self) {
        match self.dice.below(15) {
            0..=2 => self.open(),
            3..=4 => self.consent(),
            5..=7 => self.write(),
            8..=9 => self.withdraw(words::withdraw_now),
            10 => self.withdraw(words::withdraw_later),
            11..=12 => self.undo(),
            13 => {
                self.scratch.reopen();
                self.compare();
            }
            _ => {
                self.crash();
                self.compare();
            }
        }
    }

    fn open(&mut self) {
        let name = format!("Invented {}", self.people.len());
        let opened = self.scratch.done(Role::FocalPoint, words::open_case(&name));
        let (case, client) = words::opened(&opened);
        self.people.push(Person {
            case,
            client,
            name,
            standing: BTreeMap::new(),
            withdrawn: BTreeMap::new(),
        });
    }

    fn consent(&mut self) {
        let Some(person) = chosen(&mut self.people, &mut self.dice) else {
            return;
        };
        let scope = words::scope(self.scratch.partner, &[DataCategory::Needs]);
        let give = words::give(person.case, person.client, scope, Capacity::Own);
        let given = self.scratch.done(Role::FocalPoint, give);
        person
            .standing
            .insert(words::given(&given), BTreeSet::new());
    }

    fn write(&mut self) {
        let Some(person) = chosen(&mut self.people, &mut self.dice) else {
            return;
        };
        let mut grounds: Vec<_> = person.standing.iter_mut().collect();
        if grounds.is_empty() {
            return;
        }
        let (ground, texts) = grounds.swap_remove(self.dice.below(grounds.len()));
        self.written += 1;
        let text = format!("need {}", self.written);
        let items = [(DataCategory::Needs, text.as_str())];
        let draft = words::draft(person.case, self.service, Some((*ground).into()), &items);
        self.scratch.done(Role::FocalPoint, draft);
        texts.insert(text);
    }

    fn withdraw(&mut self, words: fn(CaseId, ConsentId) -> Command) {
        let Some(person) = chosen(&mut self.people, &mut self.dice) else {
            return;
        };
        if let Some((ground, texts)) = person.standing.pop_first() {
            let withdraw = words(person.case, ground);
            self.scratch.done(Role::FocalPoint, withdraw);
            person.withdrawn.insert(ground, texts);
        }
    }

    /// Takes a withdrawal back, unless its destruction has begun.
    fn undo(&mut self) {
        let Some(person) = chosen(&mut self.people, &mut self.dice) else {
            return;
        };
        let Some((ground, texts)) = person.withdrawn.pop_first() else {
            return;
        };
        let undo = words::undo(person.case, ground);
        match self.scratch.submit(Role::FocalPoint, undo) {
            Ok(_) => person.standing.insert(ground, texts),
            Err(Rejection::Refused(refused)) => {
                assert_eq!(refused.refusal, Refusal::ShreddingStarted);
                person.withdrawn.insert(ground, texts)
            }
            Err(fault) => panic!("{fault:?}"),
        };
    }

    /// Opens a copy of the folders that was made while the ledger had them open.
    fn crash(&mut self) {
        let (ledger, folder) = loop {
            let folder = TempDir::new().expect("a scratch folder");
            // The vault last: what boot has to finish then is there for it.
            for part in ["data", "vault"] {
                copy(
                    &self.scratch.folder.path().join(part),
                    &folder.path().join(part),
                );
            }
            match Scratch::open_in(folder.path().to_owned()) {
                // A destruction went on between the two copies: no crash leaves such a pair, and it
                // is refused as what it looks like.
                Err(Fault::Vault(VaultFault::WrongRoot)) => {}
                opened => break (opened.expect("it opens"), folder),
            }
        };
        self.scratch.ledger.close().expect("it closes");
        self.scratch.ledger = ledger;
        self.scratch.folder = folder;
    }

    fn compare(&self) {
        for person in &self.people {
            let view = words::view(person.case);
            let seen = self.scratch.done(Role::FocalPoint, view);
            let (mut texts, mut closed) = (BTreeSet::new(), 0);
            for part in self.scratch.ledger.open_personal(&seen).expect("it opens") {
                match part.content {
                    PersonalContent::Open(Personal::Name(name)) => {
                        assert_eq!(name.reveal(), person.name);
                    }
                    PersonalContent::Open(Personal::Item(item)) => {
                        texts.insert(item.text.reveal().to_owned());
                    }
                    PersonalContent::Open(_) => {}
                    PersonalContent::Shredded | PersonalContent::Fenced => closed += 1,
                }
            }
            let standing: BTreeSet<String> = person.standing.values().flatten().cloned().collect();
            assert_eq!(texts, standing, "{}", person.name);
            let gone = person.withdrawn.values().flatten().count();
            assert!(closed >= gone, "{}: {closed}", person.name);
        }
        let folder = self.scratch.folder.path();
        let asked = Asked {
            copies: vec![folder.join("data")],
            memories: Vec::new(),
            vault: folder.join("vault"),
            passphrase: None,
            records_only: true,
        };
        let report = loop {
            match shredcheck(&asked, &|_, _, _| {}) {
                // The ledger is open: a file may be renamed between the listing and the reading.
                Err(error) if error.source.kind() == ErrorKind::NotFound => {}
                report => break report.expect("all is readable"),
            }
        };
        assert_eq!(report.shredded_reachable, Vec::new());
    }
}

fn chosen<'a>(people: &'a mut [Person], dice: &mut Dice) -> Option<&'a mut Person> {
    let number = dice.below(people.len().max(1));
    people.get_mut(number)
}
