//! Taking a referral back: the sender recalls it, the person cancels it (MISSION C1).
//!
//! - What was not sent is recalled at once. What was sent is asked back, and the recipient says
//!   what became of it; from the asking on it opens nothing of it any more.
//! - A person cancels at any step, and nobody is asked for a reason. What rests on an exception
//!   never rested on their wish: a focal point recalls it, and says why.

use super::age::Asked;
use super::context::{Context, referral_of};
use super::cover::{self, Disclosure};
use super::{Decision, journey};
use crate::domain::case::{Case, Referral};
use crate::domain::codes::{PersonRole, RecallAnswer, ReferralReason, ReferralState};
use crate::domain::command::Action;
use crate::domain::event::{RecallAnswered, RecallAsked, ReferralCancelled, ReferralRecalled};
use crate::domain::ids::{ExceptionId, GroundId, ReferralId};
use crate::domain::referral::Cancelling;
use crate::domain::stream::StreamId;
use crate::refusal::{Refusal, Refused};

/// The sender takes it back, or asks for it back once it was sent.
pub(super) fn ask(
    context: &mut Context<'_>,
    id: ReferralId,
    reason: ReferralReason,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    let referral = referral_of(&case, id)?;
    let leads_to = |to| journey::leads(Action::RecallReferral, referral.state, to);
    if !leads_to(ReferralState::RecallAsked) {
        let recalled = ReferralRecalled {
            referral: id,
            reason,
        };
        return journey::step(context, Action::RecallReferral, id, recalled);
    }
    let due = context
        .rules
        .organisation
        .due(referral.urgency, context.now);
    let asked = RecallAsked {
        referral: id,
        reason,
        answer_by: due.acknowledge_by,
    };
    journey::step(context, Action::RecallReferral, id, asked)
}

/// The recipient says what became of what was asked back.
pub(super) fn answer(
    context: &mut Context<'_>,
    id: ReferralId,
    answer: RecallAnswer,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    // What it opened here, it read.
    let opened = referral_of(&case, id)?.opened && answer == RecallAnswer::NotRead;
    context.object_if(opened, Refusal::ReferralState, "opened");
    let answered = RecallAnswered {
        referral: id,
        answer,
    };
    journey::step(context, Action::AnswerRecall, id, answered)
}

/// The person does not want it any more. What a caregiver asks about a child goes first to the
/// child-protection focal point (MISSION B8); nobody speaks for an adult (B4).
pub(super) fn cancel(context: &mut Context<'_>, asked: &Cancelling) -> Result<Decision, Refused> {
    let case = context.case()?;
    let referral = referral_of(&case, asked.referral)?;
    let by = asked.asked_by.unwrap_or(case.client);
    if by != case.client {
        let role = case.persons.get(&by).map(|person| person.role);
        let speaks = matches!(role, Some(PersonRole::Caregiver | PersonRole::Guardian));
        if !case.is_minor(context.now) {
            context.object(Refusal::SubstitutionNotAllowed);
        } else if !speaks {
            context.object(Refusal::CapacityInvalid);
        } else if !context.protects_children() {
            context.object(Refusal::ChildProtectionDecides);
        }
    }
    journey::check_state(context, Action::CancelReferral, referral.state);
    let excepted = rests_on_exception(context, &case, referral);
    context.object_if(excepted, Refusal::ReferralState, "exception");
    context.settle()?;
    let cancelled = ReferralCancelled {
        referral: asked.referral,
        asked_by: by,
        recipient_asked: referral.sent.is_some(),
    };
    let event = context.event(StreamId::Case(case.id), cancelled);
    Ok(Decision::of(vec![event]))
}

/// Whether nothing but an exception covers that it goes to its recipient: what covered it when it
/// was sent; before that, what it says rests on one, and no consent covers it.
fn rests_on_exception(context: &Context<'_>, case: &Case, referral: &Referral) -> bool {
    let excepted = |ground: &GroundId| case.exceptions.contains_key(&ExceptionId(ground.0));
    if referral.sent.is_some() {
        // The ground of the content is among the others only if it covers, too.
        let others = || {
            referral
                .grounds
                .iter()
                .filter(|it| **it != referral.content)
        };
        let content_alone = others().next().is_none() && excepted(&referral.content);
        return content_alone || others().any(excepted);
    }
    let disclosure = Disclosure {
        recipient: referral.recipient,
        class: None,
        categories: &referral.categories,
        asked: Asked::of(case, context.now, &context.rules.organisation),
    };
    let covering = cover::cover(case, &disclosure, None, context.now);
    let by_consent = covering.is_ok_and(|basis| !basis.iter().any(excepted));
    excepted(&referral.content) && !by_consent
}
