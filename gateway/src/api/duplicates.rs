//! Files that may be of the same person: which ones the ledger compares, and how many searches go
//! on. What is read of the files stays in the ledger.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use ledger::domain::codes::{Role, Sensitivity};
use ledger::domain::command::{Command, Request, Seeking};
use ledger::domain::ids::{CaseId, LinkId, StaffId};
use ledger::duplicates::Found;
use ledger::refusal::{Refusal, Refused};
use projections::cases::CaseHead;

use super::{Api, Outcome, Reader};
use crate::caller::Known;
use crate::limits::{SEARCH_TIME_MAX, SEARCHES_MAX};

/// Who searches at this moment.
#[derive(Clone, Default)]
pub(super) struct Searches(Arc<Mutex<HashSet<StaffId>>>);

/// One search, until it is dropped.
struct Search {
    all: Searches,
    by: StaffId,
}

impl Searches {
    /// A place for one search; of each caller there is one.
    fn begin(&self, by: StaffId) -> Outcome<Search> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= SEARCHES_MAX || !all.insert(by) {
            return Err(Refused::about(Refusal::SearchLimit, "running").into());
        }
        let all = self.clone();
        Ok(Search { all, by })
    }
}

impl Drop for Search {
    fn drop(&mut self) {
        let mut all = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&self.by);
    }
}

impl Api {
    /// Looks for duplicates on a blocking thread: one search of each caller at a time.
    pub async fn find_duplicates(&self, known: &Known, request: Request) -> Outcome<Found> {
        let search = self.searches.begin(known.staff.id)?;
        self.read(known, move |reader| {
            let found = reader.find_duplicates(request);
            drop(search);
            found
        })
        .await
    }

    /// A command about a merging, with the link of a family between the two files if there is one:
    /// the ledger looks whether it is, and then they are two persons.
    pub async fn with_link(&self, known: &Known, mut request: Request) -> Outcome<Request> {
        if let Some(files) = request.command.merging_mut() {
            let (case, other) = (files.case, files.other);
            files.link = self
                .read(known, move |reader| reader.link_between(case, other))
                .await?;
        }
        Ok(request)
    }
}

impl Reader<'_> {
    fn find_duplicates(&self, request: Request) -> Outcome<Found> {
        let Command::FindDuplicates(asked) = &request.command else {
            return Err(Refused::about(Refusal::Malformed, "command").into());
        };
        let until = Instant::now() + SEARCH_TIME_MAX;
        // A file that was opened a moment ago is compared, too.
        self.wait_for(self.ledger.size().checked_sub(1))?;
        let (others, linked) = self.files_beside(asked)?;
        let go_on = || -> Outcome<()> {
            self.go_on()?;
            if Instant::now() < until {
                return Ok(());
            }
            Err(Refused::about(Refusal::SearchLimit, "cases").into())
        };
        let others = (others.as_slice(), &linked);
        self.ledger.find_duplicates(request, others, &go_on)
    }

    /// The files to be compared as far as the views can tell, and those that are linked with the
    /// one asked for: sisters have two files.
    fn files_beside(&self, asked: &Seeking) -> Outcome<(Vec<CaseId>, BTreeSet<CaseId>)> {
        let views = self.views.read()?;
        let days = (asked.opened_from, asked.opened_until);
        let heads = views.cases().opened_on(self.caller.organisation, days);
        let likely = heads.filter(|head| self.may_be_open(head));
        let others = likely.map(|head| head.case).collect();
        let links = views.links().of_case(asked.case).into_iter();
        Ok((others, links.map(|link| link.case).collect()))
    }

    /// Whether it is worth asking the ledger if the caller may open a file: whoever has one role
    /// that opens what they are put on, and no other, is asked of no thousand others.
    fn may_be_open(&self, head: &CaseHead) -> bool {
        let me = self.caller;
        let on_it = |staff: &StaffId| {
            *staff == me.id || me.absent(self.ledger.now()).any(|absent| absent == *staff)
        };
        let protects = me.roles.contains(&Role::ChildProtection);
        let wide = protects || me.roles.iter().any(|role| *role != Role::FrontLine);
        let open = wide && (protects || head.sensitivity == Sensitivity::Standard);
        open || head.assigned.iter().any(on_it)
    }

    fn link_between(&self, case: CaseId, other: CaseId) -> Outcome<Option<LinkId>> {
        self.wait_for(self.ledger.size().checked_sub(1))?;
        let views = self.views.read()?;
        let links = views.links().of_case(case).into_iter();
        let mut links = links.filter(|link| link.case == other);
        Ok(links.next().map(|link| link.link))
    }

    /// Whether the caller may know of every file of their organisation, without a name.
    pub(crate) fn knows_every_case(&self) -> bool {
        let knows = [Role::Auditor, Role::DataProtectionOfficer];
        knows.iter().any(|role| self.caller.roles.contains(role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c15_each_caller_has_one_search_and_all_together_a_few() {
        let all = Searches::default();
        let who = |number: usize| StaffId([u8::try_from(number).expect("few"); 16]);
        let first = all.begin(who(0)).expect("a place");
        assert!(all.begin(who(0)).is_err(), "one at a time");
        let mut held: Vec<Search> = (1..SEARCHES_MAX)
            .map(|number| all.begin(who(number)).expect("a place"))
            .collect();
        assert!(all.begin(who(SEARCHES_MAX)).is_err(), "no more at once");
        held.pop();
        assert!(all.begin(who(SEARCHES_MAX)).is_ok());
        drop((first, held));
        assert!(all.begin(who(0)).is_ok());
        assert!(all.0.lock().expect("held by nobody").is_empty());
    }
}
