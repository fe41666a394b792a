//! The roots that a vault holds (SPEC §6.1).

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::copies::unreadable;
use super::fingerprint::{KEY_BYTES, Key, fingerprint};
use super::{KeyId, Unreadable};

/// A root and the epoch that it is of.
pub(super) struct Root {
    /// Which epoch.
    pub(super) epoch: u64,
    /// Its fingerprint.
    pub(super) id: KeyId,
    /// The key.
    pub(super) key: Key,
}

/// The roots in a vault's folder, or in its `roots` file: each once. None is an error, for then
/// nothing could be said about the living.
pub(super) fn roots(vault: &Path) -> Result<Vec<Root>, Unreadable> {
    let path = if vault.is_dir() {
        vault.join("roots")
    } else {
        vault.to_owned()
    };
    let file = File::open(&path).map_err(unreadable(&path))?;
    let mut roots: Vec<Root> = Vec::new();
    for copy in 0..COPIES {
        let mut block = Zeroizing::new([0; 8 + KEY_BYTES + 32]);
        match file.read_exact_at(block.as_mut_slice(), copy * COPY_DISTANCE) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => continue,
            Err(error) => return Err(unreadable(&path)(error)),
        }
        let found = root_in(block.as_slice());
        let new = |root: &Root| !roots.iter().any(|known| known.id == root.id);
        roots.extend(found.filter(new));
    }
    if roots.is_empty() {
        return Err(unreadable(&path)(io::Error::other(
            "it holds no whole root",
        )));
    }
    Ok(roots)
}

fn root_in(block: &[u8]) -> Option<Root> {
    let (epoch, rest) = block.split_first_chunk()?;
    let (key, check) = rest.split_first_chunk::<KEY_BYTES>()?;
    let mut sum = Sha256::new();
    sum.update(LABEL);
    sum.update(epoch);
    sum.update(key);
    (sum.finalize().as_slice() == check).then(|| Root {
        epoch: u64::from_be_bytes(*epoch),
        id: fingerprint(key),
        key: Zeroizing::new(*key),
    })
}

const COPIES: u64 = 4;
const COPY_DISTANCE: u64 = 1024 * 1024;
const LABEL: &[u8] = b"referral-ledger root slot v1";
