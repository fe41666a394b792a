//! Reading the log: from the tail first, then from the store; frames from the journal files.
//!
//! - A reader sees what is synced, and nothing else; it lives on when the log is poisoned.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::content::{INDEX_PREFIX, above_prefix, event_key, event_of, index_key, position_of};
use super::cursor::{Cursor, Step, bad_frame};
use super::event::StoredEvent;
use super::files::JournalFiles;
use super::frame::Frame;
use super::shared::{Head, Shared};
use super::store::Store;
use super::tail::Tail;
use crate::error::Fault;

/// Reads events, index values and frames; cheap to clone, usable from any thread.
#[derive(Clone)]
pub struct Reader {
    pub(super) shared: Arc<Shared>,
}

/// A key and its value.
pub type Pair = (Vec<u8>, Vec<u8>);

impl Reader {
    /// The end of the log.
    pub fn head(&self) -> Head {
        self.shared.head()
    }

    /// The event at a position (its leaf index).
    pub fn event(&self, position: u64) -> Result<Option<StoredEvent>, Fault> {
        if let Some(event) = self.shared.tail().event(position) {
            return Ok(Some(event));
        }
        let value = self
            .shared
            .with_store(|store| store.value(&event_key(position)))?;
        value.map(|value| event_of(position, &value)).transpose()
    }

    /// Up to `max` events from a position on, without gaps.
    pub fn events(&self, from: u64, max: usize) -> Result<Vec<(u64, StoredEvent)>, Fault> {
        let mut events = Vec::new();
        while events.len() < max {
            let position = from.saturating_add(super::parse::offset_of(events.len()));
            // A frame may move from the tail into the store between the two questions, so the tail
            // comes first.
            let in_tail = self.shared.tail().event(position);
            if let Some(event) = in_tail {
                events.push((position, event));
            } else if !self.stored_events(position, max, &mut events)? {
                break;
            }
        }
        Ok(events)
    }

    /// Adds events from the store, up to the first gap; false when there was none.
    fn stored_events(
        &self,
        from: u64,
        max: usize,
        events: &mut Vec<(u64, StoredEvent)>,
    ) -> Result<bool, Fault> {
        let before = events.len();
        let mut fault = None;
        let mut next = from;
        self.shared.with_store(|store| {
            store.ascend(&event_key(from), &mut |key, value| {
                if events.len() >= max || position_of(key) != Some(next) {
                    return false;
                }
                match event_of(next, value) {
                    Ok(event) => events.push((next, event)),
                    Err(found) => fault = Some(found),
                }
                next += 1;
                fault.is_none()
            })
        })?;
        fault.map_or(Ok(events.len() > before), Err)
    }

