//! Asking a service first, without a word about the person, and what is arranged so that somebody
//! gets there (MISSION C11).

use super::context::{Context, referral_of};
use super::{Decision, journey};
use crate::domain::codes::{ArrangementState, InquiryAnswer, RecipientClass};
use crate::domain::command::{AnsweringInquiry, Arranging, AskingService};
use crate::domain::event::{ArrangementRecorded, ServiceAnswered, ServiceAsked};
use crate::domain::ids::InquiryId;
use crate::domain::stream::StreamId;
use crate::refusal::{Refusal, Refused};

/// Asks a service about a group; one question at a time of each kind.
pub(super) fn ask(context: &mut Context<'_>, it: AskingService) -> Result<Decision, Refused> {
    let service = context.service()?;
    let organisation = context.by.organisation.ok_or(Refusal::NotAllowed)?;
    let mut open = service.inquiries.values();
    let same = open.any(|one| {
        one.organisation == organisation && one.answered.is_none() && one.asked == it.asked
    });
    context.object_if(same, Refusal::AlreadyExists, "inquiry");
    if service.retired {
        context.object(Refusal::ServiceRetired);
    }
    // Nothing could follow from it (MISSION B9).
    let class = service.entry.class;
    let barred = class == RecipientClass::StateOfOrigin;
    context.object_if(barred, Refusal::RecipientNotCovered, class.code());
    context.settle()?;
    let asked = ServiceAsked {
        inquiry: InquiryId::fresh(context.entropy),
        organisation,
        asked: it.asked,
        channel: it.channel,
    };
    let event = context.event(StreamId::Service(service.id), asked);
    Ok(Decision::of(vec![event]))
}

/// Answers, once; what is so later is asked anew. That nothing came back only who asked can say.
pub(super) fn answer(
    context: &mut Context<'_>,
    it: &AnsweringInquiry,
) -> Result<Decision, Refused> {
    let service = context.service()?;
    let inquiry = service.inquiries.get(&it.inquiry);
    let inquiry = inquiry.ok_or_else(|| Refused::about(Refusal::NotFound, "inquiry"))?;
    context.object_if(inquiry.answered.is_some(), Refusal::AlreadyExists, "answer");
    let asked = context.by.organisation == Some(inquiry.organisation);
    if it.answer == Some(InquiryAnswer::NoAnswer) && !asked {
        context.object(Refusal::NotAllowed);
    }
    context.settle()?;
    let answered = ServiceAnswered {
        inquiry: it.inquiry,
        answer: it.answer,
        wait_days: it.wait_days,
        fee: it.fee,
        channel: it.channel,
    };
    let event = context.event(StreamId::Service(service.id), answered);
    Ok(Decision::of(vec![event]))
}

/// Records where accompaniment, transport or an interpreter stands.
pub(super) fn arrange(context: &mut Context<'_>, it: &Arranging) -> Result<Decision, Refused> {
    let case = context.case()?;
    let referral = referral_of(&case, it.referral)?;
    let under_way = journey::is_under_way(referral.state);
    context.object_if(!under_way, Refusal::ReferralState, referral.state.code());
    let from = referral.arrangements.get(&it.kind).copied();
    let legal = STEPS.contains(&(from, it.state));
    let stands = from.map_or("none", ArrangementState::code);
    context.object_if(!legal, Refusal::ArrangementState, stands);
    context.settle()?;
    let recorded = ArrangementRecorded {
        referral: it.referral,
        kind: it.kind,
        state: it.state,
    };
    let event = context.event(StreamId::Case(case.id), recorded);
    Ok(Decision::of(vec![event]))
}

/// Every legal step of an arrangement. Nobody arranges what was not wanted; a mind may be changed
/// until it took place, and whenever it is to take place again or could not.
pub(super) const STEPS: &[(Option<ArrangementState>, ArrangementState)] = {
    use ArrangementState::*;
    &[
        (None, Offered),
        (Some(Offered), Wanted),
        (Some(Offered), NotWanted),
        (Some(Wanted), NotWanted),
        (Some(Wanted), Arranged),
        (Some(Wanted), NotPossible),
        (Some(Arranged), NotWanted),
        (Some(Arranged), NotPossible),
        (Some(Arranged), Done),
        // For a second appointment.
        (Some(Done), Arranged),
        (Some(NotWanted), Wanted),
        (Some(NotPossible), Arranged),
        (Some(NotPossible), NotWanted),
    ]
};
