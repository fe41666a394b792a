//! What is recorded when a case is opened.

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::codes::{AgeGroup, Documentation, Sensitivity};
use super::super::ids::{CaseId, ClientCode, OrganisationId, PersonId};
use super::Event;

fields! {
    /// A case was opened, with the person's consent to record it.
    CaseOpened {
        /// Which.
        case: CaseId,
        /// The person it is about.
        client: PersonId,
        /// The code used instead of the name.
        code: ClientCode,
        /// The organisation that holds the case.
        organisation: OrganisationId,
        /// Adult, minor or not known.
        age_group: AgeGroup,
        /// Who may see it.
        sensitivity: Sensitivity,
        /// How much may be written down.
        documentation: Documentation,
    }
}
