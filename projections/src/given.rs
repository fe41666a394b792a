//! What left, to whom, when, and on which ground: by case and by recipient (MISSION C9, E5, F4);
//! and what was opened, by whom (E8). The names of what left, never what it said.
//!
//! - What a referral carried is what was last written before it was sent.
//! - Where asking a recipient to stop, return or destroy stands is told with it.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

mod trace;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use ledger::clock::Timestamp;
use ledger::domain::codes::*;
use ledger::domain::event::{Event, Given, Record};
use ledger::domain::ids::*;
use ledger::domain::stream::StreamId;
use ledger::limits::VIEW_ROWS_MAX;
use serde::{Deserialize, Serialize};

use crate::projection::{Projection, moment};
pub use trace::{Opened, Traced, TracedCounts};

/// Everything that left.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GivenAway {
    heads: BTreeMap<CaseId, Head>,
    drafts: BTreeMap<ReferralId, Draft>,
    rows: BTreeMap<u64, Left>,
    opened: BTreeMap<u64, Opened>,
    #[serde(skip)]
    by_given: BTreeMap<(CaseId, Given), u64>,
    #[serde(skip)]
    by_recipient: BTreeSet<(OrganisationId, u64)>,
    #[serde(skip)]
    by_case: BTreeSet<(CaseId, u64)>,
}

/// One time that data of a person went to a recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// Where it is in the log.
    pub position: u64,
    /// In which case.
    pub case: CaseId,
    /// Whose data.
    pub person: PersonId,
    /// With which referral, or in which disclosure.
    pub given: Given,
    /// To whom.
    pub recipient: OrganisationId,
    /// Who sent or told it.
    pub by: Option<StaffId>,
    /// To which service; a disclosure names none.
    pub service: Option<ServiceId>,
    /// The names of what left.
    pub categories: BTreeSet<DataCategory>,
    /// How.
    pub channel: Channel,
    /// When it was recorded.
    pub recorded: Timestamp,
    /// When it is claimed to have happened, if that is another time.
    pub occurred: Option<Timestamp>,
    /// The consents or exceptions that covered it; none makes it an incident.
    pub basis: Vec<GroundId>,
    /// Whether it is an incident to be reviewed.
    pub incident: bool,
    /// Where asking the recipient stands, and what it says it did.
    pub notice: Option<Told>,
    /// Where telling the recipient that they were put right, restricted or released stands.
    pub informed: BTreeMap<NoticeAbout, Told>,
    /// That the sender asked for the referral back, the last time.
    pub recalled: Option<AskedBack>,
}

/// A referral was asked back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedBack {
    /// When.
    pub asked: Timestamp,
    /// What the recipient answered to that, and when.
    pub answered: Option<(RecallAnswer, Timestamp)>,
}

/// Where asking or telling a recipient stands, and what it says it did.
pub type Told = (NoticeState, Option<NoticeOutcome>);

impl Left {
    /// When it left, as claimed if it was recorded later.
    pub fn at(&self) -> Timestamp {
        self.occurred.unwrap_or(self.recorded)
    }
}

/// What is asked for; the default asks for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftSearch {
    /// Of this case.
    pub case: Option<CaseId>,
    /// To this recipient.
    pub recipient: Option<OrganisationId>,
    /// To this service.
    pub service: Option<ServiceId>,
    /// By this member of staff.
    pub by: Option<StaffId>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before this.
    pub until: Option<Timestamp>,
    /// Goes on behind this position.
    pub after: Option<u64>,
}

/// Whose case it is, and of which organisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Head {
    client: PersonId,
    organisation: OrganisationId,
    /// The requests that keep the client's data from being used.
    restricted: BTreeSet<SubjectRequestId>,
}

impl LeftSearch {
    fn fits(&self, row: &Left) -> bool {
        self.recipient.is_none_or(|to| row.recipient == to)
            && self.service.is_none_or(|to| row.service == Some(to))
            && self.by.is_none_or(|by| row.by == Some(by))
            && (self.spans(row.at()) || self.spans(row.recorded))
    }

