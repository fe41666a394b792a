//! Training and code of conduct: what lapsing suspends, and what it never does (MISSION E10).

use super::*;
use crate::domain::codes::Training;
use crate::domain::command::Trained;
use crate::organisation::changed;

/// A case, and a file that wants both: training for 24 months, the code of conduct for 12.
fn wanting() -> World {
    let mut world = World::adult();
    want_both(&mut world);
    world
}

fn want_both(world: &mut World) {
    let file = changed(&[
        ("# safe_referral_months", "safe_referral_months"),
        ("# code_of_conduct_months", "code_of_conduct_months"),
    ]);
    *world.organisation() = Organisation::parse(&file).expect("the file is understood");
}

fn trained(staff: StaffId, training: Training, on: Day) -> Command {
    Command::RecordTraining(Trained {
        staff,
        training,
        on,
    })
}

fn open(identity: Option<Identity>) -> Command {
    let recorded = identity.is_some();
    Command::OpenCase {
        identity,
        age_group: AgeGroup::Adult,
        sensitivity: Sensitivity::Standard,
        consent: recorded.then(|| taken(Capacity::Own)),
        categories: if recorded {
            all_categories()
        } else {
            BTreeSet::new()
        },
    }
}

fn draft(world: &World, urgency: Urgency) -> Command {
    Command::DraftReferral {
        case: world.id(),
        service: HEALTH,
        urgency,
        ground: None,
        items: items(&[DataCategory::Needs]),
        follows: None,
    }
}

#[test]
fn e10_who_lets_training_or_conduct_lapse_records_nobody_until_it_is_renewed() {
    let mut world = wanting();
    let today = START.day();
    let named = || open(Some(identity("Invented")));
    let refusal = Refusal::TrainingLapsed;
    // given a file that wants both, and nothing on record
    world
        .ask(FRONT, named())
        .refused_about(refusal, "safe_referral");
    let training = trained(FRONT, Training::SafeReferral, today);
    world.ask(ADMIN, training).done(&["TrainingRecorded"]);
    world
        .ask(FRONT, named())
        .refused_about(refusal, "code_of_conduct");
    let signed = trained(FRONT, Training::CodeOfConduct, today);
    world.ask(COORDINATOR, signed).done(&["TrainingRecorded"]);
    let names = ["CaseOpened", "ConsentGiven", "PersonAdded", "StaffAssigned"];
    world.ask(FRONT, named()).done(&names);
    // nor is somebody taken down first and named afterwards
    let mut unnamed = wanting();
    let mut nameless = named();
    if let Command::OpenCase { identity, .. } = &mut nameless {
        *identity = None;
    }
    unnamed.ask(FRONT, nameless).refused(refusal);
    // when the last day is over, and not before
    let over = today.start().plus_months(12);
    world.now = Timestamp(over.0 - 1);
    world.ask(FRONT, named()).done(&names);
    world.now = over;
    let since = over.to_rfc3339();
    let about = format!("code_of_conduct {}", &since[..10]);
    world.ask(FRONT, named()).refused_about(refusal, &about);
    // then one day later in the register opens it again
    let renewed = trained(FRONT, Training::CodeOfConduct, over.day());
    world.ask(ADMIN, renewed).done(&["TrainingRecorded"]);
    world.ask(FRONT, named()).done(&names);
}

#[test]
fn e10_a_lapse_stops_a_consent_given_anew_as_it_stops_one_given() {
    let mut world = World::adult();
    let case = world.id();
    let until = |days: u64| {
        let mut taken = taken(Capacity::Own);
        taken.expires = Some(START.plus_ms(days * DAY_MS));
        taken
    };
    let give = Command::GiveConsent {
        case,
        person: world.client(),
        given_by: Some(world.client()),
        scope: scope(CLINIC, &[DataCategory::Needs]),
        consent: until(2),
    };
    let done = world.ask(FRONT, give.clone()).done(&["ConsentGiven"]);
    let Event::ConsentGiven(given) = &done.records[0].event else {
        panic!("{:?}", done.records)
    };
    let anew = Command::RenewConsent(Renewing {
        case,
        consent: given.consent,
        taken: until(30),
    });
    want_both(&mut world);
    for command in [give, anew.clone()] {
        world.ask(FRONT, command).refused(Refusal::TrainingLapsed);
    }
    for training in [Training::SafeReferral, Training::CodeOfConduct] {
        let today = trained(FRONT, training, START.day());
        world.ask(ADMIN, today).done(&["TrainingRecorded"]);
    }
    world.ask(FRONT, anew).done(&["ConsentRenewed"]);
}

