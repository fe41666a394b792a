//! A copy's folder: what says that it is one, of which ledger, and the journal files in it
//! (SPEC §13.1).
//!
//! - `COPY` is written last: a folder without it is no copy, and is only taken if it is empty.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::ids::CopyId;
use crate::error::Fault;
use crate::hex::{from_hex, hex};
use crate::log::{Disk, JournalFiles, SystemDisk, replace_file};

/// What a copy is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyKind {
    /// Follows the journal while the ledger is open.
    Mirror,
    /// Holds the journal as it was when the backup was made.
    Backup,
}

impl CopyKind {
    /// The word in `COPY`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Mirror => "mirror",
            Self::Backup => "backup",
        }
    }
}

/// A folder that holds a copy of a ledger's journal.
#[derive(Clone, Debug)]
pub struct CopyFolder {
    /// Where.
    pub path: PathBuf,
    /// What for.
    pub kind: CopyKind,
    /// The copy's own id.
    pub id: CopyId,
    /// The ledger's.
    pub log_id: [u8; 32],
}

impl CopyFolder {
    /// Makes a copy without frames in an empty folder.
    pub fn create(path: &Path, kind: CopyKind, of: (CopyId, [u8; 32])) -> Result<Self, Fault> {
        let (id, log_id) = of;
        let copy = Self {
            path: path.to_owned(),
            kind,
            id,
            log_id,
        };
        std::fs::create_dir_all(copy.journal()).map_err(Fault::io("making a copy's folder"))?;
        // A crash here leaves an empty folder with an empty `journal` in it, which counts as empty.
        let line = format!("{WORD} {VERSION} {} {id} {}\n", kind.word(), hex(&log_id));
        write_new(&path.join(NAME), line.as_bytes())?;
        Ok(copy)
    }

    /// The copy in a folder; `None` if the folder is empty.
    pub fn open(path: &Path) -> Result<Option<Self>, Fault> {
        let place = path.display();
        if !path.is_dir() {
            return Err(Fault::Unusable(format!(
                "there is no folder at {place}; make an empty one for a new copy, or mount the \
                 disk that the copy is on"
            )));
        }
        if !path.join(NAME).exists() {
            if is_empty(path)? {
                return Ok(None);
            }
            return Err(Fault::Unusable(format!(
                "{place} holds other things; nothing was touched, a copy needs a folder of its own"
            )));
        }
        let text = std::fs::read_to_string(path.join(NAME)).map_err(Fault::io("reading COPY"))?;
        Self::parse(path, &text).map(Some)
    }

    /// The same, which must be of this ledger and kind.
    pub fn open_of(path: &Path, kind: CopyKind, log_id: [u8; 32]) -> Result<Option<Self>, Fault> {
        let Some(copy) = Self::open(path)? else {
            return Ok(None);
        };
        let place = path.display();
        if copy.log_id != log_id {
            return Err(Fault::Unusable(format!(
                "{place} is a copy of another ledger; nothing was touched"
            )));
        }
        if copy.kind != kind {
            let (is, wanted) = (copy.kind.word(), kind.word());
            return Err(Fault::Unusable(format!(
                "{place} is a {is}, not a {wanted}; nothing was touched"
            )));
        }
        Ok(Some(copy))
    }

    /// The journal files in it.
    pub fn files(&self) -> JournalFiles {
        self.files_on(Arc::new(SystemDisk))
    }

    pub(super) fn files_on(&self, disk: Arc<dyn Disk>) -> JournalFiles {
        JournalFiles::in_folder(self.journal(), self.log_id, disk)
    }

    /// One of them.
    pub(super) fn segment(&self, number: u64) -> PathBuf {
        self.journal().join(format!("{number:08}.seg"))
    }

    fn journal(&self) -> PathBuf {
        self.path.join("journal")
    }

