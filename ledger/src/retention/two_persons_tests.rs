//! What ends a hold, and what becomes of a sweep that nobody agrees to.

use super::tests::{ask, refused};
use super::*;
use crate::clock::DAY_MS;
use crate::decide::tests::{FOCAL, PROVIDER};
use crate::domain::codes::HoldReason;
use crate::domain::command::{Caller, Command, Holding};
use crate::domain::event::Event;
use crate::domain::ids::{HoldId, StaffId, SweepId};
use crate::ledger::Ledger;
use crate::refusal::Refusal;
use crate::submit::tests::{Desk, request};

const OFFICER: StaffId = StaffId([15; 16]);
const COORDINATOR: StaffId = StaffId([17; 16]);

fn placed(ledger: &Ledger, desk: &Desk) -> HoldId {
    let hold = Command::PlaceHold(Holding {
        case: desk.case,
        person: None,
        reason: HoldReason::LegalOrder,
        until: ledger.now().plus_ms(30 * DAY_MS),
    });
    let answer = ledger
        .submit(request(Caller::Staff(OFFICER), hold))
        .unwrap();
    let Event::HoldPlaced(placed) = &answer.entries[0].record.event else {
        panic!("a hold");
    };
    placed.hold
}

fn in_force(ledger: &Ledger, desk: &Desk, hold: HoldId) -> bool {
    let case = ledger.case(desk.case).unwrap().unwrap();
    case.holds[&hold].is_in_force(ledger.now())
}

#[test]
fn a_hold_ends_before_its_day_only_if_a_second_person_agrees() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let hold = placed(&ledger, &desk);
    let case = desk.case;
    let decide = |confirm| Command::DecideHold {
        case,
        hold,
        confirm,
    };
    let nobody_asked = refused(&ledger, Caller::Staff(FOCAL), decide(true));
    assert_eq!(nobody_asked, Refusal::NotFound);
    let release = Command::ReleaseHold { case, hold };
    ask(&ledger, OFFICER, release.clone());
    assert!(in_force(&ledger, &desk, hold), "asking ends nothing");
    let again = refused(&ledger, Caller::Staff(OFFICER), release.clone());
    assert_eq!(again, Refusal::AlreadyExists);
    let own = refused(&ledger, Caller::Staff(OFFICER), decide(true));
    assert_eq!(own, Refusal::SecondPersonRequired);
    for other in [COORDINATOR, PROVIDER] {
        let refusal = refused(&ledger, Caller::Staff(other), decide(true));
        assert!(
            matches!(refusal, Refusal::NotAllowed | Refusal::NotFound),
            "{refusal}"
        );
    }
    ask(&ledger, FOCAL, decide(false));
    assert!(in_force(&ledger, &desk, hold), "it was left");
    let over = refused(&ledger, Caller::Staff(FOCAL), decide(true));
    assert_eq!(
        over,
        Refusal::NotFound,
        "what was rejected is asked for again"
    );
    ask(&ledger, OFFICER, release);
    ask(&ledger, FOCAL, decide(true));
    assert!(!in_force(&ledger, &desk, hold));
}

#[test]
fn a_sweep_that_nobody_agreed_to_is_taken_back_whatever_the_rules_are_now() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let sweep = SweepId([1; 16]);
    ask(&ledger, OFFICER, Command::RequestSweep { sweep, cases: 1 });
    ledger.close().unwrap();
    let mut options = desk.options();
    options.retention = Some(DEFAULT_RETENTION.replace("version = 1", "version = 2"));
    let ledger = Ledger::open(options).unwrap();
    let approve = Command::ApproveSweep { sweep };
    let stale = refused(&ledger, Caller::Staff(COORDINATOR), approve.clone());
    assert_eq!(stale, Refusal::VersionConflict);
    let withdraw = Command::WithdrawSweep { sweep };
    let not_theirs = refused(&ledger, Caller::Staff(FOCAL), withdraw.clone());
    assert_eq!(not_theirs, Refusal::NotAllowed);
    ask(&ledger, OFFICER, withdraw.clone());
    for over in [withdraw, approve] {
        let refusal = refused(&ledger, Caller::Staff(OFFICER), over);
        assert_eq!(refusal, Refusal::NotFound);
    }
}
