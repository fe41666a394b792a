//! Readings of the directory. Confidential entries show only to who may see them (MISSION D3).

use std::sync::Arc;

use ledger::authorise::Reading;
use ledger::clock::Day;
use ledger::domain::case::Referral;
use ledger::domain::directory::Service;
use ledger::domain::ids::ServiceId;
use ledger::organisation::ServiceRules;
use ledger::refusal::{Refusal, Refused};
use projections::directory::Search;

use super::worklist::Side;
use super::{Outcome, Reader};
use crate::wire::page::Page;

impl Reader<'_> {
    /// One service.
    pub fn service(&self, id: ServiceId) -> Outcome<Arc<Service>> {
        self.may(Reading::DirectorySearch, None)?;
        let confidential = self.sees_confidential();
        let service = self.ledger.service(id)?;
        let service = service.filter(|one| confidential || !one.entry.confidential);
        Ok(service.ok_or_else(|| Refused::about(Refusal::NotFound, "service"))?)
    }

    /// The service that a referral goes to, for the side that holds the case, if it may see that.
    pub fn service_of(&self, side: Side, referral: &Referral) -> Outcome<Option<Arc<Service>>> {
        if side == Side::Recipient {
            return Ok(None);
        }
        let confidential = self.sees_confidential();
        let service = self.ledger.service(referral.service)?;
        Ok(service.filter(|one| confidential || !one.entry.confidential))
    }

    /// Services that fit, by name, where the list goes on, and the position it is true up to.
    pub fn services(
        &self,
        mut search: Search,
        page: &Page<ServiceId>,
    ) -> Outcome<(Vec<Service>, Option<ServiceId>, u64)> {
        self.may(Reading::DirectorySearch, None)?;
        self.wait_for(page.at_least)?;
        search.confidential = self.sees_confidential() && !search.community;
        search.after = page.after;
        let views = self.views.read()?;
        let found = views.directory().search(&search, page.items_max);
        let rows: Vec<Service> = found.into_iter().cloned().collect();
        let full = rows.len() == page.items_max;
        let next = rows.last().map(|row| row.id).filter(|_| full);
        Ok((rows, next, views.position()))
    }

    /// By which rules an entry is due for review, and on which day it is looked at.
    pub fn reviewing(&self) -> (ServiceRules, Day) {
        let rules = self.ledger.organisation().services;
        (rules, self.ledger.now().day())
    }

    pub(super) fn sees_confidential(&self) -> bool {
        self.may(Reading::DirectoryConfidential, None).is_ok()
    }
}
