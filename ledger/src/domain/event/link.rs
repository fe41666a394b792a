//! What is recorded of linked files (MISSION C14). In a stream of its own, whose key dies with
//! either file.

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::codes::Relationship;
use super::super::ids::{CaseId, LinkId, OrganisationId, PersonId};
use super::super::link::LinkAgreed;
use super::Event;

fields! {
    /// Two files were linked; both sides agreed.
    FilesLinked {
        /// Which link.
        link: LinkId,
        /// One file.
        one: CaseId,
        /// Whose it is.
        one_client: PersonId,
        /// The other one.
        other: CaseId,
        /// Whose it is.
        other_client: PersonId,
        /// The organisation that holds both.
        organisation: OrganisationId,
        /// What the person of the other file is to the person of the first.
        relationship: Relationship,
        /// How the first file's side agreed.
        one_agreed: LinkAgreed,
        /// How the other's did.
        other_agreed: LinkAgreed,
    }
}
