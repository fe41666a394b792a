//! Landmarks: where frames written since the opening stand, so that one is found without walking
//! the journal from the start of its segment. In memory only; what is not here is found the long
//! way.

use std::collections::{BTreeMap, VecDeque};

use super::files::Mark;
use crate::limits::{LANDMARK_EVERY, LANDMARKS_RECENT};

/// The newest frames one by one, older ones at a distance.
#[derive(Debug, Default)]
pub(super) struct Landmarks {
    recent: VecDeque<Mark>,
    sparse: BTreeMap<u64, Mark>,
}

impl Landmarks {
    /// Remembers an acknowledged frame.
    pub(super) fn note(&mut self, mark: Mark) {
        if mark.number.is_multiple_of(LANDMARK_EVERY) {
            self.sparse.insert(mark.number, mark);
        }
        self.recent.push_back(mark);
        if self.recent.len() > LANDMARKS_RECENT {
            self.recent.pop_front();
        }
    }

    /// The last frame known before this one.
    pub(super) fn before(&self, number: u64) -> Option<Mark> {
        let recent = self
            .recent
            .iter()
            .rev()
            .find(|mark| mark.number < number)
            .copied();
        recent.or_else(|| {
            self.sparse
                .range(..number)
                .next_back()
                .map(|(_, mark)| *mark)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Place;

    #[test]
    fn the_nearest_known_frame_before_a_number_is_found_near_and_far() {
        let mut landmarks = Landmarks::default();
        assert_eq!(landmarks.before(1), None);
        for number in 1..=1_000 {
            let place = Place {
                segment: 1,
                offset: number * 100,
            };
            landmarks.note(Mark {
                number,
                hash: [0; 32],
                place,
            });
        }
        let before = |number| landmarks.before(number).map(|mark| mark.number);
        assert_eq!(before(1_000), Some(999));
        assert_eq!(before(400), Some(384));
        assert_eq!(before(64), None);
        assert_eq!(before(65), Some(64));
    }
}
