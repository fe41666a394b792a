//! The vault that holds its root itself, in the slots of one file.
//!
//! - Lies outside the data folder and its backups; held by one process at a time.
//! - Tier `file` is refused where overwriting does not destroy; tier `test` is allowed anywhere.

use std::path::Path;

use super::home::Home;
use super::passphrase::{Hardness, Passphrase};
use super::settings::{Settings, Tier};
use super::slots::{Entry, Layout, Slots};
use super::{Destroyed, Statement, Vault, VaultRoot, VaultRoots};
use crate::clock::Entropy;
use crate::error::{Fault, VaultFault};
use crate::keys::secret::Key;

const SLOTS_NAME: &str = "roots";
const OPEN_LABEL: &[u8] = b"referral-ledger root slot v1";
const SEALED_LABEL: &[u8] = b"referral-ledger sealed root slot v1";

/// A vault in a folder.
pub struct FileVault {
    home: Home,
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
        protection: Option<(&Passphrase, Hardness)>,
        mut entropy: Box<dyn Entropy>,
    ) -> Result<Self, Fault> {
        let settings = Settings {
            tier,
            log_id,
            passphrase: protection.is_some(),
            sharing: None,
        };
        let home = Home::create(folder, settings, protection, &mut *entropy)?;
        let slots = Slots::create(&folder.join(SLOTS_NAME), layout(&home))?;
        slots.lock(folder)?;
        home.finish()?;
        Ok(Self {
            home,
            slots,
            entropy,
            destroyed: None,
        })
    }

    pub(super) fn open(home: Home, entropy: Box<dyn Entropy>) -> Result<Self, Fault> {
        let slots = Slots::open(&home.folder.join(SLOTS_NAME), layout(&home))?;
        slots.lock(&home.folder)?;
        Ok(Self {
            home,
            slots,
            entropy,
            destroyed: None,
        })
    }

    fn root(&self, entry: &Entry) -> Result<VaultRoot, Fault> {
        let key = self.home.seal.open(&entry.body, &self.context(entry.epoch));
        Ok(VaultRoot {
            epoch: entry.epoch,
            key: key.ok_or_else(|| Fault::damaged("vault slot", "sealed elsewhere"))?,
        })
    }

    fn context(&self, epoch: u64) -> Vec<u8> {
        self.home.context(SLOTS_NAME, &epoch.to_be_bytes())
    }

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
        let entries = self.slots.entries()?;
        let roots = entries.iter().map(|entry| self.root(entry));
        roots.collect::<Result<_, _>>().map(VaultRoots)
    }

    fn install(&mut self, epoch: u64, root: &Key) -> Result<(), Fault> {
        let context = self.context(epoch);
        let body = self.home.seal.close(root, &context, &mut *self.entropy);
        self.slots.install(epoch, &body, &mut *self.entropy)
    }

    fn destroy(&mut self, epoch: u64) -> Result<(), Fault> {
        self.slots
            .destroy(|entry| entry.epoch <= epoch, &mut *self.entropy)?;
        self.acknowledge(epoch);
        Ok(())
    }

    fn keep_only(&mut self, epoch: u64) -> Result<(), Fault> {
        if self.roots()?.of_epoch(epoch).is_none() {
            return Err(Fault::Vault(VaultFault::Unreadable));
        }
        self.slots
            .destroy(|entry| entry.epoch != epoch, &mut *self.entropy)?;
        self.acknowledge(epoch.saturating_sub(1));
        Ok(())
    }

    fn home(&self) -> &Home {
        &self.home
    }

    fn statement(&self) -> Statement {
        Statement {
            tier: self.home.settings.tier,
            passphrase: self.home.settings.passphrase,
            holders: 1,
            threshold: 1,
            missing: Vec::new(),
            behind: Vec::new(),
            destroyed: self.destroyed,
        }
    }
}

fn layout(home: &Home) -> Layout {
    Layout {
        label: if home.seal.is_open() {
            OPEN_LABEL
        } else {
            SEALED_LABEL
        },
        body_bytes: home.seal.bytes(),
    }
}
