//! `backup`, `keys export` and `restore`: copies of a ledger, and the way back from one.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use ledger::copies::{
    CheckOptions, CopyChecked, RestoreOptions, back_up, check_copy, export_keys, forget_backup,
    restore,
};
use ledger::domain::ids::CopyId;
use serde_json::{Value, json};

use super::failure::Failure;
use super::folder::{DEFAULT_DATA, FolderArgs};
use super::maintain::backup;
use super::output::{Output, say};

/// Flags of `backup`.
#[derive(Args)]
pub(crate) struct Backup {
    /// Where to: an empty folder, or the backup made there before, which is brought up to date
    #[arg(required_unless_present = "forget", value_name = "DIR")]
    to: Option<PathBuf>,
    /// The data folder; a server may have it open
    #[arg(long, default_value = DEFAULT_DATA, value_name = "DIR")]
    data: PathBuf,
    /// Strike a backup that exists no more off the list that certificates show
    #[arg(long, value_name = "UUID", conflicts_with = "to")]
    forget: Option<CopyId>,
}

impl Backup {
    /// Copies what is new since the last time.
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        if let Some(id) = self.forget {
            let known = forget_backup(&self.data, id)?;
            return output.show(&json!({ "backup_id": id.to_string(), "forgotten": known }));
        }
        let Some(to) = &self.to else {
            return Err(Failure::Usage("say where to, DIR".to_owned()));
        };
        let made = back_up(&self.data, to)?;
        output.show(&json!({
            "backup_id": made.id.to_string(),
            "folder": to,
            "frame": made.manifest.frame,
            "events": made.manifest.size,
            "epoch": made.manifest.epoch,
            "frames_copied": made.copied,
        }))
    }
}

/// Key records apart from what they open.
#[derive(Subcommand)]
pub(crate) enum Keys {
    /// Write all key records into a file: with them an older backup reads every living person, and
    /// none of the forgotten
    Export(Export),
}

impl Keys {
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        match self {
            Self::Export(it) => it.run(output),
        }
    }
}

/// Flags of `keys export`.
#[derive(Args)]
pub(crate) struct Export {
    /// The new file
    file: PathBuf,
    /// The data folder, which a server may have open; or a mirror, or a backup
    #[arg(long, default_value = DEFAULT_DATA, value_name = "DIR")]
    data: PathBuf,
}

impl Export {
    fn run(&self, output: Output) -> Result<(), Failure> {
        let done = export_keys(&self.data, &self.file)?;
        output.show(&json!({
            "file": self.file,
            "frame": done.frame,
            "records": done.records,
        }))
    }
}

/// Flags of `restore`.
#[derive(Args)]
pub(crate) struct Restore {
    /// The mirror or the backup
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    #[command(flatten)]
    folders: FolderArgs,
    /// Key records exported later than the copy (`keys export`)
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// Go on although the copy lacks what was acknowledged
    #[arg(long)]
    accept_loss: bool,
    /// Check the copy and write nothing
    #[arg(long)]
    verify: bool,
    /// With --verify: a copy that the ledger has moved on from is a finding, too
    #[arg(long, requires = "verify")]
    up_to_date: bool,
}

impl Restore {
    /// Restores a ledger into a new data folder, or checks whether that could be done.
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        let vault = self.folders.vault()?;
        let passphrase = self.folders.passphrase.present(&vault)?;
        if self.verify {
            let found = check_copy(CheckOptions {
                from: &self.from,
                vault: &vault,
                keys: self.keys.as_deref(),
                passphrase: passphrase.as_ref(),
            })?;
            output.show(&told(&found))?;
            return self.judge(&found);
        }
        let done = restore(&RestoreOptions {
            from: self.from.clone(),
            vault,
            data: self.folders.data.clone(),
            keys: self.keys.clone(),
            accept_loss: self.accept_loss,
            passphrase,
        })?;
        say("Restored. The log goes on under a new name: give the new key (log.vkey) to whoever");
        say("verifies. What was signed before verifies with the old one (log.vkey.old).");
        say(
            "Enter again what was withdrawn since the copy, if anything was, first of all: nothing",
        );
        say("is sent until the data protection officer confirms it (`protection");
        say("confirm-withdrawals`).");
        let lost = done.backups.iter();
        let lost = lost.filter(|it| it.folder.as_os_str().is_empty()).count();
        if lost > 0 {
            say(&format!(
                "Of {lost} backups it does not know where they are: run `backup` on each once, or \
                 `backup --forget` where one is gone."
            ));
        }
        let mut answer = told(&done.copy);
        if let Some(fields) = answer.as_object_mut() {
            fields.insert("vkey".to_owned(), done.vkey.into());
            let backups = done.backups.iter().map(backup).collect();
            fields.insert("backups".to_owned(), Value::Array(backups));
        }
        output.show(&answer)
    }

    /// A copy that is whole is good, however far the ledger went on since: that is what copies of
    /// earlier days are.
    fn judge(&self, found: &CopyChecked) -> Result<(), Failure> {
        if !found.problems.is_empty() {
            return Err(Failure::Findings);
        }
        if found.parted {
            say("Whole, and of another history than the one that the vault went on with.");
            return Err(Failure::Findings);
        }
        match found.frames_behind() {
            0 => say("Good: no frame is missing that the vault knows of."),
            behind => say(&format!(
                "Good, {behind} frames behind the ledger: restored, it lacks what came after."
            )),
        }
        if self.up_to_date && found.is_behind() {
            return Err(Failure::Findings);
        }
        Ok(())
    }
}

fn told(found: &CopyChecked) -> Value {
    json!({
        "frame": found.frame,
        "events": found.events,
        "checkpoint": found.checkpoint,
        "behind": found.is_behind(),
        "frames_behind": found.frames_behind(),
        "of_another_history": found.parted,
        "known_frame": found.known_frame,
        "epoch": found.epoch,
        "vault_epoch": found.vault_epoch,
        "keys_living": found.living,
        "keys_forgotten": found.forgotten,
        "keys_unreadable": found.unreadable,
        "problems": found.problems,
    })
}
