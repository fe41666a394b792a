//! Power cuts and failing writes: nothing acknowledged is lost, nothing half is shown.

use std::collections::BTreeMap;

use super::disk::{Break, Operation, RecordingDisk, after_power_cut};
use super::memory_store::MemoryOpener;
use super::*;

/// Bits that look random and are the same in every run.
struct Bits(u64);

impl Bits {
    fn next(&mut self) -> bool {
        self.0 += 1;
        Sha256::digest(self.0.to_be_bytes())[0] & 1 == 1
    }
}

const GROUPS: [u64; 9] = [1, 6, 30, 2, 25, 1, 40, 40, 3];

fn recording() -> (LogOptions, RecordingDisk) {
    let mut options = memory_options();
    let disk = RecordingDisk::default();
    options.disk = Arc::new(disk.clone());
    (options, disk)
}

fn journal_files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(dir.join("journal")).unwrap() {
        let path = entry.unwrap().path();
        files.insert(path.clone(), std::fs::read(path).unwrap());
    }
    files
}

/// Puts these journal files in place of what is there; the store is gone too.
fn put_back(dir: &Path, files: &BTreeMap<PathBuf, Vec<u8>>) {
    let _ = std::fs::remove_dir_all(dir.join("store"));
    let _ = std::fs::remove_file(dir.join("CLEAN"));
    std::fs::remove_dir_all(dir.join("journal")).unwrap();
    std::fs::create_dir(dir.join("journal")).unwrap();
    for (path, bytes) in files {
        if path.parent() == Some(&dir.join("journal")) {
            std::fs::write(path, bytes).unwrap();
        }
    }
}

/// Opens what a cut left and checks that it is the acknowledged groups, and at most the one that
/// was in flight besides, and that the log goes on.
fn assert_recovers(dir: &Path, acknowledged: usize) {
    let (mut log, _) = Log::open(dir, memory_options()).unwrap();
    let found = usize::try_from(log.head().frame_number).unwrap();
    assert!(
        found == acknowledged || found == acknowledged + 1,
        "{found} of {acknowledged}"
    );
    Model::of(&GROUPS[..found]).assert_is(&log);
    assert_eq!(findings(&log), vec![]);
    append_groups(&mut log, &[2]);
    log.close().unwrap();
    let groups = [&GROUPS[..found], &[2]].concat();
    Model::of(&groups).assert_is(&Log::open(dir, memory_options()).unwrap().0);
}

#[test]
fn a_power_cut_at_any_moment_loses_nothing_acknowledged() {
    let (_temp, dir) = new_log();
    let base = journal_files(&dir);
    let (options, disk) = recording();
    let (mut log, _) = Log::open(&dir, options).unwrap();
    let mut acknowledged_at = vec![];
    for events in GROUPS {
        append_groups(&mut log, &[events]);
        acknowledged_at.push(disk.count());
    }
    drop(log);
    let operations = disk.operations();
    let mut bits = Bits(0);
    for cut in 0..=operations.len() {
        let acknowledged = acknowledged_at.iter().filter(|at| **at <= cut).count();
        for round in 0..4 {
            let keep = || match round {
                0 => false,
                1 => true,
                _ => bits.next(),
            };
            let files = after_power_cut(&operations[..cut], base.clone(), keep);
            put_back(&dir, &files);
            assert_recovers(&dir, acknowledged);
        }
    }
}

#[test]
fn every_failing_operation_poisons_and_loses_nothing_acknowledged() {
    let (_temp, dir) = new_log();
    let base = journal_files(&dir);
    for how in [Break::Fails, Break::FailsButPersists, Break::Cut] {
        for number in 0.. {
            put_back(&dir, &base);
            let (options, disk) = recording();
            disk.break_operation(number, how);
            let Ok((mut log, _)) = Log::open(&dir, options) else {
                assert_recovers(&dir, 0);
                continue;
            };
            let (acknowledged, failed) = append_until_failure(&mut log);
            let reader = log.reader();
            let size = GROUPS[..acknowledged].iter().sum::<u64>();
            assert_eq!(
                reader.events(0, 1000).unwrap().len(),
                usize::try_from(size).unwrap()
            );
            assert_eq!(log.is_poisoned(), failed);
            drop(log);
            assert_recovers(&dir, acknowledged);
            if disk.count() < number {
                break;
            }
        }
    }
}

/// Appends the groups; after a failed write everything is refused. A segment that could not be
/// prepared is no failed write and poisons nothing.
fn append_until_failure(log: &mut Log) -> (usize, bool) {
    for (number, events) in GROUPS.into_iter().enumerate() {
        let first_leaf = log.head().tree_size;
        match log.append(draft(first_leaf, events, 200)) {
            Ok(_) => {}
            Err(Fault::Io {
                doing: "preparing a journal segment",
                ..
            }) => return (number, false),
            Err(_) => {
                let again = log.append(draft(first_leaf, events, 200));
                assert!(matches!(again, Err(Fault::Poisoned)));
                return (number, true);
            }
        }
    }
    (GROUPS.len(), false)
}

