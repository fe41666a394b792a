//! C8. Interviews are off by default and for designated staff; answers are written down as the
//! consent holds; a person decides on a profile; what a mandated body determines delays nobody.

use super::rights::{identify, of_kind};
use super::*;
use crate::organisation::changed;

pub(super) const TALK: InterviewId = InterviewId([71; 16]);

/// A case of an organisation whose file switches interviews on, with `FRONT` designated.
pub(super) fn designated() -> World {
    let mut world = World::adult();
    switch_on(&mut world, &[]);
    let today = START.day();
    world
        .ask(COORDINATOR, trained(FRONT, today))
        .done(&["TrainingRecorded"]);
    world
}

fn switch_on(world: &mut World, more: &[(&str, &str)]) {
    let mut changes = vec![
        ("# forms", "forms"),
        ("# training_months", "training_months"),
    ];
    changes.extend(more);
    let file = Organisation::parse(&changed(&changes)).expect("the file is understood");
    *world.organisation() = file;
}

pub(super) fn trained(staff: StaffId, on: Day) -> Command {
    Command::RecordTraining(Trained {
        staff,
        training: Training::Interviewing,
        on,
    })
}

pub(super) fn answer(question: &str, given: AnswerGiven) -> Answer {
    Answer {
        question: text(question),
        given,
    }
}

pub(super) fn yes(question: &str) -> Answer {
    answer(question, AnswerGiven::Code(AnswerCode::Yes))
}

pub(super) fn talk(world: &World, answers: Vec<Answer>) -> Interviewing {
    Interviewing {
        case: world.id(),
        person: world.client(),
        interview: TALK,
        form: InterviewForm::Guide,
        language: None,
        explained: [Explained::RightToRefuse, Explained::ConfidentialityLimits].into(),
        interpreter: None,
        answers,
    }
}

pub(super) fn record(it: Interviewing) -> Command {
    Command::RecordInterview(it)
}

pub(super) fn profiling(world: &World) -> Profiling {
    Profiling {
        case: world.id(),
        person: world.client(),
        interview: None,
        reason: ProfileReason::PersonSays,
        profiles: [Profile::PossibleRefugee].into(),
        words: None,
    }
}

#[test]
fn c8_nobody_is_interviewed_where_the_organisations_file_does_not_say_so() {
    let mut world = World::adult();
    let ask = record(talk(&world, vec![yes("watched")]));
    let refused = world.ask(FRONT, ask);
    refused.refused_about(Refusal::InterviewOff, "guide");
    let profile = Command::RecordProfile(profiling(&world));
    world.ask(FRONT, profile).refused(Refusal::InterviewOff);
    let only = ("[\"profiling\", \"guide\"]", "[\"profiling\"]");
    switch_on(&mut world, &[only]);
    let ask = record(talk(&world, vec![yes("watched")]));
    let refused = world.ask(FRONT, ask);
    refused.refused_about(Refusal::InterviewOff, "guide");
}

#[test]
fn c8_only_staff_whose_training_in_interviewing_holds_interview_and_decide_on_profiles() {
    let mut world = World::adult();
    switch_on(&mut world, &[]);
    let ask = record(talk(&world, vec![yes("watched")]));
    let profile = Command::RecordProfile(profiling(&world));
    for command in [ask.clone(), profile] {
        let refused = world.ask(FRONT, command);
        refused.refused_about(Refusal::TrainingLapsed, "interviewing");
    }
    // Nobody designates themselves.
    let own = trained(COORDINATOR, START.day());
    let refused = world.ask(COORDINATOR, own);
    refused.refused(Refusal::SecondPersonRequired);
    let today = START.day();
    let train = trained(FRONT, today);
    world.ask(COORDINATOR, train).done(&["TrainingRecorded"]);
    world.ask(FRONT, ask.clone()).done(&["InterviewRecorded"]);
    // Training does not lift need to know, and a role without cases has none.
    let train = trained(FRONT_TWO, today);
    world.ask(COORDINATOR, train).done(&["TrainingRecorded"]);
    world
        .ask(FRONT_TWO, ask.clone())
        .refused(Refusal::NotAllowed);
    world.ask(DPO, ask.clone()).refused(Refusal::NotAllowed);
    world.now = START.plus_ms(750 * DAY_MS);
    let lapsed = world.ask(FRONT, ask).refused(Refusal::TrainingLapsed);
    let about = lapsed.about.expect("which, and since when");
    assert!(about.starts_with("interviewing 20"), "{about}");
    // Whoever may not interview does everything else.
    let draft = world.drafting(HEALTH, &[DataCategory::Needs]);
    world.ask(FRONT, draft).done(&["ReferralDrafted"]);
}

