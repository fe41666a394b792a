//! C10. The specialist first: what is suspected is restricted, and not sent before somebody whom
//! the organisation names was asked.

use super::*;
use crate::organisation::DEFAULT_ORGANISATION;

mod attest;

pub(super) const NEEDS: &[DataCategory] = &[DataCategory::Needs];
const WIDER: &[DataCategory] = &[DataCategory::Needs, DataCategory::Health];

fn raising(world: &World, concerns: &[Concern]) -> Command {
    Command::RaiseConcern(RaisingConcern {
        case: world.id(),
        concerns: concerns.iter().copied().collect(),
    })
}

pub(super) fn consulting(world: &World, referral: ReferralId, advice: Advice) -> Command {
    Command::ConsultSpecialist(Consulting {
        case: world.id(),
        referral,
        specialist: None,
        advice,
        channel: Channel::InPerson,
    })
}

/// What was said on the phone, written down by somebody else.
pub(super) fn by_phone(
    world: &World,
    referral: ReferralId,
    advice: Advice,
    specialist: StaffId,
) -> Command {
    Command::ConsultSpecialist(Consulting {
        case: world.id(),
        referral,
        specialist: Some(specialist),
        advice,
        channel: Channel::Phone,
    })
}

pub(super) fn confirming(world: &World, referral: ReferralId, confirm: bool) -> Command {
    Command::ConfirmConsultation(Confirming {
        case: world.id(),
        referral,
        confirm,
    })
}

pub(super) fn revising(world: &World, referral: ReferralId) -> Command {
    Command::ReviseReferral {
        case: world.id(),
        referral,
        ground: None,
        items: items(NEEDS),
    }
}

/// A suspected adult's case, with consent to the clinic, `FOCAL` on it, and a reviewed referral.
pub(super) fn suspected(concerns: &[Concern]) -> (World, ReferralId) {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, NEEDS));
    let case = world.id();
    let staff = FOCAL;
    let assign = Command::AssignStaff { case, staff };
    world.ask(FRONT, assign).done(&["StaffAssigned"]);
    let command = raising(&world, concerns);
    world.ask(FRONT, command).done(&["ConcernRaised"]);
    let referral = world.reviewed(NEEDS);
    (world, referral)
}

pub(super) fn waits(world: &World, referral: ReferralId) -> Vec<Concern> {
    let case = world.state();
    let waits = case.waits_for_specialist(&case.referrals[&referral], world.now);
    waits.into_iter().collect()
}

/// The file that ships, with this said of specialists.
pub(super) fn named(world: &mut World, words: &str) {
    let text =
        DEFAULT_ORGANISATION.replace("[specialists]\n", &format!("[specialists]\n{words}\n"));
    world.rules.organisation = Arc::new(Organisation::parse(&text).expect("understood"));
}

#[test]
fn c10_a_suspected_case_is_restricted_from_then_on_and_who_says_so_works_on_it() {
    let mut world = World::adult();
    let nothing = raising(&world, &[]);
    world
        .ask(FRONT, nothing)
        .refused_about(Refusal::Malformed, "concerns");
    let command = raising(&world, &[Concern::Sgbv]);
    world
        .ask(FRONT_TWO, command.clone())
        .refused(Refusal::NotAllowed);
    world
        .ask(PROVIDER, command.clone())
        .refused(Refusal::NotFound);
    let names = ["ConcernRaised", "StaffAssigned"];
    world.ask(FOCAL, command.clone()).done(&names);
    let case = world.state();
    assert_eq!(case.sensitivity, Sensitivity::Restricted);
    assert_eq!(case.assigned, [FRONT, FOCAL].into());
    world.ask(FOCAL, command).refused(Refusal::NothingToDo);
    let more = raising(&world, &[Concern::Sgbv, Concern::Trafficking]);
    world
        .ask(FRONT_TWO, more.clone())
        .refused(Refusal::NotFound);
    world.ask(CHILD, more).0.expect("more is suspected");
}

