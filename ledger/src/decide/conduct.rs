//! Training and the code of conduct (MISSION E10): who lets them lapse records nobody until they
//! are renewed, and protects people all the same.

use super::Decision;
use super::context::Context;
use crate::domain::codes::Urgency;
use crate::domain::command::{Command, Trained};
use crate::domain::event::TrainingRecorded;
use crate::domain::ids::ReferralId;
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

/// Objects to recording somebody by whose training or code of conduct has lapsed. What protects a
/// person is never objected to.
pub(super) fn may_record(context: &mut Context<'_>, command: &Command) {
    let Some(caller) = context.calling() else {
        return;
    };
    if !records(context, command) {
        return;
    }
    let rules = &context.rules.organisation.conduct;
    let Some(lapsed) = rules.lapsed(&caller, context.now.day()) else {
        return;
    };
    context.object(refused(lapsed));
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

/// Whether it takes in or passes on what somebody said, outside emergencies. Everything else stays
/// open: to withdraw, stop, recall, answer, put right, mark a danger and use an exception.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a command that is not named here is never suspended, a new one included"
)]
fn records(context: &Context<'_>, command: &Command) -> bool {
    match command {
        // Without details and consent: who cannot respond, or wants nothing written down.
        Command::OpenCase { identity, .. } => identity.is_some(),
        Command::AddPerson { .. } => true,
        Command::GiveConsent { .. } | Command::RenewConsent(_) => true,
        Command::RecordFollowUp { .. } | Command::AttestReferral { .. } => true,
        Command::RecordInterview(_)
        | Command::RecordProfile(_)
        | Command::RecordDetermination(_) => true,
        Command::DraftReferral { urgency, .. } => *urgency != Urgency::Emergency,
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
