//! Why a command did not do what was asked, and the exit code that scripts see for it.
//!
//! - Exit codes are stable; they stand in `--help` from [`EXIT_CODES`].
//! - What is wrong and what to do go to stderr; with `--json` also as one object on stdout.

use std::fmt;
use std::process::ExitCode;

use ledger::error::{Fault, VaultFault};
use ledger::refusal::{Refusal, Refused};
use serde_json::{Value, json};

use super::flags;
use crate::text;

/// What `--help` says about exit codes.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  done, or all is well
  1  the answer is no: refused, or there are findings
  2  the command line or an input file is wrong
  3  something broke: folder, vault, store, or the server itself
  4  the server cannot be reached or is too busy; trying again may help

Data go to stdout, everything else to stderr. With --json stdout is one JSON value
(streams: one value per line).";

/// Why a command did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The ledger said no.
    Refused {
        /// The stable code.
        code: String,
        /// The field, category or state that it is about.
        about: Option<String>,
        /// What is wrong.
        wrong: String,
        /// What to do.
        remedy: String,
        /// The flag that says the field it is about, where it is about one.
        flag: Option<String>,
    },
    /// A check found something; it was printed already.
    Findings,
    /// The command line or an input file is wrong.
    Usage(String),
    /// Something broke.
    Broken(String),
    /// No answer.
    Unreachable(String),
}

impl Failure {
    /// A refusal with its texts.
    pub(crate) fn refused(refused: &Refused) -> Self {
        let about = refused.about.as_deref();
        Self::Refused {
            code: refused.refusal.code().to_owned(),
            about: refused.about.clone(),
            wrong: text::wrong(refused.refusal, about),
            remedy: text::remedy(refused.refusal, about),
            flag: about
                .filter(|_| is_of_a_field(refused.refusal))
                .map(flags::spelled),
        }
    }

    /// What scripts see.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.number())
    }

    fn number(&self) -> u8 {
        match self {
            Self::Refused { .. } | Self::Findings => 1,
            Self::Usage(_) => 2,
            Self::Broken(_) => 3,
            Self::Unreachable(_) => 4,
        }
    }

    /// The failure as data, for `--json`; nothing where the data were printed already.
    pub(crate) fn to_json(&self) -> Option<Value> {
        let (kind, wrong) = match self {
            Self::Findings => return None,
            Self::Refused {
                code,
                about,
                wrong,
                remedy,
                flag,
            } => {
                let refused = json!({
                    "code": code, "about": about, "wrong": wrong, "remedy": remedy, "flag": flag,
                });
                return Some(json!({ "error": "refused", "refusal": refused }));
            }
            Self::Usage(wrong) => ("usage", wrong),
            Self::Broken(wrong) => ("broken", wrong),
            Self::Unreachable(wrong) => ("unreachable", wrong),
        };
        Some(json!({ "error": kind, "wrong": wrong }))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused {
                code,
                about,
                wrong,
                remedy,
                flag,
            } => {
                let about = about.as_ref().map(|it| format!(", {it}"));
                let about = about.unwrap_or_default();
                write!(f, "refused ({code}{about}): {wrong}\n{remedy}")?;
                match flag {
                    Some(flag) => write!(f, "\nHere that is {flag}."),
                    None => Ok(()),
                }
            }
            Self::Findings => Ok(()),
            Self::Usage(wrong) | Self::Broken(wrong) | Self::Unreachable(wrong) => {
                f.write_str(wrong)
            }
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        if let Fault::Unusable(why) = fault {
            return Self::Usage(why);
        }
        // What it means, where, and what to do.
        let mut lines = vec![text::broken(&fault)];
        lines.extend(place(&fault));
        lines.push(text::repair(&fault));
        let said = lines.join("\n");
        // A word that was not given, or given wrongly, is nothing of ours that broke.
        let words = VaultFault::PassphraseNeeded;
        if matches!(&fault, Fault::Vault(it) if [words, VaultFault::WrongPassphrase].contains(it)) {
            return Self::Usage(said);
        }
        Self::Broken(said)
    }
}

