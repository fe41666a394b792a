//! The limit of what one member of staff has destroyed at once within a day.

use crate::decide::tests::FOCAL;
use crate::domain::command::{Caller, Command, ShredWish};
use crate::domain::ids::{CaseId, StaffId};
use crate::erase::tests::opened_case;
use crate::ledger::{Answer, Ledger, Rejection};
use crate::refusal::Refusal;
use crate::submit::tests::{Desk, request};

const LIMIT_OF_TWO: (&str, &str) = ("at_once_per_day = 1000", "at_once_per_day = 2");

fn everything(case: CaseId, shred: ShredWish) -> Command {
    Command::WithdrawConsent {
        case,
        person: None,
        consent: None,
        part: None,
        shred,
    }
}

fn refused(outcome: &Result<Answer, Rejection>) -> Option<Refusal> {
    match outcome {
        Ok(_) => None,
        Err(Rejection::Refused(refused)) => Some(refused.refusal),
        Err(fault) => panic!("{fault:?}"),
    }
}

#[test]
fn nobody_alone_has_more_people_destroyed_at_once_in_a_day_than_the_limit_says() {
    let desk = Desk::new();
    let ledger = desk.changed(&[LIMIT_OF_TWO]);
    let cases: Vec<CaseId> = (0..3).map(|_| opened_case(&ledger)).collect();
    let at_once = cases
        .iter()
        .map(|case| everything(*case, ShredWish::AtOnce));
    let at_once = at_once.map(|command| request(Caller::Staff(FOCAL), command));
    // In one group, where nothing of the others is durable yet.
    let outcomes = ledger.submit_together(at_once.collect());
    let told: Vec<_> = outcomes.iter().map(refused).collect();
    assert_eq!(told, [None, None, Some(Refusal::DestructionLimit)]);
    ledger.close().unwrap();
    // Neither a restart nor patience of a moment gives more.
    let ledger = desk.changed(&[LIMIT_OF_TWO]);
    let ask = |staff: StaffId, shred: ShredWish| {
        let command = everything(cases[2], shred);
        refused(&ledger.submit(request(Caller::Staff(staff), command)))
    };
    let limit = Some(Refusal::DestructionLimit);
    assert_eq!(ask(FOCAL, ShredWish::AtOnce), limit);
    assert_eq!(ask(FOCAL, ShredWish::AfterPeriod), None);
    assert_eq!(ask(FOCAL, ShredWish::AtOnce), limit, "nor hastens it");
    let officer = StaffId([15; 16]);
    assert_eq!(ask(officer, ShredWish::AtOnce), None);
    ledger.close().unwrap();
    let ledger = desk.opened();
    for case in cases {
        let case = ledger.case(case).unwrap().unwrap();
        assert_eq!(case.shredded.len(), case.leaves.len());
    }
}

#[test]
fn nobody_alone_has_everybody_destroyed_where_no_period_is_set() {
    let desk = Desk::new();
    let limits = [
        ("at_once_per_day = 1000", "at_once_per_day = 1"),
        (
            "after_withdrawal = \"30 days\"",
            "after_withdrawal = \"0 days\"",
        ),
    ];
    let ledger = desk.changed(&limits);
    let cases: Vec<CaseId> = (0..4).map(|_| opened_case(&ledger)).collect();
    let ask = |ledger: &Ledger, case| {
        let command = everything(case, ShredWish::AfterPeriod);
        refused(&ledger.submit(request(Caller::Staff(FOCAL), command)))
    };
    let limit = Some(Refusal::DestructionLimit);
    assert_eq!(ask(&ledger, cases[0]), None);
    assert_eq!(ask(&ledger, cases[1]), limit);
    ledger.close().unwrap();
    let ledger = desk.opened();
    assert_eq!(ask(&ledger, cases[2]), limit, "a restart gives no more");
    ledger.close().unwrap();
    let ledger = desk.opened();
    let dead = |id: &CaseId| !ledger.case(*id).unwrap().unwrap().shredded.is_empty();
    let gone: Vec<bool> = cases.iter().map(dead).collect();
    assert_eq!(gone, [true, false, false, false]);
}
