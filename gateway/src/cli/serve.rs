//! `serve`: opens a ledger and serves it until it is told to stop.

use clap::Args;

use super::doors;
use super::failure::Failure;
use super::folder::FolderArgs;
use super::output::say;
use crate::config::ServeArgs;

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
        let serving = self.serving.read().map_err(Failure::Usage)?;
        if serving.insecure {
            say("WARNING: serving other machines without TLS, because of --insecure.");
        }
        let ledger = self
            .folders
            .open(serving.policy.clone(), serving.shred_after_days)?;
        let served = super::runtime()?.block_on(async {
            let server = doors::Server::start(ledger.clone(), serving).await?;
            say(&format!("Serving at {} until Ctrl-C.", server.address()));
            server.until_told().await
        });
        ledger.close()?;
        served
    }
}
