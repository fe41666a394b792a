//! Consents and exceptions as decisions see them: where each stands, and which leaves go with it.
//!
//! - What rests on a ground is open until its time is up, whether or not the ledger has fenced it.
//! - A leaf of one data category can go while the ground stands (a partial withdrawal); the leaf
//!   without a category goes with the whole ground only.
//! - A ground is gone when its last leaf is: one rotation may not have room for all of them, and
//!   until then the rest is still to be destroyed.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::{BTreeMap, BTreeSet};

use super::case::Case;
use super::codes::*;
use super::event::{ConsentWithdrawn, Event, LeafOf, Record, RetentionApplied};
use super::exception::{ProcedureId, Telling, Terms};
use super::ids::*;
use super::scope::Scope;
use crate::clock::Timestamp;

/// A consent and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Whose data.
    pub person: PersonId,
    /// Who gave it.
    pub given_by: PersonId,
    /// In which capacity.
    pub capacity: Capacity,
    /// What it covers now.
    pub scope: Scope,
    /// When it was recorded, or last given anew.
    pub given: Timestamp,
    /// The version of the case with which it was given.
    pub version: u64,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
    /// In force, withdrawn, expired.
    pub standing: Standing,
    /// Categories taken out of it whose leaves are fenced, and when those are to be destroyed.
    pub leaving: BTreeMap<DataCategory, Timestamp>,
    /// Whether a retention rule ended it: nobody gives it back.
    pub retired: bool,
    /// Categories that a retention rule took out of it.
    pub retired_categories: BTreeSet<DataCategory>,
    /// Since when it is not in force, if it was ended.
    pub ended: Option<Timestamp>,
    /// Since when each category that was taken out of it is out.
    pub taken_out: BTreeMap<DataCategory, Timestamp>,
}

/// Where a ground stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In force, unless its time is up.
    InForce,
    /// Withdrawn and fenced; destroyed when due.
    Withdrawn {
        /// When the keys are to be destroyed.
        shred_due: Timestamp,
    },
    /// Expired, lapsed or rejected, and fenced; destroyed when due.
    Expired {
        /// When the keys are to be destroyed.
        shred_due: Timestamp,
    },
    /// All its keys have been destroyed.
    Shredded,
}

impl Standing {
    /// When the keys are to be destroyed, while they wait for it.
    pub fn shred_due(self) -> Option<Timestamp> {
        match self {
            Self::Withdrawn { shred_due } | Self::Expired { shred_due } => Some(shred_due),
            Self::InForce | Self::Shredded => None,
        }
    }
}

/// An exception and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The version of the case with which it was used.
    pub version: u64,
    /// Whose data.
    pub person: PersonId,
    /// Which of the two.
    pub kind: ExceptionKind,
    /// Who used it; somebody else must confirm it.
    pub invoked_by: Option<StaffId>,
    /// What it covers.
    pub scope: Scope,
    /// By when a second person must decide.
    pub authorise_by: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// Undecided, confirmed, not confirmed.
    pub confirmed: Option<bool>,
    /// Who decided.
    pub decided_by: Option<StaffId>,
    /// What it is held to; none for one of before there were procedures.
    pub terms: Option<Terms>,
    /// Whether the person was told; none while nobody said.
    pub told: Option<Telling>,
    /// What a third person found.
    pub reviewed: Option<ReviewOutcome>,
    /// In force, or fenced because it lapsed or was not confirmed.
    pub standing: Standing,
}

impl Consent {
    /// Whether it is a person's own consent or assent to be recorded.
    pub fn is_own_record(&self) -> bool {
        matches!(self.capacity, Capacity::Own | Capacity::Assent)
            && self.scope.purposes.contains(&Purpose::Record)
    }

    /// Whether a retention rule ended it, or a part of it that is still leaving.
    pub fn is_retired(&self) -> bool {
        let mut leaving = self.leaving.keys();
        self.retired || leaving.any(|category| self.retired_categories.contains(category))
    }

    /// Whether data of a category could be kept on it at a moment before now.
    pub fn held(&self, category: DataCategory, at: Timestamp) -> bool {
        let taken_out = self.taken_out.get(&category);
        let stood = self.ended.or(self.expires).is_none_or(|end| at < end);
        stood && taken_out.map_or_else(|| self.scope.holds(category), |out| at < *out)
    }

    /// Whether it is in force at a moment.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.standing == Standing::InForce && self.expires.is_none_or(|expires| now < expires)
    }
}

impl Exception {
    /// The procedure that a report on it goes by.
    pub fn procedure(&self) -> Option<&ProcedureId> {
        self.terms.as_ref()?.procedure.as_ref()
    }

