//! What is recorded of feedback and complaints; the words are personal parts (MISSION C6).

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::codes::*;
use super::super::complaint::Against;
use super::super::ids::{ComplaintId, GroundId, OrganisationId};
use super::Event;
use crate::clock::Timestamp;

fields! {
    /// Somebody gave feedback, or complained. No case is named: it outlives a withdrawal.
    ComplaintReceived {
        /// Which.
        complaint: ComplaintId,
        /// The organisation that looks into it.
        organisation: OrganisationId,
        /// What about.
        kind: ComplaintKind,
        /// About whom, if it is about somebody known here.
        against: Option<Against>,
        /// Whether nobody is to know who took it down: then no actor is recorded, and a day only.
        anonymous: bool,
        /// Whether there is a safe way to answer.
        answerable: bool,
        /// The ground that its words rest on: looking into it.
        ground: GroundId,
        /// By when whoever complained is to hear that it came.
        acknowledge_by: Timestamp,
        /// By when it is to be answered.
        answer_by: Timestamp,
    }
    /// Whoever complained was told that it came, or cannot be told.
    ComplaintAcknowledged {
        /// Whether they were told.
        told: PersonTold,
    }
    /// A complaint was answered. What was found stands in a personal part.
    ComplaintAnswered {
        /// What looking into it came to.
        outcome: ComplaintOutcome,
        /// Whether whoever complained was told.
        told: PersonTold,
    }
    /// The words of a complaint were opened.
    ComplaintSeen {}
}
