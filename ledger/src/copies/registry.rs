//! Which backups were made of a ledger: a list in its data folder, for `status` and certificates. A
//! running server tells the log of it, from which a restored ledger has its own.
//!
//! - It says what was made, not what still exists: who throws a backup away strikes it off.
//! - A backup is on it before the first frame is copied: a round that dies later leaves none that
//!   certificates do not know of.
//! - One at a time reads, changes and writes it.

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::folder::write_new;
use crate::clock::Timestamp;
use crate::domain::ids::CopyId;
use crate::error::Fault;
use crate::ledger::Ledger;

/// The list of one data folder, kept in memory until its file is another one.
pub(crate) struct BackupList {
    data: PathBuf,
    kept: Mutex<Option<(Stamp, Arc<[BackupReport]>)>>,
    /// What the log was told last.
    told: Mutex<Option<Arc<[BackupReport]>>>,
}

/// What tells one state of the list's file from another: it is replaced, never written into.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    changed: (i64, i64),
    bytes: u64,
}

impl BackupList {
    pub(crate) fn of(data: &Path) -> Self {
        Self {
            data: data.to_owned(),
            kept: Mutex::new(None),
            told: Mutex::new(None),
        }
    }

    /// The backups on the list, read again only where the file is another one.
    pub(crate) fn read(&self) -> Result<Arc<[BackupReport]>, Fault> {
        let stamp = match std::fs::metadata(self.data.join(NAME)) {
            Ok(found) => Stamp {
                inode: found.ino(),
                changed: (found.ctime(), found.ctime_nsec()),
                bytes: found.len(),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok([].into()),
            Err(error) => return Err(Fault::io("reading the list of backups")(error)),
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, list)) = &*kept
            && *of == stamp
        {
            return Ok(Arc::clone(list));
        }
        // Replaced in between it is a newer list under an older stamp, and is read once more.
        let list: Arc<[BackupReport]> = read(&self.data)?.into();
        *kept = Some((stamp, Arc::clone(&list)));
        Ok(list)
    }
}

impl Ledger {
    /// Tells the log what changed on the list of backups, if anything did: a ledger that is
    /// restored from a copy knows of them then.
    pub fn note_backups(&self) -> Result<(), Fault> {
        let listed = self.backups.read()?;
        let told = || self.backups.told.lock();
        if told().unwrap_or_else(PoisonError::into_inner).as_ref() == Some(&listed) {
            return Ok(());
        }
        let list = Arc::clone(&listed);
        self.between(move |writer| writer.note_backups(&list))?;
        *told().unwrap_or_else(PoisonError::into_inner) = Some(listed);
        Ok(())
    }
}

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupReport {
    /// Which.
    pub id: CopyId,
    /// Where it was when it was made last; empty where only the log knows of it.
    pub folder: PathBuf,
    /// The last frame in it.
    pub frame: u64,
    /// The epoch of the last finished rotation in it.
    pub epoch: u64,
    /// When it was made last.
    pub made: Timestamp,
}

/// The backups on the list.
pub(crate) fn read(data: &Path) -> Result<Vec<BackupReport>, Fault> {
    let text = match std::fs::read_to_string(data.join(NAME)) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Fault::io("reading the list of backups")(error)),
    };
    let parsed = text.lines().map(parse).collect::<Option<Vec<_>>>();
    parsed.ok_or_else(|| Fault::damaged("list of backups", data.join(NAME).display().to_string()))
}

/// Whether the list can name a folder: each backup is a line of it.
pub(super) fn require_nameable(folder: &Path) -> Result<(), Fault> {
    let name = folder.display().to_string();
    if name.contains(char::is_control) {
        return Err(Fault::Unusable(format!(
            "{name:?} has a line break or another control character in it; nothing was touched, \
             choose another folder"
        )));
    }
    Ok(())
}

/// Writes a backup on the list if it is not there yet, with what the folder holds before a round.
pub(super) fn announce(data: &Path, backup: BackupReport) -> Result<(), Fault> {
    let _alone = alone(data)?;
    let mut all = read(data)?;
    if all.iter().any(|other| other.id == backup.id) {
        return Ok(());
    }
    all.push(backup);
    write(data, &all)
}

/// Writes a backup on the list, in place of what it said of it before.
pub(super) fn note(data: &Path, backup: BackupReport) -> Result<(), Fault> {
    let _alone = alone(data)?;
    let mut all = read(data)?;
    all.retain(|other| other.id != backup.id);
    all.push(backup);
    write(data, &all)
}

/// Strikes a backup off the list; false if it is not on it.
pub fn forget_backup(data: &Path, id: CopyId) -> Result<bool, Fault> {
    let _alone = alone(data)?;
    let mut all = read(data)?;
    let before = all.len();
    all.retain(|other| other.id != id);
    if all.len() == before {
        return Ok(false);
    }
    write(data, &all)?;
    Ok(true)
}

/// Waits for the list: who has it reads and writes one small file. The folder's own handle is
/// locked by an open ledger, so this is a file.
fn alone(data: &Path) -> Result<File, Fault> {
    let locking = || Fault::io("locking the list of backups");
    let file = File::create(data.join(LOCK)).map_err(locking())?;
    file.lock().map_err(locking())?;
    Ok(file)
}

/// Begins the list of a restored ledger with what its log knows, and the copy it comes from.
pub(super) fn begin(data: &Path, all: &[BackupReport]) -> Result<(), Fault> {
    let _alone = alone(data)?;
    write(data, all)
}

fn write(data: &Path, all: &[BackupReport]) -> Result<(), Fault> {
    let mut text = String::new();
    for one in all {
        let (frame, epoch, made) = (one.frame, one.epoch, one.made.0);
        let folder = one.folder.display();
        text.push_str(&format!("{} {frame} {epoch} {made} {folder}\n", one.id));
    }
    write_new(&data.join(NAME), text.as_bytes())
}

fn parse(line: &str) -> Option<BackupReport> {
    let mut words = line.splitn(5, ' ');
    Some(BackupReport {
        id: words.next()?.parse().ok()?,
        frame: words.next()?.parse().ok()?,
        epoch: words.next()?.parse().ok()?,
        made: Timestamp(words.next()?.parse().ok()?),
        folder: PathBuf::from(words.next()?),
    })
}

const NAME: &str = "backups";
const LOCK: &str = "backups.lock";
