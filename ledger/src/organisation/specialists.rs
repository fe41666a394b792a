//! Whom to consult before a referral of a suspected case goes out (MISSION C10): roles, or staff by
//! name of their id. What the file does not name is the child-protection focal point's.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;

use super::attention;
use crate::domain::codes::{Concern, Role};
use crate::domain::ids::StaffId;
use crate::domain::staff::Staff;
use crate::limits::SPECIALISTS_MAX;
use crate::written::{Written, WrittenError};

/// The specialists for each kind of suspicion.
#[derive(Clone, Debug)]
pub struct Specialists {
    child_protection: Vec<Specialist>,
    sgbv: Vec<Specialist>,
    trafficking: Vec<Specialist>,
    unaccompanied_child: Vec<Specialist>,
}

/// A specialist: anybody with a role, or one member of staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Specialist {
    Role(Role),
    Staff(StaffId),
}

impl Specialists {
    /// Whether a member of staff is one of those to consult.
    pub fn is_specialist(&self, staff: &Staff, concern: Concern) -> bool {
        self.of(concern).iter().any(|one| match one {
            Specialist::Role(role) => staff.roles.contains(role),
            Specialist::Staff(id) => staff.id == *id,
        })
    }

    /// Whom to consult, in the words of the file.
    pub fn names(&self, concern: Concern) -> BTreeSet<String> {
        let names = self.of(concern).iter().map(|one| match one {
            Specialist::Role(role) => role.code().to_owned(),
            Specialist::Staff(id) => id.to_string(),
        });
        names.collect()
    }

    fn of(&self, concern: Concern) -> &[Specialist] {
        match concern {
            Concern::ChildProtection => &self.child_protection,
            Concern::Sgbv => &self.sgbv,
            Concern::Trafficking => &self.trafficking,
            Concern::UnaccompaniedChild => &self.unaccompanied_child,
        }
    }
}

/// As they stand in the file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenSpecialists {
    child_protection: Option<Spanned<Vec<Spanned<String>>>>,
    sgbv: Option<Spanned<Vec<Spanned<String>>>>,
    trafficking: Option<Spanned<Vec<Spanned<String>>>>,
    unaccompanied_child: Option<Spanned<Vec<Spanned<String>>>>,
}

impl WrittenSpecialists {
    pub(super) fn understand(&self, file: Written<'_>) -> Result<Specialists, WrittenError> {
        Ok(Specialists {
            child_protection: named(file, self.child_protection.as_ref())?,
            sgbv: named(file, self.sgbv.as_ref())?,
            trafficking: named(file, self.trafficking.as_ref())?,
            unaccompanied_child: named(file, self.unaccompanied_child.as_ref())?,
        })
    }
}

/// At least one: a suspected case that nobody can be asked about would wait for ever.
fn named(
    file: Written<'_>,
    words: Option<&Spanned<Vec<Spanned<String>>>>,
) -> Result<Vec<Specialist>, WrittenError> {
    let Some(words) = words else {
        return Ok(vec![Specialist::Role(Role::ChildProtection)]);
    };
    if words.get_ref().is_empty() {
        return Err(file.wrong(words, "nobody could be consulted: name a role or staff"));
    }
    if let Some(beyond) = words.get_ref().get(SPECIALISTS_MAX) {
        return Err(file.wrong(beyond, format!("more than {SPECIALISTS_MAX} specialists")));
    }
    let one = |word: &Spanned<String>| match word.get_ref().parse() {
        Ok(id) => Ok(Specialist::Staff(id)),
        Err(_) => attention::seeing(file, word).map(Specialist::Role),
    };
    words.get_ref().iter().map(one).collect()
}
