//! What stands apart from cases and ends by rules of its own: complaints, breaches of data,
//! referrals from outside (MISSION C6, C13, E8).
//!
//! - Words go first, the record when its own time is over and the words are destroyed.
//! - A complaint that nobody answered and a breach that nobody closed do not end: somebody is still
//!   to do something about them.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::breach::Breach;
use super::codes::HoldReason;
use super::complaint::Complaint;
use super::event::{Event, Record, Recorded};
use super::ids::{BreachId, ComplaintId, GroundId, IncomingId, LeafKeyId, OrganisationId};
use super::incoming::Incoming;
use super::stream::StreamId;
use crate::clock::Timestamp;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Apart {
    /// A complaint.
    Complaint(ComplaintId),
    /// A breach.
    Breach(BreachId),
    /// A referral from outside.
    Incoming(IncomingId),
}

impl Apart {
    /// Its stream.
    pub fn stream(self) -> StreamId {
        match self {
            Self::Complaint(id) => StreamId::Complaint(id),
            Self::Breach(id) => StreamId::Breach(id),
            Self::Incoming(id) => StreamId::Incoming(id),
        }
    }
}

/// How long it lasts, as far as its stream says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lasting {
    /// Since when its time runs; not yet, if nothing.
    pub since: Option<Timestamp>,
    /// Until when it is held.
    pub held_until: Option<Timestamp>,
    /// Whether its words are over.
    pub words_ended: bool,
    /// Keys that were destroyed.
    pub gone: BTreeSet<LeafKeyId>,
}

impl Lasting {
    /// One whose time runs from this event on.
    pub(crate) fn from(record: &Record) -> Self {
        let mut lasting = Self::default();
        lasting.runs_from(record);
        lasting
    }

    /// Its time runs from this event on.
    pub(crate) fn runs_from(&mut self, record: &Record) {
        let at = match record.recorded {
            Recorded::At(at) => at,
            Recorded::On(day) => day.start(),
        };
        self.since = self.since.max(Some(at));
    }

    /// Folds an event in, of whatever kind.
    pub(crate) fn apply(&mut self, record: &Record) {
        match &record.event {
            Event::EndHeld(it) => self.held_until = self.held_until.max(Some(it.until)),
            Event::WordsEnded(_) => self.words_ended = true,
            Event::Shredded(it) => self.gone.extend(&it.keys),
            _ => {}
        }
    }
}

/// What the rules look at.
#[derive(Clone, Debug)]
pub struct StandsApart<'a> {
    /// Which.
    pub what: Apart,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Whether it is a complaint about exploitation or abuse, or what was asked in exchange.
    pub serious: bool,
    /// The ground that its words rest on, if it may have any.
    pub ground: Option<GroundId>,
    /// The keys of its words.
    pub leaves: BTreeSet<LeafKeyId>,
    /// How long it lasts.
    pub lasting: &'a Lasting,
}

impl<'a> From<&'a Complaint> for StandsApart<'a> {
    fn from(it: &'a Complaint) -> Self {
        Self {
            what: Apart::Complaint(it.id),
            organisation: it.organisation,
            serious: it.kind.is_serious(),
            ground: Some(it.ground),
            leaves: it.leaves.values().copied().collect(),
            lasting: &it.lasting,
        }
    }
}

impl<'a> From<&'a Breach> for StandsApart<'a> {
    fn from(it: &'a Breach) -> Self {
        Self {
            what: Apart::Breach(it.id),
            organisation: it.reported.organisation,
            serious: false,
            ground: Some(it.reported.ground),
            leaves: it.leaves.values().copied().collect(),
            lasting: &it.lasting,
        }
    }
}

impl<'a> From<&'a Incoming> for StandsApart<'a> {
    fn from(it: &'a Incoming) -> Self {
        Self {
            what: Apart::Incoming(it.id),
            organisation: it.organisation,
            serious: false,
            ground: None,
            leaves: BTreeSet::new(),
            lasting: &it.lasting,
        }
    }
}

/// Fields of `HoldApart`.
#[derive(Clone, Serialize)]
pub struct HoldingApart {
    /// Which.
    pub what: Apart,
    /// Why.
    pub reason: HoldReason,
    /// Until when.
    pub until: Timestamp,
}
