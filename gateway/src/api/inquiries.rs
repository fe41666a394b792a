//! What services were asked about groups, each only to who asked and to the service (MISSION C11).

use std::collections::BTreeMap;

use ledger::authorise::Reading;
use ledger::domain::codes::Role;
use ledger::domain::ids::{InquiryId, ServiceId};
use ledger::domain::inquiry::Inquiry;
use projections::place;

use super::{Outcome, Reader};
use crate::wire::page::Page;

/// An inquiry's place in the list: open ones first, by the time that it was asked.
pub type Place = place::Place<InquiryId>;

/// An inquiry in the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Where.
    pub place: Place,
    /// Of which service.
    pub service: ServiceId,
    /// What was asked and answered.
    pub inquiry: Inquiry,
}

/// Inquiries, where the list goes on, and the position up to which it is true.
pub type Listed = (Vec<Row>, Option<Place>, u64);

impl Reader<'_> {
    /// A page of the inquiries that the caller may know of. Who asked a hidden service and may not
    /// know of it any more does not see it here either (MISSION D3).
    pub fn inquiries(
        &self,
        service: Option<ServiceId>,
        open_only: bool,
        page: &Page<Place>,
    ) -> Outcome<Listed> {
        self.may(Reading::Inquiries, None)?;
        self.wait_for(page.at_least)?;
        let confidential = self.sees_confidential();
        let serves = self.caller.roles.contains(&Role::ServiceProvider);
        let views = self.views.read()?;
        let mut rows = BTreeMap::new();
        for one in views.directory().all() {
            self.go_on()?;
            let own = serves && one.entry.organisation == self.caller.organisation;
            let hidden = one.entry.confidential && !confidential && !own;
            if hidden || service.is_some_and(|service| service != one.id) {
                continue;
            }
            for id in one.inquiries.keys() {
                let Some(inquiry) = one.inquiry_for(self.caller, *id) else {
                    continue;
                };
                let place = Place {
                    closed: inquiry.answered.is_some(),
                    due: inquiry.at,
                    id: *id,
                };
                let wanted = !(open_only && place.closed);
                if wanted && page.after.is_none_or(|after| after < place) {
                    rows.insert(place, (one.id, inquiry));
                    // One more than is shown, to know whether the list goes on.
                    if rows.len() > page.items_max.saturating_add(1) {
                        rows.pop_last();
                    }
                }
            }
        }
        let more = rows.len() > page.items_max;
        let shown = rows.into_iter().take(page.items_max);
        let rows: Vec<_> = shown
            .map(|(place, (service, inquiry))| Row {
                place,
                service,
                inquiry: inquiry.clone(),
            })
            .collect();
        let next = rows.last().map(|row| row.place).filter(|_| more);
        Ok((rows, next, views.position()))
    }
}
