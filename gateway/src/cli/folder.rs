//! Where a ledger lies: the data folder and the vault, which is never inside it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use ledger::copies::Copying;
use ledger::keys::Passphrase;
use ledger::ledger::{Ledger, OpenOptions, is_unfinished};

use super::failure::Failure;
use super::passphrase::PassphraseSource;
use crate::config::Files;

/// The folders of a ledger.
#[derive(Args, Clone, Debug)]
pub(crate) struct FolderArgs {
    /// The data folder
    #[arg(long, default_value = DEFAULT_DATA, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// The vault with the keys, outside the data folder and its backups [default: DIR-vault]
    #[arg(long, value_name = "DIR")]
    pub(crate) vault: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) passphrase: PassphraseSource,
}

/// The data folder unless told otherwise.
pub(crate) const DEFAULT_DATA: &str = "referral-data";

impl FolderArgs {
    /// Whether the data folder looks like a ledger's.
    pub(crate) fn holds_a_ledger(&self) -> bool {
        self.data.join("log.vkey").is_file() && self.data.join("log").is_dir()
    }

    /// The vault's folder. Inside the data folder it is refused: copies of the data would hold it.
    pub(crate) fn vault(&self) -> Result<PathBuf, Failure> {
        let vault = match &self.vault {
            Some(vault) => vault.clone(),
            None => beside(&self.data)?,
        };
        if absolute(&vault)?.starts_with(absolute(&self.data)?) {
            return Err(Failure::Usage(format!(
                "the vault {} lies inside the data folder {}; keys are kept apart from what they \
                 open, so choose a folder outside it",
                vault.display(),
                self.data.display()
            )));
        }
        Ok(vault)
    }

    /// Whether nothing lies in the data folder, or only what a broken `init` left.
    pub(crate) fn is_free(&self) -> bool {
        self.is_empty() || is_unfinished(&self.data)
    }

    /// Whether nothing at all lies in the data folder.
    pub(crate) fn is_empty(&self) -> bool {
        match std::fs::read_dir(&self.data) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        }
    }

    /// Opens the ledger, with progress on stderr where it takes long.
    pub(crate) fn open(&self) -> Result<Ledger, Failure> {
        self.open_with(Files::default(), Copying::default())
    }

    /// The same by other files than those in force, and with copies that are kept meanwhile.
    pub(crate) fn open_with(&self, files: Files, copying: Copying) -> Result<Ledger, Failure> {
        let passphrase = self.passphrase.present(&self.vault()?)?;
        self.open_under(passphrase, files, copying)
    }

    /// The same with a passphrase that was asked for already.
    pub(crate) fn open_under(
        &self,
        passphrase: Option<Passphrase>,
        files: Files,
        copying: Copying,
    ) -> Result<Ledger, Failure> {
        let vault = self.vault()?;
        if self.is_empty() {
            return Err(Failure::Usage(format!(
                "no ledger at {}; `referral-ledger init --data {0}` makes one",
                self.data.display()
            )));
        }
        let (bar, progress) = bar();
        let opened = Ledger::open(OpenOptions {
            data: self.data.clone(),
            vault,
            policy: files.policy,
            retention: files.retention,
            organisation: files.organisation,
            probe: std::env::current_exe().ok(),
            passphrase,
            progress: Some(Arc::new(progress)),
            copying,
        });
        bar.finish_and_clear();
        Ok(opened?)
    }
}

/// A progress bar on stderr that appears once there is something to tell.
pub(crate) fn bar() -> (ProgressBar, impl Fn(&str, u64, u64) + Send + Sync + 'static) {
    let bar = ProgressBar::hidden();
    if let Ok(style) = ProgressStyle::with_template("{msg} [{wide_bar}] {pos}/{len} {eta}") {
        bar.set_style(style.progress_chars("=> "));
    }
    let shown = bar.clone();
    let progress = move |what: &str, done: u64, all: u64| {
        if shown.is_hidden() {
            shown.set_draw_target(indicatif::ProgressDrawTarget::stderr());
        }
        shown.set_length(all);
        shown.set_position(done);
        shown.set_message(what.to_owned());
    };
    (bar, progress)
}

fn beside(data: &Path) -> Result<PathBuf, Failure> {
    let Some(name) = data.file_name() else {
        return Err(Failure::Usage(format!(
            "--data {} has no name to call the vault after; give --vault DIR too",
            data.display()
        )));
    };
    let mut vault = name.to_owned();
    vault.push("-vault");
    Ok(data.with_file_name(vault))
}

/// The path without links, as far as it exists.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    let wrong = |error: std::io::Error| Failure::Usage(format!("{}: {error}", path.display()));
    let full = std::path::absolute(path).map_err(wrong)?;
    let mut there = full.as_path();
    loop {
        if let Ok(real) = there.canonicalize() {
            let rest = full.strip_prefix(there).unwrap_or_else(|_| Path::new(""));
            return Ok(real.join(rest));
        }
        match there.parent() {
            Some(parent) => there = parent,
            None => return Ok(full),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(data: &str, vault: Option<&str>) -> FolderArgs {
        FolderArgs {
            data: data.into(),
            vault: vault.map(PathBuf::from),
            passphrase: PassphraseSource::default(),
        }
    }

    #[test]
    fn the_vault_lies_beside_the_data_unless_told_otherwise() {
        let vault = folders("somewhere/data/", None).vault().unwrap();
        assert_eq!(vault, Path::new("somewhere/data-vault"));
        let vault = folders("data", Some("/elsewhere/keys")).vault().unwrap();
        assert_eq!(vault, Path::new("/elsewhere/keys"));
    }

    #[test]
    fn a_vault_inside_the_data_folder_is_refused_also_through_a_link() {
        assert!(folders("data", Some("data")).vault().is_err());
        assert!(folders("data", Some("./data/keys")).vault().is_err());
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("data");
        std::fs::create_dir(&data).unwrap();
        std::os::unix::fs::symlink(&data, home.path().join("link")).unwrap();
        let through = FolderArgs {
            data,
            vault: Some(home.path().join("link/keys")),
            passphrase: PassphraseSource::default(),
        };
        assert!(through.vault().is_err());
        assert!(folders("/", None).vault().is_err());
    }

    #[test]
    fn opening_what_is_not_there_says_how_to_make_it() {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("none");
        let none = FolderArgs {
            data,
            vault: None,
            passphrase: PassphraseSource::default(),
        };
        let Err(Failure::Usage(wrong)) = none.open() else {
            panic!("there is nothing to open");
        };
        assert!(wrong.contains("referral-ledger init"), "{wrong}");
    }
}
