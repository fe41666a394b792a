//! Decisions: the rules of MISSION A, B, C and D as pure functions from states to events or a
//! refusal.
//!
//! - No `ReferralSent` without a ground that covers recipient, purpose and categories (`cover.rs`);
//!   nothing configures that away.
//! - Every rule that applies is asked, and the refusal that stands first in `Refusal::ALL` is
//!   given: see `Context::object`.

mod age;
mod apart;
mod breach;
mod closing;
mod complaint;
mod conduct;
mod consent;
mod consequences;
mod contact;
mod context;
mod copies;
mod cover;
mod deputy;
mod directory;
mod ending;
mod exception;
mod fees;
mod figures;
mod handover;
mod incoming;
mod inquiry;
mod intake;
mod interview;
mod journey;
mod link;
mod mechanism;
mod merge;
mod notice;
mod procedure;
mod recall;
mod referral;
mod renewal;
mod retention;
mod rights;
mod rules;
mod specialist;
mod staff;
mod states;
#[cfg(test)]
pub(crate) mod tests;
mod tracking;
mod withdrawal;

pub use consequences::{Because, Consequences, Stays, Stopped};
pub(crate) use journey::rests_on_consent;
pub use journey::{Transition, transitions};
pub use rules::Rules;
pub use states::{Machine, Step, machines, table};

use std::collections::BTreeSet;

use crate::authorise::{By, Permitted};
use crate::clock::{Entropy, Timestamp};
use crate::domain::codes::DataCategory;
use crate::domain::command::{Command, Request};
use crate::domain::event::{Actor, Event, Recorded};
use crate::domain::ids::{
    GroundId, LeafKeyId, OrganisationId, PersonId, RotationId, SubjectRequestId,
};
use crate::domain::personal::Personal;
use crate::domain::stream::StreamId;
use crate::domain::subjects::Subjects;
use crate::refusal::{Refusal, Refused};
use context::Context;

/// What was decided. Made in this module only, consumed by sealing.
#[must_use]
pub struct Decision {
    pub(crate) events: Vec<NewEvent>,
    /// Leaves whose keys are fenced with these events: no append, no read.
    pub(crate) fence: Vec<LeafKeyId>,
    /// Leaves whose fence is lifted again.
    pub(crate) unfence: Vec<LeafKeyId>,
    /// Leaves that no earlier order reaches any more, beside those whose fence is lifted.
    pub(crate) spare: Vec<LeafKeyId>,
    /// Leaves to be destroyed by the next rotation, each with the stream that tells of it (in a
    /// `ShredStarted` that the eraser adds).
    pub(crate) shred: Vec<(StreamId, LeafKeyId)>,
    /// Completed erasures whose certificates are issued again, where there is more to say.
    pub(crate) certify: Vec<(StreamId, RotationId)>,
    /// A stream whose record ends with these events.
    pub(crate) close: Option<Close>,
}

/// A stream whose record ends. The writer, which knows its record leaf, says so in the log.
pub(crate) struct Close {
    pub(crate) stream: StreamId,
    /// The organisation that held it.
    pub(crate) organisation: OrganisationId,
    /// The rule that it ends by, and the version of the rules.
    pub(crate) rule: (String, u32),
}

impl Decision {
    /// What the ledger records of its own work: a rotation, a new policy table.
    pub(crate) fn of_ledger(events: Vec<NewEvent>) -> Self {
        Self::of(events)
    }

    fn of(events: Vec<NewEvent>) -> Self {
        Self {
            events,
            fence: Vec::new(),
            unfence: Vec::new(),
            spare: Vec::new(),
            shred: Vec::new(),
            certify: Vec::new(),
            close: None,
        }
    }
}

/// An event that is not sealed yet; the spine gives it its place in the stream and its leaf keys.
pub(crate) struct NewEvent {
    pub(crate) stream: StreamId,
    pub(crate) recorded: Recorded,
    pub(crate) occurred: Option<Timestamp>,
    pub(crate) actor: Actor,
    pub(crate) event: Event,
    pub(crate) personal: Vec<NewPersonal>,
}

/// One personal part, and what keeps it readable.
pub(crate) struct NewPersonal {
    /// AND over persons: more than one only for identifiers of relationships.
    pub(crate) persons: Vec<PersonId>,
    /// OR over grounds: readable while any of them lives.
    pub(crate) grounds: Vec<GroundId>,
    pub(crate) content: Personal,
}

