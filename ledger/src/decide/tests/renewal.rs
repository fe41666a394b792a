//! B1, B2, B4, B6. A consent given anew; who interpreted and who gave support.

use super::*;

const NEEDS: DataCategory = DataCategory::Needs;

/// A consent to refer that ends in two days.
fn ending() -> (World, ConsentId) {
    ending_about(&[NEEDS])
}

fn ending_about(categories: &[DataCategory]) -> (World, ConsentId) {
    let mut world = World::adult();
    let mut consent = taken(Capacity::Own);
    consent.expires = Some(world.now.plus_ms(2 * DAY_MS));
    let command = Command::GiveConsent {
        case: world.id(),
        person: world.client(),
        given_by: Some(world.client()),
        scope: scope(CLINIC, categories),
        consent,
    };
    let done = world.ask(FRONT, command).done(&["ConsentGiven"]);
    match &done.records[0].event {
        Event::ConsentGiven(given) => (world, given.consent),
        other => panic!("{other:?}"),
    }
}

fn renewing(world: &World, consent: ConsentId, days: u64) -> Renewing {
    let mut again = taken(Capacity::Own);
    again.expires = Some(world.now.plus_ms(days * DAY_MS));
    Renewing {
        case: world.id(),
        consent,
        taken: again,
    }
}

#[test]
fn b1_a_consent_given_anew_goes_on_as_it_was_until_another_day() {
    let (mut world, consent) = ending();
    let before = world.state().consents[&consent].clone();
    let sooner = renewing(&world, consent, 1);
    let refused = world.ask(FRONT, Command::RenewConsent(sooner));
    refused.refused_about(Refusal::TimeInvalid, "expires");
    let again = renewing(&world, consent, 30);
    let expires = again.taken.expires;
    let done = world.ask(FRONT, Command::RenewConsent(again));
    let done = done.done(&["ConsentRenewed"]);
    assert_eq!(
        (done.personal.as_slice(), done.unfence.len()),
        (&[1][..], 0)
    );
    let after = world.state().consents[&consent].clone();
    let mut expected = before;
    (expected.expires, expected.given) = (expires, world.now);
    assert_eq!(after, expected);
    world.now = world.now.plus_ms(3 * DAY_MS);
    assert!(world.state().consents[&consent].is_in_force(world.now));
    let expire = Command::ExpireConsent {
        case: world.id(),
        consent,
    };
    world.ask_system(expire).refused(Refusal::NotDue);
}

#[test]
fn b1_what_ran_out_comes_back_while_nothing_of_it_was_destroyed_and_not_after() {
    let (mut world, consent) = ending();
    world.now = world.now.plus_ms(3 * DAY_MS);
    let case = world.id();
    let expire = Command::ExpireConsent { case, consent };
    let fenced = world.ask_system(expire.clone()).done(&["ConsentExpired"]);
    let again = renewing(&world, consent, 30);
    let done = world.ask(FRONT, Command::RenewConsent(again));
    assert_eq!(done.done(&["ConsentRenewed"]).unfence, fenced.fence);
    assert!(world.state().consents[&consent].is_in_force(world.now));
    world.now = world.now.plus_ms(31 * DAY_MS);
    let fenced = world.ask_system(expire).done(&["ConsentExpired"]).fence;
    world.shredded(fenced);
    let late = renewing(&world, consent, 30);
    let refused = world.ask(FRONT, Command::RenewConsent(late));
    refused.refused(Refusal::ShreddingStarted);
}

/// The same with something written on it in each category, after its time was up.
fn ended_about(categories: &[DataCategory]) -> (World, ConsentId) {
    let (mut world, consent) = ending_about(categories);
    let mut command = world.drafting(HEALTH, categories);
    if let Command::DraftReferral { ground, .. } = &mut command {
        *ground = Some(consent.into());
    }
    world.drafted(command);
    world.now = world.now.plus_ms(3 * DAY_MS);
    let case = world.id();
    let expire = Command::ExpireConsent { case, consent };
    assert!(world.ask_system(expire).0.is_ok());
    (world, consent)
}

