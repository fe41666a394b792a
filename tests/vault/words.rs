//! The command line of vaults: shares, a passphrase from where it may come from, and `init` again.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use harness::process::run;
use serde_json::Value;
use tempfile::TempDir;

const WORDS: &str = "nine quite invented words";

struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn folders(&self) -> [String; 4] {
        let text = |name: &str| self.at(name).to_str().unwrap().to_owned();
        [
            "--data".to_owned(),
            text("data"),
            "--vault".to_owned(),
            text("vault"),
        ]
    }

    /// Runs the program with a passphrase at file descriptor 3.
    fn told(&self, arguments: &[&str], words: &str) -> Output {
        let file = self.at("words");
        std::fs::write(&file, words).unwrap();
        let mut shell = Command::new("sh");
        shell
            .arg("-c")
            .arg("exec \"$0\" \"$@\" --passphrase-fd 3 3< \"$WORDS_FILE\"");
        shell
            .arg(crate::PROGRAM)
            .args(arguments)
            .args(self.folders());
        shell.env("WORDS_FILE", &file).stdin(Stdio::null());
        shell.output().unwrap()
    }

    /// Runs it as a service manager would, with a credential.
    fn served(&self, arguments: &[&str], words: &str) -> Output {
        let folder = self.at("credentials");
        let _ = std::fs::create_dir(&folder);
        std::fs::write(folder.join("referral-vault-passphrase"), words).unwrap();
        let mut program = Command::new(crate::PROGRAM);
        program.args(arguments).args(self.folders());
        program
            .env("CREDENTIALS_DIRECTORY", folder)
            .stdin(Stdio::null());
        program.output().unwrap()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_vault_under_a_passphrase_opens_by_descriptor_or_credential_and_by_no_other_words() {
    let home = Home::new();
    let made = home.told(&["init", "--json", "--test-vault"], &format!("{WORDS}\n"));
    assert!(made.status.success(), "{}", said(&made));
    for output in [
        home.told(&["status", "--json"], WORDS),
        home.served(&["status", "--json"], &format!("{WORDS}\r\n")),
    ] {
        assert!(output.status.success(), "{}", said(&output));
        let status: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(status["vault"]["passphrase"], true);
    }
    let wrong = home.told(&["status", "--json"], "nine quite invented word");
    // A slip of whoever typed it, and nothing that broke.
    assert_eq!(wrong.status.code(), Some(2));
    for words in ["not the passphrase of this vault", "Type it again"] {
        assert!(said(&wrong).contains(words), "{}", said(&wrong));
    }
    assert!(!said(&wrong).contains("failed"), "{}", said(&wrong));
    assert!(
        !said(&wrong).contains("invented"),
        "no word of it is repeated"
    );
    let checked = home.told(&["fsck", "--json"], WORDS);
    assert!(checked.status.success(), "{}", said(&checked));
}

#[test]
fn without_words_and_without_a_terminal_the_ways_are_named() {
    let home = Home::new();
    let made = home.told(&["init", "--json", "--test-vault"], WORDS);
    assert!(made.status.success(), "{}", said(&made));
    // A session of its own has no terminal to ask at.
    let mut alone = Command::new("setsid");
    alone
        .arg("--wait")
        .arg(crate::PROGRAM)
        .arg("status")
        .args(home.folders());
    let asked = alone.stdin(Stdio::null()).output().unwrap();
    assert_eq!(asked.status.code(), Some(2), "{}", said(&asked));
    for way in ["--passphrase-fd", "referral-vault-passphrase"] {
        assert!(said(&asked).contains(way), "{}", said(&asked));
    }
}

#[test]
fn words_too_few_are_refused_and_init_with_more_begins_anew_in_the_same_folders() {
    let home = Home::new();
    let short = home.told(&["init", "--json", "--test-vault"], "too short");
    assert_eq!(short.status.code(), Some(2), "{}", said(&short));
    let made = home.told(&["init", "--json", "--test-vault"], WORDS);
    assert!(made.status.success(), "{}", said(&made));
}

#[test]
fn holders_are_named_in_status_and_a_lost_one_where_it_lay() {
    let home = Home::new();
    let folders = home.folders();
    let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
    let holders = ["a", "b", "c"].map(|name| home.at(name).to_str().unwrap().to_owned());
    let mut init = vec!["init", "--json", "--test-vault", "--threshold", "2"];
    for holder in &holders {
        init.extend(["--holder", holder.as_str()]);
    }
    let program = Path::new(crate::PROGRAM);
    let made = run(program, &[&init[..], &folders].concat())
        .expect(0)
        .json();
    assert_eq!(made["holders"].as_array().unwrap().len(), 3);
    std::fs::remove_dir_all(home.at("b")).unwrap();
    let status = run(program, &[&["status", "--json"], &folders[..]].concat())
        .expect(0)
        .json();
    assert_eq!(status["vault"]["missing"], serde_json::json!([2]));
    assert_eq!(status["vault"]["threshold"], 2);
    // Neither a mirror nor the word that there is none: nothing is begun, and the flags are named.
    let replace = ["vault", "replace-holder", "2", "new"];
    let unsaid = run(program, &[&replace[..], &folders].concat()).expect(2);
    for flag in ["--mirror", "--no-mirror"] {
        assert!(unsaid.stderr.contains(flag), "{}", unsaid.stderr);
    }
    std::fs::remove_dir_all(home.at("c")).unwrap();
    let refused = run(program, &[&["status", "--json"], &folders[..]].concat()).expect(3);
    for holder in &holders[1..] {
        assert!(
            refused.stderr.contains(holder.as_str()),
            "{}",
            refused.stderr
        );
    }
    for wrong in [
        vec!["--holder", "x"],
        vec!["--threshold", "2"],
        vec!["--threshold", "1", "--holder", "x", "--holder", "y"],
    ] {
        let init = [
            "init",
            "--test-vault",
            "--data",
            "nowhere",
            "--vault",
            "nowhere-else",
        ];
        let ran =
            harness::process::run_in(home.0.path(), program, &[&init[..], &wrong].concat(), &[]);
        assert_ne!(ran.code, Some(0), "{wrong:?}");
        assert!(!home.at("nowhere-else").join("vault.toml").exists());
    }
}

/// The real program, killed at its n-th file call for every n, then run again on the same folders.
#[test]
fn an_init_that_is_killed_at_any_call_is_run_again_and_succeeds() {
    let calls = "openat,mkdir,pwrite64,fsync,fdatasync,unlink,unlinkat";
    let mut killed = 0;
    let mut at = 1;
    loop {
        let home = Home::new();
        let mut strace = Command::new("strace");
        strace.args([
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            &format!("trace={calls}"),
        ]);
        strace.args(["-e", &format!("inject={calls}:signal=SIGKILL:when={at}")]);
        strace
            .arg(crate::PROGRAM)
            .args(["init", "--json", "--test-vault"])
            .args(home.folders());
        let Ok(ended) = strace.stdin(Stdio::null()).output() else {
            println!("SKIPPED: strace is not here");
            return;
        };
        if ended.status.success() {
            break;
        }
        assert!(
            ended.status.signal() == Some(9) || ended.status.code() == Some(137),
            "{at}: {}",
            said(&ended)
        );
        killed += 1;
        let folders = home.folders();
        let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
        let program = Path::new(crate::PROGRAM);
        let again = run(
            program,
            &[&["init", "--json", "--test-vault"], &folders[..]].concat(),
        );
        if again.code != Some(0) {
            // Only the very end: the mark is gone, so the ledger is made, and opens.
            assert!(
                !home.at("data").join("init-unfinished").exists(),
                "{at}: {}",
                again.stderr
            );
            run(program, &[&["status", "--json"], &folders[..]].concat()).expect(0);
        }
        at += if at < 40 { 3 } else { 17 };
    }
    assert!(killed > 10, "{killed} kills");
}

#[test]
fn shredcheck_puts_the_root_together_behind_words_and_holders_and_says_nothing_without() {
    let home = Home::new();
    let holders: Vec<String> = ["a", "b", "c"]
        .map(|name| home.at(name).to_str().unwrap().to_owned())
        .to_vec();
    let mut init = vec!["init", "--json", "--test-vault", "--threshold", "2"];
    for holder in &holders {
        init.extend(["--holder", holder]);
    }
    let made = home.told(&init, WORDS);
    assert!(made.status.success(), "{}", said(&made));
    let check = |words: Option<&str>| {
        let mut program = Command::new(crate::PROGRAM);
        program.args(["shredcheck", "--json", "--vault"]);
        program.args([home.at("vault"), home.at("data")]);
        if let Some(words) = words {
            let folder = home.at("credentials");
            let _ = std::fs::create_dir(&folder);
            std::fs::write(folder.join("referral-vault-passphrase"), words).unwrap();
            program.env("CREDENTIALS_DIRECTORY", folder);
        }
        program.stdin(Stdio::null()).output().unwrap()
    };
    let found = |output: &Output| -> Value {
        assert!(output.status.success(), "{}", said(output));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let whole = found(&check(Some(WORDS)));
    assert_eq!(whole["figures"]["roots"].as_array().unwrap().len(), 1);
    assert_eq!(whole["figures"]["roots"][0], whole["figures"]["installed"]);
    assert!(whole["figures"]["living"].as_u64().unwrap() > 0);
    assert_eq!(whole["figures"]["living_unreachable"], 0);
    assert!(!check(None).status.success(), "it wants its words");
    assert!(!check(Some("quite other words")).status.success());
    std::fs::rename(&holders[0], home.at("away")).unwrap();
    let fewer = found(&check(Some(WORDS)));
    assert_eq!(fewer["figures"]["roots"], whole["figures"]["roots"]);
    std::fs::rename(&holders[1], home.at("away too")).unwrap();
    let too_few = check(Some(WORDS));
    assert!(said(&too_few).contains("2 shares"), "{}", said(&too_few));
}
