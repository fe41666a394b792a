//! Fields: ids, digests, and that something is there at all.

use std::str::FromStr;

use ledger::refusal::{Refusal, Refused};

use super::Checked;
use crate::limits::LIST_ITEMS_MAX;

/// An id that must be given.
pub fn id<T: FromStr>(text: &str, field: &str) -> Checked<T> {
    text.parse().map_err(|_| malformed(field))
}

/// An id, where there is one. An empty text is not "none": it is malformed, so that a client's
/// mistake never widens what is asked for.
pub fn optional_id<T: FromStr>(text: Option<&str>, field: &str) -> Checked<Option<T>> {
    text.map(|text| id(text, field)).transpose()
}

/// A list of ids.
pub fn ids<T: FromStr, L: FromIterator<T>>(texts: &[String], field: &str) -> Checked<L> {
    within_limit(texts, field)?;
    texts.iter().map(|text| id(text, field)).collect()
}

/// A message that must be there.
pub fn required<T>(part: Option<T>, field: &str) -> Checked<T> {
    part.ok_or_else(|| malformed(field))
}

/// The bytes of a SHA-256 digest.
pub fn digest(bytes: &[u8], field: &str) -> Checked<[u8; 32]> {
    bytes.try_into().map_err(|_| malformed(field))
}

/// Refuses a list with more items than any request needs.
pub fn within_limit<T>(list: &[T], field: &str) -> Checked<()> {
    if list.len() > LIST_ITEMS_MAX {
        return Err(Refused::about(Refusal::TooLarge, field));
    }
    Ok(())
}

/// The refusal of a field that is missing or not what it should be.
pub fn malformed(field: &str) -> Refused {
    Refused::about(Refusal::Malformed, field)
}

#[cfg(test)]
mod tests {
    use ledger::domain::ids::{CaseId, ConsentId, ServiceId};

    use super::*;

    const ID: &str = "3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f00";

    #[test]
    fn an_empty_optional_id_is_malformed_and_not_none() {
        assert_eq!(optional_id::<ConsentId>(None, "consent_id"), Ok(None));
        let refused = malformed("consent_id");
        assert_eq!(
            optional_id::<ConsentId>(Some(""), "consent_id"),
            Err(refused)
        );
    }

    #[test]
    fn ids_of_other_shapes_are_refused() {
        assert!(id::<CaseId>(ID, "case_id").is_ok());
        for text in [
            "",
            "1",
            "3f2b8c1e0d4a4a579b1c6c1a2e5d7f00",
            "{3f2b8c1e}",
            " ",
            "\0",
            "é",
        ] {
            assert_eq!(id::<CaseId>(text, "case_id"), Err(malformed("case_id")));
        }
    }

    #[test]
    fn a_list_beyond_the_limit_is_too_large() {
        let many = vec![ID.to_owned(); LIST_ITEMS_MAX + 1];
        let refused = Refused::about(Refusal::TooLarge, "service_ids");
        assert_eq!(ids::<ServiceId, Vec<_>>(&many, "service_ids"), Err(refused));
        let [_, most @ ..] = many.as_slice() else {
            panic!("not empty");
        };
        assert!(ids::<ServiceId, Vec<_>>(most, "service_ids").is_ok());
    }

    #[test]
    fn a_digest_of_another_length_is_refused() {
        assert!(digest(&[7; 32], "token_sha256").is_ok());
        for length in [0, 31, 33, 64] {
            assert_eq!(
                digest(&vec![7; length], "token_sha256"),
                Err(malformed("token_sha256"))
            );
        }
    }
}
