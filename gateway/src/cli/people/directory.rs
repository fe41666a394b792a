//! `directory`: services that people can be referred to.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use ledger::clock::SystemEntropy;
use ledger::domain::codes::{Assessment, AssessmentMethod, Availability, Criterion, Need};
use ledger::domain::ids::ServiceId;
use serde::Serialize;
use serde_json::json;

use super::Ask;
use super::inquiry::{self, AnswerInquiry, AskService, Inquiries};
use super::printed::Booklet;
use super::shared::{PageArgs, uuid};
use crate::cli::call::{Call, Meta, codes};
use crate::cli::export::Export;
use crate::cli::failure::Failure;

/// The directory of services.
#[derive(Subcommand)]
pub(crate) enum Directory {
    /// Bring in services from an Open Referral HSDS 3.0 file (array, or one object per line)
    Import(Import),
    /// Write the directory as Open Referral HSDS 3, with our profile of it
    #[command(after_help = EXPORT_EXAMPLE)]
    Export(Export),
    /// Print the directory by need and place, as a page for everybody or for staff
    #[command(after_help = PRINT_EXAMPLE)]
    Print(Booklet),
    /// Find services by words and properties
    Search(Search),
    /// Show one service
    Show(Show),
    /// Bring in one service, with its entry from --from FILE
    #[command(after_help = ENTRY_EXAMPLE)]
    Register(Register),
    /// Correct or confirm an entry, from --from FILE
    #[command(after_help = ENTRY_EXAMPLE)]
    Update(Update),
    /// Record an assessment; only an approved service gets referrals outside emergencies
    #[command(after_help = ASSESS_EXAMPLE)]
    Assess(Assess),
    /// Record what a service says of its places, and of which day
    #[command(after_help = PLACES_EXAMPLE)]
    Places(PlacesTold),
    /// Ask a service about a group of people, without a word about anybody
    #[command(after_help = ASK_EXAMPLE)]
    Ask(AskService),
    /// Answer what a service was asked, as the service or as it told you
    Answer(AnswerInquiry),
    /// List what your organisation asked, and what its services were asked
    Inquiries(Inquiries),
    /// End a service
    Retire(Retire),
}

impl Directory {
    /// What this asks for; an import is many calls.
    pub(super) fn ask(&self) -> Result<Ask, Failure> {
        let call = match self {
            Self::Import(it) => return Ok(Ask::Import(it.file.clone())),
            Self::Export(it) => return Ok(Ask::Export(it.clone())),
            Self::Print(it) => return Ok(Ask::Print(it.clone())),
            Self::Places(it) => Call::command(PLACES, it, &it.meta),
            Self::Search(it) => Call::question(SEARCH, it),
            Self::Show(it) => Call::question(GET, it),
            Self::Register(it) => {
                let mut call = Call::command(REGISTER, it, &it.meta)?;
                if let Some(fields) = call.body.as_object_mut() {
                    let fresh = || json!(ServiceId::fresh(&mut SystemEntropy).to_string());
                    fields.entry("service_id").or_insert_with(fresh);
                }
                Ok(call)
            }
            Self::Update(it) => Call::command(UPDATE, it, &it.meta),
            Self::Assess(it) => Call::command(ASSESS, it, &it.meta),
            Self::Ask(it) => Call::command(inquiry::ASK, it, &it.meta),
            Self::Answer(it) => Call::command(inquiry::ANSWER, it, &it.meta),
            Self::Inquiries(it) => Call::question(inquiry::INQUIRIES, it),
            Self::Retire(it) => Call::command(RETIRE, it, &it.meta),
        };
        call.map(Ask::Once)
    }
}

/// Flags of `directory import`.
#[derive(Args)]
pub(crate) struct Import {
    /// The file
    file: PathBuf,
}

/// Flags of `directory search`.
#[derive(Args, Serialize)]
pub(crate) struct Search {
    /// Words that must all stand in name, organisation, description, sectors or locations
    #[arg(value_name = "WORD")]
    #[serde(serialize_with = "joined")]
    text: Vec<String>,
    /// Only of a sector that answers this need
    #[arg(long, value_parser = codes(Need::ALL, Need::code))]
    need: Option<String>,
    /// Only of this sector
    #[arg(long)]
    sector: Option<String>,
    /// Only where a location contains this text
    #[arg(long)]
    location: Option<String>,
    /// Only where a language contains this text
    #[arg(long)]
    language: Option<String>,
    /// Only of this organisation
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    organisation_id: Option<String>,
    /// Only those that take referrals
    #[arg(long)]
    accepting_only: bool,
    /// Only with this assessment
    #[arg(long, value_parser = codes(Assessment::ALL, Assessment::code))]
    assessment: Option<String>,
    /// Also those that ended
    #[arg(long)]
    include_retired: bool,
    /// Only those that are due for review: an assessment is over, or nobody confirmed the entry
    #[arg(long)]
    due_only: bool,
    /// Only what may hang on a wall: no shelters, nothing unsafe or ended, no police or immigration
    #[arg(long)]
    community_edition: bool,
    #[command(flatten)]
    page: PageArgs,
}

