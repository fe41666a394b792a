//! Linked files of a family (MISSION C14): two files that may be told of each other.
//!
//! - A link is a stream of its own. Neither file's stream tells of it, so that who sees one of them
//!   does not learn that there is another.
//! - It ends with either file: its record leaf is destroyed, and nothing leads from one to the
//!   other any more (SPEC §11.20).

use serde::{Deserialize, Serialize};

use super::case::Case;
use super::codes::{Capacity, ConsentForm, Relationship};
use super::event::{Event, Record};
use super::ids::{CaseId, LinkId, OrganisationId, PersonId};
use crate::clock::Timestamp;

/// How one side agreed to a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkAgreed {
    /// Who gave it, of the persons in that file; none for a best-interests decision.
    pub given_by: Option<PersonId>,
    /// In which capacity.
    pub capacity: Capacity,
    /// Whether the child whose file it is agrees.
    pub child_agrees: bool,
    /// How it was expressed.
    pub form: ConsentForm,
}

impl LinkAgreed {
    /// Whether somebody else agreed for the person: they were a child then.
    pub fn is_for_another(&self) -> bool {
        self.capacity != Capacity::Own
    }
}

/// That two files be linked.
#[derive(Clone, Serialize)]
pub struct Linking {
    /// One file.
    pub case: CaseId,
    /// The other one.
    pub other: CaseId,
    /// What the person of the other file is to the person of this one.
    pub relationship: Relationship,
    /// How this file's side agreed.
    pub agreed: LinkAgreed,
    /// How the other's did.
    pub other_agreed: LinkAgreed,
}

/// A link as decisions see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Which.
    pub id: LinkId,
    /// Events in its stream so far.
    pub version: u64,
    /// One file.
    pub one: CaseId,
    /// The other one.
    pub other: CaseId,
    /// The organisation that holds both.
    pub organisation: OrganisationId,
    /// What the person of the other file is to the person of the first.
    pub relationship: Relationship,
    /// Whether somebody else agreed for the person of the first file, and of the other one.
    pub agreed_for: (bool, bool),
}

impl Link {
    /// The link that a first event makes; nothing if it is another event.
    pub fn made(record: &Record) -> Option<Self> {
        let Event::FilesLinked(it) = &record.event else {
            return None;
        };
        Some(Self {
            id: it.link,
            version: record.version,
            one: it.one,
            other: it.other,
            organisation: it.organisation,
            relationship: it.relationship,
            agreed_for: (
                it.one_agreed.is_for_another(),
                it.other_agreed.is_for_another(),
            ),
        })
    }

    /// Folds the next event in.
    pub fn apply(&mut self, record: &Record) {
        self.version = record.version;
    }

    /// What the link shows from one of its files: the other one, and what its person is to this
    /// one's. Nothing from any other file.
    pub fn from(&self, case: CaseId) -> Option<(CaseId, Relationship)> {
        if case == self.one {
            Some((self.other, self.relationship))
        } else {
            (case == self.other).then(|| (self.one, self.relationship.inverse()))
        }
    }
}

impl Case {
    /// Whether it may be linked and shown as such: there is a consent of the client's to be
    /// recorded, and nobody asked that the data be kept and not used.
    pub fn carries_links(&self, now: Timestamp) -> bool {
        self.record_ground(self.client, now).is_some() && self.restriction_on(self.client).is_none()
    }
}

impl Relationship {
    /// The same, seen from the other side.
    pub fn inverse(self) -> Self {
        match self {
            Self::Parent => Self::Child,
            Self::Child => Self::Parent,
            Self::Caregiver => Self::CaredFor,
            Self::CaredFor => Self::Caregiver,
            Self::Partner | Self::Sibling | Self::TravelsTogether | Self::Household => self,
        }
    }
}
