//! C15. Who stands in for somebody absent, and what that opens.

use super::*;
use crate::domain::deputy::Deputyship;

const TODAY: Day = Day(20_000);

fn naming(staff: StaffId, absent: StaffId, days: (u32, u32)) -> Command {
    Command::NameDeputy(NamingDeputy {
        staff,
        absent,
        first: Day(TODAY.0 + days.0),
        last: Day(TODAY.0 + days.1),
    })
}

fn deciding(staff: StaffId, absent: StaffId, confirm: bool) -> Command {
    Command::DecideDeputy(DecidingDeputy {
        staff,
        absent,
        confirm,
    })
}

fn viewing(world: &World) -> Command {
    Command::ViewPersonalData {
        case: world.id(),
        target: ViewTarget::Case,
        purpose: ViewPurpose::CaseWork,
    }
}

/// A world in which `FRONT_TWO` stands in for `FRONT`, who works on the case, for five days.
fn standing_in(sensitivity: Sensitivity) -> World {
    let mut world = World::with_case(AgeGroup::Adult, sensitivity);
    let named = world.ask(FRONT, naming(FRONT_TWO, FRONT, (0, 4)));
    named.done(&["DeputyNamed", "DeputyNamed"]);
    world
}

impl World {
    fn gives(&mut self, staff: StaffId, role: Role) {
        let staff = self.staff.get_mut(&staff).expect("known");
        Arc::make_mut(staff).roles.insert(role);
    }
}

#[test]
fn c15_a_deputy_sees_and_does_what_the_absent_persons_cases_allow_and_no_longer_than_that() {
    for sensitivity in [Sensitivity::Standard, Sensitivity::Restricted] {
        let mut world = World::with_case(AgeGroup::Adult, sensitivity);
        let view = viewing(&world);
        let before = world.ask(FRONT_TWO, view.clone());
        assert!(before.0.is_err(), "nothing before it began");
        let mut world = standing_in(sensitivity);
        world
            .ask(FRONT_TWO, view.clone())
            .done(&["PersonalDataSeen"]);
        let draft = world.drafting(HEALTH, &[DataCategory::Needs]);
        world
            .ask(FRONT_TWO, draft.clone())
            .done(&["ReferralDrafted"]);
        world.pass_ms(5 * DAY_MS);
        for command in [view, draft] {
            let after = world.ask(FRONT_TWO, command);
            assert!(after.0.is_err(), "it ended by itself");
        }
    }
}

#[test]
fn c15_a_deputys_deed_is_their_own_on_behalf_of_the_other() {
    let mut world = standing_in(Sensitivity::Standard);
    let view = viewing(&world);
    let done = world.ask(FRONT_TWO, view.clone()).0.expect("seen");
    let actor = done.records[0].actor;
    assert_eq!(
        (actor.staff(), actor.on_behalf_of()),
        (Some(FRONT_TWO), Some(FRONT))
    );
    // Whoever works on a case themselves acts for themselves.
    let done = world.ask(FRONT, view).0.expect("seen");
    assert_eq!(done.records[0].actor, Actor::Staff(FRONT));
}

#[test]
fn c15_a_deputy_puts_nobody_on_a_case_and_hands_none_over() {
    let mut world = standing_in(Sensitivity::Standard);
    let case = world.id();
    let offer = Command::OfferHandover {
        case,
        staff: FOCAL,
        with: [].into(),
    };
    world.ask(FRONT, offer.clone()).0.expect("offered");
    for command in [
        Command::AssignStaff {
            case,
            staff: FRONT_TWO,
        },
        Command::TakeHandover {
            case,
            take: false,
            with: [].into(),
        },
        offer,
    ] {
        world.ask(FRONT_TWO, command).refused(Refusal::NotAllowed);
    }
}

#[test]
fn c15_a_deputys_deputy_does_not_get_the_first_ones_cases() {
    let mut world = standing_in(Sensitivity::Restricted);
    let chain = world.ask(FRONT_TWO, naming(FOCAL, FRONT_TWO, (0, 4)));
    chain.refused_about(Refusal::DeputyUnsuitable, "stands_in");
    // As a log may hold it from before this was refused.
    let span = Deputyship::of(TODAY, Day(TODAY.0 + 4));
    let staff = world.staff.get_mut(&FOCAL).expect("known");
    Arc::make_mut(staff).stands_in.insert(FRONT_TWO, span);
    let view = viewing(&world);
    world.ask(FOCAL, view).refused(Refusal::NotFound);
}

