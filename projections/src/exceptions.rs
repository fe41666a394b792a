//! Exceptions to confidentiality by themselves, in the order of use (MISSION B5), and emergencies
//! that nobody signed off (C12): what an auditor lists, and what somebody else is to look at.
//!
//! - A row names the case and nobody: neither the person nor who of the staff acted.
//! - Whether something is late is a condition of the clock; no event says so.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use ledger::clock::Timestamp;
use ledger::domain::codes::*;
use ledger::domain::event::{Event, ExceptionInvoked, Record};
use ledger::domain::exception::ProcedureId;
use ledger::domain::ids::*;
use ledger::domain::stream::StreamId;
use serde::{Deserialize, Serialize};

use crate::projection::{Projection, moment};

/// Exceptions by where they stand in the log, and emergencies.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Exceptions {
    rows: BTreeMap<u64, Used>,
    emergencies: BTreeMap<ReferralId, Emergency>,
    #[serde(skip)]
    places: BTreeMap<(CaseId, ExceptionId), u64>,
}

/// An exception and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// Where it was used, in the log.
    pub position: u64,
    /// In which case.
    pub case: CaseId,
    /// Which.
    pub exception: ExceptionId,
    /// Which of the two.
    pub kind: ExceptionKind,
    /// Why.
    pub reason: ExceptionReason,
    /// When.
    pub invoked: Timestamp,
    /// By when a second person was to decide.
    pub authorise_by: Timestamp,
    /// When it ends by itself.
    pub expires: Timestamp,
    /// Whether a second person confirmed it, and when.
    pub decided: Option<(bool, Timestamp)>,
    /// Whether the ledger fenced it because it lapsed.
    pub lapsed: bool,
    /// What it is held to.
    pub terms: Option<Held>,
    /// Whether the person was told, how, and when that was recorded.
    pub told: Option<(ExceptionTold, Option<Channel>, Timestamp)>,
    /// What a third person found, what follows, and when.
    pub reviewed: Option<(ReviewOutcome, BTreeSet<ReviewMeasure>, Timestamp)>,
    /// What had lapsed of those who acted on it.
    pub without: BTreeSet<Training>,
}

/// What an exception is held to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The procedure that a report goes by.
    pub procedure: Option<ProcedureId>,
    /// The number of the organisation's file.
    pub file: u32,
    /// By when the report is to be made.
    pub report_by: Option<Timestamp>,
    /// By when a third person looks at it.
    pub review_by: Timestamp,
}

/// An emergency, until somebody signs it off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emergency {
    /// In which case.
    pub case: CaseId,
    /// When it was sent; none before.
    pub sent: Option<Timestamp>,
    /// Whether it was signed off as it is now.
    signed_off: bool,
}

impl Used {
    /// Where it stands at a moment.
    pub fn state(&self, now: Timestamp) -> ExceptionState {
        if self.reviewed.is_some() {
            return ExceptionState::Reviewed;
        }
        match self.decided {
            Some((true, _)) => ExceptionState::Authorised,
            Some((false, _)) => ExceptionState::Refused,
            None if self.is_undecided(now) => ExceptionState::Invoked,
            None => ExceptionState::Lapsed,
        }
    }

    /// Whether somebody may still decide on it.
    pub fn is_undecided(&self, now: Timestamp) -> bool {
        let open = !self.lapsed && now < self.authorise_by.min(self.expires);
        self.decided.is_none() && open
    }

    /// Whether it is on record that the person was told.
    fn is_told(&self) -> bool {
        let told = |(told, _, _): &(ExceptionTold, Option<Channel>, Timestamp)| {
            matches!(told, ExceptionTold::Before | ExceptionTold::After)
        };
        self.told.as_ref().is_some_and(told)
    }

    /// Whether nobody decided in time.
    pub fn decided_late(&self, now: Timestamp) -> bool {
        let when = self.decided.map_or(now, |(_, at)| at);
        self.authorise_by <= when
    }

    /// Whether nobody looked at it in time.
    pub fn reviewed_late(&self, now: Timestamp) -> bool {
        let when = self.reviewed.as_ref().map_or(now, |(_, _, at)| *at);
        self.terms.as_ref().is_some_and(|it| it.review_by < when)
    }

    /// What somebody is still to do about it, and by when.
    pub fn step(&self, now: Timestamp) -> Option<(ReviewStep, Timestamp)> {
        if self.reviewed.is_some() {
            return None;
        }
        if self.is_undecided(now) {
            return Some((ReviewStep::Decide, self.authorise_by));
        }
        let terms = self.terms.as_ref()?;
        Some((ReviewStep::Review, terms.review_by))
    }
}

impl Exceptions {
    /// Exceptions behind a place in the log, the oldest first.
    pub fn after(&self, position: Option<u64>) -> impl Iterator<Item = &Used> {
        let from = position.map_or(Bound::Unbounded, Bound::Excluded);
        self.rows
            .range((from, Bound::Unbounded))
            .map(|(_, row)| row)
    }