    fn parse(path: &Path, text: &str) -> Result<Self, Fault> {
        let damaged = || Fault::damaged("copy", path.join(NAME).display().to_string());
        let mut words = text.split_ascii_whitespace();
        if words.next() != Some(WORD) {
            return Err(damaged());
        }
        let version: u32 = words
            .next()
            .and_then(|word| word.parse().ok())
            .ok_or_else(damaged)?;
        if version != VERSION {
            let what = "the copy's folder";
            return Err(Fault::UnknownFormat { what, version });
        }
        let kind = match words.next() {
            Some("mirror") => CopyKind::Mirror,
            Some("backup") => CopyKind::Backup,
            Some(_) | None => return Err(damaged()),
        };
        let id = words.next().and_then(|word| word.parse().ok());
        let log_id = words.next().and_then(from_hex);
        let (Some(id), Some(log_id), None) = (id, log_id, words.next()) else {
            return Err(damaged());
        };
        Ok(Self {
            path: path.to_owned(),
            kind,
            id,
            log_id,
        })
    }
}

/// Writes a small file so that a crash leaves the old one or the new one, never half of one.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    replace_file(&SystemDisk, path, bytes).map_err(Fault::io("writing a copy's own file"))
}

/// Whether nothing lies there but what a creation cut short left.
fn is_empty(path: &Path) -> Result<bool, Fault> {
    let looking = "looking into a copy's folder";
    for entry in std::fs::read_dir(path).map_err(Fault::io(looking))? {
        let entry = entry.map_err(Fault::io(looking))?;
        let name = entry.file_name();
        let left = name == "COPY.new" || name == "lost+found";
        let journal = name == "journal"
            && std::fs::read_dir(entry.path())
                .map_err(Fault::io(looking))?
                .next()
                .is_none();
        if !left && !journal {
            return Ok(false);
        }
    }
    Ok(true)
}

const NAME: &str = "COPY";
const WORD: &str = "referral-ledger-copy";
const VERSION: u32 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    const ID: CopyId = CopyId([7; 16]);

    #[test]
    fn a_copy_is_known_again_and_only_an_empty_folder_becomes_one() {
        let home = tempfile::tempdir().unwrap();
        let place = home.path().join("mirror");
        assert!(CopyFolder::open(&place).is_err(), "not mounted");
        std::fs::create_dir(&place).unwrap();
        assert!(CopyFolder::open(&place).unwrap().is_none());
        CopyFolder::create(&place, CopyKind::Mirror, (ID, [1; 32])).unwrap();
        let again = CopyFolder::open_of(&place, CopyKind::Mirror, [1; 32]).unwrap();
        assert_eq!(again.unwrap().id, ID);
        assert!(CopyFolder::open_of(&place, CopyKind::Backup, [1; 32]).is_err());
        assert!(CopyFolder::open_of(&place, CopyKind::Mirror, [2; 32]).is_err());
        let other = home.path().join("photos");
        std::fs::create_dir(&other).unwrap();
        std::fs::write(other.join("one.jpg"), b"x").unwrap();
        assert!(CopyFolder::open(&other).is_err());
    }

    #[test]
    fn a_creation_cut_short_is_taken_up_again() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join("journal")).unwrap();
        std::fs::write(home.path().join("COPY.new"), b"referral-le").unwrap();
        assert!(CopyFolder::open(home.path()).unwrap().is_none());
    }

    #[test]
    fn a_file_that_says_something_else_is_damage_or_another_version() {
        let home = tempfile::tempdir().unwrap();
        let log = hex(&[1; 32]);
        for text in [
            String::new(),
            "referral-ledger-copy 1 mirror".to_owned(),
            format!("referral-ledger-copy 1 mirror {ID} {log} more"),
            format!("referral-ledger-copy 1 twin {ID} {log}"),
            format!("referral-ledger-copy 1 mirror {ID} {}", &log[1..]),
            format!("referral-ledger-copy 1 mirror x {log}"),
        ] {
            std::fs::write(home.path().join(NAME), &text).unwrap();
            let found = CopyFolder::open(home.path());
            assert!(matches!(found, Err(Fault::Damaged { .. })), "{text}");
        }
        std::fs::write(home.path().join(NAME), "referral-ledger-copy 2 x").unwrap();
        let found = CopyFolder::open(home.path());
        assert!(matches!(
            found,
            Err(Fault::UnknownFormat { version: 2, .. })
        ));
    }
}
