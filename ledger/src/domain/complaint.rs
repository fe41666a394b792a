//! Feedback and complaints as decisions see them, and who may read one (MISSION C6).
//!
//! - Who a complaint is about never reads it, whatever their roles.
//! - About exploitation and abuse, and what was asked in exchange for help, only the safeguarding
//!   focal point knows; neither the table of permissions nor another role opens it.
//! - Of one that they may not read nobody learns that it exists: not by a list, a count, or where a
//!   page ends. Where nobody may read one, whoever took it down is told that.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::apart::Lasting;
use super::codes::*;
use super::event::{Event, LeafOf, Record};
use super::ids::*;
use super::personal::Text;
use super::staff::Staff;
use crate::clock::Timestamp;

/// Whom a complaint is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Against {
    /// A member of staff.
    Staff(StaffId),
    /// A service.
    Service(ServiceId),
    /// An organisation.
    Organisation(OrganisationId),
}

/// A complaint and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Which.
    pub id: ComplaintId,
    /// Events in its stream so far.
    pub version: u64,
    /// The organisation that looks into it.
    pub organisation: OrganisationId,
    /// What about.
    pub kind: ComplaintKind,
    /// About whom.
    pub against: Option<Against>,
    /// Whether nobody is to know who took it down.
    pub anonymous: bool,
    /// Whether there is a safe way to answer.
    pub answerable: bool,
    /// The ground that its words rest on.
    pub ground: GroundId,
    /// By when whoever complained is to hear that it came.
    pub acknowledge_by: Timestamp,
    /// By when it is to be answered.
    pub answer_by: Timestamp,
    /// Where it stands.
    pub state: ComplaintState,
    /// What it came to, and whether whoever complained was told.
    pub answered: Option<(ComplaintOutcome, PersonTold)>,
    /// Leaf keys by what they are for.
    pub leaves: BTreeMap<LeafOf, LeafKeyId>,
    /// How long it lasts: from its answer on.
    pub lasting: Lasting,
}

impl Complaint {
    /// The complaint that a first event begins; nothing if it is another event.
    pub fn received(record: &Record) -> Option<Self> {
        let Event::ComplaintReceived(it) = &record.event else {
            return None;
        };
        let leaves = record.leaves.iter().map(|made| (made.of, made.key));
        Some(Self {
            id: it.complaint,
            version: record.version,
            organisation: it.organisation,
            kind: it.kind,
            against: it.against,
            anonymous: it.anonymous,
            answerable: it.answerable,
            ground: it.ground,
            acknowledge_by: it.acknowledge_by,
            answer_by: it.answer_by,
            state: ComplaintState::Received,
            answered: None,
            leaves: leaves.collect(),
            lasting: Lasting::default(),
        })
    }

    /// Folds the next event in.
    pub fn apply(&mut self, record: &Record) {
        self.version = record.version;
        self.lasting.apply(record);
        for made in &record.leaves {
            self.leaves.insert(made.of, made.key);
        }
        match &record.event {
            Event::ComplaintAcknowledged(_) => self.state = ComplaintState::Acknowledged,
            Event::ComplaintAnswered(it) => {
                self.state = ComplaintState::Answered;
                self.answered = Some((it.outcome, it.told));
                self.lasting.runs_from(record);
            }
            _ => {}
        }
    }

    /// Whether a member of staff may know of it at all.
    pub fn may_be_read_by(&self, caller: &Staff) -> bool {
        self.is_open_to(caller.id, caller.organisation, &caller.roles)
    }

    /// Whether somebody of this organisation who has these roles may know of it.
    pub fn is_open_to(
        &self,
        staff: StaffId,
        organisation: OrganisationId,
        roles: &BTreeSet<Role>,
    ) -> bool {
        let about_them = match self.against {
            Some(Against::Staff(accused)) => accused == staff,
            Some(Against::Service(_) | Against::Organisation(_)) | None => false,
        };
        let safeguards = roles.contains(&Role::Safeguarding);
        let role = safeguards || !self.kind.is_serious() && roles.contains(&Role::Coordinator);
        organisation == self.organisation && role && !about_them
    }

    /// By when its next step is due; none once it was answered.
    pub fn due(&self) -> Option<Timestamp> {
        match self.state {
            ComplaintState::Received => Some(self.acknowledge_by.min(self.answer_by)),
            ComplaintState::Acknowledged => Some(self.answer_by),
            ComplaintState::Answered => None,
        }
    }
}

/// Events of which no count is told. Of complaints and breaches: whoever compares it with their own
/// list learns of those that they must not know of. Of what was looked at: else what the other
/// counts leave of the log's size would be the complaints.
pub const UNCOUNTED: [&str; 16] = [
    "ComplaintReceived",
    "ComplaintAcknowledged",
    "ComplaintAnswered",
    "ComplaintSeen",
    "BreachReported",
    "BreachAssessed",
    "BreachNotified",
    "BreachTold",
    "BreachWithheld",
    "BreachClosed",
    "BreachSeen",
    "BreachTraced",
    "PersonalDataSeen",
    "StaffSeen",
    "WordsEnded",
    "EndHeld",
];

/// Fields of `RecordComplaint`.
#[derive(Clone, Serialize)]
pub struct Complaining {
    /// What about.
    pub kind: ComplaintKind,
    /// About whom, if it is about somebody known here.
    pub against: Option<Against>,
    /// Nobody is to know who took it down.
    pub anonymous: bool,
    /// What was said.
    pub words: Text,
    /// A safe way to answer, if there is one.
    pub contact: Option<Text>,
}

/// Fields of `AnswerComplaint`.
#[derive(Clone, Serialize)]
pub struct AnsweringComplaint {
    /// Which.
    pub complaint: ComplaintId,
    /// What looking into it came to.
    pub outcome: ComplaintOutcome,
    /// Whether whoever complained was told.
    pub told: PersonTold,
    /// What was found, in words.
    pub note: Option<Text>,
}
