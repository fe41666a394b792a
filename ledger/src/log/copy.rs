//! The journal in another folder: the same frames at the same places (SPEC §13).
//!
//! - Only frames that the source has synced are written; the caller sees to that.
//! - What a copy holds past its last sync is never trusted: [`JournalFiles::tail`] says from which
//!   frame on it is written again.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::cursor::{Cursor, Step, bad_frame};
use super::cut::{Doubts, overwrite};
use super::disk::{Disk, DiskFile};
use super::files::{JournalFiles, read_up_to};
use super::frame::Frame;
use super::segment::{self, FIRST_FRAME_OFFSET};
use crate::error::Fault;
use crate::keys::{Cut, index_records};

/// The end of a copy, read from its last segment that was begun.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CopyTail {
    /// The last good frame and its hash; none in an empty copy.
    pub last: Option<(u64, [u8; 32])>,
    /// The frame to write next: the first of the last segment, or 1.
    pub resume: u64,
    /// A good frame that stands behind a bad one.
    pub beyond: Option<u64>,
}

/// What stands next in a journal that is walked.
pub enum Met {
    /// A good frame.
    Frame(Box<Frame>),
    /// Nothing was ever written here.
    End,
    /// Something that is no frame of this journal.
    Bad(Fault),
}

/// Walks a journal from its first frame, checking chain, checksums and digests. A segment that
/// does not fit its digest is a flaw unless a frame behind it lists it as cut out: at the end of
/// the walk what remains unexplained is bad; who stops before asks [`JournalWalk::unexplained`].
pub struct JournalWalk {
    cursor: Cursor,
    doubts: Doubts,
}

impl JournalWalk {
    /// The next frame, or why there is none.
    pub fn meet(&mut self) -> Result<Met, Fault> {
        let next = self.cursor.number + 1;
        Ok(match self.cursor.step()? {
            Step::Frame(frame) => {
                self.doubts.meet(&frame, &self.cursor.doubts)?;
                Met::Frame(frame)
            }
            Step::End => match self.doubts.first() {
                Some((number, place, why)) => Met::Bad(Fault::damaged(
                    "journal frame",
                    format!("frame {number} at {place}: {why}"),
                )),
                None => Met::End,
            },
            Step::Bad(bad) => Met::Bad(bad_frame(next, &bad)),
        })
    }

    /// Number of the last good frame.
    pub fn number(&self) -> u64 {
        self.cursor.number
    }

    /// Segments met so far that do not fit their digest and that no frame met so far lists.
    pub fn unexplained(&self) -> Vec<(u64, u8)> {
        self.doubts.unlisted()
    }

    fn over(cursor: Cursor) -> Self {
        let doubts = Doubts::new(index_records);
        Self { cursor, doubts }
    }
}

impl JournalFiles {
    /// The journal files in a folder, whether a log's own or a copy.
    pub fn in_folder(folder: PathBuf, log_id: [u8; 32], disk: Arc<dyn Disk>) -> Self {
        Self {
            folder,
            log_id,
            disk,
        }
    }

    /// The log that they belong to.
    pub fn log_id(&self) -> [u8; 32] {
        self.log_id
    }

    /// A walk over all frames.
    pub fn walk(&self) -> JournalWalk {
        JournalWalk::over(self.at_start())
    }

    /// A walk that begins with this frame.
    pub fn walk_from(&self, number: u64) -> Result<JournalWalk, Fault> {
        self.before_number(number).map(JournalWalk::over)
    }

    /// Overwrites listed segments with zeros, length kept, and syncs: what a copy does once it
    /// holds their list. What is zeros already is left. Gives the bytes it took.
    pub fn cut_out(&self, cuts: &[Cut]) -> Result<u64, Fault> {
        if cuts.is_empty() {
            return Ok(0);
        }
        overwrite(self, cuts)
    }

    /// Looks at the last segment that was begun.
    pub fn tail(&self) -> Result<CopyTail, Fault> {
        for number in segment::numbers(&self.folder)?.into_iter().rev() {
            let Some(mut cursor) = self.in_segment(number)? else {
                continue;
            };
            let mut tail = CopyTail {
                resume: cursor.number + 1,
                ..CopyTail::default()
            };
            loop {
                match cursor.step()? {
                    Step::Frame(frame) => tail.last = Some((frame.number, frame.hash)),
                    Step::End => return Ok(tail),
                    Step::Bad(bad) => {
                        tail.beyond = self.frame_behind(bad.place)?.map(|(number, _)| number);
                        return Ok(tail);
                    }
                }
            }
        }
        Ok(CopyTail {
            resume: 1,
            ..CopyTail::default()
        })
    }
}

/// Writes frames of a journal into another folder.
pub struct JournalCopy {
    files: JournalFiles,
    open: Option<(u64, Arc<dyn DiskFile>)>,
    /// Segments written since the last sync, beside the open one.
    unsynced: BTreeSet<u64>,
    /// Whether a file was made since the last sync.
    made: bool,
}

impl JournalCopy {
    /// A writer into a folder that exists.
    pub fn into_files(files: JournalFiles) -> Self {
        Self {
            files,
            open: None,
            unsynced: BTreeSet::new(),
            made: false,
        }
    }

    /// The files written to.
    pub fn files(&self) -> &JournalFiles {
        &self.files
    }

    /// Writes a frame of the source to the same place here; durable after [`JournalCopy::sync`].
    pub fn write(&mut self, source: &JournalFiles, frame: &Frame) -> Result<(), Fault> {
        let place = frame.place;
        // A segment's header belongs to its first frame.
        let first = place.offset == FIRST_FRAME_OFFSET;
        let from = if first { 0 } else { place.offset };
        let until = place.offset + frame.length;
        let length = usize::try_from(until - from).unwrap_or(usize::MAX);
        let bytes = read_up_to(&*source.open(place.segment)?, from, length)?;
        if bytes.len() != length {
            return Err(Fault::damaged("journal frame", place.to_string()));
        }
        let file = self.file(place.segment)?;
        self.unsynced.insert(place.segment);
        file.write_all_at(&bytes, from)
            .map_err(Fault::io("writing a copy of the journal"))
    }

    /// Makes everything written so far durable. After a failure nobody knows what the disk holds:
    /// the copy is opened anew and written again from its last durable frame.
    pub fn sync(&mut self) -> Result<(), Fault> {
        let doing = "syncing a copy of the journal";
        for number in std::mem::take(&mut self.unsynced) {
            self.file(number)?.sync().map_err(Fault::io(doing))?;
        }
        if std::mem::take(&mut self.made) {
            let folder = self.files.folder();
            self.files
                .disk
                .sync_folder(folder)
                .map_err(Fault::io(doing))?;
        }
        Ok(())
    }

    fn file(&mut self, number: u64) -> Result<Arc<dyn DiskFile>, Fault> {
        if let Some((open, file)) = &self.open
            && *open == number
        {
            return Ok(Arc::clone(file));
        }
        let path = self.files.path(number);
        let file = if path.exists() {
            self.files.open(number)?
        } else {
            self.made = true;
            let disk = &self.files.disk;
            disk.create(&path)
                .map_err(Fault::io("making a file of a copy"))?
        };
        self.open = Some((number, Arc::clone(&file)));
        Ok(file)
    }
}
