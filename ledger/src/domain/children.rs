//! Children: who counts as one at a moment, and what goes with it (MISSION B3). In doubt a child.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;

use super::case::Case;
use super::codes::{AgeGroup, Company, ReferralState, Sensitivity};
use super::event::AgeAssessed;
use super::ids::OrganisationId;
use crate::clock::{Day, Timestamp};
use crate::limits::ADULT_YEARS;

impl Case {
    /// Whether somebody else's consent is asked for at a moment, too; in doubt a child.
    pub fn is_minor(&self, at: Timestamp) -> bool {
        match self.age_group {
            AgeGroup::Adult => self.found_adult.is_some_and(|found| at < found),
            AgeGroup::Minor | AgeGroup::Unknown => self.came_of_age(at).is_none(),
        }
    }

    /// When a child that is an adult by then came of age, or was found to be one.
    pub fn came_of_age(&self, at: Timestamp) -> Option<Timestamp> {
        let adult = self.found_adult.or_else(|| self.adult_on.map(Day::start));
        adult.filter(|adult| *adult <= at)
    }

    /// Whether somebody said that the person is a child, or doubted that they are an adult.
    pub(crate) fn is_known_as_child(&self, at: Timestamp) -> bool {
        let said = self.age_group == AgeGroup::Minor || self.age_basis.is_some();
        said && self.is_minor(at)
    }

    /// Folds in what was found at a moment. Until then a child that turns out to be an adult was
    /// treated as a child, and what was decided then is judged so.
    pub(super) fn assess(&mut self, it: &AgeAssessed, at: Timestamp) {
        let was_a_child = self.age_group != AgeGroup::Adult;
        self.found_adult = match it.age_group {
            AgeGroup::Adult if was_a_child => self.came_of_age(at).or(Some(at)),
            AgeGroup::Adult => self.found_adult,
            AgeGroup::Minor | AgeGroup::Unknown => None,
        };
        self.age_group = it.age_group;
        self.age_basis = Some(it.basis);
        self.adult_on = it.adult_on;
        self.company = it.company;
        self.sensitivity = it.company.narrowed(self.sensitivity);
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
        let brought =
            referrals.any(|one| one.state.is_with_recipient() && mandated.contains(&one.recipient));
        self.company.is_alone() && self.is_minor(at) && !brought
    }
}

impl ReferralState {
    /// Whether the service has the referral, and has not turned it down or given it up.
    fn is_with_recipient(self) -> bool {
        match self {
            Self::Sent | Self::Received | Self::Accepted | Self::Completed => true,
            Self::Draft
            | Self::Returned
            | Self::Reviewed
            | Self::NotAccepted
            | Self::NotCompleted
            | Self::RecallAsked
            | Self::Recalled
            | Self::Stopped
            | Self::Cancelled => false,
        }
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
