//! Reading the journal again while it is open: what opening passes over is found, and what is
//! sound or written meanwhile is not called damaged.

use super::*;

const GROUPS: [u64; 5] = [2, 3, 1, 2, 4];

/// A closed log of [`GROUPS`] and its frames.
fn closed_log() -> (TempDir, PathBuf, Vec<Frame>) {
    let (temp, dir) = new_log();
    let (mut log, _) = open(&dir);
    append_groups(&mut log, &GROUPS);
    let frames = log.reader().frames(1).unwrap().map(Result::unwrap);
    let frames = frames.collect();
    log.close().unwrap();
    (temp, dir, frames)
}

/// A whole round in pieces of this many bytes: what is damaged, and how many pieces it took to the
/// end; zero if it broke off.
fn round(log: &Log, bytes: u64) -> (Vec<String>, usize) {
    let mut round = log.reader().scrub();
    let mut damage = Vec::new();
    for pieces in 1.. {
        let mut found = round.step(bytes);
        damage.append(&mut found.damage);
        if found.ended || found.broke_off {
            assert_ne!(found.ended, found.broke_off);
            return (damage, if found.ended { pieces } else { 0 });
        }
    }
    unreachable!("a round ends")
}

#[test]
fn a_sound_journal_is_read_in_pieces_to_its_end_and_nothing_is_found() {
    let (_temp, dir, frames) = closed_log();
    let (mut log, _) = open(&dir);
    assert_eq!(round(&log, u64::MAX), (Vec::new(), 1));
    let (found, pieces) = round(&log, 1);
    assert!(found.is_empty() && pieces >= frames.len(), "{pieces}");
    // What is written while a round goes on is left to the next one.
    let mut first = log.reader().scrub();
    let _ = first.step(1);
    append_groups(&mut log, &[3]);
    let rest = first.step(u64::MAX);
    assert!(rest.ended && rest.damage.is_empty());
    assert_eq!(rest.frame, 5);
    let empty = new_log();
    assert_eq!(round(&open(&empty.1).0, 10), (Vec::new(), 1));
}

#[test]
fn a_frame_that_the_store_holds_already_is_found_damaged_and_those_behind_are_read() {
    let (_temp, dir, frames) = closed_log();
    let path = segment_path(&dir, 1);
    let clean = std::fs::read(&path).unwrap();
    let place = |frame: &Frame| usize::try_from(frame.place.offset).unwrap();
    let ends = |frame: &Frame| place(frame) + usize::try_from(frame.length).unwrap() - 8;
    for at in (place(&frames[1])..ends(&frames[1])).step_by(13) {
        let mut bytes = clean.clone();
        bytes[at] ^= 0x10;
        bytes[place(&frames[3]) + 60] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        // The control: opening does not see it, and everything is answered.
        let (log, opening) = open(&dir);
        assert!(opening.damage.is_none() && opening.store_rebuilt.is_none());
        for bytes in [1, u64::MAX] {
            let (found, _) = round(&log, bytes);
            let text = found.join("; ");
            assert!(found.len() >= 2, "byte {at}: {text}");
            let second = ["frame 2", "event 2", "event 3", "event 4"];
            assert!(second.iter().any(|it| found[0].starts_with(it)), "{text}");
            let last = found.last().unwrap();
            let fourth = ["frame 4", "event 6", "event 7"];
            assert!(fourth.iter().any(|it| last.starts_with(it)), "{text}");
        }
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "nothing was written");
        std::fs::write(&path, &clean).unwrap();
        log.close().unwrap();
    }
}

#[test]
fn a_file_that_is_gone_or_cut_short_is_damage_and_breaks_the_round_off() {
    let (_temp, dir, frames) = closed_log();
    let (log, _) = open(&dir);
    let path = segment_path(&dir, 1);
    let clean = std::fs::read(&path).unwrap();
    let at = usize::try_from(frames[2].place.offset).unwrap() + 20;
    std::fs::write(&path, &clean[..at]).unwrap();
    let breaks_off = |(damage, pieces): (Vec<String>, usize)| !damage.is_empty() && pieces == 0;
    assert!(breaks_off(round(&log, u64::MAX)));
    std::fs::remove_file(&path).unwrap();
    assert!(breaks_off(round(&log, u64::MAX)));
    std::fs::write(&path, clean).unwrap();
    assert_eq!(round(&log, u64::MAX), (Vec::new(), 1));
}
