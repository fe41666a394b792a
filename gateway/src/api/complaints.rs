//! Feedback and complaints, each only to who may know of it.

use std::sync::Arc;

use ledger::authorise::Reading;
use ledger::domain::complaint::Complaint;
use ledger::domain::ids::ComplaintId;
use projections::complaints::Place;

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
        let (mut rows, mut looked, mut last) = (Vec::new(), page.after, None);
        let position = self.views.position();
        loop {
            // A piece at a time: the lock goes before streams are loaded, so that the views go on
            // following.
            let views = self.views.read()?;
            let piece = views.complaints().after(looked).take(page.items_max);
            let piece: Vec<Place> = piece.collect();
            drop(views);
            if piece.is_empty() {
                return Ok((rows, None, position));
            }
            for place in piece {
                if open_only && place.closed {
                    return Ok((rows, None, position));
                }
                self.go_on()?;
                looked = Some(place);
                let complaint = self.ledger.complaint(place.id)?;
                let Some(complaint) = complaint.filter(|it| it.may_be_read_by(self.caller)) else {
                    continue;
                };
                if rows.len() >= page.items_max {
                    return Ok((rows, last, position));
                }
                last = Some(place);
                rows.push(complaint);
            }
        }
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
