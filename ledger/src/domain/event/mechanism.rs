//! What is recorded of the referral mechanism: members, agreements, pathways (MISSION D4, D5, D7).

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::ids::AgreementId;
use super::super::mechanism::{Agreement, Membership, PathwayPlan};
use super::Event;

fields! {
    /// An organisation's place in the mechanism, as it is now.
    MemberRecorded {
        /// What it is there.
        membership: Membership,
    }
    /// What was agreed with a member, as it is now.
    AgreementRecorded {
        /// Which agreement.
        agreement: AgreementId,
        /// What was agreed.
        terms: Agreement,
    }
    /// A pathway, as it is now.
    PathwayRecorded {
        /// What it says.
        plan: PathwayPlan,
    }
    /// Nobody goes by a pathway any more.
    PathwayRetired {}
}
