//! `directory import`: brings a file of services in and says what came of each record.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use ledger::clock::{Clock, SystemClock};
use serde_json::{Value, json};

use super::connection::Connection;
use super::failure::Failure;
use super::output::Output;
use crate::directory::{DirectoryReader, ImportReport, import};
use crate::text;

/// Imports a file. Records that were refused make the exit code 1; the others are in all the same.
pub(crate) async fn run(
    connection: &Connection,
    file: &Path,
    output: Output,
) -> Result<(), Failure> {
    let opened = File::open(file).map_err(|error| cannot_read(file, &error))?;
    let reader = DirectoryReader::new(BufReader::new(opened), SystemClock.now().day());
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
        bar.set_style(style);
    }
    let mut progress = |report: &ImportReport, _: &[proto::common::v1::Receipt]| {
        bar.set_message(format!(
            "{} in, {} refused",
            report.imported, report.refused
        ));
        bar.tick();
    };
    let channel = connection.channel();
    let token = connection.token();
    let report = import(channel, token, reader, &mut progress).await;
    bar.finish_and_clear();
    let report = report.map_err(|error| cannot_read(file, &error))?;
    output.show(&shown(&report))?;
    if report.refused > 0 {
        return Err(Failure::Findings);
    }
    Ok(())
}

/// The report as data.
fn shown(report: &ImportReport) -> Value {
    let refusals = report.refusals.iter().map(|record| {
        json!({
            "place": record.place,
            "id": record.id,
            "code": record.cause.code(),
            "about": record.cause.about(),
            "wrong": text::not_imported(&record.cause),
        })
    });
    json!({
        "imported": report.imported,
        "existing": report.existing,
        "updated": report.updated,
        "refused": report.refused,
        "unknown_fields": report.unknown_fields,
        "reasons": report.reasons,
        "refusals": refusals.collect::<Vec<_>>(),
    })
}

fn cannot_read(file: &Path, error: &std::io::Error) -> Failure {
    Failure::Usage(format!("cannot read {}: {error}", file.display()))
}
