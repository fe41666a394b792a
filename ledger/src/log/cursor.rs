//! Walking frames straight from the journal files, never from a cache of ours.
//!
//! - One frame is in memory at a time.
//! - A frame counts as read only when its place in the chain, its checksum and its event headers
//!   fit. Where reading stops, the caller decides what that means.
//! - Segments that are not those of their digests are told as doubts: only a cut list, which stands
//!   behind them, can explain them, and whoever walks asks for it.

use std::sync::Arc;

use super::cut::{Doubt, doubts_in};
use super::disk::DiskFile;
use super::files::{JournalFiles, Mark, read_frame, read_up_to};
use super::frame::{self, Frame, HEAD_BYTES, Place};
use super::parse::offset_of;
use super::segment::{self, FIRST_FRAME_OFFSET, HeaderRead, SegmentHeader};
use crate::error::Fault;

/// Walks the journal frame by frame.
pub(super) struct Cursor {
    files: JournalFiles,
    file: Option<(u64, Arc<dyn DiskFile>)>,
    /// Behind the last good frame: where the next one goes.
    pub(super) end: Place,
    /// Number of the last good frame.
    pub(super) number: u64,
    /// The last frame's hash; `None` behind a damaged frame, whose own bytes prove nothing.
    hash: Option<[u8; 32]>,
    pub(super) tree_size: u64,
    /// Whether segment digests are checked; only a walk that follows a checked one leaves it out.
    digests: bool,
    /// What the last frame's segments leave in doubt.
    pub(super) doubts: Vec<Doubt>,
}

/// What the next step along the journal found.
pub(super) enum Step {
    Frame(Box<Frame>),
    /// Zeros follow: nothing was ever written here.
    End,
    /// Bytes that are no frame of this chain.
    Bad(BadFrame),
}

/// Where and why reading stopped.
#[derive(Debug, Clone)]
pub(super) struct BadFrame {
    pub(super) place: Place,
    pub(super) why: String,
    /// A write cut short can look like this. A good checksum in the wrong place cannot.
    pub(super) torn: bool,
}

impl JournalFiles {
    /// Starts at the log's first frame.
    pub(super) fn at_start(&self) -> Cursor {
        Cursor {
            files: self.clone(),
            file: None,
            end: Place {
                segment: 1,
                offset: 0,
            },
            number: 0,
            hash: Some(frame::genesis(&self.log_id)),
            tree_size: 0,
            digests: true,
            doubts: Vec::new(),
        }
    }

    /// Starts behind a frame that is known, and gives that frame too. `Err(Damaged)` when the
    /// journal does not hold it.
    pub(super) fn behind_mark(&self, mark: &Mark) -> Result<(Cursor, Frame), Fault> {
        let missing = |why: &str| {
            let place = format!("frame {} at {}: {why}", mark.number, mark.place);
            Fault::damaged("journal frame", place)
        };
        if !self.path(mark.place.segment).exists() {
            return Err(missing("its file is missing"));
        }
        let file = self.open(mark.place.segment)?;
        let frame = match read_frame(&*file, mark.place)? {
            Ok(frame) if frame.hash == mark.hash && frame.number == mark.number => frame,
            Ok(_) => return Err(missing("another frame stands there")),
            Err(why) => return Err(missing(why)),
        };
        let mut cursor = self.at_start();
        if let Some(why) = cursor.header_flaw_in(&frame) {
            return Err(missing(&why));
        }
        cursor.file = Some((mark.place.segment, file));
        cursor.doubts = doubts_in(&frame);
        cursor.pass(&frame);
        Ok((cursor, frame))
    }

    /// Starts at a segment's first frame, trusting its checksummed header for the frame number;
    /// the chain is then checked from that frame on.
    pub(super) fn in_segment(&self, number: u64) -> Result<Option<Cursor>, Fault> {
        let Some(HeaderRead::Used(header)) = self.header(number)? else {
            return Ok(None);
        };
        let file = self.open(number)?;
        let place = Place {
            segment: number,
            offset: FIRST_FRAME_OFFSET,
        };
        let Ok(first) = read_frame(&*file, place)? else {
            return Ok(None);
        };
        let mut cursor = self.at_start();
        cursor.end = Place {
            segment: number,
            offset: FIRST_FRAME_OFFSET,
        };
        cursor.file = Some((number, file));
        cursor.number = header.first_frame.saturating_sub(1);
        cursor.hash = Some(first.previous);
        cursor.tree_size = first.first_leaf;
        Ok(Some(cursor))
    }

    /// A cursor whose next frame has this number, found by the segments' headers.
    pub(super) fn before_number(&self, number: u64) -> Result<Cursor, Fault> {
        let mut cursor = self.at_start();
        for segment in segment::numbers(&self.folder)?.into_iter().rev() {
            if let Some(HeaderRead::Used(header)) = self.header(segment)?
                && header.first_frame <= number
                && let Some(found) = self.in_segment(segment)?
            {
                cursor = found;
                break;
            }
        }
        cursor.on_to(number)
    }
}

impl Cursor {
    /// Goes on until the next frame has this number.
    pub(super) fn on_to(mut self, number: u64) -> Result<Self, Fault> {
        while self.number.saturating_add(1) < number {
            match self.step()? {
                Step::Frame(_) => {}
                Step::End => break,
                Step::Bad(bad) => return Err(bad_frame(self.number + 1, &bad)),
            }
        }
        Ok(self)
    }

