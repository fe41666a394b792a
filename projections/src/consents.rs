//! Consents and exceptions: what is in force, what ends when, what waits for a second person or for
//! shredding.
//!
//! - Where a consent stands follows the same rules as `ledger::domain::case`; a test compares them.
//! - Rows stay after shredding: the record part says that there was a consent and that it is gone.

mod fold;

use std::collections::{BTreeMap, BTreeSet};

use ledger::clock::Timestamp;
use ledger::domain::codes::{Capacity, DataCategory, ExceptionKind};
use ledger::domain::event::Record;
use ledger::domain::ids::*;
use ledger::domain::scope::Scope;
use ledger::limits::VIEW_ROWS_MAX;
use serde::{Deserialize, Serialize};

use crate::projection::Projection;
use crate::scope_bits::ScopeBits;

/// Every consent and exception.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Consents {
    cases: BTreeMap<CaseId, Grounds>,
    /// Legal holds that were not released.
    holds: BTreeMap<CaseId, Vec<HoldRow>>,
    #[serde(skip)]
    due: DueIndex,
}

/// A consent and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// In which case.
    pub case: CaseId,
    /// Which.
    pub consent: ConsentId,
    /// Whose data.
    pub person: PersonId,
    /// Who gave it.
    pub given_by: PersonId,
    /// In which capacity.
    pub capacity: Capacity,
    /// What it covers now.
    pub scope: Scope,
    /// When it was given first; a renewal changes nothing about that.
    pub given: Timestamp,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
    /// In force, withdrawn, expired, gone.
    pub standing: Standing,
    /// When it came to stand so.
    pub since: Timestamp,
    /// Categories taken out of it whose leaves are fenced, and when those are to be destroyed.
    pub leaving: Vec<(DataCategory, Timestamp)>,
}

/// Where a ground stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// In force, unless its time is up.
    InForce,
    /// Withdrawn and fenced; its keys are destroyed when due.
    Withdrawn {
        /// When that is.
        shred_due: Timestamp,
    },
    /// Expired, lapsed or rejected, and fenced; its keys are destroyed when due.
    Expired {
        /// When that is.
        shred_due: Timestamp,
    },
    /// All its keys are gone.
    Shredded,
}

/// An exception and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// In which case.
    pub case: CaseId,
    /// Which.
    pub exception: ExceptionId,
    /// Whose data.
    pub person: PersonId,
    /// Which of the two kinds.
    pub kind: ExceptionKind,
    /// Who used it; somebody else must confirm it.
    pub invoked_by: Option<StaffId>,
    /// What it covers.
    pub scope: Scope,
    /// When it was used.
    pub invoked: Timestamp,
    /// By when a second person must decide.
    pub authorise_by: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// Undecided, confirmed, not confirmed.
    pub confirmed: Option<bool>,
    /// In force, lapsed or rejected, gone.
    pub standing: Standing,
}