#[test]
fn c10_nothing_is_sent_before_the_specialist_was_consulted_and_the_refusal_names_them() {
    let (mut world, referral) = suspected(&[Concern::Sgbv]);
    assert_eq!(waits(&world, referral), [Concern::Sgbv]);
    let refused = world.send(referral);
    refused.refused_about(Refusal::SpecialistFirst, "child_protection");
    let advice = consulting(&world, referral, Advice::GoOn);
    world.ask(CHILD, advice).done(&["SpecialistConsulted"]);
    assert!(waits(&world, referral).is_empty());
    world.send(referral).done(&["ReferralSent"]);
}

#[test]
fn c10_whatever_else_forbids_sending_is_said_before_the_specialist() {
    let mut world = World::adult();
    let command = raising(&world, &[Concern::Trafficking]);
    world.ask(FRONT, command).done(&["ConcernRaised"]);
    let command = world.drafting(HEALTH, NEEDS);
    let referral = world.drafted(command);
    let send = world.sending(referral);
    world
        .ask(CHILD, send.clone())
        .refused_about(Refusal::ReferralState, "draft");
    let review = world.reviewing(referral);
    world.ask(CHILD, review).done(&["ReferralReviewed"]);
    world
        .ask(CHILD, send.clone())
        .refused(Refusal::ConsentMissing);
    world.consent_to(scope(CLINIC, NEEDS));
    world
        .ask(CHILD, send.clone())
        .refused(Refusal::SpecialistFirst);
    let advice = consulting(&world, referral, Advice::GoOn);
    world.ask(CHILD, advice).done(&["SpecialistConsulted"]);
    world.ask(CHILD, send).done(&["ReferralSent"]);
}

#[test]
fn c10_who_is_no_specialist_advises_nothing_and_names_nobody_who_is_none() {
    let (mut world, referral) = suspected(&[Concern::Trafficking]);
    let own = consulting(&world, referral, Advice::GoOn);
    world
        .ask(FOCAL, own)
        .refused_about(Refusal::NotAllowed, "child_protection");
    let of_none = by_phone(&world, referral, Advice::GoOn, FRONT_TWO);
    world
        .ask(FOCAL, of_none)
        .refused_about(Refusal::NotAllowed, "child_protection");
    let foreign = by_phone(&world, referral, Advice::GoOn, PROVIDER);
    world
        .ask(FOCAL, foreign)
        .refused_about(Refusal::NotFound, "staff");
    let unknown = by_phone(&world, referral, Advice::GoOn, StaffId([99; 16]));
    world
        .ask(FOCAL, unknown)
        .refused_about(Refusal::NotFound, "staff");
    world.send(referral).refused(Refusal::SpecialistFirst);
}

#[test]
fn c10_what_was_said_on_the_phone_counts_once_the_specialist_confirms_it() {
    let (mut world, referral) = suspected(&[Concern::ChildProtection]);
    let confirm = confirming(&world, referral, true);
    world
        .ask(CHILD, confirm.clone())
        .refused(Refusal::NothingToDo);
    let said = by_phone(&world, referral, Advice::GoOn, CHILD);
    world
        .ask(FOCAL, said.clone())
        .done(&["SpecialistConsulted"]);
    let refused = world.send(referral);
    refused.refused_about(Refusal::SpecialistFirst, "child_protection");
    world
        .ask(FOCAL, confirm.clone())
        .refused(Refusal::NothingToDo);
    let denied = confirming(&world, referral, false);
    world.ask(CHILD, denied).done(&["ConsultationConfirmed"]);
    assert!(world.state().referrals[&referral].consulted.is_empty());
    world.ask(FOCAL, said).done(&["SpecialistConsulted"]);
    world.ask(CHILD, confirm).done(&["ConsultationConfirmed"]);
    world.send(referral).done(&["ReferralSent"]);
}

