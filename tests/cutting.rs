//! What is left of a forgotten person's ciphertext once it was cut out: nothing, in any file; and
//! everything that proves, counts and lives is as it was.

use std::path::Path;

use harness::carve::files;
use harness::process::{Ran, run};
use harness::scratch::Scratch;
use harness::words;
use ledger::copies::Copying;
use ledger::domain::codes::{Capacity, DataCategory, Role};
use ledger::domain::event::Event;
use ledger::domain::ids::{CaseId, ConsentId};
use ledger::domain::stream::StreamId;
use ledger::error::Fault;
use ledger::fsck::fsck;
use ledger::ledger::{CutOptions, CutReport, Ledger, OpenOptions, PersonalContent};
use ledger::prove::{VerifierKey, verify_receipt};

const NOW: CutOptions = CutOptions {
    after_days: 0,
    store: true,
};

/// A case with a referral drafted on a consent of its own, and that consent.
fn case_with_a_draft(scratch: &Scratch, name: &str) -> (CaseId, ConsentId) {
    let role = Role::FocalPoint;
    let service = scratch.service();
    let (case, client) = words::opened(&scratch.done(role, words::open_case(name)));
    let scope = words::scope(scratch.partner, &[DataCategory::Needs]);
    let give = words::give(case, client, scope, Capacity::Own);
    let consent = words::given(&scratch.done(role, give));
    let items = [(DataCategory::Needs, name)];
    let ground = Some(consent.into());
    scratch.done(role, words::draft(case, service, ground, &items));
    (case, consent)
}

/// Every personal segment of a case, with its place.
fn segments(scratch: &Scratch, case: CaseId) -> Vec<(u64, usize, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in scratch.ledger.stream(StreamId::Case(case)).unwrap() {
        let stored = scratch.ledger.sealed(entry.position).unwrap().unwrap();
        for (number, segment) in stored.segments.into_iter().enumerate().skip(1) {
            found.push((entry.position, number, segment));
        }
    }
    found
}

/// The files in which one of some segments lies, whole or its beginning or end.
fn holding(scratch: &Scratch, wanted: &[Vec<u8>]) -> Vec<String> {
    let data = scratch.folder.path().join("data");
    let mut found = files(&[data.as_path()]);
    found.retain(|(_, bytes)| {
        let has = |piece: &[u8]| bytes.windows(piece.len()).any(|window| window == piece);
        let pieces = |it: &Vec<u8>| {
            it.first_chunk::<128>().is_some_and(|piece| has(piece))
                || it.last_chunk::<128>().is_some_and(|piece| has(piece))
        };
        wanted.iter().any(pieces)
    });
    found.into_iter().map(|(name, _)| name).collect()
}

fn withdraw(scratch: &Scratch, case: CaseId, consent: ConsentId) {
    scratch.done(Role::FocalPoint, words::withdraw_now(case, consent));
    // The keys are destroyed after the group of the withdrawal, so before the next one.
    scratch.done(Role::FocalPoint, words::open_case("Afterwards"));
}

fn findings(scratch: &Scratch) -> Vec<String> {
    let (data, vault) = ("data", "vault");
    let [data, vault] = [data, vault].map(|name| scratch.folder.path().join(name));
    let report = fsck(&data, Some(&vault), None, &|_, _, _| {}).expect("fsck runs");
    let words = |it: &ledger::fsck::Finding| format!("{}: {}", it.place, it.what);
    report.findings.iter().map(words).collect()
}

/// How many parts of a case can be opened, and how many are shredded.
fn parts(scratch: &Scratch, case: CaseId) -> (usize, usize) {
    let answer = scratch.done(Role::FocalPoint, words::view(case));
    let parts = scratch.ledger.open_personal(&answer).expect("it answers");
    let open = |it: &&ledger::ledger::PersonalPart| matches!(it.content, PersonalContent::Open(_));
    let opened = parts.iter().filter(open).count();
    let gone = |it: &&ledger::ledger::PersonalPart| matches!(it.content, PersonalContent::Shredded);
    (opened, parts.iter().filter(gone).count())
}

