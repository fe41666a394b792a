//! All views together, each at its own position until they have caught up.

use ledger::domain::event::Record;
use ledger::error::Fault;

use crate::billing::Billing;
use crate::breaches::Breaches;
use crate::cases::Cases;
use crate::complaints::Complaints;
use crate::consents::Consents;
use crate::counts::Counts;
use crate::directory::Directory;
use crate::exceptions::Exceptions;
use crate::given::GivenAway;
use crate::incoming::Incoming;
use crate::links::Links;
use crate::mechanism::Mechanism;
use crate::projection::Projection;
use crate::retention::Retention;
use crate::rights::Rights;
use crate::snapshot;
use crate::source::Source;
use crate::staff::Staff;
use crate::statistics::Statistics;
use crate::worklist::Worklist;

/// Every view. Readers hold one lock over all of them, so that they see them at one position.
#[derive(Debug, Default, PartialEq)]
pub struct Views {
    worklist: Followed<Worklist>,
    consents: Followed<Consents>,
    directory: Followed<Directory>,
    staff: Followed<Staff>,
    cases: Followed<Cases>,
    counts: Followed<Counts>,
    retention: Followed<Retention>,
    rights: Followed<Rights>,
    statistics: Followed<Statistics>,
    complaints: Followed<Complaints>,
    mechanism: Followed<Mechanism>,
    given: Followed<GivenAway>,
    exceptions: Followed<Exceptions>,
    breaches: Followed<Breaches>,
    incoming: Followed<Incoming>,
    links: Followed<Links>,
    billing: Followed<Billing>,
}

/// A view and the position of the event that it folds next.
#[derive(Debug, Default, PartialEq)]
struct Followed<P> {
    next: u64,
    view: P,
}

impl Views {
    /// Referrals and what waits.
    pub fn worklist(&self) -> &Worklist {
        &self.worklist.view
    }

    /// Consents and exceptions.
    pub fn consents(&self) -> &Consents {
        &self.consents.view
    }

    /// Services.
    pub fn directory(&self) -> &Directory {
        &self.directory.view
    }

    /// Staff, roles and tokens.
    pub fn staff(&self) -> &Staff {
        &self.staff.view
    }

    /// Cases by code.
    pub fn cases(&self) -> &Cases {
        &self.cases.view
    }

    /// Event counts.
    pub fn counts(&self) -> &Counts {
        &self.counts.view
    }

    /// Retention: cases by the last thing done in them, and sweeps.
    pub fn retention(&self) -> &Retention {
        &self.retention.view
    }

    /// What persons asked for about their data.
    pub fn rights(&self) -> &Rights {
        &self.rights.view
    }

    /// Statistics: what figures are made from, and those that were published.
    pub fn statistics(&self) -> &Statistics {
        &self.statistics.view
    }

    /// Feedback and complaints.
    pub fn complaints(&self) -> &Complaints {
        &self.complaints.view
    }

    /// What left, to whom, on which ground.
    pub fn given(&self) -> &GivenAway {
        &self.given.view
    }

    /// Exceptions by themselves, and emergencies that nobody signed off.
    pub fn exceptions(&self) -> &Exceptions {
        &self.exceptions.view
    }

    /// The register of breaches.
    pub fn breaches(&self) -> &Breaches {
        &self.breaches.view
    }

    /// Referrals that came in from outside.
    pub fn incoming(&self) -> &Incoming {
        &self.incoming.view
    }

    /// Links between files of a family.
    pub fn links(&self) -> &Links {
        &self.links.view
    }

    /// What organisations pay for referrals that they sent.
    pub fn billing(&self) -> &Billing {
        &self.billing.view
    }

    /// Members of the mechanism, agreements and pathways.
    pub fn mechanism(&self) -> &Mechanism {
        &self.mechanism.view
    }

    /// Every event before this position is in every view.
    pub fn position(&self) -> u64 {
        let all = self.each().into_iter();
        all.map(Follow::next).min().unwrap_or_default()
    }

    /// Folds an event into every view that has not folded it yet.
    pub fn apply(&mut self, position: u64, record: &Record) {
        for view in self.each_mut() {
            view.apply(position, record);
        }
    }

    /// Goes on to a position: what was not folded before it is of closed streams.
    pub fn pass(&mut self, next: u64) {
        for view in self.each_mut() {
            view.pass(next);
        }
    }

    /// The views as their newest usable snapshots have them; empty ones where there is none.
    ///
    /// A snapshot that is damaged, of another version or from beyond the end of the log only costs
    /// a rebuild of that view.
    pub fn load(source: &dyn Source) -> Self {
        let mut views = Self::default();
        for view in views.each_mut() {
            if let Err(fault) = view.load(source) {
                tracing::warn!(view = view.name(), %fault, "snapshot not used, view is rebuilt");
            }
        }
        views
    }

    /// The names of all views, as their snapshots bear them.
    pub fn names(&self) -> Vec<&'static str> {
        self.each().iter().map(|view| view.name()).collect()
    }

    /// Keeps a snapshot of every view.
    pub fn save(&self, source: &dyn Source) -> Result<(), Fault> {
        self.each()
            .into_iter()
            .try_for_each(|view| view.save(source))
    }

    fn each(&self) -> [&dyn Follow; 17] {
        [
            &self.worklist,
            &self.consents,
            &self.directory,
            &self.staff,
            &self.cases,
            &self.counts,
            &self.retention,
            &self.rights,
            &self.statistics,
            &self.complaints,
            &self.mechanism,
            &self.given,
            &self.exceptions,
            &self.breaches,
            &self.incoming,
            &self.links,
            &self.billing,
        ]
    }

    fn each_mut(&mut self) -> [&mut dyn Follow; 17] {
        [
            &mut self.worklist,
            &mut self.consents,
            &mut self.directory,
            &mut self.staff,
            &mut self.cases,
            &mut self.counts,
            &mut self.retention,
            &mut self.rights,
            &mut self.statistics,
            &mut self.complaints,
            &mut self.mechanism,
            &mut self.given,
            &mut self.exceptions,
            &mut self.breaches,
            &mut self.incoming,
            &mut self.links,
            &mut self.billing,
        ]
    }
}

/// What all views have in common, whatever their rows are.
trait Follow {
    fn name(&self) -> &'static str;
    fn next(&self) -> u64;
    fn apply(&mut self, position: u64, record: &Record);
    fn pass(&mut self, next: u64);
    fn load(&mut self, source: &dyn Source) -> Result<(), Fault>;
    fn save(&self, source: &dyn Source) -> Result<(), Fault>;
}

impl<P: Projection> Follow for Followed<P> {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn next(&self) -> u64 {
        self.next
    }

    fn apply(&mut self, position: u64, record: &Record) {
        if position >= self.next {
            self.view.apply(position, record);
            self.next = position.saturating_add(1);
        }
    }

    fn pass(&mut self, next: u64) {
        self.next = self.next.max(next);
    }

    fn load(&mut self, source: &dyn Source) -> Result<(), Fault> {
        let Some((position, bytes)) = source.load_snapshot(P::NAME)? else {
            return Ok(());
        };
        if position > source.size() {
            return Err(Fault::Damaged {
                what: "snapshot of a view",
                place: format!("{}: it is from beyond the end of the log", P::NAME),
            });
        }
        self.view = snapshot::decode(position, &bytes)?;
        self.next = position;
        Ok(())
    }

    fn save(&self, source: &dyn Source) -> Result<(), Fault> {
        let bytes = snapshot::encode(self.next, &self.view)?;
        source.save_snapshot(P::NAME, self.next, &bytes)
    }
}
