//! Tests of the log through its public face; what they share is here.

mod anywhere;
mod crash;
mod cutting;
mod damage;
pub(crate) mod disk;
mod histories;
mod kill;
mod memory_store;
mod property;
mod round_trip;
mod scrub;
mod stores;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::*;
use crate::error::Fault;
use memory_store::MemoryOpener;

pub(super) const LOG_ID: [u8; 32] = [7; 32];
pub(super) const SEGMENT_BYTES: u64 = 64 * 1024;

/// An event with two segments whose bytes follow from its leaf.
pub(super) fn event(leaf: u64, bytes: usize) -> StoredEvent {
    let fill = |salt: u8| -> Vec<u8> {
        let seed = Sha256::digest([leaf.to_be_bytes().as_slice(), &[salt]].concat());
        seed.iter().copied().cycle().take(bytes).collect()
    };
    let segments = vec![fill(1), fill(2)];
    StoredEvent {
        header: header(leaf, &segments),
        segments,
    }
}

pub(super) fn header(leaf: u64, segments: &[Vec<u8>]) -> Vec<u8> {
    let mut header = vec![1, 1];
    header.extend_from_slice(&LOG_ID);
    header.extend_from_slice(&leaf.to_be_bytes());
    header.push(u8::try_from(segments.len()).unwrap());
    segments
        .iter()
        .for_each(|segment| header.extend_from_slice(&Sha256::digest(segment)));
    header
}

/// A group of events with a key record and index records; every third group removes a key.
pub(super) fn draft(first_leaf: u64, events: u64, bytes: usize) -> FrameDraft {
    let mut index_records = Vec::new();
    for leaf in first_leaf..first_leaf + events {
        let key = [b"s/".as_slice(), &leaf.to_be_bytes()].concat();
        index_records.push(IndexRecord {
            key,
            value: Some(leaf.to_be_bytes().to_vec()),
        });
        let last = Some(leaf.to_be_bytes().to_vec());
        index_records.push(IndexRecord {
            key: b"last".to_vec(),
            value: last,
        });
    }
    if first_leaf > 0 && first_leaf.is_multiple_of(3) {
        let key = [b"s/".as_slice(), &(first_leaf - 1).to_be_bytes()].concat();
        index_records.push(IndexRecord { key, value: None });
    }
    FrameDraft {
        first_leaf,
        events: (first_leaf..first_leaf + events)
            .map(|leaf| event(leaf, bytes))
            .collect(),
        key_records: vec![format!("key-{first_leaf}-{events}").into_bytes()],
        index_records,
        checkpoint: format!("checkpoint {}", first_leaf + events).into_bytes(),
        reserve: false,
    }
}

pub(super) fn index_of_key_record(record: &[u8]) -> Result<Vec<IndexRecord>, Fault> {
    if record.starts_with(b"RLK") {
        return crate::keys::index_records(record);
    }
    let key = [b"k/".as_slice(), record].concat();
    Ok(vec![IndexRecord {
        key,
        value: Some(record.to_vec()),
    }])
}

/// Options with sled, small segments and every write in a fixed order.
pub(super) fn options() -> LogOptions {
    let mut options = LogOptions::new(index_of_key_record, Probe::InProcess);
    options.segment_bytes = SEGMENT_BYTES;
    options.prepare = Prepare::Inline;
    options
}

/// The same with a store in memory that starts empty.
pub(super) fn memory_options() -> LogOptions {
    let mut options = options();
    options.store = Arc::new(MemoryOpener::default());
    options
}

/// A new empty log in a folder of its own.
pub(super) fn new_log() -> (TempDir, PathBuf) {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("log");
    Log::create_sized(&dir, LOG_ID, SEGMENT_BYTES).unwrap();
    (temp, dir)
}

pub(super) fn open(dir: &Path) -> (Log, Opening) {
    Log::open(dir, options()).unwrap()
}

/// Appends groups of these sizes behind what is there.
pub(super) fn append_groups(log: &mut Log, groups: &[u64]) {
    for events in groups {
        let first_leaf = log.head().tree_size;
        let _ = log.append(draft(first_leaf, *events, 200)).unwrap();
    }
}

/// What a log of these drafts must answer.
#[derive(Default)]
pub(super) struct Model {
    pub(super) events: Vec<StoredEvent>,
    index: std::collections::BTreeMap<Vec<u8>, Vec<u8>>,
    pub(super) frames: u64,
    checkpoint: Vec<u8>,
}

impl Model {
    pub(super) fn of(groups: &[u64]) -> Self {
        let mut model = Self::default();
        for events in groups {
            let leaf = u64::try_from(model.events.len()).unwrap();
            model.add(draft(leaf, *events, 200));
        }
        model
    }

    pub(super) fn add(&mut self, draft: FrameDraft) {
        for record in draft
            .key_records
            .iter()
            .flat_map(|r| index_of_key_record(r).unwrap())
        {
            self.change(record);
        }
        draft
            .index_records
            .into_iter()
            .for_each(|record| self.change(record));
        self.events.extend(draft.events);
        self.checkpoint = draft.checkpoint;
        self.frames += 1;
    }

    fn change(&mut self, record: IndexRecord) {
        match record.value {
            Some(value) => self.index.insert(record.key, value),
            None => self.index.remove(&record.key),
        };
    }

    /// Every public question, against the model.
    pub(super) fn assert_is(&self, log: &Log) {
        let (reader, head) = (log.reader(), log.head());
        let size = u64::try_from(self.events.len()).unwrap();
        assert_eq!((head.frame_number, head.tree_size), (self.frames, size));
        assert_eq!(head.checkpoint, self.checkpoint);
        let events = reader.events(0, usize::MAX).unwrap();
        assert_eq!(events.len(), self.events.len());
        assert!(
            (0..)
                .zip(&self.events)
                .eq(events.iter().map(|(at, event)| (*at, event)))
        );
        assert_eq!(reader.event(size).unwrap(), None);
        for prefix in [b"".as_slice(), b"s/", b"k/", b"last", b"none"] {
            let mut wanted = self.index.iter().filter(|(key, _)| key.starts_with(prefix));
            let wanted_pairs: Vec<Pair> = wanted
                .clone()
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect();
            assert_eq!(
                reader.with_prefix(prefix, usize::MAX).unwrap(),
                wanted_pairs
            );
            let last = wanted.next_back().map(|(k, v)| (k.clone(), v.clone()));
            assert_eq!(reader.last_with_prefix(prefix).unwrap(), last);
        }
        let frames: Vec<Frame> = reader.frames(1).unwrap().map(Result::unwrap).collect();
        assert!(
            frames
                .iter()
                .flat_map(|frame| &frame.events)
                .eq(&self.events)
        );
        assert_eq!(u64::try_from(frames.len()).unwrap(), self.frames);
    }
}

pub(super) fn findings(log: &Log) -> Vec<Finding> {
    check(&log.reader(), index_of_key_record, &mut |_, _| {}).unwrap()
}

/// The last journal segment that holds frames.
/// As the vault notes a frame.
pub(super) fn mark_of(frame: &Frame) -> Mark {
    Mark {
        number: frame.number,
        hash: frame.hash,
        place: frame.place,
    }
}

/// The same as all that it notes.
pub(super) fn noted(last: &Frame) -> Noted {
    let none = Place {
        segment: 0,
        offset: 0,
    };
    let begun = Mark {
        number: 0,
        hash: [0; 32],
        place: none,
    };
    Noted {
        last: mark_of(last),
        begun,
    }
}

pub(super) fn segment_path(dir: &Path, number: u64) -> PathBuf {
    dir.join("journal").join(format!("{number:08}.seg"))
}
