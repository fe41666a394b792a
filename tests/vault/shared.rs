//! A whole ledger over a vault of shares: people are forgotten while holders come and go.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use harness::carve::copy;
use harness::scratch::Scratch;
use harness::words;
use ledger::copies::{RestoreOptions, back_up, restore};
use ledger::domain::codes::Role;
use ledger::domain::event::Event;
use ledger::domain::ids::CaseId;
use ledger::domain::stream::StreamId;
use ledger::error::{Fault, VaultFault};
use ledger::keys::vault::replace_holder;
use ledger::ledger::{Ledger, OpenOptions, Protection, Shares};
use ledger::shredcheck::{Asked, shredcheck};

fn shared(threshold: u8, holders: u8) -> Scratch {
    Scratch::protected(|folder| {
        let holders = (1..=holders)
            .map(|n| folder.join(format!("holder{n}")))
            .collect();
        Protection {
            shares: Some(Shares { holders, threshold }),
            passphrase: None,
        }
    })
}

fn holder(scratch: &Scratch, index: u8) -> PathBuf {
    scratch.folder.path().join(format!("holder{index}"))
}

fn away(scratch: &Scratch, index: u8) -> PathBuf {
    scratch.folder.path().join(format!("away{index}"))
}

fn lose(scratch: &Scratch, index: u8) {
    std::fs::rename(holder(scratch, index), away(scratch, index)).unwrap();
}

fn give_back(scratch: &Scratch, index: u8) {
    std::fs::rename(away(scratch, index), holder(scratch, index)).unwrap();
}

/// Opens a case, and withdraws its consent with destruction at once.
fn forget_somebody(scratch: &Scratch) -> CaseId {
    let answer = scratch.done(Role::FocalPoint, words::open_case("Somebody"));
    let (case, consent) = (words::opened(&answer).0, words::given(&answer));
    scratch.done(Role::FocalPoint, words::withdraw_now(case, consent));
    case
}

fn is_shredded(scratch: &Scratch, case: CaseId) -> bool {
    let events = scratch.ledger.stream(StreamId::Case(case)).unwrap();
    let shredded = |event: &Event| matches!(event, Event::Shredded(_));
    events.iter().any(|entry| shredded(&entry.record.event))
}

/// Keeps working until it is so: the writer erases between groups.
fn until(scratch: &Scratch, what: &str, so: impl Fn() -> bool) {
    let patience = Instant::now() + Duration::from_secs(20);
    while !so() {
        assert!(Instant::now() < patience, "{what}");
        scratch.done(Role::FocalPoint, words::open_case("Passing time"));
    }
}

#[test]
fn a_person_is_forgotten_with_one_of_three_holders_lost_and_the_others_say_so() {
    let mut scratch = shared(2, 3);
    scratch.ledger.close().unwrap();
    lose(&scratch, 3);
    scratch.ledger = Scratch::open_in(scratch.folder.path().to_owned()).unwrap();
    let case = forget_somebody(&scratch);
    until(&scratch, "shredded", || is_shredded(&scratch, case));
    let vault = scratch.ledger.status().vault;
    assert_eq!(
        (vault.holders, vault.threshold, vault.missing),
        (3, 2, vec![3])
    );
    let destroyed = vault.destroyed.unwrap();
    assert_eq!(
        (destroyed.epoch, destroyed.acknowledged, destroyed.needed),
        (1, 2, 2)
    );
    // It comes back with its old share, is wiped, and gets a fresh one with the next rotation.
    scratch.ledger.close().unwrap();
    give_back(&scratch, 3);
    scratch.ledger = Scratch::open_in(scratch.folder.path().to_owned()).unwrap();
    assert_eq!(scratch.ledger.status().vault.behind, [3]);
    let share = std::fs::read(holder(&scratch, 3).join("share")).unwrap();
    assert!(
        share.iter().all(|byte| *byte == 0),
        "nothing of the old root is left there"
    );
    let case = forget_somebody(&scratch);
    until(&scratch, "shredded", || is_shredded(&scratch, case));
    scratch.reopen();
    let vault = scratch.ledger.status().vault;
    assert!(vault.missing.is_empty() && vault.behind.is_empty());
}

#[test]
fn with_too_few_holders_for_a_destruction_keys_wait_fenced_and_everybody_else_works_on() {
    let mut scratch = shared(2, 5);
    scratch.ledger.close().unwrap();
    lose(&scratch, 4);
    lose(&scratch, 5);
    scratch.ledger = Scratch::open_in(scratch.folder.path().to_owned()).unwrap();
    let case = forget_somebody(&scratch);
    until(&scratch, "pending", || {
        scratch.ledger.status().shreds_pending > 0
    });
    assert!(!is_shredded(&scratch, case) && !scratch.ledger.status().poisoned);
    assert_eq!(scratch.ledger.status().epoch, 1);
    // One of them comes back while the ledger is open: four of five are enough.
    give_back(&scratch, 4);
    until(&scratch, "shredded", || is_shredded(&scratch, case));
    until(&scratch, "nothing waits", || {
        scratch.ledger.status().shreds_pending == 0
    });
    assert_eq!(
        scratch
            .ledger
            .status()
            .vault
            .destroyed
            .unwrap()
            .acknowledged,
        4
    );
    scratch.reopen();
}

