//! `directory export`: writes the directory as a file of HSDS 3 services.
//!
//! - The server shows confidential entries to nobody who need not know; of those it shows only who
//!   may be asked is written, unless the whole was asked for (MISSION D3).

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use proto::common::v1::PageRequest;
use proto::directory::v1::directory_service_client::DirectoryServiceClient;
use proto::directory::v1::{SearchServicesRequest, ServiceRecord};
use serde_json::json;

use super::connection::Connection;
use super::failure::Failure;
use super::output::Output;
use super::private::Growing;
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

/// Exports what the caller may see. A file that cannot be begun was named wrongly; none has its
/// name until it is written whole.
pub(crate) async fn run(
    connection: &Connection,
    export: &Export,
    output: Output,
) -> Result<(), Failure> {
    let begun = |path: &Path| {
        let begun = Growing::new(path);
        begun.map_err(|error| Failure::Usage(cannot_write(path, &error)))
    };
    let profile = match export.profile.as_deref() {
        Some(path) => Some((path, begun(path)?)),
        None => None,
    };
    let mut list = List {
        file: begun(&export.file)?,
        written: 0,
        redacted: 0,
    };
    let mut client = DirectoryServiceClient::new(connection.channel());
    let mut token = String::new();
    loop {
        let asked = all_from(std::mem::take(&mut token));
        let answer = client.search_services(with_token(connection.token(), asked));
        let answer = answer
            .await
            .map_err(|refused| connection.failure(&refused))?
            .into_inner();
        let broken = |error| Failure::Broken(cannot_write(&export.file, &error));
        for record in &answer.services {
            list.add(record, export.confidential).map_err(broken)?;
        }
        token = answer.page.unwrap_or_default().next_page_token;
        if token.is_empty() {
            break;
        }
    }
    let sum = json!({ "exported": list.written, "redacted": list.redacted });
    let broken = |error| Failure::Broken(cannot_write(&export.file, &error));
    list.finish().map_err(broken)?;
    if let Some((path, mut file)) = profile {
        let done = file.write_all(PROFILE_PATCH.as_bytes());
        done.and_then(|()| file.finish())
            .map_err(|error| Failure::Broken(cannot_write(path, &error)))?;
    }
    output.show(&sum)
}

/// The question for what goes on here.
fn all_from(page_token: String) -> SearchServicesRequest {
    SearchServicesRequest {
        page: Some(PageRequest {
            page_size: u32::try_from(PAGE_ITEMS_MAX).unwrap_or(u32::MAX),
            page_token,
            ..PageRequest::default()
        }),
        ..SearchServicesRequest::default()
    }
}

/// A JSON list of services that is being written.
struct List {
    file: Growing,
    written: u64,
    redacted: u64,
}

impl List {
    fn add(&mut self, record: &ServiceRecord, wanted: Confidential) -> io::Result<()> {
        let confidential = record.entry.as_ref().is_some_and(|it| it.confidential);
        if confidential && wanted == Confidential::Omit {
            return Ok(());
        }
        let whole = wanted == Confidential::Whole;
        let Some(service) = hsds(record, whole) else {
            return Ok(());
        };
        let before = if self.written == 0 { "[\n" } else { ",\n" };
        write!(self.file, "{before}{service}")?;
        self.written += 1;
        self.redacted += u64::from(confidential && !whole);
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        let end: &[u8] = if self.written == 0 {
            b"[\n]\n"
        } else {
            b"\n]\n"
        };
        self.file.write_all(end)?;
        self.file.finish()
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> String {
    format!("cannot write {}: {error}", path.display())
}
