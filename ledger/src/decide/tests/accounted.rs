//! B5. What an exception is held to: the reporting procedure, telling the person, the review.

use super::*;

/// A strict procedure in place of the one that lets everything go.
fn strict() -> World {
    let mut world = World::adult();
    world.prepare(REPORT, ReportedTo::Service(HEALTH));
    let id = REPORT.parse().expect("a name");
    let procedures = &mut world.organisation().exceptions.procedures;
    let procedure = procedures.get_mut(&id).expect("prepared");
    procedure.categories = [DataCategory::Identity, DataCategory::Health].into();
    let shelter = world.services.get_mut(&SHELTER).expect("a shelter");
    Arc::make_mut(shelter).entry.confidential = false;
    world
}

fn named(world: &World, name: Option<&str>) -> Command {
    let mut command = world.invoking(ExceptionKind::LegalMandate);
    if let Command::InvokeException { procedure, .. } = &mut command {
        *procedure = name.map(|name| name.parse().expect("a name"));
    }
    command
}

fn telling(told: ExceptionTold, channel: Option<Channel>) -> Telling {
    Telling { told, channel }
}

fn tell(world: &World, exception: ExceptionId, telling: Telling) -> Command {
    Command::TellOfException(TellingOf {
        case: world.id(),
        exception,
        telling,
    })
}

fn review(world: &World, exception: ExceptionId, outcome: ReviewOutcome) -> Command {
    let lessons = outcome == ReviewOutcome::NotJustified;
    Command::ReviewException(Reviewing {
        case: world.id(),
        exception,
        outcome,
        measures: lessons
            .then_some(ReviewMeasure::Redress)
            .into_iter()
            .collect(),
    })
}

fn on_mandate(world: &World, service: ServiceId, exception: ExceptionId) -> Command {
    let mut command = world.drafting(service, &[DataCategory::Health]);
    if let Command::DraftReferral { ground, .. } = &mut command {
        *ground = Some(exception.into());
    }
    command
}

#[test]
fn b5_a_legal_mandate_names_a_prepared_procedure() {
    let mut world = strict();
    for name in [None, Some("unheard-of")] {
        let command = named(&world, name);
        world
            .ask(FRONT, command)
            .refused_about(Refusal::ProcedureMissing, "procedure");
    }
    let command = named(&world, Some(REPORT));
    let done = world.ask(FRONT, command).done(&INVOKED);
    let Event::ExceptionTermsSet(terms) = &done.records[1].event else {
        panic!("{:?}", done.records)
    };
    assert_eq!(
        terms.procedure.as_ref().map(ToString::to_string).as_deref(),
        Some(REPORT)
    );
    assert_eq!(terms.report_by, Some(START.plus_ms(2 * DAY_MS)));
    assert_eq!(terms.review_by, START.plus_ms(30 * DAY_MS));
}

#[test]
fn b5_a_procedure_that_nobody_assessed_for_safety_lately_is_not_gone_by() {
    let mut world = strict();
    let id = REPORT.parse().expect("a name");
    let last = world.organisation().exceptions.procedures[&id].assess_again_on;
    let command = named(&world, Some(REPORT));
    world.now = Timestamp(Day(last.0 + 1).start().0 - 1);
    let mut on_the_day = world.clone();
    on_the_day.ask(FRONT, command.clone()).done(&INVOKED);
    world.now = Day(last.0 + 1).start();
    let day = &last.start().to_rfc3339()[..10];
    world
        .ask(FRONT, command.clone())
        .refused_about(Refusal::ProcedureNotAssessed, day);
    // nor before it was assessed
    world.now = Timestamp(START.day().start().0 - 1);
    world
        .ask(FRONT, command)
        .refused(Refusal::ProcedureNotAssessed);
}

