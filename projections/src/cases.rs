//! Cases: from a client's code to the case, and what a list of cases shows. Search is by code only.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::BTreeMap;

use ledger::clock::{Day, Timestamp};
use ledger::domain::codes::{AgeGroup, Documentation, Sensitivity};
use ledger::domain::event::{Event, Record};
use ledger::domain::ids::*;
use ledger::domain::stream::StreamId;
use ledger::limits::VIEW_ROWS_MAX;
use serde::{Deserialize, Serialize};

use crate::projection::{Projection, moment};

/// Every case.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cases {
    heads: BTreeMap<CaseId, CaseHead>,
    #[serde(skip)]
    by_code: BTreeMap<ClientCode, CaseId>,
    /// In the order of opening; the position is the page token.
    #[serde(skip)]
    by_opening: BTreeMap<u64, CaseId>,
}

/// What is known of a case without opening it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseHead {
    /// Which.
    pub case: CaseId,
    /// The code used instead of the name.
    pub code: ClientCode,
    /// The organisation that holds it.
    pub organisation: OrganisationId,
    /// Adult, minor or not known.
    pub age_group: AgeGroup,
    /// Who may see it.
    pub sensitivity: Sensitivity,
    /// How much may be written down.
    pub documentation: Documentation,
    /// Who works on it.
    pub assigned: Vec<StaffId>,
    /// When it was opened.
    pub opened: Timestamp,
    /// The position of the event that opened it.
    pub position: u64,
    /// The version of its stream now.
    pub version: u64,
    /// Whether work on it ended.
    pub closed: bool,
}

impl Cases {
    /// The case with this code.
    pub fn by_code(&self, code: ClientCode) -> Option<&CaseHead> {
        self.find(*self.by_code.get(&code)?)
    }

    /// One case.
    pub fn find(&self, case: CaseId) -> Option<&CaseHead> {
        self.heads.get(&case)
    }

    /// Cases opened at this position or later that the caller may see, oldest first; at most
    /// `rows_max`. The next page starts behind the last row's position.
    pub fn page(
        &self,
        from: u64,
        rows_max: usize,
        may_see: &dyn Fn(&CaseHead) -> bool,
    ) -> Vec<&CaseHead> {
        self.by_opening
            .range(from..)
            .filter_map(|(_, case)| self.find(*case))
            .filter(|head| may_see(head))
            .take(rows_max.clamp(1, VIEW_ROWS_MAX))
            .collect()
    }

    /// Cases of an organisation that were opened on these days, the newest first.
    pub fn opened_on(
        &self,
        of: OrganisationId,
        (from, until): (Option<Day>, Option<Day>),
    ) -> impl Iterator<Item = &CaseHead> {
        let newest_first = self.by_opening.values().rev();
        let heads = newest_first.filter_map(|case| self.find(*case));
        heads.filter(move |head| {
            let day = head.opened.day();
            let within = from.is_none_or(|from| from <= day) && until.is_none_or(|it| day <= it);
            head.organisation == of && within
        })
    }

    /// How many cases of an organisation somebody works on, and in how many of them nobody else.
    pub fn load(&self, staff: StaffId, of: OrganisationId) -> (u64, u64) {
        let heads = self.heads.values();
        let theirs = heads.filter(|head| head.organisation == of && head.assigned.contains(&staff));
        theirs.fold((0, 0), |(all, alone), head| {
            (all + 1, alone + u64::from(head.assigned.len() == 1))
        })
    }

    /// How many cases there are.
    pub fn count(&self) -> usize {
        self.heads.len()
    }
}

impl Projection for Cases {
    const NAME: &'static str = "cases";
    const VERSION: u32 = 2;

    fn apply(&mut self, position: u64, record: &Record) {
        let StreamId::Case(case) = record.stream else {
            return;
        };
        if let Event::CaseOpened(opened) = &record.event {
            let head = CaseHead {
                case,
                code: opened.code,
                organisation: opened.organisation,
                age_group: opened.age_group,
                sensitivity: opened.sensitivity,
                documentation: opened.documentation,
                assigned: Vec::new(),
                opened: moment(record.recorded),
                position,
                version: record.version,
                closed: false,
            };
            // Codes are random and do not meet; if two did, the older case would keep its own.
            self.by_code.entry(opened.code).or_insert(case);
            self.by_opening.insert(position, case);
            self.heads.insert(case, head);
        }
        let Some(head) = self.heads.get_mut(&case) else {
            return;
        };
        head.version = record.version;
        match &record.event {
            Event::StaffAssigned(assigned) => {
                head.assigned.retain(|one| *one != assigned.staff);
                head.assigned.push(assigned.staff);
            }
            Event::AgeAssessed(it) => {
                head.age_group = it.age_group;
                head.sensitivity = it.company.narrowed(head.sensitivity);
            }
            Event::CaseWorkClosed(_) => head.closed = true,
            Event::CaseReopened(_) => head.closed = false,
            Event::ConcernRaised(_) => head.sensitivity = Sensitivity::Restricted,
            Event::StaffUnassigned(gone) => head.assigned.retain(|one| *one != gone.staff),
            _ => {}
        }
    }

    fn reindex(&mut self) {
        let heads = self.heads.values();
        self.by_opening = heads.map(|head| (head.position, head.case)).collect();
        self.by_code.clear();
        for case in self.by_opening.values() {
            if let Some(head) = self.heads.get(case) {
                self.by_code.entry(head.code).or_insert(*case);
            }
        }
    }
}
