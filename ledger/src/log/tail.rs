//! The tail: acknowledged frames that the store does not hold yet, kept in memory for readers.
//!
//! - A frame is in the tail before its acknowledgement is answered and leaves it only once the
//!   store holds it, so a reader that asks the tail first and the store second misses nothing.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::content::Queued;
use super::event::StoredEvent;

/// Frames in order, and their index records by key.
#[derive(Default)]
pub(super) struct Tail {
    frames: VecDeque<Arc<Queued>>,
    /// Key → number of the last frame that changed it, and the value it gave.
    index: BTreeMap<Vec<u8>, (u64, Option<Vec<u8>>)>,
}

impl Tail {
    pub(super) fn push(&mut self, queued: Arc<Queued>) {
        let number = queued.frame.number;
        for record in queued.index_records() {
            self.index
                .insert(record.key.clone(), (number, record.value.clone()));
        }
        self.frames.push_back(queued);
    }

    /// Frames behind one frame number, in order, until their bytes pass a bound; at least one.
    pub(super) fn after(&self, number: u64, bytes_max: u64) -> Vec<Arc<Queued>> {
        let mut bytes = 0;
        let mut taken = Vec::new();
        for queued in self
            .frames
            .iter()
            .filter(|queued| queued.frame.number > number)
        {
            bytes += queued.frame.length;
            if bytes > bytes_max && !taken.is_empty() {
                break;
            }
            taken.push(Arc::clone(queued));
        }
        taken
    }

    /// Lets go of every frame up to this one: the store holds them. Gives their bytes.
    pub(super) fn applied(&mut self, number: u64) -> u64 {
        let mut bytes = 0;
        while self
            .frames
            .front()
            .is_some_and(|queued| queued.frame.number <= number)
        {
            let Some(queued) = self.frames.pop_front() else {
                break;
            };
            bytes += queued.frame.length;
            for record in queued.index_records() {
                // A later frame may have changed the key again; that value stays.
                if self
                    .index
                    .get(&record.key)
                    .is_some_and(|(last, _)| *last <= number)
                {
                    self.index.remove(&record.key);
                }
            }
        }
        bytes
    }

    pub(super) fn event(&self, position: u64) -> Option<StoredEvent> {
        let number = self
            .frames
            .partition_point(|queued| queued.frame.tree_size() <= position);
        let frame = &self.frames.get(number)?.frame;
        let within = usize::try_from(position.checked_sub(frame.first_leaf)?).ok()?;
        frame.events.get(within).cloned()
    }

    /// What the tail says of a key: nothing, removed, or a value.
    pub(super) fn value(&self, key: &[u8]) -> Option<&Option<Vec<u8>>> {
        self.index.get(key).map(|(_, value)| value)
    }

    /// The tail's changes of keys with a prefix, ascending.
    pub(super) fn with_prefix<'a>(
        &'a self,
        prefix: &'a [u8],
    ) -> impl DoubleEndedIterator<Item = (&'a [u8], &'a Option<Vec<u8>>)> {
        let above = super::content::above_prefix(prefix);
        let until = above.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        let from = std::ops::Bound::Included(prefix.to_vec());
        self.index
            .range((from, until))
            .map(|(key, (_, value))| (key.as_slice(), value))
    }
}