/// What the ledger itself has to do now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Consents whose time is up, for `ExpireConsent`, the longest over first.
    pub expire: Vec<(CaseId, ConsentId)>,
    /// Exceptions that nobody confirmed in time or whose time is up, for `LapseException`, the
    /// longest over first.
    pub lapse: Vec<(CaseId, ExceptionId)>,
    /// Cases with keys that are due to be destroyed, for `ShredDue`.
    pub shred: Vec<CaseId>,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Grounds {
    consents: Vec<ConsentRow>,
    exceptions: Vec<ExceptionRow>,
    /// What each leaf key of the case is for, and whether it is destroyed.
    leaves: Vec<(LeafKeyId, GroundId, Option<DataCategory>, bool)>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct ConsentRow {
    consent: ConsentId,
    person: PersonId,
    given_by: PersonId,
    capacity: Capacity,
    scope: ScopeBits,
    given: Timestamp,
    expires: Option<Timestamp>,
    standing: Standing,
    since: Timestamp,
    leaving: Vec<(DataCategory, Timestamp)>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct ExceptionRow {
    exception: ExceptionId,
    person: PersonId,
    kind: ExceptionKind,
    invoked_by: Option<StaffId>,
    scope: ScopeBits,
    invoked: Timestamp,
    authorise_by: Timestamp,
    expires: Timestamp,
    confirmed: Option<bool>,
    standing: Standing,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct HoldRow {
    hold: HoldId,
    /// Whose data; everybody's in the case if none.
    person: Option<PersonId>,
    until: Timestamp,
}

/// What has a due time, soonest first. Built from the rows; left out of snapshots.
#[derive(Debug, Default, PartialEq)]
struct DueIndex {
    expiring: BTreeSet<(Timestamp, CaseId, ConsentId)>,
    lapsing: BTreeSet<(Timestamp, CaseId, ExceptionId)>,
    shredding: BTreeSet<(Timestamp, CaseId, GroundId)>,
    undecided: BTreeSet<(Timestamp, CaseId, ExceptionId)>,
}

impl Consents {
    /// Every case with a consent or an exception, by id.
    pub fn cases(&self) -> impl Iterator<Item = CaseId> + '_ {
        self.cases.keys().copied()
    }

    /// Every consent of a case, in the order of giving.
    pub fn of_case(&self, case: CaseId) -> impl Iterator<Item = Consent> + '_ {
        let rows = self.cases.get(&case).map(|grounds| &grounds.consents);
        rows.into_iter().flatten().map(move |row| row.shown(case))
    }

    /// The consents of a case that are in force at a moment.
    pub fn in_force(&self, case: CaseId, now: Timestamp) -> impl Iterator<Item = Consent> + '_ {
        self.of_case(case)
            .filter(move |consent| consent.is_in_force(now))
    }

    /// The exceptions of a case, in the order of use.
    pub fn exceptions_of(&self, case: CaseId) -> impl Iterator<Item = Exception> + '_ {
        let rows = self.cases.get(&case).map(|grounds| &grounds.exceptions);
        rows.into_iter().flatten().map(move |row| row.shown(case))
    }

    /// Consents in force that end before a moment, the soonest first; those whose time is up
    /// included until the ledger has fenced them.
    pub fn expiring(&self, before: Timestamp, rows_max: usize) -> Vec<Consent> {
        let ending = self.due.expiring.iter();
        ending
            .take_while(|(expires, _, _)| *expires < before)
            .filter_map(|(_, case, consent)| self.find(*case, *consent))
            .take(rows_max.clamp(1, VIEW_ROWS_MAX))
            .collect()
    }

    /// Exceptions that a second person has not decided, the soonest due first.
    pub fn awaiting(&self, rows_max: usize) -> Vec<Exception> {
        let undecided = self.due.undecided.iter();
        undecided
            .filter_map(|(_, case, exception)| {
                let row = self.cases.get(case)?.exception(*exception)?;
                Some(row.shown(*case))
            })
            .take(rows_max.clamp(1, VIEW_ROWS_MAX))
            .collect()
    }

    /// Consents withdrawn, whole or in part, or expired, whose keys wait for their destruction, the
    /// soonest due first.
    pub fn withdrawn(&self, rows_max: usize) -> Vec<Consent> {
        let mut told = BTreeSet::new();
        let waiting = self.due.shredding.iter();
        waiting
            .filter(|(_, _, ground)| told.insert(*ground))
            .filter_map(|(_, case, ground)| self.find(*case, ConsentId(ground.0)))
            .take(rows_max.clamp(1, VIEW_ROWS_MAX))
            .collect()
    }

    /// What the ledger itself has to do at a moment; at most [`VIEW_ROWS_MAX`] of each. Nothing is
    /// to be destroyed in cases that are held back, nor on grounds that ended by themselves and
    /// that a legal hold keeps: asked for, they would be refused and keep others from their turn.
    pub fn due(&self, now: Timestamp, held_back: &BTreeSet<CaseId>) -> Due {
        let expire = self.due.expiring.iter();
        let lapse = self.due.lapsing.iter();
        let shred = self.due.shredding.iter();
        let cases: BTreeSet<CaseId> = shred
            .take_while(|(due, _, _)| *due <= now)
            .filter(|(_, case, ground)| !self.is_under_hold(*case, *ground, now))
            .map(|(_, case, _)| *case)
            .filter(|case| !held_back.contains(case))
            .take(VIEW_ROWS_MAX)
            .collect();
        Due {
            expire: expire
                .take_while(|(expires, _, _)| *expires <= now)
                .take(VIEW_ROWS_MAX)
                .map(|(_, case, consent)| (*case, *consent))
                .collect(),
            lapse: lapse
                .take_while(|(lapses, _, _)| *lapses <= now)
                .take(VIEW_ROWS_MAX)
                .map(|(_, case, exception)| (*case, *exception))
                .collect(),
            shred: cases.into_iter().collect(),
        }
    }

    /// Whether a legal hold keeps all of a ground, by the rule of `ShredDue`: what a person took
    /// back goes in spite of it.
    fn is_under_hold(&self, case: CaseId, ground: GroundId, now: Timestamp) -> bool {
        let (Some(holds), Some(grounds)) = (self.holds.get(&case), self.cases.get(&case)) else {
            return false;
        };
        let mut consents = grounds.consents.iter();
        let consent = consents.find(|row| GroundId::from(row.consent) == ground);
        let mut exceptions = grounds.exceptions.iter();
        let exception = exceptions.find(|row| GroundId::from(row.exception) == ground);
        let (person, standing) = match (consent, exception) {
            (Some(row), _) if row.leaving.iter().any(|(_, due)| *due <= now) => return false,
            (Some(row), _) => (row.person, row.standing),
            (None, Some(row)) => (row.person, row.standing),
            (None, None) => return false,
        };
        let keeps = |hold: &HoldRow| {
            now < hold.until && hold.person.is_none_or(|covered| covered == person)
        };
        matches!(standing, Standing::Expired { .. }) && holds.iter().any(keeps)
    }

    fn find(&self, case: CaseId, consent: ConsentId) -> Option<Consent> {
        let rows = &self.cases.get(&case)?.consents;
        let row = rows.iter().find(|row| row.consent == consent)?;
        Some(row.shown(case))
    }
}

