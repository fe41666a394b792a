//! What is recorded of gaps and of published figures (MISSION A5, E7).

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::codes::{AgeGroup, Need};
use super::super::ids::OrganisationId;
use super::super::record::PublicText;
use super::Event;
use crate::clock::Day;

fields! {
    /// A need that no service meets (MISSION A5).
    NeedUnmet {
        /// The need.
        need: Need,
        /// Where, as a place code of the first level (`JO21`), if said.
        area: Option<PublicText>,
        /// Of whom, if said.
        age_group: Option<AgeGroup>,
    }
    /// Figures of a cohort were published, once and for all.
    FiguresPublished {
        /// Of whose cases.
        organisation: OrganisationId,
        /// The cohort's first day.
        from: Day,
        /// The day behind its last.
        until: Day,
        /// How many events they were made from: all before this position.
        events: u64,
        /// SHA-256 of the figures.
        digest: [u8; 32],
        /// The figures, word for word.
        figures: PublicText,
    }
}
