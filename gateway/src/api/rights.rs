//! Requests of persons about their data, as callers see them: each only to who may know its case.

use std::collections::BTreeSet;
use std::sync::Arc;

use ledger::authorise::Reading;
use ledger::decide::Consequences;
use ledger::domain::case::{Case, SubjectRequest};
use ledger::domain::codes::DataCategory;
use ledger::domain::ids::{CaseId, HoldId, SubjectRequestId};
use ledger::refusal::{Refusal, Refused};
use projections::rights::Place;
use projections::views::Views;

use super::paging::Walked;
use super::{Outcome, Reader};
use crate::wire::page::Page;

/// Which requests are asked for; what is not said does not restrict.
#[derive(Clone, Copy, Debug, Default)]
pub struct RequestFilter {
    /// Of this case.
    pub case: Option<CaseId>,
    /// Those that are not closed only.
    pub open_only: bool,
    /// Those past their time only.
    pub late_only: bool,
}

/// A request, and the case that it is about.
pub type Asked = (Arc<Case>, SubjectRequestId, SubjectRequest);

impl Reader<'_> {
    /// A page of requests, where it goes on, and the position up to which it is true.
    pub fn requests(
        &self,
        filter: RequestFilter,
        page: &Page<Place>,
    ) -> Outcome<(Vec<Asked>, Option<Place>, u64)> {
        self.may(Reading::Requests, None)?;
        self.wait_for(page.at_least)?;
        if let Some(case) = filter.case {
            self.case_for(Reading::Requests, case)?;
        }
        let now = self.ledger.now();
        let piece = |views: &Views, after| {
            let places = views.rights().after(after);
            places.take(page.items_max).collect()
        };
        let ends = filter.open_only || filter.late_only;
        self.walked(
            page,
            piece,
            |(place, _)| *place,
            |(place, id): (Place, CaseId)| {
                if (ends && place.closed) || (filter.late_only && now <= place.due) {
                    return Ok(Walked::End);
                }
                if filter.case.is_some_and(|case| case != id) {
                    return Ok(Walked::Passed);
                }
                Ok(self
                    .asked(place.id, id)?
                    .map_or(Walked::Passed, Walked::Shown))
            },
        )
    }

    /// A request, if the caller may know of it.
    fn asked(&self, id: SubjectRequestId, case: CaseId) -> Outcome<Option<Asked>> {
        let Some(case) = self.ledger.case(case)? else {
            return Ok(None);
        };
        let request = case.requests.get(&id).cloned();
        let seen = self.may(Reading::Requests, Some(&case)).is_ok();
        Ok(request.filter(|_| seen).map(|request| (case, id, request)))
    }

    /// What granting a deletion, or a part of it, would come to, and the holds on the data; and
    /// what the same would come to in the other file of a person who has two, if the caller may
    /// know of requests there.
    pub fn preview_deletion(
        &self,
        id: CaseId,
        request: SubjectRequestId,
        categories: BTreeSet<DataCategory>,
    ) -> Outcome<DeletionTold> {
        let case = self.case_for(Reading::Requests, id)?;
        let asked = case.requests.get(&request);
        let asked = asked.ok_or_else(|| Refused::about(Refusal::NotFound, "request"))?;
        let now = self.ledger.now();
        let merged = match case.merge.filter(|it| it.confirmed) {
            Some(merge) => self.views.read()?.links().merged_with(merge.id, id),
            None => None,
        };
        let other = merged.map(|other| self.ledger.case(other)).transpose()?;
        let other = other.flatten();
        let other = other.filter(|other| self.may(Reading::Requests, Some(other)).is_ok());
        let files = (id, other.as_ref().map(|other| other.id));
        let (here, there) = self.ledger.preview_deletion(files, request, categories)?;
        let merged = other.zip(there).map(|(other, there)| FileTold {
            case: other.id,
            holds: other.holds_on(other.client, now).collect(),
            consequences: there,
        });
        Ok(DeletionTold {
            here: FileTold {
                case: id,
                holds: case.holds_on(asked.person, now).collect(),
                consequences: here,
            },
            merged,
        })
    }
}

/// What a deletion would come to.
pub struct DeletionTold {
    /// In the file in which it is asked for.
    pub here: FileTold,
    /// In the other file of the same person, if it were asked for there, too.
    pub merged: Option<FileTold>,
}

/// What a deletion would come to in one file.
pub struct FileTold {
    /// Which.
    pub case: CaseId,
    /// What would end, become unreadable, and stay.
    pub consequences: Consequences,
    /// Legal holds on the data.
    pub holds: Vec<HoldId>,
}
