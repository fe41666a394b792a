//! Linking the files of a family (MISSION C14): nothing is shared unless both sides agreed.
//!
//! - Each adult agrees for themselves; of a child whoever decides for it, and the child where it is
//!   old enough to be asked. Whoever links the file of a child alone is child protection.
//! - Ending needs nobody's consent, and destroys the link's record.

use super::age::Asked;
use super::context::Context;
use super::{Close, Decision};
use crate::domain::case::Case;
use crate::domain::codes::{Capacity, Company, PersonRole};
use crate::domain::event::FilesLinked;
use crate::domain::ids::LinkId;
use crate::domain::link::{Link, LinkAgreed, Linking};
use crate::domain::stream::StreamId;
use crate::refusal::{Refusal, Refused};

/// Links two files.
pub(super) fn link(context: &mut Context<'_>, it: &Linking) -> Result<Decision, Refused> {
    let (one, other) = (context.case()?, context.other_case()?);
    for (case, agreed, side) in [
        (&one, &it.agreed, "case"),
        (&other, &it.other_agreed, "other_case"),
    ] {
        if case.record_ground(case.client, context.now).is_none() {
            let refusal = super::cover::no_record(case, case.client);
            context.object(Refused::about(refusal, side));
        }
        let restricted = case.restriction_on(case.client).is_some();
        context.object_if(restricted, Refusal::ProcessingRestricted, side);
        check_agreement(context, case, agreed, side);
    }
    // Two files that are said to be one person's are not two people of a family.
    let merging = one.merge.zip(other.merge);
    let one_person = merging.is_some_and(|(one, other)| one.id == other.id);
    context.object_if(one_person, Refusal::AlreadyExists, "merge");
    context.settle()?;
    let link = LinkId::fresh(context.entropy);
    let linked = FilesLinked {
        link,
        one: one.id,
        one_client: one.client,
        other: other.id,
        other_client: other.client,
        organisation: one.organisation,
        relationship: it.relationship,
        one_agreed: it.agreed,
        other_agreed: it.other_agreed,
    };
    let event = context.event(StreamId::Link(link), linked);
    Ok(Decision::of(vec![event]))
}

/// Ends a link.
pub(super) fn end(context: &mut Context<'_>) -> Result<Decision, Refused> {
    let link = context.link()?;
    context.settle()?;
    Ok(ended(&link))
}

/// Ends a link that one of its files carries no more, or that somebody agreed to for a child who is
/// of age by now and can agree anew (the ledger itself does).
pub(super) fn lapse(context: &mut Context<'_>) -> Result<Decision, Refused> {
    let link = context.link()?;
    let carries = |case: Result<std::sync::Arc<Case>, Refused>| {
        case.is_ok_and(|case| case.record_ground(case.client, context.now).is_some())
    };
    let now = context.now;
    let agreed = |case: Result<std::sync::Arc<Case>, Refused>, for_another: bool| {
        !for_another || case.is_ok_and(|case| case.is_minor(now))
    };
    let of_children = link.agreed_for;
    let stands =
        agreed(context.case(), of_children.0) && agreed(context.other_case(), of_children.1);
    if stands && carries(context.case()) && carries(context.other_case()) {
        context.object(Refusal::NotDue);
    }
    context.settle()?;
    Ok(ended(&link))
}

fn ended(link: &Link) -> Decision {
    let mut decision = Decision::of(Vec::new());
    decision.close = Some(Close {
        stream: StreamId::Link(link.id),
        organisation: link.organisation,
        rule: (LINK_ENDED.to_owned(), 0),
    });
    decision
}

/// Stands where the rule does by which a record ends.
const LINK_ENDED: &str = "link_ended";

/// Objects to a link that whoever may say so did not agree to.
fn check_agreement(context: &mut Context<'_>, case: &Case, agreed: &LinkAgreed, side: &str) {
    let now = context.now;
    let about = |refusal| Refused::about(refusal, side);
    if !case.is_minor(now) {
        let own = agreed.capacity == Capacity::Own && agreed.given_by == Some(case.client);
        if !own {
            context.object(about(Refusal::SubstitutionNotAllowed));
        }
        return;
    }
    let alone = matches!(case.company, Company::Separated | Company::Unaccompanied);
    let decided = agreed.capacity == Capacity::BestInterests;
    if (alone || decided) && !context.protects_children() {
        context.object(about(Refusal::ChildProtectionDecides));
    }
    let asked = Asked::of(case, now, &context.rules.organisation);
    if asked.child && !agreed.child_agrees && !decided {
        context.object(about(Refusal::ChildConsentMissing));
    }
    let role = match agreed.capacity {
        Capacity::Caregiver => PersonRole::Caregiver,
        Capacity::Guardian => PersonRole::Guardian,
        Capacity::Own | Capacity::Assent => {
            return context.object(about(Refusal::CaregiverConsentMissing));
        }
        Capacity::BestInterests => {
            if agreed.given_by.is_some() {
                context.object(about(Refusal::CapacityInvalid));
            }
            return;
        }
    };
    let giver = agreed.given_by.and_then(|id| case.persons.get(&id));
    match giver.filter(|giver| giver.role == role) {
        Some(giver) if giver.relationship_checked => {}
        Some(_) => context.object(about(Refusal::RelationshipNotChecked)),
        None => context.object(about(Refusal::CapacityInvalid)),
    }
}
