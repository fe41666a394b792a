//! D1, D2, and staff, roles and tokens.

use super::*;

const NEW: ServiceId = ServiceId([51; 16]);
const NEWCOMER: StaffId = StaffId([52; 16]);

#[test]
fn d1_a_service_is_registered_once_corrected_and_retired() {
    let mut world = World::new();
    let register = Command::RegisterService(Listing::of(NEW, entry(CLINIC)));
    world
        .ask(COORDINATOR, register.clone())
        .done(&["ServiceRegistered"]);
    world
        .ask(COORDINATOR, register)
        .refused(Refusal::AlreadyExists);
    let mut corrected = entry(CLINIC);
    corrected.assured_on = Some(START.day());
    let update = Command::UpdateService(Listing::of(NEW, corrected));
    world
        .ask(COORDINATOR, update.clone())
        .done(&["ServiceUpdated"]);
    world
        .ask(COORDINATOR, update.clone())
        .refused(Refusal::NothingToDo);
    let retire = Command::RetireService { service: NEW };
    world
        .ask(COORDINATOR, retire.clone())
        .done(&["ServiceRetired"]);
    world.ask(COORDINATOR, retire).refused(Refusal::NothingToDo);
    world
        .ask(COORDINATOR, update)
        .refused(Refusal::ServiceRetired);
}

#[test]
fn d1_an_entry_was_not_confirmed_on_a_day_to_come() {
    let mut world = World::new();
    let mut entry = entry(CLINIC);
    entry.assured_on = Some(Day(START.day().0 + 1));
    let register = Command::RegisterService(Listing::of(NEW, entry));
    world
        .ask(COORDINATOR, register)
        .refused_about(Refusal::TimeInvalid, "assured_on");
}

#[test]
fn d2_an_assessment_says_when_it_is_due_again() {
    let mut world = World::new();
    let today = START.day().0;
    let assess =
        |day| Command::AssessService(Assessing::of(UNASSESSED, Assessment::Approved, Day(day)));
    for wrong in [0, today, today + 1_828, u32::MAX] {
        world
            .ask(COORDINATOR, assess(wrong))
            .refused_about(Refusal::TimeInvalid, "review_on");
    }
    world
        .ask(COORDINATOR, assess(today + 365))
        .done(&["ServiceAssessed"]);
    world
        .ask(COORDINATOR, assess(today + 365))
        .refused(Refusal::NothingToDo);
    assert_eq!(world.services[&UNASSESSED].assessment, Assessment::Approved);
}

#[test]
fn d2_an_assessment_names_what_it_found_and_nobody() {
    let mut world = World::new();
    let review_on = Day(START.day().0 + 365);
    let with = |how| {
        Command::AssessService(Assessing {
            how,
            ..Assessing::of(UNASSESSED, Assessment::Approved, review_on)
        })
    };
    let both = AssessmentHow {
        met: [Criterion::SafePremises].into(),
        unmet: [Criterion::SafePremises, Criterion::Complaints].into(),
        ..AssessmentHow::default()
    };
    world
        .ask(COORDINATOR, with(both))
        .refused_about(Refusal::ItemsInvalid, "unmet");
    let asked = |asked, helped| AssessmentHow {
        method: Some(AssessmentMethod::OutcomeCheck),
        asked,
        helped,
        ..AssessmentHow::default()
    };
    for (all, helped) in [(Some(3), Some(4)), (None, Some(1))] {
        world
            .ask(COORDINATOR, with(asked(all, helped)))
            .refused_about(Refusal::ItemsInvalid, "helped");
    }
    let checked = asked(Some(9), Some(7));
    world
        .ask(COORDINATOR, with(checked.clone()))
        .done(&["ServiceAssessed"]);
    assert_eq!(world.services[&UNASSESSED].how, checked);
    // The same day and result once more, with something else found, is another assessment.
    world
        .ask(COORDINATOR, with(asked(Some(10), Some(7))))
        .done(&["ServiceAssessed"]);
}

#[test]
fn d1_places_are_told_with_their_day_and_never_go_back_in_time() {
    let mut world = World::new();
    let today = START.day();
    let told = |free, of, on| {
        Command::ReportPlaces(ReportingPlaces {
            service: HEALTH,
            places: Places {
                availability: Availability::Limited,
                free,
                of,
                on,
            },
        })
    };
    for day in [Day(0), Day(today.0 + 1)] {
        world
            .ask(COORDINATOR, told(None, None, day))
            .refused_about(Refusal::TimeInvalid, "on");
    }
    world
        .ask(COORDINATOR, told(Some(5), Some(4), today))
        .refused_about(Refusal::ItemsInvalid, "free");
    world
        .ask(COORDINATOR, told(Some(3), Some(4), today))
        .done(&["PlacesReported"]);
    world
        .ask(COORDINATOR, told(Some(3), Some(4), today))
        .refused(Refusal::NothingToDo);
    world
        .ask(COORDINATOR, told(Some(2), Some(4), Day(today.0 - 1)))
        .refused_about(Refusal::TimeInvalid, "on");
    world
        .ask(FRONT, told(Some(1), None, today))
        .refused(Refusal::NotAllowed);
}

