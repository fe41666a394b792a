//! Copies from end to end: with the current key records a copy of any age reads every living person
//! and none of the forgotten.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use harness::carve::{copy, files, holding};
use harness::scratch::Scratch;
use harness::words;
use ledger::copies::{CheckOptions, RestoreOptions, back_up, check_copy, export_keys, restore};
use ledger::domain::codes::{AnchorReason, Role, ViewPurpose};
use ledger::domain::command::Command;
use ledger::domain::event::{Event, ViewTarget};
use ledger::domain::ids::CaseId;
use ledger::domain::stream::StreamId;
use ledger::error::Fault;
use ledger::ledger::{Ledger, OpenOptions, PersonalContent};
use ledger::prove::{VerifierKey, verify_certificate};
use ledger::shredcheck::{Asked, KeyId, shredcheck};

fn place(scratch: &Scratch, name: &str) -> PathBuf {
    scratch.folder.path().join(name)
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..2_000 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("never: {what}");
}

/// What a focal point can read of a case: parts open, and parts gone.
fn read(scratch: &Scratch, ledger: &Ledger, case: CaseId) -> (usize, usize) {
    let view = Command::ViewPersonalData {
        case,
        target: ViewTarget::Case,
        purpose: ViewPurpose::CaseWork,
    };
    let caller = ledger::domain::command::Caller::Staff(scratch.staff(Role::FocalPoint));
    let seen = ledger
        .submit(words::request(caller, view))
        .unwrap_or_else(|rejection| panic!("{rejection:?}"));
    let parts = ledger.open_personal(&seen).expect("parts");
    let open =
        |part: &&ledger::ledger::PersonalPart| matches!(part.content, PersonalContent::Open(_));
    let opened = parts.iter().filter(open).count();
    (opened, parts.len() - opened)
}

fn shredded(ledger: &Ledger, case: CaseId) -> HashSet<KeyId> {
    let mut dead = HashSet::new();
    for entry in ledger.stream(StreamId::Case(case)).expect("its stream") {
        if let Event::Shredded(shredded) = &entry.record.event {
            dead.extend(shredded.keys.iter().map(|key| KeyId(key.0)));
        }
    }
    dead
}

/// Whoever has all these copies and the present vault has no destroyed key.
fn nothing_leads_back(scratch: &Scratch, copies: &[&str], dead: &HashSet<KeyId>) {
    let asked = Asked {
        copies: copies.iter().map(|name| place(scratch, name)).collect(),
        memories: Vec::new(),
        vault: place(scratch, "vault"),
        passphrase: None,
        records_only: false,
    };
    let report = shredcheck(&asked, &|_, _, _| {}).expect("everything can be read");
    let found: Vec<String> = report.findings().iter().map(ToString::to_string).collect();
    assert_eq!(found, Vec::<String>::new());
    assert!(!dead.is_empty());
    assert_eq!(&report.shredded, dead, "their tombstones are found");
}

fn restoring(scratch: &Scratch, from: &Path, keys: Option<&Path>) -> RestoreOptions {
    RestoreOptions {
        from: from.to_owned(),
        vault: place(scratch, "vault"),
        data: place(scratch, "restored"),
        keys: keys.map(Path::to_owned),
        accept_loss: false,
        passphrase: None,
    }
}

fn refused(outcome: Result<impl Sized, Fault>) -> String {
    match outcome {
        Ok(_) => panic!("not refused"),
        Err(fault) => fault.to_string(),
    }
}

