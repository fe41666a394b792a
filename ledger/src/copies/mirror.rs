//! Mirrors: threads that copy the journal to other folders as it grows.
//!
//! - A mirror that holds another history, or more than this ledger, is refused before anything is
//!   written to it, and never overwritten.
//! - A failing mirror costs the ledger nothing but the destruction of keys, which waits.

use std::path::Path;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use super::attached::{Copies, Lag, MirrorState};
use super::folder::{CopyFolder, CopyKind};
use crate::clock::Entropy;
use crate::domain::ids::CopyId;
use crate::error::Fault;
use crate::keys::KeyRecord;
use crate::keys::cut::cuts_in;
use crate::limits::{MIRROR_BATCH_BYTES, MIRROR_RETRY_MS, MIRROR_WAIT_MS};
use crate::log::{CopyTail, Frame, JournalCopy, JournalFiles, Met, Reader};

/// The threads of the mirrors that are here. Dropping it ends them.
pub(crate) struct Mirrors {
    copies: Arc<Copies>,
    ids: Vec<CopyId>,
    threads: Vec<JoinHandle<()>>,
}

impl Mirrors {
    /// Starts following into these folders, which were found to fit.
    pub(crate) fn start(
        copies: &Arc<Copies>,
        reader: &Reader,
        folders: &[CopyFolder],
    ) -> Result<Self, Fault> {
        let mut mirrors = Self {
            copies: Arc::clone(copies),
            ids: folders.iter().map(|folder| folder.id).collect(),
            threads: Vec::new(),
        };
        for folder in folders {
            copies.arrived(folder.id, folder.path.clone());
            let follower = Follower {
                id: folder.id,
                folder: folder.clone(),
                files: folder.files(),
                reader: reader.clone(),
                copies: Arc::clone(copies),
            };
            let thread = Builder::new()
                .name("mirror".to_owned())
                .spawn(move || follower.run())
                .map_err(Fault::io("starting a mirror"))?;
            mirrors.threads.push(thread);
        }
        Ok(mirrors)
    }

    /// The mirrors that are here.
    pub(super) fn ids(&self) -> &[CopyId] {
        &self.ids
    }
}

impl Drop for Mirrors {
    fn drop(&mut self) {
        self.copies.stop();
        for thread in self.threads.drain(..) {
            // A mirror reports its own failures; a panic in it harmed nothing but the mirror.
            let _ = thread.join();
        }
    }
}

/// Opens the folders given as mirrors, or makes them. Refuses, without writing, what belongs to
/// another ledger or to another history of this one.
pub(crate) fn open_mirrors(
    folders: &[std::path::PathBuf],
    reader: &Reader,
    log_id: [u8; 32],
    entropy: &mut dyn Entropy,
) -> Result<Vec<CopyFolder>, Fault> {
    let mut found: Vec<CopyFolder> = Vec::with_capacity(folders.len());
    for path in folders {
        let folder = match CopyFolder::open_of(path, CopyKind::Mirror, log_id)? {
            Some(folder) => folder,
            None => {
                let id = CopyId::fresh(entropy);
                CopyFolder::create(path, CopyKind::Mirror, (id, log_id))?
            }
        };
        if found.iter().any(|other| other.id == folder.id) {
            let twice = path.display();
            return Err(Fault::Unusable(format!("{twice} was given twice")));
        }
        require_same_history(&folder.files(), path, reader)?;
        found.push(folder);
    }
    Ok(found)
}

/// A mirror may lack frames of this journal, and hold no other ones.
fn require_same_history(
    files: &JournalFiles,
    path: &Path,
    reader: &Reader,
) -> Result<CopyTail, Fault> {
    let tail = files.tail()?;
    let head = reader.head().frame_number;
    let place = path.display();
    let highest = tail.last.map(|(number, _)| number).max(tail.beyond);
    if let Some(highest) = highest.filter(|highest| *highest > head) {
        return Err(Fault::Unusable(format!(
            "the mirror {place} holds frame {highest}, this ledger ends at frame {head}: the \
             ledger is older than its mirror; nothing was changed, restore from the mirror"
        )));
    }
    if let Some((number, hash)) = tail.last {
        let here = reader.frame(number)?.map(|frame| frame.hash);
        if here != Some(hash) {
            return Err(Fault::Unusable(format!(
                "the mirror {place} holds another history from frame {number} or before; nothing \
                 was changed"
            )));
        }
    }
    Ok(tail)
}

