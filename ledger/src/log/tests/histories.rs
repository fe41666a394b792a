//! Two histories of one log: what the vault noted says which one is its own.

use super::*;

/// A closed log of these groups, and a copy of it that went on with others.
fn parted(one: &[u64], other: &[u64]) -> (TempDir, [PathBuf; 2]) {
    let (temp, dir) = new_log();
    let (mut log, _) = open(&dir);
    append_groups(&mut log, &[2, 3]);
    log.close().unwrap();
    let copy = temp.path().join("copy");
    copy_all(&dir, &copy);
    for (dir, groups) in [(&dir, one), (&copy, other)] {
        let (mut log, _) = open(dir);
        append_groups(&mut log, groups);
        log.close().unwrap();
    }
    (temp, [dir, copy])
}

fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_all(&path, &target);
        } else {
            std::fs::copy(&path, target).unwrap();
        }
    }
}

/// Every file below a folder with its bytes.
fn bytes_below(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut paths = Vec::new();
    anywhere::files_below(folder, &mut paths);
    paths.sort();
    let read = |path: PathBuf| (path.clone(), std::fs::read(path).unwrap());
    paths.into_iter().map(read).collect()
}

fn frames(dir: &Path) -> Vec<Frame> {
    let (log, _) = open(dir);
    let frames = log.reader().frames(1).unwrap().map(Result::unwrap);
    let frames = frames.collect();
    log.close().unwrap();
    frames
}

fn knowing(frame: &Frame) -> LogOptions {
    LogOptions {
        watermark: Some(noted(frame)),
        ..options()
    }
}

#[test]
fn another_frame_where_the_vault_noted_one_is_another_history_and_nothing_is_written() {
    let cases: [(&[u64], &[u64]); 3] = [(&[1], &[2, 1, 1]), (&[2, 2], &[1, 1]), (&[1], &[2])];
    for (one, other) in cases {
        let (_temp, [dir, copy]) = parted(one, other);
        for frame in &frames(&dir)[2..] {
            let number = frame.number;
            if usize::try_from(number).unwrap() > 2 + other.len() {
                continue;
            }
            // After a clean stop, and after one that was not.
            for unclean in [false, true] {
                if unclean {
                    std::fs::remove_file(copy.join("CLEAN")).unwrap();
                }
                let before = bytes_below(&copy);
                match Log::open(&copy, knowing(frame)) {
                    Err(Fault::AnotherHistory { frame }) => assert_eq!(frame, number),
                    Err(fault) => panic!("{fault}"),
                    Ok(_) => panic!("opened, though {number} is another one"),
                }
                assert_eq!(bytes_below(&copy), before);
            }
            open(&copy).0.close().unwrap();
        }
    }
}

#[test]
fn a_frame_that_was_noted_long_ago_is_found_where_it_stands() {
    let (_temp, dir) = new_log();
    let (mut log, _) = open(&dir);
    append_groups(&mut log, &[30; 12]);
    log.close().unwrap();
    let frames = frames(&dir);
    assert!(frames[11].place.segment > 1, "they stand in several files");
    for frame in &frames {
        let (log, _) = Log::open(&dir, knowing(frame)).unwrap();
        assert_eq!(log.mark(), Some(mark_of(&frames[11])));
        drop(log);
    }
}

#[test]
fn another_history_is_read_by_who_only_checks_and_named() {
    let (_temp, [dir, copy]) = parted(&[1], &[2, 1]);
    let noted = &frames(&dir)[2];
    let mut options = knowing(noted);
    options.on_damage = OnDamage::ReadOnly;
    let (mut log, opening) = Log::open(&copy, options).unwrap();
    assert!(matches!(
        opening.damage,
        Some(Fault::AnotherHistory { frame: 3 })
    ));
    assert_eq!(log.head().frame_number, 4);
    let size = log.head().tree_size;
    assert!(log.append(draft(size, 1, 10)).is_err());
}

#[test]
fn damage_where_the_vault_noted_a_frame_is_damage_and_not_another_history() {
    let (_temp, [dir, _]) = parted(&[1, 2], &[1]);
    let noted = frames(&dir)[2].clone();
    let at = usize::try_from(noted.place.offset).unwrap() + 50;
    let path = segment_path(&dir, 1);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[at] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    std::fs::remove_dir_all(dir.join("store")).unwrap();
    match Log::open(&dir, knowing(&noted)) {
        Err(Fault::Damaged { place, .. }) => assert!(place.contains("frame 3"), "{place}"),
        Err(fault) => panic!("{fault}"),
        Ok(_) => panic!("opened"),
    }
}

#[test]
fn a_folder_that_ends_before_the_vaults_history_began_is_another_one_and_a_cut_one_is_damage() {
    let (_temp, [dir, copy]) = parted(&[1, 2, 1], &[]);
    let all = frames(&dir);
    let since = |begun: usize| {
        let mut options = options();
        options.watermark = Some(Noted {
            begun: mark_of(&all[begun]),
            ..noted(&all[4])
        });
        options
    };
    // Unclean, so that nothing but the store says where it ends.
    std::fs::remove_file(copy.join("CLEAN")).unwrap();
    let before = bytes_below(&copy.join("journal"));
    for begun in [2, 3] {
        match Log::open(&copy, since(begun)) {
            Err(Fault::AnotherHistory { .. }) => {}
            Err(fault) => panic!("{fault}"),
            Ok(_) => panic!("opened"),
        }
    }
    // It holds what the history began with: then frames are missing.
    assert!(matches!(
        Log::open(&copy, since(1)),
        Err(Fault::Damaged { .. })
    ));
    assert_eq!(bytes_below(&copy.join("journal")), before);
    // Cut off, and the store knows it.
    let path = segment_path(&dir, 1);
    let mut bytes = std::fs::read(&path).unwrap();
    let at = usize::try_from(all[2].place.offset).unwrap();
    bytes[at..].fill(0);
    std::fs::write(&path, bytes).unwrap();
    assert!(matches!(
        Log::open(&dir, since(3)),
        Err(Fault::Damaged { .. })
    ));
}
