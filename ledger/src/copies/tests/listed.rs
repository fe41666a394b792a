//! The list of backups, when rounds die, meet, or are given a folder that it cannot name.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::copies::backup::Round;
use crate::copies::forget_backup;
use crate::domain::ids::CopyId;
use crate::log::tests::disk::{Break, RecordingDisk};

fn at(desk: &Desk, name: &str) -> PathBuf {
    desk.folder.path().join(name)
}

fn listed(desk: &Desk) -> Vec<CopyId> {
    let all = registry::read(&at(desk, "data")).unwrap();
    all.iter().map(|backup| backup.id).collect()
}

#[test]
fn a_first_round_that_dies_at_any_step_leaves_no_backup_that_the_ledger_does_not_know() {
    let desk = Desk::new();
    for number in 0.. {
        let backup = at(&desk, &format!("backup-{number}"));
        let disk = RecordingDisk::default();
        disk.break_operation(number, Break::Cut);
        let round = Round {
            disk: Arc::new(disk.clone()),
            patience: Duration::ZERO,
        };
        let outcome = round.run(&at(&desk, "data"), &backup);
        assert_eq!(outcome.is_err(), disk.count() > number, "at {number}");
        let copy = CopyFolder::open(&backup).unwrap().unwrap();
        assert!(listed(&desk).contains(&copy.id), "at {number}");
        if outcome.is_ok() {
            assert!(number > 3, "there are steps to die at");
            break;
        }
    }
}

#[test]
fn a_list_that_cannot_be_written_leaves_no_backup() {
    let desk = Desk::new();
    std::fs::create_dir(at(&desk, "data/backups.new")).unwrap();
    assert!(back_up(&at(&desk, "data"), &at(&desk, "backup")).is_err());
    let copy = CopyFolder::open(&at(&desk, "backup")).unwrap().unwrap();
    assert!(Manifest::read(&copy).unwrap().is_none());
    std::fs::remove_dir(at(&desk, "data/backups.new")).unwrap();
    back_up(&at(&desk, "data"), &at(&desk, "backup")).unwrap();
    assert_eq!(listed(&desk), [copy.id]);
}

#[test]
fn rounds_into_several_folders_at_once_are_all_on_the_list_and_one_struck_off_is_not() {
    for _ in 0..6 {
        let desk = Desk::new();
        let old = back_up(&at(&desk, "data"), &at(&desk, "old")).unwrap().id;
        std::thread::scope(|scope| {
            for name in ["one", "two", "three"] {
                let (data, to) = (at(&desk, "data"), at(&desk, name));
                scope.spawn(move || back_up(&data, &to).unwrap());
            }
            let data = at(&desk, "data");
            scope.spawn(move || assert!(forget_backup(&data, old).unwrap()));
        });
        let ids = listed(&desk);
        assert_eq!(ids.len(), 3);
        assert!(!ids.contains(&old));
    }
}

#[test]
fn rounds_into_one_folder_at_once_make_one_backup_of_it() {
    for _ in 0..6 {
        let desk = Desk::new();
        std::thread::scope(|scope| {
            for _ in 0..3 {
                let (data, to) = (at(&desk, "data"), at(&desk, "one"));
                // Who comes while another one writes there is told so.
                scope.spawn(move || match back_up(&data, &to) {
                    Ok(_) | Err(Fault::Locked { .. }) => {}
                    Err(fault) => panic!("{fault}"),
                });
            }
        });
        let copy = CopyFolder::open(&at(&desk, "one")).unwrap().unwrap();
        let manifest = Manifest::read(&copy).unwrap().unwrap();
        assert_eq!(manifest.strangers(&copy).unwrap(), [0; 0]);
        assert_eq!(listed(&desk), [copy.id]);
    }
}

#[test]
fn a_folder_that_the_list_cannot_name_is_refused_and_nothing_is_made() {
    let desk = Desk::new();
    for name in ["two\nlines", "carriage\r", "tab\tbed", "escape\u{1b}[2J"] {
        let to = at(&desk, name);
        let outcome = back_up(&at(&desk, "data"), &to);
        assert!(matches!(outcome, Err(Fault::Unusable(_))), "{name:?}");
        assert!(!to.exists());
    }
    assert_eq!(listed(&desk), []);
}

