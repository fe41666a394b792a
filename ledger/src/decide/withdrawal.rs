//! Withdrawal, undoing it, expiry, and what is due for destruction (MISSION B6, B8).
//!
//! - Withdrawing fences with the same event; nothing is read or sent on that ground any more. A
//!   part of a consent takes what was written in its categories with it, and nothing else.
//! - Nobody alone has many people's data destroyed at once; after the period, if there is one,
//!   always.
//! - Taking back the consent to be recorded takes back everything of that person.

use std::collections::BTreeSet;

use super::Decision;
use super::context::Context;
use super::ending::{Ending, chosen, split, unrecorded};
use crate::clock::Timestamp;
use crate::domain::case::{Case, Consent, Standing};
use crate::domain::codes::Capacity;
use crate::domain::command::ShredWish;
use crate::domain::event::WithdrawalUndone;
use crate::domain::ids::{ConsentId, GroundId, LeafKeyId, PersonId, RotationId};
use crate::domain::scope::Scope;
use crate::domain::stream::StreamId;
use crate::refusal::{Refusal, Refused};

/// Withdraws a consent or all of a person's, whole or in part.
pub(super) fn withdraw(
    context: &mut Context<'_>,
    person: Option<PersonId>,
    consent: Option<ConsentId>,
    part: Option<Scope>,
    shred: ShredWish,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    let person = person.unwrap_or(case.client);
    let hasten = (shred == ShredWish::AtOnce).then_some(context.now);
    let mut chosen = chosen(&case, person, consent, part.as_ref(), hasten);
    if chosen.is_empty() {
        let refusal = match consent {
            Some(_) if part.is_none() => Refusal::ConsentNotInForce,
            Some(_) | None => Refusal::NothingToDo,
        };
        return Err(context.refuse(refusal));
    }
    let about_a_child = |id: &ConsentId| {
        let consent = case.consents.get(id);
        consent.is_some_and(|one| !matches!(one.capacity, Capacity::Own | Capacity::Assent))
    };
    let minor = case.is_minor(context.now);
    // What a child takes back goes at once (B6). What others agreed to for them and has run out
    // carries nothing until it is renewed, and that is looked at then.
    if minor && part.is_some() && consent.is_none() && !context.protects_children() {
        let runs = |id: &ConsentId| {
            let consent = case.consents.get(id);
            consent.is_some_and(|one| one.standing == Standing::InForce)
        };
        let counts = |id: &ConsentId| runs(id) || !about_a_child(id);
        if chosen.iter().any(counts) {
            chosen.retain(counts);
        }
    }
    let (whole, partial) = split(&case, &chosen, part.as_ref());
    let own_record = unrecorded(&case, &whole).contains(&case.client);
    // What a caregiver asks about a child goes first to the child-protection focal point (B8). With
    // the child's own record everything goes, and no caregiver's consent is left to decide about.
    // Who has come of age decides alone, also about what was agreed to for them.
    let mut touched = whole.iter().chain(partial.iter().map(|(id, _)| id));
    let child = !own_record && minor;
    if child && touched.any(about_a_child) && !context.protects_children() {
        context.object(Refusal::ChildProtectionDecides);
    }
    let organisation = &context.rules.organisation;
    let at_once = organisation.destroys_at_once(shred);
    if at_once && context.destroyed_today() >= organisation.at_once_per_day {
        context.object(Refusal::DestructionLimit);
    }
    context.settle()?;
    let shred_due = match shred {
        ShredWish::AtOnce => context.now,
        ShredWish::AfterPeriod => organisation.withdrawn_kept_until(context.now),
    };
    let mut ending = Ending::of(&case);
    for (consent, part) in partial {
        ending.narrow(context, consent, part, shred_due);
    }
    for consent in whole {
        ending.withdraw(context, consent, shred_due);
    }
    if shred_due <= context.now {
        ending.shred_at_once();
    }
    Ok(ending.stop_what_rested_on_it(context))
}

/// Takes a withdrawal back, until destruction has begun: a whole one first, then the categories
/// that are still leaving.
pub(super) fn undo(context: &mut Context<'_>, id: ConsentId) -> Result<Decision, Refused> {
    let case = context.case()?;
    let consent = consent_of(&case, id)?;
    let leaves: Vec<LeafKeyId> = match consent.standing {
        Standing::Withdrawn { .. } | Standing::Expired { .. } | Standing::Shredded => {
            kept_by(&case, id, consent).collect()
        }
        Standing::InForce => {
            let leaving = consent.leaving.keys().copied().collect();
            case.leaves_of_categories(id.into(), &leaving).collect()
        }
    };
    let dead = context.dead();
    let begun = |leaf: &LeafKeyId| case.begun.contains(leaf) || dead.contains(leaf);
    let gone = consent.standing == Standing::Shredded || case.is_deleted(consent, &leaves);
    if leaves.iter().any(begun) || gone {
        return Err(context.refuse(Refusal::ShreddingStarted));
    }
    match consent.standing {
        // What a retention rule ended is given back by nobody, whatever else was taken back since.
        Standing::Withdrawn { .. } | Standing::InForce if consent.is_retired() => {
            context.object(Refusal::ConsentNotInForce);
        }
        Standing::Withdrawn { .. } => {}
        Standing::InForce if !consent.leaving.is_empty() => {}
        Standing::InForce if case.destruction_began(id.into()) => {
            context.object(Refusal::ShreddingStarted);
        }
        Standing::InForce => context.object(Refusal::NothingToDo),
        Standing::Expired { .. } | Standing::Shredded => context.object(Refusal::ConsentNotInForce),
    }
    if consent
        .expires
        .is_some_and(|expires| expires <= context.now)
    {
        context.object(Refusal::ConsentNotInForce);
    }
    let own = matches!(consent.capacity, Capacity::Own | Capacity::Assent);
    if !own && !context.protects_children() {
        context.object(Refusal::ChildProtectionDecides);
    }
    context.settle()?;
    let undone = WithdrawalUndone { consent: id };
    let event = context.event(StreamId::Case(case.id), undone);
    let mut decision = Decision::of(vec![event]);
    decision.unfence = leaves;
    // What goes on leaving by itself does so in its own time, whatever hastened the whole.
    let later = consent
        .leaving
        .iter()
        .filter(|(_, due)| **due > context.now);
    let later = later.map(|(category, _)| *category).collect();
    let later = case.leaves_of_categories(id.into(), &later);
    decision.spare = later.filter(|leaf| !begun(leaf)).collect();
    Ok(decision)
}

