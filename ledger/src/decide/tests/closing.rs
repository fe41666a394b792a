//! C4, C15. Closing a case as work with its last follow-up, and going on with it.

use super::rights::{asking, of_kind};
use super::*;
use crate::domain::closing::{ClosingWork, Reopening};

fn close(world: &World) -> Command {
    with(world, |_| ())
}

fn with(world: &World, change: impl FnOnce(&mut ClosingWork)) -> Command {
    let mut closing = ClosingWork {
        case: world.id(),
        reason: ClosingReason::NeedsMet,
        transferred_by: None,
        no_follow_up: Some(NoFollowUp::NotAgreed),
        told: ClosingTold::MayReturn,
    };
    change(&mut closing);
    Command::CloseCaseWork(closing)
}

fn reopen(world: &World) -> Command {
    Command::ReopenCase(Reopening {
        case: world.id(),
        reason: ReopeningReason::CameBack,
    })
}

fn closed() -> World {
    let mut world = World::adult();
    let command = close(&world);
    world.ask(FRONT, command).done(&["CaseWorkClosed"]);
    world
}

fn follow_up(world: &World, referral: ReferralId, outcome: FollowUpOutcome) -> Command {
    Command::RecordFollowUp(FollowingUp {
        case: world.id(),
        referral,
        person: None,
        outcome,
        channel: Channel::Phone,
        note: None,
    })
}

fn step(world: &World, referral: ReferralId, what: &str) -> Command {
    let case = world.id();
    match what {
        "receive" => Command::ReceiveReferral { case, referral },
        "accept" => Command::AcceptReferral { case, referral },
        _ => Command::CompleteReferral { case, referral },
    }
}

fn sent(world: &mut World) -> ReferralId {
    let needs = DataCategory::Needs;
    world.consent_to(scope(CLINIC, &[needs]));
    let referral = world.reviewed(&[needs]);
    world.send(referral).0.expect("sent");
    referral
}

fn completed(world: &mut World) -> ReferralId {
    let referral = sent(world);
    for what in ["receive", "accept", "complete"] {
        let command = step(world, referral, what);
        world.ask(PROVIDER, command).0.expect(what);
    }
    referral
}

#[test]
fn c15_a_case_is_closed_once_and_opened_again_once_with_reasons() {
    let mut world = closed();
    assert_eq!(
        world.state().closed.map(|it| it.reason),
        Some(ClosingReason::NeedsMet)
    );
    let command = close(&world);
    world.ask(FRONT, command).refused(Refusal::NothingToDo);
    let command = reopen(&world);
    world.ask(FRONT, command.clone()).done(&["CaseReopened"]);
    assert_eq!(world.state().closed, None);
    world.ask(FRONT, command).refused(Refusal::NothingToDo);
    let command = close(&world);
    world.ask(FOCAL, command).done(&["CaseWorkClosed"]);
}

#[test]
fn c15_who_neither_works_on_a_case_nor_answers_for_it_closes_none_and_opens_none() {
    let mut world = World::adult();
    let command = close(&world);
    for who in [
        FRONT_TWO,
        COORDINATOR,
        DPO,
        AUDITOR,
        DELEGATE,
        PROVIDER,
        STRANGER,
    ] {
        let refused = world.ask(who, command.clone()).0.err().expect("refused");
        let no = [Refusal::NotAllowed, Refusal::NotFound];
        assert!(no.contains(&refused.refusal), "{who}: {refused:?}");
    }
    let stranger = world.ask(STRANGER, command).refused(Refusal::NotFound);
    assert_eq!(stranger.about.as_deref(), Some("case"));
    let mut world = closed();
    let command = reopen(&world);
    world.ask(FRONT_TWO, command).refused(Refusal::NotAllowed);
}

#[test]
fn c15_what_still_waits_is_named_and_each_kind_has_its_refusal() {
    let mut world = World::adult();
    let referral = world.reviewed(&[DataCategory::Needs]);
    let command = close(&world);
    let refused = world.ask(FRONT, command.clone());
    refused.refused_about(Refusal::ReferralOpen, &referral.to_string());

    let mut world = World::adult();
    let (case, staff) = (world.id(), FRONT_TWO);
    let offer = Command::OfferHandover {
        case,
        staff,
        with: [].into(),
    };
    world.ask(FRONT, offer).0.expect("offered");
    let command = close(&world);
    let refused = world.ask(FRONT, command);
    refused.refused_about(Refusal::DecisionOpen, "handover");

    let mut world = World::adult();
    let request = of_kind(&mut world, RequestKind::Access);
    let command = close(&world);
    let refused = world.ask(FRONT, command);
    refused.refused_about(Refusal::RequestOpen, &request.to_string());
}

