//! The policy table: role × actions × conditions. Deny by default; several rules mean "or".
//!
//! - The table can only open what the rules in code leave open (`knowledge.rs`, `mod.rs`).
//! - Its digest is recorded in the log, so that every decision names the table it was made under.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Deserialize;
use toml::Spanned;

use super::condition::{Asked, Condition, Deed};
use super::reading::Reading;
use crate::domain::codes::Role;
use crate::domain::command::Action;
use crate::limits::POLICY_BYTES_MAX;
use crate::refusal::{Refusal, Refused};
use crate::written::{Written, WrittenError};

/// The table that ships.
pub const DEFAULT_POLICY: &str = include_str!("policy.toml");

/// A table that was read and understood in full.
#[derive(Clone, Debug)]
pub struct Policy {
    rules: Vec<Rule>,
    digest: [u8; 32],
}

impl Policy {
    /// Reads a table; every word in it must be known.
    pub fn parse(text: &str) -> Result<Self, WrittenError> {
        let (table, written): (_, WrittenTable) =
            Written::read("policy table", text, POLICY_BYTES_MAX)?;
        if *written.version.get_ref() != TABLE_VERSION {
            let meaning = format!("only version {TABLE_VERSION} of the table is known");
            return Err(table.wrong(&written.version, meaning));
        }
        let rules = written.rule.iter().map(|rule| rule.understand(table));
        Ok(Self {
            rules: rules.collect::<Result<_, _>>()?,
            digest: table.digest(),
        })
    }

    /// SHA-256 of the table as it was written.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The matrix that auditors read: one line per deed, role and set of conditions.
    pub fn matrix(&self) -> String {
        let mut text = String::from(MATRIX_HEAD);
        let actions = Action::ALL.iter().copied().map(Deed::from);
        for deed in actions.chain(Reading::ALL.iter().copied().map(Deed::from)) {
            let mut lines = BTreeSet::new();
            for rule in self.rules.iter().filter(|rule| rule.deeds.contains(&deed)) {
                for role in &rule.roles {
                    lines.insert((*role, rule.conditions.iter().copied().collect::<Vec<_>>()));
                }
            }
            if lines.is_empty() {
                let _ = writeln!(text, "{:<22} nobody", deed.name());
            }
            for (role, conditions) in lines {
                let words: Vec<_> = conditions.iter().map(|one| one.code()).collect();
                let words = if words.is_empty() {
                    String::from("always")
                } else {
                    words.join(" and ")
                };
                let _ = writeln!(text, "{:<22} {:<24} {words}", deed.name(), role.code());
            }
        }
        text.push_str(MATRIX_FOOT);
        text
    }

    /// Whether some rule opens a deed; refused with "second person" only if nothing else is
    /// missing. What is missing is named: the conditions, or the roles if it is none of the
    /// caller's.
    pub(super) fn permits(&self, deed: Deed, asked: &Asked<'_>) -> Result<(), Refused> {
        let mut closest: Option<BTreeSet<Condition>> = None;
        let mut open_to = BTreeSet::new();
        for rule in self.rules.iter().filter(|rule| rule.deeds.contains(&deed)) {
            open_to.extend(&rule.roles);
            for role in rule.roles.intersection(&asked.caller.roles) {
                let conditions = rule.conditions.iter().copied();
                let failing: BTreeSet<_> =
                    conditions.filter(|one| !one.holds(*role, asked)).collect();
                if failing.is_empty() {
                    return Ok(());
                }
                let only_alone = failing.iter().eq([&Condition::SecondPerson]);
                let fewer = |found: &BTreeSet<_>| failing.len() < found.len();
                if only_alone || closest.as_ref().is_none_or(fewer) {
                    closest = Some(failing);
                }
            }
        }
        Err(match closest {
            Some(failing) if failing.iter().eq([&Condition::SecondPerson]) => {
                Refusal::SecondPersonRequired.into()
            }
            Some(failing) => missing(failing.into_iter().map(Condition::code)),
            None => missing(open_to.into_iter().map(Role::code)),
        })
    }
}

fn missing(words: impl Iterator<Item = &'static str>) -> Refused {
    let words: Vec<_> = words.collect();
    if words.is_empty() {
        return Refusal::NotAllowed.into();
    }
    Refused::about(Refusal::NotAllowed, words.join(", "))
}

