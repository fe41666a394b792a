//! B6, B8. Withdrawal, undoing, expiry, what is due.

use super::*;

fn needs() -> [DataCategory; 1] {
    [DataCategory::Needs]
}

/// An adult whose referral to the clinic was sent; the consent and the referral.
fn sent() -> (World, ConsentId, ReferralId) {
    let mut world = World::adult();
    let consent = world.consent_to(scope(CLINIC, &needs()));
    let referral = world.reviewed(&needs());
    world.send(referral).done(&["ReferralSent"]);
    (world, consent, referral)
}

#[test]
fn b6_a_withdrawal_fences_at_once_and_is_due_after_the_period() {
    let (mut world, consent, referral) = sent();
    let command = world.withdrawing(Some(consent));
    let names = ["ConsentWithdrawn", "ReferralStopped"];
    let done = world.ask(FRONT_TWO, command).done(&names);
    let leaves: Vec<_> = world.state().leaves_of(consent.into()).collect();
    assert_eq!(done.fence, leaves);
    assert!(done.shred.is_empty());
    match &done.records[1].event {
        Event::ReferralStopped(stopped) => assert!(stopped.recipient_asked),
        other => panic!("{other:?}"),
    }
    assert_eq!(world.state_of(referral), ReferralState::Stopped);
    let due = Command::ShredDue { case: world.id() };
    world.ask_system(due.clone()).refused(Refusal::NotDue);
    world.pass(|it| it.after_withdrawal);
    assert_eq!(world.ask_system(due).done(&[]).shred, leaves);
}

#[test]
fn b6_a_withdrawal_at_once_hands_its_leaves_to_the_eraser() {
    let (mut world, consent, _) = sent();
    let command = Command::WithdrawConsent {
        case: world.id(),
        person: None,
        consent: Some(consent),
        part: None,
        shred: ShredWish::AtOnce,
    };
    let names = ["ConsentWithdrawn", "ReferralStopped"];
    let done = world.ask(FRONT, command.clone()).done(&names);
    assert!(!done.shred.is_empty());
    assert_eq!(done.shred, done.fence);
    world
        .ask(FRONT, command)
        .refused(Refusal::ConsentNotInForce);
}

#[test]
fn b6_a_period_of_zero_is_at_once() {
    let (mut world, consent, _) = sent();
    world.organisation().after_withdrawal = Allowed::Days(0);
    let command = world.withdrawing(Some(consent));
    let done = world.ask(FRONT, command).0.expect("withdrawn");
    assert_eq!(done.shred, done.fence);
}

#[test]
fn b6_later_can_be_changed_into_at_once() {
    let (mut world, consent, _) = sent();
    let command = world.withdrawing(Some(consent));
    world
        .ask(FRONT, command.clone())
        .0
        .map(|_| ())
        .expect("first");
    world
        .ask(FRONT, command)
        .refused(Refusal::ConsentNotInForce);
    let command = Command::WithdrawConsent {
        case: world.id(),
        person: None,
        consent: Some(consent),
        part: None,
        shred: ShredWish::AtOnce,
    };
    let done = world.ask(FRONT, command).done(&["ConsentWithdrawn"]);
    assert!(!done.shred.is_empty());
}

#[test]
fn b6_withdrawing_everything_leaves_nothing_on_consent() {
    let (mut world, _, referral) = sent();
    let command = world.withdrawing(None);
    let names = ["ConsentWithdrawn", "ConsentWithdrawn", "ReferralStopped"];
    let done = world.ask(FRONT, command).done(&names);
    let state = world.state();
    let of_client = state
        .leaves
        .iter()
        .filter(|(of, _)| of.person == state.client);
    let mut all: Vec<_> = of_client.map(|(_, key)| *key).collect();
    let mut fenced = done.fence;
    all.sort();
    fenced.sort();
    assert_eq!(fenced, all);
    assert_eq!(world.state_of(referral), ReferralState::Stopped);
    let command = world.withdrawing(None);
    world.ask(FRONT, command).refused(Refusal::NothingToDo);
}

#[test]
fn b6_without_consent_to_the_record_nothing_of_that_person_stays_on_consent() {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &needs()));
    let state = world.state();
    let record = state
        .record_ground(state.client, world.now)
        .expect("recorded");
    let command = world.withdrawing(Some(ConsentId(record.0)));
    let names = ["ConsentWithdrawn", "ConsentWithdrawn"];
    assert_eq!(world.ask(FRONT, command).done(&names).fence.len(), 3);
}