#[test]
fn c15_a_deputy_is_not_another_person_than_whom_they_stand_in_for() {
    let mut world = World::adult();
    world.gives(FRONT, Role::FocalPoint);
    let command = world.invoking(ExceptionKind::ImmediateRisk);
    let done = world.ask(FRONT, command).0.expect("invoked");
    let Event::ExceptionInvoked(it) = &done.records[0].event else {
        panic!("an exception")
    };
    let confirm = world.deciding(it.exception, true);
    let mut apart = world.clone();
    apart
        .ask(FOCAL, confirm.clone())
        .done(&["ExceptionAuthorised"]);
    world
        .ask(FRONT, naming(FOCAL, FRONT, (0, 4)))
        .0
        .expect("named");
    world
        .ask(FOCAL, confirm.clone())
        .refused(Refusal::SecondPersonRequired);
    // Ending it at once does not make two persons of them.
    let end = Command::EndDeputy {
        staff: FOCAL,
        absent: FRONT,
    };
    world.pass_ms(1000);
    world.ask(FRONT, end).done(&["DeputyEnded", "DeputyEnded"]);
    world
        .ask(FOCAL, confirm.clone())
        .refused(Refusal::SecondPersonRequired);
    // Whoever is named a deputy may still say no; who used it may not end the asking.
    let reject = world.deciding(it.exception, false);
    let own = world.ask(FRONT, reject.clone());
    own.refused(Refusal::SecondPersonRequired);
    let mut rejected = world.clone();
    rejected.ask(FOCAL, reject).done(&["ExceptionRejected"]);
    world.ask(CHILD, confirm).done(&["ExceptionAuthorised"]);
}

#[test]
fn c15_who_was_absent_does_not_confirm_what_their_deputy_did() {
    let mut world = World::adult();
    world.gives(FRONT, Role::FocalPoint);
    world
        .ask(FRONT, naming(FOCAL, FRONT, (0, 4)))
        .0
        .expect("named");
    let exception = world.invoking(ExceptionKind::ImmediateRisk);
    let done = world.ask(FOCAL, exception).0.expect("invoked");
    assert_eq!(done.records[0].actor.on_behalf_of(), Some(FRONT));
    let Event::ExceptionInvoked(it) = &done.records[0].event else {
        panic!("an exception")
    };
    let confirm = world.deciding(it.exception, true);
    world
        .ask(FRONT, confirm.clone())
        .refused(Refusal::SecondPersonRequired);
    // Long after it ended they are two again.
    world.pass_ms(5 * DAY_MS + crate::limits::DEPUTY_APART_DAYS * DAY_MS);
    let late = world
        .ask(FRONT, confirm)
        .0
        .map(drop)
        .map_err(|it| it.refusal);
    assert_ne!(late, Err(Refusal::SecondPersonRequired));
}

#[test]
fn c15_a_coordinator_asks_for_a_deputy_and_a_second_person_decides() {
    let mut world = World::with_case(AgeGroup::Adult, Sensitivity::Restricted);
    world
        .ask(COORDINATOR, naming(FRONT_TWO, FRONT, (0, 4)))
        .done(&["DeputyAsked"]);
    let view = viewing(&world);
    world
        .ask(FRONT_TWO, view.clone())
        .refused(Refusal::NotFound);
    let twice = world.ask(COORDINATOR, naming(FRONT_TWO, FRONT, (0, 4)));
    twice.refused_about(Refusal::AlreadyExists, "deputy");
    let mut declined = world.clone();
    declined
        .ask(DPO, deciding(FRONT_TWO, FRONT, false))
        .done(&["DeputyRejected"]);
    let gone = declined.ask(DPO, deciding(FRONT_TWO, FRONT, true));
    gone.refused_about(Refusal::NotFound, "deputy");
    world.gives(COORDINATOR, Role::FocalPoint);
    world.gives(FRONT_TWO, Role::FocalPoint);
    for own in [COORDINATOR, FRONT_TWO] {
        world
            .ask(own, deciding(FRONT_TWO, FRONT, true))
            .refused(Refusal::SecondPersonRequired);
    }
    world
        .ask(STRANGER, deciding(FRONT_TWO, FRONT, true))
        .refused(Refusal::NotAllowed);
    // A day may pass before somebody decides.
    world.pass_ms(DAY_MS);
    world
        .ask(DPO, deciding(FRONT_TWO, FRONT, true))
        .done(&["DeputyNamed", "DeputyNamed"]);
    world.ask(FRONT_TWO, view).done(&["PersonalDataSeen"]);
}

