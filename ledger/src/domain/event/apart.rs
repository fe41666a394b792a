//! What is recorded of the end of what stands apart from cases: complaints, breaches, referrals
//! from outside (MISSION C6, C13, E8). On their own streams.

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::codes::HoldReason;
use super::super::ids::GroundId;
use super::super::record::PublicText;
use super::Event;
use crate::clock::Timestamp;

fields! {
    /// The words of a complaint, or about a breach, are over by the retention rules; their keys are
    /// fenced with this event.
    WordsEnded {
        /// The ground that they rested on.
        ground: GroundId,
        /// The rule that they are over by.
        rule: PublicText,
        /// The version of the rules.
        version: u32,
    }
    /// It is kept from the retention rules, all of it.
    EndHeld {
        /// Why.
        reason: HoldReason,
        /// Until when; a later one counts.
        until: Timestamp,
    }
}
