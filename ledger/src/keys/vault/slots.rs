//! Two root slots in one preallocated file, overwritten in place.
//!
//! - A slot holds epoch, root and checksum only, written twice and 1 MiB apart.
//! - Never renamed, truncated or copied: a new file would leave the old bytes where they were.
//! - What is not a whole root is wiped before a slot is used or acknowledged as destroyed.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::Advice;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{VaultRoot, VaultRoots};
use crate::clock::Entropy;
use crate::error::Fault;
use crate::keys::secret::{KEY_BYTES, Key};
use crate::lock::exclusive;

/// Bytes between two copies.
const COPY_DISTANCE: u64 = 1024 * 1024;
/// Bytes that one copy owns; overwritten as a whole when it is destroyed.
const BLOCK_BYTES: usize = 4096;
/// Bytes of the file: two slots of two copies.
const FILE_BYTES: u64 = 4 * COPY_DISTANCE;
const LABEL: &[u8] = b"referral-ledger root slot v1";

type Block = Zeroizing<[u8; BLOCK_BYTES]>;

/// One of the two slots.
#[derive(Clone, Copy)]
enum Slot {
    First,
    Second,
}

/// What is in a slot.
enum Content {
    Root(VaultRoot),
    Torn,
    Empty,
}

/// The slots' file.
pub(super) struct Slots {
    file: File,
}

impl Slots {
    /// Makes the file, every byte written, so that later writes land in place.
    pub(super) fn create(path: &Path) -> Result<Self, Fault> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(Fault::io("create the vault's slots"))?;
        let zeros = vec![0; BLOCK_BYTES];
        let mut offset = 0;
        while offset < FILE_BYTES {
            write(&file, &zeros, offset)?;
            offset += length(BLOCK_BYTES);
        }
        file.sync_all()
            .map_err(Fault::io("sync the vault's slots"))?;
        Ok(Self { file })
    }

    /// Opens the file and holds it alone.
    pub(super) fn open(path: &Path) -> Result<Self, Fault> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(path)
            .map_err(Fault::io("open the vault's slots"))?;
        let found = file
            .metadata()
            .map_err(Fault::io("read the vault's slots"))?
            .len();
        if found == FILE_BYTES {
            Ok(Self { file })
        } else {
            Err(Fault::damaged("vault slots", format!("{found} bytes long")))
        }
    }

    /// Takes the file for this process until it is closed.
    pub(super) fn lock(&self, folder: &Path) -> Result<(), Fault> {
        exclusive(&self.file, folder)
    }

    pub(super) fn roots(&self) -> Result<VaultRoots, Fault> {
        let mut roots = Vec::new();
        for slot in Slot::BOTH {
            if let Content::Root(root) = self.content(slot)? {
                roots.push(root);
            }
        }
        Ok(VaultRoots(roots))
    }

    pub(super) fn install(
        &self,
        epoch: u64,
        root: &Key,
        entropy: &mut dyn Entropy,
    ) -> Result<(), Fault> {
        let mut spare = None;
        for slot in Slot::BOTH {
            match self.content(slot)? {
                Content::Root(held) if held.epoch == epoch => return Err(taken()),
                Content::Root(_) => {}
                Content::Torn => {
                    self.wipe(slot, entropy)?;
                    spare = spare.or(Some(slot));
                }
                Content::Empty => spare = spare.or(Some(slot)),
            }
        }
        let slot = spare.ok_or_else(taken)?;
        let block = encode(epoch, root);
        for offset in slot.copies() {
            // A crash here leaves a torn or a half-doubled slot; the other slot still holds its
            // root.
            self.overwrite(&block, offset)?;
        }
        slot.copies()
            .into_iter()
            .try_for_each(|offset| self.compare(&block, offset))
    }

    /// Destroys the slots that `doomed` names by epoch, and all torn remains.
    pub(super) fn destroy(
        &self,
        doomed: impl Fn(u64) -> bool,
        entropy: &mut dyn Entropy,
    ) -> Result<(), Fault> {
        for slot in Slot::BOTH {
            match self.content(slot)? {
                Content::Root(root) if doomed(root.epoch) => self.wipe(slot, entropy)?,
                Content::Torn => self.wipe(slot, entropy)?,
                Content::Root(_) | Content::Empty => {}
            }
        }
        Ok(())
    }

    /// Overwrites both copies with random bytes, then zeros, each synced, then reads back. A crash
    /// between leaves a torn slot or one whole copy: boot comes here again.
    fn wipe(&self, slot: Slot, entropy: &mut dyn Entropy) -> Result<(), Fault> {
        let mut noise: Block = Zeroizing::new([0; BLOCK_BYTES]);
        entropy.fill(noise.as_mut_slice());
        let zeros: Block = Zeroizing::new([0; BLOCK_BYTES]);
        for block in [&noise, &zeros] {
            for offset in slot.copies() {
                self.overwrite(block, offset)?;
            }
        }
        slot.copies()
            .into_iter()
            .try_for_each(|offset| self.compare(&zeros, offset))
    }

    fn content(&self, slot: Slot) -> Result<Content, Fault> {
        let mut roots = Vec::new();
        let mut clean = true;
        for offset in slot.copies() {
            let block = self.read(offset)?;
            clean &= block.iter().all(|byte| *byte == 0);
            roots.extend(decode(&block));
        }
        let second = roots.pop();
        let first = roots.pop();
        match (first, second) {
            (Some(first), Some(second))
                if first.epoch != second.epoch || first.key.id() != second.key.id() =>
            {
                Err(Fault::damaged("vault slot", "its two copies differ"))
            }
            (_, Some(root)) => Ok(Content::Root(root)),
            (_, None) if clean => Ok(Content::Empty),
            (_, None) => Ok(Content::Torn),
        }
    }

    fn overwrite(&self, block: &Block, offset: u64) -> Result<(), Fault> {
        write(&self.file, block.as_slice(), offset)?;
        self.file
            .sync_data()
            .map_err(Fault::io("sync the vault's slots"))
    }

    fn compare(&self, expected: &Block, offset: u64) -> Result<(), Fault> {
        // Ask for the disk's bytes, not for those that the page cache still holds.
        let dropped = rustix::fs::fadvise(&self.file, 0, None, Advice::DontNeed);
        dropped.map_err(|errno| Fault::Io {
            doing: "read back the vault's slots",
            source: errno.into(),
        })?;
        if *self.read(offset)? == **expected {
            Ok(())
        } else {
            Err(Fault::damaged(
                "vault slot",
                "read back differs from what was written",
            ))
        }
    }

    fn read(&self, offset: u64) -> Result<Block, Fault> {
        let mut block: Block = Zeroizing::new([0; BLOCK_BYTES]);
        self.file
            .read_exact_at(block.as_mut_slice(), offset)
            .map_err(Fault::io("read the vault's slots"))?;
        Ok(block)
    }
}

