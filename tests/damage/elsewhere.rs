//! Damage anywhere beside the journal: tiles, snapshots and the vault's files. Whatever is flipped,
//! cut, zeroed, doubled or taken away: the ledger opens and says the very same, or it names a
//! fault; never other answers, never fewer, never "erased".
//!
//! A failing run prints its `REFERRAL_SEED`.

use std::path::{Path, PathBuf};

use harness::dice::Dice;
use harness::scratch::Scratch;
use harness::words;
use ledger::domain::codes::Role;
use ledger::domain::command::Command;
use ledger::domain::ids::CaseId;
use ledger::ledger::{Ledger, PersonalContent};
use ledger::prove::{VerifierKey, verify_receipt};

/// A closed ledger of more events than a tile has hashes, and what it says.
struct World {
    scratch: Scratch,
    case: CaseId,
    said: Said,
}

/// What must never become another answer.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    size: u64,
    checkpoint: String,
    leaves: Vec<String>,
    snapshot: Option<(u64, Vec<u8>)>,
    name: String,
}

const SNAPSHOT: &[u8] = b"rows of an invented view, longer than one word";

impl World {
    fn new() -> Self {
        let scratch = Scratch::new();
        let case = words::opened(&scratch.done(Role::FocalPoint, words::open_case("Zoë"))).0;
        while scratch.ledger.size() < 600 {
            let services = Vec::new();
            scratch.done(Role::FocalPoint, Command::GiveLink { services });
        }
        scratch.ledger.save_snapshot("rows", 12, SNAPSHOT).unwrap();
        // The vault's note of where the log ends is written at a stop; what is seen is no event.
        let _ = name_in(&scratch, case);
        let said = said(&scratch.ledger);
        scratch.ledger.close().unwrap();
        Self {
            scratch,
            case,
            said: Said {
                name: "Zoë".to_owned(),
                ..said
            },
        }
    }

    fn folder(&self) -> &Path {
        self.scratch.folder.path()
    }

    /// Opens it with one file damaged. Says whether it opened; then everything is as it was.
    fn with(&mut self, file: &Path, damaged: Option<&[u8]>, how: &str) -> bool {
        let whole = std::fs::read(file).unwrap();
        match damaged {
            Some(bytes) => std::fs::write(file, bytes).unwrap(),
            None => std::fs::remove_file(file).unwrap(),
        }
        let place = format!("{} {how}", file.display());
        let opened = Scratch::open_in(self.folder().to_owned());
        let fault = match opened {
            Err(fault) => Some(fault.to_string()),
            Ok(ledger) => {
                let now = said(&ledger);
                let snapshot = now.snapshot.clone();
                assert!(
                    snapshot.is_none() || snapshot == self.said.snapshot,
                    "{place}"
                );
                let now = Said {
                    snapshot: self.said.snapshot.clone(),
                    name: self.said.name.clone(),
                    ..now
                };
                assert_eq!(now, self.said, "{place}");
                self.scratch.ledger = ledger;
                assert_eq!(name_in(&self.scratch, self.case), "Zoë", "{place}");
                // That it was seen is an event: what is said from here on counts it in.
                self.said = Said {
                    name: self.said.name.clone(),
                    snapshot: self.said.snapshot.clone(),
                    ..said(&self.scratch.ledger)
                };
                self.scratch.ledger.close().unwrap();
                None
            }
        };
        if let Some(fault) = &fault {
            assert!(
                !fault.is_empty() && !fault.contains("shredded"),
                "{place}: {fault}"
            );
        }
        std::fs::write(file, whole).unwrap();
        fault.is_none()
    }
}

fn said(ledger: &Ledger) -> Said {
    let key: VerifierKey = ledger.vkey().parse().unwrap();
    let size = ledger.size();
    let leaf = |position: u64| {
        let receipt = ledger.receipt(position).unwrap().unwrap();
        let verified = verify_receipt(receipt.as_bytes(), &key).unwrap();
        assert_eq!(verified.index(), position);
        format!("{:?}", verified.segment_digests())
    };
    let places = (0..600).step_by(37);
    Said {
        size,
        checkpoint: ledger.checkpoint(),
        leaves: places.map(leaf).collect(),
        snapshot: ledger.load_snapshot("rows").unwrap(),
        name: String::new(),
    }
}

fn name_in(scratch: &Scratch, case: CaseId) -> String {
    let seen = scratch.done(Role::FocalPoint, words::view(case));
    let parts = scratch.ledger.open_personal(&seen).unwrap();
    let mut names = parts.iter().filter_map(|part| match &part.content {
        PersonalContent::Open(ledger::domain::personal::Personal::Name(name)) => {
            Some(name.reveal().to_owned())
        }
        PersonalContent::Open(_) => None,
        PersonalContent::Shredded | PersonalContent::Fenced => panic!("nobody withdrew anything"),
    });
    names.next().expect("a name")
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// One of the kinds of damage, at a place that chance chooses.
fn damaged(whole: &[u8], kind: usize, dice: &mut Dice) -> (Option<Vec<u8>>, String) {
    let mut bytes = whole.to_vec();
    // Files of slots are mostly zeros: the place is near something that is written.
    let written: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
    let at = match written.is_empty() {
        true => 0,
        false => written[dice.below(written.len())],
    };
    let how = match kind {
        0 => {
            bytes[at] ^= 1 << dice.below(8);
            "a bit flipped"
        }
        1 => {
            bytes.truncate(at);
            "cut off"
        }
        2 => {
            let end = bytes.len().min(at + 64);
            bytes[at..end].fill(0);
            "zeroed"
        }
        3 => {
            bytes.extend_from_slice(whole);
            "doubled"
        }
        _ => return (None, "taken away".to_owned()),
    };
    (Some(bytes), format!("{how} at {at}"))
}

/// Damages every file of a folder in every way, `rounds` times; says how often it opened all the
/// same, and how often not.
fn attack(folder: &str, rounds: usize) -> (usize, usize) {
    let seed = Dice::seed();
    let mut dice = Dice::seeded(seed);
    let mut world = World::new();
    let files = files_below(&world.folder().join(folder));
    assert!(!files.is_empty());
    let (mut opened, mut refused) = (0, 0);
    for file in files {
        for kind in (0..5).flat_map(|kind| std::iter::repeat_n(kind, rounds)) {
            let whole = std::fs::read(&file).unwrap();
            let (damaged, how) = damaged(&whole, kind, &mut dice);
            let how = format!("{how}, REFERRAL_SEED={seed}");
            match world.with(&file, damaged.as_deref(), &how) {
                true => opened += 1,
                false => refused += 1,
            }
        }
    }
    (opened, refused)
}

#[test]
fn damaged_tiles_are_made_anew_from_the_leaves_and_prove_the_same() {
    let (opened, refused) = attack("data/tiles", 3);
    assert_eq!(refused, 0, "tiles are a cache");
    assert!(opened > 0);
}

#[test]
fn a_damaged_snapshot_is_read_as_it_was_or_not_at_all() {
    let (opened, refused) = attack("data/snapshots", 6);
    assert_eq!(refused, 0, "snapshots are a cache");
    assert!(opened > 0);
}

#[test]
fn a_damaged_vault_opens_the_same_ledger_or_is_named_and_nothing_counts_as_erased() {
    let (opened, refused) = attack("vault", 2);
    assert!(opened > 0, "what is written twice survives one damage");
    assert!(refused > 0, "the control: some damage cannot be made good");
}
