//! Reads a directory of services in the field's open standard, Open Referral HSDS 3.0.
//!
//! - Records are read one at a time, so that a large file is never in memory whole.
//! - Each record comes in or is refused by itself, with its place, its id and a code.
//! - Ids: a UUID is taken as it is. Any other id becomes the first 16 bytes of
//!   `SHA-256("referral-ledger/hsds/v1" 0x00 organisation id 0x00 service id)`, with the version
//!   and variant bits of a UUID version 8 (RFC 9562), so that the same file gives the same ids.
//! - Published files repeat ids: the UNHCR Jordan file has 13 ids that stand for two services each.
//!   The first keeps the id; a later one of another *name* gets the derived id of organisation id,
//!   service id and name. The same id, name and content is a repetition; the same id and name with
//!   other content is refused, because nobody can say which of the two holds.

mod details;
mod entry;
mod export;
mod fees;
mod fields;
mod import;
mod needs;
mod problem;
mod split;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufRead};

use ledger::clock::Day;
use ledger::domain::event::{PublicText, ServiceEntry};
use ledger::domain::fees::FeeOption;
use ledger::domain::ids::{OrganisationId, ServiceId};
use ledger::limits::{DIRECTORY_RECORDS_MAX, SERVICE_ITEM_BYTES_MAX};
use serde_json::Value;
use sha2::{Digest, Sha256};

use self::entry::Runner;
pub use self::export::{PROFILE_PATCH, hsds};
use self::fields::Fields;
pub use self::import::{ImportReport, Progress, import, written};
pub use self::problem::{Cause, Kind, Problem, RefusedRecord};
use self::split::{Piece, Splitter};

/// The directory of invented services that the project wrote itself, in HSDS 3.0.
pub const OWN_DIRECTORY: &str = include_str!("../../data/directory.json");

/// A service as it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its place in the file, from 1.
    pub place: u64,
    /// Which.
    pub service: ServiceId,
    /// What the file says.
    pub entry: ServiceEntry,
    /// What it costs.
    pub fees: Vec<FeeOption>,
}

/// What was found where a record stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A service.
    Service(Box<Listed>),
    /// The very same record as an earlier one.
    Repetition,
    /// A record that cannot come in.
    Refused(RefusedRecord),
}

/// Reads the records of one file.
pub struct DirectoryReader<R> {
    splitter: Splitter<R>,
    today: Day,
    place: u64,
    unknown_fields: u64,
    organisation_names: BTreeMap<OrganisationId, String>,
    /// Digests of name and content of every record read, to notice repetitions.
    seen: HashMap<ServiceId, Seen>,
}

impl<R: BufRead> DirectoryReader<R> {
    /// Starts reading; dates after `today` are refused.
    pub fn new(input: R, today: Day) -> Self {
        Self {
            splitter: Splitter::new(input),
            today,
            place: 0,
            unknown_fields: 0,
            organisation_names: BTreeMap::new(),
            seen: HashMap::new(),
        }
    }

    /// The next record, or nothing at the end of the file.
    pub fn next_found(&mut self) -> io::Result<Option<Found>> {
        if self.place >= DIRECTORY_RECORDS_MAX {
            return Ok(None);
        }
        let Some(piece) = self.splitter.next_piece()? else {
            return Ok(None);
        };
        self.place += 1;
        if self.place == DIRECTORY_RECORDS_MAX {
            return Ok(Some(
                self.refused(None, Problem::of(Kind::TooManyRecords, "")),
            ));
        }
        let value = match piece {
            Piece::Whole(bytes) => serde_json::from_slice::<Value>(&bytes).ok(),
            Piece::Broken => None,
            Piece::TooLarge => {
                return Ok(Some(
                    self.refused(None, Problem::of(Kind::RecordTooLarge, "")),
                ));
            }
        };
        let Some(value) = value else {
            return Ok(Some(self.refused(None, Problem::of(Kind::NotJson, ""))));
        };
        Ok(Some(self.record(&value).unwrap_or_else(|problem| {
            let id = value.get("id").and_then(Value::as_str);
            self.refused(id, problem)
        })))
    }

    /// How many fields so far are not of the standard. They are passed over.
    pub fn unknown_fields(&self) -> u64 {
        self.unknown_fields
    }