#[test]
fn b5_a_report_carries_no_more_than_its_procedure_and_goes_nowhere_else() {
    let mut world = strict();
    let mut wide = named(&world, Some(REPORT));
    if let Command::InvokeException { scope, .. } = &mut wide {
        scope.categories.insert(DataCategory::Needs);
    }
    world
        .ask(FRONT, wide)
        .refused_about(Refusal::ProcedureExceeded, "needs");
    let exception = world.invoked(ExceptionKind::LegalMandate);
    let confirm = world.deciding(exception, true);
    world.ask(FOCAL, confirm).done(&["ExceptionAuthorised"]);
    // another service of the same organisation
    let elsewhere = on_mandate(&world, SHELTER, exception);
    world
        .ask(FOCAL, elsewhere)
        .refused_about(Refusal::ProcedureExceeded, "service");
    let here = on_mandate(&world, HEALTH, exception);
    let referral = world.drafted(here);
    let reviewed = world.reviewing(referral);
    world.ask(FOCAL, reviewed).done(&["ReferralReviewed"]);
    world.send(referral).done(&["ReferralSent"]);
}

#[test]
fn b5_a_procedure_that_is_taken_out_stops_what_was_to_be_confirmed_or_sent() {
    let mut world = strict();
    let exception = world.invoked(ExceptionKind::LegalMandate);
    let mut undecided = world.clone();
    let confirm = world.deciding(exception, true);
    world
        .ask(FOCAL, confirm.clone())
        .done(&["ExceptionAuthorised"]);
    let referral = world.reviewed(&[DataCategory::Health]);
    for world in [&mut world, &mut undecided] {
        world.organisation().exceptions.procedures.clear();
    }
    undecided
        .ask(FOCAL, confirm)
        .refused(Refusal::ProcedureMissing);
    // that it was wrong can always be said
    let reject = undecided.deciding(exception, false);
    undecided.ask(FOCAL, reject).done(&["ExceptionRejected"]);
    world.send(referral).refused(Refusal::ProcedureMissing);
}

#[test]
fn b5_who_is_in_danger_waits_for_no_procedure() {
    let mut world = World::adult();
    world.organisation().exceptions.procedures.clear();
    world.invoked(ExceptionKind::ImmediateRisk);
    let referral = world.reviewed(&[DataCategory::Health]);
    world.send(referral).done(&["ReferralSent"]);
    let mut command = world.invoking(ExceptionKind::ImmediateRisk);
    if let Command::InvokeException { procedure, .. } = &mut command {
        *procedure = REPORT.parse().ok();
    }
    world
        .ask(FRONT, command)
        .refused_about(Refusal::Malformed, "procedure");
}

#[test]
fn b5_who_is_in_danger_is_not_held_to_a_mandate_of_before_whichever_id_is_lower() {
    let kinds = [ExceptionKind::LegalMandate, ExceptionKind::ImmediateRisk];
    for mandate_first in [true, false] {
        let mut world = strict();
        let mut used = kinds;
        if !mandate_first {
            used.reverse();
        }
        let used = used.map(|kind| (kind, world.invoked(kind)));
        for (kind, exception) in used {
            if kind == ExceptionKind::LegalMandate {
                let confirm = world.deciding(exception, true);
                world.ask(FOCAL, confirm).done(&["ExceptionAuthorised"]);
            }
        }
        let of = |wanted| used.iter().find(|(kind, _)| *kind == wanted).map(|it| it.1);
        let risk = of(ExceptionKind::ImmediateRisk).expect("used");
        // The procedure of the mandate leads elsewhere.
        let draft = on_mandate(&world, SHELTER, risk);
        let referral = world.drafted(draft);
        let reviewed = world.reviewing(referral);
        world.ask(FOCAL, reviewed).done(&["ReferralReviewed"]);
        let mut unprepared = world.clone();
        unprepared.organisation().exceptions.procedures.clear();
        for world in [&mut world, &mut unprepared] {
            let done = world.send(referral).done(&["ReferralSent"]);
            let Event::ReferralSent(sent) = &done.records[0].event else {
                panic!("{:?}", done.records)
            };
            assert_eq!(sent.basis, [risk.into()], "{mandate_first}");
        }
        // What is written on the mandate goes on it, as long as its procedure carries it.
        let mandate = of(ExceptionKind::LegalMandate).expect("used");
        let report = on_mandate(&world, HEALTH, mandate);
        let report = world.drafted(report);
        let reviewed = world.reviewing(report);
        world.ask(FOCAL, reviewed).done(&["ReferralReviewed"]);
        let done = world.send(report).done(&["ReferralSent"]);
        let Event::ReferralSent(sent) = &done.records[0].event else {
            panic!("{:?}", done.records)
        };
        assert_eq!(sent.basis, [mandate.into()], "{mandate_first}");
    }
}

