//! Reading the journal of a ledger that another process may have open.
//!
//! - One frame is in flight at a time, so every frame but the last was synced before the one behind
//!   it was written. The last one counts where its ledger says that it is synced, or was closed in
//!   order. What may yet be lost in a power cut is never copied.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::folder::{CopyFolder, write_new};
use crate::error::Fault;
use crate::hex::{from_hex, hex};
use crate::log::{Frame, JournalFiles, JournalWalk, Log, Met, SystemDisk};
use crate::unfinished::require_finished;

/// A journal to copy from: a ledger's own, or a copy of it.
pub(super) struct Source {
    /// The ledger's id.
    pub(super) log_id: [u8; 32],
    /// The journal.
    pub(super) files: JournalFiles,
    /// The ledger's folder; none for a copy.
    ledger: Option<PathBuf>,
}

impl Source {
    /// The ledger in a data folder.
    pub(super) fn of_ledger(data: &Path) -> Result<Self, Fault> {
        require_finished(data)?;
        let log = data.join("log");
        let log_id = Log::id_at(&log)?;
        let files = JournalFiles::in_folder(log.join("journal"), log_id, Arc::new(SystemDisk));
        Ok(Self {
            log_id,
            files,
            ledger: Some(data.to_owned()),
        })
    }

    /// A ledger's folder, or a copy's.
    pub(super) fn of(place: &Path) -> Result<Self, Fault> {
        if place.join("log").is_dir() {
            return Self::of_ledger(place);
        }
        let Some(copy) = CopyFolder::open(place)? else {
            let place = place.display();
            return Err(Fault::Unusable(format!("there is no copy at {place}")));
        };
        Ok(Self {
            log_id: copy.log_id,
            files: copy.files(),
            ledger: None,
        })
    }

    /// Frames from a number on that are synced, one by one.
    pub(super) fn settled(&self, from: u64) -> Result<Settled, Fault> {
        let known = self.ledger.as_deref().and_then(read_synced);
        Ok(Settled {
            walk: self.files.walk_from(from)?,
            held: None,
            known,
            all: self.ledger.as_deref().is_none_or(closed_in_order),
        })
    }
}

/// Frames of a journal that are known to be synced.
pub(super) struct Settled {
    walk: JournalWalk,
    /// Read, and not known to be synced before another one follows.
    held: Option<Box<Frame>>,
    /// What the ledger itself says is synced.
    known: Option<(u64, [u8; 32])>,
    /// Whether the ledger was closed in order: then all are.
    all: bool,
}

impl Settled {
    /// The next one; damage before the end is a fault.
    pub(super) fn next_frame(&mut self) -> Result<Option<Box<Frame>>, Fault> {
        loop {
            let met = self.walk.meet()?;
            let held = self.held.take();
            match met {
                Met::Frame(frame) => {
                    self.held = Some(frame);
                    if held.is_some() {
                        return Ok(held);
                    }
                }
                Met::End => return Ok(held.filter(|frame| self.is_synced(frame))),
                // Where a writer is at work this is the frame in flight; the check of the copy
                // finds it if it is anything else.
                Met::Bad(_) if held.as_deref().is_some_and(|frame| self.is_synced(frame)) => {
                    return Ok(held);
                }
                Met::Bad(fault) => return self.in_flight(fault),
            }
        }
    }

    fn is_synced(&self, frame: &Frame) -> bool {
        self.all
            || self
                .known
                .is_some_and(|(number, hash)| number > frame.number || hash == frame.hash)
    }

    fn in_flight(&self, fault: Fault) -> Result<Option<Box<Frame>>, Fault> {
        let behind = self.known.map_or(0, |(number, _)| number);
        if self.all || self.walk.number() < behind {
            return Err(fault);
        }
        Ok(None)
    }
}

/// Says which frame is synced, for who copies the journal from outside. Not synced itself: what it
/// says stays true.
pub(crate) fn write_synced(data: &Path, (number, hash): (u64, &[u8; 32])) -> Result<(), Fault> {
    let line = format!("{number} {}\n", hex(hash));
    write_new(&data.join(SYNCED), line.as_bytes())
}

fn read_synced(data: &Path) -> Option<(u64, [u8; 32])> {
    let text = std::fs::read_to_string(data.join(SYNCED)).ok()?;
    let (number, hash) = text.trim_end().split_once(' ')?;
    Some((number.parse().ok()?, from_hex(hash)?))
}

/// A clean stop leaves a mark that goes with the next start.
fn closed_in_order(data: &Path) -> bool {
    data.join("log/CLEAN").exists()
}

const SYNCED: &str = "synced";
