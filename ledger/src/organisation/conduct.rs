//! How long training and the signed code of conduct hold (MISSION E10). What the file does not
//! name, nobody needs.

use serde::Deserialize;
use toml::Spanned;

use super::at_most;
use crate::clock::Day;
use crate::domain::codes::Training;
use crate::domain::staff::Staff;
use crate::limits::TRAINING_MONTHS_MAX;
use crate::written::{Written, WrittenError};

/// Calendar months that each holds; none where it is not wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Conduct {
    safe_referral: Option<u32>,
    code_of_conduct: Option<u32>,
}

/// What suspends a member of staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lapsed {
    /// Which is wanted.
    pub training: Training,
    /// Since when it holds no more; none where there never was one.
    pub since: Option<Day>,
}

impl Conduct {
    /// The first thing that is wanted of a member of staff and does not hold on a day.
    pub fn lapsed(&self, staff: &Staff, today: Day) -> Option<Lapsed> {
        Training::ALL.iter().find_map(|training| {
            let months = self.months(*training)?;
            holds(staff, *training, months, today).err()
        })
    }

    fn months(&self, training: Training) -> Option<u32> {
        match training {
            Training::SafeReferral => self.safe_referral,
            Training::CodeOfConduct => self.code_of_conduct,
            // Who may not interview may do everything else; see `interview.rs`.
            Training::Interviewing => None,
        }
    }
}

/// Whether training of a member of staff holds on a day.
pub(super) fn holds(
    staff: &Staff,
    training: Training,
    months: u32,
    today: Day,
) -> Result<(), Lapsed> {
    let since = staff.trained.get(&training);
    let since = since.map(|on| on.start().plus_months(months).day());
    let holds = since.is_some_and(|end| today < end);
    holds.then_some(()).ok_or(Lapsed { training, since })
}

/// As it stands in the file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenConduct {
    safe_referral_months: Option<Spanned<u32>>,
    code_of_conduct_months: Option<Spanned<u32>>,
}

impl WrittenConduct {
    pub(super) fn understand(&self, file: Written<'_>) -> Result<Conduct, WrittenError> {
        let months = |written: &Option<Spanned<u32>>| {
            let Some(months) = written else {
                return Ok(None);
            };
            // Nobody could ever work.
            if *months.get_ref() == 0 {
                return Err(file.wrong(months, "at least 1 month; leave it out if none is wanted"));
            }
            at_most(file, months, TRAINING_MONTHS_MAX).map(Some)
        };
        Ok(Conduct {
            safe_referral: months(&self.safe_referral_months)?,
            code_of_conduct: months(&self.code_of_conduct_months)?,
        })
    }
}
