//! What runs beside the server: telling followers of news, what ends by itself, health.

use std::time::Duration;

use ledger::clock::SystemEntropy;
use ledger::domain::command::{Caller, Command, Request};
use ledger::domain::ids::RequestId;
use ledger::error::Fault;
use ledger::ledger::Rejection;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use super::routes::NAMES;
use super::sweep::Nightly;
use crate::api::Api;
use crate::limits::{CATCH_UP_TIME_MAX, FOLLOW_WAIT_MS, TICK_EVERY, TICK_STEPS_MAX};

/// Tasks beside the server.
pub(super) struct Background {
    tell_stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Background {
    /// Starts them. Dropping `tell_reached` at the end is what ends every follower's stream.
    pub(super) fn start(
        api: &Api,
        tell_reached: watch::Sender<u64>,
        health: HealthReporter,
        sweep_hour: Option<u8>,
    ) -> Self {
        let (tell_stop, stop) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(tell_news(api.clone(), tell_reached, stop.clone()));
        tasks.spawn(tick(api.clone(), health, stop, Nightly::at(sweep_hour)));
        Self { tell_stop, tasks }
    }

    /// Ends them, each at the end of its present step.
    pub(super) async fn stop(self) {
        self.tell_stop.send_replace(true);
        self.tasks.join_all().await;
    }
}

/// Tells followers how far the views are, each time they move.
async fn tell_news(api: Api, tell_reached: watch::Sender<u64>, stop: watch::Receiver<bool>) {
    let wait = Duration::from_millis(FOLLOW_WAIT_MS);
    while !*stop.borrow() {
        let views = api.views().clone();
        let reached = *tell_reached.borrow();
        let waited = tokio::task::spawn_blocking(move || {
            views.at_least(reached, wait);
            views.position()
        });
        match waited.await {
            Ok(now) if now > reached => drop(tell_reached.send_replace(now)),
            Ok(_) => {}
            Err(_) => return,
        }
    }
}

/// Expires and shreds what is due, and says in the health service whether writes are taken.
async fn tick(
    api: Api,
    health: HealthReporter,
    mut stop: watch::Receiver<bool>,
    mut nightly: Nightly,
) {
    let mut every = tokio::time::interval(TICK_EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut serving = None;
    loop {
        tokio::select! {
            _ = every.tick() => {}
            _ = stop.changed() => break,
        }
        let writes = !api.ledger().status().poisoned;
        if serving != Some(writes) {
            say(&health, writes).await;
            serving = Some(writes);
        }
        if writes {
            take_due_steps(&api, &stop).await;
            nightly.run(&api).await;
        }
    }
    say(&health, false).await;
}

async fn say(health: &HealthReporter, writes: bool) {
    let status = if writes {
        ServingStatus::Serving
    } else {
        ServingStatus::NotServing
    };
    for name in NAMES {
        health.set_service_status(name, status).await;
    }
}

/// One round of what the ledger itself has to do, then waits until the views have seen it.
async fn take_due_steps(api: &Api, stop: &watch::Receiver<bool>) {
    let mut last = None;
    for command in due(api) {
        if *stop.borrow() {
            return;
        }
        let name = command.action().name();
        match api.submit(by_the_ledger(command)).await {
            Ok(answer) => last = answer.entries.last().map(|entry| entry.position).max(last),
            Err(Rejection::Refused(refused)) => {
                tracing::debug!(name, refusal = refused.refusal.code(), "due step refused");
            }
            // A ledger that takes nothing takes nothing of the next step either; any other fault is
            // of this case, and must not keep all others from what is due to them.
            Err(Rejection::Fault(fault @ (Fault::Poisoned | Fault::Busy))) => {
                tracing::warn!(name, %fault, "due steps wait");
                return;
            }
            Err(Rejection::Fault(fault)) => tracing::error!(name, %fault, "due step failed"),
        }
    }
    // So that the next round does not find the same steps due.
    if let Some(position) = last {
        let views = api.views().clone();
        let waited =
            tokio::task::spawn_blocking(move || views.at_least(position, CATCH_UP_TIME_MAX));
        drop(waited.await);
    }
}

fn due(api: &Api) -> Vec<Command> {
    let now = api.ledger().now();
    let Ok(views) = api.views().read() else {
        tracing::error!("views stopped; nothing expires until the next start");
        return Vec::new();
    };
    let due = views.consents().due(now);
    let expire = due.expire.into_iter();
    let expire = expire.map(|(case, consent)| Command::ExpireConsent { case, consent });
    let lapse = due.lapse.into_iter();
    let lapse = lapse.map(|(case, exception)| Command::LapseException { case, exception });
    let shred = due.shred.into_iter().map(|case| Command::ShredDue { case });
    shred
        .chain(lapse)
        .chain(expire)
        .take(TICK_STEPS_MAX)
        .collect()
}

pub(super) fn by_the_ledger(command: Command) -> Request {
    Request {
        request: RequestId::fresh(&mut SystemEntropy),
        caller: Caller::System,
        expected_version: None,
        occurred: None,
        command,
    }
}
