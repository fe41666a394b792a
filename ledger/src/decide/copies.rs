//! Copies of the journal: which mirror has a say.

use super::Decision;
use super::context::Context;
use crate::domain::codes::DetachReason;
use crate::domain::event::MirrorDetached;
use crate::domain::ids::CopyId;
use crate::domain::stream::StreamId;
use crate::refusal::Refused;

/// Ends a mirror's say, whatever it still holds. Certificates name it from then on.
pub(super) fn detach(
    context: &mut Context<'_>,
    mirror: CopyId,
    reason: DetachReason,
) -> Result<Decision, Refused> {
    context.settle()?;
    let event = context.event(StreamId::Ledger, MirrorDetached { mirror, reason });
    Ok(Decision::of(vec![event]))
}
