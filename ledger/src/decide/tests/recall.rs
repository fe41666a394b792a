//! C1, B8, C4. Taking a referral back in two steps, cancelling by the person, and what is agreed
//! for following up.

use super::*;

const NEEDS: DataCategory = DataCategory::Needs;

fn sent() -> (World, ReferralId) {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[NEEDS]));
    let referral = world.reviewed(&[NEEDS]);
    world.send(referral).done(&["ReferralSent"]);
    (world, referral)
}

fn recall(world: &World, referral: ReferralId) -> Command {
    Command::RecallReferral {
        case: world.id(),
        referral,
        reason: ReferralReason::WrongService,
    }
}

fn answer(world: &World, referral: ReferralId, answer: RecallAnswer) -> Command {
    Command::AnswerRecall(AnsweringRecall {
        case: world.id(),
        referral,
        answer,
    })
}

fn cancel(world: &World, referral: ReferralId, asked_by: Option<PersonId>) -> Command {
    Command::CancelReferral(Cancelling {
        case: world.id(),
        referral,
        asked_by,
    })
}

fn view(world: &World, referral: ReferralId) -> Command {
    Command::ViewPersonalData {
        case: world.id(),
        target: ViewTarget::Referral(referral),
        purpose: ViewPurpose::Service,
    }
}

#[test]
fn c1_what_was_not_sent_is_recalled_at_once_and_what_was_sent_is_asked_back() {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[NEEDS]));
    let unsent = world.reviewed(&[NEEDS]);
    let command = recall(&world, unsent);
    world.ask(FOCAL, command).done(&["ReferralRecalled"]);
    let nothing = answer(&world, unsent, RecallAnswer::NotRead);
    let answered = world.ask(FOCAL, nothing);
    answered.refused_about(Refusal::ReferralState, "recalled");

    let (mut world, referral) = sent();
    let command = recall(&world, referral);
    world.ask(FOCAL, command.clone()).done(&["RecallAsked"]);
    assert_eq!(world.state_of(referral), ReferralState::RecallAsked);
    let twice = world.ask(FOCAL, command);
    twice.refused_about(Refusal::ReferralState, "recall_asked");
    let due = world.rules.organisation.due(Urgency::Routine, world.now);
    let asked = world.state().referrals[&referral].recall.expect("asked");
    assert_eq!((asked.answer_by, asked.answer), (due.acknowledge_by, None));
}

#[test]
fn c1_the_recipient_says_what_became_of_what_was_asked_back() {
    for (said, state) in [
        (RecallAnswer::NotRead, ReferralState::Recalled),
        (RecallAnswer::Destroyed, ReferralState::Recalled),
        (RecallAnswer::AlreadyActed, ReferralState::Accepted),
    ] {
        let (mut world, referral) = sent();
        let early = answer(&world, referral, said);
        let before = world.ask(PROVIDER, early);
        before.refused_about(Refusal::ReferralState, "sent");
        let command = recall(&world, referral);
        world
            .ask(PROVIDER, command.clone())
            .refused(Refusal::NotAllowed);
        world.ask(FOCAL, command).done(&["RecallAsked"]);
        let answered = answer(&world, referral, said);
        world
            .ask(FRONT, answered.clone())
            .refused(Refusal::NotAllowed);
        world.ask(PROVIDER, answered).done(&["RecallAnswered"]);
        assert_eq!(world.state_of(referral), state);
        let kept = world.state().referrals[&referral].recall.expect("asked");
        assert_eq!(kept.answer, Some(said));
    }
}

#[test]
fn c1_what_was_asked_back_is_never_opened_by_its_recipient_again() {
    let (mut world, referral) = sent();
    let open = view(&world, referral);
    world
        .ask(PROVIDER, open.clone())
        .done(&["PersonalDataSeen"]);
    let command = recall(&world, referral);
    world.ask(FOCAL, command).done(&["RecallAsked"]);
    let asked = world.ask(PROVIDER, open.clone());
    asked.refused_about(Refusal::ReferralState, "recall_asked");
    // Saying that it was acted on already gives nothing back: its end can be told, no more.
    let acted = answer(&world, referral, RecallAnswer::AlreadyActed);
    world.ask(PROVIDER, acted).done(&["RecallAnswered"]);
    world.ask(PROVIDER, open).refused(Refusal::ReferralState);
    let case = world.id();
    let complete = Command::CompleteReferral { case, referral };
    world.ask(PROVIDER, complete).done(&["ReferralCompleted"]);
}

#[test]
fn b6_a_withdrawal_stops_what_was_asked_back_and_not_answered() {
    let (mut world, referral) = sent();
    let command = recall(&world, referral);
    world.ask(FOCAL, command).done(&["RecallAsked"]);
    let withdraw = world.withdrawing(None);
    world.ask(FRONT, withdraw).0.expect("withdrawn");
    assert_eq!(world.state_of(referral), ReferralState::Stopped);
}

