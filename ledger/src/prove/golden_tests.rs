//! Golden receipts in `tests/golden/receipt/`: two good, the others each named for the one thing
//! wrong with it.
//!
//! The files stay; verifiers of every later version, and those of other hands, must answer the
//! same. To write them after a deliberate change: `REFERRAL_LEDGER_GOLDEN=write cargo test -p
//! ledger prove::golden_tests`.

use std::collections::BTreeMap;

use super::testing::{LOG_ID, ORIGIN, SEED, TestLog, TestSigner, header, log_key, log_signer};
use super::{Note, NoteSigner, Receipt, verify_receipt};
use crate::golden;
use crate::limits::RECEIPT_BYTES_MAX;
use crate::merkle::leaf_hash;

/// The good receipts' index, in a log of five events.
const INDEX: u64 = 3;
const OK: &str = "ok";

/// Name, expected code, bytes.
type Golden = (&'static str, &'static str, Vec<u8>);

fn good() -> Receipt {
    TestLog::new(5).receipt(INDEX)
}

/// A case made from the good receipt's parts.
fn parts(name: &'static str, code: &'static str, change: impl FnOnce(&mut Receipt)) -> Golden {
    let mut receipt = good();
    change(&mut receipt);
    (name, code, receipt.to_string().into_bytes())
}

/// A case made from the good receipt's text.
fn text(name: &'static str, code: &'static str, change: impl FnOnce(String) -> String) -> Golden {
    (name, code, change(good().to_string()).into_bytes())
}

/// A case whose checkpoint is another text, truly signed by the log's key.
fn signed(name: &'static str, code: &'static str, text: &str) -> Golden {
    parts(name, code, |r| {
        r.checkpoint_note = Note::sign(text, &[&log_signer()]).unwrap().to_string();
    })
}

fn root_line() -> String {
    let text = TestLog::new(5).checkpoint().text();
    text.lines().last().unwrap().to_owned()
}

fn accepted() -> Vec<Golden> {
    let witness = TestSigner::new("witness.example", [7; 32]);
    let cosigned = TestLog::new(5).checkpoint();
    let extended = TestLog::new(5).checkpoint().text() + "an extension line\n";
    vec![
        parts("good", OK, |_| {}),
        (
            "good_first_and_only_leaf",
            OK,
            TestLog::new(1).receipt(0).to_string().into_bytes(),
        ),
        parts("good_with_a_witness", OK, |r| {
            r.checkpoint_note = cosigned.sign(&[&witness, &log_signer()]).unwrap();
        }),
        signed("good_with_an_extension_line", OK, &extended),
    ]
}

fn wrong_form() -> Vec<Golden> {
    vec![
        ("empty", "receipt_first_line", Vec::new()),
        text("first_line_in_capitals", "receipt_first_line", |t| {
            t.replace("c2sp.org/tlog", "C2SP.org/TLOG")
        }),
        text("first_line_of_version_2", "receipt_first_line", |t| {
            t.replace("@v1", "@v2")
        }),
        text("byte_order_mark_before_it", "receipt_first_line", |t| {
            format!("\u{feff}{t}")
        }),
        text("windows_line_ends", "receipt_control_character", |t| {
            t.replace('\n', "\r\n")
        }),
        parts("longer_than_a_verifier_reads", "receipt_too_long", |r| {
            r.extra = vec![0; RECEIPT_BYTES_MAX];
        }),
        (
            "not_text",
            "receipt_not_text",
            b"c2sp.org/tlog-proof@v1\nextra \xff\n".to_vec(),
        ),
    ]
}

