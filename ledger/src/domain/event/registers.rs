//! What is recorded in the organisation's registers (MISSION E10).

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::codes::Training;
use super::Event;
use crate::clock::Day;

fields! {
    /// A member of staff was trained, or signed the code of conduct.
    TrainingRecorded {
        /// Which of them.
        training: Training,
        /// On which day.
        on: Day,
    }
}