    /// Emergencies that went without a sign-off and have none yet, and when they went.
    pub fn unsigned(&self) -> impl Iterator<Item = (ReferralId, CaseId, Timestamp)> + '_ {
        let waiting = self.emergencies.iter();
        waiting.filter_map(|(id, it)| Some((*id, it.case, it.sent.filter(|_| !it.signed_off)?)))
    }

    fn invoke(&mut self, (position, case): (u64, CaseId), it: &ExceptionInvoked, at: Timestamp) {
        let row = Used {
            position,
            case,
            exception: it.exception,
            kind: it.kind,
            reason: it.reason,
            invoked: at,
            authorise_by: it.authorise_by,
            expires: it.expires,
            decided: None,
            lapsed: false,
            terms: None,
            told: None,
            reviewed: None,
            without: BTreeSet::new(),
        };
        self.places.insert((case, it.exception), position);
        self.rows.insert(position, row);
    }

    fn change(&mut self, case: CaseId, exception: ExceptionId, change: impl FnOnce(&mut Used)) {
        let position = self.places.get(&(case, exception));
        if let Some(row) = position.and_then(|position| self.rows.get_mut(position)) {
            change(row);
        }
    }

    /// What goes on an exception after it was looked at waits for that again, for as long as it did
    /// from its use.
    fn goes_on(&mut self, case: CaseId, basis: &[GroundId], at: Timestamp) {
        for ground in basis {
            self.change(case, ExceptionId(ground.0), |row| {
                if row.reviewed.take().is_none() {
                    return;
                }
                if let Some(terms) = &mut row.terms {
                    let within = terms.review_by.0.saturating_sub(row.invoked.0);
                    terms.review_by = terms.review_by.max(at.plus_ms(within));
                }
            });
        }
    }

    fn fold_exception(&mut self, case: CaseId, record: &Record) {
        let at = moment(record.recorded);
        match &record.event {
            Event::ExceptionAuthorised(it) => {
                self.change(case, it.exception, |row| row.decided = Some((true, at)));
            }
            Event::ExceptionRejected(it) => {
                self.change(case, it.exception, |row| row.decided = Some((false, at)));
            }
            Event::ExceptionLapsed(it) => self.change(case, it.exception, |row| row.lapsed = true),
            Event::ExceptionTermsSet(it) => self.change(case, it.exception, |row| {
                row.terms = Some(Held {
                    procedure: it.procedure.clone(),
                    file: it.file,
                    report_by: it.report_by,
                    review_by: it.review_by,
                });
            }),
            Event::ToldOfException(it) => self.change(case, it.exception, |row| {
                // Who was told is not untold by what is said later.
                if !row.is_told() {
                    row.told = Some((it.told, it.channel, at));
                }
            }),
            Event::ExceptionReviewed(it) => self.change(case, it.exception, |row| {
                row.reviewed = Some((it.outcome, it.measures.clone(), at));
            }),
            Event::ReferralSent(it) => self.goes_on(case, &it.basis, at),
            Event::DisclosureRecorded(it) => self.goes_on(case, &it.basis, at),
            Event::ReportedWhileLapsed(it) => self.change(case, it.exception, |row| {
                row.without.insert(it.training);
            }),
            _ => {}
        }
    }

    fn fold_emergency(&mut self, case: CaseId, record: &Record) {
        match &record.event {
            Event::ReferralDrafted(it) if it.urgency == Urgency::Emergency => {
                let drafted = Emergency {
                    case,
                    sent: None,
                    signed_off: false,
                };
                self.emergencies.insert(it.referral, drafted);
            }
            Event::ReferralRevised(it) => {
                if let Some(emergency) = self.emergencies.get_mut(&it.referral) {
                    emergency.signed_off = false;
                }
            }
            Event::ReferralReviewed(it) => {
                if let Some(emergency) = self.emergencies.get_mut(&it.referral) {
                    emergency.signed_off = true;
                }
            }
            Event::ReferralSent(it) => {
                if let Some(emergency) = self.emergencies.get_mut(&it.referral) {
                    emergency.sent = Some(moment(record.recorded));
                }
            }
            _ => {}
        }
    }
}

impl Projection for Exceptions {
    const NAME: &'static str = "exceptions";
    const VERSION: u32 = 1;

    fn apply(&mut self, position: u64, record: &Record) {
        let StreamId::Case(case) = record.stream else {
            return;
        };
        if let Event::ExceptionInvoked(it) = &record.event {
            self.invoke((position, case), it, moment(record.recorded));
        }
        self.fold_exception(case, record);
        self.fold_emergency(case, record);
    }

    fn reindex(&mut self) {
        let rows = self.rows.iter();
        self.places = rows
            .map(|(position, row)| ((row.case, row.exception), *position))
            .collect();
    }
}