fn wrong_lines() -> Vec<Golden> {
    vec![
        text("extra_missing", "receipt_extra_line", |t| {
            let without = |line: &&str| !line.starts_with("extra");
            t.lines()
                .filter(without)
                .map(|l| format!("{l}\n"))
                .collect()
        }),
        text("extra_twice", "receipt_index_line", |t| {
            let line = t.lines().nth(1).unwrap();
            t.replacen("index", &format!("{line}\nindex"), 1)
        }),
        text("extra_not_base64", "receipt_extra_encoding", |t| {
            t.replacen("extra ", "extra *", 1)
        }),
        text("extra_after_the_index", "receipt_extra_line", |t| {
            let mut lines: Vec<&str> = t.lines().collect();
            lines.swap(1, 2);
            lines.join("\n") + "\n"
        }),
        text("index_missing", "receipt_index_line", |t| {
            t.replace("index 3\n", "")
        }),
        text("index_with_a_leading_zero", "receipt_index_line", |t| {
            t.replace("index 3", "index 03")
        }),
        text("index_with_a_plus", "receipt_index_line", |t| {
            t.replace("index 3", "index +3")
        }),
        text("index_beyond_64_bits", "receipt_index_line", |t| {
            t.replace("index 3", "index 18446744073709551619")
        }),
        text("hash_cut_short", "receipt_proof_line", |t| {
            t.replacen("=\n\n", "\n\n", 1)
        }),
        parts(
            "more_hashes_than_any_tree_has_levels",
            "receipt_too_many_proof_lines",
            |r| {
                r.proof = vec![leaf_hash(b""); 65];
            },
        ),
        text(
            "no_empty_line_before_the_checkpoint",
            "receipt_proof_line",
            |t| t.replacen("\n\n", "\n", 1),
        ),
        text("checkpoint_missing", "receipt_checkpoint_missing", |t| {
            t.split_inclusive("\n\n").next().unwrap().to_owned()
        }),
    ]
}

fn wrong_proof() -> Vec<Golden> {
    vec![
        parts("one_hash_short", "proof_too_short", |r| r.proof.truncate(2)),
        parts("one_hash_long", "proof_too_long", |r| {
            r.proof.push(leaf_hash(b""))
        }),
        parts("no_hash_at_all", "proof_too_short", |r| r.proof.clear()),
        parts("hashes_swapped", "proof_wrong_root", |r| r.proof.swap(0, 1)),
        parts("hash_altered", "proof_wrong_root", |r| r.proof[1].0[5] ^= 1),
        parts("index_off_by_one", "receipt_other_index", |r| r.index -= 1),
        parts("header_of_another_index", "receipt_other_index", |r| {
            r.extra = header(LOG_ID, 2);
        }),
        parts(
            "header_and_index_of_another_leaf",
            "proof_wrong_root",
            |r| {
                r.extra = header(LOG_ID, 2);
                r.index = 2;
            },
        ),
        parts("index_beyond_the_tree", "proof_index_beyond_size", |r| {
            r.extra = header(LOG_ID, 5);
            r.index = 5;
        }),
        parts("header_of_another_log", "proof_wrong_root", |r| {
            r.extra = header([0x4d; 32], INDEX);
        }),
        parts("segment_digest_altered", "proof_wrong_root", |r| {
            r.extra[50] ^= 1
        }),
        parts("header_of_an_unknown_suite", "header_suite", |r| {
            r.extra[0] = 2
        }),
        parts("header_of_an_unknown_version", "header_version", |r| {
            r.extra[1] = 2
        }),
        parts("header_without_segments", "header_segment_count", |r| {
            r.extra[42] = 0;
            r.extra.truncate(43);
        }),
        parts("header_with_bytes_left_over", "header_length", |r| {
            r.extra.push(0)
        }),
        parts("header_cut_short", "header_length", |r| {
            r.extra.truncate(r.extra.len() - 1)
        }),
    ]
}

