//! What is recorded when staff join, and get and lose roles and tokens.

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::codes::Role;
use super::super::ids::{GroundId, OrganisationId, StaffId, TokenId};
use super::Event;
use crate::clock::Timestamp;

fields! {
    /// A member of staff joined. Name and contact are personal parts.
    StaffRegistered {
        /// Who.
        staff: StaffId,
        /// Of which organisation.
        organisation: OrganisationId,
        /// The legal ground that the name rests on.
        ground: GroundId,
    }
    /// A role was given.
    RoleGranted {
        /// Which.
        role: Role,
    }
    /// A role was taken.
    RoleRevoked {
        /// Which.
        role: Role,
    }
    /// A bearer token was issued; only its hash is known here.
    TokenIssued {
        /// The token's public name.
        token: TokenId,
        /// SHA-256 of the token.
        digest: [u8; 32],
        /// When it stops working.
        expires: Timestamp,
    }
    /// A token stopped working.
    TokenRevoked {
        /// Which.
        token: TokenId,
    }
    /// A role was asked for that only a second person may give.
    RoleAsked {
        /// Which.
        role: Role,
        /// The organisation of who asked; whoever decides is of it.
        organisation: OrganisationId,
    }
    /// A token was made that works once a second person agrees; only its hash is known here.
    TokenAsked {
        /// The token's public name.
        token: TokenId,
        /// SHA-256 of the token.
        digest: [u8; 32],
        /// When it would stop working.
        expires: Timestamp,
        /// The organisation of who asked; whoever decides is of it.
        organisation: OrganisationId,
    }
    /// A second person did not agree to a token; it never works.
    TokenRejected {
        /// Which.
        token: TokenId,
    }
}