#[test]
fn c15_a_wish_that_nobody_decided_on_in_time_comes_to_nothing() {
    let mut world = World::adult();
    world
        .ask(COORDINATOR, naming(FRONT_TWO, FRONT, (0, 0)))
        .done(&["DeputyAsked"]);
    world.pass_ms(2 * DAY_MS);
    let late = world.ask(DPO, deciding(FRONT_TWO, FRONT, true));
    late.refused_about(Refusal::TimeInvalid, "last_day");
}

#[test]
fn c15_nobody_names_a_deputy_for_others_or_who_cannot_do_the_work() {
    let world = World::adult();
    let refused = |caller, command| {
        let refused = world.clone().ask(caller, command).0;
        let refused = refused.map(drop).expect_err("refused");
        (refused.refusal, refused.about)
    };
    let about = |refusal, about: &str| (refusal, Some(about.to_owned()));
    let week = (0, 6);
    assert_eq!(
        refused(FRONT, naming(PROVIDER, FRONT, week)).0,
        Refusal::NotFound
    );
    assert_eq!(
        refused(COORDINATOR, naming(FRONT_TWO, STRANGER, week)),
        about(Refusal::NotFound, "absent")
    );
    assert_eq!(
        refused(FOCAL, naming(FRONT_TWO, FRONT, week)),
        (Refusal::NotAllowed, None)
    );
    assert_eq!(
        refused(FRONT, naming(FRONT, FRONT, week)),
        (Refusal::NothingToDo, None)
    );
    for (absent, deputy, role) in [
        (FOCAL, FRONT, "focal_point"),
        (CHILD, FOCAL, "child_protection"),
        (DPO, FOCAL, "data_protection_officer"),
        (DELEGATE, DPO, "controller_delegate"),
        (FRONT, DPO, "front_line"),
    ] {
        assert_eq!(
            refused(absent, naming(deputy, absent, week)),
            about(Refusal::DeputyUnsuitable, role)
        );
    }
}

#[test]
fn c15_a_deputyship_has_days_that_mean_something_and_there_is_one_at_a_time() {
    let mut world = World::adult();
    for (days, what) in [
        ((3, 2), "last_day"),
        ((0, 92), "last_day"),
        ((367, 368), "first_day"),
    ] {
        let wrong = world.ask(FRONT, naming(FRONT_TWO, FRONT, days));
        wrong.refused_about(Refusal::TimeInvalid, what);
    }
    let mut later = world.clone();
    later.pass_ms(2 * DAY_MS);
    let past = later.ask(FRONT, naming(FRONT_TWO, FRONT, (1, 5)));
    past.refused_about(Refusal::TimeInvalid, "first_day");
    world
        .ask(FRONT, naming(FRONT_TWO, FRONT, (2, 4)))
        .0
        .expect("named");
    let second = world.ask(FRONT, naming(FOCAL, FRONT, (4, 5)));
    second.refused_about(Refusal::AlreadyExists, "deputy");
    world
        .ask(FRONT, naming(FOCAL, FRONT, (5, 6)))
        .0
        .expect("after it");
    // Who is away in those days stands in for nobody.
    let away = world.ask(FOCAL, naming(FRONT, FOCAL, (4, 4)));
    away.refused(Refusal::DeputyUnsuitable);
}

