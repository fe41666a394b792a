//! Backup rounds that die at every step: what lies in the folder is always a backup that restores.

use std::collections::BTreeMap;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::copies::backup::Round;
use crate::copies::source::write_synced;
use crate::keys::cut::cuts_in;
use crate::ledger::CutOptions;
use crate::log::tests::disk::{Break, RecordingDisk, after_power_cut};

fn round(disk: &RecordingDisk) -> Round {
    Round {
        disk: Arc::new(disk.clone()),
        patience: Duration::ZERO,
    }
}

fn at(desk: &Desk, name: &str) -> PathBuf {
    desk.folder.path().join(name)
}

/// A ledger at rest whose backup holds ciphertext that was cut out of the ledger since; its present
/// key records lie beside it.
fn cut_since_its_backup() -> Desk {
    let desk = Desk::new();
    back_up(&at(&desk, "data"), &at(&desk, "backup")).unwrap();
    let ledger = desk.opened();
    done(&ledger, FOCAL, desk.withdrawal_at_once());
    eventually("shredded", || shredded(&ledger, &desk).len() == 1);
    let now = CutOptions {
        after_days: 0,
        store: false,
    };
    assert!(ledger.cut_out(now).unwrap().segments > 0);
    ledger.close().unwrap();
    export_keys(&at(&desk, "data"), &at(&desk, "keys")).unwrap();
    desk
}

/// A backup is good for all that it holds, though it may hold less than the ledger.
fn checks(desk: &Desk, backup: &Path, context: &str) {
    let keys = at(desk, "keys");
    let found = check_copy(CheckOptions {
        from: backup,
        vault: &at(desk, "vault"),
        keys: Some(&keys),
        passphrase: None,
    });
    let found = found.unwrap_or_else(|fault| panic!("{context}: {fault}"));
    assert_eq!(found.problems, Vec::<String>::new(), "{context}");
    assert_eq!(found.unreadable, 0, "{context}");
}

/// The same, and a ledger comes of it that is whole, with nothing in it that is on a list.
fn restores(desk: &Desk, backup: &Path, context: &str) {
    let home = tempfile::tempdir().unwrap();
    let vault = home.path().join("vault");
    copy_all(&at(desk, "vault"), &vault);
    let options = RestoreOptions {
        from: backup.to_owned(),
        vault: vault.clone(),
        data: home.path().join("data"),
        keys: Some(at(desk, "keys")),
        accept_loss: true,
        passphrase: None,
    };
    restore(&options).unwrap_or_else(|fault| panic!("{context}: {fault}"));
    let report = crate::fsck::fsck(&options.data, Some(&vault), None, &|_, _, _| {});
    assert_eq!(report.unwrap().findings, [], "{context}");
}

/// Journal and manifest of a backup that an undisturbed round brought up to its ledger.
fn is_complete(desk: &Desk, backup: &Path, context: &str) {
    back_up(&at(desk, "data"), backup).unwrap_or_else(|fault| panic!("{context}: {fault}"));
    checks(desk, backup, context);
    let copy = CopyFolder::open(backup).unwrap().unwrap();
    let manifest = Manifest::read(&copy).unwrap().unwrap();
    assert_eq!(manifest.cutting, None, "{context}");
    assert_eq!(manifest.strangers(&copy).unwrap(), [0; 0], "{context}");
    let source = std::fs::read(at(desk, "data/log/journal/00000001.seg")).unwrap();
    let held = std::fs::read(backup.join("journal/00000001.seg")).unwrap();
    assert_eq!(
        held,
        source[..held.len()],
        "{context}: zeros where they are"
    );
}

#[test]
fn a_round_that_fails_at_any_step_leaves_a_backup_that_restores() {
    let desk = cut_since_its_backup();
    for how in [Break::Fails, Break::FailsButPersists, Break::Cut] {
        for number in 0.. {
            let context = format!("{how:?} at {number}");
            let place = copied(&at(&desk, "backup"));
            let backup = place.path();
            let disk = RecordingDisk::default();
            disk.break_operation(number, how);
            let outcome = round(&disk).run(&at(&desk, "data"), backup);
            assert_eq!(outcome.is_err(), disk.count() > number, "{context}");
            checks(&desk, backup, &context);
            if how == Break::Cut {
                restores(&desk, backup, &context);
            }
            is_complete(&desk, backup, &context);
            if disk.count() <= number {
                assert!(number > 8, "there are steps to fail at");
                break;
            }
        }
    }
}

