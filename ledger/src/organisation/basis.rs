//! On which legal basis each purpose rests, as the organisation has it (MISSION E11). It lifts no
//! rule: what the ledger asks consent for, it asks consent for.

use serde::Deserialize;
use toml::Spanned;

use crate::domain::codes::{LegalBasis, Purpose};
use crate::written::{Written, WrittenError};

/// The basis of each purpose; none where the file says nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bases {
    record: Option<LegalBasis>,
    referral: Option<LegalBasis>,
    follow_up: Option<LegalBasis>,
    feedback: Option<LegalBasis>,
    statistics: Option<LegalBasis>,
}

impl Bases {
    /// That of one purpose.
    pub fn of(&self, purpose: Purpose) -> Option<LegalBasis> {
        match purpose {
            Purpose::Record => self.record,
            Purpose::Referral => self.referral,
            Purpose::FollowUp => self.follow_up,
            Purpose::Feedback => self.feedback,
            Purpose::Statistics => self.statistics,
        }
    }
}

/// As they stand in the file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenBases {
    record: Option<Spanned<String>>,
    referral: Option<Spanned<String>>,
    follow_up: Option<Spanned<String>>,
    feedback: Option<Spanned<String>>,
    statistics: Option<Spanned<String>>,
}

impl WrittenBases {
    pub(super) fn understand(&self, file: Written<'_>) -> Result<Bases, WrittenError> {
        let known = |word: &Option<Spanned<String>>| {
            let Some(word) = word else {
                return Ok(None);
            };
            let basis = LegalBasis::from_code(word.get_ref());
            let wrong = || file.wrong(word, format!("{} is no legal basis", word.get_ref()));
            basis.ok_or_else(wrong).map(Some)
        };
        Ok(Bases {
            record: known(&self.record)?,
            referral: known(&self.referral)?,
            follow_up: known(&self.follow_up)?,
            feedback: known(&self.feedback)?,
            statistics: known(&self.statistics)?,
        })
    }
}
