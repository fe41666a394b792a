//! What runs beside the server: telling followers of news, what ends by itself, cutting out,
//! health.

use std::time::Duration;

use ledger::clock::SystemEntropy;
use ledger::domain::command::{Caller, Command, Request};
use ledger::domain::ids::RequestId;
use ledger::error::Fault;
use ledger::ledger::{CutOptions, Rejection};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use super::routes::{JOURNAL, NAMES, ON_A_FULL_DISK};
use super::sweep::Nightly;
use crate::api::Api;
use crate::api::staff::store_is_due;
use crate::limits::{
    CATCH_UP_TIME_MAX, CUT_EVERY, FOLLOW_WAIT_MS, SCRUB_BYTES, SCRUB_EVERY, SCRUB_PAUSE,
    TICK_EVERY, TICK_STEPS_MAX,
};

/// Tasks beside the server.
pub(super) struct Background {
    tell_stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Background {
    /// Starts them. Dropping `tell_reached` at the end is what ends every follower's stream.
    /// Health knows its names before anybody may ask.
    pub(super) async fn start(
        api: &Api,
        (cut_after_days, sweep_at): (u32, Option<u64>),
        tell_reached: watch::Sender<u64>,
        reporter: HealthReporter,
    ) -> Self {
        let mut health = Health::new(reporter);
        health.tell(api).await;
        let (tell_stop, stop) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(tell_news(api.clone(), tell_reached, stop.clone()));
        tasks.spawn(tick(
            api.clone(),
            health,
            stop.clone(),
            Nightly::at(sweep_at),
        ));
        tasks.spawn(cut(api.clone(), cut_after_days, stop.clone()));
        tasks.spawn(scrub(api.clone(), stop));
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

/// Expires and shreds what is due, sweeps by night, and says in the health service whether writes
/// are taken and the views follow.
async fn tick(api: Api, mut health: Health, mut stop: watch::Receiver<bool>, mut nightly: Nightly) {
    let mut every = tokio::time::interval(TICK_EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = every.tick() => {}
            _ = stop.changed() => break,
        }
        let now = health.tell(&api).await;
        let status = api.ledger().status();
        if !status.poisoned {
            take_due_steps(&api, &stop).await;
        }
        if !status.poisoned && !status.disk_full {
            note_backups(&api).await;
        }
        if now.sweeps() {
            nightly.run(&api).await;
        }
    }
    health.say(Serves::Nothing).await;
}

/// The health service, and what it said last.
struct Health {
    reporter: HealthReporter,
    serving: Option<Serves>,
    journal: Option<bool>,
}

impl Health {
    fn new(reporter: HealthReporter) -> Self {
        Self {
            reporter,
            serving: None,
            journal: None,
        }
    }

    /// Says what has changed.
    async fn tell(&mut self, api: &Api) -> Serves {
        let status = api.ledger().status();
        let now = Serves::of(
            status.poisoned || api.views().is_failing(),
            status.disk_full,
        );
        if self.serving != Some(now) {
            tracing::info!(serves = ?now, "health");
            self.say(now).await;
            self.serving = Some(now);
        }
        let sound = status.journal.damage.is_empty();
        if self.journal != Some(sound) {
            self.reporter
                .set_service_status(JOURNAL, served(sound))
                .await;
            self.journal = Some(sound);
        }
        now
    }

    async fn say(&self, serves: Serves) {
        for name in NAMES {
            let takes = match serves {
                Serves::Everything => true,
                Serves::OnFullDisk => ON_A_FULL_DISK.contains(&name),
                Serves::Nothing => false,
            };
            self.reporter.set_service_status(name, served(takes)).await;
        }
    }
}

/// What health says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Serves {
    Everything,
    /// Withdrawals, views and proofs: the disk is full, and nothing else can be recorded until it
    /// has room.
    OnFullDisk,
    /// Nothing that one may rely on.
    Nothing,
}

/// Cuts out of the files what was destroyed long enough ago: of the journal soon, of the store,
/// which has to be built anew for it, at most once a day. A round is not waited for: closing the
/// ledger ends it.
async fn cut(api: Api, after_days: u32, mut stop: watch::Receiver<bool>) {
    let mut every = tokio::time::interval(CUT_EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = every.tick() => {}
            _ = stop.changed() => return,
        }
        let ledger = api.ledger().clone();
        let store = store_is_due(&ledger);
        let options = CutOptions { after_days, store };
        let mut round = tokio::task::spawn_blocking(move || ledger.cut_out(options));
        let done = tokio::select! {
            done = &mut round => done,
            _ = stop.changed() => return,
        };
        match done {
            Ok(Ok(_)) => {}
            Ok(Err(fault)) => tracing::warn!(%fault, "cutting out waits"),
            Err(_) => tracing::error!("cutting out broke off"),
        }
    }
}

