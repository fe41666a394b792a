//! C1 to C5, C12. The journey of a referral.

use super::*;

const NEEDS: DataCategory = DataCategory::Needs;

fn moves(world: &World, referral: ReferralId) -> Vec<Command> {
    let case = world.id();
    let reason = ReferralReason::Other;
    vec![
        Command::ReviseReferral {
            case,
            referral,
            ground: None,
            items: items(&[NEEDS]),
        },
        Command::ReturnReferral {
            case,
            referral,
            reason,
        },
        world.reviewing(referral),
        world.sending(referral),
        Command::ReceiveReferral { case, referral },
        Command::AcceptReferral { case, referral },
        Command::DeclineReferral {
            case,
            referral,
            reason,
        },
        Command::CompleteReferral { case, referral },
        Command::FailReferral {
            case,
            referral,
            reason,
        },
        Command::RecallReferral {
            case,
            referral,
            reason,
        },
        Command::CancelReferral(Cancelling {
            case,
            referral,
            asked_by: None,
        }),
    ]
}

fn answers(world: &World, referral: ReferralId) -> impl Iterator<Item = Command> {
    let case = world.id();
    RecallAnswer::ALL.iter().map(move |answer| {
        Command::AnswerRecall(AnsweringRecall {
            case,
            referral,
            answer: *answer,
        })
    })
}

/// A referral put into a state by hand, everything else being in order.
fn in_state(state: ReferralState, urgency: Urgency) -> (World, ReferralId) {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[NEEDS]));
    let mut command = world.drafting(HEALTH, &[NEEDS]);
    if let Command::DraftReferral { urgency: given, .. } = &mut command {
        *given = urgency;
    }
    let referral = world.drafted(command);
    let case = world.case.and_then(|id| world.cases.get_mut(&id));
    let case = Arc::make_mut(case.expect("open"));
    case.referrals.get_mut(&referral).expect("drafted").state = state;
    (world, referral)
}

#[test]
fn c1_every_command_is_legal_in_exactly_the_states_of_the_table() {
    let mut legal_seen = 0;
    for urgency in [Urgency::Routine, Urgency::Emergency] {
        for from in ReferralState::ALL.iter().copied() {
            let (world, referral) = in_state(from, urgency);
            let moves = moves(&world, referral).into_iter();
            for command in moves.chain(answers(&world, referral)) {
                let action = command.action();
                let answer = match &command {
                    Command::AnswerRecall(it) => Some(it.answer),
                    _ => None,
                };
                let step = transitions().iter().find(|step| {
                    step.action == action
                        && step.from == from
                        && step.answer == answer
                        && (urgency == Urgency::Emergency || !step.emergency_only)
                });
                let mut world = world.clone();
                let outcome = world.ask(FOCAL, command);
                match step {
                    Some(step) => {
                        assert_eq!(outcome.0.expect("legal").records.len(), 1);
                        assert_eq!(world.state_of(referral), step.to);
                        legal_seen += 1;
                    }
                    None => outcome.refused_about(Refusal::ReferralState, from.code()),
                }
            }
        }
    }
    let twice = transitions().iter().filter(|step| !step.emergency_only);
    assert_eq!(legal_seen, twice.count() * 2 + 1);
}

#[test]
fn c1_nothing_leaves_a_final_state() {
    use ReferralState::*;
    for state in [
        NotAccepted,
        Completed,
        NotCompleted,
        Recalled,
        Stopped,
        Cancelled,
    ] {
        assert!(transitions().iter().all(|step| step.from != state));
    }
}

#[test]
fn c1_a_whole_life_from_draft_to_completed() {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[NEEDS]));
    let command = world.drafting(HEALTH, &[NEEDS]);
    let referral = world.drafted(command);
    let case = world.id();
    let returned = Command::ReturnReferral {
        case,
        referral,
        reason: ReferralReason::IncompleteForm,
    };
    world.ask(FOCAL, returned).done(&["ReferralReturned"]);
    let review = world.reviewing(referral);
    world
        .ask(FOCAL, review.clone())
        .refused_about(Refusal::ReferralState, "returned");
    let revised = Command::ReviseReferral {
        case,
        referral,
        ground: None,
        items: items(&[NEEDS]),
    };
    world.ask(FRONT, revised).done(&["ReferralRevised"]);
    world.ask(FOCAL, review).done(&["ReferralReviewed"]);
    world.send(referral).done(&["ReferralSent"]);
    for (command, name) in [
        (
            Command::ReceiveReferral { case, referral },
            "ReferralReceived",
        ),
        (
            Command::AcceptReferral { case, referral },
            "ReferralAccepted",
        ),
        (
            Command::CompleteReferral { case, referral },
            "ReferralCompleted",
        ),
    ] {
        world.ask(PROVIDER, command).done(&[name]);
    }
    assert_eq!(world.state_of(referral), ReferralState::Completed);
}

