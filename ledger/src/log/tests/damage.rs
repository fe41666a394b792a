//! Damage is named, with the exact event where there is one, and never makes a shorter log.

use super::*;

const GROUPS: [u64; 4] = [2, 3, 1, 2];

/// A closed log of [`GROUPS`] and its frames.
fn closed_log() -> (TempDir, PathBuf, Vec<Frame>) {
    let (temp, dir) = new_log();
    let (mut log, _) = open(&dir);
    append_groups(&mut log, &GROUPS);
    let frames = log
        .reader()
        .frames(1)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    log.close().unwrap();
    (temp, dir, frames)
}

fn change(path: &Path, work: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(path).unwrap();
    work(&mut bytes);
    std::fs::write(path, bytes).unwrap();
}

/// Where these bytes stand in the journal's first segment.
fn find(dir: &Path, wanted: &[u8]) -> usize {
    let bytes = std::fs::read(segment_path(dir, 1)).unwrap();
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
        .unwrap()
}

fn flip(dir: &Path, at: usize) {
    change(&segment_path(dir, 1), |bytes| bytes[at] ^= 0x10);
}

/// Opens for reading alone where the journal is damaged, and gives all findings in words.
fn check_words(dir: &Path) -> Vec<String> {
    let mut options = options();
    options.on_damage = OnDamage::ReadOnly;
    let (log, _) = Log::open(dir, options).unwrap();
    findings(&log).iter().map(ToString::to_string).collect()
}

/// Opens without marker and store: everything has to come from the journal.
fn open_from_journal(dir: &Path) -> Result<(Log, Opening), Fault> {
    let _ = std::fs::remove_file(dir.join("CLEAN"));
    let _ = std::fs::remove_dir_all(dir.join("store"));
    Log::open(dir, options())
}

fn damaged_place(opened: Result<(Log, Opening), Fault>) -> String {
    match opened {
        Err(Fault::Damaged { place, .. }) => place,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("opened"),
    }
}

#[test]
fn a_flipped_bit_in_a_header_names_the_event() {
    for (within, what) in [(0, "malformed"), (10, "another log"), (41, "names leaf")] {
        let (_temp, dir, frames) = closed_log();
        flip(&dir, find(&dir, &frames[1].events[1].header) + within);
        let words = check_words(&dir);
        assert!(
            words[0].starts_with("event 3: ") && words[0].contains(what),
            "{words:?}"
        );
        assert!(damaged_place(open_from_journal(&dir)).contains("frame 2"));
    }
}

#[test]
fn a_flipped_bit_in_a_headers_digest_names_event_and_segment() {
    let (_temp, dir, frames) = closed_log();
    flip(&dir, find(&dir, &frames[2].events[0].header) + 43 + 32);
    assert_eq!(
        check_words(&dir)[0],
        "event 5: in the journal: segment 1 is not the one whose digest the header holds"
    );
}

#[test]
fn a_flipped_bit_in_a_segment_names_event_and_segment() {
    let (_temp, dir, frames) = closed_log();
    flip(&dir, find(&dir, &frames[1].events[2].segments[0]) + 100);
    assert_eq!(
        check_words(&dir),
        [
            "event 4: in the journal: segment 0 is not the one whose digest the header holds",
            "event 4: the journal's copy is wrong: segment 0 is not the one whose digest the \
             header holds",
        ]
    );
    assert!(damaged_place(open_from_journal(&dir)).contains("event 4: segment 0"));
}

#[test]
fn swapped_segments_name_both() {
    let (_temp, dir, frames) = closed_log();
    let [first, second] = [0, 1].map(|n| frames[1].events[0].segments[n].clone());
    let (at_first, at_second) = (find(&dir, &first), find(&dir, &second));
    change(&segment_path(&dir, 1), |bytes| {
        bytes[at_first..at_first + first.len()].copy_from_slice(&second);
        bytes[at_second..at_second + second.len()].copy_from_slice(&first);
    });
    let words = check_words(&dir);
    assert!(
        words[0].starts_with("event 2: in the journal: segment 0"),
        "{words:?}"
    );
    assert!(
        words[1].starts_with("event 2: in the journal: segment 1"),
        "{words:?}"
    );
}

#[test]
fn a_flipped_bit_anywhere_else_in_a_frame_names_the_frame() {
    let (_temp, dir, frames) = closed_log();
    let start = usize::try_from(frames[1].place.offset).unwrap();
    let regions = [
        find(&dir, &frames[1].checkpoint),
        find(&dir, &frames[1].key_records[0]),
        find(&dir, &frames[1].index_records[0].key),
        find(&dir, &frames[1].hash),
        start + 2,  // magic
        start + 10, // body length
        start + 14, // sealed length
        start + 20, // number
        start + 40, // previous hash
        start + 54, // what the store had synced
        start + 66, // first leaf
        start + 90, // reserved
    ];
    let clean = std::fs::read(segment_path(&dir, 1)).unwrap();
    for at in regions {
        std::fs::write(segment_path(&dir, 1), &clean).unwrap();
        flip(&dir, at);
        let words = check_words(&dir);
        let named = |word: &String| word.starts_with("frame 2 (events 2 to 4): ");
        assert!(words.iter().any(named), "byte {at}: {words:?}");
        let _ = std::fs::remove_file(dir.join("CLEAN"));
        let place = damaged_place(open_from_journal(&dir));
        assert!(place.starts_with("frame 2 "), "byte {at}: {place}");
    }
}

