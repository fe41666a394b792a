//! Recovery of the journal's end (SPEC §8.4.4): decides what is a torn tail and what is damage.
//!
//! - All watermarks are read and everything is looked through before anything is written.
//! - A torn tail is the one frame that was in flight: nothing good follows it and no watermark
//!   knows it. Anything else is damage and is named, never a shorter log.

use super::cursor::{BadFrame, Cursor, Step, bad_frame};
use super::cut::{Doubt, Doubts};
use super::files::{JournalFiles, Mark, Noted, read_up_to, zero_rest};
use super::frame::{self, Frame, Place};
use super::index::IndexRecord;
use super::segment::{self, FIRST_FRAME_OFFSET};
use crate::error::Fault;
use crate::keys::Cut;

/// What is known to have been synced, read before the journal is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Watermarks {
    /// The mark of a clean stop.
    pub(super) marker: Option<Mark>,
    /// The last frame that the store holds.
    pub(super) store: Option<Mark>,
    /// What the vault's folder knows of.
    pub(super) vault: Option<Noted>,
}

impl Watermarks {
    fn highest(&self) -> Option<(u64, &'static str)> {
        let vault = self.vault.map(|noted| (noted.last.number, VAULT));
        let highest = self.own().into_iter().chain(vault);
        highest.max_by_key(|(number, _)| *number)
    }

    /// What the log's own folder knows of.
    fn own(&self) -> Option<(u64, &'static str)> {
        let marker = self
            .marker
            .map(|mark| (mark.number, "the mark of a clean stop"));
        let store = self.store.map(|mark| (mark.number, "the store"));
        let own = marker.into_iter().chain(store);
        own.max_by_key(|(number, _)| *number)
    }

    /// Whether a folder that ends with this frame, and by its own marks does so rightly, is one
    /// from before the restore with which the vault's history began.
    fn is_from_before(&self, last: u64) -> bool {
        let begun = self.vault.map_or(0, |noted| noted.begun.number);
        last < begun && self.own().is_none_or(|(known, _)| known <= last)
    }

    /// The number behind which frames are written again; every known watermark is proof of a sync,
    /// and the lowest one is the safest.
    fn lowest(&self) -> Option<u64> {
        self.store
            .into_iter()
            .chain(self.vault.map(|noted| noted.last))
            .map(|mark| mark.number)
            .min()
    }
}

/// The fault of a journal that holds another frame where the vault noted one: the folder from
/// before a restore, or one that went on apart from the vault. A journal that ends before that
/// frame, or is damaged there, is left to recovering. Writes nothing.
pub(super) fn another_history(files: &JournalFiles, noted: &Noted) -> Result<Option<Fault>, Fault> {
    Ok(match holds_another(files, &noted.begun)? {
        Some(fault) => Some(fault),
        None => holds_another(files, &noted.last)?,
    })
}

fn holds_another(files: &JournalFiles, noted: &Mark) -> Result<Option<Fault>, Fault> {
    if noted.number == 0 {
        return Ok(None);
    }
    let damaged = |fault: &Fault| matches!(fault, Fault::Damaged { .. });
    // One frame is read where all is well.
    match files.behind_mark(noted) {
        Ok(_) => return Ok(None),
        Err(fault) if damaged(&fault) => {}
        Err(fault) => return Err(fault),
    }
    let mut cursor = match files.before_number(noted.number) {
        Ok(cursor) => cursor,
        Err(fault) if damaged(&fault) => return Ok(None),
        Err(fault) => return Err(fault),
    };
    let frame = noted.number;
    match cursor.step()? {
        Step::Frame(found) if found.number == frame && found.hash != noted.hash => {
            Ok(Some(Fault::AnotherHistory { frame }))
        }
        Step::Frame(_) | Step::End | Step::Bad(_) => Ok(None),
    }
}

const VAULT: &str = "the vault's watermark";

/// Turns one key record into its index records.
type IndexOf = fn(&[u8]) -> Result<Vec<IndexRecord>, Fault>;