#[test]
fn e3_what_two_persons_had_deleted_is_brought_back_by_no_renewal_though_its_keys_wait() {
    let (mut world, consent) = ended_about(&[NEEDS, DataCategory::Health]);
    let mut asked = rights::asking(&world, RequestKind::Deletion);
    asked.categories = [DataCategory::Health].into();
    let request = rights::received(&mut world, asked);
    rights::decided(&mut world, request, RequestAnswer::Grant, &[]);
    let done = rights::carry_out(&world, request);
    assert!(world.ask(DPO, done).0.is_ok());
    // then what was not deleted comes back, and no more
    let again = renewing(&world, consent, 30);
    let done = world.ask(FRONT, Command::RenewConsent(again));
    let unfenced = done.done(&["ConsentRenewed"]).unfence;
    assert!(unfenced.contains(&leaf(&world, consent, NEEDS)));
    assert!(!unfenced.contains(&leaf(&world, consent, DataCategory::Health)));
}

#[test]
fn e2_what_a_retention_rule_ended_comes_back_neither_by_a_new_day_nor_by_undoing() {
    let (mut world, consent) = ended_about(&[NEEDS]);
    let again = renewing(&world, consent, 30);
    let again = world.ask(FRONT, Command::RenewConsent(again));
    again.done(&["ConsentRenewed"]);
    let state = world.state();
    let applied = RetentionApplied {
        consent,
        categories: None,
        rule: PublicText("rule".to_owned()),
        version: 1,
        shred_due: world.now,
    };
    world.told(applied);
    // A mirror is away, so its keys wait; then its own day comes.
    world.now = world.now.plus_ms(31 * DAY_MS);
    let late = renewing(&world, consent, 30);
    let refused = world.ask(FRONT, Command::RenewConsent(late));
    refused.refused(Refusal::ConsentNotInForce);
    let record = state.record_ground(state.client, world.now).expect("it");
    let of_a_part = RetentionApplied {
        consent: ConsentId(record.0),
        categories: Some([NEEDS].into()),
        rule: PublicText("rule".to_owned()),
        version: 1,
        shred_due: world.now,
    };
    let draft = world.drafting(HEALTH, &[NEEDS]);
    world.drafted(draft);
    world.told(of_a_part);
    assert!(
        !world.state().consents[&ConsentId(record.0)]
            .leaving
            .is_empty()
    );
    let undo = Command::UndoWithdrawal {
        case: world.id(),
        consent: ConsentId(record.0),
    };
    let refused = world.ask(FOCAL, undo);
    refused.refused(Refusal::ConsentNotInForce);
}

fn leaf(world: &World, consent: ConsentId, category: DataCategory) -> LeafKeyId {
    let state = world.state();
    let person = state.client;
    state.leaves[&LeafOf {
        person,
        ground: consent.into(),
        category: Some(category),
    }]
}

#[test]
fn b6_a_category_taken_back_after_the_consent_ran_out_is_gone_and_does_not_come_back() {
    let health = DataCategory::Health;
    let (mut world, consent) = ended_about(&[NEEDS, health]);
    let part = Scope {
        categories: [health].into(),
        ..Scope::default()
    };
    let withdraw = Command::WithdrawConsent {
        case: world.id(),
        person: None,
        consent: Some(consent),
        part: Some(part),
        shred: ShredWish::AfterPeriod,
    };
    world.ask(FRONT, withdraw).0.expect("taken back");
    let again = renewing(&world, consent, 30);
    let done = world.ask(FRONT, Command::RenewConsent(again));
    let unfenced = done.done(&["ConsentRenewed"]).unfence;
    assert!(unfenced.contains(&leaf(&world, consent, NEEDS)));
    assert!(!unfenced.contains(&leaf(&world, consent, health)));
    assert!(!world.state().consents[&consent].scope.holds(health));
}

