//! What is recorded when a case is opened, and of whom it is.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::codes::{AgeGroup, DataCategory, Documentation, PersonRole, Sensitivity};
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
    /// A further person was added, or the client's own details; they are personal parts.
    PersonAdded {
        /// Who.
        person: PersonId,
        /// As what.
        role: PersonRole,
        /// Whether a caregiver's relationship was checked (MISSION B3).
        relationship_checked: bool,
        /// What is known of the person: one personal part each, in this order.
        categories: BTreeSet<DataCategory>,
    }
}
