//! The newest record parts, kept open in memory: who follows the log need not decrypt what was
//! sealed a moment ago.
//!
//! - Filled by the writer once a group is durable, in order and without a gap.
//! - Emptied before keys count as destroyed, so that nothing is read here that the log no longer
//!   shows.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::answer::Entry;
use crate::limits::RECENT_BYTES_MAX;

/// The entries at the end of the log, up to a bound on their sealed bytes.
#[derive(Default)]
pub(crate) struct Recent {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// Entries and the bytes that each is sealed in.
    entries: VecDeque<(Entry, usize)>,
    bytes: usize,
}

impl Recent {
    /// Takes in the events of a durable group, with the bytes that their record parts are sealed
    /// in.
    pub(crate) fn extend(&self, group: impl IntoIterator<Item = (Entry, usize)>) {
        let mut kept = self.lock();
        for (entry, bytes) in group {
            kept.bytes += bytes;
            kept.entries.push_back((entry, bytes));
        }
        while kept.bytes > RECENT_BYTES_MAX {
            let Some((_, bytes)) = kept.entries.pop_front() else {
                break;
            };
            kept.bytes -= bytes;
        }
    }

    /// Entries from a position on, at most so many; none if that position is not among them.
    pub(crate) fn from(&self, position: u64, most: usize) -> Vec<Entry> {
        let kept = self.lock();
        let Some((first, _)) = kept.entries.front() else {
            return Vec::new();
        };
        let Some(skipped) = position.checked_sub(first.position) else {
            return Vec::new();
        };
        let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
        let wanted = kept.entries.iter().skip(skipped).take(most);
        wanted.map(|(entry, _)| entry.clone()).collect()
    }

    /// Forgets everything: keys are being destroyed.
    pub(crate) fn forget(&self) {
        *self.lock() = Kept::default();
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::Timestamp;
    use crate::domain::event::{Actor, PolicyInstalled, Record, Recorded};
    use crate::domain::stream::StreamId;

    fn entry(position: u64) -> Entry {
        let record = Arc::new(Record {
            stream: StreamId::Ledger,
            version: position + 1,
            recorded: Recorded::At(Timestamp(position)),
            occurred: None,
            actor: Actor::System,
            leaves: Vec::new(),
            event: PolicyInstalled { policy: [0; 32] }.into(),
        });
        Entry { position, record }
    }

    fn positions(recent: &Recent, from: u64, most: usize) -> Vec<u64> {
        let entries = recent.from(from, most);
        entries.iter().map(|entry| entry.position).collect()
    }

    #[test]
    fn only_a_position_that_is_kept_is_answered_from_here() {
        let recent = Recent::default();
        assert!(positions(&recent, 0, 9).is_empty());
        recent.extend((10..14).map(|position| (entry(position), 100)));
        assert!(positions(&recent, 9, 9).is_empty());
        assert_eq!(positions(&recent, 10, 9), [10, 11, 12, 13]);
        assert_eq!(positions(&recent, 12, 1), [12]);
        assert!(positions(&recent, 14, 9).is_empty());
        assert!(positions(&recent, u64::MAX, 9).is_empty());
    }

    #[test]
    fn the_oldest_go_when_the_bytes_are_used_up_and_all_when_told_to() {
        let recent = Recent::default();
        recent.extend((0..3).map(|position| (entry(position), RECENT_BYTES_MAX / 2)));
        assert!(positions(&recent, 0, 9).is_empty());
        assert_eq!(positions(&recent, 1, 9), [1, 2]);
        recent.extend([(entry(3), RECENT_BYTES_MAX + 1)]);
        assert!(positions(&recent, 3, 9).is_empty());
        recent.extend([(entry(4), 1)]);
        assert_eq!(positions(&recent, 4, 9), [4]);
        recent.forget();
        assert!(positions(&recent, 4, 9).is_empty());
    }
}
