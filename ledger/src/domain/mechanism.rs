//! The referral mechanism as decisions and views see it: its members, the agreements with each,
//! and the pathways from a need to services (MISSION D4, D5, D7).
//!
//! - Published text and codes about organisations. A focal point is a function, never a person.
//! - A member and its agreements are one stream, a pathway is one; each change is an event with the
//!   whole new text, so that the number of the version is the stream's.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::codes::*;
use super::event::{Event, PublicText, Record};
use super::ids::*;
use super::stream::StreamId;
use crate::clock::Day;

/// What an organisation is in the mechanism (MISSION D7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The organisation's name.
    pub name: PublicText,
    /// What it does there.
    pub roles: BTreeSet<MechanismRole>,
    /// Its first day as a member.
    pub since: Day,
    /// Its last day, once it is known.
    pub until: Option<Day>,
    /// Who answers for it: a function, never a person's name.
    pub focal_point: PublicText,
    /// How to reach that function.
    pub focal_contact: PublicText,
    /// The day that it signed the code of conduct.
    pub conduct_signed: Option<Day>,
    /// The version of the standard operating procedures that it works by.
    pub procedures: PublicText,
}

impl Membership {
    /// Whether it does this in the mechanism on a day.
    pub fn has(&self, role: MechanismRole, on: Day) -> bool {
        let member = self.since <= on && self.until.is_none_or(|last| on <= last);
        member && self.roles.contains(&role)
    }
}

/// What two or more organisations agreed on (MISSION D4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// What kind of agreement it is.
    pub kind: AgreementKind,
    /// Who agreed with the member.
    pub parties: BTreeSet<OrganisationId>,
    /// Which data it is about; all if empty.
    pub categories: BTreeSet<DataCategory>,
    /// Which services of the member; all if empty.
    pub services: BTreeSet<ServiceId>,
    /// Its first day.
    pub starts: Day,
    /// Its last day; none without an end.
    pub ends: Option<Day>,
    /// Where the paper is.
    pub reference: PublicText,
}

/// What a referral needs an agreement for.
#[derive(Clone, Copy, Debug)]
pub struct Sharing<'a> {
    /// Who sends.
    pub sender: OrganisationId,
    /// To which service.
    pub service: ServiceId,
    /// Which data.
    pub categories: &'a BTreeSet<DataCategory>,
}

/// Whether an agreement to share data covers a referral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreed {
    /// One does.
    Covered,
    /// One did, until this day.
    Lapsed(Day),
    /// None ever did, or not yet.
    Never,
}

/// An organisation of the mechanism.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Which.
    pub id: OrganisationId,
    /// Events in the stream so far.
    pub version: u64,
    /// What it is there.
    pub membership: Membership,
    /// What was agreed with it.
    pub agreements: BTreeMap<AgreementId, Agreement>,
}

impl Member {
    /// The member that a first event records; nothing if it is another event.
    pub fn recorded(record: &Record) -> Option<Self> {
        let (StreamId::Member(id), Event::MemberRecorded(it)) = (record.stream, &record.event)
        else {
            return None;
        };
        Some(Self {
            id,
            version: record.version,
            membership: it.membership.clone(),
            agreements: BTreeMap::new(),
        })
    }

    /// Folds the next event in.
    pub fn apply(&mut self, record: &Record) {
        self.version = record.version;
        match &record.event {
            Event::MemberRecorded(it) => self.membership = it.membership.clone(),
            Event::AgreementRecorded(it) => {
                self.agreements.insert(it.agreement, it.terms.clone());
            }
            _ => {}
        }
    }

    /// Whether it may be sent what a referral carries, by what was agreed with it.
    pub fn agreed(&self, sharing: Sharing<'_>, today: Day) -> Agreed {
        let fitting = || {
            let all = self.agreements.values();
            all.filter(|one| one.covers(sharing) && one.starts <= today)
        };
        if fitting().any(|one| one.ends.is_none_or(|last| today <= last)) {
            return Agreed::Covered;
        }
        let last = fitting().filter_map(|one| one.ends).max();
        last.map_or(Agreed::Never, Agreed::Lapsed)
    }
}

