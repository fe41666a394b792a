//! What persons asked for about their data: which requests there are, open ones first, by the time
//! that they are due. Where one stands is in its case.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use ledger::clock::Timestamp;
use ledger::domain::event::{Event, Record};
use ledger::domain::ids::{CaseId, SubjectRequestId};
use ledger::domain::stream::StreamId;
use serde::{Deserialize, Serialize};

use crate::projection::Projection;

/// Requests by when they are due.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rights {
    requests: BTreeMap<SubjectRequestId, (CaseId, Place)>,
    #[serde(skip)]
    by_due: BTreeSet<Place>,
}

/// A request's place in the list: open ones first, then by the time that they are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Whether it is closed.
    pub closed: bool,
    /// By when it is to be answered.
    pub due: Timestamp,
    /// Which.
    pub request: SubjectRequestId,
}

impl Rights {
    /// Requests behind a place, with their cases.
    pub fn after(&self, place: Option<Place>) -> impl Iterator<Item = (Place, CaseId)> + '_ {
        let from = place.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        let places = self.by_due.range((from, std::ops::Bound::Unbounded));
        places.filter_map(|place| {
            let (case, _) = self.requests.get(&place.request)?;
            Some((*place, *case))
        })
    }

    fn set(&mut self, case: CaseId, place: Place) {
        if let Some((_, before)) = self.requests.insert(place.request, (case, place)) {
            self.by_due.remove(&before);
        }
        self.by_due.insert(place);
    }

    fn change(&mut self, request: SubjectRequestId, change: impl Fn(&mut Place)) {
        let Some((case, mut place)) = self.requests.get(&request).copied() else {
            return;
        };
        change(&mut place);
        self.set(case, place);
    }
}

impl Projection for Rights {
    const NAME: &'static str = "rights";
    const VERSION: u32 = 1;

    fn apply(&mut self, _position: u64, record: &Record) {
        let StreamId::Case(case) = record.stream else {
            return;
        };
        match &record.event {
            Event::RequestReceived(it) => self.set(
                case,
                Place {
                    closed: false,
                    due: it.due,
                    request: it.request,
                },
            ),
            Event::RequestExtended(it) => self.change(it.request, |place| place.due = it.due),
            Event::RequestClosed(it) => self.change(it.request, |place| place.closed = true),
            _ => {}
        }
    }

    fn reindex(&mut self) {
        self.by_due = self.requests.values().map(|(_, place)| *place).collect();
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.closed { 'c' } else { 'o' };
        write!(f, "{kind}.{}.{}", self.due.0, self.request)
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
        let request = word()?.parse().map_err(|_| NoPlace)?;
        Ok(Self {
            closed,
            due,
            request,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_what_it_says() {
        let place = Place {
            closed: true,
            due: Timestamp(12),
            request: SubjectRequestId([7; 16]),
        };
        assert_eq!(place.to_string().parse(), Ok(place));
        for text in [
            "",
            "o",
            "o.1",
            "x.1.07070707-0707-0707-0707-070707070707",
            "o.-1.x",
            "o..x",
        ] {
            assert_eq!(text.parse::<Place>(), Err(NoPlace), "{text}");
        }
    }
}
