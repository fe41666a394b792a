//! Copies of the journal: which mirror has a say, when sending goes on after a restore, and who
//! wants dead ciphertext cut out of all files.

use super::Decision;
use super::context::Context;
use crate::domain::codes::DetachReason;
use crate::domain::event::{
    CuttingAsked, MirrorDetachAsked, MirrorDetachRejected, MirrorDetached, WithdrawalsConfirmed,
};
use crate::domain::ids::CopyId;
use crate::domain::stream::StreamId;
use crate::refusal::{Refusal, Refused};

/// Asks for the end of a mirror's say, whatever it still holds. One person alone could have keys
/// destroyed whose records no copy has, so that a second one decides (DESIGN 6).
pub(super) fn ask_to_detach(
    context: &mut Context<'_>,
    mirror: CopyId,
    reason: DetachReason,
) -> Result<Decision, Refused> {
    let waits = context.mirror()?.asked.is_some();
    context.object_if(waits, Refusal::AlreadyExists, "mirror");
    context.settle()?;
    let organisation = context.by.organisation.ok_or(Refusal::NotAllowed)?;
    let asked = MirrorDetachAsked {
        mirror,
        reason,
        organisation,
    };
    let event = context.event(StreamId::Ledger, asked);
    Ok(Decision::of(vec![event]))
}

/// Ends a mirror's say, which somebody else asked for, or leaves it. Certificates name it.
pub(super) fn detach(
    context: &mut Context<'_>,
    mirror: CopyId,
    confirm: bool,
) -> Result<Decision, Refused> {
    let asked = context.mirror()?.asked;
    let reason = asked.map(|asked| asked.reason);
    let reason = reason.ok_or_else(|| Refused::about(Refusal::NotFound, "mirror"))?;
    context.settle()?;
    let event = if confirm {
        context.event(StreamId::Ledger, MirrorDetached { mirror, reason })
    } else {
        context.event(StreamId::Ledger, MirrorDetachRejected { mirror })
    };
    Ok(Decision::of(vec![event]))
}

/// Sending goes on: what was withdrawn since the copy was made was entered again.
pub(super) fn confirm_withdrawals(context: &mut Context<'_>) -> Result<Decision, Refused> {
    if !context.is_restored() {
        context.object(Refusal::NothingToDo);
    }
    context.settle()?;
    let event = context.event(StreamId::Ledger, WithdrawalsConfirmed {});
    Ok(Decision::of(vec![event]))
}

/// Records who wants it. The round itself is work on files, and decides nothing.
pub(super) fn ask_for_cutting(
    context: &mut Context<'_>,
    after_days: u32,
) -> Result<Decision, Refused> {
    context.settle()?;
    let event = context.event(StreamId::Ledger, CuttingAsked { after_days });
    Ok(Decision::of(vec![event]))
}
