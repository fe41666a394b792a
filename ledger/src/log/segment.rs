//! Journal segment files: their names, their header, and preparing the next one ahead of need.
//!
//! - A file named `NNNNNNNN.seg` has its full length in zeros on disk before it has that name, so
//!   that a frame's `fdatasync` writes data alone. It is never used twice.
//! - The header is written together with the segment's first frame; until then it is zeros and
//!   the file is the spare.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest, Sha256};

use super::disk::{Disk, DiskFile};
use super::parse::Fields;
use crate::error::Fault;

/// Bytes of the header, before the first frame.
pub(super) const HEADER_BYTES: usize = 96;
/// [`HEADER_BYTES`] as a file offset.
pub(super) const FIRST_FRAME_OFFSET: u64 = 96;
const MAGIC: &[u8; 8] = b"RLJOURNL";
const VERSION: u32 = 1;
/// Zeros written and synced at a time: small pieces, so that frames being synced meanwhile wait
/// for one piece and not for the whole file.
const ZEROS_BYTES: usize = 1024 * 1024;

/// What a segment's first bytes say (SPEC §8.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SegmentHeader {
    pub(super) log_id: [u8; 32],
    pub(super) number: u64,
    pub(super) first_frame: u64,
}

/// What stands where a segment header belongs.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum HeaderRead {
    /// Zeros: prepared and not yet used.
    Spare,
    /// A good header.
    Used(SegmentHeader),
    /// Anything else: torn or damaged.
    Bad,
}

impl SegmentHeader {
    pub(super) fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut fields = Vec::with_capacity(HEADER_BYTES);
        fields.extend_from_slice(MAGIC);
        fields.extend_from_slice(&VERSION.to_be_bytes());
        fields.extend_from_slice(&self.log_id);
        fields.extend_from_slice(&self.number.to_be_bytes());
        fields.extend_from_slice(&self.first_frame.to_be_bytes());
        fields.resize(HEADER_BYTES - 32, 0);
        fields.extend_from_slice(&Sha256::digest(&fields));
        let mut bytes = [0; HEADER_BYTES];
        bytes.copy_from_slice(&fields);
        bytes
    }

    pub(super) fn read(bytes: &[u8]) -> Result<HeaderRead, Fault> {
        let Some(header) = bytes.first_chunk::<HEADER_BYTES>() else {
            return Ok(HeaderRead::Bad);
        };
        if header.iter().all(|byte| *byte == 0) {
            return Ok(HeaderRead::Spare);
        }
        let Some((covered, checksum)) = header.split_last_chunk::<32>() else {
            return Ok(HeaderRead::Bad);
        };
        if Sha256::digest(covered).as_slice() != checksum {
            return Ok(HeaderRead::Bad);
        }
        let mut fields = Fields::of(covered);
        if fields.take(MAGIC.len()) != Some(MAGIC.as_slice()) {
            return Ok(HeaderRead::Bad);
        }
        let version = fields.u32().unwrap_or(0);
        if version != VERSION {
            return Err(Fault::UnknownFormat {
                what: "journal segment",
                version,
            });
        }
        let (Some(log_id), Some(number), Some(first_frame)) =
            (fields.array(), fields.u64(), fields.u64())
        else {
            return Ok(HeaderRead::Bad);
        };
        Ok(HeaderRead::Used(Self {
            log_id,
            number,
            first_frame,
        }))
    }
}

/// A segment file ready for its first frame.
pub(super) struct Prepared {
    pub(super) number: u64,
    pub(super) file: Arc<dyn DiskFile>,
    pub(super) bytes: u64,
}

/// The path of a segment file.
pub(super) fn path_of(journal: &Path, number: u64) -> PathBuf {
    journal.join(format!("{number:08}.seg"))
}

/// Numbers of the segment files in a journal folder, ascending. A gap is damage.
pub(super) fn numbers(journal: &Path) -> Result<Vec<u64>, Fault> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(journal).map_err(Fault::io("journal listing"))? {
        let name = entry.map_err(Fault::io("journal listing"))?.file_name();
        let name = name.to_string_lossy();
        let number = name
            .strip_suffix(".seg")
            .and_then(|digits| digits.parse::<u64>().ok());
        found.extend(number);
    }
    found.sort_unstable();
    for (expected, number) in (1..).zip(&found) {
        if *number != expected {
            let place = format!("file {expected:08}.seg is missing");
            return Err(Fault::damaged("journal", place));
        }
    }
    Ok(found)
}

/// Writes a segment file of zeros and syncs it; it has its final name only when all of it is
/// durable. Failing, or being told to stop, leaves nothing behind.
pub(super) fn prepare(
    disk: &dyn Disk,
    journal: &Path,
    (number, bytes): (u64, u64),
    stop: &AtomicBool,
) -> std::io::Result<Prepared> {
    let draft = path_of(journal, number).with_extension("new");
    let prepared = write_zeros(disk, &draft, bytes, stop).and_then(|file| {
        // A crash here leaves `NNNNNNNN.new`, which the next opening removes.
        disk.rename(&draft, &path_of(journal, number))?;
        disk.sync_folder(journal)?;
        Ok(Prepared {
            number,
            file,
            bytes,
        })
    });
    if prepared.is_err() {
        // A full disk must get its bytes back; a failure to remove is the opening's to repair.
        let _ = disk.remove(&draft);
    }
    prepared
}

fn write_zeros(
    disk: &dyn Disk,
    path: &Path,
    bytes: u64,
    stop: &AtomicBool,
) -> std::io::Result<Arc<dyn DiskFile>> {
    let file = disk.create(path)?;
    let zeros = vec![0; ZEROS_BYTES];
    let mut offset = 0;
    while offset < bytes {
        if stop.load(Ordering::Relaxed) {
            return Err(std::io::Error::other("the log is being closed"));
        }
        let length = usize::try_from(bytes - offset)
            .unwrap_or(ZEROS_BYTES)
            .min(ZEROS_BYTES);
        file.write_all_at(zeros.get(..length).unwrap_or(&zeros), offset)?;
        file.sync()?;
        offset += super::parse::offset_of(length);
    }
    Ok(file)
}
