//! Interviews, profiles and determinations (MISSION C8): what was said and decided is in personal
//! parts, one for each category that was answered.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::codes::*;
use super::super::ids::*;
use super::{Event, Interpreter};
use crate::clock::Day;

fields! {
    /// Somebody was interviewed, or an interview was put right.
    InterviewRecorded {
        /// Which.
        interview: InterviewId,
        /// With whom.
        person: PersonId,
        /// By which form.
        form: InterviewForm,
        /// Its version.
        version: u32,
        /// SHA-256 of the form.
        digest: [u8; 32],
        /// What was explained before.
        explained: BTreeSet<Explained>,
        /// Who interpreted.
        interpreter: Option<Interpreter>,
        /// Categories that were answered: one personal part each, in this order.
        categories: BTreeSet<DataCategory>,
    }
    /// A member of staff decided on a person's profile; which it is, is a personal part.
    ProfileRecorded {
        /// Whose.
        person: PersonId,
        /// The interview that it was decided after.
        interview: Option<InterviewId>,
        /// By what.
        reason: ProfileReason,
    }
    /// Staff were told what a mandated body determined; what it is, is a personal part.
    DeterminationRecorded {
        /// Of whom.
        person: PersonId,
        /// Which body.
        body: OrganisationId,
        /// On which day.
        on: Day,
    }
}