    /// Whether somebody may still decide on it: a third person looks at it after that.
    pub fn is_undecided(&self, now: Timestamp) -> bool {
        self.confirmed.is_none() && self.is_open(now)
    }

    /// When it lapses: decided by nobody in time, or past its end.
    pub fn lapses(&self) -> Timestamp {
        match self.confirmed {
            None => self.authorise_by.min(self.expires),
            Some(_) => self.expires,
        }
    }

    /// Whether what rests on it is open at a moment. Whether it may be used is asked elsewhere: a
    /// legal mandate is read by who decides on it before anything is sent.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.standing == Standing::InForce && now < self.lapses()
    }
}

impl Case {
    /// Consents in force at a moment.
    pub fn consents_in_force(&self, now: Timestamp) -> impl Iterator<Item = (ConsentId, &Consent)> {
        let consents = self.consents.iter().map(|(id, consent)| (*id, consent));
        consents.filter(move |(_, consent)| consent.is_in_force(now))
    }

    /// The ground of a person's consent to be recorded that is in force, if there is one.
    ///
    /// Only the person's own consent or assent: a client's account never hangs on what a caregiver
    /// gave and may take back (MISSION B8).
    pub fn record_ground(&self, person: PersonId, now: Timestamp) -> Option<GroundId> {
        self.record_ground_for(person, &BTreeSet::new(), now)
    }

    /// The ground of such a consent, the oldest one, on which data of these categories may be
    /// written down.
    pub fn record_ground_for(
        &self,
        person: PersonId,
        categories: &BTreeSet<DataCategory>,
        now: Timestamp,
    ) -> Option<GroundId> {
        let own = self.own_records(person, now).into_iter();
        let holds = |consent: &Consent| categories.iter().all(|one| consent.scope.holds(*one));
        let mut holding = own.filter(|(_, consent)| holds(consent));
        holding.next().map(|(id, _)| id.into())
    }

    /// A person's own consents to be recorded that are in force, the oldest first: ids are random,
    /// and what is decided must not be.
    pub(crate) fn own_records(
        &self,
        person: PersonId,
        now: Timestamp,
    ) -> Vec<(ConsentId, &Consent)> {
        let own = |consent: &Consent| consent.person == person && consent.is_own_record();
        let of_all = self.consents_in_force(now);
        let mut records: Vec<_> = of_all.filter(|(_, consent)| own(consent)).collect();
        records.sort_by_key(|(_, consent)| consent.version);
        records
    }

