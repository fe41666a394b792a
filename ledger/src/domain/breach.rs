//! Breaches of data as decisions see them, and who may know of one (MISSION E8).
//!
//! - Everybody who works here reports; the data protection officer works on it, the controller's
//!   delegate decides what is due, auditors read.
//! - Through whom it is suspected to have happened never reads it, whatever their roles: like a
//!   complaint (`complaint.rs`), it does not exist for them.
//! - The time allowed is computed when it is read; nothing of it is stored.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::apart::Lasting;
use super::codes::*;
use super::complaint::Against;
use super::event::{
    BreachAssessed, BreachNotified, BreachReported, BreachTold, Event, LeafOf, PublicText, Record,
};
use super::ids::*;
use super::personal::Text;
use super::staff::Staff;
use crate::clock::{DAY_MS, Timestamp};

/// At least so many and, where that is known, at most so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// At least.
    pub at_least: u32,
    /// At most; not known if nothing.
    pub at_most: Option<u32>,
}

impl Counted {
    /// Whether both can be true.
    pub fn is_sound(self) -> bool {
        self.at_most.is_none_or(|at_most| self.at_least <= at_most)
    }
}

/// A breach and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Which.
    pub id: BreachId,
    /// Events in its stream so far.
    pub version: u64,
    /// What was reported.
    pub reported: BreachReported,
    /// Who reported it.
    pub reported_by: Option<StaffId>,
    /// Whether there are words about it.
    pub words: bool,
    /// Where it stands.
    pub state: BreachState,
    /// What the last assessment came to, and who made it.
    pub assessed: Option<(BreachAssessed, Option<StaffId>)>,
    /// Everybody who assessed it.
    pub assessed_by: BTreeSet<StaffId>,
    /// Notifications, oldest first.
    pub notified: Vec<BreachNotified>,
    /// When people were told, and how, oldest first.
    pub told: Vec<BreachTold>,
    /// Why people are not told, as decided last.
    pub withheld: Option<UntoldGround>,
    /// Whether people were told, or it was decided that they are not, by what is known now.
    pub answered: bool,
    /// Leaf keys by what they are for.
    pub leaves: BTreeMap<LeafOf, LeafKeyId>,
    /// How long it lasts: from its closing on.
    pub lasting: Lasting,
}

