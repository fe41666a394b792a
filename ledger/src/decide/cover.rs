//! Whether grounds cover a disclosure (MISSION B7): the one place that says so, for sending,
//! for stopping what lost its ground, and for disclosures that already happened.
//!
//! - Adult: one consent of their own covers purpose, recipient and every category.
//! - What was agreed to as a child is asked for anew of who came of age, before anything more goes.
//! - Minor, or age in doubt: the child's own consent or assent **and** a caregiver's, a guardian's
//!   or a best-interests decision, each covering all of it (B3).
//! - Or one exception that may be used now and covers all of it (B5).

use std::collections::BTreeSet;

use super::age::Asked;
use super::context::about_category;
use crate::clock::Timestamp;
use crate::domain::case::{Case, Consent, Exception, Standing};
use crate::domain::codes::{Capacity, DataCategory, ExceptionKind, Purpose, RecipientClass};
use crate::domain::ids::{ConsentId, ExceptionId, GroundId, OrganisationId, PersonId};
use crate::domain::scope::{Scope, Uncovered};
use crate::refusal::{Refusal, Refused};

/// What is to go where.
pub(super) struct Disclosure<'a> {
    pub(super) recipient: OrganisationId,
    /// What kind of recipient it is, where the service is at hand.
    pub(super) class: Option<RecipientClass>,
    pub(super) categories: &'a BTreeSet<DataCategory>,
    /// Whose consent is asked for.
    pub(super) asked: Asked,
}

/// The grounds that cover a disclosure about the client now; refused as precisely as possible.
///
/// `among` narrows the grounds that count to those that a referral already rests on.
pub(super) fn cover(
    case: &Case,
    disclosure: &Disclosure<'_>,
    among: Option<&BTreeSet<GroundId>>,
    now: Timestamp,
) -> Result<Vec<GroundId>, Refused> {
    // Nothing reaches officials of the State of origin, whoever consents (MISSION B9).
    if disclosure.class == Some(RecipientClass::StateOfOrigin) {
        return Err(Refused::about(
            Refusal::RecipientNotCovered,
            RecipientClass::StateOfOrigin.code(),
        ));
    }
    let by_consent = by_consents(case, disclosure, among, now);
    let Err(refused) = by_consent else {
        return by_consent;
    };
    let covering = excepted(case, disclosure, among);
    let mut usable = covering.iter().filter(|(_, one)| may_be_used(one, now));
    if let Some((id, _)) = usable.next() {
        return Ok(vec![*id]);
    }
    // An exception that waits for its second person is what the sender means to use; one that is
    // over matters only where there is nothing else to speak of.
    let nothing_else = refused.refusal == Refusal::ConsentMissing;
    let waits = covering
        .iter()
        .any(|(_, one)| one.confirmed != Some(false) && (now < one.expires || nothing_else));
    if waits {
        return Err(Refusal::ExceptionNotAuthorised.into());
    }
    Err(refused)
}

/// The exceptions that may be used now and cover a disclosure: immediate risk, which waits for no
/// procedure, before a mandate.
pub(super) fn carrying<'a>(
    case: &'a Case,
    disclosure: &Disclosure<'_>,
    now: Timestamp,
) -> Vec<(GroundId, &'a Exception)> {
    let mut carrying = excepted(case, disclosure, None);
    carrying.retain(|(_, one)| may_be_used(one, now));
    carrying
}

/// The exceptions that cover a disclosure, used or not: of each kind the oldest first, as ids are
/// random, and what is decided must not be.
fn excepted<'a>(
    case: &'a Case,
    disclosure: &Disclosure<'_>,
    among: Option<&BTreeSet<GroundId>>,
) -> Vec<(GroundId, &'a Exception)> {
    let all = case.exceptions.iter();
    let all = all.map(|(id, exception)| (GroundId::from(*id), exception));
    let mut covering: Vec<_> = all
        .filter(|(id, exception)| {
            among.is_none_or(|grounds| grounds.contains(id))
                && exception.person == case.client
                && covers(&exception.scope, disclosure).is_ok()
        })
        .collect();
    covering.sort_by_key(|(_, one)| (one.kind != ExceptionKind::ImmediateRisk, one.version));
    covering
}

