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
