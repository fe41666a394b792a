//! The store may vanish, break or lie: it is rebuilt from the journal and equal afterwards.

use super::*;
use crate::log::store::SledOpener;

const GROUPS: [u64; 5] = [4, 1, 9, 2, 5];

fn filled() -> (TempDir, PathBuf) {
    let (temp, dir) = new_log();
    let (mut log, _) = open(&dir);
    append_groups(&mut log, &GROUPS);
    log.close().unwrap();
    (temp, dir)
}

/// Changes the closed store through sled itself.
fn tamper(dir: &Path, change: Change) {
    let store = SledOpener.open(&dir.join("store")).unwrap();
    store.apply(vec![change]).unwrap();
    store.sync().unwrap();
}

fn assert_rebuilt(dir: &Path) -> String {
    let (log, opening) = open(dir);
    Model::of(&GROUPS).assert_is(&log);
    assert_eq!(findings(&log), vec![]);
    let left = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    assert!(
        !left
            .into_iter()
            .any(|name| name.to_string_lossy().contains("aside"))
    );
    opening.store_rebuilt.unwrap()
}

#[test]
fn a_deleted_store_is_rebuilt_and_equal() {
    let (_temp, dir) = filled();
    std::fs::remove_dir_all(dir.join("store")).unwrap();
    assert_eq!(assert_rebuilt(&dir), "there is none");
}

#[test]
fn an_emptied_store_is_noticed_and_rebuilt() {
    let (_temp, dir) = new_log();
    let (mut log, _) = open(&dir);
    let mut position = None;
    for events in &GROUPS[..4] {
        position = Some(
            log.append(draft(log.head().tree_size, *events, 200))
                .unwrap(),
        );
    }
    log.wait_applied(position.unwrap()).unwrap();
    log.close().unwrap();
    let (mut log, _) = open(&dir);
    append_groups(&mut log, &GROUPS[4..]);
    log.close().unwrap();
    std::fs::remove_dir_all(dir.join("store")).unwrap();
    std::fs::create_dir(dir.join("store")).unwrap();
    assert_eq!(
        assert_rebuilt(&dir),
        "it ends at frame 0 and had synced frame 4"
    );
}

#[test]
fn a_garbled_store_is_rebuilt_even_when_sled_panics() {
    let (_temp, dir) = filled();
    let path = dir.join("store").join("db");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes
        .iter_mut()
        .skip(16)
        .step_by(101)
        .for_each(|byte| *byte ^= 0x55);
    bytes[middle..].fill(0xAA);
    std::fs::write(&path, bytes).unwrap();
    let _ = std::fs::remove_file(dir.join("CLEAN"));
    assert_rebuilt_or_replayed(&dir);
}

#[test]
fn a_store_folder_that_is_no_store_is_moved_aside_and_rebuilt() {
    let (_temp, dir) = filled();
    std::fs::remove_file(dir.join("store").join("db")).unwrap();
    std::fs::create_dir(dir.join("store").join("db")).unwrap();
    let why = assert_rebuilt(&dir);
    assert!(why.contains("store failed at open"), "{why}");
}

#[test]
fn a_truncated_store_never_makes_a_shorter_log() {
    let (_temp, dir) = filled();
    let path = dir.join("store").join("db");
    let whole = std::fs::read(&path).unwrap();
    for percent in [0, 5, 30, 60, 95, 99] {
        std::fs::write(&path, &whole[..whole.len() * percent / 100]).unwrap();
        let _ = std::fs::remove_file(dir.join("CLEAN"));
        assert_rebuilt_or_replayed(&dir);
    }
}

/// sled may lose its end without a word; then the frames it lacks are replayed.
fn assert_rebuilt_or_replayed(dir: &Path) {
    let (log, opening) = open(dir);
    assert!(opening.store_rebuilt.is_some() || opening.frames_replayed > 0);
    Model::of(&GROUPS).assert_is(&log);
    assert_eq!(findings(&log), vec![]);
    log.close().unwrap();
}

#[test]
fn a_half_written_snapshot_is_a_reason_to_rebuild() {
    let (_temp, dir) = filled();
    std::fs::write(dir.join("store").join("snap.00AB.generating"), "half").unwrap();
    assert!(assert_rebuilt(&dir).contains("half-written snapshot"));
}

#[test]
fn a_panic_while_opening_the_store_is_survived() {
    let (_temp, dir) = new_log();
    let opener = MemoryOpener::default();
    let mut options = options();
    options.store = Arc::new(opener.clone());
    let (mut log, _) = Log::open(&dir, options.clone()).unwrap();
    append_groups(&mut log, &GROUPS);
    log.close().unwrap();
    opener.break_call(opener.calls(), memory_store::Break::Panic);
    let (log, opening) = Log::open(&dir, options).unwrap();
    assert!(
        opening
            .store_rebuilt
            .unwrap()
            .contains("the store panicked")
    );
    Model::of(&GROUPS).assert_is(&log);
}

