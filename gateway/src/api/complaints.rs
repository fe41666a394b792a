//! Feedback and complaints, each only to who may know of it.

use std::sync::Arc;

use ledger::authorise::Reading;
use ledger::domain::complaint::Complaint;
use projections::complaints::Place;

use super::{Outcome, Reader};
use crate::wire::page::Page;

/// Complaints, where the list goes on, and the position up to which it is true.
pub type Listed = (Vec<Arc<Complaint>>, Option<Place>, u64);

impl Reader<'_> {
    /// A page of complaints that the caller may know of.
    pub fn complaints(&self, open_only: bool, page: &Page<Place>) -> Outcome<Listed> {
        self.may(Reading::Complaints, None)?;
        self.wait_for(page.at_least)?;
        let views = self.views.read()?;
        let places: Vec<Place> = views.complaints().after(page.after).collect();
        let position = views.position();
        // The lock goes before streams are loaded, so that the views go on following.
        drop(views);
        let (mut rows, mut last) = (Vec::new(), None);
        for place in places {
            if open_only && place.closed {
                break;
            }
            if rows.len() >= page.items_max {
                return Ok((rows, last, position));
            }
            self.go_on()?;
            last = Some(place);
            let complaint = self.ledger.complaint(place.complaint)?;
            rows.extend(complaint.filter(|it| it.may_be_read_by(self.caller)));
        }
        Ok((rows, None, position))
    }
}
