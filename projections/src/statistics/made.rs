//! The figures of a cohort: tables, times and indicators, each with what it is of.
//!
//! - An indicator is computed from counts that are shown and from nothing else, so it tells nothing
//!   that they do not. Where one of them is kept back, so is the indicator.
//! - Open referrals are counted in every time: "half of all that were sent had an answer within so
//!   many hours", and if fewer than half had one, that is the answer.

use ledger::clock::{Day, Timestamp};
use ledger::domain::ids::OrganisationId;
use serde::Serialize;

use super::Referral;
use super::table::Table;
use super::tallies::Maker;
use crate::suppression::Unsafe;
use crate::views::Views;

/// Which figures are to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cohort {
    /// Of whose cases.
    pub organisation: OrganisationId,
    /// The first day.
    pub from: Day,
    /// The day behind the last.
    pub until: Day,
    /// The moment that states and open times are told for.
    pub as_of: Timestamp,
    /// Below this a count is small.
    pub limit: u64,
}

/// The figures of a cohort, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Made {
    /// Which definitions they follow (ARCHITECTURE, "Figures").
    pub definitions: u32,
    /// Of whose cases.
    pub organisation: String,
    /// The cohort's first day.
    pub from: String,
    /// The day behind its last.
    pub until: String,
    /// The moment that states and open times are told for.
    pub as_of: String,
    /// How many events they are made from.
    pub events: u64,
    /// Below this a count is small.
    pub limit: u64,
    /// Rates; both numbers stand beside each.
    pub indicators: Vec<Indicator>,
    /// How long answers took.
    pub times: Vec<Time>,
    /// The counts.
    pub tables: Vec<Table>,
    /// The directory.
    pub services: Services,
    /// What one might look for here and does not find, and why.
    pub left_out: Vec<LeftOut>,
}

/// What figures do not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// What it would be called.
    pub name: &'static str,
    /// Why it is not told.
    pub why: &'static str,
}

/// A rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Indicator {
    /// What it is called.
    pub name: &'static str,
    /// How many, if that may be told.
    pub count: Option<u64>,
    /// Of how many, if that may be told.
    pub of: Option<u64>,
    /// In a thousand, rounded half up.
    pub per_mille: Option<u64>,
}

/// How long something took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Time {
    /// From when to when.
    pub name: &'static str,
    /// Half of all that were sent had it within so many hours.
    pub median: Within,
    /// Nine in ten.
    pub p90: Within,
}

/// Within how many hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Within {
    /// Hours, begun ones counted whole.
    Hours(u64),
    /// Not so many had it by now.
    NotYet,
    /// Too few for it to be told.
    KeptBack,
}

/// The directory: nothing in it is about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Services {
    /// Services in use.
    pub in_use: u64,
    /// Those that nobody confirmed for too long.
    pub stale: u64,
}

impl Made {
    /// Makes the figures of a cohort from all that the views have seen.
    pub fn of(views: &Views, cohort: &Cohort) -> Result<Self, Unsafe> {
        let maker = Maker::new(views, cohort);
        let sent = maker.sent();
        let limit = cohort.limit;
        let referrals = maker.referrals(&sent).table(limit)?;
        let needs = maker.needs().table(limit)?;
        let records = maker.records().table(limit)?;
        let refusals = maker.refusals().table(limit)?;
        let consents = maker.consents().table(limit)?;
        let erasures = maker.erasures().table(limit)?;
        let notices = maker.notices().table(limit)?;
        let incoming = maker.incoming().table(limit)?;
        let told = |day: Day| day.start().to_rfc3339().chars().take(10).collect();
        Ok(Self {
            definitions: DEFINITIONS,
            organisation: cohort.organisation.to_string(),
            from: told(cohort.from),
            until: told(cohort.until),
            as_of: cohort.as_of.to_rfc3339(),
            events: views.position(),
            limit,
            times: times(&sent, &referrals, limit),
            services: maker.services(),
            indicators: [
                of_referrals(&referrals),
                of_consents(&consents, &erasures, &notices),
                of_incoming(&incoming),
            ]
            .concat(),
            left_out: maker.left_out(),
            tables: vec![
                referrals, needs, records, refusals, consents, erasures, notices, incoming,
            ],
        })
    }
}

fn of_referrals(referrals: &Table) -> Vec<Indicator> {
    let sum = |columns: &[&str]| plus(columns.iter().map(|column| referrals.sum(column)));
    let sent = referrals.sum("all");
    let unanswered = referrals.sum("unanswered");
    let accepted = sum(&["accepted", "delivered", "failed"]);
    let decided = plus([accepted, sum(&["unmet", "declined"])]);
    let delivered = referrals.sum("delivered");
    let acknowledged = sent
        .zip(unanswered)
        .map(|(sent, none)| sent.saturating_sub(none));
    let in_time = in_time(referrals);
    vec![
        rate("acknowledged_of_sent", acknowledged, sent),
        rate("acknowledged_in_time_of_sent", in_time, sent),
        rate("no_answer_of_sent", unanswered, sent),
        rate("accepted_of_decided", accepted, decided),
        rate("accepted_of_sent", accepted, sent),
        rate("delivered_of_accepted", delivered, accepted),
        rate("delivered_of_sent", delivered, sent),
    ]
}

