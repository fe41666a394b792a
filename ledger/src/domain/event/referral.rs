//! What is recorded of a referral, from its draft to its end. What it says is personal parts.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::codes::*;
use super::super::ids::*;
use super::Event;
use crate::clock::{Day, Timestamp};

fields! {
    /// A referral was drafted. Its content is personal parts, one per category.
    ReferralDrafted {
        /// Which.
        referral: ReferralId,
        /// To which service.
        service: ServiceId,
        /// Of which organisation.
        recipient: OrganisationId,
        /// Data categories it carries.
        categories: BTreeSet<DataCategory>,
        /// How quickly.
        urgency: Urgency,
        /// The ground its content rests on.
        ground: GroundId,
        /// The referral that this one follows after "not accepted".
        follows: Option<ReferralId>,
    }
    /// A returned draft was written again; its content is personal parts.
    ReferralRevised {
        /// Which.
        referral: ReferralId,
        /// Data categories it carries now.
        categories: BTreeSet<DataCategory>,
        /// The ground its content rests on now.
        ground: GroundId,
    }
    /// A focal point sent the draft back.
    ReferralReturned {
        /// Which.
        referral: ReferralId,
        /// Why.
        reason: ReferralReason,
    }
    /// A focal point signed the draft off (MISSION C2).
    ReferralReviewed {
        /// Which.
        referral: ReferralId,
        /// Read back to the person.
        read_back: bool,
        /// A copy was given, as far as safe.
        copy_given: bool,
    }
    /// The referral went to the service. Never without a covering ground (MISSION B7).
    ReferralSent {
        /// Which.
        referral: ReferralId,
        /// How.
        channel: Channel,
        /// The consents or the exception that covered it.
        basis: Vec<GroundId>,
        /// What the recipient calls the person.
        reference: OutwardReference,
        /// By when the service should confirm receipt.
        acknowledge_by: Timestamp,
        /// By when it should be completed.
        complete_by: Timestamp,
    }
    /// The service confirmed receipt.
    ReferralReceived {
        /// Which.
        referral: ReferralId,
    }
    /// The service accepted.
    ReferralAccepted {
        /// Which.
        referral: ReferralId,
    }
    /// The service did not accept.
    ReferralNotAccepted {
        /// Which.
        referral: ReferralId,
        /// Why.
        reason: ReferralReason,
    }
    /// The help was given.
    ReferralCompleted {
        /// Which.
        referral: ReferralId,
    }
    /// The help was not given.
    ReferralNotCompleted {
        /// Which.
        referral: ReferralId,
        /// Why.
        reason: ReferralReason,
    }
    /// The sender recalled it.
    ReferralRecalled {
        /// Which.
        referral: ReferralId,
        /// Why.
        reason: ReferralReason,
    }
    /// It stopped because its ground ended; the recipient is asked to stop, return or destroy.
    ReferralStopped {
        /// Which.
        referral: ReferralId,
        /// Whether the recipient holds data and must be asked.
        recipient_asked: bool,
    }
    /// A referral that the person agreed to without documentation (MISSION A6).
    ReferralAttested {
        /// To which service.
        service: ServiceId,
        /// The person agreed, says the staff member.
        agreed: bool,
    }
    /// The person does not want a referral any more; the consent itself stands.
    ReferralCancelled {
        /// Which.
        referral: ReferralId,
        /// Who said so: the client, or whoever speaks for a child.
        asked_by: PersonId,
        /// Whether the recipient holds data and must be asked.
        recipient_asked: bool,
    }
    /// The sender asked for a referral back that was sent. The recipient reads it no more.
    RecallAsked {
        /// Which.
        referral: ReferralId,
        /// Why.
        reason: ReferralReason,
        /// By when the recipient should answer.
        answer_by: Timestamp,
    }
    /// The recipient of a referral that was asked back says what became of it.
    RecallAnswered {
        /// Which.
        referral: ReferralId,
        /// What it says.
        answer: RecallAnswer,
    }
    /// What two services tell each other of a referral was agreed when it was sent.
    FollowUpAgreed {
        /// Of which referral.
        referral: ReferralId,
        /// How.
        channel: Channel,
        /// On which day.
        on: Day,
        /// What is told.
        items: BTreeSet<FollowUpItem>,
    }
}
