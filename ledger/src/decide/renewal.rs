//! A consent given anew: it goes on as it was, until another day (MISSION B1, B2).
//!
//! - Nothing is wider than before: what is to be covered beyond it is a consent of its own.
//! - It is taken like any other, by who could give it now; who came of age decides alone.
//! - After its time was up it can be renewed for as long as nothing of it was destroyed; what
//!   stopped meanwhile stays stopped.

use super::consent::{check_giver, check_interpreter, check_support, check_taken};
use super::context::Context;
use super::{Decision, NewPersonal, withdrawal};
use crate::domain::case::{Consent, Standing};
use crate::domain::codes::{Capacity, Purpose};
use crate::domain::command::Renewing;
use crate::domain::event::{BestInterestsDecided, ConsentRenewed};
use crate::domain::ids::LeafKeyId;
use crate::domain::personal::Personal;
use crate::domain::stream::StreamId;
use crate::refusal::{Refusal, Refused};

/// Renews a consent.
pub(super) fn renew(context: &mut Context<'_>, it: Renewing) -> Result<Decision, Refused> {
    let case = context.case()?;
    let (id, taken) = (it.consent, it.taken);
    let consent = withdrawal::consent_of(&case, id)?;
    check_standing(context, consent);
    let unfence: Vec<LeafKeyId> = match consent.standing {
        Standing::Expired { .. } => withdrawal::kept_by(&case, id, consent).collect(),
        Standing::InForce | Standing::Withdrawn { .. } | Standing::Shredded => Vec::new(),
    };
    let dead = context.dead();
    let begun = |leaf: &LeafKeyId| case.begun.contains(leaf) || dead.contains(leaf);
    // What two persons had deleted is given back by nobody, though its keys may wait for a copy.
    if case.is_deleted(consent, &unfence) || unfence.iter().any(begun) {
        context.object(Refusal::ShreddingStarted);
    }
    if !consent.scope.purposes.contains(&Purpose::Record) {
        context.needs_record(&case, consent.person);
    }
    let decided = taken.capacity == Capacity::BestInterests;
    let giver = (!decided).then_some(consent.given_by);
    let other = taken.capacity != consent.capacity;
    context.object_if(other, Refusal::CapacityInvalid, taken.capacity.code());
    check_taken(context, &taken, &consent.scope);
    check_interpreter(context, Some(&case), taken.interpreter);
    check_support(context, &taken, consent.given_by);
    check_giver(context, &case, consent.person, giver, &taken);
    // A renewal that ends sooner takes something away: that is a withdrawal, and shown before.
    let sooner = match (consent.expires, taken.expires) {
        (Some(before), Some(now)) => now <= before,
        (None, _) => true,
        (Some(_), None) => false,
    };
    context.object_if(sooner, Refusal::TimeInvalid, "expires");
    context.settle()?;
    let stream = StreamId::Case(case.id);
    let note = NewPersonal {
        persons: vec![consent.person],
        grounds: vec![id.into()],
        content: Personal::ConsentNote(taken.note),
    };
    let renewed = ConsentRenewed {
        consent: id,
        form: taken.form,
        explained: taken.explained,
        interpreter: taken.interpreter,
        expires: taken.expires,
    };
    let mut events = Vec::new();
    events.extend(taken.best_interests.map(|it| {
        let decided = BestInterestsDecided {
            consent: id,
            caregiver: it.caregiver,
            view: it.view,
        };
        context.event(stream, decided)
    }));
    events.insert(0, context.event_with(stream, renewed, vec![note]));
    let mut decision = Decision::of(events);
    decision.unfence = unfence;
    Ok(decision)
}

fn check_standing(context: &mut Context<'_>, consent: &Consent) {
    let over = consent.expires.is_some_and(|end| end <= context.now);
    match consent.standing {
        Standing::InForce => {}
        // What a retention rule ended is not given back by a new date, on whatever day.
        Standing::Expired { .. } if over && !consent.retired => {}
        Standing::Expired { .. } | Standing::Withdrawn { .. } => {
            context.object(Refusal::ConsentNotInForce);
        }
        Standing::Shredded => context.object(Refusal::ShreddingStarted),
    }
}