/// What the journal's files say.
pub(super) struct Scan {
    /// The last good frame.
    pub(super) last: Option<Box<Frame>>,
    /// Behind it: where the next frame goes.
    pub(super) end: Place,
    /// What stands there if it is not zeros.
    bad: Option<BadFrame>,
    /// Segments on a cut list that hold other bytes than zeros or their own.
    pub(super) torn: Vec<Cut>,
}

impl Scan {
    /// Number of the last good frame; 0 when there is none.
    pub(super) fn number(&self) -> u64 {
        self.last.as_ref().map_or(0, |frame| frame.number)
    }

    /// Number and hash that the next frame goes on from.
    pub(super) fn chain(&self, log_id: &[u8; 32]) -> (u64, [u8; 32]) {
        let genesis = || (0, frame::genesis(log_id));
        self.last
            .as_ref()
            .map_or_else(genesis, |frame| (frame.number, frame.hash))
    }
}

/// Reads from the last frame that the store holds to the journal's end. `Err(Damaged)` when the
/// store holds a frame that the journal does not.
pub(super) fn scan(
    files: &JournalFiles,
    from: Option<&Mark>,
    index_of_key_record: IndexOf,
) -> Result<Scan, Fault> {
    let mut doubts = Doubts::new(index_of_key_record);
    let whole = scan_before(files, from, u64::MAX, &mut doubts)?;
    let Some((number, place, why)) = doubts.first() else {
        let torn = doubts.torn();
        return Ok(Scan { torn, ..whole });
    };
    // No list explains these bytes: the journal is good up to the frame before.
    let bad = BadFrame {
        place,
        why,
        torn: true,
    };
    if from.is_some_and(|mark| mark.number == number) {
        return Err(bad_frame(number, &bad));
    }
    let scan = scan_before(files, from, number, &mut Doubts::new(index_of_key_record))?;
    Ok(Scan {
        bad: Some(bad),
        ..scan
    })
}

/// The same up to a frame, doubts left to the caller.
fn scan_before(
    files: &JournalFiles,
    from: Option<&Mark>,
    number: u64,
    doubts: &mut Doubts,
) -> Result<Scan, Fault> {
    let (mut cursor, mut last) = match from {
        None => (files.at_start(), None),
        Some(mark) => {
            let (cursor, frame) = files.behind_mark(mark)?;
            doubts.meet(&frame, &cursor.doubts)?;
            (cursor, Some(Box::new(frame)))
        }
    };
    let mut bad = None;
    while cursor.number.saturating_add(1) < number {
        match cursor.step()? {
            Step::Frame(frame) => {
                doubts.meet(&frame, &cursor.doubts)?;
                last = Some(frame);
            }
            Step::End => break,
            Step::Bad(found) => {
                bad = Some(found);
                break;
            }
        }
    }
    Ok(Scan {
        last,
        end: cursor.end,
        bad,
        torn: Vec::new(),
    })
}

/// True when the last stop was clean and nothing changed since: nothing needs repair.
pub(super) fn is_clean(scan: &Scan, marks: &Watermarks) -> bool {
    let (Some(marker), Some(last)) = (&marks.marker, &scan.last) else {
        return false;
    };
    let known = marks
        .highest()
        .is_some_and(|(known, _)| known > last.number);
    scan.bad.is_none() && !known && marker.hash == last.hash && marks.store == Some(*marker)
}

/// The damage of this journal, if it has any. Writes nothing.
pub(super) fn damage(
    files: &JournalFiles,
    scan: &Scan,
    marks: &Watermarks,
) -> Result<Option<Fault>, Fault> {
    let next = scan.number() + 1;
    if let Some(bad) = scan.bad.as_ref().filter(|bad| !bad.torn) {
        return Ok(Some(bad_frame(next, bad)));
    }
    let at = scan.bad.as_ref().map_or(scan.end, |bad| bad.place);
    let why = scan
        .bad
        .as_ref()
        .map_or("zeros stand there", |bad| bad.why.as_str());
    if let Some((found, place)) = files.frame_behind(at)? {
        let text = format!("frame {next} at {at}: {why}, yet frame {found} follows at {place}");
        return Ok(Some(Fault::damaged("journal frame", text)));
    }
    if let Some((known, who)) = marks.highest().filter(|(known, _)| *known > scan.number()) {
        if who == VAULT && marks.is_from_before(scan.number()) {
            return Ok(Some(Fault::AnotherHistory { frame: known }));
        }
        let mut text = format!("frame {next} at {at}: {why}, yet {who} knows of frame {known}");
        if who == VAULT {
            text.push_str(" (or this is an old copy of the folder)");
        }
        return Ok(Some(Fault::damaged("journal frame", text)));
    }
    Ok(None)
}