#[test]
fn b6_a_draft_on_the_withdrawn_ground_stops_and_nobody_is_asked() {
    let mut world = World::adult();
    let consent = world.consent_to(scope(CLINIC, &needs()));
    let mut command = world.drafting(HEALTH, &needs());
    if let Command::DraftReferral { ground, .. } = &mut command {
        *ground = Some(consent.into());
    }
    let referral = world.drafted(command);
    let command = world.withdrawing(Some(consent));
    let names = ["ConsentWithdrawn", "ReferralStopped"];
    let done = world.ask(FRONT, command).done(&names);
    match &done.records[1].event {
        Event::ReferralStopped(stopped) => assert!(!stopped.recipient_asked),
        other => panic!("{other:?}"),
    }
    world
        .send(referral)
        .refused_about(Refusal::ReferralState, "stopped");
}

#[test]
fn b6_a_partial_withdrawal_narrows_the_scope_and_stops_what_it_no_longer_covers() {
    let (mut world, consent, referral) = sent();
    let wide = [DataCategory::Needs, DataCategory::Health];
    let other = world.consent_to(scope(CLINIC, &wide));
    let part = |category: DataCategory| Scope {
        categories: [category].into(),
        ..Scope::default()
    };
    let take = |world: &World, consent, part| Command::WithdrawConsent {
        case: world.id(),
        person: None,
        consent: Some(consent),
        part: Some(part),
        shred: ShredWish::AfterPeriod,
    };
    let command = take(&world, other, part(DataCategory::Needs));
    let done = world
        .ask(FRONT, command.clone())
        .done(&["ConsentWithdrawn"]);
    assert!(done.fence.is_empty());
    assert_eq!(world.state_of(referral), ReferralState::Sent);
    world.ask(FRONT, command).refused(Refusal::NothingToDo);
    // Of a consent that covered one thing only nothing is left: it ends as a whole.
    let command = take(&world, consent, part(DataCategory::Needs));
    let names = ["ConsentWithdrawn", "ReferralStopped"];
    let done = world.ask(FRONT, command).done(&names);
    assert!(!done.fence.is_empty());
    assert_eq!(world.state_of(referral), ReferralState::Stopped);
}

#[test]
fn b6_a_recipient_taken_out_of_the_scope_is_asked_to_stop() {
    let mut world = World::adult();
    let mut both = scope(CLINIC, &needs());
    both.recipients.insert(SCHOOL);
    let consent = world.consent_to(both);
    let clinic = world.reviewed(&needs());
    let school = world.reviewed_to(CLASSES, &needs());
    world.send(clinic).done(&["ReferralSent"]);
    world.send(school).done(&["ReferralSent"]);
    let command = Command::WithdrawConsent {
        case: world.id(),
        person: None,
        consent: Some(consent),
        part: Some(Scope {
            recipients: [SCHOOL].into(),
            ..Scope::default()
        }),
        shred: ShredWish::AtOnce,
    };
    let names = ["ConsentWithdrawn", "ReferralStopped"];
    world.ask(FRONT, command).done(&names);
    assert_eq!(world.state_of(clinic), ReferralState::Sent);
    assert_eq!(world.state_of(school), ReferralState::Stopped);
}

#[test]
fn b6_taking_recording_out_of_the_record_consent_ends_everything() {
    let (mut world, _, _) = sent();
    let state = world.state();
    let record = state
        .record_ground(state.client, world.now)
        .expect("recorded");
    let command = Command::WithdrawConsent {
        case: world.id(),
        person: None,
        consent: Some(ConsentId(record.0)),
        part: Some(Scope {
            purposes: [Purpose::Record].into(),
            ..Scope::default()
        }),
        shred: ShredWish::AfterPeriod,
    };
    let names = ["ConsentWithdrawn", "ConsentWithdrawn", "ReferralStopped"];
    // Name and notes on the one, what the referral said of needs, and the note on the other.
    assert_eq!(world.ask(FRONT, command).done(&names).fence.len(), 4);
}