/// Which backups the log says came onto the list, and which were struck off.
fn told(ledger: &Ledger) -> (Vec<CopyId>, Vec<CopyId>) {
    let (mut came, mut gone) = (Vec::new(), Vec::new());
    for entry in ledger.stream(StreamId::Ledger).unwrap() {
        if let Event::BackupListed(listed) = &entry.record.event {
            came.push(listed.backup);
        }
        if let Event::BackupStruckOff(struck) = &entry.record.event {
            gone.push(struck.backup);
        }
    }
    (came, gone)
}

#[test]
fn the_log_is_told_once_of_each_backup_and_of_each_that_is_struck_off() {
    let desk = Desk::new();
    let data = at(&desk, "data");
    let ledger = desk.opened();
    ledger.note_backups().unwrap();
    let size = ledger.size();
    let one = back_up(&data, &at(&desk, "one")).unwrap().id;
    let two = back_up(&data, &at(&desk, "two")).unwrap().id;
    assert_eq!(ledger.copies().backups.len(), 2, "whoever asks sees them");
    for _ in 0..3 {
        ledger.note_backups().unwrap();
        assert_eq!(told(&ledger), (vec![one, two], vec![]));
    }
    assert_eq!(ledger.size(), size + 2);
    // Another round that knows of no more destructions says nothing new.
    back_up(&data, &at(&desk, "one")).unwrap();
    ledger.note_backups().unwrap();
    assert_eq!(ledger.size(), size + 2);
    done(&ledger, FOCAL, desk.withdrawal_at_once());
    eventually("shredded", || ledger.status().epoch == 2);
    let knows = || back_up(&data, &at(&desk, "one")).unwrap().manifest.epoch == 2;
    eventually("the backup knows of it", knows);
    ledger.note_backups().unwrap();
    assert_eq!(told(&ledger).0, [one, two, one]);
    assert!(forget_backup(&data, two).unwrap());
    ledger.close().unwrap();
    let ledger = desk.opened();
    ledger.note_backups().unwrap();
    assert_eq!(told(&ledger), (vec![one, two, one], vec![two]));
    assert_eq!(ledger.copies().backups.len(), 1);
    ledger.close().unwrap();
}

#[test]
fn a_restored_ledger_knows_the_backups_that_its_log_was_told_of() {
    let desk = Desk::new();
    let data = at(&desk, "data");
    let one = back_up(&data, &at(&desk, "one")).unwrap().id;
    let two = back_up(&data, &at(&desk, "two")).unwrap().id;
    let gone = back_up(&data, &at(&desk, "gone")).unwrap().id;
    forget_backup(&data, gone).unwrap();
    let ledger = desk.opened();
    ledger.note_backups().unwrap();
    ledger.close().unwrap();
    back_up(&data, &at(&desk, "one")).unwrap();
    std::fs::rename(&data, at(&desk, "lost")).unwrap();
    let options = RestoreOptions {
        from: at(&desk, "one"),
        vault: at(&desk, "vault"),
        data: data.clone(),
        keys: None,
        accept_loss: false,
        passphrase: None,
    };
    let places = |list: &[BackupReport]| -> Vec<(CopyId, PathBuf)> {
        let mut places: Vec<_> = list.iter().map(|it| (it.id, it.folder.clone())).collect();
        places.sort();
        places
    };
    let mut known = vec![(one, at(&desk, "one")), (two, PathBuf::new())];
    known.sort();
    assert_eq!(places(&restore(&options).unwrap().backups), known);
    let ledger = desk.opened();
    assert_eq!(places(&ledger.copies().backups), known);
    let size = ledger.size();
    ledger.note_backups().unwrap();
    assert_eq!(ledger.size(), size, "the log knows them already");
    // Run on it once, where it lies is known as well.
    back_up(&data, &at(&desk, "two")).unwrap();
    let known = places(&ledger.copies().backups);
    assert!(known.contains(&(two, at(&desk, "two"))), "{known:?}");
    ledger.close().unwrap();
}