impl Agreement {
    /// Whether it is about this, whenever it holds.
    fn covers(&self, sharing: Sharing<'_>) -> bool {
        self.kind == AgreementKind::DataSharing
            && self.parties.contains(&sharing.sender)
            && (self.services.is_empty() || self.services.contains(&sharing.service))
            && (self.categories.is_empty() || sharing.categories.is_subset(&self.categories))
    }

    /// Whether it ends on one of these days.
    pub fn ends_within(&self, from: Day, until: Day) -> bool {
        self.ends.is_some_and(|last| from <= last && last <= until)
    }
}

/// A way from a need to services, for an area and a group (MISSION D5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathwayPlan {
    /// The need that it starts from.
    pub need: Need,
    /// Where it holds; everywhere if empty.
    pub area: PublicText,
    /// For whom; for everybody if empty.
    pub group: PublicText,
    /// What is done, one after the other.
    pub steps: Vec<PathwayStep>,
    /// The same in words, once for each language.
    pub texts: Vec<PathwayText>,
}

impl PathwayPlan {
    /// The services that its steps lead to.
    pub fn services(&self) -> BTreeSet<ServiceId> {
        let all = self.steps.iter().flat_map(|step| &step.services);
        all.copied().collect()
    }

    /// Bytes of its texts and of the ids of its services.
    pub fn stored_bytes(&self) -> usize {
        let services = self.steps.iter().map(|step| step.services.len() * 16);
        let texts = self.texts.iter().map(|text| {
            let steps = text.steps.iter().map(|step| step.0.len());
            text.language.0.len() + text.title.0.len() + steps.sum::<usize>()
        });
        let around = self.area.0.len() + self.group.0.len();
        around + services.sum::<usize>() + texts.sum::<usize>()
    }
}

/// One step of a pathway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathwayStep {
    /// Who acts.
    pub role: Option<MechanismRole>,
    /// Services that one goes to.
    pub services: Vec<ServiceId>,
    /// Another need that is looked at then.
    pub need: Option<Need>,
    /// Within so many hours.
    pub within_hours: Option<u32>,
}

/// A pathway in the words of one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathwayText {
    /// Which language, as BCP 47 writes it: `ar`, `fr`, `en-easy`.
    pub language: PublicText,
    /// What it is called.
    pub title: PublicText,
    /// The steps, as many as there are.
    pub steps: Vec<PublicText>,
}

/// A pathway and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pathway {
    /// Which.
    pub id: PathwayId,
    /// Its version: how often it was written, and ended.
    pub version: u64,
    /// What it says now.
    pub plan: PathwayPlan,
    /// Whether nobody goes by it any more.
    pub retired: bool,
}

impl Pathway {
    /// The pathway that a first event records; nothing if it is another event.
    pub fn recorded(record: &Record) -> Option<Self> {
        let (StreamId::Pathway(id), Event::PathwayRecorded(it)) = (record.stream, &record.event)
        else {
            return None;
        };
        Some(Self {
            id,
            version: record.version,
            plan: it.plan.clone(),
            retired: false,
        })
    }

    /// Folds the next event in.
    pub fn apply(&mut self, record: &Record) {
        self.version = record.version;
        match &record.event {
            Event::PathwayRecorded(it) => {
                self.plan = it.plan.clone();
                self.retired = false;
            }
            Event::PathwayRetired(_) => self.retired = true,
            _ => {}
        }
    }
}

/// Record what an organisation is in the mechanism, anew each time.
#[derive(Clone, Serialize)]
pub struct RecordingMember {
    /// Which organisation.
    pub member: OrganisationId,
    /// What it is there.
    pub membership: Membership,
}

/// Record what was agreed with a member, anew each time.
#[derive(Clone, Serialize)]
pub struct RecordingAgreement {
    /// With which member.
    pub member: OrganisationId,
    /// Which agreement; a fresh id for a new one.
    pub agreement: AgreementId,
    /// What was agreed.
    pub terms: Agreement,
}

/// Write a pathway, anew each time.
#[derive(Clone, Serialize)]
pub struct WritingPathway {
    /// Which; a fresh id for a new one.
    pub pathway: PathwayId,
    /// What it says.
    pub plan: PathwayPlan,
}
