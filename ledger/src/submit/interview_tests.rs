//! What of an interview leaves, and with which view (MISSION C8).

use super::tests::{Desk, asked_for_a_copy, done};
use crate::decide::tests::{FOCAL, PROVIDER, text};
use crate::domain::codes::*;
use crate::domain::command::{Command, Interviewing, Profiling, ShredWish, Trained};
use crate::domain::event::ViewTarget;
use crate::domain::ids::{InterviewId, StaffId};
use crate::domain::personal::{Answer, AnswerGiven, Personal};
use crate::domain::scope::Scope;
use crate::ledger::{Ledger, PersonalContent, PersonalPart};

const TALK: InterviewId = InterviewId([71; 16]);
const COORDINATOR: StaffId = StaffId([17; 16]);

fn interviewing(desk: &Desk) -> Ledger {
    let on = [
        ("# forms", "forms"),
        ("# training_months", "training_months"),
    ];
    let ledger = desk.changed(&on);
    let train = Command::RecordTraining(Trained {
        staff: FOCAL,
        training: Training::Interviewing,
        on: ledger.now().day(),
    });
    done(&ledger, COORDINATOR, train);
    ledger
}

fn talk(desk: &Desk, ledger: &Ledger, said: &[(&str, AnswerCode)]) {
    let answers = said.iter().map(|(question, code)| Answer {
        question: text(question),
        given: AnswerGiven::Code(*code),
    });
    let record = Command::RecordInterview(Interviewing {
        case: desk.case,
        person: desk.client,
        interview: TALK,
        form: InterviewForm::Guide,
        language: None,
        explained: Explained::ALL.iter().copied().collect(),
        interpreter: None,
        answers: answers.collect(),
    });
    done(ledger, FOCAL, record);
}

fn decide(desk: &Desk, ledger: &Ledger, profile: Profile) {
    let decide = Command::RecordProfile(Profiling {
        case: desk.case,
        person: desk.client,
        interview: Some(TALK),
        reason: ProfileReason::Indicators,
        profiles: [profile].into(),
        words: None,
    });
    done(ledger, FOCAL, decide);
}

fn seen(
    desk: &Desk,
    ledger: &Ledger,
    (staff, target, purpose): (StaffId, ViewTarget, ViewPurpose),
) -> Vec<PersonalPart> {
    let view = Command::ViewPersonalData {
        case: desk.case,
        target,
        purpose,
    };
    let seen = done(ledger, staff, view);
    ledger.open_personal(&seen).unwrap()
}

/// What answers and profiles among these parts say, with what is closed.
fn said(parts: &[PersonalPart]) -> Vec<String> {
    let said = parts.iter().filter_map(|part| match &part.content {
        PersonalContent::Open(Personal::Answers(it)) => {
            let answers = it.answers.iter().map(|one| match &one.given {
                AnswerGiven::Code(code) => format!("{}={code}", one.question.reveal()),
                AnswerGiven::Chosen(_) | AnswerGiven::Words(_) => panic!("codes only"),
            });
            Some(answers.collect::<Vec<_>>().join(" "))
        }
        PersonalContent::Open(Personal::Profile(it)) => Some(format!("{:?}", it.profiles)),
        PersonalContent::Fenced => Some("fenced".to_owned()),
        PersonalContent::Shredded => Some("shredded".to_owned()),
        PersonalContent::Open(_) => None,
    });
    said.collect()
}