/// Fences a consent whose time is up. What it held is destroyed when its retention ends.
pub(super) fn expire(context: &mut Context<'_>, id: ConsentId) -> Result<Decision, Refused> {
    let case = context.case()?;
    let consent = consent_of(&case, id)?;
    if consent.standing != Standing::InForce {
        context.object(Refusal::NothingToDo);
    }
    if consent.expires.is_none_or(|expires| context.now < expires) {
        context.object(Refusal::NotDue);
    }
    context.settle()?;
    let mut ending = Ending::of(&case);
    let shred_due = context.rules.organisation.expired_kept_until(context.now);
    ending.expire(context, id, shred_due);
    if shred_due <= context.now {
        ending.shred_at_once();
    }
    Ok(ending.stop_what_rested_on_it(context))
}

/// Names the leaves whose time has come and that are not dead, also those whose destruction was
/// begun before and never came to its end. The eraser adds the events, with its rotation.
pub(super) fn shred_due(context: &mut Context<'_>) -> Result<Decision, Refused> {
    let case = context.case()?;
    let shred: Vec<_> = due_leaves(&case, context.now)
        .into_iter()
        .filter(|leaf| !case.shredded.contains(leaf))
        .map(|leaf| (StreamId::Case(case.id), leaf))
        .collect();
    if shred.is_empty() {
        return Err(context.refuse(Refusal::NotDue));
    }
    context.settle()?;
    let mut decision = Decision::of(Vec::new());
    decision.shred = shred;
    Ok(decision)
}

/// Has the certificate of an erasure issued again. Never one of an erasure that is under way.
pub(super) fn certify(
    context: &mut Context<'_>,
    rotation: RotationId,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    if case.erasures.get(&rotation) != Some(&true) {
        return Err(context.refuse(Refusal::NotDue));
    }
    context.settle()?;
    let mut decision = Decision::of(Vec::new());
    decision.certify = vec![(StreamId::Case(case.id), rotation)];
    Ok(decision)
}

pub(super) fn consent_of(case: &Case, id: ConsentId) -> Result<&Consent, Refused> {
    let consent = case.consents.get(&id);
    consent.ok_or_else(|| Refused::about(Refusal::NotFound, "consent"))
}

/// Leaves of a consent but those of categories that were taken out of it before.
pub(super) fn kept_by<'a>(
    case: &'a Case,
    id: ConsentId,
    consent: &'a Consent,
) -> impl Iterator<Item = LeafKeyId> + 'a {
    let ground = GroundId::from(id);
    let kept = |category| consent.scope.holds(category);
    let leaves = case
        .leaves
        .iter()
        .filter(move |(of, _)| of.ground == ground);
    let leaves = leaves.filter(move |(of, _)| of.category.is_none_or(kept));
    leaves.map(|(_, key)| *key)
}

/// Leaves whose time has come: of whole grounds, and of categories taken out of a consent. What
/// ended by itself waits for a legal hold; what a person takes back does not.
fn due_leaves(case: &Case, now: Timestamp) -> BTreeSet<LeafKeyId> {
    let held = |person| case.holds_on(person, now).next().is_some();
    let is_due = |standing: Standing, person| match standing {
        Standing::Withdrawn { shred_due } => shred_due <= now,
        Standing::Expired { shred_due } => shred_due <= now && !held(person),
        Standing::InForce | Standing::Shredded => false,
    };
    let mut leaves = BTreeSet::new();
    for (id, consent) in &case.consents {
        if is_due(consent.standing, consent.person) {
            leaves.extend(case.leaves_of((*id).into()));
        }
        let leaving = consent.leaving.iter().filter(|(_, due)| **due <= now);
        let leaving = leaving.map(|(category, _)| *category).collect();
        leaves.extend(case.leaves_of_categories((*id).into(), &leaving));
    }
    for (id, exception) in &case.exceptions {
        if is_due(exception.standing, exception.person) {
            leaves.extend(case.leaves_of((*id).into()));
        }
    }
    leaves
}
