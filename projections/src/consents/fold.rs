//! How events change where consents and exceptions stand.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::BTreeSet;

use ledger::clock::Timestamp;
use ledger::domain::codes::DataCategory;
use ledger::domain::event::{ConsentGiven, Event, ExceptionInvoked, Record};
use ledger::domain::ids::*;
use ledger::domain::scope::Scope;
use ledger::domain::stream::StreamId;

use super::{ConsentRow, Consents, DueIndex, ExceptionRow, HoldRow, Standing};
use crate::projection::moment;
use crate::scope_bits::ScopeBits;

impl Consents {
    pub(super) fn fold(&mut self, record: &Record) {
        let StreamId::Case(case) = record.stream else {
            return;
        };
        let now = moment(record.recorded);
        self.add_leaves(case, record);
        match &record.event {
            Event::ConsentGiven(given) => self.give(case, given, now),
            Event::ConsentWithdrawn(withdrawn) => match &withdrawn.part {
                Some(part) => self.narrow(case, withdrawn.consent, (part, withdrawn.shred_due)),
                None => {
                    // A whole withdrawal without a due time is due at once.
                    let shred_due = withdrawn.shred_due.unwrap_or(Timestamp(0));
                    self.stand(
                        case,
                        withdrawn.consent,
                        Standing::Withdrawn { shred_due },
                        now,
                    );
                }
            },
            Event::WithdrawalUndone(it) => self.change(case, it.consent, |row| row.undo(now)),
            Event::RetentionApplied(it) => match &it.categories {
                Some(categories) => {
                    let part = Scope {
                        categories: categories.clone(),
                        ..Scope::default()
                    };
                    self.narrow(case, it.consent, (&part, Some(it.shred_due)));
                }
                None => {
                    let shred_due = it.shred_due;
                    self.stand(case, it.consent, Standing::Expired { shred_due }, now);
                }
            },
            Event::ConsentRenewed(it) => self.change(case, it.consent, |row| {
                (row.standing, row.since, row.expires) = (Standing::InForce, now, it.expires);
            }),
            Event::ConsentExpired(it) => {
                let shred_due = it.shred_due;
                self.stand(case, it.consent, Standing::Expired { shred_due }, now);
            }
            Event::ExceptionInvoked(it) => self.invoke(case, it, record.actor.staff(), now),
            Event::ExceptionAuthorised(it) => {
                self.change_exception(case, it.exception, |row| row.confirmed = Some(true));
            }
            Event::ExceptionRejected(it) => self.change_exception(case, it.exception, |row| {
                row.confirmed = Some(false);
                row.standing = Standing::Expired {
                    shred_due: it.shred_due,
                };
            }),
            Event::ExceptionLapsed(it) => self.change_exception(case, it.exception, |row| {
                row.standing = Standing::Expired {
                    shred_due: it.shred_due,
                };
            }),
            Event::HoldPlaced(it) => self.holds.entry(case).or_default().push(HoldRow {
                hold: it.hold,
                person: it.person,
                until: it.until,
            }),
            Event::HoldReleased(it) => {
                if let Some(holds) = self.holds.get_mut(&case) {
                    holds.retain(|row| row.hold != it.hold);
                }
            }
            Event::Shredded(it) => self.bury(case, &it.keys, now),
            _ => {}
        }
    }

    fn add_leaves(&mut self, case: CaseId, record: &Record) {
        if record.leaves.is_empty() {
            return;
        }
        let leaves = &mut self.cases.entry(case).or_default().leaves;
        leaves.reserve_exact(record.leaves.len());
        let made = record.leaves.iter();
        leaves.extend(made.map(|leaf| (leaf.key, leaf.of.ground, leaf.of.category, false)));
    }

    fn give(&mut self, case: CaseId, given: &ConsentGiven, now: Timestamp) {
        let row = ConsentRow {
            consent: given.consent,
            person: given.person,
            given_by: given.given_by,
            capacity: given.capacity,
            scope: ScopeBits::from(&given.scope),
            given: now,
            expires: given.expires,
            standing: Standing::InForce,
            since: now,
            leaving: Vec::new(),
        };
        self.due.note(case, &row);
        push_exact(&mut self.cases.entry(case).or_default().consents, row);
    }

