//! Metrics: counts and times of this process, by method and code. No caller, no id, nothing said.
//!
//! - Off unless asked for, and told on this machine only: what an attacker could learn from them is
//!   how much is going on.
//! - The text format of Prometheus, version 0.0.4. A few questions at a time, each bounded in bytes
//!   and time, so that no scraper takes anything from those who work, and no silent one from
//!   another.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ledger::error::Fault;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::api::Api;
use crate::limits::{
    ACCEPT_REST, METRICS_ASK_MAX, METRICS_AT_ONCE, METRICS_REQUEST_BYTES_MAX, METRICS_TIME_MAX,
};

/// How many requests of a method ended with a code, and their time in all.
#[derive(Clone, Copy, Default)]
struct Answered {
    count: u64,
    time: Duration,
}

/// Whether anybody asks for metrics: otherwise nothing is counted.
static COUNTING: AtomicBool = AtomicBool::new(false);
static ANSWERED: Mutex<BTreeMap<(&'static str, &'static str), Answered>> =
    Mutex::new(BTreeMap::new());

/// A request ended.
pub(crate) fn answered(method: &'static str, code: &'static str, time: Duration) {
    if !COUNTING.load(Ordering::Relaxed) {
        return;
    }
    let mut answered = ANSWERED.lock().unwrap_or_else(PoisonError::into_inner);
    let one = answered.entry((method, code)).or_default();
    one.count = one.count.saturating_add(1);
    one.time = one.time.saturating_add(time);
}

/// Takes an address of this machine and begins to count.
pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener, Fault> {
    if !address.ip().is_loopback() {
        let why = "metrics are told on this machine only; give a loopback address";
        return Err(Fault::Unusable(format!("--metrics {address}: {why}")));
    }
    let listener = TcpListener::bind(address).await;
    let listener =
        listener.map_err(|error| Fault::Unusable(format!("--metrics {address}: {error}")))?;
    COUNTING.store(true, Ordering::Relaxed);
    Ok(listener)
}

/// Answers `GET /metrics`, a few at once: who connects and says nothing keeps nobody waiting.
pub(crate) async fn serve(listener: TcpListener, api: Api) {
    let places = Arc::new(Semaphore::new(METRICS_AT_ONCE));
    // Those that are answered end with this one.
    let mut answers = JoinSet::new();
    loop {
        while answers.try_join_next().is_some() {}
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_REST).await;
            continue;
        };
        let api = api.clone();
        answers.spawn(async move {
            // Who says nothing, or too much, is hung up on; there is nobody to tell.
            drop(tokio::time::timeout(METRICS_TIME_MAX, answer(stream, &api)).await);
            drop(place);
        });
    }
}

/// What was asked; none if it was too much, too late or cut off.
async fn asked(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        let full = request.len() >= METRICS_REQUEST_BYTES_MAX;
        if full || stream.read_buf(&mut request).await.ok()? == 0 {
            return None;
        }
    }
    Some(request)
}

async fn answer(mut stream: TcpStream, api: &Api) -> std::io::Result<()> {
    let asked = tokio::time::timeout(METRICS_ASK_MAX, asked(&mut stream)).await;
    let Ok(Some(request)) = asked else {
        return Ok(());
    };
    let (status, body) = if request.starts_with(b"GET /metrics ") {
        let api = api.clone();
        let text = tokio::task::spawn_blocking(move || text(&api));
        ("200 OK", text.await.unwrap_or_default())
    } else {
        ("404 Not Found", "GET /metrics\n".to_owned())
    };
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; version=0.0.4; charset=utf-8\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

fn text(api: &Api) -> String {
    let (status, copies, views) = (api.ledger().status(), api.ledger().copies(), api.views());
    let behind = status.size.saturating_sub(views.position());
    let mirrors = &copies.mirrors;
    let lag = mirrors.iter().map(|mirror| mirror.frames_behind).max();
    let absent = mirrors.iter().filter(|mirror| mirror.folder.is_none());
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let mut text = String::new();
    let mut gauge = |name: &str, meaning: &str, value: u64| {
        head(&mut text, name, "gauge", meaning);
        row(&mut text, name, value);
    };
    let pending_copy = count(api.ledger().pending_copy().len());
    gauge("ledger_events", "Durable events", status.size);
    gauge("ledger_key_epoch", "Epoch of the key tree", status.epoch);
    let poisoned = "1 if an earlier write failed: nothing is taken until a restart";
    gauge("ledger_poisoned", poisoned, status.poisoned.into());
    let full = "1 if the disk is full: only withdrawals and destruction go on";
    gauge("ledger_disk_full", full, status.disk_full.into());
    let damaged = "Places found damaged in the journal; mend it with the server stopped";
    let places = count(status.journal.damage.len());
    gauge("ledger_journal_damaged", damaged, places);
    let looked_at = "The last frame that reading the journal again looked at";
    gauge(
        "ledger_journal_checked_frame",
        looked_at,
        status.journal.frame,
    );
    let pending = "Leaves that wait for destruction";
    gauge("ledger_shreds_pending", pending, status.shreds_pending);
    let waiting = "Leaves of these that wait for a copy or a holder";
    gauge("ledger_shreds_pending_copy", waiting, pending_copy);
    gauge("mirrors", "Mirrors attached", count(mirrors.len()));
    gauge(
        "mirrors_absent",
        "Mirrors attached and not here",
        count(absent.count()),
    );
    let lag_meaning = "Frames that the slowest mirror lacks";
    gauge("mirror_frames_behind", lag_meaning, lag.unwrap_or(0));
    let missing = count(status.vault.missing.len());
    gauge(
        "vault_holders_missing",
        "Holders that are not here",
        missing,
    );
    gauge(
        "views_events_behind",
        "Events that views have not seen",
        behind,
    );
    let failing = "1 if the views cannot follow the log";
    gauge("views_failing", failing, views.is_failing().into());
    requests(&mut text);
    text
}

fn requests(text: &mut String) {
    let answered = ANSWERED.lock().unwrap_or_else(PoisonError::into_inner);
    let answered = answered.clone();
    let (counts, times) = ("requests_total", "request_seconds_total");
    head(text, counts, "counter", "Requests that ended");
    for ((method, code), one) in &answered {
        let labels = format!("{counts}{{method=\"{method}\",code=\"{code}\"}}");
        row(text, &labels, one.count);
    }
    head(text, times, "counter", "Their time in all");
    for ((method, code), one) in &answered {
        let labels = format!("{times}{{method=\"{method}\",code=\"{code}\"}}");
        row(text, &labels, format!("{:.6}", one.time.as_secs_f64()));
    }
}

fn head(text: &mut String, name: &str, kind: &str, meaning: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(
        text,
        "# HELP referral_{name} {meaning}.\n# TYPE referral_{name} {kind}"
    );
}

fn row(text: &mut String, name: &str, value: impl Display) {
    let _ = writeln!(text, "referral_{name} {value}");
}
