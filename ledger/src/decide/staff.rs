//! Staff, roles and tokens.
//!
//! - What lets somebody read much, or let others in, is asked for by one person and given by a
//!   second one (MISSION E6): privileged roles, any role in another organisation, and further
//!   tokens of who has one. No table lifts that.

use std::collections::BTreeSet;

use super::context::Context;
use super::{Decision, NewPersonal};
use crate::clock::{DAY_MS, Timestamp};
use crate::domain::codes::Role;
use crate::domain::event::*;
use crate::domain::ids::{GroundId, OrganisationId, PersonId, StaffId, TokenId};
use crate::domain::personal::{Personal, Text};
use crate::domain::stream::StreamId;
use crate::limits::TOKEN_DAYS_MAX;
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
        events.push(giving(context, id, organisation, role));
    }
    Ok(Decision::of(events))
}

/// The role given, or asked for where a second person has to give it.
fn giving(
    context: &Context<'_>,
    id: StaffId,
    of: OrganisationId,
    role: Role,
) -> crate::decide::NewEvent {
    let stream = StreamId::Staff(id);
    match waits(context, of, [role]) {
        Some(organisation) => context.event(stream, RoleAsked { role, organisation }),
        None => context.event(stream, RoleGranted { role }),
    }
}

/// The asker's organisation, if roles like these need a second person of it.
fn waits(
    context: &Context<'_>,
    of: OrganisationId,
    roles: impl IntoIterator<Item = Role>,
) -> Option<OrganisationId> {
    // Who founds the ledger has no organisation: the first two persons have nobody before them.
    let asks = context.by.organisation?;
    let mut roles = roles.into_iter();
    roles
        .any(|role| role.is_privileged() || of != asks)
        .then_some(asks)
}

/// Gives a role.
pub(super) fn grant(
    context: &mut Context<'_>,
    id: StaffId,
    role: Role,
) -> Result<Decision, Refused> {
    let staff = context.staff()?;
    let asked = staff.roles_asked.contains_key(&role);
    context.object_if(asked, Refusal::NothingToDo, "asked");
    if staff.roles.contains(&role) {
        context.object(Refusal::NothingToDo);
    }
    context.object_if(staff.name_ended, Refusal::Shredded, "staff");
    context.settle()?;
    let event = giving(context, id, staff.organisation, role);
    Ok(Decision::of(vec![event]))
}

/// Gives a role that somebody else asked for, or not.
pub(super) fn decide_role(
    context: &mut Context<'_>,
    id: StaffId,
    role: Role,
    confirm: bool,
) -> Result<Decision, Refused> {
    context.settle()?;
    let stream = StreamId::Staff(id);
    let event = if confirm {
        context.event(stream, RoleGranted { role })
    } else {
        context.event(stream, RoleRejected { role })
    };
    Ok(Decision::of(vec![event]))
}

/// Takes a role, or the wish for one.
pub(super) fn revoke(
    context: &mut Context<'_>,
    id: StaffId,
    role: Role,
) -> Result<Decision, Refused> {
    let staff = context.staff()?;
    if !staff.roles.contains(&role) && !staff.roles_asked.contains_key(&role) {
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
    // Who comes back is registered anew.
    context.object_if(staff.name_ended, Refusal::Shredded, "staff");
    let works = staff.tokens.values().map(|(known, _)| *known);
    let waiting = staff.tokens_asked.values().map(|it| it.digest);
    let known = works.chain(waiting).any(|known| known == digest);
    context.object_if(known, Refusal::AlreadyExists, "digest");
    let latest = context.now.plus_ms(TOKEN_DAYS_MAX * DAY_MS);
    let absurd = expires <= context.now || expires > latest;
    context.object_if(absurd, Refusal::TimeInvalid, "expires");
    context.settle()?;
    let token = TokenId::fresh(context.entropy);
    let stream = StreamId::Staff(id);
    // An account that may do nothing much yet gets its token at once; what it is asked for counts
    // when it is given, and whoever gives it sees the token in the staff list.
    let event = match waits(context, staff.organisation, staff.roles.iter().copied()) {
        Some(organisation) => context.event(
            stream,
            TokenAsked {
                token,
                digest,
                expires,
                organisation,
            },
        ),
        None => context.event(
            stream,
            TokenIssued {
                token,
                digest,
                expires,
            },
        ),
    };
    Ok(Decision::of(vec![event]))
}

/// Lets a token work that somebody else made, or not.
pub(super) fn decide_token(
    context: &mut Context<'_>,
    id: StaffId,
    token: TokenId,
    confirm: bool,
) -> Result<Decision, Refused> {
    let staff = context.staff()?;
    let waiting = staff.tokens_asked.get(&token);
    let waiting = waiting.ok_or_else(|| Refused::about(Refusal::NotFound, "token"))?;
    let over = confirm && waiting.expires <= context.now;
    context.object_if(over, Refusal::TimeInvalid, "expires");
    context.settle()?;
    let stream = StreamId::Staff(id);
    let event = if confirm {
        let issued = TokenIssued {
            token,
            digest: waiting.digest,
            expires: waiting.expires,
        };
        context.event(stream, issued)
    } else {
        context.event(stream, TokenRejected { token })
    };
    Ok(Decision::of(vec![event]))
}

/// Opening a name is an event first (MISSION E6).
pub(super) fn view(context: &mut Context<'_>, id: StaffId) -> Result<Decision, Refused> {
    context.settle()?;
    let event = context.event(StreamId::Staff(id), StaffSeen {});
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
