//! The closed vocabulary of conditions in the policy table, and when each holds.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "few commands state a purpose, name an organisation or decide on somebody's deed"
)]

use super::knowledge::is_own_referral;
use super::reading::Reading;
use crate::clock::Timestamp;
use crate::domain::case::{Case, Referral, SubjectRequest};
use crate::domain::codes::{Role, Sensitivity, ViewPurpose};
use crate::domain::command::{Action, Command};
use crate::domain::event::ViewTarget;
use crate::domain::ids::{OrganisationId, StaffId, SubjectRequestId};
use crate::domain::staff::Staff;
use crate::domain::subjects::Subjects;

/// What must be so, besides the role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// The case, member of staff or service belongs to the caller's organisation.
    OwnOrganisation,
    /// The caller is assigned to the case.
    Assigned,
    /// The referral was sent to the caller's organisation.
    OwnReferral,
    /// The case is not restricted.
    StandardCase,
    /// The purpose stated fits the role and what is looked at.
    StatedPurpose,
    /// What is decided on was done by somebody else.
    SecondPerson,
}

impl Condition {
    /// Every condition, in the order they are printed.
    pub const ALL: &'static [Self] = &[
        Self::OwnOrganisation,
        Self::Assigned,
        Self::OwnReferral,
        Self::StandardCase,
        Self::StatedPurpose,
        Self::SecondPerson,
    ];

    /// The word in the table.
    pub fn code(self) -> &'static str {
        match self {
            Self::OwnOrganisation => "own_organisation",
            Self::Assigned => "assigned",
            Self::OwnReferral => "own_referral",
            Self::StandardCase => "standard_case",
            Self::StatedPurpose => "stated_purpose",
            Self::SecondPerson => "second_person",
        }
    }

    /// The condition that a word stands for.
    pub fn from_code(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.code() == word)
    }

    /// Whether it holds for a caller in a role.
    pub(super) fn holds(self, role: Role, asked: &Asked<'_>) -> bool {
        let caller = asked.caller;
        let of_case = |test: &dyn Fn(&Case) -> bool| match (asked.case, asked.row_by_row) {
            (Some(case), _) => test(case),
            // A list is asked for as a whole; each row is asked for again by itself.
            (None, row_by_row) => row_by_row,
        };
        match self {
            Self::OwnOrganisation => asked
                .organisation
                .is_none_or(|organisation| organisation == caller.organisation),
            Self::Assigned => of_case(&|case| asked.works_on(case)),
            Self::OwnReferral => match asked.referral {
                Some(referral) => is_own_referral(caller, referral),
                None if asked.any_referral => of_case(&|case| {
                    let mut referrals = case.referrals.values();
                    referrals.any(|referral| is_own_referral(caller, referral))
                }),
                None => false,
            },
            Self::StandardCase => of_case(&|case| case.sensitivity == Sensitivity::Standard),
            Self::StatedPurpose => asked.purpose.is_some_and(|purpose| {
                let of_referral = asked.referral.is_some();
                suits(role, purpose, of_referral)
            }),
            Self::SecondPerson => !asked.done_by.is_some_and(|by| {
                by == caller.id || !asked.says_no && caller.is_one_with(by, asked.now)
            }),
        }
    }
}

/// What a row of the table is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Deed {
    /// A command.
    Act(Action),
    /// Reading something that is no command.
    Read(Reading),
}

impl Deed {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Act(action) => action.name(),
            Self::Read(reading) => reading.code(),
        }
    }
}

impl From<Action> for Deed {
    fn from(action: Action) -> Self {
        Self::Act(action)
    }
}

impl From<Reading> for Deed {
    fn from(reading: Reading) -> Self {
        Self::Read(reading)
    }
}

/// What conditions look at.
pub(super) struct Asked<'a> {
    pub(super) caller: &'a Staff,
    case: Option<&'a Case>,
    referral: Option<&'a Referral>,
    /// For reading: any referral of the case that reached the caller's organisation will do.
    any_referral: bool,
    /// For reading lists: conditions on a case are asked for each row by itself.
    row_by_row: bool,
    organisation: Option<OrganisationId>,
    purpose: Option<ViewPurpose>,
    done_by: Option<StaffId>,
    /// It decides against that.
    says_no: bool,
    /// Whether it says who works on a case, which nobody does for somebody they stand in for: it
    /// would outlast that.
    moves_staff: bool,
    now: Timestamp,
}

