//! The worklist and its changes, each row only for who may see it, and from the right side.

use std::cell::RefCell;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use ledger::authorise::Reading;
use ledger::clock::Timestamp;
use ledger::domain::case::{Case, Referral};
use ledger::domain::codes::{Concern, ReferralState, Role, Urgency};
use ledger::domain::ids::*;
use ledger::domain::staff::Staff;
use ledger::organisation::{Attention, Organisation, UnderWay};
use projections::views::Views;
use projections::worklist::{Caseload, Cursor, Query, Side as Seat, WAITING, WorkItem};

use super::paging::Walked;
use super::{Outcome, Reader};
use crate::limits::FOLLOW_EVENTS_MAX;
use crate::wire::page::Page;

/// The side of a referral that somebody stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The organisation that holds the case.
    Sender,
    /// The organisation that the referral was sent to; knows the outward reference only.
    Recipient,
}

impl Side {
    /// An organisation's side of a referral; a recipient has none before it was sent.
    pub fn of(own: OrganisationId, case: &Case, referral: &Referral) -> Option<Self> {
        if case.organisation == own {
            return Some(Self::Sender);
        }
        let received = referral.recipient == own && referral.sent.is_some();
        received.then_some(Self::Recipient)
    }

    fn of_row(own: OrganisationId, item: &WorkItem) -> Self {
        if item.organisation == own {
            Self::Sender
        } else {
            Self::Recipient
        }
    }
}

/// Which referrals are asked for; what is not said does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// In one of these states.
    pub states: BTreeSet<ReferralState>,
    /// Of this case.
    pub case: Option<CaseId>,
    /// Of cases that this organisation holds.
    pub organisation: Option<OrganisationId>,
    /// To this organisation.
    pub recipient: Option<OrganisationId>,
    /// To this service.
    pub service: Option<ServiceId>,
    /// Of cases that this member of staff works on.
    pub assigned: Option<StaffId>,
    /// Of one of these urgencies.
    pub urgencies: BTreeSet<Urgency>,
    /// Late ones only.
    pub late_only: bool,
    /// Those that a role of the caller must see because they are late for too long only.
    pub escalated_only: bool,
    /// Those that are not finished only.
    pub open_only: bool,
    /// Those whose agreed follow-up is due only.
    pub follow_up_due_only: bool,
    /// Those that wait for a specialist only.
    pub specialist_only: bool,
}

/// A referral as the caller's side sees it at a moment.
#[derive(Clone, Debug)]
pub struct Row {
    /// The referral.
    pub item: WorkItem,
    /// Where the caller stands.
    pub side: Side,
    /// By when its next step is due.
    pub due: Option<Timestamp>,
    /// What the clock asks of people.
    pub attention: Option<Attention>,
    /// The role that must see it by now; told to the side that holds the case.
    pub escalated_to: Option<Role>,
    /// Whether the service has not answered in the time allowed.
    pub without_response: bool,
    /// What a specialist has to be consulted about before it is sent; told to the side that holds
    /// the case.
    pub waits_for_specialist: BTreeSet<Concern>,
}

/// Rows, each from the caller's side.
pub type Rows = Vec<Row>;

impl Row {
    fn of(item: WorkItem, own: OrganisationId, file: &Organisation, now: Timestamp) -> Self {
        let under_way = under_way(&item);
        let side = Side::of_row(own, &item);
        let attention = file.attention(under_way, now);
        let escalated = attention == Some(Attention::Escalated) && side == Side::Sender;
        Self {
            due: under_way.due(),
            attention,
            escalated_to: escalated.then(|| file.escalates_to(item.sensitivity)),
            without_response: under_way.is_without_response(now),
            waits_for_specialist: BTreeSet::new(),
            side,
            item,
        }
    }
}

fn under_way(item: &WorkItem) -> UnderWay {
    UnderWay {
        state: item.state,
        urgency: item.urgency,
        acknowledge_by: item.acknowledge_by,
        complete_by: item.complete_by,
        answer_by: item.answer_by,
    }
}

