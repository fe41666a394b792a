//! What is recorded of services (MISSION D1, D2).

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::codes::Assessment;
use super::super::directory::{AssessmentHow, Places};
use super::super::fees::FeeOption;
use super::super::ids::{ReferralId, ServiceId};
use super::super::record::ServiceEntry;
use super::Event;
use crate::clock::Day;

fields! {
    /// A service came into the directory.
    ServiceRegistered {
        /// Which.
        service: ServiceId,
        /// The entry.
        entry: ServiceEntry,
    }
    /// An entry was corrected or confirmed.
    ServiceUpdated {
        /// The entry as it is now.
        entry: ServiceEntry,
    }
    /// A service was assessed (MISSION D2).
    ServiceAssessed {
        /// The result.
        assessment: Assessment,
        /// When it is due again.
        review_on: Day,
        /// How, and what was found.
        how: AssessmentHow,
    }
    /// What a service costs, as it is now; nothing where that is not known (MISSION D4).
    ServiceFeesSet {
        /// For whom, how much, who pays.
        fees: Vec<FeeOption>,
    }
    /// The person was told what they would pay, before a referral was sent (MSR).
    FeesTold {
        /// Of which referral.
        referral: ReferralId,
        /// What people paid there that day.
        fees: Vec<FeeOption>,
    }
    /// A service ended.
    ServiceRetired {
    }
    /// A service said whether it has places.
    PlacesReported {
        /// What it said, and of which day.
        places: Places,
    }
}