#[test]
fn b5_of_two_mandates_the_one_that_leads_there_carries() {
    let mut world = strict();
    for _ in 0..2 {
        let exception = world.invoked(ExceptionKind::LegalMandate);
        let confirm = world.deciding(exception, true);
        world.ask(FOCAL, confirm).done(&["ExceptionAuthorised"]);
        world.prepare("to-the-shelter", ReportedTo::Service(SHELTER));
        world.pass_ms(1);
        let mut other = named(&world, Some("to-the-shelter"));
        if let Command::InvokeException { scope, .. } = &mut other {
            scope.categories = [DataCategory::Health].into();
        }
        let done = world.ask(FRONT, other).done(&INVOKED);
        let Event::ExceptionInvoked(invoked) = &done.records[0].event else {
            panic!("{:?}", done.records)
        };
        let confirm = world.deciding(invoked.exception, true);
        world.ask(FOCAL, confirm).done(&["ExceptionAuthorised"]);
        let draft = on_mandate(&world, SHELTER, invoked.exception);
        let referral = world.drafted(draft);
        let reviewed = world.reviewing(referral);
        world.ask(FOCAL, reviewed).done(&["ReferralReviewed"]);
        world.send(referral).done(&["ReferralSent"]);
    }
}

#[test]
fn c9_what_was_told_on_a_mandate_that_no_procedure_carries_any_more_is_an_incident() {
    let mut world = strict();
    let exception = world.invoked(ExceptionKind::LegalMandate);
    let confirm = world.deciding(exception, true);
    world.ask(FOCAL, confirm).done(&["ExceptionAuthorised"]);
    let told = Command::RecordDisclosure {
        case: world.id(),
        recipient: CLINIC,
        categories: [DataCategory::Health].into(),
        channel: Channel::Phone,
    };
    let mut stopped = world.clone();
    stopped.organisation().exceptions.procedures.clear();
    for (world, incident) in [(&mut world, false), (&mut stopped, true)] {
        let done = world.ask(FOCAL, told.clone()).done(&["DisclosureRecorded"]);
        let Event::DisclosureRecorded(it) = &done.records[0].event else {
            panic!("{:?}", done.records)
        };
        assert_eq!(it.basis, [exception.into()]);
        assert_eq!(it.incident, incident);
    }
}

#[test]
fn b5_whether_the_person_was_told_is_said_with_the_exception_or_afterwards() {
    let mut world = World::adult();
    let mut command = world.invoking(ExceptionKind::ImmediateRisk);
    if let Command::InvokeException { told, .. } = &mut command {
        *told = Some(telling(ExceptionTold::Before, Some(Channel::InPerson)));
    }
    let names = ["ExceptionInvoked", "ExceptionTermsSet", "ToldOfException"];
    let done = world.ask(FRONT, command).done(&names);
    assert!(matches!(&done.records[0].event, Event::ExceptionInvoked(it) if it.told));
    let mut world = World::adult();
    let exception = world.invoked(ExceptionKind::ImmediateRisk);
    assert_eq!(world.state().exceptions[&exception].told, None);
    let unsafe_now = telling(ExceptionTold::NotToldUnsafe, None);
    let later = telling(ExceptionTold::After, Some(Channel::InPerson));
    for told in [unsafe_now, later] {
        let command = tell(&world, exception, told);
        world.ask(FRONT, command.clone()).done(&["ToldOfException"]);
        world.ask(FRONT, command).refused(Refusal::NothingToDo);
        assert_eq!(world.state().exceptions[&exception].told, Some(told));
    }
    let untold = tell(&world, exception, unsafe_now);
    world.ask(FRONT, untold).refused(Refusal::NothingToDo);
}

