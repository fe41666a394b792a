//! Cutting out: what is listed becomes zeros everywhere, whatever fails or dies on the way; zeros
//! that nothing lists are damage.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use super::disk::{Break, Operation, RecordingDisk, after_power_cut};
use super::memory_store::MemoryOpener;
use super::*;
use crate::keys::{Cut, KeyRecord};

const GROUPS: [u64; 4] = [2, 3, 1, 2];
/// Segment 1 of event 1, and the whole of event 3.
const CUTS: [Cut; 2] = [
    Cut {
        position: 1,
        segments: 0b10,
    },
    Cut {
        position: 3,
        segments: 0b11,
    },
];

/// A frame that lists cuts and says nothing else.
fn list(log: &Log, cuts: &[Cut]) -> FrameDraft {
    let head = log.head();
    FrameDraft {
        first_leaf: head.tree_size,
        key_records: cuts
            .iter()
            .map(|cut| KeyRecord::Cut(*cut).to_bytes())
            .collect(),
        checkpoint: head.checkpoint,
        ..FrameDraft::default()
    }
}

/// The frame that says these cuts are done.
fn done(log: &Log, cuts: &[Cut]) -> FrameDraft {
    let removed = |(position, segment)| IndexRecord {
        key: crate::keys::cut::open_cut_key(position, segment),
        value: None,
    };
    FrameDraft {
        key_records: Vec::new(),
        index_records: cuts
            .iter()
            .flat_map(|cut| cut.each())
            .map(removed)
            .collect(),
        ..list(log, &[])
    }
}

/// All of cutting out, in its order.
fn cut_out(log: &mut Log) -> Result<(), Fault> {
    let _ = log.append(list(log, &CUTS))?;
    log.cut_out(&CUTS)?;
    let builder = log.store_builder();
    let built = builder.build(log.head().frame_number, &AtomicBool::new(false))?;
    log.swap_store(built)?;
    builder.wipe_old()?;
    log.append(done(log, &CUTS)).map(drop)
}

/// The bytes of what is cut.
fn ciphertext() -> Vec<Vec<u8>> {
    let bytes = |(position, segment): (u64, u8)| {
        event(position, 200).segments[usize::from(segment)].clone()
    };
    CUTS.iter().flat_map(|cut| cut.each()).map(bytes).collect()
}

/// The files below a folder that hold one of some bytes, whole or a piece of 64.
fn holding(folder: &Path, wanted: &[Vec<u8>]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, wanted));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let has = |piece: &[u8]| bytes.windows(piece.len()).any(|window| window == piece);
        if wanted.iter().any(|one| one.chunks_exact(64).any(has)) {
            found.push(path);
        }
    }
    found
}

/// What the log answers once all is cut: as before, with zeros in the place of what is gone.
fn assert_cut(log: &Log, groups: &[u64]) {
    let mut wanted = Model::of(groups).events;
    for (position, segment) in CUTS.iter().flat_map(|cut| cut.each()) {
        let event = &mut wanted[usize::try_from(position).unwrap()];
        event.segments[usize::from(segment)].fill(0);
    }
    let reader = log.reader();
    let frames = reader.frames(1).unwrap().map(Result::unwrap);
    let in_frames: Vec<StoredEvent> = frames.flat_map(|frame| frame.events).collect();
    assert!(in_frames == wanted, "the journal");
    let in_store = reader.events(0, usize::MAX).unwrap();
    assert!(
        in_store.into_iter().map(|(_, event)| event).eq(wanted),
        "the store"
    );
    assert_eq!(findings(log), vec![]);
}

fn filled(options: &LogOptions) -> (TempDir, PathBuf, Log) {
    let (temp, dir) = new_log();
    let (mut log, _) = Log::open(&dir, options.clone()).unwrap();
    append_groups(&mut log, &GROUPS);
    (temp, dir, log)
}

#[test]
fn what_was_cut_out_lies_nowhere_in_the_folder_any_more() {
    let (_temp, dir, log) = filled(&options());
    // Closed once, so that the store has written what it holds.
    log.close().unwrap();
    let (mut log, _) = open(&dir);
    std::fs::create_dir(dir.join("store-aside-7")).unwrap();
    std::fs::write(dir.join("store-aside-7/db"), ciphertext().concat()).unwrap();
    let before = holding(&dir, &ciphertext());
    for place in ["journal", "store/", "store-aside-7"] {
        let there = |path: &PathBuf| path.to_string_lossy().contains(place);
        assert!(before.iter().any(there), "{place} holds it first");
    }
    cut_out(&mut log).unwrap();
    assert_cut(&log, &GROUPS);
    append_groups(&mut log, &[3]);
    let groups = [GROUPS.as_slice(), &[3]].concat();
    assert_cut(&log, &groups);
    assert_eq!(holding(&dir, &ciphertext()), Vec::<PathBuf>::new());
    log.close().unwrap();
    assert_eq!(holding(&dir, &ciphertext()), Vec::<PathBuf>::new());
    let (log, opening) = open(&dir);
    assert_eq!((opening.store_rebuilt, opening.frames_replayed), (None, 0));
    assert_cut(&log, &groups);
    drop(log);
    std::fs::remove_dir_all(dir.join("store")).unwrap();
    assert_cut(&open(&dir).0, &groups);
}

