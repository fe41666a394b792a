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
pub use policy::{DEFAULT_POLICY, Policy};
pub use reading::{Reading, may_read};

use crate::clock::Timestamp;
use crate::domain::breach::Breach;
use crate::domain::case::Case;
use crate::domain::codes::{NoticeState, Role, ViewPurpose};
use crate::domain::command::{Caller, Command, Request};
use crate::domain::event::Actor;
use crate::domain::ids::{GroundId, OrganisationId, StaffId};
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
        Caller::Staff(id) => staff(policy, id, &request, (subjects, now))?,
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
    (subjects, now): (&Subjects, Timestamp),
) -> Result<By, Refused> {
    let caller = subjects.caller.as_deref().filter(|caller| caller.id == id);
    let caller = caller.ok_or(Refusal::Unauthenticated)?;
    let command = &request.command;
    shape::well_formed(command)?;
    let urgent = knowledge::is_urgent_care(command, subjects.case.as_deref());
    let open_to_urgency = urgent && knowledge::gives_urgent_care(caller, subjects);
    if !open_to_urgency {
        knowledge::knows_of_subjects(policy, caller, command, (subjects, now))?;
    }
    let second = second_file(caller, command, (subjects, now))?;
    found::all_found(command, subjects)?;
    found::other_found(command, subjects)?;
    // Last: of a first file that there is not, and of one that is hidden, the same is said.
    let mut turned = further_files(caller, command, (subjects, now))?;
    turned.extend(second);
    if !open_to_urgency {
        for subjects in [subjects].into_iter().chain(&turned) {
            allowed_by_code(caller, command, (subjects, now))?;
            let asked = Asked::of_command(caller, command, subjects, now);
            policy.permits(command.action().into(), &asked)?;
        }
    }
    not_ones_own(caller, command, (subjects, now))?;
    let case = subjects.case.as_deref();
    let case = case.filter(|_| command.case().is_some());
    let absent = case.and_then(|case| caller.on_behalf(case, now));
    let deputy = |absent| Actor::Deputy { staff: id, absent };
    Ok(By {
        actor: absent.map_or_else(|| request.caller.actor(), deputy),
        organisation: Some(caller.organisation),
        roles: caller.roles.clone(),
    })
}

/// Who deals with two files may know of both: what is asked of the first is asked of the second. A
/// link that leads to a file which the caller may not know of does not exist for them.
fn second_file(
    caller: &Staff,
    command: &Command,
    (subjects, now): (&Subjects, Timestamp),
) -> Result<Option<Subjects>, Refused> {
    let what = match (command.other_case(), command.link()) {
        (Some(_), _) => "other_case",
        (None, Some(_)) => "link",
        (None, None) => return Ok(None),
    };
    let other = subjects.other_case.as_deref();
    if other.is_some_and(|other| !may_know(caller, other, now)) {
        return Err(found::missing(what));
    }
    Ok(other.is_some().then(|| subjects.turned()))
}

/// The same of files that go with the first.
fn further_files(
    caller: &Staff,
    command: &Command,
    (subjects, now): (&Subjects, Timestamp),
) -> Result<Vec<Subjects>, Refused> {
    let further = command.further_cases().iter().map(|id| {
        let case = subjects.further.iter().find(|case| case.id == *id);
        let known = case.filter(|case| may_know(caller, case, now));
        let case = known.ok_or_else(|| found::missing("with"))?;
        Ok(Subjects {
            case: Some(case.clone()),
            ..subjects.clone()
        })
    });
    further.collect()
}

