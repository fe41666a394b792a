//! The vault's own folder: settings, signing and index key, synced position, passphrase.
//!
//! - 0700, files 0600. Everything but the position is written once; no rotation touches it.
//! - Signing and index key are files of their own, backed up apart from any root.
//! - `vault.toml` is written last: a folder without it is no vault.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::passphrase::{self, ENVELOPE_BYTES, Hardness, Passphrase};
use super::position::PositionFile;
use super::sealed::Seal;
use super::settings::{self, Settings, Tier};
use super::slots::{Layout, Slots};
use super::suitable::require_in_place;
use crate::clock::Entropy;
use crate::error::{Fault, VaultFault};
use crate::keys::secret::Key;
use crate::unfinished::MARK_NAME;

/// Names of everything in a vault's own folder; the one that names the ledger last.
pub(crate) const NAMES: [&str; 7] = [
    "roots",
    SIGNING_NAME,
    INDEX_NAME,
    POSITION_NAME,
    PASSPHRASE_NAME,
    settings::SPARE_NAME,
    settings::FILE_NAME,
];
const SIGNING_NAME: &str = "signing.key";
const INDEX_NAME: &str = "index.key";
const POSITION_NAME: &str = "position";
const PASSPHRASE_NAME: &str = "passphrase";
/// First bytes of a key file; the last one says whether the key lies open or sealed.
const OPEN_MAGIC: &[u8; 4] = b"RLF\x01";
const SEALED_MAGIC: &[u8; 4] = b"RLF\x02";
const SUM_BYTES: usize = 32;
/// The slots of the passphrase file; the epoch counts the changes.
const PASSPHRASE_LAYOUT: Layout = Layout {
    label: b"referral-ledger passphrase slot v1",
    body_bytes: ENVELOPE_BYTES,
};

/// The folder, opened.
pub struct Home {
    pub(super) folder: PathBuf,
    pub(super) settings: Settings,
    pub(super) seal: Seal,
}

impl Home {
    /// Makes everything but the settings file, in a folder made before.
    pub(super) fn create(
        folder: &Path,
        settings: Settings,
        protection: Option<(&Passphrase, Hardness)>,
        entropy: &mut dyn Entropy,
    ) -> Result<Self, Fault> {
        make_folder(folder)?;
        require_tier(folder, settings.tier)?;
        let mut home = Self {
            folder: folder.to_owned(),
            settings,
            seal: Seal::OPEN,
        };
        if let Some((words, hardness)) = protection {
            words.require_long_enough()?;
            let vault_key = Key::generate(entropy);
            let slots = Slots::create(&folder.join(PASSPHRASE_NAME), PASSPHRASE_LAYOUT)?;
            home.put_passphrase(&slots, 1, &vault_key, (words, hardness), entropy)?;
            home.seal = Seal::under(vault_key);
        }
        for name in [SIGNING_NAME, INDEX_NAME] {
            home.write_key(name, &Key::generate(entropy), entropy)?;
        }
        PositionFile::create(&folder.join(POSITION_NAME))?;
        Ok(home)
    }

    /// Writes the settings. Last: a crash before this leaves a folder that is no vault yet.
    pub(super) fn finish(&self) -> Result<(), Fault> {
        let text = self.settings.to_text();
        write_new(&self.folder.join(settings::FILE_NAME), text.as_bytes())?;
        sync_folder(&self.folder)
    }

    /// Opens the folder of this ledger's vault.
    pub(super) fn open(
        folder: &Path,
        log_id: [u8; 32],
        words: Option<&Passphrase>,
    ) -> Result<Self, Fault> {
        let settings = Settings::read(folder)?;
        if settings.log_id != log_id {
            return Err(Fault::Vault(VaultFault::WrongLedger));
        }
        require_tier(folder, settings.tier)?;
        let mut home = Self {
            folder: folder.to_owned(),
            settings,
            seal: Seal::OPEN,
        };
        match (home.settings.passphrase, words) {
            (false, None) => {}
            (false, Some(_)) => {
                let why = "this vault has no passphrase, and one was given; nothing was opened";
                return Err(Fault::Unusable(why.to_owned()));
            }
            (true, None) => return Err(Fault::Vault(VaultFault::PassphraseNeeded)),
            (true, Some(words)) => home.seal = Seal::under(home.unlock(words)?.1),
        }
        Ok(home)
    }

    /// Puts another passphrase in place of the one that is in force.
    pub(super) fn change_passphrase(
        &self,
        old: &Passphrase,
        new: (&Passphrase, Hardness),
        entropy: &mut dyn Entropy,
    ) -> Result<(), Fault> {
        new.0.require_long_enough()?;
        let slots = Slots::open(&self.folder.join(PASSPHRASE_NAME), PASSPHRASE_LAYOUT)?;
        let (turn, vault_key) = self.unlock(old)?;
        // What a change before this one left unfinished: the passphrase that opens is the one kept.
        slots.destroy(|entry| entry.epoch != turn, entropy)?;
        let next = turn
            .checked_add(1)
            .ok_or_else(|| Fault::damaged("vault passphrase file", "turn"))?;
        // A crash between the two leaves both passphrases in force, until the next change.
        self.put_passphrase(&slots, next, &vault_key, new, entropy)?;
        slots.destroy(|entry| entry.epoch == turn, entropy)
    }