#[test]
fn c10_go_on_stands_for_the_content_as_it_was_and_with_changes_for_one_revision() {
    let (mut world, referral) = suspected(&[Concern::Sgbv]);
    let again = |world: &mut World| {
        let revise = revising(world, referral);
        let back = Command::ReturnReferral {
            case: world.id(),
            referral,
            reason: ReferralReason::IncompleteForm,
        };
        world.ask(FOCAL, back).done(&["ReferralReturned"]);
        world.ask(FRONT, revise).done(&["ReferralRevised"]);
        let review = world.reviewing(referral);
        world.ask(FOCAL, review).done(&["ReferralReviewed"]);
    };
    let advise = |world: &mut World, advice| {
        let command = consulting(world, referral, advice);
        world.ask(CHILD, command).done(&["SpecialistConsulted"]);
    };
    advise(&mut world, Advice::GoOn);
    again(&mut world);
    let refused = world.send(referral);
    refused.refused_about(Refusal::SpecialistFirst, "child_protection");
    advise(&mut world, Advice::GoOnWithChanges);
    let refused = world.send(referral);
    refused.refused_about(Refusal::SpecialistFirst, "go_on_with_changes");
    let mut twice = world.clone();
    again(&mut world);
    world.send(referral).done(&["ReferralSent"]);
    again(&mut twice);
    again(&mut twice);
    twice.send(referral).refused(Refusal::SpecialistFirst);
}

#[test]
fn c10_with_changes_does_not_mean_that_more_may_go() {
    let (mut world, referral) = suspected(&[Concern::Sgbv]);
    world.consent_to(scope(CLINIC, WIDER));
    let advise = consulting(&world, referral, Advice::GoOnWithChanges);
    world.ask(CHILD, advise).done(&["SpecialistConsulted"]);
    let back = Command::ReturnReferral {
        case: world.id(),
        referral,
        reason: ReferralReason::IncompleteForm,
    };
    world.ask(FOCAL, back).done(&["ReferralReturned"]);
    let mut revise = revising(&world, referral);
    if let Command::ReviseReferral { items: said, .. } = &mut revise {
        *said = items(WIDER);
    }
    world.ask(FRONT, revise).done(&["ReferralRevised"]);
    let review = world.reviewing(referral);
    world.ask(FOCAL, review).done(&["ReferralReviewed"]);
    world.send(referral).refused(Refusal::SpecialistFirst);
}

#[test]
fn c10_a_note_stands_in_the_specialists_words_until_they_confirm_it() {
    let (mut world, referral) = suspected(&[Concern::Sgbv]);
    let said = by_phone(&world, referral, Advice::GoOnWithChanges, CHILD);
    world.ask(FOCAL, said).done(&["SpecialistConsulted"]);
    let again = |world: &mut World| {
        let back = Command::ReturnReferral {
            case: world.id(),
            referral,
            reason: ReferralReason::IncompleteForm,
        };
        let revise = revising(world, referral);
        world.ask(FOCAL, back).done(&["ReferralReturned"]);
        world.ask(FRONT, revise).done(&["ReferralRevised"]);
        let review = world.reviewing(referral);
        world.ask(FOCAL, review).done(&["ReferralReviewed"]);
    };
    again(&mut world);
    let noted = world.state().referrals[&referral].noted[&CHILD].clone();
    assert_eq!(noted.said.advice, Advice::GoOnWithChanges);
    let confirm = confirming(&world, referral, true);
    let mut twice = world.clone();
    // Confirmed, the one revision is the one that was asked for; a second one asks anew.
    world
        .ask(CHILD, confirm.clone())
        .done(&["ConsultationConfirmed"]);
    world.send(referral).done(&["ReferralSent"]);
    again(&mut twice);
    twice.ask(CHILD, confirm).refused(Refusal::NothingToDo);
    twice.send(referral).refused(Refusal::SpecialistFirst);
}

