//! Asking recipients to stop using data, to return or to destroy them, telling them that data were
//! put right or are restricted, and what they answer (MISSION B6, E5).

use super::context::{Context, referral_of};
use super::{Decision, NewEvent, tracking};
use crate::domain::case::{Case, Notice, Referral};
use crate::domain::codes::{NoticeAbout, NoticeState};
use crate::domain::command::Noticing;
use crate::domain::event::{Event, Given, NoticeRecorded, RecipientNotified};
use crate::domain::stream::StreamId;
use crate::refusal::{Refusal, Refused};

/// Records where it stands.
pub(super) fn record(context: &mut Context<'_>, it: &Noticing) -> Result<Decision, Refused> {
    let case = context.case()?;
    let before = match it.about {
        NoticeAbout::Erasure => case.notices.get(&it.given),
        NoticeAbout::Correction | NoticeAbout::Restriction | NoticeAbout::Lifting => {
            case.informed.get(&(it.about, it.given))
        }
    };
    let before = before.copied();
    if let Given::Referral(id) = it.given {
        let referral = referral_of(&case, id)?;
        let unsent = referral.sent.is_none();
        context.object_if(unsent, Refusal::ReferralState, referral.state.code());
        if !unsent && it.about == NoticeAbout::Erasure {
            needs_closed(context, &case, referral);
        }
    }
    needs_reason(context, it.about, before);
    // Whether somebody means to ask is no business of who was not asked yet.
    let asked = before.is_some_and(Notice::was_asked);
    if context.by.organisation != Some(case.organisation) && !asked {
        context.object(Refusal::NotDue);
    }
    let notice = Notice {
        state: it.state,
        outcome: it.outcome,
    };
    let asked_again = it.state == NoticeState::Sent;
    if before == Some(notice) && !asked_again {
        context.object(Refusal::NothingToDo);
    } else if !notice.may_follow(before) {
        let state = before.map_or("none", |before| before.state.code());
        context.object_if(true, Refusal::NoticeState, state);
    }
    context.settle()?;
    let recorded: Event = match it.about {
        NoticeAbout::Erasure => NoticeRecorded {
            given: it.given,
            state: it.state,
            outcome: it.outcome,
            channel: it.channel,
        }
        .into(),
        NoticeAbout::Correction | NoticeAbout::Restriction | NoticeAbout::Lifting => {
            RecipientNotified {
                about: it.about,
                given: it.given,
                state: it.state,
                outcome: it.outcome,
                channel: Some(it.channel),
            }
            .into()
        }
    };
    let event = context.event(StreamId::Case(case.id), recorded);
    Ok(Decision::of(vec![event]))
}

/// Plans to tell those who hold data what became of them here: an event for each.
pub(super) fn plan(
    context: &Context<'_>,
    case: &Case,
    about: NoticeAbout,
    holders: Vec<Given>,
) -> Vec<NewEvent> {
    let planned = |given| RecipientNotified {
        about,
        given,
        state: NoticeState::Planned,
        outcome: None,
        channel: None,
    };
    let events = holders.into_iter().map(planned);
    let stream = StreamId::Case(case.id);
    events.map(|event| context.event(stream, event)).collect()
}

/// A recipient that may still have what it was sent is not asked: a referral is recalled, or its
/// ground ends, first. What was told outside can be asked back at any time.
fn needs_closed(context: &mut Context<'_>, case: &Case, referral: &Referral) {
    let at = (context.now, &*context.rules.organisation);
    if tracking::closed_to_recipient(case, referral, at).is_empty() {
        context.object(Refusal::NotDue);
    }
}

/// Nobody is told of a restriction, or its end, that there was none of. What was put right on paper
/// can be told at any time.
fn needs_reason(context: &mut Context<'_>, about: NoticeAbout, before: Option<Notice>) {
    let planned_here = match about {
        NoticeAbout::Restriction | NoticeAbout::Lifting => true,
        NoticeAbout::Erasure | NoticeAbout::Correction => false,
    };
    if planned_here && before.is_none() {
        context.object(Refusal::NotDue);
    }
}