/// Whether an exception may be used at a moment: immediate risk at once, but not past the time by
/// which a second person must have decided; a legal mandate once it was authorised.
pub(super) fn may_be_used(exception: &Exception, now: Timestamp) -> bool {
    let authorised = match (exception.kind, exception.confirmed) {
        (ExceptionKind::ImmediateRisk, None) => true,
        (ExceptionKind::LegalMandate, None) => false,
        (_, Some(confirmed)) => confirmed,
    };
    authorised && exception.is_open(now)
}

/// Refuses a content ground that no longer carries what is written on it.
pub(super) fn in_force(case: &Case, ground: GroundId, now: Timestamp) -> Result<(), Refused> {
    if let Some(consent) = case.consents.get(&ConsentId(ground.0)) {
        let gone = |refusal: Refusal| Err(refusal.into());
        return match consent.standing {
            Standing::InForce if consent.expires.is_none_or(|expires| now < expires) => Ok(()),
            Standing::InForce | Standing::Expired { .. } => gone(Refusal::ConsentExpired),
            Standing::Withdrawn { .. } | Standing::Shredded => gone(Refusal::ConsentWithdrawn),
        };
    }
    match case.exceptions.get(&ExceptionId(ground.0)) {
        Some(exception) if may_be_used(exception, now) => Ok(()),
        Some(_) => Err(Refusal::ExceptionNotAuthorised.into()),
        None => Err(Refusal::ConsentNotInForce.into()),
    }
}

/// Why a person's data may not be recorded: consent to it is missing, or its keys are gone.
pub(super) fn no_record(case: &Case, person: PersonId) -> Refusal {
    let shredded = case.consents.values().any(|consent| {
        consent.person == person
            && consent.standing == Standing::Shredded
            && consent.scope.purposes.contains(&Purpose::Record)
    });
    if shredded {
        Refusal::Shredded
    } else {
        Refusal::RecordConsentMissing
    }
}

fn by_consents(
    case: &Case,
    disclosure: &Disclosure<'_>,
    among: Option<&BTreeSet<GroundId>>,
    now: Timestamp,
) -> Result<Vec<GroundId>, Refused> {
    let side = |capacities: &[Capacity], reopened: Option<Timestamp>| {
        let counted = case.consents.iter().filter(|(id, consent)| {
            among.is_none_or(|grounds| grounds.contains(&(**id).into()))
                && consent.person == case.client
                && capacities.contains(&consent.capacity)
                && reopened.is_none_or(|since| consent.given >= since)
        });
        one_side(counted, disclosure, now)
    };
    let asked = disclosure.asked;
    if !asked.minor {
        let own = side(&[Capacity::Own], asked.reopened);
        // What was agreed to as a child says why nothing is there, and no more.
        let before = || side(&[Capacity::Own, Capacity::Assent], None).is_ok();
        return match own {
            Err(missing) if missing.refusal == Refusal::ConsentMissing && before() => {
                Err(Refusal::CameOfAge.into())
            }
            own => own.map(|ground| vec![ground]),
        };
    }
    let caregivers = [
        Capacity::Caregiver,
        Capacity::Guardian,
        Capacity::BestInterests,
    ];
    let adult = side(&caregivers, None);
    if !asked.child {
        let adult = adult.map(|ground| vec![ground]);
        return adult.map_err(|refused| one_of_two(refused, Refusal::CaregiverConsentMissing));
    }
    let child = side(&[Capacity::Own, Capacity::Assent], None);
    match (child, adult) {
        (Ok(child), Ok(adult)) => Ok(vec![child, adult]),
        (Ok(_), Err(refused)) => Err(one_of_two(refused, Refusal::CaregiverConsentMissing)),
        (Err(refused), Ok(_)) => Err(one_of_two(refused, Refusal::ChildConsentMissing)),
        (Err(child), Err(adult)) => {
            let both = child.refusal == Refusal::ConsentMissing
                && adult.refusal == Refusal::ConsentMissing;
            if both {
                return Err(Refusal::ConsentMissing.into());
            }
            let child = one_of_two(child, Refusal::ChildConsentMissing);
            let adult = one_of_two(adult, Refusal::CaregiverConsentMissing);
            Err(if adult.refusal < child.refusal {
                adult
            } else {
                child
            })
        }
    }
}