impl Breach {
    /// The breach that a first event begins; nothing if it is another event.
    pub fn reported(record: &Record) -> Option<Self> {
        let Event::BreachReported(it) = &record.event else {
            return None;
        };
        let leaves = record.leaves.iter().map(|made| (made.of, made.key));
        Some(Self {
            id: it.breach,
            version: record.version,
            reported: it.clone(),
            reported_by: record.actor.staff(),
            words: !record.leaves.is_empty(),
            state: BreachState::Reported,
            assessed: None,
            assessed_by: BTreeSet::new(),
            notified: Vec::new(),
            told: Vec::new(),
            withheld: None,
            answered: false,
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
            Event::BreachAssessed(it) => {
                let by = record.actor.staff();
                if self.is_worse(it) {
                    (self.withheld, self.answered) = (None, false);
                }
                self.assessed = Some((it.clone(), by));
                self.assessed_by.extend(by);
                self.state = BreachState::Assessed;
            }
            Event::BreachNotified(it) => self.notified.push(it.clone()),
            Event::BreachTold(it) => {
                self.told.push(it.clone());
                self.answered = true;
            }
            Event::BreachWithheld(it) => {
                (self.withheld, self.answered) = (Some(it.ground), true);
            }
            Event::BreachClosed(_) => {
                self.state = BreachState::Closed;
                self.lasting.runs_from(record);
            }
            Event::WordsEnded(_) => self.words = false,
            _ => {}
        }
    }

    /// Of whom it is suspected, where it is a member of staff.
    pub fn suspected(&self) -> Option<StaffId> {
        match self.reported.suspected? {
            Against::Staff(staff) => Some(staff),
            Against::Service(_) | Against::Organisation(_) => None,
        }
    }

    /// Whether a member of staff may know of it at all.
    pub fn may_be_read_by(&self, caller: &Staff) -> bool {
        self.is_open_to(caller.id, caller.organisation, &caller.roles, &READERS)
    }

    /// Whether a member of staff may take it up and assess it.
    pub fn may_be_assessed_by(
        &self,
        staff: StaffId,
        organisation: OrganisationId,
        roles: &BTreeSet<Role>,
    ) -> bool {
        let assessors = [Role::DataProtectionOfficer];
        self.is_open_to(staff, organisation, roles, &assessors)
    }

    fn is_open_to(
        &self,
        staff: StaffId,
        organisation: OrganisationId,
        roles: &BTreeSet<Role>,
        open: &[Role],
    ) -> bool {
        let through_them = self.suspected() == Some(staff);
        let role = open.iter().any(|role| roles.contains(role));
        organisation == self.reported.organisation && role && !through_them
    }

    /// By when the authority is to be notified: 72 hours after it became known, whatever the
    /// calendar does meanwhile (Art. 33(1)).
    pub fn notify_by(&self) -> Timestamp {
        notify_by(self.reported.known_at)
    }

    /// Whether this assessment finds more than the last one: who was told, or not told, by what was
    /// known then is asked about again.
    fn is_worse(&self, now: &BreachAssessed) -> bool {
        self.assessed.as_ref().is_some_and(|(before, _)| {
            now.risk > before.risk
                || now.people.at_least > before.people.at_least
                || !now.categories.is_subset(&before.categories)
                || !now.harms.is_subset(&before.harms)
                || !now.consequences.is_subset(&before.consequences)
        })
    }

    /// By when its next step is due; none once the authority was notified or need not be. Who
    /// answers for the data hears of it besides, and is no authority.
    pub fn due(&self) -> Option<Timestamp> {
        let unlikely = self.risk() == Some(BreachRisk::Unlikely);
        let authority = |it: &BreachNotified| it.to != NotifiedTo::Controller;
        let notified = self.notified.iter().any(authority);
        let waits = !notified && !unlikely && self.state != BreachState::Closed;
        waits.then(|| self.notify_by())
    }

    /// How likely and how bad it is, as assessed last.
    pub fn risk(&self) -> Option<BreachRisk> {
        Some(self.assessed.as_ref()?.0.risk)
    }

    /// Whether somebody was notified of it at all.
    pub fn is_begun(&self, to: NotifiedTo) -> bool {
        self.notified.iter().any(|it| it.to == to)
    }

    /// Whether all is said that was to be said to somebody.
    pub fn is_whole(&self, to: NotifiedTo) -> bool {
        let whole = [NotificationPhase::Whole, NotificationPhase::Last];
        let mut said = self.notified.iter();
        said.any(|it| it.to == to && whole.contains(&it.phase))
    }

    /// Whether all is said that was to be said to whoever was notified, and somebody was.
    pub fn is_notified_whole(&self) -> bool {
        let whole = |it: &BreachNotified| self.is_whole(it.to);
        !self.notified.is_empty() && self.notified.iter().all(whole)
    }
}

/// By when a breach is to be notified that became known then.
pub fn notify_by(known_at: Timestamp) -> Timestamp {
    Timestamp(known_at.0.saturating_add(NOTIFY_WITHIN_MS))
}

/// Fields of `ReportBreach`.
#[derive(Clone, Serialize)]
pub struct ReportingBreach {
    /// The organisation that answers for the data; the caller's own if nothing.
    pub organisation: Option<OrganisationId>,
    /// What happened.
    pub kind: BreachKind,
    /// Through whom, if it is suspected.
    pub suspected: Option<Against>,
    /// When it happened, or began.
    pub happened_from: Option<Timestamp>,
    /// When it was over.
    pub happened_until: Option<Timestamp>,
    /// When it was first suspected.
    pub suspected_at: Option<Timestamp>,
    /// When it became known; now if nothing.
    pub known_at: Option<Timestamp>,
    /// What else is to be said, if anything.
    pub words: Option<Text>,
}

/// Fields of `AssessBreach`.
#[derive(Clone, Serialize)]
pub struct AssessingBreach {
    /// Which.
    pub breach: BreachId,
    /// What of the data was broken.
    pub harms: BTreeSet<BreachHarm>,
    /// Which data.
    pub categories: BTreeSet<DataCategory>,
    /// How many people.
    pub people: Counted,
    /// How many records.
    pub records: Counted,
    /// What is likely to come of it.
    pub consequences: BTreeSet<BreachConsequence>,
    /// What was done about it.
    pub measures: BTreeSet<BreachMeasure>,
    /// How likely and how bad it is.
    pub risk: BreachRisk,
}

/// Fields of `NotifyBreach`.
#[derive(Clone, Serialize)]
pub struct NotifyingBreach {
    /// Which.
    pub breach: BreachId,
    /// Who was notified.
    pub to: NotifiedTo,
    /// Which part it was.
    pub phase: NotificationPhase,
    /// The number that the authority gave it.
    pub reference: Option<PublicText>,
    /// Why it came late, if it did.
    pub late: Option<LateReason>,
}

/// Fields of `TellBreach`.
#[derive(Clone, Serialize)]
pub struct TellingBreach {
    /// Which.
    pub breach: BreachId,
    /// How.
    pub how: BreachTelling,
    /// How many people.
    pub people: Counted,
}

/// Fields of `TraceBreach`: what is not said does not restrict.
#[derive(Clone, Serialize)]
pub struct TracingBreach {
    /// Which.
    pub breach: BreachId,
    /// To this recipient.
    pub recipient: Option<OrganisationId>,
    /// To this service.
    pub service: Option<ServiceId>,
    /// By this member of staff.
    pub staff: Option<StaffId>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before this.
    pub until: Option<Timestamp>,
}

const READERS: [Role; 3] = [
    Role::DataProtectionOfficer,
    Role::ControllerDelegate,
    Role::Auditor,
];

const NOTIFY_WITHIN_MS: u64 = 3 * DAY_MS;