/// How many were answered in time, by the first grouping of a table.
fn in_time(table: &Table) -> Option<u64> {
    table.by.first().map_or(Some(0), |grouping| {
        let mut rows = grouping.rows.iter();
        let row = rows.find(|row| row.name == "in_time");
        row.map_or(Some(0), |row| row.counts.last().copied().flatten())
    })
}

fn of_incoming(incoming: &Table) -> Vec<Indicator> {
    let (all, taken) = (incoming.sum("all"), incoming.sum("taken"));
    vec![
        rate("incoming_taken_of_all", taken, all),
        rate("incoming_answered_in_time_of_all", in_time(incoming), all),
    ]
}

fn of_consents(consents: &Table, erasures: &Table, notices: &Table) -> Vec<Indicator> {
    let asked = ["sent", "confirmed", "failed"].map(|state| notices.sum(state));
    vec![
        rate(
            "withdrawn_of_consents",
            consents.sum("withdrawn"),
            consents.sum("all"),
        ),
        rate(
            "erased_in_time_of_withdrawn",
            erasures.sum("in_time"),
            erasures.sum("all"),
        ),
        rate("recipients_asked_of_all", plus(asked), notices.sum("all")),
    ]
}

fn rate(name: &'static str, count: Option<u64>, of: Option<u64>) -> Indicator {
    let both = count.zip(of).filter(|(_, of)| *of > 0);
    let per_mille = both.and_then(|(count, of)| {
        let doubled = u128::from(count) * 2_000 + u128::from(of);
        u64::try_from(doubled / (u128::from(of) * 2)).ok()
    });
    Indicator {
        name,
        count,
        of,
        per_mille,
    }
}

/// The sum, if every part of it is known.
fn plus(parts: impl IntoIterator<Item = Option<u64>>) -> Option<u64> {
    let mut parts = parts.into_iter();
    parts.try_fold(0_u64, |sum, part| sum.checked_add(part?))
}

/// Whether it is told how many were answered in time and how many late. While one of them is kept
/// back no time is told either: nine of ten within the limit would give the number away.
fn answers_are_told(referrals: &Table) -> bool {
    let rows = referrals.by.first().map(|grouping| &grouping.rows);
    let both = rows.into_iter().flatten();
    let mut both = both.filter(|row| row.name == "in_time" || row.name == "late");
    both.all(|row| row.counts.last().copied().flatten().is_some())
}

/// Times are told once it is told how many had an answer at all, and in time.
fn times(sent: &[&Referral], referrals: &Table, limit: u64) -> Vec<Time> {
    let all = referrals.sum("all");
    let known = |without: &[&str]| {
        let without = plus(without.iter().map(|column| referrals.sum(column)));
        let had = all.zip(without).map(|(all, none)| all.saturating_sub(none));
        had.is_some_and(|had| had >= limit) && answers_are_told(referrals)
    };
    let time = |name, told: bool, mut hours: Vec<u64>| {
        hours.sort_unstable();
        let within = |tenths: usize| {
            let rank = (sent.len() * tenths).div_ceil(10);
            let at = rank.checked_sub(1).and_then(|place| hours.get(place));
            match at {
                _ if !told => Within::KeptBack,
                Some(hours) => Within::Hours(*hours),
                None => Within::NotYet,
            }
        };
        Time {
            name,
            median: within(5),
            p90: within(9),
        }
    };
    let acknowledged = sent.iter().filter_map(|row| row.hours(row.received));
    let decided = sent
        .iter()
        .filter_map(|row| row.hours(row.decided.map(|(at, _)| at)));
    vec![
        time(
            "sent_to_acknowledged",
            known(&["unanswered"]),
            acknowledged.collect(),
        ),
        time(
            "sent_to_decided",
            known(&["unanswered", "received"]),
            decided.collect(),
        ),
    ]
}

impl LeftOut {
    /// Needs and refusals stand in the log without anybody, so without an organisation, too.
    pub(super) const OF_THE_WHOLE_LEDGER: [Self; 2] = [
        Self {
            name: "unmet_of_needs",
            why: "needs that nobody meets are counted for the whole ledger, referrals for one \
                  organisation: there is no rate of the two",
        },
        Self {
            name: "refused_of_asked",
            why: "who did not want to be recorded is counted for the whole ledger, who was for one \
                  organisation: there is no rate of the two",
        },
    ];

    /// Nothing but numbers of events is left of a case whose record ended.
    pub(super) const ENDED: Self = Self {
        name: "ended_records",
        why: "cases whose record has ended by the rules of retention are in no table: figures of \
              their months are to be published before",
    };

    /// Nothing is left of a referral from outside whose time is over.
    pub(super) const ENDED_INCOMING: Self = Self {
        name: "ended_incoming",
        why: "referrals from outside that have ended by the rules of retention are in no table: \
              figures of their months are to be published before",
    };
}

/// The definitions above, by number: another number where one of them changes.
const DEFINITIONS: u32 = 2;