impl Slot {
    const BOTH: [Self; 2] = [Self::First, Self::Second];

    fn copies(self) -> [u64; 2] {
        match self {
            Self::First => [0, COPY_DISTANCE],
            Self::Second => [2 * COPY_DISTANCE, 3 * COPY_DISTANCE],
        }
    }
}

fn encode(epoch: u64, root: &Key) -> Block {
    let mut block: Block = Zeroizing::new([0; BLOCK_BYTES]);
    let (epoch_bytes, rest) = block.split_at_mut(8);
    epoch_bytes.copy_from_slice(&epoch.to_be_bytes());
    let (key, rest) = rest.split_at_mut(KEY_BYTES);
    key.copy_from_slice(root.bytes());
    let (sum, _) = rest.split_at_mut(32);
    sum.copy_from_slice(&checksum(epoch_bytes, key));
    block
}

fn decode(block: &Block) -> Option<VaultRoot> {
    let (epoch, rest) = block.split_first_chunk::<8>()?;
    let (key, rest) = rest.split_first_chunk::<KEY_BYTES>()?;
    let (sum, _) = rest.split_first_chunk::<32>()?;
    (checksum(epoch, key) == *sum).then(|| VaultRoot {
        epoch: u64::from_be_bytes(*epoch),
        key: Key::from_bytes(key),
    })
}

fn checksum(epoch: &[u8], key: &[u8]) -> [u8; 32] {
    let mut sum = Sha256::new();
    sum.update(LABEL);
    sum.update(epoch);
    sum.update(key);
    sum.finalize().into()
}

fn write(file: &File, bytes: &[u8], offset: u64) -> Result<(), Fault> {
    file.write_all_at(bytes, offset)
        .map_err(Fault::io("write the vault's slots"))
}

fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

fn taken() -> Fault {
    Fault::Unusable("the vault has no spare slot for this root".to_owned())
}
