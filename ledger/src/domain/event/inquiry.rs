//! What is recorded of asking a service first, and of what is arranged (MISSION C11). A question
//! stands in the service's stream and leads to no case and no person.

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::codes::*;
use super::super::ids::{InquiryId, OrganisationId, ReferralId};
use super::super::inquiry::Asked;
use super::Event;

fields! {
    /// A service was asked, without personal data.
    ServiceAsked {
        /// Which inquiry.
        inquiry: InquiryId,
        /// Who asks.
        organisation: OrganisationId,
        /// What.
        asked: Asked,
        /// How.
        channel: Channel,
    }
    /// A service answered, itself or through who asked.
    ServiceAnswered {
        /// Which inquiry.
        inquiry: InquiryId,
        /// What it says; none where only a fee was asked for.
        answer: Option<InquiryAnswer>,
        /// After how many days, where it says so.
        wait_days: Option<u32>,
        /// What it costs the person, where it says so.
        fee: Option<InquiryFee>,
        /// How the answer came.
        channel: Channel,
    }
    /// Accompaniment, transport or an interpreter: offered, wanted or not, arranged, done.
    ArrangementRecorded {
        /// Of which referral.
        referral: ReferralId,
        /// What.
        kind: ArrangementKind,
        /// Where it stands now.
        state: ArrangementState,
    }
}
