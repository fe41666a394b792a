//! Golden certificates in `tests/golden/certificate/`: two good, the others each named for the one
//! thing wrong with it. Written anew like the golden receipts (`prove/golden_tests.rs`).

use std::collections::BTreeMap;

use super::super::Note;
use super::super::testing::{LOG_ID, ORIGIN, TestLog, TestSigner, log_key, log_signer};
use super::*;
use crate::clear::certificate_segment;
use crate::golden;
use crate::header::{EventHeader, segment_digest};
use crate::limits::RECEIPT_BYTES_MAX;

const OK: &str = "ok";
/// The certificate's own event, in a log of six.
const OWN: u64 = 5;

type Golden = (&'static str, &'static str, Vec<u8>);

/// Fenced and ordered by event 1, intent 3, completed 4.
fn text() -> String {
    format!(
        "{CERTIFICATE_FIRST_LINE}\nlog {ORIGIN}\nlog-id {}\n\
         stream case 3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f00\n\
         rotation 00000000-0000-0000-0000-000000000007\nepoch 2\nissue 1\n\
         event fenced 1 2026-11-22T07:00:00.000Z\nevent ordered 1 2026-11-22T07:00:00.000Z\n\
         event intent 3 2026-11-22T07:00:01.000Z\nevent completed 4 2026-11-22T07:00:01.250Z\n\
         destroyed 2026-11-22T07:00:01.200Z\nread-back passed\n",
        "4c".repeat(32)
    )
}

/// A log one of whose events holds the digest of a text.
fn log_of(text: &str, own: u64) -> TestLog {
    let mut log = TestLog::new(OWN + 1);
    let digests = vec![[9; 32], segment_digest(&certificate_segment(text))];
    let header = EventHeader {
        log_id: LOG_ID,
        leaf_index: own,
        segment_digests: digests,
    };
    log.headers[usize::try_from(own).unwrap()] = header.to_bytes().unwrap();
    log
}

/// The file of a text that the log signed and recorded.
fn recorded(text: &str) -> CertificateFile {
    recorded_at(text, OWN)
}

fn recorded_at(text: &str, own: u64) -> CertificateFile {
    let log = log_of(text, own);
    let receipt = |index| log.receipt(index).to_string();
    CertificateFile {
        note: Note::sign(text, &[&log_signer()]).unwrap().to_string(),
        receipts: [1, 3, 4, own].map(receipt).to_vec(),
    }
}

/// Truly signed and recorded, with another text.
fn said(name: &'static str, code: &'static str, change: impl Fn(String) -> String) -> Golden {
    let file = recorded(&change(text()));
    (name, code, file.to_string().into_bytes())
}

/// The good file in parts, changed afterwards.
fn parts(name: &'static str, code: &'static str, change: impl Fn(&mut CertificateFile)) -> Golden {
    let mut file = recorded(&text());
    change(&mut file);
    (name, code, file.to_string().into_bytes())
}

/// The good file's text, changed afterwards.
fn bytes(name: &'static str, code: &'static str, change: impl Fn(String) -> String) -> Golden {
    (
        name,
        code,
        change(recorded(&text()).to_string()).into_bytes(),
    )
}

fn accepted() -> Vec<Golden> {
    vec![
        said("good", OK, |t| t),
        said("good_without_the_time_of_destruction", OK, |t| {
            t.replace("2026-11-22T07:00:01.200Z", "not-timed")
        }),
        said("good_with_a_line_of_a_later_version", OK, |t| {
            t + "moon full\n"
        }),
    ]
}

