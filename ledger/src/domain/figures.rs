//! Figures on their way into the log (MISSION E7).

use super::record::PublicText;
use crate::clock::Day;

/// Figures of a cohort that were made and are to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiguresMade {
    /// The cohort's first day.
    pub from: Day,
    /// The day behind its last.
    pub until: Day,
    /// How many events they were made from.
    pub events: u64,
    /// The figures, word for word.
    pub figures: PublicText,
}
