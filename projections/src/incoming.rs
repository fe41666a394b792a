//! Referrals that came in from outside, open ones first, by when the sender is to be answered.

use std::collections::{BTreeMap, BTreeSet};

use ledger::domain::event::Record;
use ledger::domain::ids::{IncomingId, OrganisationId};
use ledger::domain::incoming;
use ledger::domain::stream::StreamId;
use serde::{Deserialize, Serialize};

use crate::place;
use crate::projection::Projection;

/// Incoming referrals by when they are due.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Incoming {
    all: BTreeMap<IncomingId, incoming::Incoming>,
    #[serde(skip)]
    by_due: BTreeMap<OrganisationId, BTreeSet<Place>>,
}

/// An incoming referral's place in the list.
pub type Place = place::Place<IncomingId>;

impl Incoming {
    /// Incoming referrals of one organisation behind a place.
    pub fn after(
        &self,
        of: OrganisationId,
        place: Option<Place>,
    ) -> impl Iterator<Item = Place> + '_ {
        let places = self.by_due.get(&of).into_iter();
        places.flat_map(move |places| place::behind(places, place))
    }

    /// All of one organisation, in no order that matters.
    pub fn of(&self, of: OrganisationId) -> impl Iterator<Item = &incoming::Incoming> {
        self.all.values().filter(move |one| one.organisation == of)
    }

    /// One of them.
    pub fn find(&self, id: IncomingId) -> Option<&incoming::Incoming> {
        self.all.get(&id)
    }
}

fn place_of(one: &incoming::Incoming) -> Place {
    Place {
        closed: one.is_closed(),
        due: one.answer_by,
        id: one.id,
    }
}

impl Projection for Incoming {
    const NAME: &'static str = "incoming";
    const VERSION: u32 = 4;

    fn apply(&mut self, _position: u64, record: &Record) {
        let StreamId::Incoming(id) = record.stream else {
            return;
        };
        match self.all.get_mut(&id) {
            Some(one) => {
                let places = self.by_due.entry(one.organisation).or_default();
                places.remove(&place_of(one));
                one.apply(record);
                places.insert(place_of(one));
            }
            None => {
                if let Some(one) = incoming::Incoming::received(record) {
                    let places = self.by_due.entry(one.organisation).or_default();
                    places.insert(place_of(&one));
                    self.all.insert(id, one);
                }
            }
        }
    }

    fn reindex(&mut self) {
        self.by_due.clear();
        for one in self.all.values() {
            let places = self.by_due.entry(one.organisation).or_default();
            places.insert(place_of(one));
        }
    }
}
