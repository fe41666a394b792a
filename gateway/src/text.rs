//! The words that people read: two texts per refusal, two per fault, from one message file.
//!
//! - The command line, the console and gRPC use the same texts.
//! - Texts hold codes and field names, never anything that was said in a request.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use ledger::error::{Fault, VaultFault};
use ledger::refusal::Refusal;
use unic_langid::LanguageIdentifier;

use crate::directory::Cause;

/// What is wrong.
pub fn wrong(refusal: Refusal, about: Option<&str>) -> String {
    message(&format!("err-{}", dashed(refusal.code())), about)
}

/// What to do next.
pub fn remedy(refusal: Refusal, about: Option<&str>) -> String {
    message(&format!("rec-{}", dashed(refusal.code())), about)
}

/// What broke. The fault's own words say where; they are for whoever runs the ledger.
pub fn broken(fault: &Fault) -> String {
    message(&format!("fault-{}", fault_name(fault)), None)
}

/// What to do about what broke.
pub fn repair(fault: &Fault) -> String {
    message(&format!("fault-{}-next", fault_name(fault)), None)
}

/// Why a record of a directory file did not come in.
pub fn not_imported(cause: &Cause) -> String {
    match cause {
        Cause::Unread(problem) => message(&format!("dir-{}", dashed(problem.kind.code())), None),
        Cause::Refused(refusal, about) => wrong(*refusal, about.as_deref()),
        Cause::Failed => message("dir-failed", None),
    }
}

fn dashed(code: &str) -> String {
    code.replace('_', "-")
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "faults are non-exhaustive outside the ledger crate"
)]
fn fault_name(fault: &Fault) -> &'static str {
    match fault {
        Fault::Io { .. } => "io",
        Fault::AnchorMissing { .. } => "anchor-missing",
        Fault::AnotherHistory { .. } => "another-history",
        Fault::Damaged { .. } => "damaged",
        Fault::UnknownFormat { .. } => "unknown-format",
        Fault::Vault(VaultFault::Missing { .. }) => "vault-missing",
        Fault::Vault(VaultFault::WrongLedger) => "vault-wrong-ledger",
        Fault::Vault(VaultFault::Old { .. }) => "vault-old",
        Fault::Vault(VaultFault::Unreadable) => "vault-unreadable",
        Fault::Vault(VaultFault::WrongRoot) => "vault-wrong-root",
        Fault::Vault(VaultFault::Unsuitable { .. }) => "vault-unsuitable",
        Fault::Vault(VaultFault::PassphraseNeeded) => "vault-passphrase-needed",
        Fault::Vault(VaultFault::WrongPassphrase) => "vault-passphrase-wrong",
        Fault::Vault(VaultFault::TooFewShares { .. }) => "vault-too-few-shares",
        Fault::Vault(VaultFault::ForeignHolder { .. }) => "vault-foreign-holder",
        Fault::Vault(VaultFault::NotDestroyed { .. }) => "vault-not-destroyed",
        Fault::Locked { .. } => "locked",
        Fault::Poisoned => "poisoned",
        Fault::Store { .. } => "store",
        Fault::Unusable(_) => "unusable",
        // The ledger may learn to fail in new ways before this table does.
        _ => "other",
    }
}

/// A message by its name; the bare name if it is missing, which a test rules out.
fn message(name: &str, about: Option<&str>) -> String {
    let pattern = ENGLISH.get_message(name).and_then(|found| found.value());
    let Some(pattern) = pattern else {
        return name.to_owned();
    };
    let mut arguments = FluentArgs::new();
    arguments.set("about", about.unwrap_or("none"));
    let mut errors = Vec::new();
    let text = ENGLISH.format_pattern(pattern, Some(&arguments), &mut errors);
    text.into_owned()
}

/// English texts, compiled into the program.
const ENGLISH_SOURCE: &str = include_str!("../messages/en.ftl");

