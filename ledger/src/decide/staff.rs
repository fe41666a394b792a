//! Staff, roles and tokens.

use std::collections::BTreeSet;

use super::context::Context;
use super::{Decision, NewPersonal};
use crate::clock::{DAY_MS, Timestamp};
use crate::domain::codes::Role;
use crate::domain::event::{RoleGranted, RoleRevoked, StaffRegistered, TokenIssued, TokenRevoked};
use crate::domain::ids::{GroundId, OrganisationId, PersonId, StaffId, TokenId};
use crate::domain::personal::{Personal, Text};
use crate::domain::stream::StreamId;
use crate::refusal::{Refusal, Refused};

/// Registers a member of staff. The name rests on a ground of its own and can go (MISSION E11).
pub(super) fn register(
    context: &mut Context<'_>,
    id: StaffId,
    organisation: OrganisationId,
    name: Text,
    roles: BTreeSet<Role>,
) -> Result<Decision, Refused> {
    if context.known_staff().is_some() {
        context.object(Refusal::AlreadyExists);
    }
    context.settle()?;
    let ground = GroundId::fresh(context.entropy);
    let stream = StreamId::Staff(id);
    let registered = StaffRegistered {
        staff: id,
        organisation,
        ground,
    };
    let name = NewPersonal {
        persons: vec![PersonId(id.0)],
        grounds: vec![ground],
        content: Personal::StaffName(name),
    };
    let mut events = vec![context.event_with(stream, registered, vec![name])];
    for role in roles {
        events.push(context.event(stream, RoleGranted { role }));
    }
    Ok(Decision::of(events))
}

/// Gives a role.
pub(super) fn grant(
    context: &mut Context<'_>,
    id: StaffId,
    role: Role,
) -> Result<Decision, Refused> {
    if context.staff()?.roles.contains(&role) {
        context.object(Refusal::NothingToDo);
    }
    context.settle()?;
    let event = context.event(StreamId::Staff(id), RoleGranted { role });
    Ok(Decision::of(vec![event]))
}

/// Takes a role.
pub(super) fn revoke(
    context: &mut Context<'_>,
    id: StaffId,
    role: Role,
) -> Result<Decision, Refused> {
    if !context.staff()?.roles.contains(&role) {
        context.object(Refusal::NothingToDo);
    }
    context.settle()?;
    let event = context.event(StreamId::Staff(id), RoleRevoked { role });
    Ok(Decision::of(vec![event]))
}

/// Issues a token that the caller made; only its hash is known.
pub(super) fn issue_token(
    context: &mut Context<'_>,
    id: StaffId,
    digest: [u8; 32],
    expires: Timestamp,
) -> Result<Decision, Refused> {
    let staff = context.staff()?;
    let known = staff.tokens.values().any(|(known, _)| *known == digest);
    context.object_if(known, Refusal::AlreadyExists, "digest");
    let days = context.rules.token_days_max;
    let latest = context.now.plus_ms(days.saturating_mul(DAY_MS));
    let absurd = expires <= context.now || expires > latest;
    context.object_if(absurd, Refusal::TimeInvalid, "expires");
    context.settle()?;
    let issued = TokenIssued {
        token: TokenId::fresh(context.entropy),
        digest,
        expires,
    };
    let event = context.event(StreamId::Staff(id), issued);
    Ok(Decision::of(vec![event]))
}

/// Stops a token.
pub(super) fn revoke_token(
    context: &mut Context<'_>,
    id: StaffId,
    token: TokenId,
) -> Result<Decision, Refused> {
    context.settle()?;
    let event = context.event(StreamId::Staff(id), TokenRevoked { token });
    Ok(Decision::of(vec![event]))
}
