//! Linked files of a family: each link only for who may see both files, and only while both carry
//! it. Who sees one of them gets the same answer as if there were none (MISSION C14). And the other
//! file of a person who has two (C15).

use std::sync::Arc;

use ledger::authorise::Reading;
use ledger::domain::case::Case;
use ledger::domain::codes::Relationship;
use ledger::domain::ids::{CaseId, ClientCode, LinkId, StaffId};

use super::{Outcome, Reader};

/// What a link shows from one of its files: the other's code, and the relationship.
#[derive(Clone, Debug)]
pub struct LinkShown {
    /// Which link.
    pub link: LinkId,
    /// The other file.
    pub case: CaseId,
    /// Its code.
    pub code: ClientCode,
    /// What its person is to this file's.
    pub relationship: Relationship,
    /// Whether the caller works on the other file, too.
    pub works_on_it: bool,
}

impl Reader<'_> {
    /// The other file of a merging, if the caller may see it, too.
    pub fn merged_with(&self, case: &Case) -> Outcome<Option<Arc<Case>>> {
        let Some(merge) = case.merge else {
            return Ok(None);
        };
        let other = self.views.read()?.links().merged_with(merge.id, case.id);
        let Some(other) = other else { return Ok(None) };
        let other = self.ledger.case(other)?;
        Ok(other.filter(|other| self.may(Reading::CaseHistory, Some(other)).is_ok()))
    }

    /// The other file of a person whose two files are merged, by one of them.
    pub fn merged_file(&self, case: Option<CaseId>) -> Outcome<Option<Arc<Case>>> {
        let case = case.map(|id| self.ledger.case(id)).transpose()?.flatten();
        let merged = case.filter(|case| case.merge.is_some_and(|it| it.confirmed));
        merged.map_or(Ok(None), |case| self.merged_with(&case))
    }

    /// The links of a file.
    pub fn links(&self, case: CaseId, at_least: Option<u64>) -> Outcome<Vec<LinkShown>> {
        let case = self.case_for(Reading::CaseHistory, case)?;
        self.wait_for(at_least)?;
        let now = self.ledger.now();
        let linked = self.views.read()?.links().of_case(case.id);
        let mut shown = Vec::with_capacity(linked.len());
        for link in linked {
            self.go_on()?;
            let other = self.ledger.case(link.case)?;
            let Some(other) = other.filter(|other| {
                let seen = self.may(Reading::CaseHistory, Some(other)).is_ok();
                seen && case.carries_links(now) && other.carries_links(now)
            }) else {
                continue;
            };
            let caller: StaffId = self.caller.id;
            shown.push(LinkShown {
                link: link.link,
                case: other.id,
                code: other.code,
                relationship: link.relationship,
                works_on_it: other.assigned.contains(&caller),
            });
        }
        Ok(shown)
    }
}
