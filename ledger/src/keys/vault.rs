//! The vault: the one place whose contents can be destroyed (SPEC §6.1).

pub mod file;
#[cfg(test)]
mod golden_tests;
pub(crate) mod holder;
pub(crate) mod home;
pub mod passphrase;
pub mod position;
mod replace;
mod sealed;
mod settings;
mod shamir;
pub mod shares;
mod slots;
pub mod statement;
mod suitable;

use std::path::{Path, PathBuf};

use super::boot::NamedRoot;
use super::index_key::IndexKeys;
use super::secret::Key;
use super::signer::Signer;
use crate::clock::Entropy;
use crate::error::Fault;

pub use home::Home;

pub use file::FileVault;
pub use passphrase::{Hardness, Passphrase};
pub use position::{NotedFrame, Position, PositionFile};
pub use replace::replace_holder;
use settings::Settings;
pub use settings::Tier;
pub use shares::ShareVault;
pub use statement::{Destroyed, Statement};

/// Opens the vault in a folder, of whichever kind its settings name, for this ledger.
pub fn open(
    folder: &Path,
    log_id: [u8; 32],
    words: Option<&Passphrase>,
    entropy: Box<dyn Entropy>,
) -> Result<Box<dyn Vault>, Fault> {
    let home = Home::open(folder, log_id, words)?;
    Ok(match home.settings.sharing.clone() {
        None => Box::new(FileVault::open(home, entropy)?),
        Some(sharing) => Box::new(ShareVault::open(home, sharing, entropy)?),
    })
}

/// Whether the vault in a folder wants a passphrase.
pub fn wants_passphrase(folder: &Path) -> Result<bool, Fault> {
    Ok(Settings::read(folder)?.passphrase)
}

/// Where the holders of the vault in a folder are; empty where the root is not shared.
pub fn holders(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let sharing = Settings::read(folder)?.sharing;
    Ok(sharing.map_or_else(Vec::new, |sharing| sharing.holders))
}

/// Puts another passphrase in place of the present one, of a vault that nobody has open.
pub fn change_passphrase(
    folder: &Path,
    old: &Passphrase,
    new: (&Passphrase, Hardness),
    mut entropy: Box<dyn Entropy>,
) -> Result<(), Fault> {
    let log_id = Settings::read(folder)?.log_id;
    let home = Home::open(folder, log_id, Some(old))?;
    home.change_passphrase(old, new, &mut *entropy)
}

/// A root in the vault.
pub struct VaultRoot {
    /// Its epoch.
    pub epoch: u64,
    /// The root itself.
    pub key: Key,
}

/// The roots whose checksum is good: none, one, or two in the middle of a rotation.
pub struct VaultRoots(pub Vec<VaultRoot>);

impl VaultRoots {
    /// The roots by name, for `boot::decide`.
    pub fn named(&self) -> Vec<NamedRoot> {
        let named = |root: &VaultRoot| NamedRoot {
            epoch: root.epoch,
            id: root.key.id(),
        };
        self.0.iter().map(named).collect()
    }

    /// The root of an epoch.
    pub fn of_epoch(&self, epoch: u64) -> Option<&Key> {
        let found = self.0.iter().find(|root| root.epoch == epoch);
        found.map(|root| &root.key)
    }
}

/// Holds the root of the key tree and can destroy it; keeps the keys that no rotation touches.
///
/// After a fault the caller stops using the vault and opens it anew: what is durable is then read
/// again.
pub trait Vault: Send {
    /// The roots with a good checksum. A torn slot counts as empty.
    fn roots(&self) -> Result<VaultRoots, Fault>;

    /// Whether a rotation may begin: enough is there to install a new root and to acknowledge the
    /// old one's destruction. Where it is not, nothing was begun, and keys wait.
    fn ready(&mut self) -> Result<(), Fault> {
        Ok(())
    }

    /// Puts a root into the spare slot. When it returns the root is durable and was read back; the
    /// other slot was not touched.
    fn install(&mut self, epoch: u64, root: &Key) -> Result<(), Fault>;

    /// Destroys the root of an epoch, of every one before it, and any torn remains. When it returns
    /// the bytes are overwritten, durable and read back; this is the acknowledgement that a
    /// certificate rests on (I5). Destroying what is not there succeeds.
    fn destroy(&mut self, epoch: u64) -> Result<(), Fault>;

    /// Destroys everything that is not the root of this epoch; refuses if that root is not there.
    fn keep_only(&mut self, epoch: u64) -> Result<(), Fault>;

    /// What no rotation touches.
    fn home(&self) -> &Home;

    /// The signer of checkpoints under this name.
    fn signer(&self, name: &str) -> Result<Signer, Fault> {
        Signer::new(name, &self.home().signing_key()?)
    }

    /// The keyed hashes of the index.
    fn index_keys(&self) -> Result<IndexKeys, Fault> {
        Ok(IndexKeys::new(&self.home().index_key()?))
    }

    /// The synced watermark; the log keeps the file and writes it each second.
    fn position_file(&self) -> Result<PositionFile, Fault> {
        self.home().position_file()
    }

    /// What it promises, and what it acknowledged last.
    fn statement(&self) -> Statement;
}
