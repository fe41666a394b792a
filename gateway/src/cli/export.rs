//! `directory export`: writes the directory as a file of HSDS 3 services.
//!
//! - The server shows confidential entries to nobody who need not know; of those it shows only who
//!   may be asked is written, unless the whole was asked for (MISSION D3).

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use proto::common::v1::PageRequest;
use proto::directory::v1::SearchServicesRequest;
use proto::directory::v1::directory_service_client::DirectoryServiceClient;
use serde_json::json;

use super::connection::Connection;
use super::failure::Failure;
use super::output::Output;
use crate::answer::with_token;
use crate::directory::{PROFILE_PATCH, hsds};
use crate::limits::PAGE_ITEMS_MAX;

/// Flags of `directory export`.
#[derive(Args, Clone)]
pub(crate) struct Export {
    /// The file to write; must not be there yet
    file: PathBuf,
    /// What of confidential entries that you may see is written
    #[arg(long, value_enum, default_value_t = Confidential::Redacted)]
    confidential: Confidential,
    /// Write our profile of HSDS (a JSON merge patch of its service.json) to this file, too
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
}

/// What of a confidential entry is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Confidential {
    /// Nothing
    Omit,
    /// Its name, its sectors, and who may be asked
    Redacted,
    /// Everything; keep the file where only those are who need to know
    Whole,
}

/// Exports what the caller may see.
pub(crate) async fn run(
    connection: &Connection,
    export: &Export,
    output: Output,
) -> Result<(), Failure> {
    let mut client = DirectoryServiceClient::new(connection.channel());
    let mut file = BufWriter::new(created(&export.file)?);
    let cannot = |error| cannot_write(&export.file, &error);
    let (mut written, mut redacted, mut token) = (0_u64, 0_u64, String::new());
    file.write_all(b"[").map_err(cannot)?;
    loop {
        let asked = SearchServicesRequest {
            page: Some(PageRequest {
                page_size: u32::try_from(PAGE_ITEMS_MAX).unwrap_or(u32::MAX),
                page_token: std::mem::take(&mut token),
                ..PageRequest::default()
            }),
            ..SearchServicesRequest::default()
        };
        let answer = client.search_services(with_token(connection.token(), asked));
        let answer = answer
            .await
            .map_err(|refused| connection.failure(&refused))?
            .into_inner();
        for record in &answer.services {
            let confidential = record.entry.as_ref().is_some_and(|it| it.confidential);
            if confidential && export.confidential == Confidential::Omit {
                continue;
            }
            let whole = export.confidential == Confidential::Whole;
            let Some(service) = hsds(record, whole) else {
                continue;
            };
            let between = if written == 0 { "\n" } else { ",\n" };
            write!(file, "{between}{service}").map_err(cannot)?;
            written += 1;
            redacted += u64::from(confidential && !whole);
        }
        token = answer.page.unwrap_or_default().next_page_token;
        if token.is_empty() {
            break;
        }
    }
    file.write_all(b"\n]\n").map_err(cannot)?;
    file.flush().map_err(cannot)?;
    if let Some(path) = &export.profile {
        let mut file = created(path)?;
        let done = file.write_all(PROFILE_PATCH.as_bytes());
        done.map_err(|error| cannot_write(path, &error))?;
    }
    output.show(&json!({ "exported": written, "redacted": redacted }))
}

/// A new file, for its owner alone.
fn created(path: &Path) -> Result<File, Failure> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = File::options();
    let opened = options.write(true).create_new(true).mode(0o600).open(path);
    opened.map_err(|error| cannot_write(path, &error))
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Usage(format!("cannot write {}: {error}", path.display()))
}
