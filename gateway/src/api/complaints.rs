//! Feedback and complaints, each only to who may know of it.

use std::sync::Arc;

use ledger::authorise::Reading;
use ledger::domain::complaint::Complaint;
use ledger::domain::ids::ComplaintId;
use projections::complaints::Place;
use projections::views::Views;

use super::paging::Walked;
use super::{Outcome, Reader};
use crate::wire::page::Page;

/// Complaints, where the list goes on, and the position up to which it is true.
pub type Listed = (Vec<Arc<Complaint>>, Option<Place>, u64);

impl Reader<'_> {
    /// A page of complaints that the caller may know of. That it goes on, and where, is said of
    /// these alone: those in between do not exist for the caller.
    pub fn complaints(&self, open_only: bool, page: &Page<Place>) -> Outcome<Listed> {
        self.may(Reading::Complaints, None)?;
        self.wait_for(page.at_least)?;
        let piece = |views: &Views, after| {
            let places = views.complaints().after(after);
            places.take(page.items_max).collect()
        };
        self.walked(
            page,
            piece,
            |place| *place,
            |place: Place| {
                if open_only && place.closed {
                    return Ok(Walked::End);
                }
                let found = self.ledger.complaint(place.id)?;
                let found = found.filter(|it| it.may_be_read_by(self.caller));
                Ok(found.map_or(Walked::Passed, Walked::Shown))
            },
        )
    }

    /// How many people who hold a token that works may read a complaint, as of where it stands.
    pub fn readers_of(&self, complaint: ComplaintId, at: Option<u64>) -> Outcome<u32> {
        self.wait_for(at)?;
        let Some(complaint) = self.ledger.complaint(complaint)? else {
            return Ok(0);
        };
        let now = self.ledger.now();
        let views = self.views.read()?;
        let active = views.staff().members().filter(|one| one.is_active(now));
        let open = active.filter(|it| complaint.is_open_to(it.staff, it.organisation, &it.roles));
        Ok(u32::try_from(open.count()).unwrap_or(u32::MAX))
    }
}
