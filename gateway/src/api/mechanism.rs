//! Readings of the mechanism: members, agreements and pathways. Services that the caller need not
//! know of are taken out of pathways (MISSION D3, D5).

use ledger::authorise::Reading;
use ledger::domain::ids::{OrganisationId, PathwayId, ServiceId};
use ledger::domain::mechanism::{Member, Pathway};
use projections::directory::is_for_the_community;
use projections::mechanism::{MemberSearch, PathwaySearch};

use super::{Outcome, Reader};
use crate::limits::PAGE_ITEMS_USUAL;
use crate::wire::page::Page;

impl Reader<'_> {
    /// Members that fit, where the list goes on, and the position it is true up to.
    pub fn members(
        &self,
        mut search: MemberSearch,
        area: &str,
        page: &Page<OrganisationId>,
    ) -> Outcome<(Vec<Member>, Option<OrganisationId>, u64)> {
        self.may(Reading::DirectorySearch, None)?;
        self.wait_for(page.at_least)?;
        search.after = page.after;
        let views = self.views.read()?;
        let confidential = self.sees_confidential();
        if !area.is_empty() {
            search.among = Some(views.directory().serving(area, confidential));
        }
        let seen = |one: &ServiceId| views.directory().find(*one, confidential).is_some();
        let mut rows = views.mechanism().members(&search, seen, page.items_max);
        for member in rows.iter_mut().filter(|_| !confidential) {
            // How often it was written would tell of agreements that are not shown.
            member.version = 0;
        }
        let full = rows.len() == page.items_max;
        let next = rows.last().map(|row| row.id).filter(|_| full);
        Ok((rows, next, views.position()))
    }

    /// Pathways that lead to a service, as many as a page has.
    pub fn pathways_to(&self, service: ServiceId) -> Outcome<Vec<Pathway>> {
        let search = PathwaySearch {
            service: Some(service),
            ..PathwaySearch::default()
        };
        let first = Page {
            items_max: PAGE_ITEMS_USUAL,
            after: None,
            at_least: None,
        };
        Ok(self.pathways(search, &first)?.0)
    }

    /// Pathways that fit, where the list goes on, and the position it is true up to.
    pub fn pathways(
        &self,
        mut search: PathwaySearch,
        page: &Page<PathwayId>,
    ) -> Outcome<(Vec<Pathway>, Option<PathwayId>, u64)> {
        self.may(Reading::DirectorySearch, None)?;
        self.wait_for(page.at_least)?;
        search.after = page.after;
        let confidential = self.sees_confidential();
        let views = self.views.read()?;
        let directory = views.directory();
        let seen = |one: &ServiceId| {
            let found = directory.find(*one, confidential);
            found.is_some_and(|it| !search.community || is_for_the_community(it))
        };
        // Not even whether a pathway leads there is told of a service that "does not exist".
        if search.service.as_ref().is_some_and(|one| !seen(one)) {
            return Ok((Vec::new(), None, views.position()));
        }
        let rows = views.mechanism().pathways(&search, seen, page.items_max);
        let full = rows.len() == page.items_max;
        let next = rows.last().map(|row| row.id).filter(|_| full);
        Ok((rows, next, views.position()))
    }
}