#[test]
fn an_old_backup_reads_the_living_and_none_of_the_forgotten_and_without_key_records_says_so() {
    let scratch = Scratch::new();
    let (case, consent, other) = scratch.two_cases();
    let (backup, keys) = (place(&scratch, "backup"), place(&scratch, "keys"));
    // While it is open; the newest frame counts once the ledger says that it is synced.
    eventually("all of it is in the backup", || {
        let made = back_up(&place(&scratch, "data"), &backup).expect("a backup");
        made.manifest.size == scratch.ledger.size()
    });
    scratch.done(Role::FocalPoint, words::withdraw_now(case, consent));
    eventually("shredded", || !shredded(&scratch.ledger, case).is_empty());
    let dead = shredded(&scratch.ledger, case);
    scratch.ledger.close().expect("it closes");
    export_keys(&place(&scratch, "data"), &keys).expect("exported");
    nothing_leads_back(&scratch, &["data", "backup", "keys"], &dead);

    // The disk is gone.
    std::fs::rename(place(&scratch, "data"), place(&scratch, "lost")).unwrap();
    let without = check_copy(CheckOptions {
        from: &backup,
        vault: &place(&scratch, "vault"),
        keys: None,
        passphrase: None,
    });
    let without = without.expect("it can be judged");
    assert!(!without.reads_the_living() && without.unreadable > 0);
    assert!(
        without.problems[0].contains("--keys"),
        "{:?}",
        without.problems
    );
    assert!(refused(restore(&restoring(&scratch, &backup, None))).contains("--keys"));
    let mut options_now = restoring(&scratch, &backup, Some(&keys));
    assert!(
        refused(restore(&options_now)).contains("--accept-loss"),
        "it is behind"
    );
    assert!(!options_now.data.exists(), "nothing was written");
    options_now.accept_loss = true;
    let done = restore(&options_now).expect("restored");
    assert!(done.copy.forgotten >= 1 && done.copy.unreadable == 0);

    let restored = Ledger::open(OpenOptions::of(
        options_now.data.clone(),
        place(&scratch, "vault"),
    ));
    let restored = restored.expect("it opens");
    let (living, gone) = read(&scratch, &restored, other);
    assert!(living > 0 && gone == 0, "every living person is read");
    assert_eq!(
        read(&scratch, &restored, case).0,
        living,
        "the record, nothing of the referral"
    );
    let first = restored
        .records(done.copy.events, 1)
        .expect("its first event");
    assert!(matches!(first[0].record.event, Event::Restored(_)));
    assert!(
        restored
            .checkpoint()
            .starts_with("tests.invalid/log/restored-")
    );
    restored.close().expect("it closes");
    let report = ledger::fsck::fsck(
        &options_now.data,
        Some(&place(&scratch, "vault")),
        None,
        &|_, _, _| {},
    );
    let report = report.expect("it can be checked");
    assert_eq!(report.findings, [], "and it is whole");
}

#[test]
fn the_second_backup_copies_only_what_is_new_and_holds_nothing_but_the_journal() {
    let scratch = Scratch::new();
    let data = place(&scratch, "data");
    let backup = place(&scratch, "backup");
    std::fs::write(data.join("demo.json"), b"Canary Token").unwrap();
    let first = back_up(&data, &backup).expect("a backup");
    let (_, _, _) = scratch.two_cases();
    let second = back_up(&data, &backup).expect("a second one");
    assert!(second.copied > 0 && second.manifest.frame == first.manifest.frame + second.copied);
    scratch.ledger.close().expect("it closes");
    let third = back_up(&data, &backup).expect("a third one, of a ledger at rest");
    let fourth = back_up(&data, &backup).expect("and nothing new");
    assert_eq!(fourth.copied, 0);
    assert_eq!(fourth.manifest, third.manifest);
    for name in ["vault/roots", "data/log/store"] {
        assert!(
            scratch.folder.path().join(name).exists(),
            "{name} is there to be left out"
        );
    }
    let mut held: Vec<String> = files(&[backup.as_path()])
        .into_iter()
        .map(|(name, _)| name.rsplit('/').next().unwrap().to_owned())
        .collect();
    held.sort();
    assert_eq!(held, ["00000001.seg", "COPY", "MANIFEST"]);
    assert!(holding(&files(&[backup.as_path()]), "Canary Token").is_empty());
    let listed = Ledger::open(OpenOptions::of(data, place(&scratch, "vault"))).unwrap();
    assert_eq!(listed.copies().backups.len(), 1);
    assert_eq!(listed.copies().backups[0].frame, fourth.manifest.frame);
    listed.close().unwrap();
}

#[test]
fn a_mirror_gives_back_everything_after_the_disk_is_lost() {
    let mut scratch = Scratch::new();
    let mirror = place(&scratch, "mirror");
    std::fs::create_dir(&mirror).unwrap();
    scratch.ledger.close().unwrap();
    let mut with_mirror = OpenOptions::of(place(&scratch, "data"), place(&scratch, "vault"));
    with_mirror.copying.mirrors = vec![mirror.clone()];
    scratch.ledger = Ledger::open(with_mirror).unwrap();
    let (case, consent, other) = scratch.two_cases();
    scratch.done(Role::FocalPoint, words::withdraw_now(case, consent));
    eventually("shredded", || !shredded(&scratch.ledger, case).is_empty());
    let dead = shredded(&scratch.ledger, case);
    scratch.ledger.close().unwrap();
    // Only now: the certificate comes behind what was waited for.
    let size = scratch.ledger.size();
    std::fs::rename(place(&scratch, "data"), place(&scratch, "lost")).unwrap();
    let done = restore(&restoring(&scratch, &mirror, None)).expect("no loss, no key file");
    assert_eq!(done.copy.events, size);
    let restored = Ledger::open(OpenOptions::of(
        place(&scratch, "restored"),
        place(&scratch, "vault"),
    ));
    let restored = restored.unwrap();
    assert!(read(&scratch, &restored, other).0 > 0);
    assert_eq!(shredded(&restored, case), dead);
    scratch.ledger = restored;
    certified_anew(&scratch, case);
    scratch.ledger.close().unwrap();
    nothing_leads_back(&scratch, &["restored", "lost", "mirror"], &dead);
}

