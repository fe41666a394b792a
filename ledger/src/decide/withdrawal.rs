//! Withdrawal, undoing it, expiry, and what is due for destruction (MISSION B6, B8).
//!
//! - Withdrawing fences with the same event; nothing is read or sent on that ground any more.
//! - Taking back the consent to be recorded takes back everything of that person.

use std::collections::BTreeSet;

use super::context::Context;
use super::cover::{self, Disclosure};
use super::journey;
use super::{Decision, NewEvent};
use crate::clock::Timestamp;
use crate::domain::case::{Case, Consent, Standing};
use crate::domain::codes::{Capacity, Purpose};
use crate::domain::command::ShredWish;
use crate::domain::event::{ConsentExpired, ConsentWithdrawn, ReferralStopped, WithdrawalUndone};
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
    let at_once = shred == ShredWish::AtOnce && part.is_none();
    let hasten = at_once.then_some(context.now);
    let chosen = chosen(&case, person, consent, part.as_ref(), hasten);
    if chosen.is_empty() {
        let refusal = match consent {
            Some(_) if part.is_none() => Refusal::ConsentNotInForce,
            Some(_) | None => Refusal::NothingToDo,
        };
        return Err(context.refuse(refusal));
    }
    let (whole, partial) = split(&case, &chosen, part.as_ref());
    let own_record = whole.iter().any(|id| is_own_record(&case, *id));
    let about_a_child = |id: &&ConsentId| {
        let consent = case.consents.get(id);
        consent.is_some_and(|one| !matches!(one.capacity, Capacity::Own | Capacity::Assent))
    };
    // What a caregiver asks about a child goes first to the child-protection focal point (B8). With
    // the child's own record everything goes, and no caregiver's consent is left to decide about.
    let mut touched = whole.iter().chain(partial.iter().map(|(id, _)| id));
    if !own_record && touched.any(|id| about_a_child(&id)) && !context.protects_children() {
        context.object(Refusal::ChildProtectionDecides);
    }
    context.settle()?;
    let shred_due = match shred {
        ShredWish::AtOnce => context.now,
        ShredWish::AfterPeriod => context.now.plus_ms(context.rules.shred_after_ms),
    };
    let mut ending = Ending::of(&case);
    for (consent, part) in partial {
        ending.narrow(context, consent, part);
    }
    for consent in whole {
        ending.withdraw(context, consent, shred_due);
    }
    if shred_due <= context.now {
        let stream = StreamId::Case(case.id);
        let fenced = ending.decision.fence.iter();
        ending.decision.shred = fenced.map(|leaf| (stream, *leaf)).collect();
    }
    Ok(ending.stop_what_rested_on_it(context))
}

/// Takes a withdrawal back, until destruction has begun.
pub(super) fn undo(context: &mut Context<'_>, id: ConsentId) -> Result<Decision, Refused> {
    let case = context.case()?;
    let consent = consent_of(&case, id)?;
    let leaves: Vec<LeafKeyId> = case.leaves_of(id.into()).collect();
    let destroyed = leaves.iter().any(|leaf| case.shredded.contains(leaf));
    if destroyed || consent.standing == Standing::Shredded {
        return Err(context.refuse(Refusal::ShreddingStarted));
    }
    match consent.standing {
        Standing::Withdrawn { .. } => {}
        Standing::InForce => context.object(Refusal::NothingToDo),
        Standing::Expired | Standing::Shredded => context.object(Refusal::ConsentNotInForce),
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
    Ok(decision)
}

/// Fences a consent whose time is up. Destruction follows the retention rule, not this.
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
    ending.expire(context, id);
    Ok(ending.stop_what_rested_on_it(context))
}

