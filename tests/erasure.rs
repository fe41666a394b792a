//! What somebody with every byte of both folders can find, before and after a person was forgotten.

use std::collections::HashSet;

use harness::carve::{copy, files, holding};
use harness::scratch::Scratch;
use harness::words;
use ledger::domain::codes::{DataCategory, Role};
use ledger::domain::command::{Command, ShredWish};
use ledger::domain::event::Event;
use ledger::domain::ids::CaseId;
use ledger::domain::personal::Personal;
use ledger::domain::scope::Scope;
use ledger::domain::stream::StreamId;
use ledger::ledger::PersonalContent;
use ledger::shredcheck::{Asked, KeyId, shredcheck};

const CANARIES: [&str; 4] = [
    "Canary Identity",
    "Canary Needs",
    "invented language",
    "invented focal_point",
];

#[test]
fn a_destroyed_key_is_nowhere_and_nothing_leads_to_it_while_a_copy_from_before_still_does() {
    let mut scratch = Scratch::new();
    let (case, consent, other) = scratch.two_cases();
    scratch.ledger.close().expect("it closes");
    let folder = scratch.folder.path().to_owned();
    let place = |name: &str| folder.join(name);
    copy(&place("data"), &place("old-data"));
    copy(&place("vault"), &place("old-vault"));
    scratch.ledger = Scratch::open_in(folder.clone()).expect("it opens");
    scratch.done(Role::FocalPoint, words::withdraw_now(case, consent));
    scratch.done(Role::FocalPoint, words::open_case("Later"));
    let dead = destroyed(&scratch, case);
    let living = living(&scratch, other);
    scratch.ledger.close().expect("it closes");
    let check = |copies: &[&str], vault: &str| {
        let asked = Asked {
            copies: copies.iter().map(|name| place(name)).collect(),
            memories: Vec::new(),
            vault: place(vault),
            passphrase: None,
            records_only: false,
        };
        shredcheck(&asked, &|_, _, _| {}).expect("everything can be read")
    };

    assert!(!dead.is_empty());
    let before = check(&["old-data"], "old-vault");
    assert!(before.shredded.is_empty() && before.findings().is_empty());
    assert!(dead.is_subset(&before.living), "they lived then");
    // An old backup and the present vault together reach no more than the present.
    let after = check(&["data", "old-data"], "vault");
    let found: Vec<String> = after.findings().iter().map(ToString::to_string).collect();
    assert_eq!(found, Vec::<String>::new());
    assert_eq!(after.shredded, dead);
    assert!(living.is_subset(&after.living));
    assert!(after.records["wraps"] > before.records["wraps"]);
    // Whoever has the vault of then has what was open then: the check can see it.
    let control = check(&["data", "old-data"], "old-vault");
    let reached: HashSet<KeyId> = control.shredded_reachable.iter().copied().collect();
    assert_eq!(
        reached, dead,
        "a root from before leads to everything of then"
    );
    assert!(!control.findings().is_empty());

    let bytes = files(&[&place("data"), &place("vault")]);
    for canary in CANARIES {
        assert_eq!(holding(&bytes, canary), Vec::<String>::new(), "{canary}");
        let planted = [("planted".to_owned(), format!("x{canary}x").into_bytes())];
        assert_eq!(
            holding(&planted, canary).len(),
            1,
            "the scan finds what is there"
        );
    }
}

#[test]
fn a_category_withdrawn_is_unreadable_for_good_and_what_else_was_said_stays() {
    let scratch = Scratch::new();
    let service = scratch.service();
    let role = Role::FocalPoint;
    let (case, _) = words::opened(&scratch.done(role, words::open_case("Canary Identity")));
    let items = [
        (DataCategory::Health, "Canary Health"),
        (DataCategory::Needs, "Canary Needs"),
    ];
    scratch.done(role, words::draft(case, service, None, &items));
    let part = Scope {
        categories: [DataCategory::Health].into(),
        ..Scope::default()
    };
    let withdraw = Command::WithdrawConsent {
        case,
        person: None,
        consent: None,
        part: Some(part),
        shred: ShredWish::AtOnce,
    };
    scratch.done(role, withdraw);
    scratch.done(role, words::open_case("Later"));
    let answer = scratch.done(role, words::view(case));
    let parts = scratch.ledger.open_personal(&answer).expect("opened");
    let mut said = Vec::new();
    let mut shredded = 0;
    for part in &parts {
        match &part.content {
            PersonalContent::Open(Personal::Item(item)) => said.push(item.text.reveal()),
            PersonalContent::Open(_) => {}
            PersonalContent::Shredded => shredded += 1,
            PersonalContent::Fenced => panic!("nothing is only fenced"),
        }
    }
    assert_eq!((said, shredded), (vec!["Canary Needs"], 1));
    let dead = destroyed(&scratch, case);
    let living = living(&scratch, case);
    let living: HashSet<_> = living.difference(&dead).copied().collect();
    scratch.ledger.close().expect("it closes");
    assert_eq!((dead.len(), living.len()), (1, 3));
    let folder = scratch.folder.path();
    let vault = folder.join("vault");
    let asked = Asked {
        copies: vec![folder.join("data")],
        memories: Vec::new(),
        vault: vault.clone(),
        passphrase: None,
        records_only: false,
    };
    let found = shredcheck(&asked, &|_, _, _| {}).expect("everything can be read");
    assert!(found.findings().is_empty());
    assert_eq!(found.shredded, dead);
    assert!(living.is_subset(&found.living));
    let report = ledger::fsck::fsck(&folder.join("data"), Some(&vault), None, &|_, _, _| {});
    assert!(report.expect("checked").findings.is_empty());
}