impl<'a> Asked<'a> {
    /// Whether the caller works on a case, or stands in for somebody who does.
    fn works_on(&self, case: &Case) -> bool {
        case.assigned.contains(&self.caller.id)
            || !self.moves_staff && self.caller.on_behalf(case, self.now).is_some()
    }

    pub(super) fn of_command(
        caller: &'a Staff,
        command: &Command,
        subjects: &'a Subjects,
        now: Timestamp,
    ) -> Self {
        let case = subjects
            .case
            .as_deref()
            .filter(|_| command.case().is_some());
        let referral = match (case, command.referral()) {
            (Some(case), Some(id)) => case.referrals.get(&id),
            (Some(_) | None, _) => None,
        };
        Self {
            caller,
            case,
            referral,
            any_referral: false,
            row_by_row: false,
            organisation: organisation_of(command, subjects),
            purpose: match command {
                Command::ViewPersonalData {
                    purpose: ViewPurpose::Review,
                    target: ViewTarget::Case,
                    ..
                } => None,
                // Read to work on the case, or copied for the person, and for nothing else.
                Command::ViewPersonalData {
                    target, purpose, ..
                } if target.is_of_interview() => {
                    let fits = [ViewPurpose::CaseWork, ViewPurpose::CopyForPerson];
                    Some(*purpose).filter(|purpose| fits.contains(purpose))
                }
                Command::ViewPersonalData { purpose, .. } => Some(*purpose),
                _ => None,
            },
            done_by: done_by(command, subjects, referral),
            says_no: command.says_no(),
            moves_staff: matches!(
                command.action(),
                Action::AssignStaff
                    | Action::UnassignStaff
                    | Action::OfferHandover
                    | Action::TakeHandover
            ),
            now,
        }
    }

    pub(super) fn of_reading(caller: &'a Staff, case: Option<&'a Case>, now: Timestamp) -> Self {
        Self {
            caller,
            case,
            referral: None,
            any_referral: true,
            row_by_row: case.is_none(),
            organisation: case.map(|case| case.organisation),
            purpose: None,
            done_by: None,
            says_no: false,
            moves_staff: false,
            now,
        }
    }
}

fn organisation_of(command: &Command, subjects: &Subjects) -> Option<OrganisationId> {
    if command.case().is_some() {
        return subjects.case.as_deref().map(|case| case.organisation);
    }
    match command {
        Command::RecordComplaint(_) | Command::ReportBreach(_) => None,
        _ if command.complaint().is_some() => {
            subjects.complaint.as_deref().map(|it| it.organisation)
        }
        _ if command.breach().is_some() => {
            let breach = subjects.breach.as_deref();
            breach.map(|it| it.reported.organisation)
        }
        _ if command.incoming().is_some() => subjects.incoming.as_deref().map(|it| it.organisation),
        Command::ApproveSweep { .. } | Command::WithdrawSweep { .. } => {
            subjects.sweep.map(|sweep| sweep.organisation)
        }
        Command::RegisterStaff { organisation, .. } => Some(*organisation),
        Command::RegisterService(it) => Some(it.entry.organisation),
        // Who decides is of the organisation that asked, whoever it is about.
        Command::DecideRole { role, .. } => {
            let asked = subjects.staff.as_deref()?.roles_asked.get(role);
            asked.map(|asked| asked.organisation)
        }
        Command::DecideToken { token, .. } => {
            let waiting = subjects.staff.as_deref()?.tokens_asked.get(token);
            waiting.map(|waiting| waiting.asked.organisation)
        }
        Command::DecideMirror { .. } => {
            let asked = subjects.mirror.and_then(|mirror| mirror.asked);
            asked.map(|asked| asked.organisation)
        }
        Command::DecideDeputy(it) => {
            let wish = subjects.staff.as_deref()?.deputy_asked.get(&it.absent);
            wish.map(|wish| wish.organisation)
        }
        _ if command.staff().is_some() => subjects.staff.as_deref().map(|one| one.organisation),
        _ => {
            let service = subjects.service.as_deref();
            service.map(|service| service.entry.organisation)
        }
    }
}

