//! B5, B6. What ends by itself: exceptions that nobody confirmed in time or whose time is up, and
//! everything at the stroke, whether or not the ledger has swept yet.

use super::*;

fn lapsing(world: &World, exception: ExceptionId) -> Command {
    let case = world.id();
    Command::LapseException { case, exception }
}

/// A referral drafted on an exception.
fn on_exception(kind: ExceptionKind) -> (World, ExceptionId, ReferralId) {
    let mut world = World::undocumented();
    let exception = world.invoked(kind);
    if kind == ExceptionKind::LegalMandate {
        let command = world.deciding(exception, true);
        world.ask(FOCAL, command).done(&["ExceptionAuthorised"]);
    }
    let mut command = world.drafting(HEALTH, &[DataCategory::Health]);
    if let Command::DraftReferral {
        ground, urgency, ..
    } = &mut command
    {
        *ground = Some(exception.into());
        *urgency = Urgency::Emergency;
    }
    let referral = world.drafted(command);
    (world, exception, referral)
}

#[test]
fn b5_an_exception_nobody_confirmed_in_time_is_fenced_stops_and_is_destroyed() {
    let (mut world, exception, referral) = on_exception(ExceptionKind::ImmediateRisk);
    world.send(referral).done(&["ReferralSent"]);
    let lapse = lapsing(&world, exception);
    world.ask_system(lapse.clone()).refused(Refusal::NotDue);
    world.pass(|it| it.exceptions.authorise);
    let names = ["ExceptionLapsed", "ReferralStopped"];
    let done = world.ask_system(lapse.clone()).done(&names);
    let leaves: Vec<_> = world.state().leaves_of(exception.into()).collect();
    assert_eq!(leaves.len(), 2, "the reasons, and what was said of health");
    assert_eq!(done.fence, leaves);
    assert!(done.shred.is_empty());
    match &done.records[1].event {
        Event::ReferralStopped(stopped) => assert!(stopped.recipient_asked),
        other => panic!("{other:?}"),
    }
    world.ask_system(lapse).refused(Refusal::NothingToDo);
    let due = Command::ShredDue { case: world.id() };
    world.ask_system(due.clone()).refused(Refusal::NotDue);
    world.pass(|it| it.after_withdrawal);
    assert_eq!(world.ask_system(due.clone()).done(&[]).shred, leaves);
    world.shredded(leaves);
    world.ask_system(due).refused(Refusal::NotDue);
    let standing = world.state().exceptions[&exception].standing;
    assert_eq!(standing, Standing::Shredded);
}

#[test]
fn b5_a_confirmed_exception_lapses_at_its_end_and_not_before() {
    for kind in ExceptionKind::ALL.iter().copied() {
        let (mut world, exception, _) = on_exception(kind);
        if kind == ExceptionKind::ImmediateRisk {
            let command = world.deciding(exception, true);
            world.ask(FOCAL, command).done(&["ExceptionAuthorised"]);
        }
        world.pass(|it| it.exceptions.authorise);
        let lapse = lapsing(&world, exception);
        world.ask_system(lapse.clone()).refused(Refusal::NotDue);
        let rules = world.rules.organisation.clone();
        world.pass_ms(ms(rules.exceptions.last) - ms(rules.exceptions.authorise));
        let names = ["ExceptionLapsed", "ReferralStopped"];
        let done = world.ask_system(lapse).done(&names);
        assert_eq!(done.fence.len(), 2);
    }
}

#[test]
fn b5_a_period_of_zero_hands_a_lapsed_exception_to_the_eraser_at_once() {
    let (mut world, exception, _) = on_exception(ExceptionKind::ImmediateRisk);
    world.organisation().after_withdrawal = Allowed::Days(0);
    world.pass(|it| it.exceptions.authorise);
    let lapse = lapsing(&world, exception);
    let names = ["ExceptionLapsed", "ReferralStopped"];
    let done = world.ask_system(lapse).done(&names);
    assert_eq!(done.shred, done.fence);
}

#[test]
fn b5_a_rejected_exception_is_destroyed_after_the_period() {
    let (mut world, exception, _) = on_exception(ExceptionKind::ImmediateRisk);
    let reject = world.deciding(exception, false);
    let names = ["ExceptionRejected", "ReferralStopped"];
    let fenced = world.ask(FOCAL, reject).done(&names).fence;
    let due = Command::ShredDue { case: world.id() };
    world.ask_system(due.clone()).refused(Refusal::NotDue);
    world.pass(|it| it.after_withdrawal);
    assert_eq!(world.ask_system(due).done(&[]).shred, fenced);
    let lapse = lapsing(&world, exception);
    world.ask_system(lapse).refused(Refusal::NothingToDo);
}

