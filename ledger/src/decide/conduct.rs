//! Training and the code of conduct (MISSION E10): who lets them lapse records nobody until they
//! are renewed, and protects people all the same.

use super::context::Context;
use super::{Decision, cover, procedure};
use crate::domain::case::Exception;
use crate::domain::codes::{ExceptionKind, Training, Urgency};
use crate::domain::command::{Command, Trained};
use crate::domain::event::{ReportedWhileLapsed, TrainingRecorded};
use crate::domain::ids::{ExceptionId, GroundId, ReferralId};
use crate::domain::stream::StreamId;
use crate::organisation::Lapsed;
use crate::refusal::{Refusal, Refused};

/// Records a day on which a member of staff was trained, or signed.
pub(super) fn record(context: &mut Context<'_>, it: &Trained) -> Result<Decision, Refused> {
    let staff = context.staff()?;
    // Who has left keeps a name for as long as the rules say from then, not from this entry.
    if staff.left().is_some() {
        context.object(Refused::about(Refusal::NotFound, "staff"));
    }
    context.object_if(it.on > context.now.day(), Refusal::TimeInvalid, "on");
    let known = staff.trained.get(&it.training);
    // An older day would take nothing away and give nothing.
    if known.is_some_and(|known| *known >= it.on) {
        context.object(Refusal::NothingToDo);
    }
    context.settle()?;
    let recorded = TrainingRecorded {
        training: it.training,
        on: it.on,
    };
    let event = context.event(StreamId::Staff(staff.id), recorded);
    Ok(Decision::of(vec![event]))
}

/// What a member of staff whose training has lapsed does all the same, for a report that a law
/// obliges to.
#[must_use]
pub(super) struct Carried {
    exception: ExceptionId,
    training: Training,
}

/// Objects to recording somebody by whose training or code of conduct has lapsed. What protects a
/// person is never objected to, nor is what a legal mandate carries that a second person
/// authorised and that goes by a prepared procedure: a law does not wait for a date.
pub(super) fn may_record(context: &mut Context<'_>, command: &Command) -> Option<Carried> {
    let caller = context.calling()?;
    if !records(context, command) {
        return None;
    }
    let rules = &context.rules.organisation.conduct;
    let lapsed = rules.lapsed(&caller, context.now.day())?;
    if let Some(exception) = mandate(context, command) {
        let training = lapsed.training;
        return Some(Carried {
            exception,
            training,
        });
    }
    context.object(refused(lapsed));
    None
}

/// The refusal that names the training, and since when it holds no more.
pub(super) fn refused(lapsed: Lapsed) -> Refused {
    let code = lapsed.training.code();
    // The day alone, without the time of day.
    let since = lapsed.since.map(|day| day.start().to_rfc3339());
    let since = since.as_deref().and_then(|at| at.split('T').next());
    let about = since.map_or_else(|| code.to_owned(), |day| format!("{code} {day}"));
    Refused::about(Refusal::TrainingLapsed, about)
}

/// Says in the audit what was carried so.
pub(super) fn tell(context: &Context<'_>, carried: Option<Carried>, decision: &mut Decision) {
    let Some(Carried {
        exception,
        training,
    }) = carried
    else {
        return;
    };
    let reported = ReportedWhileLapsed {
        exception,
        training,
    };
    let stream = decision.events.first().map(|event| event.stream);
    let event = stream.map(|stream| context.event(stream, reported));
    decision.events.extend(event);
}

/// The authorised legal mandate with a procedure that carries what is written or sent: the one that
/// a draft names or was written on, or that it would be sent on now. That one covers the same by
/// chance is not enough: what was written and goes on consent waits for training.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a mandate carries a referral and nothing else"
)]
fn mandate(context: &Context<'_>, command: &Command) -> Option<ExceptionId> {
    let case = context.case().ok()?;
    let carries = |exception: &Exception| {
        exception.kind == ExceptionKind::LegalMandate
            && cover::may_be_used(exception, context.now)
            && procedure::prepared(context, exception.procedure()).is_ok()
    };
    let written_on = |ground: GroundId| {
        let id = ExceptionId(ground.0);
        let mandate = case.exceptions.get(&id).filter(|it| carries(it));
        mandate.map(|_| id)
    };
    match command {
        Command::DraftReferral { ground, .. } | Command::ReviseReferral { ground, .. } => {
            written_on((*ground)?)
        }
        Command::ReviewReferral { referral, .. } => {
            written_on(case.referrals.get(referral)?.content)
        }
        Command::SendReferral { referral, .. } => {
            let referral = case.referrals.get(referral)?;
            let service = context.known_service()?;
            let sent_on = procedure::sent_on(context, &case, service, referral);
            written_on(sent_on.unwrap_or(referral.content))
        }
        _ => None,
    }
}

/// Whether it takes in or passes on what somebody said, outside emergencies. Everything else stays
/// open: to withdraw, stop, recall, answer, put right, mark a danger and use an exception.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a command that is not named here is never suspended, a new one included"
)]
fn records(context: &Context<'_>, command: &Command) -> bool {
    match command {
        // Without details and consent: who cannot respond, or wants nothing written down.
        Command::OpenCase {
            identity, consent, ..
        } => identity.is_some() || consent.is_some(),
        Command::AddPerson { .. } => true,
        Command::GiveConsent { .. } | Command::RenewConsent(_) => true,
        Command::RecordFollowUp { .. } => true,
        Command::RecordInterview(_)
        | Command::RecordProfile(_)
        | Command::RecordDetermination(_) => true,
        Command::DraftReferral { urgency, .. } | Command::AttestReferral { urgency, .. } => {
            *urgency != Urgency::Emergency
        }
        Command::ReviseReferral { referral, .. }
        | Command::ReviewReferral { referral, .. }
        | Command::SendReferral { referral, .. } => !is_emergency(context, *referral),
        _ => false,
    }
}

fn is_emergency(context: &Context<'_>, referral: ReferralId) -> bool {
    let case = context.case().ok();
    let known = case
        .as_deref()
        .and_then(|case| case.referrals.get(&referral));
    known.is_some_and(|referral| referral.urgency == Urgency::Emergency)
}