    /// Leaves the segments' digests unchecked from here on.
    pub(super) fn without_digests(mut self) -> Self {
        self.digests = false;
        self
    }

    pub(super) fn files(&self) -> &JournalFiles {
        &self.files
    }

    pub(super) fn step(&mut self) -> Result<Step, Fault> {
        let mut place = self.end;
        if place.offset < FIRST_FRAME_OFFSET || self.at_zeros(place)? {
            let segment = if place.offset < FIRST_FRAME_OFFSET {
                place.segment
            } else {
                place.segment + 1
            };
            place = Place {
                segment,
                offset: FIRST_FRAME_OFFSET,
            };
            match self.files.header(segment)? {
                None | Some(HeaderRead::Spare) => return Ok(Step::End),
                Some(HeaderRead::Bad) => return Ok(bad_segment(segment, "bad header", true)),
                Some(HeaderRead::Used(header)) => {
                    if let Some(why) = self.header_flaw(&header, segment) {
                        return Ok(bad_segment(segment, why, false));
                    }
                }
            }
        }
        let file = self.file(place.segment)?;
        let frame = match read_frame(&*file, place)? {
            Ok(frame) => frame,
            Err(why) => {
                return Ok(Step::Bad(BadFrame {
                    place,
                    why: why.to_owned(),
                    torn: true,
                }));
            }
        };
        if let Some(why) = self.chain_flaw(&frame) {
            return Ok(Step::Bad(BadFrame {
                place,
                why,
                torn: false,
            }));
        }
        self.doubts = if self.digests {
            doubts_in(&frame)
        } else {
            Vec::new()
        };
        self.pass(&frame);
        Ok(Step::Frame(Box::new(frame)))
    }

    /// Goes on behind a damaged frame whose fields still say where it ends; for the storage check.
    pub(super) fn pass_damaged(&mut self, frame: &Frame) {
        let (number, tree_size) = (self.number, self.tree_size);
        self.pass(frame);
        self.number = number + 1;
        self.tree_size = tree_size + offset_of(frame.events.len());
        self.hash = None;
    }

    /// Goes on at a good frame somewhere behind an unreadable place; for the storage check.
    pub(super) fn jump(&mut self, place: Place, number: u64, first_leaf: u64) {
        self.end = place;
        self.number = number.saturating_sub(1);
        self.tree_size = first_leaf;
        self.hash = None;
    }

    pub(super) fn pass(&mut self, frame: &Frame) {
        self.end = Place {
            segment: frame.place.segment,
            offset: frame.place.offset + frame.length,
        };
        self.number = frame.number;
        self.hash = Some(frame.hash);
        self.tree_size = frame.tree_size();
    }

    /// What the chain says against this frame, in words.
    pub(super) fn chain_flaw(&self, frame: &Frame) -> Option<String> {
        if frame.number != self.number + 1 {
            return Some(format!("its number is {}", frame.number));
        }
        if self.hash.is_some_and(|hash| hash != frame.previous) {
            return Some("it does not hold the hash of the frame before".to_owned());
        }
        if frame.first_leaf != self.tree_size {
            return Some(format!(
                "its first leaf is {}, not {}",
                frame.first_leaf, self.tree_size
            ));
        }
        self.header_flaw_in(frame)
    }

    /// The first event of a frame whose header is not what it should be.
    fn header_flaw_in(&self, frame: &Frame) -> Option<String> {
        frame.positions().find_map(|(position, event)| {
            let flaw = event.header_flaw(&self.files.log_id, position)?;
            Some(format!("event {position}: {flaw}"))
        })
    }

    /// True when no frame starts at this place: zeros, or no room left for a frame's head.
    fn at_zeros(&mut self, place: Place) -> Result<bool, Fault> {
        let head = read_up_to(&*self.file(place.segment)?, place.offset, HEAD_BYTES)?;
        Ok(head.len() < HEAD_BYTES || head.iter().all(|byte| *byte == 0))
    }

    fn header_flaw(&self, header: &SegmentHeader, segment: u64) -> Option<&'static str> {
        if header.log_id != self.files.log_id {
            return Some("the segment belongs to another log");
        }
        let fits = header.number == segment && header.first_frame == self.number + 1;
        (!fits).then_some("the segment does not follow the one before")
    }

    fn file(&mut self, number: u64) -> Result<Arc<dyn DiskFile>, Fault> {
        match &self.file {
            Some((open, file)) if *open == number => Ok(Arc::clone(file)),
            Some(_) | None => {
                let file = self.files.open(number)?;
                self.file = Some((number, Arc::clone(&file)));
                Ok(file)
            }
        }
    }
}

/// The fault for a bad frame.
pub(super) fn bad_frame(number: u64, bad: &BadFrame) -> Fault {
    Fault::damaged(
        "journal frame",
        format!("frame {number} at {}: {}", bad.place, bad.why),
    )
}

fn bad_segment(segment: u64, why: &str, torn: bool) -> Step {
    Step::Bad(BadFrame {
        place: Place { segment, offset: 0 },
        why: why.to_owned(),
        torn,
    })
}
