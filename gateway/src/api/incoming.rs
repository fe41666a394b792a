//! Referrals that came in from outside, to the organisation that they came to (MISSION C13).

use ledger::authorise::Reading;
use ledger::domain::codes::RecipientClass;
use ledger::domain::directory::Service;
use ledger::domain::ids::OrganisationId;
use ledger::domain::incoming::{Incoming, Sender};
use ledger::refusal::{Refusal, Refused};
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
    /// Whether who it was passed on to has hidden services only, and the caller may not know.
    pub passed_to_hidden: bool,
}

/// Incoming referrals, where the list goes on, and the position up to which it is true.
pub type Listed = (Vec<Row>, Option<Place>, u64);

impl Reader<'_> {
    /// Refuses to name an organisation as one that takes such referrals that is not known, that the
    /// caller may not know of, or that serves the State of origin (MISSION B9, D3).
    pub fn may_be_passed_on_to(&self, to: OrganisationId) -> Outcome<()> {
        self.may(Reading::Incoming, None)?;
        self.wait_for(self.ledger.size().checked_sub(1))?;
        let confidential = self.sees_confidential();
        let views = self.views.read()?;
        let own = |service: &&Service| service.entry.organisation == to;
        let mut used = views.directory().in_use().filter(own);
        let in_view = used.any(|one| confidential || !one.entry.confidential);
        let member = views.mechanism().member(to).is_some();
        let exchange = &self.ledger.organisation().exchange;
        if !in_view && !member && !exchange.knows(to) {
            return Err(Refused::about(Refusal::NotFound, "passed_to_id").into());
        }
        let origin = RecipientClass::StateOfOrigin;
        let mut all = views.directory().all().filter(own);
        if all.any(|one| one.entry.class == origin) {
            return Err(Refused::about(Refusal::RecipientNotCovered, origin.code()).into());
        }
        Ok(())
    }

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
                let to = incoming.passed_to;
                let row = Row {
                    passed_to_hidden: !confidential && to.is_some_and(|to| hides(views, to)),
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

/// Whether an organisation has services, all of them hidden, and is known by nothing else.
fn hides(views: &Views, organisation: OrganisationId) -> bool {
    let own = |service: &&Service| service.entry.organisation == organisation;
    let mut services = views.directory().all().filter(own).peekable();
    let any = services.peek().is_some();
    let member = views.mechanism().member(organisation).is_some();
    any && !member && services.all(|one| one.entry.confidential)
}