#[test]
fn c1_a_person_cancels_at_any_step_and_the_recipient_is_to_be_asked() {
    let (mut world, referral) = sent();
    let command = cancel(&world, referral, None);
    world
        .ask(PROVIDER, command.clone())
        .refused(Refusal::NotAllowed);
    let done = world.ask(FRONT_TWO, command).done(&["ReferralCancelled"]);
    let Event::ReferralCancelled(cancelled) = &done.records[0].event else {
        panic!("{:?}", done.records)
    };
    assert_eq!(cancelled.asked_by, world.client());
    assert_eq!(world.state_of(referral), ReferralState::Cancelled);
    let case = world.state();
    let notice = case.notices[&Given::Referral(referral)];
    assert_eq!(notice.state, NoticeState::Planned);
    assert!(
        case.consents
            .values()
            .all(|it| it.standing == Standing::InForce)
    );
    let open = view(&world, referral);
    world.ask(PROVIDER, open).refused(Refusal::ReferralState);

    let draft = world.drafting(HEALTH, &[NEEDS]);
    let unsent = world.drafted(draft);
    let command = cancel(&world, unsent, None);
    world.ask(FOCAL, command).done(&["ReferralCancelled"]);
    assert!(!world.state().notices.contains_key(&Given::Referral(unsent)));
}

#[test]
fn c1_what_its_recipient_opened_was_read() {
    let (mut world, referral) = sent();
    let open = view(&world, referral);
    // Whoever sent it looks at it to work on the case, put on it or not: that is not the recipient.
    let (case, staff) = (world.id(), FOCAL);
    for _ in 0..2 {
        let serve = world.ask(FOCAL, open.clone());
        serve.refused(Refusal::NotAllowed);
        let work = Command::ViewPersonalData {
            case,
            target: ViewTarget::Referral(referral),
            purpose: ViewPurpose::CaseWork,
        };
        world.ask(FOCAL, work).done(&["PersonalDataSeen"]);
        let assign = Command::AssignStaff { case, staff };
        world.ask(FRONT, assign).0.ok();
    }
    let command = recall(&world, referral);
    let mut unread = world.clone();
    unread.ask(FOCAL, command.clone()).done(&["RecallAsked"]);
    let not_read = answer(&world, referral, RecallAnswer::NotRead);
    unread
        .ask(PROVIDER, not_read.clone())
        .done(&["RecallAnswered"]);

    world.ask(PROVIDER, open).done(&["PersonalDataSeen"]);
    world.ask(FOCAL, command).done(&["RecallAsked"]);
    let refused = world.ask(PROVIDER, not_read);
    refused.refused_about(Refusal::ReferralState, "opened");
    let destroyed = answer(&world, referral, RecallAnswer::Destroyed);
    world.ask(PROVIDER, destroyed).done(&["RecallAnswered"]);
}

#[test]
fn b6_a_recipient_that_goes_on_after_a_recall_is_asked_at_a_withdrawal_whatever_it_confirmed() {
    let (mut world, referral) = sent();
    let command = recall(&world, referral);
    world.ask(FOCAL, command).done(&["RecallAsked"]);
    let given = Given::Referral(referral);
    for (caller, state, outcome) in [
        (FOCAL, NoticeState::Sent, None),
        (
            PROVIDER,
            NoticeState::Confirmed,
            Some(NoticeOutcome::Destroyed),
        ),
    ] {
        let notice = Command::RecordNotice(Noticing {
            case: world.id(),
            about: NoticeAbout::Erasure,
            given,
            state,
            outcome,
            channel: Channel::Phone,
        });
        world.ask(caller, notice).done(&["NoticeRecorded"]);
    }
    let acted = answer(&world, referral, RecallAnswer::AlreadyActed);
    world.ask(PROVIDER, acted).done(&["RecallAnswered"]);
    let withdraw = world.withdrawing(None);
    world.ask(FRONT, withdraw).0.expect("withdrawn");
    let notice = world.state().notices[&given];
    assert_eq!((notice.state, notice.outcome), (NoticeState::Planned, None));
}

#[test]
fn b5_what_rests_on_an_exception_is_recalled_and_never_cancelled_as_the_persons_wish() {
    for kind in [ExceptionKind::LegalMandate, ExceptionKind::ImmediateRisk] {
        let mut world = World::minor();
        let exception = world.invoked(kind);
        let decide = world.deciding(exception, true);
        world.ask(FOCAL, decide).0.expect("confirmed");
        let draft = Command::DraftReferral {
            case: world.id(),
            service: HEALTH,
            urgency: Urgency::Urgent,
            ground: Some(GroundId(exception.0)),
            items: items(&[DataCategory::Health]),
            follows: None,
        };
        let referral = world.drafted(draft);
        let unsent = cancel(&world, referral, None);
        let refused = world.ask(FRONT_TWO, unsent);
        refused.refused_about(Refusal::ReferralState, "exception");
        let review = world.reviewing(referral);
        world.ask(CHILD, review).0.expect("reviewed");
        world.send(referral).0.expect("sent");
        for caller in [FRONT_TWO, FOCAL, CHILD] {
            let command = cancel(&world, referral, None);
            let refused = world.ask(caller, command);
            refused.refused_about(Refusal::ReferralState, "exception");
        }
        let command = recall(&world, referral);
        world.ask(FOCAL, command).done(&["RecallAsked"]);
    }
}

