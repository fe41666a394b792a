//! B6. What is told before a withdrawal is confirmed is what then happens.

use super::*;

const BOTH: [DataCategory; 2] = [DataCategory::Health, DataCategory::Needs];

/// A referral with health and needs on the record's consent, sent on a consent to the clinic.
fn sent() -> (World, ConsentId, ReferralId) {
    let mut world = World::adult();
    let consent = world.consent_to(scope(CLINIC, &BOTH));
    let referral = world.reviewed(&BOTH);
    world.send(referral).done(&["ReferralSent"]);
    (world, consent, referral)
}

fn withdrawing(world: &World, consent: Option<ConsentId>, part: Option<Scope>) -> Command {
    Command::WithdrawConsent {
        case: world.id(),
        person: None,
        consent,
        part,
        shred: ShredWish::AfterPeriod,
    }
}

/// Holds what was told against what the records then say.
fn same(world: &World, told: &Consequences, done: &Done) {
    let mut ending = Vec::new();
    let mut narrowed = Vec::new();
    let mut stopped = Vec::new();
    for record in &done.records {
        match &record.event {
            Event::ConsentWithdrawn(it) => match &it.part {
                Some(part) => narrowed.push((it.consent, part.clone())),
                None => ending.push(it.consent),
            },
            Event::ReferralStopped(it) => stopped.push((it.referral, it.recipient_asked)),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((&told.ending, &told.narrowed), (&ending, &narrowed));
    let told_stopped = told
        .stopped
        .iter()
        .map(|it| (it.referral, it.recipient_asked));
    assert_eq!(told_stopped.collect::<Vec<_>>(), stopped);
    let state = world.state();
    let keys = |of: &LeafOf| state.leaves[of];
    let unreadable: BTreeSet<_> = told.unreadable.iter().map(keys).collect();
    assert_eq!(unreadable, done.fence.iter().copied().collect());
    let stays: BTreeSet<_> = told.stays.iter().map(|it| keys(&it.of)).collect();
    assert!(stays.is_disjoint(&unreadable));
    assert_eq!(stays.len() + unreadable.len(), state.leaves.len());
}

#[test]
fn b6_of_a_sharing_consent_the_referral_stops_the_proof_goes_and_the_file_stays() {
    let (mut world, consent, referral) = sent();
    let command = withdrawing(&world, Some(consent), None);
    let (told, done) = world.told_and_done(FRONT, command);
    same(&world, &told, &done);
    let stopped = Stopped {
        referral,
        recipient: CLINIC,
        recipient_asked: true,
    };
    assert_eq!(told.stopped, [stopped]);
    assert_eq!(told.proof_lost, [consent]);
    assert_eq!(told.stays.len(), 4, "note, name, health and needs stay");
    assert!(told.stays.iter().all(|it| it.because == Because::Consent));
    let organisation = &world.rules.organisation;
    let due = organisation.withdrawn_kept_until(world.now);
    assert_eq!(told.shred_due, Some(due));
}

#[test]
fn b6_who_was_given_data_before_is_named_also_where_nothing_stops_any_more() {
    let (mut world, consent, referral) = sent();
    let case = world.id();
    for command in [
        Command::ReceiveReferral { case, referral },
        Command::AcceptReferral { case, referral },
        Command::CompleteReferral { case, referral },
    ] {
        assert!(world.ask(PROVIDER, command).0.is_ok());
    }
    let outside = Command::RecordDisclosure {
        case,
        recipient: SCHOOL,
        categories: [DataCategory::Needs].into(),
        channel: Channel::Phone,
    };
    assert!(world.ask(FRONT, outside).0.is_ok());
    let command = withdrawing(&world, Some(consent), None);
    let (told, done) = world.told_and_done(FRONT, command);
    same(&world, &told, &done);
    assert!(told.stopped.is_empty());
    let disclosure = *world.state().disclosures.keys().next().unwrap();
    let expected = [
        (Given::Referral(referral), CLINIC),
        (Given::Disclosure(disclosure), SCHOOL),
    ];
    assert_eq!(told.holding, expected);
}

#[test]
fn b6_of_a_category_only_what_was_said_in_it_goes() {
    let (mut world, _, referral) = sent();
    let part = Scope {
        categories: [DataCategory::Health].into(),
        ..Scope::default()
    };
    let command = withdrawing(&world, None, Some(part));
    let (told, done) = world.told_and_done(FRONT, command);
    same(&world, &told, &done);
    let categories = told.unreadable.iter().map(|of| of.category);
    assert_eq!(categories.collect::<Vec<_>>(), [Some(DataCategory::Health)]);
    assert_eq!(told.stopped[0].referral, referral);
    assert!(told.ending.is_empty() && told.proof_lost.is_empty());
}

#[test]
fn b6_of_a_recipient_nothing_becomes_unreadable_and_that_is_said() {
    let mut world = World::adult();
    let mut wide = scope(CLINIC, &BOTH);
    wide.recipients.insert(SCHOOL);
    let consent = world.consent_to(wide);
    let part = Scope {
        recipients: [SCHOOL].into(),
        ..Scope::default()
    };
    let command = withdrawing(&world, Some(consent), Some(part));
    let (told, done) = world.told_and_done(FRONT, command);
    same(&world, &told, &done);
    assert!(told.unreadable.is_empty());
    assert_eq!(told.shred_due, None);
    assert!(!told.stays.is_empty());
}

#[test]
fn b6_of_everything_what_rests_on_an_exception_stays_and_is_named() {
    let (mut world, _, _) = sent();
    let exception = world.invoked(ExceptionKind::ImmediateRisk);
    let command = withdrawing(&world, None, None);
    let (told, done) = world.told_and_done(FRONT, command);
    same(&world, &told, &done);
    let ends = world.state().exceptions[&exception].expires;
    let stays = Stays {
        of: LeafOf {
            person: world.client(),
            ground: exception.into(),
            category: None,
        },
        because: Because::Exception,
        until: Some(ends),
    };
    assert_eq!(told.stays, [stays]);
}

#[test]
fn b6_a_preview_is_refused_as_the_withdrawal_would_be_and_previews_nothing_else() {
    let (mut world, consent, _) = sent();
    let state = world.state();
    let ask = |world: &mut World, caller, command: Command| {
        let subjects = world.subjects(Caller::Staff(caller), &command);
        let request = Request {
            request: RequestId([9; 16]),
            caller: Caller::Staff(caller),
            expected_version: None,
            occurred: None,
            command,
        };
        let permitted = authorise(&world.policy, request, &subjects, world.now)?;
        preview(
            permitted,
            &subjects,
            world.now,
            &world.rules,
            &mut world.entropy,
        )
    };
    let whole = withdrawing(&world, Some(consent), None);
    let refused = ask(&mut world, AUDITOR, whole.clone()).expect_err("refused");
    assert_eq!(refused.refusal, Refusal::NotAllowed);
    let other = world.drafting(HEALTH, &BOTH);
    let refused = ask(&mut world, FRONT, other).expect_err("refused");
    assert_eq!(refused.refusal, Refusal::NotAllowed);
    ask(&mut world, FRONT, whole).expect("told");
    assert_eq!(world.state(), state, "nothing was done");
}
