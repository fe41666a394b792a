//! Exceptions by themselves for auditors, and what was done in a hurry and somebody else is to look
//! at, each only for who may know of its case.

use std::collections::{BTreeMap, BTreeSet};

use ledger::authorise::Reading;
use ledger::clock::Timestamp;
use ledger::domain::codes::{ExceptionKind, ExceptionState, ReviewStep, Role};
use ledger::domain::exception::ProcedureId;
use ledger::domain::ids::{CaseId, ClientCode, ExceptionId, GroundId, ReferralId};
use ledger::organisation::Procedure;
use projections::exceptions::Used;
use projections::given::{Left, LeftSearch};
use projections::views::Views;

use super::paging::Walked;
use super::{Outcome, Reader};
use crate::wire::page::Page;

/// An exception and what went on it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// What became of it.
    pub used: Used,
    /// What went.
    pub left: Vec<Left>,
}

/// Which exceptions are asked for; what is not said does not restrict.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Those that stand so.
    pub states: BTreeSet<ExceptionState>,
    /// Those of which something is late.
    pub late_only: bool,
}

impl Listed {
    /// When something first went on it.
    pub fn first_left(&self) -> Option<Timestamp> {
        self.left.iter().map(Left::at).min()
    }

    /// Whether something went before anybody decided.
    pub fn acted_first(&self) -> bool {
        let decided = self.used.decided.map(|(_, at)| at);
        let before = |at: Timestamp| decided.is_none_or(|decided| at < decided);
        self.first_left().is_some_and(before)
    }

    /// Whether a report that goes by a procedure was not made in time. What was refused, or lapsed,
    /// is not reported.
    pub fn report_late(&self, now: Timestamp) -> bool {
        let by = self.used.terms.as_ref().and_then(|it| it.report_by);
        let over = self.used.decided.is_some_and(|(confirmed, _)| !confirmed)
            || self.used.state(now) == ExceptionState::Lapsed;
        let when = self.first_left().unwrap_or(now);
        !over && by.is_some_and(|by| by < when)
    }

    fn is_late(&self, now: Timestamp) -> bool {
        self.used.decided_late(now) || self.used.reviewed_late(now) || self.report_late(now)
    }
}

/// Something that somebody else is to do.
#[derive(Clone, Debug)]
pub struct Due {
    /// What.
    pub step: ReviewStep,
    /// Where it stands in the list.
    pub place: Place,
    /// In which case.
    pub case: CaseId,
    /// The client's code.
    pub code: Option<ClientCode>,
    /// Which exception, of which kind.
    pub exception: Option<(ExceptionId, ExceptionKind)>,
    /// Which emergency.
    pub referral: Option<ReferralId>,
    /// When it was used, or sent.
    pub since: Timestamp,
    /// Whether it is late.
    pub late: bool,
    /// The role that must see it.
    pub escalated_to: Option<Role>,
}

/// A place in the list of what is to be looked at: by when it is due, then by id.
pub type Place = projections::place::Place<GroundId>;

