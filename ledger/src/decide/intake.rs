//! Intake: links, refusals and gaps as anonymous counts (MISSION A1, A2, A5); cases and persons.

use std::collections::{BTreeMap, BTreeSet};

use super::consent::{self, Taken};
use super::context::{Context, about_category};
use super::{Decision, NewPersonal, cover, notice};
use crate::domain::codes::*;
use crate::domain::command::{ConsentTaken, Correcting};
use crate::domain::event::{
    CaseOpened, LinkGiven, NeedUnmet, PersonAdded, PersonCorrected, RecordRefused, StaffAssigned,
};
use crate::domain::ids::{
    CaseId, ClientCode, ConsentId, GroundId, OrganisationId, PersonId, ServiceId,
};
use crate::domain::personal::Identity;
use crate::domain::scope::Scope;
use crate::domain::stream::StreamId;
use crate::refusal::{Refusal, Refused};

/// A link counts services pointed to and nobody (MISSION A1).
pub(super) fn give_link(
    context: &mut Context<'_>,
    services: Vec<ServiceId>,
) -> Result<Decision, Refused> {
    context.settle()?;
    Ok(Decision::of(vec![context.count(LinkGiven { services })]))
}

/// A refusal is a count with a day (MISSION A2).
pub(super) fn refuse_record(
    context: &mut Context<'_>,
    reason: Option<RefusalReason>,
) -> Result<Decision, Refused> {
    context.settle()?;
    Ok(Decision::of(vec![context.count(RecordRefused { reason })]))
}

/// A gap is a count too (MISSION A5).
pub(super) fn note_unmet_need(
    context: &mut Context<'_>,
    unmet: NeedUnmet,
) -> Result<Decision, Refused> {
    context.settle()?;
    Ok(Decision::of(vec![context.count(unmet)]))
}

/// A case begins with consent to keep it, or holds nothing personal (MISSION A2, A4, A6).
pub(super) fn open_case(
    context: &mut Context<'_>,
    identity: Option<Identity>,
    age_group: AgeGroup,
    sensitivity: Sensitivity,
    consent: Option<ConsentTaken>,
    categories: BTreeSet<DataCategory>,
) -> Result<Decision, Refused> {
    let organisation = context.by.organisation;
    let (Some(organisation), Some(caller)) = (organisation, context.caller()) else {
        return Err(context.refuse(Refusal::NotAllowed));
    };
    let opening = Opening {
        organisation,
        age_group,
        sensitivity,
        documentation: match consent {
            Some(_) => Documentation::Full,
            None => Documentation::AttestationOnly,
        },
    };
    let personal = identity.is_some() || !categories.is_empty();
    if consent.is_none() && personal {
        context.object(Refusal::RecordConsentMissing);
    }
    if let Some(taken) = &consent {
        consent::check_interpreter(context, None, taken.interpreter);
        let supporter = taken.note.support.as_ref().and_then(|it| it.person);
        context.object_if(supporter.is_some(), Refusal::CapacityInvalid, "support");
        consent::check_taken(context, taken, &Scope::record(BTreeSet::new()));
        check_capacity(context, age_group, taken.capacity);
        let given = identity.as_ref().map(Identity::categories);
        let given = given.unwrap_or_default();
        for category in given.difference(&categories) {
            context.object(about_category(Refusal::CategoryNotCovered, *category));
        }
    }
    context.settle()?;
    Ok(opening.decision(
        context,
        StaffAssigned { staff: caller },
        identity,
        consent,
        categories,
    ))
}

/// Another adult in the case, on that person's own consent and leaf (MISSION B8).
pub(super) fn add_person(
    context: &mut Context<'_>,
    role: PersonRole,
    relationship_checked: bool,
    identity: Identity,
    taken: ConsentTaken,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    context.needs_documentation(&case);
    context.needs_record(&case, case.client);
    context.object_if(role == PersonRole::Client, Refusal::AlreadyExists, "client");
    consent::check_taken(context, &taken, &Scope::record(BTreeSet::new()));
    consent::check_interpreter(context, Some(&case), taken.interpreter);
    if taken.capacity != Capacity::Own {
        context.object(Refused::about(
            Refusal::SubstitutionNotAllowed,
            taken.capacity.code(),
        ));
    }
    context.settle()?;
    let person = PersonId::fresh(context.entropy);
    let consent = ConsentId::fresh(context.entropy);
    let categories = identity.categories();
    let stream = StreamId::Case(case.id);
    let given = Taken {
        consent,
        person,
        given_by: person,
        scope: Scope::record(categories.clone()),
        taken,
    };
    let added = PersonAdded {
        person,
        role,
        relationship_checked,
        categories,
    };
    let parts = parts(person, identity, consent.into());
    // Consent stands in the log before what it allows to be recorded (MISSION A2).
    Ok(Decision::of(vec![
        given.event(context, stream),
        context.event_with(stream, added, parts),
    ]))
}

