//! What the server's `Status` means to a person: a refusal by its code, an overload, or a fault.

use std::collections::HashMap;

use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::failure::{Failure, known};
use super::output::visible;

/// Turns a status back into what happened.
pub fn failure(status: &Status) -> Failure {
    let details = status.get_error_details();
    if let Some(info) = details.error_info() {
        let code = info.reason.to_lowercase();
        if let Some(refused) = known(&code, about(&info.metadata)) {
            return refused;
        }
    }
    let said = visible(status.message());
    match status.code() {
        Code::Unavailable
        | Code::DeadlineExceeded
        | Code::ResourceExhausted
        | Code::Cancelled
        | Code::Aborted => Failure::Unreachable(format!("the server did not answer: {said}")),
        Code::Unauthenticated => refused("unauthenticated", &said),
        Code::PermissionDenied => refused("not_allowed", &said),
        Code::NotFound => refused("not_found", &said),
        Code::InvalidArgument | Code::OutOfRange => refused("malformed", &said),
        Code::FailedPrecondition | Code::AlreadyExists => refused("refused", &said),
        Code::Ok | Code::Unknown | Code::Unimplemented | Code::Internal | Code::DataLoss => {
            Failure::Broken(format!("the server failed: {said}"))
        }
    }
}

fn about(metadata: &HashMap<String, String>) -> Option<String> {
    metadata.get("about").map(|about| visible(about))
}

/// A refusal whose details did not come along: its code's texts, or the server's own words.
fn refused(code: &str, said: &str) -> Failure {
    known(code, None).unwrap_or_else(|| Failure::Refused {
        code: code.to_owned(),
        about: None,
        wrong: said.to_owned(),
        remedy: String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic_types::ErrorDetails;

    #[test]
    fn a_refusal_keeps_its_code_and_what_it_is_about() {
        let about = HashMap::from([("about".to_owned(), "health".to_owned())]);
        let details = ErrorDetails::with_error_info("category_not_covered", "referral", about);
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
