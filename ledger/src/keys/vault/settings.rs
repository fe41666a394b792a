//! `vault.toml`: format version, tier and log id of a vault. The last file written when one is
//! made.

use std::path::Path;

use crate::error::{Fault, VaultFault};

/// The one format version that this program knows.
const FORMAT: u32 = 1;
/// The file's name in the vault folder.
pub(super) const FILE_NAME: &str = "vault.toml";

/// What the vault promises; printed on every certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Demo and tests: allowed anywhere, promises nothing.
    Test,
    /// A file overwritten in place on a local disk.
    File,
}

impl Tier {
    /// The tier's word in settings and certificates.
    pub fn word(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::File => "file",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Test, Self::File]
            .into_iter()
            .find(|tier| tier.word() == word)
    }
}

/// What `vault.toml` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) tier: Tier,
    pub(super) log_id: [u8; 32],
}

impl Settings {
    pub(super) fn to_text(self) -> String {
        let id: String = self
            .log_id
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let tier = self.tier.word();
        format!(
            "# A referral-ledger vault. Keep it off the data disk and out of machine images.\n\
             format = {FORMAT}\ntier = \"{tier}\"\nlog_id = \"{id}\"\n"
        )
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

    fn parse(text: &str) -> Result<Self, Fault> {
        let table: toml::Table = text.parse().map_err(|_| damaged("syntax"))?;
        let word = |name: &'static str| {
            table
                .get(name)
                .and_then(toml::Value::as_str)
                .ok_or_else(|| damaged(name))
        };
        let format = table.get("format").and_then(toml::Value::as_integer);
        let version = format
            .and_then(|format| u32::try_from(format).ok())
            .ok_or_else(|| damaged("format"))?;
        if version != FORMAT {
            return Err(Fault::UnknownFormat {
                what: "vault",
                version,
            });
        }
        Ok(Self {
            tier: Tier::from_word(word("tier")?).ok_or_else(|| damaged("tier"))?,
            log_id: hex(word("log_id")?).ok_or_else(|| damaged("log_id"))?,
        })
    }
}

fn hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != bytes.len() || !rest.is_empty() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        let pair = std::str::from_utf8(pair).ok()?;
        if !pair.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(bytes)
}

fn damaged(what: &'static str) -> Fault {
    Fault::damaged("vault.toml", what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_as_written_and_other_versions_are_refused() {
        let settings = Settings {
            tier: Tier::File,
            log_id: [0xA7; 32],
        };
        let text = settings.to_text();
        assert_eq!(Settings::parse(&text).unwrap(), settings);
        let newer = text.replace("format = 1", "format = 2\nunheard_of = true");
        assert!(matches!(
            Settings::parse(&newer),
            Err(Fault::UnknownFormat { version: 2, .. })
        ));
    }

    #[test]
    fn settings_with_bad_values_are_damage() {
        let good = Settings {
            tier: Tier::Test,
            log_id: [1; 32],
        }
        .to_text();
        for bad in [
            good.replace("test", "hardware"),
            good.replace("0101\"", "01\""),
            good.replace("0101\"", "+101\""),
            good.replace("log_id", "log"),
            good.replace("format = 1", "format = \"1\""),
            "[".to_owned(),
        ] {
            assert!(
                matches!(Settings::parse(&bad), Err(Fault::Damaged { .. })),
                "{bad}"
            );
        }
    }
}