#[test]
fn a_contact_withdrawn_alone_is_dead_in_every_byte_and_the_name_stays_readable() {
    let mut scratch = Scratch::new();
    let role = Role::FocalPoint;
    let contact = (DataCategory::Contact, "Canary Contact");
    let opened = words::open_case_of(words::described("Canary Identity", &[contact]));
    let (case, _) = words::opened(&scratch.done(role, opened));
    scratch.ledger.close().expect("it closes");
    let folder = scratch.folder.path().to_owned();
    let place = |name: &str| folder.join(name);
    copy(&place("data"), &place("old-data"));
    copy(&place("vault"), &place("old-vault"));
    scratch.ledger = Scratch::open_in(folder.clone()).expect("it opens");
    let withdraw = Command::WithdrawConsent {
        case,
        person: None,
        consent: None,
        part: Some(Scope {
            categories: [DataCategory::Contact].into(),
            ..Scope::default()
        }),
        shred: ShredWish::AtOnce,
    };
    scratch.done(role, withdraw);
    scratch.done(role, words::open_case("Later"));
    let answer = scratch.done(role, words::view(case));
    let parts = scratch.ledger.open_personal(&answer).expect("opened");
    let mut names = Vec::new();
    let mut shredded = 0;
    for part in &parts {
        match &part.content {
            PersonalContent::Open(Personal::Name(name)) => names.push(name.reveal()),
            PersonalContent::Open(Personal::Detail(_)) => panic!("the contact is gone"),
            PersonalContent::Open(_) => {}
            PersonalContent::Shredded => shredded += 1,
            PersonalContent::Fenced => panic!("nothing is only fenced"),
        }
    }
    assert_eq!((names, shredded), (vec!["Canary Identity"], 1));
    let dead = destroyed(&scratch, case);
    assert_eq!(dead.len(), 1);
    scratch.ledger.close().expect("it closes");
    let check = |copies: &[&str], vault: &str| {
        let asked = Asked {
            copies: copies.iter().map(|name| place(name)).collect(),
            memories: Vec::new(),
            vault: place(vault),
            passphrase: None,
            records_only: false,
        };
        shredcheck(&asked, &|_, _, _| {}).expect("everything can be read")
    };
    // Even with the copies from before, the present vault reaches the dead key nowhere.
    let after = check(&["data", "old-data"], "vault");
    assert!(after.findings().is_empty());
    assert_eq!(after.shredded, dead);
    // The vault of then does: the check can see it.
    let control = check(&["data", "old-data"], "old-vault");
    let reached: HashSet<KeyId> = control.shredded_reachable.iter().copied().collect();
    assert_eq!(reached, dead);
    let bytes = files(&[&place("data"), &place("vault")]);
    for canary in ["Canary Contact", "Canary Identity"] {
        assert_eq!(holding(&bytes, canary), Vec::<String>::new(), "{canary}");
        let planted = [("planted".to_owned(), format!("x{canary}x").into_bytes())];
        assert_eq!(holding(&planted, canary).len(), 1, "what is there is found");
    }
}

fn destroyed(scratch: &Scratch, case: CaseId) -> HashSet<KeyId> {
    let mut dead = HashSet::new();
    for entry in scratch
        .ledger
        .stream(StreamId::Case(case))
        .expect("its stream")
    {
        if let Event::Shredded(shredded) = &entry.record.event {
            dead.extend(shredded.keys.iter().map(|key| KeyId(key.0)));
        }
    }
    dead
}

fn living(scratch: &Scratch, case: CaseId) -> HashSet<KeyId> {
    let case = scratch
        .ledger
        .case(case)
        .expect("it loads")
        .expect("it exists");
    case.leaves.values().map(|key| KeyId(key.0)).collect()
}
