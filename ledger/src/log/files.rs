//! The journal's files: opening, reading, searching and zeroing pieces of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::{Disk, DiskFile};
use super::frame::{self, ALIGNMENT, Frame, HEAD_BYTES, Head, Place};
use super::parse::offset_of;
use super::segment::{self, HEADER_BYTES, HeaderRead, SegmentHeader};
use crate::error::Fault;

/// Bytes looked through at a time when searching or zeroing.
const CHUNK_BYTES: usize = 1024 * 1024;

/// The journal of one log.
#[derive(Clone)]
pub struct JournalFiles {
    pub(super) folder: PathBuf,
    pub(super) log_id: [u8; 32],
    pub(super) disk: Arc<dyn Disk>,
}

/// A frame known to be in the journal, from the store, a marker or the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Its number; 0 where none is known.
    pub number: u64,
    /// Its hash, which chains everything before it.
    pub hash: [u8; 32],
    /// Where it stands.
    pub place: Place,
}

/// The frames that the vault noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noted {
    /// The last one that is known to be synced.
    pub last: Mark,
    /// The one with which this history of the log began; number 0 of a log that never was restored.
    pub begun: Mark,
}

impl JournalFiles {
    pub(super) fn path(&self, number: u64) -> PathBuf {
        segment::path_of(&self.folder, number)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn open(&self, number: u64) -> Result<Arc<dyn DiskFile>, Fault> {
        self.disk
            .open(&self.path(number))
            .map_err(Fault::io("journal open"))
    }

    /// A segment's header, or `None` when there is no such file.
    pub(super) fn header(&self, number: u64) -> Result<Option<HeaderRead>, Fault> {
        if !self.path(number).exists() {
            return Ok(None);
        }
        let bytes = read_up_to(&*self.open(number)?, 0, HEADER_BYTES)?;
        SegmentHeader::read(&bytes).map(Some)
    }

    /// Searches everything behind a place for a frame whose checksum is good, and gives its number
    /// and place. One frame is in flight at a time, so a good frame behind a bad one means that
    /// the bad one had been acknowledged.
    pub(super) fn frame_behind(&self, place: Place) -> Result<Option<(u64, Place)>, Fault> {
        let mut from = place.offset + offset_of(ALIGNMENT);
        for number in segment::numbers(&self.folder)? {
            if number < place.segment {
                continue;
            }
            if number > place.segment {
                from = 0;
            }
            let file = self.open(number)?;
            if let Some((found, offset)) = search(&*file, from)? {
                return Ok(Some((
                    found,
                    Place {
                        segment: number,
                        offset,
                    },
                )));
            }
        }
        Ok(None)
    }
}

/// Reads one frame by its own lengths and checksum; the inner error says why it is none.
pub(super) fn read_frame(
    file: &dyn DiskFile,
    place: Place,
) -> Result<Result<Frame, &'static str>, Fault> {
    let Some(bytes) = read_frame_bytes(file, place)? else {
        return Ok(Err("no frame starts there"));
    };
    let body = Head::read(&bytes).and_then(|head| bytes.get(..head.body_bytes));
    if body.and_then(frame::body_hash).is_none() {
        return Ok(Err("its checksum does not match"));
    }
    Ok(frame::parse(&bytes, place).ok_or("its fields do not add up"))
}

/// The bytes that a frame's head says are its own.
pub(super) fn read_frame_bytes(
    file: &dyn DiskFile,
    place: Place,
) -> Result<Option<Vec<u8>>, Fault> {
    let Some(head) = Head::read(&read_up_to(file, place.offset, HEAD_BYTES)?) else {
        return Ok(None);
    };
    let bytes = read_up_to(file, place.offset, head.frame_bytes())?;
    Ok((bytes.len() == head.frame_bytes()).then_some(bytes))
}

/// Reads a piece of a file; fewer bytes only where the file ends.
pub(super) fn read_up_to(
    file: &dyn DiskFile,
    offset: u64,
    length: usize,
) -> Result<Vec<u8>, Fault> {
    let mut bytes = vec![0; length];
    let count = file
        .read_at(&mut bytes, offset)
        .map_err(Fault::io("journal read"))?;
    bytes.truncate(count);
    Ok(bytes)
}

/// Finds the first frame with a good checksum at or behind an offset.
pub(super) fn search(file: &dyn DiskFile, from: u64) -> Result<Option<(u64, u64)>, Fault> {
    let mut offset = from.next_multiple_of(offset_of(ALIGNMENT));
    loop {
        let chunk = read_up_to(file, offset, CHUNK_BYTES)?;
        let mut here = offset;
        for word in chunk.chunks_exact(ALIGNMENT) {
            if word == frame::MAGIC
                && let Some(number) = good_body(file, here)?
            {
                return Ok(Some((number, here)));
            }
            here += offset_of(ALIGNMENT);
        }
        if chunk.len() < CHUNK_BYTES {
            return Ok(None);
        }
        offset = here;
    }
}

/// The number of the frame at an offset, when its checksum is good; its segments may be bad.
fn good_body(file: &dyn DiskFile, offset: u64) -> Result<Option<u64>, Fault> {
    let Some(head) = Head::read(&read_up_to(file, offset, HEAD_BYTES)?) else {
        return Ok(None);
    };
    let body = read_up_to(file, offset, head.body_bytes)?;
    Ok(frame::body_hash(&body).map(|_| head.number))
}

/// Overwrites with zeros whatever is not zero from an offset on, and says whether there was any.
pub(super) fn zero_rest(file: &dyn DiskFile, from: u64) -> Result<bool, Fault> {
    let mut offset = from;
    let mut found = false;
    loop {
        let chunk = read_up_to(file, offset, CHUNK_BYTES)?;
        if chunk.iter().any(|byte| *byte != 0) {
            let zeros = vec![0; chunk.len()];
            file.write_all_at(&zeros, offset)
                .map_err(Fault::io("journal zeroing"))?;
            found = true;
        }
        if chunk.len() < CHUNK_BYTES {
            return Ok(found);
        }
        offset += offset_of(chunk.len());
    }
}
