//! Retention as people see it: what is due, what keeps it, and the sweep itself.
//!
//! - The dry run and the sweep ask the same function, case by case.

use std::sync::Arc;

use ledger::authorise::Reading;
use ledger::clock::Timestamp;
use ledger::domain::apart::{Apart, StandsApart};
use ledger::domain::case::Case;
use ledger::domain::command::Command;
use ledger::domain::ids::{BreachId, CaseId, ComplaintId, OrganisationId, StaffId};
use ledger::error::Fault;
use ledger::ledger::Ledger;
use ledger::refusal::{Refusal, Refused};
use ledger::retention::{ApartPlan, Plan, RetentionRules, staff_over};
use projections::runner::Runner;

use super::{Outcome, Reader};
use crate::limits::DUE_AHEAD_MONTHS_MAX;

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
        !self.plan.due.is_empty() || self.plan.closes.is_some()
    }

    /// Keys that a sweep would destroy.
    pub fn keys(&self) -> usize {
        self.plan.keys(&self.case).len() + usize::from(self.plan.closes.is_some())
    }

    /// What the ledger does about it.
    pub fn command(&self) -> Command {
        let case = self.case.id;
        match self.plan.closes {
            Some(_) => Command::CloseCase { case },
            None => Command::ApplyRetention { case },
        }
    }
}

/// Every case of an organisation in which something is over at a moment.
pub fn due_cases(
    ledger: &Ledger,
    views: &Runner,
    (of, now): (OrganisationId, Timestamp),
) -> Result<Vec<DueCase>, Fault> {
    let rules = ledger.retention();
    let since = now.minus_months(rules.shortest_months());
    let views = views.read()?;
    let candidates: Vec<CaseId> = views.retention().untouched_since(of, since).collect();
    // The lock goes before cases are loaded, so that the views go on following.
    drop(views);
    let mut due = Vec::new();
    for id in candidates {
        let Some(case) = ledger.case(id)? else {
            continue;
        };
        let plan = Plan::of(&case, rules, now);
        if !plan.is_empty() {
            due.push(DueCase { case, plan });
        }
    }
    Ok(due)
}

/// Members of staff of an organisation who left, and whose names are over at a moment.
pub fn due_staff(
    ledger: &Ledger,
    views: &Runner,
    (of, now): (OrganisationId, Timestamp),
) -> Result<Vec<StaffId>, Fault> {
    let rules = ledger.retention();
    let views = views.read()?;
    let members = views.staff().members();
    let left = members.filter(|one| one.organisation == of && one.roles.is_empty());
    let left: Vec<StaffId> = left.map(|one| one.staff).collect();
    drop(views);
    let mut due = Vec::new();
    for id in left {
        let staff = ledger.staff(id)?;
        let over = staff.is_some_and(|staff| staff_over(&staff, rules, now).is_some());
        due.extend(over.then_some(id));
    }
    Ok(due)
}

/// What stands apart from cases, is of an organisation and is over at a moment, nothing keeping it.
pub fn due_apart(
    ledger: &Ledger,
    views: &Runner,
    (of, now): (OrganisationId, Timestamp),
) -> Result<Vec<Apart>, Fault> {
    let rules = ledger.retention();
    let goes = |it: &StandsApart<'_>| match rules.apart_plan(it, now) {
        ApartPlan::Stays | ApartPlan::Held => None,
        ApartPlan::Words(_) | ApartPlan::Closes(_) => (it.organisation == of).then_some(it.what),
    };
    let views = views.read()?;
    let complaints = views.complaints().after(None).filter(|place| place.closed);
    let complaints: Vec<ComplaintId> = complaints.map(|place| place.id).collect();
    let breaches = views.breaches().after(None).filter(|place| place.closed);
    let breaches: Vec<BreachId> = breaches.map(|place| place.id).collect();
    let incoming = views.incoming().after(of, None);
    let incoming = incoming.filter_map(|place| views.incoming().find(place.id));
    let mut due: Vec<Apart> = incoming.filter_map(|it| goes(&it.into())).collect();
    // The lock goes before streams are loaded, so that the views go on following.
    drop(views);
    for id in complaints {
        due.extend(ledger.complaint(id)?.and_then(|it| goes(&(&*it).into())));
    }
    for id in breaches {
        due.extend(ledger.breach(id)?.and_then(|it| goes(&(&*it).into())));
    }
    Ok(due)
}

impl Reader<'_> {
    /// The cases of the caller's organisation in which something is over now, or will be; at
    /// most so far ahead that the answer means something.
    pub fn due_cases(&self, at: Option<Timestamp>) -> Outcome<Vec<DueCase>> {
        self.may(Reading::Retention, None)?;
        let own = self.caller.organisation;
        let now = self.ledger.now();
        let at = at.unwrap_or(now).max(now);
        if at > now.plus_months(DUE_AHEAD_MONTHS_MAX) {
            return Err(Refused::about(Refusal::TimeInvalid, "at").into());
        }
        Ok(due_cases(self.ledger, self.views, (own, at))?)
    }

    /// Members of staff of the caller's organisation who left, and whose names are over now.
    pub fn due_staff(&self) -> Outcome<Vec<StaffId>> {
        self.may(Reading::Retention, None)?;
        let (own, now) = (self.caller.organisation, self.ledger.now());
        Ok(due_staff(self.ledger, self.views, (own, now))?)
    }

    /// The rules in force.
    pub fn retention_rules(&self) -> Outcome<&RetentionRules> {
        self.may(Reading::Retention, None)?;
        Ok(self.ledger.retention())
    }

    /// A case whose holds are asked about.
    pub fn holds(&self, id: CaseId) -> Outcome<Arc<Case>> {
        self.may(Reading::Retention, None)?;
        let case = self.case_for(Reading::Retention, id)?;
        // Holds of other organisations are as unknown as their cases.
        if case.organisation == self.caller.organisation {
            Ok(case)
        } else {
            Err(Refused::about(Refusal::NotFound, "case").into())
        }
    }
}
