//! Consent: informed, specific, partial, and given by who can give it (MISSION B1 to B4).

use std::collections::BTreeSet;

use super::context::Context;
use super::{Decision, NewEvent, NewPersonal, cover};
use crate::clock::DAY_MS;
use crate::domain::case::Case;
use crate::domain::codes::{Capacity, CaregiverGap, ChildView, Explained, PersonRole, Purpose};
use crate::domain::command::ConsentTaken;
use crate::domain::event::{BestInterestsDecided, ConsentGiven, ConsentRefused, Interpreter};
use crate::domain::ids::{ConsentId, PersonId};
use crate::domain::personal::Personal;
use crate::domain::scope::Scope;
use crate::domain::stream::StreamId;
use crate::limits::CONSENT_DAYS_MAX;
use crate::refusal::{Refusal, Refused};

/// A consent that is about to be recorded.
pub(super) struct Taken {
    pub(super) consent: ConsentId,
    pub(super) person: PersonId,
    pub(super) given_by: PersonId,
    pub(super) scope: Scope,
    pub(super) taken: ConsentTaken,
}

impl Taken {
    /// The event; the words about how it was taken rest on the consent itself.
    pub(super) fn event(self, context: &Context<'_>, stream: StreamId) -> NewEvent {
        let note = NewPersonal {
            persons: vec![self.person],
            grounds: vec![self.consent.into()],
            content: Personal::ConsentNote(self.taken.note),
        };
        let given = ConsentGiven {
            consent: self.consent,
            person: self.person,
            given_by: self.given_by,
            capacity: self.taken.capacity,
            scope: self.scope,
            form: self.taken.form,
            explained: self.taken.explained,
            interpreter: self.taken.interpreter,
            expires: self.taken.expires,
        };
        context.event_with(stream, given, vec![note])
    }
}

/// Records a consent.
pub(super) fn give(
    context: &mut Context<'_>,
    person: PersonId,
    given_by: Option<PersonId>,
    scope: Scope,
    taken: ConsentTaken,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    context.needs_documentation(&case);
    let renews_record = scope.purposes.contains(&Purpose::Record);
    if !renews_record {
        context.needs_record(&case, person);
    } else if case.record_ground(person, context.now).is_none()
        && cover::no_record(&case, person) == Refusal::Shredded
    {
        // What was there is unreadable for good; a returning person gets a new case and code.
        context.object(Refusal::Shredded);
    }
    check_taken(context, &taken, &scope);
    check_interpreter(context, Some(&case), taken.interpreter);
    check_support(context, &taken, given_by.unwrap_or(person));
    check_giver(context, &case, person, given_by, &taken);
    let for_another = !matches!(taken.capacity, Capacity::Own | Capacity::Assent);
    // The child's own account never hangs on what a caregiver may take back (MISSION B8).
    context.object_if(
        renews_record && for_another,
        Refusal::CapacityInvalid,
        Purpose::Record.code(),
    );
    context.settle()?;
    let decided_by = context.caller().map(|staff| PersonId(staff.0));
    let Some(given_by) = given_by.or(decided_by) else {
        return Err(context.refuse(Refusal::NotAllowed));
    };
    let (stream, consent) = (StreamId::Case(case.id), ConsentId::fresh(context.entropy));
    let decided = taken.best_interests.map(|it| BestInterestsDecided {
        consent,
        caregiver: it.caregiver,
        view: it.view,
    });
    let given = Taken {
        consent,
        person,
        given_by,
        scope,
        taken,
    };
    let mut events = vec![given.event(context, stream)];
    events.extend(decided.map(|decided| context.event(stream, decided)));
    Ok(Decision::of(events))
}

/// Records that a particular consent was refused: codes only.
pub(super) fn refuse(
    context: &mut Context<'_>,
    person: PersonId,
    scope: Scope,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    context.settle()?;
    let refused = ConsentRefused { person, scope };
    let event = context.event(StreamId::Case(case.id), refused);
    Ok(Decision::of(vec![event]))
}

/// Objects to a consent that was not informed, or whose end is absurd (MISSION B2).
pub(super) fn check_taken(context: &mut Context<'_>, taken: &ConsentTaken, scope: &Scope) {
    let mut needed = BTreeSet::from(ALWAYS_EXPLAINED);
    if scope.purposes.contains(&Purpose::Referral) {
        needed.insert(Explained::Recipient);
    }
    if let Some(missing) = needed.difference(&taken.explained).next() {
        context.object(Refused::about(
            Refusal::ExplanationIncomplete,
            missing.code(),
        ));
    }
    let latest = context.now.plus_ms(CONSENT_DAYS_MAX * DAY_MS);
    let absurd = |expires| expires <= context.now || expires > latest;
    let absurd = taken.expires.is_some_and(absurd);
    context.object_if(absurd, Refusal::TimeInvalid, "expires");
}

