//! A request: one command and what comes with it, and the parts that several commands share.

use std::collections::BTreeSet;

use serde::Serialize;

use super::codes::{Capacity, CaregiverGap, ChildView, ConsentForm, Explained, HoldReason};
use super::command::Command;
use super::event::{Actor, Interpreter};
use super::ids::{CaseId, ConsentId, OrganisationId, PersonId, RequestId, StaffId, SweepId};
use super::personal::ConsentNote;
use crate::clock::{Day, Timestamp};

/// One command and what comes with it.
#[derive(Clone)]
pub struct Request {
    /// The caller's own random name for this command.
    pub request: RequestId,
    /// Who asks.
    pub caller: Caller,
    /// The stream version the caller decided on; a stale one is refused.
    pub expected_version: Option<u64>,
    /// When it happened, if that is another time than now (a claim).
    pub occurred: Option<Timestamp>,
    /// What is asked for.
    pub command: Command,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Caller {
    /// A member of staff whose token was checked.
    Staff(StaffId),
    /// The ledger itself: expiry, due shredding.
    System,
    /// Whoever runs `init`: may register the first administrator, once.
    Founder,
}

impl Caller {
    /// How the caller stands in the record.
    pub fn actor(self) -> Actor {
        match self {
            Self::Staff(staff) => Actor::Staff(staff),
            Self::System | Self::Founder => Actor::System,
        }
    }
}

impl Actor {
    /// The member of staff, if it was one.
    pub fn staff(self) -> Option<StaffId> {
        match self {
            Self::Staff(staff) | Self::Deputy { staff, .. } => Some(staff),
            Self::System | Self::Nobody => None,
        }
    }

    /// On whose behalf, if who acted stood in for somebody.
    pub fn on_behalf_of(self) -> Option<StaffId> {
        match self {
            Self::Deputy { absent, .. } => Some(absent),
            Self::Staff(_) | Self::System | Self::Nobody => None,
        }
    }
}

/// What a consent says, as asked for by `OpenCase`, `AddPerson` and `GiveConsent`.
#[derive(Clone, Serialize)]
pub struct ConsentTaken {
    /// In which capacity it was given.
    pub capacity: Capacity,
    /// How it was expressed.
    pub form: ConsentForm,
    /// What was explained.
    pub explained: BTreeSet<Explained>,
    /// Who interpreted.
    pub interpreter: Option<Interpreter>,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
    /// What a best-interests decision rests on; only in that capacity.
    pub best_interests: Option<BestInterests>,
    /// How it was taken, in words.
    pub note: ConsentNote,
}

/// A consent that is given anew.
#[derive(Clone, Serialize)]
pub struct Renewing {
    /// In which case.
    pub case: CaseId,
    /// Which.
    pub consent: ConsentId,
    /// How it was taken this time, and when it ends now.
    pub taken: ConsentTaken,
}

/// What a best-interests decision rests on, beside its reasons in words (MISSION B3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct BestInterests {
    /// Why no caregiver is asked.
    pub caregiver: CaregiverGap,
    /// What became of the child's own view.
    pub view: ChildView,
}

/// How old a person is, as far as it is known. What is recorded of it is coarser.
#[derive(Clone, Copy, Serialize)]
pub enum Age {
    /// Born on this day.
    Born(Day),
    /// About so many years.
    About(u8),
    /// Not known: in doubt a child.
    Unknown,
}

/// When the keys of a withdrawn consent are destroyed (MISSION B6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ShredWish {
    /// At once, as the person asks.
    AtOnce,
    /// After the configured period, in which it can be undone.
    AfterPeriod,
}

/// The end of a sweep, as the ledger itself records it.
#[derive(Clone, Serialize)]
pub struct SweepEnd {
    /// Which.
    pub sweep: SweepId,
    /// Of whose cases.
    pub organisation: OrganisationId,
    /// In how many cases something was over.
    pub cases: u32,
    /// In how many a hold kept something.
    pub held: u32,
    /// How many cases were closed, their record included.
    pub closed: u32,
    /// Of how many members of staff who left the name ended.
    pub staff: u32,
    /// How many cases were due, if that was more than it might take.
    pub too_many: Option<u32>,
}

/// A legal hold that is asked for.
#[derive(Clone, Serialize)]
pub struct Holding {
    /// In which case.
    pub case: CaseId,
    /// On whose data; everybody's in the case if not said.
    pub person: Option<PersonId>,
    /// Why.
    pub reason: HoldReason,
    /// When it ends by itself.
    pub until: Timestamp,
}
