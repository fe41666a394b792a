//! What is recorded when work on a case ends, and goes on again (MISSION C15). The record's own end
//! is another thing (`StreamClosed`).

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::codes::{ClosingReason, ClosingTold, NoFollowUp, ReopeningReason};
use super::super::ids::ReferralId;
use super::Event;

fields! {
    /// Work on a case ended: nothing waits in it.
    CaseWorkClosed {
        /// Why.
        reason: ClosingReason,
        /// The referral by which another organisation took the person over.
        transferred_by: Option<ReferralId>,
        /// The referral that was followed up last.
        followed_up: Option<ReferralId>,
        /// Why there was no follow-up.
        no_follow_up: Option<NoFollowUp>,
        /// Whether the person knows.
        told: ClosingTold,
    }
    /// Work on a case goes on.
    CaseReopened {
        /// Why.
        reason: ReopeningReason,
    }
}
