//! Interviews, profiles and determinations: what is asked for, and what decisions see of them
//! (MISSION C8).
//!
//! - Of answers, profiles and outcomes nothing is folded: no decision can hang on them, urgent help
//!   least of all.

use std::collections::BTreeSet;

use serde::Serialize;

use super::case::Case;
use super::codes::*;
use super::event::{Event, Interpreter, Record};
use super::ids::*;
use super::personal::{Answer, Text};
use crate::clock::Day;

/// An interview as decisions see it: whose it is, and by which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interview {
    /// With whom.
    pub person: PersonId,
    /// By which form.
    pub form: InterviewForm,
}

impl Case {
    pub(super) fn apply_interview(&mut self, record: &Record) {
        if let Event::InterviewRecorded(it) = &record.event {
            let (person, form) = (it.person, it.form);
            self.interviews
                .insert(it.interview, Interview { person, form });
        }
    }
}

/// Fields of `RecordInterview`.
#[derive(Clone, Serialize)]
pub struct Interviewing {
    /// In which case.
    pub case: CaseId,
    /// With whom.
    pub person: PersonId,
    /// Which; a fresh id for a new one. Of one that is there, the categories answered now take the
    /// place of what was answered in them.
    pub interview: InterviewId,
    /// By which form.
    pub form: InterviewForm,
    /// In which language it was held; the form's own if not said.
    pub language: Option<String>,
    /// What was explained before.
    pub explained: BTreeSet<Explained>,
    /// Who interpreted.
    pub interpreter: Option<Interpreter>,
    /// What was answered; every question may be left out.
    pub answers: Vec<Answer>,
}

/// Fields of `RecordProfile`.
#[derive(Clone, Serialize)]
pub struct Profiling {
    /// In which case.
    pub case: CaseId,
    /// Whose.
    pub person: PersonId,
    /// The interview that it was decided after, if there was one.
    pub interview: Option<InterviewId>,
    /// By what it was decided.
    pub reason: ProfileReason,
    /// What was decided; it takes the place of what was decided before.
    pub profiles: BTreeSet<Profile>,
    /// Why, in words.
    pub words: Option<Text>,
}

/// Fields of `RecordDetermination`.
#[derive(Clone, Serialize)]
pub struct Determining {
    /// In which case.
    pub case: CaseId,
    /// Of whom.
    pub person: PersonId,
    /// Which body determined.
    pub body: OrganisationId,
    /// On which day.
    pub on: Day,
    /// What as.
    pub profile: Profile,
    /// What it came to.
    pub outcome: DeterminationOutcome,
}
