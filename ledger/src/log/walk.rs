//! Walking a journal that may be damaged: every frame that can be taken apart is shown, every flaw
//! is named, and unreadable places are jumped over.

use super::check::{Finding, FindingPlace, place_of};
use super::cursor::{BadFrame, Cursor, Step};
use super::cut::{Doubt, doubts_in};
use super::files::{JournalFiles, read_frame, read_frame_bytes, read_up_to};
use super::frame::{self, Frame};
use crate::error::Fault;

/// Bytes looked through at a time.
const CHUNK_BYTES: usize = 1024 * 1024;

/// What a walk meets.
pub(super) enum Walked<'a> {
    /// A frame, and whether it was sound.
    Frame(&'a Frame, bool),
    /// A segment of the next frame that is not the one of its digest.
    Doubt(Doubt),
    /// Something wrong.
    Flaw(Finding),
    /// Frames that could not be taken apart: what they changed is unknown.
    Gap,
}

/// Walks all frames and gives the cursor at the journal's end.
pub(super) fn walk(
    files: &JournalFiles,
    meet: &mut dyn FnMut(Walked<'_>),
) -> Result<Cursor, Fault> {
    let mut cursor = files.at_start();
    loop {
        match cursor.step()? {
            Step::Frame(frame) => {
                for doubt in std::mem::take(&mut cursor.doubts) {
                    meet(Walked::Doubt(doubt));
                }
                meet(Walked::Frame(&frame, true));
            }
            Step::End => return Ok(cursor),
            Step::Bad(bad) => {
                if !pass(files, &mut cursor, &bad, meet)? {
                    return Ok(cursor);
                }
            }
        }
    }
}

/// Names what is wrong with a bad frame and goes on behind it; false when nothing follows.
pub(super) fn pass(
    files: &JournalFiles,
    cursor: &mut Cursor,
    bad: &BadFrame,
    meet: &mut dyn FnMut(Walked<'_>),
) -> Result<bool, Fault> {
    if let Some(mut frame) = cursor.lenient(bad)? {
        // The frame's own numbers may be what is damaged: its place in the walk gives them.
        let chain_flaw = cursor.chain_flaw(&frame);
        frame.number = cursor.number + 1;
        frame.first_leaf = cursor.tree_size;
        let mut found = event_findings(files, &frame);
        let doubts = doubts_in(&frame);
        if found.is_empty() && doubts.iter().all(|doubt| doubt.zeros) {
            let what = chain_flaw.unwrap_or_else(|| bad.why.clone());
            found.push(Finding {
                place: place_of(&frame),
                what,
            });
        }
        found
            .into_iter()
            .for_each(|finding| meet(Walked::Flaw(finding)));
        doubts
            .into_iter()
            .for_each(|doubt| meet(Walked::Doubt(doubt)));
        meet(Walked::Frame(&frame, false));
        cursor.pass_damaged(&frame);
        return Ok(true);
    }
    let (number, first_leaf) = (cursor.number + 1, cursor.tree_size);
    let behind = files.frame_behind(bad.place)?;
    let next = match behind {
        Some((_, place)) => read_frame(&*files.open(place.segment)?, place)?.ok(),
        None => None,
    };
    let tree_size = next.as_ref().map_or(first_leaf, |frame| frame.first_leaf);
    let what = match &next {
        Some(next) => format!(
            "{}; frame {} is the next one readable",
            bad.why, next.number
        ),
        None => format!("{}; nothing readable follows", bad.why),
    };
    let place = FindingPlace::Frame {
        number,
        first_leaf,
        tree_size,
    };
    meet(Walked::Flaw(Finding { place, what }));
    meet(Walked::Gap);
    let Some(next) = next else {
        return Ok(false);
    };
    cursor.jump(next.place, next.number, next.first_leaf);
    Ok(true)
}

/// Flaws of a frame's headers, each with its event's position; segments are told as doubts.
fn event_findings(files: &JournalFiles, frame: &Frame) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (position, event) in frame.positions() {
        if let Some(flaw) = event.header_flaw(&files.log_id, position) {
            let segment = None;
            findings.push(Finding {
                place: FindingPlace::Event { position, segment },
                what: format!("in the journal: {flaw}"),
            });
        }
    }
    findings
}

/// Everything behind the last frame must be zeros.
pub(super) fn zeros_behind(files: &JournalFiles, end: &Cursor) -> Result<Vec<Finding>, Fault> {
    let mut findings = Vec::new();
    for number in super::segment::numbers(files.folder())? {
        let mut offset = if number == end.end.segment {
            end.end.offset
        } else {
            0
        };
        if number < end.end.segment {
            continue;
        }
        let file = files.open(number)?;
        loop {
            let chunk = read_up_to(&*file, offset, CHUNK_BYTES)?;
            if chunk.iter().any(|byte| *byte != 0) {
                let what = format!("file {number:08}.seg holds bytes behind the last frame");
                findings.push(Finding {
                    place: FindingPlace::Journal,
                    what,
                });
                break;
            }
            if chunk.len() < CHUNK_BYTES {
                break;
            }
            offset += super::parse::offset_of(chunk.len());
        }
    }
    Ok(findings)
}

impl Cursor {
    /// The frame at a bad place, when its fields can still be taken apart.
    pub(super) fn lenient(&self, bad: &BadFrame) -> Result<Option<Frame>, Fault> {
        if bad.place.offset == 0 {
            return Ok(None);
        }
        let file = self.files().open(bad.place.segment)?;
        let bytes = read_frame_bytes(&*file, bad.place)?;
        Ok(bytes.and_then(|bytes| frame::parse(&bytes, bad.place)))
    }
}