#[test]
fn c10_advice_against_a_service_or_the_moment_outlives_a_revision() {
    for advice in [Advice::NotThisService, Advice::NotNow] {
        let (mut world, referral) = suspected(&[Concern::Sgbv]);
        let command = consulting(&world, referral, advice);
        world.ask(CHILD, command).done(&["SpecialistConsulted"]);
        let refused = world.send(referral);
        refused.refused_about(Refusal::SpecialistFirst, advice.code());
        let back = Command::ReturnReferral {
            case: world.id(),
            referral,
            reason: ReferralReason::Other,
        };
        world.ask(FOCAL, back).done(&["ReferralReturned"]);
        let revise = revising(&world, referral);
        world.ask(FRONT, revise).done(&["ReferralRevised"]);
        let review = world.reviewing(referral);
        world.ask(FOCAL, review).done(&["ReferralReviewed"]);
        let refused = world.send(referral);
        refused.refused_about(Refusal::SpecialistFirst, advice.code());
        let go_on = consulting(&world, referral, Advice::GoOn);
        world.ask(CHILD, go_on).done(&["SpecialistConsulted"]);
        world.send(referral).done(&["ReferralSent"]);
    }
}

#[test]
fn c10_another_referral_and_another_suspicion_ask_anew() {
    let (mut world, referral) = suspected(&[Concern::Sgbv]);
    let advice = consulting(&world, referral, Advice::GoOn);
    world.ask(CHILD, advice).done(&["SpecialistConsulted"]);
    let other = world.reviewed(NEEDS);
    world.send(other).refused(Refusal::SpecialistFirst);
    let more = raising(&world, &[Concern::Trafficking]);
    world.ask(FRONT, more).done(&["ConcernRaised"]);
    assert_eq!(waits(&world, referral), [Concern::Trafficking]);
    world.send(referral).refused(Refusal::SpecialistFirst);
}

#[test]
fn c10_each_kind_has_its_own_specialists_and_staff_are_named_by_id() {
    let (mut world, referral) = suspected(&[Concern::Sgbv, Concern::Trafficking]);
    let words = format!("sgbv = [\"{FRONT_TWO}\"]\ntrafficking = [\"focal_point\"]");
    named(&mut world, &words);
    let refused = world.send(referral);
    let about = format!("{FRONT_TWO}, focal_point");
    refused.refused_about(Refusal::SpecialistFirst, &about);
    // Being named opens no restricted case: who is consulted is put on it first.
    let advice = consulting(&world, referral, Advice::GoOn);
    world
        .ask(FRONT_TWO, advice.clone())
        .refused(Refusal::NotFound);
    let case = world.id();
    let staff = FRONT_TWO;
    let assign = Command::AssignStaff { case, staff };
    world.ask(FRONT, assign).done(&["StaffAssigned"]);
    world
        .ask(FRONT_TWO, advice.clone())
        .done(&["SpecialistConsulted"]);
    let refused = world.send(referral);
    refused.refused_about(Refusal::SpecialistFirst, "focal_point");
    world
        .ask(FOCAL, advice.clone())
        .done(&["SpecialistConsulted"]);
    world.ask(CHILD, advice).refused(Refusal::NotAllowed);
    world.send(referral).done(&["ReferralSent"]);
}

#[test]
fn c10_a_child_alone_is_a_case_for_the_specialist_without_anybody_saying_so() {
    let mut world = World::minor();
    let command = Command::AssessAge {
        case: world.id(),
        age: Age::About(9),
        company: Company::Unaccompanied,
    };
    world.ask(FRONT, command).done(&["AgeAssessed"]);
    let command = world.drafting(HEALTH, NEEDS);
    let referral = world.drafted(command);
    assert_eq!(waits(&world, referral), [Concern::UnaccompaniedChild]);
    let advice = consulting(&world, referral, Advice::GoOn);
    world.ask(CHILD, advice).done(&["SpecialistConsulted"]);
    assert!(waits(&world, referral).is_empty());
}