/// A draft whose words rest on an exception, in a case of an adult who recovered since.
fn recovered(scope: Scope) -> (World, ReferralId) {
    let mut world = World::adult();
    let exception = world.invoked(ExceptionKind::ImmediateRisk);
    let decide = world.deciding(exception, true);
    world.ask(FOCAL, decide).0.expect("confirmed");
    let draft = Command::DraftReferral {
        case: world.id(),
        service: HEALTH,
        urgency: Urgency::Urgent,
        ground: Some(GroundId(exception.0)),
        items: items(&[DataCategory::Health]),
        follows: None,
    };
    let referral = world.drafted(draft);
    world.consent_to(scope);
    (world, referral)
}

#[test]
fn c1_what_was_written_in_an_emergency_and_agreed_to_since_is_cancelled_by_the_person() {
    for sent in [false, true] {
        let (mut world, referral) = recovered(scope(CLINIC, &[DataCategory::Health]));
        if sent {
            let review = world.reviewing(referral);
            world.ask(FOCAL, review).0.expect("reviewed");
            world.send(referral).done(&["ReferralSent"]);
        }
        let command = cancel(&world, referral, None);
        world.ask(FRONT, command).done(&["ReferralCancelled"]);
    }
    // What they agreed to goes elsewhere: this one still rests on the exception.
    let (mut world, referral) = recovered(scope(SCHOOL, &[DataCategory::Health]));
    let command = cancel(&world, referral, None);
    let refused = world.ask(FRONT, command);
    refused.refused_about(Refusal::ReferralState, "exception");
}

#[test]
fn b4_nobody_cancels_for_an_adult() {
    let (mut world, referral) = sent();
    let friend = world.add(PersonRole::TrustedPerson, false);
    let command = cancel(&world, referral, Some(friend));
    let refused = world.ask(CHILD, command);
    refused.refused(Refusal::SubstitutionNotAllowed);
    let command = cancel(&world, referral, Some(PersonId([98; 16])));
    world
        .ask(CHILD, command)
        .refused_about(Refusal::NotFound, "person");
}

#[test]
fn b8_what_a_caregiver_cancels_for_a_child_goes_to_child_protection_first() {
    let mut world = World::minor();
    let caregiver = world.add(PersonRole::Caregiver, true);
    let friend = world.add(PersonRole::TrustedPerson, false);
    let draft = world.drafting(HEALTH, &[NEEDS]);
    let referral = world.drafted(draft);
    let command = cancel(&world, referral, Some(caregiver));
    world
        .ask(FOCAL, command.clone())
        .refused(Refusal::ChildProtectionDecides);
    let other = cancel(&world, referral, Some(friend));
    world.ask(CHILD, other).refused(Refusal::CapacityInvalid);
    world.ask(CHILD, command).done(&["ReferralCancelled"]);
}

#[test]
fn c4_what_is_agreed_for_following_up_is_recorded_with_the_sending() {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[NEEDS]));
    let referral = world.reviewed(&[NEEDS]);
    let case = world.id();
    let agreed = |on: Day, items: &[FollowUpItem]| Command::SendReferral {
        case,
        referral,
        channel: Channel::Portal,
        follow_up: Some(FollowUpContract {
            channel: Channel::Phone,
            on,
            items: items.iter().copied().collect(),
        }),
    };
    let today = world.now.day();
    let nothing = agreed(today, &[]);
    let past = agreed(Day(today.0 - 1), &[FollowUpItem::Reached]);
    let never = agreed(Day(today.0 + 367), &[FollowUpItem::Reached]);
    let fine = agreed(Day(today.0 + 7), &[FollowUpItem::Reached]);
    world
        .ask(FOCAL, nothing)
        .refused_about(Refusal::Malformed, "follow_up.items");
    for absurd in [past, never] {
        let refused = world.ask(FOCAL, absurd);
        refused.refused_about(Refusal::TimeInvalid, "follow_up.on");
    }
    // How it went is told only with the person's consent to that, which is needed on the day, too.
    let how = agreed(Day(today.0 + 7), &[FollowUpItem::HelpGiven]);
    world
        .ask(FOCAL, how)
        .refused_about(Refusal::PurposeNotCovered, "feedback");
    world
        .ask(FOCAL, fine)
        .done(&["ReferralSent", "FollowUpAgreed"]);
    let kept = world.state().referrals[&referral]
        .follow_up
        .clone()
        .expect("agreed");
    assert_eq!((kept.channel, kept.on), (Channel::Phone, Day(today.0 + 7)));
}
