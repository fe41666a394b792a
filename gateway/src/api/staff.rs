//! For administration: staff without names, where the ledger stands, counts, cutting out.

use std::collections::BTreeMap;

use ledger::authorise::Reading;
use ledger::clock::Timestamp;
use ledger::copies::CopiesReport;
use ledger::domain::codes::Role;
use ledger::domain::complaint::UNCOUNTED;
use ledger::domain::ids::{OrganisationId, StaffId};
use ledger::error::Fault;
use ledger::ledger::{CutOptions, CutReport, Ledger, Status};
use ledger::refusal::{Refusal, Refused};
use projections::staff::{Member, Staff, StandingIn};

use super::breaches::Alarms;
use super::{Outcome, Reader};
use crate::limits::CUT_STORE_EVERY;
use crate::wire::page::Page;

/// Where ledger and views stand.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The ledger.
    pub ledger: Status,
    /// Leaves whose keys were destroyed.
    pub shredded_leaves: u64,
    /// The position up to which the views have followed.
    pub projected: u64,
    /// The ledger's clock.
    pub now: Timestamp,
    /// The copies of the journal.
    pub copies: CopiesReport,
    /// Leaves that wait for one of them before they are destroyed.
    pub pending_copy: u64,
    /// Whether the views cannot follow the log.
    pub views_failing: bool,
    /// Organisations in which fewer than two people could look into a serious complaint, and how
    /// many: of one person's accusation nobody else would read. Others' for administrators only.
    pub safeguards: Vec<(OrganisationId, u32)>,
    /// Breaches of which an authority is still to be notified, that the caller may know of.
    pub breaches: Alarms,
}

impl Reader<'_> {
    /// Members of staff by id, where the list goes on, and the position it is true up to.
    pub fn staff(
        &self,
        organisation: Option<OrganisationId>,
        page: &Page<StaffId>,
    ) -> Outcome<(Vec<Member>, Option<StaffId>, u64)> {
        self.may(Reading::StaffList, None)?;
        self.wait_for(page.at_least)?;
        let views = self.views.read()?;
        let of = |member: &&Member| organisation.is_none_or(|of| member.organisation == of);
        let behind = |member: &&Member| page.after.is_none_or(|after| member.staff > after);
        let members = views.staff().members().filter(behind).filter(of);
        let rows: Vec<Member> = members.take(page.items_max).cloned().collect();
        let full = rows.len() == page.items_max;
        let next = rows.last().map(|row| row.staff).filter(|_| full);
        Ok((rows, next, views.position()))
    }

    /// Who stands in for whom, now or later, or would. Whoever looks after staff and data sees all
    /// of their organisation; everybody else what concerns them.
    pub fn deputies(&self) -> Outcome<Vec<StandingIn>> {
        self.may(Reading::Deputies, None)?;
        let (own, roles) = (self.caller.organisation, &self.caller.roles);
        let all = LOOK_AFTER_DEPUTIES.iter().any(|role| roles.contains(role));
        let concerns = |it: &&StandingIn| all || [it.staff, it.absent].contains(&self.caller.id);
        let today = self.ledger.now().day();
        let views = self.views.read()?;
        let members = views.staff().members();
        let here = members.filter(|one| one.organisation == own);
        let spans = here.flat_map(|one| one.stands_in.values());
        let told = spans.filter(|it| today <= it.last).filter(concerns);
        Ok(told.copied().collect())
    }

    /// Where ledger and views stand.
    pub fn standing(&self) -> Outcome<Standing> {
        self.may(Reading::Status, None)?;
        let breaches = self.breach_alarms()?;
        let views = self.views.read()?;
        Ok(Standing {
            ledger: self.ledger.status(),
            shredded_leaves: views.counts().shredded_keys(),
            projected: views.position(),
            now: self.ledger.now(),
            copies: self.ledger.copies(),
            pending_copy: u64::try_from(self.ledger.pending_copy().len()).unwrap_or(u64::MAX),
            views_failing: self.views.is_failing(),
            safeguards: self.safeguards(views.staff()),
            breaches,
        })
    }

    fn safeguards(&self, staff: &Staff) -> Vec<(OrganisationId, u32)> {
        let (now, all) = (self.ledger.now(), Role::Administrator);
        let all = self.caller.roles.contains(&all);
        let told = |of: OrganisationId| all || of == self.caller.organisation;
        let mut found = BTreeMap::new();
        let active = staff.members().filter(|one| one.is_active(now));
        for member in active.filter(|one| told(one.organisation)) {
            let count = found.entry(member.organisation).or_insert(0_u32);
            *count += u32::from(member.roles.contains(&Role::Safeguarding));
        }
        found.retain(|_, count| *count < SAFEGUARDS_WANTED);
        found.into_iter().collect()
    }

    /// Has dead ciphertext cut out before its time, once it is recorded who wants it. One round at
    /// a time: where the server is at one already, it is asked again later. The store is built
    /// anew no more often than the server does it by itself.
    pub fn cut_out(&self, after_days: u32) -> Outcome<CutReport> {
        let options = CutOptions {
            after_days,
            store: store_is_due(self.ledger),
        };
        match self.ledger.cut_out(options) {
            Ok(report) => Ok(report),
            Err(Fault::Busy) => Err(Refused::about(Refusal::Unavailable, "cut_out").into()),
            Err(fault) => Err(fault.into()),
        }
    }

    /// How often each kind of event happened, but what is counted for nobody, and the position up
    /// to which that is true.
    pub fn counts(&self, at_least: Option<u64>) -> Outcome<(Vec<(&'static str, u64)>, u64)> {
        self.may(Reading::Status, None)?;
        self.wait_for(at_least)?;
        let views = self.views.read()?;
        let told = |(name, _): &(&'static str, u64)| !UNCOUNTED.contains(name);
        let counts = views.counts().events().filter(told).collect();
        Ok((counts, views.position()))
    }
}

/// Who names deputies for others, decides on them, or audits them.
const LOOK_AFTER_DEPUTIES: [Role; 5] = [
    Role::Coordinator,
    Role::DataProtectionOfficer,
    Role::FocalPoint,
    Role::ChildProtection,
    Role::Auditor,
];

/// With one alone, a complaint about that one would be read by nobody.
const SAFEGUARDS_WANTED: u32 = 2;

/// Whether a round of cutting out may build the store anew, which reads the whole journal.
pub(crate) fn store_is_due(ledger: &Ledger) -> bool {
    ledger.store_age().is_none_or(|age| age >= CUT_STORE_EVERY)
}