    fn invoke(
        &mut self,
        case: CaseId,
        invoked: &ExceptionInvoked,
        invoked_by: Option<StaffId>,
        now: Timestamp,
    ) {
        let row = ExceptionRow {
            exception: invoked.exception,
            person: invoked.person,
            kind: invoked.kind,
            invoked_by,
            scope: ScopeBits::from(&invoked.scope),
            invoked: now,
            authorise_by: invoked.authorise_by,
            expires: invoked.expires,
            confirmed: None,
            standing: Standing::InForce,
        };
        self.due.note_exception(case, &row);
        push_exact(&mut self.cases.entry(case).or_default().exceptions, row);
    }

    /// Takes a part out of a consent; what was written in its categories waits for destruction.
    fn narrow(
        &mut self,
        case: CaseId,
        consent: ConsentId,
        (part, shred_due): (&Scope, Option<Timestamp>),
    ) {
        let ground = GroundId::from(consent);
        let grounds = self.cases.get(&case);
        let leaves = grounds.map(|grounds| grounds.leaves.as_slice());
        let of_ground = leaves.unwrap_or_default().iter();
        let written = of_ground.filter(|(_, of, _, gone)| *of == ground && !gone);
        let written = written.filter_map(|(_, _, category, _)| *category);
        let going: BTreeSet<_> = written
            .filter(|one| part.categories.contains(one))
            .collect();
        self.change(case, consent, |row| {
            row.scope = ScopeBits::from(&row.scope.unpacked().without(part));
            for (category, due) in going.into_iter().zip(shred_due.into_iter().cycle()) {
                row.leave(category, due);
            }
        });
    }

    fn stand(&mut self, case: CaseId, consent: ConsentId, standing: Standing, now: Timestamp) {
        self.change(case, consent, |row| {
            row.standing = standing;
            row.since = now;
        });
    }

    /// A ground is gone with its last leaf, and so is a category that was taken out of a consent,
    /// as it is for decisions.
    fn bury(&mut self, case: CaseId, keys: &[LeafKeyId], now: Timestamp) {
        let Some(grounds) = self.cases.get_mut(&case) else {
            return;
        };
        let mut hit = BTreeSet::new();
        let dead = grounds.leaves.iter_mut();
        for leaf in dead.filter(|leaf| keys.contains(&leaf.0)) {
            leaf.3 = true;
            hit.insert(leaf.1);
        }
        for ground in hit {
            let leaves = self.cases.get(&case).map(|grounds| &grounds.leaves);
            let of_ground = leaves.into_iter().flatten().filter(|leaf| leaf.1 == ground);
            let (dead, living): (Vec<_>, Vec<_>) = of_ground.copied().partition(|leaf| leaf.3);
            let living: BTreeSet<_> = living.into_iter().map(|leaf| leaf.2).collect();
            self.change(case, ConsentId(ground.0), |row| {
                row.leaving.retain(|(one, _)| living.contains(&Some(*one)));
                let scope = row.scope.unpacked();
                let held = |one: Option<DataCategory>| one.is_none_or(|one| scope.holds(one));
                let over = row.standing != Standing::InForce || dead.iter().any(|one| held(one.2));
                if living.is_empty() && over {
                    (row.standing, row.since) = (Standing::Shredded, now);
                }
            });
            if living.is_empty() {
                let gone = |row: &mut ExceptionRow| row.standing = Standing::Shredded;
                self.change_exception(case, ExceptionId(ground.0), gone);
            }
        }
    }

    fn change_exception(
        &mut self,
        case: CaseId,
        exception: ExceptionId,
        change: impl FnOnce(&mut ExceptionRow),
    ) {
        let Some(grounds) = self.cases.get_mut(&case) else {
            return;
        };
        let mut rows = grounds.exceptions.iter_mut();
        if let Some(row) = rows.find(|row| row.exception == exception) {
            self.due.forget_exception(case, row);
            change(row);
            self.due.note_exception(case, row);
        }
    }