#[test]
fn c15_a_deputy_who_is_away_then_stands_in_for_nobody() {
    let mut world = World::adult();
    world.gives(FRONT_TWO, Role::FocalPoint);
    world
        .ask(FRONT_TWO, naming(FOCAL, FRONT_TWO, (2, 4)))
        .0
        .expect("named");
    let away = world.ask(FRONT, naming(FRONT_TWO, FRONT, (4, 6)));
    away.refused_about(Refusal::DeputyUnsuitable, "absent");
}

#[test]
fn c15_who_stands_in_for_somebody_is_not_away_in_those_days() {
    let mut world = standing_in(Sensitivity::Standard);
    world.gives(FRONT_TWO, Role::FocalPoint);
    let away = world.ask(FRONT_TWO, naming(FOCAL, FRONT_TWO, (4, 6)));
    away.refused_about(Refusal::DeputyUnsuitable, "stands_in");
    let mut after = world.clone();
    after
        .ask(FRONT_TWO, naming(FOCAL, FRONT_TWO, (5, 6)))
        .done(&["DeputyNamed", "DeputyNamed"]);
    // Who cannot stand in any more ends it first.
    let end = Command::EndDeputy {
        staff: FRONT_TWO,
        absent: FRONT,
    };
    world
        .ask(FRONT_TWO, end)
        .done(&["DeputyEnded", "DeputyEnded"]);
    world
        .ask(FRONT_TWO, naming(FOCAL, FRONT_TWO, (0, 4)))
        .done(&["DeputyNamed", "DeputyNamed"]);
}

#[test]
fn c15_nobody_stands_in_for_who_has_left_since_it_was_asked_for() {
    for (left, what) in [(FRONT, "absent"), (FRONT_TWO, "staff")] {
        let mut world = World::with_case(AgeGroup::Adult, Sensitivity::Restricted);
        world
            .ask(COORDINATOR, naming(FRONT_TWO, FRONT, (0, 4)))
            .done(&["DeputyAsked"]);
        let staff = Arc::make_mut(world.staff.get_mut(&left).expect("known"));
        staff.roles.clear();
        staff.tokens.clear();
        world
            .ask(DPO, deciding(FRONT_TWO, FRONT, true))
            .refused_about(Refusal::NotFound, what);
        world
            .ask(DPO, deciding(FRONT_TWO, FRONT, false))
            .done(&["DeputyRejected"]);
    }
}

#[test]
fn c15_a_wish_keeps_nobody_from_naming_their_own_deputy_and_ends_with_its_days() {
    let mut world = World::adult();
    let asked = |world: &mut World, first| {
        let command = naming(FRONT_TWO, FRONT, (first, first + 1));
        world.ask(COORDINATOR, command).done(&["DeputyAsked"]);
    };
    asked(&mut world, 0);
    let mut own = world.clone();
    own.ask(FRONT, naming(FRONT_TWO, FRONT, (0, 4)))
        .done(&["DeputyNamed", "DeputyNamed"]);
    own.ask(DPO, deciding(FRONT_TWO, FRONT, true))
        .refused_about(Refusal::NotFound, "deputy");
    world.pass_ms(3 * DAY_MS);
    asked(&mut world, 3);
}

#[test]
fn c15_a_deputyship_is_ended_by_who_it_concerns_and_what_never_began_leaves_nothing() {
    let mut world = World::adult();
    let end = Command::EndDeputy {
        staff: FRONT_TWO,
        absent: FRONT,
    };
    world.ask(FRONT, end.clone()).refused(Refusal::NothingToDo);
    world
        .ask(FRONT, naming(FRONT_TWO, FRONT, (2, 4)))
        .0
        .expect("named");
    world.ask(FOCAL, end.clone()).refused(Refusal::NotAllowed);
    world.ask(AUDITOR, end.clone()).refused(Refusal::NotAllowed);
    for caller in [FRONT, FRONT_TWO, COORDINATOR, DPO] {
        let mut world = world.clone();
        let names = ["DeputyEnded", "DeputyEnded"];
        world.ask(caller, end.clone()).done(&names);
        assert!(world.staff[&FRONT_TWO].stands_in.is_empty());
        assert!(world.staff[&FRONT].deputies.is_empty());
        world.ask(caller, end.clone()).refused(Refusal::NothingToDo);
    }
}

