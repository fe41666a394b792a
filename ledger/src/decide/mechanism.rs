//! The referral mechanism: members, agreements, pathways, and what an agreement that lapsed stops
//! (MISSION D4, D5, D7).

use super::Decision;
use super::context::Context;
use crate::clock::Day;
use crate::domain::case::{Case, Referral};
use crate::domain::codes::Urgency;
use crate::domain::directory::Service;
use crate::domain::event::{
    AgreementRecorded, MemberRecorded, PathwayRecorded, PathwayRetired, PublicText,
};
use crate::domain::mechanism::{
    Agreed, Agreement, PathwayPlan, RecordingAgreement, RecordingMember, Sharing, WritingPathway,
};
use crate::domain::stream::StreamId;
use crate::limits::{AGREEMENTS_MAX, PATHWAY_HOURS_MAX};
use crate::refusal::{Refusal, Refused};

/// Records what an organisation is in the mechanism.
pub(super) fn member(context: &mut Context<'_>, it: RecordingMember) -> Result<Decision, Refused> {
    let membership = it.membership;
    let today = context.now.day();
    let backwards = membership.until.is_some_and(|last| last < membership.since);
    context.object_if(backwards, Refusal::TimeInvalid, "until");
    let signed_later = membership.conduct_signed.is_some_and(|day| day > today);
    context.object_if(signed_later, Refusal::TimeInvalid, "conduct_signed");
    context.object_if(membership.roles.is_empty(), Refusal::ItemsInvalid, "roles");
    if context
        .known_member()
        .is_some_and(|known| known.membership == membership)
    {
        context.object(Refusal::NothingToDo);
    }
    context.settle()?;
    let event = context.event(StreamId::Member(it.member), MemberRecorded { membership });
    Ok(Decision::of(vec![event]))
}

/// Records what was agreed with a member.
pub(super) fn agreement(
    context: &mut Context<'_>,
    it: RecordingAgreement,
) -> Result<Decision, Refused> {
    let member = context.member()?;
    let RecordingAgreement {
        agreement, terms, ..
    } = it;
    let backwards = terms.ends.is_some_and(|last| last < terms.starts);
    context.object_if(backwards, Refusal::TimeInvalid, "ends");
    // What others agreed on lifts, or stops, what they may send.
    let own = context.by.organisation;
    let is_own =
        |terms: &Agreement| own.is_some_and(|own| own == member.id || terms.parties.contains(&own));
    let known = member.agreements.get(&agreement);
    if !is_own(&terms) || !known.is_none_or(is_own) {
        context.object(Refused::about(Refusal::NotAllowed, "party"));
    }
    // With itself alone nobody agrees on anything.
    let others = terms.parties.iter().any(|party| *party != member.id);
    context.object_if(!others, Refusal::ItemsInvalid, "parties");
    let beyond = known.is_none() && member.agreements.len() >= AGREEMENTS_MAX;
    context.object_if(beyond, Refusal::ItemsInvalid, "agreements");
    if known == Some(&terms) {
        context.object(Refusal::NothingToDo);
    }
    context.settle()?;
    let recorded = AgreementRecorded { agreement, terms };
    let event = context.event(StreamId::Member(member.id), recorded);
    Ok(Decision::of(vec![event]))
}

/// Writes a pathway: each of its languages has words for each of its steps.
pub(super) fn pathway(context: &mut Context<'_>, it: WritingPathway) -> Result<Decision, Refused> {
    let WritingPathway { pathway, plan } = it;
    check_plan(context, &plan);
    let nowhere = context.leads_nowhere();
    context.object_if(nowhere, Refusal::NotFound, "service_ids");
    let known = context.known_pathway();
    if known.is_some_and(|known| known.plan == plan && !known.retired) {
        context.object(Refusal::NothingToDo);
    }
    context.settle()?;
    let event = context.event(StreamId::Pathway(pathway), PathwayRecorded { plan });
    Ok(Decision::of(vec![event]))
}

/// Ends a pathway; written again it begins anew.
pub(super) fn retire_pathway(context: &mut Context<'_>) -> Result<Decision, Refused> {
    let pathway = context.pathway()?;
    if pathway.retired {
        context.object(Refusal::NothingToDo);
    }
    context.settle()?;
    let event = context.event(StreamId::Pathway(pathway.id), PathwayRetired {});
    Ok(Decision::of(vec![event]))
}

/// Objects to sending to another organisation without an agreement to share data that covers it,
/// where the organisation's file wants one. An emergency does not wait for a paper, and whoever
/// sends on an exception does not ask.
pub(super) fn check_agreement(
    context: &mut Context<'_>,
    case: &Case,
    service: &Service,
    referral: &Referral,
) {
    let internal = service.entry.organisation == case.organisation;
    let wanted = context.rules.organisation.services.agreement_required;
    if internal || !wanted || referral.urgency == Urgency::Emergency {
        return;
    }
    let sharing = Sharing {
        sender: case.organisation,
        service: service.id,
        categories: &referral.categories,
    };
    let today = context.now.day();
    let agreed = match context.known_member() {
        Some(member) => member.agreed(sharing, today),
        None => Agreed::Never,
    };
    match agreed {
        Agreed::Covered => {}
        Agreed::Lapsed(last) => {
            context.object(Refused::about(Refusal::AgreementMissing, written(last)));
        }
        Agreed::Never => context.object(Refusal::AgreementMissing),
    }
}

fn check_plan(context: &mut Context<'_>, plan: &PathwayPlan) {
    let count = plan.steps.len();
    context.object_if(count == 0, Refusal::ItemsInvalid, "steps");
    let mut languages: Vec<&PublicText> = Vec::new();
    for text in &plan.texts {
        let twice = languages.contains(&&text.language);
        languages.push(&text.language);
        let uneven = text.steps.len() != count;
        context.object_if(twice || uneven, Refusal::ItemsInvalid, "texts");
    }
    context.object_if(languages.is_empty(), Refusal::ItemsInvalid, "texts");
    let mut hours = plan.steps.iter().filter_map(|step| step.within_hours);
    let endless = hours.any(|hours| hours == 0 || hours > PATHWAY_HOURS_MAX);
    context.object_if(endless, Refusal::TimeInvalid, "within_hours");
}

fn written(day: Day) -> String {
    let text = day.start().to_rfc3339();
    text.split('T').next().unwrap_or_default().to_owned()
}
