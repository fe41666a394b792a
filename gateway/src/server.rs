//! The gRPC server: where it listens, what it lets in, how it stops.
//!
//! - Loopback unless told otherwise; beyond loopback only with TLS, or with `insecure`, which is
//!   said.
//! - Every size, count and time is bounded (`limits.rs`).
//! - A stop lets requests under way end for a bounded time; then the ledger is closed.

mod admission;
mod background;
mod routes;
mod sweep;
#[cfg(test)]
mod walk;

use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ledger::error::Fault;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tonic::transport::server::Router;
use tonic::transport::{Identity, Server as Transport, ServerTlsConfig};

use crate::api::Api;
use crate::limits::*;
use crate::metrics;
use crate::rpc::Rpc;
use background::Background;

/// How to serve.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// Where to listen; port 0 takes a free one.
    pub address: SocketAddr,
    /// Certificate and key, for TLS.
    pub tls: Option<TlsFiles>,
    /// Serve beyond loopback without TLS.
    pub insecure: bool,
    /// Serve reflection, so that clients need no `.proto` files.
    pub reflection: bool,
    /// Days from the destruction of keys until their ciphertext is cut out of the files.
    pub cut_after_days: u32,
    /// Where metrics are told, if anywhere.
    pub metrics: Option<SocketAddr>,
    /// When the sweep by night begins, in milliseconds into the day (UTC); none, no such sweep.
    pub sweep_at: Option<u64>,
}

/// PEM files for TLS.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate and its chain.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// A server that listens and has not begun to answer.
pub struct Server {
    api: Api,
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<ServerTlsConfig>,
    reflection: bool,
    cut_after_days: u32,
    metrics: Option<TcpListener>,
    sweep_at: Option<u64>,
}

impl Server {
    /// Takes the address. Clients that connect from now on are answered once [`Self::run`] runs.
    pub async fn bind(api: Api, options: &ServeOptions) -> Result<Self, Fault> {
        require_safe(options)?;
        let tls = options.tls.as_ref().map(read_tls).transpose()?;
        // A certificate and a key that do not belong together are told before anybody is served.
        transport(tls.clone())?;
        let address = options.address;
        let listener = TcpListener::bind(address).await.map_err(|error| {
            if error.kind() == std::io::ErrorKind::AddrInUse {
                let why = format!(
                    "{address} is taken by another program; choose another port \
                     (`serve --listen`, `demo --port`)"
                );
                return Fault::Unusable(why);
            }
            Fault::io("taking the address to serve on")(error)
        })?;
        let address = listener
            .local_addr()
            .map_err(Fault::io("asking for the address"))?;
        let metrics = match options.metrics {
            Some(address) => Some(metrics::listen(address).await?),
            None => None,
        };
        Ok(Self {
            api,
            listener,
            address,
            tls,
            reflection: options.reflection,
            cut_after_days: options.cut_after_days,
            metrics,
            sweep_at: options.sweep_at,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where metrics are told.
    pub fn metrics(&self) -> Option<SocketAddr> {
        self.metrics.as_ref()?.local_addr().ok()
    }

    /// Serves until `stop` is there, then ends what is under way and closes the ledger.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), Fault> {
        let api = self.api.clone();
        let served = self.serve(stop).await;
        let closed = tokio::task::spawn_blocking(move || close(&api)).await;
        let closed = closed
            .unwrap_or_else(|_| Err(Fault::Unusable("closing the ledger broke off".to_owned())));
        served.and(closed)
    }

    async fn serve(self, stop: impl Future<Output = ()>) -> Result<(), Fault> {
        let (tell_reached, reached) = watch::channel(self.api.views().position());
        let (health, health_service) = tonic_health::server::health_reporter();
        let rpc = Rpc::new(self.api.clone(), reached);
        let transport = transport(self.tls)?;
        let router = routes::all(transport, rpc, health_service, self.reflection)?;
        let background = Background::start(
            &self.api,
            (self.cut_after_days, self.sweep_at),
            tell_reached,
            health,
        )
        .await;
        // Ends when it is dropped, in the middle of whatever it tells.
        let mut telling = JoinSet::new();
        if let Some(listener) = self.metrics {
            telling.spawn(metrics::serve(listener, self.api.clone()));
        }
        tracing::info!(address = %self.address, "serving");

        let incoming = admission::incoming(self.listener);
        let (tell_stop, stopped) = oneshot::channel();
        let serving = serve(router, incoming, stopped);
        tokio::pin!(serving);
        let ended = tokio::select! {
            ended = &mut serving => Some(ended),
            () = stop => None,
        };
        // Followers end first, since a server waits for its streams.
        background.stop().await;
        drop(telling);
        if let Some(ended) = ended {
            return ended;
        }
        tracing::info!("stopping");
        drop(tell_stop);
        match tokio::time::timeout(STOP_TIME_MAX, serving).await {
            Ok(ended) => ended,
            Err(_) => {
                tracing::warn!("some requests did not end in time and are broken off");
                Ok(())
            }
        }
    }
}

/// Waits for Ctrl-C or SIGTERM.
pub async fn asked_to_stop() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signals) => {
                signals.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => {
            if interrupted.is_err() {
                std::future::pending::<()>().await;
            }
        }
        () = terminate => {}
    }
}

