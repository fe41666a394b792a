//! The figures of a cohort: tables, times and indicators, each with what it is of.
//!
//! - An indicator is computed from counts that are shown and from nothing else, so it tells nothing
//!   that they do not. Where one of them is kept back, so is the indicator.
//! - Open referrals are counted in every time: "half of all that were sent had an answer within so
//!   many hours", and if fewer than half had one, that is the answer.

use ledger::clock::{Day, Timestamp};
use ledger::domain::codes::{AgeGroup, NoticeState, Purpose, Sensitivity};
use ledger::domain::ids::{CaseId, OrganisationId, ServiceId};
use ledger::limits::{FIGURES_ERASED_WITHIN_MONTHS, FIGURES_STALE_DAYS};
use serde::Serialize;

use super::answers::Answer;
use super::table::{OTHER, Table, Tally};
use super::{Referral, Statistics};
use crate::consents::Standing;
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
        let maker = Maker {
            views,
            statistics: views.statistics(),
            cohort,
        };
        let sent = maker.sent();
        let limit = cohort.limit;
        let referrals = maker.referrals(&sent).table(limit)?;
        let needs = maker.needs().table(limit)?;
        let records = maker.records().table(limit)?;
        let consents = maker.consents().table(limit)?;
        let erasures = maker.erasures().table(limit)?;
        let notices = maker.notices().table(limit)?;
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
                of_referrals(&referrals, &needs),
                of_consents(&records, &consents, &erasures, &notices),
            ]
            .concat(),
            tables: vec![referrals, needs, records, consents, erasures, notices],
        })
    }
}

struct Maker<'a> {
    views: &'a Views,
    statistics: &'a Statistics,
    cohort: &'a Cohort,
}

impl<'a> Maker<'a> {
    fn is_within(&self, day: Day) -> bool {
        (self.cohort.from..self.cohort.until).contains(&day)
    }

    /// Whether a case is one of the organisation's, and not restricted.
    fn is_open(&self, case: CaseId) -> bool {
        self.views.cases().find(case).is_some_and(|head| {
            head.organisation == self.cohort.organisation
                && match head.sensitivity {
                    Sensitivity::Standard => true,
                    Sensitivity::Restricted => false,
                }
        })
    }

    /// Whether the person whom a case is about agrees to being counted now (MISSION B10).
    fn agreed(&self, case: CaseId) -> bool {
        let client = self.statistics.clients.get(&case);
        let mut consents = self.views.consents().in_force(case, self.cohort.as_of);
        consents.any(|consent| {
            Some(&consent.person) == client && consent.scope.purposes.contains(&Purpose::Statistics)
        })
    }