fn wrong_form() -> Vec<Golden> {
    vec![
        ("empty", "certificate_first_line", Vec::new()),
        ("not_text", "certificate_not_text", vec![0xff]),
        bytes("windows_line_ends", "certificate_control_character", |t| {
            t.replace('\n', "\r\n")
        }),
        bytes("file_of_version_2", "certificate_first_line", |t| {
            t.replacen("file@v1", "file@v2", 1)
        }),
        bytes(
            "longer_than_a_verifier_reads",
            "certificate_too_long",
            |t| t + &"x".repeat(RECEIPT_BYTES_MAX),
        ),
        bytes("note_of_no_lines", "certificate_part", |t| {
            t.replacen("note 15", "note 0", 1)
        }),
        bytes(
            "note_of_more_lines_than_there_are",
            "certificate_part",
            |t| t.replacen("note 15", "note 1000", 1),
        ),
        bytes("count_with_a_leading_zero", "certificate_part", |t| {
            t.replacen("note 15", "note 015", 1)
        }),
        bytes("bytes_after_the_end", "certificate_part", |t| t + "more\n"),
        bytes("last_newline_missing", "certificate_part", |t| {
            t.trim_end().to_owned()
        }),
        parts(
            "more_receipts_than_events",
            "certificate_too_many_receipts",
            |file| {
                file.receipts = vec![file.receipts[0].clone(); 200];
            },
        ),
        parts("receipts_missing", "certificate_not_recorded", |file| {
            file.receipts.clear()
        }),
    ]
}

fn forged() -> Vec<Golden> {
    let stranger = TestSigner::new(ORIGIN, [8; 32]);
    vec![
        parts("signed_by_another_key", "note_unknown_key", |file| {
            file.note = Note::sign(&text(), &[&stranger]).unwrap().to_string();
        }),
        parts("a_word_altered", "note_wrong_signature", |file| {
            file.note = file.note.replace("epoch 2", "epoch 3");
        }),
        parts(
            "another_text_truly_signed_but_not_recorded",
            "certificate_other_digest",
            |file| {
                let other = text().replace("issue 1", "issue 2");
                file.note = Note::sign(&other, &[&log_signer()]).unwrap().to_string();
            },
        ),
        parts("own_receipt_missing", "certificate_not_recorded", |file| {
            file.receipts.pop();
        }),
        parts(
            "own_receipt_is_the_completions",
            "certificate_not_recorded",
            |file| {
                file.receipts.pop();
                file.receipts.push(file.receipts[2].clone());
            },
        ),
        parts(
            "own_event_without_a_digest",
            "certificate_other_digest",
            |file| {
                file.receipts[3] = TestLog::new(OWN + 1).receipt(OWN).to_string();
            },
        ),
        parts(
            "receipt_of_the_intent_missing",
            "certificate_receipt_missing",
            |file| {
                file.receipts.remove(1);
            },
        ),
        parts("receipt_twice", "certificate_receipt_unasked", |file| {
            file.receipts.insert(0, file.receipts[0].clone());
        }),
        parts(
            "receipt_of_an_event_not_named",
            "certificate_receipt_unasked",
            |file| {
                file.receipts
                    .insert(0, log_of(&text(), OWN).receipt(0).to_string());
            },
        ),
        parts("receipt_altered", "proof_wrong_root", |file| {
            file.receipts[0] = TestLog::new(OWN + 1).receipt(1).to_string();
            let of_this_log = file.receipts[1].rsplit("\n\n").nth(1).map(str::to_owned);
            let note = of_this_log.map(|_| file.receipts[1].split_once("\n\n").unwrap().1);
            let body = file.receipts[0].split_once("\n\n").unwrap().0.to_owned();
            file.receipts[0] = format!("{body}\n\n{}", note.unwrap());
        }),
    ]
}

fn of_another_log() -> Vec<Golden> {
    vec![
        said("names_another_log", "certificate_other_log", |t| {
            t.replace(&format!("log {ORIGIN}"), "log other.example")
        }),
        said("log_id_of_another_ledger", "receipt_other_log", |t| {
            t.replace("4c4c", "4d4d")
        }),
        said("log_id_in_capitals", "certificate_line", |t| {
            t.replace("4c4c", "4C4C")
        }),
    ]
}