/// What a fault says beyond its text: the place, the numbers, the system's own words.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "faults are non-exhaustive outside the ledger crate"
)]
fn place(fault: &Fault) -> Option<String> {
    match fault {
        Fault::Poisoned | Fault::Busy => None,
        Fault::AnchorMissing { file } => Some(file.clone()),
        Fault::AnotherHistory { frame } => Some(format!(
            "The vault noted a frame {frame} that it does not hold."
        )),
        Fault::Locked { folder } => Some(folder.clone()),
        Fault::UnknownFormat { what, version } => Some(format!("{what}: format {version}")),
        Fault::Vault(VaultFault::Missing { folder }) => Some(folder.clone()),
        Fault::Vault(VaultFault::Old { found, expected }) => Some(format!(
            "The vault is at epoch {found}, the ledger at epoch {expected}."
        )),
        Fault::Vault(VaultFault::Unsuitable { kind }) => Some(kind.clone()),
        Fault::Vault(
            VaultFault::WrongLedger
            | VaultFault::Unreadable
            | VaultFault::WrongRoot
            | VaultFault::PassphraseNeeded
            | VaultFault::WrongPassphrase,
        ) => None,
        other => Some(other.to_string()),
    }
}

/// Whether a refusal is about a field of the request, which a flag says.
fn is_of_a_field(refusal: Refusal) -> bool {
    matches!(
        refusal,
        Refusal::Malformed | Refusal::TooLarge | Refusal::TimeInvalid | Refusal::ItemsInvalid
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_failure_has_the_exit_code_that_help_promises() {
        let refused = Failure::refused(&Refused::from(Refusal::ConsentMissing));
        assert_eq!(refused.number(), 1);
        assert_eq!(Failure::Findings.number(), 1);
        assert_eq!(Failure::Usage(String::new()).number(), 2);
        assert_eq!(Failure::from(Fault::Poisoned).number(), 3);
        assert_eq!(Failure::from(Fault::Unusable(String::new())).number(), 2);
        for words in [VaultFault::PassphraseNeeded, VaultFault::WrongPassphrase] {
            assert_eq!(Failure::from(Fault::Vault(words)).number(), 2);
        }
        assert_eq!(Failure::Unreachable(String::new()).number(), 4);
    }

    #[test]
    fn a_refusal_says_what_is_wrong_and_what_to_do_under_its_code() {
        let about = Refused::about(Refusal::ConsentMissing, "health");
        let refused = Failure::refused(&about);
        let shown = refused.to_string();
        assert!(
            shown.starts_with("refused (consent_missing, health): "),
            "{shown}"
        );
        assert!(shown.lines().count() > 1, "{shown}");
        let data = refused.to_json().unwrap();
        assert_eq!(data["refusal"]["code"], "consent_missing");
    }

    #[test]
    fn a_refusal_about_a_field_names_the_flag_that_says_it() {
        let about = Refused::about(Refusal::Malformed, "consent.note");
        let refused = Failure::refused(&about);
        assert!(
            refused
                .to_string()
                .ends_with("\nHere that is --explained-in.")
        );
        assert_eq!(
            refused.to_json().unwrap()["refusal"]["flag"],
            "--explained-in"
        );
        let about = Refused::about(Refusal::ConsentMissing, "health");
        assert_eq!(
            Failure::refused(&about).to_json().unwrap()["refusal"]["flag"],
            Value::Null
        );
    }

    #[test]
    fn a_fault_says_nothing_twice() {
        for fault in [
            VaultFault::WrongLedger,
            VaultFault::Unreadable,
            VaultFault::WrongRoot,
            VaultFault::PassphraseNeeded,
            VaultFault::WrongPassphrase,
            VaultFault::Missing {
                folder: "/v".to_owned(),
            },
            VaultFault::Old {
                found: 1,
                expected: 2,
            },
            VaultFault::Unsuitable {
                kind: "overlay".to_owned(),
            },
        ] {
            let own = fault.to_string();
            let shown = Failure::from(Fault::Vault(fault)).to_string();
            assert!(!shown.contains(&own), "{shown}");
            assert!((2..=3).contains(&shown.lines().count()), "{shown}");
        }
    }
}
