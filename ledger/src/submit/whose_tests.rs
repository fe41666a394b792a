//! Whose name or detail a personal part is, and that it says so of nothing that a service reads.

use super::tests::{Desk, done};
use crate::decide::tests::{FOCAL, PROVIDER, taken, text};
use crate::domain::codes::{Capacity, DataCategory, PersonRole, ViewPurpose};
use crate::domain::command::{Command, Correcting};
use crate::domain::event::{Event, ViewTarget};
use crate::domain::ids::PersonId;
use crate::domain::personal::{Identity, Personal};
use crate::ledger::{Ledger, PersonalContent, PersonalPart};

/// A caregiver of the desk's case.
fn caregiver(desk: &Desk, ledger: &Ledger) -> PersonId {
    let add = Command::AddPerson {
        case: desk.case,
        role: PersonRole::Caregiver,
        relationship_checked: true,
        identity: Identity {
            name: Some(text("An aunt")),
            details: [(DataCategory::Contact, text("555 0000"))].into(),
        },
        consent: taken(Capacity::Own),
    };
    let done = done(ledger, FOCAL, add);
    let added = done.entries.iter().find_map(|entry| {
        if let Event::PersonAdded(added) = &entry.record.event {
            return Some(added.person);
        }
        None
    });
    added.expect("somebody was added")
}

fn said(part: &PersonalPart) -> String {
    match &part.content {
        PersonalContent::Open(Personal::Name(text)) => text.reveal().to_owned(),
        PersonalContent::Open(Personal::Detail(item)) => item.text.reveal().to_owned(),
        PersonalContent::Open(other) => format!("{other:?}"),
        PersonalContent::Shredded | PersonalContent::Fenced => panic!("closed"),
    }
}

#[test]
fn e3_every_name_and_detail_says_whose_it_is_and_a_correction_of_one_alone_does_too() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let aunt = caregiver(&desk, &ledger);
    for (person, phone) in [(aunt, "555 0100"), (desk.client, "555 0199")] {
        let correct = Command::CorrectPerson(Correcting {
            case: desk.case,
            person,
            identity: Identity {
                name: None,
                details: [(DataCategory::Contact, text(phone))].into(),
            },
        });
        done(&ledger, FOCAL, correct);
    }
    let view = Command::ViewPersonalData {
        case: desk.case,
        target: ViewTarget::Case,
        purpose: ViewPurpose::CaseWork,
    };
    let seen = done(&ledger, FOCAL, view);
    let parts = ledger.open_personal(&seen).unwrap();
    let of = |person| {
        let theirs = parts.iter().filter(|part| part.person == Some(person));
        theirs.map(said).collect::<Vec<_>>()
    };
    let note = "ConsentNote(hidden)";
    assert_eq!(of(aunt), [note, "An aunt", "555 0100"]);
    assert_eq!(of(desk.client), [note, "Invented", note, "555 0199"]);
}

#[test]
fn f2_what_a_service_reads_does_not_say_who_the_person_is_in_the_case() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let referral = desk.sent(&ledger);
    let view = Command::ViewPersonalData {
        case: desk.case,
        target: ViewTarget::Referral(referral),
        purpose: ViewPurpose::Service,
    };
    let seen = done(&ledger, PROVIDER, view);
    let parts = ledger.open_personal(&seen).unwrap();
    let told = |part: &PersonalPart| (part.referral, part.person);
    assert_eq!(
        parts.iter().map(told).collect::<Vec<_>>(),
        [(Some(referral), None)]
    );
}
