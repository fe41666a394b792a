//! Making a ledger, stopped after every step and begun again; and what is never cleared.

use std::path::{Path, PathBuf};

use super::*;
use crate::ledger::{Ledger, OpenOptions, is_unfinished};

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn options(&self, shared: bool) -> InitOptions {
        let holders = (1..=3).map(|n| self.at(&format!("holder{n}"))).collect();
        InitOptions {
            data: self.at("data"),
            vault: self.at("vault"),
            origin: "tests.invalid/log".to_owned(),
            test_tier: true,
            protection: Protection {
                shares: shared.then_some(Shares {
                    holders,
                    threshold: 2,
                }),
                passphrase: None,
            },
            organisation: None,
        }
    }

    fn open(&self) -> Result<Ledger, Fault> {
        Ledger::open(OpenOptions::of(self.at("data"), self.at("vault")))
    }
}

/// Makes a ledger and stops after so many steps; says how many there were.
fn stopped_after(options: &InitOptions, steps: usize) -> (usize, Result<(), Fault>) {
    let mut done = 0;
    let outcome = by_steps(options, |_| Ok(()), &mut |_| {
        done += 1;
        if done > steps {
            return Err(Fault::Poisoned);
        }
        Ok(())
    });
    (done, outcome)
}

#[test]
fn wherever_init_stops_opening_refuses_and_the_next_init_begins_anew() {
    for shared in [false, true] {
        let all = {
            let home = Home::new();
            let (all, outcome) = stopped_after(&home.options(shared), usize::MAX);
            outcome.unwrap();
            all
        };
        assert!(all >= 12, "{all} steps");
        for steps in 0..all {
            let home = Home::new();
            let (_, outcome) = stopped_after(&home.options(shared), steps);
            outcome.unwrap_err();
            let marked = is_unfinished(&home.at("data"));
            // Only the very last step takes the data folder's mark away: then the ledger is made.
            if steps + 1 == all {
                assert!(!marked && home.open().is_ok());
                continue;
            }
            assert!(home.open().is_err(), "{steps}");
            // Stopped again on its way, even while it clears.
            for again in [0, 1, 2, 3] {
                stopped_after(&home.options(shared), again).1.unwrap_err();
                assert!(home.open().is_err(), "{steps} {again}");
            }
            init(&home.options(shared)).unwrap_or_else(|fault| panic!("{steps}: {fault}"));
            assert!(!is_unfinished(&home.at("data")) && !is_unfinished(&home.at("vault")));
            let ledger = home.open().unwrap();
            assert_eq!(ledger.size(), 3, "the ledger and the two files in force");
            ledger.close().unwrap();
            assert!(
                init(&home.options(shared)).is_err(),
                "a finished one is left alone"
            );
            home.open().unwrap().close().unwrap();
        }
    }
}

#[test]
fn what_fails_while_it_is_founded_is_not_made() {
    let home = Home::new();
    let failed = init_founded(&home.options(false), |_| Err(Fault::Busy));
    assert!(matches!(failed, Err(Fault::Busy)));
    assert!(home.open().is_err());
    init(&home.options(false)).unwrap();
    home.open().unwrap().close().unwrap();
}

#[test]
fn a_marked_folder_that_holds_anything_else_is_left_alone() {
    for (folder, name) in [
        ("data", "letter.txt"),
        ("vault", "notes"),
        ("holder2", "photo"),
    ] {
        let home = Home::new();
        let (_, outcome) = stopped_after(&home.options(true), 12);
        outcome.unwrap_err();
        let letter = home.at(folder).join(name);
        std::fs::write(&letter, "dear").unwrap();
        let before = everything(home.0.path());
        assert!(
            matches!(init(&home.options(true)), Err(Fault::Unusable(_))),
            "{folder}"
        );
        assert_eq!(everything(home.0.path()), before, "{folder}");
        std::fs::remove_file(letter).unwrap();
        init(&home.options(true)).unwrap();
    }
}

#[test]
fn a_living_ledgers_vault_or_holder_is_never_taken_for_a_broken_ones() {
    let (living, broken) = (Home::new(), Home::new());
    init(&living.options(true)).unwrap();
    stopped_after(&broken.options(true), 12).1.unwrap_err();
    for part in ["vault", "holder1"] {
        let mut options = broken.options(true);
        let taken = living.at(part);
        match part {
            "vault" => options.vault = taken,
            _ => options.protection.shares.as_mut().unwrap().holders[0] = taken,
        }
        let before = everything(living.0.path());
        assert!(matches!(init(&options), Err(Fault::Unusable(_))), "{part}");
        assert_eq!(everything(living.0.path()), before, "{part}");
    }
    living.open().unwrap().close().unwrap();
}

#[test]
fn a_mark_torn_while_it_was_written_is_known_and_one_beside_our_names_is_not() {
    for text in [
        "",
        "referral",
        "referral-ledger: making a ledger began here and did not end.\n",
    ] {
        let home = Home::new();
        std::fs::create_dir(home.at("data")).unwrap();
        std::fs::write(home.at("data").join("init-unfinished"), text).unwrap();
        init(&home.options(false)).unwrap();
        home.open().unwrap().close().unwrap();
        // The same beside a ledger that lives: somebody put it there.
        std::fs::write(home.at("data").join("init-unfinished"), text).unwrap();
        assert!(matches!(
            init(&home.options(false)),
            Err(Fault::Unusable(_))
        ));
        std::fs::remove_file(home.at("data").join("init-unfinished")).unwrap();
        home.open().unwrap().close().unwrap();
    }
}

#[test]
fn folders_inside_each_other_are_refused() {
    let home = Home::new();
    let mut options = home.options(true);
    options.protection.shares.as_mut().unwrap().holders[1] = home.at("data").join("holder");
    assert!(matches!(init(&options), Err(Fault::Unusable(_))));
    let mut options = home.options(true);
    options.protection.shares.as_mut().unwrap().holders[1] = home.at("holder1");
    assert!(matches!(init(&options), Err(Fault::Unusable(_))));
    assert!(everything(home.0.path()).is_empty());
}

fn everything(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(everything(&path));
        } else {
            found.push((path.clone(), std::fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}
