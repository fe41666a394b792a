//! Appending, reading, closing and opening again, and the folder's own rules.

use super::*;

#[test]
fn what_was_appended_is_read_back_before_and_after_opening_again() {
    let (_temp, dir) = new_log();
    let groups = [1, 5, 2, 0, 7, 3];
    let (mut log, opening) = open(&dir);
    assert!(opening.store_rebuilt.is_none());
    append_groups(&mut log, &groups);
    Model::of(&groups).assert_is(&log);
    log.close().unwrap();
    let (log, opening) = open(&dir);
    assert_eq!((opening.frames_replayed, opening.store_rebuilt), (0, None));
    Model::of(&groups).assert_is(&log);
    assert_eq!(findings(&log), vec![]);
}

#[test]
fn a_log_dropped_without_closing_keeps_every_acknowledged_group() {
    let (_temp, dir) = new_log();
    let groups = [3, 1, 4];
    let (mut log, _) = open(&dir);
    append_groups(&mut log, &groups);
    drop(log);
    let (mut log, opening) = open(&dir);
    assert_eq!(opening.store_rebuilt, None);
    Model::of(&groups).assert_is(&log);
    append_groups(&mut log, &[2]);
    Model::of(&[3, 1, 4, 2]).assert_is(&log);
    assert_eq!(findings(&log), vec![]);
}

#[test]
fn frames_go_on_in_new_segments_and_all_are_found() {
    let (_temp, dir) = new_log();
    let (mut log, _) = open(&dir);
    let groups = vec![20; 40];
    append_groups(&mut log, &groups);
    assert!(segment_path(&dir, 5).exists());
    Model::of(&groups).assert_is(&log);
    let reader = log.reader();
    for number in 1..=40 {
        assert_eq!(reader.frame(number).unwrap().unwrap().number, number);
    }
    assert_eq!(reader.frame(41).unwrap(), None);
    drop(log);
    Model::of(&groups).assert_is(&open(&dir).0);
}

#[test]
fn a_frame_waits_for_the_store_only_when_asked() {
    let (_temp, dir) = new_log();
    let (mut log, _) = open(&dir);
    let position = log.append(draft(0, 3, 100)).unwrap();
    log.wait_applied(position).unwrap();
    assert_eq!(log.reader().store_holds().unwrap(), (1, 3));
}

#[test]
fn a_large_first_frame_gets_a_larger_first_segment() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("log");
    Log::create_sized(&dir, LOG_ID, 4096).unwrap();
    let (mut log, _) = open(&dir);
    append_groups(&mut log, &[30, 1]);
    drop(log);
    Model::of(&[30, 1]).assert_is(&open(&dir).0);
}

#[test]
fn drafts_that_do_not_follow_the_log_are_refused_and_change_nothing() {
    let (_temp, dir) = new_log();
    let (mut log, _) = open(&dir);
    append_groups(&mut log, &[2]);
    let mut wrong_log = draft(2, 1, 10);
    wrong_log.events[0].header[5] ^= 1;
    let mut wrong_leaf = draft(2, 1, 10);
    wrong_leaf.events[0] = event(3, 10);
    let mut wrong_count = draft(2, 1, 10);
    wrong_count.events[0].segments.pop();
    let mut no_key = draft(2, 1, 10);
    no_key.index_records.push(IndexRecord {
        key: vec![],
        value: None,
    });
    let too_large = draft(2, 10, 10_000);
    for bad in [
        draft(1, 1, 10),
        draft(3, 1, 10),
        wrong_log,
        wrong_leaf,
        wrong_count,
        no_key,
    ] {
        assert!(matches!(log.append(bad), Err(Fault::Unusable(_))));
    }
    assert!(matches!(log.append(too_large), Err(Fault::Unusable(_))));
    append_groups(&mut log, &[1]);
    Model::of(&[2, 1]).assert_is(&log);
}

#[test]
fn two_openings_of_one_folder_are_refused_and_the_lock_goes_with_its_owner() {
    let (_temp, dir) = new_log();
    let (log, _) = open(&dir);
    assert!(matches!(
        Log::open(&dir, options()),
        Err(Fault::Locked { .. })
    ));
    drop(log);
    open(&dir);
}

#[test]
fn an_earlier_or_later_format_version_is_refused_and_nothing_is_touched() {
    for found in [1, 3] {
        let (_temp, dir) = new_log();
        let text = format!("referral-ledger-log {found} {}\n", "07".repeat(32));
        std::fs::write(dir.join("FORMAT"), &text).unwrap();
        let before = listing(&dir);
        let Err(fault) = Log::open(&dir, options()) else {
            panic!("opened");
        };
        assert!(matches!(&fault, Fault::UnknownFormat { version, .. } if *version == found));
        let told = fault.to_string();
        assert!(told.contains("nothing was changed"), "{told}");
        assert!(told.contains("the program version that wrote it"), "{told}");
        assert_eq!(listing(&dir), before);
    }
}

#[test]
fn a_format_file_that_is_no_such_file_is_damage() {
    for text in [
        "",
        "other 1 00",
        "referral-ledger-log x",
        "referral-ledger-log 2 07\n",
    ] {
        let (_temp, dir) = new_log();
        std::fs::write(dir.join("FORMAT"), text).unwrap();
        assert!(matches!(
            Log::open(&dir, options()),
            Err(Fault::Damaged { .. })
        ));
    }
}

#[test]
fn a_folder_that_holds_anything_else_is_not_made_a_log() {
    let temp = tempfile::tempdir().unwrap();
    std::fs::write(temp.path().join("letter.txt"), "mine").unwrap();
    assert!(matches!(
        Log::create(temp.path(), LOG_ID),
        Err(Fault::Unusable(_))
    ));
    assert_eq!(listing(temp.path()).len(), 1);
    let (_temp, dir) = new_log();
    assert!(matches!(Log::create(&dir, LOG_ID), Err(Fault::Unusable(_))));
    let none = temp.path().join("none");
    assert!(matches!(
        Log::open(&none, options()),
        Err(Fault::Unusable(_))
    ));
}

#[test]
fn a_creation_cut_short_is_taken_up_again() {
    let (_temp, dir) = new_log();
    std::fs::rename(dir.join("FORMAT"), dir.join("FORMAT.new")).unwrap();
    Log::create_sized(&dir, LOG_ID, SEGMENT_BYTES).unwrap();
    open(&dir);
}

#[test]
fn readers_and_writer_run_at_the_same_time_and_see_no_gap() {
    let (_temp, dir) = new_log();
    let (mut log, _) = open(&dir);
    let reader = log.reader();
    let watching = std::thread::spawn(move || {
        let mut seen = 0;
        while seen < 600 {
            let size = reader.head().tree_size;
            let events = reader.events(seen, 1000).unwrap();
            assert!(u64::try_from(events.len()).unwrap() >= size - seen);
            let covered = reader.head().tree_size;
            for (position, found) in events {
                assert!(position < covered);
                assert_eq!(found, event(position, 200));
                seen = position + 1;
            }
            if let Some(last) = reader.value(b"last").unwrap() {
                assert!(u64::from_be_bytes(last.try_into().unwrap()) + 1 >= size);
            }
        }
    });
    append_groups(&mut log, &[6; 100]);
    watching.join().unwrap();
}

/// Names and bytes of all files, but for the lock.
fn listing(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(listing(&path));
        } else if path.file_name().unwrap() != "LOCK" {
            files.push((path.clone(), std::fs::read(&path).unwrap()));
        }
    }
    files.sort();
    files
}