#[test]
fn every_flipped_byte_of_a_frame_in_the_middle_is_found_by_check_and_by_rebuilding() {
    let (_temp, dir, frames) = closed_log();
    let clean = std::fs::read(segment_path(&dir, 1)).unwrap();
    let start = usize::try_from(frames[1].place.offset).unwrap();
    let padding = 8;
    let end = start + usize::try_from(frames[1].length).unwrap() - padding;
    let (log, _) = Log::open(&dir, memory_options()).unwrap();
    let reader = log.reader();
    for at in (start..end).step_by(7) {
        flip(&dir, at);
        let found = check(&reader, index_of_key_record, &mut |_, _| {}).unwrap();
        assert!(!found.is_empty(), "byte {at}");
        assert!(
            reader.frames(1).unwrap().any(|frame| frame.is_err()),
            "byte {at}"
        );
        std::fs::write(segment_path(&dir, 1), &clean).unwrap();
    }
}

#[test]
fn a_damaged_frame_in_the_middle_is_never_taken_for_the_end() {
    let (_temp, dir, frames) = closed_log();
    let start = usize::try_from(frames[2].place.offset).unwrap();
    let length = usize::try_from(frames[2].length).unwrap();
    for range in [start..start + 1, start..start + 96, start..start + length] {
        let (from, until) = (range.start, range.end);
        change(&segment_path(&dir, 1), |bytes| bytes[from..until].fill(0));
        let before = std::fs::read(segment_path(&dir, 1)).unwrap();
        let place = damaged_place(open_from_journal(&dir));
        assert!(
            place.contains("frame 3") && place.contains("frame 4 follows"),
            "{place}"
        );
        assert_eq!(std::fs::read(segment_path(&dir, 1)).unwrap(), before);
    }
}

#[test]
fn a_journal_that_ends_before_any_watermark_is_damage_and_not_a_shorter_log() {
    let (_temp, dir, frames) = closed_log();
    let start = usize::try_from(frames[3].place.offset).unwrap();
    change(&segment_path(&dir, 1), |bytes| bytes[start..].fill(0));
    // The store and the marker know frame 4.
    assert!(damaged_place(Log::open(&dir, options())).contains("frame 4"));
    // The marker alone.
    std::fs::remove_dir_all(dir.join("store")).unwrap();
    assert!(damaged_place(Log::open(&dir, options())).contains("clean stop knows of frame 4"));
    // The vault alone.
    std::fs::remove_file(dir.join("CLEAN")).unwrap();
    let mut knowing = options();
    knowing.watermark = Some(noted(&frames[3]));
    assert!(damaged_place(Log::open(&dir, knowing)).contains("vault's watermark knows of frame 4"));
    // Nobody: a torn tail.
    assert_eq!(open(&dir).0.head().frame_number, 3);
}

#[test]
fn a_truncated_or_missing_segment_file_is_damage() {
    let (_temp, dir) = new_log();
    let (mut log, _) = open(&dir);
    append_groups(&mut log, &[30; 12]);
    drop(log);
    let whole = std::fs::read(segment_path(&dir, 2)).unwrap();
    for length in [0, 50, 96, 5000, 40_000] {
        std::fs::write(segment_path(&dir, 2), &whole[..length]).unwrap();
        assert!(!damaged_place(open_from_journal(&dir)).is_empty());
    }
    std::fs::remove_file(segment_path(&dir, 2)).unwrap();
    assert!(damaged_place(open_from_journal(&dir)).contains("00000002.seg is missing"));
}

#[test]
fn a_segment_of_another_log_or_version_is_not_read() {
    let (_temp, dir, _) = closed_log();
    change(&segment_path(&dir, 1), |bytes| {
        bytes[11] = 9;
        let checksum = Sha256::digest(&bytes[..64]);
        bytes[64..96].copy_from_slice(&checksum);
    });
    assert!(matches!(
        open_from_journal(&dir),
        Err(Fault::UnknownFormat { version: 9, .. })
    ));
    change(&segment_path(&dir, 1), |bytes| {
        bytes[11] = 1;
        bytes[20] ^= 1;
        let checksum = Sha256::digest(&bytes[..64]);
        bytes[64..96].copy_from_slice(&checksum);
    });
    assert!(damaged_place(open_from_journal(&dir)).contains("another log"));
}

#[test]
fn a_damaged_log_opens_for_reading_alone_when_asked_and_nothing_changes() {
    let (_temp, dir, frames) = closed_log();
    let start = usize::try_from(frames[3].place.offset).unwrap();
    change(&segment_path(&dir, 1), |bytes| bytes[start..].fill(0));
    let before = std::fs::read(segment_path(&dir, 1)).unwrap();
    let mut options = options();
    options.on_damage = OnDamage::ReadOnly;
    let (mut log, opening) = Log::open(&dir, options).unwrap();
    assert!(opening.damage.unwrap().to_string().contains("frame 4"));
    assert_eq!(log.head().frame_number, 3);
    assert!(matches!(log.append(draft(6, 1, 50)), Err(Fault::Poisoned)));
    let words: Vec<String> = findings(&log).iter().map(ToString::to_string).collect();
    assert!(words.contains(&"event 6: in the store, but in no frame of the journal".to_owned()));
    assert!(log.reader().event(0).unwrap().is_some());
    log.close().unwrap();
    assert_eq!(std::fs::read(segment_path(&dir, 1)).unwrap(), before);
}

#[test]
fn bytes_behind_the_last_frame_are_found() {
    let (_temp, dir, _) = closed_log();
    change(&segment_path(&dir, 1), |bytes| bytes[60_000] = 1);
    let words = check_words(&dir);
    assert_eq!(
        words,
        ["journal: file 00000001.seg holds bytes behind the last frame"]
    );
}
