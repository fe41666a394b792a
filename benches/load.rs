//! A closed-loop load client: one connection and one request under way per client, one JSON line.
//!
//! - Every request is one command with 1 KiB of personal content: a draft written again.
//! - `--setup` takes an administrator's token and brings staff and an approved service of its own;
//!   without it the token's holder needs the roles of a case worker and a service to refer to.
//! - `--umadb` sends plain 1 KiB events to an UmaDB server instead, so that both are measured
//!   alike.
#![expect(clippy::print_stdout, reason = "the result is this program's output")]

mod load_ledger;
mod load_setup;
mod load_umadb;

use std::error::Error;
use std::time::{Duration, Instant};

use clap::Parser;
use hdrhistogram::Histogram;
use tonic::transport::{Channel, Endpoint};

/// Loads a server with closed-loop clients and prints what they saw.
#[derive(Clone, Parser)]
struct Options {
    /// Clients, each with a connection of its own.
    #[arg(long, default_value_t = 8)]
    clients: usize,
    /// Seconds that are measured, after half a second of warming up.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Where the server is.
    #[arg(long, default_value = "http://127.0.0.1:50051")]
    server: String,
    /// Bearer token; not for UmaDB.
    #[arg(
        long,
        env = "REFERRAL_TOKEN",
        hide_env_values = true,
        default_value = ""
    )]
    token: String,
    /// The token is an administrator's: make staff and a service first.
    #[arg(long)]
    setup: bool,
    /// Bytes of personal content per request.
    #[arg(long, default_value_t = benches::CONTENT_BYTES)]
    bytes: usize,
    /// The server is UmaDB.
    #[arg(long)]
    umadb: bool,
}

/// What went wrong, for people.
type Failure = Box<dyn Error + Send + Sync>;

/// One client: what it does again and again.
trait Client: Send + 'static {
    /// One request and its answer.
    fn request(&mut self) -> impl Future<Output = Result<(), tonic::Status>> + Send;
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let options = Options::parse();
    let seen = if options.umadb {
        let mut clients = Vec::new();
        for number in 0..options.clients {
            clients.push(load_umadb::UmaDb::connect(&options, number).await?);
        }
        measure(&options, clients).await?
    } else {
        let place = load_setup::workplace(&options).await?;
        let mut clients = Vec::new();
        for number in 0..options.clients {
            clients.push(load_ledger::Worker::connect(&options, &place, number).await?);
        }
        measure(&options, clients).await?
    };
    println!("{}", seen.json(&options));
    Ok(())
}

/// What all clients saw in the measured seconds.
struct Seen {
    latency_us: Histogram<u64>,
    /// Requests that were answered, those of the warming up included.
    answered: u64,
    errors: u64,
    last_error: Option<String>,
}

impl Seen {
    fn nothing() -> Result<Self, Failure> {
        Ok(Self {
            latency_us: Histogram::new(3)?,
            answered: 0,
            errors: 0,
            last_error: None,
        })
    }

    fn json(&self, options: &Options) -> serde_json::Value {
        let requests = self.latency_us.len();
        serde_json::json!({
            "server": if options.umadb { "umadb" } else { "referral-ledger" },
            "clients": options.clients,
            "seconds": options.seconds,
            "bytes": options.bytes,
            "requests": requests,
            "answered": self.answered,
            "errors": self.errors,
            "last_error": self.last_error,
            "p50_us": self.latency_us.value_at_quantile(0.5),
            "p99_us": self.latency_us.value_at_quantile(0.99),
            "max_us": self.latency_us.max(),
            "requests_per_second": requests / options.seconds.max(1),
        })
    }
}

async fn measure<C: Client>(options: &Options, clients: Vec<C>) -> Result<Seen, Failure> {
    let start = Instant::now() + WARM_UP;
    let end = start + Duration::from_secs(options.seconds);
    let running: Vec<_> = clients
        .into_iter()
        .map(|client| tokio::spawn(run(client, start, end)))
        .collect();
    let mut all = Seen::nothing()?;
    for client in running {
        let seen = client.await??;
        all.latency_us.add(&seen.latency_us)?;
        all.answered += seen.answered;
        all.errors += seen.errors;
        all.last_error = seen.last_error.or(all.last_error);
    }
    Ok(all)
}

/// Asks, waits, asks again. Counted is what begins and ends in the measured time.
async fn run<C: Client>(mut client: C, start: Instant, end: Instant) -> Result<Seen, Failure> {
    let mut seen = Seen::nothing()?;
    loop {
        let asked = Instant::now();
        if asked >= end {
            return Ok(seen);
        }
        let outcome = client.request().await;
        let answered = Instant::now();
        let counted = asked >= start && answered <= end;
        seen.answered += u64::from(outcome.is_ok());
        match outcome {
            Ok(()) if counted => {
                let spent = answered.duration_since(asked).as_micros();
                seen.latency_us.record(u64::try_from(spent)?.max(1))?;
            }
            Ok(()) => {}
            Err(status) => {
                seen.errors += 1;
                seen.last_error = Some(status.message().to_owned());
            }
        }
    }
}

async fn connect(options: &Options) -> Result<Channel, Failure> {
    let endpoint = Endpoint::from_shared(options.server.clone())?.tcp_nodelay(true);
    Ok(endpoint.connect().await?)
}

const WARM_UP: Duration = Duration::from_millis(500);
