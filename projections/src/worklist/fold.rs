//! How events change the worklist, and how its indexes keep up.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use ledger::domain::codes::{FollowUpOutcome, ReferralState, Sensitivity};
use ledger::domain::event::{
    CaseOpened, Event, FollowUpRecorded, Record, ReferralDrafted, ReferralSent,
};
use ledger::domain::ids::*;
use ledger::domain::stream::StreamId;

use super::{Cursor, Head, Index, Row, WAITING, Worklist};
use crate::projection::moment;

impl Worklist {
    pub(super) fn fold(&mut self, position: u64, record: &Record) {
        let StreamId::Case(case) = record.stream else {
            return;
        };
        if let Event::CaseOpened(opened) = &record.event {
            self.heads.insert(case, Head::new(opened));
        }
        if let Some(head) = self.heads.get_mut(&case) {
            head.fold(record);
        }
        match &record.event {
            Event::ReferralDrafted(drafted) => self.draft(position, case, drafted, record),
            Event::ReferralSent(sent) => self.send(position, sent, record),
            Event::FollowUpRecorded(followed) => self.follow_up(position, followed, record),
            Event::FollowUpAgreed(agreed) => {
                self.change(position, agreed.referral, |row| {
                    row.follow_up_on = Some(agreed.on);
                    row.follow_up_done = false;
                });
            }
            Event::CaseWorkClosed(_) => self.rest(position, case, true),
            Event::CaseReopened(_) => self.rest(position, case, false),
            Event::RecallAsked(asked) => {
                self.change(position, asked.referral, |row| {
                    row.state = ReferralState::RecallAsked;
                    row.since = moment(record.recorded);
                    row.answer_by = Some(asked.answer_by);
                });
            }
            // Whom it waits for changes with it; what was advised is read from the case.
            Event::SpecialistConsulted(it) => self.stir(position, it.referral),
            Event::ArrangementRecorded(it) => self.stir(position, it.referral),
            Event::FeesTold(it) => self.stir(position, it.referral),
            Event::ConsultationConfirmed(it) => self.stir(position, it.referral),
            Event::StaffAssigned(assigned) => {
                self.assign(position, case, assigned.staff, true);
            }
            Event::StaffUnassigned(unassigned) => {
                self.assign(position, case, unassigned.staff, false);
            }
            // An emergency may be signed off after sending: that moves nothing (C12).
            Event::ReferralReviewed(it) if self.was_sent(it.referral) => {
                self.stir(position, it.referral);
            }
            other => {
                if let Some((referral, state)) = step(other) {
                    self.change(position, referral, |row| {
                        row.state = state;
                        row.since = moment(record.recorded);
                    });
                }
            }
        }
    }

    fn draft(&mut self, position: u64, case: CaseId, drafted: &ReferralDrafted, record: &Record) {
        let Ok(place) = u32::try_from(self.rows.len()) else {
            return;
        };
        let Some(head) = self.heads.get_mut(&case) else {
            return;
        };
        let row = Row {
            referral: drafted.referral,
            case,
            service: drafted.service,
            recipient: drafted.recipient,
            reference: None,
            follows: drafted.follows,
            state: ReferralState::Draft,
            urgency: drafted.urgency,
            drafted: moment(record.recorded),
            since: moment(record.recorded),
            acknowledge_by: None,
            complete_by: None,
            answer_by: None,
            followed_up: None,
            follow_up_on: None,
            follow_up_done: false,
            rests: false,
            changed: position,
            told: position,
        };
        head.rows.push(place);
        self.index.by_id.insert(row.referral, place);
        self.index.insert(place, &row, head.organisation);
        self.rows.push(row);
    }

    fn send(&mut self, position: u64, sent: &ReferralSent, record: &Record) {
        self.change(position, sent.referral, |row| {
            row.state = ReferralState::Sent;
            row.since = moment(record.recorded);
            row.reference = Some(sent.reference);
            row.acknowledge_by = Some(sent.acknowledge_by);
            row.complete_by = Some(sent.complete_by);
        });
    }

    /// Who works on a case decides who sees its referrals: each of them counts as changed, which
    /// is nothing to its recipient.
    fn assign(&mut self, position: u64, case: CaseId, staff: StaffId, works: bool) {
        let Some(head) = self.heads.get_mut(&case) else {
            return;
        };
        head.assigned.retain(|one| *one != staff);
        if works {
            head.assigned.push(staff);
        }
        for place in head.rows.clone() {
            self.change_at(position, place, |_| {});
        }
    }

    /// Nothing is followed up any more while the case is closed: it was, or it was tried. Once it
    /// is open again, what nobody was heard of is owed again. Neither is told to a recipient.
    fn rest(&mut self, position: u64, case: CaseId, closed: bool) {
        let places = self.heads.get(&case).map(|head| head.rows.clone());
        for place in places.unwrap_or_default() {
            self.change_at(position, place, |row| row.rests = closed);
        }
    }

    /// Whom the sender reached, and that it tried, is told to no recipient: it may have been the
    /// person.
    fn follow_up(&mut self, position: u64, followed: &FollowUpRecorded, record: &Record) {
        let place = self.index.by_id.get(&followed.referral).copied();
        let Some(place) = place else { return };
        self.change_at(position, place, |row| {
            row.followed_up = Some(moment(record.recorded));
            row.follow_up_done |= match followed.outcome {
                FollowUpOutcome::Answered | FollowUpOutcome::NotToldUnsafe => true,
                // Nobody was heard yet.
                FollowUpOutcome::NoAnswer | FollowUpOutcome::MessageLeft => false,
            };
        });
    }