#[test]
fn c8_answers_are_parts_of_their_own_by_category_and_only_what_the_consent_holds_is_asked() {
    let mut world = designated();
    let answers = vec![yes("watched"), yes("unwell_now"), yes("papers_withheld")];
    let done = world.ask(FRONT, record(talk(&world, answers)));
    let done = done.done(&["InterviewRecorded"]);
    assert_eq!(
        done.personal,
        [2],
        "health, and protection with two answers"
    );
    let Event::InterviewRecorded(it) = &done.records[0].event else {
        panic!("an interview");
    };
    let expected = [DataCategory::Health, DataCategory::Protection];
    assert_eq!(it.categories, expected.into());
    let form = crate::interview::form(InterviewForm::Guide);
    assert_eq!((it.version, it.digest), (form.version(), form.digest()));
    let made: Vec<_> = done.records[0].leaves.iter().map(|made| made.of).collect();
    assert!(
        made.iter()
            .all(|of| of.person == world.client() && of.category.is_some())
    );
    // The person takes health out of the consent: it is asked no more, the rest is.
    let withdraw = Command::WithdrawConsent {
        case: world.id(),
        person: None,
        consent: None,
        part: Some(Scope {
            categories: [DataCategory::Health].into(),
            ..Scope::default()
        }),
        shred: ShredWish::AfterPeriod,
    };
    let taken = world.ask(FRONT, withdraw).done(&["ConsentWithdrawn"]);
    let health = made
        .iter()
        .find(|of| of.category == Some(DataCategory::Health));
    let health = health.map(|of| world.state().leaves[of]);
    assert_eq!(
        taken.fence,
        Vec::from_iter(health),
        "its answers, and nothing else"
    );
    let again = record(talk(&world, vec![yes("unwell_now")]));
    let refused = world.ask(FRONT, again);
    refused.refused_about(Refusal::CategoryNotCovered, "health");
    let rest = record(talk(&world, vec![yes("watched")]));
    world.ask(FRONT, rest).done(&["InterviewRecorded"]);
    let all = world.withdrawing(None);
    world.ask(FRONT, all).done(&["ConsentWithdrawn"]);
    let rest = record(talk(&world, vec![yes("watched")]));
    world
        .ask(FRONT, rest)
        .refused(Refusal::RecordConsentMissing);
}

#[test]
fn c8_religion_ethnicity_numbers_and_route_are_asked_only_where_the_file_says_why() {
    let sensitive = [
        (
            "religion",
            ("# religion = \"\"", "religion = \"a shelter must know\""),
        ),
        (
            "ethnic_group",
            ("# ethnicity = \"\"", "ethnicity = \"why they flee\""),
        ),
        (
            "paper_number",
            (
                "# identity_numbers = \"\"",
                "identity_numbers = \"the registry asks\"",
            ),
        ),
        ("route", ("# route = \"\"", "route = \"for tracing\"")),
    ];
    for (question, justified) in sensitive {
        let mut world = designated();
        let said = || answer(question, AnswerGiven::Words(text("something")));
        let ask = record(talk(&world, vec![said()]));
        let refused = world.ask(FRONT, ask.clone());
        refused.refused_about(Refusal::QuestionOff, question);
        // Not even that somebody declined is written down.
        let declined = answer(question, AnswerGiven::Code(AnswerCode::Declined));
        let declined = record(talk(&world, vec![declined]));
        world.ask(FRONT, declined).refused(Refusal::QuestionOff);
        switch_on(&mut world, &[justified]);
        world.ask(FRONT, ask).done(&["InterviewRecorded"]);
    }
}

