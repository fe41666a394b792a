//! The one place where refusals and faults become a gRPC status, and the one that reads it back.
//!
//! - A refusal goes out with its stable code, its two texts and what it is about.
//! - A fault goes out with an incident number and nothing of its cause; the cause is logged with
//!   the same number.

use ledger::clock::{Entropy, SystemEntropy};
use ledger::error::Fault;
use ledger::ledger::Rejection;
use ledger::refusal::{Refusal, Refused};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::text;

/// The domain of our reasons in `google.rpc.ErrorInfo`.
pub const DOMAIN: &str = "referral-ledger";

/// The answer to a caller whose request was refused or failed.
pub fn rejected(rejection: Rejection) -> Status {
    match rejection {
        Rejection::Refused(refused) => of_refused(&refused),
        Rejection::Fault(fault) => of_fault(&fault),
    }
}

/// A refusal as a status with `ErrorInfo`, and `BadRequest` or `PreconditionFailure` where they
/// fit.
pub fn of_refused(refused: &Refused) -> Status {
    let about = refused.about.as_deref();
    let message = text::wrong(refused.refusal, about);
    let code = code_of(refused);
    let remedy = text::remedy(refused.refusal, about);
    let mut details = ErrorDetails::new();
    let about_pair = about.map(|about| (ABOUT.to_owned(), about.to_owned()));
    let remedy_pair = (REMEDY.to_owned(), remedy);
    details.set_error_info(
        reason(refused.refusal),
        DOMAIN,
        about_pair
            .into_iter()
            .chain([remedy_pair])
            .collect::<std::collections::HashMap<_, _>>(),
    );
    if code == Code::InvalidArgument {
        details.add_bad_request_violation(about.unwrap_or_default(), message.clone());
    }
    if code == Code::FailedPrecondition {
        let subject = about.unwrap_or_default();
        details.add_precondition_failure_violation(
            reason(refused.refusal),
            subject,
            message.clone(),
        );
    }
    Status::with_error_details(code, message, details)
}

/// A fault as a status that shows an incident number only.
pub fn of_fault(fault: &Fault) -> Status {
    let incident = incident();
    tracing::error!(incident, %fault, "fault");
    let unavailable = matches!(fault, Fault::Poisoned | Fault::Busy);
    let (code, message) = if unavailable {
        (Code::Unavailable, "the ledger takes no requests now")
    } else {
        (Code::Internal, "something of ours broke")
    };
    let mut details = ErrorDetails::new();
    details.set_error_info(FAULT, DOMAIN, [(INCIDENT.to_owned(), incident.clone())]);
    details.set_request_info(incident.clone(), "");
    Status::with_error_details(code, format!("{message}; incident {incident}"), details)
}

/// The refusal that a status carries; nothing if it is a fault or does not come from a ledger.
pub fn refused_of(status: &Status) -> Option<Refused> {
    if let Some(info) = status.get_details_error_info() {
        if info.domain != DOMAIN {
            return None;
        }
        let refusal = Refusal::from_code(&info.reason.to_ascii_lowercase())?;
        let about = info.metadata.get(ABOUT).cloned();
        return Some(Refused { refusal, about });
    }
    // What the transport itself refuses, before a request reaches us.
    (status.code() == Code::OutOfRange).then(|| Refusal::TooLarge.into())
}

/// The incident number that a status of a fault carries.
pub fn incident_of(status: &Status) -> Option<String> {
    let info = status.get_details_error_info()?;
    let ours = info.domain == DOMAIN && info.reason == FAULT;
    ours.then(|| info.metadata.get(INCIDENT).cloned()).flatten()
}

fn reason(refusal: Refusal) -> String {
    refusal.code().to_ascii_uppercase()
}

fn incident() -> String {
    let mut bytes = [0_u8; 8];
    SystemEntropy.fill(&mut bytes);
    format!("{:016x}", u64::from_be_bytes(bytes))
}

