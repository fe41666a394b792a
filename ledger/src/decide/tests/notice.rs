//! B6, E5. Recipients are asked to stop, return or destroy, and what they answer is recorded.

use super::*;
use crate::domain::case::Notice;

const NEEDS: DataCategory = DataCategory::Needs;

fn sent() -> (World, ReferralId) {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[NEEDS]));
    let referral = world.reviewed(&[NEEDS]);
    world.send(referral).done(&["ReferralSent"]);
    (world, referral)
}

fn stopped() -> (World, ReferralId) {
    let (mut world, referral) = sent();
    let command = world.withdrawing(None);
    let withdrawn = world.ask(FRONT, command).0;
    assert!(withdrawn.is_ok(), "withdrawn");
    (world, referral)
}

fn notice(
    world: &World,
    given: Given,
    state: NoticeState,
    outcome: Option<NoticeOutcome>,
) -> Command {
    Command::RecordNotice {
        case: world.id(),
        given,
        state,
        outcome,
        channel: Channel::Phone,
    }
}

fn now(world: &World, given: Given) -> Option<Notice> {
    world.cases[&world.id()].notices.get(&given).copied()
}

#[test]
fn e5_a_recipient_whose_referral_stopped_is_to_be_asked_and_its_answer_is_kept() {
    let (mut world, referral) = stopped();
    let given = Given::Referral(referral);
    let planned = Notice {
        state: NoticeState::Planned,
        outcome: None,
    };
    assert_eq!(now(&world, given), Some(planned));
    for (state, outcome) in [
        (NoticeState::Sent, None),
        (NoticeState::Sent, None),
        (NoticeState::Failed, None),
        (NoticeState::Sent, None),
        (NoticeState::Confirmed, Some(NoticeOutcome::Stopped)),
        (NoticeState::Confirmed, Some(NoticeOutcome::Destroyed)),
    ] {
        let command = notice(&world, given, state, outcome);
        world.ask(FOCAL, command).done(&["NoticeRecorded"]);
        assert_eq!(now(&world, given), Some(Notice { state, outcome }));
    }
}

#[test]
fn e5_only_who_confirmed_says_what_it_did() {
    let (mut world, referral) = stopped();
    let given = Given::Referral(referral);
    for (state, outcome) in [
        (NoticeState::Confirmed, None),
        (NoticeState::Sent, Some(NoticeOutcome::Stopped)),
        (NoticeState::Failed, Some(NoticeOutcome::Destroyed)),
        (NoticeState::Impossible, Some(NoticeOutcome::Returned)),
    ] {
        let command = notice(&world, given, state, outcome);
        let asked = world.ask(FOCAL, command);
        asked.refused_about(Refusal::Malformed, "outcome");
    }
}

#[test]
fn e5_no_step_leads_back_to_planned_and_none_is_answered_before_it_was_asked() {
    let (mut world, referral) = stopped();
    let given = Given::Referral(referral);
    let again = notice(&world, given, NoticeState::Planned, None);
    world.ask(FOCAL, again).refused(Refusal::NothingToDo);
    let done = Some(NoticeOutcome::Destroyed);
    let confirm = notice(&world, given, NoticeState::Confirmed, done);
    world.ask(FOCAL, confirm.clone()).done(&["NoticeRecorded"]);
    world.ask(FOCAL, confirm).refused(Refusal::NothingToDo);
    for state in [
        NoticeState::Planned,
        NoticeState::Sent,
        NoticeState::Failed,
        NoticeState::Impossible,
    ] {
        let command = notice(&world, given, state, None);
        let asked = world.ask(FOCAL, command);
        asked.refused_about(Refusal::NoticeState, "confirmed");
    }
    let disclosed = disclosed(&mut world);
    let early = notice(&world, disclosed, NoticeState::Confirmed, done);
    let asked = world.ask(FOCAL, early);
    asked.refused_about(Refusal::NoticeState, "none");
}

fn disclosed(world: &mut World) -> Given {
    let command = Command::RecordDisclosure {
        case: world.id(),
        recipient: CLINIC,
        categories: [NEEDS].into(),
        channel: Channel::Phone,
    };
    let done = world.ask(FOCAL, command).done(&["DisclosureRecorded"]);
    let Event::DisclosureRecorded(it) = &done.records[0].event else {
        panic!("a disclosure");
    };
    Given::Disclosure(it.disclosure)
}

#[test]
fn e5_what_was_told_outside_can_be_asked_back_and_what_never_was_cannot() {
    let (mut world, _) = stopped();
    let given = disclosed(&mut world);
    let plan = notice(&world, given, NoticeState::Planned, None);
    world.ask(FOCAL, plan).done(&["NoticeRecorded"]);
    let unknown = Given::Disclosure(DisclosureId([7; 16]));
    let command = notice(&world, unknown, NoticeState::Sent, None);
    let asked = world.ask(FOCAL, command);
    asked.refused_about(Refusal::NotFound, "disclosure");
    let unknown = Given::Referral(ReferralId([7; 16]));
    let command = notice(&world, unknown, NoticeState::Sent, None);
    let asked = world.ask(FOCAL, command);
    asked.refused_about(Refusal::NotFound, "referral");
}

#[test]
fn b6_nobody_is_asked_who_may_still_have_it_or_was_sent_nothing() {
    let (mut world, referral) = sent();
    let command = notice(&world, Given::Referral(referral), NoticeState::Sent, None);
    world.ask(FOCAL, command).refused(Refusal::NotDue);
    let unsent = world.reviewed(&[NEEDS]);
    let command = notice(&world, Given::Referral(unsent), NoticeState::Sent, None);
    let asked = world.ask(FOCAL, command);
    asked.refused_about(Refusal::ReferralState, "reviewed");
    let recall = Command::RecallReferral {
        case: world.id(),
        referral,
        reason: ReferralReason::Other,
    };
    world.ask(FOCAL, recall).done(&["RecallAsked"]);
    let command = notice(&world, Given::Referral(referral), NoticeState::Sent, None);
    world.ask(FOCAL, command).done(&["NoticeRecorded"]);
}

#[test]
fn e5_who_received_data_answers_for_itself_and_asks_nobody() {
    let (mut world, referral) = stopped();
    let given = Given::Referral(referral);
    for state in [NoticeState::Planned, NoticeState::Sent] {
        let command = notice(&world, given, state, None);
        world.ask(PROVIDER, command).refused(Refusal::NotAllowed);
    }
    let done = Some(NoticeOutcome::Destroyed);
    let command = notice(&world, given, NoticeState::Confirmed, done);
    for other in [AUDITOR, COORDINATOR] {
        let refused = world.ask(other, command.clone()).0;
        assert!(refused.is_err(), "not theirs");
    }
    world.ask(PROVIDER, command).done(&["NoticeRecorded"]);
}
