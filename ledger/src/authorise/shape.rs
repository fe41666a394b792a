//! What the types of a command leave open: parts that must not be empty or contradict each other.

use crate::domain::codes::{
    ExceptionKind, ExceptionReason, NoticeState, Purpose, RequestAnswer, RequestReason,
};
use crate::domain::command::Command;
use crate::domain::scope::Scope;
use crate::refusal::{Refusal, Refused};

/// Refuses a command whose parts cannot mean anything.
pub(super) fn well_formed(command: &Command) -> Result<(), Refused> {
    let wrong = wrong_field(command);
    wrong.map_or(Ok(()), |field| {
        Err(Refused::about(Refusal::Malformed, field))
    })
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "few commands leave anything open that their types do not settle"
)]
fn wrong_field(command: &Command) -> Option<&'static str> {
    match command {
        Command::GiveConsent { scope, .. } => empty_part(scope),
        Command::RefuseConsent { scope, .. } => {
            scope.purposes.is_empty().then_some("scope.purposes")
        }
        Command::OpenCase {
            identity,
            consent: Some(_),
            categories,
            ..
        } => (identity.is_some() && categories.is_empty()).then_some("categories"),
        Command::InvokeException { kind, reason, .. } => {
            (!fits(*kind, *reason)).then_some("reason")
        }
        // Who confirmed says what it did; nobody else did anything yet.
        Command::RecordNotice { state, outcome, .. } => {
            let confirmed = *state == NoticeState::Confirmed;
            (confirmed != outcome.is_some()).then_some("outcome")
        }
        Command::AdviseRequest(it) => (!reasoned(it.answer, it.reason)).then_some("reason"),
        Command::DecideRequest(it) if !reasoned(it.answer, it.reason) => Some("reason"),
        Command::DecideRequest(it) => {
            let part = it.answer == RequestAnswer::GrantInPart;
            (part == it.categories.is_empty()).then_some("categories")
        }
        _ => None,
    }
}

/// A consent names purposes, categories and, beyond keeping a record, recipients (MISSION B1).
fn empty_part(scope: &Scope) -> Option<&'static str> {
    let record_only = scope.purposes.iter().all(|one| *one == Purpose::Record);
    if scope.purposes.is_empty() {
        Some("scope.purposes")
    } else if scope.recipients.is_empty() && !record_only {
        Some("scope.recipients")
    } else if scope.categories.is_empty() {
        Some("scope.categories")
    } else {
        None
    }
}

/// Whatever is not granted has a reason, and nothing else has.
fn reasoned(answer: RequestAnswer, reason: Option<RequestReason>) -> bool {
    (answer == RequestAnswer::Grant) != reason.is_some()
}

/// A law's mandate and a person's own risk are different reasons (MISSION B5).
fn fits(kind: ExceptionKind, reason: ExceptionReason) -> bool {
    let mandate = match reason {
        ExceptionReason::MandatoryReport => true,
        ExceptionReason::RiskToSelf
        | ExceptionReason::RiskToOthers
        | ExceptionReason::CannotRespond => false,
    };
    mandate == (kind == ExceptionKind::LegalMandate)
}