#[test]
fn c4_urgency_sets_the_times_allowed() {
    for urgency in Urgency::ALL.iter().copied() {
        let (mut world, referral) = in_state(ReferralState::Reviewed, urgency);
        let done = world.send(referral).done(&["ReferralSent"]);
        let due = world.rules.organisation.due(urgency, world.now);
        match &done.records[0].event {
            Event::ReferralSent(sent) => {
                assert_eq!(sent.acknowledge_by, due.acknowledge_by);
                assert_eq!(sent.complete_by, due.complete_by);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn c4_a_clock_that_was_set_back_makes_nothing_due_before_its_time() {
    let (mut world, referral) = in_state(ReferralState::Reviewed, Urgency::Routine);
    let due = world
        .rules
        .organisation
        .due(Urgency::Routine, world.state().touched);
    world.now = Timestamp(world.now.0 - 400 * DAY_MS);
    let sent = world.send(referral).0.expect("sent");
    let Event::ReferralSent(sent) = &sent.records[0].event else {
        panic!("{:?}", sent.records)
    };
    assert_eq!(sent.acknowledge_by, due.acknowledge_by);
    assert_eq!(sent.complete_by, due.complete_by);
}

#[test]
fn a4_each_referral_has_an_outward_reference_of_its_own() {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[NEEDS]));
    let referrals = [world.reviewed(&[NEEDS]), world.reviewed(&[NEEDS])];
    for referral in referrals {
        world.send(referral).done(&["ReferralSent"]);
    }
    let state = world.state();
    let references: BTreeSet<_> = referrals
        .iter()
        .map(|id| state.referrals[id].reference.expect("sent"))
        .collect();
    assert_eq!(references.len(), 2);
}

#[test]
fn c12_an_emergency_goes_without_review_and_is_signed_off_afterwards() {
    let (mut world, referral) = in_state(ReferralState::Draft, Urgency::Emergency);
    let command = world.sending(referral);
    world.ask(FRONT, command).done(&["ReferralSent"]);
    let review = world.reviewing(referral);
    world.ask(FOCAL, review.clone()).done(&["ReferralReviewed"]);
    assert_eq!(world.state_of(referral), ReferralState::Sent);
    world.ask(FOCAL, review).refused(Refusal::NothingToDo);
}

#[test]
fn c12_an_emergency_still_needs_a_ground() {
    let mut world = World::adult();
    let mut command = world.drafting(HEALTH, &[NEEDS]);
    if let Command::DraftReferral { urgency, .. } = &mut command {
        *urgency = Urgency::Emergency;
    }
    let referral = world.drafted(command);
    world.send(referral).refused(Refusal::ConsentMissing);
}

#[test]
fn c2_a_table_may_ask_that_somebody_else_signs_off() {
    let mut world = World::adult();
    let table = "version = 1\n[[rule]]\nroles = [\"focal_point\"]\n\
                 actions = [\"DraftReferral\", \"ReviewReferral\"]\n\
                 conditions = [\"second_person\"]\n";
    let command = world.drafting(HEALTH, &[NEEDS]);
    let referral = match &world.ask(FOCAL, command).done(&["ReferralDrafted"]).records[0].event {
        Event::ReferralDrafted(drafted) => drafted.referral,
        other => panic!("{other:?}"),
    };
    let review = world.reviewing(referral);
    let mut by_default = world.clone();
    by_default
        .ask(FOCAL, review.clone())
        .done(&["ReferralReviewed"]);
    world.policy = Policy::parse(table).expect("a table");
    world
        .ask(FOCAL, review)
        .refused(Refusal::SecondPersonRequired);
}

#[test]
fn c5_a_new_referral_follows_one_that_was_not_accepted() {
    for (state, fine) in [
        (ReferralState::NotAccepted, true),
        (ReferralState::Recalled, true),
        (ReferralState::RecallAsked, true),
        (ReferralState::Cancelled, true),
        (ReferralState::Sent, false),
        (ReferralState::Completed, false),
    ] {
        let (mut world, before) = in_state(state, Urgency::Routine);
        let mut command = world.drafting(CLASSES, &[NEEDS]);
        if let Command::DraftReferral { follows, .. } = &mut command {
            *follows = Some(before);
        }
        let outcome = world.ask(FRONT, command);
        if fine {
            outcome.done(&["ReferralDrafted"]);
        } else {
            outcome.refused_about(Refusal::ReferralState, state.code());
        }
    }
}

#[test]
fn c5_several_referrals_of_one_person_go_at_once() {
    let mut world = World::adult();
    let mut both = scope(CLINIC, &[NEEDS]);
    both.recipients.insert(SCHOOL);
    world.consent_to(both);
    let clinic = world.reviewed(&[NEEDS]);
    let school = world.reviewed_to(CLASSES, &[NEEDS]);
    world.send(clinic).done(&["ReferralSent"]);
    world.send(school).done(&["ReferralSent"]);
}