#[test]
fn ciphertext_that_was_cut_out_is_in_no_file_and_every_proof_still_verifies() {
    let mut scratch = Scratch::new();
    let (case, consent) = case_with_a_draft(&scratch, "Mary");
    let (other, _) = case_with_a_draft(&scratch, "Somebody Else");
    let living = segments(&scratch, other);
    let before = segments(&scratch, case);
    let receipts: Vec<String> = (0..scratch.ledger.size())
        .map(|position| scratch.ledger.receipt(position).unwrap().unwrap())
        .collect();
    withdraw(&scratch, case, consent);
    let seen = parts(&scratch, case);
    scratch.reopen();

    let report = scratch.ledger.cut_out(NOW).expect("it is cut out");
    assert!(report.finished && report.segments > 0 && report.streams == 1);
    let after = segments(&scratch, case);
    let mut dead = Vec::new();
    for ((position, number, was), (_, _, is)) in before.iter().zip(&after) {
        if is.iter().all(|byte| *byte == 0) {
            assert_eq!(was.len(), is.len(), "event {position} segment {number}");
            dead.push(was.clone());
        }
    }
    assert_eq!(u64::try_from(dead.len()).unwrap(), report.segments);
    // The control: what lives is found by the same search, in journal and store.
    let found = holding(&scratch, &[living[0].2.clone()]);
    assert!(
        found.iter().any(|name| name.contains("/journal/")),
        "{found:?}"
    );
    assert_eq!(holding(&scratch, &dead), Vec::<String>::new());
    assert_eq!(
        parts(&scratch, case),
        seen,
        "what was shredded is shredded, what lives opens"
    );
    assert!(seen.0 > 0 && seen.1 > 0);
    let key: VerifierKey = scratch.ledger.vkey().parse().unwrap();
    for receipt in &receipts {
        assert!(verify_receipt(receipt.as_bytes(), &key).is_ok());
    }
    scratch.ledger.close().unwrap();
    assert_eq!(holding(&scratch, &dead), Vec::<String>::new());
    assert_eq!(findings(&scratch), Vec::<String>::new());

    // From the journal alone it is the same ledger.
    std::fs::remove_dir_all(scratch.folder.path().join("data/log/store")).unwrap();
    scratch.ledger = Scratch::open_in(scratch.folder.path().to_owned()).expect("it opens");
    assert_eq!(parts(&scratch, case), seen);
    assert_eq!(segments(&scratch, other), living);
    scratch.ledger.close().unwrap();
    assert_eq!(findings(&scratch), Vec::<String>::new());
}