#[test]
fn b6_a_withdrawal_is_undone_until_destruction_begins() {
    let (mut world, consent, referral) = sent();
    let command = world.withdrawing(Some(consent));
    let fenced = world.ask(FRONT, command.clone()).0.expect("done").fence;
    let undo = Command::UndoWithdrawal {
        case: world.id(),
        consent,
    };
    let done = world.ask(FRONT, undo.clone()).done(&["WithdrawalUndone"]);
    assert_eq!(done.unfence, fenced);
    world.ask(FRONT, undo.clone()).refused(Refusal::NothingToDo);
    // What was stopped stays stopped: the recipient was asked already.
    assert_eq!(world.state_of(referral), ReferralState::Stopped);
    let keys = world.ask(FRONT, command).0.expect("again").fence;
    world.shredded(keys);
    world.ask(FRONT, undo).refused(Refusal::ShreddingStarted);
}

#[test]
fn b6_expiry_fences_and_stops_and_destroys_when_retention_ends() {
    let mut world = World::adult();
    let client = world.client();
    let mut consent = taken(Capacity::Own);
    consent.expires = Some(world.now.plus_ms(1_000));
    let command = Command::GiveConsent {
        case: world.id(),
        person: client,
        given_by: Some(client),
        scope: scope(CLINIC, &needs()),
        consent,
    };
    let done = world.ask(FRONT, command).done(&["ConsentGiven"]);
    let Event::ConsentGiven(given) = &done.records[0].event else {
        panic!("a consent")
    };
    let expire = Command::ExpireConsent {
        case: world.id(),
        consent: given.consent,
    };
    let referral = world.reviewed(&needs());
    world.send(referral).done(&["ReferralSent"]);
    world.ask_system(expire.clone()).refused(Refusal::NotDue);
    world.pass_ms(1_000);
    let names = ["ConsentExpired", "ReferralStopped"];
    let done = world.ask_system(expire.clone()).done(&names);
    assert_eq!(done.fence.len(), 1);
    assert!(done.shred.is_empty());
    world.ask_system(expire).refused(Refusal::NothingToDo);
    let fenced = done.fence;
    let due = Command::ShredDue { case: world.id() };
    world.ask_system(due.clone()).refused(Refusal::NotDue);
    let mut kept = world.clone();
    kept.pass(|it| it.after_expiry);
    assert_eq!(kept.ask_system(due).done(&[]).shred, fenced);
    // The person may still want it gone.
    let command = world.withdrawing(Some(given.consent));
    world.ask(FRONT, command).done(&["ConsentWithdrawn"]);
}

#[test]
fn b8_a_caregivers_withdrawal_about_a_child_goes_first_to_child_protection() {
    let mut world = World::minor();
    let caregiver = world.add(PersonRole::Caregiver, true);
    let consent = world.consent_by(
        FRONT,
        Some(caregiver),
        Capacity::Caregiver,
        scope(CLINIC, &needs()),
    );
    let command = world.withdrawing(Some(consent));
    for caller in [FRONT, FOCAL, DPO] {
        world
            .ask(caller, command.clone())
            .refused(Refusal::ChildProtectionDecides);
    }
    world.ask(CHILD, command).done(&["ConsentWithdrawn"]);
    let undo = Command::UndoWithdrawal {
        case: world.id(),
        consent,
    };
    world
        .ask(FRONT, undo)
        .refused(Refusal::ChildProtectionDecides);
}

#[test]
fn b8_a_caregiver_who_leaves_takes_their_own_name_and_nothing_of_the_child() {
    let mut world = World::minor();
    let client = world.client();
    let caregiver = world.add(PersonRole::Caregiver, true);
    world.consent_by(
        FRONT,
        Some(client),
        Capacity::Assent,
        scope(CLINIC, &needs()),
    );
    world.consent_by(
        FRONT,
        Some(caregiver),
        Capacity::Caregiver,
        scope(CLINIC, &needs()),
    );
    let referral = world.reviewed(&needs());
    world.send(referral).done(&["ReferralSent"]);
    let command = Command::WithdrawConsent {
        case: world.id(),
        person: Some(caregiver),
        consent: None,
        part: None,
        shred: ShredWish::AtOnce,
    };
    let done = world.ask(FRONT, command).done(&["ConsentWithdrawn"]);
    let state = world.state();
    let owners: BTreeSet<_> = state
        .leaves
        .iter()
        .filter(|(_, key)| done.shred.contains(key))
        .map(|(of, _)| of.person)
        .collect();
    assert_eq!(owners, [caregiver].into());
    assert_eq!(world.state_of(referral), ReferralState::Sent);
}