#[test]
fn b5_telling_says_how_where_there_was_a_way_and_keeps_to_what_was_agreed() {
    let mut world = World::adult();
    let exception = world.invoked(ExceptionKind::ImmediateRisk);
    let wrong = [
        telling(ExceptionTold::Before, None),
        telling(ExceptionTold::Before, Some(Channel::Phone)),
        telling(ExceptionTold::After, None),
        telling(ExceptionTold::NotReached, None),
        telling(ExceptionTold::NotToldUnsafe, Some(Channel::Phone)),
        telling(ExceptionTold::CannotRespond, Some(Channel::Phone)),
    ];
    for told in wrong {
        let command = tell(&world, exception, told);
        world
            .ask(FRONT, command)
            .refused_about(Refusal::Malformed, "told");
    }
    let by_phone = tell(
        &world,
        exception,
        telling(ExceptionTold::After, Some(Channel::Phone)),
    );
    world
        .ask(FRONT, by_phone)
        .refused_about(Refusal::ContactNotSafe, "not_agreed");
    let command = tell(
        &world,
        exception,
        telling(ExceptionTold::NotToldUnsafe, None),
    );
    world
        .ask(STRANGER, command.clone())
        .refused(Refusal::NotFound);
    world.ask(AUDITOR, command).refused(Refusal::NotAllowed);
}

#[test]
fn b5_a_third_person_looks_at_it_neither_who_used_it_nor_who_decided() {
    let mut world = World::adult();
    let command = world.invoking(ExceptionKind::ImmediateRisk);
    let done = world.ask(CHILD, command).done(&INVOKED);
    let Event::ExceptionInvoked(invoked) = &done.records[0].event else {
        panic!("{:?}", done.records)
    };
    let exception = invoked.exception;
    let justified = review(&world, exception, ReviewOutcome::Justified);
    world
        .ask(DPO, justified.clone())
        .refused(Refusal::ExceptionUndecided);
    let confirm = world.deciding(exception, true);
    world.ask(FOCAL, confirm).done(&["ExceptionAuthorised"]);
    for caller in [CHILD, FOCAL] {
        world
            .ask(caller, justified.clone())
            .refused(Refusal::SecondPersonRequired);
    }
    for caller in [FRONT, AUDITOR] {
        world
            .ask(caller, justified.clone())
            .refused(Refusal::NotAllowed);
    }
    world
        .ask(DPO, justified.clone())
        .done(&["ExceptionReviewed"]);
    world
        .ask(DPO, justified)
        .refused_about(Refusal::ExceptionDecided, "review");
}

#[test]
fn b5_who_sent_something_on_an_exception_is_no_third_person() {
    let mut world = World::adult();
    let exception = world.invoked(ExceptionKind::ImmediateRisk);
    let confirm = world.deciding(exception, true);
    world.ask(FOCAL, confirm).done(&["ExceptionAuthorised"]);
    let report = on_mandate(&world, HEALTH, exception);
    let report = world.drafted(report);
    let reviewed = world.reviewing(report);
    world.ask(FOCAL, reviewed).done(&["ReferralReviewed"]);
    let justified = review(&world, exception, ReviewOutcome::Justified);
    let send = world.sending(report);
    world.ask(CHILD, send).done(&["ReferralSent"]);
    world
        .ask(CHILD, justified.clone())
        .refused(Refusal::SecondPersonRequired);
    world.ask(DPO, justified).done(&["ExceptionReviewed"]);
}