#[expect(clippy::too_many_lines, reason = "one line for each refusal")]
fn code_of(refused: &Refused) -> Code {
    match refused.refusal {
        Refusal::Unauthenticated => Code::Unauthenticated,
        Refusal::Malformed | Refusal::TooLarge => Code::InvalidArgument,
        Refusal::NotFound => Code::NotFound,
        Refusal::NotAllowed | Refusal::SecondPersonRequired => Code::PermissionDenied,
        Refusal::VersionConflict => Code::Aborted,
        Refusal::AlreadyExists | Refusal::RequestIdReused => Code::AlreadyExists,
        // With a name it is that limit which is reached; without, the ledger takes no writes.
        Refusal::Unavailable if refused.about.is_some() => Code::ResourceExhausted,
        Refusal::DestructionLimit | Refusal::SearchLimit => Code::ResourceExhausted,
        Refusal::Unavailable => Code::Unavailable,
        Refusal::Shredded
        | Refusal::DocumentationRefused
        | Refusal::RecordConsentMissing
        | Refusal::ExplanationIncomplete
        | Refusal::TimeInvalid
        | Refusal::SubstitutionNotAllowed
        | Refusal::CapacityInvalid
        | Refusal::RelationshipNotChecked
        | Refusal::ChildProtectionDecides
        | Refusal::ConsentNotInForce
        | Refusal::ShreddingStarted
        | Refusal::RetentionNotApproved
        | Refusal::RequestState
        | Refusal::IdentityUnchecked
        | Refusal::IdentityNotConfirmed
        | Refusal::AdviceMissing
        | Refusal::CopyMissing
        | Refusal::CorrectionMissing
        | Refusal::ProcessingRestricted
        | Refusal::InterpreterNotAccepted
        | Refusal::ContactNotSafe
        | Refusal::SpecialistFirst
        | Refusal::ArrangementState
        | Refusal::IncomingState
        | Refusal::InterviewOff
        | Refusal::QuestionOff
        | Refusal::AnswerInvalid
        | Refusal::BodyNotMandated
        | Refusal::PacketUnreadable
        | Refusal::PacketPassphrase
        | Refusal::PacketSender
        | Refusal::PacketRecipient
        | Refusal::PacketTaken
        | Refusal::PacketOfAnother
        | Refusal::ReplyRecorded
        | Refusal::ReplyOlder
        | Refusal::ReplyAgainst
        | Refusal::LegalHold
        | Refusal::NotDue
        | Refusal::ExceptionTooWide
        | Refusal::ExceptionDecided
        | Refusal::ExceptionUndecided
        | Refusal::ProcedureMissing
        | Refusal::ProcedureNotAssessed
        | Refusal::ProcedureExceeded
        | Refusal::ServiceRetired
        | Refusal::ServiceTakesNoReferrals
        | Refusal::ServiceNotAssessed
        | Refusal::AgreementMissing
        | Refusal::FeesNotTold
        | Refusal::FeesChanged
        | Refusal::ServiceRejected
        | Refusal::CategoryNotNeeded
        | Refusal::ItemsInvalid
        | Refusal::ReferralState
        | Refusal::NoticeState
        | Refusal::ConsentMissing
        | Refusal::ConsentWithdrawn
        | Refusal::ConsentExpired
        | Refusal::PurposeNotCovered
        | Refusal::RecipientNotCovered
        | Refusal::CategoryNotCovered
        | Refusal::ChildConsentMissing
        | Refusal::CaregiverConsentMissing
        | Refusal::CameOfAge
        | Refusal::ExceptionNotAuthorised
        | Refusal::NothingToDo
        | Refusal::RestoredUnconfirmed
        | Refusal::RecordEnded
        | Refusal::FiguresOverlap
        | Refusal::ComplaintState
        | Refusal::BreachState
        | Refusal::DeputyUnsuitable
        | Refusal::MergedCase
        | Refusal::CaseWorkClosed
        | Refusal::ReferralOpen
        | Refusal::ExceptionOpen
        | Refusal::RequestOpen
        | Refusal::FollowUpOwed
        | Refusal::NoticeOwed
        | Refusal::DecisionOpen
        | Refusal::FollowUpMissing
        | Refusal::ClosingInvalid
        | Refusal::HandoverWhole
        | Refusal::NotTheSame
        | Refusal::TrainingLapsed => Code::FailedPrecondition,
    }
}

