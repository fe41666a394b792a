//! B6. Partial withdrawal: what was written in the categories that go is fenced and destroyed, and
//! nothing else.

use super::*;

const BOTH: [DataCategory; 2] = [DataCategory::Health, DataCategory::Needs];

/// A draft with health and needs on the consent to be recorded; that consent and the draft.
fn drafted() -> (World, ConsentId, ReferralId) {
    let mut world = World::adult();
    let command = world.drafting(HEALTH, &BOTH);
    let referral = world.drafted(command);
    let state = world.state();
    let record = state.record_ground(state.client, world.now);
    (world, ConsentId(record.expect("recorded").0), referral)
}

fn taking(world: &World, consent: Option<ConsentId>, part: Scope, shred: ShredWish) -> Command {
    Command::WithdrawConsent {
        case: world.id(),
        person: None,
        consent,
        part: Some(part),
        shred,
    }
}

fn category(category: DataCategory) -> Scope {
    Scope {
        categories: [category].into(),
        ..Scope::default()
    }
}

fn leaf(world: &World, ground: ConsentId, category: Option<DataCategory>) -> LeafKeyId {
    let state = world.state();
    let of = LeafOf {
        person: state.client,
        ground: ground.into(),
        category,
    };
    state.leaves[&of]
}

fn undoing(world: &World, consent: ConsentId) -> Command {
    let case = world.id();
    Command::UndoWithdrawal { case, consent }
}

fn due(world: &World) -> Command {
    Command::ShredDue { case: world.id() }
}

#[test]
fn b6_what_a_referral_says_in_one_category_rests_on_a_leaf_of_its_own() {
    let (mut world, record, _) = drafted();
    let health = leaf(&world, record, Some(DataCategory::Health));
    let needs = leaf(&world, record, Some(DataCategory::Needs));
    let rest = leaf(&world, record, None);
    assert_eq!(BTreeSet::from([health, needs, rest]).len(), 3);
    // The second referral that says the same rests on the same leaves.
    let command = world.drafting(HEALTH, &BOTH);
    world.drafted(command);
    assert_eq!(world.state().leaves_of(record.into()).count(), 4);
}

#[test]
fn b6_a_category_withdrawn_is_fenced_at_once_and_due_after_the_period() {
    let (mut world, record, referral) = drafted();
    let health = leaf(&world, record, Some(DataCategory::Health));
    let part = category(DataCategory::Health);
    let command = taking(&world, Some(record), part, ShredWish::AfterPeriod);
    let names = ["ConsentWithdrawn", "ReferralStopped"];
    let done = world.ask(FRONT, command.clone()).done(&names);
    assert_eq!(done.fence, [health]);
    assert!(done.shred.is_empty());
    assert_eq!(world.state_of(referral), ReferralState::Stopped);
    world.ask(FRONT, command).refused(Refusal::NothingToDo);
    let sweep = due(&world);
    world.ask_system(sweep.clone()).refused(Refusal::NotDue);
    world.pass(|it| it.after_withdrawal);
    assert_eq!(world.ask_system(sweep.clone()).done(&[]).shred, [health]);
    world.shredded(vec![health]);
    world.ask_system(sweep).refused(Refusal::NotDue);
    let state = world.state();
    assert_eq!(state.consents[&record].standing, Standing::InForce);
    let more = world.drafting(HEALTH, &BOTH);
    world
        .ask(FRONT, more)
        .refused_about(Refusal::CategoryNotCovered, "health");
    let less = world.drafting(HEALTH, &[DataCategory::Needs]);
    world.ask(FRONT, less).done(&["ReferralDrafted"]);
}

#[test]
fn b6_a_category_withdrawn_at_once_goes_to_the_eraser_and_is_gone_for_good() {
    let (mut world, record, _) = drafted();
    let health = leaf(&world, record, Some(DataCategory::Health));
    let part = category(DataCategory::Health);
    let command = taking(&world, Some(record), part, ShredWish::AtOnce);
    let names = ["ConsentWithdrawn", "ReferralStopped"];
    assert_eq!(world.ask(FRONT, command).done(&names).shred, [health]);
    world.shredded(vec![health]);
    let undo = undoing(&world, record);
    world.ask(FRONT, undo).refused(Refusal::ShreddingStarted);
}

