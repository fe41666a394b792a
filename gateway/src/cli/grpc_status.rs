//! What the server's `Status` means to a person: a refusal by its code, an overload, or a fault.

use ledger::refusal::Refusal;
use tonic::{Code, Status};

use super::failure::Failure;
use super::output::visible;
use crate::answer;

/// Turns a status back into what happened.
pub(crate) fn failure(status: &Status) -> Failure {
    if let Some(refused) = answer::refused(status) {
        return Failure::refused(&refused);
    }
    let said = visible(status.message());
    match status.code() {
        Code::Unavailable
        | Code::DeadlineExceeded
        | Code::ResourceExhausted
        | Code::Cancelled
        | Code::Aborted => Failure::Unreachable(format!("the server did not answer: {said}")),
        Code::Unauthenticated => Failure::refused(&Refusal::Unauthenticated.into()),
        Code::PermissionDenied => Failure::refused(&Refusal::NotAllowed.into()),
        Code::NotFound => Failure::refused(&Refusal::NotFound.into()),
        Code::InvalidArgument | Code::OutOfRange => Failure::refused(&Refusal::Malformed.into()),
        Code::Ok
        | Code::FailedPrecondition
        | Code::AlreadyExists
        | Code::Unknown
        | Code::Unimplemented
        | Code::Internal
        | Code::DataLoss => Failure::Broken(format!("the server failed: {said}")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::rpc::status::DOMAIN;
    use tonic_types::{ErrorDetails, StatusExt};

    #[test]
    fn a_refusal_keeps_its_code_and_what_it_is_about() {
        let about = HashMap::from([("about".to_owned(), "health".to_owned())]);
        let details = ErrorDetails::with_error_info("CATEGORY_NOT_COVERED", DOMAIN, about);
        let status = Status::with_error_details(Code::FailedPrecondition, "no", details);
        let Failure::Refused { code, about, .. } = failure(&status) else {
            panic!("a refusal stays a refusal");
        };
        assert_eq!(code, "category_not_covered");
        assert_eq!(about.as_deref(), Some("health"));
    }

    #[test]
    fn a_busy_server_is_not_a_refusal_and_a_fault_is_not_either() {
        let busy = failure(&Status::unavailable("later"));
        assert!(matches!(busy, Failure::Unreachable(_)));
        let broken = failure(&Status::internal("?"));
        assert!(matches!(broken, Failure::Broken(_)));
    }
}
