//! Whether everything that a command names exists.

use crate::domain::case::{Case, Hold};
use crate::domain::command::{Action, Command, ConsentTaken, Noticing, Reviewing, TellingOf};
use crate::domain::event::{Given, ViewTarget};
use crate::domain::ids::{ConsentId, HoldId, InterviewId, PersonId, ReferralId};
use crate::domain::staff::Staff;
use crate::domain::subjects::Subjects;
use crate::refusal::{Refusal, Refused};

/// Refuses a command that names something there is not.
pub(super) fn all_found(command: &Command, subjects: &Subjects) -> Result<(), Refused> {
    closed(command, subjects)?;
    if let Some(id) = command.case() {
        let case = subjects.case.as_deref().filter(|case| case.id == id);
        let case = case.ok_or_else(|| missing("case"))?;
        found_in_case(command, case)?;
    }
    if let Some(id) = command.link() {
        let link = subjects.link.as_deref().filter(|link| link.id == id);
        // Which of its files is named matters to who ends it, not to the ledger.
        let from = |case| link.is_some_and(|link| link.from(case).is_some());
        let known = command.case().map_or_else(|| link.is_some(), from);
        known.then_some(()).ok_or_else(|| missing("link"))?;
    }
    if let Some(id) = command.complaint() {
        let complaint = subjects.complaint.as_deref();
        let known = complaint.is_some_and(|complaint| complaint.id == id);
        known.then_some(()).ok_or_else(|| missing("complaint"))?;
    }
    if let Some(id) = command.breach() {
        let breach = subjects.breach.as_deref();
        let known = breach.is_some_and(|breach| breach.id == id);
        known.then_some(()).ok_or_else(|| missing("breach"))?;
    }
    if let Some(id) = command.incoming() {
        let incoming = subjects.incoming.as_deref();
        let known = incoming.is_some_and(|incoming| incoming.id == id);
        known.then_some(()).ok_or_else(|| missing("incoming"))?;
    }
    if let Some(id) = command.sweep() {
        let sweep = subjects.sweep.filter(|sweep| sweep.id == id);
        sweep.ok_or_else(|| missing("sweep"))?;
    }
    let creates = matches!(
        command.action(),
        Action::RegisterStaff | Action::RegisterService
    );
    if let Some(id) = command.service().filter(|_| !creates) {
        let service = subjects.service.as_deref();
        if service.is_none_or(|service| service.id != id) {
            return Err(missing("service"));
        }
    }
    if command.mirror().is_some() {
        let mirror = subjects.mirror.ok_or_else(|| missing("mirror"))?;
        if matches!(command, Command::DecideMirror { .. }) && mirror.asked.is_none() {
            return Err(missing("mirror"));
        }
    }
    if let Some(id) = command.staff().filter(|_| !creates) {
        let staff = subjects.staff.as_deref().filter(|staff| staff.id == id);
        let staff = staff.ok_or_else(|| missing("staff"))?;
        found_of_staff(command, staff)?;
        if let Some(absent) = command.absent() {
            let found = subjects.absent.as_deref().filter(|one| one.id == absent);
            // Whoever works elsewhere is not known here.
            let found = found.filter(|one| one.organisation == staff.organisation);
            found.ok_or_else(|| missing("absent"))?;
        }
        // A case is worked on by its own organisation; others are not known to it.
        let foreign = |case: &Case| case.organisation != staff.organisation;
        let works = matches!(
            command,
            Command::AssignStaff { .. }
                | Command::OfferHandover { .. }
                | Command::ConsultSpecialist(_)
        );
        if works && subjects.case.as_deref().is_some_and(foreign) {
            return Err(missing("staff"));
        }
    }
    Ok(())
}

