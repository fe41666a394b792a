//! What is recorded of a person's requests about their data (MISSION E3).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::codes::*;
use super::super::ids::{PersonId, SubjectRequestId};
use super::super::record::Given;
use super::Event;
use crate::clock::Timestamp;

fields! {
    /// A person asked for something about their data; the clock runs.
    RequestReceived {
        /// Which request.
        request: SubjectRequestId,
        /// Whose data.
        person: PersonId,
        /// What is asked for.
        kind: RequestKind,
        /// Who asked.
        by: RequestedBy,
        /// Only these kinds of data; all of them if empty.
        categories: BTreeSet<DataCategory>,
        /// How it came.
        channel: Channel,
        /// When it reached the organisation, as claimed if it was recorded later.
        received: Timestamp,
        /// By when it is to be answered.
        due: Timestamp,
    }
    /// It was checked who is asking: an outcome, no papers.
    RequestIdentityChecked {
        /// Which request.
        request: SubjectRequestId,
        /// The outcome.
        outcome: IdentityOutcome,
    }
    /// A request takes longer.
    RequestExtended {
        /// Which request.
        request: SubjectRequestId,
        /// Why.
        reason: ExtensionReason,
        /// By when it is to be answered now.
        due: Timestamp,
        /// Whether the person was told.
        told: PersonTold,
    }
    /// The data protection officer gave advice.
    RequestAdvised {
        /// Which request.
        request: SubjectRequestId,
        /// What to answer.
        answer: RequestAnswer,
        /// Why not, or not all of it.
        reason: Option<RequestReason>,
    }
    /// The controller's delegate decided.
    RequestDecided {
        /// Which request.
        request: SubjectRequestId,
        /// The answer.
        answer: RequestAnswer,
        /// Why not, or not all of it.
        reason: Option<RequestReason>,
        /// Granted in part: for these kinds of data.
        categories: BTreeSet<DataCategory>,
    }
    /// What was granted was done. The withdrawals that a deletion comes to follow at once.
    RequestCarriedOut {
        /// Which request.
        request: SubjectRequestId,
        /// Whose data.
        person: PersonId,
        /// What was asked for.
        kind: RequestKind,
    }
    /// A request ended, and the person was told, or not.
    RequestClosed {
        /// Which request.
        request: SubjectRequestId,
        /// How it ended.
        end: RequestEnd,
        /// Whether the person was told.
        told: PersonTold,
        /// How.
        channel: Channel,
    }
    /// Details of a person were put right; they are personal parts, and take the place of those
    /// before.
    PersonCorrected {
        /// Whose.
        person: PersonId,
        /// Which: one personal part each, in this order. All others stand.
        categories: BTreeSet<DataCategory>,
    }
    /// A restriction ended: the data may be used again.
    RestrictionLifted {
        /// The request that it came from.
        request: SubjectRequestId,
        /// Whose data.
        person: PersonId,
        /// Whether the person was told beforehand.
        told: PersonTold,
    }
    /// How the person was told that their request takes longer, or that a restriction ends: it
    /// follows the event that says so at once.
    PersonToldBy {
        /// Which request.
        request: SubjectRequestId,
        /// How.
        channel: Channel,
    }
    /// A recipient is to be told that data were put right, restricted or released; was told, or
    /// answered.
    RecipientNotified {
        /// What of.
        about: NoticeAbout,
        /// What the recipient was given.
        given: Given,
        /// Where telling it stands.
        state: NoticeState,
        /// What it says it did, once it confirmed.
        outcome: Option<NoticeOutcome>,
        /// How it was told, or answered; nothing while it is planned by the ledger.
        channel: Option<Channel>,
    }
}
