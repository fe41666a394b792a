//! Statistics: what figures are made from, and those that were published (MISSION E7).
//!
//! - Figures leave only as published: once for a cohort, frozen in the log, and answered from there
//!   ever after. There is no other way to ask for them, so two answers never differ by one person.
//! - Whole numbers by code, service and area; times by referral. A referral is counted only while
//!   the person's consent to statistics is in force (MISSION B10), and never in a restricted case.
//! - Of a case whose record ended nothing is counted, and figures made later say so.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

mod answers;
mod made;
mod table;
mod tallies;

use std::collections::{BTreeMap, BTreeSet};

use ledger::clock::{Day, Timestamp};
use ledger::domain::codes::{AgeGroup, Need, NoticeState, RecallAnswer, ReferralReason, Urgency};
use ledger::domain::event::{Event, FiguresPublished, Given, Record, Recorded};
use ledger::domain::ids::*;
use ledger::domain::stream::StreamId;
use serde::{Deserialize, Serialize};

use crate::projection::{Projection, moment};

pub use made::{Cohort, Indicator, LeftOut, Made, Services, Time, Within};
pub use table::{Grouping, Row, Table};

/// What figures are made from, and what was published.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    clients: BTreeMap<CaseId, PersonId>,
    referrals: BTreeMap<ReferralId, Referral>,
    /// Needs that no service meets, by the day of recording.
    needs: BTreeMap<(Day, Need, Option<String>, Option<AgeGroup>), u64>,
    /// People who did not want to be recorded.
    refused: BTreeMap<Day, u64>,
    /// Consents that were withdrawn as a whole, and when; not those that were given back.
    withdrawn: BTreeMap<ConsentId, (CaseId, Timestamp)>,
    notices: BTreeMap<Given, Notice>,
    /// Requests by which a client's data are not used, and in which case.
    restricted: BTreeMap<SubjectRequestId, CaseId>,
    published: BTreeMap<(OrganisationId, Day), Published>,
    /// Organisations of which the record of some case has ended: nothing of it is counted here.
    ended: BTreeSet<OrganisationId>,
    /// Organisations of which some referral from outside has ended.
    ended_incoming: BTreeSet<OrganisationId>,
}

/// Figures as they were published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Of whose cases.
    pub organisation: OrganisationId,
    /// The cohort's first day.
    pub from: Day,
    /// The day behind its last.
    pub until: Day,
    /// Who published them.
    pub by: Option<StaffId>,
    /// When.
    pub at: Timestamp,
    /// Where that stands in the log.
    pub position: u64,
    /// How many events they were made from.
    pub events: u64,
    /// SHA-256 of the figures.
    pub digest: [u8; 32],
    /// The figures, word for word.
    pub figures: String,
}

/// A referral that was sent, and what the service answered.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Referral {
    case: CaseId,
    service: ServiceId,
    urgency: Urgency,
    sent: Option<(Timestamp, Timestamp)>,
    received: Option<Timestamp>,
    decided: Option<(Timestamp, Option<ReferralReason>)>,
    delivered: Option<bool>,
}

/// Where asking a recipient stands, and since when it is to be asked.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Notice {
    case: CaseId,
    planned: Timestamp,
    state: NoticeState,
}

impl Statistics {
    /// The figures of an organisation's cohort that begins on a day, if they were published.
    pub fn published(&self, organisation: OrganisationId, from: Day) -> Option<&Published> {
        self.published.get(&(organisation, from))
    }

    /// Everything that an organisation published, the oldest cohort first.
    pub fn publications(&self, of: OrganisationId) -> impl Iterator<Item = &Published> {
        let all = self.published.values();
        all.filter(move |one| one.organisation == of)
    }

    /// Whether somebody asked that the client's data in a case are not used.
    pub fn is_restricted(&self, case: CaseId) -> bool {
        self.restricted.values().any(|one| *one == case)
    }

    fn fold_case(&mut self, case: CaseId, record: &Record) {
        let now = moment(record.recorded);
        match &record.event {
            Event::CaseOpened(it) => {
                self.clients.insert(case, it.client);
            }
            Event::ConsentWithdrawn(it) if it.part.is_none() => {
                self.withdrawn.insert(it.consent, (case, now));
            }
            Event::WithdrawalUndone(it) => {
                self.withdrawn.remove(&it.consent);
            }
            Event::RequestCarriedOut(it)
                if it.kind.restricts() && self.clients.get(&case) == Some(&it.person) =>
            {
                self.restricted.insert(it.request, case);
            }
            Event::RestrictionLifted(it) => {
                self.restricted.remove(&it.request);
            }
            Event::NoticeRecorded(it) => self.tell(case, it.given, it.state, now),
            _ => {}
        }
        // What was confirmed before the recipient went on answers no later asking.
        if let Some(referral) = record.event.recipient_goes_on() {
            self.notices.remove(&Given::Referral(referral));
        }
        if let Some(referral) = record.event.recipient_to_ask() {
            let planned = Notice {
                case,
                planned: now,
                state: NoticeState::Planned,
            };
            let given = Given::Referral(referral);
            self.notices.entry(given).or_insert(planned);
        }
    }

