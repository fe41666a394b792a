//! The log's folder: making it, its format file, its lock and the mark of a clean stop.
//!
//! - `FORMAT` is written last when a folder is made: a folder without it is no log.
//! - A version that this program does not know is refused before anything is written.

use std::fs::File;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use sha2::{Digest, Sha256};

use super::disk::{Disk, replace_file};
use super::files::Mark;
use super::frame::Place;
use super::parse::Fields;
use super::segment;
use crate::error::Fault;
use crate::hex::{from_hex, hex};
use crate::lock::exclusive;

const FORMAT_NAME: &str = "FORMAT";
const FORMAT_WORD: &str = "referral-ledger-log";
/// 1 was never released: it had one leaf per person and ground and no retention.
const FORMAT_VERSION: u32 = 2;
const MARKER_MAGIC: &[u8; 8] = b"RLCLEAN1";

/// Names of everything that may lie in a log's folder before `FORMAT` does.
const NAMES_BEFORE_FORMAT: [&str; 3] = ["LOCK", "journal", "FORMAT.new"];

/// Paths in a log's folder.
#[derive(Debug, Clone)]
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn journal(&self) -> PathBuf {
        self.0.join("journal")
    }

    pub(super) fn store(&self) -> PathBuf {
        self.0.join("store")
    }

    /// Where a store is built that will take the place of the one in use.
    pub(super) fn new_store(&self) -> PathBuf {
        self.0.join("store-new")
    }

    /// Gives the store, if there is one, another name, under which it is not opened again.
    pub(super) fn move_store_aside(&self) -> Result<(), Fault> {
        if !self.store().exists() {
            return Ok(());
        }
        let aside = (1_u64..)
            .map(|number| self.0.join(format!("store-aside-{number}")))
            .find(|path| !path.exists());
        let moved = aside.map_or(Ok(()), |aside| std::fs::rename(self.store(), aside));
        moved.map_err(Fault::io("moving the store aside"))
    }

    fn marker(&self) -> PathBuf {
        self.0.join("CLEAN")
    }

    /// Folders of stores that were moved aside, or whose building was cut short.
    pub(super) fn asides(&self) -> Result<Vec<PathBuf>, Fault> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&self.0).map_err(Fault::io("folder listing"))? {
            let entry = entry.map_err(Fault::io("folder listing"))?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with("store-aside-") || entry.path() == self.new_store() {
                found.push(entry.path());
            }
        }
        Ok(found)
    }

    /// Makes an empty log. Refuses a folder that holds anything else; what a crash of an earlier
    /// attempt left is used again.
    pub(super) fn create(
        &self,
        disk: &dyn Disk,
        log_id: &[u8; 32],
        first_segment_bytes: u64,
    ) -> Result<(), Fault> {
        std::fs::create_dir_all(&self.0).map_err(Fault::io("making the log's folder"))?;
        for entry in std::fs::read_dir(&self.0).map_err(Fault::io("folder listing"))? {
            let name = entry.map_err(Fault::io("folder listing"))?.file_name();
            if !NAMES_BEFORE_FORMAT.iter().any(|known| name == **known) {
                let folder = self.0.display();
                let name = name.to_string_lossy();
                return Err(Fault::Unusable(format!(
                    "{folder} already holds {name}; a new log needs a folder of its own"
                )));
            }
        }
        std::fs::create_dir_all(self.journal()).map_err(Fault::io("making the log's folder"))?;
        segment::prepare(
            disk,
            &self.journal(),
            (1, first_segment_bytes),
            &AtomicBool::new(false),
        )
        .map_err(Fault::io("preparing the first journal segment"))?;
        // A crash here leaves a folder without FORMAT, which the next attempt takes over.
        self.write_format(disk, log_id)
    }

    /// Makes the folder a log: its journal is there and synced.
    pub(super) fn write_format(&self, disk: &dyn Disk, log_id: &[u8; 32]) -> Result<(), Fault> {
        let format = format!("{FORMAT_WORD} {FORMAT_VERSION} {}\n", hex(log_id));
        replace_file(disk, &self.0.join(FORMAT_NAME), format.as_bytes())
            .map_err(Fault::io("writing the format file"))?;
        if let Some(parent) = self
            .0
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            disk.sync_folder(parent)
                .map_err(Fault::io("syncing the parent folder"))?;
        }
        Ok(())
    }

    /// Reads the format file and gives the log id.
    pub(super) fn log_id(&self) -> Result<[u8; 32], Fault> {
        let path = self.0.join(FORMAT_NAME);
        if !path.exists() {
            return Err(Fault::Unusable(format!(
                "{} holds no log",
                self.0.display()
            )));
        }
        let text = std::fs::read(&path).map_err(Fault::io("reading the format file"))?;
        let damaged = || Fault::damaged("format file", path.display().to_string());
        let text = std::str::from_utf8(&text).map_err(|_| damaged())?;
        let mut words = text.split_ascii_whitespace();
        if words.next() != Some(FORMAT_WORD) {
            return Err(damaged());
        }
        let version = words
            .next()
            .and_then(|word| word.parse().ok())
            .ok_or_else(damaged)?;
        if version != FORMAT_VERSION {
            return Err(Fault::UnknownFormat {
                what: "the log's folder",
                version,
            });
        }
        words.next().and_then(from_hex).ok_or_else(damaged)
    }

    /// Takes the folder for this process; the lock goes with the file handle.
    pub(super) fn lock(&self) -> Result<File, Fault> {
        let file = File::create(self.0.join("LOCK")).map_err(Fault::io("opening the lock file"))?;
        exclusive(&file, &self.0)?;
        Ok(file)
    }

    /// Says that journal and store are synced up to this frame and nothing follows it.
    pub(super) fn write_marker(&self, disk: &dyn Disk, mark: &Mark) -> Result<(), Fault> {
        let mut bytes = MARKER_MAGIC.to_vec();
        put_mark(&mut bytes, mark);
        let checksum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&checksum);
        replace_file(disk, &self.marker(), &bytes).map_err(Fault::io("writing the clean marker"))
    }

    /// The mark of a clean stop; an unreadable one counts as none, which only costs a probe.
    pub(super) fn read_marker(&self) -> Option<Mark> {
        let bytes = std::fs::read(self.marker()).ok()?;
        let (covered, checksum) = bytes.split_last_chunk::<32>()?;
        if Sha256::digest(covered).as_slice() != checksum {
            return None;
        }
        let mut fields = Fields::of(covered);
        (fields.take(MARKER_MAGIC.len())? == MARKER_MAGIC).then(|| take_mark(&mut fields))?
    }

    /// Takes the marker away before anything else is written.
    pub(super) fn remove_marker(&self, disk: &dyn Disk) -> Result<(), Fault> {
        if self.marker().exists() {
            disk.remove(&self.marker())
                .map_err(Fault::io("removing the clean marker"))?;
            disk.sync_folder(&self.0)
                .map_err(Fault::io("removing the clean marker"))?;
        }
        Ok(())
    }
}

/// Number, hash and place of a frame, as marker and store hold them.
pub(super) fn put_mark(out: &mut Vec<u8>, mark: &Mark) {
    out.extend_from_slice(&mark.number.to_be_bytes());
    out.extend_from_slice(&mark.hash);
    out.extend_from_slice(&mark.place.segment.to_be_bytes());
    out.extend_from_slice(&mark.place.offset.to_be_bytes());
}

/// The other direction of [`put_mark`].
pub(super) fn take_mark(fields: &mut Fields<'_>) -> Option<Mark> {
    Some(Mark {
        number: fields.u64()?,
        hash: fields.array()?,
        place: Place {
            segment: fields.u64()?,
            offset: fields.u64()?,
        },
    })
}
