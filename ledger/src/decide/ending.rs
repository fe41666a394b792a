//! What ends when a ground or a part of it ends: leaves are fenced, what is pending stops.
//!
//! - Every way out goes through here (withdrawal, expiry, a lapsed or rejected exception), so what
//!   is told beforehand (`consequences.rs`) is what happens.

use std::collections::BTreeSet;

use super::age::Asked;
use super::context::Context;
use super::cover::{self, Disclosure};
use super::journey;
use super::{Decision, NewEvent};
use crate::clock::Timestamp;
use crate::domain::case::{Case, Consent, Standing};
use crate::domain::codes::{DataCategory, Purpose};
use crate::domain::event::{
    ConsentExpired, ConsentWithdrawn, Event, PublicText, ReferralStopped, RetentionApplied,
};
use crate::domain::ids::{ConsentId, ExceptionId, GroundId, LeafKeyId, PersonId};
use crate::domain::scope::Scope;
use crate::domain::stream::StreamId;
use crate::retention::Over;

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

    fn push(&mut self, event: NewEvent) {
        self.decision.events.push(event);
    }

    /// Fences everything that hangs on a ground.
    fn fence(&mut self, ground: GroundId) {
        let leaves = self.after.leaves_of(ground);
        let untouched = leaves.filter(|leaf| !self.after.begun.contains(leaf));
        self.decision.fence.extend(untouched);
        self.ended.insert(ground);
    }

    /// Withdraws a whole consent.
    pub(super) fn withdraw(&mut self, context: &Context<'_>, id: ConsentId, due: Timestamp) {
        let shred_due = due;
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

    /// Takes a part out of a consent. What was written in categories that go is fenced.
    pub(super) fn narrow(
        &mut self,
        context: &Context<'_>,
        id: ConsentId,
        part: Scope,
        due: Timestamp,
    ) {
        let ground = GroundId::from(id);
        let leaves = self.after.leaves_of_categories(ground, &part.categories);
        let untouched = leaves.filter(|leaf| !self.after.begun.contains(leaf));
        let fenced: Vec<LeafKeyId> = untouched.collect();
        let shred_due = (!fenced.is_empty()).then_some(due);
        self.decision.fence.extend(fenced);
        self.ended.insert(ground);
        if let Some(consent) = self.after.consents.get_mut(&id) {
            consent.scope = consent.scope.without(&part);
        }
        let withdrawn = ConsentWithdrawn {
            consent: id,
            part: Some(part),
            shred_due,
        };
        self.push(context.event(StreamId::Case(self.after.id), withdrawn));
    }

    /// Ends a consent whose time is up.
    pub(super) fn expire(&mut self, context: &Context<'_>, id: ConsentId, shred_due: Timestamp) {
        let expired = ConsentExpired {
            consent: id,
            shred_due,
        };
        self.push(context.event(StreamId::Case(self.after.id), expired));
        self.fence(id.into());
        if let Some(consent) = self.after.consents.get_mut(&id) {
            consent.standing = Standing::Expired { shred_due };
        }
    }

    /// Ends what is over by the retention rules; the sweep destroys it.
    pub(super) fn retire(&mut self, context: &Context<'_>, over: Over) {
        let (id, ground) = (over.consent, GroundId::from(over.consent));
        let applied = RetentionApplied {
            consent: id,
            categories: over.categories.clone(),
            rule: PublicText(over.rule),
            version: context.rules.retention.version(),
            shred_due: context.now,
        };
        self.push(context.event(StreamId::Case(self.after.id), applied));
        self.ended.insert(ground);
        let Some(only) = over.categories else {
            self.fence(ground);
            if let Some(consent) = self.after.consents.get_mut(&id) {
                consent.standing = Standing::Expired {
                    shred_due: context.now,
                };
            }
            return;
        };
        let leaves = self.after.leaves_of_categories(ground, &only);
        let untouched = leaves.filter(|leaf| !self.after.begun.contains(leaf));
        let fenced: Vec<LeafKeyId> = untouched.collect();
        self.decision.fence.extend(fenced);
        if let Some(consent) = self.after.consents.get_mut(&id) {
            let part = Scope {
                categories: only,
                ..Scope::default()
            };
            consent.scope = consent.scope.without(&part);
        }
    }

    /// Ends an exception that was rejected or has lapsed.
    pub(super) fn end_exception(
        &mut self,
        context: &Context<'_>,
        event: impl Into<Event>,
        (id, shred_due): (ExceptionId, Timestamp),
    ) {
        self.push(context.event(StreamId::Case(self.after.id), event));
        self.fence(id.into());
        if let Some(exception) = self.after.exceptions.get_mut(&id) {
            exception.standing = Standing::Expired { shred_due };
        }
    }

    /// Hands everything fenced here to the eraser.
    pub(super) fn shred_at_once(&mut self) {
        let stream = StreamId::Case(self.after.id);
        let fenced = self.decision.fence.iter();
        self.decision.shred = fenced.map(|leaf| (stream, *leaf)).collect();
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
                // What was sent while the person was a child is judged as it was then.
                asked: Asked::of(
                    &self.after,
                    referral.sent.unwrap_or(context.now),
                    &context.rules.organisation,
                ),
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
    fn content_stands(&self, ground: GroundId, categories: &BTreeSet<DataCategory>) -> bool {
        if !self.ended.contains(&ground) {
            return true;
        }
        let consent = self.after.consents.get(&ConsentId(ground.0));
        consent.is_some_and(|consent| {
            let held = categories.iter().all(|one| consent.scope.holds(*one));
            consent.standing == Standing::InForce && held
        })
    }
}

/// Which consents a withdrawal means.
pub(super) fn chosen(
    case: &Case,
    person: PersonId,
    consent: Option<ConsentId>,
    part: Option<&Scope>,
    hasten: Option<Timestamp>,
) -> Vec<ConsentId> {
    let sooner = |due: &Timestamp| hasten.is_some_and(|now| now < *due);
    let leaves_sooner = |consent: &Consent, part: &Scope| {
        let mut leaving = consent.leaving.iter();
        leaving.any(|(one, due)| part.categories.contains(one) && sooner(due))
    };
    let narrows = |consent: &Consent, part: &Scope| {
        consent.scope.without(part) != consent.scope || leaves_sooner(consent, part)
    };
    let can_end = |consent: &Consent| match consent.standing {
        Standing::InForce => part.is_none_or(|part| narrows(consent, part)),
        // What expired is kept until its retention ends, unless the person wants it gone, or some
        // of what it holds: a renewal must not bring that back.
        Standing::Expired { .. } => {
            part.is_none_or(|part| consent.scope.loses(part) || leaves_sooner(consent, part))
        }
        // A person may change "later" into "at once".
        Standing::Withdrawn { shred_due } => part.is_none() && sooner(&shred_due),
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

/// Which end as a whole, and which lose a part. Without any consent to the record nothing of that
/// person stays on consent; a consent that covers nothing any more, or has no purpose left that
/// keeps data, ends as a whole too.
pub(super) fn split(
    case: &Case,
    chosen: &[ConsentId],
    part: Option<&Scope>,
) -> (BTreeSet<ConsentId>, Vec<(ConsentId, Scope)>) {
    let ends = |id: &ConsentId, part: &Scope| {
        case.consents.get(id).is_some_and(|consent| {
            let records = consent.scope.purposes.contains(&Purpose::Record);
            let left = consent.scope.without(part);
            left.is_empty()
                || (records && part.purposes.contains(&Purpose::Record))
                || (consent.scope.keeps_data() && !left.keeps_data())
        })
    };
    let mut whole: BTreeSet<ConsentId> = chosen
        .iter()
        .copied()
        .filter(|id| part.is_none_or(|part| ends(id, part)))
        .collect();
    let unrecorded = unrecorded(case, &whole);
    for (id, consent) in &case.consents {
        let alive = matches!(
            consent.standing,
            Standing::InForce | Standing::Expired { .. }
        );
        if alive && unrecorded.contains(&consent.person) {
            whole.insert(*id);
        }
    }
    let partial = chosen.iter().filter(|id| !whole.contains(id));
    let partial = partial.filter_map(|id| part.map(|part| (*id, part.clone())));
    let partial = partial.collect();
    (whole, partial)
}

/// Whose last consent of their own to be recorded is among those that end. Somebody who took back
/// one kind of data and gave it back again has two, and loses nothing else with the second; one
/// whose time is up counts for as long as it keeps data and can be renewed.
pub(super) fn unrecorded(case: &Case, whole: &BTreeSet<ConsentId>) -> BTreeSet<PersonId> {
    let records = || case.consents.iter().filter(|(_, one)| one.is_own_record());
    let keeps = |one: &Consent| match one.standing {
        Standing::InForce => true,
        Standing::Expired { .. } => !one.retired,
        Standing::Withdrawn { .. } | Standing::Shredded => false,
    };
    let stays = |person: PersonId| {
        let mut records = records().filter(|(_, one)| one.person == person && keeps(one));
        records.any(|(id, _)| !whole.contains(id))
    };
    let ended = records().filter(|(id, _)| whole.contains(id));
    let ended = ended.map(|(_, one)| one.person);
    ended.filter(|person| !stays(*person)).collect()
}
