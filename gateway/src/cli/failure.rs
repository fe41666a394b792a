//! Why a command did not do what was asked, and the exit code that scripts see for it.
//!
//! - Exit codes are stable; they stand in `--help` from [`EXIT_CODES`].
//! - What is wrong and what to do go to stderr; with `--json` also as one object on stdout.

use std::fmt;
use std::process::ExitCode;

use ledger::error::Fault;
use ledger::refusal::Refused;
use serde_json::{Value, json};

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
            } => {
                let refused = json!({
                    "code": code, "about": about, "wrong": wrong, "remedy": remedy,
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
            } => {
                let about = about.as_ref().map(|it| format!(", {it}"));
                let about = about.unwrap_or_default();
                write!(f, "refused ({code}{about}): {wrong}\n{remedy}")
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
        // What it means, the fault's own words for the place, and what to do.
        let (broken, repair) = (text::broken(&fault), text::repair(&fault));
        Self::Broken(format!("{broken}\n{fault}\n{repair}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::refusal::Refusal;

    #[test]
    fn every_kind_of_failure_has_the_exit_code_that_help_promises() {
        let refused = Failure::refused(&Refused::from(Refusal::ConsentMissing));
        assert_eq!(refused.number(), 1);
        assert_eq!(Failure::Findings.number(), 1);
        assert_eq!(Failure::Usage(String::new()).number(), 2);
        assert_eq!(Failure::from(Fault::Poisoned).number(), 3);
        assert_eq!(Failure::from(Fault::Unusable(String::new())).number(), 2);
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
}
