//! What is recorded when a case is handed over to a colleague (MISSION C15).

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::ids::{ReferralId, StaffId, SubjectRequestId};
use super::Event;

fields! {
    /// Somebody was put in charge of the case.
    StaffAssigned {
        /// Who.
        staff: StaffId,
    }
    /// Somebody no longer works on the case.
    StaffUnassigned {
        /// Who.
        staff: StaffId,
    }
    /// Somebody who works on a case offers it to a colleague, with what is open in it.
    HandoverOffered {
        /// By whom.
        from: StaffId,
        /// To whom.
        to: StaffId,
        /// Referrals under way.
        referrals: Vec<ReferralId>,
        /// Requests about data that are not closed.
        requests: Vec<SubjectRequestId>,
    }
    /// The files that go with this one, if any do: who reads one file does not learn whether.
    HandoverTied {
        /// Random, of this file's own.
        salt: [u8; 32],
        /// SHA-256 over it and the files that are offered together (SPEC §11.14).
        files: [u8; 32],
    }
    /// The colleague took the case.
    HandoverTaken {
        /// From whom.
        from: StaffId,
    }
    /// The colleague did not take it, or who offered it took the offer back.
    HandoverDeclined {
        /// To whom it had been offered.
        to: StaffId,
    }
}