#[test]
fn c8_answers_that_do_not_fit_the_question_are_refused_and_every_question_is_optional() {
    let chosen =
        |words: &[&str]| AnswerGiven::Chosen(words.iter().map(|word| text(word)).collect());
    let words = |words: &str| AnswerGiven::Words(text(words));
    let mut world = designated();
    for (question, given) in [
        ("watched", words("by a man")),
        ("watched", chosen(&["yes"])),
        ("gender", AnswerGiven::Code(AnswerCode::Yes)),
        ("gender", chosen(&["woman", "man"])),
        ("gender", chosen(&["tall"])),
        ("left_because", chosen(&[])),
        ("left_because", chosen(&["work", "work"])),
        ("left_because", words("work")),
        ("languages", chosen(&["Dari"])),
        ("languages", words(&"x".repeat(201))),
    ] {
        let ask = record(talk(&world, vec![answer(question, given)]));
        let refused = world.ask(FRONT, ask);
        refused.refused_about(Refusal::AnswerInvalid, question);
    }
    let twice = record(talk(&world, vec![yes("watched"), yes("watched")]));
    let refused = world.ask(FRONT, twice);
    refused.refused_about(Refusal::AnswerInvalid, "watched");
    let none = record(talk(&world, vec![]));
    let refused = world.ask(FRONT, none);
    refused.refused_about(Refusal::AnswerInvalid, "answers");
    let unknown = record(talk(&world, vec![yes("what_happened")]));
    let refused = world.ask(FRONT, unknown);
    refused.refused_about(Refusal::NotFound, "question");
    for code in [
        AnswerCode::DoesNotKnow,
        AnswerCode::Declined,
        AnswerCode::NotAsked,
    ] {
        let said = AnswerGiven::Code(code);
        let ask = record(talk(&world, vec![answer("languages", said)]));
        world.ask(FRONT, ask).done(&["InterviewRecorded"]);
    }
}

#[test]
fn c8_the_person_is_told_first_and_an_interview_put_right_stays_the_persons_and_the_forms() {
    let mut world = designated();
    for (left, code) in [
        (Explained::ConfidentialityLimits, "right_to_refuse"),
        (Explained::RightToRefuse, "confidentiality_limits"),
    ] {
        let untold = Interviewing {
            explained: [left].into(),
            ..talk(&world, vec![yes("watched")])
        };
        let refused = world.ask(FRONT, record(untold));
        refused.refused_about(Refusal::ExplanationIncomplete, code);
    }
    let whispering = Interviewing {
        interpreter: Some(Interpreter {
            accepted: false,
            ..interpreting(None)
        }),
        ..talk(&world, vec![yes("watched")])
    };
    let refused = world.ask(FRONT, record(whispering));
    refused.refused_about(Refusal::InterpreterNotAccepted, "accepted");
    let first = record(talk(&world, vec![yes("watched")]));
    world.ask(FRONT, first.clone()).done(&["InterviewRecorded"]);
    world.ask(FRONT, first).done(&["InterviewRecorded"]);
    let other_form = Interviewing {
        form: InterviewForm::Profiling,
        ..talk(&world, vec![yes("under_18")])
    };
    let refused = world.ask(FRONT, record(other_form));
    refused.refused_about(Refusal::AlreadyExists, "interview");
    let aunt = world.add(PersonRole::Caregiver, false);
    let other_person = Interviewing {
        person: aunt,
        ..talk(&world, vec![yes("watched")])
    };
    let refused = world.ask(FRONT, record(other_person));
    refused.refused_about(Refusal::AlreadyExists, "interview");
    let nobody = Interviewing {
        person: PersonId([99; 16]),
        ..talk(&world, vec![yes("watched")])
    };
    let refused = world.ask(FRONT, record(nobody));
    refused.refused_about(Refusal::NotFound, "person");
}

#[test]
fn c8_the_refusals_of_an_interview_come_in_their_order() {
    let mut world = World::undocumented();
    let wrong = |world: &World| Interviewing {
        explained: BTreeSet::new(),
        ..talk(
            world,
            vec![answer("religion", AnswerGiven::Code(AnswerCode::Yes))],
        )
    };
    let ask = record(wrong(&world));
    let refused = world.ask(FRONT, ask.clone());
    refused.refused_about(Refusal::InterviewOff, "guide");
    switch_on(&mut world, &[]);
    world.ask(FRONT, ask).refused(Refusal::DocumentationRefused);
    let mut world = World::adult();
    switch_on(&mut world, &[]);
    let ask = record(wrong(&world));
    world
        .ask(FRONT, ask.clone())
        .refused(Refusal::ExplanationIncomplete);
    let told = Interviewing {
        explained: Explained::ALL.iter().copied().collect(),
        ..wrong(&world)
    };
    world
        .ask(FRONT, record(told.clone()))
        .refused(Refusal::TrainingLapsed);
    let train = trained(FRONT, START.day());
    world.ask(COORDINATOR, train).done(&["TrainingRecorded"]);
    world.ask(FRONT, record(told)).refused(Refusal::QuestionOff);
}

