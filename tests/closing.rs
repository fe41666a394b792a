//! A closed case in every copy: nobody reads it, nothing leads back to its key, and a restored log
//! that never saw the closing says the same.

use std::path::{Path, PathBuf};

use harness::scratch::Scratch;
use harness::words;
use ledger::clock::Timestamp;
use ledger::copies::{RestoreOptions, back_up, export_keys, restore};
use ledger::domain::codes::Role;
use ledger::domain::command::{Caller, Command};
use ledger::domain::event::Event;
use ledger::domain::ids::{CaseId, SweepId};
use ledger::domain::stream::StreamId;
use ledger::fsck::fsck;
use ledger::ledger::Ledger;
use ledger::prove::verify_certificate;
use ledger::shredcheck::{Asked, KeyId, shredcheck};
use projections::runner::Runner;

use super::retention::{Served, old_cases, reopen_at};

fn place(scratch: &Scratch, name: &str) -> PathBuf {
    scratch.folder.path().join(name)
}

/// Two persons agree, and the ledger's own command is carried out.
fn by_rule(scratch: &Scratch, sweep: u8, commands: Vec<Command>) {
    let sweep = SweepId([sweep; 16]);
    let request = Command::RequestSweep { sweep, cases: 2 };
    scratch.done(Role::DataProtectionOfficer, request);
    scratch.done(Role::Coordinator, Command::ApproveSweep { sweep });
    let requests = commands.into_iter();
    let requests = requests.map(|command| words::request(Caller::System, command));
    for outcome in scratch.ledger.submit_together(requests.collect()) {
        outcome.unwrap();
    }
    while scratch.ledger.status().shreds_pending > 0 {
        std::thread::yield_now();
    }
}

/// The leaves of the records that ended.
fn closed_leaves(ledger: &Ledger) -> Vec<KeyId> {
    let entries = ledger.stream(StreamId::Ledger).unwrap();
    let closed = entries
        .iter()
        .filter_map(|entry| match &entry.record.event {
            Event::StreamClosed(closed) => Some(KeyId(closed.leaf.0)),
            _ => None,
        });
    closed.collect()
}

fn is_sound(data: &Path, vault: &Path) {
    let report = fsck(data, Some(vault), None, &|_, _, _| {}).unwrap();
    assert_eq!(report.findings, Vec::new());
}

fn nobody_knows_it(ledger: &Ledger, case: CaseId) {
    assert!(ledger.case(case).unwrap().is_none());
    assert!(ledger.closed(case).unwrap().is_some());
    assert!(ledger.stream(StreamId::Case(case)).unwrap().is_empty());
    let views = Runner::open(std::sync::Arc::new(ledger.clone())).unwrap();
    let views = views.read().unwrap();
    assert!(views.cases().find(case).is_none());
}

#[test]
fn a_closed_case_stays_closed_in_a_log_restored_from_before_and_its_key_is_nowhere() {
    let mut scratch = Scratch::new();
    let now = scratch.ledger.now();
    let cases = old_cases(&mut scratch, 2);
    let [ends, stays] = cases[..] else {
        panic!("two cases");
    };
    reopen_at(&mut scratch, now);
    let apply = |case| Command::ApplyRetention { case };
    by_rule(&scratch, 1, vec![apply(ends)]);
    let (data, vault) = (place(&scratch, "data"), place(&scratch, "vault"));
    let (backup, keys) = (place(&scratch, "backup"), place(&scratch, "keys"));
    // Long after, the record's time is over, too.
    reopen_at(&mut scratch, Timestamp(now.plus_months(84).0));
    scratch.ledger.close().unwrap();
    back_up(&data, &backup).unwrap();
    scratch.reopen();
    reopen_at(&mut scratch, Timestamp(now.plus_months(84).0));
    by_rule(&scratch, 2, vec![Command::CloseCase { case: ends }]);
    nobody_knows_it(&scratch.ledger, ends);
    let leaves = closed_leaves(&scratch.ledger);
    scratch.ledger.close().unwrap();
    export_keys(&data, &keys).unwrap();
    is_sound(&data, &vault);
    let asked = Asked {
        copies: vec![data.clone(), backup.clone(), keys.clone()],
        memories: Vec::new(),
        vault: vault.clone(),
        passphrase: None,
        records_only: false,
    };
    let report = shredcheck(&asked, &|_, _, _| {}).unwrap();
    assert!(report.findings().is_empty());
    assert_eq!(leaves.len(), 1);
    assert!(
        report.shredded.contains(&leaves[0]),
        "its tombstone is found"
    );

    std::fs::rename(&data, place(&scratch, "lost")).unwrap();
    let restored = place(&scratch, "restored");
    restore(&RestoreOptions {
        from: backup,
        vault: vault.clone(),
        data: restored.clone(),
        keys: Some(keys),
        accept_loss: true,
        passphrase: None,
    })
    .unwrap();
    let ledger = Ledger::open(ledger::ledger::OpenOptions::of(
        restored.clone(),
        vault.clone(),
    ));
    let ledger = ledger.unwrap();
    nobody_knows_it(&ledger, ends);
    assert!(ledger.case(stays).unwrap().is_some(), "the other is there");
    let view = words::request(
        Caller::Staff(Scratch::member(Role::FocalPoint)),
        words::view(ends),
    );
    assert!(ledger.submit(view).is_err());
    ledger.close().unwrap();
    is_sound(&restored, &vault);
}

#[test]
fn the_certificate_of_a_name_of_staff_is_had_like_those_of_records_that_ended() {
    // given somebody who left, and whose name is over by the rules
    let mut scratch = Scratch::new();
    let now = scratch.ledger.now();
    let staff = Scratch::member(Role::FrontLine);
    let role = Role::FrontLine;
    scratch.done(Role::Administrator, Command::RevokeRole { staff, role });
    let over = now.plus_months(30);
    reopen_at(&mut scratch, over);
    by_rule(&scratch, 1, vec![Command::EndStaffName { staff }]);
    let certified = |ledger: &Ledger| {
        let entries = ledger.stream(StreamId::Staff(staff)).unwrap();
        let is = |event: &Event| matches!(event, Event::ErasureCertified(_));
        entries.iter().any(|entry| is(&entry.record.event))
    };
    while !certified(&scratch.ledger) {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let kept = place(&scratch, "kept.certificate");
    // when the officer asks for the certificate without naming a case
    let served = Served::of(scratch, Vec::new());
    let line = format!("protection certificate --out {}", kept.display());
    let told = served.told(Role::DataProtectionOfficer, &line);
    // then that of the name is there, and holds
    assert_eq!(told["valid"], true);
    let file = std::fs::read(kept).unwrap();
    let (_place, ledger, _) = served.stopped();
    let key = ledger.vkey().parse().unwrap();
    let verified = verify_certificate(&file, &key).unwrap();
    let named = verified.text().contains(&format!("stream staff {staff}\n"));
    assert!(named, "{}", verified.text());
    ledger.close().unwrap();
}