static ENGLISH: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| {
    // What can be read is used; a test holds that everything can.
    let resource =
        FluentResource::try_new(ENGLISH_SOURCE.to_owned()).unwrap_or_else(|(read, _)| read);
    let mut bundle = FluentBundle::new_concurrent(vec![LanguageIdentifier::default()]);
    // Isolation marks would stand in the way of copying a code out of a terminal.
    bundle.set_use_isolating(false);
    bundle.add_resource_overriding(resource);
    bundle
});

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::directory::Kind;

    fn defined() -> BTreeSet<String> {
        ENGLISH_SOURCE
            .lines()
            .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
            .filter_map(|line| line.split_once(" ="))
            .map(|(name, _)| name.to_owned())
            .collect()
    }

    fn faults() -> Vec<Fault> {
        let nothing = || String::new();
        let vault = [
            VaultFault::Missing { folder: nothing() },
            VaultFault::WrongLedger,
            VaultFault::Old {
                found: 1,
                expected: 2,
            },
            VaultFault::Unreadable,
            VaultFault::WrongRoot,
            VaultFault::Unsuitable { kind: nothing() },
            VaultFault::PassphraseNeeded,
            VaultFault::WrongPassphrase,
            VaultFault::TooFewShares {
                found: 1,
                needed: 2,
                lost: Vec::new(),
            },
            VaultFault::ForeignHolder {
                folder: nothing(),
                why: nothing(),
            },
            VaultFault::NotDestroyed {
                acknowledged: 1,
                needed: 2,
                lost: Vec::new(),
            },
        ];
        let mut all = vec![
            Fault::io("reading")(std::io::Error::other("disk")),
            Fault::AnchorMissing { file: nothing() },
            Fault::AnotherHistory { frame: 9 },
            Fault::damaged("frame", "1"),
            Fault::UnknownFormat {
                what: "frame",
                version: 9,
            },
            Fault::Locked { folder: nothing() },
            Fault::Poisoned,
            Fault::Store {
                doing: "insert",
                detail: nothing(),
            },
            Fault::Unusable(nothing()),
        ];
        all.extend(vault.map(Fault::Vault));
        all
    }

    #[test]
    fn the_message_file_is_read_whole() {
        let read = FluentResource::try_new(ENGLISH_SOURCE.to_owned());
        assert!(read.is_ok());
        let lines = ENGLISH_SOURCE.lines();
        let names = lines.filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
        assert_eq!(names.count(), defined().len(), "a name stands there twice");
    }

    #[test]
    fn every_refusal_fault_and_problem_has_its_texts_and_no_text_is_unused() {
        let mut wanted =
            BTreeSet::from(["dir-failed", "fault-other", "fault-other-next"].map(String::from));
        for refusal in Refusal::ALL {
            let code = dashed(refusal.code());
            wanted.extend([format!("err-{code}"), format!("rec-{code}")]);
        }
        for fault in &faults() {
            let name = fault_name(fault);
            wanted.extend([format!("fault-{name}"), format!("fault-{name}-next")]);
        }
        for kind in Kind::ALL {
            wanted.insert(format!("dir-{}", dashed(kind.code())));
        }
        let defined = defined();
        let missing: Vec<_> = wanted.difference(&defined).collect();
        let unused: Vec<_> = defined.difference(&wanted).collect();
        assert!(
            missing.is_empty() && unused.is_empty(),
            "missing {missing:?}, unused {unused:?}"
        );
    }

    #[test]
    fn every_text_is_whole_sentences_with_and_without_what_it_is_about() {
        for refusal in Refusal::ALL {
            for about in [None, Some("health")] {
                for text in [wrong(*refusal, about), remedy(*refusal, about)] {
                    assert!(text.ends_with('.'), "{text}");
                    assert!(!text.contains(['{', '}', '$', '\n']), "{text}");
                    assert!(!text.contains(": none"), "{text}");
                }
            }
        }
        for fault in &faults() {
            assert!(broken(fault).ends_with('.') && repair(fault).ends_with('.'));
        }
    }

    #[test]
    fn a_text_names_what_it_is_about() {
        assert_eq!(
            wrong(Refusal::CategoryNotNeeded, Some("health")),
            "This service does not need that kind of data: health."
        );
        assert_eq!(
            wrong(Refusal::CategoryNotNeeded, None),
            "This service does not need that kind of data."
        );
    }
}