#[test]
fn b5_what_lapsed_can_be_called_wrong_without_living_longer_and_not_once_it_is_gone() {
    let (mut world, exception, _) = on_exception(ExceptionKind::ImmediateRisk);
    world.pass(|it| it.exceptions.authorise);
    let lapse = lapsing(&world, exception);
    let names = ["ExceptionLapsed", "ReferralStopped"];
    world.ask_system(lapse).done(&names);
    let due = world.state().exceptions[&exception].standing.shred_due();
    world.pass_ms(1_000);
    let confirm = world.deciding(exception, true);
    world
        .ask(FOCAL, confirm)
        .refused(Refusal::ExceptionNotAuthorised);
    let mut late = world.clone();
    let reject = world.deciding(exception, false);
    world
        .ask(FOCAL, reject.clone())
        .done(&["ExceptionRejected"]);
    let standing = world.state().exceptions[&exception].standing;
    assert_eq!(standing.shred_due(), due);
    let leaves = late.state().leaves_of(exception.into()).collect();
    late.shredded(leaves);
    late.ask(FOCAL, reject).refused(Refusal::ShreddingStarted);
}

#[test]
fn b5_an_exception_is_not_confirmed_after_the_time_for_it_swept_or_not() {
    let (mut world, exception, _) = on_exception(ExceptionKind::ImmediateRisk);
    world.pass(|it| it.exceptions.authorise);
    let confirm = world.deciding(exception, true);
    world
        .ask(FOCAL, confirm)
        .refused(Refusal::ExceptionNotAuthorised);
}

#[test]
fn b6_at_the_stroke_nothing_is_open_any_more_swept_or_not() {
    let (mut world, exception, referral) = on_exception(ExceptionKind::ImmediateRisk);
    let before = world.rules.organisation.exception_authorised_by(world.now);
    let before = Timestamp(before.0 - 1);
    let state = world.state();
    assert!(state.closed_leaves(before).is_empty());
    world.pass(|it| it.exceptions.authorise);
    let all: BTreeSet<_> = state.leaves_of(exception.into()).collect();
    assert_eq!(state.closed_leaves(world.now), all);
    let revise = Command::ReviseReferral {
        case: world.id(),
        referral,
        ground: Some(exception.into()),
        items: items(&[DataCategory::Health]),
    };
    world
        .ask(FRONT, revise)
        .refused(Refusal::ExceptionNotAuthorised);
    world
        .send(referral)
        .refused(Refusal::ExceptionNotAuthorised);
}

#[test]
fn b6_nothing_is_added_to_an_expired_consent_before_the_sweep_either() {
    let mut world = World::adult();
    let client = world.client();
    let mut command = world.giving(
        Some(client),
        Capacity::Own,
        scope(CLINIC, &[DataCategory::Health]),
    );
    if let Command::GiveConsent { consent, .. } = &mut command {
        consent.expires = Some(world.now.plus_ms(1_000));
    }
    world.ask(FRONT, command).done(&["ConsentGiven"]);
    let state = world.state();
    let (consent, _) = state
        .consents
        .iter()
        .find(|(_, it)| it.expires.is_some())
        .expect("given");
    world.pass_ms(1_000);
    let mut draft = world.drafting(HEALTH, &[DataCategory::Health]);
    if let Command::DraftReferral { ground, .. } = &mut draft {
        *ground = Some((*consent).into());
    }
    world.ask(FRONT, draft).refused(Refusal::ConsentNotInForce);
    let closed = world.state().closed_leaves(world.now);
    assert_eq!(closed, state.leaves_of((*consent).into()).collect());
}

#[test]
fn b5_a_follow_up_note_rests_on_the_exception_where_there_is_no_consent() {
    let (mut world, exception, referral) = on_exception(ExceptionKind::ImmediateRisk);
    world.send(referral).done(&["ReferralSent"]);
    let note = Command::RecordFollowUp(FollowingUp {
        case: world.id(),
        referral,
        person: None,
        outcome: FollowUpOutcome::NotToldUnsafe,
        channel: Channel::Phone,
        note: Some(text("words")),
    });
    let confirm = world.deciding(exception, true);
    world.ask(FOCAL, confirm).done(&["ExceptionAuthorised"]);
    let done = world.ask(FRONT, note.clone()).done(&["FollowUpRecorded"]);
    assert_eq!(done.personal, [1]);
    assert!(
        done.records[0].leaves.is_empty(),
        "on the exception's own leaf"
    );
    world.pass(|it| it.exceptions.last);
    world
        .ask(FRONT, note)
        .refused(Refusal::DocumentationRefused);
}