#[test]
fn e11_a_training_entered_for_who_has_left_keeps_no_name_longer() {
    let mut world = wanting();
    let left = world.staff.get_mut(&FRONT).expect("staff");
    let left = Arc::make_mut(left);
    left.roles.clear();
    left.tokens.clear();
    let today = START.day();
    world
        .ask(ADMIN, trained(FRONT, Training::SafeReferral, today))
        .refused_about(Refusal::NotFound, "staff");
}

#[test]
fn e10_what_protects_a_person_is_never_suspended() {
    let mut world = wanting();
    let case = world.id();
    world
        .ask(FRONT, draft(&world, Urgency::Routine))
        .refused(Refusal::TrainingLapsed);
    let drafted = draft(&world, Urgency::Emergency);
    world.ask(FRONT, drafted).done(&["ReferralDrafted"]);
    let company = Company::Unknown;
    let age = Command::AssessAge {
        case,
        age: Age::Unknown,
        company,
    };
    let assessed = world.ask(FRONT, age).0;
    assert!(assessed.is_ok(), "{:?}", assessed.err());
    world
        .ask(FRONT, open(None))
        .done(&["CaseOpened", "StaffAssigned"]);
    world.case = Some(case);
    let withdraw = Command::WithdrawConsent {
        case,
        person: None,
        consent: None,
        part: None,
        shred: ShredWish::AfterPeriod,
    };
    let withdrawn = world.ask(FRONT, withdraw).0;
    assert!(withdrawn.is_ok(), "{:?}", withdrawn.err());
}

#[test]
fn e10_a_file_that_wants_nothing_suspends_nobody_and_one_that_wants_the_impossible_is_refused() {
    let mut world = World::adult();
    let named = open(Some(identity("Invented")));
    assert!(world.ask(FRONT, named).0.is_ok());
    for months in [0, 121] {
        let line = format!("safe_referral_months = {months}");
        let file = changed(&[("# safe_referral_months = 24", line.as_str())]);
        let error = Organisation::parse(&file).expect_err("nobody could work, or it says nothing");
        let at = file.lines().nth(error.line - 1);
        assert_eq!(at, Some(line.as_str()), "{error}");
    }
}

#[test]
fn e10_training_is_recorded_by_somebody_else_of_the_organisation_for_a_day_that_was() {
    let mut world = wanting();
    let today = START.day();
    let of = |staff| trained(staff, Training::SafeReferral, today);
    world
        .ask(ADMIN, of(ADMIN))
        .refused(Refusal::SecondPersonRequired);
    world.ask(FOCAL, of(FRONT)).refused(Refusal::NotAllowed);
    world.ask(ADMIN, of(STRANGER)).refused(Refusal::NotAllowed);
    let tomorrow = trained(FRONT, Training::SafeReferral, Day(today.0 + 1));
    world
        .ask(ADMIN, tomorrow)
        .refused_about(Refusal::TimeInvalid, "on");
    world.ask(ADMIN, of(FRONT)).done(&["TrainingRecorded"]);
    world.ask(ADMIN, of(FRONT)).refused(Refusal::NothingToDo);
    let before = trained(FRONT, Training::SafeReferral, Day(today.0 - 1));
    world.ask(ADMIN, before).refused(Refusal::NothingToDo);
}

/// A legal mandate of a world that wants both, and a draft on it.
fn mandated(world: &mut World) -> (ExceptionId, Command) {
    want_both(world);
    world.prepare(REPORT, ReportedTo::Service(HEALTH));
    let exception = world.invoked(ExceptionKind::LegalMandate);
    let mut command = draft(world, Urgency::Routine);
    if let Command::DraftReferral {
        ground,
        items: said,
        ..
    } = &mut command
    {
        *ground = Some(exception.into());
        *said = items(&[DataCategory::Health]);
    }
    (exception, command)
}

