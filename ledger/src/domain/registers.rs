//! Commands of the organisation's registers (MISSION E10).

use serde::Serialize;

use super::codes::Training;
use super::ids::StaffId;
use crate::clock::Day;

/// That a member of staff was trained, or signed the code of conduct.
#[derive(Clone, Serialize)]
pub struct Trained {
    /// Who.
    pub staff: StaffId,
    /// Which of them.
    pub training: Training,
    /// On which day.
    pub on: Day,
}
