//! B3. Ages, coming of age, best interests, children who are alone.

use jiff::civil::Date;

use super::*;

const NEEDS: DataCategory = DataCategory::Needs;

/// Today is 2024-10-04.
fn day(text: &str) -> Day {
    let since = Date::constant(1970, 1, 1).until(text.parse::<Date>().unwrap());
    Day(u32::try_from(since.unwrap().get_days()).unwrap())
}

fn assessing(world: &World, age: Age, company: Company) -> Command {
    Command::AssessAge {
        case: world.id(),
        age,
        company,
    }
}

fn assess(world: &mut World, age: Age) {
    let command = assessing(world, age, Company::Accompanied);
    world.ask(FRONT, command).done(&["AgeAssessed"]);
}

fn to_clinic() -> Scope {
    scope(CLINIC, &[NEEDS])
}

/// The child and a checked caregiver agree to a referral to the clinic.
fn agreed(world: &mut World) {
    let (client, caregiver) = (world.client(), world.add(PersonRole::Caregiver, true));
    world.consent_by(FRONT, Some(client), Capacity::Assent, to_clinic());
    world.consent_by(FRONT, Some(caregiver), Capacity::Caregiver, to_clinic());
}

#[test]
fn b3_a_birth_date_decides_to_the_day_and_leaves_a_month_an_estimate_a_year() {
    use AgeGroup::*;
    for (age, group, adult_on) in [
        (Age::Born(day("2006-10-05")), Minor, Some("2024-11-01")),
        (Age::Born(day("2006-11-01")), Minor, Some("2024-11-01")),
        (Age::Born(day("2006-11-02")), Minor, Some("2024-12-01")),
        (Age::Born(day("2008-02-29")), Minor, Some("2026-03-01")),
        (Age::Born(day("2008-12-31")), Minor, Some("2027-01-01")),
        (Age::About(17), Minor, Some("2028-01-01")),
        (Age::About(0), Minor, Some("2043-01-01")),
        (Age::About(19), Unknown, Some("2026-01-01")),
        (Age::Unknown, Unknown, None),
    ] {
        let mut world = World::minor();
        assess(&mut world, age);
        let case = world.state();
        assert_eq!((case.age_group, case.adult_on), (group, adult_on.map(day)));
        assert!(case.is_minor(world.now));
    }
    for adult in [
        Age::Born(day("2006-10-04")),
        Age::About(20),
        Age::Born(Day(0)),
    ] {
        let mut world = World::adult();
        let command = assessing(&world, adult, Company::Unknown);
        world.ask(FRONT, command).done(&["AgeAssessed"]);
        let case = world.state();
        assert_eq!((case.age_group, case.adult_on), (Adult, None));
    }
}

#[test]
fn b3_an_age_that_nobody_can_have_is_refused_and_so_is_company_of_an_adult() {
    let mut world = World::minor();
    for age in [Age::Born(day("2024-10-05")), Age::About(131)] {
        let command = assessing(&world, age, Company::Unknown);
        world
            .ask(FRONT, command)
            .refused_about(Refusal::TimeInvalid, "age");
    }
    let command = assessing(&world, Age::About(40), Company::Unaccompanied);
    world
        .ask(FRONT, command)
        .refused_about(Refusal::CapacityInvalid, "company");
    assess(&mut world, Age::About(9));
    let again = assessing(&world, Age::About(9), Company::Accompanied);
    world.ask(FRONT, again).refused(Refusal::NothingToDo);
}

#[test]
fn b3_the_file_says_from_which_age_a_child_assents_and_from_which_it_consents() {
    for (born, own) in [
        ("2014-06-01", false),
        ("2009-11-15", false),
        ("2009-06-01", true),
    ] {
        let mut world = World::minor();
        let client = world.client();
        assess(&mut world, Age::Born(day(born)));
        let command = world.giving(Some(client), Capacity::Own, to_clinic());
        let outcome = world.ask(FRONT, command);
        if own {
            outcome.done(&["ConsentGiven"]);
        } else {
            outcome.refused_about(Refusal::CapacityInvalid, "own");
        }
        world.consent_by(FRONT, Some(client), Capacity::Assent, to_clinic());
    }
}

