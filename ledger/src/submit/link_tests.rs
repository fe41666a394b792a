//! Linked files in a whole ledger: a link's key goes with it, from either side (MISSION C14).

use crate::decide::tests::{FOCAL, all_categories, identity, taken};
use crate::domain::codes::*;
use crate::domain::command::{Caller, Command, ShredWish};
use crate::domain::event::Event;
use crate::domain::ids::{CaseId, LinkId, PersonId};
use crate::domain::link::{LinkAgreed, Linking};
use crate::domain::stream::StreamId;
use crate::fsck::fsck;
use crate::keys::is_dead;
use crate::ledger::{Answer, Ledger};
use crate::submit::tests::{Desk, request};

fn submitted(ledger: &Ledger, caller: Caller, command: Command) -> Answer {
    match ledger.submit(request(caller, command)) {
        Ok(answer) => answer,
        Err(_) => panic!("it was refused"),
    }
}

fn second_file(ledger: &Ledger) -> (CaseId, PersonId) {
    let open = Command::OpenCase {
        identity: Some(identity("Invented")),
        age_group: AgeGroup::Adult,
        sensitivity: Sensitivity::Standard,
        consent: Some(taken(Capacity::Own)),
        categories: all_categories(),
    };
    let opened = submitted(ledger, Caller::Staff(FOCAL), open);
    let opened = opened.entries.iter().find_map(|entry| {
        let Event::CaseOpened(it) = &entry.record.event else {
            return None;
        };
        Some((it.case, it.client))
    });
    opened.expect("a case")
}

fn own(client: PersonId) -> LinkAgreed {
    LinkAgreed {
        given_by: Some(client),
        capacity: Capacity::Own,
        child_agrees: false,
        form: ConsentForm::Oral,
    }
}

#[test]
fn c14_the_key_of_a_link_is_destroyed_with_its_end_and_nothing_of_it_is_read() {
    // given a link of two files, of which neither stream tells
    let desk = Desk::new();
    let ledger = desk.opened();
    let (other, client) = second_file(&ledger);
    let versions = || [desk.case, other].map(|id| ledger.case(id).unwrap().unwrap().version);
    let before = versions();
    let linking = Command::LinkCases(Linking {
        case: desk.case,
        other,
        relationship: Relationship::Sibling,
        agreed: own(desk.client),
        other_agreed: own(client),
    });
    let linked = submitted(&ledger, Caller::Staff(FOCAL), linking);
    let position = linked.entries[0].position;
    let StreamId::Link(link) = linked.entries[0].record.stream else {
        panic!("a link")
    };
    assert_eq!(versions(), before);
    assert_eq!(ledger.stream(StreamId::Link(link)).unwrap().len(), 1);
    // when one side takes everything back, and the ledger finds it
    let withdraw = Command::WithdrawConsent {
        case: other,
        person: None,
        consent: None,
        part: None,
        shred: ShredWish::AtOnce,
    };
    submitted(&ledger, Caller::Staff(FOCAL), withdraw);
    submitted(&ledger, Caller::System, Command::LapseLink { link });
    ledger.close().unwrap();
    // then its key is dead, nobody reads it, and the files are as they were
    let writer = desk.writer();
    let leaf = writer.shared.record_key_at(position).unwrap();
    assert!(is_dead(&writer.shared.reader, leaf).unwrap());
    writer.close().unwrap();
    let ledger = desk.opened();
    assert!(ledger.is_closed_at(position).unwrap());
    let all = ledger.records(0, 10_000).unwrap();
    let tells = |id: LinkId| move |stream: StreamId| stream == StreamId::Link(id);
    assert!(!all.iter().map(|it| it.record.stream).any(tells(link)));
    let case = ledger.case(desk.case).unwrap().expect("it stays");
    assert_eq!(case.version, before[0]);
    ledger.close().unwrap();
    let folder = desk.folder.path();
    let (data, vault) = (folder.join("data"), folder.join("vault"));
    let report = fsck(&data, Some(&vault), None, &|_, _, _| {}).unwrap();
    assert_eq!(report.findings, Vec::new());
}