#[test]
fn the_log_says_which_keys_ciphertext_is_gone_once_and_only_when_it_is() {
    let scratch = Scratch::new();
    let (case, consent) = case_with_a_draft(&scratch, "Mary");
    let nothing = CutReport {
        finished: true,
        ..CutReport::default()
    };
    assert_eq!(scratch.ledger.cut_out(NOW).unwrap(), nothing);
    withdraw(&scratch, case, consent);
    let told = |stream| {
        let entries = scratch.ledger.stream(stream).unwrap();
        let events = entries.into_iter().map(|entry| entry.record.event.clone());
        events
            .filter_map(|event| match event {
                Event::CiphertextCut(cut) => Some((cut.keys.len(), cut.segments)),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    let later = CutOptions {
        after_days: 3,
        store: true,
    };
    assert_eq!(
        scratch.ledger.cut_out(later).unwrap(),
        nothing,
        "not yet due"
    );
    let journal_only = CutOptions {
        store: false,
        ..NOW
    };
    let report = scratch.ledger.cut_out(journal_only).unwrap();
    assert!(!report.finished && report.segments > 0);
    assert_eq!(told(StreamId::Case(case)), [], "the store still holds it");
    let report = scratch.ledger.cut_out(NOW).unwrap();
    assert!(report.finished);
    let segments = u32::try_from(report.segments).unwrap();
    let [(keys, said)] = told(StreamId::Case(case))[..] else {
        panic!("told once");
    };
    assert!(keys > 0 && said == segments);
    assert_eq!(told(StreamId::Ledger), [(0, segments)]);
    assert_eq!(scratch.ledger.cut_out(NOW).unwrap(), nothing);
    assert_eq!(told(StreamId::Ledger).len(), 1);
}

#[test]
fn a_mirror_that_has_the_list_holds_nothing_of_what_it_lists() {
    let mut scratch = Scratch::new();
    let mirror = scratch.folder.path().join("mirror");
    std::fs::create_dir(&mirror).unwrap();
    scratch.ledger.close().unwrap();
    let folder = scratch.folder.path().to_owned();
    let copying = Copying {
        mirrors: vec![mirror.clone()],
        ..Copying::default()
    };
    scratch.ledger = Ledger::open(OpenOptions {
        copying,
        ..Scratch::options_in(&folder)
    })
    .unwrap();
    let (case, consent) = case_with_a_draft(&scratch, "Mary");
    let before = segments(&scratch, case);
    withdraw(&scratch, case, consent);
    let report = scratch.ledger.cut_out(NOW).unwrap();
    assert!(report.finished && report.segments > 0);
    let after = segments(&scratch, case);
    let gone = |segment: &[u8]| segment.iter().all(|byte| *byte == 0);
    let dead = before.iter().zip(&after).filter(|(_, is)| gone(&is.2));
    let dead: Vec<&Vec<u8>> = dead.map(|(was, _)| &was.2).collect();
    // A slow machine may have named it as outstanding; whoever has the list holds nothing.
    let behind = || scratch.ledger.copies().mirrors[0].frames_behind > 0;
    while behind() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let copy: Vec<u8> = files(&[mirror.as_path()])
        .into_iter()
        .flat_map(|(_, bytes)| bytes)
        .collect();
    let has = |segment: &[u8]| {
        let piece = &segment[..128];
        copy.windows(piece.len()).any(|window| window == piece)
    };
    let living = after.iter().find(|it| !gone(&it.2)).unwrap();
    assert!(has(&living.2), "the control");
    assert!(!dead.is_empty() && !dead.iter().any(|segment| has(segment)));
    scratch.ledger.close().unwrap();
}

#[test]
fn what_a_crash_left_half_cut_is_finished_by_opening_and_the_next_round() {
    let mut scratch = Scratch::new();
    let (case, consent) = case_with_a_draft(&scratch, "Mary");
    withdraw(&scratch, case, consent);
    let journal_only = CutOptions {
        store: false,
        ..NOW
    };
    let report = scratch.ledger.cut_out(journal_only).unwrap();
    // Dead without the store being built anew: nothing is wrong, and nothing is called gone.
    scratch.reopen();
    let again = scratch.ledger.cut_out(NOW).unwrap();
    assert!(again.finished && again.segments == report.segments);
    scratch.ledger.close().unwrap();
    assert!(matches!(scratch.ledger.cut_out(NOW), Err(Fault::Poisoned)));
    assert_eq!(findings(&scratch), Vec::<String>::new());
}

#[test]
fn the_command_cuts_out_of_a_stopped_folder_and_is_refused_while_somebody_has_it_open() {
    let scratch = Scratch::new();
    let (case, consent) = case_with_a_draft(&scratch, "Mary");
    withdraw(&scratch, case, consent);
    let text = |name: &str| scratch.folder.path().join(name).display().to_string();
    let (data, vault) = (text("data"), text("vault"));
    let arguments = ["cut-out", "--json", "--data", &data, "--vault", &vault];
    let command = || run(Path::new(crate::PROGRAM), &arguments);
    let refused = command();
    assert_ne!(refused.code, Some(0), "somebody has it open");
    assert!(refused.stdout.contains("open"), "{}", refused.stdout);
    scratch.ledger.close().unwrap();
    let answer = |ran: Ran| -> serde_json::Value {
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        serde_json::from_str(&ran.stdout).unwrap()
    };
    let first = answer(command());
    assert_eq!(first["finished"], true);
    assert!(first["segments"].as_u64().unwrap() > 0 && first["streams"] == 1);
    let again = answer(command());
    assert_eq!(again["segments"], 0);
    assert_eq!(again["finished"], true);
}
