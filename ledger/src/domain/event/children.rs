//! What is recorded of a child: the age as coarsely as rules need it, and best-interests decisions.

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::codes::{AgeBasis, AgeGroup, CaregiverGap, ChildView, Company};
use super::super::ids::ConsentId;
use super::Event;
use crate::clock::Day;

fields! {
    /// The age of the person that the case is about was assessed, and who is with them (B3).
    AgeAssessed {
        /// Adult, minor or in doubt, on the day of the assessment.
        age_group: AgeGroup,
        /// How it is known.
        basis: AgeBasis,
        /// From when on the person counts as an adult: the beginning of a month or of a year, never
        /// earlier than the birthday. None where it is not known, and for an adult always: who was
        /// a child here counts as an adult from the recorded moment on.
        adult_on: Option<Day>,
        /// Who is with a child.
        company: Company,
    }
    /// The child-protection focal point decided in a child's best interests (MISSION B3). The
    /// consent of the same id ends on the day of its review.
    BestInterestsDecided {
        /// The consent that it is.
        consent: ConsentId,
        /// Why no caregiver is asked.
        caregiver: CaregiverGap,
        /// What became of the child's own view.
        view: ChildView,
    }
}
