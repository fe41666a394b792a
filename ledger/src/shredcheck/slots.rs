//! Slots of a vault's files (SPEC §6.1): two entries, each written twice, 1 MiB apart.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::Unreadable;
use super::copies::unreadable;

/// A whole entry of a slot.
pub(super) struct Entry {
    /// Which epoch, or which change.
    pub(super) epoch: u64,
    /// What it holds.
    pub(super) body: Zeroizing<Vec<u8>>,
}

/// The whole entries of a file, each once, of bodies of this length.
pub(super) fn entries(
    path: &Path,
    label: &[u8],
    body_bytes: usize,
) -> Result<Vec<Entry>, Unreadable> {
    let file = File::open(path).map_err(unreadable(path))?;
    let mut entries: Vec<Entry> = Vec::new();
    for copy in 0..COPIES {
        let mut block = Zeroizing::new(vec![0; EPOCH_BYTES + body_bytes + SUM_BYTES]);
        match file.read_exact_at(&mut block, copy * COPY_DISTANCE) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => continue,
            Err(error) => return Err(unreadable(path)(error)),
        }
        let found = entry_in(&block, label, body_bytes);
        let known = |one: &Entry| entries.iter().any(|it| it.body == one.body);
        let new = found.filter(|one| !known(one));
        entries.extend(new);
    }
    Ok(entries)
}

fn entry_in(block: &[u8], label: &[u8], body_bytes: usize) -> Option<Entry> {
    let (epoch, rest) = block.split_first_chunk::<EPOCH_BYTES>()?;
    let (body, check) = rest.split_at_checked(body_bytes)?;
    let mut sum = Sha256::new();
    sum.update(label);
    sum.update(epoch);
    sum.update(body);
    (sum.finalize().as_slice() == check).then(|| Entry {
        epoch: u64::from_be_bytes(*epoch),
        body: Zeroizing::new(body.to_vec()),
    })
}

const COPIES: u64 = 4;
const COPY_DISTANCE: u64 = 1024 * 1024;
const EPOCH_BYTES: usize = 8;
const SUM_BYTES: usize = 32;
