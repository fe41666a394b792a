//! Referrals that came in from outside, to the organisation that they came to (MISSION C13).

use ledger::authorise::Reading;
use ledger::domain::incoming::{Incoming, Sender};
use projections::incoming::Place;

use super::{Outcome, Reader};
use crate::wire::page::Page;

/// An incoming referral in the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// The referral.
    pub incoming: Incoming,
    /// Whether who sent it is a hidden service that the caller may not know of (MISSION D3).
    pub sender_hidden: bool,
}

/// Incoming referrals, where the list goes on, and the position up to which it is true.
pub type Listed = (Vec<Row>, Option<Place>, u64);

impl Reader<'_> {
    /// A page of what came in to the caller's organisation, open ones first.
    pub fn incoming(
        &self,
        open_only: bool,
        late_only: bool,
        page: &Page<Place>,
    ) -> Outcome<Listed> {
        self.may(Reading::Incoming, None)?;
        self.wait_for(page.at_least)?;
        let confidential = self.sees_confidential();
        let now = self.ledger.now();
        let views = self.views.read()?;
        let own = self.caller.organisation;
        let (mut rows, mut last) = (Vec::new(), None);
        for place in views.incoming().after(own, page.after) {
            let Some(incoming) = views.incoming().find(place.id) else {
                continue;
            };
            let wanted = !(open_only && place.closed) && (!late_only || incoming.is_late(now));
            if !wanted {
                continue;
            }
            if rows.len() >= page.items_max {
                return Ok((rows, last, views.position()));
            }
            let sender_hidden = match incoming.from {
                Sender::Service(id) => views.directory().find(id, confidential).is_none(),
                Sender::Organisation(_) | Sender::Class(_) => false,
            };
            last = Some(place);
            rows.push(Row {
                incoming: incoming.clone(),
                sender_hidden,
            });
        }
        Ok((rows, None, views.position()))
    }
}