#[test]
fn e10_a_report_that_a_law_obliges_to_waits_for_no_training_and_the_audit_says_so() {
    let mut world = World::adult();
    let (exception, command) = mandated(&mut world);
    // not before a second person authorised it
    world
        .ask(FRONT, command.clone())
        .refused(Refusal::ExceptionNotAuthorised);
    let confirm = world.deciding(exception, true);
    world.ask(FOCAL, confirm).done(&["ExceptionAuthorised"]);
    let done = world
        .ask(FRONT, command)
        .done(&["ReferralDrafted", "ReportedWhileLapsed"]);
    let Event::ReferralDrafted(drafted) = &done.records[0].event else {
        panic!("{:?}", done.records)
    };
    let Event::ReportedWhileLapsed(told) = &done.records[1].event else {
        panic!("{:?}", done.records)
    };
    assert_eq!(
        (told.exception, told.training),
        (exception, Training::SafeReferral)
    );
    let review = world.reviewing(drafted.referral);
    let names = ["ReferralReviewed", "ReportedWhileLapsed"];
    world.ask(FOCAL, review).done(&names);
    world
        .send(drafted.referral)
        .done(&["ReferralSent", "ReportedWhileLapsed"]);
}

#[test]
fn e10_a_mandate_carries_nothing_else_of_who_lets_training_lapse() {
    let mut world = World::adult();
    let (exception, command) = mandated(&mut world);
    let confirm = world.deciding(exception, true);
    world.ask(FOCAL, confirm).done(&["ExceptionAuthorised"]);
    let on_consent = draft(&world, Urgency::Routine);
    world
        .ask(FRONT, on_consent)
        .refused(Refusal::TrainingLapsed);
    world.organisation().exceptions.procedures.clear();
    world
        .ask(FRONT, command.clone())
        .refused(Refusal::TrainingLapsed);
    world.prepare(REPORT, ReportedTo::Service(HEALTH));
    world.pass(|it| it.exceptions.last);
    world
        .ask(FRONT, command)
        .refused(Refusal::ExceptionNotAuthorised);
}

#[test]
fn e10_a_mandate_that_covers_the_same_by_chance_carries_nothing_that_goes_on_consent() {
    const HEALTH_ONLY: &[DataCategory] = &[DataCategory::Health];
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, HEALTH_ONLY));
    let drafting = world.drafting(HEALTH, HEALTH_ONLY);
    let draft = world.drafted(drafting);
    let reviewed = world.reviewed(HEALTH_ONLY);
    // given two authorised mandates that cover recipient and categories
    let (mandate, on_mandate) = mandated(&mut world);
    for exception in [mandate, world.invoked(ExceptionKind::LegalMandate)] {
        let confirm = world.deciding(exception, true);
        world.ask(FOCAL, confirm).done(&["ExceptionAuthorised"]);
    }
    // then who lets training lapse neither signs off nor sends what was written on consent
    let review = world.reviewing(draft);
    world.ask(FOCAL, review).refused(Refusal::TrainingLapsed);
    world.send(reviewed).refused(Refusal::TrainingLapsed);
    // and a report does not wait because consent covers it, too
    let done = world.ask(FRONT, on_mandate);
    let done = done.done(&["ReferralDrafted", "ReportedWhileLapsed"]);
    let Event::ReferralDrafted(report) = &done.records[0].event else {
        panic!("{:?}", done.records)
    };
    let review = world.reviewing(report.referral);
    let names = ["ReferralReviewed", "ReportedWhileLapsed"];
    world.ask(FOCAL, review).done(&names);
    let done = world.send(report.referral);
    let done = done.done(&["ReferralSent", "ReportedWhileLapsed"]);
    let Event::ReportedWhileLapsed(told) = &done.records[1].event else {
        panic!("{:?}", done.records)
    };
    assert_eq!(told.exception, mandate);
}