impl Reader<'_> {
    /// A page of the worklist, where it goes on, and the position up to which it is true.
    pub fn worklist(
        &self,
        filter: &Filter,
        page: &Page<Cursor>,
    ) -> Outcome<(Rows, Option<Cursor>, u64)> {
        self.may(Reading::Worklist, None)?;
        self.wait_for(page.at_least)?;
        let now = self.ledger.now();
        let query = filter.query(self.caller, now);
        let own = self.caller.organisation;
        let fits = |item: &WorkItem| {
            filter.fits(own, item) && (!filter.escalated_only || self.must_see(item, now))
        };
        let piece = |views: &Views, after: Option<Cursor>| {
            let rows_max = page.items_max.max(1);
            let from = after.unwrap_or_default();
            views
                .worklist()
                .page(&query, from, rows_max, now, &fits)
                .items
        };
        let known = RefCell::new(BTreeMap::new());
        self.walked(
            page,
            piece,
            |item| item.place.after(),
            |item: WorkItem| {
                let mut shown = self.visible(vec![item], now, &mut known.borrow_mut())?;
                shown.retain(|row| !filter.specialist_only || !row.waits_for_specialist.is_empty());
                Ok(shown.pop().map_or(Walked::Passed, Walked::Shown))
            },
        )
    }

    /// How much each member of staff of the caller's organisation works on.
    pub fn caseload(&self) -> Outcome<BTreeMap<StaffId, Caseload>> {
        self.may(Reading::Caseload, None)?;
        let own = self.caller.organisation;
        Ok(self
            .views
            .read()?
            .worklist()
            .caseload(own, self.ledger.now()))
    }

    /// Whether the caller may follow changes at all.
    pub fn may_watch(&self) -> Outcome<()> {
        Ok(self.may(Reading::Worklist, None)?)
    }

    /// Rows that changed from a place on, as they are now, and where to go on. A recipient does not
    /// hear of what is not its own: that a specialist spoke, say, or who works on the case.
    pub fn changes(&self, filter: &Filter, from: Cursor) -> Outcome<(Rows, Cursor)> {
        let own = self.caller.organisation;
        let seat = Some(Seat::Either(own));
        let now = self.ledger.now();
        let views = self.views.read()?;
        let staff = filter.works(self.caller, now);
        let fits = |item: &WorkItem| filter.follows(own, &staff, item);
        let worklist = views.worklist();
        let rows = worklist.changes_since(seat, from, FOLLOW_EVENTS_MAX, now, &fits);
        drop(views);
        let shown = self.visible(rows.items, now, &mut BTreeMap::new())?;
        Ok((shown, rows.next))
    }

    /// What happened at a position of the log, by name.
    pub fn event_name(&self, position: u64) -> Outcome<String> {
        let entries = self.ledger.records(position, 1)?;
        let name = entries.first().map(|entry| entry.record.event.name());
        Ok(name.unwrap_or_default().to_owned())
    }

    /// Whether a role of the caller must see a referral by now (MISSION C4).
    fn must_see(&self, item: &WorkItem, now: Timestamp) -> bool {
        let file = self.ledger.organisation();
        let own = item.organisation == self.caller.organisation;
        own && self
            .caller
            .roles
            .contains(&file.escalates_to(item.sensitivity))
            && file.attention(under_way(item), now) == Some(Attention::Escalated)
    }

    /// The rows that may be shown. What is known of the cases of one answer is asked for once.
    fn visible(
        &self,
        items: Vec<WorkItem>,
        now: Timestamp,
        known: &mut BTreeMap<CaseId, bool>,
    ) -> Outcome<Rows> {
        let own = self.caller.organisation;
        let may = |id| {
            self.go_on()?;
            let case = self.ledger.case(id)?;
            Ok(case.is_some_and(|case| self.may(Reading::Worklist, Some(&case)).is_ok()))
        };
        let items = asked_once(items, known, |item| item.case, may)?;
        let file = self.ledger.organisation();
        let mut rows = Vec::with_capacity(items.len());
        for item in items {
            let mut row = Row::of(item, own, file, now);
            // Only a draft of one's own waits; every other row goes by without its case.
            if row.side == Side::Sender && row.item.state.is_unsent() {
                row.waits_for_specialist = self.waits_for_specialist(&row.item, now)?;
            }
            rows.push(row);
        }
        Ok(rows)
    }

    fn waits_for_specialist(&self, item: &WorkItem, now: Timestamp) -> Outcome<BTreeSet<Concern>> {
        let case = self.ledger.case(item.case)?;
        let waits = case.and_then(|case| {
            let referral = case.referrals.get(&item.referral)?;
            Some(case.waits_for_specialist(referral, now))
        });
        Ok(waits.unwrap_or_default())
    }
}

/// The items that may be shown, each key asked for once: a case is folded from all its events, and
/// many rows may be of one.
fn asked_once<T, K: Ord + Copy>(
    items: Vec<T>,
    answers: &mut BTreeMap<K, bool>,
    key: impl Fn(&T) -> K,
    may: impl Fn(K) -> Outcome<bool>,
) -> Outcome<Vec<T>> {
    let mut shown = Vec::with_capacity(items.len());
    for item in items {
        let visible = match answers.entry(key(&item)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(unknown) => *unknown.insert(may(key(&item))?),
        };
        if visible {
            shown.push(item);
        }
    }
    Ok(shown)
}

impl Filter {
    /// Whose cases are asked for: with one's own come those of whom one stands in for.
    fn works(&self, caller: &Staff, now: Timestamp) -> BTreeSet<StaffId> {
        let own = self.assigned == Some(caller.id);
        let absent = caller.absent(now).filter(|_| own);
        self.assigned.into_iter().chain(absent).collect()
    }

