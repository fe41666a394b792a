//! Mirrors: what they hold, what they hold up, and what is refused as one.

mod begun;
mod histories;
mod listed;
mod rounds;

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::*;
use crate::decide::tests::FOCAL;
use crate::domain::event::Event;
use crate::domain::ids::{LeafKeyId, StaffId};
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::ledger::{Ledger, OpenOptions};
use crate::log::Met;
use crate::submit::tests::{Desk, done};

/// The desk's administrator and its data protection officer.
const ADMIN: StaffId = StaffId([18; 16]);
const OFFICER: StaffId = StaffId([15; 16]);

fn with_mirrors(desk: &Desk, mirrors: &[&Path]) -> OpenOptions {
    let mut options = desk.options();
    options.copying.mirrors = mirrors.iter().map(|path| path.to_path_buf()).collect();
    options
}

/// An empty folder beside the ledger.
fn place(desk: &Desk, name: &str) -> PathBuf {
    let place = desk.folder.path().join(name);
    std::fs::create_dir(&place).unwrap();
    place
}

/// Waits for something that other threads bring about.
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..2_000 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("never: {what}");
}

fn caught_up(ledger: &Ledger) -> bool {
    let report = ledger.copies();
    let whole = |it: &MirrorReport| it.state == MirrorState::Following && it.frames_behind == 0;
    !report.mirrors.is_empty() && report.mirrors.iter().all(whole)
}

/// Hashes of all frames of a journal.
fn frames(files: &crate::log::JournalFiles) -> Vec<[u8; 32]> {
    let mut walk = files.walk();
    let mut hashes = Vec::new();
    loop {
        match walk.meet().unwrap() {
            Met::Frame(frame) => hashes.push(frame.hash),
            Met::End => return hashes,
            Met::Bad(fault) => panic!("{fault}"),
        }
    }
}

fn frames_of_mirror(place: &Path) -> Vec<[u8; 32]> {
    frames(&CopyFolder::open(place).unwrap().unwrap().files())
}

fn frames_of_ledger(desk: &Desk) -> Vec<[u8; 32]> {
    let data = desk.folder.path().join("data/log");
    let id = crate::log::Log::id_at(&data).unwrap();
    let disk = std::sync::Arc::new(crate::log::SystemDisk);
    frames(&crate::log::JournalFiles::in_folder(
        data.join("journal"),
        id,
        disk,
    ))
}

fn shredded(ledger: &Ledger, desk: &Desk) -> Vec<LeafKeyId> {
    let mut keys = Vec::new();
    for entry in ledger.stream(StreamId::Case(desk.case)).unwrap() {
        if let Event::Shredded(shredded) = &entry.record.event {
            keys.extend(shredded.keys.iter().copied());
        }
    }
    keys
}

#[test]
fn a_mirror_holds_every_frame_at_its_place_and_goes_on_where_it_stopped() {
    let desk = Desk::new();
    let mirror = place(&desk, "mirror");
    for round in 0..3 {
        let ledger = Ledger::open(with_mirrors(&desk, &[&mirror])).unwrap();
        assert_eq!(ledger.copies().mirrors.len(), 1, "round {round}");
        eventually("caught up", || caught_up(&ledger));
        ledger.close().unwrap();
        assert_eq!(frames_of_mirror(&mirror), frames_of_ledger(&desk));
    }
    let attached = |entry: &crate::submit::answer::Entry| {
        matches!(entry.record.event, Event::MirrorAttached(_))
    };
    let ledger = desk.opened();
    let recorded = ledger.stream(StreamId::Ledger).unwrap();
    assert_eq!(recorded.iter().filter(|it| attached(it)).count(), 1);
}

#[test]
fn nothing_outside_the_journal_is_in_a_mirror() {
    let desk = Desk::new();
    let mirror = place(&desk, "mirror");
    std::fs::write(desk.folder.path().join("data/demo.json"), b"tokens").unwrap();
    let ledger = Ledger::open(with_mirrors(&desk, &[&mirror])).unwrap();
    eventually("caught up", || caught_up(&ledger));
    ledger.close().unwrap();
    let mut names: Vec<String> = std::fs::read_dir(&mirror)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["COPY", "journal"]);
    for entry in std::fs::read_dir(mirror.join("journal")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(name.ends_with(".seg"), "{name}");
    }
}

