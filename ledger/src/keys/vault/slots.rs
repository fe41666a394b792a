//! Two slots in one preallocated file, overwritten in place.
//!
//! - A slot holds epoch, secret and checksum only, written twice and 1 MiB apart.
//! - Never renamed, truncated or copied: a new file would leave the old bytes where they were.
//! - One sync for both copies: nothing rests on a slot before it was synced and read back whole.
//! - What is not a whole entry is wiped before a slot is used or acknowledged as destroyed.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::Advice;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::clock::Entropy;
use crate::error::Fault;
use crate::lock::exclusive;

/// Bytes between two copies.
const COPY_DISTANCE: u64 = 1024 * 1024;
/// Bytes that one copy owns; overwritten as a whole when it is destroyed.
const BLOCK_BYTES: usize = 4096;
/// Bytes of the file: two slots of two copies.
const FILE_BYTES: u64 = 4 * COPY_DISTANCE;
const EPOCH_BYTES: usize = 8;
const SUM_BYTES: usize = 32;

type Block = Zeroizing<[u8; BLOCK_BYTES]>;

/// One of the two slots.
#[derive(Clone, Copy)]
enum Slot {
    First,
    Second,
}

/// What the slots of a file hold; part of every checksum.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    pub(super) label: &'static [u8],
    /// Bytes of an entry's body.
    pub(super) body_bytes: usize,
}

/// A whole entry of a slot.
pub(super) struct Entry {
    pub(super) epoch: u64,
    pub(super) body: Zeroizing<Vec<u8>>,
}

/// What is in a slot.
enum Content {
    Entry(Entry),
    Torn,
    Empty,
}

/// The slots' file.
pub(super) struct Slots {
    file: File,
    layout: Layout,
}

impl Slots {
    /// Makes the file, every byte written, so that later writes land in place.
    pub(super) fn create(path: &Path, layout: Layout) -> Result<Self, Fault> {
        debug_assert!(EPOCH_BYTES + layout.body_bytes + SUM_BYTES <= BLOCK_BYTES);
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
        Ok(Self { file, layout })
    }

