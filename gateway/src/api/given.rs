//! Readings of what left: of one case, for the person, or to one recipient, for those who answer
//! for it (MISSION C9, E5, F4). Only of cases whose decisions the caller may read.

use std::sync::Arc;

use ledger::authorise::Reading;
use ledger::domain::case::Case;
use projections::given::{Left, LeftSearch};

use super::{Outcome, Reader};
use crate::wire::page::Page;

/// Something that left, with what a reader must know to say it in words.
pub struct Disclosed {
    /// What left.
    pub left: Left,
    /// Its case.
    pub case: Arc<Case>,
    /// The recipient's name, as the directory has it for this caller.
    pub recipient_name: Option<String>,
    /// The service's.
    pub service_name: Option<String>,
}

impl Reader<'_> {
    /// What left, where the list goes on, and the position it is true up to.
    pub fn disclosed(
        &self,
        mut search: LeftSearch,
        page: &Page<u64>,
    ) -> Outcome<(Vec<Disclosed>, Option<u64>, u64)> {
        self.wait_for(page.at_least)?;
        self.may(Reading::DecisionRecord, None)?;
        if let Some(case) = search.case {
            self.case_for(Reading::DecisionRecord, case)?;
        }
        search.after = page.after;
        let mut shown = Vec::new();
        loop {
            self.go_on()?;
            let (found, position) = {
                let views = self.views.read()?;
                let found = views.given().find(&search, page.items_max);
                let found: Vec<Left> = found.into_iter().cloned().collect();
                (found, views.position())
            };
            let last = found.len() < page.items_max;
            for left in found {
                search.after = Some(left.position);
                // Of others' cases, and of those that this caller may not read, nothing is told.
                let case = self.ledger.case(left.case)?;
                let may = |case: &Arc<Case>| {
                    let own = case.organisation == self.caller.organisation;
                    own && self.may(Reading::DecisionRecord, Some(case)).is_ok()
                };
                if let Some(case) = case.filter(may) {
                    shown.push(self.named(left, case)?);
                }
                if shown.len() == page.items_max {
                    return Ok((shown, search.after, position));
                }
            }
            if last {
                return Ok((shown, None, position));
            }
        }
    }

    pub(super) fn named(&self, left: Left, case: Arc<Case>) -> Outcome<Disclosed> {
        let confidential = self.sees_confidential();
        let views = self.views.read()?;
        let service = left.service;
        let service = service.and_then(|id| views.directory().find(id, confidential));
        let of_member = || {
            let member = views.mechanism().member(left.recipient)?;
            Some(member.membership.name.0.clone())
        };
        let of_service = service.map(|service| service.entry.organisation_name.0.clone());
        Ok(Disclosed {
            recipient_name: of_service.or_else(of_member),
            service_name: service.map(|service| service.entry.name.0.clone()),
            left,
            case,
        })
    }
}
