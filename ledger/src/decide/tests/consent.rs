//! B1 to B4. Who can consent, to what, and what must be explained.

use super::*;

fn to_clinic() -> Scope {
    scope(CLINIC, &[DataCategory::Needs])
}

#[test]
fn b1_a_consent_names_purposes_recipients_and_categories() {
    let mut world = World::adult();
    let client = world.client();
    for (field, clear) in [
        ("scope.purposes", 0),
        ("scope.recipients", 1),
        ("scope.categories", 2),
    ] {
        let mut scope = to_clinic();
        match clear {
            0 => scope.purposes.clear(),
            1 => scope.recipients.clear(),
            _ => scope.categories.clear(),
        }
        let command = world.giving(Some(client), Capacity::Own, scope);
        world
            .ask(FRONT, command)
            .refused_about(Refusal::Malformed, field);
    }
}

#[test]
fn b2_consent_to_a_referral_needs_the_recipient_explained() {
    let mut world = World::adult();
    let mut consent = taken(Capacity::Own);
    consent.explained.remove(&Explained::Recipient);
    let command = |scope| Command::GiveConsent {
        case: world.id(),
        person: world.client(),
        given_by: Some(world.client()),
        scope,
        consent: consent.clone(),
    };
    let referral = command(to_clinic());
    let follow_up = command(Scope {
        purposes: [Purpose::FollowUp].into(),
        ..to_clinic()
    });
    world
        .ask(FRONT, referral)
        .refused_about(Refusal::ExplanationIncomplete, "recipient");
    world.ask(FRONT, follow_up).done(&["ConsentGiven"]);
}

#[test]
fn b2_the_interpreter_is_a_person_of_the_case_with_that_role() {
    let mut world = World::minor();
    let caregiver = world.add(PersonRole::Caregiver, true);
    let interpreter = world.add(PersonRole::Interpreter, false);
    for (who, refusal) in [
        (caregiver, Some(Refusal::CapacityInvalid)),
        (PersonId([99; 16]), Some(Refusal::NotFound)),
        (interpreter, None),
    ] {
        let mut consent = taken(Capacity::Own);
        consent.interpreter = Some(interpreting(Some(who)));
        let command = Command::GiveConsent {
            case: world.id(),
            person: world.client(),
            given_by: Some(world.client()),
            scope: to_clinic(),
            consent,
        };
        let outcome = world.ask(FRONT, command);
        match refusal {
            Some(refusal) => outcome.refused_about(refusal, "interpreter"),
            None => {
                outcome.done(&["ConsentGiven"]);
            }
        }
    }
}

#[test]
fn b1_a_consent_that_ends_in_the_past_or_beyond_ten_years_is_refused() {
    let mut world = World::adult();
    let ends = |at: u64| {
        let mut consent = taken(Capacity::Own);
        consent.expires = Some(Timestamp(at));
        Command::GiveConsent {
            case: world.id(),
            person: world.client(),
            given_by: Some(world.client()),
            scope: to_clinic(),
            consent,
        }
    };
    let now = world.now.0;
    let wrong = [
        ends(0),
        ends(now),
        ends(now + 3_654 * DAY_MS),
        ends(u64::MAX),
    ];
    let right = ends(now + 1);
    for command in wrong {
        world
            .ask(FRONT, command)
            .refused_about(Refusal::TimeInvalid, "expires");
    }
    world.ask(FRONT, right).done(&["ConsentGiven"]);
}

#[test]
fn a2_no_consent_is_recorded_before_consent_to_the_record() {
    let mut world = World::adult();
    let client = world.client();
    let command = world.withdrawing(None);
    world.ask(FRONT, command).done(&["ConsentWithdrawn"]);
    let command = world.giving(Some(client), Capacity::Own, to_clinic());
    world
        .ask(FRONT, command)
        .refused(Refusal::RecordConsentMissing);
    // Consent to the record can be given again, and then the others.
    world.consent_to(Scope::record(all_categories()));
    world.consent_to(to_clinic());
}