/// Decides what a permitted request comes to: events, or the first refusal that applies.
pub fn decide(
    permitted: Permitted,
    subjects: &Subjects,
    now: Timestamp,
    rules: &Rules,
    entropy: &mut dyn Entropy,
) -> Result<Decision, Refused> {
    let (request, by) = permitted.into_parts();
    as_expected(&request, subjects)?;
    let mut context = Context::new(by, subjects, now, rules, entropy);
    context.claim(request.occurred);
    let carried = conduct::may_record(&mut context, &request.command);
    merge::goes_on_elsewhere(&mut context, &request.command);
    closing::rests(&mut context, &request.command);
    let urgent = closing::is_urgent_in_closed(&context, &request.command);
    let mut decision = decide_command(&mut context, request.command)?;
    conduct::tell(&context, carried, &mut decision);
    if urgent {
        closing::reopen_first(&context, &mut decision)?;
    }
    Ok(decision)
}

/// Tells what a permitted withdrawal would come to, and does nothing: the decision itself is made,
/// read off and dropped. Any other command is refused.
pub fn preview(
    permitted: Permitted,
    subjects: &Subjects,
    now: Timestamp,
    rules: &Rules,
    entropy: &mut dyn Entropy,
) -> Result<Consequences, Refused> {
    let (request, by) = permitted.into_parts();
    if !matches!(request.command, Command::WithdrawConsent { .. }) {
        return Err(Refusal::NotAllowed.into());
    }
    as_expected(&request, subjects)?;
    let mut context = Context::new(by, subjects, now, rules, entropy);
    let case = context.case()?;
    let decision = decide_command(&mut context, request.command)?;
    Ok(consequences::consequences(&case, &decision, now))
}

/// Tells what granting a request for deletion would come to, in these categories only if any are
/// named, and does nothing: in the file asked about, and in another one of the same person, where
/// there is one. Whoever may read the request may know.
pub fn preview_deletion(
    (request, categories): (SubjectRequestId, BTreeSet<DataCategory>),
    subjects: &Subjects,
    now: Timestamp,
    rules: &Rules,
    entropy: &mut dyn Entropy,
) -> Result<(Consequences, Option<Consequences>), Refused> {
    let nobody = By {
        actor: Actor::Nobody,
        organisation: None,
        roles: BTreeSet::new(),
    };
    let context = Context::new(nobody, subjects, now, rules, entropy);
    rights::deletion(&context, request, categories)
}

