//! The mark of a folder into which a ledger is being restored.
//!
//! - It is there from the folder's first moment until the restored log is whole: nobody opens such
//!   a folder, and the next `restore` into it begins anew by itself.
//! - It says which frame was known to be acknowledged, so that a second attempt cannot forget that
//!   something was lost.

use std::fs::{DirBuilder, File};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::folder::write_new;
use crate::error::Fault;
use crate::lock::exclusive;
use crate::unfinished::RESTORE_MARK;

/// A folder that may be restored into.
pub(super) struct Begun {
    folder: PathBuf,
    /// The last frame that an earlier attempt knew to have been acknowledged; 0 without one.
    pub(super) known_frame: u64,
    /// Held while `restore` runs, so that no other one clears what this one makes.
    lock: Option<File>,
}

impl Begun {
    /// Looks at a folder, which must be new, empty or what a broken `restore` left. Writes nothing.
    pub(super) fn look(folder: &Path) -> Result<Self, Fault> {
        let mut begun = Self {
            folder: folder.to_owned(),
            known_frame: 0,
            lock: None,
        };
        let mut others = Vec::new();
        let looking = "looking into the new data folder";
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(begun),
            Err(error) => return Err(Fault::io(looking)(error)),
        };
        for entry in entries {
            let name = entry.map_err(Fault::io(looking))?.file_name();
            // A crash may have come before the mark had its name.
            if name != DRAFT {
                others.push(name);
            }
        }
        if others.is_empty() {
            return Ok(begun);
        }
        let ours = |name: &std::ffi::OsString| NAMES.iter().any(|ours| name == ours);
        let text = std::fs::read_to_string(folder.join(RESTORE_MARK));
        let known = text.ok().as_deref().and_then(parse);
        match known.filter(|_| others.iter().all(|name| name == RESTORE_MARK || ours(name))) {
            Some(known) => begun.known_frame = known,
            None => {
                let place = folder.display();
                return Err(Fault::Unusable(format!(
                    "{place} is not empty; nothing was touched, choose another"
                )));
            }
        }
        Ok(begun)
    }

    /// Marks the folder, and clears what an earlier attempt left in it. The mark stays all the
    /// while: a crash anywhere leaves a folder that is known again.
    pub(super) fn begin(mut self, known_frame: u64) -> Result<Self, Fault> {
        let marking = || Fault::io("marking the new data folder");
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)
            .map_err(marking())?;
        let lock = File::open(&self.folder).map_err(marking())?;
        exclusive(&lock, &self.folder)?;
        // Another one may have come to its end between the look and the lock.
        self.known_frame = Self::look(&self.folder)?.known_frame.max(known_frame);
        let text = format!("{WORDS}known {}\n", self.known_frame);
        write_new(&self.folder.join(RESTORE_MARK), text.as_bytes())?;
        for name in NAMES {
            let path = self.folder.join(name);
            let gone = match std::fs::symlink_metadata(&path) {
                Ok(found) if found.is_dir() => std::fs::remove_dir_all(&path),
                Ok(_) => std::fs::remove_file(&path),
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => Err(error),
            };
            gone.map_err(Fault::io("clearing what a broken restore left"))?;
        }
        lock.sync_all().map_err(marking())?;
        self.lock = Some(lock);
        Ok(self)
    }

    /// Takes the mark away: from here on the folder is a ledger's.
    pub(super) fn finish(self) -> Result<(), Fault> {
        std::fs::remove_file(self.folder.join(RESTORE_MARK))
            .and_then(|()| File::open(&self.folder)?.sync_all())
            .map_err(Fault::io("taking the mark of restore away"))
    }
}

fn parse(text: &str) -> Option<u64> {
    let known = text.strip_prefix(WORDS)?.strip_prefix("known ")?;
    known.strip_suffix('\n')?.parse().ok()
}

/// Everything that restoring puts into a data folder, and what may be there once it was opened.
const NAMES: [&str; 12] = [
    "log",
    "tiles",
    "snapshots",
    "log.vkey",
    "log.new",
    "log.vkey.old",
    "log.vkey.new",
    "synced",
    "synced.new",
    "backups",
    "backups.new",
    "backups.lock",
];
const DRAFT: &str = "restore-unfinished.new";
const WORDS: &str = "referral-ledger: restoring a ledger began here and did not end.\n\
                     Nothing here is in use. Run restore again; it begins anew.\n";