    pub(super) fn signing_key(&self) -> Result<Key, Fault> {
        self.read_key(SIGNING_NAME)
    }

    pub(super) fn index_key(&self) -> Result<Key, Fault> {
        self.read_key(INDEX_NAME)
    }

    pub(super) fn position_file(&self) -> Result<PositionFile, Fault> {
        PositionFile::open(&self.folder.join(POSITION_NAME))
    }

    /// What binds a sealed secret to its place.
    pub(super) fn context(&self, name: &str, rest: &[u8]) -> Vec<u8> {
        [name.as_bytes(), &[0], &self.settings.log_id, rest].concat()
    }

    fn put_passphrase(
        &self,
        slots: &Slots,
        turn: u64,
        vault_key: &Key,
        (words, hardness): (&Passphrase, Hardness),
        entropy: &mut dyn Entropy,
    ) -> Result<(), Fault> {
        let context = self.context(PASSPHRASE_NAME, &turn.to_be_bytes());
        let body = passphrase::seal(vault_key, words, hardness, &context, entropy)?;
        slots.install(turn, &body, entropy)
    }

    /// The vault's key, and in which turn of the passphrase it was found.
    fn unlock(&self, words: &Passphrase) -> Result<(u64, Key), Fault> {
        let slots = Slots::open(&self.folder.join(PASSPHRASE_NAME), PASSPHRASE_LAYOUT)?;
        let mut outcome = Err(Fault::damaged("vault passphrase file", "no whole slot"));
        for entry in slots.entries()? {
            let context = self.context(PASSPHRASE_NAME, &entry.epoch.to_be_bytes());
            match passphrase::open(&entry.body, words, &context) {
                Ok(key) => return Ok((entry.epoch, key)),
                wrong => outcome = wrong.map(|key| (entry.epoch, key)),
            }
        }
        outcome
    }

    /// magic ‖ key as it lies ‖ SHA-256 of both.
    fn write_key(&self, name: &str, key: &Key, entropy: &mut dyn Entropy) -> Result<(), Fault> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.key_file_bytes()));
        bytes.extend_from_slice(self.magic());
        bytes.extend_from_slice(&self.seal.close(key, &self.context(name, &[]), entropy));
        let sum: [u8; SUM_BYTES] = Sha256::digest(bytes.as_slice()).into();
        bytes.extend_from_slice(&sum);
        write_new(&self.folder.join(name), &bytes)
    }

    fn read_key(&self, name: &str) -> Result<Key, Fault> {
        let file = File::open(self.folder.join(name));
        let file = file.map_err(Fault::io("open a key file of the vault"))?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.key_file_bytes() + 1));
        file.take(u64::try_from(self.key_file_bytes() + 1).unwrap_or(u64::MAX))
            .read_to_end(&mut bytes)
            .map_err(Fault::io("read a key file of the vault"))?;
        self.parse_key(name, &bytes)
            .ok_or_else(|| Fault::damaged("vault key file", "length, magic or checksum"))
    }

    fn parse_key(&self, name: &str, bytes: &[u8]) -> Option<Key> {
        let (body, sum) = bytes.split_last_chunk::<SUM_BYTES>()?;
        let expected: [u8; SUM_BYTES] = Sha256::digest(body).into();
        let key = body.strip_prefix(self.magic())?;
        if *sum != expected {
            return None;
        }
        self.seal.open(key, &self.context(name, &[]))
    }

    fn magic(&self) -> &'static [u8; 4] {
        if self.seal.is_open() {
            OPEN_MAGIC
        } else {
            SEALED_MAGIC
        }
    }

    fn key_file_bytes(&self) -> usize {
        OPEN_MAGIC.len() + self.seal.bytes() + SUM_BYTES
    }
}

/// Makes a folder that only its owner may look into, or takes an empty one.
pub(super) fn make_folder(folder: &Path) -> Result<(), Fault> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(Fault::io("create the vault's folder"))?;
    for entry in std::fs::read_dir(folder).map_err(Fault::io("look into the vault's folder"))? {
        let name = entry
            .map_err(Fault::io("look into the vault's folder"))?
            .file_name();
        if name != MARK_NAME {
            return Err(Fault::Unusable(format!(
                "{} is not empty; a vault is made in a folder of its own",
                folder.display()
            )));
        }
    }
    match folder.parent().filter(|parent| parent.is_dir()) {
        Some(parent) => sync_folder(parent),
        None => Ok(()),
    }
}

pub(super) fn require_tier(folder: &Path, tier: Tier) -> Result<(), Fault> {
    match tier {
        Tier::Test => Ok(()),
        Tier::File | Tier::Shares => require_in_place(folder),
    }
}

pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
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

pub(super) fn sync_folder(folder: &Path) -> Result<(), Fault> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(Fault::io("sync the vault's folder"))
}
