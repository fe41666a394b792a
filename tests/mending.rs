//! A damaged journal is mended in place from a mirror or a backup, when that is asked for, and
//! nobody who was forgotten comes back with it.

use std::path::{Path, PathBuf};

use harness::carve::{copy, files, holding};
use harness::scratch::Scratch;
use harness::words;
use ledger::copies::{RestoreOptions, back_up, mend, restore};
use ledger::domain::codes::{Capacity, DataCategory, Role};
use ledger::domain::event::Event;
use ledger::domain::ids::{CaseId, ConsentId};
use ledger::domain::stream::StreamId;
use ledger::error::Fault;
use ledger::fsck::fsck;
use ledger::ledger::CutOptions;

fn at(scratch: &Scratch, name: &str) -> PathBuf {
    scratch.folder.path().join(name)
}

fn journal(scratch: &Scratch) -> PathBuf {
    at(scratch, "data/log/journal/00000001.seg")
}

fn case_with_a_draft(scratch: &Scratch, name: &str) -> (CaseId, ConsentId) {
    let role = Role::FocalPoint;
    let service = scratch.service();
    let (case, client) = words::opened(&scratch.done(role, words::open_case(name)));
    let scope = words::scope(scratch.partner, &[DataCategory::Needs]);
    let give = words::give(case, client, scope, Capacity::Own);
    let consent = words::given(&scratch.done(role, give));
    let items = [(DataCategory::Needs, name)];
    scratch.done(
        role,
        words::draft(case, service, Some(consent.into()), &items),
    );
    (case, consent)
}

fn findings(scratch: &Scratch) -> Vec<String> {
    let vault = at(scratch, "vault");
    match fsck(&at(scratch, "data"), Some(&vault), None, &|_, _, _| {}) {
        Ok(report) => report.findings.iter().map(|it| it.what.clone()).collect(),
        Err(fault) => vec![fault.to_string()],
    }
}

fn refused(outcome: Result<Vec<u64>, Fault>) -> String {
    match outcome {
        Ok(mended) => panic!("not refused, but mended: {mended:?}"),
        Err(fault) => fault.to_string(),
    }
}

/// Where the frames of a journal file begin.
fn frames(bytes: &[u8]) -> Vec<usize> {
    let begins = |place: &usize| bytes[*place..].starts_with(b"RLFRAME1");
    (0..bytes.len()).step_by(8).filter(begins).collect()
}

/// What is done to the bytes of a journal.
type Damage = fn(&mut [u8], usize, usize);

#[test]
fn damage_anywhere_in_the_journal_is_mended_from_a_copy_when_asked_for() {
    let scratch = Scratch::new();
    let _ = case_with_a_draft(&scratch, "Mary");
    scratch.ledger.close().unwrap();
    let (data, backup) = (at(&scratch, "data"), at(&scratch, "backup"));
    back_up(&data, &backup).unwrap();
    assert_eq!(mend(&data, &backup).unwrap(), [0; 0], "nothing to mend");
    let whole = std::fs::read(journal(&scratch)).unwrap();
    let frames = frames(&whole);
    let (first, middle) = (frames[0], frames[frames.len() / 2]);
    let (next, last) = (frames[frames.len() / 2 + 1], frames[frames.len() - 1]);
    let damages: [(&str, Damage); 6] = [
        ("a flipped byte of a head", |bytes, middle, _| {
            bytes[middle + 20] ^= 1
        }),
        ("a flipped byte of a sealed segment", |bytes, _, next| {
            bytes[next - 40] ^= 1
        }),
        ("a frame of zeros", |bytes, middle, next| {
            bytes[middle..next].fill(0)
        }),
        ("the file's header", |bytes, _, _| bytes[9] ^= 1),
        ("one frame over another", |bytes, middle, next| {
            let length = (next - middle).min(512);
            bytes.copy_within(next..next + length, middle);
        }),
        ("half of everything", |bytes, middle, _| {
            let half = bytes.len() / 2;
            bytes[middle..half.max(middle + 1)].fill(0xff);
        }),
    ];
    for (what, damage) in damages {
        let mut bytes = whole.clone();
        damage(&mut bytes, middle, next);
        std::fs::write(journal(&scratch), &bytes).unwrap();
        assert!(!findings(&scratch).is_empty(), "{what}: it is damage");
        let found = std::fs::read(journal(&scratch)).unwrap();
        assert_eq!(found, bytes, "{what}: nothing mends itself");
        let mended = mend(&data, &backup).unwrap_or_else(|fault| panic!("{what}: {fault}"));
        assert!(!mended.is_empty(), "{what}");
        assert_eq!(findings(&scratch), Vec::<String>::new(), "{what}");
        assert_eq!(
            std::fs::read(journal(&scratch)).unwrap()[..last],
            whole[..last]
        );
    }
    // The end, too: the copy has this log's present name.
    let mut bytes = std::fs::read(journal(&scratch)).unwrap();
    bytes[last + 30] ^= 1;
    std::fs::write(journal(&scratch), &bytes).unwrap();
    assert_eq!(mend(&data, &backup).unwrap().len(), 1);
    assert_eq!(findings(&scratch), Vec::<String>::new());
    // Of a journal without one good frame nothing says that it is the copy's.
    bytes[first..].fill(0xff);
    std::fs::write(journal(&scratch), &bytes).unwrap();
    assert!(refused(mend(&data, &backup)).contains("restore from the copy"));
    std::fs::write(journal(&scratch), &whole).unwrap();
}