    fn change(&mut self, case: CaseId, consent: ConsentId, change: impl FnOnce(&mut ConsentRow)) {
        let Some(grounds) = self.cases.get_mut(&case) else {
            return;
        };
        let mut rows = grounds.consents.iter_mut();
        if let Some(row) = rows.find(|row| row.consent == consent) {
            self.due.forget(case, row);
            change(row);
            self.due.note(case, row);
        }
    }
}

impl ConsentRow {
    fn leave(&mut self, category: DataCategory, due: Timestamp) {
        match self.leaving.iter_mut().find(|(one, _)| *one == category) {
            Some((_, known)) => *known = due.min(*known),
            None => self.leaving.push((category, due)),
        }
    }

    /// A whole withdrawal is taken back first; then the categories that are still leaving.
    fn undo(&mut self, now: Timestamp) {
        if self.standing != Standing::InForce {
            (self.standing, self.since) = (Standing::InForce, now);
            return;
        }
        let mut scope = self.scope.unpacked();
        for (category, _) in std::mem::take(&mut self.leaving) {
            scope.categories.insert(category);
            scope.withheld.remove(&category);
        }
        self.scope = ScopeBits::from(&scope);
    }
}

impl Standing {
    fn shred_due(self) -> Option<Timestamp> {
        match self {
            Self::Withdrawn { shred_due } | Self::Expired { shred_due } => Some(shred_due),
            Self::InForce | Self::Shredded => None,
        }
    }
}

impl DueIndex {
    pub(super) fn note(&mut self, case: CaseId, row: &ConsentRow) {
        if row.standing == Standing::InForce {
            let expires = row.expires.map(|expires| (expires, case, row.consent));
            self.expiring.extend(expires);
        }
        self.shredding.extend(destructions(case, row));
    }

    fn forget(&mut self, case: CaseId, row: &ConsentRow) {
        if let Some(expires) = row.expires {
            self.expiring.remove(&(expires, case, row.consent));
        }
        for due in destructions(case, row) {
            self.shredding.remove(&due);
        }
    }

    pub(super) fn note_exception(&mut self, case: CaseId, row: &ExceptionRow) {
        if row.standing == Standing::InForce {
            self.lapsing.insert((row.lapses(), case, row.exception));
            if row.confirmed.is_none() {
                self.undecided
                    .insert((row.authorise_by, case, row.exception));
            }
        }
        let due = row.standing.shred_due();
        let due = due.map(|due| (due, case, row.exception.into()));
        self.shredding.extend(due);
    }

    fn forget_exception(&mut self, case: CaseId, row: &ExceptionRow) {
        self.lapsing.remove(&(row.lapses(), case, row.exception));
        self.undecided
            .remove(&(row.authorise_by, case, row.exception));
        if let Some(due) = row.standing.shred_due() {
            self.shredding.remove(&(due, case, row.exception.into()));
        }
    }
}

impl ExceptionRow {
    /// As `ledger::domain::grounds::Exception::lapses`; a test compares them.
    fn lapses(&self) -> Timestamp {
        match self.confirmed {
            None => self.authorise_by.min(self.expires),
            Some(_) => self.expires,
        }
    }
}

/// When keys of a consent are to be destroyed: the whole, and categories taken out of it.
fn destructions(
    case: CaseId,
    row: &ConsentRow,
) -> impl Iterator<Item = (Timestamp, CaseId, GroundId)> {
    let ground = GroundId::from(row.consent);
    let parts = row.leaving.iter().map(|(_, due)| *due);
    let all = row.standing.shred_due().into_iter().chain(parts);
    all.map(move |due| (due, case, ground))
}

/// Most cases have one or two consents; room for four in each would double the memory.
fn push_exact<T>(rows: &mut Vec<T>, row: T) {
    rows.reserve_exact(1);
    rows.push(row);
}
