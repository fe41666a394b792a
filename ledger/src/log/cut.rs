//! Cutting out: segments on a durable list become zeros in the journal's files (SPEC §8.6).
//!
//! - The list comes first, in a frame of its own; only then are bytes overwritten. What a crash
//!   leaves between is finished by the next opening, from the list.
//! - Bytes that are not those of their digest are damage, unless a later frame lists them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::content::{derive, index_key};
use super::disk::DiskFile;
use super::event::StoredEvent;
use super::files::{JournalFiles, read_frame, read_up_to};
use super::frame::{Frame, HEAD_BYTES, Head, Place};
use super::index::IndexRecord;
use super::parse::offset_of;
use super::reader::Reader;
use super::segment::{self, FIRST_FRAME_OFFSET};
use super::store::Store;
use super::writer::Log;
use crate::error::Fault;
use crate::header::{EventHeader, segment_digest};
use crate::keys::Cut;
use crate::keys::cut::{CUTS, OPEN_CUTS, cut_key, segment_in};

/// A segment whose bytes are not those of its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Doubt {
    pub(super) position: u64,
    pub(super) segment: u8,
    /// Whether they are zeros, as cutting out leaves them.
    pub(super) zeros: bool,
}

/// What a frame's segments leave in doubt; the headers were looked at before.
pub(super) fn doubts_in(frame: &Frame) -> Vec<Doubt> {
    let each = frame.positions();
    each.flat_map(|(position, event)| doubts_of(position, event))
        .collect()
}

/// The same of one event.
pub(super) fn doubts_of(position: u64, event: &StoredEvent) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let Ok(header) = EventHeader::parse(&event.header) else {
        return doubts;
    };
    let pairs = event.segments.iter().zip(&header.segment_digests);
    for (segment, (bytes, digest)) in (0_u8..).zip(pairs) {
        if segment_digest(bytes) != *digest {
            doubts.push(Doubt {
                position,
                segment,
                zeros: is_zeros(bytes),
            });
        }
    }
    doubts
}

