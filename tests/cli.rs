//! The program as scripts and people meet it: what it prints, what it leaves, how it ends.
//!
//! - Exit codes: 0 done, 1 the answer is no, 2 wrong use, 3 something broke, 4 no server.

mod folders;
mod people;

use std::path::Path;

use harness::process::{Ran, run_in};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Runs the program in a folder.
fn run(folder: &Path, line: &str) -> Ran {
    let words: Vec<&str> = line.split_whitespace().collect();
    run_in(folder, Path::new(crate::PROGRAM), &words, &[])
}

/// The folder of a demo that was told once, and what it printed.
fn demo() -> (TempDir, Value) {
    let folder = TempDir::new().unwrap();
    let told = run(folder.path(), DEMO).expect(0);
    let (stdout, stderr) = (&told.stdout, &told.stderr);
    assert!(
        !stdout.contains("rl_") && !stderr.contains("rl_"),
        "no token is told with --json"
    );
    let sum = told.json();
    (folder, sum)
}

const DEMO: &str = "demo --exit --json --data d --port 0";

#[test]
fn the_demo_twice_in_a_row_prints_the_promised_keys_and_adds_nothing_the_second_time() {
    let (folder, first) = demo();
    let keys = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    let promised = [
        "directory",
        "cases",
        "referrals",
        "events",
        "refusals",
        "shredded",
        "checkpoint",
    ];
    assert_eq!(keys(&first), promised);
    assert_eq!(
        keys(&first["directory"]),
        ["imported", "existing", "refused"]
    );
    for count in ["cases", "referrals", "events", "refusals", "shredded"] {
        assert!(first[count].as_u64().unwrap() > 0, "{count}: {first}");
    }
    assert!(
        first["directory"]["imported"].as_u64().unwrap() >= 18,
        "{first}"
    );
    let files = receipts(folder.path());
    assert!(!files.is_empty() && folder.path().join("d/log.vkey").is_file());

    let second = run(folder.path(), DEMO).expect(0).json();
    let mut expected = first.clone();
    expected["directory"] = json!({
        "imported": 0, "existing": first["directory"]["imported"], "refused": 0,
    });
    assert_eq!(second, expected);
    assert_eq!(receipts(folder.path()), files);
    run(folder.path(), "fsck --data d").expect(0);
}

fn receipts(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder.join("d/receipts")).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(
        names.iter().all(|name| name.ends_with(".tlog-proof")),
        "{names:?}"
    );
    names
}

#[test]
fn receipts_are_checked_offline_with_nothing_but_the_key() {
    let (folder, _) = demo();
    let names = receipts(folder.path());
    let away = TempDir::new().unwrap();
    for name in &names {
        std::fs::copy(
            folder.path().join("d/receipts").join(name),
            away.path().join(name),
        )
        .unwrap();
    }
    std::fs::copy(
        folder.path().join("d/log.vkey"),
        away.path().join("log.vkey"),
    )
    .unwrap();
    drop(folder);

    let all = format!("verify --key log.vkey --json {}", names.join(" "));
    let rows = run(away.path(), &all).expect(0).json();
    assert_eq!(rows.as_array().unwrap().len(), names.len());
    assert!(
        rows.as_array()
            .unwrap()
            .iter()
            .all(|row| row["valid"] == true),
        "{rows}"
    );

    let one = &names[0];
    let sound = std::fs::read_to_string(away.path().join(one)).unwrap();
    let index = sound
        .lines()
        .find(|line| line.starts_with("index "))
        .unwrap();
    std::fs::write(away.path().join(one), sound.replace(index, "index 77")).unwrap();
    let rows = run(away.path(), &all).expect(1).json();
    let bad: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["valid"] == false)
        .collect();
    assert!(
        bad.len() == 1 && bad[0]["receipt"] == one.as_str(),
        "{bad:?}"
    );
    run(away.path(), &format!("verify --key log.vkey {one}")).expect(1);
    run(away.path(), "verify --key log.vkey not-there.tlog-proof").expect(2);
    run(away.path(), &format!("verify --key not-there.vkey {one}")).expect(2);
    run(away.path(), &format!("verify --key {one} {one}")).expect(2);
    run(away.path(), &format!("verify {one}")).expect(2);
}

#[test]
fn completions_and_manual_pages_are_made_for_every_command() {
    let folder = TempDir::new().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(folder.path(), &format!("completions {shell}"))
            .expect(0)
            .stdout;
        assert!(
            script.contains("referral-ledger") && script.contains("fsck"),
            "{shell}"
        );
    }
    run(folder.path(), "completions tcsh").expect(2);
    let made = run(folder.path(), "man --json pages").expect(0).json();
    let pages: Vec<_> = std::fs::read_dir(folder.path().join("pages"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(made["pages"], pages.len());
    for name in [
        "referral-ledger.1",
        "referral-ledger-demo.1",
        "referral-ledger-referral-send.1",
    ] {
        assert!(pages.iter().any(|page| page.ends_with(name)), "{name}");
    }
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        assert!(
            text.contains(".SH NAME") && text.contains(".SH SYNOPSIS"),
            "{}",
            page.display()
        );
    }
}

#[test]
fn wrong_use_is_told_apart_from_a_server_that_is_not_there() {
    let folder = TempDir::new().unwrap();
    run(folder.path(), "").expect(2);
    run(folder.path(), "no-such-command").expect(2);
    run(folder.path(), "fsck --dta d").expect(2);
    run(folder.path(), "fsck --data d").expect(2);
    run(folder.path(), "status --data d --json")
        .expect(2)
        .json();
    run(folder.path(), "--version").expect(0);
    run(folder.path(), "staff list").expect(2);
    let token = format!("rl_{}", "A".repeat(43));
    let set = [
        ("REFERRAL_TOKEN", token.as_str()),
        ("REFERRAL_SERVER", "http://127.0.0.1:1"),
    ];
    let list = ["staff", "list", "--json"];
    let ran = run_in(folder.path(), Path::new(crate::PROGRAM), &list, &set).expect(4);
    assert_eq!(ran.json()["error"], "unreachable");
    assert!(!ran.stderr.contains(&token) && !ran.stdout.contains(&token));
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing was made"
    );
}