/// Makes the journal's end durable as it was read: writes every frame past the lowest watermark
/// again, because it may have been read from a cache whose sync had failed, zeroes what follows
/// and syncs. A crash in here leaves the same journal for the next recovery. Gives what only a cut
/// list can explain among the frames that were written again.
pub(super) fn repair(
    files: &JournalFiles,
    scan: &Scan,
    marks: &Watermarks,
) -> Result<Vec<Doubt>, Fault> {
    let cursor = match marks.lowest() {
        Some(number) => files.before_number(number + 1)?,
        // Nothing says what was synced: all of the last segment is written again.
        None => match files.in_segment(scan.end.segment)? {
            Some(cursor) => cursor,
            None => files.at_start(),
        },
    };
    let doubts = rewrite(files, cursor, scan.number())?;
    for number in segment::numbers(files.folder())? {
        if number < scan.end.segment {
            continue;
        }
        let from = if number == scan.end.segment {
            scan.end.offset
        } else {
            0
        };
        let file = files.open(number)?;
        zero_rest(&*file, from)?;
        file.sync().map_err(Fault::io("journal sync"))?;
    }
    files
        .disk
        .sync_folder(files.folder())
        .map_err(Fault::io("journal sync"))?;
    Ok(doubts)
}

fn rewrite(files: &JournalFiles, mut cursor: Cursor, last: u64) -> Result<Vec<Doubt>, Fault> {
    let mut open: Option<(u64, _)> = None;
    let mut doubts = Vec::new();
    while cursor.number < last {
        let frame = match cursor.step()? {
            Step::Frame(frame) => frame,
            Step::End => {
                return Err(Fault::damaged(
                    "journal",
                    "it changed while being recovered",
                ));
            }
            Step::Bad(bad) => return Err(bad_frame(cursor.number + 1, &bad)),
        };
        doubts.append(&mut cursor.doubts);
        let file = match open.take() {
            Some((number, file)) if number == frame.place.segment => file,
            Some((_, file)) => {
                sync(&file)?;
                files.open(frame.place.segment)?
            }
            None => files.open(frame.place.segment)?,
        };
        // A segment's header was written together with its first frame, and is again.
        let first = frame.place.offset == FIRST_FRAME_OFFSET;
        let from = if first { 0 } else { frame.place.offset };
        let until = frame.place.offset + frame.length;
        let length = usize::try_from(until - from).unwrap_or(usize::MAX);
        let bytes = read_up_to(&*file, from, length)?;
        file.write_all_at(&bytes, from)
            .map_err(Fault::io("journal rewriting"))?;
        open = Some((frame.place.segment, file));
    }
    open.map_or(Ok(()), |(_, file)| sync(&file))?;
    Ok(doubts)
}

fn sync(file: &std::sync::Arc<dyn super::disk::DiskFile>) -> Result<(), Fault> {
    file.sync().map_err(Fault::io("journal sync"))
}

/// Removes segment files whose preparation a crash cut short: they never had their final name.
pub(super) fn remove_drafts(files: &JournalFiles) -> Result<(), Fault> {
    for entry in std::fs::read_dir(files.folder()).map_err(Fault::io("journal listing"))? {
        let path = entry.map_err(Fault::io("journal listing"))?.path();
        if path.extension().is_some_and(|extension| extension == "new") {
            files
                .disk
                .remove(&path)
                .map_err(Fault::io("removing an unfinished segment"))?;
        }
    }
    Ok(())
}
