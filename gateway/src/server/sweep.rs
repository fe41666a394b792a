//! The sweep: every night, and when two persons asked for it. One batch, one rotation.
//!
//! - By night only what two persons let loose once: these rules, by a sweep that they agreed to and
//!   that ran, and no doubt of the clock since. The ledger refuses rules that nobody agreed to.
//! - The first night is the next one after that sweep, never the round in which it ran.
//! - Of more cases than it may take a sweep takes none: that would be a wrong rule. The log says
//!   how many there were, and the rules are loose no longer.
//! - What stands apart from cases goes along, by the same consent of two persons and no more of it
//!   at once than by night of cases; nowhere is told how much: whoever may not know of a complaint
//!   does not learn of one by its end.
//! - A night that breaks off goes on in the next round, until it is done.
//! - What was decided for a case is durable with its fence and its order; a stop before the end
//!   leaves the rest to the next sweep.

use std::collections::BTreeMap;

use ledger::clock::{DAY_MS, SystemEntropy, Timestamp};
use ledger::domain::command::{Command, SweepEnd};
use ledger::domain::ids::{OrganisationId, StaffId, SweepId};
use ledger::error::Fault;
use ledger::ledger::{Answer, Rejection};

use super::background::by_the_ledger;
use crate::api::Api;
use crate::api::retention::{DueCase, due_apart, due_cases, due_staff};
use crate::limits::CATCH_UP_TIME_MAX;

/// When the sweep by night runs, and for which night each organisation was looked at last.
pub(super) struct Nightly {
    /// Milliseconds into the day (UTC).
    at: Option<u64>,
    looked: BTreeMap<OrganisationId, Timestamp>,
}

/// A sweep to carry out.
struct Order {
    sweep: SweepId,
    of: OrganisationId,
    cases_max: u32,
    /// Whether somebody waits for its end.
    asked: bool,
}

impl Nightly {
    /// Every night so many milliseconds into the day (UTC); never without.
    pub(super) fn at(at: Option<u64>) -> Self {
        let looked = BTreeMap::new();
        Self { at, looked }
    }

    /// Carries out what two persons asked for, and what the night asks for.
    pub(super) async fn run(&mut self, api: &Api) {
        let now = api.ledger().now();
        let mut orders = approved(api);
        orders.extend(self.of_the_night(api, now));
        for order in orders {
            let (of, by_night) = (order.of, !order.asked);
            if !sweep(api, order, now).await && by_night {
                // What broke off goes on in the next round of the same night.
                self.looked.remove(&of);
            }
        }
    }

    fn of_the_night(&mut self, api: &Api, now: Timestamp) -> Vec<Order> {
        let (Some(at), Ok(views)) = (self.at, api.views().read()) else {
            return Vec::new();
        };
        let (view, rules) = (views.retention(), api.ledger().retention());
        let mut orders = Vec::new();
        for of in view.organisations() {
            let last = view.last(of).max(self.looked.get(&of).copied());
            if view.is_under_way(of) || !is_due(now, at, last) {
                continue;
            }
            self.looked.insert(of, now);
            if !view.is_let_loose(of, rules.version()) {
                tracing::warn!(
                    organisation = %of,
                    "no sweep by night: since two persons agreed to one, the rules changed \
                     or the clock was doubted; `retention rules` says which"
                );
                continue;
            }
            orders.push(Order {
                sweep: SweepId::fresh(&mut SystemEntropy),
                of,
                cases_max: rules.unattended_cases_max(),
                asked: false,
            });
        }
        orders
    }
}

/// Whether the sweep of the last night that began has not been yet. A clock that was set back asks
/// for none.
fn is_due(now: Timestamp, at: u64, last: Option<Timestamp>) -> bool {
    let today = now.day().start().plus_ms(at);
    let night = if now < today {
        Timestamp(today.0.saturating_sub(DAY_MS))
    } else {
        today
    };
    last.is_none_or(|last| last < night)
}

fn approved(api: &Api) -> Vec<Order> {
    let Ok(views) = api.views().read() else {
        return Vec::new();
    };
    let sweeps = views.retention().sweeps();
    let approved = sweeps.filter(|(_, sweep)| sweep.approved.is_some());
    let order = |(sweep, asked): (SweepId, &projections::retention::Sweep)| Order {
        sweep,
        of: asked.organisation,
        cases_max: asked.cases,
        asked: true,
    };
    approved.map(order).collect()
}

/// Carries a sweep out; says whether it came to its end.
async fn sweep(api: &Api, order: Order, now: Timestamp) -> bool {
    let of = order.of;
    let (ledger, views) = (api.ledger().clone(), api.views().clone());
    let looked = tokio::task::spawn_blocking(move || {
        let cases = due_cases(&ledger, &views, (of, now))?;
        Ok((cases, due_staff(&ledger, &views, (of, now))?))
    });
    let looked: Result<Result<_, Fault>, _> = looked.await;
    let (due, staff) = match looked {
        Ok(Ok(due)) => due,
        Ok(Err(fault)) => {
            tracing::error!(%fault, "no sweep: what is due cannot be read");
            return false;
        }
        Err(_) => {
            tracing::error!("no sweep: looking for what is due broke off");
            return false;
        }
    };
    let goes = due.iter().filter(|one| one.goes()).count() + staff.len();
    let most = usize::try_from(order.cases_max).unwrap_or(usize::MAX);
    let too_many = goes > most;
    if too_many {
        tracing::error!(goes, most, "no sweep: more cases are due than it may take");
    }
    if !too_many && !sweep_apart(api, of, now).await {
        return false;
    }
    // A night in which nothing is over leaves no trace; what somebody asked for always ends, and of
    // a night that found too much everybody is told: the rules are loose no longer.
    if !order.asked && due.is_empty() && staff.is_empty() {
        return true;
    }
    let (due, staff) = if too_many {
        (Vec::new(), Vec::new())
    } else {
        (due, staff)
    };
    let ended = SweepEnd {
        sweep: order.sweep,
        organisation: of,
        cases: 0,
        held: 0,
        closed: 0,
        staff: 0,
        too_many: too_many.then(|| u32::try_from(goes).unwrap_or(u32::MAX)),
    };
    let Some(ended) = apply(api, (&due, &staff), ended).await else {
        return false;
    };
    let finish = Command::FinishSweep(ended);
    match api.submit(by_the_ledger(finish)).await {
        Ok(answer) => {
            tracing::info!(of = %of, "swept");
            caught_up(api, &answer).await;
            true
        }
        Err(no) => {
            tracing::error!(?no, "a sweep could not be ended; it is begun again");
            false
        }
    }
}

