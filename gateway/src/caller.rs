//! Callers: a bearer token becomes a member of staff, or nobody.
//!
//! - The token is hashed at once and forgotten; only its SHA-256 goes on from here.
//! - The index of digests finds whose it may be; the member's own stream decides, so that a token
//!   revoked a moment ago does not work, however far behind the views are.

use std::sync::Arc;

use ledger::clock::Timestamp;
use ledger::domain::command::Caller;
use ledger::domain::ids::TokenId;
use ledger::domain::staff::Staff;
use ledger::refusal::Refusal;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tonic::metadata::MetadataMap;

use crate::limits::BEARER_BYTES_MAX;

/// SHA-256 of a token. Shows nothing of itself.
#[derive(Clone, Copy)]
pub struct TokenDigest(pub [u8; 32]);

/// A member of staff whose token was checked.
#[derive(Clone)]
pub struct Known {
    /// The member of staff as they stand now.
    pub staff: Arc<Staff>,
    /// By which token.
    pub token: TokenId,
    /// The token's digest, for checking again while a stream runs.
    pub digest: TokenDigest,
}

impl Known {
    /// The caller of a command.
    pub fn caller(&self) -> Caller {
        Caller::Staff(self.staff.id)
    }
}

/// The digest of the token in an `authorization: Bearer …` header.
pub fn presented(metadata: &MetadataMap) -> Result<TokenDigest, Refusal> {
    let mut values = metadata.get_all("authorization").iter();
    let value = values.next().ok_or(Refusal::Unauthenticated)?;
    if values.next().is_some() || value.len() > BEARER_BYTES_MAX {
        return Err(Refusal::Unauthenticated);
    }
    let text = value.to_str().map_err(|_| Refusal::Unauthenticated)?;
    let (scheme, token) = text.split_once(' ').ok_or(Refusal::Unauthenticated)?;
    if !scheme.eq_ignore_ascii_case("bearer") || !token.starts_with(TOKEN_PREFIX) {
        return Err(Refusal::Unauthenticated);
    }
    Ok(TokenDigest(Sha256::digest(token.as_bytes()).into()))
}

/// Whether this member of staff holds this token, and it works at this moment.
pub fn holds(staff: &Staff, token: TokenId, digest: TokenDigest, now: Timestamp) -> bool {
    staff.tokens.get(&token).is_some_and(|(kept, expires)| {
        let same: bool = kept.ct_eq(&digest.0).into();
        same && now < *expires
    })
}

/// What every token begins with, so that one that leaked is recognised.
const TOKEN_PREFIX: &str = "rl_";

#[cfg(test)]
mod tests {
    use ledger::domain::ids::{GroundId, OrganisationId, StaffId};
    use tonic::metadata::MetadataValue;

    use super::*;

    fn with(values: &[&str]) -> Result<[u8; 32], Refusal> {
        let mut metadata = MetadataMap::new();
        for value in values {
            let value = MetadataValue::try_from(*value).expect("a header value");
            metadata.append("authorization", value);
        }
        presented(&metadata).map(|digest| digest.0)
    }

    #[test]
    fn the_whole_token_is_hashed_with_its_prefix() {
        let digest: [u8; 32] = Sha256::digest(b"rl_abc").into();
        assert_eq!(with(&["Bearer rl_abc"]), Ok(digest));
        assert_eq!(with(&["bearer rl_abc"]), Ok(digest));
    }

    #[test]
    fn headers_of_other_shapes_are_unauthenticated() {
        let long = format!("Bearer rl_{}", "x".repeat(BEARER_BYTES_MAX));
        let bad: [&[&str]; 8] = [
            &[],
            &[""],
            &["Bearer"],
            &["Bearer abc"],
            &["Basic rl_abc"],
            &["rl_abc"],
            &["Bearer rl_abc", "Bearer rl_abc"],
            &[&long],
        ];
        for values in bad {
            assert_eq!(with(values), Err(Refusal::Unauthenticated), "{values:?}");
        }
    }

    #[test]
    fn a_token_works_for_its_holder_until_it_ends_or_is_revoked() {
        let (token, digest) = (TokenId([1; 16]), TokenDigest([2; 32]));
        let mut staff = Staff {
            id: StaffId([3; 16]),
            version: 2,
            organisation: OrganisationId([4; 16]),
            roles: [].into(),
            tokens: [(token, ([2; 32], Timestamp(1000)))].into(),
            roles_asked: [].into(),
            tokens_asked: [].into(),
            ground: GroundId([5; 16]),
            name: None,
            name_ended: false,
            trained: [].into(),
            stands_in: [].into(),
            deputies: [].into(),
            stood_together: [].into(),
            deputy_asked: [].into(),
            touched: Timestamp(0),
        };
        assert!(holds(&staff, token, digest, Timestamp(999)));
        assert!(!holds(&staff, token, digest, Timestamp(1000)));
        assert!(!holds(&staff, token, TokenDigest([5; 32]), Timestamp(999)));
        assert!(!holds(&staff, TokenId([9; 16]), digest, Timestamp(999)));
        staff.tokens.clear();
        assert!(!holds(&staff, token, digest, Timestamp(999)));
    }
}