#[test]
fn keys_are_destroyed_once_the_mirror_has_their_records() {
    let desk = Desk::new();
    let mirror = place(&desk, "mirror");
    let ledger = Ledger::open(with_mirrors(&desk, &[&mirror])).unwrap();
    let answer = done(&ledger, FOCAL, desk.withdrawal_at_once());
    assert!(!answer.fence_not_mirrored && !answer.destruction_waits);
    eventually("shredded", || shredded(&ledger, &desk).len() == 1);
    eventually("caught up", || caught_up(&ledger));
    let report = ledger.copies();
    assert_eq!(report.mirrors[0].epoch, 2, "it acknowledged the epoch");
    assert!(!report.mirrors[0].fence_missing);
    assert!(ledger.pending_copy().is_empty());
    ledger.close().unwrap();
}

#[test]
fn a_mirror_that_is_away_keeps_its_say_and_one_that_comes_back_catches_up() {
    let desk = Desk::new();
    let mirror = place(&desk, "mirror");
    let ledger = Ledger::open(with_mirrors(&desk, &[&mirror])).unwrap();
    eventually("caught up", || caught_up(&ledger));
    ledger.close().unwrap();

    let ledger = desk.opened();
    let answer = done(&ledger, FOCAL, desk.withdrawal_at_once());
    assert!(answer.fence_not_mirrored, "whoever withdraws is told");
    assert!(
        answer.destruction_waits,
        "and that nothing is destroyed yet"
    );
    let link = crate::domain::command::Command::GiveLink { services: vec![] };
    assert!(
        !done(&ledger, FOCAL, link).fence_not_mirrored,
        "nothing else is"
    );
    eventually("held back", || ledger.pending_copy().len() == 1);
    let report = ledger.copies();
    assert_eq!(report.mirrors[0].state, MirrorState::Away);
    assert!(report.mirrors[0].fence_missing, "a withdrawal not mirrored");
    assert_eq!(ledger.status().epoch, 1);
    assert!(shredded(&ledger, &desk).is_empty());
    ledger.close().unwrap();

    // What was ordered is not forgotten: nobody has to ask again.
    let ledger = Ledger::open(with_mirrors(&desk, &[&mirror])).unwrap();
    eventually("shredded", || ledger.status().epoch == 2);
    ledger.close().unwrap();
    assert_eq!(frames_of_mirror(&mirror), frames_of_ledger(&desk));
}

#[test]
fn a_mirror_detached_with_a_reason_has_no_say_and_one_that_is_not_attached_is_not_found() {
    use crate::domain::codes::DetachReason;
    use crate::domain::command::{Caller, Command};
    let desk = Desk::new();
    let mirror = place(&desk, "mirror");
    let ledger = Ledger::open(with_mirrors(&desk, &[&mirror])).unwrap();
    eventually("caught up", || caught_up(&ledger));
    ledger.close().unwrap();
    let ledger = desk.opened();
    done(&ledger, FOCAL, desk.withdrawal_at_once());
    eventually("held back", || ledger.pending_copy().len() == 1);
    let mirror = ledger.copies().mirrors[0].id;
    let reason = DetachReason::Lost;
    let detach = || Command::DetachMirror { mirror, reason };
    let by_focal = crate::submit::tests::request(Caller::Staff(FOCAL), detach());
    assert!(ledger.submit(by_focal).is_err(), "not everybody may");
    done(&ledger, ADMIN, detach());
    assert_eq!(ledger.copies().mirrors[0].detach_asked, Some(reason));
    let decide = |confirm| Command::DecideMirror { mirror, confirm };
    let alone = crate::submit::tests::request(Caller::Staff(ADMIN), decide(true));
    assert!(ledger.submit(alone).is_err(), "nobody alone");
    done(&ledger, OFFICER, decide(false));
    assert_eq!(ledger.copies().mirrors[0].detach_asked, None);
    done(&ledger, ADMIN, detach());
    ledger.close().unwrap();
    let ledger = desk.opened();
    assert_eq!(
        ledger.copies().mirrors[0].detach_asked,
        Some(reason),
        "still"
    );
    assert_eq!(shredded(&ledger, &desk).len(), 0, "only asked for");
    done(&ledger, OFFICER, decide(true));
    eventually("shredded", || shredded(&ledger, &desk).len() == 1);
    assert!(ledger.copies().mirrors.is_empty());
    let again = crate::submit::tests::request(Caller::Staff(ADMIN), detach());
    assert!(ledger.submit(again).is_err(), "there is none any more");
    ledger.close().unwrap();
    let ledger = desk.opened();
    assert!(ledger.copies().mirrors.is_empty(), "nor after a restart");
}

