//! `shredcheck`: whether what was shredded can still be had from raw copies and the present vault.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use ledger::keys::Passphrase;
use ledger::shredcheck::{Asked, KeyId, LyingOpen, Report, Source, shredcheck};
use serde_json::{Value, json};

use super::failure::Failure;
use super::folder::bar;
use super::output::Output;
use super::passphrase::PassphraseSource;

/// Flags of `shredcheck`.
#[derive(Args)]
pub(crate) struct Shredcheck {
    /// Raw copies of any age: data folders, backups, mirrors, disk images; the present data folder
    /// among them
    #[arg(required = true, value_name = "COPY")]
    copies: Vec<PathBuf>,
    /// An image of memory or swap: living keys may lie there, shredded ones may not
    #[arg(long, value_name = "FILE")]
    memory: Vec<PathBuf>,
    /// The present vault's folder, or a copy of its `roots`
    #[arg(long, value_name = "DIR")]
    vault: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
    /// Only follow what the vault's roots lead to: fast, but finds no key that lies open somewhere
    #[arg(long)]
    records_only: bool,
}

impl Shredcheck {
    /// Looks through everything; findings make the exit code 1.
    pub(crate) fn run(self, output: Output) -> Result<(), Failure> {
        let words = self.passphrase.present(&self.vault)?;
        let asked = Asked {
            passphrase: words.map(Passphrase::into_bytes),
            copies: self.copies,
            memories: self.memory,
            vault: self.vault,
            records_only: self.records_only,
        };
        let (bar, progress) = bar();
        let began = Instant::now();
        let report = shredcheck(&asked, &progress);
        bar.finish_and_clear();
        let report = report.map_err(|wrong| Failure::Usage(wrong.to_string()))?;
        let findings = report.findings();
        let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
        let well = findings.is_empty();
        output.show(&json!({
            "ok": well,
            "findings": findings,
            "figures": figures(&report, began.elapsed().as_millis()),
        }))?;
        if well { Ok(()) } else { Err(Failure::Findings) }
    }
}

fn figures(report: &Report, milliseconds: u128) -> Value {
    let bytes = u128::from(report.bytes);
    let bytes_per_second = bytes.saturating_mul(1_000) / milliseconds.max(1);
    let roots = report.roots.iter().map(|(epoch, key)| root(*epoch, *key));
    json!({
        "bytes": report.bytes,
        "bytes_repeated": report.bytes_repeated,
        "bytes_per_second": u64::try_from(bytes_per_second).unwrap_or(u64::MAX),
        "stretches_tried": report.windows,
        "records": report.records,
        "roots": roots.collect::<Vec<Value>>(),
        "installed": report.installed.map(|(epoch, key)| root(epoch, key)),
        "shredded": report.shredded.len(),
        "shredded_reachable": report.shredded_reachable.len(),
        "living": report.living.len(),
        "living_unreachable": report.living_unreachable.len(),
        "unknown": report.unknown.len(),
        "lying_open": report.lying_open.iter().map(lying).collect::<Vec<Value>>(),
    })
}

fn root(epoch: u64, key: KeyId) -> Value {
    json!({ "epoch": epoch, "key": key.to_string() })
}

fn lying(lying: &LyingOpen) -> Value {
    let source = match lying.source {
        Source::Copy => "copy",
        Source::Memory => "memory",
        Source::Vault => "vault",
    };
    json!({
        "key": lying.key.to_string(),
        "shredded": lying.shredded,
        "file": lying.file.display().to_string(),
        "offset": lying.offset,
        "source": source,
    })
}
