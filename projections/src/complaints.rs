//! Feedback and complaints: which there are, open ones first, by when the next step is due. Where
//! one stands, and who may know of it, is in its stream.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Bound;
use std::str::FromStr;

use ledger::clock::Timestamp;
use ledger::domain::event::{Event, Record};
use ledger::domain::ids::ComplaintId;
use ledger::domain::stream::StreamId;
use serde::{Deserialize, Serialize};

use crate::projection::Projection;

/// Complaints by when they are due.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Complaints {
    places: BTreeMap<ComplaintId, Place>,
    #[serde(skip)]
    by_due: BTreeSet<Place>,
}

/// A complaint's place in the list: open ones first, then by the time that they are to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Whether it was answered.
    pub closed: bool,
    /// By when it is to be answered.
    pub due: Timestamp,
    /// Which.
    pub complaint: ComplaintId,
}

impl Complaints {
    /// Complaints behind a place.
    pub fn after(&self, place: Option<Place>) -> impl Iterator<Item = Place> + '_ {
        let from = place.map_or(Bound::Unbounded, Bound::Excluded);
        self.by_due.range((from, Bound::Unbounded)).copied()
    }

    fn set(&mut self, place: Place) {
        if let Some(before) = self.places.insert(place.complaint, place) {
            self.by_due.remove(&before);
        }
        self.by_due.insert(place);
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
            Event::ComplaintReceived(it) => self.set(Place {
                closed: false,
                due: it.answer_by,
                complaint,
            }),
            Event::ComplaintAnswered(_) => {
                if let Some(place) = self.places.get(&complaint).copied() {
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

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.closed { 'c' } else { 'o' };
        write!(f, "{kind}.{}.{}", self.due.0, self.complaint)
    }
}

/// A text that is not a place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPlace;

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let mut words = text.splitn(3, '.');
        let mut word = || words.next().ok_or(NoPlace);
        let closed = match word()? {
            "o" => false,
            "c" => true,
            _ => return Err(NoPlace),
        };
        let due = Timestamp(word()?.parse().map_err(|_| NoPlace)?);
        let complaint = word()?.parse().map_err(|_| NoPlace)?;
        Ok(Self {
            closed,
            due,
            complaint,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_what_it_says() {
        let place = Place {
            closed: false,
            due: Timestamp(12),
            complaint: ComplaintId([7; 16]),
        };
        assert_eq!(place.to_string().parse(), Ok(place));
        for text in ["", "o", "x.1.07070707-0707-0707-0707-070707070707", "o..x"] {
            assert_eq!(text.parse::<Place>(), Err(NoPlace), "{text}");
        }
    }
}