    fn fold_referral(&mut self, case: CaseId, record: &Record) {
        let now = moment(record.recorded);
        let mut change = |id: ReferralId, change: &dyn Fn(&mut Referral)| {
            self.referrals.get_mut(&id).into_iter().for_each(change);
        };
        match &record.event {
            Event::ReferralDrafted(it) => {
                let drafted = Referral {
                    case,
                    service: it.service,
                    urgency: it.urgency,
                    sent: None,
                    received: None,
                    decided: None,
                    delivered: None,
                };
                self.referrals.insert(it.referral, drafted);
            }
            Event::ReferralSent(it) => {
                change(it.referral, &|row| {
                    row.sent = Some((now, it.acknowledge_by))
                });
            }
            Event::ReferralReceived(it) => change(it.referral, &|row| row.received = Some(now)),
            Event::ReferralAccepted(it) => {
                change(it.referral, &|row| row.decided = Some((now, None)));
            }
            Event::ReferralNotAccepted(it) => {
                change(it.referral, &|row| {
                    row.decided = Some((now, Some(it.reason)))
                });
            }
            // Who says that they acted on it had it and took it on.
            Event::RecallAnswered(it) if it.answer == RecallAnswer::AlreadyActed => {
                change(it.referral, &|row| {
                    row.received.get_or_insert(now);
                    row.decided.get_or_insert((now, None));
                });
            }
            Event::ReferralCompleted(it) => change(it.referral, &|row| row.delivered = Some(true)),
            Event::ReferralNotCompleted(it) => {
                change(it.referral, &|row| row.delivered = Some(false));
            }
            _ => {}
        }
    }

    fn tell(&mut self, case: CaseId, given: Given, state: NoticeState, now: Timestamp) {
        let planned = now;
        let new = Notice {
            case,
            planned,
            state,
        };
        self.notices.entry(given).or_insert(new).state = state;
    }
}

impl Published {
    /// A publication, from its event.
    pub fn of(position: u64, record: &Record, it: &FiguresPublished) -> Self {
        Self {
            organisation: it.organisation,
            from: it.from,
            until: it.until,
            by: record.actor.staff(),
            at: moment(record.recorded),
            position,
            events: it.events,
            digest: it.digest,
            figures: it.figures.0.clone(),
        }
    }
}

impl Projection for Statistics {
    const NAME: &'static str = "statistics";
    const VERSION: u32 = 5;

    fn apply(&mut self, position: u64, record: &Record) {
        if let StreamId::Case(case) = record.stream {
            self.fold_case(case, record);
            self.fold_referral(case, record);
            return;
        }
        match &record.event {
            Event::NeedUnmet(it) => {
                let area = it.area.as_ref().map(|area| area.0.clone());
                let key = (day(record.recorded), it.need, area, it.age_group);
                *self.needs.entry(key).or_default() += 1;
            }
            Event::RecordRefused(_) => {
                *self.refused.entry(day(record.recorded)).or_default() += 1;
            }
            Event::FiguresPublished(it) => {
                let published = Published::of(position, record, it);
                self.published.insert((it.organisation, it.from), published);
            }
            // A link of two files ends likewise, and is in no table.
            Event::StreamClosed(it) if began_as("CaseOpened", &it.events) => {
                self.ended.insert(it.organisation);
            }
            Event::StreamClosed(it) if began_as("IncomingReceived", &it.events) => {
                self.ended_incoming.insert(it.organisation);
            }
            _ => {}
        }
    }
}

/// Whether what was closed had begun with this event, by its numbers of events of each kind.
fn began_as(first: &str, events: &[u32]) -> bool {
    let mut kinds = Event::NAMES.iter().zip(events);
    kinds.any(|(name, count)| *name == first && *count > 0)
}

fn day(recorded: Recorded) -> Day {
    match recorded {
        Recorded::At(moment) => moment.day(),
        Recorded::On(day) => day,
    }
}
