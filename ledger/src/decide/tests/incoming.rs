//! C13. Referrals that come in from outside: taken down, assessed, decided, answered; what
//! the sender says of consent is a claim.

use super::*;
use crate::domain::incoming::{Incoming, Sender};

const HOUR_MS: u64 = DAY_MS / 24;

fn came() -> TakingDown {
    TakingDown {
        packet: None,
        from: Sender::Class(SenderClass::School),
        channel: Channel::Phone,
        urgency: Urgency::Urgent,
        reference: Some(PublicText("SC-2024/17".to_owned())),
        consent: ConsentClaim::Said,
    }
}

fn taken_down(world: &mut World, it: TakingDown) -> IncomingId {
    let done = world.ask(FRONT, Command::RecordIncoming(it));
    let done = done.done(&["IncomingReceived"]);
    match &done.records[0].event {
        Event::IncomingReceived(it) => it.incoming,
        other => panic!("{other:?}"),
    }
}

fn assessing(incoming: IncomingId, urgency: Option<Urgency>) -> Command {
    Command::AssessIncoming(AssessingIncoming {
        incoming,
        finding: IncomingFinding::WithinScope,
        urgency,
    })
}

fn deciding(incoming: IncomingId, decision: IncomingDecision) -> DecidingIncoming {
    DecidingIncoming {
        incoming,
        decision,
        reason: match decision {
            IncomingDecision::NotTaken => Some(ReferralReason::NoCapacity),
            IncomingDecision::Taken | IncomingDecision::PassedOn => None,
        },
        passed_to: None,
    }
}

fn answering(incoming: IncomingId, told: PersonTold) -> Command {
    Command::AnswerIncoming(AnsweringIncoming {
        incoming,
        told,
        channel: Channel::Phone,
    })
}

fn linking(world: &World, incoming: IncomingId) -> Command {
    Command::LinkIncoming(LinkingIncoming {
        case: world.id(),
        incoming,
    })
}

fn now(world: &World, incoming: IncomingId) -> Incoming {
    Incoming::clone(&world.incoming[&incoming])
}

fn decided(world: &mut World, decision: IncomingDecision) -> IncomingId {
    let incoming = taken_down(world, came());
    world
        .ask(FOCAL, assessing(incoming, None))
        .done(&["IncomingAssessed"]);
    let command = Command::DecideIncoming(deciding(incoming, decision));
    world.ask(FOCAL, command).done(&["IncomingDecided"]);
    incoming
}

#[test]
fn c13_an_incoming_referral_is_taken_down_assessed_decided_and_answered() {
    let mut world = World::new();
    let incoming = taken_down(&mut world, came());
    assert!(!now(&world, incoming).is_late(world.now));
    assert!(now(&world, incoming).is_late(world.now.plus_ms(25 * HOUR_MS)));
    let decide = Command::DecideIncoming(deciding(incoming, IncomingDecision::NotTaken));
    world
        .ask(FOCAL, decide.clone())
        .refused_about(Refusal::IncomingState, "received");
    let answer = answering(incoming, PersonTold::Told);
    world
        .ask(FOCAL, answer.clone())
        .refused_about(Refusal::IncomingState, "received");
    world
        .ask(CHILD, assessing(incoming, None))
        .done(&["IncomingAssessed"]);
    world
        .ask(FOCAL, answer.clone())
        .refused_about(Refusal::IncomingState, "assessed");
    world.ask(FOCAL, decide.clone()).done(&["IncomingDecided"]);
    world
        .ask(FOCAL, decide)
        .refused_about(Refusal::IncomingState, "decided");
    world.ask(FOCAL, answer.clone()).done(&["IncomingAnswered"]);
    world
        .ask(FOCAL, answer)
        .refused_about(Refusal::IncomingState, "answered");
    assert!(!now(&world, incoming).is_late(world.now.plus_ms(90 * DAY_MS)));
    assert!(now(&world, incoming).is_closed());
}