#[test]
fn what_no_list_names_is_not_overwritten() {
    let (_temp, _dir, mut log) = filled(&memory_options());
    assert!(matches!(log.cut_out(&CUTS), Err(Fault::Unusable(_))));
    append_groups(&mut log, &[1]);
    Model::of(&[2, 3, 1, 2, 1]).assert_is(&log);
}

/// Writes bytes over a segment of an event in the closed log's journal.
fn overwrite(dir: &Path, (position, segment): (u64, usize), bytes: u8) {
    let wanted = &event(position, 200).segments[segment];
    let path = segment_path(dir, 1);
    let mut file = std::fs::read(&path).unwrap();
    let at = file
        .windows(wanted.len())
        .position(|window| window == wanted)
        .unwrap();
    file[at..at + wanted.len()].fill(bytes);
    std::fs::write(path, file).unwrap();
}

#[test]
fn zeros_that_no_list_names_are_damage_found_on_opening_and_by_the_check() {
    for store_lost in [false, true] {
        let (_temp, dir, log) = filled(&options());
        log.close().unwrap();
        overwrite(&dir, (3, 1), 0);
        let mut reading = options();
        reading.on_damage = OnDamage::ReadOnly;
        let (log, _) = Log::open(&dir, reading).unwrap();
        let words: Vec<String> = findings(&log).iter().map(ToString::to_string).collect();
        let named = |word: &String| word.contains("event 3") && word.contains("on no cut list");
        assert!(words.iter().any(named), "{words:?}");
        drop(log);
        let _ = std::fs::remove_file(dir.join("CLEAN"));
        if store_lost {
            std::fs::remove_dir_all(dir.join("store")).unwrap();
            let opened = Log::open(&dir, options());
            let Err(Fault::Damaged { place, .. }) = opened else {
                panic!("it opened");
            };
            assert!(place.contains("event 3: segment 1 is zeros"), "{place}");
        }
    }
}

#[test]
fn other_bytes_where_something_was_cut_out_are_found_and_overwritten_by_recovery() {
    let (_temp, dir, mut log) = filled(&options());
    cut_out(&mut log).unwrap();
    let place = log.reader().frame(2).unwrap().unwrap().place;
    log.close().unwrap();
    let path = segment_path(&dir, 1);
    let mut bytes = std::fs::read(&path).unwrap();
    let frame = usize::try_from(place.offset).unwrap();
    let zeros = bytes[frame..]
        .windows(400)
        .position(|window| window.iter().all(|byte| *byte == 0))
        .unwrap();
    bytes[frame + zeros + 5] = 9;
    std::fs::write(&path, bytes).unwrap();
    let (log, _) = open(&dir);
    let words: Vec<String> = findings(&log).iter().map(ToString::to_string).collect();
    let named = |word: &String| word.contains("event 3") && word.contains("other bytes");
    assert!(words.iter().any(named), "{words:?}");
    drop(log);
    std::fs::remove_dir_all(dir.join("store")).unwrap();
    let (log, opening) = open(&dir);
    assert!(opening.warnings[0].starts_with("event 3: other bytes"));
    let frames = log.reader().frames(1).unwrap().map(Result::unwrap);
    let events: Vec<StoredEvent> = frames.flat_map(|frame| frame.events).collect();
    assert!(events[3].segments.concat().iter().all(|byte| *byte == 0));
}

#[test]
fn what_is_listed_and_still_there_is_finished_on_opening() {
    for clean in [true, false] {
        let (_temp, dir, mut log) = filled(&options());
        let _ = log.append(list(&log, &CUTS)).unwrap();
        if clean {
            log.close().unwrap();
        } else {
            drop(log);
        }
        let (log, _) = open(&dir);
        assert_eq!(findings(&log), vec![]);
        assert_eq!(log.reader().open_cuts().unwrap(), CUTS);
        let left = holding(&dir.join("journal"), &ciphertext());
        assert_eq!(left, Vec::<PathBuf>::new());
    }
}