impl Serves {
    /// Views that cannot follow answer with the past, and nothing expires by them.
    fn of(stands_still: bool, disk_full: bool) -> Self {
        match (stands_still, disk_full) {
            (true, _) => Self::Nothing,
            (false, true) => Self::OnFullDisk,
            (false, false) => Self::Everything,
        }
    }

    /// Whether the rules of retention are applied: views that stand still would show the same sweep
    /// waiting for ever, and on a full disk its end could not be recorded.
    fn sweeps(self) -> bool {
        self == Self::Everything
    }
}

/// Reads the journal again, slowly, and from the start every 20 hours: what opening passes over,
/// for the store holds it, may have been damaged since. What is found stands in the status and the
/// log.
async fn scrub(api: Api, mut stop: watch::Receiver<bool>) {
    let mut rounds = tokio::time::interval(SCRUB_EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = rounds.tick() => {}
            _ = stop.changed() => return,
        }
        let mut next = Some(api.ledger().scrub());
        while let Some(mut round) = next.take() {
            let ledger = api.ledger().clone();
            let read = tokio::task::spawn_blocking(move || {
                ledger.scrub_on(&mut round, SCRUB_BYTES).then_some(round)
            });
            // One piece is waited for: it reads files that a stop is about to let go.
            match read.await {
                Ok(rest) => next = rest,
                Err(_) => tracing::error!("reading the journal again broke off"),
            }
            tokio::select! {
                () = tokio::time::sleep(SCRUB_PAUSE) => {}
                _ = stop.changed() => return,
            }
        }
    }
}

fn served(so: bool) -> ServingStatus {
    if so {
        ServingStatus::Serving
    } else {
        ServingStatus::NotServing
    }
}

/// Tells the log what changed on the list of backups, which `backup` writes beside the server.
async fn note_backups(api: &Api) {
    let ledger = api.ledger().clone();
    match tokio::task::spawn_blocking(move || ledger.note_backups()).await {
        Ok(Ok(())) => {}
        Ok(Err(fault)) => tracing::warn!(%fault, "the log was not told of backups"),
        Err(_) => tracing::error!("telling the log of backups broke off"),
    }
}

