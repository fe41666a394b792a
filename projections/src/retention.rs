//! Retention: when each case was last worked on, which sweeps were asked for, and the last one.
//!
//! - What is over in a case is computed from the case itself (`ledger::retention`); here stands
//!   only in which order to look.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::{BTreeMap, BTreeSet};

use ledger::clock::Timestamp;
use ledger::domain::case::touched_by;
use ledger::domain::event::{Event, Record};
use ledger::domain::ids::{CaseId, OrganisationId, StaffId, SweepId};
use ledger::domain::stream::StreamId;
use serde::{Deserialize, Serialize};

use crate::projection::{Projection, moment};

/// Cases by the last thing done in them, and sweeps.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Retention {
    touched: BTreeMap<CaseId, (OrganisationId, Timestamp)>,
    sweeps: BTreeMap<SweepId, Sweep>,
    /// When the last sweep of each organisation ended, and how many cases it found, if too many.
    last: BTreeMap<OrganisationId, (Timestamp, Option<u32>)>,
    /// Which rules each organisation let loose by a sweep that ran, and where it was agreed to.
    loose: BTreeMap<OrganisationId, (u32, u64)>,
    /// When and where the clock was last doubted.
    doubted: Option<(Timestamp, u64)>,
    #[serde(skip)]
    oldest: BTreeSet<(OrganisationId, Timestamp, CaseId)>,
}

/// A sweep that somebody asked for and that is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sweep {
    /// Of whose cases.
    pub organisation: OrganisationId,
    /// Who asked.
    pub requested_by: Option<StaffId>,
    /// When.
    pub requested: Timestamp,
    /// How many cases it may take.
    pub cases: u32,
    /// Under which rules it was asked for.
    pub version: u32,
    /// Under which rules a second person agreed, and where that stands.
    pub approved: Option<(u32, u64)>,
}

impl Retention {
    /// Cases of an organisation that nobody has worked on since a moment, the longest untouched
    /// first.
    pub fn untouched_since(
        &self,
        of: OrganisationId,
        since: Timestamp,
    ) -> impl Iterator<Item = CaseId> + '_ {
        let oldest = self.oldest.range((of, Timestamp(0), CaseId([0; 16]))..);
        let own = move |touched: &(OrganisationId, Timestamp, CaseId)| touched.0 == of;
        let untouched = oldest.copied().take_while(own);
        let untouched = untouched.take_while(move |(_, touched, _)| *touched <= since);
        untouched.map(|(_, _, case)| case)
    }

    /// Sweeps that were asked for and are not done.
    pub fn sweeps(&self) -> impl Iterator<Item = (SweepId, &Sweep)> {
        self.sweeps.iter().map(|(id, sweep)| (*id, sweep))
    }

    /// When the last sweep of an organisation's cases ended.
    pub fn last(&self, of: OrganisationId) -> Option<Timestamp> {
        self.last.get(&of).map(|(at, _)| *at)
    }

    /// How many cases the last sweep of an organisation found, if it might not take so many and so
    /// took none.
    pub fn last_too_many(&self, of: OrganisationId) -> Option<u32> {
        self.last.get(&of).and_then(|(_, too_many)| *too_many)
    }

    /// Whether a sweep of an organisation was agreed to and has not ended.
    pub fn is_under_way(&self, of: OrganisationId) -> bool {
        let mut sweeps = self.sweeps.values();
        sweeps.any(|sweep| sweep.organisation == of && sweep.approved.is_some())
    }

    /// Whether two persons of an organisation let the rules of this number loose by a sweep that
    /// ran, and the clock was not doubted since they agreed.
    pub fn is_let_loose(&self, of: OrganisationId, version: u32) -> bool {
        let approved = self.loose.get(&of);
        approved.is_some_and(|(known, _)| *known == version) && self.doubted(of).is_none()
    }

    /// When the clock was doubted, if no sweep of an organisation was agreed to since and ran.
    pub fn doubted(&self, of: OrganisationId) -> Option<Timestamp> {
        let approved = self.loose.get(&of).map(|(_, position)| *position);
        let doubted = self
            .doubted
            .filter(|(_, position)| approved < Some(*position));
        doubted.map(|(at, _)| at)
    }

    /// Organisations that let rules loose, whichever those were.
    pub fn organisations(&self) -> impl Iterator<Item = OrganisationId> + '_ {
        self.loose.keys().copied()
    }

    fn touch(&mut self, case: CaseId, at: Timestamp) {
        let Some((of, known)) = self.touched.get_mut(&case) else {
            return;
        };
        self.oldest.remove(&(*of, *known, case));
        *known = at.max(*known);
        self.oldest.insert((*of, *known, case));
    }
}

impl Projection for Retention {
    const NAME: &'static str = "retention";
    const VERSION: u32 = 4;

    fn apply(&mut self, position: u64, record: &Record) {
        if let (StreamId::Case(case), Event::CaseOpened(opened)) = (record.stream, &record.event) {
            let opened = (opened.organisation, Timestamp(0));
            self.touched.insert(case, opened);
        }
        if let (StreamId::Case(case), Some(at)) = (record.stream, touched_by(record)) {
            self.touch(case, at);
        }
        let now = moment(record.recorded);
        match &record.event {
            Event::SweepRequested(it) => {
                let sweep = Sweep {
                    organisation: it.organisation,
                    requested_by: record.actor.staff(),
                    requested: now,
                    cases: it.cases,
                    version: it.version,
                    approved: None,
                };
                self.sweeps.insert(it.sweep, sweep);
            }
            Event::SweepApproved(it) => {
                if let Some(sweep) = self.sweeps.get_mut(&it.sweep) {
                    sweep.approved = Some((it.version, position));
                }
            }
            Event::SweepWithdrawn(it) => {
                self.sweeps.remove(&it.sweep);
            }
            Event::ClockDoubted(_) => self.doubted = Some((now, position)),
            Event::SweepDone(it) => {
                let asked = self.sweeps.remove(&it.sweep);
                let approved = asked.and_then(|sweep| sweep.approved);
                if it.too_many.is_some() {
                    self.loose.remove(&it.organisation);
                    // Whatever else was agreed to is to be looked at again, too.
                    self.sweeps.retain(|_, sweep| {
                        sweep.organisation != it.organisation || sweep.approved.is_none()
                    });
                } else if let Some(approved) = approved {
                    self.loose.insert(it.organisation, approved);
                }
                let known = self.last(it.organisation).unwrap_or(now);
                self.last
                    .insert(it.organisation, (now.max(known), it.too_many));
            }
            _ => {}
        }
    }

    fn reindex(&mut self) {
        let touched = self.touched.iter();
        self.oldest = touched.map(|(case, (of, at))| (*of, *at, *case)).collect();
    }
}
