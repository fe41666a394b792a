//! Children: who counts as one at a moment, and what goes with it (MISSION B3). In doubt a child.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;

use super::case::Case;
use super::codes::{AgeGroup, Company, Sensitivity};
use super::ids::OrganisationId;
use crate::clock::{Day, Timestamp};
use crate::limits::ADULT_YEARS;

impl Case {
    /// Whether somebody else's consent is asked for at a moment, too; in doubt a child.
    pub fn is_minor(&self, at: Timestamp) -> bool {
        match self.age_group {
            AgeGroup::Adult => false,
            AgeGroup::Minor | AgeGroup::Unknown => self.came_of_age(at).is_none(),
        }
    }

    /// When a child that is an adult by then came of age.
    pub fn came_of_age(&self, at: Timestamp) -> Option<Timestamp> {
        self.adult_on.map(Day::start).filter(|adult| *adult <= at)
    }

    /// Whole years that a child surely has at a moment; none where nothing is known.
    pub fn age_at(&self, at: Timestamp) -> Option<u8> {
        let (today, adult) = (date(at.day())?, date(self.adult_on?)?);
        let mut left = 0_u8;
        let mut day = adult;
        while day > today && left < ADULT_YEARS {
            left += 1;
            day = adult.checked_sub(i32::from(left).years()).ok()?;
        }
        Some(ADULT_YEARS - left)
    }

    /// Whether a child without a responsible adult still has to be brought to one of the bodies
    /// that are mandated for it.
    pub fn waits_for_mandated_body(
        &self,
        at: Timestamp,
        mandated: &BTreeSet<OrganisationId>,
    ) -> bool {
        let mut referrals = self.referrals.values();
        let brought = referrals.any(|one| one.sent.is_some() && mandated.contains(&one.recipient));
        self.company.is_alone() && self.is_minor(at) && !brought
    }
}

impl Company {
    /// Whether nobody who is responsible for the child is there.
    pub fn is_alone(self) -> bool {
        match self {
            Self::Separated | Self::Unaccompanied => true,
            Self::Accompanied | Self::Unknown => false,
        }
    }

    /// Who may see a case from now on: that of a child alone is restricted (MISSION C10).
    pub fn narrowed(self, sensitivity: Sensitivity) -> Sensitivity {
        if self.is_alone() {
            Sensitivity::Restricted
        } else {
            sensitivity
        }
    }
}

/// A day in the calendar.
pub(crate) fn date(day: Day) -> Option<Date> {
    let days = i32::try_from(day.0).ok()?;
    Date::constant(1970, 1, 1).checked_add(days.days()).ok()
}
