//! Mending a journal in place: frames that are damaged here and good in a copy are written again
//! from it (SPEC §13.7).
//!
//! - Nothing is written unless all damage can be mended, and every good frame here is the copy's or
//!   goes on from it.
//! - What a list names becomes zeros again, whatever the copy still holds of it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::content::derive;
use super::copy::{JournalCopy, Met};
use super::cursor::{Cursor, Step, bad_frame};
use super::cut::{Doubt, doubts_in, gather, listed, overwrite};
use super::disk::SystemDisk;
use super::files::{JournalFiles, read_frame, read_up_to};
use super::folder::Folder;
use super::frame::Frame;
use super::index::IndexRecord;
use super::segment::FIRST_FRAME_OFFSET;
use super::writer::Log;
use crate::error::Fault;

/// Turns one key record into its index records.
type IndexOf = fn(&[u8]) -> Result<Vec<IndexRecord>, Fault>;

impl Log {
    /// Mends the journal of a log that nobody has open from a copy of it, read up to a frame. Gives
    /// the numbers of the frames that were written again. `ends_with` is asked about the copy's
    /// last frame where the damage reaches the journal's end: no good frame here goes on from it.
    pub fn mend(
        dir: &Path,
        (copy, until): (&JournalFiles, u64),
        index_of_key_record: IndexOf,
        ends_with: &dyn Fn(&Frame) -> Result<(), Fault>,
    ) -> Result<Vec<u64>, Fault> {
        let folder = Folder(dir.to_path_buf());
        let log_id = folder.log_id()?;
        let _lock = folder.lock()?;
        let files = JournalFiles::in_folder(folder.journal(), log_id, Arc::new(SystemDisk));
        let mut beside = Beside::new(index_of_key_record);
        beside.compare(&files, copy, until)?;
        let damaged = beside.judge(ends_with)?;
        // A crash on the way leaves some of them mended; the next run finds the others.
        write_again(&files, copy, &damaged)?;
        overwrite(&files, &gather(beside.listed.iter().copied()))?;
        require_whole(&files, beside.end())?;
        Ok(damaged.into_iter().collect())
    }
}

/// What a journal is beside its copy.
struct Beside {
    index_of_key_record: IndexOf,
    /// Frames that cannot be read here.
    damaged: BTreeSet<u64>,
    /// Segments that are not as written, with their frames: here, and in the copy.
    doubts: Vec<(u64, Doubt)>,
    their_doubts: Vec<(u64, Doubt)>,
    /// What cut lists name.
    listed: BTreeSet<(u64, u8)>,
    /// The last frame that is good here, and the last such one that the copy holds, too.
    sound: u64,
    shared: Option<Arc<Frame>>,
    /// The copy's last frame.
    last: Option<Arc<Frame>>,
}

impl Beside {
    fn new(index_of_key_record: IndexOf) -> Self {
        Self {
            index_of_key_record,
            damaged: BTreeSet::new(),
            doubts: Vec::new(),
            their_doubts: Vec::new(),
            listed: BTreeSet::new(),
            sound: 0,
            shared: None,
            last: None,
        }
    }

    fn compare(
        &mut self,
        files: &JournalFiles,
        copy: &JournalFiles,
        until: u64,
    ) -> Result<(), Fault> {
        let mut theirs = copy.at_start();
        while theirs.number < until {
            // Where the copy is damaged itself, it ends.
            let Step::Frame(frame) = theirs.step()? else {
                break;
            };
            let doubts = std::mem::take(&mut theirs.doubts);
            self.their_doubts
                .extend(doubts.into_iter().map(|doubt| (frame.number, doubt)));
            let frame: Arc<Frame> = Arc::from(frame);
            match here(files, copy, &frame)? {
                Some(doubts) => {
                    self.meet(&frame, doubts)?;
                    self.shared = Some(Arc::clone(&frame));
                }
                None => {
                    self.damaged.insert(frame.number);
                    self.list(&frame)?;
                }
            }
            self.last = Some(frame);
        }
        if self.sound < self.end() {
            self.require_end(files)?;
        }
        self.go_on(files)
    }

    /// The number of the last frame of either.
    fn end(&self) -> u64 {
        let last = self.last.as_ref().map_or(0, |frame| frame.number);
        last.max(self.sound)
    }

    /// Where the damage reaches the end of what the copy holds, no good frame may stand here at
    /// another place than the copy's.
    fn require_end(&self, files: &JournalFiles) -> Result<(), Fault> {
        let mut cursor = files.at_start();
        if let Some(shared) = &self.shared {
            cursor.pass(shared);
        }
        if !files.path(cursor.end.segment).exists() {
            return Ok(());
        }
        match cursor.step()? {
            Step::Frame(frame) => Err(another_history(frame.number)),
            Step::End | Step::Bad(_) => Ok(()),
        }
    }

    /// What stands here behind the copy's end must go on from it, and be good. Bytes that no good
    /// frame follows may be a torn end, which opening judges by what is known to be synced.
    fn go_on(&mut self, files: &JournalFiles) -> Result<(), Fault> {
        let mut cursor = files.at_start();
        if let Some(last) = &self.last {
            cursor.pass(last);
        }
        if !files.path(cursor.end.segment).exists() {
            return Ok(());
        }
        loop {
            match cursor.step()? {
                Step::Frame(frame) => {
                    let doubts = std::mem::take(&mut cursor.doubts);
                    self.meet(&frame, doubts)?;
                }
                Step::End => return Ok(()),
                Step::Bad(bad) if bad.torn && files.frame_behind(bad.place)?.is_none() => {
                    return Ok(());
                }
                Step::Bad(bad) => return Err(beyond(&cursor, &bad_frame(cursor.number + 1, &bad))),
            }
        }
    }