    fn spans(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Draft {
    service: ServiceId,
    recipient: OrganisationId,
    categories: BTreeSet<DataCategory>,
}

impl GivenAway {
    /// What fits, in the order of the log, at most `rows_max`.
    pub fn find(&self, search: &LeftSearch, rows_max: usize) -> Vec<&Left> {
        let behind = search.after.map_or(Bound::Unbounded, Bound::Excluded);
        let after = search.after.map_or(0, |after| after.saturating_add(1));
        let places: Box<dyn Iterator<Item = u64>> = match (search.case, search.recipient) {
            (Some(case), _) => {
                let of_case = self.by_case.range((case, after)..=(case, u64::MAX));
                Box::new(of_case.map(|(_, position)| *position))
            }
            (None, Some(to)) => {
                let to_it = self.by_recipient.range((to, after)..=(to, u64::MAX));
                Box::new(to_it.map(|(_, position)| *position))
            }
            (None, None) => {
                let all = self.rows.range((behind, Bound::Unbounded));
                Box::new(all.map(|(position, _)| *position))
            }
        };
        places
            .filter_map(|position| self.rows.get(&position))
            .filter(|row| search.fits(row))
            .take(rows_max.clamp(1, VIEW_ROWS_MAX))
            .collect()
    }

    fn leave(&mut self, row: Left) {
        self.index(&row);
        self.rows.insert(row.position, row);
    }

    fn index(&mut self, row: &Left) {
        self.by_given.insert((row.case, row.given), row.position);
        self.by_recipient.insert((row.recipient, row.position));
        self.by_case.insert((row.case, row.position));
    }

    fn note(&mut self, case: CaseId, given: Given, notice: Told) {
        let position = self.by_given.get(&(case, given));
        if let Some(row) = position.and_then(|position| self.rows.get_mut(position)) {
            row.notice = Some(notice);
        }
    }

    /// Cases, and what referrals will carry.
    fn apply_draft(&mut self, case: CaseId, event: &Event) {
        match event {
            Event::CaseOpened(it) => {
                let head = Head {
                    client: it.client,
                    organisation: it.organisation,
                    restricted: BTreeSet::new(),
                };
                self.heads.insert(case, head);
            }
            Event::ReferralDrafted(it) => {
                let draft = Draft {
                    service: it.service,
                    recipient: it.recipient,
                    categories: it.categories.clone(),
                };
                self.drafts.insert(it.referral, draft);
            }
            Event::ReferralRevised(it) => {
                if let Some(draft) = self.drafts.get_mut(&it.referral) {
                    draft.categories.clone_from(&it.categories);
                }
            }
            _ => {}
        }
    }

    /// What recipients are asked and told, and what they answer.
    fn apply_notice(&mut self, case: CaseId, event: &Event) {
        match event {
            Event::RecipientNotified(it) => {
                let told = (it.state, it.outcome);
                self.inform(case, (it.about, it.given), told);
            }
            Event::RequestCarriedOut(it) if it.kind.restricts() => {
                let head = self.heads.get_mut(&case);
                if let Some(head) = head.filter(|head| head.client == it.person) {
                    head.restricted.insert(it.request);
                    self.forget_planned(case, NoticeAbout::Lifting);
                }
            }
            Event::RestrictionLifted(it) => {
                let head = self.heads.get_mut(&case);
                let last = head.is_some_and(|head| {
                    head.restricted.remove(&it.request) && head.restricted.is_empty()
                });
                if last {
                    self.forget_planned(case, NoticeAbout::Restriction);
                }
            }
            Event::NoticeRecorded(it) => self.note(case, it.given, (it.state, it.outcome)),
            _ => {}
        }
        if let Some(referral) = event.recipient_goes_on() {
            self.forget(case, referral);
        }
        if let Some(referral) = event.recipient_to_ask() {
            self.plan(case, referral);
        }
    }

    fn apply_recall(&mut self, case: CaseId, event: &Event, at: Timestamp) {
        match event {
            Event::RecallAsked(it) => {
                let asked = AskedBack {
                    asked: at,
                    answered: None,
                };
                if let Some(row) = self.sent(case, it.referral) {
                    row.recalled = Some(asked);
                }
            }
            Event::RecallAnswered(it) => {
                let row = self.sent(case, it.referral);
                if let Some(back) = row.and_then(|row| row.recalled.as_mut()) {
                    back.answered = Some((it.answer, at));
                }
            }
            _ => {}
        }
    }

    fn sent(&mut self, case: CaseId, referral: ReferralId) -> Option<&mut Left> {
        let position = self.by_given.get(&(case, Given::Referral(referral)))?;
        self.rows.get_mut(position)
    }

    fn inform(&mut self, case: CaseId, (about, given): (NoticeAbout, Given), told: Told) {
        let position = self.by_given.get(&(case, given));
        if let Some(row) = position.and_then(|position| self.rows.get_mut(position)) {
            row.informed.insert(about, told);
            if about == NoticeAbout::Restriction {
                row.informed.remove(&NoticeAbout::Lifting);
            }
        }
    }

    /// Nobody is told any more of a restriction that is over before they were, nor of the end of
    /// one while there is another.
    fn forget_planned(&mut self, case: CaseId, what: NoticeAbout) {
        let of_case = self.by_case.range((case, 0)..=(case, u64::MAX));
        for (_, position) in of_case {
            if let Some(row) = self.rows.get_mut(position) {
                row.informed
                    .retain(|about, (state, _)| *about != what || *state != NoticeState::Planned);
            }
        }
    }

    /// What was confirmed while it was asked back is no answer any more.
    fn forget(&mut self, case: CaseId, referral: ReferralId) {
        if let Some(row) = self.sent(case, referral) {
            row.notice = None;
        }
    }

    /// A recipient is planned to be asked where nothing is known of it yet.
    fn plan(&mut self, case: CaseId, referral: ReferralId) {
        if let Some(row) = self.sent(case, referral) {
            row.notice.get_or_insert((NoticeState::Planned, None));
        }
    }
}

impl Projection for GivenAway {
    const NAME: &'static str = "given";
    const VERSION: u32 = 6;

    fn apply(&mut self, position: u64, record: &Record) {
        let StreamId::Case(case) = record.stream else {
            return;
        };
        let row = |person, given, recipient, categories| Left {
            position,
            case,
            person,
            given,
            recipient,
            by: record.actor.staff(),
            service: None,
            categories,
            channel: Channel::Portal,
            recorded: moment(record.recorded),
            occurred: record.occurred,
            basis: Vec::new(),
            incident: false,
            notice: None,
            informed: BTreeMap::new(),
            recalled: None,
        };
        self.apply_draft(case, &record.event);
        let client = self.heads.get(&case).map(|head| head.client);
        match &record.event {
            Event::ReferralSent(it) => {
                let Some((draft, person)) = self.drafts.remove(&it.referral).zip(client) else {
                    return;
                };
                let given = Given::Referral(it.referral);
                self.leave(Left {
                    service: Some(draft.service),
                    channel: it.channel,
                    basis: it.basis.clone(),
                    ..row(person, given, draft.recipient, draft.categories)
                });
            }
            Event::DisclosureRecorded(it) => {
                let Some(person) = client else {
                    return;
                };
                let given = Given::Disclosure(it.disclosure);
                self.leave(Left {
                    channel: it.channel,
                    basis: it.basis.clone(),
                    incident: it.incident,
                    ..row(person, given, it.recipient, it.categories.clone())
                });
            }
            Event::PersonalDataSeen(it) => {
                let opened = Opened {
                    position,
                    case,
                    by: record.actor.staff(),
                    target: it.target,
                    purpose: it.purpose,
                    at: moment(record.recorded),
                };
                self.opened.insert(position, opened);
            }
            _ => {}
        }
        self.apply_notice(case, &record.event);
        self.apply_recall(case, &record.event, moment(record.recorded));
    }

    fn reindex(&mut self) {
        self.by_given.clear();
        self.by_recipient.clear();
        self.by_case.clear();
        let rows = std::mem::take(&mut self.rows);
        for row in rows.values() {
            self.index(row);
        }
        self.rows = rows;
    }
}
