//! What is recorded of a breach; words about it are a personal part (MISSION E8).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::super::breach::Counted;
use super::super::class::{classed, fields};
use super::super::codes::*;
use super::super::complaint::Against;
use super::super::ids::{BreachId, GroundId, OrganisationId, ServiceId, StaffId};
use super::super::record::PublicText;
use super::Event;
use crate::clock::Timestamp;

fields! {
    /// Somebody reported that something happened to data.
    BreachReported {
        /// Which.
        breach: BreachId,
        /// The organisation that answers for the data, and looks into it.
        organisation: OrganisationId,
        /// What happened.
        kind: BreachKind,
        /// Through whom, if it is suspected.
        suspected: Option<Against>,
        /// When it happened, or began.
        happened_from: Option<Timestamp>,
        /// When it was over.
        happened_until: Option<Timestamp>,
        /// When it was first suspected.
        suspected_at: Option<Timestamp>,
        /// When it became known: the time allowed runs from here.
        known_at: Timestamp,
        /// The ground that words about it rest on: looking into it.
        ground: GroundId,
    }
    /// It was assessed, or assessed anew.
    BreachAssessed {
        /// What of the data was broken.
        harms: BTreeSet<BreachHarm>,
        /// Which data.
        categories: BTreeSet<DataCategory>,
        /// How many people.
        people: Counted,
        /// How many records.
        records: Counted,
        /// What is likely to come of it.
        consequences: BTreeSet<BreachConsequence>,
        /// What was done about it.
        measures: BTreeSet<BreachMeasure>,
        /// How likely and how bad it is.
        risk: BreachRisk,
    }
    /// An authority was notified, or told more.
    BreachNotified {
        /// Who.
        to: NotifiedTo,
        /// Which part it was.
        phase: NotificationPhase,
        /// When.
        at: Timestamp,
        /// The number that the authority gave it.
        reference: Option<PublicText>,
        /// Why it came late, if it did.
        late: Option<LateReason>,
    }
    /// People whose data they are were told.
    BreachTold {
        /// How.
        how: BreachTelling,
        /// How many.
        people: Counted,
        /// When.
        at: Timestamp,
    }
    /// It was decided that people are not told, or those left are not.
    BreachWithheld {
        /// Why.
        ground: UntoldGround,
    }
    /// Somebody else than who assessed it closed it.
    BreachClosed {}
    /// The words about it were opened.
    BreachSeen {}
    /// Somebody looked up who could have been affected, by what left and what was opened.
    BreachTraced {
        /// To this recipient.
        recipient: Option<OrganisationId>,
        /// To this service.
        service: Option<ServiceId>,
        /// By this member of staff.
        staff: Option<StaffId>,
        /// Not before.
        from: Option<Timestamp>,
        /// Before this.
        until: Option<Timestamp>,
    }
}