const ABOUT: &str = "about";
const REMEDY: &str = "remedy";
const INCIDENT: &str = "incident";
const FAULT: &str = "FAULT";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_survives_the_way_to_a_client_and_back() {
        for refusal in Refusal::ALL {
            let about = Refused::about(*refusal, "scope.categories");
            for refused in [Refused::from(*refusal), about] {
                assert_eq!(refused_of(&of_refused(&refused)), Some(refused));
            }
        }
    }

    #[test]
    fn a_malformed_field_is_a_bad_request_that_names_it() {
        let status = of_refused(&Refused::about(Refusal::Malformed, "meta.request_id"));
        assert_eq!(status.code(), Code::InvalidArgument);
        let bad_request = status.get_details_bad_request().expect("a detail");
        assert_eq!(bad_request.field_violations[0].field, "meta.request_id");
    }

    #[test]
    fn a_rule_is_a_failed_precondition_with_its_code() {
        let status = of_refused(&Refused::about(Refusal::CategoryNotCovered, "health"));
        assert_eq!(status.code(), Code::FailedPrecondition);
        let failure = status.get_details_precondition_failure().expect("a detail");
        assert_eq!(failure.violations[0].r#type, "CATEGORY_NOT_COVERED");
        assert_eq!(failure.violations[0].subject, "health");
        let info = status.get_details_error_info().expect("a detail");
        assert_eq!(
            (info.reason.as_str(), info.domain.as_str()),
            ("CATEGORY_NOT_COVERED", DOMAIN)
        );
    }

    #[test]
    fn a_fault_shows_an_incident_number_and_nothing_of_its_cause() {
        let fault = Fault::damaged("journal frame", "position 4711 in /srv/secret");
        let status = of_fault(&fault);
        assert_eq!(status.code(), Code::Internal);
        let details = String::from_utf8_lossy(status.details()).into_owned();
        for word in ["journal", "4711", "secret"] {
            assert!(
                !status.message().contains(word) && !details.contains(word),
                "{word}"
            );
        }
        let incident = incident_of(&status).expect("an incident");
        assert!(status.message().contains(&incident));
        assert_eq!(refused_of(&status), None);
        assert_ne!(incident_of(&of_fault(&fault)), Some(incident));
    }

    #[test]
    fn a_reached_limit_is_told_apart_from_a_ledger_that_takes_no_writes() {
        let limit = of_refused(&Refused::about(Refusal::Unavailable, "watchers"));
        assert_eq!(limit.code(), Code::ResourceExhausted);
        assert_eq!(
            of_refused(&Refusal::Unavailable.into()).code(),
            Code::Unavailable
        );
        assert_eq!(of_fault(&Fault::Poisoned).code(), Code::Unavailable);
    }

    #[test]
    fn a_status_of_somebody_else_is_no_refusal_of_ours() {
        let mut details = ErrorDetails::new();
        details.set_error_info("NOT_FOUND", "example.org", [(String::new(), String::new())]);
        let status = Status::with_error_details(Code::NotFound, "no", details);
        assert_eq!(refused_of(&status), None);
        assert_eq!(refused_of(&Status::internal("x")), None);
        assert_eq!(refused_of(&Status::new(Code::Ok, "")), None);
    }

    #[test]
    fn a_message_that_the_transport_finds_too_large_reads_as_too_large() {
        let status = Status::out_of_range("decoded message length too large");
        assert_eq!(refused_of(&status), Some(Refusal::TooLarge.into()));
    }
}