impl Consent {
    /// Whether it is in force at a moment.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.standing == Standing::InForce && self.expires.is_none_or(|expires| now < expires)
    }
}

impl Projection for Consents {
    const NAME: &'static str = "consents";
    const VERSION: u32 = 4;

    fn apply(&mut self, _position: u64, record: &Record) {
        self.fold(record);
    }

    fn reindex(&mut self) {
        let mut due = DueIndex::default();
        for (case, grounds) in &self.cases {
            for row in &grounds.consents {
                due.note(*case, row);
            }
            for row in &grounds.exceptions {
                due.note_exception(*case, row);
            }
        }
        self.due = due;
    }
}

impl Grounds {
    fn exception(&self, id: ExceptionId) -> Option<&ExceptionRow> {
        self.exceptions.iter().find(|row| row.exception == id)
    }
}

impl ConsentRow {
    fn shown(&self, case: CaseId) -> Consent {
        Consent {
            case,
            consent: self.consent,
            person: self.person,
            given_by: self.given_by,
            capacity: self.capacity,
            scope: self.scope.unpacked(),
            given: self.given,
            expires: self.expires,
            standing: self.standing,
            since: self.since,
            leaving: self.leaving.clone(),
        }
    }
}

impl ExceptionRow {
    fn shown(&self, case: CaseId) -> Exception {
        Exception {
            case,
            exception: self.exception,
            person: self.person,
            kind: self.kind,
            invoked_by: self.invoked_by,
            scope: self.scope.unpacked(),
            invoked: self.invoked,
            authorise_by: self.authorise_by,
            expires: self.expires,
            confirmed: self.confirmed,
            standing: self.standing,
        }
    }
}
