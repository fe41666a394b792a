//! How a server runs, parsed once from the command line.
//!
//! - Only loopback is served without TLS, unless `--insecure` says otherwise (see `server.rs`).

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use ledger::copies::Copying;
use ledger::domain::codes::AnchorReason;

use crate::server::{ServeOptions, TlsFiles};
use crate::telemetry::LogFormat;

/// Where a server listens unless told otherwise.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:50551";
/// Days from the destruction of keys until what they had opened is cut out of the files, unless
/// told otherwise.
pub const CUT_AFTER_DAYS: u32 = 7;
/// When the retention sweep by night begins, unless told otherwise.
pub const SWEEP_AT: &str = "02:00";

/// Flags of `serve`.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    /// Where to listen
    #[arg(long, default_value = DEFAULT_LISTEN, value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// The server's certificate chain
    #[arg(long, value_name = "PEM", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key
    #[arg(long, value_name = "PEM", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Serve other machines without TLS: tokens and personal data can be read on the way
    #[arg(long)]
    insecure: bool,
    /// Let clients ask for the API's description (grpc.reflection)
    #[arg(long)]
    reflection: bool,
    /// Logs as JSON
    #[arg(long)]
    log_json: bool,
    /// Days from the destruction of keys until their ciphertext is cut out of the files
    #[arg(long, default_value_t = CUT_AFTER_DAYS, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(..=365))]
    cut_after_days: u32,
    /// Another organisation's file than the one in force (`audit organisation` shows it)
    #[arg(long, value_name = "FILE")]
    organisation: Option<PathBuf>,
    /// Other retention rules than those in force (`retention rules` shows them)
    #[arg(long, value_name = "FILE")]
    retention: Option<PathBuf>,
    /// When the retention sweep begins each night, by local time (02:00+03:00) or UTC (02:00)
    #[arg(long, default_value = SWEEP_AT, value_name = "HH:MM", conflicts_with = "no_sweep")]
    #[arg(value_parser = night)]
    sweep_at: u64,
    /// No sweep by night: somebody asks for each
    #[arg(long)]
    no_sweep: bool,
    /// Another policy table than the one that ships
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Copy the journal to this folder too, as it grows; an empty folder becomes a mirror
    #[arg(long, value_name = "DIR")]
    mirror: Vec<PathBuf>,
    /// Write how far the ledger is to this file, on another machine; behind it nothing starts
    #[arg(long, value_name = "FILE")]
    anchor: Option<PathBuf>,
    /// Begin a new anchor although the ledger has one; once, with the reason, which is recorded
    #[arg(long, value_name = "REASON", requires = "anchor")]
    #[arg(value_parser = anchor_reason)]
    anchor_new: Option<AnchorReason>,
    /// Destroy keys although no mirror holds the key records: older backups become useless then,
    /// and one lost disk loses everything
    #[arg(long, conflicts_with = "mirror")]
    no_mirror: bool,
    /// Tell metrics in the text format of Prometheus at this address of this machine
    #[arg(long, value_name = "ADDRESS:PORT")]
    metrics: Option<SocketAddr>,
}

impl ServeArgs {
    /// How to listen; the server refuses what would be unsafe.
    pub fn options(&self) -> ServeOptions {
        let tls = self.tls_cert.clone().zip(self.tls_key.clone());
        ServeOptions {
            address: self.listen,
            tls: tls.map(|(certificate, key)| TlsFiles { certificate, key }),
            insecure: self.insecure,
            reflection: self.reflection,
            cut_after_days: self.cut_after_days,
            metrics: self.metrics,
            sweep_at: (!self.no_sweep).then_some(self.sweep_at),
        }
    }

    /// How logs are written.
    pub fn log_format(&self) -> LogFormat {
        if self.log_json {
            LogFormat::Json
        } else {
            LogFormat::Text
        }
    }

    /// The copies that are kept while serving.
    pub fn copying(&self) -> Copying {
        Copying {
            mirrors: self.mirror.clone(),
            anchor: self.anchor.clone(),
            anchor_new: self.anchor_new,
            alone: self.no_mirror,
        }
    }