#[test]
fn d1_an_entry_does_not_serve_nobody() {
    let mut world = World::new();
    let mut entry = entry(CLINIC);
    entry.details.minimum_age = Some(18);
    entry.details.maximum_age = Some(17);
    let update = Command::UpdateService(Listing::of(HEALTH, entry));
    world
        .ask(COORDINATOR, update)
        .refused_about(Refusal::ItemsInvalid, "maximum_age");
}

fn registering(staff: StaffId, roles: &[Role]) -> Command {
    Command::RegisterStaff {
        staff,
        organisation: HOME,
        name: text("Invented"),
        roles: roles.iter().copied().collect(),
    }
}

#[test]
fn e6_staff_are_registered_with_their_first_roles_and_a_name_that_can_go() {
    let mut world = World::new();
    let command = registering(NEWCOMER, &[Role::FrontLine, Role::FocalPoint]);
    let names = ["StaffRegistered", "RoleGranted", "RoleGranted"];
    let done = world.ask(ADMIN, command.clone()).done(&names);
    assert_eq!(done.personal, [1, 0, 0]);
    assert_eq!(done.records[0].leaves[0].of.person, PersonId(NEWCOMER.0));
    world.ask(ADMIN, command).refused(Refusal::AlreadyExists);
}

#[test]
fn e6_roles_are_given_and_taken_once_and_never_to_oneself() {
    let mut world = World::new();
    let role = Role::FocalPoint;
    let grant = |staff| Command::GrantRole { staff, role };
    let revoke = |staff| Command::RevokeRole { staff, role };
    world.ask(ADMIN, grant(FRONT)).done(&["RoleGranted"]);
    world.ask(ADMIN, grant(FRONT)).refused(Refusal::NothingToDo);
    world.ask(ADMIN, revoke(FRONT)).done(&["RoleRevoked"]);
    world
        .ask(ADMIN, revoke(FRONT))
        .refused(Refusal::NothingToDo);
    world
        .ask(ADMIN, grant(ADMIN))
        .refused(Refusal::SecondPersonRequired);
}

#[test]
fn e6_a_token_ends_within_the_time_allowed_and_is_issued_once() {
    let mut world = World::new();
    let issue = |expires| Command::IssueToken {
        staff: FRONT,
        digest: [7; 32],
        expires: Timestamp(expires),
    };
    for wrong in [0, START.0, START.0 + 367 * DAY_MS, u64::MAX] {
        world
            .ask(ADMIN, issue(wrong))
            .refused_about(Refusal::TimeInvalid, "expires");
    }
    world
        .ask(ADMIN, issue(START.0 + DAY_MS))
        .done(&["TokenIssued"]);
    world
        .ask(ADMIN, issue(START.0 + DAY_MS))
        .refused(Refusal::AlreadyExists);
    let token = *world.staff[&FRONT].tokens.keys().next().expect("issued");
    let revoke = Command::RevokeToken {
        staff: FRONT,
        token,
    };
    world.ask(ADMIN, revoke.clone()).done(&["TokenRevoked"]);
    world
        .ask(ADMIN, revoke)
        .refused_about(Refusal::NotFound, "token");
}

#[test]
fn e6_the_founder_sets_up_two_persons_and_nothing_else() {
    let mut world = World::new();
    world.staff.clear();
    world.founded = 0;
    let second = StaffId([53; 16]);
    let ask = |world: &mut World, command| world.ask_as(Caller::Founder, None, None, command);
    let token = |staff: StaffId| Command::IssueToken {
        staff,
        digest: [staff.0[0]; 32],
        expires: START.plus_ms(DAY_MS),
    };
    for roles in [
        &[Role::FocalPoint][..],
        &[Role::Administrator, Role::FocalPoint],
        &[],
    ] {
        ask(&mut world, registering(NEWCOMER, roles)).refused(Refusal::NotAllowed);
    }
    ask(&mut world, token(NEWCOMER)).refused(Refusal::NotFound);
    ask(&mut world, Command::RefuseRecord { reason: None }).refused(Refusal::NotAllowed);
    let names = ["StaffRegistered", "RoleGranted"];
    ask(&mut world, registering(NEWCOMER, &[Role::Administrator])).done(&names);
    ask(&mut world, token(NEWCOMER)).done(&["TokenIssued"]);
    ask(&mut world, token(NEWCOMER)).refused(Refusal::NotAllowed);
    world.founded = 1;
    ask(
        &mut world,
        registering(second, &[Role::DataProtectionOfficer]),
    )
    .done(&names);
    ask(&mut world, token(second)).done(&["TokenIssued"]);
    world.founded = 2;
    let late = registering(StaffId([54; 16]), &[Role::Administrator]);
    ask(&mut world, late).refused(Refusal::NotAllowed);
}

#[test]
fn d1_a_service_says_itself_what_places_it_has_and_no_other_does() {
    let mut world = World::new();
    let report = Command::ReportPlaces(ReportingPlaces {
        service: HEALTH,
        places: Places {
            availability: Availability::Full,
            free: None,
            of: None,
            on: START.day(),
        },
    });
    world
        .ask(TEACHER, report.clone())
        .refused(Refusal::NotAllowed);
    world.ask(PROVIDER, report).done(&["PlacesReported"]);
}
