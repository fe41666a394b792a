//! fsck names the exact event of each kind of damage, and opening never serves it silently.

mod elsewhere;

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use harness::scratch::Scratch;
use harness::words;
use ledger::domain::codes::Role;
use ledger::fsck::{Report, fsck};

/// A closed ledger, where its journal file lies, and the journal's bytes.
struct Closed {
    scratch: Scratch,
    journal: PathBuf,
    bytes: Vec<u8>,
}

impl Closed {
    fn new() -> Self {
        let scratch = Scratch::new();
        for name in ["One", "Two", "Three"] {
            scratch.done(Role::FocalPoint, words::open_case(name));
        }
        scratch.ledger.close().unwrap();
        let folder = scratch.folder.path().join("data/log/journal");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        let journal = files[0].clone();
        let bytes = std::fs::read(&journal).unwrap();
        Self {
            scratch,
            journal,
            bytes,
        }
    }

    fn data(&self) -> PathBuf {
        self.scratch.folder.path().join("data")
    }

    fn report(&self) -> Report {
        let vault = self.scratch.folder.path().join("vault");
        fsck(&self.data(), Some(&vault), None, &|_, _, _| {}).expect("fsck runs")
    }

    /// The stored bytes of an event: where its header and its segments start in the journal.
    fn header_at(&self, position: u64) -> usize {
        let mut wanted = vec![1_u8, 1];
        wanted.extend_from_slice(&self.log_id());
        wanted.extend_from_slice(&position.to_be_bytes());
        find(&self.bytes, &wanted).expect("the header lies in the journal")
    }

    fn log_id(&self) -> [u8; 32] {
        ledger::log::Log::id_at(&self.data().join("log")).unwrap()
    }

    /// Where a segment lies, found by the digest that the event's header holds.
    fn segment_of(&self, position: u64, number: usize) -> std::ops::Range<usize> {
        let digest_at = self.header_at(position) + 43 + 32 * number;
        let digest: [u8; 32] = self.bytes[digest_at..digest_at + 32].try_into().unwrap();
        let reader = Scratch::open_in(self.scratch.folder.path().to_owned()).unwrap();
        let stored = reader.sealed(position).unwrap().unwrap();
        reader.close().unwrap();
        let segment = &stored.segments[number];
        assert_eq!(
            <[u8; 32]>::from(<sha2::Sha256 as sha2::Digest>::digest(segment)),
            digest
        );
        let start = find(&self.bytes, segment).unwrap();
        start..start + segment.len()
    }

    fn write(&self, offset: usize, bytes: &[u8]) {
        let file = OpenOptions::new().write(true).open(&self.journal).unwrap();
        file.write_all_at(bytes, u64::try_from(offset).unwrap())
            .unwrap();
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

fn named(report: &Report, word: &str) -> bool {
    report
        .findings
        .iter()
        .any(|finding| finding.place.contains(word))
}

#[test]
fn a_sound_ledger_has_no_findings_and_every_record_part_opens() {
    let closed = Closed::new();
    let report = closed.report();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    assert!(report.events > 20 && report.opened == report.events);
}

#[test]
fn a_flipped_bit_in_a_segment_is_named_by_event_and_segment() {
    let closed = Closed::new();
    let position = 5;
    let range = closed.segment_of(position, 0);
    closed.write(range.start + 60, &[closed.bytes[range.start + 60] ^ 1]);
    let report = closed.report();
    assert!(
        named(&report, &format!("event {position}")),
        "{:?}",
        report.findings
    );
}

#[test]
fn a_flipped_bit_in_a_header_is_named() {
    let closed = Closed::new();
    let at = closed.header_at(7) + 50;
    closed.write(at, &[closed.bytes[at] ^ 1]);
    let report = closed.report();
    assert!(
        named(&report, "event 7") || named(&report, "events 7"),
        "{:?}",
        report.findings
    );
}

#[test]
fn swapped_segments_are_named_by_their_events() {
    let closed = Closed::new();
    let last = closed.report().events - 1;
    let (mut first, mut second) = (None, None);
    for position in 0..=last {
        let range = closed.segment_of(position, 0);
        match &first {
            None => first = Some((position, range)),
            Some((_, of)) if of.len() == range.len() => {
                second = Some((position, range));
                break;
            }
            Some(_) => {}
        }
    }
    let ((one, first), (two, second)) = (first.unwrap(), second.expect("two of one length"));
    closed.write(first.start, &closed.bytes[second.clone()]);
    closed.write(second.start, &closed.bytes[first]);
    let report = closed.report();
    for position in [one, two] {
        assert!(
            named(&report, &format!("event {position}")),
            "{:?}",
            report.findings
        );
    }
}

#[test]
fn a_forged_checkpoint_is_named_by_its_frame() {
    let closed = Closed::new();
    let vkey = std::fs::read_to_string(closed.data().join("log.vkey")).unwrap();
    let name = vkey.split('+').next().unwrap();
    let at = find(&closed.bytes, format!("\u{2014} {name} ").as_bytes()).unwrap() + 30;
    closed.write(at, &[if closed.bytes[at] == b'A' { b'B' } else { b'A' }]);
    let report = closed.report();
    assert!(named(&report, "frame 1"), "{:?}", report.findings);
}

#[test]
fn an_event_missing_from_the_store_and_a_stale_index_are_named() {
    let closed = Closed::new();
    let store = closed.data().join("log/store");
    let db = sled::open(&store).unwrap();
    let key_of = |position: u64| [b"e".as_slice(), &position.to_be_bytes()].concat();
    assert!(
        db.remove(key_of(9)).unwrap().is_some(),
        "events lie under e and their position"
    );
    let stale = db.scan_prefix(b"is").next().unwrap().unwrap();
    db.insert(stale.0, 3_u64.to_be_bytes().to_vec()).unwrap();
    db.flush().unwrap();
    drop(db);
    let report = closed.report();
    assert!(named(&report, "event 9"), "{:?}", report.findings);
    assert!(named(&report, "index"), "{:?}", report.findings);
}

#[test]
fn a_lost_store_is_rebuilt_and_nothing_is_missing() {
    let mut closed = Closed::new();
    let before = closed.report().events;
    std::fs::remove_dir_all(closed.data().join("log/store")).unwrap();
    closed.scratch.ledger =
        Scratch::open_in(closed.scratch.folder.path().to_owned()).expect("it is rebuilt");
    assert_eq!(closed.scratch.ledger.size(), before);
    closed
        .scratch
        .done(Role::FocalPoint, words::open_case("After"));
    closed.scratch.ledger.close().unwrap();
    assert!(closed.report().findings.is_empty());
    assert!(Path::new(&closed.journal).exists());
}
