//! A3, B7, B9, D2. What a referral may carry, and on which ground it goes.

use super::*;

const NEEDS: DataCategory = DataCategory::Needs;
const HEALTH_DATA: DataCategory = DataCategory::Health;

#[test]
fn a3_a_referral_carries_nothing_the_service_does_not_need() {
    let mut world = World::adult();
    let command = world.drafting(HEALTH, &[NEEDS, DataCategory::Employment]);
    world
        .ask(FRONT, command)
        .refused_about(Refusal::CategoryNotNeeded, "employment");
}

#[test]
fn a3_a_referral_has_one_item_per_category_and_at_least_one() {
    let mut world = World::adult();
    for categories in [&[][..], &[NEEDS, NEEDS][..]] {
        let command = world.drafting(HEALTH, categories);
        world
            .ask(FRONT, command)
            .refused_about(Refusal::ItemsInvalid, "items");
    }
}

#[test]
fn a3_each_item_is_a_personal_part_of_its_own() {
    let mut world = World::adult();
    let command = world.drafting(HEALTH, &[NEEDS, HEALTH_DATA]);
    let done = world.ask(FRONT, command).done(&["ReferralDrafted"]);
    assert_eq!(done.personal, [2]);
}

#[test]
fn a3_what_the_service_needs_is_asked_again_at_sending() {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[NEEDS]));
    let referral = world.reviewed(&[NEEDS]);
    let service = world.services.get_mut(&HEALTH).expect("the clinic");
    Arc::make_mut(service).entry.needs.remove(&NEEDS);
    world
        .send(referral)
        .refused_about(Refusal::CategoryNotNeeded, "needs");
}

#[test]
fn b1_nothing_is_written_beyond_what_the_person_let_be_recorded() {
    let mut world = World::adult();
    let record = world.state().record_ground(world.client(), world.now);
    let command = Command::WithdrawConsent {
        case: world.id(),
        person: None,
        consent: record.map(|ground| ConsentId(ground.0)),
        part: Some(Scope {
            categories: [HEALTH_DATA].into(),
            ..Scope::default()
        }),
        shred: ShredWish::AfterPeriod,
    };
    world.ask(FRONT, command).done(&["ConsentWithdrawn"]);
    let command = world.drafting(HEALTH, &[HEALTH_DATA]);
    world
        .ask(FRONT, command)
        .refused_about(Refusal::CategoryNotCovered, "health");
}

#[test]
fn d2_a_service_must_be_assessed_safe_and_alive() {
    let mut world = World::adult();
    for (service, refusal) in [
        (UNASSESSED, Refusal::ServiceNotAssessed),
        (UNSAFE, Refusal::ServiceRejected),
        (LEAFLET, Refusal::ServiceTakesNoReferrals),
    ] {
        let command = world.drafting(service, &[NEEDS]);
        world.ask(FRONT, command).refused(refusal);
    }
    let service = world.services.get_mut(&HEALTH).expect("the clinic");
    Arc::make_mut(service).retired = true;
    let command = world.drafting(HEALTH, &[NEEDS]);
    world.ask(FRONT, command).refused(Refusal::ServiceRetired);
}

#[test]
fn d2_an_emergency_may_go_to_an_unassessed_service_but_never_to_an_unsafe_one() {
    let mut world = World::adult();
    let emergency = |service| {
        let mut command = world.drafting(service, &[NEEDS]);
        if let Command::DraftReferral { urgency, .. } = &mut command {
            *urgency = Urgency::Emergency;
        }
        command
    };
    let (unassessed, unsafe_one) = (emergency(UNASSESSED), emergency(UNSAFE));
    world.ask(FRONT, unassessed).done(&["ReferralDrafted"]);
    world
        .ask(FRONT, unsafe_one)
        .refused(Refusal::ServiceRejected);
}

#[test]
fn d2_an_organisation_may_allow_unassessed_services() {
    let mut world = World::adult();
    world.organisation().services.unassessed_allowed = true;
    let command = world.drafting(UNASSESSED, &[NEEDS]);
    world.ask(FRONT, command).done(&["ReferralDrafted"]);
}