/// Puts a person's details right (MISSION E3): each that is given now takes the place of the one
/// that was there, all others stand.
pub(super) fn correct(
    context: &mut Context<'_>,
    Correcting {
        person, identity, ..
    }: Correcting,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    context.needs_documentation(&case);
    if case.record_ground(person, context.now).is_none() {
        return Err(context.refuse(cover::no_record(&case, person)));
    }
    let mut grounds = BTreeMap::new();
    for category in identity.categories() {
        match case.record_ground_for(person, &[category].into(), context.now) {
            Some(ground) => grounds.extend([(category, ground)]),
            None => context.object(about_category(Refusal::CategoryNotCovered, category)),
        }
    }
    context.settle()?;
    let corrected = PersonCorrected {
        person,
        categories: identity.categories(),
    };
    let parts = identity.into_parts().filter_map(|content| {
        let ground = grounds.get(&content.category()?)?;
        Some(NewPersonal {
            persons: vec![person],
            grounds: vec![*ground],
            content,
        })
    });
    let parts = parts.collect();
    // Who holds such data about the client is to hear that they were put right (E5).
    let holders = if person == case.client {
        case.held_outside(Some(&corrected.categories))
    } else {
        Vec::new()
    };
    let mut events = vec![context.event_with(StreamId::Case(case.id), corrected, parts)];
    events.extend(notice::plan(
        context,
        &case,
        NoticeAbout::Correction,
        holders,
    ));
    Ok(Decision::of(events))
}

/// Name and details of a person as parts of their own, all on one ground.
fn parts(person: PersonId, identity: Identity, ground: GroundId) -> Vec<NewPersonal> {
    let part = |content| NewPersonal {
        persons: vec![person],
        grounds: vec![ground],
        content,
    };
    identity.into_parts().map(part).collect()
}

struct Opening {
    organisation: OrganisationId,
    age_group: AgeGroup,
    sensitivity: Sensitivity,
    documentation: Documentation,
}

impl Opening {
    fn decision(
        self,
        context: &mut Context<'_>,
        assigned: StaffAssigned,
        identity: Option<Identity>,
        consent: Option<ConsentTaken>,
        categories: BTreeSet<DataCategory>,
    ) -> Decision {
        let case = CaseId::fresh(context.entropy);
        let client = PersonId::fresh(context.entropy);
        let stream = StreamId::Case(case);
        let opened = CaseOpened {
            case,
            client,
            code: ClientCode::fresh(context.entropy),
            organisation: self.organisation,
            age_group: self.age_group,
            sensitivity: self.sensitivity,
            documentation: self.documentation,
        };
        let mut events = vec![context.event(stream, opened)];
        if let Some(taken) = consent {
            let consent = ConsentId::fresh(context.entropy);
            let given = Taken {
                consent,
                person: client,
                given_by: client,
                scope: Scope::record(categories),
                taken,
            };
            // Consent stands in the log before what it allows to be recorded (MISSION A2).
            events.push(given.event(context, stream));
            if let Some(identity) = identity {
                let added = PersonAdded {
                    person: client,
                    role: PersonRole::Client,
                    relationship_checked: false,
                    categories: identity.categories(),
                };
                let parts = parts(client, identity, consent.into());
                events.push(context.event_with(stream, added, parts));
            }
        }
        events.push(context.event(stream, assigned));
        Decision::of(events)
    }
}

/// An adult consents alone and nobody else does; a child consents or assents (MISSION B3, B4).
fn check_capacity(context: &mut Context<'_>, age_group: AgeGroup, capacity: Capacity) {
    let refusal = match (age_group, capacity) {
        (_, Capacity::Own) | (AgeGroup::Minor | AgeGroup::Unknown, Capacity::Assent) => return,
        (AgeGroup::Adult, _) => Refusal::SubstitutionNotAllowed,
        (AgeGroup::Minor | AgeGroup::Unknown, _) => Refusal::CapacityInvalid,
    };
    context.object(Refused::about(refusal, capacity.code()));
}
