//! Logs: structured, on stderr, without anything personal.
//!
//! - Requests are logged by method, code and time only; nothing of their content, no caller, no
//!   address (a log is kept by others than the ledger is).

use std::io;
use std::time::Instant;

use tonic::Code;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use crate::metrics;

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object per line.
    Json,
}

/// Starts logging to stderr, once per process; a second call changes nothing. `filter` is in the
/// syntax of `RUST_LOG`, for example `info` or `gateway=debug`; a wrong one means `info`.
pub fn start(format: LogFormat, filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::IsTerminal::is_terminal(&io::stderr()))
        .with_target(false);
    let started = match format {
        LogFormat::Text => logs.compact().try_init(),
        LogFormat::Json => logs.json().flatten_event(true).try_init(),
    };
    // A subscriber that is there already keeps its place: tests install their own.
    drop(started);
}

/// One line per request, written when it ends, also if the caller went away before.
pub struct Line {
    method: &'static str,
    since: Instant,
    code: Code,
}

impl Line {
    /// A request begins.
    pub fn begin(method: &'static str) -> Self {
        Self {
            method,
            since: Instant::now(),
            code: Code::Cancelled,
        }
    }

    /// It ended with this code.
    pub fn end(mut self, code: Code) {
        self.code = code;
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let (time, code) = (self.since.elapsed(), word(self.code));
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        tracing::info!(method = self.method, code, micros, "answered");
        metrics::answered(self.method, code, time);
    }
}

fn word(code: Code) -> &'static str {
    match code {
        Code::Ok => "ok",
        Code::Cancelled => "cancelled",
        Code::Unknown => "unknown",
        Code::InvalidArgument => "invalid_argument",
        Code::DeadlineExceeded => "deadline_exceeded",
        Code::NotFound => "not_found",
        Code::AlreadyExists => "already_exists",
        Code::PermissionDenied => "permission_denied",
        Code::ResourceExhausted => "resource_exhausted",
        Code::FailedPrecondition => "failed_precondition",
        Code::Aborted => "aborted",
        Code::OutOfRange => "out_of_range",
        Code::Unimplemented => "unimplemented",
        Code::Internal => "internal",
        Code::Unavailable => "unavailable",
        Code::DataLoss => "data_loss",
        Code::Unauthenticated => "unauthenticated",
    }
}
