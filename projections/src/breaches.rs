//! The register of breaches: which there are, open ones first, by when an authority is to be
//! notified. Where one stands, and who may know of it, is in its stream.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use ledger::domain::breach::notify_by;
use ledger::domain::event::{Event, Record};
use ledger::domain::ids::BreachId;
use ledger::domain::stream::StreamId;
use serde::{Deserialize, Serialize};

use crate::place::{self, Places};
use crate::projection::Projection;

/// Breaches by when they are due.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Breaches {
    places: Places<BreachId>,
}

/// A breach's place in the list.
pub type Place = place::Place<BreachId>;

impl Breaches {
    /// Breaches behind a place.
    pub fn after(&self, place: Option<Place>) -> impl Iterator<Item = Place> + '_ {
        self.places.after(place)
    }
}

impl Projection for Breaches {
    const NAME: &'static str = "breaches";
    const VERSION: u32 = 1;

    fn apply(&mut self, _position: u64, record: &Record) {
        let StreamId::Breach(breach) = record.stream else {
            return;
        };
        match &record.event {
            Event::BreachReported(it) => self.places.open(breach, notify_by(it.known_at)),
            Event::BreachClosed(_) => self.places.close(breach),
            _ => {}
        }
    }

    fn reindex(&mut self) {
        self.places.reindex();
    }
}
