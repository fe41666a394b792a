//! `vault.toml`: format version, tier, log id and kind of a vault. The last file written when one
//! is made.

use std::path::{Path, PathBuf};

use crate::error::{Fault, VaultFault};
use crate::hex::{from_hex, hex};
use crate::limits::HOLDERS_MAX;

/// The one format version that this program knows.
pub(super) const FORMAT: u32 = 2;
/// The file's name in the vault folder.
pub(super) const FILE_NAME: &str = "vault.toml";
/// Its next version, until it is renamed.
pub(super) const SPARE_NAME: &str = "vault.toml.new";

/// What the vault promises; printed on every certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Demo and tests: allowed anywhere, promises nothing.
    Test,
    /// A file overwritten in place on a local disk.
    File,
    /// Shares in several such files, any `threshold` of which give the root.
    Shares,
}

impl Tier {
    /// The tier's word in settings and certificates.
    pub fn word(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::File => "file",
            Self::Shares => "shares",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Test, Self::File, Self::Shares]
            .into_iter()
            .find(|tier| tier.word() == word)
    }
}

/// What `vault.toml` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) tier: Tier,
    pub(super) log_id: [u8; 32],
    /// Whether everything lies under a passphrase.
    pub(super) passphrase: bool,
    /// Where the shares are; none for a vault that holds its root itself.
    pub(super) sharing: Option<Sharing>,
}

/// Who holds the shares of a root, and how many it takes. The paths may be changed by hand when a
/// folder moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sharing {
    pub(super) threshold: u8,
    pub(super) holders: Vec<PathBuf>,
}

impl Settings {
    pub(super) fn to_text(&self) -> String {
        let tier = self.tier.word();
        let id = hex(&self.log_id);
        let mut text = format!(
            "# A referral-ledger vault. Keep it off the data disk and out of machine images.\n\
             format = {FORMAT}\ntier = \"{tier}\"\nlog_id = \"{id}\"\npassphrase = {}\n",
            self.passphrase
        );
        if let Some(sharing) = &self.sharing {
            let paths = sharing.holders.iter();
            let paths = paths.map(|path| toml::Value::from(path.to_string_lossy().into_owned()));
            let paths = toml::Value::Array(paths.collect());
            text.push_str(&format!(
                "threshold = {}\nholders = {paths}\n",
                sharing.threshold
            ));
        }
        text
    }

    /// Reads the file in a vault folder; a folder without one is no vault.
    pub(super) fn read(folder: &Path) -> Result<Self, Fault> {
        match std::fs::read_to_string(folder.join(FILE_NAME)) {
            Ok(text) => Self::parse(&text),
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
                Err(Fault::Vault(VaultFault::Missing {
                    folder: folder.display().to_string(),
                }))
            }
            Err(source) => Err(Fault::Io {
                doing: "read vault.toml",
                source,
            }),
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let table = parse_format(text, "vault.toml", "vault")?;
        let word = |name: &'static str| {
            table
                .get(name)
                .and_then(toml::Value::as_str)
                .ok_or_else(|| damaged(name))
        };
        let passphrase = table.get("passphrase").and_then(toml::Value::as_bool);
        Ok(Self {
            tier: Tier::from_word(word("tier")?).ok_or_else(|| damaged("tier"))?,
            log_id: from_hex(word("log_id")?).ok_or_else(|| damaged("log_id"))?,
            passphrase: passphrase.ok_or_else(|| damaged("passphrase"))?,
            sharing: parse_sharing(&table)?,
        })
    }
}

fn parse_sharing(table: &toml::Table) -> Result<Option<Sharing>, Fault> {
    let Some(holders) = table.get("holders") else {
        return Ok(None);
    };
    let threshold = table.get("threshold").and_then(toml::Value::as_integer);
    let threshold = threshold.and_then(|number| u8::try_from(number).ok());
    let threshold = threshold.ok_or_else(|| damaged("threshold"))?;
    let holders = holders.as_array().ok_or_else(|| damaged("holders"))?;
    let paths = holders.iter().map(|path| path.as_str().map(PathBuf::from));
    let holders: Option<Vec<PathBuf>> = paths.collect();
    let sharing = Sharing {
        threshold,
        holders: holders.ok_or_else(|| damaged("holders"))?,
    };
    if sharing.is_sound() {
        Ok(Some(sharing))
    } else {
        Err(damaged("threshold"))
    }
}

impl Sharing {
    /// Two of two at least: one of n would be n copies of the root.
    pub(super) fn is_sound(&self) -> bool {
        let holders = self.holders.len();
        holders <= usize::from(HOLDERS_MAX) && (2..=holders).contains(&usize::from(self.threshold))
    }
}

/// The table of a settings file of the one format version that this program knows.
pub(super) fn parse_format(
    text: &str,
    file: &'static str,
    what: &'static str,
) -> Result<toml::Table, Fault> {
    let damaged = |what: &'static str| Fault::damaged(file, what);
    let table: toml::Table = text.parse().map_err(|_| damaged("syntax"))?;
    let format = table.get("format").and_then(toml::Value::as_integer);
    let version = format
        .and_then(|format| u32::try_from(format).ok())
        .ok_or_else(|| damaged("format"))?;
    if version == FORMAT {
        Ok(table)
    } else {
        Err(Fault::UnknownFormat { what, version })
    }
}

fn damaged(what: &'static str) -> Fault {
    Fault::damaged("vault.toml", what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared() -> Settings {
        Settings {
            tier: Tier::Shares,
            log_id: [0xA7; 32],
            passphrase: true,
            sharing: Some(Sharing {
                threshold: 2,
                holders: vec!["/a \"b\"".into(), "/c\\d".into(), "/e".into()],
            }),
        }
    }

    #[test]
    fn settings_are_read_as_written_and_other_versions_are_refused() {
        let plain = Settings {
            tier: Tier::File,
            log_id: [0xA7; 32],
            passphrase: false,
            sharing: None,
        };
        for settings in [plain, shared()] {
            let text = settings.to_text();
            assert_eq!(Settings::parse(&text).unwrap(), settings);
            for version in [1, 3] {
                let other = text.replace("format = 2", &format!("format = {version}"));
                assert!(matches!(
                    Settings::parse(&other),
                    Err(Fault::UnknownFormat { version: found, .. }) if found == version
                ));
            }
        }
    }

    #[test]
    fn settings_with_bad_values_are_damage() {
        let good = shared().to_text();
        for bad in [
            good.replace("\"shares\"", "\"hardware\""),
            good.replace("a7a7\"", "a7\""),
            good.replace("a7a7\"", "+7a7\""),
            good.replace("log_id", "log"),
            good.replace("format = 2", "format = \"2\""),
            good.replace("passphrase = true", "passphrase = 1"),
            good.replace("passphrase", "password"),
            good.replace("threshold = 2", "threshold = 1"),
            good.replace("threshold = 2", "threshold = 4"),
            good.replace("threshold = 2", "threshold = 300"),
            good.replace("threshold = 2", ""),
            good.replace("\"/e\"", "7"),
            "[".to_owned(),
        ] {
            assert!(
                matches!(Settings::parse(&bad), Err(Fault::Damaged { .. })),
                "{bad}"
            );
        }
    }
}
