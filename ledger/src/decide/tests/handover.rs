//! C15. Handing a case over in two steps.

use super::*;

fn offer(world: &World, staff: StaffId) -> Command {
    Command::OfferHandover {
        case: world.id(),
        staff,
        with: [].into(),
    }
}

fn take(world: &World, take: bool) -> Command {
    Command::TakeHandover {
        case: world.id(),
        take,
        with: [].into(),
    }
}

fn offered() -> World {
    let mut world = World::adult();
    let command = offer(&world, FRONT_TWO);
    let names = ["HandoverOffered", "StaffAssigned", "HandoverTied"];
    world.ask(FRONT, command).done(&names);
    world
}

#[test]
fn c15_a_case_is_offered_and_taken_and_at_no_moment_nobodys() {
    let mut world = offered();
    assert_eq!(world.state().assigned, [FRONT, FRONT_TWO].into());
    let command = take(&world, true);
    let names = ["HandoverTaken", "StaffUnassigned"];
    world.ask(FRONT_TWO, command.clone()).done(&names);
    assert_eq!(world.state().assigned, [FRONT_TWO].into());
    world.ask(FRONT_TWO, command).refused(Refusal::NothingToDo);
}

#[test]
fn c15_an_offer_lists_what_is_open() {
    let needs = DataCategory::Needs;
    let mut world = World::adult();
    let ended = world.reviewed(&[needs]);
    let recall = Command::RecallReferral {
        case: world.id(),
        referral: ended,
        reason: ReferralReason::Other,
    };
    world.ask(FOCAL, recall).done(&["ReferralRecalled"]);
    let open = world.reviewed(&[needs]);
    let command = offer(&world, FRONT_TWO);
    let done = world.ask(FRONT, command).0.expect("offered");
    let Event::HandoverOffered(it) = &done.records[0].event else {
        panic!("{:?}", done.records)
    };
    assert_eq!((it.from, it.to), (FRONT, FRONT_TWO));
    assert_eq!(it.referrals, [open]);
}

#[test]
fn c15_who_does_not_take_a_case_is_off_it_again_unless_they_worked_on_it() {
    let mut world = offered();
    let decline = take(&world, false);
    let names = ["HandoverDeclined", "StaffUnassigned"];
    world.ask(FRONT_TWO, decline.clone()).done(&names);
    assert_eq!(world.state().assigned, [FRONT].into());
    let case = world.id();
    let staff = FRONT_TWO;
    let assign = Command::AssignStaff { case, staff };
    world.ask(FRONT, assign).done(&["StaffAssigned"]);
    let again = offer(&world, FRONT_TWO);
    world
        .ask(FRONT, again)
        .done(&["HandoverOffered", "HandoverTied"]);
    world.ask(FRONT_TWO, decline).done(&["HandoverDeclined"]);
    assert_eq!(world.state().assigned, [FRONT, FRONT_TWO].into());
}

#[test]
fn c15_only_who_was_asked_takes_and_only_who_offered_takes_it_back() {
    let mut world = offered();
    let case = world.id();
    let assign = Command::AssignStaff { case, staff: FOCAL };
    world.ask(FRONT, assign).done(&["StaffAssigned"]);
    for (caller, yes) in [(FOCAL, true), (FOCAL, false), (FRONT, true)] {
        let command = take(&world, yes);
        world.ask(caller, command).refused(Refusal::NotAllowed);
    }
    let back = take(&world, false);
    world.ask(FRONT, back).0.expect("taken back");
    assert_eq!(world.state().handover, None);
}

#[test]
fn c15_a_case_is_offered_to_whoever_works_on_cases_and_to_nobody_else() {
    for staff in [COORDINATOR, ADMIN, AUDITOR, SAFE, DPO, DELEGATE] {
        let mut world = World::with_case(AgeGroup::Minor, Sensitivity::Restricted);
        let case = world.id();
        for command in [offer(&world, staff), Command::AssignStaff { case, staff }] {
            let refused = world.ask(FRONT, command);
            refused.refused_about(Refusal::NotFound, "staff");
        }
    }
}

