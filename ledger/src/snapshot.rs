//! Snapshots of projections: each its own file, sealed in chunks under its own fresh leaf (DESIGN
//! 2).
//!
//! - A snapshot is a cache: whatever is wrong with a file, the answer is "no snapshot", and the
//!   views are built again from the log.
//! - Layout: magic ‖ position u64 ‖ chunk count u32, then per chunk its length u32 and a segment
//!   (SPEC §7).

use std::path::{Path, PathBuf};

use crate::clock::{Entropy, SystemEntropy};
use crate::error::Fault;
use crate::keys::{KeyId, LeafHandle};
use crate::limits::{SNAPSHOT_BYTES_MAX, SNAPSHOT_CHUNK_BYTES};
use crate::seal::{Opened, SegmentContext, open_segment, seal_segment};
use crate::shared::Shared;

const MAGIC: &[u8; 8] = b"RLSNAP01";
/// Schema number of a snapshot's chunks: never the one of an event, so neither passes for the
/// other.
const SCHEMA: u16 = 0x5350;

/// Writes a snapshot and removes older ones of its name.
pub(crate) fn save(
    folder: &Path,
    shared: &Shared,
    leaf: &LeafHandle,
    (name, position): (&str, u64),
    bytes: &[u8],
) -> Result<(), Fault> {
    let chunks: Vec<&[u8]> = bytes.chunks(SNAPSHOT_CHUNK_BYTES).collect();
    let mut file = MAGIC.to_vec();
    file.extend_from_slice(&position.to_be_bytes());
    file.extend_from_slice(
        &u32::try_from(chunks.len())
            .unwrap_or(u32::MAX)
            .to_be_bytes(),
    );
    let mut entropy = SystemEntropy;
    let entropy: &mut dyn Entropy = &mut entropy;
    for (number, chunk) in (0_u64..).zip(&chunks) {
        let context = context(shared, position, number);
        let segment = seal_segment(&context, chunk, &[vec![leaf]], entropy)?;
        file.extend_from_slice(
            &u32::try_from(segment.len())
                .unwrap_or(u32::MAX)
                .to_be_bytes(),
        );
        file.extend_from_slice(&segment);
    }
    std::fs::create_dir_all(folder).map_err(Fault::io("making the snapshot folder"))?;
    let earlier = files(folder, name);
    let draft = folder.join(format!("{name}.draft"));
    let place = folder.join(format!("{name}-{position:020}.snap"));
    std::fs::write(&draft, &file).map_err(Fault::io("writing a snapshot"))?;
    // A crash before the rename leaves the earlier snapshot; a torn file does not open and is
    // ignored.
    std::fs::rename(&draft, &place).map_err(Fault::io("naming a snapshot"))?;
    for (_, path) in earlier.into_iter().filter(|(_, path)| *path != place) {
        let _ = std::fs::remove_file(path);
    }
    Ok(())
}

/// The newest snapshot of a name that opens.
pub(crate) fn load(
    folder: &Path,
    shared: &Shared,
    name: &str,
) -> Result<Option<(u64, Vec<u8>)>, Fault> {
    let mut found = files(folder, name);
    found.sort();
    let size = shared.published().size;
    for (position, path) in found.into_iter().rev() {
        if position <= size
            && let Some(bytes) = open(shared, &path, position)
        {
            return Ok(Some((position, bytes)));
        }
        tracing::warn!(
            name,
            position,
            "a snapshot could not be read; views are built from the log"
        );
    }
    Ok(None)
}

fn open(shared: &Shared, path: &Path, position: u64) -> Option<Vec<u8>> {
    if std::fs::metadata(path).ok()?.len() > SNAPSHOT_BYTES_MAX {
        return None;
    }
    let file = std::fs::read(path).ok()?;
    let rest = file.strip_prefix(MAGIC.as_slice())?;
    let (inside, rest) = rest.split_first_chunk::<8>()?;
    let (count, mut rest) = rest.split_first_chunk::<4>()?;
    if u64::from_be_bytes(*inside) != position {
        return None;
    }
    let mut bytes = Vec::new();
    for number in 0..u64::from(u32::from_be_bytes(*count)) {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (segment, after) = after.split_at_checked(length)?;
        rest = after;
        let keys = shared.keys();
        let mut key = |id: &KeyId| keys.key(&shared.reader, *id);
        match open_segment(&context(shared, position, number), segment, &[], &mut key).ok()? {
            Opened::Plain(plain) => bytes.extend_from_slice(&plain),
            Opened::Shredded | Opened::Fenced | Opened::UnknownKey => return None,
        }
    }
    rest.is_empty().then_some(bytes)
}

/// A chunk's place stands where an event's leaf index would: position and chunk number together.
fn context(shared: &Shared, position: u64, number: u64) -> SegmentContext<'_> {
    let leaf_index = position.rotate_left(20) ^ number;
    SegmentContext {
        log_id: &shared.log_id,
        leaf_index,
        number: 0,
        count: 1,
        schema: SCHEMA,
    }
}

fn files(folder: &Path, name: &str) -> Vec<(u64, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let of_name = |path: PathBuf| {
        let stem = path.file_name()?.to_str()?.strip_suffix(".snap")?;
        let position = stem.strip_prefix(name)?.strip_prefix('-')?.parse().ok()?;
        Some((position, path))
    };
    entries
        .filter_map(|entry| of_name(entry.ok()?.path()))
        .collect()
}
