//! Which case, and whose history: the choices of `GetCase` and `GetHistory`.

use proto::tracking::v1::{get_case_request, get_history_request};

use super::Checked;
use super::field::{id, malformed};
use crate::api::cases::{CaseName, Subject};

/// A case by id or by code.
pub fn case_name(from: Option<get_case_request::Case>) -> Checked<CaseName> {
    match from {
        Some(get_case_request::Case::CaseId(text)) => id(&text, "case_id").map(CaseName::Id),
        Some(get_case_request::Case::ClientCode(text)) => {
            id(&text, "client_code").map(CaseName::Code)
        }
        None => Err(malformed("case")),
    }
}

/// A case or one referral of it.
pub fn of_history(from: Option<get_history_request::Subject>) -> Checked<Subject> {
    match from {
        Some(get_history_request::Subject::CaseId(text)) => id(&text, "case_id").map(Subject::Case),
        Some(get_history_request::Subject::ReferralId(text)) => {
            id(&text, "referral_id").map(Subject::Referral)
        }
        None => Err(malformed("subject")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_with_a_wrong_symbol_is_refused_before_anything_is_looked_up() {
        let wrong = get_case_request::Case::ClientCode("K7Q4M-92MDO".to_owned());
        assert_eq!(case_name(Some(wrong)), Err(malformed("client_code")));
        assert_eq!(case_name(None), Err(malformed("case")));
        assert_eq!(of_history(None), Err(malformed("subject")));
    }
}