    /// The files that decisions go by, as far as others are given than those in force.
    pub fn files(&self) -> Result<Files, String> {
        let text = |file: &Option<PathBuf>| file.as_ref().map(read).transpose();
        Ok(Files {
            policy: text(&self.policy)?,
            retention: text(&self.retention)?,
            organisation: text(&self.organisation)?,
        })
    }
}

/// Texts of files that decisions go by; none for what is in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// The policy table.
    pub policy: Option<String>,
    /// The retention rules.
    pub retention: Option<String>,
    /// The organisation's file.
    pub organisation: Option<String>,
}

/// A time of day, with the offset of the place if it is not UTC, in milliseconds into the day by
/// UTC.
fn night(text: &str) -> Result<u64, String> {
    let wrong = || format!("{text} is no time of day like 02:00 or 02:00+03:00");
    let (time, offset) = match text.find(['+', '-']) {
        Some(at) => text.split_at(at),
        None => (text, "+00:00"),
    };
    let (behind, offset) = match offset.strip_prefix('-') {
        Some(offset) => (true, offset),
        None => (false, offset.trim_start_matches('+')),
    };
    let minutes = |text: &str| {
        let (hours, minutes) = text.split_once(':')?;
        let two = |text: &str| text.parse::<u64>().ok().filter(|_| text.len() == 2);
        let (hours, minutes) = (two(hours)?, two(minutes)?);
        (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
    };
    let (time, offset) = minutes(time).zip(minutes(offset)).ok_or_else(wrong)?;
    let day = 24 * 60;
    let utc = if behind {
        time + offset
    } else {
        day + time - offset
    };
    Ok(utc % day * 60_000)
}

/// The text of a file, or which could not be read and why.
pub fn read(file: &PathBuf) -> Result<String, String> {
    std::fs::read_to_string(file)
        .map_err(|error| format!("cannot read {}: {error}", file.display()))
}

fn anchor_reason(word: &str) -> Result<AnchorReason, String> {
    let known = AnchorReason::from_code(word).filter(|reason| *reason != AnchorReason::First);
    known.ok_or_else(|| "it is lost, moved or restored".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(listen: &str) -> ServeArgs {
        ServeArgs {
            listen: listen.parse().unwrap(),
            tls_cert: None,
            tls_key: None,
            insecure: false,
            reflection: false,
            log_json: false,
            cut_after_days: 7,
            organisation: None,
            retention: None,
            sweep_at: 0,
            no_sweep: false,
            policy: None,
            mirror: Vec::new(),
            anchor: None,
            anchor_new: None,
            no_mirror: false,
            metrics: None,
        }
    }

    #[test]
    fn a_certificate_goes_with_its_key_and_loopback_is_the_default() {
        let options = args("127.0.0.1:1").options();
        assert!(options.tls.is_none() && !options.insecure && !options.reflection);
        let mut with = args("0.0.0.0:1");
        with.tls_cert = Some("c.pem".into());
        with.tls_key = Some("k.pem".into());
        assert!(with.options().tls.is_some());
        assert!(
            DEFAULT_LISTEN
                .parse::<SocketAddr>()
                .unwrap()
                .ip()
                .is_loopback()
        );
    }

    #[test]
    fn a_local_time_of_day_is_told_with_its_offset_and_what_is_none_is_refused() {
        let hour = 3_600_000;
        assert_eq!(night("02:00"), Ok(2 * hour));
        assert_eq!(night("02:00+03:00"), Ok(23 * hour));
        assert_eq!(night("23:30-01:00"), Ok(hour / 2));
        assert_eq!(night("05:45+05:45"), Ok(0));
        for wrong in [
            "",
            "2",
            "2:00",
            "24:00",
            "02:60",
            "02:00+3",
            "0x:00",
            "02:00+24:00",
        ] {
            assert!(night(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_policy_file_that_is_not_there_is_named() {
        let mut wrong = args("127.0.0.1:1");
        assert_eq!(wrong.files(), Ok(Files::default()));
        wrong.policy = Some("/nowhere/policy.toml".into());
        let refused = wrong.files().unwrap_err();
        assert!(refused.contains("/nowhere/policy.toml"), "{refused}");
    }
}