/// A certificate from before the restore is read still, and is issued again under the new name.
fn certified_anew(scratch: &Scratch, case: CaseId) {
    let newest = || {
        let entries = scratch.ledger.stream(StreamId::Case(case)).unwrap();
        let certified = entries.iter().rev().find_map(|entry| {
            let Event::ErasureCertified(it) = &entry.record.event else {
                return None;
            };
            Some((entry.position, it.rotation))
        });
        certified.expect("a certificate")
    };
    let (before, rotation) = newest();
    let file = scratch.ledger.certificate(before).unwrap();
    assert!(file.is_some(), "signed under the former name");
    let issue = Command::IssueCertificate { case, rotation };
    scratch.done(Role::DataProtectionOfficer, issue);
    eventually("issued again", || newest().0 > before);
    let (after, _) = newest();
    let file = scratch.ledger.certificate(after).unwrap().expect("a file");
    let key: VerifierKey = scratch.ledger.vkey().parse().unwrap();
    let certificate = verify_certificate(file.as_bytes(), &key);
    assert_eq!(certificate.expect("it is valid").position(), after);
}

#[test]
fn a_damaged_backup_and_one_of_another_ledger_are_refused() {
    let scratch = Scratch::new();
    let _ = scratch.two_cases();
    let (data, backup) = (place(&scratch, "data"), place(&scratch, "backup"));
    scratch.ledger.close().unwrap();
    back_up(&data, &backup).unwrap();
    let segment = backup.join("journal/00000001.seg");
    let whole = std::fs::read(&segment).unwrap();
    for place_of in [0, 120, whole.len() / 2, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[place_of] ^= 1;
        std::fs::write(&segment, &bytes).unwrap();
        refused(restore(&restoring(&scratch, &backup, None)));
        assert!(!place(&scratch, "restored").exists(), "byte {place_of}");
    }
    std::fs::write(&segment, &whole[..whole.len() / 2]).unwrap();
    refused(restore(&restoring(&scratch, &backup, None)));
    std::fs::write(&segment, &whole).unwrap();
    let other = Scratch::new();
    other.ledger.close().unwrap();
    assert!(refused(back_up(&place(&other, "data"), &backup)).contains("another ledger"));
    let mut crossed = restoring(&scratch, &backup, None);
    crossed.vault = place(&other, "vault");
    refused(restore(&crossed));
    assert!(
        restore(&restoring(&scratch, &backup, None)).is_ok(),
        "the control"
    );
}

#[test]
fn a_machine_rolled_back_with_its_vault_does_not_start_beside_its_anchor() {
    let scratch = Scratch::new();
    let (case, consent, _) = scratch.two_cases();
    scratch.ledger.close().unwrap();
    for name in ["data", "vault"] {
        copy(
            &place(&scratch, name),
            &place(&scratch, &format!("{name}-then")),
        );
    }
    let anchored = || {
        let mut options = OpenOptions::of(place(&scratch, "data"), place(&scratch, "vault"));
        options.copying.anchor = Some(place(&scratch, "anchor"));
        options
    };
    let ledger = Ledger::open(anchored()).unwrap();
    let caller = ledger::domain::command::Caller::Staff(scratch.staff(Role::FocalPoint));
    let request = words::request(caller, words::withdraw_now(case, consent));
    let _ = ledger.submit(request).unwrap();
    eventually("shredded", || !shredded(&ledger, case).is_empty());
    ledger.close().unwrap();
    for name in ["data", "vault"] {
        std::fs::remove_dir_all(place(&scratch, name)).unwrap();
        copy(
            &place(&scratch, &format!("{name}-then")),
            &place(&scratch, name),
        );
    }
    assert!(refused(Ledger::open(anchored())).contains("rolled back"));
    // Without the anchor nothing says so: that is what it is for.
    let blind = OpenOptions::of(place(&scratch, "data"), place(&scratch, "vault"));
    Ledger::open(blind).unwrap().close().unwrap();
}