#[test]
fn a_failed_sync_is_not_tried_again() {
    let (_temp, dir) = new_log();
    let (options, disk) = recording();
    let (mut log, _) = Log::open(&dir, options).unwrap();
    append_groups(&mut log, &[1]);
    let write = disk.count();
    disk.break_operation(write + 1, Break::Fails);
    assert!(matches!(
        log.append(draft(1, 1, 50)),
        Err(Fault::Io {
            doing: "journal sync",
            ..
        })
    ));
    assert!(matches!(log.append(draft(1, 1, 50)), Err(Fault::Poisoned)));
    assert_eq!(disk.count(), write + 2);
    assert_eq!(log.reader().events(0, 10).unwrap().len(), 1);
}

#[test]
fn an_append_is_one_write_and_one_sync() {
    let (_temp, dir) = new_log();
    let (options, disk) = recording();
    let (mut log, _) = Log::open(&dir, options).unwrap();
    append_groups(&mut log, &[1]);
    let before = disk.count();
    append_groups(&mut log, &[5]);
    let [Operation::Write(..), Operation::Sync(_)] = &disk.operations()[before..] else {
        panic!("{:?}", &disk.operations()[before..]);
    };
}

#[test]
fn a_frame_that_may_only_be_in_the_cache_is_written_again_before_it_is_shown() {
    let (_temp, dir) = new_log();
    let (mut options, disk) = recording();
    let (mut log, _) = Log::open(&dir, options.clone()).unwrap();
    append_groups(&mut log, &[1, 2]);
    disk.break_operation(disk.count() + 1, Break::Fails);
    assert!(log.append(draft(3, 1, 50)).is_err());
    drop(log);
    // The frame reads well, from the cache; the disk may not have it.
    let again = RecordingDisk::default();
    options.disk = Arc::new(again.clone());
    let (log, _) = Log::open(&dir, options).unwrap();
    assert_eq!(log.head().frame_number, 3);
    let operations = again.operations();
    let written = operations
        .iter()
        .position(|done| matches!(done, Operation::Write(..)))
        .unwrap();
    assert!(
        operations[written..]
            .iter()
            .any(|done| matches!(done, Operation::Sync(_)))
    );
}

#[test]
fn a_full_disk_refuses_commands_but_still_shreds() {
    let (_temp, dir) = new_log();
    let (options, disk) = recording();
    let (mut log, _) = Log::open(&dir, options).unwrap();
    disk.fill(true);
    append_groups(&mut log, &[1]);
    let refused = log.append(draft(1, 1, 50));
    assert!(matches!(refused, Err(Fault::Io { ref source, .. })
        if source.kind() == std::io::ErrorKind::StorageFull));
    let shred = FrameDraft {
        reserve: true,
        ..draft(1, 1, 200)
    };
    let _ = log.append(shred).unwrap();
    assert!(!log.is_poisoned());
    assert_eq!(log.reader().events(0, 10).unwrap().len(), 2);
    disk.fill(false);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    append_groups(&mut log, &[3]);
    Model::of(&[1, 1, 3]).assert_is(&log);
}

#[test]
fn a_tail_torn_at_any_byte_is_cut_off_and_nothing_else() {
    let (_temp, dir) = new_log();
    let groups = [2, 1];
    let (mut log, _) = Log::open(&dir, memory_options()).unwrap();
    append_groups(&mut log, &groups);
    let last = log.reader().frame(2).unwrap().unwrap();
    drop(log);
    let whole = journal_files(&dir);
    let (from, until) = (last.place.offset, last.place.offset + last.length);
    for cut in usize::try_from(from).unwrap()..usize::try_from(until).unwrap() {
        let mut files = whole.clone();
        let bytes = files.get_mut(&segment_path(&dir, 1)).unwrap();
        if bytes[cut..].iter().all(|byte| *byte == 0) {
            continue;
        }
        bytes[cut..].fill(0);
        put_back(&dir, &files);
        let (log, _) = Log::open(&dir, memory_options()).unwrap();
        assert_eq!(log.head().frame_number, 1, "cut at {cut}");
        assert_eq!(log.reader().events(0, 10).unwrap().len(), 2);
        drop(log);
        let zeroed = std::fs::read(segment_path(&dir, 1)).unwrap();
        assert!(
            zeroed[usize::try_from(from).unwrap()..]
                .iter()
                .all(|byte| *byte == 0)
        );
    }
}

#[test]
fn each_store_call_may_fail_or_panic_and_nothing_acknowledged_is_lost() {
    use super::memory_store::Break as StoreBreak;
    for how in [
        StoreBreak::Error,
        StoreBreak::ErrorAfterwards,
        StoreBreak::Panic,
    ] {
        for number in 0..8 {
            let (_temp, dir) = new_log();
            let opener = MemoryOpener::default();
            opener.break_call(number, how);
            let mut options = options();
            options.store = Arc::new(opener.clone());
            let mut acknowledged = 0;
            if let Ok((mut log, _)) = Log::open(&dir, options.clone()) {
                for events in GROUPS {
                    if log
                        .append(draft(log.head().tree_size, events, 200))
                        .is_err()
                    {
                        break;
                    }
                    acknowledged += 1;
                    // Acknowledged frames are answered from the tail, whatever the store does.
                    assert!(
                        log.reader()
                            .event(log.head().tree_size - 1)
                            .unwrap()
                            .is_some()
                    );
                }
                let _ = log.close();
            }
            opener.break_call(usize::MAX, how);
            let (log, _) = Log::open(&dir, options).unwrap();
            Model::of(&GROUPS[..acknowledged]).assert_is(&log);
            assert_eq!(findings(&log), vec![]);
        }
    }
}
