//! Need to know: who may know of a case at all, and the rules about it that no table can lift.
//!
//! - Administrators know of no case, providers only of cases whose referrals reached them.
//! - A restricted case is open to who is assigned, or stands in for who is, and to child-protection
//!   focal points; auditors,
//!   data protection officers and the controller's delegate read its decisions and may take data
//!   away, never see a name in it.
//! - Urgent care is open to every role of the organisation but auditors, administrators, the
//!   controller's delegate and the safeguarding focal point (C12).
//! - A complaint is open to who handles it and never to whom it is about (C6); a breach to who
//!   works on it, and never to whom it is suspected of (E8).

use super::found::missing;
use super::policy::Policy;
use super::reading::{Reading, may_read};
use crate::clock::Timestamp;
use crate::domain::case::{Case, Referral};
use crate::domain::codes::{ExceptionKind, Role, Sensitivity, Urgency, ViewPurpose};
use crate::domain::command::Command;
use crate::domain::staff::Staff;
use crate::domain::subjects::Subjects;
use crate::refusal::Refused;

/// Whether a member of staff may know that this case exists.
pub fn may_know(caller: &Staff, case: &Case, now: Timestamp) -> bool {
    if caller.roles.contains(&Role::Administrator) {
        return false;
    }
    let received = |referral: &Referral| is_own_referral(caller, referral);
    works_in(caller, case) && open_if_restricted(caller, case, None, (false, now))
        || receives(caller) && case.referrals.values().any(received)
}

/// Refuses, as if there were none, what the caller may not know of.
pub(super) fn knows_of_subjects(
    policy: &Policy,
    caller: &Staff,
    command: &Command,
    (subjects, now): (&Subjects, Timestamp),
) -> Result<(), Refused> {
    if let Some(case) = subjects
        .case
        .as_deref()
        .filter(|_| command.case().is_some())
    {
        if !may_know(caller, case, now) {
            return Err(missing("case"));
        }
        let open = open_if_restricted(caller, case, None, (false, now));
        let outside = !works_in(caller, case) || !open;
        let referral = command.referral().and_then(|id| case.referrals.get(&id));
        if outside && referral.is_some_and(|referral| !is_own_referral(caller, referral)) {
            return Err(missing("referral"));
        }
    }
    if command.complaint().is_some() {
        let complaint = subjects.complaint.as_deref();
        if !complaint.is_some_and(|complaint| complaint.may_be_read_by(caller)) {
            return Err(missing("complaint"));
        }
    }
    if command.breach().is_some() {
        let breach = subjects.breach.as_deref();
        if !breach.is_some_and(|breach| breach.may_be_read_by(caller)) {
            return Err(missing("breach"));
        }
    }
    let hidden = subjects
        .service
        .as_deref()
        .is_some_and(|service| service.entry.confidential);
    let names_it = matches!(
        command,
        Command::DraftReferral { .. }
            | Command::AttestReferral { .. }
            | Command::RecordComplaint(_)
            | Command::ReportBreach(_)
            | Command::AskService(_)
            | Command::RecordIncoming(_)
            | Command::TellFees(_)
    );
    if command.incoming().is_some() {
        let incoming = subjects.incoming.as_deref();
        let own = incoming.is_some_and(|it| it.organisation == caller.organisation);
        own.then_some(()).ok_or_else(|| missing("incoming"))?;
        // Roles that hold complaints or breaches do not know of it for that.
        if matches!(command, Command::HoldApart(_)) {
            may_read(policy, Reading::Incoming, caller, None, now)
                .map_err(|_| missing("incoming"))?;
        }
    }
    if let Command::AnswerInquiry(it) = command {
        let service = subjects.service.as_deref();
        let known = service.and_then(|service| service.inquiry_for(caller, it.inquiry));
        known.ok_or_else(|| missing("inquiry"))?;
        // A hidden service is known to who runs it, and to who may know of hidden ones.
        let own = service.is_some_and(|one| one.entry.organisation == caller.organisation);
        if hidden && !own {
            may_read(policy, Reading::DirectoryConfidential, caller, None, now)
                .map_err(|_| missing("inquiry"))?;
        }
    }
    if hidden && names_it {
        may_read(policy, Reading::DirectoryConfidential, caller, None, now)
            .map_err(|_| missing("service"))?;
    }
    Ok(())
}

/// Whether a referral was sent to the caller's organisation.
pub(super) fn is_own_referral(caller: &Staff, referral: &Referral) -> bool {
    referral.sent.is_some() && referral.recipient == caller.organisation
}

/// Whether the sensitivity of the case leaves it open to the caller now, with names or without.
pub(super) fn open_if_restricted(
    caller: &Staff,
    case: &Case,
    referral: Option<&Referral>,
    (names, now): (bool, Timestamp),
) -> bool {
    let unnamed = caller.roles.contains(&Role::Auditor)
        || caller.roles.contains(&Role::ControllerDelegate)
        || caller.roles.contains(&Role::DataProtectionOfficer);
    case.sensitivity == Sensitivity::Standard
        || case.assigned.contains(&caller.id)
        || caller.on_behalf(case, now).is_some()
        || caller.roles.contains(&Role::ChildProtection)
        || (unnamed && !names)
        || referral.is_some_and(|referral| is_own_referral(caller, referral))
}

/// Whether a command is urgent care: by emergency purpose, emergency referral or immediate risk.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "all other commands can wait for the role that makes them"
)]
pub(super) fn is_urgent_care(command: &Command, case: Option<&Case>) -> bool {
    match command {
        // No care needs what somebody answered in an interview, or how they were seen.
        Command::ViewPersonalData {
            target, purpose, ..
        } => !target.is_of_interview() && *purpose == ViewPurpose::Emergency,
        Command::DraftReferral { urgency, .. } => *urgency == Urgency::Emergency,
        Command::InvokeException { kind, .. } => *kind == ExceptionKind::ImmediateRisk,
        Command::ReviseReferral { referral, .. } | Command::SendReferral { referral, .. } => case
            .and_then(|case| case.referrals.get(referral))
            .is_some_and(|referral| referral.urgency == Urgency::Emergency),
        _ => false,
    }
}

/// Whether the caller is somebody to whom urgent care for this case is open.
pub(super) fn gives_urgent_care(caller: &Staff, subjects: &Subjects) -> bool {
    let case = subjects.case.as_deref();
    !caller.roles.is_empty()
        && !caller.roles.contains(&Role::Auditor)
        && !caller.roles.contains(&Role::Administrator)
        && !caller.roles.contains(&Role::ControllerDelegate)
        && !caller.roles.contains(&Role::Safeguarding)
        && case.is_some_and(|case| case.organisation == caller.organisation)
}

/// Whether the caller has a role that works with cases, in the organisation that holds this one.
fn works_in(caller: &Staff, case: &Case) -> bool {
    let casework = |role: &Role| match role {
        Role::FrontLine
        | Role::FocalPoint
        | Role::ChildProtection
        | Role::DataProtectionOfficer
        | Role::Auditor
        | Role::ControllerDelegate => true,
        Role::ServiceProvider | Role::Coordinator | Role::Administrator | Role::Safeguarding => {
            false
        }
    };
    case.organisation == caller.organisation && caller.roles.iter().any(casework)
}

fn receives(caller: &Staff) -> bool {
    caller.roles.contains(&Role::ServiceProvider) || caller.roles.contains(&Role::FocalPoint)
}