/// Ends what is over of what stands apart from cases; says whether it came to its end. By the
/// rules' own number, however many cases somebody asked for: nobody may be told how many these are.
async fn sweep_apart(api: &Api, of: OrganisationId, now: Timestamp) -> bool {
    let (ledger, views) = (api.ledger().clone(), api.views().clone());
    let looked = tokio::task::spawn_blocking(move || due_apart(&ledger, &views, (of, now))).await;
    let Ok(Ok(due)) = looked else {
        tracing::error!("no sweep: what is due beside cases cannot be read");
        return false;
    };
    let most = api.ledger().retention().unattended_cases_max();
    if due.len() > usize::try_from(most).unwrap_or(usize::MAX) {
        tracing::error!("beside cases more is due than a sweep may take; none of it goes");
        return true;
    }
    let commands = due.into_iter().map(|what| Command::EndApart { what });
    let outcomes = api.submit_together(commands.map(by_the_ledger).collect());
    for outcome in outcomes.await {
        match outcome {
            // What changed since it was looked at is looked at again the next night.
            Ok(_) | Err(Rejection::Refused(_)) => {}
            Err(Rejection::Fault(fault @ (Fault::Poisoned | Fault::Busy))) => {
                tracing::error!(%fault, "a sweep broke off; it is begun again");
                return false;
            }
            Err(Rejection::Fault(fault)) => {
                tracing::error!(%fault, "what is over beside cases could not be swept");
            }
        }
    }
    true
}

/// So that the next round does not find the same sweep waiting.
async fn caught_up(api: &Api, answer: &Answer) {
    let Some(position) = answer.entries.last().map(|entry| entry.position) else {
        return;
    };
    let views = api.views().clone();
    let waited = tokio::task::spawn_blocking(move || views.at_least(position, CATCH_UP_TIME_MAX));
    drop(waited.await);
}

/// Ends what is over, all cases in one batch. Counts those of which it really ended something,
/// those that a hold keeps, and those that it closed; none if the ledger broke off, so that nobody
/// is told that nothing was over.
async fn apply(
    api: &Api,
    (due, staff): (&[DueCase], &[StaffId]),
    mut swept: SweepEnd,
) -> Option<SweepEnd> {
    let names = staff
        .iter()
        .map(|staff| Command::EndStaffName { staff: *staff });
    let commands = due.iter().map(DueCase::command).chain(names);
    let commands = commands.map(by_the_ledger);
    let outcomes = api.submit_together(commands.collect()).await;
    let cases = due.iter().map(Some).chain(std::iter::repeat(None));
    for (one, outcome) in cases.zip(outcomes) {
        swept.held += u32::from(one.is_some_and(|one| !one.plan.held.is_empty()));
        match (outcome, one) {
            (Ok(_), None) => swept.staff += 1,
            (Ok(_), Some(one)) => {
                swept.cases += u32::from(one.goes());
                swept.closed += u32::from(one.plan.closes.is_some());
            }
            // What changed since it was looked at is looked at again the next night.
            (Err(Rejection::Refused(refused)), _) => {
                tracing::debug!(refusal = refused.refusal.code(), "a case was left");
            }
            (Err(Rejection::Fault(fault @ (Fault::Poisoned | Fault::Busy))), _) => {
                tracing::error!(%fault, "a sweep broke off; it is begun again");
                return None;
            }
            // Of this case only: all others had what is due to them.
            (Err(Rejection::Fault(fault)), _) => {
                tracing::error!(%fault, "a case could not be swept")
            }
        }
    }
    Some(swept)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 20_000 * DAY_MS;
    const HOUR: u64 = DAY_MS / 24;

    #[test]
    fn a_night_is_swept_once_and_caught_up_after_a_stop() {
        let at = |ms| Timestamp(DAY + ms);
        assert!(is_due(at(2 * HOUR), 2 * HOUR, None));
        assert!(!is_due(at(3 * HOUR), 2 * HOUR, Some(at(2 * HOUR))));
        assert!(!is_due(at(23 * HOUR), 2 * HOUR, Some(at(2 * HOUR + 1))));
        assert!(
            is_due(at(26 * HOUR), 2 * HOUR, Some(at(2 * HOUR))),
            "the next night"
        );
        assert!(
            is_due(at(90 * HOUR), 2 * HOUR, Some(at(2 * HOUR))),
            "after days of standing still"
        );
        assert!(
            is_due(at(HOUR), 2 * HOUR, Some(Timestamp(DAY - 30 * HOUR))),
            "of the night before"
        );
    }

    #[test]
    fn a_clock_that_was_set_back_asks_for_no_sweep() {
        let last = Some(Timestamp(DAY + 2 * HOUR));
        assert!(!is_due(Timestamp(DAY - 5 * DAY_MS), 2 * HOUR, last));
        assert!(!is_due(Timestamp(0), 2 * HOUR, last));
    }
}
