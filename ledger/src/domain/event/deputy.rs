//! What is recorded of deputies (MISSION C15). Why somebody is absent is nobody's business here.

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::ids::{OrganisationId, StaffId};
use super::Event;
use crate::clock::Day;

fields! {
    /// Somebody asked that a colleague stand in for somebody absent; a second person decides.
    DeputyAsked {
        /// Who would stand in.
        staff: StaffId,
        /// For whom.
        absent: StaffId,
        /// The first day.
        first: Day,
        /// The last day.
        last: Day,
        /// The organisation of who asked; whoever decides is of it.
        organisation: OrganisationId,
    }
    /// A colleague stands in for somebody absent. In the streams of both.
    DeputyNamed {
        /// Who stands in.
        staff: StaffId,
        /// For whom.
        absent: StaffId,
        /// The first day.
        first: Day,
        /// The last day.
        last: Day,
    }
    /// A second person did not agree that they stand in.
    DeputyRejected {
        /// Who would have stood in.
        staff: StaffId,
        /// For whom.
        absent: StaffId,
    }
    /// Somebody stands in no more, before the last day. In the streams of both.
    DeputyEnded {
        /// Who stood in.
        staff: StaffId,
        /// For whom.
        absent: StaffId,
    }
}
