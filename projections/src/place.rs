//! Where something that waits stands in its list: open ones first, by the time that they are due.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Bound;
use std::str::FromStr;

use ledger::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// A place in a list; its text is the token behind which the next page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place<I> {
    /// Whether it is closed.
    pub closed: bool,
    /// By when it is to be answered.
    pub due: Timestamp,
    /// Which.
    pub id: I,
}

/// Places behind one, or all.
pub fn behind<I: Copy + Ord>(
    places: &BTreeSet<Place<I>>,
    place: Option<Place<I>>,
) -> impl Iterator<Item = Place<I>> + '_ {
    let from = place.map_or(Bound::Unbounded, Bound::Excluded);
    places.range((from, Bound::Unbounded)).copied()
}

/// A list by due time of what has one place each.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "I: Copy + Ord + Serialize + serde::de::DeserializeOwned")]
pub struct Places<I> {
    places: BTreeMap<I, Place<I>>,
    #[serde(skip)]
    by_due: BTreeSet<Place<I>>,
}

impl<I: Copy + Ord> Places<I> {
    /// Those behind a place, or all.
    pub fn after(&self, place: Option<Place<I>>) -> impl Iterator<Item = Place<I>> + '_ {
        behind(&self.by_due, place)
    }

    /// Takes one in, open.
    pub fn open(&mut self, id: I, due: Timestamp) {
        let closed = false;
        self.set(Place { closed, due, id });
    }

    /// Closes one, if it is there.
    pub fn close(&mut self, id: I) {
        if let Some(place) = self.places.get(&id).copied() {
            let closed = true;
            self.set(Place { closed, ..place });
        }
    }

    /// Builds what is not stored.
    pub fn reindex(&mut self) {
        self.by_due = self.places.values().copied().collect();
    }

    fn set(&mut self, place: Place<I>) {
        if let Some(before) = self.places.insert(place.id, place) {
            self.by_due.remove(&before);
        }
        self.by_due.insert(place);
    }
}

impl<I> Default for Places<I> {
    fn default() -> Self {
        Self {
            places: BTreeMap::new(),
            by_due: BTreeSet::new(),
        }
    }
}

impl<I: fmt::Display> fmt::Display for Place<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.closed { 'c' } else { 'o' };
        write!(f, "{kind}.{}.{}", self.due.0, self.id)
    }
}

/// A text that is not a place in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPlace;

impl<I: FromStr> FromStr for Place<I> {
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
        let id = word()?.parse().map_err(|_| NoPlace)?;
        Ok(Self { closed, due, id })
    }
}

#[cfg(test)]
mod tests {
    use ledger::domain::ids::SubjectRequestId;

    use super::*;

    fn place(closed: bool, due: u64) -> Place<SubjectRequestId> {
        Place {
            closed,
            due: Timestamp(due),
            id: SubjectRequestId([7; 16]),
        }
    }

    #[test]
    fn a_place_is_what_it_says() {
        let closed = place(true, 12);
        assert_eq!(closed.to_string().parse(), Ok(closed));
        for text in [
            "",
            "o",
            "o.1",
            "x.1.07070707-0707-0707-0707-070707070707",
            "o.-1.07070707-0707-0707-0707-070707070707",
            "o..x",
        ] {
            assert_eq!(
                text.parse::<Place<SubjectRequestId>>(),
                Err(NoPlace),
                "{text}"
            );
        }
    }

    #[test]
    fn open_ones_come_first_and_behind_a_place_comes_the_next() {
        let places = BTreeSet::from([place(true, 1), place(false, 9), place(false, 3)]);
        let all: Vec<_> = behind(&places, None).collect();
        assert_eq!(all, [place(false, 3), place(false, 9), place(true, 1)]);
        let rest: Vec<_> = behind(&places, Some(place(false, 3))).collect();
        assert_eq!(rest, all[1..]);
    }
}
