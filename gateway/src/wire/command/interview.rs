//! Commands of `InterviewService`.

use ledger::domain::codes::ViewPurpose;
use ledger::domain::command::{Command, Determining, Interviewing, Profiling};
use ledger::domain::event::ViewTarget;
use proto::interview::v1::*;

use super::command_message;
use crate::wire::codes::{code, set};
use crate::wire::field::{id, optional_id};
use crate::wire::interview::answers;
use crate::wire::shared::interpreter;
use crate::wire::text::{optional_short, query};
use crate::wire::time::day;

command_message!(RecordInterviewRequest => RecordInterviewResponse, |message| {
    Command::RecordInterview(Interviewing {
        case: id(&message.case_id, "case_id")?,
        person: id(&message.person_id, "person_id")?,
        interview: id(&message.interview_id, "interview_id")?,
        form: code(message.form, "form")?,
        language: Some(query(message.language, "language")?).filter(|it| !it.is_empty()),
        explained: set(&message.explained, "explained")?,
        interpreter: message
            .interpreter
            .map(|it| interpreter(it, "interpreter.person_id"))
            .transpose()?,
        answers: answers(message.answers)?,
    })
});

command_message!(ViewInterviewRequest => ViewInterviewResponse, |message| {
    Command::ViewPersonalData {
        case: id(&message.case_id, "case_id")?,
        target: ViewTarget::Interview(id(&message.interview_id, "interview_id")?),
        purpose: ViewPurpose::CaseWork,
    }
});

command_message!(RecordProfileRequest => RecordProfileResponse, |message| {
    Command::RecordProfile(Profiling {
        case: id(&message.case_id, "case_id")?,
        person: id(&message.person_id, "person_id")?,
        interview: optional_id(message.interview_id.as_deref(), "interview_id")?,
        reason: code(message.reason, "reason")?,
        profiles: set(&message.profiles, "profiles")?,
        words: optional_short(message.words, "words")?,
    })
});

command_message!(ViewProfileRequest => ViewProfileResponse, |message| {
    Command::ViewPersonalData {
        case: id(&message.case_id, "case_id")?,
        target: ViewTarget::Profile(id(&message.person_id, "person_id")?),
        purpose: ViewPurpose::CaseWork,
    }
});

command_message!(RecordDeterminationRequest => RecordDeterminationResponse, |message| {
    Command::RecordDetermination(Determining {
        case: id(&message.case_id, "case_id")?,
        person: id(&message.person_id, "person_id")?,
        body: id(&message.body_id, "body_id")?,
        on: day(&message.on, "on")?,
        profile: code(message.profile, "profile")?,
        outcome: code(message.outcome, "outcome")?,
    })
});
