//! A restoring that dies at every step: the next one begins anew by itself, and still knows what
//! was lost.

use super::*;
use crate::copies::restore::by_steps;
use crate::domain::command::Command;
use crate::domain::event::Restored;

/// A ledger with a backup that is behind it.
pub(super) fn behind() -> Desk {
    let desk = Desk::new();
    let data = desk.folder.path().join("data");
    back_up(&data, &desk.folder.path().join("backup")).unwrap();
    let ledger = desk.opened();
    for _ in 0..3 {
        let link = Command::GiveLink {
            services: vec![crate::decide::tests::HEALTH],
        };
        done(&ledger, FOCAL, link);
    }
    ledger.close().unwrap();
    desk
}

pub(super) fn options(desk: &Desk, home: &Path) -> RestoreOptions {
    RestoreOptions {
        from: desk.folder.path().join("backup"),
        vault: home.join("vault"),
        data: home.join("data"),
        keys: None,
        accept_loss: true,
        passphrase: None,
    }
}

/// The folder's ledger, opened as anybody opens it.
pub(super) fn opened(options: &RestoreOptions) -> Result<Ledger, Fault> {
    Ledger::open(OpenOptions::of(options.data.clone(), options.vault.clone()))
}

fn restored_events(ledger: &Ledger) -> Vec<Restored> {
    let entries = ledger.stream(StreamId::Ledger).unwrap();
    let restored = entries.into_iter().filter_map(|entry| {
        if let Event::Restored(restored) = &entry.record.event {
            return Some(restored.clone());
        }
        None
    });
    restored.collect()
}

pub(super) fn refused<T>(outcome: Result<T, Fault>) -> String {
    match outcome {
        Ok(_) => panic!("not refused"),
        Err(fault) => fault.to_string(),
    }
}

/// Restores until this many steps are done, and dies then; whether it came to its end before.
pub(super) fn dies_after(options: &RestoreOptions, steps: usize) -> bool {
    let mut done = 0;
    let outcome = by_steps(options, &mut |_| {
        done += 1;
        if done > steps {
            return Err(Fault::Poisoned);
        }
        Ok(())
    });
    outcome.is_ok()
}

#[test]
fn a_restoring_that_dies_at_any_step_is_begun_anew_and_remembers_what_was_lost() {
    let desk = behind();
    for steps in 0.. {
        let home = tempfile::tempdir().unwrap();
        copy_all(
            &desk.folder.path().join("vault"),
            &home.path().join("vault"),
        );
        let mut options = options(&desk, home.path());
        let whole = dies_after(&options, steps);
        if !whole {
            // Twice in a row: what the first one left is cleared by the second, which dies as well.
            assert!(!dies_after(&options, steps / 2));
            assert!(
                refused(opened(&options)).contains("run restore again"),
                "{steps}"
            );
            assert!(refused(back_up(&options.data, &home.path().join("more"))).contains("restor"));
            options.accept_loss = false;
            assert!(
                refused(restore(&options)).contains("--accept-loss"),
                "{steps}"
            );
            options.accept_loss = true;
            restore(&options).unwrap();
        }
        let ledger = opened(&options).unwrap();
        let restored = restored_events(&ledger);
        assert_eq!(restored.len(), 1, "{steps}");
        let (frame, known) = (restored[0].frame, restored[0].known_frame);
        assert!(ledger.status().sending_held);
        let sent = Command::ConfirmWithdrawals {};
        done(&ledger, OFFICER, sent);
        assert!(!ledger.status().sending_held);
        assert!(
            known >= frame + 3,
            "{steps}: {known} was known, the copy ends at {frame}"
        );
        ledger.close().unwrap();
        let vault = Some(options.vault.as_path());
        let report = crate::fsck::fsck(&options.data, vault, None, &|_, _, _| {}).unwrap();
        assert_eq!(report.findings, [], "{steps}");
        if whole {
            assert!(steps > 6, "there are steps to die at");
            break;
        }
    }
}

#[test]
fn a_folder_with_anything_else_in_it_is_not_restored_into() {
    let desk = behind();
    let home = tempfile::tempdir().unwrap();
    copy_all(
        &desk.folder.path().join("vault"),
        &home.path().join("vault"),
    );
    let options = options(&desk, home.path());
    let die = |options: &RestoreOptions| by_steps(options, &mut |_| Err(Fault::Poisoned));
    assert!(die(&options).is_err());
    let photos = options.data.join("photos");
    std::fs::write(&photos, b"x").unwrap();
    assert!(refused(restore(&options)).contains("not empty"));
    assert!(photos.exists());
    std::fs::remove_file(&photos).unwrap();
    let mark = options.data.join("restore-unfinished");
    let text = std::fs::read_to_string(&mark).unwrap();
    for wrong in [
        String::new(),
        text.replace("known", "knew"),
        format!("{text}1\n"),
    ] {
        std::fs::write(&mark, wrong).unwrap();
        assert!(refused(restore(&options)).contains("not empty"));
    }
    std::fs::write(&mark, &text).unwrap();
    restore(&options).unwrap();
    assert!(
        refused(restore(&options)).contains("not empty"),
        "a ledger is no free folder"
    );
}