pub(super) fn is_zeros(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

/// The segments that index records put on a list.
pub(super) fn listed(records: &[IndexRecord]) -> impl Iterator<Item = (u64, u8)> {
    records
        .iter()
        .filter_map(|record| segment_in(CUTS, &record.key))
}

/// Doubts of a walk that no list has explained yet: lists always stand behind what they list.
pub(super) struct Doubts {
    index_of_key_record: fn(&[u8]) -> Result<Vec<IndexRecord>, Fault>,
    unlisted: BTreeMap<(u64, u8), (u64, Place, Doubt)>,
    /// Listed, and neither as written nor zeros: to be overwritten.
    torn: Vec<Doubt>,
}

impl Doubts {
    pub(super) fn new(index_of_key_record: fn(&[u8]) -> Result<Vec<IndexRecord>, Fault>) -> Self {
        Self {
            index_of_key_record,
            unlisted: BTreeMap::new(),
            torn: Vec::new(),
        }
    }

    /// Takes in the next frame, with what is in doubt in it.
    pub(super) fn meet(&mut self, frame: &Frame, doubts: &[Doubt]) -> Result<(), Fault> {
        if !self.unlisted.is_empty() {
            for place in listed(&derive(&frame.key_records, self.index_of_key_record)?) {
                let explained = self.unlisted.remove(&place).map(|(_, _, doubt)| doubt);
                self.torn.extend(explained.filter(|doubt| !doubt.zeros));
            }
        }
        for doubt in doubts {
            let key = (doubt.position, doubt.segment);
            self.unlisted
                .insert(key, (frame.number, frame.place, *doubt));
        }
        Ok(())
    }

    /// The first frame that a doubt remains of: its number, its place, and why.
    pub(super) fn first(&self) -> Option<(u64, Place, String)> {
        let (number, place, doubt) = self.unlisted.values().next()?;
        Some((*number, *place, doubt.words()))
    }

    /// The segments that remain in doubt.
    pub(super) fn unlisted(&self) -> Vec<(u64, u8)> {
        self.unlisted.keys().copied().collect()
    }

    /// What is to be overwritten.
    pub(super) fn torn(self) -> Vec<Cut> {
        self.torn.iter().map(Doubt::cut).collect()
    }
}

impl Doubt {
    pub(super) fn words(&self) -> String {
        let Self {
            position, segment, ..
        } = self;
        if self.zeros {
            return format!("event {position}: segment {segment} is zeros and on no cut list");
        }
        format!("event {position}: segment {segment} is not the one whose digest the header holds")
    }

    /// The damage, unless the store's index has the segment on a cut list.
    pub(super) fn require_listed(&self, store: &dyn Store) -> Result<(), Fault> {
        let key = index_key(&cut_key(self.position, self.segment));
        match store.value(&key)? {
            Some(_) => Ok(()),
            None => Err(Fault::damaged("journal frame", self.words())),
        }
    }

    pub(super) fn cut(&self) -> Cut {
        let mut cut = Cut::none_of(self.position);
        cut.add(self.segment);
        cut
    }
}

impl Reader {
    /// Whether a segment is on a cut list.
    pub fn is_cut(&self, position: u64, segment: u8) -> Result<bool, Fault> {
        Ok(self.value(&cut_key(position, segment))?.is_some())
    }

    /// The first doubt that no cut list explains.
    pub(super) fn unexplained(&self, doubts: &[Doubt]) -> Result<Option<Doubt>, Fault> {
        for doubt in doubts {
            if !self.is_cut(doubt.position, doubt.segment)? {
                return Ok(Some(*doubt));
            }
        }
        Ok(None)
    }

    /// Listed segments whose cutting is not known to be done, by event.
    pub fn open_cuts(&self) -> Result<Vec<Cut>, Fault> {
        let pairs = self.with_prefix(OPEN_CUTS, usize::MAX)?;
        Ok(gather(
            pairs
                .iter()
                .filter_map(|(key, _)| segment_in(OPEN_CUTS, key)),
        ))
    }
}

impl JournalFiles {
    /// The numbers of the files that hold these segments.
    pub(crate) fn holding(&self, cuts: &[Cut]) -> Result<BTreeSet<u64>, Fault> {
        let found = by_file(self, cuts)?;
        Ok(found.into_iter().map(|(number, _, _)| number).collect())
    }
}

impl Log {
    /// Overwrites segments that a synced frame lists with zeros, length kept, and syncs. Gives the
    /// bytes it took. A failure poisons the log, and the next opening finishes from the list.
    pub fn cut_out(&self, cuts: &[Cut]) -> Result<u64, Fault> {
        if self.shared.is_poisoned() {
            return Err(Fault::Poisoned);
        }
        let reader = self.reader();
        for (position, segment) in cuts.iter().flat_map(|cut| cut.each()) {
            if !reader.is_cut(position, segment)? {
                let what = format!("event {position}: segment {segment} is on no cut list");
                return Err(Fault::Unusable(what));
            }
        }
        overwrite(&self.shared.files, cuts).inspect_err(|_| self.shared.poison())
    }
}

/// Cuts that a store does not know to be done.
pub(super) fn open_in(store: &dyn Store) -> Result<Vec<Cut>, Fault> {
    let prefix = index_key(OPEN_CUTS);
    let mut found = Vec::new();
    store.ascend(&prefix, &mut |key, _| {
        let segment = segment_in(&prefix, key);
        found.extend(segment);
        segment.is_some()
    })?;
    Ok(gather(found.into_iter()))
}

/// Segments in ascending order, by event.
pub(super) fn gather(segments: impl Iterator<Item = (u64, u8)>) -> Vec<Cut> {
    let mut cuts: Vec<Cut> = Vec::new();
    for (position, segment) in segments {
        match cuts.last_mut().filter(|cut| cut.position == position) {
            Some(cut) => cut.add(segment),
            None => {
                let mut cut = Cut::none_of(position);
                cut.add(segment);
                cuts.push(cut);
            }
        }
    }
    cuts
}

/// Overwrites listed segments with zeros, length kept, and syncs every file that was changed. Gives
/// how many bytes that took; what is zeros already is left.
pub(super) fn overwrite(files: &JournalFiles, cuts: &[Cut]) -> Result<u64, Fault> {
    let mut written = 0;
    for (number, file, here) in by_file(files, cuts)? {
        written += overwrite_in(files, (number, &file), here)?;
    }
    Ok(written)
}

/// A journal file, and what is to be cut out of it.
type CutFile = (u64, Arc<dyn DiskFile>, BTreeMap<u64, Cut>);

/// The files that hold these segments.
fn by_file(files: &JournalFiles, cuts: &[Cut]) -> Result<Vec<CutFile>, Fault> {
    let mut wanted: BTreeMap<u64, Cut> = BTreeMap::new();
    for cut in cuts {
        let known = wanted
            .entry(cut.position)
            .or_insert_with(|| Cut::none_of(cut.position));
        known.segments |= cut.segments;
    }
    let numbers = segment::numbers(files.folder())?;
    let mut starts = Vec::with_capacity(numbers.len());
    for number in numbers {
        let file = files.open(number)?;
        if let Some(head) = head_at(&*file, FIRST_FRAME_OFFSET)? {
            starts.push((number, head.first_leaf, file));
        }
    }
    let mut found = Vec::new();
    // From the last file to the first: what stands behind a file's first leaf stands in it.
    for (number, first_leaf, file) in starts.into_iter().rev() {
        let here = wanted.split_off(&first_leaf);
        if !here.is_empty() {
            found.push((number, file, here));
        }
    }
    match wanted.keys().next() {
        Some(position) => Err(missing(*position)),
        None => Ok(found),
    }
}

/// The cuts of one journal file, by walking its frames' heads.
fn overwrite_in(
    files: &JournalFiles,
    (number, file): (u64, &Arc<dyn DiskFile>),
    mut wanted: BTreeMap<u64, Cut>,
) -> Result<u64, Fault> {
    let mut written = 0;
    let mut place = Place {
        segment: number,
        offset: FIRST_FRAME_OFFSET,
    };
    while let Some(position) = wanted.keys().next().copied() {
        let head = head_at(&**file, place.offset)?.ok_or_else(|| missing(position))?;
        let until = head.first_leaf.saturating_add(head.events);
        if position < until {
            let later = wanted.split_off(&until);
            written += overwrite_frame(&**file, place, &head, &wanted)?;
            wanted = later;
        }
        place.offset += offset_of(head.frame_bytes());
    }
    if written > 0 {
        // A crash before this leaves any of these sectors as they were; the list is still there.
        file.sync().map_err(Fault::io("journal sync"))?;
    }
    debug_assert!(files.path(number).exists(), "the file is the log's");
    Ok(written)
}

/// The cuts of one frame, whose checksum must be good: a place taken from a bad one is no place.
fn overwrite_frame(
    file: &dyn DiskFile,
    place: Place,
    head: &Head,
    wanted: &BTreeMap<u64, Cut>,
) -> Result<u64, Fault> {
    let frame = read_frame(file, place)?
        .map_err(|why| Fault::damaged("journal frame", format!("{place}: {why}")))?;
    let mut written = 0;
    let mut offset = place.offset + offset_of(head.body_bytes);
    for (position, event) in frame.positions() {
        let cut = wanted.get(&position);
        for (number, bytes) in (0_u8..).zip(&event.segments) {
            let listed = cut.is_some_and(|cut| cut.numbers().any(|segment| segment == number));
            if listed && !is_zeros(bytes) {
                file.write_all_at(&vec![0; bytes.len()], offset)
                    .map_err(Fault::io("cutting out"))?;
                written += offset_of(bytes.len());
            }
            offset += offset_of(bytes.len());
        }
    }
    Ok(written)
}

fn head_at(file: &dyn DiskFile, offset: u64) -> Result<Option<Head>, Fault> {
    Ok(Head::read(&read_up_to(file, offset, HEAD_BYTES)?))
}

fn missing(position: u64) -> Fault {
    let place = format!("event {position} is to be cut out, and no frame holds it");
    Fault::damaged("journal", place)
}