#[test]
fn c13_the_answer_is_due_by_urgency_from_when_it_came_and_never_later_by_an_assessment() {
    let mut world = World::new();
    let yesterday = Timestamp(world.now.0 - 20 * HOUR_MS);
    let command = Command::RecordIncoming(came());
    let done = world.ask_as(Caller::Staff(FRONT), None, Some(yesterday), command);
    let done = done.done(&["IncomingReceived"]);
    let Event::IncomingReceived(it) = &done.records[0].event else {
        panic!("{:?}", done.records)
    };
    let (incoming, due) = (it.incoming, it.answer_by);
    assert_eq!(now(&world, incoming).received, yesterday);
    assert_eq!(due, yesterday.plus_ms(24 * HOUR_MS));
    let slower = assessing(incoming, Some(Urgency::Routine));
    world.ask(FOCAL, slower).done(&["IncomingAssessed"]);
    assert_eq!(now(&world, incoming).answer_by, due);
    let faster = assessing(incoming, Some(Urgency::Emergency));
    world.ask(FOCAL, faster).done(&["IncomingAssessed"]);
    assert_eq!(now(&world, incoming).answer_by, yesterday.plus_ms(HOUR_MS));
    assert!(now(&world, incoming).is_late(world.now));
}

#[test]
fn c13_an_emergency_is_decided_on_before_anybody_assesses_it() {
    let mut world = World::new();
    let mut urgent = came();
    urgent.urgency = Urgency::Emergency;
    let incoming = taken_down(&mut world, urgent);
    let take = Command::DecideIncoming(deciding(incoming, IncomingDecision::Taken));
    world.ask(FOCAL, take).done(&["IncomingDecided"]);
}

#[test]
fn c13_what_cannot_mean_anything_is_malformed() {
    let mut world = World::new();
    for name in [
        "Mariam",
        "mariam 17",
        "SC_17",
        "SC 17",
        "MARIAM HADDAD 1994",
        "AMAL",
        "",
        &"7".repeat(37),
    ] {
        let mut it = came();
        it.reference = Some(PublicText(name.to_owned()));
        world
            .ask(FRONT, Command::RecordIncoming(it))
            .refused_about(Refusal::Malformed, "reference");
    }
    let incoming = taken_down(&mut world, came());
    let mut without = deciding(incoming, IncomingDecision::NotTaken);
    without.reason = None;
    let mut with = deciding(incoming, IncomingDecision::Taken);
    with.reason = Some(ReferralReason::Other);
    for wrong in [without, with] {
        world
            .ask(FOCAL, Command::DecideIncoming(wrong))
            .refused_about(Refusal::Malformed, "reason");
    }
    let mut nowhere = deciding(incoming, IncomingDecision::Taken);
    nowhere.passed_to = Some(SCHOOL);
    world
        .ask(FOCAL, Command::DecideIncoming(nowhere))
        .refused_about(Refusal::Malformed, "passed_to_id");
}

#[test]
fn c13_only_who_it_came_to_knows_of_it_and_only_focal_points_decide() {
    let mut world = World::new();
    for nobody in [PROVIDER, DPO, AUDITOR, COORDINATOR, ADMIN, SAFE] {
        world
            .ask(nobody, Command::RecordIncoming(came()))
            .refused(Refusal::NotAllowed);
    }
    let incoming = taken_down(&mut world, came());
    // Another organisation's front line takes down its own, and learns nothing of this one.
    world
        .ask(STRANGER, assessing(incoming, None))
        .refused_about(Refusal::NotFound, "incoming");
    world
        .ask(FOCAL, assessing(IncomingId([99; 16]), None))
        .refused_about(Refusal::NotFound, "incoming");
    for nobody in [FRONT, AUDITOR, COORDINATOR, ADMIN] {
        world
            .ask(nobody, assessing(incoming, None))
            .refused(Refusal::NotAllowed);
    }
    let stale = assessing(incoming, None);
    world
        .ask_as(Caller::Staff(FOCAL), Some(7), None, stale)
        .refused(Refusal::VersionConflict);
    let mut hidden = came();
    hidden.from = Sender::Service(SHELTER);
    world
        .ask(FRONT, Command::RecordIncoming(hidden.clone()))
        .refused_about(Refusal::NotFound, "service");
    world
        .ask(FOCAL, Command::RecordIncoming(hidden))
        .done(&["IncomingReceived"]);
}

#[test]
fn c13_officials_of_the_state_of_origin_are_not_told_what_became_of_it() {
    let embassy = Sender::Service(EMBASSY);
    let class = Sender::Class(SenderClass::StateOfOrigin);
    for from in [embassy, class] {
        let mut world = World::new();
        let mut it = came();
        (it.from, it.urgency) = (from, Urgency::Emergency);
        let incoming = taken_down(&mut world, it);
        let told = answering(incoming, PersonTold::Told);
        // Whom it would be told comes before where it stands.
        let early = world
            .ask(FOCAL, told.clone())
            .refused(Refusal::RecipientNotCovered);
        assert_eq!(early.about.as_deref(), Some("state_of_origin"));
        let decide = Command::DecideIncoming(deciding(incoming, IncomingDecision::Taken));
        world.ask(FOCAL, decide).done(&["IncomingDecided"]);
        world.ask(FOCAL, told).refused(Refusal::RecipientNotCovered);
        let not = answering(incoming, PersonTold::NotToldUnsafe);
        world.ask(FOCAL, not).done(&["IncomingAnswered"]);
    }
}