    /// Opens the file, and makes durable what is read from it: a process that died, or a sync that
    /// failed, may have left a root that only the page cache holds, and on the strength of that one
    /// the other would be destroyed.
    pub(super) fn open(path: &Path, layout: Layout) -> Result<Self, Fault> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(path)
            .map_err(Fault::io("open the vault's slots"))?;
        let found = file
            .metadata()
            .map_err(Fault::io("read the vault's slots"))?
            .len();
        if found != FILE_BYTES {
            return Err(Fault::damaged("vault slots", format!("{found} bytes long")));
        }
        let slots = Self { file, layout };
        slots.sync()?;
        slots.forget_cached()?;
        Ok(slots)
    }

    /// Takes the file for this process until it is closed.
    pub(super) fn lock(&self, folder: &Path) -> Result<(), Fault> {
        exclusive(&self.file, folder)
    }

    /// The whole entries: none, one, or two.
    pub(super) fn entries(&self) -> Result<Vec<Entry>, Fault> {
        let mut entries = Vec::new();
        for slot in Slot::BOTH {
            if let Content::Entry(entry) = self.content(slot)? {
                entries.push(entry);
            }
        }
        Ok(entries)
    }

    /// Makes sure that there is a spare slot and that it can be written: zeros over its zeros.
    pub(super) fn require_room(&self, entropy: &mut dyn Entropy) -> Result<(), Fault> {
        for slot in Slot::BOTH {
            match self.content(slot)? {
                Content::Entry(_) => {}
                Content::Torn => return self.wipe(slot, entropy),
                Content::Empty => {
                    let zeros: Block = Zeroizing::new([0; BLOCK_BYTES]);
                    return self.overwrite(&zeros, slot);
                }
            }
        }
        Err(taken())
    }

    /// Puts an entry into the spare slot; durable and read back when it returns.
    pub(super) fn install(
        &self,
        epoch: u64,
        body: &[u8],
        entropy: &mut dyn Entropy,
    ) -> Result<(), Fault> {
        let mut spare = None;
        for slot in Slot::BOTH {
            match self.content(slot)? {
                Content::Entry(held) if held.epoch == epoch => return Err(taken()),
                Content::Entry(_) => {}
                Content::Torn => {
                    self.wipe(slot, entropy)?;
                    spare = spare.or(Some(slot));
                }
                Content::Empty => spare = spare.or(Some(slot)),
            }
        }
        let slot = spare.ok_or_else(taken)?;
        let block = self.layout.encode(epoch, body);
        // A crash here leaves a torn or a half-doubled slot; the other slot still holds its entry.
        self.overwrite(&block, slot)?;
        self.compare(&block, slot)
    }

    /// Destroys the slots that `doomed` names, and all torn remains.
    pub(super) fn destroy(
        &self,
        doomed: impl Fn(&Entry) -> bool,
        entropy: &mut dyn Entropy,
    ) -> Result<(), Fault> {
        for slot in Slot::BOTH {
            match self.content(slot)? {
                Content::Entry(entry) if doomed(&entry) => self.wipe(slot, entropy)?,
                Content::Torn => self.wipe(slot, entropy)?,
                Content::Entry(_) | Content::Empty => {}
            }
        }
        Ok(())
    }

    /// Overwrites both copies with random bytes, synced and read back: now the entry is gone. A
    /// crash before leaves a torn slot or a whole copy: boot comes here again.
    fn wipe(&self, slot: Slot, entropy: &mut dyn Entropy) -> Result<(), Fault> {
        let mut noise: Block = Zeroizing::new([0; BLOCK_BYTES]);
        entropy.fill(noise.as_mut_slice());
        self.overwrite(&noise, slot)?;
        self.compare(&noise, slot)?;
        // Zeros only say that the slot is free, and go to the disk with its next entry. A crash
        // before leaves noise, or part of it: a torn slot, which is wiped again.
        let zeros: Block = Zeroizing::new([0; BLOCK_BYTES]);
        self.put(&zeros, slot)
    }

    fn content(&self, slot: Slot) -> Result<Content, Fault> {
        let mut entries = Vec::new();
        let mut clean = true;
        for offset in slot.copies() {
            let block = self.read(offset)?;
            clean &= block.iter().all(|byte| *byte == 0);
            entries.extend(self.layout.decode(&block));
        }
        let second = entries.pop();
        let first = entries.pop();
        match (first, second) {
            (Some(first), Some(second))
                if first.epoch != second.epoch || first.body != second.body =>
            {
                Err(Fault::damaged("vault slot", "its two copies differ"))
            }
            (_, Some(entry)) => Ok(Content::Entry(entry)),
            (_, None) if clean => Ok(Content::Empty),
            (_, None) => Ok(Content::Torn),
        }
    }

    /// Writes a block over both copies, then syncs once.
    fn overwrite(&self, block: &Block, slot: Slot) -> Result<(), Fault> {
        self.put(block, slot)?;
        self.sync()
    }

    fn sync(&self) -> Result<(), Fault> {
        self.file
            .sync_data()
            .map_err(Fault::io("sync the vault's slots"))
    }

    /// Asks for the disk's bytes from here on, not for those that the page cache still holds.
    fn forget_cached(&self) -> Result<(), Fault> {
        let dropped = rustix::fs::fadvise(&self.file, 0, None, Advice::DontNeed);
        dropped.map_err(|errno| Fault::Io {
            doing: "read back the vault's slots",
            source: errno.into(),
        })
    }

    fn put(&self, block: &Block, slot: Slot) -> Result<(), Fault> {
        for offset in slot.copies() {
            #[cfg(test)]
            let tripped = crate::keys::testing::Trip::next();
            #[cfg(test)]
            if tripped == Some(false) {
                return Err(Fault::io("tripped")(std::io::Error::other("before")));
            }
            write(&self.file, block.as_slice(), offset)?;
            #[cfg(test)]
            if tripped == Some(true) {
                return Err(Fault::io("tripped")(std::io::Error::other("after")));
            }
        }
        Ok(())
    }

    /// Reads both copies back and compares them.
    fn compare(&self, expected: &Block, slot: Slot) -> Result<(), Fault> {
        self.forget_cached()?;
        for offset in slot.copies() {
            if *self.read(offset)? != **expected {
                return Err(Fault::damaged(
                    "vault slot",
                    "read back differs from what was written",
                ));
            }
        }
        Ok(())
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

impl Layout {
    fn encode(self, epoch: u64, body: &[u8]) -> Block {
        debug_assert_eq!(body.len(), self.body_bytes);
        let mut block: Block = Zeroizing::new([0; BLOCK_BYTES]);
        let (epoch_bytes, rest) = block.split_at_mut(EPOCH_BYTES);
        epoch_bytes.copy_from_slice(&epoch.to_be_bytes());
        let (place, rest) = rest.split_at_mut(body.len());
        place.copy_from_slice(body);
        let (sum, _) = rest.split_at_mut(SUM_BYTES);
        sum.copy_from_slice(&self.checksum(epoch_bytes, body));
        block
    }

    fn decode(self, block: &Block) -> Option<Entry> {
        let (epoch, rest) = block.split_first_chunk::<EPOCH_BYTES>()?;
        let (body, rest) = rest.split_at_checked(self.body_bytes)?;
        let (sum, _) = rest.split_first_chunk::<SUM_BYTES>()?;
        (self.checksum(epoch, body) == *sum).then(|| Entry {
            epoch: u64::from_be_bytes(*epoch),
            body: Zeroizing::new(body.to_vec()),
        })
    }

    fn checksum(self, epoch: &[u8], body: &[u8]) -> [u8; SUM_BYTES] {
        let mut sum = Sha256::new();
        sum.update(self.label);
        sum.update(epoch);
        sum.update(body);
        sum.finalize().into()
    }
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