#[test]
fn c10_an_emergency_and_what_an_exception_carries_do_not_wait() {
    let (mut world, _) = suspected(&[Concern::Sgbv]);
    let mut command = world.drafting(HEALTH, NEEDS);
    if let Command::DraftReferral { urgency, .. } = &mut command {
        *urgency = Urgency::Emergency;
    }
    let urgent = world.drafted(command);
    assert!(waits(&world, urgent).is_empty());
    world.send(urgent).done(&["ReferralSent"]);

    let mut world = World::with_case(AgeGroup::Adult, Sensitivity::Restricted);
    let command = raising(&world, &[Concern::Sgbv]);
    world.ask(FRONT, command).done(&["ConcernRaised"]);
    let exception = world.invoked(ExceptionKind::ImmediateRisk);
    let mut command = world.drafting(HEALTH, &[DataCategory::Health]);
    if let Command::DraftReferral { ground, .. } = &mut command {
        *ground = Some(exception.into());
    }
    let referral = world.drafted(command);
    assert!(waits(&world, referral).is_empty());
    let review = world.reviewing(referral);
    world.ask(CHILD, review).done(&["ReferralReviewed"]);
    let send = world.sending(referral);
    world.ask(CHILD, send).done(&["ReferralSent"]);
}

#[test]
fn c10_nobody_is_consulted_about_what_nobody_suspects_or_what_has_gone() {
    let mut world = World::adult();
    let referral = world.reviewed(NEEDS);
    let advice = consulting(&world, referral, Advice::GoOn);
    world.ask(CHILD, advice).refused(Refusal::NothingToDo);

    let (mut world, referral) = suspected(&[Concern::Sgbv]);
    let advice = consulting(&world, referral, Advice::GoOn);
    world
        .ask(CHILD, advice.clone())
        .done(&["SpecialistConsulted"]);
    world.send(referral).done(&["ReferralSent"]);
    world
        .ask(CHILD, advice)
        .refused_about(Refusal::ReferralState, "sent");
}

#[test]
fn c10_the_refusals_of_consulting_come_in_their_order() {
    let (mut world, referral) = suspected(&[Concern::Sgbv]);
    let sent = {
        let advice = consulting(&world, referral, Advice::GoOn);
        world.ask(CHILD, advice).done(&["SpecialistConsulted"]);
        world.send(referral).done(&["ReferralSent"]);
        consulting(&world, referral, Advice::GoOn)
    };
    world
        .ask(StaffId([98; 16]), sent.clone())
        .refused(Refusal::Unauthenticated);
    world.ask(STRANGER, sent.clone()).refused(Refusal::NotFound);
    // Not a specialist comes before the state, and the state before nothing to do.
    world.ask(FOCAL, sent.clone()).refused(Refusal::NotAllowed);
    let stale = world.ask_as(Caller::Staff(CHILD), Some(1), None, sent.clone());
    stale.refused(Refusal::VersionConflict);
    let future = Some(world.now.plus_ms(1));
    let claimed = world.ask_as(Caller::Staff(CHILD), None, future, sent.clone());
    claimed.refused(Refusal::TimeInvalid);
    world.ask(CHILD, sent).refused(Refusal::ReferralState);
}

#[test]
fn c10_a_file_that_names_nobody_or_somebody_who_cannot_see_is_refused() {
    for (words, meaning) in [
        ("sgbv = []", "nobody could be consulted"),
        (
            "sgbv = [\"auditor\"]",
            "neither focal_point nor child_protection",
        ),
        ("incident = [\"focal_point\"]", "unknown field"),
    ] {
        let line = format!("[specialists]\n{words}\n");
        let text = DEFAULT_ORGANISATION.replace("[specialists]\n", &line);
        let wrong = Organisation::parse(&text).expect_err("refused");
        assert!(wrong.to_string().contains(meaning), "{words}: {wrong}");
    }
}
