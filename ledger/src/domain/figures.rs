//! Figures on their way into the log (MISSION E7).

use serde::Serialize;

use super::record::PublicText;
use crate::clock::Day;

/// Figures of a cohort that were made and are to be published.
///
/// Who asks names the months; the rest is made anew each time that it is asked for, and does not
/// tell one request from another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FiguresMade {
    /// The cohort's first day.
    pub from: Day,
    /// The day behind its last.
    pub until: Day,
    /// How many events they were made from.
    #[serde(skip)]
    pub events: u64,
    /// The figures, word for word.
    #[serde(skip)]
    pub figures: PublicText,
}
