//! Brings the records of a file into a ledger, one command per service, through the gRPC API.
//!
//! - Many commands are in flight at once, so that the ledger's groups fill.
//! - A service that is there already and says the same counts as existing; one that says something
//!   else is updated on the version that was read.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use ledger::clock::{DAY_MS, Day, Entropy, SystemEntropy};
use ledger::domain::ids::RequestId;
use ledger::limits::{IMPORT_IN_FLIGHT_MAX, IMPORT_REFUSALS_NAMED_MAX};
use ledger::refusal::Refusal;
use proto::common::v1::{CommandMeta, Outcome, Receipt};
use proto::directory::v1 as words;
use proto::directory::v1::directory_service_client::DirectoryServiceClient;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tonic::Status;
use tonic::transport::Channel;

use super::problem::{Cause, RefusedRecord};
use super::{DirectoryReader, Found, Listed};
use crate::answer::{refused, with_token};
use crate::wire::service::entry_to_wire;

/// What came of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Services that came in.
    pub imported: u64,
    /// Services that were there already and say the same, repetitions in the file included.
    pub existing: u64,
    /// Services that were there already and say something else now.
    pub updated: u64,
    /// Records that did not come in.
    pub refused: u64,
    /// Fields that are not of the standard and were passed over.
    pub unknown_fields: u64,
    /// How many were refused, by code.
    pub reasons: BTreeMap<&'static str, u64>,
    /// The first refused records by place, at most `IMPORT_REFUSALS_NAMED_MAX`.
    pub refusals: Vec<RefusedRecord>,
}

/// Told after each record: the report so far, and the receipts of what was recorded with it.
pub type Progress<'a> = dyn FnMut(&ImportReport, &[Receipt]) + Send + 'a;

/// Imports a whole file. An error here is a file that cannot be read on; what came in stays.
pub async fn import<R: BufRead + Send + 'static>(
    channel: Channel,
    token: &str,
    mut reader: DirectoryReader<R>,
    progress: &mut Progress<'_>,
) -> io::Result<ImportReport> {
    let (found_in, mut found_out) = mpsc::channel(IMPORT_IN_FLIGHT_MAX);
    let reading = tokio::task::spawn_blocking(move || {
        while let Some(found) = reader.next_found()? {
            // The other side is gone only if the import was dropped; nobody wants the rest then.
            if found_in.blocking_send(found).is_err() {
                break;
            }
        }
        io::Result::Ok(reader.unknown_fields())
    });

    let client = DirectoryServiceClient::new(channel);
    let mut report = ImportReport::default();
    let mut in_flight = JoinSet::new();
    while let Some(found) = found_out.recv().await {
        // Who may not bring in the first ones may bring in none.
        let none = report.imported + report.existing + report.updated == 0;
        if none && report.reasons.contains_key(Refusal::NotAllowed.code()) {
            break;
        }
        match found {
            Found::Repetition => report.existing += 1,
            Found::Refused(record) => report.refuse(record),
            Found::Service(listed) => {
                if in_flight.len() >= IMPORT_IN_FLIGHT_MAX {
                    report.note(in_flight.join_next().await, progress);
                }
                in_flight.spawn(bring_in(client.clone(), token.to_owned(), listed));
            }
        }
    }
    drop(found_out);
    while !in_flight.is_empty() {
        report.note(in_flight.join_next().await, progress);
    }
    report.unknown_fields = reading.await.map_err(io::Error::other)??;
    report.refusals.sort_by_key(|record| record.place);
    Ok(report)
}

/// What one record came to.
enum Brought {
    In(Outcome),
    Same,
    Changed(Outcome),
    Refused(RefusedRecord),
}

type Joined = Option<Result<Brought, tokio::task::JoinError>>;