#[test]
fn b6_a_category_is_given_back_until_its_destruction_begins() {
    let (mut world, record, _) = drafted();
    let before = world.state().consents[&record].clone();
    let health = leaf(&world, record, Some(DataCategory::Health));
    let part = category(DataCategory::Health);
    let take = taking(&world, Some(record), part, ShredWish::AfterPeriod);
    let undo = undoing(&world, record);
    let names = ["ConsentWithdrawn", "ReferralStopped"];
    world.ask(FRONT, take.clone()).done(&names);
    let done = world.ask(FRONT, undo.clone()).done(&["WithdrawalUndone"]);
    assert_eq!(done.unfence, [health]);
    assert_eq!(world.state().consents[&record], before);
    world.ask(FRONT, undo.clone()).refused(Refusal::NothingToDo);
    world.ask(FRONT, take).done(&["ConsentWithdrawn"]);
    world.pass(|it| it.after_withdrawal);
    world.shredded(vec![health]);
    world.ask(FRONT, undo).refused(Refusal::ShreddingStarted);
}

#[test]
fn b6_later_can_be_changed_into_at_once_for_a_category_too() {
    let (mut world, record, _) = drafted();
    let part = category(DataCategory::Health);
    let later = taking(&world, Some(record), part.clone(), ShredWish::AfterPeriod);
    let names = ["ConsentWithdrawn", "ReferralStopped"];
    world.ask(FRONT, later).done(&names);
    let at_once = taking(&world, Some(record), part, ShredWish::AtOnce);
    let done = world.ask(FRONT, at_once).done(&["ConsentWithdrawn"]);
    assert_eq!(done.shred.len(), 1);
    let sweep = due(&world);
    assert_eq!(world.ask_system(sweep).done(&[]).shred, done.shred);
}

#[test]
fn b6_a_category_withdrawn_from_all_consents_is_fenced_wherever_it_is_written() {
    let (mut world, record, _) = drafted();
    let other = world.consent_to(scope(CLINIC, &BOTH));
    let mut command = world.drafting(HEALTH, &BOTH);
    if let Command::DraftReferral { ground, .. } = &mut command {
        *ground = Some(other.into());
    }
    world.drafted(command);
    let leaves = [record, other].map(|one| leaf(&world, one, Some(DataCategory::Health)));
    let part = category(DataCategory::Health);
    let command = taking(&world, None, part, ShredWish::AfterPeriod);
    let done = world.ask(FRONT, command).0.expect("withdrawn");
    assert_eq!(BTreeSet::from_iter(done.fence), leaves.into());
}

#[test]
fn b6_a_recipient_or_purpose_withdrawn_destroys_nothing_and_cannot_be_undone() {
    let (mut world, record, _) = drafted();
    let mut wide = scope(CLINIC, &BOTH);
    wide.recipients.insert(SCHOOL);
    wide.purposes.insert(Purpose::FollowUp);
    let consent = world.consent_to(wide);
    let recipient = Scope {
        recipients: [SCHOOL].into(),
        ..Scope::default()
    };
    let purpose = Scope {
        purposes: [Purpose::FollowUp].into(),
        ..Scope::default()
    };
    for part in [recipient, purpose] {
        let command = taking(&world, Some(consent), part, ShredWish::AtOnce);
        let done = world.ask(FRONT, command).done(&["ConsentWithdrawn"]);
        assert!(done.fence.is_empty() && done.shred.is_empty());
    }
    for consent in [consent, record] {
        let undo = undoing(&world, consent);
        world.ask(FRONT, undo).refused(Refusal::NothingToDo);
    }
}

#[test]
fn b6_a_consent_without_a_purpose_that_keeps_data_ends_as_a_whole() {
    let mut world = World::adult();
    let mut wide = scope(CLINIC, &BOTH);
    wide.purposes.insert(Purpose::FollowUp);
    let consent = world.consent_to(wide);
    let mut command = world.drafting(HEALTH, &BOTH);
    if let Command::DraftReferral { ground, .. } = &mut command {
        *ground = Some(consent.into());
    }
    world.drafted(command);
    let part = Scope {
        purposes: [Purpose::Referral].into(),
        ..Scope::default()
    };
    let command = taking(&world, Some(consent), part, ShredWish::AfterPeriod);
    let names = ["ConsentWithdrawn", "ReferralStopped"];
    let done = world.ask(FRONT, command).done(&names);
    let all: BTreeSet<_> = world.state().leaves_of(consent.into()).collect();
    assert_eq!(all.len(), 3);
    assert_eq!(BTreeSet::from_iter(done.fence), all);
}