/// Refuses a command about two files that names a second one which there is not.
pub(super) fn other_found(command: &Command, subjects: &Subjects) -> Result<(), Refused> {
    let Some(id) = command.other_case() else {
        return Ok(());
    };
    let caller = subjects.caller.as_deref();
    let own = |of| caller.is_none_or(|caller| caller.organisation == of);
    if subjects.other_closed.is_some_and(own) {
        return Err(Refused::about(Refusal::RecordEnded, "other_case"));
    }
    let other = subjects.other_case.as_deref().filter(|case| case.id == id);
    other.map(drop).ok_or_else(|| missing("other_case"))
}

/// Refuses whatever names a case that was closed. Whoever is of another organisation learns no more
/// than of a case that never was.
fn closed(command: &Command, subjects: &Subjects) -> Result<(), Refused> {
    let Some(organisation) = subjects.closed else {
        return Ok(());
    };
    let caller = subjects.caller.as_deref();
    let own = caller.is_none_or(|caller| caller.organisation == organisation);
    if own && command.case().is_some() {
        return Err(Refused::about(Refusal::RecordEnded, "case"));
    }
    Err(missing("case"))
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the other commands name nothing of a member of staff"
)]
fn found_of_staff(command: &Command, staff: &Staff) -> Result<(), Refused> {
    let (there, what) = match command {
        Command::RevokeToken { token, .. } => {
            let waits = staff.tokens_asked.contains_key(token);
            (waits || staff.tokens.contains_key(token), "token")
        }
        Command::DecideToken { token, .. } => (staff.tokens_asked.contains_key(token), "token"),
        Command::DecideRole { role, .. } => (staff.roles_asked.contains_key(role), "role"),
        Command::DecideDeputy(it) => (staff.deputy_asked.contains_key(&it.absent), "deputy"),
        _ => return Ok(()),
    };
    if there { Ok(()) } else { Err(missing(what)) }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the other commands name nothing inside a case but a referral or a request"
)]
fn found_in_case(command: &Command, case: &Case) -> Result<(), Refused> {
    if let Some(id) = command.referral() {
        referral(case, id)?;
    }
    if let Some(id) = command.subject_request() {
        let known = case.requests.contains_key(&id);
        known.then_some(()).ok_or_else(|| missing("request"))?;
    }
    match command {
        Command::AddPerson { consent, .. } => helpers(case, consent),
        Command::RenewConsent(it) => {
            consent(case, it.consent)?;
            helpers(case, &it.taken)
        }
        Command::AgreeContact(it) => person(case, it.person),
        Command::RecordFollowUp(it) => it.person.map_or(Ok(()), |id| person(case, id)),
        Command::GiveConsent {
            person: id,
            given_by,
            consent: taken,
            ..
        } => {
            person(case, *id)?;
            given_by.map_or(Ok(()), |giver| person(case, giver))?;
            helpers(case, taken)
        }
        Command::RefuseConsent { person: id, .. } => person(case, *id),
        Command::CorrectPerson(it) => person(case, it.person),
        Command::CancelReferral(it) => it.asked_by.map_or(Ok(()), |id| person(case, id)),
        Command::PlaceHold(it) => it.person.map_or(Ok(()), |id| person(case, id)),
        Command::ReceiveRequest(asking) => asking.person.map_or(Ok(()), |id| person(case, id)),
        Command::ReleaseHold { hold: id, .. } => hold(case, *id, |_| true),
        Command::DecideHold { hold: id, .. } => hold(case, *id, |it| it.release_asked.is_some()),
        Command::IssueCertificate { rotation, .. } => {
            let known = case.erasures.contains_key(rotation);
            known.then_some(()).ok_or_else(|| missing("rotation"))
        }
        Command::WithdrawConsent {
            person: whose,
            consent: which,
            ..
        } => withdrawn(case, *whose, *which),
        Command::UndoWithdrawal { consent: id, .. }
        | Command::ExpireConsent { consent: id, .. } => consent(case, *id),
        Command::DecideException { exception, .. }
        | Command::LapseException { exception, .. }
        | Command::TellOfException(TellingOf { exception, .. })
        | Command::ReviewException(Reviewing { exception, .. }) => {
            let known = case.exceptions.contains_key(exception);
            known.then_some(()).ok_or_else(|| missing("exception"))
        }
        Command::DraftReferral {
            follows: Some(before),
            ..
        } => referral(case, *before),
        Command::ViewPersonalData { target, .. } => viewed(case, *target),
        Command::RecordInterview(_)
        | Command::RecordProfile(_)
        | Command::RecordDetermination(_) => interviewed(case, command),
        Command::RecordNotice(Noticing {
            given: Given::Disclosure(id),
            ..
        }) => {
            let known = case.disclosures.contains_key(id);
            known.then_some(()).ok_or_else(|| missing("disclosure"))
        }
        _ => Ok(()),
    }
}