/// Refuses a command that was decided on with another version of its stream in view.
fn as_expected(request: &Request, subjects: &Subjects) -> Result<(), Refused> {
    let Some(expected) = request.expected_version else {
        return Ok(());
    };
    let command = &request.command;
    let current = if command.complaint().is_some() {
        let complaint = subjects.complaint.as_deref();
        complaint.map_or(0, |complaint| complaint.version)
    } else if command.breach().is_some() {
        let breach = subjects.breach.as_deref();
        breach.map_or(0, |breach| breach.version)
    } else if matches!(
        command,
        Command::RecordComplaint(_) | Command::ReportBreach(_) | Command::RecordIncoming(_)
    ) {
        0
    } else if command.case().is_some() {
        subjects.case.as_deref().map_or(0, |case| case.version)
    } else if command.incoming().is_some() {
        let incoming = subjects.incoming.as_deref();
        incoming.map_or(0, |incoming| incoming.version)
    } else if command.staff().is_some() {
        subjects.staff.as_deref().map_or(0, |staff| staff.version)
    } else if command.service().is_some() {
        let service = subjects.service.as_deref();
        service.map_or(0, |service| service.version)
    } else if command.member().is_some() {
        let member = subjects.member.as_deref();
        member.map_or(0, |member| member.version)
    } else if command.pathway().is_some() {
        let pathway = subjects.pathway.as_deref();
        pathway.map_or(0, |pathway| pathway.version)
    } else if matches!(command, Command::OpenCase { .. }) {
        0
    } else {
        // Counts go to the ledger's own stream, in any order: there is nothing to be stale about.
        return Ok(());
    };
    if expected == current {
        Ok(())
    } else {
        Err(Refused::about(
            Refusal::VersionConflict,
            current.to_string(),
        ))
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "the table of contents of all rules: one arm per command, no rule in it"
)]
fn decide_command(context: &mut Context<'_>, command: Command) -> Result<Decision, Refused> {
    match command {
        Command::GiveLink { services } => intake::give_link(context, services),
        Command::RefuseRecord { reason } => intake::refuse_record(context, reason),
        Command::NoteUnmetNeed { unmet } => intake::note_unmet_need(context, unmet),
        Command::RegisterStaff {
            staff,
            organisation,
            name,
            roles,
        } => staff::register(context, staff, organisation, name, roles),
        Command::GrantRole { staff, role } => staff::grant(context, staff, role),
        Command::RevokeRole { staff, role } => staff::revoke(context, staff, role),
        Command::IssueToken {
            staff,
            digest,
            expires,
        } => staff::issue_token(context, staff, digest, expires),
        Command::RevokeToken { staff, token } => staff::revoke_token(context, staff, token),
        Command::RegisterService(it) => directory::register(context, it),
        Command::UpdateService(it) => directory::update(context, it),
        Command::AssessService(it) => directory::assess(context, it),
        Command::ReportPlaces(it) => directory::report_places(context, it.places),
        Command::RetireService { .. } => directory::retire(context),
        Command::RecordMember(it) => mechanism::member(context, it),
        Command::RecordAgreement(it) => mechanism::agreement(context, it),
        Command::RecordPathway(it) => mechanism::pathway(context, it),
        Command::RetirePathway { .. } => mechanism::retire_pathway(context),
        Command::OpenCase {
            identity,
            age_group,
            sensitivity,
            consent,
            categories,
        } => intake::open_case(
            context,
            identity,
            age_group,
            sensitivity,
            consent,
            categories,
        ),
        Command::AddPerson {
            role,
            relationship_checked,
            identity,
            consent,
            ..
        } => intake::add_person(context, role, relationship_checked, identity, consent),
        Command::AssessAge { age, company, .. } => age::assess(context, age, company),
        Command::GiveConsent {
            person,
            given_by,
            scope,
            consent,
            ..
        } => consent::give(context, person, given_by, scope, consent),
        Command::RefuseConsent { person, scope, .. } => consent::refuse(context, person, scope),
        Command::WithdrawConsent {
            person,
            consent,
            part,
            shred,
            ..
        } => withdrawal::withdraw(context, person, consent, part, shred),
        Command::UndoWithdrawal { consent, .. } => withdrawal::undo(context, consent),
        Command::ExpireConsent { consent, .. } => withdrawal::expire(context, consent),
        Command::LapseException { exception, .. } => exception::lapse(context, exception),
        Command::ShredDue { .. } => withdrawal::shred_due(context),
        Command::InvokeException {
            kind,
            reason,
            scope,
            told,
            procedure,
            note,
            ..
        } => exception::invoke(context, (kind, reason, procedure), scope, told, note),
        Command::DecideException {
            exception, confirm, ..
        } => exception::decide(context, exception, confirm),
        Command::TellOfException(it) => exception::tell(context, &it),
        Command::ReviewException(it) => exception::review(context, it),
        Command::DraftReferral {
            urgency,
            ground,
            items,
            follows,
            ..
        } => referral::draft(context, urgency, ground, items, follows),
        Command::ReviseReferral {
            referral,
            ground,
            items,
            ..
        } => referral::revise(context, referral, ground, items),
        Command::AttestReferral {
            agreed, urgency, ..
        } => referral::attest(context, agreed, urgency),
        Command::ReturnReferral {
            referral, reason, ..
        } => journey::send_back(context, referral, reason),
        Command::ReviewReferral {
            referral,
            read_back,
            copy_given,
            ..
        } => journey::review(context, referral, read_back, copy_given),
        Command::SendReferral {
            referral,
            channel,
            follow_up,
            ..
        } => journey::send(context, referral, channel, follow_up),
        Command::ReceiveReferral { referral, .. } => journey::receive(context, referral),
        Command::AcceptReferral { referral, .. } => journey::accept(context, referral),
        Command::DeclineReferral {
            referral, reason, ..
        } => journey::decline(context, referral, reason),
        Command::CompleteReferral { referral, .. } => journey::complete(context, referral),
        Command::FailReferral {
            referral, reason, ..
        } => journey::fail(context, referral, reason),
        Command::RecallReferral {
            referral, reason, ..
        } => recall::ask(context, referral, reason),
        Command::AnswerRecall(it) => recall::answer(context, it.referral, it.answer),
        Command::CancelReferral(it) => recall::cancel(context, &it),
        Command::RecordFollowUp(it) => tracking::follow_up(context, it),
        Command::RecordDisclosure {
            recipient,
            categories,
            channel,
            ..
        } => tracking::disclose(context, recipient, categories, channel),
        Command::ViewPersonalData {
            target, purpose, ..
        } => tracking::view(context, target, purpose),
        Command::AssignStaff { staff, .. } => tracking::assign(context, staff),
        Command::UnassignStaff { staff, .. } => tracking::unassign(context, staff),
        Command::OfferHandover { staff, .. } => handover::offer(context, staff),
        Command::TakeHandover { take, .. } => handover::answer(context, take),
        Command::RecordIncoming(it) => incoming::record(context, it),
        Command::AssessIncoming(it) => incoming::assess(context, &it),
        Command::DecideIncoming(it) => incoming::decide(context, &it),
        Command::AnswerIncoming(it) => incoming::answer(context, &it),
        Command::LinkIncoming(it) => incoming::link(context, &it),
        Command::AskService(it) => inquiry::ask(context, it),
        Command::AnswerInquiry(it) => inquiry::answer(context, &it),
        Command::RecordArrangement(it) => inquiry::arrange(context, &it),
        Command::TellFees(it) => fees::tell(context, &it),
        Command::RaiseConcern(it) => specialist::raise(context, it.concerns),
        Command::ConsultSpecialist(it) => specialist::consult(context, &it),
        Command::ConfirmConsultation(it) => specialist::confirm(context, &it),
        Command::DetachMirror { mirror, reason } => copies::ask_to_detach(context, mirror, reason),
        Command::DecideMirror { mirror, confirm } => copies::detach(context, mirror, confirm),
        Command::RenewConsent(it) => renewal::renew(context, it),
        Command::AgreeContact(it) => contact::agree(context, it),
        Command::CorrectPerson(it) => intake::correct(context, it),
        Command::ReceiveRequest(it) => rights::receive(context, it),
        Command::CheckIdentity(it) => rights::identify(context, &it),
        Command::ExtendRequest(it) => rights::extend(context, &it),
        Command::AdviseRequest(it) => rights::advise(context, &it),
        Command::DecideRequest(it) => rights::decide(context, it),
        Command::CarryOutRequest(it) => rights::carry_out(context, &it),
        Command::CloseRequest(it) => rights::close(context, &it),
        Command::LiftRestriction(it) => rights::lift(context, &it),
        Command::ConfirmWithdrawals {} => copies::confirm_withdrawals(context),
        Command::CutOut { after_days } => copies::ask_for_cutting(context, after_days),
        Command::PublishFigures { made } => figures::publish(context, made),
        Command::PlaceHold(it) => retention::hold(context, &it),
        Command::ReleaseHold { hold, .. } => retention::release(context, hold),
        Command::ApplyRetention { .. } => retention::apply(context),
        Command::RequestSweep { sweep, cases } => retention::request(context, sweep, cases),
        Command::ApproveSweep { .. } => retention::approve(context),
        Command::FinishSweep(it) => retention::finish(context, &it),
        Command::CloseCase { .. } => retention::close(context),
        Command::EndStaffName { .. } => retention::end_name(context),
        Command::WithdrawSweep { .. } => retention::withdraw(context),
        Command::DecideHold { hold, confirm, .. } => retention::decide(context, hold, confirm),
        Command::IssueCertificate { rotation, .. } => withdrawal::certify(context, rotation),
        Command::RecordComplaint(it) => complaint::record(context, it),
        Command::ViewComplaint { .. } => complaint::view(context),
        Command::AcknowledgeComplaint { told, .. } => complaint::acknowledge(context, told),
        Command::AnswerComplaint(it) => complaint::answer(context, it),
        Command::ReportBreach(it) => breach::report(context, it),
        Command::ViewBreach { .. } => breach::view(context),
        Command::AssessBreach(it) => breach::assess(context, it),
        Command::NotifyBreach(it) => breach::notify(context, it),
        Command::TellBreach(it) => breach::tell(context, &it),
        Command::WithholdBreach { ground, .. } => breach::withhold(context, ground),
        Command::CloseBreach { .. } => breach::close(context),
        Command::TraceBreach(it) => breach::trace(context, &it),
        Command::DecideRole {
            staff,
            role,
            confirm,
        } => staff::decide_role(context, staff, role, confirm),
        Command::DecideToken {
            staff,
            token,
            confirm,
        } => staff::decide_token(context, staff, token, confirm),
        Command::RecordTraining(it) => conduct::record(context, &it),
        Command::AskMerge(_) => merge::ask(context),
        Command::DecideMerge { confirm, .. } => merge::decide(context, confirm),
        Command::UnmergeCases(_) => merge::undo(context),
        Command::FindDuplicates(it) => merge::seek(context, &it),
        Command::LinkCases(it) => link::link(context, &it),
        Command::EndLink { .. } => link::end(context),
        Command::LapseLink { .. } => link::lapse(context),
        Command::NameDeputy(it) => deputy::name(context, &it),
        Command::DecideDeputy(it) => deputy::decide(context, &it),
        Command::EndDeputy { absent, .. } => deputy::end(context, absent),
        Command::RecordInterview(it) => interview::record(context, it),
        Command::RecordProfile(it) => interview::profile(context, it),
        Command::RecordDetermination(it) => interview::determination(context, &it),
        Command::CloseCaseWork(it) => closing::close(context, it),
        Command::ReopenCase(it) => closing::reopen(context, it),
        Command::ViewStaff { staff } => staff::view(context, staff),
        Command::RecordNotice(it) => notice::record(context, &it),
        Command::HoldApart(it) => apart::hold(context, &it),
        Command::EndApart { .. } => apart::end(context),
    }
}