#[test]
fn b6_taking_a_whole_withdrawal_back_leaves_what_was_taken_out_before() {
    let (mut world, record, _) = drafted();
    let health = leaf(&world, record, Some(DataCategory::Health));
    let part = category(DataCategory::Health);
    let take = taking(&world, Some(record), part, ShredWish::AfterPeriod);
    world.ask(FRONT, take).0.map(|_| ()).expect("a part");
    let whole = world.withdrawing(Some(record));
    let done = world.ask(FRONT, whole).0.expect("the whole");
    assert!(done.fence.contains(&health));
    let undo = undoing(&world, record);
    let done = world.ask(FRONT, undo.clone()).done(&["WithdrawalUndone"]);
    assert!(!done.unfence.contains(&health));
    assert_eq!(done.unfence.len(), 3);
    let done = world.ask(FRONT, undo).done(&["WithdrawalUndone"]);
    assert_eq!(done.unfence, [health]);
}

#[test]
fn b6_a_part_that_is_gone_does_not_keep_the_whole_from_being_taken_back() {
    let (mut world, record, _) = drafted();
    let health = leaf(&world, record, Some(DataCategory::Health));
    let part = category(DataCategory::Health);
    let take = taking(&world, Some(record), part, ShredWish::AtOnce);
    world.ask(FRONT, take).0.map(|_| ()).expect("a part");
    world.shredded(vec![health]);
    let whole = world.withdrawing(Some(record));
    world
        .ask(FRONT, whole.clone())
        .0
        .map(|_| ())
        .expect("the whole");
    let undo = undoing(&world, record);
    world.ask(FRONT, undo.clone()).done(&["WithdrawalUndone"]);
    // But one leaf of the whole that is gone does, whichever rotation takes the others.
    world.ask(FRONT, whole).0.map(|_| ()).expect("again");
    let needs = leaf(&world, record, Some(DataCategory::Needs));
    world.shredded(vec![needs]);
    world.ask(FRONT, undo).refused(Refusal::ShreddingStarted);
}

#[test]
fn b8_what_a_caregiver_narrows_takes_nothing_of_what_the_child_said() {
    let mut world = World::minor();
    let caregiver = world.add(PersonRole::Caregiver, true);
    let consent = world.consent_by(
        FRONT,
        Some(caregiver),
        Capacity::Caregiver,
        scope(CLINIC, &BOTH),
    );
    let command = world.drafting(HEALTH, &BOTH);
    let referral = world.drafted(command);
    let part = category(DataCategory::Health);
    let command = taking(&world, Some(consent), part, ShredWish::AtOnce);
    world
        .ask(FRONT, command.clone())
        .refused(Refusal::ChildProtectionDecides);
    let done = world.ask(CHILD, command).done(&["ConsentWithdrawn"]);
    assert!(done.fence.is_empty() && done.shred.is_empty());
    assert_eq!(world.state_of(referral), ReferralState::Draft);
}

/// Health is taken back, and given back by a further consent to be recorded, which comes last.
fn given_back() -> (World, ConsentId, ConsentId) {
    let (mut world, record, _) = drafted();
    let take = taking(
        &world,
        None,
        category(DataCategory::Health),
        ShredWish::AtOnce,
    );
    world
        .ask(FRONT, take)
        .done(&["ConsentWithdrawn", "ReferralStopped"]);
    let shredded = leaf(&world, record, Some(DataCategory::Health));
    world.shredded(vec![shredded]);
    let again = Scope {
        categories: [DataCategory::Health].into(),
        ..Scope::record(BTreeSet::new())
    };
    let give = world.giving(Some(world.client()), Capacity::Own, again);
    let done = world.ask(FRONT, give).done(&["ConsentGiven"]);
    let Event::ConsentGiven(given) = &done.records[0].event else {
        panic!("a consent");
    };
    let given = given.consent;
    (world, record, given)
}

#[test]
fn b6_what_was_given_back_and_is_taken_again_takes_nothing_else_with_it() {
    let ways: [fn(&World, ConsentId) -> Command; 2] = [
        |world, _| {
            taking(
                world,
                None,
                category(DataCategory::Health),
                ShredWish::AtOnce,
            )
        },
        |world, given| Command::WithdrawConsent {
            case: world.id(),
            person: None,
            consent: Some(given),
            part: None,
            shred: ShredWish::AtOnce,
        },
    ];
    for way in ways {
        let (mut world, record, given) = given_back();
        let ground = Some(GroundId::from(given));
        let mut draft = world.drafting(HEALTH, &[DataCategory::Health]);
        if let Command::DraftReferral { ground: on, .. } = &mut draft {
            *on = ground;
        }
        world.drafted(draft);
        let meant: Vec<_> = world.state().leaves_of(given.into()).collect();
        let take = way(&world, given);
        let done = world.ask(FRONT, take);
        let done = done.done(&["ConsentWithdrawn", "ReferralStopped"]);
        assert_eq!(
            done.shred, meant,
            "the leaves of what was given back, and no other"
        );
        let state = world.state();
        assert_eq!(state.consents[&record].standing, Standing::InForce);
        let stands = state.record_ground(state.client, world.now);
        assert_eq!(stands, Some(record.into()), "the record goes on");
        // With the last one everything goes.
        let last = Command::WithdrawConsent {
            case: world.id(),
            person: None,
            consent: Some(record),
            part: None,
            shred: ShredWish::AtOnce,
        };
        assert!(world.ask(FRONT, last).0.is_ok());
        let state = world.state();
        assert_eq!(state.record_ground(state.client, world.now), None);
    }
}