#[test]
fn c15_a_case_is_never_left_with_nobody_and_whoever_works_on_it_can_leave_all_the_same() {
    let mut world = World::adult();
    let case = world.id();
    let off = |staff| Command::UnassignStaff { case, staff };
    let on = |staff| Command::AssignStaff { case, staff };
    for caller in [FOCAL, CHILD] {
        let refused = world.ask(caller, off(FRONT));
        refused.refused_about(Refusal::NotAllowed, "last");
    }
    // An offer that was not answered yet puts nobody in charge.
    let command = offer(&world, FRONT_TWO);
    let names = ["HandoverOffered", "StaffAssigned", "HandoverTied"];
    world.ask(FRONT, command).done(&names);
    let refused = world.ask(FOCAL, off(FRONT));
    refused.refused_about(Refusal::NotAllowed, "last");
    let decline = take(&world, false);
    let names = ["HandoverDeclined", "StaffUnassigned"];
    world.ask(FRONT_TWO, decline).done(&names);
    // Somebody else is put on it first.
    world.ask(FOCAL, on(FOCAL)).done(&["StaffAssigned"]);
    world.ask(FOCAL, off(FRONT)).done(&["StaffUnassigned"]);
    assert_eq!(world.state().assigned, [FOCAL].into());
}

#[test]
fn c15_nobody_hands_over_what_is_not_theirs_to_themselves_or_twice() {
    let mut world = World::adult();
    let command = offer(&world, FRONT_TWO);
    world
        .ask(FOCAL, command.clone())
        .refused(Refusal::NotAllowed);
    let own = offer(&world, FRONT);
    world.ask(FRONT, own).refused(Refusal::NothingToDo);
    let outside = offer(&world, PROVIDER);
    let refused = world.ask(FRONT, outside);
    refused.refused_about(Refusal::NotFound, "staff");
    world.ask(FRONT, command.clone()).0.expect("offered");
    let twice = world.ask(FRONT, command);
    twice.refused_about(Refusal::AlreadyExists, "handover");
}

#[test]
fn c15_an_offer_ends_with_who_is_taken_off_the_case_and_it_can_be_offered_again() {
    for gone in [FRONT, FRONT_TWO] {
        let mut world = offered();
        let case = world.id();
        let assign = Command::AssignStaff { case, staff: FOCAL };
        world.ask(FRONT, assign).done(&["StaffAssigned"]);
        let unassign = Command::UnassignStaff { case, staff: gone };
        world.ask(FOCAL, unassign).done(&["StaffUnassigned"]);
        assert_eq!(world.state().handover, None);
        let left = if gone == FRONT { FRONT_TWO } else { FRONT };
        // Whoever is left is not sent away by an answer to an offer that is no more.
        let decline = take(&world, false);
        world.ask(left, decline).refused(Refusal::NothingToDo);
        assert_eq!(world.state().assigned, [FOCAL, left].into());
        let again = offer(&world, gone);
        let names = ["HandoverOffered", "StaffAssigned", "HandoverTied"];
        world.ask(left, again).done(&names);
    }
}

/// Two files of a family that `FRONT` works on.
fn family() -> (World, CaseId, CaseId) {
    let mut world = World::adult();
    let case = world.id();
    let other = world.another_file(FRONT, AgeGroup::Adult, Sensitivity::Restricted);
    (world, case, other)
}

fn offer_both(case: CaseId, with: CaseId) -> Command {
    Command::OfferHandover {
        case,
        staff: FRONT_TWO,
        with: [with].into(),
    }
}

fn answer_both(case: CaseId, with: CaseId, take: bool) -> Command {
    Command::TakeHandover {
        case,
        take,
        with: [with].into(),
    }
}

