//! Referrals that came in from outside, to the organisation that they came to (MISSION C13).

use ledger::authorise::Reading;
use ledger::domain::incoming::{Incoming, Sender};
use projections::incoming::Place;
use projections::views::Views;

use super::paging::Walked;
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
        let own = self.caller.organisation;
        let piece = |views: &Views, place| -> Vec<(Place, Row)> {
            let places = views.incoming().after(own, place);
            let rows = places.filter_map(|place| {
                let incoming = views.incoming().find(place.id)?.clone();
                let sender_hidden = match incoming.from {
                    Sender::Service(id) => views.directory().find(id, confidential).is_none(),
                    Sender::Organisation(_) | Sender::Class(_) => false,
                };
                let row = Row {
                    incoming,
                    sender_hidden,
                };
                Some((place, row))
            });
            rows.take(page.items_max).collect()
        };
        self.walked(
            page,
            piece,
            |(place, _)| *place,
            |(place, row)| {
                if open_only && place.closed {
                    return Ok(Walked::End);
                }
                let wanted = !late_only || row.incoming.is_late(now);
                Ok(if wanted {
                    Walked::Shown(row)
                } else {
                    Walked::Passed
                })
            },
        )
    }
}