/// Rules that no table can lift.
fn allowed_by_code(
    caller: &Staff,
    command: &Command,
    (subjects, now): (&Subjects, Timestamp),
) -> Result<(), Refused> {
    let action = command.action();
    let names = command.opens_personal_data();
    let blocked = BY_THE_LEDGER.contains(&action)
        || looks_in_from_outside(caller, command, subjects)
        || asks_from_outside(caller, command, subjects)
        || (caller.roles.contains(&Role::Auditor) && names)
        || (caller.roles.contains(&Role::Administrator) && touches_a_case(command))
        || makes_foreign_administrator(caller, command, subjects);
    let restricted = subjects.case.as_deref().is_some_and(|case| {
        let referral = command.referral().and_then(|id| case.referrals.get(&id));
        !knowledge::open_if_restricted(caller, case, referral, (names, now))
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

/// Who received data answers for itself; who gave them plans to ask, asks, and says what came of
/// that.
fn asks_from_outside(caller: &Staff, command: &Command, subjects: &Subjects) -> bool {
    let Command::RecordNotice(it) = command else {
        return false;
    };
    let case = subjects.case.as_deref();
    it.state != NoticeState::Confirmed
        && case.is_some_and(|case| case.organisation != caller.organisation)
}

/// Administrators are of the organisation that runs the ledger: the founder made the first two, and
/// they make no others.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "three commands give a role, and only they make an administrator"
)]
fn makes_foreign_administrator(caller: &Staff, command: &Command, subjects: &Subjects) -> bool {
    let (role, organisation) = match command {
        Command::RegisterStaff {
            roles,
            organisation,
            ..
        } => (roles.contains(&Role::Administrator), Some(*organisation)),
        Command::GrantRole { role, .. } | Command::DecideRole { role, .. } => {
            let staff = subjects.staff.as_deref();
            let organisation = staff.map(|staff| staff.organisation);
            (*role == Role::Administrator, organisation)
        }
        _ => return false,
    };
    role && organisation != Some(caller.organisation)
}

fn touches_a_case(command: &Command) -> bool {
    command.case().is_some() || matches!(command, Command::OpenCase { .. })
}

/// Nobody approves their own exception, what they asked for themselves, or a role of their own,
/// whatever the table says.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "few commands decide on what somebody else asked for, advised or decided"
)]
fn not_ones_own(
    caller: &Staff,
    command: &Command,
    (subjects, now): (&Subjects, Timestamp),
) -> Result<(), Refused> {
    let staff = subjects.staff.as_deref();
    // Who stands in for somebody is not another person than they are (C15), but may say no: nobody
    // keeps a colleague from that by naming them their deputy.
    let no = command.says_no();
    let is_caller = |by| by == caller.id || !no && caller.is_one_with(by, now);
    let one = |by: Option<StaffId>| by.is_some_and(is_caller);
    let own = match command {
        Command::DecideRole {
            staff: id, role, ..
        } => {
            let asked = staff.and_then(|staff| staff.roles_asked.get(role));
            one(Some(*id)) || one(asked.and_then(|asked| asked.by))
        }
        Command::RecordTraining(it) => one(Some(it.staff)),
        // Whoever has the last privileged role of a ledger would lock everybody out.
        Command::RevokeRole { staff: id, role } => *id == caller.id && role.is_privileged(),
        // One's own token that somebody else made is a matter of two persons already.
        Command::DecideToken { token, .. } => {
            let waiting = staff.and_then(|staff| staff.tokens_asked.get(token));
            one(waiting.and_then(|it| it.asked.by))
        }
        Command::DecideMirror { .. } => {
            let asked = subjects.mirror.and_then(|mirror| mirror.asked);
            one(asked.map(|asked| asked.by))
        }
        Command::ApproveSweep { .. } => {
            let asked = subjects.sweep.and_then(|sweep| sweep.requested_by);
            one(asked)
        }
        Command::WithholdBreach { .. } | Command::CloseBreach { .. } => {
            let breach = subjects.breach.as_deref();
            let mut assessed = breach.into_iter().flat_map(|breach| &breach.assessed_by);
            // Whose deputy assesses it does not have it ended by another deputy of theirs.
            one(breach.and_then(Breach::suspected)) || assessed.any(|by| one(Some(*by)))
        }
        Command::DecideRequest(it) => {
            let request = condition::request_of(subjects, it.request);
            one(request.and_then(|request| request.advised?.1))
        }
        Command::CarryOutRequest(it) => {
            let request = condition::request_of(subjects, it.request);
            one(request.and_then(|request| request.decided?.1))
        }
        // The wish is somebody else's than the one who would stand in, and than the one who asked.
        Command::DecideDeputy(it) => {
            let wish = staff.and_then(|staff| staff.deputy_asked.get(&it.absent));
            it.staff == caller.id || one(wish.and_then(|wish| wish.by))
        }
        _ => subjects
            .case
            .as_deref()
            .is_some_and(|case| acted_in(case, command, &one)),
    };
    if own {
        return Err(Refusal::SecondPersonRequired.into());
    }
    Ok(())
}

/// Whether what somebody decides on in a case is what they did or asked for there themselves.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "few commands decide on what somebody did in a case"
)]
fn acted_in(case: &Case, command: &Command, one: &impl Fn(Option<StaffId>) -> bool) -> bool {
    match command {
        Command::DecideException { exception, .. } => {
            let exception = case.exceptions.get(exception);
            one(exception.and_then(|exception| exception.invoked_by))
        }
        // A third person: neither who used it nor who decided on it, nor who sent something on it.
        Command::ReviewException(it) => {
            let exception = case.exceptions.get(&it.exception);
            let ground = GroundId::from(it.exception);
            let mut sent = case.referrals.values();
            exception.is_some_and(|it| one(it.invoked_by) || one(it.decided_by))
                || sent.any(|it| it.grounds.contains(&ground) && one(it.sent_by))
        }
        // An emergency that went without a sign-off gets it from somebody else (C12).
        Command::ReviewReferral { referral, .. } => {
            let referral = case.referrals.get(referral);
            referral.is_some_and(|it| it.sent.is_some() && (one(it.author) || one(it.sent_by)))
        }
        Command::DecideHold { hold, .. } => {
            let hold = case.holds.get(hold);
            one(hold.and_then(|hold| hold.release_asked))
        }
        Command::DecideMerge { .. } => one(case.merge.and_then(|merge| merge.asked_by)),
        _ => false,
    }
}

fn system(request: &Request, subjects: &Subjects) -> Result<(), Refused> {
    found::all_found(&request.command, subjects)?;
    let due = BY_THE_LEDGER.contains(&request.command.action());
    due.then_some(()).ok_or_else(|| Refusal::NotAllowed.into())
}

/// Whoever runs `init` sets up the first two persons, until both hold a token: from then on each
/// needs the other.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the founder has two commands and no others"
)]
fn founder(request: &Request, subjects: &Subjects, now: Timestamp) -> Result<(), Refused> {
    shape::well_formed(&request.command)?;
    let decides = |roles: &BTreeSet<Role>| {
        let one_of_them =
            |role: &Role| matches!(role, Role::Administrator | Role::DataProtectionOfficer);
        !roles.is_empty() && roles.iter().all(one_of_them)
    };
    let one_of_two = match &request.command {
        Command::RegisterStaff { roles, .. } => decides(roles),
        Command::IssueToken { .. } => {
            found::all_found(&request.command, subjects)?;
            let staff = subjects.staff.as_deref();
            staff.is_some_and(|staff| {
                decides(&staff.roles) && !staff.tokens.values().any(|(_, expires)| now < *expires)
            })
        }
        _ => false,
    };
    if one_of_two && subjects.founded < FOUNDERS {
        Ok(())
    } else {
        Err(Refusal::NotAllowed.into())
    }
}

/// Persons that the founder sets up: one who asks and one who decides.
pub(crate) const FOUNDERS: u8 = 2;