#[test]
fn c15_a_lapse_of_training_is_the_deputys_own() {
    let mut world = standing_in(Sensitivity::Standard);
    let wanted = ("# code_of_conduct_months", "code_of_conduct_months");
    let file = crate::organisation::changed(&[wanted]);
    *world.organisation() = Organisation::parse(&file).expect("the file is understood");
    let front = world.staff.get_mut(&FRONT).expect("known");
    let signed = [(Training::CodeOfConduct, TODAY)];
    Arc::make_mut(front).trained = signed.into();
    let draft = world.drafting(HEALTH, &[DataCategory::Needs]);
    world.ask(FRONT, draft.clone()).done(&["ReferralDrafted"]);
    world.ask(FRONT_TWO, draft).refused(Refusal::TrainingLapsed);
}

#[test]
fn c15_naming_the_same_deputy_for_later_takes_nothing_away_and_makes_no_two_persons_of_them() {
    let mut world = World::adult();
    world.gives(FRONT, Role::FocalPoint);
    world.ask(FRONT, naming(FOCAL, FRONT, (0, 4))).0.expect("a");
    let command = world.invoking(ExceptionKind::ImmediateRisk);
    let done = world.ask(FRONT, command).0.expect("invoked");
    let Event::ExceptionInvoked(it) = &done.records[0].event else {
        panic!("an exception")
    };
    let confirm = world.deciding(it.exception, true);
    let later = naming(FOCAL, FRONT, (60, 61));
    let refused = world.ask(FRONT, later.clone());
    refused.refused_about(Refusal::AlreadyExists, "deputy");
    let refused = world.ask(COORDINATOR, later.clone());
    refused.refused_about(Refusal::AlreadyExists, "deputy");
    let end = Command::EndDeputy {
        staff: FOCAL,
        absent: FRONT,
    };
    world.pass_ms(1000);
    for _ in 0..2 {
        world.ask(FRONT, end.clone()).0.expect("ended");
        let one = world.ask(FOCAL, confirm.clone());
        one.refused(Refusal::SecondPersonRequired);
        world.ask(FRONT, later.clone()).0.expect("named again");
        let one = world.ask(FOCAL, confirm.clone());
        one.refused(Refusal::SecondPersonRequired);
    }
    let apart = world.now.plus_ms(crate::limits::DEPUTY_APART_DAYS * DAY_MS);
    assert!(world.staff[&FOCAL].is_one_with(FRONT, Timestamp(apart.0 - 2000)));
    assert!(!world.staff[&FOCAL].is_one_with(FRONT, apart));
}

#[test]
fn c15_a_deputy_who_says_what_is_suspected_is_not_put_on_the_case() {
    let mut world = standing_in(Sensitivity::Standard);
    let command = Command::RaiseConcern(RaisingConcern {
        case: world.id(),
        concerns: [Concern::Sgbv].into(),
    });
    world.ask(FRONT_TWO, command).done(&["ConcernRaised"]);
    assert_eq!(world.state().assigned, [FRONT].into());
    let view = viewing(&world);
    let seen = world.ask(FRONT_TWO, view.clone());
    seen.done(&["PersonalDataSeen"]);
    world.pass_ms(5 * DAY_MS);
    world.ask(FRONT_TWO, view).refused(Refusal::NotFound);
}

#[test]
fn c15_whose_deputy_invoked_a_rejected_exception_does_not_invoke_it_again() {
    let mut world = World::adult();
    world.gives(FRONT, Role::FocalPoint);
    let command = world.invoking(ExceptionKind::ImmediateRisk);
    let done = world.ask(FRONT, command.clone()).0.expect("invoked");
    let Event::ExceptionInvoked(it) = &done.records[0].event else {
        panic!("an exception")
    };
    let reject = world.deciding(it.exception, false);
    world.ask(CHILD, reject).0.expect("rejected");
    world.ask(FRONT, naming(FOCAL, FRONT, (0, 4))).0.expect("b");
    for one in [FRONT, FOCAL] {
        let again = world.ask(one, command.clone());
        again.refused(Refusal::SecondPersonRequired);
    }
    world.ask(CHILD, command).0.expect("somebody else");
}
