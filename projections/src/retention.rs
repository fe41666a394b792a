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
    touched: BTreeMap<CaseId, Timestamp>,
    sweeps: BTreeMap<SweepId, Sweep>,
    /// When the last sweep of each organisation ended.
    last: BTreeMap<OrganisationId, Timestamp>,
    /// Which rules two persons of each organisation let loose, and where that stands.
    approved: BTreeMap<OrganisationId, (u32, u64)>,
    /// When and where the clock was last doubted.
    doubted: Option<(Timestamp, u64)>,
    #[serde(skip)]
    oldest: BTreeSet<(Timestamp, CaseId)>,
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
    /// Whether a second person agreed.
    pub approved: bool,
}

impl Retention {
    /// Cases that nobody has worked on since a moment, the longest untouched first.
    pub fn untouched_since(&self, since: Timestamp) -> impl Iterator<Item = CaseId> + '_ {
        let oldest = self.oldest.iter();
        let untouched = oldest.take_while(move |(touched, _)| *touched <= since);
        untouched.map(|(_, case)| *case)
    }

    /// Sweeps that were asked for and are not done.
    pub fn sweeps(&self) -> impl Iterator<Item = (SweepId, &Sweep)> {
        self.sweeps.iter().map(|(id, sweep)| (*id, sweep))
    }

    /// When the last sweep of an organisation's cases ended.
    pub fn last(&self, of: OrganisationId) -> Option<Timestamp> {
        self.last.get(&of).copied()
    }

    /// Whether two persons of an organisation let the rules of this number loose, and the clock was
    /// not doubted since. The ledger asks the same of its index before it applies a rule.
    pub fn is_let_loose(&self, of: OrganisationId, version: u32) -> bool {
        let approved = self.approved.get(&of);
        approved.is_some_and(|(known, _)| *known == version) && self.doubted(of).is_none()
    }

    /// When the clock was doubted, if nobody of an organisation agreed to a sweep since.
    pub fn doubted(&self, of: OrganisationId) -> Option<Timestamp> {
        let approved = self.approved.get(&of).map(|(_, position)| *position);
        let doubted = self
            .doubted
            .filter(|(_, position)| approved < Some(*position));
        doubted.map(|(at, _)| at)
    }

    /// Organisations whose rules were let loose at any time.
    pub fn organisations(&self) -> impl Iterator<Item = OrganisationId> + '_ {
        self.approved.keys().copied()
    }

    fn touch(&mut self, case: CaseId, at: Timestamp) {
        let known = self.touched.entry(case).or_insert(at);
        self.oldest.remove(&(*known, case));
        *known = at.max(*known);
        self.oldest.insert((*known, case));
    }
}

impl Projection for Retention {
    const NAME: &'static str = "retention";
    const VERSION: u32 = 1;

    fn apply(&mut self, position: u64, record: &Record) {
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
                    approved: false,
                };
                self.sweeps.insert(it.sweep, sweep);
            }
            Event::SweepApproved(it) => {
                if let Some(sweep) = self.sweeps.get_mut(&it.sweep) {
                    sweep.approved = true;
                }
                self.approved
                    .insert(it.organisation, (it.version, position));
            }
            Event::ClockDoubted(_) => self.doubted = Some((now, position)),
            Event::SweepDone(it) => {
                self.sweeps.remove(&it.sweep);
                let known = self.last.entry(it.organisation).or_insert(now);
                *known = now.max(*known);
            }
            _ => {}
        }
    }

    fn reindex(&mut self) {
        let touched = self.touched.iter();
        self.oldest = touched.map(|(case, at)| (*at, *case)).collect();
    }
}