/// Whose deed a command decides on, where it does.
fn done_by(command: &Command, subjects: &Subjects, referral: Option<&Referral>) -> Option<StaffId> {
    let staff = subjects.staff.as_deref();
    match command {
        Command::DecideRole { role, .. } => staff?.roles_asked.get(role)?.by,
        Command::DecideToken { token, .. } => staff?.tokens_asked.get(token)?.asked.by,
        Command::DecideMirror { .. } => subjects.mirror?.asked.map(|asked| asked.by),
        Command::DecideException { exception, .. } => subjects
            .case
            .as_deref()?
            .exceptions
            .get(exception)
            .and_then(|one| one.invoked_by),
        Command::ReviewException(it) => {
            let case = subjects.case.as_deref()?;
            case.exceptions.get(&it.exception)?.invoked_by
        }
        Command::ReviewReferral { .. } | Command::SendReferral { .. } => referral?.author,
        Command::GrantRole { staff, .. } => Some(*staff),
        Command::RecordTraining(it) => Some(it.staff),
        Command::DecideMerge { .. } => subjects.case.as_deref()?.merge?.asked_by,
        Command::DecideDeputy(it) => staff?.deputy_asked.get(&it.absent)?.by,
        Command::ApproveSweep { .. } => subjects.sweep?.requested_by,
        // The delegate decides on somebody else's advice, and somebody else carries it out.
        Command::DecideRequest(it) => request_of(subjects, it.request)?.advised?.1,
        Command::CarryOutRequest(it) => request_of(subjects, it.request)?.decided?.1,
        Command::DecideHold { hold, .. } => {
            let case = subjects.case.as_deref()?;
            case.holds.get(hold)?.release_asked
        }
        Command::WithholdBreach { .. } | Command::CloseBreach { .. } => {
            subjects.breach.as_deref()?.assessed.as_ref()?.1
        }
        _ => None,
    }
}

/// The request that a command answers.
pub(super) fn request_of(subjects: &Subjects, id: SubjectRequestId) -> Option<&SubjectRequest> {
    subjects.case.as_deref()?.requests.get(&id)
}

/// Which purposes a role has for looking at personal data (MISSION E6).
fn suits(role: Role, purpose: ViewPurpose, of_referral: bool) -> bool {
    match (role, purpose) {
        (
            Role::Auditor
            | Role::Administrator
            | Role::Coordinator
            | Role::ControllerDelegate
            | Role::Safeguarding,
            _,
        ) => false,
        (Role::FrontLine, ViewPurpose::CaseWork | ViewPurpose::CopyForPerson) => true,
        (
            Role::FocalPoint | Role::ChildProtection,
            ViewPurpose::CaseWork | ViewPurpose::Review | ViewPurpose::CopyForPerson,
        ) => true,
        (Role::FocalPoint | Role::ServiceProvider, ViewPurpose::Service)
        | (Role::FocalPoint | Role::ChildProtection, ViewPurpose::Packet) => of_referral,
        (Role::DataProtectionOfficer, ViewPurpose::CopyForPerson) => true,
        (Role::FrontLine | Role::FocalPoint | Role::ChildProtection, ViewPurpose::Emergency) => {
            true
        }
        (Role::FrontLine | Role::ChildProtection, ViewPurpose::Service)
        | (Role::FrontLine, ViewPurpose::Review | ViewPurpose::Packet)
        | (
            Role::ServiceProvider,
            ViewPurpose::CaseWork
            | ViewPurpose::Review
            | ViewPurpose::Emergency
            | ViewPurpose::CopyForPerson
            | ViewPurpose::Packet,
        )
        | (
            Role::DataProtectionOfficer,
            ViewPurpose::CaseWork
            | ViewPurpose::Review
            | ViewPurpose::Service
            | ViewPurpose::Emergency
            | ViewPurpose::Packet,
        ) => false,
    }
}