#[test]
fn with_more_lost_than_the_sharing_allows_nothing_opens_and_nothing_is_called_erased() {
    let mut scratch = shared(2, 3);
    forget_somebody(&scratch);
    scratch.ledger.close().unwrap();
    lose(&scratch, 1);
    lose(&scratch, 2);
    let fault = Scratch::open_in(scratch.folder.path().to_owned())
        .err()
        .unwrap();
    assert!(
        matches!(
            fault,
            Fault::Vault(VaultFault::TooFewShares {
                found: 1,
                needed: 2,
                ..
            })
        ),
        "{fault}"
    );
    assert!(fault.to_string().contains("holder 1") && fault.to_string().contains("holder 2"));
    give_back(&scratch, 2);
    scratch.ledger = Scratch::open_in(scratch.folder.path().to_owned()).unwrap();
}

fn check(vault: PathBuf, scratch: &Scratch) -> Vec<String> {
    let asked = Asked {
        copies: vec![scratch.folder.path().join("data")],
        memories: Vec::new(),
        vault,
        passphrase: None,
        records_only: false,
    };
    let report = shredcheck(&asked, &|_, _, _| {}).unwrap();
    let findings = report.findings();
    findings.iter().map(ToString::to_string).collect()
}

#[test]
fn a_replaced_holder_is_recorded_and_what_the_old_shares_gave_is_gone() {
    let mut scratch = shared(2, 3);
    let case = forget_somebody(&scratch);
    until(&scratch, "shredded", || is_shredded(&scratch, case));
    scratch.ledger.close().unwrap();
    let place = |name: &str| scratch.folder.path().join(name);
    // Somebody copies two holders and the vault's own folder, and one holder is lost.
    copy(&holder(&scratch, 1), &place("stolen1"));
    copy(&holder(&scratch, 3), &place("stolen3"));
    copy(&place("vault"), &place("stolen"));
    let settings = std::fs::read_to_string(place("stolen/vault.toml")).unwrap();
    let settings = settings.replace("/holder", "/stolen");
    std::fs::write(place("stolen/vault.toml"), settings).unwrap();
    assert_eq!(
        check(place("stolen"), &scratch),
        Vec::<String>::new(),
        "the control"
    );
    lose(&scratch, 3);
    let (vault, new) = (place("vault"), place("new"));
    replace_holder(&vault, (3, &new), &[], None).unwrap();
    scratch.ledger = Scratch::open_in(scratch.folder.path().to_owned()).unwrap();
    let status = scratch.ledger.status();
    assert_eq!(status.vault.behind, [3]);
    let epoch = scratch.ledger.renew_root(3).unwrap();
    assert_eq!(epoch, status.epoch + 1);
    let status = scratch.ledger.status();
    assert!(status.vault.behind.is_empty() && status.vault.missing.is_empty());
    let told = scratch.ledger.stream(StreamId::Ledger).unwrap();
    let replaced = told
        .iter()
        .filter(|entry| matches!(&entry.record.event, Event::HolderReplaced(it) if it.holder == 3));
    assert_eq!(replaced.count(), 1);
    let other = forget_somebody(&scratch);
    until(&scratch, "shredded", || is_shredded(&scratch, other));
    scratch.ledger.close().unwrap();
    let vault = scratch.folder.path().join("vault");
    assert_eq!(check(vault, &scratch), Vec::<String>::new());
    // What was stolen opens whatever lived then, and nothing that was written since.
    let stolen = check(scratch.folder.path().join("stolen"), &scratch);
    let old = "the vault does not hold the root of epoch";
    assert!(
        stolen.iter().any(|finding| finding.starts_with(old)),
        "{stolen:?}"
    );
}

#[test]
fn a_shared_vault_serves_the_restored_ledger_alone_also_with_a_holder_away() {
    let scratch = shared(2, 3);
    scratch.ledger.close().unwrap();
    let place = |name: &str| scratch.folder.path().join(name);
    back_up(&place("data"), &place("backup")).unwrap();
    restore(&RestoreOptions {
        from: place("backup"),
        vault: place("vault"),
        data: place("restored"),
        keys: None,
        accept_loss: false,
        passphrase: None,
    })
    .unwrap();
    lose(&scratch, 2);
    let open = |name: &str| Ledger::open(OpenOptions::of(place(name), place("vault")));
    for _ in 0..2 {
        let fault = open("data").err().unwrap();
        assert!(matches!(fault, Fault::AnotherHistory { .. }), "{fault}");
        open("restored").unwrap().close().unwrap();
    }
}