    fn query(&self, caller: &Staff, now: Timestamp) -> Query {
        let states = match (self.open_only, self.states.is_empty()) {
            (true, true) => WAITING.into(),
            (true, false) => &self.states & &WAITING.into(),
            (false, _) => self.states.clone(),
        };
        Query {
            states,
            side: Some(Seat::Either(caller.organisation)),
            assigned: self.works(caller, now),
            urgency: None,
            late_only: self.late_only || self.escalated_only,
            follow_up_due_only: self.follow_up_due_only,
        }
    }

    /// What the query of the view does not say.
    ///
    /// A recipient is not told which case a referral is of, who works on it and whether somebody
    /// was reached, and so cannot ask for rows by any of it: that they came or not would tell.
    fn fits(&self, own: OrganisationId, item: &WorkItem) -> bool {
        let unknown_to_recipient =
            self.case.is_some() || self.assigned.is_some() || self.follow_up_due_only;
        let side = Side::of_row(own, item);
        !(unknown_to_recipient && side == Side::Recipient) && self.says(item)
    }

    fn says(&self, item: &WorkItem) -> bool {
        self.case.is_none_or(|case| item.case == case)
            && self
                .organisation
                .is_none_or(|organisation| item.organisation == organisation)
            && self
                .recipient
                .is_none_or(|recipient| item.recipient == recipient)
            && self.service.is_none_or(|service| item.service == service)
            && (self.urgencies.is_empty() || self.urgencies.contains(&item.urgency))
            && (!self.open_only || WAITING.contains(&item.state))
    }

    /// For followers: states do not restrict, so that they learn that a referral has left one.
    fn follows(&self, own: OrganisationId, staff: &BTreeSet<StaffId>, item: &WorkItem) -> bool {
        let works = |one| staff.contains(one);
        let any_state = Self {
            open_only: false,
            follow_up_due_only: false,
            ..self.clone()
        };
        let theirs = staff.is_empty() || item.assigned.iter().any(works);
        any_state.fits(own, item) && theirs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_asked_for_once_however_many_rows_it_has() {
        let asked = RefCell::new(Vec::new());
        let may = |case| {
            asked.borrow_mut().push(case);
            Ok(case == 1)
        };
        // A list asks row by row, and a follower for many at once.
        let mut answers = BTreeMap::new();
        let rows = [vec![(1, "a"), (2, "b")], vec![(1, "c"), (2, "d"), (1, "e")]];
        let mut shown = Vec::new();
        for rows in rows {
            shown.extend(asked_once(rows, &mut answers, |row| row.0, may).expect("shown"));
        }
        assert_eq!(shown, [(1, "a"), (1, "c"), (1, "e")]);
        assert_eq!(asked.into_inner(), [1, 2]);
    }

    const SENDER: OrganisationId = OrganisationId([1; 16]);
    const RECIPIENT: OrganisationId = OrganisationId([2; 16]);
    const STAFF: StaffId = StaffId([3; 16]);

    fn row() -> WorkItem {
        WorkItem {
            referral: ReferralId([4; 16]),
            case: CaseId([5; 16]),
            code: ClientCode::fresh(&mut ledger::clock::SystemEntropy),
            organisation: SENDER,
            service: ServiceId([6; 16]),
            recipient: RECIPIENT,
            reference: None,
            state: ReferralState::Sent,
            waits_for: Some(RECIPIENT),
            urgency: Urgency::Routine,
            drafted: Timestamp(1),
            since: Timestamp(1),
            acknowledge_by: None,
            complete_by: None,
            late: None,
            answer_by: None,
            followed_up: None,
            follow_up_on: None,
            follow_up_due: false,
            follows: None,
            sensitivity: ledger::domain::codes::Sensitivity::Standard,
            assigned: vec![STAFF],
            version: 9,
            place: Cursor::at(9),
        }
    }

    #[test]
    fn a_recipient_cannot_ask_by_what_it_may_not_see() {
        let row = row();
        let by_case = Filter {
            case: Some(row.case),
            ..Filter::default()
        };
        let by_staff = Filter {
            assigned: Some(STAFF),
            ..Filter::default()
        };
        let staff = BTreeSet::from([STAFF]);
        for filter in [by_case, by_staff] {
            assert!(filter.fits(SENDER, &row) && filter.follows(SENDER, &staff, &row));
            assert!(!filter.fits(RECIPIENT, &row) && !filter.follows(RECIPIENT, &staff, &row));
        }
        let by_recipient = Filter {
            recipient: Some(RECIPIENT),
            ..Filter::default()
        };
        let nobody = BTreeSet::new();
        assert!(by_recipient.fits(RECIPIENT, &row));
        assert!(by_recipient.follows(RECIPIENT, &nobody, &row));
    }
}