    /// The value of an index key.
    pub fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        let in_tail = self.shared.tail().value(key).cloned();
        if let Some(value) = in_tail {
            return Ok(value);
        }
        self.shared.with_store(|store| store.value(&index_key(key)))
    }

    /// The greatest index key with a prefix, with its value.
    pub fn last_with_prefix(&self, prefix: &[u8]) -> Result<Option<Pair>, Fault> {
        let tail = self.shared.tail();
        let stored = self
            .shared
            .with_store(|store| last_stored(store, &tail, prefix))?;
        let in_tail = tail
            .with_prefix(prefix)
            .rev()
            .find_map(|(key, value)| Some((key.to_vec(), value.clone()?)));
        // Pairs compare by key first. The tail wins where both have the key, and `last_stored`
        // left out every key that the tail speaks of.
        Ok(stored.max(in_tail))
    }

    /// Up to `max` index pairs with a prefix, ascending.
    pub fn with_prefix(&self, prefix: &[u8], max: usize) -> Result<Vec<Pair>, Fault> {
        self.with_prefix_from(prefix, prefix, max)
    }

    /// Up to `max` index pairs with a prefix, ascending, from a key on: the next page starts at the
    /// last key with a zero byte appended.
    pub fn with_prefix_from(
        &self,
        prefix: &[u8],
        from: &[u8],
        max: usize,
    ) -> Result<Vec<Pair>, Fault> {
        let tail = self.shared.tail();
        let mut pairs: BTreeMap<Vec<u8>, Vec<u8>> = tail
            .with_prefix(prefix)
            .filter(|(key, _)| *key >= from)
            .filter_map(|(key, value)| Some((key.to_vec(), value.clone()?)))
            .take(max)
            .collect();
        let mut stored = 0;
        self.shared.with_store(|store| {
            store.ascend(&index_key(from.max(prefix)), &mut |key, value| {
                let Some(key) = own_key(key).filter(|key| key.starts_with(prefix)) else {
                    return false;
                };
                if stored < max && tail.value(key).is_none() {
                    pairs.insert(key.to_vec(), value.to_vec());
                    stored += 1;
                }
                stored < max
            })
        })?;
        Ok(pairs.into_iter().take(max).collect())
    }

    /// One frame, read from the journal files.
    pub fn frame(&self, number: u64) -> Result<Option<Frame>, Fault> {
        self.frames(number)?.next().transpose()
    }

    /// Frames from a number on, up to the last one synced at this moment, read from the journal
    /// files one at a time and checked against the chain.
    pub fn frames(&self, from: u64) -> Result<Frames, Fault> {
        let last = self.shared.head().frame_number;
        let from = from.max(1);
        let cursor = if from <= last {
            let known = self.shared.landmarks().before(from);
            Some(match known {
                Some(mark) => self.shared.files.behind_mark(&mark)?.0.on_to(from)?,
                None => self.shared.files.before_number(from)?,
            })
        } else {
            None
        };
        let reader = self.clone();
        Ok(Frames {
            reader,
            cursor,
            last,
        })
    }

    /// Waits until a frame beyond this one is synced, the log is closed, or the time is up; gives
    /// the number of the last one.
    pub fn await_frame(&self, number: u64, wait: Duration) -> u64 {
        self.shared.await_frame(number, wait);
        self.shared.head().frame_number
    }

    /// The journal's files, for the storage check.
    pub fn journal(&self) -> &JournalFiles {
        &self.shared.files
    }
}

/// Frames in order, from the journal files. Ends after the first fault.
pub struct Frames {
    reader: Reader,
    cursor: Option<Cursor>,
    last: u64,
}

impl Iterator for Frames {
    type Item = Result<Frame, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let cursor = self.cursor.as_mut()?;
        let number = cursor.number + 1;
        if number > self.last {
            return None;
        }
        let step = cursor.step();
        let fault = match step {
            Ok(Step::Frame(frame)) => match self.reader.unexplained(&cursor.doubts) {
                Ok(None) => return Some(Ok(*frame)),
                Ok(Some(doubt)) => {
                    let place = format!("frame {number} at {}: {}", frame.place, doubt.words());
                    Fault::damaged("journal frame", place)
                }
                Err(fault) => fault,
            },
            Ok(Step::End) => Fault::damaged("journal", format!("frame {number} is missing")),
            Ok(Step::Bad(bad)) => bad_frame(number, &bad),
            Err(fault) => fault,
        };
        self.cursor = None;
        Some(Err(fault))
    }
}

/// The greatest stored pair with a prefix of which the tail says nothing.
fn last_stored(store: &dyn Store, tail: &Tail, prefix: &[u8]) -> Result<Option<Pair>, Fault> {
    let mut last = None;
    let below = above_prefix(&index_key(prefix)).unwrap_or_else(|| vec![INDEX_PREFIX + 1]);
    store.descend(&below, &mut |key, value| {
        let Some(key) = own_key(key).filter(|key| key.starts_with(prefix)) else {
            return false;
        };
        if tail.value(key).is_none() {
            last = Some((key.to_vec(), value.to_vec()));
        }
        last.is_none()
    })?;
    Ok(last)
}

/// The index key in a store's key.
fn own_key(key: &[u8]) -> Option<&[u8]> {
    key.split_first()
        .filter(|(first, _)| **first == INDEX_PREFIX)
        .map(|(_, key)| key)
}
