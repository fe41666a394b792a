//! Authorisation: caller, role, organisation, assignment and purpose make a [`Permitted`], only
//! here.
//!
//! - Refusals come in the order of `Refusal::ALL`: unauthenticated, malformed, not found, not
//!   allowed, second person.
//! - A case that the caller may not know of answers exactly as one that does not exist.

mod condition;
mod found;
mod knowledge;
mod policy;
mod reading;
mod shape;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use condition::Condition;
pub use knowledge::may_know;
pub use policy::{DEFAULT_POLICY, Policy, PolicyError};
pub use reading::{Reading, may_read};

use crate::clock::Timestamp;
use crate::domain::codes::{Role, ViewPurpose};
use crate::domain::command::{Caller, Command, Request};
use crate::domain::event::Actor;
use crate::domain::ids::{OrganisationId, StaffId};
use crate::domain::staff::Staff;
use crate::domain::subjects::Subjects;
use crate::refusal::{Refusal, Refused};
use condition::Asked;
use policy::BY_THE_LEDGER;

/// A request that its caller may make. Made in this module only, consumed by deciding.
#[must_use]
pub struct Permitted {
    request: Request,
    by: By,
}

impl Permitted {
    /// Hands the request over to deciding, and who makes it.
    pub(crate) fn into_parts(self) -> (Request, By) {
        (self.request, self.by)
    }
}

/// Who makes a permitted request.
#[derive(Clone)]
pub(crate) struct By {
    /// How the caller stands in the record.
    pub(crate) actor: Actor,
    /// The caller's organisation; none for the ledger itself and the founder.
    pub(crate) organisation: Option<OrganisationId>,
    /// What the caller may be.
    pub(crate) roles: BTreeSet<Role>,
}

/// Decides whether the caller may make this request at all.
pub fn authorise(
    policy: &Policy,
    request: Request,
    subjects: &Subjects,
    now: Timestamp,
) -> Result<Permitted, Refused> {
    let by = match request.caller {
        Caller::Staff(id) => staff(policy, id, &request, subjects)?,
        Caller::System => {
            system(&request, subjects)?;
            nobody(request.caller)
        }
        Caller::Founder => {
            founder(&request, subjects, now)?;
            nobody(request.caller)
        }
    };
    Ok(Permitted { request, by })
}

fn nobody(caller: Caller) -> By {
    By {
        actor: caller.actor(),
        organisation: None,
        roles: BTreeSet::new(),
    }
}

fn staff(
    policy: &Policy,
    id: StaffId,
    request: &Request,
    subjects: &Subjects,
) -> Result<By, Refused> {
    let caller = subjects.caller.as_deref().filter(|caller| caller.id == id);
    let caller = caller.ok_or(Refusal::Unauthenticated)?;
    let command = &request.command;
    shape::well_formed(command)?;
    let urgent = knowledge::is_urgent_care(command, subjects.case.as_deref());
    let open_to_urgency = urgent && knowledge::gives_urgent_care(caller, subjects);
    if !open_to_urgency {
        knowledge::knows_of_subjects(policy, caller, command, subjects)?;
    }
    found::all_found(command, subjects)?;
    if !open_to_urgency {
        allowed_by_code(caller, command, subjects)?;
        allowed_by_table(policy, caller, command, subjects)?;
    }
    not_ones_own(caller, command, subjects)?;
    Ok(By {
        actor: request.caller.actor(),
        organisation: Some(caller.organisation),
        roles: caller.roles.clone(),
    })
}

/// Rules that no table can lift.
fn allowed_by_code(caller: &Staff, command: &Command, subjects: &Subjects) -> Result<(), Refused> {
    let action = command.action();
    let names = matches!(command, Command::ViewPersonalData { .. });
    let blocked = BY_THE_LEDGER.contains(&action)
        || looks_in_from_outside(caller, command, subjects)
        || (caller.roles.contains(&Role::Auditor) && names)
        || (caller.roles.contains(&Role::Administrator) && touches_a_case(command));
    let restricted = subjects.case.as_deref().is_some_and(|case| {
        let referral = command.referral().and_then(|id| case.referrals.get(&id));
        !knowledge::open_if_restricted(caller, case, referral, names)
    });
    if blocked || restricted {
        return Err(Refusal::NotAllowed.into());
    }
    Ok(())
}

/// Who received a referral sees it to serve the person. A copy for the person, which shows what is
/// fenced too, and all other purposes belong to the organisation that holds the case.
fn looks_in_from_outside(caller: &Staff, command: &Command, subjects: &Subjects) -> bool {
    let Command::ViewPersonalData { purpose, .. } = command else {
        return false;
    };
    let case = subjects.case.as_deref();
    *purpose != ViewPurpose::Service
        && case.is_some_and(|case| case.organisation != caller.organisation)
}

fn touches_a_case(command: &Command) -> bool {
    command.case().is_some() || matches!(command, Command::OpenCase { .. })
}

fn allowed_by_table(
    policy: &Policy,
    caller: &Staff,
    command: &Command,
    subjects: &Subjects,
) -> Result<(), Refused> {
    let asked = Asked::of_command(caller, command, subjects);
    policy.permits(command.action().into(), &asked)
}

/// Nobody approves their own exception or sweep, whatever the table says.
fn not_ones_own(caller: &Staff, command: &Command, subjects: &Subjects) -> Result<(), Refused> {
    let asked = subjects.sweep.and_then(|sweep| sweep.requested_by);
    if matches!(command, Command::ApproveSweep { .. }) && asked == Some(caller.id) {
        return Err(Refusal::SecondPersonRequired.into());
    }
    let Command::DecideException { exception, .. } = command else {
        return Ok(());
    };
    let case = subjects.case.as_deref();
    let invoked_by = case
        .and_then(|case| case.exceptions.get(exception))
        .and_then(|exception| exception.invoked_by);
    if invoked_by == Some(caller.id) {
        return Err(Refusal::SecondPersonRequired.into());
    }
    Ok(())
}

fn system(request: &Request, subjects: &Subjects) -> Result<(), Refused> {
    found::all_found(&request.command, subjects)?;
    let due = BY_THE_LEDGER.contains(&request.command.action());
    due.then_some(()).ok_or_else(|| Refusal::NotAllowed.into())
}

/// Whoever runs `init` sets up one administrator, until that one holds a token.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the founder has two commands and no others"
)]
fn founder(request: &Request, subjects: &Subjects, now: Timestamp) -> Result<(), Refused> {
    shape::well_formed(&request.command)?;
    let administrator = match &request.command {
        Command::RegisterStaff { roles, .. } => roles.contains(&Role::Administrator),
        Command::IssueToken { .. } => {
            found::all_found(&request.command, subjects)?;
            let staff = subjects.staff.as_deref();
            staff.is_some_and(|staff| {
                staff.roles.contains(&Role::Administrator)
                    && !staff.tokens.values().any(|(_, expires)| now < *expires)
            })
        }
        _ => false,
    };
    if administrator && !subjects.staffed {
        Ok(())
    } else {
        Err(Refusal::NotAllowed.into())
    }
}
