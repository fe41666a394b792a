//! What a withdrawal would come to, told to the person before it is confirmed (MISSION B6).
//!
//! - Read off the decision that the same rules make: what is told cannot differ from what happens.

use std::collections::BTreeSet;

use super::Decision;
use crate::clock::Timestamp;
use crate::domain::case::{Case, Referral};
use crate::domain::codes::Purpose;
use crate::domain::event::{Event, Given, LeafOf};
use crate::domain::ids::{ConsentId, ExceptionId, GroundId, LeafKeyId, OrganisationId, ReferralId};
use crate::domain::scope::Scope;

/// What would end, and what would not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consequences {
    /// Consents that end as a whole.
    pub ending: Vec<ConsentId>,
    /// Consents that lose a part, and what is taken out of each.
    pub narrowed: Vec<(ConsentId, Scope)>,
    /// Referrals that stop.
    pub stopped: Vec<Stopped>,
    /// What nobody can read any more: at once, but for a copy that the person asks for while it
    /// waits.
    pub unreadable: Vec<LeafOf>,
    /// When it is destroyed; until then the withdrawal can be taken back. None if nothing is.
    pub shred_due: Option<Timestamp>,
    /// What stays readable, and on what it rests.
    pub stays: Vec<Stays>,
    /// Consents whose words about how they were taken go, although data were sent on them: after
    /// that only the record part says that there was consent.
    pub proof_lost: Vec<ConsentId>,
    /// Who was given data before and keeps them until asked: of referrals that ended already and
    /// rested on what goes, and of whatever was told outside.
    pub holding: Vec<(Given, OrganisationId)>,
}

/// A referral that would stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// Which.
    pub referral: ReferralId,
    /// To whom it goes.
    pub recipient: OrganisationId,
    /// Whether the recipient holds data and is asked to stop, return or destroy them.
    pub recipient_asked: bool,
}

/// Something that would stay readable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stays {
    /// Whose, and in which category.
    pub of: LeafOf,
    /// Why: the ground that still stands.
    pub because: Because,
    /// When that ground ends by itself.
    pub until: Option<Timestamp>,
}

/// What something that stays rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// A consent that was not withdrawn.
    Consent,
    /// An exception, which nobody withdraws.
    Exception,
    /// A duty.
    Duty,
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a withdrawal decides two kinds of events"
)]
pub(super) fn consequences(case: &Case, decision: &Decision, now: Timestamp) -> Consequences {
    let fenced: BTreeSet<LeafKeyId> = decision.fence.iter().copied().collect();
    let mut told = Consequences::default();
    for new in &decision.events {
        match &new.event {
            Event::ConsentWithdrawn(it) => {
                told.shred_due = told.shred_due.max(it.shred_due);
                match &it.part {
                    Some(part) => told.narrowed.push((it.consent, part.clone())),
                    None => told.ending.push(it.consent),
                }
            }
            Event::ReferralStopped(it) => {
                let referral = case.referrals.get(&it.referral);
                told.stopped.extend(referral.map(|referral| Stopped {
                    referral: it.referral,
                    recipient: referral.recipient,
                    recipient_asked: it.recipient_asked,
                }));
            }
            _ => {}
        }
    }
    for (of, key) in &case.leaves {
        if fenced.contains(key) {
            told.unreadable.push(*of);
        } else if !case.begun.contains(key) && stands(case, of, now) {
            told.stays.push(Stays {
                of: *of,
                because: because(case, of.ground),
                until: case.end_of(of.ground),
            });
        }
    }
    let gone = |id: &&ConsentId| {
        let ground = GroundId::from(**id);
        let words = |of: &LeafOf| of.ground == ground && of.category.is_none();
        told.unreadable.iter().any(words) && was_sent_on(case, ground)
    };
    told.holding = holding(case, &told);
    told.proof_lost = told.ending.iter().filter(gone).copied().collect();
    told
}

/// Recipients whom nothing that stops reaches. Who was asked already is among them, too.
fn holding(case: &Case, told: &Consequences) -> Vec<(Given, OrganisationId)> {
    let ending: BTreeSet<GroundId> = told.ending.iter().copied().map(GroundId::from).collect();
    let loses = |one: &Referral| {
        let mut narrowed = told.narrowed.iter();
        narrowed.any(|(id, part)| one.grounds.contains(&(*id).into()) && takes_from(part, one))
    };
    let stops: BTreeSet<_> = told.stopped.iter().map(|it| it.referral).collect();
    let referrals = case.referrals.iter().filter(|(id, one)| {
        one.sent.is_some()
            && !stops.contains(id)
            && (!ending.is_disjoint(&one.grounds) || loses(one))
    });
    let referrals = referrals.map(|(id, one)| (Given::Referral(*id), one.recipient));
    let outside = case.disclosures.iter();
    let outside = outside.map(|(id, it)| (Given::Disclosure(*id), it.recipient));
    referrals.chain(outside).collect()
}

/// Whether what is taken out of a consent is what a referral rested on.
fn takes_from(part: &Scope, referral: &Referral) -> bool {
    !part.categories.is_disjoint(&referral.categories)
        || part.recipients.contains(&referral.recipient)
        || part.purposes.contains(&Purpose::Referral)
}

/// Whether what hangs on a leaf is readable before the withdrawal.
fn stands(case: &Case, of: &LeafOf, now: Timestamp) -> bool {
    let consent = case.consents.get(&ConsentId(of.ground.0));
    let leaving = consent.is_some_and(|one| {
        let category = of.category;
        category.is_some_and(|category| one.leaving.contains_key(&category))
    });
    case.is_open(of.ground, now) && !leaving
}

fn because(case: &Case, ground: GroundId) -> Because {
    if case.consents.contains_key(&ConsentId(ground.0)) {
        Because::Consent
    } else if case.exceptions.contains_key(&ExceptionId(ground.0)) {
        Because::Exception
    } else {
        Because::Duty
    }
}

fn was_sent_on(case: &Case, ground: GroundId) -> bool {
    let mut referrals = case.referrals.values();
    referrals.any(|one| one.sent.is_some() && one.grounds.contains(&ground))
}