#[test]
fn d2_a_service_is_looked_at_again_at_sending() {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[NEEDS]));
    let referral = world.reviewed(&[NEEDS]);
    let service = world.services.get_mut(&HEALTH).expect("the clinic");
    Arc::make_mut(service).assessment = Assessment::Rejected;
    world.send(referral).refused(Refusal::ServiceRejected);
}

#[test]
fn b7_a_referral_without_consent_is_refused() {
    let mut world = World::adult();
    let referral = world.reviewed(&[NEEDS]);
    world.send(referral).refused(Refusal::ConsentMissing);
}

#[test]
fn b7_a_covering_consent_lets_it_go_and_is_named_as_its_basis() {
    let mut world = World::adult();
    world.consent_to(scope(SCHOOL, &[NEEDS]));
    let consent = world.consent_to(scope(CLINIC, &[NEEDS]));
    let referral = world.reviewed(&[NEEDS]);
    let done = world.send(referral).done(&["ReferralSent"]);
    assert_eq!(done.personal, [0]);
    match &done.records[0].event {
        Event::ReferralSent(sent) => assert_eq!(sent.basis, [consent.into()]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn b7_the_refusal_says_what_the_nearest_consent_lacks() {
    let follow_up = Scope {
        purposes: [Purpose::FollowUp].into(),
        ..scope(CLINIC, &[NEEDS])
    };
    let withheld = Scope {
        withheld: [NEEDS].into(),
        ..scope(CLINIC, &[NEEDS])
    };
    let school = SCHOOL.to_string();
    let clinic = CLINIC.to_string();
    for (given, refusal, about) in [
        (follow_up, Refusal::PurposeNotCovered, "referral"),
        (
            scope(SCHOOL, &[NEEDS]),
            Refusal::RecipientNotCovered,
            clinic.as_str(),
        ),
        (
            scope(CLINIC, &[HEALTH_DATA]),
            Refusal::CategoryNotCovered,
            "needs",
        ),
        (withheld, Refusal::CategoryNotCovered, "needs"),
    ] {
        let mut world = World::adult();
        world.consent_to(given);
        let referral = world.reviewed(&[NEEDS]);
        world.send(referral).refused_about(refusal, about);
    }
    assert_ne!(school, clinic);
}

#[test]
fn b7_two_consents_that_each_cover_a_half_do_not_cover_a_whole() {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[NEEDS]));
    world.consent_to(scope(CLINIC, &[HEALTH_DATA]));
    let referral = world.reviewed(&[NEEDS, HEALTH_DATA]);
    world.send(referral).refused(Refusal::CategoryNotCovered);
}

#[test]
fn b7_after_withdrawal_and_after_expiry_the_refusal_says_which() {
    let mut world = World::adult();
    let consent = world.consent_to(scope(CLINIC, &[NEEDS]));
    let referral = world.reviewed(&[NEEDS]);
    let mut expired = world.clone();
    let command = world.withdrawing(Some(consent));
    world.ask(FRONT, command).done(&["ConsentWithdrawn"]);
    world.send(referral).refused(Refusal::ConsentWithdrawn);
    let keys = world.state().leaves_of(consent.into()).collect();
    world.shredded(keys);
    world.send(referral).refused(Refusal::ConsentWithdrawn);

    let case = expired.cases.get_mut(&expired.case.expect("open"));
    let case = Arc::make_mut(case.expect("open"));
    let consent = case.consents.get_mut(&consent).expect("given");
    consent.expires = Some(expired.now);
    expired.send(referral).refused(Refusal::ConsentExpired);
}

#[test]
fn b7_a_consent_given_by_another_person_about_themselves_covers_nothing_of_the_client() {
    let mut world = World::adult();
    let trusted = world.add(PersonRole::TrustedPerson, false);
    let command = Command::GiveConsent {
        case: world.id(),
        person: trusted,
        given_by: Some(trusted),
        scope: scope(CLINIC, &[NEEDS]),
        consent: taken(Capacity::Own),
    };
    world.ask(FRONT, command).done(&["ConsentGiven"]);
    let referral = world.reviewed(&[NEEDS]);
    world.send(referral).refused(Refusal::ConsentMissing);
}

#[test]
fn b3_a_minors_referral_needs_both_consents_and_each_must_cover_it() {
    let child = |world: &mut World, scope| {
        let client = world.client();
        world.consent_by(FRONT, Some(client), Capacity::Assent, scope)
    };
    let decision =
        |world: &mut World, scope| world.consent_by(CHILD, None, Capacity::BestInterests, scope);
    let fits = scope(CLINIC, &[NEEDS]);
    let elsewhere = scope(SCHOOL, &[NEEDS]);

    let mut world = World::minor();
    let referral = world.reviewed(&[NEEDS]);
    world.send(referral).refused(Refusal::ConsentMissing);

    let mut with_child = world.clone();
    child(&mut with_child, fits.clone());
    with_child
        .send(referral)
        .refused(Refusal::CaregiverConsentMissing);

    let mut with_adult = world.clone();
    decision(&mut with_adult, fits.clone());
    with_adult
        .send(referral)
        .refused(Refusal::ChildConsentMissing);

    decision(&mut with_child, elsewhere);
    with_child
        .send(referral)
        .refused(Refusal::RecipientNotCovered);

    child(&mut with_adult, fits);
    let done = with_adult.send(referral).done(&["ReferralSent"]);
    match &done.records[0].event {
        Event::ReferralSent(sent) => assert_eq!(sent.basis.len(), 2),
        other => panic!("{other:?}"),
    }
}

#[test]
fn b8_a_childs_content_rests_on_the_childs_own_consent() {
    let mut world = World::minor();
    let caregiver = world.add(PersonRole::Caregiver, true);
    let consent = world.consent_by(
        FRONT,
        Some(caregiver),
        Capacity::Caregiver,
        scope(CLINIC, &[NEEDS]),
    );
    let mut command = world.drafting(HEALTH, &[NEEDS]);
    if let Command::DraftReferral { ground, .. } = &mut command {
        *ground = Some(consent.into());
    }
    world
        .ask(FRONT, command)
        .refused_about(Refusal::CapacityInvalid, "caregiver");
}

#[test]
fn b8_content_rests_on_a_ground_of_the_client_that_is_in_force() {
    let mut world = World::minor();
    let caregiver = world.add(PersonRole::Caregiver, true);
    let theirs = world.state().record_ground(caregiver, world.now);
    for named in [theirs, Some(GroundId([77; 16]))] {
        let mut command = world.drafting(HEALTH, &[NEEDS]);
        if let Command::DraftReferral { ground, .. } = &mut command {
            *ground = named;
        }
        world
            .ask(FRONT, command)
            .refused(Refusal::ConsentNotInForce);
    }
}

#[test]
fn b9_nothing_reaches_officials_of_the_state_of_origin() {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[NEEDS]));
    let command = world.drafting(EMBASSY, &[NEEDS]);
    world
        .ask(FRONT, command)
        .refused_about(Refusal::RecipientNotCovered, "state_of_origin");
    let referral = world.reviewed(&[NEEDS]);
    let service = world.services.get_mut(&HEALTH).expect("the clinic");
    Arc::make_mut(service).entry.class = RecipientClass::StateOfOrigin;
    world
        .send(referral)
        .refused_about(Refusal::RecipientNotCovered, "state_of_origin");
}

