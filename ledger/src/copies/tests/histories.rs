//! One vault, one history: what was left behind at a restore does not open with the vault again.

use super::begun::{behind, dies_after, opened, options, refused};
use super::*;
use crate::decide::tests::HEALTH;
use crate::domain::command::Command;

/// The steps of restoring up to the one at which the vault is told.
const UNTIL_TOLD: usize = 9;

/// A folder with copies of the desk's vault and of the data that its disk held.
fn home_of(desk: &Desk) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    for (name, here) in [("vault", "vault"), ("data", "left")] {
        let from = desk.folder.path().join(name);
        copy_all(&from, &home.path().join(here));
    }
    home
}

/// The ledger in the data folder from before.
fn left(home: &Path) -> Result<Ledger, Fault> {
    let options = OpenOptions::of(home.join("left"), home.join("vault"));
    Ledger::open(options)
}

/// The journal and what else says how far it goes.
fn written(home: &Path) -> Vec<Vec<u8>> {
    let journal = home.join("left/log/journal/00000001.seg");
    let names = [
        journal,
        home.join("left/log/CLEAN"),
        home.join("vault/position"),
    ];
    names.map(|name| std::fs::read(name).unwrap()).to_vec()
}

fn give_links(ledger: &Ledger, count: usize) {
    for _ in 0..count {
        let services = vec![HEALTH];
        done(ledger, FOCAL, Command::GiveLink { services });
    }
}

#[test]
fn after_a_restore_the_vault_serves_the_restored_ledger_alone() {
    let desk = behind();
    let home = home_of(&desk);
    let home = home.path();
    let options = options(&desk, home);
    restore(&options).unwrap();
    let before = written(home);
    for _ in 0..2 {
        let fault = left(home).err().expect("refused");
        assert!(matches!(fault, Fault::AnotherHistory { .. }), "{fault}");
        assert!(fault.to_string().contains("restored"), "{fault}");
        assert_eq!(written(home), before, "nothing was written");
    }
    // The restored one is the shorter one at first, then the longer one.
    let ledger = opened(&options).unwrap();
    give_links(&ledger, 10);
    ledger.close().unwrap();
    let refusal = refused(left(home));
    assert!(refusal.contains("another history"), "{refusal}");
    opened(&options).unwrap().close().unwrap();
    let vault = home.join("vault");
    let report = crate::fsck::fsck(&home.join("left"), Some(&vault), None, &|_, _, _| {});
    let named = report.unwrap().findings;
    assert!(
        named.iter().any(|it| it.what.contains("history")),
        "{named:?}"
    );
}

#[test]
fn until_the_vault_is_told_the_old_folder_is_its_own_and_never_both() {
    let desk = behind();
    for steps in 0..=UNTIL_TOLD {
        let home = home_of(&desk);
        let options = options(&desk, home.path());
        assert_eq!(dies_after(&options, steps), steps == UNTIL_TOLD);
        match left(home.path()) {
            Ok(ledger) => {
                assert!(steps + 1 < UNTIL_TOLD, "after {steps}");
                give_links(&ledger, 1);
                ledger.close().unwrap();
            }
            Err(Fault::AnotherHistory { .. }) => assert!(steps + 1 >= UNTIL_TOLD, "{steps}"),
            Err(fault) => panic!("after {steps}: {fault}"),
        }
        if steps < UNTIL_TOLD {
            restore(&options).unwrap();
        }
        assert!(left(home.path()).is_err());
        opened(&options).unwrap().close().unwrap();
    }
}

#[test]
fn a_copy_of_the_history_that_was_left_is_not_restored_unnoticed() {
    let desk = behind();
    let home = home_of(&desk);
    let home = home.path();
    let first = options(&desk, home);
    restore(&first).unwrap();
    let mut second = options(&desk, home);
    second.from = home.join("late");
    second.data = home.join("second");
    second.accept_loss = false;
    // Longer than the restored one, and without what was acknowledged there.
    back_up(&home.join("left"), &second.from).unwrap();
    assert!(refused(restore(&second)).contains("another history"));
    assert!(!second.data.exists());
    second.accept_loss = true;
    restore(&second).unwrap();
    opened(&second).unwrap().close().unwrap();
    assert!(matches!(
        opened(&first).err(),
        Some(Fault::AnotherHistory { .. })
    ));
}

#[test]
fn a_copy_of_the_folder_that_went_on_by_itself_does_not_open_with_the_vault() {
    let desk = Desk::new();
    let home = home_of(&desk);
    let open = |name: &str| {
        let options = OpenOptions::of(home.path().join(name), home.path().join("vault"));
        Ledger::open(options)
    };
    copy_all(&home.path().join("left"), &home.path().join("twin"));
    let ledger = open("left").unwrap();
    give_links(&ledger, 2);
    ledger.close().unwrap();
    assert!(refused(open("twin")).contains("old copy of the folder"));
    let ledger = open("left").unwrap();
    give_links(&ledger, 2);
    ledger.close().unwrap();
}
