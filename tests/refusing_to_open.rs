//! What must never pass for "erased": a missing, foreign or old vault, another process, another
//! format.

use std::path::{Path, PathBuf};

use harness::carve::copy;
use harness::scratch::Scratch;
use harness::words;
use ledger::domain::codes::Role;
use ledger::error::{Fault, VaultFault};
use ledger::ledger::{InitOptions, Ledger, OpenOptions, Protection, init};

fn opened(data: &Path, vault: &Path) -> Result<Ledger, Fault> {
    Ledger::open(OpenOptions::of(data.to_owned(), vault.to_owned()))
}

fn fault(outcome: Result<Ledger, Fault>) -> Fault {
    outcome.err().expect("it must not open")
}

/// A closed ledger in which one person was shredded, and a copy of its vault from before.
fn shredded() -> (Scratch, PathBuf, PathBuf, PathBuf) {
    let mut scratch = Scratch::new();
    let (data, vault) = (
        scratch.folder.path().join("data"),
        scratch.folder.path().join("vault"),
    );
    let old = scratch.folder.path().join("old-vault");
    let role = Role::FocalPoint;
    let answer = scratch.done(role, words::open_case("Somebody"));
    let (case, consent) = (words::opened(&answer).0, words::given(&answer));
    scratch.ledger.close().unwrap();
    copy(&vault, &old);
    scratch.ledger = opened(&data, &vault).unwrap();
    scratch.done(role, words::withdraw_now(case, consent));
    scratch.done(role, words::open_case("Another"));
    scratch.ledger.close().unwrap();
    (scratch, data, vault, old)
}

#[test]
fn a_missing_vault_is_named_and_nothing_is_called_erased() {
    let (_scratch, data, vault, _) = shredded();
    let fault = fault(opened(&data, &vault.with_file_name("nowhere")));
    assert!(
        matches!(fault, Fault::Vault(VaultFault::Missing { .. })),
        "{fault}"
    );
    assert!(opened(&data, &vault).is_ok());
}

#[test]
fn an_older_copy_of_the_vault_is_refused_as_old() {
    let (_scratch, data, _, old) = shredded();
    let fault = fault(opened(&data, &old));
    assert!(
        matches!(
            fault,
            Fault::Vault(VaultFault::Old {
                found: 1,
                expected: 2
            })
        ),
        "{fault}"
    );
}

#[test]
fn another_ledgers_vault_is_refused_as_foreign() {
    let (scratch, data, _, _) = shredded();
    let options = InitOptions {
        data: scratch.folder.path().join("other"),
        vault: scratch.folder.path().join("other-vault"),
        origin: "tests.invalid/other".to_owned(),
        test_tier: true,
        protection: Protection::default(),
        organisation: None,
    };
    init(&options).unwrap();
    let fault = fault(opened(&data, &options.vault));
    assert!(
        matches!(fault, Fault::Vault(VaultFault::WrongLedger)),
        "{fault}"
    );
}

#[test]
fn a_second_opening_of_the_same_folder_is_refused() {
    let scratch = Scratch::new();
    let (data, vault) = (
        scratch.folder.path().join("data"),
        scratch.folder.path().join("vault"),
    );
    let fault = fault(opened(&data, &vault));
    assert!(matches!(fault, Fault::Locked { .. }), "{fault}");
    assert!(!fault.to_string().is_empty());
}

#[test]
fn an_unknown_format_is_refused_and_left_as_it_is() {
    let (_scratch, data, vault, _) = shredded();
    let format = data.join("log").join("FORMAT");
    let text = std::fs::read_to_string(&format).unwrap();
    let newer = text.replacen('2', "9", 1);
    std::fs::write(&format, &newer).unwrap();
    let before = harness::carve::files(&[&data]);
    let fault = fault(opened(&data, &vault));
    assert!(
        matches!(fault, Fault::UnknownFormat { version: 9, .. }),
        "{fault}"
    );
    assert_eq!(
        harness::carve::files(&[&data]),
        before,
        "nothing was touched"
    );
}

#[test]
fn a_vault_inside_the_data_folder_is_refused() {
    let folder = tempfile::TempDir::new().unwrap();
    let options = InitOptions {
        data: folder.path().join("data"),
        vault: folder.path().join("data").join("vault"),
        origin: "tests.invalid/log".to_owned(),
        test_tier: true,
        protection: Protection::default(),
        organisation: None,
    };
    assert!(matches!(init(&options), Err(Fault::Unusable(_))));
    assert!(!options.data.exists());
}

#[test]
fn init_never_touches_a_folder_that_holds_something() {
    let folder = tempfile::TempDir::new().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("letter.txt"), "dear").unwrap();
    let vault = folder.path().join("vault");
    let options = InitOptions {
        data: data.clone(),
        vault: vault.clone(),
        origin: "t/log".to_owned(),
        test_tier: true,
        protection: Protection::default(),
        organisation: None,
    };
    assert!(matches!(init(&options), Err(Fault::Unusable(_))));
    assert_eq!(std::fs::read_dir(&data).unwrap().count(), 1);
    assert!(!vault.exists());
}

#[test]
fn a_ledger_that_is_only_opened_and_read_stays_as_it_is_whatever_table_is_given() {
    let mut scratch = Scratch::new();
    let size = scratch.ledger.size();
    scratch.ledger.close().unwrap();
    let other = format!("# another table\n{}", ledger::authorise::DEFAULT_POLICY);
    let open = |policy: Option<String>| {
        Ledger::open(OpenOptions {
            policy,
            ..OpenOptions::of(
                scratch.folder.path().join("data"),
                scratch.folder.path().join("vault"),
            )
        })
    };
    let read = open(Some(other.clone())).unwrap();
    assert_eq!(read.size(), size);
    read.close().unwrap();
    scratch.ledger = open(Some(other)).unwrap();
    scratch.done(Role::FocalPoint, words::open_case("Somebody"));
    let entry = scratch.ledger.records(size, 1).unwrap().remove(0);
    assert_eq!(
        entry.record.event.name(),
        "PolicyInstalled",
        "before the first decision by it"
    );
}