#[test]
fn b6_of_two_consents_to_be_recorded_the_one_that_holds_it_is_written_on() {
    for _ in 0..8 {
        let (mut world, record, given) = given_back();
        let on = |world: &mut World, categories: &[DataCategory]| {
            let draft = world.drafting(HEALTH, categories);
            let id = world.drafted(draft);
            world.state().referrals[&id].content
        };
        assert_eq!(on(&mut world, &[DataCategory::Needs]), record.into());
        assert_eq!(on(&mut world, &[DataCategory::Health]), given.into());
        let state = world.state();
        let note = state.record_ground(state.client, world.now);
        assert_eq!(note, Some(record.into()), "the oldest");
        let both = world.drafting(HEALTH, &BOTH);
        world
            .ask(FRONT, both)
            .refused_about(Refusal::CategoryNotCovered, "health");
    }
}

/// The same, but the first record ran out since, and waits for its retention's end.
fn given_back_and_run_out() -> (World, ConsentId, ConsentId) {
    let (mut world, record, given) = given_back();
    let draft = world.drafting(HEALTH, &[DataCategory::Health]);
    world.drafted(draft);
    let expired = ConsentExpired {
        consent: record,
        shred_due: world.now.plus_ms(90 * DAY_MS),
    };
    world.told(expired);
    (world, record, given)
}

#[test]
fn b6_taking_one_kind_of_data_back_destroys_nothing_of_a_record_that_ran_out() {
    let (world, record, given) = given_back_and_run_out();
    let meant: Vec<_> = world.state().leaves_of(given.into()).collect();
    let health = || category(DataCategory::Health);
    let whole = Command::WithdrawConsent {
        case: world.id(),
        person: None,
        consent: Some(given),
        part: None,
        shred: ShredWish::AtOnce,
    };
    for take in [taking(&world, None, health(), ShredWish::AtOnce), whole] {
        let mut world = world.clone();
        let done = world.ask(FRONT, take).0.expect("taken back");
        assert_eq!(done.shred, meant);
        let standing = world.state().consents[&record].standing;
        assert!(matches!(standing, Standing::Expired { .. }));
    }
    // And two persons have it deleted as the part that it is.
    let mut world = world;
    let mut asked = rights::asking(&world, RequestKind::Deletion);
    asked.categories = [DataCategory::Health].into();
    let request = rights::received(&mut world, asked);
    rights::decided(&mut world, request, RequestAnswer::Grant, &[]);
    let carry_out = rights::carry_out(&world, request);
    let done = world.ask(DPO, carry_out).0.expect("carried out");
    assert_eq!(done.shred, meant);
    let standing = world.state().consents[&record].standing;
    assert!(matches!(standing, Standing::Expired { .. }));
}

#[test]
fn b6_what_a_child_takes_back_goes_at_once_whatever_ran_out_that_others_agreed_to() {
    let mut world = World::minor();
    let decided = world.consent_by(CHILD, None, Capacity::BestInterests, scope(CLINIC, &BOTH));
    let draft = world.drafting(HEALTH, &BOTH);
    world.drafted(draft);
    let expired = ConsentExpired {
        consent: decided,
        shred_due: world.now.plus_ms(90 * DAY_MS),
    };
    world.told(expired);
    for gone in [DataCategory::Health, DataCategory::Family] {
        let mut world = world.clone();
        let take = taking(&world, None, category(gone), ShredWish::AfterPeriod);
        assert!(world.ask(FRONT, take).0.is_ok(), "{gone}");
    }
    // What was decided for them is narrowed by who decides such things, and by nobody else.
    let named = taking(
        &world,
        Some(decided),
        category(DataCategory::Health),
        ShredWish::AfterPeriod,
    );
    let refused = world.ask(FRONT, named.clone());
    refused.refused(Refusal::ChildProtectionDecides);
    assert!(world.ask(CHILD, named).0.is_ok());
}