#[test]
fn b6_a_child_takes_everything_back_without_asking_anybody() {
    let mut world = World::minor();
    let caregiver = world.add(PersonRole::Caregiver, true);
    world.consent_by(
        FRONT,
        Some(caregiver),
        Capacity::Caregiver,
        scope(CLINIC, &needs()),
    );
    let command = world.withdrawing(None);
    let names = ["ConsentWithdrawn", "ConsentWithdrawn"];
    world.ask(FRONT, command).done(&names);
}

#[test]
fn b6_a_consent_of_another_person_is_not_found_among_this_ones() {
    let mut world = World::minor();
    let caregiver = world.add(PersonRole::Caregiver, true);
    let consent = world.consent_to(scope(CLINIC, &needs()));
    let command = Command::WithdrawConsent {
        case: world.id(),
        person: Some(caregiver),
        consent: Some(consent),
        part: None,
        shred: ShredWish::AtOnce,
    };
    world
        .ask(FRONT, command)
        .refused_about(Refusal::NotFound, "consent");
}

#[test]
fn b6_after_shredding_the_case_says_so_instead_of_asking_for_consent() {
    let mut world = World::adult();
    let client = world.client();
    let command = world.withdrawing(None);
    let keys = world.ask(FRONT, command).0.expect("withdrawn").fence;
    world.shredded(keys);
    let renewed = world.giving(Some(client), Capacity::Own, Scope::record(all_categories()));
    let draft = world.drafting(HEALTH, &needs());
    let given = world.giving(Some(client), Capacity::Own, scope(CLINIC, &needs()));
    for command in [renewed, draft, given] {
        world.ask(FRONT, command).refused(Refusal::Shredded);
    }
}

#[test]
fn b6_a_ground_is_gone_with_its_last_leaf_and_due_until_then() {
    let mut world = World::adult();
    let consent = world.consent_to(scope(CLINIC, &needs()));
    let mut command = world.drafting(HEALTH, &needs());
    if let Command::DraftReferral { ground, .. } = &mut command {
        *ground = Some(consent.into());
    }
    world.drafted(command);
    let command = world.withdrawing(Some(consent));
    let mut fenced = world.ask(FRONT, command).0.expect("withdrawn").fence;
    fenced.sort();
    let [first, rest @ ..] = fenced.as_slice() else {
        panic!("leaves")
    };
    assert!(!rest.is_empty());
    world.pass(|it| it.after_withdrawal);
    let due = Command::ShredDue { case: world.id() };
    let undo = Command::UndoWithdrawal {
        case: world.id(),
        consent,
    };
    let standing = |world: &World| world.state().consents[&consent].standing;
    // Begun and given up: due all the same, and not to be undone.
    world.shredding(fenced.clone());
    assert_eq!(world.ask_system(due.clone()).done(&[]).shred, fenced);
    world
        .ask(FRONT, undo.clone())
        .refused(Refusal::ShreddingStarted);
    world.shredded(vec![*first]);
    assert!(matches!(standing(&world), Standing::Withdrawn { .. }));
    assert_eq!(world.ask_system(due.clone()).done(&[]).shred, rest);
    world.ask(FRONT, undo).refused(Refusal::ShreddingStarted);
    world.shredded(rest.to_vec());
    assert_eq!(standing(&world), Standing::Shredded);
    world.ask_system(due).refused(Refusal::NotDue);
}

#[test]
fn b6_beyond_the_limit_of_a_day_a_withdrawal_waits_for_its_period_and_is_never_lost() {
    let mut world = World::adult();
    let consent = world.consent_to(scope(CLINIC, &needs()));
    world.organisation().at_once_per_day = 0;
    let mut at_once = world.withdrawing(Some(consent));
    if let Command::WithdrawConsent { shred, .. } = &mut at_once {
        *shred = ShredWish::AtOnce;
    }
    world
        .ask(FRONT, at_once.clone())
        .refused(Refusal::DestructionLimit);
    let mut later = at_once.clone();
    if let Command::WithdrawConsent { shred, .. } = &mut later {
        *shred = ShredWish::AfterPeriod;
    }
    let done = world.ask(FRONT, later).done(&["ConsentWithdrawn"]);
    assert!(!done.fence.is_empty() && done.shred.is_empty());
    // Who is within the limit may hasten it.
    world
        .ask(FOCAL, at_once.clone())
        .refused(Refusal::DestructionLimit);
    world.organisation().at_once_per_day = 1;
    let done = world.ask(FOCAL, at_once).done(&["ConsentWithdrawn"]);
    assert!(!done.shred.is_empty());
}
