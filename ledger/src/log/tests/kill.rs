//! kill -9: a child process appends with sled until it is killed; everything it had acknowledged
//! is there, in order, and the log goes on.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use super::*;

const FOLDER: &str = "REFERRAL_LEDGER_TEST_KILL_FOLDER";
const ROUNDS: u64 = 10;

/// Group sizes follow from the frame number, so that both sides know them.
fn group_size(frame: u64) -> u64 {
    frame * 7 % 23
}

/// Not a test of its own: what the child runs. Says each acknowledged frame's number.
#[test]
fn the_child_appends_until_it_is_killed() {
    let Some(dir) = std::env::var_os(FOLDER) else {
        return;
    };
    let (mut log, _) = Log::open(Path::new(&dir), options()).unwrap();
    loop {
        let head = log.head();
        let draft = draft(head.tree_size, group_size(head.frame_number), 200);
        let position = log.append(draft).unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "acknowledged {}", position.frame_number).unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn a_killed_process_loses_nothing_acknowledged() {
    let (_temp, dir) = new_log();
    for round in 0..ROUNDS {
        let acknowledged = run_and_kill(&dir, 5 + round * 9);
        let (log, _) = open(&dir);
        let found = log.head().frame_number;
        assert!(found >= acknowledged, "{found} of {acknowledged}");
        let groups: Vec<u64> = (0..found).map(group_size).collect();
        Model::of(&groups).assert_is(&log);
        assert_eq!(findings(&log), vec![]);
        if round % 2 == 0 {
            log.close().unwrap();
        }
    }
}

/// Runs the child until it has acknowledged so many frames, kills it, and gives the last number.
fn run_and_kill(dir: &Path, frames: u64) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "log::tests::kill::the_child_appends_until_it_is_killed",
            "--exact",
            "--nocapture",
        ])
        .env(FOLDER, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let number = |line: std::io::Result<String>| -> Option<u64> {
        line.ok()?.split_once("acknowledged ")?.1.parse().ok()
    };
    let mut last = 0;
    let mut seen = 0;
    while seen < frames {
        if let Some(number) = number(lines.next().expect("the child lives")) {
            (last, seen) = (number, seen + 1);
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What it said before it died counts too.
    lines.filter_map(number).last().unwrap_or(last)
}