/// Objects to an interpreter whom the person did not accept, whom nobody vetted, or who is somebody
/// else in the case (MISSION B2). Before there is a case there is nobody in it.
pub(super) fn check_interpreter(
    context: &mut Context<'_>,
    case: Option<&Case>,
    interpreter: Option<Interpreter>,
) {
    let Some(it) = interpreter else { return };
    context.object_if(!it.accepted, Refusal::InterpreterNotAccepted, "accepted");
    context.object_if(!it.vetted, Refusal::InterpreterNotAccepted, "vetted");
    let interprets = it.person.is_none_or(|id| {
        let person = case.and_then(|case| case.persons.get(&id));
        person.is_some_and(|person| person.role == PersonRole::Interpreter)
    });
    context.object_if(!interprets, Refusal::CapacityInvalid, "interpreter");
}

/// Objects to support by the very person who is said to consent: support is by somebody else, and
/// decides nothing (MISSION B4).
pub(super) fn check_support(context: &mut Context<'_>, taken: &ConsentTaken, giver: PersonId) {
    let support = taken.note.support.as_ref();
    let by_giver = support.is_some_and(|it| it.person == Some(giver));
    context.object_if(by_giver, Refusal::CapacityInvalid, "support");
}

/// Objects if it was not given by who can give it in this capacity (MISSION B3, B4).
pub(super) fn check_giver(
    context: &mut Context<'_>,
    case: &Case,
    person: PersonId,
    given_by: Option<PersonId>,
    taken: &ConsentTaken,
) {
    let capacity = taken.capacity;
    let about = |refusal| Refused::about(refusal, capacity.code());
    let by_person = given_by == Some(person);
    // Further persons are adults: only the client can be a child.
    let adult = person != case.client || !case.is_minor(context.now);
    let decided = capacity == Capacity::BestInterests;
    context.object_if(
        taken.best_interests.is_some() && !decided,
        Refusal::CapacityInvalid,
        capacity.code(),
    );
    if adult {
        if capacity != Capacity::Own || !by_person {
            context.object(about(Refusal::SubstitutionNotAllowed));
        }
        return;
    }
    let role = match capacity {
        Capacity::Own | Capacity::Assent => {
            check_age(context, case, capacity);
            PersonRole::Client
        }
        Capacity::Caregiver => PersonRole::Caregiver,
        Capacity::Guardian => PersonRole::Guardian,
        Capacity::BestInterests => {
            if given_by.is_some() {
                context.object(about(Refusal::CapacityInvalid));
            }
            if !context.protects_children() {
                context.object(Refusal::ChildProtectionDecides);
            }
            check_best_interests(context, case, taken);
            return;
        }
    };
    let giver = given_by.and_then(|id| case.persons.get(&id));
    match giver {
        Some(giver) if giver.role == role => {
            if role != PersonRole::Client && !giver.relationship_checked {
                context.object(about(Refusal::RelationshipNotChecked));
            }
        }
        Some(_) | None => context.object(about(Refusal::CapacityInvalid)),
    }
}

/// Objects to a consent of a child who is old enough to assent, not to consent (MISSION B3).
fn check_age(context: &mut Context<'_>, case: &Case, capacity: Capacity) {
    let age = case.age_at(context.now);
    let from = context.rules.organisation.consent_from;
    let too_young = capacity == Capacity::Own && age.is_some_and(|age| age < from);
    context.object_if(too_young, Refusal::CapacityInvalid, capacity.code());
}

/// Objects to a decision without its reasons, the child's view, a reason to ask no caregiver, or a
/// day on which it is looked at again (MISSION B3).
fn check_best_interests(context: &mut Context<'_>, case: &Case, taken: &ConsentTaken) {
    let silent = taken.note.note.is_none();
    context.object_if(silent, Refusal::ExplanationIncomplete, "reasons");
    let Some(it) = taken.best_interests else {
        context.object(Refused::about(
            Refusal::ExplanationIncomplete,
            "best_interests",
        ));
        return;
    };
    let file = &context.rules.organisation;
    let review = file.review_by(context.now);
    let from = file.assent_from;
    let unreviewed = taken.expires.is_none_or(|by| by > review);
    context.object_if(unreviewed, Refusal::TimeInvalid, "expires");
    // Who is old enough to be asked has a view.
    let asked = case.age_at(context.now).is_some_and(|age| age >= from);
    let unheard = asked && it.view == ChildView::TooYoung;
    context.object_if(unheard, Refusal::ExplanationIncomplete, "child_view");
    // A caregiver whose relationship was checked is passed over only where asking is a risk.
    let checked = case.persons.values().any(|one| {
        let cares = matches!(one.role, PersonRole::Caregiver | PersonRole::Guardian);
        cares && one.relationship_checked
    });
    let passed_over = checked && it.caregiver != CaregiverGap::Unsafe;
    context.object_if(passed_over, Refusal::CapacityInvalid, it.caregiver.code());
}

/// What is explained before any consent.
const ALWAYS_EXPLAINED: [Explained; 5] = [
    Explained::Options,
    Explained::Risks,
    Explained::ConfidentialityLimits,
    Explained::RightToRefuse,
    Explained::RightToWithdraw,
];
