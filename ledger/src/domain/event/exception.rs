//! What is recorded of the exceptions to confidentiality (MISSION B5).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::codes::*;
use super::super::exception::ProcedureId;
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
        /// Whether the person was told before.
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
    /// What an exception is held to: stands beside `ExceptionInvoked`.
    ExceptionTermsSet {
        /// Which.
        exception: ExceptionId,
        /// The prepared procedure that a report goes by, of the organisation's file in force.
        procedure: Option<ProcedureId>,
        /// The number of that file.
        file: u32,
        /// By when the report is to be made.
        report_by: Option<Timestamp>,
        /// By when a third person looks at it.
        review_by: Timestamp,
    }
    /// The person was told of an exception, or it was said why not.
    ToldOfException {
        /// Which.
        exception: ExceptionId,
        /// Told, or why not.
        told: ExceptionTold,
        /// How, where it was tried.
        channel: Option<Channel>,
    }
    /// A third person looked at an exception afterwards.
    ExceptionReviewed {
        /// Which.
        exception: ExceptionId,
        /// What was found.
        outcome: ReviewOutcome,
        /// What follows.
        measures: BTreeSet<ReviewMeasure>,
    }
    /// Somebody whose training or code of conduct has lapsed did what stands beside this, for a
    /// report that a law obliges to, on an exception that a second person authorised.
    ReportedWhileLapsed {
        /// On which exception.
        exception: ExceptionId,
        /// What has lapsed.
        training: Training,
    }
}
