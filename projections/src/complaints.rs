//! Feedback and complaints: which there are, open ones first, by when the next step is due. Where
//! one stands, and who may know of it, is in its stream.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use ledger::domain::event::{Event, Record};
use ledger::domain::ids::ComplaintId;
use ledger::domain::stream::StreamId;
use serde::{Deserialize, Serialize};

use crate::place::{self, Places};
use crate::projection::Projection;

/// Complaints by when they are due.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Complaints {
    places: Places<ComplaintId>,
}

/// A complaint's place in the list.
pub type Place = place::Place<ComplaintId>;

impl Complaints {
    /// Complaints behind a place.
    pub fn after(&self, place: Option<Place>) -> impl Iterator<Item = Place> + '_ {
        self.places.after(place)
    }
}

impl Projection for Complaints {
    const NAME: &'static str = "complaints";
    const VERSION: u32 = 1;

    fn apply(&mut self, _position: u64, record: &Record) {
        let StreamId::Complaint(complaint) = record.stream else {
            return;
        };
        match &record.event {
            Event::ComplaintReceived(it) => self.places.open(complaint, it.answer_by),
            Event::ComplaintAnswered(_) => self.places.close(complaint),
            _ => {}
        }
    }

    fn reindex(&mut self) {
        self.places.reindex();
    }
}