#[test]
fn c8_answers_are_opened_by_who_is_trained_for_case_work_alone() {
    let mut world = designated();
    let ask = record(talk(&world, vec![yes("watched")]));
    world.ask(FRONT, ask).done(&["InterviewRecorded"]);
    let view = |world: &World, purpose| Command::ViewPersonalData {
        case: world.id(),
        target: ViewTarget::Interview(TALK),
        purpose,
    };
    let work = view(&world, ViewPurpose::CaseWork);
    world.ask(FRONT, work.clone()).done(&["PersonalDataSeen"]);
    let refused = world.ask(FOCAL, work.clone());
    refused.refused_about(Refusal::TrainingLapsed, "interviewing");
    // Neither urgent care nor a review of a referral opens them.
    for purpose in [
        ViewPurpose::Emergency,
        ViewPurpose::Review,
        ViewPurpose::Service,
    ] {
        let other = view(&world, purpose);
        world.ask(FRONT, other.clone()).refused(Refusal::NotAllowed);
        assert!(world.ask(COORDINATOR, other.clone()).0.is_err());
        assert!(world.ask(PROVIDER, other).0.is_err());
    }
    // The person's own copy waits for nobody's training, and is asked for first.
    let copy = view(&world, ViewPurpose::CopyForPerson);
    for caller in [FRONT, FOCAL] {
        world.ask(caller, copy.clone()).refused(Refusal::NotDue);
    }
    let access = of_kind(&mut world, RequestKind::Access);
    world.ask(FOCAL, copy.clone()).refused(Refusal::NotDue);
    let known = identify(&world, access, IdentityOutcome::KnownToStaff);
    world.ask(FRONT, known).0.expect("known");
    world.ask(FOCAL, copy).done(&["PersonalDataSeen"]);
    // What is about somebody else is in nobody's copy of the client.
    let other = world.add(PersonRole::TrustedPerson, false);
    let companion = Command::ViewPersonalData {
        case: world.id(),
        target: ViewTarget::Profile(other),
        purpose: ViewPurpose::CopyForPerson,
    };
    world.ask(FOCAL, companion).refused(Refusal::NotDue);
    let unknown = Command::ViewPersonalData {
        case: world.id(),
        target: ViewTarget::Interview(InterviewId([9; 16])),
        purpose: ViewPurpose::CaseWork,
    };
    let refused = world.ask(FRONT, unknown);
    refused.refused_about(Refusal::NotFound, "interview");
    let profile = Command::ViewPersonalData {
        case: world.id(),
        target: ViewTarget::Profile(world.client()),
        purpose: ViewPurpose::CaseWork,
    };
    world.ask(FOCAL, profile).done(&["PersonalDataSeen"]);
}

#[test]
fn c8_an_interview_put_right_is_a_correction_and_a_new_one_is_none() {
    let mut world = designated();
    let ask = Command::ReceiveRequest(Asking {
        case: world.id(),
        person: None,
        kind: RequestKind::Correction,
        by: RequestedBy::Person,
        categories: [DataCategory::Protection].into(),
        channel: Channel::InPerson,
    });
    world.ask(FRONT, ask).done(&["RequestReceived"]);
    let corrected = |world: &World| {
        let state = world.state();
        let request = state.requests.values().next().expect("a request");
        request.corrected.contains(&DataCategory::Protection)
    };
    let first = record(talk(&world, vec![yes("watched")]));
    world.ask(FRONT, first.clone()).done(&["InterviewRecorded"]);
    assert!(!corrected(&world), "nothing was put right by asking more");
    world.ask(FRONT, first).done(&["InterviewRecorded"]);
    assert!(corrected(&world));
}

#[test]
fn c8_the_language_that_was_asked_in_stands_with_the_interview_and_no_other_is_taken() {
    use crate::interview::language_of;
    let asked_in = |world: &World, language: Option<&str>| Interviewing {
        language: language.map(str::to_owned),
        ..talk(world, vec![yes("watched")])
    };
    for (language, stands) in [(None, "en"), (Some("fr"), "fr"), (Some("ar"), "ar")] {
        let mut world = designated();
        let asked = record(asked_in(&world, language));
        let done = world.ask(FRONT, asked).done(&["InterviewRecorded"]);
        let Event::InterviewRecorded(it) = &done.records[0].event else {
            panic!("an interview");
        };
        assert_eq!(language_of(it.form, it.digest), Some(stands));
    }
    let mut world = designated();
    for unknown in ["tlh", "", "francais"] {
        let asked = record(asked_in(&world, Some(unknown)));
        world
            .ask(FRONT, asked)
            .refused_about(Refusal::NotFound, "language");
    }
}
