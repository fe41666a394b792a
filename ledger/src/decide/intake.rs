//! Intake: links, refusals and gaps as anonymous counts (MISSION A1, A2, A5); cases and persons.

use std::collections::BTreeSet;

use super::consent::{self, Taken};
use super::context::{Context, about_category};
use super::{Decision, NewPersonal, cover};
use crate::domain::codes::*;
use crate::domain::command::{ConsentTaken, Correcting};
use crate::domain::event::{
    CaseOpened, LinkGiven, NeedUnmet, PersonAdded, PersonCorrected, RecordRefused, StaffAssigned,
};
use crate::domain::ids::{CaseId, ClientCode, ConsentId, OrganisationId, PersonId, ServiceId};
use crate::domain::personal::{Identity, Personal};
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
        context.object_if(
            taken.interpreter.is_some(),
            Refusal::CapacityInvalid,
            "interpreter",
        );
        consent::check_taken(context, taken, &Scope::record(BTreeSet::new()));
        check_capacity(context, age_group, taken.capacity);
        let given = identity.as_ref().map(categories_of).unwrap_or_default();
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
    consent::check_interpreter(context, &case, taken.interpreter);
    if taken.capacity != Capacity::Own {
        context.object(Refused::about(
            Refusal::SubstitutionNotAllowed,
            taken.capacity.code(),
        ));
    }
    context.settle()?;
    let person = PersonId::fresh(context.entropy);
    let consent = ConsentId::fresh(context.entropy);
    let mut categories = categories_of(&identity);
    categories.insert(DataCategory::Identity);
    let stream = StreamId::Case(case.id);
    let given = Taken {
        consent,
        person,
        given_by: person,
        scope: Scope::record(categories),
        taken,
    };
    let added = PersonAdded {
        person,
        role,
        relationship_checked,
    };
    let content = NewPersonal {
        persons: vec![person],
        grounds: vec![consent.into()],
        content: Personal::Identity(identity),
    };
    // Consent stands in the log before what it allows to be recorded (MISSION A2).
    Ok(Decision::of(vec![
        given.event(context, stream),
        context.event_with(stream, added, vec![content]),
    ]))
}

/// Puts a person's details right (MISSION E3): what is given now takes the place of what was there.
pub(super) fn correct(
    context: &mut Context<'_>,
    Correcting {
        person, identity, ..
    }: Correcting,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    context.needs_documentation(&case);
    let Some(ground) = case.record_ground(person, context.now) else {
        return Err(context.refuse(cover::no_record(&case, person)));
    };
    let scope = case.consents.get(&ConsentId(ground.0)).map(|it| &it.scope);
    let details = categories_of(&identity);
    let unheld = |one: &DataCategory| scope.is_some_and(|scope| !scope.holds(*one));
    if let Some(category) = details.into_iter().find(unheld) {
        context.object(about_category(Refusal::CategoryNotCovered, category));
    }
    context.settle()?;
    let content = NewPersonal {
        persons: vec![person],
        grounds: vec![ground],
        content: Personal::Identity(identity),
    };
    let corrected = PersonCorrected { person };
    let stream = StreamId::Case(case.id);
    Ok(Decision::of(vec![context.event_with(
        stream,
        corrected,
        vec![content],
    )]))
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
                };
                let content = NewPersonal {
                    persons: vec![client],
                    grounds: vec![consent.into()],
                    content: Personal::Identity(identity),
                };
                events.push(context.event_with(stream, added, vec![content]));
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

/// Which categories an identity's details are. A name, invented or not, always goes with a record.
fn categories_of(identity: &Identity) -> BTreeSet<DataCategory> {
    let details = [
        (identity.birth.is_some(), DataCategory::Age),
        (identity.gender.is_some(), DataCategory::Gender),
        (identity.languages.is_some(), DataCategory::Language),
        (identity.safe_contact.is_some(), DataCategory::Contact),
        (identity.relationship.is_some(), DataCategory::Family),
    ];
    let given = details.into_iter().filter(|(given, _)| *given);
    given.map(|(_, category)| category).collect()
}