impl Reader<'_> {
    /// The prepared procedures of the organisation's file.
    pub fn procedures(&self) -> Outcome<BTreeMap<ProcedureId, Procedure>> {
        self.may(Reading::Procedures, None)?;
        Ok(self.ledger.organisation().exceptions.procedures.clone())
    }

    /// A page of exceptions, the oldest first, where it goes on, and the position up to which it is
    /// true.
    pub fn exceptions(
        &self,
        wanted: &Wanted,
        page: &Page<u64>,
    ) -> Outcome<(Vec<Listed>, Option<u64>, u64)> {
        self.may(Reading::Exceptions, None)?;
        self.wait_for(page.at_least)?;
        let now = self.ledger.now();
        let fits = |listed: &Listed| {
            let states = &wanted.states;
            (states.is_empty() || states.contains(&listed.used.state(now)))
                && (!wanted.late_only || listed.is_late(now))
        };
        let piece = |views: &Views, after| {
            let own = views.exceptions().after(after).filter(|row| {
                let head = views.cases().find(row.case);
                head.is_some_and(|head| head.organisation == self.caller.organisation)
            });
            let fitting = own.map(|used| listed(views, used)).filter(&fits);
            fitting.take(page.items_max.max(1)).collect()
        };
        self.walked(
            page,
            piece,
            |row| row.used.position,
            |row: Listed| {
                let seen = self.may_see(Reading::Exceptions, row.used.case)?;
                Ok(if seen {
                    Walked::Shown(row)
                } else {
                    Walked::Passed
                })
            },
        )
    }

    /// A page of what somebody else is to decide on, look at or sign off, the soonest due first.
    pub fn reviews(
        &self,
        (late_only, escalated_only): (bool, bool),
        page: &Page<Place>,
    ) -> Outcome<(Vec<Due>, Option<Place>, u64)> {
        self.may(Reading::Reviews, None)?;
        self.wait_for(page.at_least)?;
        let views = self.views.read()?;
        let position = views.position();
        let mut all = self.waiting(&views)?;
        drop(views);
        all.retain(|due| page.after.is_none_or(|after| after < due.place));
        all.retain(|due| due.late || !late_only);
        let mine = |due: &Due| {
            let to = due.escalated_to;
            to.is_some_and(|role| self.caller.roles.contains(&role))
        };
        all.retain(|due| !escalated_only || mine(due));
        all.sort_by_key(|due| due.place);
        // Visibility is asked before the page is cut: what a caller may not know of is no row, and
        // no place where the list goes on.
        let mut shown: Vec<Due> = Vec::new();
        for due in all {
            self.go_on()?;
            if !self.may_see(Reading::Reviews, due.case)? {
                continue;
            }
            if shown.len() >= page.items_max {
                let last = shown.last().map(|due| due.place);
                return Ok((shown, last, position));
            }
            shown.push(due);
        }
        Ok((shown, None, position))
    }

    /// All that waits in cases of the caller's organisation.
    fn waiting(&self, views: &Views) -> Outcome<Vec<Due>> {
        let (now, file) = (self.ledger.now(), self.ledger.organisation());
        let row = |case, (step, due), what| {
            let head = views.cases().find(case)?;
            let late = due < now;
            (head.organisation == self.caller.organisation).then(|| Due {
                step,
                place: Place {
                    closed: false,
                    due,
                    id: what,
                },
                case,
                code: Some(head.code),
                exception: None,
                referral: None,
                since: now,
                late,
                escalated_to: late.then(|| file.late_reviews_go_to(head.sensitivity)),
            })
        };
        let mut all = Vec::new();
        for used in views.exceptions().after(None) {
            self.go_on()?;
            let step = used.step(now);
            let due = step.and_then(|step| row(used.case, step, used.exception.into()));
            all.extend(due.map(|due| Due {
                exception: Some((used.exception, used.kind)),
                since: used.invoked,
                ..due
            }));
        }
        for (referral, case, sent) in views.exceptions().unsigned() {
            self.go_on()?;
            let step = (ReviewStep::SignOff, file.reviewed_by(sent));
            all.extend(row(case, step, GroundId(referral.0)).map(|due| Due {
                referral: Some(referral),
                since: sent,
                ..due
            }));
        }
        Ok(all)
    }

    fn may_see(&self, reading: Reading, case: CaseId) -> Outcome<bool> {
        let case = self.ledger.case(case)?;
        Ok(case.is_some_and(|case| self.may(reading, Some(&case)).is_ok()))
    }
}

fn listed(views: &Views, used: &Used) -> Listed {
    let ground = GroundId::from(used.exception);
    let search = LeftSearch {
        case: Some(used.case),
        ..LeftSearch::default()
    };
    let of_case = views.given().find(&search, ledger::limits::VIEW_ROWS_MAX);
    let left = of_case
        .into_iter()
        .filter(|one| one.basis.contains(&ground));
    Listed {
        left: left.cloned().collect(),
        used: used.clone(),
    }
}
