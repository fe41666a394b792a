//! The golden receipts, most of them bad, judged by three readers: Python from the specification
//! alone, the program, and whoever wrote down the verdicts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{process, python};

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/receipt")
}

/// Name of each receipt and its verdict.
fn verdicts() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(golden().join("codes.txt")).unwrap();
    let pairs = text
        .lines()
        .map(|line| line.split_once(' ').expect("name and verdict"));
    pairs
        .map(|(name, verdict)| (name.to_owned(), verdict.to_owned()))
        .collect()
}

#[test]
fn the_verifier_in_python_comes_to_the_same_verdicts_with_and_without_a_library() {
    let script = python::script("verify_receipt.py");
    if let Err(error) = Command::new("python3").arg("--version").output() {
        println!("SKIPPED: no python3: {error}");
        return;
    }
    let library = std::env::var("REFERRAL_TEST_PYTHON").ok();
    let mut wrong = Vec::new();
    for (name, verdict) in verdicts() {
        let expected = if verdict == "ok" { 0 } else { 1 };
        let mut judge = |python: &str, flags: &[&str]| {
            let mut command = Command::new(python);
            command
                .arg("-B")
                .arg(&script)
                .args(flags)
                .arg(golden().join("vkey.txt"));
            let judged = command
                .arg(golden().join(format!("{name}.tlog-proof")))
                .output()
                .unwrap();
            if judged.status.code() != Some(expected) {
                let talk = String::from_utf8_lossy(&judged.stderr).into_owned();
                wrong.push(format!("{name} ({verdict}) by {python} {flags:?}: {talk}"));
            }
        };
        judge("python3", &["--pure"]);
        if let Some(python) = &library {
            judge(python, &[]);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_program_gives_each_bad_receipt_the_code_that_is_written_down() {
    let verdicts = verdicts();
    let files: Vec<PathBuf> = verdicts
        .keys()
        .map(|name| golden().join(format!("{name}.tlog-proof")))
        .collect();
    let key = golden().join("vkey.txt");
    let mut arguments = vec!["verify", "--json", "--key", key.to_str().unwrap()];
    arguments.extend(files.iter().map(|file| file.to_str().unwrap()));
    let shown = process::run(Path::new(crate::PROGRAM), &arguments)
        .expect(1)
        .json();
    let rows = shown.as_array().unwrap();
    assert_eq!(rows.len(), verdicts.len());
    for (row, (name, verdict)) in rows.iter().zip(&verdicts) {
        let said = if row["valid"] == true {
            "ok"
        } else {
            row["code"].as_str().unwrap()
        };
        assert_eq!(said, verdict, "{name}");
    }
}

#[test]
fn every_golden_receipt_has_a_verdict_and_every_verdict_a_receipt() {
    let mut files: Vec<String> = std::fs::read_dir(golden())
        .unwrap()
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.strip_suffix(".tlog-proof").map(str::to_owned)
        })
        .collect();
    files.sort();
    assert!(files.len() > 50);
    assert_eq!(files, verdicts().into_keys().collect::<Vec<_>>());
}