#[test]
fn a_copy_that_does_not_hold_the_frame_well_or_is_of_another_history_mends_nothing() {
    let scratch = Scratch::new();
    let _ = case_with_a_draft(&scratch, "Mary");
    scratch.ledger.close().unwrap();
    let (data, backup) = (at(&scratch, "data"), at(&scratch, "backup"));
    back_up(&data, &backup).unwrap();
    copy(&backup, &at(&scratch, "bad"));
    copy(&data, &at(&scratch, "other"));
    copy(&at(&scratch, "vault"), &at(&scratch, "vault-other"));
    let whole = std::fs::read(journal(&scratch)).unwrap();
    let frames = frames(&whole);
    let middle = frames[frames.len() / 2];
    let mut bytes = whole.clone();
    bytes[middle + 20] ^= 1;
    std::fs::write(journal(&scratch), &bytes).unwrap();
    let unchanged = |why: &str| {
        assert_eq!(std::fs::read(journal(&scratch)).unwrap(), bytes, "{why}");
    };
    let bad = at(&scratch, "bad/journal/00000001.seg");
    let mut theirs = std::fs::read(&bad).unwrap();
    theirs[middle + 20] ^= 2;
    std::fs::write(&bad, theirs).unwrap();
    let why = refused(mend(&data, &at(&scratch, "bad")));
    assert!(why.contains("try"), "{why}");
    unchanged("a copy with the same frame damaged");
    // The same ledger, restored from the backup by somebody else: it goes on otherwise.
    restore(&RestoreOptions {
        from: backup.clone(),
        vault: at(&scratch, "vault-other"),
        data: at(&scratch, "restored"),
        keys: None,
        accept_loss: true,
        passphrase: None,
    })
    .unwrap();
    let mut longer = Scratch::options_in(scratch.folder.path());
    std::fs::write(journal(&scratch), &whole).unwrap();
    longer.data = at(&scratch, "data");
    let ledger = ledger::ledger::Ledger::open(longer).unwrap();
    let caller = ledger::domain::command::Caller::Staff(scratch.staff(Role::FocalPoint));
    let _ = ledger
        .submit(words::request(caller, words::open_case("Later")))
        .unwrap();
    ledger.close().unwrap();
    back_up(&at(&scratch, "restored"), &at(&scratch, "backup-restored")).unwrap();
    let why = refused(mend(&data, &at(&scratch, "backup-restored")));
    assert!(why.contains("another history"), "{why}");
    let other = Scratch::new();
    other.ledger.close().unwrap();
    back_up(&at(&other, "data"), &at(&other, "backup")).unwrap();
    assert!(refused(mend(&data, &at(&other, "backup"))).contains("another ledger"));
    assert_eq!(
        findings(&scratch),
        Vec::<String>::new(),
        "it was whole all the time"
    );
}

#[test]
fn what_was_cut_out_does_not_come_back_with_a_frame_from_an_older_backup() {
    let mut scratch = Scratch::new();
    let (case, consent) = case_with_a_draft(&scratch, "Mary");
    let (data, backup) = (at(&scratch, "data"), at(&scratch, "backup"));
    scratch.ledger.close().unwrap();
    back_up(&data, &backup).unwrap();
    let before = std::fs::read(journal(&scratch)).unwrap();
    scratch.reopen();
    scratch.done(Role::FocalPoint, words::withdraw_now(case, consent));
    scratch.done(Role::FocalPoint, words::open_case("Afterwards"));
    let now = CutOptions {
        after_days: 0,
        store: true,
    };
    scratch.reopen();
    assert!(scratch.ledger.cut_out(now).unwrap().segments > 0);
    let shredded = scratch.ledger.stream(StreamId::Case(case)).unwrap();
    let shredded = shredded
        .iter()
        .any(|it| matches!(it.record.event, Event::Shredded(_)));
    assert!(shredded);
    scratch.ledger.close().unwrap();
    let whole = std::fs::read(journal(&scratch)).unwrap();
    // The last frame of the backup that differs from it now: there something was cut out.
    let frames = frames(&before);
    let ends = frames.iter().skip(1).copied().chain([before.len()]);
    let cut = frames
        .iter()
        .zip(ends)
        .filter(|(from, to)| before[**from..*to] != whole[**from..*to]);
    let (from, to) = cut
        .map(|(from, to)| (*from, to))
        .next()
        .expect("a frame that was cut");
    let dead = dead_bytes(&before[from..to], &whole[from..to]);
    assert!(
        !holding_bytes(&backup, &dead).is_empty(),
        "the control: the backup holds it"
    );
    let mut bytes = whole.clone();
    bytes[from + 20] ^= 1;
    std::fs::write(journal(&scratch), &bytes).unwrap();
    assert_eq!(mend(&data, &backup).unwrap().len(), 1);
    assert_eq!(findings(&scratch), Vec::<String>::new());
    assert_eq!(
        holding_bytes(&data.join("log/journal"), &dead),
        Vec::<String>::new()
    );
    assert!(holding(&files(&[data.as_path()]), "Mary").is_empty());
}

/// The longest run of bytes that are zeros now and were not.
fn dead_bytes(before: &[u8], now: &[u8]) -> Vec<u8> {
    let changed = before
        .iter()
        .zip(now)
        .position(|(was, is)| was != is)
        .unwrap();
    let run = now[changed..]
        .iter()
        .take_while(|byte| **byte == 0)
        .count()
        .min(64);
    before[changed..changed + run].to_vec()
}

fn holding_bytes(folder: &Path, wanted: &[u8]) -> Vec<String> {
    let mut found = files(&[folder]);
    found.retain(|(_, bytes)| bytes.windows(wanted.len()).any(|window| window == wanted));
    found.into_iter().map(|(name, _)| name).collect()
}