fn before_destruction() -> Vec<Golden> {
    let early = "certificate_before_destruction";
    vec![
        said("without_a_completion", "certificate_events", |t| {
            t.replace("event completed 4 2026-11-22T07:00:01.250Z\n", "")
        }),
        said("without_an_intent", "certificate_events", |t| {
            t.replace("event intent 3 2026-11-22T07:00:01.000Z\n", "")
        }),
        said("nobody_asked_for_it", "certificate_events", |t| {
            t.replace("event fenced", "event other")
                .replace("event ordered", "event other")
        }),
        said("completed_twice", "certificate_events", |t| {
            t.replace("event fenced 1", "event completed 1")
        }),
        said("completed_before_its_intent", early, |t| {
            t.replace("intent 3", "intent 9")
                .replace("completed 4", "completed 3")
                .replace("intent 9", "intent 4")
        }),
        said("intent_is_the_completion", early, |t| {
            t.replace("intent 3", "intent 4")
        }),
        said("ordered_after_the_intent", early, |t| {
            t.replace("ordered 1", "ordered 4")
        }),
        (
            "recorded_before_the_completion",
            early,
            recorded_at(&text(), 2).to_string().into_bytes(),
        ),
        said("destroyed_before_its_intent", early, |t| {
            t.replace(
                "destroyed 2026-11-22T07:00:01.200Z",
                "destroyed 2026-11-22T06:00:00.000Z",
            )
        }),
        said("destroyed_after_its_recording", early, |t| {
            t.replace(
                "destroyed 2026-11-22T07:00:01.200Z",
                "destroyed 2026-11-22T08:00:00.000Z",
            )
        }),
    ]
}

fn wrong_lines() -> Vec<Golden> {
    vec![
        said("text_of_version_2", "certificate_text_first_line", |t| {
            t.replacen("certificate@v1", "certificate@v2", 1)
        }),
        said("line_without_words", "certificate_line", |t| t + "alone\n"),
        said("two_spaces", "certificate_line", |t| t + "two  spaces\n"),
        said("log_twice", "certificate_line", |t| {
            t + "log again.example\n"
        }),
        said("destruction_not_told", "certificate_line", |t| {
            t.replace("destroyed", "undestroyed")
        }),
        said("found_dead_and_read_back", "certificate_line", |t| {
            t.replace("destroyed 2026-11-22T07:00:01.200Z", "destroyed found-dead")
        }),
        said("destroyed_and_not_read_back", "certificate_line", |t| {
            t.replace("read-back passed", "read-back not-seen")
        }),
        said("time_of_no_calendar", "certificate_line", |t| {
            t.replace("2026-11-22", "2026-13-22")
        }),
        said("position_with_a_plus", "certificate_line", |t| {
            t.replace("intent 3", "intent +3")
        }),
    ]
}

fn all() -> Vec<Golden> {
    let groups = [
        accepted(),
        wrong_form(),
        forged(),
        of_another_log(),
        before_destruction(),
        wrong_lines(),
    ];
    groups.concat()
}

fn files() -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut codes = String::new();
    for (name, code, bytes) in all() {
        if bytes.len() <= RECEIPT_BYTES_MAX {
            codes += &format!("{name} {code}\n");
            files.insert(format!("{name}.certificate"), bytes);
        }
    }
    files.insert("codes.txt".to_owned(), codes.into_bytes());
    let key = format!("{}\n", log_key()).into_bytes();
    files.insert("vkey.txt".to_owned(), key);
    files
}

#[test]
fn every_golden_certificate_is_answered_with_its_own_code() {
    let mut wrong = Vec::new();
    for (name, expected, bytes) in all() {
        let outcome = verify_certificate(&bytes, &log_key());
        let code = outcome.map_or_else(|error| error.code(), |_| OK);
        if code != expected {
            wrong.push(format!("{name}: {code}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_golden_folder_of_certificates_holds_these_files_and_no_others() {
    golden::holds_only("certificate", files());
}

#[test]
fn most_golden_certificates_are_bad_and_no_name_stands_twice() {
    golden::mostly_bad(all().iter().map(|(name, code, _)| (*name, *code)), 30);
}

#[test]
fn what_was_verified_can_be_read_line_by_line() {
    let file = recorded(&text()).to_string();
    let verified = verify_certificate(file.as_bytes(), &log_key()).unwrap();
    assert_eq!(verified.position(), OWN);
    assert_eq!(verified.parsed().word("epoch"), Some("2"));
    assert_eq!(verified.text(), text());
    assert_eq!(
        CertificateFile::parse(file.as_bytes()).unwrap().to_string(),
        file
    );
}
