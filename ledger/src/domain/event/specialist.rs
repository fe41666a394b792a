//! What is recorded of suspected cases and of consulting a specialist first (MISSION C10). Codes
//! only: no field asks for details of an incident.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::codes::*;
use super::super::ids::{ReferralId, ServiceId, StaffId};
use super::Event;

fields! {
    /// Something is suspected in a case that a specialist is consulted about; it is restricted from
    /// here on.
    ConcernRaised {
        /// What, beside what was suspected before.
        concerns: BTreeSet<Concern>,
    }
    /// A specialist was consulted about a referral before it is sent.
    SpecialistConsulted {
        /// Which referral.
        referral: ReferralId,
        /// About what.
        concerns: BTreeSet<Concern>,
        /// Who was asked.
        specialist: StaffId,
        /// What they advise.
        advice: Advice,
        /// How they were asked.
        channel: Channel,
        /// Whether they say so themselves; what somebody else wrote down waits for their word.
        confirmed: bool,
    }
    /// The specialist says whether they advised so.
    ConsultationConfirmed {
        /// About which referral.
        referral: ReferralId,
        /// Whether it is so.
        confirmed: bool,
    }
    /// Beside a referral without documentation (MISSION A6) in a suspected case: it was an
    /// emergency, and no specialist was asked before.
    AttestedInEmergency {
        /// To which service.
        service: ServiceId,
        /// About what a specialist is consulted otherwise.
        concerns: BTreeSet<Concern>,
    }
}
