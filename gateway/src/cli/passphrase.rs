//! Where the vault's passphrase comes from: a file descriptor, a service credential, or a person at
//! a terminal. Never the command line and never the environment, which others can read.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use ledger::keys::Passphrase;
use ledger::keys::vault::wants_passphrase;
use ledger::limits::PASSPHRASE_BYTES_MAX;
use zeroize::Zeroizing;

use super::failure::Failure;

/// Flags that say where a passphrase comes from.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct PassphraseSource {
    /// Read the vault's passphrase from this open file descriptor [default: the service credential
    /// referral-vault-passphrase, else ask at the terminal]
    #[arg(long, value_name = "N")]
    passphrase_fd: Option<u32>,
}

impl PassphraseSource {
    /// The passphrase of a vault that has one.
    pub(crate) fn present(&self, vault: &Path) -> Result<Option<Passphrase>, Failure> {
        // A vault that is not there is the ledger's to name.
        let wanted = wants_passphrase(vault).unwrap_or(false);
        match self.given()? {
            Some(given) if wanted || self.passphrase_fd.is_some() => Ok(Some(given)),
            None if wanted => ask("Passphrase of the vault: ").map(Some),
            Some(_) | None => Ok(None),
        }
    }

    /// A passphrase for a vault to be made or changed, if one was asked for; typed twice.
    pub(crate) fn fresh(&self, wanted: bool) -> Result<Option<Passphrase>, Failure> {
        if !wanted && self.passphrase_fd.is_none() {
            return Ok(None);
        }
        match self.given()? {
            Some(given) => Ok(Some(given)),
            None => ask_twice().map(Some),
        }
    }

    fn given(&self) -> Result<Option<Passphrase>, Failure> {
        if let Some(number) = self.passphrase_fd {
            return read(&PathBuf::from(format!("/dev/fd/{number}"))).map(Some);
        }
        let Some(folder) = std::env::var_os("CREDENTIALS_DIRECTORY") else {
            return Ok(None);
        };
        let credential = Path::new(&folder).join(CREDENTIAL);
        if !credential.exists() {
            return Ok(None);
        }
        read(&credential).map(Some)
    }
}

/// Asks twice for a new passphrase; the same both times, or none.
pub(crate) fn ask_twice() -> Result<Passphrase, Failure> {
    let first = typed("New passphrase of the vault: ")?;
    let second = typed("The same again: ")?;
    if first != second {
        return Err(Failure::Usage("the two passphrases differ".to_owned()));
    }
    Ok(Passphrase::new(first)?)
}

/// Asks for the passphrase in force.
pub(crate) fn ask(prompt: &str) -> Result<Passphrase, Failure> {
    Ok(Passphrase::new(typed(prompt)?)?)
}

fn typed(prompt: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let line = rpassword::prompt_password(prompt).map_err(|_| {
        Failure::Usage(
            "the vault wants its passphrase and there is no terminal to ask at; give \
             --passphrase-fd N, or the service credential referral-vault-passphrase"
                .to_owned(),
        )
    })?;
    Ok(Zeroizing::new(line.into_bytes()))
}

/// The first line of a file, without its end.
fn read(path: &Path) -> Result<Passphrase, Failure> {
    let limit = u64::try_from(PASSPHRASE_BYTES_MAX + 3).unwrap_or(u64::MAX);
    let mut bytes = Zeroizing::new(Vec::with_capacity(PASSPHRASE_BYTES_MAX + 3));
    let wrong = |error: std::io::Error| {
        Failure::Usage(format!(
            "cannot read the passphrase from {}: {error}",
            path.display()
        ))
    };
    let file = File::open(path).map_err(wrong)?;
    file.take(limit).read_to_end(&mut bytes).map_err(wrong)?;
    for end in [b'\n', b'\r'] {
        if bytes.last() == Some(&end) {
            bytes.pop();
        }
    }
    Ok(Passphrase::new(bytes)?)
}

/// The name of the service credential (systemd: LoadCredentialEncrypted=).
const CREDENTIAL: &str = "referral-vault-passphrase";
