//! Backups: the journal as it is now in another folder, also while the ledger is open. The second
//! time only what is new is copied (SPEC §13.3).
//!
//! - The manifest is written before anything that it names becomes zeros, and again afterwards: at
//!   every moment the folder holds a backup that `restore` takes.
//! - The ledger's list names it before anything is copied (registry.rs). One round at a time writes
//!   into a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::folder::{CopyFolder, CopyKind};
use super::manifest::Manifest;
use super::mirror::epoch_after;
use super::registry::{self, BackupReport};
use super::source::Source;
use crate::clock::{Clock, SystemClock, SystemEntropy};
use crate::domain::ids::CopyId;
use crate::error::Fault;
use crate::keys::Cut;
use crate::keys::cut::cuts_in;
use crate::limits::{BACKUP_PATIENCE_MS, BACKUP_PAUSE_MS};
use crate::lock::exclusive;
use crate::log::{Disk, JournalCopy, JournalFiles, Met, SystemDisk};

/// What a backup came to.
#[derive(Clone, Debug)]
pub struct BackupMade {
    /// The backup's own id.
    pub id: CopyId,
    /// What it holds now.
    pub manifest: Manifest,
    /// Frames copied this time.
    pub copied: u64,
}

/// Brings the backup in a folder up to the ledger, or makes one there.
pub fn back_up(data: &Path, to: &Path) -> Result<BackupMade, Fault> {
    let round = Round {
        disk: Arc::new(SystemDisk),
        patience: Duration::from_millis(BACKUP_PATIENCE_MS),
    };
    round.run(data, to)
}

/// One round of a backup.
pub(super) struct Round {
    /// Through which the backup's folder is written to.
    pub(super) disk: Arc<dyn Disk>,
    /// How long it waits for a cut list to be known as synced.
    pub(super) patience: Duration,
}

impl Round {
    pub(super) fn run(&self, data: &Path, to: &Path) -> Result<BackupMade, Fault> {
        crate::open::require_apart(data, to)?;
        let place: PathBuf = std::path::absolute(to).unwrap_or_else(|_| to.to_owned());
        registry::require_nameable(&place)?;
        let source = Source::of_ledger(data)?;
        std::fs::create_dir_all(to).map_err(Fault::io("making a backup's folder"))?;
        let _alone = alone(to)?;
        let copy = match CopyFolder::open_of(to, CopyKind::Backup, source.log_id)? {
            Some(copy) => copy,
            None => {
                let id = CopyId::fresh(&mut SystemEntropy);
                CopyFolder::create(to, CopyKind::Backup, (id, source.log_id))?
            }
        };
        let before = Manifest::read(&copy)?.unwrap_or_default();
        require_same_history(&source, &copy, &before)?;
        let copied = before.frame;
        let report = |holds: &Manifest| BackupReport {
            id: copy.id,
            folder: place.clone(),
            frame: holds.frame,
            epoch: holds.epoch,
            made: SystemClock.now(),
        };
        // A round that dies from here on leaves a backup that certificates count.
        registry::announce(data, report(&before))?;
        let manifest = self.copy_on(&source, &copy, before)?;
        registry::note(data, report(&manifest))?;
        Ok(BackupMade {
            id: copy.id,
            copied: manifest.frame - copied,
            manifest,
        })
    }