#[test]
fn a_torn_last_frame_with_zeros_for_segments_is_a_torn_frame_and_no_cut() {
    let (_temp, dir, log) = filled(&options());
    drop(log);
    overwrite(&dir, (6, 0), 0);
    overwrite(&dir, (6, 1), 0);
    overwrite(&dir, (7, 1), 0);
    let _ = std::fs::remove_dir_all(dir.join("store"));
    let _ = std::fs::remove_file(dir.join("CLEAN"));
    let (log, _) = open(&dir);
    Model::of(&GROUPS[..3]).assert_is(&log);
    assert_eq!(findings(&log), vec![]);
}

/// After a failure or a death anywhere in cutting: it opens, nothing is lost or wrong, and cutting
/// can be asked for again, to its end.
fn assert_finishes(dir: &Path, options: LogOptions) {
    let (mut log, _) = Log::open(dir, options).unwrap();
    assert_eq!(findings(&log), vec![]);
    let reader = log.reader();
    for (position, stored) in reader.events(0, usize::MAX).unwrap() {
        let whole = event(position, 200);
        assert_eq!(stored.header, whole.header);
        for (number, (bytes, as_written)) in
            (0_u8..).zip(stored.segments.iter().zip(&whole.segments))
        {
            let gone = bytes.iter().all(|byte| *byte == 0);
            let listed = reader.is_cut(position, number).unwrap();
            assert!(bytes == as_written || (gone && listed));
        }
    }
    cut_out(&mut log).unwrap();
    assert_cut(&log, &GROUPS);
    assert!(!dir.join("store-new").exists() && !dir.join("store-aside-1").exists());
}

#[test]
fn every_failing_operation_while_cutting_leaves_what_the_next_opening_finishes() {
    for how in [Break::Fails, Break::FailsButPersists, Break::Cut] {
        for number in 0.. {
            let mut options = memory_options();
            let (_temp, dir, log) = filled(&options);
            log.close().unwrap();
            let disk = RecordingDisk::default();
            options.disk = Arc::new(disk.clone());
            let (mut log, _) = Log::open(&dir, options.clone()).unwrap();
            let opened = disk.count();
            disk.break_operation(opened + number, how);
            let failed = cut_out(&mut log).is_err();
            drop(log);
            options.disk = Arc::new(SystemDisk);
            assert_finishes(&dir, options);
            if disk.count() < opened + number {
                assert!(!failed);
                break;
            }
        }
    }
}

#[test]
fn every_failing_store_call_while_cutting_leaves_what_the_next_opening_finishes() {
    use memory_store::Break;
    for how in [Break::Error, Break::ErrorAfterwards, Break::Panic] {
        for number in 0.. {
            let opener = MemoryOpener::default();
            let mut options = options();
            options.store = Arc::new(opener.clone());
            let (_temp, dir, mut log) = filled(&options);
            let position = log.append(list(&log, &[])).unwrap();
            log.wait_applied(position).unwrap();
            let before = opener.calls();
            opener.break_call(before + number, how);
            let _ = cut_out(&mut log);
            drop(log);
            opener.mend();
            let calls = opener.calls();
            assert_finishes(&dir, options);
            if calls < before + number {
                break;
            }
        }
    }
}

#[test]
fn a_power_cut_at_any_moment_of_cutting_is_finished_from_the_list() {
    let (_temp, dir, log) = filled(&memory_options());
    log.close().unwrap();
    let journal = |dir: &Path| -> BTreeMap<PathBuf, Vec<u8>> {
        let entries = std::fs::read_dir(dir.join("journal")).unwrap();
        entries
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.clone(), std::fs::read(path).unwrap()))
            .collect()
    };
    let base = journal(&dir);
    let mut options = memory_options();
    let disk = RecordingDisk::default();
    options.disk = Arc::new(disk.clone());
    let (mut log, _) = Log::open(&dir, options).unwrap();
    cut_out(&mut log).unwrap();
    drop(log);
    // The store's files are beyond this test: what a cut leaves of them is not trusted anyway.
    let of_store = |operation: &Operation| match operation {
        Operation::Create(path)
        | Operation::Write(path, ..)
        | Operation::Sync(path)
        | Operation::Rename(path, _)
        | Operation::Remove(path) => path.to_string_lossy().contains("store"),
        Operation::SyncFolder => false,
    };
    let mut operations = disk.operations();
    operations.retain(|operation| !of_store(operation));
    for cut in 0..=operations.len() {
        for round in 0..3_usize {
            let mut count = round;
            let keep = || {
                count += 1;
                round == 1 || (round == 2 && count.is_multiple_of(3))
            };
            let files = after_power_cut(&operations[..cut], base.clone(), keep);
            let _ = std::fs::remove_dir_all(dir.join("store"));
            let _ = std::fs::remove_file(dir.join("CLEAN"));
            for (path, bytes) in files {
                if path.parent() == Some(&dir.join("journal")) {
                    std::fs::write(path, bytes).unwrap();
                }
            }
            assert_finishes(&dir, memory_options());
        }
    }
}
