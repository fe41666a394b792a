//! The sweep: every night, and when two persons asked for it. One batch, one rotation.
//!
//! - Once per night, caught up after a stop. What was decided for a case is durable with its fence;
//!   a stop before the end leaves it to the due steps, which destroy it all the same.
//! - More cases than the rules allow are never swept without a person: that would be a wrong rule or
//!   a wrong clock.

use ledger::clock::{DAY_MS, SystemEntropy, Timestamp};
use ledger::domain::command::Command;
use ledger::domain::ids::{OrganisationId, SweepId};
use ledger::ledger::Rejection;

use super::background::by_the_ledger;
use crate::api::Api;
use crate::api::retention::{DueCase, due_cases};

/// When the sweep by night runs, and for which night it was looked at last.
pub(super) struct Nightly {
    hour: Option<u8>,
    looked: Option<Timestamp>,
}

/// A sweep to carry out.
struct Order {
    sweep: SweepId,
    of: Option<OrganisationId>,
    cases_max: u32,
}

impl Nightly {
    /// Every night at this hour (UTC); never without one.
    pub(super) fn at(hour: Option<u8>) -> Self {
        Self { hour, looked: None }
    }

    /// Carries out what two persons asked for, and what the night asks for.
    pub(super) async fn run(&mut self, api: &Api) {
        let now = api.ledger().now();
        let mut orders = approved(api);
        let last = last_sweep(api).max(self.looked);
        if self.hour.is_some_and(|hour| is_due(now, hour, last)) {
            self.looked = Some(now);
            orders.push(Order {
                sweep: SweepId::fresh(&mut SystemEntropy),
                of: None,
                cases_max: api.ledger().retention().unattended_cases_max(),
            });
        }
        for order in orders {
            sweep(api, order, now).await;
        }
    }
}

/// Whether the sweep of the last night that began has not been yet. A clock that was set back asks
/// for none.
fn is_due(now: Timestamp, hour: u8, last: Option<Timestamp>) -> bool {
    let into_day = u64::from(hour).saturating_mul(DAY_MS / 24);
    let today = now.day().start().plus_ms(into_day);
    let night = if now < today {
        Timestamp(today.0.saturating_sub(DAY_MS))
    } else {
        today
    };
    last.is_none_or(|last| last < night)
}

fn last_sweep(api: &Api) -> Option<Timestamp> {
    api.views().read().ok()?.retention().last()
}

fn approved(api: &Api) -> Vec<Order> {
    let Ok(views) = api.views().read() else {
        return Vec::new();
    };
    let approved = views
        .retention()
        .sweeps()
        .filter(|(_, sweep)| sweep.approved);
    approved
        .map(|(sweep, asked)| Order {
            sweep,
            of: Some(asked.organisation),
            cases_max: asked.cases,
        })
        .collect()
}

async fn sweep(api: &Api, order: Order, now: Timestamp) {
    let of = order.of;
    let looked = api.blocking(move |api| Ok(due_cases(api.ledger(), api.views(), (of, now))?));
    let due = match looked.await {
        Ok(due) => due,
        Err(no) => return tracing::error!(?no, "no sweep: what is due could not be read"),
    };
    let goes = due.iter().filter(|one| one.goes()).count();
    let most = usize::try_from(order.cases_max).unwrap_or(usize::MAX);
    if goes > most {
        tracing::error!(goes, most, "no sweep: more cases are due than it may take");
        return;
    }
    // A night in which nothing is over leaves no trace; what somebody asked for always ends.
    if due.is_empty() && of.is_none() {
        return;
    }
    let (cases, held) = apply(api, &due).await;
    let finish = Command::FinishSweep {
        sweep: order.sweep,
        cases,
        held,
    };
    match api.submit(by_the_ledger(finish)).await {
        Ok(_) => tracing::info!(cases, held, "swept"),
        Err(no) => tracing::error!(
            ?no,
            "a sweep could not be ended; the due steps go on with it"
        ),
    }
}

/// Ends what is over, case by case, in as few groups as come together.
async fn apply(api: &Api, due: &[DueCase]) -> (u32, u32) {
    let mut waiting = tokio::task::JoinSet::new();
    for one in due {
        let api = api.clone();
        let case = one.case.id;
        while waiting.len() >= crate::limits::SWEEP_IN_FLIGHT_MAX {
            drop(waiting.join_next().await);
        }
        waiting.spawn(async move {
            let applied = api
                .submit(by_the_ledger(Command::ApplyRetention { case }))
                .await;
            if let Err(Rejection::Fault(fault)) = applied {
                tracing::error!(%fault, "a case could not be swept");
            }
        });
    }
    while waiting.join_next().await.is_some() {}
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let goes = due.iter().filter(|one| one.goes()).count();
    let held = due.iter().filter(|one| !one.plan.held.is_empty()).count();
    (count(goes), count(held))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 20_000 * DAY_MS;
    const HOUR: u64 = DAY_MS / 24;

    #[test]
    fn a_night_is_swept_once_and_caught_up_after_a_stop() {
        let at = |ms| Timestamp(DAY + ms);
        assert!(is_due(at(2 * HOUR), 2, None));
        assert!(!is_due(at(3 * HOUR), 2, Some(at(2 * HOUR))));
        assert!(!is_due(at(23 * HOUR), 2, Some(at(2 * HOUR + 1))));
        assert!(
            is_due(at(26 * HOUR), 2, Some(at(2 * HOUR))),
            "the next night"
        );
        assert!(
            is_due(at(90 * HOUR), 2, Some(at(2 * HOUR))),
            "after days of standing still"
        );
        assert!(
            is_due(at(HOUR), 2, Some(Timestamp(DAY - 30 * HOUR))),
            "of the night before"
        );
    }

    #[test]
    fn a_clock_that_was_set_back_asks_for_no_sweep() {
        let last = Some(Timestamp(DAY + 2 * HOUR));
        assert!(!is_due(Timestamp(DAY - 5 * DAY_MS), 2, last));
        assert!(!is_due(Timestamp(0), 2, last));
    }
}
