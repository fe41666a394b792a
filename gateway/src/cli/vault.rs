//! What can be done with a vault itself, while no server has it open.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args, Subcommand};
use ledger::clock::SystemEntropy;
use ledger::copies::Copying;
use ledger::keys::Hardness;
use ledger::keys::vault::{change_passphrase, replace_holder};
use serde_json::json;

use super::failure::Failure;
use super::folder::{FolderArgs, absolute};
use super::output::{Output, say};
use super::passphrase::{ask, ask_twice};
use crate::config::Files;

/// Work on a vault.
#[derive(Subcommand)]
pub(crate) enum Vault {
    /// Put another passphrase in place of the vault's present one
    Passphrase(Change),
    /// Put another folder in the place of a holder that is lost for good, and renew the root, so
    /// that what the old one held is worth nothing
    ReplaceHolder(Replace),
}

/// Flags of `vault replace-holder`.
#[derive(Args)]
#[command(group(
    ArgGroup::new("copies")
        .required(true)
        .multiple(true)
        .args(["mirror", "no_mirror"])
))]
pub(crate) struct Replace {
    /// Which, by its number from 1 (`status` names those that are missing)
    #[arg(value_name = "N")]
    holder: u8,
    /// A new or empty folder, best on a device of its own
    #[arg(value_name = "DIR")]
    to: PathBuf,
    /// A mirror of the ledger: a root is not renewed before every attached one has the key records
    #[arg(long, value_name = "DIR")]
    mirror: Vec<PathBuf>,
    /// Renew the root although no mirror is attached
    #[arg(long, conflicts_with = "mirror")]
    no_mirror: bool,
    #[command(flatten)]
    folders: FolderArgs,
}

/// Flags of `vault passphrase`.
#[derive(Args)]
pub(crate) struct Change {
    #[command(flatten)]
    folders: FolderArgs,
}

impl Vault {
    /// Does it.
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        match self {
            Self::Passphrase(change) => change.run(),
            Self::ReplaceHolder(replace) => replace.run(output),
        }
    }
}

impl Replace {
    /// A crash anywhere leaves a ledger that opens: the same is done again.
    fn run(&self, output: Output) -> Result<(), Failure> {
        let vault = self.folders.vault()?;
        let to = absolute(&self.to)?;
        let words = self.folders.passphrase.present(&vault)?;
        let mirrors = self.mirror.iter().map(PathBuf::as_path);
        let apart: Vec<&Path> = mirrors.chain([self.folders.data.as_path()]).collect();
        replace_holder(&vault, (self.holder, &to), &apart, words.as_ref())?;
        let copying = Copying {
            mirrors: self.mirror.clone(),
            anchor: None,
            alone: self.no_mirror,
            anchor_new: None,
        };
        let files = Files::default();
        let ledger = self.folders.open_under(words, files, copying)?;
        let renewed = ledger.renew_root(self.holder);
        ledger.close()?;
        output.show(&json!({
            "holder": self.holder,
            "folder": to,
            "epoch": renewed?,
        }))
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
