//! The register of breaches: which there are, open ones first, by when an authority is to be
//! notified. Where one stands, and who may know of it, is in its stream.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::{BTreeMap, BTreeSet};

use ledger::domain::breach::notify_by;
use ledger::domain::event::{Event, Record};
use ledger::domain::ids::BreachId;
use ledger::domain::stream::StreamId;
use serde::{Deserialize, Serialize};

use crate::place;
use crate::projection::Projection;

/// Breaches by when they are due.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Breaches {
    places: BTreeMap<BreachId, Place>,
    #[serde(skip)]
    by_due: BTreeSet<Place>,
}

/// A breach's place in the list.
pub type Place = place::Place<BreachId>;

impl Breaches {
    /// Breaches behind a place.
    pub fn after(&self, place: Option<Place>) -> impl Iterator<Item = Place> + '_ {
        place::behind(&self.by_due, place)
    }

    fn set(&mut self, place: Place) {
        if let Some(before) = self.places.insert(place.id, place) {
            self.by_due.remove(&before);
        }
        self.by_due.insert(place);
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
            Event::BreachReported(it) => self.set(Place {
                closed: false,
                due: notify_by(it.known_at),
                id: breach,
            }),
            Event::BreachClosed(_) => {
                if let Some(place) = self.places.get(&breach).copied() {
                    self.set(Place {
                        closed: true,
                        ..place
                    });
                }
            }
            _ => {}
        }
    }

    fn reindex(&mut self) {
        self.by_due = self.places.values().copied().collect();
    }
}
