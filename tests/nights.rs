//! A night without a sweep: where nobody let these rules loose, the server's log says so, and
//! nothing goes (MISSION E2).

use std::thread::sleep;
use std::time::Duration;

use harness::scratch::Scratch;
use ledger::clock::{Clock, DAY_MS, SystemClock, SystemEntropy, Timestamp};
use ledger::domain::codes::Role;
use ledger::domain::command::{Caller, Command, SweepEnd};
use ledger::domain::ids::SweepId;

use super::retention::{Served, old_cases, reopen_at};

/// Two persons agreed two days ago, to the rules of then, and that sweep has run.
fn let_loose_two_days_ago(scratch: &mut Scratch) {
    reopen_at(scratch, Timestamp(SystemClock.now().0 - 2 * DAY_MS));
    let sweep = SweepId::fresh(&mut SystemEntropy);
    let request = Command::RequestSweep { sweep, cases: 2 };
    scratch.done(Role::DataProtectionOfficer, request);
    scratch.done(Role::Coordinator, Command::ApproveSweep { sweep });
    let finish = Command::FinishSweep(SweepEnd {
        sweep,
        organisation: scratch.organisation,
        cases: 0,
        held: 0,
        closed: 0,
        staff: 0,
        too_many: None,
    });
    let finish = harness::words::request(Caller::System, finish);
    scratch.ledger.submit(finish).unwrap();
}

#[test]
fn e2_a_night_by_rules_that_nobody_agreed_to_takes_nothing_and_the_log_warns_of_it() {
    // given cases that are over, and rules that changed since two persons agreed
    let mut scratch = Scratch::new();
    let cases = old_cases(&mut scratch, 2);
    let_loose_two_days_ago(&mut scratch);
    let organisation = scratch.organisation;
    let rules = ledger::retention::DEFAULT_RETENTION;
    let changed = rules.replace("version = 1", "version = 2");
    let file = scratch.folder.path().join("rules.toml");
    std::fs::write(&file, changed).unwrap();
    let flags = ["--retention", file.to_str().unwrap()];
    let served = Served::with(scratch, cases.clone(), &flags);
    // when the night is caught up with
    let warned = || served.said().contains("no sweep by night");
    let waited = (0..300).any(|_| {
        sleep(Duration::from_millis(100));
        warned()
    });
    // then the log says whose, and what to look at, and of no case
    let said = served.said();
    assert!(waited, "{said}");
    let line = said.lines().find(|line| line.contains("no sweep by night"));
    let line = line.expect("the warning");
    assert!(line.contains("WARN") && line.contains(&organisation.to_string()));
    assert!(line.contains("`retention rules`"), "{line}");
    for case in &cases {
        assert!(!said.contains(&case.to_string()), "{said}");
    }
    // and it is said once for a night, in rounds that follow nothing goes either
    sleep(Duration::from_secs(5));
    assert_eq!(served.said().matches("no sweep by night").count(), 1);
    let officer = Role::DataProtectionOfficer;
    let preview = served.told(officer, "retention dry-run");
    assert_eq!(preview["cases"], 2, "{preview}");
    let rules = served.told(officer, "retention rules");
    assert_ne!(rules["let_loose"], true, "{rules}");
    let (_place, ledger, _) = served.stopped();
    ledger.close().unwrap();
}
