//! What can be done with a vault itself, while no server has it open.

use clap::{Args, Subcommand};
use ledger::clock::SystemEntropy;
use ledger::keys::Hardness;
use ledger::keys::vault::change_passphrase;

use super::failure::Failure;
use super::folder::FolderArgs;
use super::output::say;
use super::passphrase::{ask, ask_twice};

/// Work on a vault.
#[derive(Subcommand)]
pub(crate) enum Vault {
    /// Put another passphrase in place of the vault's present one
    Passphrase(Change),
}

/// Flags of `vault passphrase`.
#[derive(Args)]
pub(crate) struct Change {
    #[command(flatten)]
    folders: FolderArgs,
}

impl Vault {
    /// Does it.
    pub(crate) fn run(&self) -> Result<(), Failure> {
        match self {
            Self::Passphrase(change) => change.run(),
        }
    }
}

impl Change {
    /// A crash between the two writes leaves both passphrases in force, until the next change.
    fn run(&self) -> Result<(), Failure> {
        let vault = self.folders.vault()?;
        let old = match self.folders.passphrase.present(&vault)? {
            Some(old) => old,
            None => ask("Passphrase in force: ")?,
        };
        let new = ask_twice()?;
        let hardness = Hardness::default();
        change_passphrase(&vault, &old, (&new, hardness), Box::new(SystemEntropy))?;
        say("The vault has its new passphrase; copies of the vault from before keep the old one.");
        Ok(())
    }
}