#[test]
fn b1_a_renewal_is_taken_like_any_consent_and_brings_back_nothing_withdrawn() {
    let (mut world, consent) = ending();
    let mut silent = renewing(&world, consent, 30);
    silent.taken.explained.remove(&Explained::RightToWithdraw);
    let refused = world.ask(FRONT, Command::RenewConsent(silent));
    refused.refused_about(Refusal::ExplanationIncomplete, "right_to_withdraw");
    let mut other = renewing(&world, consent, 30);
    other.taken.capacity = Capacity::Caregiver;
    let refused = world.ask(FRONT, Command::RenewConsent(other));
    refused.refused(Refusal::SubstitutionNotAllowed);
    let unknown = renewing(&world, ConsentId([99; 16]), 30);
    let refused = world.ask(FRONT, Command::RenewConsent(unknown));
    refused.refused_about(Refusal::NotFound, "consent");
    let withdraw = world.withdrawing(Some(consent));
    assert!(world.ask(FRONT, withdraw).0.is_ok());
    let again = renewing(&world, consent, 30);
    let refused = world.ask(FRONT, Command::RenewConsent(again));
    refused.refused(Refusal::ConsentNotInForce);
}

#[test]
fn b2_consent_through_an_interpreter_whom_the_person_did_not_accept_is_refused() {
    let mut world = World::adult();
    for (vetted, accepted, about) in [
        (true, false, Some("accepted")),
        (false, true, Some("vetted")),
        (true, true, None),
    ] {
        let mut consent = taken(Capacity::Own);
        consent.interpreter = Some(Interpreter {
            person: None,
            vetted,
            accepted,
        });
        let give = Command::GiveConsent {
            case: world.id(),
            person: world.client(),
            given_by: Some(world.client()),
            scope: scope(CLINIC, &[NEEDS]),
            consent: consent.clone(),
        };
        let open = Command::OpenCase {
            identity: None,
            age_group: AgeGroup::Adult,
            sensitivity: Sensitivity::Standard,
            consent: Some(consent),
            categories: [NEEDS].into(),
        };
        let mut elsewhere = World::new();
        let outcomes = [world.ask(FRONT, give), elsewhere.ask(FRONT, open)];
        for outcome in outcomes {
            match about {
                Some(about) => outcome.refused_about(Refusal::InterpreterNotAccepted, about),
                None => assert!(outcome.0.is_ok()),
            }
        }
    }
}

#[test]
fn b4_support_is_kept_with_the_words_and_whoever_gave_it_decided_nothing() {
    let mut world = World::adult();
    let trusted = world.add(PersonRole::TrustedPerson, false);
    let client = world.client();
    let supported = |world: &World, person, given_by| {
        let mut consent = taken(Capacity::Own);
        consent.note.support = Some(Support {
            kinds: [SupportKind::PlainLanguage].into(),
            by: [SupportedBy::TrustedPerson].into(),
            person: Some(person),
        });
        Command::GiveConsent {
            case: world.id(),
            person: client,
            given_by: Some(given_by),
            scope: scope(CLINIC, &[NEEDS]),
            consent,
        }
    };
    let done = supported(&world, trusted, client);
    let done = world.ask(FRONT, done).done(&["ConsentGiven"]);
    assert_eq!(done.personal, [1]);
    let by_whom = supported(&world, client, client);
    let refused = world.ask(FRONT, by_whom);
    refused.refused_about(Refusal::CapacityInvalid, "support");
    let in_place = supported(&world, trusted, trusted);
    let refused = world.ask(FRONT, in_place);
    refused.refused(Refusal::SubstitutionNotAllowed);
    let unknown = supported(&world, PersonId([99; 16]), client);
    let refused = world.ask(FRONT, unknown);
    refused.refused_about(Refusal::NotFound, "support");
}