#[derive(Clone, Debug)]
struct Rule {
    roles: BTreeSet<Role>,
    deeds: BTreeSet<Deed>,
    conditions: BTreeSet<Condition>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTable {
    version: Spanned<u32>,
    #[serde(default)]
    rule: Vec<WrittenRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    roles: Vec<Spanned<String>>,
    #[serde(default)]
    actions: Vec<Spanned<String>>,
    #[serde(default)]
    readings: Vec<Spanned<String>>,
    #[serde(default)]
    conditions: Vec<Spanned<String>>,
}

impl WrittenRule {
    fn understand(&self, table: Written<'_>) -> Result<Rule, WrittenError> {
        let mut deeds = words(table, &self.actions, "an action", |word| {
            Action::from_name(word).filter(|action| !BY_THE_LEDGER.contains(action))
        })?
        .into_iter()
        .map(Deed::Act)
        .collect::<BTreeSet<_>>();
        let readings = words(table, &self.readings, "a reading", Reading::from_code)?;
        deeds.extend(readings.into_iter().map(Deed::Read));
        Ok(Rule {
            roles: words(table, &self.roles, "a role", Role::from_code)?,
            deeds,
            conditions: words(table, &self.conditions, "a condition", Condition::from_code)?,
        })
    }
}

fn words<T: Ord>(
    table: Written<'_>,
    written: &[Spanned<String>],
    kind: &str,
    known: impl Fn(&str) -> Option<T>,
) -> Result<BTreeSet<T>, WrittenError> {
    let understood = written.iter().map(|word| {
        known(word.get_ref()).ok_or_else(|| {
            let meaning = format!("`{}` is not {kind} that a table may give", word.get_ref());
            table.wrong(word, meaning)
        })
    });
    understood.collect()
}

const TABLE_VERSION: u32 = 1;

/// Done by rule when a time has come; no table gives them to anybody.
pub(super) const BY_THE_LEDGER: [Action; 9] = [
    Action::ExpireConsent,
    Action::LapseException,
    Action::ShredDue,
    Action::ApplyRetention,
    Action::FinishSweep,
    Action::CloseCase,
    Action::EndStaffName,
    Action::LapseLink,
    Action::EndApart,
];

const MATRIX_HEAD: &str = "\
Who may do what. Whoever is not listed is refused; several lines for one role mean \"or\".
own_organisation: the case, person or service belongs to the caller's organisation; assigned: the
caller is on the case, or stands in for somebody who is; own_referral: it was sent to the caller's
organisation; standard_case: the case is not restricted; stated_purpose: the purpose fits the role;
second_person: somebody else did what is decided on.

";

const MATRIX_FOOT: &str = "
Whatever the table says:
- Auditors see no names (ViewPersonalData, ViewStaff, ViewBreach, FindDuplicates).
  Administrators see no cases.
- Nobody decides on an exception that they used themselves, on a role, token, sweep, deputy, merging
  of files or end of a mirror or hold that they asked for, on a role of their own, or on a request
  about data that they advised on; and nobody carries such a request out who decided on it. Nobody
  takes a role that needs a second person from themselves, or records a training of their own.
- These roles need a second person: administrator, auditor, data protection officer, child
  protection, controller's delegate, safeguarding, and any role in another organisation than the
  one who asks; so does a further token for who has one. Until DecideRole or DecideToken they are
  asked for and give nothing.
- Administrators are of one organisation: none is made in another.
- A restricted case is open to who is assigned and to child-protection focal points. Auditors, data
  protection officers and the controller's delegate read its decisions, without names.
- What a caregiver asks about a child is decided by child protection, everything else that persons
  ask about their data by the controller's delegate.
- What a service was asked about a group is known to the organisation that asked and to the service.
- About exploitation and abuse, and what was asked in exchange for help, only the safeguarding focal
  point knows; who a complaint is about never reads it.
- Of a breach the data protection officer, the controller's delegate and auditors know, never who it
  is suspected of; who assessed it neither closes it nor decides that people are not told.
- A provider knows only referrals that were sent to its organisation.
- Urgent care (an emergency purpose, an emergency referral, an immediate risk) is open to every
  role of the organisation that holds the case, except auditors, administrators, safeguarding and
  the controller's delegate.
- Only the ledger itself does ExpireConsent, LapseException, ShredDue, ApplyRetention,
  CloseCase, EndStaffName, EndApart, LapseLink and FinishSweep.
- A link of two files exists for who may know of both, and is made and ended by who may do so in
  each of them.
- Who stands in for somebody and whom they stand in for count as one person where two are wanted,
  until 30 days after it ended; they put nobody on the other's cases or off them, and hand over
  none.
- Whoever runs `init` registers the first two persons (administrator, data protection officer) and
  issues the first token of each.
";