async fn serve(
    router: Router,
    incoming: admission::Incoming,
    stopped: oneshot::Receiver<()>,
) -> Result<(), Fault> {
    let stopped = async {
        // The sender is dropped to say so.
        drop(stopped.await);
    };
    let served = router.serve_with_incoming_shutdown(incoming, stopped).await;
    served.map_err(|error| Fault::Unusable(format!("the server ended: {error}")))
}

fn require_safe(options: &ServeOptions) -> Result<(), Fault> {
    if options.tls.is_some() || options.address.ip().is_loopback() {
        return Ok(());
    }
    if !options.insecure {
        let address = options.address;
        return Err(Fault::Unusable(format!(
            "{address} is not a loopback address and no certificate was given; \
             give --tls-cert and --tls-key, or --insecure behind a proxy that does TLS"
        )));
    }
    tracing::warn!(
        address = %options.address,
        "INSECURE: serving without TLS beyond this machine; tokens and personal data can be read \
         by whoever is on the way"
    );
    Ok(())
}

fn read_tls(files: &TlsFiles) -> Result<ServerTlsConfig, Fault> {
    let certificate = read_pem(&files.certificate)?;
    let key = read_pem(&files.key)?;
    let identity = Identity::from_pem(certificate, key);
    Ok(ServerTlsConfig::new()
        .identity(identity)
        .timeout(HANDSHAKE_TIME_MAX))
}

fn read_pem(path: &Path) -> Result<Vec<u8>, Fault> {
    std::fs::read(path)
        .map_err(|error| Fault::Unusable(format!("{} cannot be read: {error}", path.display())))
}

fn transport(tls: Option<ServerTlsConfig>) -> Result<Transport, Fault> {
    let transport = Transport::builder()
        .timeout(REQUEST_TIME_MAX)
        .concurrency_limit_per_connection(REQUESTS_PER_CONNECTION_MAX)
        .max_concurrent_streams(STREAMS_PER_CONNECTION_MAX)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .http2_max_header_list_size(HEADER_BYTES_MAX)
        .http2_max_pending_accept_reset_streams(Some(RESET_STREAMS_MAX))
        .http2_keepalive_interval(Some(KEEPALIVE_EVERY))
        .http2_keepalive_timeout(Some(KEEPALIVE_TIME_MAX));
    match tls {
        None => Ok(transport),
        Some(tls) => transport.tls_config(tls).map_err(|error| {
            Fault::Unusable(format!(
                "certificate and key cannot be used ({error}); both must be PEM files, and the key \
                 the certificate's own"
            ))
        }),
    }
}

/// Keeps the views' snapshots and closes the ledger; a view that cannot be kept is rebuilt later.
fn close(api: &Api) -> Result<(), Fault> {
    if let Err(fault) = api.views().save_snapshots() {
        tracing::warn!(%fault, "no snapshot of the views was kept");
    }
    api.ledger().close()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(address: &str, insecure: bool) -> ServeOptions {
        ServeOptions {
            address: address.parse().expect("an address"),
            tls: None,
            insecure,
            reflection: false,
            cut_after_days: 7,
            metrics: None,
            sweep_at: None,
        }
    }

    #[test]
    fn beyond_loopback_without_tls_needs_to_be_asked_for() {
        assert!(require_safe(&options("127.0.0.1:0", false)).is_ok());
        assert!(require_safe(&options("[::1]:0", false)).is_ok());
        for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:50051"] {
            assert!(require_safe(&options(address, false)).is_err(), "{address}");
            assert!(require_safe(&options(address, true)).is_ok(), "{address}");
        }
    }

    #[test]
    fn a_certificate_that_is_none_is_refused_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("certificate.pem");
        let files = TlsFiles {
            certificate: file.clone(),
            key: file.clone(),
        };
        let missing = read_tls(&files).err().map(|fault| fault.to_string());
        assert!(missing.expect("a fault").contains("certificate.pem"));
        std::fs::write(&file, "not a certificate").expect("written");
        let tls = read_tls(&files).expect("read");
        assert!(transport(Some(tls)).is_err());
    }
}
