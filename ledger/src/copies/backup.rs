//! Backups: the journal as it is now in another folder, also while the ledger is open. The second
//! time only what is new is copied (SPEC §13.3).

use std::path::{Path, PathBuf};

use super::folder::{CopyFolder, CopyKind};
use super::manifest::{Manifest, sum_of};
use super::mirror::epoch_after;
use super::registry;
use super::source::Source;
use crate::clock::{Clock, SystemClock, SystemEntropy};
use crate::domain::ids::CopyId;
use crate::error::Fault;
use crate::keys::cut::cuts_in;
use crate::log::{JournalCopy, Met};

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
    crate::open::require_apart(data, to)?;
    let source = Source::of_ledger(data)?;
    std::fs::create_dir_all(to).map_err(Fault::io("making a backup's folder"))?;
    let copy = match CopyFolder::open_of(to, CopyKind::Backup, source.log_id)? {
        Some(copy) => copy,
        None => {
            let id = CopyId::fresh(&mut SystemEntropy);
            CopyFolder::create(to, CopyKind::Backup, (id, source.log_id))?
        }
    };
    let before = Manifest::read(&copy)?.unwrap_or_default();
    require_same_history(&source, &copy, &before)?;
    let (after, copied) = copy_on(&source, &copy, before)?;
    // A crash before this leaves the backup that was there, and bytes behind it that the next one
    // writes again.
    after.write(&copy)?;
    let place: PathBuf = std::path::absolute(to).unwrap_or_else(|_| to.to_owned());
    registry::note(data, copy.id, &place, &after, SystemClock.now())?;
    Ok(BackupMade {
        id: copy.id,
        manifest: after,
        copied,
    })
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

fn copy_on(source: &Source, copy: &CopyFolder, before: Manifest) -> Result<(Manifest, u64), Fault> {
    let mut after = before;
    let mut writer = JournalCopy::into_files(copy.files());
    let mut frames = source.settled(after.frame + 1)?;
    let (mut copied, mut touched, mut cuts) = (0, Vec::new(), Vec::new());
    while let Some(frame) = frames.next_frame()? {
        writer.write(&source.files, &frame)?;
        (after.frame, after.hash, after.size) = (frame.number, frame.hash, frame.tree_size());
        after.epoch = epoch_after(&frame, after.epoch);
        let bytes = frame.place.offset + frame.length;
        match touched.last_mut() {
            Some((segment, end)) if *segment == frame.place.segment => *end = bytes,
            Some(_) | None => touched.push((frame.place.segment, bytes)),
        }
        cuts.extend(cuts_in(&frame.key_records));
        copied += 1;
    }
    writer.sync()?;
    // The lists are held: what they name becomes zeros here too, also in frames copied before.
    // Their checksums are taken anew even if a run cut short had zeroed them before.
    if !cuts.is_empty() {
        copy.files().cut_out(&cuts)?;
        let known = (1_u64..)
            .zip(&after.files)
            .map(|(number, file)| (number, file.0));
        let older = known.filter(|(number, _)| touched.iter().all(|(it, _)| it != number));
        touched.extend(older.collect::<Vec<_>>());
        touched.sort_unstable();
    }
    for (segment, bytes) in touched {
        let sum = sum_of(&copy.segment(segment), bytes)?
            .ok_or_else(|| Fault::damaged("backup", format!("file {segment} is shorter")))?;
        let place = usize::try_from(segment.saturating_sub(1)).unwrap_or(usize::MAX);
        match after.files.get_mut(place) {
            Some(file) => *file = (bytes, sum),
            None => after.files.push((bytes, sum)),
        }
    }
    Ok((after, copied))
}
