//! What somebody with every byte of both folders can find, before and after a person was forgotten.

use std::collections::HashSet;

use harness::carve::{carve, files, holding};
use harness::scratch::Scratch;
use harness::words;
use ledger::domain::codes::{Capacity, DataCategory, Role};
use ledger::domain::command::{Command, ShredWish};
use ledger::domain::event::Event;
use ledger::domain::ids::{CaseId, ConsentId};
use ledger::domain::personal::Personal;
use ledger::domain::scope::Scope;
use ledger::domain::stream::StreamId;
use ledger::ledger::PersonalContent;

const CANARIES: [&str; 4] = [
    "Canary Identity",
    "Canary Needs",
    "invented language",
    "invented focal_point",
];

/// A case with a consented referral draft, and another case that nothing happens to.
fn two_cases(scratch: &Scratch) -> (CaseId, ConsentId, CaseId) {
    let service = scratch.service();
    let role = Role::FocalPoint;
    let (case, client) = words::opened(&scratch.done(role, words::open_case("Canary Identity")));
    let scope = words::scope(scratch.partner, &[DataCategory::Needs]);
    let give = words::give(case, client, scope, Capacity::Own);
    let consent = words::given(&scratch.done(role, give));
    let items = [(DataCategory::Needs, "Canary Needs")];
    scratch.done(
        role,
        words::draft(case, service, Some(consent.into()), &items),
    );
    let other = words::opened(&scratch.done(role, words::open_case("Somebody Else"))).0;
    (case, consent, other)
}

/// Every byte of the data folder and the vault.
fn bytes_of(scratch: &Scratch) -> Vec<(String, Vec<u8>)> {
    let folder = scratch.folder.path();
    files(&[
        folder.join("data").as_path(),
        folder.join("vault").as_path(),
    ])
}

#[test]
fn a_destroyed_key_is_nowhere_and_nothing_leads_to_it_while_a_copy_from_before_still_does() {
    let mut scratch = Scratch::new();
    let (case, consent, other) = two_cases(&scratch);
    scratch.ledger.close().expect("it closes");
    let before = bytes_of(&scratch);
    scratch.ledger = Scratch::open_in(scratch.folder.path().to_owned()).expect("it opens");
    scratch.done(Role::FocalPoint, words::withdraw_now(case, consent));
    scratch.done(Role::FocalPoint, words::open_case("Later"));
    let dead = destroyed(&scratch, case);
    let living = living(&scratch, other);
    scratch.ledger.close().expect("it closes");
    let after = bytes_of(&scratch);

    assert!(!dead.is_empty());
    let control = carve(&before);
    let found = carve(&after);
    assert!(
        control.wraps > 0 && found.wraps > control.wraps,
        "the carving finds records"
    );
    assert!(
        dead.is_subset(&control.reachable),
        "the control reaches what lived then"
    );
    assert!(
        living.is_subset(&found.reachable),
        "the living are still reachable"
    );
    assert!(
        found.reachable.is_disjoint(&dead),
        "nothing leads to a destroyed key"
    );
    assert!(
        found.lying_open.is_disjoint(&dead),
        "no destroyed key lies anywhere"
    );
    assert_eq!(
        found.lying_open.len(),
        1,
        "only the root lies in the clear, in the vault"
    );
    assert!(
        dead.is_subset(&found.named),
        "the records of the dead are there, and useless"
    );
    // An old backup and the present vault together reach no more than the present.
    let mut mixed = before;
    mixed.retain(|(name, _)| !name.contains("/vault/"));
    mixed.extend(after.iter().cloned());
    assert!(
        carve(&mixed).reachable.is_disjoint(&dead),
        "an old copy revives nobody"
    );
    for canary in CANARIES {
        assert_eq!(holding(&after, canary), Vec::<String>::new(), "{canary}");
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
    let mut scratch = Scratch::new();
    let service = scratch.service();
    let role = Role::FocalPoint;
    let (case, _) = words::opened(&scratch.done(role, words::open_case("Canary Identity")));
    let items = [
        (DataCategory::Health, "Canary Health"),
        (DataCategory::Needs, "Canary Needs"),
    ];
    scratch.done(role, words::draft(case, service, None, &items));
    scratch.ledger.close().expect("it closes");
    let before = bytes_of(&scratch);
    scratch.ledger = Scratch::open_in(scratch.folder.path().to_owned()).expect("it opens");
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
    let after = bytes_of(&scratch);
    assert_eq!((dead.len(), living.len()), (1, 2));
    assert!(dead.is_subset(&carve(&before).reachable));
    let found = carve(&after);
    assert!(found.reachable.is_disjoint(&dead));
    assert!(living.is_subset(&found.reachable));
    let folder = scratch.folder.path();
    let vault = folder.join("vault");
    let report = ledger::fsck::fsck(&folder.join("data"), Some(&vault), &|_, _, _| {});
    assert!(report.expect("checked").findings.is_empty());
}

fn destroyed(scratch: &Scratch, case: CaseId) -> HashSet<[u8; 16]> {
    let mut dead = HashSet::new();
    for entry in scratch
        .ledger
        .stream(StreamId::Case(case))
        .expect("its stream")
    {
        if let Event::Shredded(shredded) = &entry.record.event {
            dead.extend(shredded.keys.iter().map(|key| key.0));
        }
    }
    dead
}

fn living(scratch: &Scratch, case: CaseId) -> HashSet<[u8; 16]> {
    let case = scratch
        .ledger
        .case(case)
        .expect("it loads")
        .expect("it exists");
    case.leaves.values().map(|key| key.0).collect()
}