    /// Takes in a frame that is good here but for these segments.
    fn meet(&mut self, frame: &Frame, doubts: Vec<Doubt>) -> Result<(), Fault> {
        self.sound = frame.number;
        self.doubts
            .extend(doubts.into_iter().map(|doubt| (frame.number, doubt)));
        self.list(frame)
    }

    fn list(&mut self, frame: &Frame) -> Result<(), Fault> {
        let records = derive(&frame.key_records, self.index_of_key_record)?;
        self.listed.extend(listed(&records));
        Ok(())
    }

    fn is_listed(&self, doubt: &Doubt) -> bool {
        self.listed.contains(&(doubt.position, doubt.segment))
    }

    /// The frames to be written again; refuses where the copy is no help.
    fn judge(
        &self,
        ends_with: &dyn Fn(&Frame) -> Result<(), Fault>,
    ) -> Result<BTreeSet<u64>, Fault> {
        let unlisted = self
            .doubts
            .iter()
            .filter(|(_, doubt)| !self.is_listed(doubt));
        let mut damaged = self.damaged.clone();
        damaged.extend(unlisted.map(|(number, _)| *number));
        let last = self.last.as_ref().map_or(0, |frame| frame.number);
        let bad =
            |(number, doubt): &&(u64, Doubt)| damaged.contains(number) && !self.is_listed(doubt);
        let missing = damaged.iter().find(|number| **number > last).copied();
        if let Some(number) = missing.or_else(|| {
            self.their_doubts
                .iter()
                .find(bad)
                .map(|(number, _)| *number)
        }) {
            return Err(Fault::Unusable(format!(
                "frame {number} of the journal is damaged, and the copy does not hold it well \
                 either; nothing was changed, try another copy"
            )));
        }
        if self.sound == 0 && last > 0 {
            return Err(Fault::Unusable(
                "no frame of the journal is good, so nothing says that it is the copy's; nothing \
                 was changed, restore from the copy"
                    .to_owned(),
            ));
        }
        match &self.last {
            Some(frame) if damaged.iter().any(|number| *number > self.sound) => ends_with(frame)?,
            Some(_) | None => {}
        }
        Ok(damaged)
    }
}

/// The copy's frame as it stands here: what is in doubt in it; none if it cannot be read.
fn here(
    files: &JournalFiles,
    copy: &JournalFiles,
    theirs: &Frame,
) -> Result<Option<Vec<Doubt>>, Fault> {
    let place = theirs.place;
    if !files.path(place.segment).exists() {
        return Ok(None);
    }
    let file = files.open(place.segment)?;
    if place.offset == FIRST_FRAME_OFFSET {
        let length = usize::try_from(FIRST_FRAME_OFFSET).unwrap_or(usize::MAX);
        let header = read_up_to(&*copy.open(place.segment)?, 0, length)?;
        if read_up_to(&*file, 0, length)? != header {
            return Ok(None);
        }
    }
    match read_frame(&*file, place)? {
        Ok(frame) if frame.hash == theirs.hash => Ok(Some(doubts_in(&frame))),
        Ok(frame) if frame.number == theirs.number => Err(another_history(frame.number)),
        Ok(_) | Err(_) => Ok(None),
    }
}

fn another_history(number: u64) -> Fault {
    Fault::Unusable(format!(
        "frame {number} of the journal is good and another one than the copy's: the copy is of \
         another history; nothing was changed"
    ))
}

fn beyond(cursor: &Cursor, fault: &Fault) -> Fault {
    let last = cursor.number;
    Fault::Unusable(format!(
        "{fault}, and the copy goes no further than frame {last}, or is of another history; \
         nothing was changed, try a newer copy"
    ))
}

fn write_again(
    files: &JournalFiles,
    copy: &JournalFiles,
    damaged: &BTreeSet<u64>,
) -> Result<(), Fault> {
    let Some(last) = damaged.last() else {
        return Ok(());
    };
    let mut writer = JournalCopy::into_files(files.clone());
    let mut theirs = copy.at_start().without_digests();
    while theirs.number < *last {
        let Step::Frame(frame) = theirs.step()? else {
            return Err(Fault::damaged("copy", "it changed while it was read"));
        };
        if damaged.contains(&frame.number) {
            writer.write(copy, &frame)?;
        }
    }
    writer.sync()
}

fn require_whole(files: &JournalFiles, until: u64) -> Result<(), Fault> {
    let mut walk = files.walk();
    while walk.number() < until {
        match walk.meet()? {
            Met::Frame(_) => {}
            Met::End => return Err(Fault::damaged("journal", "it ends too early")),
            Met::Bad(fault) => return Err(fault),
        }
    }
    match walk.unexplained().first() {
        Some((position, segment)) => {
            let place = format!("event {position} segment {segment}");
            Err(Fault::damaged("journal", place))
        }
        None => Ok(()),
    }
}