/// One round of what the ledger itself has to do, all of it together, so that what is due to be
/// destroyed goes in one rotation; then waits until the views have seen it.
async fn take_due_steps(api: &Api, stop: &watch::Receiver<bool>) {
    let steps = due(api);
    if steps.is_empty() || *stop.borrow() {
        return;
    }
    let names: Vec<_> = steps.iter().map(|step| step.action().name()).collect();
    let requests = steps.into_iter().map(by_the_ledger).collect();
    let mut last = None;
    for (name, outcome) in names.into_iter().zip(api.submit_together(requests).await) {
        match outcome {
            Ok(answer) => last = answer.entries.last().map(|entry| entry.position).max(last),
            Err(Rejection::Refused(refused)) => {
                tracing::debug!(name, refusal = refused.refusal.code(), "due step refused");
            }
            Err(Rejection::Fault(fault @ (Fault::Poisoned | Fault::Busy))) => {
                tracing::warn!(name, %fault, "due steps wait");
                return;
            }
            // Of this case only: all others had what is due to them.
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

/// What is due, of each kind a share. What waits for a copy is queued already, and is not asked for
/// again: it would keep others from their turn.
fn due(api: &Api) -> Vec<Command> {
    let (now, held_back) = (api.ledger().now(), api.ledger().cases_held_back());
    let Ok(views) = api.views().read() else {
        tracing::error!("views stopped; nothing expires until the next start");
        return Vec::new();
    };
    let due = views.consents().due(now, &held_back);
    let expire = due.expire.into_iter().take(TICK_STEPS_MAX);
    let expire = expire.map(|(case, consent)| Command::ExpireConsent { case, consent });
    let lapse = due.lapse.into_iter().take(TICK_STEPS_MAX);
    let lapse = lapse.map(|(case, exception)| Command::LapseException { case, exception });
    let shred = due.shred.into_iter().take(TICK_STEPS_MAX);
    let shred = shred.map(|case| Command::ShredDue { case });
    let unlink = views.links().due(views.consents(), now).into_iter();
    let unlink = unlink.take(TICK_STEPS_MAX);
    let unlink = unlink.map(|link| Command::LapseLink { link });
    let steps = lapse.chain(expire).chain(shred).chain(unlink);
    let mut steps: Vec<Command> = steps.collect();
    let grown: Vec<_> = views.links().agreed_for_grown(now).collect();
    // The lock goes before cases are loaded, so that the views go on following. Only those are of
    // which the views say that they are of age: others would be loaded in every round.
    drop(views);
    let of_age = |case| api.ledger().case(case).ok().flatten();
    let of_age = |case| of_age(case).is_some_and(|case| !case.is_minor(now));
    let grown = grown.into_iter().filter(|(_, case)| of_age(*case));
    let grown = grown.map(|(link, _)| Command::LapseLink { link });
    steps.extend(grown.take(TICK_STEPS_MAX));
    steps
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

#[cfg(test)]
mod tests {
    use ledger::ledger::{InitOptions, Ledger, OpenOptions, Protection, init};
    use tonic::Request;
    use tonic_health::pb::HealthCheckRequest;
    use tonic_health::pb::health_check_response::ServingStatus as Said;
    use tonic_health::pb::health_server::Health as _;
    use tonic_health::server::HealthService;

    use super::*;

    #[test]
    fn nothing_is_swept_while_views_stand_still_or_the_disk_is_full() {
        assert!(Serves::of(false, false).sweeps());
        for (stands_still, disk_full) in [(true, false), (false, true), (true, true)] {
            assert!(!Serves::of(stands_still, disk_full).sweeps());
        }
        assert_eq!(Serves::of(true, true), Serves::Nothing);
        assert_eq!(Serves::of(false, true), Serves::OnFullDisk);
    }

    #[tokio::test]
    async fn health_knows_every_name_before_anybody_can_connect() {
        let folder = tempfile::tempdir().expect("a folder");
        let (data, vault) = (folder.path().join("data"), folder.path().join("vault"));
        init(&InitOptions {
            data: data.clone(),
            vault: vault.clone(),
            origin: "test.invalid/log".to_owned(),
            test_tier: true,
            protection: Protection::default(),
            organisation: None,
        })
        .expect("a new ledger");
        let ledger = Ledger::open(OpenOptions::of(data, vault)).expect("opened");
        let api = Api::open(ledger).expect("views");
        let reporter = HealthReporter::new();
        let health = HealthService::from_health_reporter(reporter.clone());
        let (tell_reached, _) = watch::channel(0);

        let background = Background::start(&api, (30, None), tell_reached, reporter).await;
        for name in NAMES.into_iter().chain([JOURNAL]) {
            let service = name.to_owned();
            let asked = health.check(Request::new(HealthCheckRequest { service }));
            let said = asked.await.unwrap_or_else(|why| panic!("{name}: {why}"));
            assert_eq!(said.into_inner().status, i32::from(Said::Serving), "{name}");
        }
        background.stop().await;
    }
}
