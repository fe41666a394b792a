//! How events change where consents and exceptions stand.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use ledger::clock::Timestamp;
use ledger::domain::event::{ConsentGiven, Event, ExceptionInvoked, Record};
use ledger::domain::ids::*;
use ledger::domain::stream::StreamId;

use super::{ConsentRow, Consents, DueIndex, ExceptionRow, Standing};
use crate::projection::moment;
use crate::scope_bits::ScopeBits;

impl Consents {
    pub(super) fn fold(&mut self, record: &Record) {
        let StreamId::Case(case) = record.stream else {
            return;
        };
        let now = moment(record.recorded);
        if !record.leaves.is_empty() {
            let leaves = &mut self.cases.entry(case).or_default().leaves;
            leaves.reserve_exact(record.leaves.len());
            leaves.extend(record.leaves.iter().map(|leaf| (leaf.key, leaf.ground)));
        }
        match &record.event {
            Event::ConsentGiven(given) => self.give(case, given, now),
            Event::ConsentWithdrawn(withdrawn) => match &withdrawn.part {
                Some(part) => self.change(case, withdrawn.consent, |row| {
                    row.scope = ScopeBits::from(&row.scope.unpacked().without(part));
                }),
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
            Event::WithdrawalUndone(it) => self.stand(case, it.consent, Standing::InForce, now),
            Event::ConsentExpired(it) => self.stand(case, it.consent, Standing::Expired, now),
            Event::ExceptionInvoked(it) => self.invoke(case, it, record.actor.staff(), now),
            Event::ExceptionAuthorised(it) => self.decide(case, it.exception, true),
            Event::ExceptionRejected(it) => self.decide(case, it.exception, false),
            Event::ShredStarted(it) => self.shred(case, &it.keys, Standing::Shredding, now),
            Event::Shredded(it) => self.shred(case, &it.keys, Standing::Shredded, now),
            _ => {}
        }
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
        };
        self.due
            .undecided
            .insert((row.authorise_by, case, row.exception));
        push_exact(&mut self.cases.entry(case).or_default().exceptions, row);
    }

    fn decide(&mut self, case: CaseId, exception: ExceptionId, confirmed: bool) {
        let Some(grounds) = self.cases.get_mut(&case) else {
            return;
        };
        let mut rows = grounds.exceptions.iter_mut();
        if let Some(row) = rows.find(|row| row.exception == exception) {
            row.confirmed = Some(confirmed);
            self.due
                .undecided
                .remove(&(row.authorise_by, case, exception));
        }
    }

    fn stand(&mut self, case: CaseId, consent: ConsentId, standing: Standing, now: Timestamp) {
        self.change(case, consent, |row| {
            row.standing = standing;
            row.since = now;
        });
    }

    /// A consent is gone with the first of its keys, as it is for decisions.
    fn shred(&mut self, case: CaseId, keys: &[LeafKeyId], standing: Standing, now: Timestamp) {
        let Some(grounds) = self.cases.get(&case) else {
            return;
        };
        let hit = grounds.leaves.iter().filter(|(key, _)| keys.contains(key));
        let consents: Vec<_> = hit.map(|(_, ground)| ConsentId(ground.0)).collect();
        for consent in consents {
            self.stand(case, consent, standing, now);
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

impl DueIndex {
    pub(super) fn note(&mut self, case: CaseId, row: &ConsentRow) {
        match row.standing {
            Standing::InForce => {
                let expires = row.expires.map(|expires| (expires, case, row.consent));
                self.expiring.extend(expires);
            }
            Standing::Withdrawn { shred_due } => {
                self.shredding.insert((shred_due, case, row.consent));
            }
            Standing::Expired | Standing::Shredding | Standing::Shredded => {}
        }
    }

    fn forget(&mut self, case: CaseId, row: &ConsentRow) {
        if let Some(expires) = row.expires {
            self.expiring.remove(&(expires, case, row.consent));
        }
        if let Standing::Withdrawn { shred_due } = row.standing {
            self.shredding.remove(&(shred_due, case, row.consent));
        }
    }
}

/// Most cases have one or two consents; room for four in each would double the memory.
fn push_exact<T>(rows: &mut Vec<T>, row: T) {
    rows.reserve_exact(1);
    rows.push(row);
}
