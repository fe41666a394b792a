//! What an exception to confidentiality is held to, whether the person was told of it, and what a
//! third person found afterwards (MISSION B5).

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::case::Case;
use super::codes::{Channel, ExceptionTold, ReviewMeasure, ReviewOutcome};
use super::ids::{CaseId, ExceptionId, GroundId};
use crate::clock::Timestamp;
use crate::limits::PROCEDURE_ID_MAX;

/// The name of a reporting procedure of the organisation's file: small letters, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ProcedureId(String);

/// A text that cannot be the name of a procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedProcedure;

impl FromStr for ProcedureId {
    type Err = MalformedProcedure;

    fn from_str(text: &str) -> Result<Self, MalformedProcedure> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let fits = (1..=PROCEDURE_ID_MAX).contains(&text.len()) && text.bytes().all(plain);
        fits.then(|| Self(text.to_owned()))
            .ok_or(MalformedProcedure)
    }
}

impl fmt::Display for ProcedureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether, and how, the person was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Telling {
    /// Told, or why not.
    pub told: ExceptionTold,
    /// How, where it was tried.
    pub channel: Option<Channel>,
}

impl Telling {
    /// Whether the person heard of it.
    pub fn is_told(self) -> bool {
        matches!(self.told, ExceptionTold::Before | ExceptionTold::After)
    }

    /// Whether the way fits: who was told, or could not be reached, was told or tried somehow, and
    /// who was not to be told was not.
    pub fn is_whole(self) -> bool {
        let tried = match self.told {
            ExceptionTold::Before | ExceptionTold::After | ExceptionTold::NotReached => true,
            ExceptionTold::NotToldUnsafe | ExceptionTold::CannotRespond => false,
        };
        tried == self.channel.is_some()
    }
}

/// What an exception is held to since it was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The prepared procedure that a report goes by.
    pub procedure: Option<ProcedureId>,
    /// By when the report is to be made.
    pub report_by: Option<Timestamp>,
    /// By when a third person looks at it.
    pub review_by: Timestamp,
}

/// Fields of `TellOfException`.
#[derive(Clone, Serialize)]
pub struct TellingOf {
    /// In which case.
    pub case: CaseId,
    /// Of which exception.
    pub exception: ExceptionId,
    /// Whether, and how.
    pub telling: Telling,
}

/// Fields of `ReviewException`.
#[derive(Clone, Serialize)]
pub struct Reviewing {
    /// In which case.
    pub case: CaseId,
    /// Which.
    pub exception: ExceptionId,
    /// What was found.
    pub outcome: ReviewOutcome,
    /// What follows.
    pub measures: BTreeSet<ReviewMeasure>,
}

impl Reviewing {
    /// Whether something follows from what was not justified, and nothing from what was.
    pub fn is_whole(&self) -> bool {
        match self.outcome {
            ReviewOutcome::Justified => self.measures.is_empty(),
            ReviewOutcome::JustifiedWithLessons => true,
            ReviewOutcome::NotJustified => !self.measures.is_empty(),
        }
    }
}

impl Case {
    /// What goes on an exception after it was looked at is looked at, too.
    pub(super) fn goes_on(&mut self, basis: &[GroundId]) {
        for ground in basis {
            if let Some(exception) = self.exceptions.get_mut(&ExceptionId(ground.0)) {
                exception.reviewed = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_procedure_is_named_by_a_short_plain_word() {
        for word in ["a", "child-abuse-2", &"x".repeat(PROCEDURE_ID_MAX)] {
            assert_eq!(
                word.parse::<ProcedureId>().map(|it| it.to_string()),
                Ok(word.to_owned())
            );
        }
        for word in [
            "",
            "Child",
            "a b",
            "a_b",
            "é",
            &"x".repeat(PROCEDURE_ID_MAX + 1),
        ] {
            assert_eq!(
                word.parse::<ProcedureId>(),
                Err(MalformedProcedure),
                "{word}"
            );
        }
    }
}