    fn record(&mut self, value: &Value) -> Result<Found, Problem> {
        let record = Fields::of(value, "")?;
        let id = record.required("id", SERVICE_ITEM_BYTES_MAX)?;
        let name = record.required("name", SERVICE_ITEM_BYTES_MAX)?;
        let (runner, runner_id) = self.runner(record)?;
        let unknown = record.unknown(SERVICE_FIELDS);
        let entry = entry::read(record, name.clone(), runner, self.today)?;
        let fees = fees::read(record, &entry)?;
        let seen = Seen {
            name: Sha256::digest(&name).into(),
            content: Sha256::digest(value.to_string()).into(),
        };
        let own = id
            .parse()
            .unwrap_or_else(|_| ServiceId(derived(&[&runner_id, &id])));
        let other = ServiceId(derived(&[&runner_id, &id, &name]));
        let service = match (self.seen.get(&own), self.seen.get(&other)) {
            (None, _) => own,
            (Some(before), _) | (_, Some(before)) if *before == seen => {
                return Ok(Found::Repetition);
            }
            (Some(before), None) if before.name != seen.name => other,
            (Some(_), _) => return Err(Problem::of(Kind::Repeated, "id")),
        };
        self.seen.insert(service, seen);
        self.unknown_fields = self.unknown_fields.saturating_add(unknown);
        let place = self.place;
        Ok(Found::Service(Box::new(Listed {
            place,
            service,
            entry,
            fees,
        })))
    }

    /// The organisation of a record: its id, its name (here or in an earlier record), its own word.
    fn runner(&mut self, record: Fields<'_>) -> Result<(Runner, String), Problem> {
        let inline = record.object("organization")?;
        let (written, name, also) = match inline {
            Some(organisation) => (
                organisation.required("id", SERVICE_ITEM_BYTES_MAX)?,
                organisation.text("name", SERVICE_ITEM_BYTES_MAX)?,
                organisation.text("alternate_name", SERVICE_ITEM_BYTES_MAX)?,
            ),
            None => (
                record.required("organization_id", SERVICE_ITEM_BYTES_MAX)?,
                None,
                None,
            ),
        };
        let id = written
            .parse()
            .unwrap_or_else(|_| OrganisationId(derived(&[&written])));
        if let Some(name) = &name {
            self.organisation_names.insert(id, name.clone());
        }
        let known = name.or_else(|| self.organisation_names.get(&id).cloned());
        let name = known.unwrap_or_default();
        let also = PublicText(also.unwrap_or_default());
        Ok((Runner { id, name, also }, written))
    }

    fn refused(&self, id: Option<&str>, problem: Problem) -> Found {
        // Only an id in the form of a UUID is repeated: anything else could be any text.
        let id = id.and_then(|id| id.parse::<ServiceId>().ok());
        Found::Refused(RefusedRecord {
            place: self.place,
            id: id.map(|id| id.to_string()),
            cause: Cause::Unread(problem),
        })
    }
}

/// How many records a file has, whole or not, for a progress bar.
pub fn count_records(input: impl BufRead) -> io::Result<u64> {
    let mut splitter = Splitter::new(input);
    let mut count = 0;
    while count < DIRECTORY_RECORDS_MAX && splitter.next_piece()?.is_some() {
        count += 1;
    }
    Ok(count)
}

/// What is remembered of a record that was read.
#[derive(PartialEq, Eq)]
struct Seen {
    name: [u8; 32],
    content: [u8; 32],
}

/// A stable id made of the ids that a file uses.
fn derived(parts: &[&str]) -> [u8; 16] {
    let mut hash = Sha256::new_with_prefix(b"referral-ledger/hsds/v1");
    for part in parts {
        hash.update([0]);
        hash.update(part);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut bytes = [0_u8; 16];
    for (byte, of_digest) in bytes.iter_mut().zip(digest) {
        *byte = of_digest;
    }
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut bytes;
    *version = (*version & 0x0f) | 0x80;
    *variant = (*variant & 0x3f) | 0x80;
    bytes
}

/// The fields of an HSDS 3.0 service, read or not (CC BY-SA 4.0 text is not copied; names only).
const SERVICE_FIELDS: &[&str] = &[
    "id",
    "organization_id",
    "organization",
    "program_id",
    "program",
    "name",
    "alternate_name",
    "description",
    "url",
    "additional_urls",
    "email",
    "status",
    "interpretation_services",
    "application_process",
    "fees_description",
    "wait_time",
    "fees",
    "accreditations",
    "eligibility_description",
    "minimum_age",
    "maximum_age",
    "assured_date",
    "assurer_email",
    "licenses",
    "alert",
    "last_modified",
    "phones",
    "schedules",
    "service_areas",
    "service_at_locations",
    "locations",
    "languages",
    "funding",
    "cost_options",
    "required_documents",
    "contacts",
    "capacities",
    "attributes",
    "metadata",
    // Ours: `gateway/data/hsds-profile/service.json`.
    details::PROFILE,
];

#[cfg(test)]
mod export_tests;
#[cfg(test)]
mod import_tests;
#[cfg(test)]
mod tests;