#[test]
fn c15_an_exception_that_is_not_accounted_for_keeps_a_case_open() {
    let mut world = World::adult();
    let id = world.invoked(ExceptionKind::ImmediateRisk);
    let command = close(&world);
    let refused = world.ask(FRONT, command);
    refused.refused_about(Refusal::ExceptionOpen, &id.to_string());
}

#[test]
fn c4_a_follow_up_that_was_promised_is_made_or_tried_on_its_day_before_a_case_is_closed() {
    let mut world = World::adult();
    let referral = completed(&mut world);
    world.told(FollowUpAgreed {
        referral,
        channel: Channel::Phone,
        on: Day(START.day().0 + 3),
        items: [FollowUpItem::Reached].into(),
    });
    let command = close(&world);
    let refused = world.ask(FRONT, command);
    refused.refused_about(Refusal::FollowUpOwed, &referral.to_string());
    // Nobody was heard, and the day has not come.
    let call = follow_up(&world, referral, FollowUpOutcome::NoAnswer);
    world.ask(FRONT, call.clone()).done(&["FollowUpRecorded"]);
    let followed = with(&world, |it| it.no_follow_up = None);
    let refused = world.ask(FRONT, followed.clone());
    refused.refused(Refusal::FollowUpOwed);
    // Tried on the day: there is no more to be done.
    world.now = Timestamp(world.now.0 + 3 * DAY_MS);
    world.ask(FRONT, call).done(&["FollowUpRecorded"]);
    world.ask(FRONT, followed).done(&["CaseWorkClosed"]);
}

#[test]
fn c15_the_last_follow_up_is_recorded_or_it_is_said_why_there_is_none() {
    let mut world = World::adult();
    let neither = with(&world, |it| it.no_follow_up = None);
    let refused = world.ask(FRONT, neither.clone());
    refused.refused(Refusal::FollowUpMissing);
    let referral = completed(&mut world);
    let sent = with(&world, |it| it.no_follow_up = Some(NoFollowUp::NothingSent));
    let refused = world.ask(FRONT, sent);
    refused.refused_about(Refusal::ClosingInvalid, "no_follow_up");
    let died = with(&world, |it| it.no_follow_up = Some(NoFollowUp::Died));
    let refused = world.ask(FRONT, died);
    refused.refused_about(Refusal::ClosingInvalid, "no_follow_up");
    let unsafe_ = follow_up(&world, referral, FollowUpOutcome::NotToldUnsafe);
    world.ask(FRONT, unsafe_).done(&["FollowUpRecorded"]);
    let both = close(&world);
    let refused = world.ask(FRONT, both);
    refused.refused_about(Refusal::ClosingInvalid, "no_follow_up");
    let done = world.ask(FRONT, neither).done(&["CaseWorkClosed"]);
    let Event::CaseWorkClosed(it) = &done.records[0].event else {
        panic!("{:?}", done.records)
    };
    assert_eq!((it.followed_up, it.no_follow_up), (Some(referral), None));
    // What was followed up before says nothing of what comes after.
    let again = reopen(&world);
    world.ask(FRONT, again).0.expect("open again");
    let neither = with(&world, |it| it.no_follow_up = None);
    world.ask(FRONT, neither).refused(Refusal::FollowUpMissing);
}

#[test]
fn c15_nobody_tells_who_died_and_whoever_lives_is_told_or_it_is_said_why_not() {
    let mut world = World::adult();
    for (reason, told) in [
        (ClosingReason::Died, ClosingTold::MayReturn),
        (ClosingReason::Died, ClosingTold::NotReached),
        (ClosingReason::Moved, ClosingTold::Died),
    ] {
        let command = with(&world, |it| (it.reason, it.told) = (reason, told));
        let refused = world.ask(FRONT, command);
        refused.refused_about(Refusal::ClosingInvalid, "told");
    }
    let command = with(&world, |it| {
        (it.reason, it.told) = (ClosingReason::Died, ClosingTold::Died);
        it.no_follow_up = Some(NoFollowUp::Died);
    });
    world.ask(FRONT, command).done(&["CaseWorkClosed"]);
}

