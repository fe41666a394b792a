//! Asking recipients to stop using data, to return or to destroy them, and what they answer
//! (MISSION B6, E5).

use super::context::{Context, referral_of};
use super::{Decision, tracking};
use crate::domain::case::Notice;
use crate::domain::codes::{Channel, NoticeState};
use crate::domain::event::{Given, NoticeRecorded};
use crate::domain::stream::StreamId;
use crate::refusal::{Refusal, Refused};

/// Records where it stands. A recipient that may still have what it was sent is not asked: a
/// referral is recalled, or its ground ends, first. What was told outside can be asked back at any
/// time.
pub(super) fn record(
    context: &mut Context<'_>,
    given: Given,
    notice: Notice,
    channel: Channel,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    let before = case.notices.get(&given).copied();
    if let Given::Referral(id) = given {
        let referral = referral_of(&case, id)?;
        let unsent = referral.sent.is_none();
        context.object_if(unsent, Refusal::ReferralState, referral.state.code());
        let at = (context.now, &*context.rules.organisation);
        let open = tracking::closed_to_recipient(&case, referral, at).is_empty();
        if open && !unsent {
            context.object(Refusal::NotDue);
        }
    }
    let asked_again = notice.state == NoticeState::Sent;
    if before == Some(notice) && !asked_again {
        context.object(Refusal::NothingToDo);
    } else if !notice.may_follow(before) {
        let state = before.map_or("none", |before| before.state.code());
        context.object_if(true, Refusal::NoticeState, state);
    }
    context.settle()?;
    let recorded = NoticeRecorded {
        given,
        state: notice.state,
        outcome: notice.outcome,
        channel,
    };
    let event = context.event(StreamId::Case(case.id), recorded);
    Ok(Decision::of(vec![event]))
}