#[test]
fn the_store_of_another_log_is_not_used() {
    let (_temp, dir) = filled();
    let other = tempfile::tempdir().unwrap();
    let other = other.path().join("other");
    Log::create_sized(&other, [9; 32], SEGMENT_BYTES).unwrap();
    let (mut log, _) = open(&other);
    let mut foreign = draft(0, 1, 10);
    foreign.events[0].header[2..34].fill(9);
    let _ = log.append(foreign).unwrap();
    log.close().unwrap();
    std::fs::remove_dir_all(dir.join("store")).unwrap();
    std::fs::rename(other.join("store"), dir.join("store")).unwrap();
    assert_eq!(assert_rebuilt(&dir), "it belongs to another log");
}

#[test]
fn a_probe_that_fails_or_does_not_start_moves_the_store_aside() {
    for (program, why) in [
        ("/bin/false", "a probe failed"),
        ("/nowhere", "did not start"),
    ] {
        let (_temp, dir) = filled();
        std::fs::remove_file(dir.join("CLEAN")).unwrap();
        let mut options = options();
        options.probe = Probe::Child(PathBuf::from(program));
        let (log, opening) = Log::open(&dir, options).unwrap();
        assert!(opening.store_rebuilt.unwrap().contains(why));
        Model::of(&GROUPS).assert_is(&log);
    }
}

#[test]
fn a_probe_that_succeeds_keeps_the_store_and_a_clean_stop_needs_none() {
    let (_temp, dir) = filled();
    store_probe(&dir).unwrap();
    let mut options = options();
    options.probe = Probe::Child(PathBuf::from("/bin/false"));
    drop(Log::open(&dir, options.clone()).unwrap());
    options.probe = Probe::Child(PathBuf::from("/bin/true"));
    let (_, opening) = Log::open(&dir, options).unwrap();
    assert_eq!(opening.store_rebuilt, None);
}

#[test]
fn check_names_what_the_store_lacks_or_changed() {
    let event_key = |leaf: u64| [b"e".as_slice(), &leaf.to_be_bytes()].concat();
    let index_key = |leaf: u64| [b"is/".as_slice(), &leaf.to_be_bytes()].concat();
    let other = event(7, 20);
    let mut value = Vec::new();
    other.encode(&mut value);
    let cases: Vec<(Change, &str)> = vec![
        ((event_key(6), None), "event 6: missing from the store"),
        (
            (event_key(7), Some(value)),
            "event 7: journal and store hold different events",
        ),
        (
            (event_key(8), Some(vec![1])),
            "event 8: the store's copy: damaged store",
        ),
        (
            (event_key(21), Some(vec![1])),
            "event 21: in the store, but in no frame",
        ),
        (
            (index_key(7), None),
            "index 732f0000000000000007: missing from the store",
        ),
        (
            (index_key(7), Some(vec![1])),
            "index 732f0000000000000007: stale",
        ),
        ((b"ilast".to_vec(), Some(vec![1])), "index 6c617374: stale"),
        (
            (b"ik/made-up".to_vec(), Some(vec![1])),
            "index 6b2f6d6164652d7570: extra",
        ),
    ];
    for (change, wanted) in cases {
        let (_temp, dir) = filled();
        tamper(&dir, change);
        let (log, _) = open(&dir);
        let words: Vec<String> = findings(&log).iter().map(ToString::to_string).collect();
        assert_eq!(words.len(), 1, "{words:?}");
        assert!(words[0].starts_with(wanted), "{words:?}");
    }
}

#[test]
fn check_shows_every_frame_to_its_caller() {
    let (_temp, dir) = filled();
    let (log, _) = open(&dir);
    let mut seen = Vec::new();
    let found = check(&log.reader(), index_of_key_record, &mut |frame, sound| {
        seen.push((frame.number, frame.tree_size(), sound));
    });
    assert_eq!(found.unwrap(), vec![]);
    assert_eq!(
        seen,
        [
            (1, 4, true),
            (2, 5, true),
            (3, 14, true),
            (4, 16, true),
            (5, 21, true)
        ]
    );
}

#[test]
fn progress_is_told_while_the_store_is_rebuilt() {
    let (_temp, dir) = new_log();
    let (mut log, _) = open(&dir);
    append_groups(&mut log, &[60; 24]);
    log.close().unwrap();
    std::fs::remove_dir_all(dir.join("store")).unwrap();
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut options = options();
    let telling = Arc::clone(&told);
    options.progress = Some(Arc::new(move |done, all| {
        telling.lock().unwrap().push((done, all))
    }));
    let (log, opening) = Log::open(&dir, options).unwrap();
    assert_eq!(opening.frames_replayed, 24);
    assert!(!told.lock().unwrap().is_empty());
    Model::of(&[60; 24]).assert_is(&log);
}