    /// Referrals that were sent in the cohort's time and may be counted.
    fn sent(&self) -> Vec<&'a Referral> {
        let all = self.statistics.referrals.values();
        all.filter(|row| row.sent.is_some_and(|(sent, _)| self.is_within(sent.day())))
            .filter(|row| self.is_open(row.case) && self.agreed(row.case))
            .collect()
    }

    fn referrals(&self, sent: &[&Referral]) -> Tally {
        let groups = ["acknowledged", "age_group", "urgency", "sector", "area"];
        let mut tally = Tally::new("referrals", &Answer::WORDS, &groups);
        for row in sent {
            let head = self.views.cases().find(row.case);
            let age = head.map_or("unknown", |head| head.age_group.code());
            let (sector, area) = self.sector_and_area(row.service);
            let rows = [
                row.promptness().into(),
                age.into(),
                row.urgency.code().into(),
            ];
            let [promptness, age, urgency] = rows;
            let rows = [promptness, age, urgency, sector, area];
            tally.add(row.answer().column(), rows, 1);
        }
        tally
    }

    /// Where a service is and what it does. A confidential one is never told apart (MISSION D3).
    fn sector_and_area(&self, service: ServiceId) -> (String, String) {
        let service = self.views.directory().find(service, false);
        let first = |of: Option<&ledger::domain::event::PublicText>| {
            of.map_or_else(|| OTHER.to_owned(), |text| text.0.clone())
        };
        let entry = service.map(|service| &service.entry);
        (
            first(entry.and_then(|entry| entry.sectors.first())),
            first(entry.and_then(|entry| entry.locations.first())),
        )
    }

    /// Needs that no service meets: counted without anybody, so nobody is asked.
    fn needs(&self) -> Tally {
        let columns: Vec<&str> = AgeGroup::ALL.iter().map(|one| one.code()).collect();
        let columns = [columns, vec![NOT_SAID]].concat();
        let mut tally = Tally::new("unmet_needs", &columns, &["need", "area"]);
        for ((day, need, area, age), count) in &self.statistics.needs {
            if self.is_within(*day) {
                let word = age.map_or(NOT_SAID, AgeGroup::code);
                let column = columns.iter().position(|one| *one == word);
                let area = area.clone().unwrap_or_else(|| NOT_SAID.to_owned());
                let rows = [need.code().to_owned(), area];
                tally.add(column.unwrap_or_default(), rows, *count);
            }
        }
        tally
    }

    /// Who agreed to be recorded and who did not; the latter are counted for the whole ledger.
    fn records(&self) -> Tally {
        let mut tally = Tally::new("records", &["opened", "refused"], &[]);
        for case in self
            .statistics
            .clients
            .keys()
            .filter(|case| self.is_open(**case))
        {
            let head = self.views.cases().find(*case);
            if head.is_some_and(|head| self.is_within(head.opened.day())) {
                tally.add(0, [], 1);
            }
        }
        for (day, count) in &self.statistics.refused {
            if self.is_within(*day) {
                tally.add(1, [], *count);
            }
        }
        tally
    }

    /// Consents given in the cohort's time, and whether they were taken back since.
    fn consents(&self) -> Tally {
        let mut tally = Tally::new("consents", &["kept", "withdrawn"], &[]);
        for case in self
            .statistics
            .clients
            .keys()
            .filter(|case| self.is_open(**case))
        {
            for consent in self.views.consents().of_case(*case) {
                if self.is_within(consent.given.day()) {
                    let withdrawn = self.statistics.withdrawn.contains_key(&consent.consent);
                    tally.add(usize::from(withdrawn), [], 1);
                }
            }
        }
        tally
    }

    /// Withdrawals in the cohort's time, and whether the keys were destroyed within a month.
    fn erasures(&self) -> Tally {
        let mut tally = Tally::new("erasures", &["in_time", "late", "open"], &[]);
        for (id, (case, withdrawn)) in &self.statistics.withdrawn {
            if !self.is_within(withdrawn.day()) || !self.is_open(*case) {
                continue;
            }
            let due = withdrawn.plus_months(FIGURES_ERASED_WITHIN_MONTHS);
            let consents = self.views.consents().of_case(*case);
            let gone = consents
                .filter(|consent| consent.consent == *id)
                .find_map(|consent| match consent.standing {
                    Standing::Shredded => Some(consent.since),
                    Standing::InForce | Standing::Withdrawn { .. } | Standing::Expired { .. } => {
                        None
                    }
                });
            let column = match gone {
                Some(at) if at <= due => 0,
                Some(_) => 1,
                None if self.cohort.as_of > due => 1,
                None => 2,
            };
            tally.add(column, [], 1);
        }
        tally
    }

    /// Recipients that were to be asked to stop, return or destroy, and whether they were.
    fn notices(&self) -> Tally {
        let columns: Vec<&str> = NoticeState::ALL.iter().map(|one| one.code()).collect();
        let mut tally = Tally::new("notices", &columns, &[]);
        for notice in self.statistics.notices.values() {
            if self.is_within(notice.planned.day()) && self.is_open(notice.case) {
                let column = NoticeState::ALL.iter().position(|one| *one == notice.state);
                tally.add(column.unwrap_or_default(), [], 1);
            }
        }
        tally
    }

    fn services(&self) -> Services {
        let today = self.cohort.as_of.day();
        let since = Day(today.0.saturating_sub(FIGURES_STALE_DAYS));
        let in_use = self.views.directory().in_use();
        let (mut all, mut stale) = (0, 0);
        for service in in_use {
            all += 1;
            let confirmed = service.entry.assured_on;
            stale += u64::from(confirmed.is_none_or(|day| day < since));
        }
        Services { in_use: all, stale }
    }
}

fn of_referrals(referrals: &Table, needs: &Table) -> Vec<Indicator> {
    let sum = |columns: &[&str]| plus(columns.iter().map(|column| referrals.sum(column)));
    let sent = referrals.sum("all");
    let unanswered = referrals.sum("unanswered");
    let accepted = sum(&["accepted", "delivered", "not_delivered"]);
    let decided = plus([accepted, sum(&["declined_unmet", "declined_other"])]);
    let delivered = referrals.sum("delivered");
    let acknowledged = sent
        .zip(unanswered)
        .map(|(sent, none)| sent.saturating_sub(none));
    let noted = needs.sum("all");
    let unmet = plus([noted, referrals.sum("declined_unmet")]);
    let in_time = referrals.by.first().map_or(Some(0), |grouping| {
        let mut rows = grouping.rows.iter();
        let row = rows.find(|row| row.name == "in_time");
        row.map_or(Some(0), |row| row.counts.last().copied().flatten())
    });
    vec![
        rate("acknowledged_of_sent", acknowledged, sent),
        rate("acknowledged_in_time_of_sent", in_time, sent),
        rate("no_answer_of_sent", unanswered, sent),
        rate("accepted_of_decided", accepted, decided),
        rate("accepted_of_sent", accepted, sent),
        rate("delivered_of_accepted", delivered, accepted),
        rate("delivered_of_sent", delivered, sent),
        rate("unmet_of_needs", unmet, plus([noted, sent])),
    ]
}

fn of_consents(
    records: &Table,
    consents: &Table,
    erasures: &Table,
    notices: &Table,
) -> Vec<Indicator> {
    let asked = ["sent", "confirmed", "failed"].map(|state| notices.sum(state));
    vec![
        rate(
            "refused_of_asked",
            records.sum("refused"),
            records.sum("all"),
        ),
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

/// Times are told once it is told how many had an answer at all.
fn times(sent: &[&Referral], referrals: &Table, limit: u64) -> Vec<Time> {
    let all = referrals.sum("all");
    let known = |without: &[&str]| {
        let without = plus(without.iter().map(|column| referrals.sum(column)));
        let had = all.zip(without).map(|(all, none)| all.saturating_sub(none));
        had.is_some_and(|had| had >= limit)
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
            known(&["unanswered", "acknowledged"]),
            decided.collect(),
        ),
    ]
}

/// What was not said.
const NOT_SAID: &str = "not_said";
/// The definitions above, by number: another number where one of them changes.
const DEFINITIONS: u32 = 1;