    fn was_sent(&self, referral: ReferralId) -> bool {
        let place = self.index.by_id.get(&referral).copied();
        let slot = place.and_then(|place| usize::try_from(place).ok());
        let row = slot.and_then(|slot| self.rows.get(slot));
        row.is_some_and(|row| row.reference.is_some())
    }

    fn change(&mut self, position: u64, referral: ReferralId, change: impl FnOnce(&mut Row)) {
        if let Some(place) = self.index.by_id.get(&referral) {
            self.change_at(position, *place, |row| {
                change(row);
                row.told = position;
            });
        }
    }

    /// A change of which the recipient is told nothing.
    fn stir(&mut self, position: u64, referral: ReferralId) {
        if let Some(place) = self.index.by_id.get(&referral) {
            self.change_at(position, *place, |_| {});
        }
    }

    fn change_at(&mut self, position: u64, place: u32, change: impl FnOnce(&mut Row)) {
        let slot = usize::try_from(place).unwrap_or(usize::MAX);
        let Some(row) = self.rows.get_mut(slot) else {
            return;
        };
        let Some(head) = self.heads.get(&row.case) else {
            return;
        };
        self.index.remove(place, row, head.organisation);
        change(row);
        row.changed = position;
        self.index.insert(place, row, head.organisation);
    }
}

impl Head {
    fn new(opened: &CaseOpened) -> Self {
        Self {
            code: opened.code,
            organisation: opened.organisation,
            sensitivity: opened.sensitivity,
            version: 0,
            assigned: Vec::new(),
            merged: false,
            closed: false,
            rows: Vec::new(),
        }
    }

    fn fold(&mut self, record: &Record) {
        self.version = record.version;
        match &record.event {
            Event::CasesMerged(it) => self.merged = !it.leads,
            Event::CasesUnmerged(_) => self.merged = false,
            Event::CaseWorkClosed(_) => self.closed = true,
            Event::CaseReopened(_) => self.closed = false,
            Event::AgeAssessed(it) => self.sensitivity = it.company.narrowed(self.sensitivity),
            Event::ConcernRaised(_) => self.sensitivity = Sensitivity::Restricted,
            _ => {}
        }
    }
}

impl Index {
    pub(super) fn insert(&mut self, place: u32, row: &Row, sender: OrganisationId) {
        let cursor = Cursor {
            position: row.changed,
            row: place,
        };
        let waits = WAITING.contains(&row.state);
        *self.by_state.entry(row.state).or_default() += 1;
        self.everybody.all.insert(cursor);
        if waits {
            self.everybody.waiting.insert(cursor);
        }
        for (organisation, cursor) in sides(place, row, sender) {
            let walk = self.by_organisation.entry(organisation).or_default();
            walk.all.insert(cursor);
            if waits {
                walk.waiting.insert(cursor);
            }
        }
    }

    fn remove(&mut self, place: u32, row: &Row, sender: OrganisationId) {
        let cursor = Cursor {
            position: row.changed,
            row: place,
        };
        if let Some(count) = self.by_state.get_mut(&row.state) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.by_state.remove(&row.state);
            }
        }
        self.everybody.all.remove(&cursor);
        self.everybody.waiting.remove(&cursor);
        for (organisation, cursor) in sides(place, row, sender) {
            if let Some(walk) = self.by_organisation.get_mut(&organisation) {
                walk.all.remove(&cursor);
                walk.waiting.remove(&cursor);
            }
        }
    }
}

/// Where a row stands in the order of each side: what the recipient is not told moves nothing in
/// its list.
fn sides(place: u32, row: &Row, sender: OrganisationId) -> [(OrganisationId, Cursor); 2] {
    let at = |position| Cursor {
        position,
        row: place,
    };
    let own = row.recipient == sender;
    let told = if own { row.changed } else { row.told };
    [(sender, at(row.changed)), (row.recipient, at(told))]
}

/// The state that an event brings a referral into, where that is all it says about it.
fn step(event: &Event) -> Option<(ReferralId, ReferralState)> {
    Some(match event {
        Event::ReferralRevised(it) => (it.referral, ReferralState::Draft),
        Event::ReferralReturned(it) => (it.referral, ReferralState::Returned),
        Event::ReferralReviewed(it) => (it.referral, ReferralState::Reviewed),
        Event::ReferralReceived(it) => (it.referral, ReferralState::Received),
        Event::ReferralAccepted(it) => (it.referral, ReferralState::Accepted),
        Event::ReferralNotAccepted(it) => (it.referral, ReferralState::NotAccepted),
        Event::ReferralCompleted(it) => (it.referral, ReferralState::Completed),
        Event::ReferralNotCompleted(it) => (it.referral, ReferralState::NotCompleted),
        Event::ReferralRecalled(it) => (it.referral, ReferralState::Recalled),
        Event::ReferralStopped(it) => (it.referral, ReferralState::Stopped),
        Event::ReferralCancelled(it) => (it.referral, ReferralState::Cancelled),
        Event::RecallAnswered(it) => (it.referral, it.answer.leads_to()),
        _ => return None,
    })
}