/// The scratch ledger with its anchor.
fn anchored(scratch: &Scratch, new: Option<AnchorReason>) -> OpenOptions {
    let mut options = OpenOptions::of(place(scratch, "data"), place(scratch, "vault"));
    options.copying.anchor = Some(place(scratch, "share/anchor"));
    options.copying.anchor_new = new;
    options
}

fn reasons(ledger: &Ledger) -> Vec<AnchorReason> {
    let entries = ledger.stream(StreamId::Ledger).expect("its stream");
    let reason = |entry: &ledger::ledger::Entry| match &entry.record.event {
        Event::AnchorSet(set) => Some(set.reason),
        _ => None,
    };
    entries.iter().filter_map(reason).collect()
}

#[test]
fn a_ledger_whose_anchor_is_gone_does_not_start_until_a_new_one_is_asked_for_with_a_reason() {
    let scratch = Scratch::new();
    scratch.ledger.close().unwrap();
    let (share, away) = (place(&scratch, "share"), place(&scratch, "away"));
    // Where the first one cannot be written nothing starts, and nothing says that there is one.
    assert!(Ledger::open(anchored(&scratch, None)).is_err(), "no share");
    std::fs::create_dir(&share).unwrap();
    for _ in 0..2 {
        let ledger = Ledger::open(anchored(&scratch, None)).unwrap();
        assert_eq!(reasons(&ledger), [AnchorReason::First]);
        ledger.close().unwrap();
    }
    // The share is not mounted, or the file was removed.
    std::fs::rename(&share, &away).unwrap();
    for empty in [false, true] {
        if empty {
            std::fs::create_dir(&share).unwrap();
        }
        match Ledger::open(anchored(&scratch, None)) {
            Err(Fault::AnchorMissing { file }) => assert!(file.ends_with("share/anchor")),
            Err(fault) => panic!("{fault}"),
            Ok(_) => panic!("opened"),
        }
        assert!(!share.join("anchor").exists(), "none was written");
    }
    std::fs::remove_dir(&share).unwrap();
    std::fs::rename(&away, &share).unwrap();
    let again = refused(Ledger::open(anchored(&scratch, Some(AnchorReason::Lost))));
    assert!(again.contains("without --anchor-new"), "{again}");
    Ledger::open(anchored(&scratch, None))
        .unwrap()
        .close()
        .unwrap();
    std::fs::remove_file(share.join("anchor")).unwrap();
    let ledger = Ledger::open(anchored(&scratch, Some(AnchorReason::Lost))).unwrap();
    assert_eq!(reasons(&ledger), [AnchorReason::First, AnchorReason::Lost]);
    ledger.close().unwrap();
    assert!(share.join("anchor").exists());
    // Of a folder that nobody serves: a status, a check, a backup need no anchor.
    let plain = OpenOptions::of(place(&scratch, "data"), place(&scratch, "vault"));
    Ledger::open(plain).unwrap().close().unwrap();
}

#[test]
fn a_restored_ledger_behind_its_anchor_starts_once_that_is_said() {
    let scratch = Scratch::new();
    let backup = place(&scratch, "backup");
    std::fs::create_dir(place(&scratch, "share")).unwrap();
    scratch.ledger.close().unwrap();
    back_up(&place(&scratch, "data"), &backup).unwrap();
    let ledger = Ledger::open(anchored(&scratch, None)).unwrap();
    let caller = ledger::domain::command::Caller::Staff(scratch.staff(Role::FocalPoint));
    let request = words::request(caller, words::open_case("Canary Lost"));
    let _ = ledger.submit(request).unwrap();
    ledger.close().unwrap();
    std::fs::remove_dir_all(place(&scratch, "data")).unwrap();
    let mut options_now = restoring(&scratch, &backup, None);
    options_now.data = place(&scratch, "data");
    options_now.accept_loss = true;
    restore(&options_now).unwrap();
    assert!(refused(Ledger::open(anchored(&scratch, None))).contains("rolled back"));
    let ledger = Ledger::open(anchored(&scratch, Some(AnchorReason::Restored))).unwrap();
    assert_eq!(reasons(&ledger), [AnchorReason::Restored]);
    ledger.close().unwrap();
    Ledger::open(anchored(&scratch, None))
        .unwrap()
        .close()
        .unwrap();
}