    fn copy_on(
        &self,
        source: &Source,
        copy: &CopyFolder,
        before: Manifest,
    ) -> Result<Manifest, Fault> {
        let files = copy.files_on(Arc::clone(&self.disk));
        let lists_from = before.cutting.unwrap_or(before.frame + 1);
        let (mut after, mut touched) = (before, BTreeMap::new());
        let began = Instant::now();
        let cuts = loop {
            copy_new(source, &files, &mut after, &mut touched)?;
            let held = Held::read(&files, lists_from, after.frame)?;
            if held.unexplained == 0 {
                break held.cuts;
            }
            // The ledger syncs a list before it carries it out, and says so within a second.
            if began.elapsed() >= self.patience {
                return Err(list_missing(copy, held.unexplained));
            }
            sleep(Duration::from_millis(BACKUP_PAUSE_MS));
        };
        after.sum(copy, &touched)?;
        after.cutting = (!cuts.is_empty()).then_some(lists_from);
        // A crash before this leaves the backup that was there, and bytes behind it that the next
        // round writes again.
        after.write(copy, &*self.disk)?;
        if cuts.is_empty() {
            return Ok(after);
        }
        // The lists are held: what they name becomes zeros here too, also in frames copied before.
        // A crash before the second manifest leaves sums that `cutting` explains (SPEC §13.3); the
        // next round carries the same lists out again.
        files.cut_out(&cuts)?;
        let cut: BTreeSet<u64> = files.holding(&cuts)?;
        let known = (1_u64..).zip(after.files.iter().map(|file| file.0));
        let changed = known.filter(|(number, _)| cut.contains(number)).collect();
        after.sum(copy, &changed)?;
        after.cutting = None;
        after.write(copy, &*self.disk)?;
        Ok(after)
    }
}

/// Two rounds would each make the folder a backup of its own, and write into each other's files.
fn alone(to: &Path) -> Result<File, Fault> {
    let folder = File::open(to).map_err(Fault::io("locking a backup's folder"))?;
    exclusive(&folder, to)?;
    Ok(folder)
}

/// The ledger must hold the backup's last frame: a backup of another history is not overwritten.
fn require_same_history(
    source: &Source,
    copy: &CopyFolder,
    before: &Manifest,
) -> Result<(), Fault> {
    if before.frame == 0 {
        return Ok(());
    }
    let here = match source.files.walk_from(before.frame)?.meet()? {
        Met::Frame(frame) => Some((frame.number, frame.hash)),
        Met::End => None,
        Met::Bad(fault) => return Err(fault),
    };
    if here == Some((before.frame, before.hash)) {
        return Ok(());
    }
    let (place, frame) = (copy.path.display(), before.frame);
    Err(Fault::Unusable(format!(
        "the backup {place} goes on to frame {frame}, which this ledger does not hold: it is of \
         another history; nothing was changed, choose another folder"
    )))
}

/// Copies what is synced behind the manifest's end, and notes where each file then ends.
fn copy_new(
    source: &Source,
    files: &JournalFiles,
    after: &mut Manifest,
    touched: &mut BTreeMap<u64, u64>,
) -> Result<(), Fault> {
    let mut writer = JournalCopy::into_files(files.clone());
    let mut frames = source.settled(after.frame + 1)?;
    while let Some(frame) = frames.next_frame()? {
        writer.write(&source.files, &frame)?;
        (after.frame, after.hash, after.size) = (frame.number, frame.hash, frame.tree_size());
        after.epoch = epoch_after(&frame, after.epoch);
        touched.insert(frame.place.segment, frame.place.offset + frame.length);
    }
    writer.sync()
}

/// What frames of a backup say of cutting out, read back from its files: the ledger may cut between
/// the moment a frame is checked and the moment its bytes are copied.
struct Held {
    cuts: Vec<Cut>,
    /// Segments that are not as written and on none of these lists.
    unexplained: usize,
}

impl Held {
    fn read(files: &JournalFiles, from: u64, until: u64) -> Result<Self, Fault> {
        let mut cuts = Vec::new();
        if from > until {
            let unexplained = 0;
            return Ok(Self { cuts, unexplained });
        }
        let mut walk = files.walk_from(from)?;
        while walk.number() < until {
            match walk.meet()? {
                Met::Frame(frame) => cuts.extend(cuts_in(&frame.key_records)),
                Met::End => return Err(Fault::damaged("backup", "it ends before what was copied")),
                Met::Bad(fault) => return Err(fault),
            }
        }
        let unexplained = walk.unexplained().len();
        Ok(Self { cuts, unexplained })
    }
}

fn list_missing(copy: &CopyFolder, segments: usize) -> Fault {
    let place = copy.path.display();
    Fault::Unusable(format!(
        "{segments} segments were cut out of the ledger while they were copied to {place}, and the \
         list that says so is not known to be synced yet; the backup is what it was before. Run it \
         again; of a ledger that was not stopped in order, after its next start"
    ))
}
