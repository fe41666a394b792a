//! The vault as a folder of files: root slots, signing key, index key, position.
//!
//! - Lies outside the data folder and its backups. 0700, files 0600, held by one process at a time.
//! - Tier `file` is refused where overwriting does not destroy; tier `test` is allowed anywhere.
//! - Signing and index key are files of their own, backed up apart, never rewritten by a rotation.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::position::PositionFile;
use super::settings::{self, Settings, Tier};
use super::slots::Slots;
use super::suitable::require_in_place;
use super::{Destroyed, Statement, Vault, VaultRoots};
use crate::clock::Entropy;
use crate::error::{Fault, VaultFault};
use crate::keys::index_key::IndexKeys;
use crate::keys::secret::{KEY_BYTES, Key};
use crate::keys::signer::Signer;

const SLOTS_NAME: &str = "roots";
const SIGNING_NAME: &str = "signing.key";
const INDEX_NAME: &str = "index.key";
const POSITION_NAME: &str = "position";
/// First bytes of a key file; the last one is the format version.
const KEY_MAGIC: &[u8; 4] = b"RLF\x01";
const KEY_FILE_BYTES: usize = KEY_MAGIC.len() + KEY_BYTES + 32;

/// A vault in a folder.
pub struct FileVault {
    folder: PathBuf,
    settings: Settings,
    slots: Slots,
    entropy: Box<dyn Entropy>,
    destroyed: Option<Destroyed>,
}

impl FileVault {
    /// Makes a vault in a new or empty folder: fresh signing and index keys, no root yet. `entropy`
    /// also serves later overwriting.
    pub fn create(
        folder: &Path,
        tier: Tier,
        log_id: [u8; 32],
        mut entropy: Box<dyn Entropy>,
    ) -> Result<Self, Fault> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(Fault::io("create the vault's folder"))?;
        require_empty(folder)?;
        require_tier(folder, tier)?;
        for name in [SIGNING_NAME, INDEX_NAME] {
            write_key(&folder.join(name), &Key::generate(&mut *entropy))?;
        }
        PositionFile::create(&folder.join(POSITION_NAME))?;
        let slots = Slots::create(&folder.join(SLOTS_NAME))?;
        slots.lock(folder)?;
        let settings = Settings { tier, log_id };
        // Last: a crash before this leaves a folder that is no vault yet, and is refused as such.
        write_new(
            &folder.join(settings::FILE_NAME),
            settings.to_text().as_bytes(),
        )?;
        sync_folder(folder)?;
        if let Some(parent) = folder.parent().filter(|parent| parent.is_dir()) {
            sync_folder(parent)?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            settings,
            slots,
            entropy,
            destroyed: None,
        })
    }

    /// Opens the vault of this ledger.
    pub fn open(folder: &Path, log_id: [u8; 32], entropy: Box<dyn Entropy>) -> Result<Self, Fault> {
        let settings = Settings::read(folder)?;
        if settings.log_id != log_id {
            return Err(Fault::Vault(VaultFault::WrongLedger));
        }
        require_tier(folder, settings.tier)?;
        let slots = Slots::open(&folder.join(SLOTS_NAME))?;
        slots.lock(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            settings,
            slots,
            entropy,
            destroyed: None,
        })
    }
}

impl FileVault {
    fn acknowledge(&mut self, epoch: u64) {
        self.destroyed = Some(Destroyed {
            epoch,
            acknowledged: 1,
            needed: 1,
        });
    }
}

impl Vault for FileVault {
    fn roots(&self) -> Result<VaultRoots, Fault> {
        self.slots.roots()
    }

    fn install(&mut self, epoch: u64, root: &Key) -> Result<(), Fault> {
        self.slots.install(epoch, root, &mut *self.entropy)
    }

    fn destroy(&mut self, epoch: u64) -> Result<(), Fault> {
        self.slots
            .destroy(|found| found <= epoch, &mut *self.entropy)?;
        self.acknowledge(epoch);
        Ok(())
    }

    fn keep_only(&mut self, epoch: u64) -> Result<(), Fault> {
        if self.slots.roots()?.of_epoch(epoch).is_none() {
            return Err(Fault::Vault(VaultFault::Unreadable));
        }
        self.slots
            .destroy(|found| found != epoch, &mut *self.entropy)?;
        self.acknowledge(epoch.saturating_sub(1));
        Ok(())
    }

    fn signer(&self, name: &str) -> Result<Signer, Fault> {
        Signer::new(name, &read_key(&self.folder.join(SIGNING_NAME))?)
    }

    fn index_keys(&self) -> Result<IndexKeys, Fault> {
        Ok(IndexKeys::new(&read_key(&self.folder.join(INDEX_NAME))?))
    }

    fn position_file(&self) -> Result<PositionFile, Fault> {
        PositionFile::open(&self.folder.join(POSITION_NAME))
    }

    fn statement(&self) -> Statement {
        Statement {
            tier: self.settings.tier,
            holders: 1,
            threshold: 1,
            missing: Vec::new(),
            destroyed: self.destroyed,
        }
    }
}

fn require_empty(folder: &Path) -> Result<(), Fault> {
    let mut entries =
        std::fs::read_dir(folder).map_err(Fault::io("look into the vault's folder"))?;
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(Fault::Unusable(format!(
            "{} is not empty; a vault is made in a folder of its own",
            folder.display()
        ))),
    }
}

fn require_tier(folder: &Path, tier: Tier) -> Result<(), Fault> {
    match tier {
        Tier::Test => Ok(()),
        Tier::File => require_in_place(folder),
    }
}

/// magic ‖ key ‖ SHA-256(magic ‖ key).
fn write_key(path: &Path, key: &Key) -> Result<(), Fault> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(KEY_FILE_BYTES));
    bytes.extend_from_slice(KEY_MAGIC);
    bytes.extend_from_slice(key.bytes());
    let sum: [u8; 32] = Sha256::digest(bytes.as_slice()).into();
    bytes.extend_from_slice(&sum);
    write_new(path, &bytes)
}

fn read_key(path: &Path) -> Result<Key, Fault> {
    let file = File::open(path).map_err(Fault::io("open a key file of the vault"))?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(KEY_FILE_BYTES + 1));
    file.take(u64::try_from(KEY_FILE_BYTES + 1).unwrap_or(u64::MAX))
        .read_to_end(&mut bytes)
        .map_err(Fault::io("read a key file of the vault"))?;
    parse_key(&bytes).ok_or_else(|| Fault::damaged("vault key file", "length, magic or checksum"))
}

fn parse_key(bytes: &[u8]) -> Option<Key> {
    let (body, sum) = bytes.split_last_chunk::<32>()?;
    let key = body.strip_prefix(KEY_MAGIC)?;
    let key: &[u8; KEY_BYTES] = key.try_into().ok()?;
    let expected: [u8; 32] = Sha256::digest(body).into();
    (*sum == expected).then(|| Key::from_bytes(key))
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(Fault::io("create a file of the vault"))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(Fault::io("write a file of the vault"))
}

fn sync_folder(folder: &Path) -> Result<(), Fault> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(Fault::io("sync the vault's folder"))
}