#[test]
fn c14_files_that_are_offered_together_are_taken_together_or_not_at_all() {
    let (mut world, case, other) = family();
    world
        .ask(FRONT, offer_both(case, other))
        .0
        .expect("offered");
    for alone in [case, other] {
        let command = Command::TakeHandover {
            case: alone,
            take: true,
            with: [].into(),
        };
        let refused = world.ask(FRONT_TWO, command);
        refused.refused_about(Refusal::HandoverWhole, "case");
    }
    // Whichever is named first.
    let names = ["HandoverTaken", "StaffUnassigned"].repeat(2);
    let taken = world.clone().ask(FRONT_TWO, answer_both(other, case, true));
    taken.done(&names);
    let command = answer_both(case, other, true);
    world.ask(FRONT_TWO, command).done(&names);
    for id in [case, other] {
        assert_eq!(world.cases[&id].assigned, [FRONT_TWO].into());
    }
}

#[test]
fn c14_files_that_are_not_taken_stay_with_who_offered_them() {
    let (mut world, case, other) = family();
    world
        .ask(FRONT, offer_both(case, other))
        .0
        .expect("offered");
    let names = ["HandoverDeclined", "StaffUnassigned"].repeat(2);
    for caller in [FRONT, FRONT_TWO] {
        let mut world = world.clone();
        world
            .ask(caller, answer_both(case, other, false))
            .done(&names);
        for id in [case, other] {
            assert_eq!(world.cases[&id].assigned, [FRONT].into());
            assert_eq!(world.cases[&id].handover, None);
        }
    }
}

#[test]
fn c14_what_was_offered_alone_is_not_taken_with_another() {
    let (mut world, case, other) = family();
    for id in [case, other] {
        world.case = Some(id);
        let command = offer(&world, FRONT_TWO);
        world.ask(FRONT, command).0.expect("offered");
    }
    let refused = world.ask(FRONT_TWO, answer_both(case, other, true));
    refused.refused(Refusal::HandoverWhole);
}

#[test]
fn c14_neither_file_tells_whether_another_goes_with_it() {
    let (mut world, case, other) = family();
    let mut alone = world.clone();
    alone.case = Some(case);
    let command = offer(&alone, FRONT_TWO);
    let alone = alone.ask(FRONT, command).0.expect("offered").records;
    let both = world.ask(FRONT, offer_both(case, other));
    let both = both.0.expect("offered").records;
    let of = |id| {
        both.iter()
            .filter(move |one| one.stream == StreamId::Case(id))
    };
    let names = |one: &Record| one.event.name();
    assert!(of(case).map(names).eq(alone.iter().map(names)));
    for (file, another) in [(case, other), (other, case)] {
        for record in of(file) {
            let told = format!("{:?}", record.event);
            assert!(!told.contains(&another.to_string()), "{told}");
        }
    }
    let ties: BTreeSet<_> = both
        .iter()
        .filter_map(|one| match &one.event {
            Event::HandoverTied(it) => Some((it.salt, it.files)),
            _ => None,
        })
        .collect();
    assert_eq!(ties.len(), 2, "nothing is the same in both");
}

#[test]
fn c14_nobody_hands_over_a_file_with_one_that_they_do_not_work_on_or_may_not_know() {
    let (mut world, case, other) = family();
    // A restricted file that the focal point does not work on is not known to them.
    let assign = Command::AssignStaff { case, staff: FOCAL };
    world.ask(FRONT, assign).0.expect("assigned");
    let refused = world.ask(FOCAL, offer_both(case, other));
    refused.refused_about(Refusal::NotFound, "with");
    let nowhere = world.ask(FRONT, offer_both(case, CaseId([0xee; 16])));
    nowhere.refused_about(Refusal::NotFound, "with");
    // Of a file that is hidden, and of one that there is not, the same is said.
    for first in [other, CaseId([0xee; 16])] {
        let hidden = world.ask(FOCAL, offer_both(first, CaseId([0xef; 16])));
        hidden.refused_about(Refusal::NotFound, "case");
    }
    let itself = world.ask(FRONT, offer_both(case, case));
    itself.refused_about(Refusal::Malformed, "with_case_ids");
}