#[test]
fn c8_nothing_of_an_interview_is_in_what_a_recipient_or_a_reader_of_the_case_opens() {
    let desk = Desk::new();
    let ledger = interviewing(&desk);
    talk(
        &desk,
        &ledger,
        &[("watched", AnswerCode::Yes), ("unwell_now", AnswerCode::No)],
    );
    decide(&desk, &ledger, Profile::PossibleTrafficking);
    let referral = desk.sent(&ledger);
    let outside = (
        PROVIDER,
        ViewTarget::Referral(referral),
        ViewPurpose::Service,
    );
    let outside = seen(&desk, &ledger, outside);
    assert_eq!(outside.len(), 1, "what was written for it");
    assert_eq!(said(&outside), [""; 0]);
    let inside = (FOCAL, ViewTarget::Case, ViewPurpose::CaseWork);
    assert_eq!(said(&seen(&desk, &ledger, inside)), [""; 0]);
    // By itself it is read, and the person's copy has it all.
    let itself = (FOCAL, ViewTarget::Interview(TALK), ViewPurpose::CaseWork);
    let answers = ["unwell_now=no", "watched=yes"];
    assert_eq!(said(&seen(&desk, &ledger, itself)), answers);
    let profile = (
        FOCAL,
        ViewTarget::Profile(desk.client),
        ViewPurpose::CaseWork,
    );
    let decided = "{PossibleTrafficking}";
    assert_eq!(said(&seen(&desk, &ledger, profile)), [decided]);
    // Nobody opens it by saying "copy" where no copy is owed.
    let copy = (FOCAL, ViewTarget::Case, ViewPurpose::CopyForPerson);
    let unasked = seen(&desk, &ledger, copy);
    assert!(!unasked.is_empty());
    assert_eq!(said(&unasked), [""; 0]);
    asked_for_a_copy(&desk, &ledger);
    let copy = seen(&desk, &ledger, copy);
    assert_eq!(said(&copy), [answers[0], answers[1], decided]);
    let whose = |part: &&PersonalPart| part.event.starts_with("Interview");
    let whose = copy.iter().filter(whose).map(|part| part.person);
    assert!(whose.eq([Some(desk.client); 2]), "it says whose they are");
}

#[test]
fn c8_what_was_put_right_takes_the_place_of_what_was_answered_in_that_category() {
    let desk = Desk::new();
    let ledger = interviewing(&desk);
    talk(
        &desk,
        &ledger,
        &[("watched", AnswerCode::Yes), ("unwell_now", AnswerCode::No)],
    );
    talk(&desk, &ledger, &[("watched", AnswerCode::NotAsked)]);
    decide(&desk, &ledger, Profile::AtRisk);
    decide(&desk, &ledger, Profile::Stranded);
    for (target, expected) in [
        (
            ViewTarget::Interview(TALK),
            vec!["unwell_now=no", "watched=not_asked"],
        ),
        (ViewTarget::Profile(desk.client), vec!["{Stranded}"]),
    ] {
        let view = (FOCAL, target, ViewPurpose::CaseWork);
        assert_eq!(said(&seen(&desk, &ledger, view)), expected);
    }
}

#[test]
fn c8_withdrawing_a_category_closes_and_destroys_its_answers_and_leaves_the_others() {
    let desk = Desk::new();
    let ledger = interviewing(&desk);
    talk(
        &desk,
        &ledger,
        &[("watched", AnswerCode::Yes), ("unwell_now", AnswerCode::No)],
    );
    decide(&desk, &ledger, Profile::AtRisk);
    let withdraw = Command::WithdrawConsent {
        case: desk.case,
        person: None,
        consent: None,
        part: Some(Scope {
            categories: [DataCategory::Protection].into(),
            ..Scope::default()
        }),
        shred: ShredWish::AtOnce,
    };
    done(&ledger, FOCAL, withdraw);
    // The keys go right behind the answer.
    for _ in 0..200 {
        let parts = (FOCAL, ViewTarget::Interview(TALK), ViewPurpose::CaseWork);
        let parts = said(&seen(&desk, &ledger, parts));
        if parts == ["unwell_now=no", "shredded"] {
            break;
        }
        assert_eq!(parts, ["unwell_now=no", "fenced"]);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let view = (
        FOCAL,
        ViewTarget::Profile(desk.client),
        ViewPurpose::CaseWork,
    );
    assert_eq!(said(&seen(&desk, &ledger, view)), ["shredded"]);
}