#[test]
fn b3_who_is_too_young_to_be_asked_goes_with_a_caregivers_consent_alone() {
    let mut world = World::minor();
    let caregiver = world.add(PersonRole::Caregiver, true);
    world.consent_by(FRONT, Some(caregiver), Capacity::Caregiver, to_clinic());
    let referral = world.reviewed(&[NEEDS]);
    world.send(referral).refused(Refusal::ChildConsentMissing);
    let mut older = world.clone();
    assess(&mut older, Age::Born(day("2018-10-01")));
    older.send(referral).refused(Refusal::ChildConsentMissing);
    assess(&mut world, Age::Born(day("2021-10-01")));
    world.send(referral).done(&["ReferralSent"]);

    let mut alone = World::minor();
    assess(&mut alone, Age::Born(day("2021-10-01")));
    let referral = alone.reviewed(&[NEEDS]);
    alone
        .send(referral)
        .refused(Refusal::CaregiverConsentMissing);
}

#[test]
fn b3_coming_of_age_reopens_consent_and_leaves_what_was_sent_as_it_is() {
    let mut world = World::minor();
    assess(&mut world, Age::Born(day("2006-10-20")));
    agreed(&mut world);
    let (sent, draft) = (world.reviewed(&[NEEDS]), world.reviewed(&[NEEDS]));
    world.send(sent).done(&["ReferralSent"]);
    world.now = day("2024-10-31").start();
    assert!(world.state().is_minor(world.now), "to the end of the month");
    world.now = day("2024-11-01").start();
    assert!(!world.state().is_minor(world.now));
    world.send(draft).refused(Refusal::CameOfAge);
    let view = Command::ViewPersonalData {
        case: world.id(),
        target: ViewTarget::Referral(sent),
        purpose: ViewPurpose::Service,
    };
    world.ask(PROVIDER, view).done(&["PersonalDataSeen"]);
    let client = world.client();
    let assent = world.giving(Some(client), Capacity::Assent, to_clinic());
    world
        .ask(FRONT, assent)
        .refused(Refusal::SubstitutionNotAllowed);
    world.consent_by(FRONT, Some(client), Capacity::Own, to_clinic());
    let done = world.send(draft).done(&["ReferralSent"]);
    match &done.records[0].event {
        Event::ReferralSent(sent) => {
            assert_eq!(sent.basis.len(), 1, "their own, and nobody's else")
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn b3_who_turns_out_to_be_an_adult_is_asked_anew() {
    let mut world = World::minor();
    let client = world.client();
    world.consent_by(FRONT, Some(client), Capacity::Own, to_clinic());
    let referral = world.reviewed(&[NEEDS]);
    world.pass_ms(2 * DAY_MS);
    let command = assessing(&world, Age::Born(day("2000-01-01")), Company::Unknown);
    world.ask(CHILD, command).done(&["AgeAssessed"]);
    world.send(referral).refused(Refusal::CameOfAge);
    world.consent_by(FRONT, Some(client), Capacity::Own, to_clinic());
    world.send(referral).done(&["ReferralSent"]);
}

fn found_adult(world: &mut World) {
    let command = assessing(world, Age::Born(day("2000-01-01")), Company::Unknown);
    let done = world.ask(CHILD, command).done(&["AgeAssessed"]);
    match &done.records[0].event {
        Event::AgeAssessed(it) => assert_eq!(it.adult_on, None, "no day is recorded"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn b3_what_was_sent_for_a_child_is_judged_as_then_when_the_person_turns_out_to_be_an_adult() {
    let mut world = World::minor();
    let (client, caregiver) = (world.client(), world.add(PersonRole::Caregiver, true));
    let wide = scope(CLINIC, &[NEEDS, DataCategory::Language]);
    let assent = world.consent_by(FRONT, Some(client), Capacity::Assent, wide.clone());
    world.consent_by(FRONT, Some(caregiver), Capacity::Caregiver, wide);
    let referral = world.reviewed(&[NEEDS]);
    world.send(referral).done(&["ReferralSent"]);
    let sent = world.now;
    world.pass_ms(60_000);
    found_adult(&mut world);
    assert!(world.state().is_minor(sent));
    assert!(!world.state().is_minor(world.now));
    let view = Command::ViewPersonalData {
        case: world.id(),
        target: ViewTarget::Referral(referral),
        purpose: ViewPurpose::Service,
    };
    world.ask(PROVIDER, view).done(&["PersonalDataSeen"]);
    // A part that the referral does not need is taken back: it goes on.
    let mut command = world.withdrawing(Some(assent));
    if let Command::WithdrawConsent { part, .. } = &mut command {
        *part = Some(Scope {
            categories: [DataCategory::Language].into(),
            ..Scope::default()
        });
    }
    world.ask(FRONT, command).done(&["ConsentWithdrawn"]);
    // Another date of birth of an adult moves nothing.
    world.pass_ms(60_000);
    let command = assessing(&world, Age::About(40), Company::Unknown);
    let asked = world.ask(FRONT, command);
    asked.refused_about(Refusal::AlreadyExists, "birth_date");
    let command = assessing(&world, Age::Born(day("2001-01-01")), Company::Unknown);
    world.ask(FRONT, command).refused(Refusal::NothingToDo);
    assert!(world.state().is_minor(sent));
}

#[test]
fn b3_who_has_come_of_age_takes_a_caregivers_consent_back_without_child_protection() {
    let mut world = World::minor();
    let caregiver = world.add(PersonRole::Caregiver, true);
    let consent = world.consent_by(FRONT, Some(caregiver), Capacity::Caregiver, to_clinic());
    let command = world.withdrawing(Some(consent));
    let refused = world.ask(FRONT, command.clone());
    refused.refused(Refusal::ChildProtectionDecides);
    found_adult(&mut world);
    world.ask(FRONT, command).done(&["ConsentWithdrawn"]);
}

#[test]
fn b3_only_child_protection_makes_an_adult_of_a_child_or_doubts_a_birth_date() {
    let adult = [Age::About(20), Age::Born(day("2000-01-01"))];
    for age in adult {
        let mut world = World::minor();
        let command = assessing(&world, age, Company::Unknown);
        for caller in [FRONT, FOCAL] {
            let asked = world.ask(caller, command.clone());
            asked.refused(Refusal::ChildProtectionDecides);
        }
        // Not by way of doubt, either.
        assess(&mut world, Age::Unknown);
        let asked = world.ask(FRONT, command.clone());
        asked.refused(Refusal::ChildProtectionDecides);
        world.ask(CHILD, command).done(&["AgeAssessed"]);
    }
    let mut unknown = World::with_case(AgeGroup::Unknown, Sensitivity::Standard);
    let first = assessing(&unknown, Age::About(40), Company::Unknown);
    unknown.ask(FRONT, first).done(&["AgeAssessed"]);

    let mut world = World::minor();
    assess(&mut world, Age::Born(day("2012-01-01")));
    for years in [9, 12, 20] {
        let command = assessing(&world, Age::About(years), Company::Unknown);
        for caller in [FRONT, CHILD] {
            let asked = world.ask(caller, command.clone());
            asked.refused_about(Refusal::AlreadyExists, "birth_date");
        }
    }
    let doubt = assessing(&world, Age::Unknown, Company::Unknown);
    let asked = world.ask(FRONT, doubt.clone());
    asked.refused(Refusal::ChildProtectionDecides);
    world.ask(CHILD, doubt).done(&["AgeAssessed"]);
    assess(&mut world, Age::About(15));
}

#[test]
fn b3_where_nothing_may_be_written_down_no_age_is_either() {
    let mut world = World::undocumented();
    let command = assessing(&world, Age::About(9), Company::Unaccompanied);
    world
        .ask(FRONT, command)
        .refused(Refusal::DocumentationRefused);
}

#[test]
fn b3_a_best_interests_decision_has_its_reasons_a_view_and_a_day_of_review() {
    let mut world = World::minor();
    world.add(PersonRole::Caregiver, true);
    assess(&mut world, Age::About(15));
    let now = world.now;
    let deciding = |change: &dyn Fn(&mut ConsentTaken)| {
        let mut command = world.giving(None, Capacity::BestInterests, to_clinic());
        if let Command::GiveConsent { consent, .. } = &mut command {
            change(consent);
        }
        command
    };
    let gap = |caregiver, view| Some(BestInterests { caregiver, view });
    let (unsafe_one, heard) = (CaregiverGap::Unsafe, ChildView::Heard);
    let wrong = [
        (
            deciding(&|it| it.best_interests = None),
            Refusal::ExplanationIncomplete,
            "best_interests",
        ),
        (
            deciding(&|it| it.expires = None),
            Refusal::TimeInvalid,
            "expires",
        ),
        (
            deciding(&|it| it.expires = Some(now.plus_ms(91 * DAY_MS))),
            Refusal::TimeInvalid,
            "expires",
        ),
        (
            deciding(&|it| it.best_interests = gap(unsafe_one, ChildView::TooYoung)),
            Refusal::ExplanationIncomplete,
            "child_view",
        ),
        (
            deciding(&|it| it.best_interests = gap(CaregiverGap::Absent, heard)),
            Refusal::CapacityInvalid,
            "absent",
        ),
        (
            deciding(&|it| it.best_interests = gap(CaregiverGap::Unverified, heard)),
            Refusal::CapacityInvalid,
            "unverified",
        ),
    ];
    let right = deciding(&|_| {});
    let of_child = {
        let mut command = world.giving(Some(world.client()), Capacity::Assent, to_clinic());
        if let Command::GiveConsent { consent, .. } = &mut command {
            consent.best_interests = gap(unsafe_one, heard);
        }
        command
    };
    for (command, refusal, about) in wrong {
        world.ask(CHILD, command).refused_about(refusal, about);
    }
    world
        .ask(CHILD, of_child)
        .refused_about(Refusal::CapacityInvalid, "assent");
    let names = ["ConsentGiven", "BestInterestsDecided"];
    world.ask(CHILD, right).done(&names);
    let client = world.client();
    world.consent_by(FRONT, Some(client), Capacity::Assent, to_clinic());
    let referral = world.reviewed(&[NEEDS]);
    world.clone().send(referral).done(&["ReferralSent"]);
    world.pass_ms(61 * DAY_MS);
    world.send(referral).refused(Refusal::ConsentExpired);
}

#[test]
fn b3_a_child_alone_is_restricted_and_waits_for_the_mandated_body() {
    for company in [Company::Separated, Company::Unaccompanied] {
        let mut world = World::minor();
        world.organisation().mandated_bodies = [CLINIC].into();
        agreed(&mut world);
        let waits = |world: &World| {
            let mandated = &world.rules.organisation.mandated_bodies;
            world.state().waits_for_mandated_body(world.now, mandated)
        };
        assert!(!waits(&world));
        let command = assessing(&world, Age::About(12), company);
        world.ask(FRONT, command).done(&["AgeAssessed"]);
        assert_eq!(world.state().sensitivity, Sensitivity::Restricted);
        assert!(waits(&world));
        let (case, staff) = (world.id(), FOCAL);
        world
            .ask(CHILD, Command::AssignStaff { case, staff })
            .done(&["StaffAssigned"]);
        let referral = world.reviewed(&[NEEDS]);
        assert!(waits(&world), "a draft brings nobody anywhere");
        let advice = specialist::consulting(&world, referral, Advice::GoOn);
        world.ask(CHILD, advice).done(&["SpecialistConsulted"]);
        world.send(referral).done(&["ReferralSent"]);
        assert!(!waits(&world));
        for (state, brought) in [
            (ReferralState::Received, true),
            (ReferralState::Accepted, true),
            (ReferralState::Completed, true),
            (ReferralState::NotAccepted, false),
            (ReferralState::NotCompleted, false),
            (ReferralState::Recalled, false),
            (ReferralState::RecallAsked, false),
            (ReferralState::Cancelled, false),
            (ReferralState::Stopped, false),
        ] {
            let mut world = world.clone();
            let case = world.cases.get_mut(&world.case.unwrap()).unwrap();
            let case = Arc::make_mut(case);
            case.referrals.get_mut(&referral).unwrap().state = state;
            assert_eq!(waits(&world), !brought, "{state:?}");
        }
        // What is restricted stays so, whoever turns up.
        let found = assessing(&world, Age::About(12), Company::Accompanied);
        world.ask(FRONT, found).done(&["AgeAssessed"]);
        assert_eq!(world.state().sensitivity, Sensitivity::Restricted);
    }
}