/// Names the leaves whose time has come. The eraser adds the events, with its rotation.
pub(super) fn shred_due(context: &mut Context<'_>) -> Result<Decision, Refused> {
    let case = context.case()?;
    let due = case.consents.iter().filter(|(_, consent)| {
        matches!(consent.standing, Standing::Withdrawn { shred_due } if shred_due <= context.now)
    });
    let leaves = due.flat_map(|(id, _)| case.leaves_of((*id).into()));
    let shred: Vec<_> = leaves
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

/// What ends with some grounds: fences, and referrals that lose what they rested on.
pub(super) struct Ending {
    /// The case as it will be.
    after: Case,
    ended: BTreeSet<GroundId>,
    decision: Decision,
}

impl Ending {
    pub(super) fn of(case: &Case) -> Self {
        Self {
            after: case.clone(),
            ended: BTreeSet::new(),
            decision: Decision::of(Vec::new()),
        }
    }

    pub(super) fn push(&mut self, event: NewEvent) {
        self.decision.events.push(event);
    }

    /// Fences everything that hangs on a ground.
    pub(super) fn fence(&mut self, ground: GroundId) {
        let leaves = self.after.leaves_of(ground);
        let living = leaves.filter(|leaf| !self.after.shredded.contains(leaf));
        self.decision.fence.extend(living);
        self.ended.insert(ground);
    }

    fn withdraw(&mut self, context: &Context<'_>, id: ConsentId, shred_due: Timestamp) {
        let withdrawn = ConsentWithdrawn {
            consent: id,
            part: None,
            shred_due: Some(shred_due),
        };
        self.push(context.event(StreamId::Case(self.after.id), withdrawn));
        self.fence(id.into());
        if let Some(consent) = self.after.consents.get_mut(&id) {
            consent.standing = Standing::Withdrawn { shred_due };
        }
    }

    fn narrow(&mut self, context: &Context<'_>, id: ConsentId, part: Scope) {
        if let Some(consent) = self.after.consents.get_mut(&id) {
            consent.scope = consent.scope.without(&part);
        }
        self.ended.insert(id.into());
        let withdrawn = ConsentWithdrawn {
            consent: id,
            part: Some(part),
            shred_due: None,
        };
        self.push(context.event(StreamId::Case(self.after.id), withdrawn));
    }

    fn expire(&mut self, context: &Context<'_>, id: ConsentId) {
        let expired = ConsentExpired { consent: id };
        self.push(context.event(StreamId::Case(self.after.id), expired));
        self.fence(id.into());
        if let Some(consent) = self.after.consents.get_mut(&id) {
            consent.standing = Standing::Expired;
        }
    }

    /// Marks an exception as not confirmed.
    pub(super) fn reject(&mut self, id: crate::domain::ids::ExceptionId) {
        self.fence(id.into());
        if let Some(exception) = self.after.exceptions.get_mut(&id) {
            exception.confirmed = Some(false);
        }
    }

    /// What is pending stops, and recipients are asked to stop, return or destroy (MISSION B6).
    pub(super) fn stop_what_rested_on_it(mut self, context: &Context<'_>) -> Decision {
        let stream = StreamId::Case(self.after.id);
        for (id, referral) in &self.after.referrals {
            let touched = !self.ended.is_disjoint(&referral.grounds);
            if !touched || !journey::is_under_way(referral.state) {
                continue;
            }
            let sent = referral.sent.is_some();
            let readable = self.content_stands(referral.content, &referral.categories);
            let disclosure = Disclosure {
                recipient: referral.recipient,
                class: None,
                categories: &referral.categories,
            };
            let among = Some(&referral.grounds);
            let covered = cover::cover(&self.after, &disclosure, among, context.now).is_ok();
            if readable && (covered || !sent) {
                continue;
            }
            let stopped = ReferralStopped {
                referral: *id,
                recipient_asked: sent,
            };
            self.decision.events.push(context.event(stream, stopped));
        }
        self.decision
    }

    /// Whether what a referral says may still be kept on its ground.
    fn content_stands(
        &self,
        ground: GroundId,
        categories: &BTreeSet<crate::domain::codes::DataCategory>,
    ) -> bool {
        if !self.ended.contains(&ground) {
            return true;
        }
        let consent = self.after.consents.get(&ConsentId(ground.0));
        consent.is_some_and(|consent| {
            let held = &consent.scope.categories - &consent.scope.withheld;
            consent.standing == Standing::InForce && held.is_superset(categories)
        })
    }
}

/// Which consents a withdrawal means.
fn chosen(
    case: &Case,
    person: PersonId,
    consent: Option<ConsentId>,
    part: Option<&Scope>,
    hasten: Option<Timestamp>,
) -> Vec<ConsentId> {
    let can_end = |consent: &Consent| match consent.standing {
        Standing::InForce => part.is_none_or(|part| consent.scope.without(part) != consent.scope),
        // What expired is kept until its retention ends, unless the person wants it gone.
        Standing::Expired => part.is_none(),
        // A person may change "later" into "at once".
        Standing::Withdrawn { shred_due } => hasten.is_some_and(|now| now < shred_due),
        Standing::Shredded => false,
    };
    let meant = |id: &ConsentId, one: &Consent| match consent {
        Some(named) => *id == named,
        None => one.person == person,
    };
    let of_case = case.consents.iter();
    let meant = of_case.filter(|(id, one)| meant(id, one) && can_end(one));
    meant.map(|(id, _)| *id).collect()
}

/// Which end as a whole, and which lose a part. Without consent to the record nothing of that
/// person stays on consent; a consent that covers nothing any more ends as a whole too.
fn split(
    case: &Case,
    chosen: &[ConsentId],
    part: Option<&Scope>,
) -> (BTreeSet<ConsentId>, Vec<(ConsentId, Scope)>) {
    let ends = |id: &ConsentId, part: &Scope| {
        case.consents.get(id).is_some_and(|consent| {
            let records = consent.scope.purposes.contains(&Purpose::Record);
            consent.scope.without(part).is_empty()
                || (records && part.purposes.contains(&Purpose::Record))
        })
    };
    let mut whole: BTreeSet<ConsentId> = chosen
        .iter()
        .copied()
        .filter(|id| part.is_none_or(|part| ends(id, part)))
        .collect();
    let record_of = |id: &ConsentId| {
        let consent = case.consents.get(id).filter(|_| is_own_record(case, *id));
        consent.map(|consent| consent.person)
    };
    let unrecorded: BTreeSet<PersonId> = whole.iter().filter_map(record_of).collect();
    for (id, consent) in &case.consents {
        let alive = matches!(consent.standing, Standing::InForce | Standing::Expired);
        if alive && unrecorded.contains(&consent.person) {
            whole.insert(*id);
        }
    }
    let partial = chosen.iter().filter(|id| !whole.contains(id));
    let partial = partial.filter_map(|id| part.map(|part| (*id, part.clone())));
    let partial = partial.collect();
    (whole, partial)
}

fn is_own_record(case: &Case, id: ConsentId) -> bool {
    case.consents.get(&id).is_some_and(|consent| {
        matches!(consent.capacity, Capacity::Own | Capacity::Assent)
            && consent.scope.purposes.contains(&Purpose::Record)
    })
}

fn consent_of(case: &Case, id: ConsentId) -> Result<&Consent, Refused> {
    let consent = case.consents.get(&id);
    consent.ok_or_else(|| Refused::about(Refusal::NotFound, "consent"))
}
