//! B5. The two exceptions.

use super::*;

#[test]
fn b5_immediate_risk_may_be_used_at_once_until_a_second_person_must_have_decided() {
    let mut world = World::adult();
    world.invoked(ExceptionKind::ImmediateRisk);
    let referral = world.reviewed(&[DataCategory::Health]);
    let mut later = world.clone();
    world.send(referral).done(&["ReferralSent"]);
    later.pass(|it| it.exceptions.authorise);
    later
        .send(referral)
        .refused(Refusal::ExceptionNotAuthorised);
}

#[test]
fn b5_a_legal_mandate_is_used_only_after_a_second_person_authorised_it() {
    let mut world = World::adult();
    let exception = world.invoked(ExceptionKind::LegalMandate);
    let referral = world.reviewed(&[DataCategory::Health]);
    world
        .send(referral)
        .refused(Refusal::ExceptionNotAuthorised);
    let command = world.deciding(exception, true);
    world.ask(FOCAL, command).done(&["ExceptionAuthorised"]);
    let done = world.send(referral).done(&["ReferralSent"]);
    match &done.records[0].event {
        Event::ReferralSent(sent) => assert_eq!(sent.basis, [exception.into()]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn b5_an_exception_is_temporary_even_when_confirmed() {
    let mut world = World::adult();
    let exception = world.invoked(ExceptionKind::ImmediateRisk);
    let command = world.deciding(exception, true);
    world.ask(FOCAL, command).done(&["ExceptionAuthorised"]);
    let referral = world.reviewed(&[DataCategory::Health]);
    world.pass(|it| it.exceptions.last);
    world
        .send(referral)
        .refused(Refusal::ExceptionNotAuthorised);
}

#[test]
fn b5_nobody_decides_on_their_own_exception_and_nobody_decides_twice() {
    let mut world = World::adult();
    let command = world.invoking(ExceptionKind::ImmediateRisk);
    let done = world.ask(FOCAL, command).done(&INVOKED);
    let Event::ExceptionInvoked(invoked) = &done.records[0].event else {
        panic!("an exception")
    };
    let command = world.deciding(invoked.exception, true);
    world
        .ask(FOCAL, command.clone())
        .refused(Refusal::SecondPersonRequired);
    world
        .ask(FRONT, command.clone())
        .refused(Refusal::NotAllowed);
    world
        .ask(DPO, command.clone())
        .done(&["ExceptionAuthorised"]);
    world.ask(CHILD, command).refused(Refusal::ExceptionDecided);
}

#[test]
fn b5_no_table_lets_somebody_decide_on_their_own_exception() {
    let mut world = World::adult();
    let table = "version = 1\n[[rule]]\nroles = [\"front_line\"]\n\
                 actions = [\"InvokeException\", \"DecideException\"]\n";
    world.policy = Policy::parse(table).expect("a table");
    let exception = world.invoked(ExceptionKind::ImmediateRisk);
    let command = world.deciding(exception, true);
    world
        .ask(FRONT, command)
        .refused(Refusal::SecondPersonRequired);
}

#[test]
fn b5_a_rejected_exception_fences_its_words_and_stops_what_rested_on_it_alone() {
    let mut world = World::adult();
    let exception = world.invoked(ExceptionKind::ImmediateRisk);
    let referral = world.reviewed(&[DataCategory::Health]);
    world.send(referral).done(&["ReferralSent"]);
    let command = world.deciding(exception, false);
    let names = ["ExceptionRejected", "ReferralStopped"];
    let done = world.ask(FOCAL, command).done(&names);
    let leaves: Vec<_> = world.state().leaves_of(exception.into()).collect();
    assert_eq!(done.fence, leaves);
    let again = world.reviewed(&[DataCategory::Health]);
    world.send(again).refused(Refusal::ConsentMissing);
}

#[test]
fn b5_who_was_not_confirmed_does_not_act_first_again_but_somebody_else_may() {
    let kind = ExceptionKind::ImmediateRisk;
    let mut rejected = World::adult();
    let exception = rejected.invoked(kind);
    let mut undecided = rejected.clone();
    let command = rejected.deciding(exception, false);
    rejected.ask(FOCAL, command).done(&["ExceptionRejected"]);
    undecided.pass(|it| it.exceptions.authorise);
    for mut world in [rejected, undecided] {
        let again = world.invoking(kind);
        world
            .ask(FRONT, again.clone())
            .refused(Refusal::SecondPersonRequired);
        let mut later = world.clone();
        world.ask(FOCAL, again.clone()).done(&INVOKED);
        later.pass(|it| it.exceptions.last);
        later.ask(FRONT, again).done(&INVOKED);
    }
}

#[test]
fn b5_what_is_over_is_not_confirmed_but_can_be_rejected() {
    let mut world = World::adult();
    let exception = world.invoked(ExceptionKind::ImmediateRisk);
    world.pass(|it| it.exceptions.last);
    let command = world.deciding(exception, true);
    world
        .ask(FOCAL, command)
        .refused(Refusal::ExceptionNotAuthorised);
    let command = world.deciding(exception, false);
    world.ask(FOCAL, command).done(&["ExceptionRejected"]);
}

#[test]
fn b5_an_exception_covers_the_minimum_and_names_who_gets_it() {
    type Spoil = fn(&mut Scope);
    let wrong: [(&str, Spoil); 6] = [
        ("scope.purposes", |scope| scope.purposes.clear()),
        ("scope.purposes", |scope| {
            scope.purposes.insert(Purpose::Statistics);
        }),
        ("scope.purposes", |scope| {
            scope.purposes.insert(Purpose::FollowUp);
        }),
        ("scope.recipients", |scope| scope.recipients.clear()),
        ("scope.categories", |scope| scope.categories.clear()),
        ("scope.categories", |scope| {
            scope.categories = all_categories()
        }),
    ];
    for (about, spoil) in wrong {
        let mut world = World::adult();
        let mut command = world.invoking(ExceptionKind::ImmediateRisk);
        if let Command::InvokeException { scope, .. } = &mut command {
            spoil(scope);
        }
        world
            .ask(FRONT, command)
            .refused_about(Refusal::ExceptionTooWide, about);
    }
}

#[test]
fn b5_reasons_fit_the_kind() {
    for kind in ExceptionKind::ALL.iter().copied() {
        for given in ExceptionReason::ALL.iter().copied() {
            let mut world = World::adult();
            let mut command = world.invoking(kind);
            if let Command::InvokeException { reason, .. } = &mut command {
                *reason = given;
            }
            let fits = (kind == ExceptionKind::LegalMandate)
                == (given == ExceptionReason::MandatoryReport);
            let outcome = world.ask(FRONT, command);
            if fits {
                outcome.done(&INVOKED);
            } else {
                outcome.refused_about(Refusal::Malformed, "reason");
            }
        }
    }
}

#[test]
fn b5_an_exception_covers_no_more_than_it_says() {
    let mut world = World::adult();
    world.invoked(ExceptionKind::ImmediateRisk);
    let more = world.reviewed(&[DataCategory::Health, DataCategory::Needs]);
    world.send(more).refused(Refusal::ConsentMissing);
    let elsewhere = world.reviewed_to(CLASSES, &[DataCategory::Health]);
    world.send(elsewhere).refused(Refusal::ConsentMissing);
}

#[test]
fn b4_who_cannot_respond_is_referred_on_an_exception_without_any_record() {
    let mut world = World::undocumented();
    let exception = world.invoked(ExceptionKind::ImmediateRisk);
    let mut command = world.drafting(HEALTH, &[DataCategory::Health]);
    if let Command::DraftReferral {
        ground, urgency, ..
    } = &mut command
    {
        *ground = Some(exception.into());
        *urgency = Urgency::Emergency;
    }
    let referral = world.drafted(command);
    let command = world.sending(referral);
    world.ask(FRONT, command).done(&["ReferralSent"]);
}

#[test]
fn b5_nothing_is_written_on_an_exception_that_may_not_be_used() {
    let mut world = World::adult();
    let mandate = world.invoked(ExceptionKind::LegalMandate);
    let mut command = world.drafting(HEALTH, &[DataCategory::Health]);
    if let Command::DraftReferral { ground, .. } = &mut command {
        *ground = Some(mandate.into());
    }
    world
        .ask(FRONT, command)
        .refused(Refusal::ExceptionNotAuthorised);
}

#[test]
fn b5_what_is_written_on_an_exception_stays_within_it() {
    let mut world = World::adult();
    let exception = world.invoked(ExceptionKind::ImmediateRisk);
    let draft = |service, category| {
        let mut command = world.drafting(service, &[category]);
        if let Command::DraftReferral { ground, .. } = &mut command {
            *ground = Some(exception.into());
        }
        command
    };
    let category = draft(HEALTH, DataCategory::Needs);
    let recipient = draft(CLASSES, DataCategory::Health);
    world
        .ask(FRONT, category)
        .refused_about(Refusal::CategoryNotCovered, "needs");
    world
        .ask(FRONT, recipient)
        .refused(Refusal::RecipientNotCovered);
}