/// One mirror's thread.
struct Follower {
    id: CopyId,
    folder: CopyFolder,
    files: JournalFiles,
    reader: Reader,
    copies: Arc<Copies>,
}

impl Follower {
    fn run(&self) {
        while !self.copies.is_over(self.id) {
            let Err(fault) = self.follow() else { return };
            let id = self.id;
            tracing::error!(%id, %fault, "a mirror fails; no key is destroyed meanwhile");
            let for_good = !matches!(fault, Fault::Io { .. });
            let why = fault.to_string();
            if for_good {
                self.copies.fails(id, MirrorState::Refused(why));
                return;
            }
            self.copies.fails(id, MirrorState::Failing(why));
            self.copies.rest(id, Duration::from_millis(MIRROR_RETRY_MS));
        }
    }

    /// Checks what is there, then copies until told to end.
    fn follow(&self) -> Result<(), Fault> {
        let tail = require_same_history(&self.files, &self.folder.path, &self.reader)?;
        let mut done = self.check_before(tail.resume)?;
        let mut copy = JournalCopy::into_files(self.files.clone());
        self.copies.follows(self.id, done.0, done.1);
        loop {
            let wait = Duration::from_millis(MIRROR_WAIT_MS);
            let head = self.reader.await_frame(done.0, wait);
            if head > done.0 && !self.copies.is_late(self.id) {
                self.copies.falls_behind(self.id);
                done = self.copy_on(&mut copy, done)?;
            } else if self.copies.is_over(self.id) {
                return Ok(());
            }
        }
    }

    /// Reads every frame before this one; gives the last one's number and the epoch at it.
    fn check_before(&self, resume: u64) -> Result<(u64, u64), Fault> {
        let mut walk = self.files.walk();
        let mut done = (0, 0);
        let mut cuts = Vec::new();
        while done.0 + 1 < resume && !self.copies.is_over(self.id) {
            match walk.meet()? {
                Met::Frame(frame) => {
                    done = (frame.number, epoch_after(&frame, done.1));
                    cuts.extend(cuts_in(&frame.key_records));
                }
                Met::End => break,
                Met::Bad(fault) => return Err(fault),
            }
        }
        // A list that explains these may stand in frames that are written again; the ledger has it.
        for (position, segment) in walk.unexplained() {
            if !self.reader.is_cut(position, segment)? {
                let place = format!("event {position} segment {segment} of a mirror");
                return Err(Fault::damaged("segment", place));
            }
        }
        // A crash may have come between a list and what it lists.
        self.files.cut_out(&cuts)?;
        Ok(done)
    }

    /// Copies a batch of frames and makes it durable.
    fn copy_on(&self, copy: &mut JournalCopy, from: (u64, u64)) -> Result<(u64, u64), Fault> {
        let mut done = from;
        let mut bytes = 0;
        let mut cuts = Vec::new();
        let (known, began) = (self.reader.head().frame_number, Instant::now());
        for frame in self.reader.frames(done.0 + 1)? {
            let frame = frame?;
            copy.write(self.reader.journal(), &frame)?;
            cuts.extend(cuts_in(&frame.key_records));
            done = (frame.number, epoch_after(&frame, done.1));
            bytes += frame.length;
            if bytes >= MIRROR_BATCH_BYTES {
                break;
            }
        }
        copy.sync()?;
        // Before it is acknowledged: whoever has the list holds nothing of what it lists.
        self.files.cut_out(&cuts)?;
        // Durable there: a root may die on the strength of this.
        let all = self.reader.head().frame_number <= done.0;
        let behind_since = match (all, done.0 >= known) {
            (true, _) => Lag::None,
            // Whatever it lacks now came since this batch began.
            (false, true) => Lag::Since(began),
            (false, false) => Lag::AsBefore,
        };
        self.copies.acknowledge(self.id, done, behind_since);
        Ok(done)
    }
}

/// The epoch of the last finished rotation once this frame is there.
pub(super) fn epoch_after(frame: &Frame, before: u64) -> u64 {
    let mut epoch = before;
    for bytes in &frame.key_records {
        if let Ok(KeyRecord::Done { epoch: done, .. }) = KeyRecord::from_bytes(bytes) {
            epoch = done;
        }
    }
    epoch
}