    /// Leaf keys that hang on a ground, those of single categories included.
    pub fn leaves_of(&self, ground: GroundId) -> impl Iterator<Item = LeafKeyId> + '_ {
        let leaves = self
            .leaves
            .iter()
            .filter(move |(of, _)| of.ground == ground);
        leaves.map(|(_, key)| *key)
    }

    /// Leaf keys of some data categories that hang on a ground.
    pub fn leaves_of_categories(
        &self,
        ground: GroundId,
        categories: &BTreeSet<DataCategory>,
    ) -> impl Iterator<Item = LeafKeyId> {
        let meant = |of: &LeafOf| of.category.is_some_and(|one| categories.contains(&one));
        let leaves = self.leaves.iter();
        leaves
            .filter(move |(of, _)| of.ground == ground && meant(of))
            .map(|(_, key)| *key)
    }

    /// Whether what rests on a ground may be read and added to at a moment. A ground that is
    /// neither a consent nor an exception of this case is a duty and has no end here.
    pub fn is_open(&self, ground: GroundId, now: Timestamp) -> bool {
        let consent = self.consents.get(&ConsentId(ground.0));
        let exception = self.exceptions.get(&ExceptionId(ground.0));
        consent.is_none_or(|one| one.is_in_force(now))
            && exception.is_none_or(|one| one.is_open(now))
    }

    /// When a ground ends by itself, if it does.
    pub fn end_of(&self, ground: GroundId) -> Option<Timestamp> {
        let consent = self.consents.get(&ConsentId(ground.0));
        let exception = self.exceptions.get(&ExceptionId(ground.0));
        let by_consent = consent.and_then(|one| one.expires);
        by_consent.or_else(|| exception.map(|one| one.expires))
    }

    /// Whether the destruction of anything that hangs on a ground has begun.
    pub fn destruction_began(&self, ground: GroundId) -> bool {
        let mut leaves = self.leaves_of(ground);
        leaves.any(|leaf| self.begun.contains(&leaf))
    }

    /// Leaves on grounds that are over at a moment, whether or not they are fenced yet.
    pub fn closed_leaves(&self, now: Timestamp) -> BTreeSet<LeafKeyId> {
        let leaves = self.leaves.iter();
        let closed = leaves.filter(|(of, _)| !self.is_open(of.ground, now));
        closed.map(|(_, key)| *key).collect()
    }

    pub(super) fn apply_grounds(&mut self, record: &Record) {
        // Only counts have a day and no moment.
        let now = record.recorded.at().unwrap_or(Timestamp(0));
        match &record.event {
            Event::ConsentGiven(given) => {
                let consent = Consent {
                    person: given.person,
                    given_by: given.given_by,
                    capacity: given.capacity,
                    scope: given.scope.clone(),
                    given: now,
                    version: record.version,
                    expires: given.expires,
                    standing: Standing::InForce,
                    leaving: BTreeMap::new(),
                    retired: false,
                    retired_categories: BTreeSet::new(),
                    ended: None,
                    taken_out: BTreeMap::new(),
                };
                self.consents.insert(given.consent, consent);
            }
            Event::ConsentWithdrawn(withdrawn) => self.withdraw(withdrawn, now),
            Event::RetentionApplied(it) => self.retire(it, now),
            Event::WithdrawalUndone(undone) => self.undo(undone.consent),
            Event::ConsentRenewed(it) => self.renew(it.consent, it.expires, now),
            Event::ConsentExpired(expired) => {
                let shred_due = expired.shred_due;
                self.stand(expired.consent, Standing::Expired { shred_due }, now);
            }
            Event::ShredStarted(started) => {
                // One that a crash interrupted was begun anew under another name.
                self.erasures.retain(|_, done| *done);
                self.erasures.insert(started.rotation, false);
                self.begun.extend(&started.keys);
            }
            Event::Shredded(done) => {
                self.erasures.values_mut().for_each(|done| *done = true);
                self.begun.extend(&done.keys);
                self.shredded.extend(&done.keys);
                self.bury(&done.keys);
            }
            _ => {}
        }
    }

    /// What a retention rule ends, in part or whole, comes back by nobody's word.
    fn retire(&mut self, it: &RetentionApplied, now: Timestamp) {
        let Some(categories) = &it.categories else {
            let shred_due = it.shred_due;
            self.stand(it.consent, Standing::Expired { shred_due }, now);
            if let Some(consent) = self.consents.get_mut(&it.consent) {
                consent.retired = true;
            }
            return;
        };
        let part = Scope {
            categories: categories.clone(),
            ..Scope::default()
        };
        let withdrawn = ConsentWithdrawn {
            consent: it.consent,
            part: Some(part),
            shred_due: Some(it.shred_due),
        };
        self.withdraw(&withdrawn, now);
        if let Some(consent) = self.consents.get_mut(&it.consent) {
            consent.retired_categories.extend(categories);
        }
    }

    pub(super) fn apply_exceptions(&mut self, record: &Record) {
        match &record.event {
            Event::ExceptionInvoked(invoked) => {
                let exception = Exception {
                    version: record.version,
                    person: invoked.person,
                    kind: invoked.kind,
                    invoked_by: record.actor.staff(),
                    scope: invoked.scope.clone(),
                    authorise_by: invoked.authorise_by,
                    expires: invoked.expires,
                    confirmed: None,
                    decided_by: None,
                    terms: None,
                    told: None,
                    reviewed: None,
                    standing: Standing::InForce,
                };
                self.exceptions.insert(invoked.exception, exception);
            }
            Event::ExceptionAuthorised(it) => {
                self.decided(it.exception, Some(true), None);
                self.decided_by(it.exception, record.actor.staff());
            }
            Event::ExceptionRejected(it) => {
                self.decided(it.exception, Some(false), Some(it.shred_due));
                self.decided_by(it.exception, record.actor.staff());
            }
            Event::ExceptionTermsSet(it) => self.account(it.exception, |exception| {
                exception.terms = Some(Terms {
                    procedure: it.procedure.clone(),
                    report_by: it.report_by,
                    review_by: it.review_by,
                });
            }),
            Event::ToldOfException(it) => self.account(it.exception, |exception| {
                exception.told = Some(Telling {
                    told: it.told,
                    channel: it.channel,
                });
            }),
            Event::ExceptionReviewed(it) => self.account(it.exception, |exception| {
                exception.reviewed = Some(it.outcome);
            }),
            // What goes on it after it was looked at is looked at, too.
            Event::ReferralSent(it) => self.goes_on(&it.basis),
            Event::DisclosureRecorded(it) => self.goes_on(&it.basis),
            Event::ExceptionLapsed(it) => self.decided(it.exception, None, Some(it.shred_due)),
            _ => {}
        }
    }

    fn withdraw(&mut self, withdrawn: &ConsentWithdrawn, now: Timestamp) {
        let ground = GroundId::from(withdrawn.consent);
        let Some(consent) = self.consents.get_mut(&withdrawn.consent) else {
            return;
        };
        let Some(part) = &withdrawn.part else {
            let shred_due = withdrawn.shred_due.unwrap_or(Timestamp(0));
            consent.standing = Standing::Withdrawn { shred_due };
            consent.ended.get_or_insert(now);
            return;
        };
        let held = part
            .categories
            .iter()
            .filter(|one| consent.scope.holds(**one));
        for category in held.copied().collect::<Vec<_>>() {
            consent.taken_out.insert(category, now);
        }
        consent.scope = consent.scope.without(part);
        let Some(due) = withdrawn.shred_due else {
            return;
        };
        let of_ground = self.leaves.iter().filter(|(of, _)| of.ground == ground);
        let living = of_ground.filter(|(_, key)| !self.shredded.contains(key));
        for category in living.filter_map(|(of, _)| of.category) {
            if part.categories.contains(&category) {
                let known = consent.leaving.entry(category).or_insert(due);
                *known = due.min(*known);
            }
        }
    }

    /// Who came of age since gave it as an adult now, so it counts as given again.
    fn renew(&mut self, id: ConsentId, expires: Option<Timestamp>, at: Timestamp) {
        if let Some(consent) = self.consents.get_mut(&id) {
            (consent.expires, consent.standing) = (expires, Standing::InForce);
            (consent.given, consent.ended) = (at, None);
        }
    }

    /// A whole withdrawal is taken back first; then the categories that are still leaving.
    fn undo(&mut self, id: ConsentId) {
        let Some(consent) = self.consents.get_mut(&id) else {
            return;
        };
        if consent.standing != Standing::InForce {
            (consent.standing, consent.ended) = (Standing::InForce, None);
            return;
        }
        for category in std::mem::take(&mut consent.leaving).into_keys() {
            consent.taken_out.remove(&category);
            consent.scope.categories.insert(category);
            consent.scope.withheld.remove(&category);
        }
    }

    fn stand(&mut self, consent: ConsentId, standing: Standing, now: Timestamp) {
        if let Some(consent) = self.consents.get_mut(&consent) {
            consent.standing = standing;
            consent.ended.get_or_insert(now);
        }
    }

    fn decided(
        &mut self,
        exception: ExceptionId,
        confirmed: Option<bool>,
        shred_due: Option<Timestamp>,
    ) {
        let Some(exception) = self.exceptions.get_mut(&exception) else {
            return;
        };
        exception.confirmed = confirmed.or(exception.confirmed);
        if let Some(shred_due) = shred_due {
            exception.standing = Standing::Expired { shred_due };
        }
    }

    fn decided_by(&mut self, id: ExceptionId, by: Option<StaffId>) {
        self.account(id, |exception| exception.decided_by = by);
    }

    fn account(&mut self, id: ExceptionId, note: impl FnOnce(&mut Exception)) {
        if let Some(exception) = self.exceptions.get_mut(&id) {
            note(exception);
        }
    }

    /// Ends what these leaves were the last of: a ground that is over, and categories that were
    /// taken out of one.
    fn bury(&mut self, keys: &[LeafKeyId]) {
        let hit = self.leaves.iter().filter(|(_, key)| keys.contains(key));
        let grounds: BTreeSet<GroundId> = hit.map(|(of, _)| of.ground).collect();
        for ground in grounds {
            let of_ground = self.leaves.iter().filter(|(of, _)| of.ground == ground);
            let living = of_ground.filter(|(_, key)| !self.shredded.contains(key));
            let living: BTreeSet<Option<DataCategory>> =
                living.map(|(of, _)| of.category).collect();
            if let Some(consent) = self.consents.get_mut(&ConsentId(ground.0)) {
                let stays = |category: &DataCategory| living.contains(&Some(*category));
                consent.leaving.retain(|category, _| stays(category));
                let held = |of: &LeafOf| of.category.is_none_or(|one| consent.scope.holds(one));
                let mut of_ground = self.leaves.keys().filter(|of| of.ground == ground);
                let over = consent.standing != Standing::InForce || of_ground.any(held);
                if living.is_empty() && over {
                    consent.standing = Standing::Shredded;
                }
            }
            if let Some(exception) = self.exceptions.get_mut(&ExceptionId(ground.0))
                && living.is_empty()
            {
                exception.standing = Standing::Shredded;
            }
        }
    }
}