/// Flags of `directory show`.
#[derive(Args, Serialize)]
pub(crate) struct Show {
    /// Which service
    #[arg(value_parser = uuid)]
    service_id: String,
}

/// Flags of `directory register`.
#[derive(Args, Serialize)]
pub(crate) struct Register {
    /// The new service's id; a fresh one if not said
    #[arg(long, value_parser = uuid, value_name = "UUID", requires = "from")]
    service_id: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `directory update`.
#[derive(Args, Serialize)]
pub(crate) struct Update {
    /// Which service
    #[arg(value_parser = uuid, requires = "from")]
    service_id: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `directory assess`.
#[derive(Args, Serialize)]
pub(crate) struct Assess {
    /// Which service
    #[arg(value_parser = uuid)]
    service_id: String,
    /// The result (required)
    #[arg(long, value_parser = codes(Assessment::ALL, Assessment::code))]
    #[arg(required_unless_present = "from")]
    assessment: Option<String>,
    /// The day it is due again (required)
    #[arg(long, value_name = "YYYY-MM-DD", required_unless_present = "from")]
    review_on: Option<String>,
    #[command(flatten)]
    how: How,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// How a service was assessed.
#[derive(Args, Serialize)]
struct How {
    /// How it was looked at
    #[arg(long, value_parser = codes(AssessmentMethod::ALL, AssessmentMethod::code))]
    method: Option<String>,
    /// What it is (repeat, or separate by commas)
    #[arg(long, value_parser = codes(Criterion::ALL, Criterion::code), value_delimiter = ',')]
    met: Vec<String>,
    /// What it is not (repeat, or separate by commas)
    #[arg(long, value_parser = codes(Criterion::ALL, Criterion::code), value_delimiter = ',')]
    unmet: Vec<String>,
    /// How many people who were referred there were asked what came of it; nobody is named
    #[arg(long, value_name = "N")]
    asked: Option<u32>,
    /// How many of them got what they were referred for
    #[arg(long, value_name = "N", requires = "asked")]
    helped: Option<u32>,
}

/// Flags of `directory places`.
#[derive(Args, Serialize)]
pub(crate) struct PlacesTold {
    /// Which service
    #[arg(value_parser = uuid)]
    service_id: String,
    #[command(flatten)]
    places: Told,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// What a service says of its places.
#[derive(Args, Serialize)]
struct Told {
    /// Whether it has any (required)
    #[arg(long, value_parser = codes(Availability::ALL, Availability::code))]
    #[arg(required_unless_present = "from")]
    availability: Option<String>,
    /// How many are free, where it says so
    #[arg(long, value_name = "N")]
    free: Option<u32>,
    /// How many there are
    #[arg(long, value_name = "N")]
    of: Option<u32>,
    /// The day that this was so (required)
    #[arg(long, value_name = "YYYY-MM-DD", required_unless_present = "from")]
    on: Option<String>,
}

/// Flags of `directory retire`.
#[derive(Args, Serialize)]
pub(crate) struct Retire {
    /// Which service
    #[arg(value_parser = uuid)]
    service_id: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

fn joined<S: serde::Serializer>(words: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&words.join(" "))
}

const ASK_EXAMPLE: &str = "\
Example:
  referral-ledger directory ask SERVICE --questions availability,fees --need legal --channel phone";

const REGISTER: &str = "referral.directory.v1.DirectoryService/RegisterService";
const UPDATE: &str = "referral.directory.v1.DirectoryService/UpdateService";
const ASSESS: &str = "referral.directory.v1.DirectoryService/AssessService";
const PLACES: &str = "referral.directory.v1.DirectoryService/ReportPlaces";
const RETIRE: &str = "referral.directory.v1.DirectoryService/RetireService";
const GET: &str = "referral.directory.v1.DirectoryService/GetService";
const SEARCH: &str = "referral.directory.v1.DirectoryService/SearchServices";
const EXPORT_EXAMPLE: &str = "Example:
  referral-ledger directory export services.json --profile safe-referral.service.json";
const PRINT_EXAMPLE: &str = "Example:
  referral-ledger directory print services.html --in fr --location Rivertown";
const PLACES_EXAMPLE: &str = "Example:
  referral-ledger directory places 2330fcf1-562a-44b8-8866-8d77e827062c \\
    --availability limited --free 2 --of 10 --on 2026-11-20";
const ASSESS_EXAMPLE: &str = "Example:
  referral-ledger directory assess 2330fcf1-562a-44b8-8866-8d77e827062c \\
    --assessment approved --review-on 2027-05-20 --method visit \\
    --met regardless_of_status,staff_vetted,safe_premises --unmet complaints";
const ENTRY_EXAMPLE: &str = concat!(
    "An example of FILE (`assured_on`, a day, and `confidential` may stand there too):\n",
    include_str!("../examples/service.json"),
);