fn wrong_note() -> Vec<Golden> {
    let stranger = TestSigner::new(ORIGIN, [9; 32]);
    let mut impostor = TestSigner::new(ORIGIN, [9; 32]);
    impostor.false_id = Some(log_signer().key_id());
    let mut other_id = TestSigner::new(ORIGIN, SEED);
    other_id.false_id = Some([1, 2, 3, 4]);
    let checkpoint = TestLog::new(5).checkpoint();
    let sign = |signer: &TestSigner| checkpoint.sign(&[signer]).unwrap();
    let flip = |t: String| {
        let mut t = t.into_bytes();
        let place = t.len() - 10;
        t[place] = if t[place] == b'A' { b'B' } else { b'A' };
        String::from_utf8(t).unwrap()
    };
    vec![
        text("signature_altered", "note_wrong_signature", flip),
        text("size_forged", "note_wrong_signature", |t| {
            t.replace("\n5\n", "\n6\n")
        }),
        text("origin_forged", "note_wrong_signature", |t| {
            t.replacen(&format!("\n{ORIGIN}\n"), "\nother.example\n", 1)
        }),
        parts(
            "signed_by_another_key_of_that_name",
            "note_unknown_key",
            |r| {
                r.checkpoint_note = sign(&stranger);
            },
        ),
        parts(
            "signed_by_another_key_under_that_id",
            "note_wrong_signature",
            |r| {
                r.checkpoint_note = sign(&impostor);
            },
        ),
        parts("key_id_of_no_key", "note_unknown_key", |r| {
            r.checkpoint_note = sign(&other_id)
        }),
        text("cut_off_in_the_signature", "note_no_signatures", |t| {
            t[..t.len() - 20].to_owned()
        }),
        text("last_newline_missing", "note_no_signatures", |t| {
            t.trim_end().to_owned()
        }),
        text("bytes_after_the_end", "note_signature_line", |t| {
            t + "more\n"
        }),
        text("empty_line_after_the_end", "note_no_signatures", |t| {
            t + "\n"
        }),
        parts(
            "more_signatures_than_a_verifier_reads",
            "note_too_many_signatures",
            |r| {
                let line = r.checkpoint_note.lines().last().unwrap().to_owned() + "\n";
                r.checkpoint_note += &line.repeat(64);
            },
        ),
    ]
}

/// What the log's own key must never sign, and what is refused even so.
fn wrong_checkpoint_truly_signed() -> Vec<Golden> {
    let root = root_line();
    let empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    vec![
        signed(
            "origin_of_another_log_truly_signed",
            "checkpoint_other_origin",
            &format!("other.example\n5\n{root}\n"),
        ),
        signed(
            "size_with_a_leading_zero_truly_signed",
            "checkpoint_size",
            &format!("{ORIGIN}\n05\n{root}\n"),
        ),
        signed(
            "size_too_large_truly_signed",
            "proof_too_short",
            &format!("{ORIGIN}\n9\n{root}\n"),
        ),
        signed(
            "root_missing_truly_signed",
            "checkpoint_lines",
            &format!("{ORIGIN}\n5\n"),
        ),
        signed(
            "root_not_base64_truly_signed",
            "checkpoint_root",
            &format!("{ORIGIN}\n5\n{}\n", root.replace('=', "")),
        ),
        signed(
            "empty_log_truly_signed",
            "proof_index_beyond_size",
            &format!("{ORIGIN}\n0\n{empty}\n"),
        ),
    ]
}

fn all() -> Vec<Golden> {
    [
        accepted(),
        wrong_form(),
        wrong_lines(),
        wrong_proof(),
        wrong_note(),
        wrong_checkpoint_truly_signed(),
    ]
    .concat()
}

/// What the folder holds: receipts but for the one that is a megabyte long, the key, and a list of
/// codes.
fn files() -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut codes = String::new();
    for (name, code, bytes) in all() {
        if bytes.len() <= RECEIPT_BYTES_MAX {
            codes += &format!("{name} {code}\n");
            files.insert(format!("{name}.tlog-proof"), bytes);
        }
    }
    files.insert("codes.txt".to_owned(), codes.into_bytes());
    files.insert(
        "vkey.txt".to_owned(),
        format!("{}\n", log_key()).into_bytes(),
    );
    files
}

#[test]
fn every_golden_receipt_is_answered_with_its_own_code() {
    for (name, expected, bytes) in all() {
        let outcome = verify_receipt(&bytes, &log_key());
        let code = outcome.map_or_else(|error| error.code(), |_| OK);
        assert_eq!(code, expected, "{name}");
    }
}

#[test]
fn the_golden_folder_holds_these_files_and_no_others() {
    golden::holds_only("receipt", files());
}

#[test]
fn at_least_twenty_things_that_can_be_wrong_have_a_golden_receipt() {
    golden::mostly_bad(all().iter().map(|(name, code, _)| (*name, *code)), 20);
}