/// With one of two consents there, the other one is named as missing.
fn one_of_two(refused: Refused, missing: Refusal) -> Refused {
    if refused.refusal == Refusal::ConsentMissing {
        missing.into()
    } else {
        refused
    }
}

/// The consent of one side that covers a disclosure, or why none does.
fn one_side<'a>(
    consents: impl Iterator<Item = (&'a ConsentId, &'a Consent)>,
    disclosure: &Disclosure<'_>,
    now: Timestamp,
) -> Result<GroundId, Refused> {
    let mut ended: Option<Refusal> = None;
    let mut nearest: Option<Uncovered> = None;
    for (id, consent) in consents {
        let covered = covers(&consent.scope, disclosure);
        let over = consent.expires.is_some_and(|expires| expires <= now);
        match consent.standing {
            Standing::InForce if !over => match covered {
                Ok(()) => return Ok((*id).into()),
                // Consent to keep a record says nothing about sending.
                Err(_) if only_records(&consent.scope) => {}
                Err(uncovered) => {
                    nearest = Some(nearest.map_or(uncovered, |one| nearer(one, uncovered)));
                }
            },
            Standing::InForce | Standing::Expired { .. } if covered.is_ok() => {
                ended.get_or_insert(Refusal::ConsentExpired);
            }
            Standing::Withdrawn { .. } | Standing::Shredded if covered.is_ok() => {
                ended = Some(Refusal::ConsentWithdrawn);
            }
            Standing::InForce
            | Standing::Expired { .. }
            | Standing::Withdrawn { .. }
            | Standing::Shredded => {}
        }
    }
    Err(match (ended, nearest) {
        (Some(refusal), _) => refusal.into(),
        (None, Some(uncovered)) => why(uncovered),
        (None, None) => Refusal::ConsentMissing.into(),
    })
}

fn covers(scope: &Scope, disclosure: &Disclosure<'_>) -> Result<(), Uncovered> {
    let Disclosure {
        recipient,
        class,
        categories,
        asked: _,
    } = disclosure;
    scope.covers(Purpose::Referral, *recipient, categories)?;
    // Enforcement needs a consent of its own, not a line among others (MISSION B9), and so does
    // reporting to immigration (C8).
    let enforcement = matches!(
        class,
        Some(RecipientClass::LawEnforcement | RecipientClass::ImmigrationAuthority)
    );
    if enforcement && scope.recipients.len() > 1 {
        return Err(Uncovered::Recipient(*recipient));
    }
    Ok(())
}

fn only_records(scope: &Scope) -> bool {
    scope.purposes.iter().all(|one| *one == Purpose::Record)
}

/// Of two grounds that fall short, the one that falls short later.
fn nearer(one: Uncovered, other: Uncovered) -> Uncovered {
    let reach = |uncovered| match uncovered {
        Uncovered::Purpose(_) => 0,
        Uncovered::Recipient(_) => 1,
        Uncovered::Category(_) => 2,
    };
    if reach(other) > reach(one) {
        other
    } else {
        one
    }
}

/// The refusal for what a scope lacks.
pub(super) fn why(uncovered: Uncovered) -> Refused {
    match uncovered {
        Uncovered::Purpose(purpose) => Refused::about(Refusal::PurposeNotCovered, purpose.code()),
        Uncovered::Recipient(recipient) => {
            Refused::about(Refusal::RecipientNotCovered, recipient.to_string())
        }
        Uncovered::Category(category) => about_category(Refusal::CategoryNotCovered, category),
    }
}