#[test]
fn b4_nobody_consents_in_place_of_an_adult() {
    let mut world = World::adult();
    let client = world.client();
    let guardian = world.add(PersonRole::Guardian, true);
    for (given_by, capacity) in [
        (Some(guardian), Capacity::Guardian),
        (Some(guardian), Capacity::Own),
        (Some(client), Capacity::Assent),
        (None, Capacity::BestInterests),
        (None, Capacity::Own),
    ] {
        let command = world.giving(given_by, capacity, to_clinic());
        world
            .ask(CHILD, command)
            .refused(Refusal::SubstitutionNotAllowed);
    }
}

#[test]
fn b3_a_child_in_doubt_is_a_child() {
    let mut world = World::with_case(AgeGroup::Unknown, Sensitivity::Standard);
    let client = world.client();
    world.consent_by(FRONT, Some(client), Capacity::Assent, to_clinic());
    let referral = world.reviewed(&[DataCategory::Needs]);
    world
        .send(referral)
        .refused(Refusal::CaregiverConsentMissing);
}

#[test]
fn b3_a_caregivers_relationship_must_have_been_checked() {
    let mut world = World::minor();
    let caregiver = world.add(PersonRole::Caregiver, false);
    let guardian = world.add(PersonRole::Guardian, false);
    for (who, capacity) in [
        (caregiver, Capacity::Caregiver),
        (guardian, Capacity::Guardian),
    ] {
        let command = world.giving(Some(who), capacity, to_clinic());
        world
            .ask(FRONT, command)
            .refused_about(Refusal::RelationshipNotChecked, capacity.code());
    }
}

#[test]
fn b3_nobody_gives_consent_in_a_capacity_that_is_not_theirs() {
    let mut world = World::minor();
    let client = world.client();
    let caregiver = world.add(PersonRole::Caregiver, true);
    let trusted = world.add(PersonRole::TrustedPerson, true);
    for (given_by, capacity) in [
        (Some(caregiver), Capacity::Own),
        (Some(caregiver), Capacity::Assent),
        (Some(caregiver), Capacity::Guardian),
        (Some(trusted), Capacity::Caregiver),
        (Some(client), Capacity::Caregiver),
        (None, Capacity::Caregiver),
        (Some(caregiver), Capacity::BestInterests),
    ] {
        let command = world.giving(given_by, capacity, to_clinic());
        world
            .ask(CHILD, command)
            .refused_about(Refusal::CapacityInvalid, capacity.code());
    }
}

#[test]
fn b3_best_interests_are_decided_by_the_child_protection_focal_point_with_reasons() {
    let mut world = World::minor();
    let command = world.giving(None, Capacity::BestInterests, to_clinic());
    for caller in [FRONT, FOCAL] {
        world
            .ask(caller, command.clone())
            .refused(Refusal::ChildProtectionDecides);
    }
    let names = ["ConsentGiven", "BestInterestsDecided"];
    let done = world.ask(CHILD, command.clone()).done(&names);
    match &done.records[0].event {
        Event::ConsentGiven(given) => assert_eq!(given.given_by, PersonId(CHILD.0)),
        other => panic!("{other:?}"),
    }
    let Command::GiveConsent {
        case,
        person,
        scope,
        mut consent,
        ..
    } = command
    else {
        panic!("a consent")
    };
    consent.note.note = None;
    let silent = Command::GiveConsent {
        case,
        person,
        given_by: None,
        scope,
        consent,
    };
    world
        .ask(CHILD, silent)
        .refused_about(Refusal::ExplanationIncomplete, "reasons");
}

#[test]
fn b8_the_childs_record_never_rests_on_a_caregivers_consent() {
    let mut world = World::minor();
    let caregiver = world.add(PersonRole::Caregiver, true);
    let command = world.giving(
        Some(caregiver),
        Capacity::Caregiver,
        Scope::record(all_categories()),
    );
    world
        .ask(FRONT, command)
        .refused_about(Refusal::CapacityInvalid, "record");
}

#[test]
fn b1_a_refused_consent_is_recorded_as_codes() {
    let mut world = World::adult();
    let command = Command::RefuseConsent {
        case: world.id(),
        person: world.client(),
        scope: to_clinic(),
    };
    let done = world.ask(FRONT, command).done(&["ConsentRefused"]);
    assert_eq!(done.personal, [0]);
}