#[test]
fn c13_a_case_says_where_it_came_from_and_the_incoming_referral_names_no_case() {
    let mut world = World::adult();
    let not = decided(&mut world, IncomingDecision::NotTaken);
    let command = linking(&world, not);
    world
        .ask(FRONT, command)
        .refused_about(Refusal::IncomingState, "not_taken");
    let fresh = taken_down(&mut world, came());
    let command = linking(&world, fresh);
    world
        .ask(FRONT, command)
        .refused_about(Refusal::IncomingState, "received");
    let taken = decided(&mut world, IncomingDecision::Taken);
    assert!(now(&world, taken).waits_for_case());
    let command = linking(&world, taken);
    world
        .ask(FRONT_TWO, command.clone())
        .refused(Refusal::NotAllowed);
    let done = world.ask(FRONT, command.clone());
    let done = done.done(&["CaseCameFrom", "IncomingTakenUp"]);
    assert_eq!(done.records[1].event, IncomingTakenUp {}.into());
    assert!(!now(&world, taken).waits_for_case());
    assert_eq!(world.state().incoming, [taken].into());
    world.ask(FRONT, command).refused(Refusal::NothingToDo);
}

#[test]
fn c13_what_the_sender_says_of_consent_is_no_ground_for_sending() {
    let mut world = World::adult();
    let mut it = came();
    (it.consent, it.urgency) = (ConsentClaim::Shown, Urgency::Emergency);
    let incoming = taken_down(&mut world, it);
    let take = Command::DecideIncoming(deciding(incoming, IncomingDecision::Taken));
    world.ask(FOCAL, take).done(&["IncomingDecided"]);
    let command = linking(&world, incoming);
    world
        .ask(FRONT, command)
        .done(&["CaseCameFrom", "IncomingTakenUp"]);
    let referral = world.reviewed(&[DataCategory::Needs]);
    world.send(referral).refused(Refusal::ConsentMissing);
    world.consent_to(scope(CLINIC, &[DataCategory::Needs]));
    world.send(referral).done(&["ReferralSent"]);
}

#[test]
fn c13_what_was_taken_is_not_after_all_where_the_person_does_not_come() {
    let not_come = |incoming| {
        Command::DecideIncoming(DecidingIncoming {
            reason: Some(ReferralReason::NoShow),
            ..deciding(incoming, IncomingDecision::NotTaken)
        })
    };
    let mut world = World::adult();
    // before the answer and after it
    let open = decided(&mut world, IncomingDecision::Taken);
    let answered = decided(&mut world, IncomingDecision::Taken);
    let answer = answering(answered, PersonTold::Told);
    world.ask(FOCAL, answer).done(&["IncomingAnswered"]);
    for incoming in [open, answered] {
        let again = Command::DecideIncoming(deciding(incoming, IncomingDecision::Taken));
        world.ask(FOCAL, again).refused(Refusal::IncomingState);
        let command = not_come(incoming);
        world
            .ask(FRONT, command.clone())
            .refused(Refusal::NotAllowed);
        world.ask(FOCAL, command.clone()).done(&["IncomingDecided"]);
        assert!(!now(&world, incoming).waits_for_case());
        world.ask(FOCAL, command).refused(Refusal::IncomingState);
    }
    assert!(
        !now(&world, open).is_closed(),
        "the sender is still answered"
    );
    assert!(now(&world, answered).is_closed());
    assert!(!now(&world, answered).is_late(world.now.plus_ms(90 * DAY_MS)));
    // then it is not linked any more, and what has a case stays taken
    let command = linking(&world, answered);
    world
        .ask(FRONT, command)
        .refused_about(Refusal::IncomingState, "not_taken");
    let met = decided(&mut world, IncomingDecision::Taken);
    let command = linking(&world, met);
    world
        .ask(FRONT, command)
        .done(&["CaseCameFrom", "IncomingTakenUp"]);
    world
        .ask(FOCAL, not_come(met))
        .refused_about(Refusal::IncomingState, "decided");
}
