//! The name of a member of staff who left, and what stays of them: an id.

use super::tests::{Hands, ask, let_loose, refused};
use super::*;
use crate::decide::tests::{HOME, text};
use crate::domain::codes::Role;
use crate::domain::command::{Caller, Command};
use crate::domain::event::Event;
use crate::domain::ids::{StaffId, SweepId};
use crate::domain::stream::StreamId;
use crate::ledger::{Ledger, PersonalContent};
use crate::refusal::Refusal;
use crate::submit::tests::{Desk, request};

const ADMINISTRATOR: StaffId = StaffId([18; 16]);
const GONE: StaffId = StaffId([77; 16]);

/// Somebody who had a role once.
fn desk() -> Desk {
    let desk = Desk::new();
    let ledger = desk.opened();
    let register = Command::RegisterStaff {
        staff: GONE,
        organisation: HOME,
        name: text("invented"),
        roles: [Role::FrontLine].into(),
    };
    ask(&ledger, ADMINISTRATOR, register);
    ledger.close().unwrap();
    desk
}

fn leave(ledger: &Ledger) {
    let role = Role::FrontLine;
    ask(
        ledger,
        ADMINISTRATOR,
        Command::RevokeRole { staff: GONE, role },
    );
}

fn name_is_there(ledger: &Ledger) -> bool {
    let view = request(
        Caller::Staff(ADMINISTRATOR),
        Command::ViewStaff { staff: GONE },
    );
    let seen = ledger.submit(view).unwrap();
    let parts = ledger.open_personal(&seen).unwrap();
    parts
        .iter()
        .any(|part| matches!(part.content, PersonalContent::Open(_)))
}

#[test]
fn the_name_of_who_left_goes_by_its_rule_and_is_certified_and_the_id_stays() {
    let desk = desk();
    let ledger = desk.opened();
    leave(&ledger);
    let left = ledger.staff(GONE).unwrap().unwrap().left().unwrap();
    ledger.close().unwrap();
    let over = left.plus_months(RetentionRules::default().staff().months);
    let ledger = Ledger::open_by(desk.options(), Hands::at(over)).unwrap();
    let end = Command::EndStaffName { staff: GONE };
    let by_staff = refused(&ledger, Caller::Staff(ADMINISTRATOR), end.clone());
    assert_eq!(by_staff, Refusal::NotAllowed);
    let alone = refused(&ledger, Caller::System, end.clone());
    assert_eq!(alone, Refusal::RetentionNotApproved);
    let_loose(&ledger, SweepId([1; 16]));
    assert!(name_is_there(&ledger));
    ledger.submit(request(Caller::System, end.clone())).unwrap();
    assert!(!name_is_there(&ledger), "fenced at once");
    assert_eq!(refused(&ledger, Caller::System, end), Refusal::NotDue);
    let role = Role::FrontLine;
    let grant = Command::GrantRole { staff: GONE, role };
    let back = refused(&ledger, Caller::Staff(ADMINISTRATOR), grant);
    assert_eq!(back, Refusal::Shredded, "who comes back is registered anew");
    ledger.close().unwrap();
    let mut writer = desk.writer();
    while !writer.uncertified.is_empty() {
        writer.certify();
    }
    let entries = writer.shared.stream(StreamId::Staff(GONE)).unwrap();
    let note = entries.iter().find_map(|entry| {
        let Event::ErasureCertified(it) = &entry.record.event else {
            return None;
        };
        Some(it.note.0.clone())
    });
    let note = note.expect("a certificate");
    let named = note.contains(&format!("stream staff {GONE}\n"));
    assert!(named && note.contains(" retention "), "{note}");
    assert!(note.contains(" staff 1\n"), "{note}");
}

#[test]
fn who_has_a_role_or_a_token_that_works_keeps_the_name_however_long_ago() {
    let desk = desk();
    let ledger = desk.opened();
    let rules = RetentionRules::default();
    let later = ledger.now().plus_months(500);
    let staff = ledger.staff(GONE).unwrap().unwrap();
    assert_eq!(staff_over(&staff, &rules, later), None, "a role");
    leave(&ledger);
    let digest = [9; 32];
    let expires = ledger.now().plus_months(6);
    let token = Command::IssueToken {
        staff: GONE,
        digest,
        expires,
    };
    ask(&ledger, ADMINISTRATOR, token);
    let staff = ledger.staff(GONE).unwrap().unwrap();
    let since = expires.plus_months(rules.staff().months);
    assert_eq!(staff_over(&staff, &rules, since).unwrap().since, since);
    let before = crate::clock::Timestamp(since.0 - 1);
    assert_eq!(staff_over(&staff, &rules, before), None);
    assert!(name_is_there(&ledger));
    let seen = ledger.staff(GONE).unwrap().unwrap();
    assert_eq!(seen.left(), staff.left(), "looking is not working");
}
