//! What opening does with the vault's slots before it believes them: what only the page cache holds
//! is made durable first, and where that fails nothing is opened.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use harness::process::run;
use harness::strace::can_trace;
use tempfile::TempDir;

/// A new ledger, over a vault that holds its root itself or shares it among three holders; the
/// files whose slots opening reads.
fn made(shared: bool) -> (TempDir, Vec<PathBuf>) {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    let mut words: Vec<String> = ["init", "--json", "--test-vault"].map(str::to_owned).into();
    words.extend(folders(home.path()));
    let mut slots = vec![at("vault/roots")];
    if shared {
        slots.clear();
        words.extend(["--threshold".to_owned(), "2".to_owned()]);
        for name in ["a", "b", "c"] {
            words.extend(["--holder".to_owned(), at(name).display().to_string()]);
            slots.push(at(name).join("share"));
        }
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    run(Path::new(crate::PROGRAM), &words).expect(0);
    (home, slots)
}

fn folders(home: &Path) -> [String; 4] {
    let at = |name: &str| home.join(name).display().to_string();
    ["--data".into(), at("data"), "--vault".into(), at("vault")]
}

/// `status` under a tracer that looks at one file alone; what it wrote down.
fn traced(home: &Path, file: &Path, inject: &[&str]) -> (Output, String) {
    let into = home.join("trace");
    let mut strace = Command::new("strace");
    strace
        .args(["-f", "-qq", "-o"])
        .arg(&into)
        .arg("-P")
        .arg(file);
    strace.args(["-e", "trace=read,pread64,fsync,fdatasync,fadvise64"]);
    strace.args(inject).arg(crate::PROGRAM);
    let output = strace
        .args(["status", "--json"])
        .args(folders(home))
        .output();
    let told = std::fs::read_to_string(into).unwrap();
    (output.unwrap(), told)
}

#[test]
fn slots_are_synced_and_taken_out_of_the_cache_before_opening_reads_them() {
    if !can_trace() {
        return;
    }
    for shared in [false, true] {
        let (home, slots) = made(shared);
        for file in &slots {
            let (output, told) = traced(home.path(), file, &[]);
            assert!(output.status.success(), "{told}");
            let first = |call: &str| told.lines().position(|line| line.contains(call));
            let read = first("pread64(").expect("the slots are read");
            let synced = first("fdatasync(").expect("and synced");
            let dropped = first("fadvise64(").expect("and taken out of the cache");
            assert!(synced < dropped && dropped < read, "{told}");
        }
    }
}

#[test]
fn where_the_slots_cannot_be_synced_nothing_is_opened_and_nothing_is_changed() {
    if !can_trace() {
        return;
    }
    let (home, slots) = made(false);
    let (file, journal) = (&slots[0], home.path().join("data/log/journal/00000001.seg"));
    let marker = home.path().join("data/log/CLEAN");
    let before = [file, &journal, &marker].map(|path| std::fs::read(path).unwrap());
    let failing = ["-e", "inject=fdatasync:error=EIO:when=1"];
    let (output, told) = traced(home.path(), file, &failing);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains("INJECTED"), "the control: {told}");
    assert!(!told.contains("pread64("), "not one slot was read: {told}");
    let after = [file, &journal, &marker].map(|path| std::fs::read(path).unwrap());
    assert!(before == after);
    // The disk is well again.
    let (output, told) = traced(home.path(), file, &[]);
    assert!(output.status.success(), "{told}");
}
