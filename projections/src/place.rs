//! Where something that waits stands in its list: open ones first, by the time that they are due.

use std::collections::BTreeSet;
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