#[test]
fn a_mirror_whose_disk_fails_stops_no_command_and_every_destruction() {
    let desk = Desk::new();
    let mirror = place(&desk, "mirror");
    let log_id = crate::log::Log::id_at(&desk.folder.path().join("data/log")).unwrap();
    let id = crate::domain::ids::CopyId([9; 16]);
    CopyFolder::create(&mirror, CopyKind::Mirror, (id, log_id)).unwrap();
    let segment = mirror.join("journal/00000001.seg");
    std::os::unix::fs::symlink("/dev/full", &segment).unwrap();
    let ledger = Ledger::open(with_mirrors(&desk, &[&mirror])).unwrap();
    let failing = |ledger: &Ledger| {
        let state = ledger.copies().mirrors[0].state.clone();
        matches!(state, MirrorState::Failing(_))
    };
    eventually("failing", || failing(&ledger));
    for _ in 0..3 {
        let link = crate::domain::command::Command::GiveLink {
            services: vec![crate::decide::tests::HEALTH],
        };
        done(&ledger, FOCAL, link);
    }
    done(&ledger, FOCAL, desk.withdrawal_at_once());
    eventually("held back", || ledger.pending_copy().len() == 1);
    assert!(!ledger.status().poisoned);
    assert_eq!(ledger.status().epoch, 1);
    // The disk is well again: what waited is done without anybody asking.
    std::fs::remove_file(&segment).unwrap();
    eventually("shredded", || shredded(&ledger, &desk).len() == 1);
    ledger.close().unwrap();
    assert_eq!(frames_of_mirror(&mirror), frames_of_ledger(&desk));
}

#[test]
fn what_is_not_a_mirror_of_this_history_is_refused_and_not_touched() {
    let desk = Desk::new();
    let mirror = place(&desk, "mirror");
    let ledger = Ledger::open(with_mirrors(&desk, &[&mirror])).unwrap();
    eventually("caught up", || caught_up(&ledger));
    ledger.close().unwrap();

    let other = Desk::new();
    let refused = |desk: &Desk| match Ledger::open(with_mirrors(desk, &[&mirror])) {
        Err(Fault::Unusable(why)) => why,
        Err(fault) => panic!("{fault}"),
        Ok(_) => panic!("opened"),
    };
    let before = frames_of_mirror(&mirror);
    assert!(refused(&other).contains("another ledger"));
    let missing = desk.folder.path().join("nowhere");
    assert!(Ledger::open(with_mirrors(&desk, &[&missing])).is_err());
    let twice = with_mirrors(&desk, &[&mirror, &mirror]);
    assert!(Ledger::open(twice).is_err());
    let inside = desk.folder.path().join("data/mirror");
    std::fs::create_dir(&inside).unwrap();
    assert!(Ledger::open(with_mirrors(&desk, &[&inside])).is_err());
    assert_eq!(frames_of_mirror(&mirror), before);
}

#[test]
fn a_ledger_older_than_its_mirror_does_not_start() {
    let desk = Desk::new();
    let mirror = place(&desk, "mirror");
    desk.opened().close().unwrap();
    let old = copied(&desk.folder.path().join("data"));
    let old_vault = copied(&desk.folder.path().join("vault"));
    let ledger = Ledger::open(with_mirrors(&desk, &[&mirror])).unwrap();
    eventually("caught up", || caught_up(&ledger));
    ledger.close().unwrap();
    // The whole machine, vault included, is rolled back; only the mirror is not.
    let (data, vault) = (
        desk.folder.path().join("data"),
        desk.folder.path().join("vault"),
    );
    for (now, then) in [(&data, &old), (&vault, &old_vault)] {
        std::fs::remove_dir_all(now).unwrap();
        copy_all(then.path(), now);
    }
    match Ledger::open(with_mirrors(&desk, &[&mirror])) {
        Err(Fault::Unusable(why)) => assert!(why.contains("older than its mirror"), "{why}"),
        Err(fault) => panic!("{fault}"),
        Ok(_) => panic!("opened"),
    }
}

#[test]
fn a_mirror_damaged_in_its_last_segment_is_written_again_from_there() {
    let desk = Desk::new();
    let mirror = place(&desk, "mirror");
    let ledger = Ledger::open(with_mirrors(&desk, &[&mirror])).unwrap();
    eventually("caught up", || caught_up(&ledger));
    ledger.close().unwrap();
    let copy = CopyFolder::open(&mirror).unwrap().unwrap();
    // Its last segment is written again at each start; what lies before is checked.
    let tail = copy.files().tail().unwrap();
    assert_eq!(tail.resume, 1, "one segment so far");
    let segment = mirror.join("journal/00000001.seg");
    let mut bytes = std::fs::read(&segment).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&segment, &bytes).unwrap();
    let ledger = Ledger::open(with_mirrors(&desk, &[&mirror])).unwrap();
    eventually("caught up", || caught_up(&ledger));
    ledger.close().unwrap();
    assert_eq!(frames_of_mirror(&mirror), frames_of_ledger(&desk), "healed");
}

fn copied(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    copy_all(from, to.path());
    to
}

fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_all(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
