//! Who could have been affected by a breach: what left and what was opened, of one organisation's
//! cases, in the order of the log (MISSION E8).

use std::collections::BTreeSet;
use std::ops::Bound;

use ledger::clock::Timestamp;
use ledger::domain::codes::ViewPurpose;
use ledger::domain::event::ViewTarget;
use ledger::domain::ids::{CaseId, OrganisationId, StaffId};
use ledger::limits::VIEW_ROWS_MAX;
use serde::{Deserialize, Serialize};

use super::{GivenAway, Left, LeftSearch};

/// One time that somebody opened personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// Where it is in the log.
    pub position: u64,
    /// In which case.
    pub case: CaseId,
    /// Who.
    pub by: Option<StaffId>,
    /// What of.
    pub target: ViewTarget,
    /// What for.
    pub purpose: ViewPurpose,
    /// When.
    pub at: Timestamp,
}

/// One thing that could have reached somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traced<'a> {
    /// It left.
    Left(&'a Left),
    /// It was opened.
    Opened(&'a Opened),
}

/// How much there is in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TracedCounts {
    /// Cases that it is of.
    pub cases: u64,
    /// Times that data left.
    pub left: u64,
    /// Times that data were opened.
    pub opened: u64,
}

impl Traced<'_> {
    /// Where it is in the log.
    pub fn position(&self) -> u64 {
        match self {
            Self::Left(row) => row.position,
            Self::Opened(row) => row.position,
        }
    }

    /// In which case.
    pub fn case(&self) -> CaseId {
        match self {
            Self::Left(row) => row.case,
            Self::Opened(row) => row.case,
        }
    }
}

impl GivenAway {
    /// What left and what was opened that fits, of this organisation's cases, at most `rows_max`.
    /// What was opened went to no recipient: where one is asked for, it is left out.
    pub fn trace(
        &self,
        search: &LeftSearch,
        of: OrganisationId,
        rows_max: usize,
    ) -> Vec<Traced<'_>> {
        let rows_max = rows_max.clamp(1, VIEW_ROWS_MAX);
        let left = self.left_of(search, of).take(rows_max).map(Traced::Left);
        let opened = self
            .opened_of(search, of)
            .take(rows_max)
            .map(Traced::Opened);
        let mut rows: Vec<_> = left.chain(opened).collect();
        rows.sort_by_key(Traced::position);
        rows.truncate(rows_max);
        rows
    }

    /// How much of it there is in all, wherever a page begins.
    pub fn trace_counts(&self, search: &LeftSearch, of: OrganisationId) -> TracedCounts {
        let search = LeftSearch {
            after: None,
            ..search.clone()
        };
        let mut cases = BTreeSet::new();
        let mut counts = TracedCounts::default();
        for row in self.left_of(&search, of) {
            counts.left += 1;
            cases.insert(row.case);
        }
        for row in self.opened_of(&search, of) {
            counts.opened += 1;
            cases.insert(row.case);
        }
        counts.cases = u64::try_from(cases.len()).unwrap_or(u64::MAX);
        counts
    }

    fn left_of<'a>(
        &'a self,
        search: &LeftSearch,
        of: OrganisationId,
    ) -> impl Iterator<Item = &'a Left> {
        let behind = search.after.map_or(Bound::Unbounded, Bound::Excluded);
        let rows = self.rows.range((behind, Bound::Unbounded));
        rows.map(|(_, row)| row)
            .filter(move |row| search.fits(row) && self.is_of(row.case, of))
    }

    fn opened_of<'a>(
        &'a self,
        search: &LeftSearch,
        of: OrganisationId,
    ) -> impl Iterator<Item = &'a Opened> {
        let behind = search.after.map_or(Bound::Unbounded, Bound::Excluded);
        let went_somewhere = search.recipient.is_some() || search.service.is_some();
        let rows = self.opened.range((behind, Bound::Unbounded));
        rows.map(|(_, row)| row).filter(move |row| {
            !went_somewhere
                && search.by.is_none_or(|by| row.by == Some(by))
                && search.spans(row.at)
                && self.is_of(row.case, of)
        })
    }

    fn is_of(&self, case: CaseId, of: OrganisationId) -> bool {
        let head = self.heads.get(&case);
        head.is_some_and(|head| head.organisation == of)
    }
}
