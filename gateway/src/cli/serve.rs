//! `serve`: opens a ledger and serves it until it is told to stop.

use std::net::SocketAddr;

use clap::Args;
use ledger::error::Fault;
use ledger::ledger::Ledger;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::failure::Failure;
use super::folder::FolderArgs;
use super::memory::lock_or_warn;
use super::output::say;
use crate::api::Api;
use crate::config::ServeArgs;
use crate::server::{ServeOptions, Server, asked_to_stop};
use crate::telemetry;

/// Flags of `serve`.
#[derive(Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    folders: FolderArgs,
    #[command(flatten)]
    serving: ServeArgs,
}

impl Serve {
    /// Serves until Ctrl-C or a termination signal, then stops in order.
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let files = self.serving.files().map_err(Failure::Usage)?;
        let filter = std::env::var("RUST_LOG");
        let filter = filter.as_deref().unwrap_or("info");
        telemetry::start(self.serving.log_format(), filter);
        // Before the first secret comes in.
        lock_or_warn();
        let ledger = self.folders.open_with(files, self.serving.copying())?;
        warn_of_copies(&ledger);
        if ledger.status().sending_held {
            say("WARNING: this ledger was restored, and nothing is sent: enter again what was");
            say("withdrawn since the copy, then the data protection officer confirms that");
            say("(protection confirm-withdrawals).");
        }
        super::runtime()?.block_on(async {
            let server = Running::start(ledger, &self.serving.options()).await?;
            if let Some(address) = server.metrics {
                say(&format!("Metrics at http://{address}/metrics."));
            }
            say(&format!("Serving at {} until Ctrl-C.", server.address));
            asked_to_stop().await;
            server.stop().await
        })
    }
}

/// A server in the background of this process.
pub(crate) struct Running {
    /// Where it listens, with the port that it really got.
    pub(crate) address: SocketAddr,
    /// Where metrics are told.
    pub(crate) metrics: Option<SocketAddr>,
    tell_stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), Fault>>,
}

impl Running {
    /// Opens the views, listens and answers.
    pub(crate) async fn start(ledger: Ledger, options: &ServeOptions) -> Result<Self, Failure> {
        let opened = tokio::task::spawn_blocking(|| Api::open(ledger)).await;
        let api = opened.map_err(|_| broke_off())??;
        let server = Server::bind(api, options).await?;
        let (address, metrics) = (server.address(), server.metrics());
        let (tell_stop, stop) = oneshot::channel();
        let stop = async {
            // A sender that is dropped means the same.
            drop(stop.await);
        };
        let served = tokio::spawn(server.run(stop));
        Ok(Self {
            address,
            metrics,
            tell_stop,
            served,
        })
    }

    /// Stops in order: what is under way ends, within a time bound, and the ledger is closed.
    pub(crate) async fn stop(self) -> Result<(), Failure> {
        drop(self.tell_stop);
        let served = self.served.await.map_err(|_| broke_off())?;
        Ok(served?)
    }
}

/// Says loudly at the start what one lost disk would mean.
fn warn_of_copies(ledger: &Ledger) {
    let copies = ledger.copies();
    if ledger.status().vault_tier == "test" {
        return;
    }
    if copies.mirrors.is_empty() && copies.alone {
        say("WARNING: no mirror. One lost disk loses everything, and each destruction of keys");
        say("makes every older backup useless that has no `keys export` beside it.");
    } else if copies.mirrors.is_empty() {
        say("WARNING: no mirror. What is withdrawn is fenced, but no key is destroyed until a");
        say("mirror is attached (--mirror DIR) or --no-mirror is given.");
    }
    if copies.anchor.is_none() {
        say("WARNING: no anchor. A machine that is rolled back as a whole, its vault included,");
        say("starts as if nothing had been destroyed since (--anchor FILE, on another machine).");
    }
    for mirror in copies.mirrors.iter().filter(|it| it.folder.is_none()) {
        let id = mirror.id;
        say(&format!(
            "WARNING: mirror {id} is attached and not here: no key is"
        ));
        say("destroyed until it is given with --mirror, or detached.");
    }
}

fn broke_off() -> Failure {
    Failure::Broken("the server broke off; what was acknowledged is in the ledger".to_owned())
}
