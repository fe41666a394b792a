//! What an organisation decides about the services that people are referred to (MISSION D2).

use serde::Deserialize;
use toml::Spanned;

use super::at_most;
use crate::clock::Day;
use crate::limits::CONFIRM_DAYS_MAX;
use crate::written::{Written, WrittenError};

/// Choices about services.
#[derive(Clone, Copy, Debug)]
pub struct ServiceRules {
    /// Whether unassessed services may be referred to outside emergencies (D2).
    pub unassessed_allowed: bool,
    /// After how many days without anybody confirming it an entry is due for review.
    confirmed_every_days: u32,
    /// Whether nothing is sent to another organisation without an agreement to share data (D4).
    pub agreement_required: bool,
}

impl ServiceRules {
    /// An entry that was last confirmed before this day is due for review.
    pub fn confirmed_since(&self, today: Day) -> Day {
        Day(today.0.saturating_sub(self.confirmed_every_days))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenServices {
    unassessed: Spanned<String>,
    confirmed_every_days: Spanned<u32>,
    agreement: Spanned<String>,
}

impl WrittenServices {
    pub(super) fn read(&self, file: Written<'_>) -> Result<ServiceRules, WrittenError> {
        let unassessed_allowed = match self.unassessed.get_ref().as_str() {
            "allowed" => true,
            "emergencies_only" => false,
            word => {
                let meaning = format!("{word} is neither emergencies_only nor allowed");
                return Err(file.wrong(&self.unassessed, meaning));
            }
        };
        let agreement_required = match self.agreement.get_ref().as_str() {
            "required" => true,
            "not_required" => false,
            word => {
                let meaning = format!("{word} is neither required nor not_required");
                return Err(file.wrong(&self.agreement, meaning));
            }
        };
        if *self.confirmed_every_days.get_ref() == 0 {
            return Err(file.wrong(&self.confirmed_every_days, "at least 1"));
        }
        Ok(ServiceRules {
            unassessed_allowed,
            confirmed_every_days: at_most(file, &self.confirmed_every_days, CONFIRM_DAYS_MAX)?,
            agreement_required,
        })
    }
}
