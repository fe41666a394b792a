//! Retention as people see it: what is due, what keeps it, and the sweep itself.
//!
//! - The dry run and the sweep ask the same function, case by case.

use std::sync::Arc;

use ledger::authorise::Reading;
use ledger::clock::Timestamp;
use ledger::domain::case::Case;
use ledger::domain::ids::{CaseId, HoldId, OrganisationId};
use ledger::error::Fault;
use ledger::ledger::Ledger;
use ledger::retention::Plan;
use projections::runner::Runner;

use super::{Outcome, Reader};

/// One case in which the rules have something to say.
#[derive(Clone, Debug)]
pub struct DueCase {
    /// Which.
    pub case: Arc<Case>,
    /// What is over, and what keeps it.
    pub plan: Plan,
}

impl DueCase {
    /// Whether a sweep would destroy something of it.
    pub fn goes(&self) -> bool {
        !self.plan.due.is_empty()
    }

    /// Keys that a sweep would destroy.
    pub fn keys(&self) -> usize {
        let grounds = self.plan.due.iter();
        let keys = grounds.map(|over| {
            let ground = over.consent.into();
            match &over.categories {
                Some(only) => self.case.leaves_of_categories(ground, only).count(),
                None => self.case.leaves_of(ground).count(),
            }
        });
        keys.sum()
    }

    /// Holds that keep something of it.
    pub fn holds(&self) -> Vec<HoldId> {
        self.plan.held.iter().copied().collect()
    }
}

/// Every case of an organisation, or of all, in which something is over at a moment.
pub fn due_cases(
    ledger: &Ledger,
    views: &Runner,
    (of, now): (Option<OrganisationId>, Timestamp),
) -> Result<Vec<DueCase>, Fault> {
    let rules = ledger.retention();
    let since = now.minus_months(rules.shortest_months());
    let candidates: Vec<CaseId> = views.read()?.retention().untouched_since(since).collect();
    let mut due = Vec::new();
    for id in candidates {
        let Some(case) = ledger.case(id)? else {
            continue;
        };
        let plan = Plan::of(&case, rules, now);
        let meant = of.is_none_or(|of| of == case.organisation);
        if meant && !plan.is_empty() {
            due.push(DueCase { case, plan });
        }
    }
    Ok(due)
}

impl Reader<'_> {
    /// The dry run: what a sweep of the caller's organisation would do now.
    pub fn due_cases(&self) -> Outcome<Vec<DueCase>> {
        self.may(Reading::Retention, None)?;
        let own = Some(self.caller.organisation);
        Ok(due_cases(
            self.ledger,
            self.views,
            (own, self.ledger.now()),
        )?)
    }
}
