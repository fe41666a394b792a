//! Where the command line meets the server and the story; nothing else here names them.

use std::net::SocketAddr;
use std::path::Path;

use ledger::ledger::Ledger;
use serde_json::Value;

use super::failure::Failure;
use crate::config::Serving;

/// A running server.
pub(crate) struct Server {
    address: SocketAddr,
}

impl Server {
    /// Listens and serves in the background.
    pub(crate) async fn start(_ledger: Ledger, serving: Serving) -> Result<Self, Failure> {
        let address = serving.listen;
        Err(Failure::Broken(format!(
            "no server in this build to listen on {address}"
        )))
    }

    /// Where it listens, with the port that it really got.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops in order: no new requests, those under way are finished, within a time bound.
    pub(crate) async fn stop(self) -> Result<(), Failure> {
        Ok(())
    }

    /// Serves until Ctrl-C or a termination signal, then stops in order.
    pub(crate) async fn until_told(self) -> Result<(), Failure> {
        told_to_stop().await?;
        self.stop().await
    }
}

/// The story of the demo.
pub(crate) struct Tale<'a> {
    /// The ledger's folder, which gets receipts and the log's key.
    pub(crate) data: &'a Path,
    /// Services to bring in instead of our own.
    pub(crate) directory: Option<&'a Path>,
    /// The server that it goes through.
    pub(crate) server: SocketAddr,
}

impl Tale<'_> {
    /// Tells it on stderr and answers with its sum.
    pub(crate) async fn tell(&self, _ledger: &Ledger) -> Result<Value, Failure> {
        let (data, file) = (self.data.display(), self.directory.map(Path::display));
        Err(Failure::Broken(format!(
            "no story in this build for {data}, {}, {:?}",
            self.server,
            file.map(|file| file.to_string())
        )))
    }
}

/// Waits for Ctrl-C or SIGTERM.
async fn told_to_stop() -> Result<(), Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let wrong = |error: std::io::Error| Failure::Broken(format!("cannot wait: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(wrong)?;
    tokio::select! {
        asked = tokio::signal::ctrl_c() => asked.map_err(wrong),
        _ = terminate.recv() => Ok(()),
    }
}