#[test]
fn b9_enforcement_needs_a_consent_of_its_own() {
    let mut world = World::adult();
    let mut both = scope(CLINIC, &[NEEDS]);
    both.recipients.insert(SCHOOL);
    world.consent_to(both);
    let referral = world.reviewed_to(POLICE, &[NEEDS]);
    world.send(referral).refused(Refusal::RecipientNotCovered);
    world.consent_to(scope(CLINIC, &[NEEDS]));
    world.send(referral).done(&["ReferralSent"]);
}

#[test]
fn b7_a_service_that_changed_hands_is_another_recipient() {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[NEEDS]));
    let referral = world.reviewed(&[NEEDS]);
    let service = world.services.get_mut(&HEALTH).expect("the clinic");
    Arc::make_mut(service).entry.organisation = SCHOOL;
    world
        .send(referral)
        .refused_about(Refusal::RecipientNotCovered, &SCHOOL.to_string());
}

#[test]
fn d3_a_confidential_service_does_not_exist_for_those_who_need_not_know() {
    let mut world = World::adult();
    let command = world.drafting(SHELTER, &[NEEDS]);
    world
        .ask(FRONT, command.clone())
        .refused_about(Refusal::NotFound, "service");
    world.ask(FOCAL, command).done(&["ReferralDrafted"]);
}
