//! Damage anywhere: whatever bytes of whatever file of the folder are flipped, cut off, zeroed or
//! doubled, the log is either whole or refused with a named fault; never other, never shorter.

use super::*;

const GROUPS: [u64; 4] = [3, 1, 6, 2];

/// What is done to a file: a name, and the change from an offset on.
type Harm = (&'static str, fn(&mut Vec<u8>, usize));

const HARMS: [Harm; 5] = [
    ("flipped", |bytes, at| bytes[at] ^= 0x40),
    ("cut off", Vec::truncate),
    ("zeroed", |bytes, at| {
        let end = bytes.len().min(at + 300);
        bytes[at..end].fill(0);
    }),
    ("doubled", |bytes, at| {
        let end = bytes.len().min(at + 300);
        let piece = bytes[at..end].to_vec();
        bytes.splice(at..at, piece);
    }),
    ("emptied", |bytes, _| bytes.clear()),
];

pub(super) fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Puts the folder back as it was: these files with these bytes, and nothing else.
fn put_back(dir: &Path, whole: &[(PathBuf, Vec<u8>)]) {
    std::fs::remove_dir_all(dir).unwrap();
    for (path, bytes) in whole {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

#[test]
fn damage_anywhere_is_repaired_or_named_and_never_a_wrong_or_shorter_log() {
    let (_temp, dir) = new_log();
    let (mut log, _) = open(&dir);
    append_groups(&mut log, &GROUPS);
    let frames: Vec<Frame> = log
        .reader()
        .frames(1)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    log.close().unwrap();
    let mut paths = Vec::new();
    files_below(&dir, &mut paths);
    let read = |path: PathBuf| (path.clone(), std::fs::read(path).unwrap());
    let whole: Vec<(PathBuf, Vec<u8>)> = paths.into_iter().map(read).collect();
    let used = usize::try_from(frames[3].place.offset + frames[3].length).unwrap();
    let (mut repaired, mut named) = (0, 0);
    for (path, bytes) in whole.iter().filter(|(_, bytes)| !bytes.is_empty()) {
        let end = bytes.len().min(used);
        for (name, harm) in HARMS {
            for at in [0, end / 3, end - 1] {
                put_back(&dir, &whole);
                let mut harmed = bytes.clone();
                harm(&mut harmed, at);
                std::fs::write(path, harmed).unwrap();
                let mut options = options();
                options.watermark = Some(noted(&frames[3]));
                match Log::open(&dir, options) {
                    Ok((log, _)) => {
                        let head = log.head();
                        assert_eq!(head.frame_number, 4, "{} {name} at {at}", path.display());
                        let events = log.reader().events(0, 100).unwrap();
                        let events: Vec<_> = events.into_iter().map(|(_, it)| it).collect();
                        let same = events == Model::of(&GROUPS).events;
                        // What the store answers wrongly, the digests and the check tell.
                        assert!(
                            same || !findings(&log).is_empty(),
                            "{} {name} at {at}",
                            path.display()
                        );
                        repaired += 1;
                    }
                    Err(fault) => {
                        assert!(!fault.to_string().is_empty());
                        named += 1;
                    }
                }
            }
        }
    }
    assert!(repaired > 10 && named > 10, "{repaired} {named}");
}