#[test]
fn c15_a_person_is_transferred_by_a_referral_that_the_other_organisation_completed() {
    let mut world = World::adult();
    let bare = with(&world, |it| it.reason = ClosingReason::Transferred);
    let refused = world.ask(FRONT, bare);
    refused.refused_about(Refusal::ClosingInvalid, "transferred_by");
    let referral = completed(&mut world);
    let without = with(&world, |it| it.transferred_by = Some(referral));
    let refused = world.ask(FRONT, without);
    refused.refused_about(Refusal::ClosingInvalid, "transferred_by");
    let unknown = with(&world, |it| {
        it.reason = ClosingReason::Transferred;
        it.transferred_by = Some(ReferralId([0xee; 16]));
    });
    let refused = world.ask(FRONT, unknown);
    refused.refused_about(Refusal::NotFound, "referral");
    let declined = sent(&mut world);
    let case = world.id();
    let receive = step(&world, declined, "receive");
    world.ask(PROVIDER, receive).0.expect("received");
    let decline = Command::DeclineReferral {
        case,
        referral: declined,
        reason: ReferralReason::NoCapacity,
    };
    world.ask(PROVIDER, decline).0.expect("declined");
    let not_taken = with(&world, |it| {
        it.reason = ClosingReason::Transferred;
        it.transferred_by = Some(declined);
    });
    let refused = world.ask(FRONT, not_taken);
    refused.refused_about(Refusal::ReferralState, "not_accepted");
    let taken = with(&world, |it| {
        it.reason = ClosingReason::Transferred;
        it.transferred_by = Some(referral);
    });
    world.ask(FRONT, taken).done(&["CaseWorkClosed"]);
}

#[test]
fn c15_nothing_begins_in_a_closed_case_until_it_is_opened_again() {
    let mut world = closed();
    let draft = world.drafting(HEALTH, &[DataCategory::Needs]);
    let refused = world.ask(FRONT, draft.clone());
    refused.refused_about(Refusal::CaseWorkClosed, "case");
    let (case, staff) = (world.id(), FRONT_TWO);
    let offer = Command::OfferHandover {
        case,
        staff,
        with: [].into(),
    };
    let refused = world.ask(FRONT, offer);
    refused.refused_about(Refusal::CaseWorkClosed, "case");
    let again = reopen(&world);
    world.ask(FRONT, again).0.expect("open again");
    world.ask(FRONT, draft).done(&["ReferralDrafted"]);
}

#[test]
fn c12_an_emergency_opens_a_closed_case_again() {
    let mut world = closed();
    let mut draft = world.drafting(HEALTH, &[DataCategory::Needs]);
    let Command::DraftReferral { urgency, .. } = &mut draft else {
        panic!("a draft")
    };
    *urgency = Urgency::Emergency;
    let names = ["CaseReopened", "ReferralDrafted"];
    let done = world.ask(FRONT, draft).done(&names);
    let Event::CaseReopened(it) = &done.records[0].event else {
        panic!("{:?}", done.records)
    };
    assert_eq!(it.reason, ReopeningReason::Emergency);
    assert_eq!(world.state().closed, None);
}

#[test]
fn c15_the_rights_of_the_person_go_on_in_a_closed_case() {
    let world = closed();
    let case = world.id();
    let withdraw = Command::WithdrawConsent {
        case,
        person: None,
        consent: None,
        part: None,
        shred: ShredWish::AtOnce,
    };
    let rights = [
        (FRONT, withdraw),
        (
            DPO,
            Command::ReceiveRequest(asking(&world, RequestKind::Deletion)),
        ),
    ];
    for (who, command) in rights {
        world.clone().ask(who, command).0.expect("a right");
    }
}

#[test]
fn e2_what_is_kept_is_kept_from_the_closing_on() {
    let mut world = World::adult();
    world.now = Timestamp(world.now.0 + 90 * DAY_MS);
    let command = close(&world);
    world.ask(FRONT, command).done(&["CaseWorkClosed"]);
    assert_eq!(world.state().touched, world.now);
}

#[test]
fn c15_a_child_alone_is_not_closed_before_the_mandated_body_knows() {
    let mut world = World::minor();
    let assess = |company| Command::AssessAge {
        case: world.id(),
        age: Age::Unknown,
        company,
    };
    let alone = assess(Company::Unaccompanied);
    world.ask(FRONT, alone).0.expect("assessed");
    let command = close(&world);
    let refused = world.ask(FRONT, command);
    refused.refused_about(Refusal::DecisionOpen, "mandated_body");
}

#[test]
fn c15_what_protects_goes_on_in_a_closed_case_and_an_exception_opens_it() {
    let mut world = closed();
    let raise = Command::RaiseConcern(RaisingConcern {
        case: world.id(),
        concerns: BTreeSet::from([Concern::Sgbv]),
    });
    let mut suspected = world.clone();
    suspected.ask(FRONT, raise).done(&["ConcernRaised"]);
    assert!(suspected.state().closed.is_some());
    let invoke = world.invoking(ExceptionKind::ImmediateRisk);
    let done = world.ask(FRONT, invoke).0.expect("invoked");
    assert_eq!(done.records[0].event.name(), "CaseReopened");
    assert_eq!(world.state().closed, None);
}