impl ImportReport {
    fn note(&mut self, joined: Joined, progress: &mut Progress<'_>) {
        let mut receipts = Vec::new();
        match joined {
            None => return,
            Some(Ok(Brought::In(outcome))) => {
                self.imported += 1;
                receipts = outcome.receipts;
            }
            Some(Ok(Brought::Same)) => self.existing += 1,
            Some(Ok(Brought::Changed(outcome))) => {
                self.updated += 1;
                receipts = outcome.receipts;
            }
            Some(Ok(Brought::Refused(record))) => self.refuse(record),
            Some(Err(_)) => self.refuse(RefusedRecord {
                place: 0,
                id: None,
                cause: Cause::Failed,
            }),
        }
        progress(self, &receipts);
    }

    fn refuse(&mut self, record: RefusedRecord) {
        self.refused += 1;
        let not_allowed = Refusal::NotAllowed.code();
        let again = record.cause.code() == not_allowed && self.reasons.contains_key(not_allowed);
        *self.reasons.entry(record.cause.code()).or_default() += 1;
        // Of what the role does not allow one says it all.
        if !again && self.refusals.len() < IMPORT_REFUSALS_NAMED_MAX {
            self.refusals.push(record);
        }
    }
}

async fn bring_in(
    client: DirectoryServiceClient<Channel>,
    token: String,
    listed: Box<Listed>,
) -> Brought {
    let place = listed.place;
    let service = listed.service;
    match register_or_update(client, &token, *listed).await {
        Ok(brought) => brought,
        Err(status) => Brought::Refused(RefusedRecord {
            place,
            id: Some(service.to_string()),
            cause: refused(&status)
                .map_or(Cause::Failed, |no| Cause::Refused(no.refusal, no.about)),
        }),
    }
}

async fn register_or_update(
    mut client: DirectoryServiceClient<Channel>,
    token: &str,
    listed: Listed,
) -> Result<Brought, Status> {
    let service_id = listed.service.to_string();
    let entry = entry_to_wire(&listed.entry, &listed.fees);
    let asked = words::RegisterServiceRequest {
        meta: Some(meta(None)),
        service_id: service_id.clone(),
        entry: Some(entry.clone()),
    };
    match client.register_service(with_token(token, asked)).await {
        Ok(answer) => {
            let outcome = answer.into_inner().outcome.unwrap_or_default();
            return Ok(Brought::In(outcome));
        }
        Err(status) if is(&status, Refusal::AlreadyExists) => {}
        Err(status) => return Err(status),
    }

    let asked = words::GetServiceRequest {
        service_id: service_id.clone(),
    };
    let there = client.get_service(with_token(token, asked)).await?;
    let there = there.into_inner().service.unwrap_or_default();
    if there.entry.as_ref() == Some(&entry) {
        return Ok(Brought::Same);
    }
    let asked = words::UpdateServiceRequest {
        meta: Some(meta(Some(there.version))),
        service_id,
        entry: Some(entry),
    };
    match client.update_service(with_token(token, asked)).await {
        Ok(answer) => {
            let outcome = answer.into_inner().outcome.unwrap_or_default();
            Ok(Brought::Changed(outcome))
        }
        Err(status) if is(&status, Refusal::NothingToDo) => Ok(Brought::Same),
        Err(status) => Err(status),
    }
}

fn is(status: &Status, refusal: Refusal) -> bool {
    refused(status).is_some_and(|no| no.refusal == refusal)
}

fn meta(expected_version: Option<u64>) -> CommandMeta {
    let entropy: &mut dyn Entropy = &mut SystemEntropy;
    CommandMeta {
        request_id: RequestId::fresh(entropy).to_string(),
        expected_version,
        occurred_at: None,
    }
}

/// A day as the API writes it, `YYYY-MM-DD`.
pub fn written(day: Day) -> Option<String> {
    let seconds = i64::try_from(u64::from(day.0) * (DAY_MS / 1000)).ok()?;
    let date = time::OffsetDateTime::from_unix_timestamp(seconds)
        .ok()?
        .date();
    let format = time::macros::format_description!("[year]-[month]-[day]");
    date.format(format).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_a_date() {
        assert_eq!(written(Day(16_071)).as_deref(), Some("2014-01-01"));
        assert_eq!(written(Day(0)).as_deref(), Some("1970-01-01"));
    }
}
