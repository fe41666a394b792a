//! What is recorded of referrals that come in from outside (MISSION C13): nothing about the person.
//! A case says where it came from; an incoming referral names no case.

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::codes::*;
use super::super::ids::{IncomingId, OrganisationId, OutwardReference, PacketId};
use super::super::incoming::{ReplyKey, Sender};
use super::{Event, PublicText};
use crate::clock::Timestamp;

fields! {
    /// A referral came in. When it came is claimed; when it was written down is not.
    IncomingReceived {
        /// Which.
        incoming: IncomingId,
        /// The organisation that it came to.
        organisation: OrganisationId,
        /// Who sent it.
        from: Sender,
        /// Whether that are officials of the State of origin.
        state_of_origin: bool,
        /// How it came.
        channel: Channel,
        /// How quickly it must be answered.
        urgency: Urgency,
        /// What the sender calls it.
        reference: Option<PublicText>,
        /// What the sender says of the person's consent.
        consent: ConsentClaim,
        /// By when the sender is to be answered.
        answer_by: Timestamp,
    }
    /// Somebody looked at it.
    IncomingAssessed {
        /// What that came to.
        finding: IncomingFinding,
        /// How quickly it must be answered, as it is seen here.
        urgency: Urgency,
        /// By when the sender is to be answered now.
        answer_by: Timestamp,
    }
    /// It was decided on.
    IncomingDecided {
        /// What.
        decision: IncomingDecision,
        /// Why it is not taken.
        reason: Option<ReferralReason>,
        /// Who takes such referrals, as the sender is told.
        passed_to: Option<OrganisationId>,
    }
    /// The sender was answered, or cannot be.
    IncomingAnswered {
        /// Whether they were told.
        told: PersonTold,
        /// How.
        channel: Channel,
    }
    /// The person was met and has a case; which one, the case says alone.
    IncomingTakenUp {}
    /// A case came from an incoming referral. On the case's stream.
    CaseCameFrom {
        /// Which.
        incoming: IncomingId,
    }
    /// An incoming referral came in a packet of another ledger. On its stream, once for each.
    PacketTaken {
        /// Which packet.
        packet: PacketId,
        /// SHA-256 of the verifier key that signed it.
        signer: [u8; 32],
        /// What the sender calls the person.
        reference: OutwardReference,
        /// Under which replies are encrypted.
        reply_key: ReplyKey,
    }
}