#[test]
fn b5_what_goes_on_an_exception_after_it_was_looked_at_is_looked_at_again() {
    let mut world = World::adult();
    let exception = world.invoked(ExceptionKind::ImmediateRisk);
    let confirm = world.deciding(exception, true);
    world.ask(FOCAL, confirm).done(&["ExceptionAuthorised"]);
    let justified = review(&world, exception, ReviewOutcome::Justified);
    let looked = justified.clone();
    world.ask(DPO, looked).done(&["ExceptionReviewed"]);
    let told = Command::RecordDisclosure {
        case: world.id(),
        recipient: CLINIC,
        categories: [DataCategory::Health].into(),
        channel: Channel::Phone,
    };
    let mut by_phone = world.clone();
    by_phone.ask(FOCAL, told).done(&["DisclosureRecorded"]);
    let referral = world.reviewed(&[DataCategory::Health]);
    world.send(referral).done(&["ReferralSent"]);
    for mut world in [world, by_phone] {
        assert_eq!(world.state().exceptions[&exception].reviewed, None);
        let again = justified.clone();
        world.ask(DPO, again.clone()).done(&["ExceptionReviewed"]);
        world
            .ask(DPO, again)
            .refused_about(Refusal::ExceptionDecided, "review");
    }
}

#[test]
fn b5_what_lapsed_or_was_refused_is_looked_at_too_when_its_keys_are_gone() {
    let kind = ExceptionKind::ImmediateRisk;
    let mut lapsed = World::adult();
    let exception = lapsed.invoked(kind);
    let mut refused = lapsed.clone();
    lapsed.pass(|it| it.exceptions.authorise);
    let reject = refused.deciding(exception, false);
    refused.ask(FOCAL, reject).done(&["ExceptionRejected"]);
    let keys = refused.state().leaves_of(exception.into()).collect();
    refused.shredded(keys);
    for mut world in [lapsed, refused] {
        let found = review(&world, exception, ReviewOutcome::NotJustified);
        world.ask(DPO, found).done(&["ExceptionReviewed"]);
    }
}

#[test]
fn b5_something_follows_from_what_was_not_justified_and_nothing_from_what_was() {
    let mut world = World::adult();
    let exception = world.invoked(ExceptionKind::ImmediateRisk);
    let wrong = [
        (ReviewOutcome::Justified, vec![ReviewMeasure::Training]),
        (ReviewOutcome::NotJustified, vec![]),
    ];
    for (outcome, measures) in wrong {
        let command = Command::ReviewException(Reviewing {
            case: world.id(),
            exception,
            outcome,
            measures: measures.into_iter().collect(),
        });
        world
            .ask(DPO, command)
            .refused_about(Refusal::Malformed, "measures");
    }
}

#[test]
fn b5_looking_at_an_exception_keeps_no_data_longer() {
    let mut world = World::adult();
    let exception = world.invoked(ExceptionKind::ImmediateRisk);
    world.pass(|it| it.exceptions.authorise);
    let before = world.state().touched;
    let found = review(&world, exception, ReviewOutcome::Justified);
    world.ask(DPO, found).done(&["ExceptionReviewed"]);
    assert_eq!(world.state().touched, before);
}

#[test]
fn c12_who_gave_urgent_care_does_not_sign_it_off() {
    let mut world = World::adult();
    world.invoked(ExceptionKind::ImmediateRisk);
    let mut draft = world.drafting(HEALTH, &[DataCategory::Health]);
    if let Command::DraftReferral { urgency, .. } = &mut draft {
        *urgency = Urgency::Emergency;
    }
    let done = world.ask(FOCAL, draft).done(&["ReferralDrafted"]);
    let Event::ReferralDrafted(drafted) = &done.records[0].event else {
        panic!("{:?}", done.records)
    };
    let send = world.sending(drafted.referral);
    world.ask(CHILD, send).done(&["ReferralSent"]);
    let sign_off = world.reviewing(drafted.referral);
    for caller in [FOCAL, CHILD] {
        world
            .ask(caller, sign_off.clone())
            .refused(Refusal::SecondPersonRequired);
    }
    let another = StaffId([99; 16]);
    let mut colleague = (*world.staff[&FOCAL]).clone();
    colleague.id = another;
    world.staff.insert(another, Arc::new(colleague));
    world.ask(another, sign_off).done(&["ReferralReviewed"]);
}
