//! What is recorded of the exceptions to confidentiality (MISSION B5).

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::codes::{ExceptionKind, ExceptionReason};
use super::super::ids::{ExceptionId, PersonId};
use super::super::scope::Scope;
use super::Event;
use crate::clock::Timestamp;

fields! {
    /// An exception to confidentiality was used (MISSION B5).
    ExceptionInvoked {
        /// Which.
        exception: ExceptionId,
        /// Whose data.
        person: PersonId,
        /// Which of the two.
        kind: ExceptionKind,
        /// Why.
        reason: ExceptionReason,
        /// What it covers: minimum data, named recipients.
        scope: Scope,
        /// Whether the person was told.
        told: bool,
        /// By when a second person must decide.
        authorise_by: Timestamp,
        /// When it ends.
        expires: Timestamp,
    }
    /// A second person confirmed the exception.
    ExceptionAuthorised {
        /// Which.
        exception: ExceptionId,
    }
    /// A second person did not confirm it; its keys are fenced with this event.
    ExceptionRejected {
        /// Which.
        exception: ExceptionId,
        /// When the keys are to be destroyed.
        shred_due: Timestamp,
    }
    /// An exception ended by itself: nobody confirmed it in time, or its time is up. Its keys are
    /// fenced with this event.
    ExceptionLapsed {
        /// Which.
        exception: ExceptionId,
        /// When the keys are to be destroyed.
        shred_due: Timestamp,
    }
}