/// What of a case is looked at.
fn viewed(case: &Case, target: ViewTarget) -> Result<(), Refused> {
    match target {
        ViewTarget::Case => Ok(()),
        ViewTarget::Referral(id) => referral(case, id),
        ViewTarget::Interview(id) => interview(case, id),
        ViewTarget::Profile(id) => person(case, id),
    }
}

/// Who was asked, who interpreted, and the interview that a profile was decided after.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "three commands are about an interview or what was made of one"
)]
fn interviewed(case: &Case, command: &Command) -> Result<(), Refused> {
    match command {
        Command::RecordInterview(it) => {
            person(case, it.person)?;
            let interpreter = it.interpreter.and_then(|it| it.person);
            interpreter.map_or(Ok(()), |id| person(case, id))
        }
        Command::RecordProfile(it) => {
            person(case, it.person)?;
            it.interview.map_or(Ok(()), |id| interview(case, id))
        }
        Command::RecordDetermination(it) => person(case, it.person),
        _ => Ok(()),
    }
}

/// Whose consents are taken back, and which: one that is named is that person's.
fn withdrawn(
    case: &Case,
    whose: Option<PersonId>,
    which: Option<ConsentId>,
) -> Result<(), Refused> {
    whose.map_or(Ok(()), |id| person(case, id))?;
    let Some(which) = which else { return Ok(()) };
    consent(case, which)?;
    let owner = case.consents.get(&which).map(|one| one.person);
    if whose.is_some() && whose != owner {
        return Err(missing("consent"));
    }
    Ok(())
}

fn person(case: &Case, id: PersonId) -> Result<(), Refused> {
    let known = case.persons.contains_key(&id);
    known.then_some(()).ok_or_else(|| missing("person"))
}

fn hold(case: &Case, id: HoldId, is_meant: impl Fn(&Hold) -> bool) -> Result<(), Refused> {
    let known = case.holds.get(&id).is_some_and(is_meant);
    known.then_some(()).ok_or_else(|| missing("hold"))
}

/// Who interpreted, and who gave support.
fn helpers(case: &Case, taken: &ConsentTaken) -> Result<(), Refused> {
    let interpreter = taken.interpreter.and_then(|it| it.person);
    let support = taken.note.support.as_ref().and_then(|it| it.person);
    for (id, what) in [(interpreter, "interpreter"), (support, "support")] {
        let known = id.is_none_or(|id| case.persons.contains_key(&id));
        known.then_some(()).ok_or_else(|| missing(what))?;
    }
    Ok(())
}

fn consent(case: &Case, id: ConsentId) -> Result<(), Refused> {
    let known = case.consents.contains_key(&id);
    known.then_some(()).ok_or_else(|| missing("consent"))
}

fn interview(case: &Case, id: InterviewId) -> Result<(), Refused> {
    let known = case.interviews.contains_key(&id);
    known.then_some(()).ok_or_else(|| missing("interview"))
}

fn referral(case: &Case, id: ReferralId) -> Result<(), Refused> {
    let known = case.referrals.contains_key(&id);
    known.then_some(()).ok_or_else(|| missing("referral"))
}

pub(super) fn missing(what: &str) -> Refused {
    Refused::about(Refusal::NotFound, what)
}
