//! What is recorded of consents that go on, and of contact with the person (MISSION B1, B10).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::codes::{Channel, ConsentForm, Explained, FollowUpOutcome};
use super::super::contact::SafeContact;
use super::super::ids::{ConsentId, PersonId, ReferralId};
use super::super::record::Interpreter;
use super::Event;
use crate::clock::Timestamp;

fields! {
    /// A consent was given anew before its time was up, or while it could still be given back. It
    /// covers what it covered; how it was taken this time is a personal part on the same ground.
    ConsentRenewed {
        /// Which.
        consent: ConsentId,
        /// How it was expressed.
        form: ConsentForm,
        /// What was explained.
        explained: BTreeSet<Explained>,
        /// Who interpreted.
        interpreter: Option<Interpreter>,
        /// When it ends by itself now.
        expires: Option<Timestamp>,
    }
    /// A person agreed how they may be contacted; what was agreed before is over.
    ContactAgreed {
        /// Who.
        person: PersonId,
        /// To what.
        contact: SafeContact,
    }
    /// Somebody followed up.
    FollowUpRecorded {
        /// Which referral.
        referral: ReferralId,
        /// Who of the case was contacted; nobody if the service was asked.
        person: Option<PersonId>,
        /// What came of it.
        outcome: FollowUpOutcome,
        /// How.
        channel: Channel,
    }
}
