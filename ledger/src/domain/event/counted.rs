//! What is recorded of the ledger itself, and what is counted without anybody (MISSION A1, A2).

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::codes::RefusalReason;
use super::super::ids::ServiceId;
use super::Event;

fields! {
    /// The ledger began, under this policy table.
    LedgerCreated {
        /// SHA-256 of the policy table in force.
        policy: [u8; 32],
    }
    /// Another policy table came into force.
    PolicyInstalled {
        /// SHA-256 of the table.
        policy: [u8; 32],
    }
    /// Information about services was given; nobody is recorded (MISSION A1).
    LinkGiven {
        /// Services pointed to.
        services: Vec<ServiceId>,
    }
    /// Somebody did not want to be recorded (MISSION A2): a count, no actor, a day.
    RecordRefused {
        /// What was said, if anything.
        reason: Option<RefusalReason>,
    }
}