#[test]
fn a_power_cut_at_any_step_of_a_round_leaves_a_backup_that_restores() {
    let desk = cut_since_its_backup();
    let before = files_in(&at(&desk, "backup"));
    let disk = RecordingDisk::default();
    let place = copied(&at(&desk, "backup"));
    round(&disk).run(&at(&desk, "data"), place.path()).unwrap();
    let operations = disk.operations();
    let base: BTreeMap<PathBuf, Vec<u8>> = before
        .iter()
        .map(|(name, bytes)| (place.path().join(name), bytes.clone()))
        .collect();
    for number in 0..=operations.len() {
        for kept in 0..3 {
            let context = format!("cut before {number}, {kept} of what was not synced");
            let mut turn = 0;
            let keep = || {
                turn += 1;
                kept == 1 || (kept == 2 && turn % 2 == 0)
            };
            let left = after_power_cut(&operations[..number], base.clone(), keep);
            let image = tempfile::tempdir().unwrap();
            std::fs::create_dir(image.path().join("journal")).unwrap();
            for (path, bytes) in left {
                let name = path.strip_prefix(place.path()).unwrap();
                std::fs::write(image.path().join(name), bytes).unwrap();
            }
            checks(&desk, image.path(), &context);
            is_complete(&desk, image.path(), &context);
        }
    }
}

#[test]
fn a_checksum_that_no_list_explains_is_damage_also_while_a_round_was_cutting() {
    let desk = cut_since_its_backup();
    let place = copied(&at(&desk, "backup"));
    let disk = RecordingDisk::default();
    round(&disk).run(&at(&desk, "data"), place.path()).unwrap();
    let copy = CopyFolder::open(place.path()).unwrap().unwrap();
    let whole = Manifest::read(&copy).unwrap().unwrap();
    let problems = |manifest: &Manifest| {
        manifest.write(&copy, &crate::log::SystemDisk).unwrap();
        let found = check_copy(CheckOptions {
            from: place.path(),
            vault: &at(&desk, "vault"),
            keys: None,
            passphrase: None,
        });
        found.unwrap().problems.len()
    };
    let mut wrong = whole.clone();
    wrong.files[0].1 = [1; 32];
    assert_eq!(problems(&wrong), 1);
    // Its lists were carried out before; what came since lists nothing.
    wrong.cutting = Some(whole.frame + 1);
    assert_eq!(problems(&wrong), 1);
    wrong.cutting = Some(1);
    assert_eq!(problems(&wrong), 0, "the control");
}

#[test]
fn zeros_whose_list_is_not_known_to_be_synced_are_waited_for_and_never_named() {
    let desk = cut_since_its_backup();
    let data = at(&desk, "data");
    let log_id = crate::log::Log::id_at(&data.join("log")).unwrap();
    let disk = Arc::new(crate::log::SystemDisk);
    let files = crate::log::JournalFiles::in_folder(data.join("log/journal"), log_id, disk);
    let (mut walk, mut before_list, mut last) = (files.walk(), None, None);
    while let Met::Frame(frame) = walk.meet().unwrap() {
        if !cuts_in(&frame.key_records).is_empty() && before_list.is_none() {
            before_list = last;
        }
        last = Some((frame.number, frame.hash));
    }
    let ((known, hash), end) = (before_list.unwrap(), last.unwrap());
    // As if the server ran and had not yet said that the list is synced: it says so by the second.
    std::fs::remove_file(data.join("log/CLEAN")).unwrap();
    write_synced(&data, (known, &hash)).unwrap();
    let cut_short = |files: &crate::log::JournalFiles| {
        // What stands behind may be in flight.
        let mut walk = files.walk();
        while walk.number() < known + 1 {
            let Met::Frame(frame) = walk.meet().unwrap() else {
                panic!("a frame");
            };
            if frame.number == known + 1 {
                return frame.place;
            }
        }
        panic!("no frame")
    };
    let place = cut_short(&files);
    let segment = data.join("log/journal/00000001.seg");
    let whole = std::fs::read(&segment).unwrap();
    let offset = usize::try_from(place.offset).unwrap();
    let mut short = whole.clone();
    short[offset..].fill(0);
    std::fs::write(&segment, &short).unwrap();
    let fresh = tempfile::tempdir().unwrap();
    let unbroken = RecordingDisk::default();
    let refused = round(&unbroken).run(&data, fresh.path());
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("not known to be synced")
    );
    let copy = CopyFolder::open(fresh.path()).unwrap().unwrap();
    assert_eq!(Manifest::read(&copy).unwrap(), None, "nothing counts");
    let patient = Round {
        disk: Arc::new(unbroken),
        patience: Duration::from_secs(60),
    };
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| patient.run(&data, fresh.path()));
        std::thread::sleep(Duration::from_millis(300));
        // In place: whoever reads meanwhile never meets an empty file.
        let file = std::fs::File::options().write(true).open(&segment);
        file.unwrap()
            .write_all_at(&whole[offset..], place.offset)
            .unwrap();
        write_synced(&data, (end.0, &end.1)).unwrap();
        assert_eq!(waiting.join().unwrap().unwrap().manifest.frame, end.0);
    });
    checks(&desk, fresh.path(), "once the list was there");
}

/// Every file of a folder, by its path in it.
fn files_in(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for name in ["COPY", "MANIFEST", "journal/00000001.seg"] {
        found.insert(
            PathBuf::from(name),
            std::fs::read(folder.join(name)).unwrap(),
        );
    }
    found
}
