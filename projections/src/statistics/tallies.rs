//! What goes into the tables of a cohort: who and what is counted, and where (MISSION E7, B10).
//!
//! - Everything that is about a person passes `is_open`; referrals pass `agreed` besides. Records,
//!   consents, erasures and notices ask nobody: they are the organisation's account of its duties.
//! - Needs and refusals stand in the log without anybody, so they are of the whole ledger.

use ledger::clock::Day;
use ledger::domain::codes::{AgeGroup, IncomingDecision, NoticeState, Purpose, Sensitivity};
use ledger::domain::event::PublicText;
use ledger::domain::ids::{CaseId, ServiceId};
use ledger::domain::incoming::Sender;
use ledger::limits::{FIGURES_ERASED_WITHIN_MONTHS, FIGURES_STALE_DAYS};

use super::answers::Answer;
use super::made::{Cohort, LeftOut, Services};
use super::table::{OTHER, Tally};
use super::{Referral, Statistics};
use crate::consents::Standing;
use crate::views::Views;

/// Counts for one cohort.
pub(super) struct Maker<'a> {
    views: &'a Views,
    statistics: &'a Statistics,
    cohort: &'a Cohort,
}

impl<'a> Maker<'a> {
    pub(super) fn new(views: &'a Views, cohort: &'a Cohort) -> Self {
        Self {
            views,
            statistics: views.statistics(),
            cohort,
        }
    }

    fn is_within(&self, day: Day) -> bool {
        (self.cohort.from..self.cohort.until).contains(&day)
    }

    /// Whether a case is one of the organisation's, and neither restricted to few nor by the
    /// person's wish.
    fn is_open(&self, case: CaseId) -> bool {
        !self.statistics.is_restricted(case)
            && self.views.cases().find(case).is_some_and(|head| {
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
    pub(super) fn sent(&self) -> Vec<&'a Referral> {
        let all = self.statistics.referrals.values();
        all.filter(|row| row.sent.is_some_and(|(sent, _)| self.is_within(sent.day())))
            .filter(|row| self.is_open(row.case) && self.agreed(row.case))
            .collect()
    }

    pub(super) fn referrals(&self, sent: &[&Referral]) -> Tally {
        let groups = ["acknowledged", "age_group", "urgency", "sector", "area"];
        let mut tally = Tally::new("referrals", &Answer::WORDS, &groups);
        for row in sent {
            let head = self.views.cases().find(row.case);
            let age = head.map_or("unknown", |head| head.age_group.code());
            let (sector, area) = self.sector_and_area(row.service);
            let [prompt, age, urgency] =
                [row.promptness(), age, row.urgency.code()].map(str::to_owned);
            let rows = [prompt, age, urgency, sector, area];
            tally.add(row.answer().column(), rows, 1);
        }
        tally
    }

    /// Where a service is and what it does. A confidential one is never told apart (MISSION D3).
    fn sector_and_area(&self, service: ServiceId) -> (String, String) {
        let service = self.views.directory().find(service, false);
        let first =
            |of: Option<&PublicText>| of.map_or_else(|| OTHER.to_owned(), |text| text.0.clone());
        let entry = service.map(|service| &service.entry);
        (
            first(entry.and_then(|entry| entry.sectors.first())),
            first(entry.and_then(|entry| entry.locations.first())),
        )
    }

    /// Needs that no service meets: counted without anybody, so nobody is asked.
    pub(super) fn needs(&self) -> Tally {
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

    /// Who agreed to be recorded.
    pub(super) fn records(&self) -> Tally {
        let mut tally = Tally::new("records", &["opened"], &[]);
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
        tally
    }

    /// Who did not agree to be recorded: counted for the whole ledger, so in a table of its own.
    /// Beside what one organisation counts it would give that away to another that publishes, too.
    pub(super) fn refusals(&self) -> Tally {
        let mut tally = Tally::new("refusals", &["refused"], &[]);
        for (day, count) in &self.statistics.refused {
            if self.is_within(*day) {
                tally.add(0, [], *count);
            }
        }
        tally
    }

    /// Consents given in the cohort's time, and whether they were taken back since.
    pub(super) fn consents(&self) -> Tally {
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
    pub(super) fn erasures(&self) -> Tally {
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
    pub(super) fn notices(&self) -> Tally {
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

    /// Referrals from outside that came in the cohort's time, by what was decided. Nothing about a
    /// person is in them, so nobody is asked; a service that sent one is not told apart (MISSION
    /// D3).
    pub(super) fn incoming(&self) -> Tally {
        let decisions = IncomingDecision::ALL.iter().map(|one| one.code());
        let columns: Vec<&str> = decisions.chain(["undecided"]).collect();
        let mut tally = Tally::new("incoming", &columns, &["answered", "urgency", "sender"]);
        for one in self.views.incoming().of(self.cohort.organisation) {
            if !self.is_within(one.received.day()) {
                continue;
            }
            let answered = match one.answered_at {
                Some(at) if at <= one.answer_by => "in_time",
                Some(_) => "late",
                None => "unanswered",
            };
            let sender = match one.from {
                Sender::Organisation(_) => "organisation",
                Sender::Service(_) => "service",
                Sender::Class(class) => class.code(),
            };
            let word = one.decision.map_or("undecided", IncomingDecision::code);
            let column = columns.iter().position(|column| *column == word);
            let rows = [answered, one.urgency.code(), sender].map(str::to_owned);
            tally.add(column.unwrap_or_default(), rows, 1);
        }
        tally
    }

    pub(super) fn services(&self) -> Services {
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

    /// What these figures do not tell.
    pub(super) fn left_out(&self) -> Vec<LeftOut> {
        let mut left_out = LeftOut::OF_THE_WHOLE_LEDGER.to_vec();
        if self.statistics.ended.contains(&self.cohort.organisation) {
            left_out.push(LeftOut::ENDED);
        }
        let incoming = &self.statistics.ended_incoming;
        if incoming.contains(&self.cohort.organisation) {
            left_out.push(LeftOut::ENDED_INCOMING);
        }
        left_out
    }
}

/// What was not said.
const NOT_SAID: &str = "not_said";
