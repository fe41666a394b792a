//! The story of five invented people, told through the real gRPC API.
//!
//! - Nothing goes round the API: every step is a call by a member of staff with a token.
//! - Attempts that must be refused are part of it; one that is not refused ends the story in an
//!   error.
//! - A second start goes on where the first one ended and adds nothing twice.

mod at_risk;
mod desk;
mod error;
mod ibrahim;
mod looking;
mod mary;
mod refuses;
mod staff;
mod state;
mod story;
mod teller;
mod withdraws;
mod words;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor};
use std::path::{Path, PathBuf};

use ledger::clock::{Clock, DAY_MS, SystemClock};
use ledger::domain::codes::Role;
use ledger::domain::ids::{OrganisationId, ServiceId, StaffId};
use proto::admin::v1 as admin;
use proto::admin::v1::admin_service_client::AdminServiceClient;
use proto::common::v1::Assessment;
use proto::directory::v1::AssessServiceRequest;
use serde::Serialize;
use tonic::transport::{Channel, Endpoint};
use zeroize::Zeroizing;

use self::desk::Desk;
pub use self::error::DemoError;
use self::staff::Staff;
use self::state::State;
use self::story::Story;
use self::teller::Teller;
use crate::answer::with_token;
use crate::directory::{self, DirectoryReader, Found, ImportReport, OWN_DIRECTORY};
use crate::text;

/// How the story is to be told.
pub struct StoryOptions {
    /// The ledger's folder: state, receipts and the log's key go there.
    pub data: PathBuf,
    /// A directory file to bring in besides the invented services.
    pub directory: Option<PathBuf>,
    /// Where the server listens, for example `http://127.0.0.1:50051`.
    pub endpoint: String,
    /// The first administrator's token; see [`first_persons`].
    pub admin_token: Zeroizing<String>,
    /// Whether stdout is for one JSON object, so that the cards are not told on stderr.
    pub json: bool,
}

/// One of the first two persons, as this folder remembers them.
pub struct FirstPerson {
    /// Who.
    pub staff: StaffId,
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// The name to register; invented, and says so.
    pub name: &'static str,
    /// As what.
    pub role: Role,
    /// The bearer token, whose SHA-256 the founder issues.
    pub token: Zeroizing<String>,
}

/// What the story came to. The keys are names that scripts rely on.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// What the import came to.
    pub directory: DirectorySummary,
    /// Cases in the ledger.
    pub cases: u64,
    /// Referrals in the ledger.
    pub referrals: u64,
    /// Events in the log.
    pub events: u64,
    /// Attempts of the story that were refused, as they should be.
    pub refusals: u64,
    /// Leaf keys that were destroyed.
    pub shredded: u64,
    /// The newest signed checkpoint.
    pub checkpoint: String,
    /// One card per role, for people.
    #[serde(skip)]
    pub cards: Vec<RoleCard>,
}

/// What an import came to.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct DirectorySummary {
    /// Services that came in.
    pub imported: u64,
    /// Services that were there already, changed or not.
    pub existing: u64,
    /// Records that were refused.
    pub refused: u64,
}

/// A role's way in: a token and a call to paste.
#[derive(Clone)]
pub struct RoleCard {
    /// The role.
    pub role: String,
    /// Who has it in the story.
    pub name: String,
    /// Their token.
    pub token: Zeroizing<String>,
    /// A call to paste.
    pub call: String,
}

impl std::fmt::Debug for RoleCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RoleCard({}, hidden)", self.role)
    }
}

/// The second person and the first administrator of a demo folder: made and remembered at the first
/// asking, so that a crash between registering and telling locks nobody out. The caller registers
/// them as founder if they are not there yet.
pub fn first_persons(data: &Path) -> Result<[FirstPerson; 2], DemoError> {
    let mut state = State::open(data)?;
    let mut person = |known_as: &'static str, name, role| {
        let (staff, token) = state.staff(known_as)?;
        Ok::<_, DemoError>(FirstPerson {
            staff: staff.parse().map_err(|_| DemoError::Missing(known_as))?,
            organisation: staff::RIVERSIDE,
            name,
            role,
            token,
        })
    };
    Ok([
        person(
            "ines",
            "Ines Example (invented)",
            Role::DataProtectionOfficer,
        )?,
        person(
            "administrator",
            "First Administrator Example (invented)",
            Role::Administrator,
        )?,
    ])
}

/// Tells the whole story against a running server.
pub async fn run(options: StoryOptions) -> Result<Summary, DemoError> {
    let mut story = begin(&options).await?;
    let administrator = Desk {
        channel: story.channel.clone(),
        token: options.admin_token.clone(),
        staff: String::new(),
    };
    let before = looking::checkpoint(&administrator).await?;
    story.prepare_receipts(&before.vkey)?;

    let staff = staff::gather(&mut story, administrator).await?;
    let directory = bring_directory(&mut story, &staff, options.directory.as_deref()).await?;
    mary::tell(&mut story, &staff).await?;
    ibrahim::tell(&mut story, &staff).await?;
    refuses::tell(&mut story, &staff).await?;
    withdraws::tell(&mut story, &staff).await?;
    at_risk::tell(&mut story, &staff).await?;

    let mut summary = sum_up(&story, &staff, directory).await?;
    let after = story.prove_growth(&staff.tomas, &before).await?;
    let cases = story.cases()?;
    story
        .fetch_receipts(&staff.tomas, &cases, after.size)
        .await?;
    let receipts = story.check_receipts()?;
    story.teller.chapter("Proof");
    let words = "All receipts verify offline with log.vkey, old ones and those of destroyed data \
                 too; the log only grew:";
    story
        .teller
        .say(&format!("{words} {} receipts.", receipts.len()));
    summary.events = after.size;
    summary.checkpoint = after.checkpoint;
    let code = story.made("ibrahim.open", "client_code")?;
    let case = story.made("selam.open", "case_id")?;
    summary.cards = staff.cards(&options.endpoint, &code, &case);
    if !options.json {
        story.teller.cards(&summary.cards);
    }
    Ok(summary)
}

async fn begin(options: &StoryOptions) -> Result<Story, DemoError> {
    let endpoint = Endpoint::from_shared(options.endpoint.clone());
    let endpoint = endpoint.map_err(|_| DemoError::Missing("endpoint"))?;
    let channel = endpoint.connect().await;
    let channel: Channel = channel.map_err(|error| io::Error::other(error.to_string()))?;
    let administrator = Desk {
        channel: channel.clone(),
        token: options.admin_token.clone(),
        staff: String::new(),
    };
    let vkey = looking::checkpoint(&administrator).await?.vkey;
    let state = State::open(&options.data)?;
    Ok(Story {
        data: options.data.clone(),
        channel,
        now: state.begun(),
        state,
        teller: Teller::new(),
        key: vkey
            .trim()
            .parse()
            .map_err(|_| DemoError::Missing("vkey"))?,
        services: own_services()?,
    })
}

/// Id and organisation of the invented services, by name.
fn own_services() -> Result<BTreeMap<String, (ServiceId, OrganisationId)>, DemoError> {
    let mut reader = own_directory();
    let mut services = BTreeMap::new();
    while let Some(found) = reader.next_found()? {
        if let Found::Service(listed) = found {
            let ids = (listed.service, listed.entry.organisation);
            services.insert(listed.entry.name.0, ids);
        }
    }
    Ok(services)
}

fn own_directory() -> DirectoryReader<Cursor<&'static [u8]>> {
    DirectoryReader::new(
        Cursor::new(OWN_DIRECTORY.as_bytes()),
        SystemClock.now().day(),
    )
}

/// Brings in the invented services, which the story's people go to, and the file if one was given.
/// Invented people are never referred to real organisations: the file's services are only listed.
async fn bring_directory(
    story: &mut Story,
    staff: &Staff,
    file: Option<&Path>,
) -> Result<DirectorySummary, DemoError> {
    story.teller.chapter("Directory");
    let total = directory::count_records(OWN_DIRECTORY.as_bytes())?;
    let own = bring_in(
        story,
        &staff.lea,
        "invented services",
        total,
        own_directory(),
    )
    .await?;
    let mut counted = own;
    if let Some(path) = file {
        let total = directory::count_records(BufReader::new(File::open(path)?))?;
        let input = BufReader::new(File::open(path)?);
        let reader = DirectoryReader::new(input, SystemClock.now().day());
        counted = bring_in(story, &staff.lea, "services of the file", total, reader).await?;
    }
    let review_on = directory::written(story.now.plus_ms(365 * DAY_MS).day());
    let services = story.services.clone();
    for (name, (id, _)) in services {
        if name == NOT_ASSESSED {
            continue;
        }
        let assess = AssessServiceRequest {
            meta: None,
            service_id: id.to_string(),
            assessment: Assessment::Approved.into(),
            review_on: review_on.clone().unwrap_or_default(),
            how: None,
        };
        let words = format!("Assessed and approved: {name}.");
        story
            .step(&staff.lea, &format!("assess.{id}"), &words, assess)
            .await?;
    }
    Ok(DirectorySummary {
        imported: counted.imported,
        existing: counted.existing + counted.updated,
        refused: counted.refused,
    })
}

async fn bring_in<R: BufRead + Send + 'static>(
    story: &mut Story,
    coordinator: &Desk,
    what: &str,
    total: u64,
    reader: DirectoryReader<R>,
) -> Result<ImportReport, DemoError> {
    story.teller.begin_long_part(what, total);
    let mut failed = None;
    let channel = story.channel.clone();
    let told = &*story;
    let mut progress = |report: &ImportReport, receipts: &[proto::common::v1::Receipt]| {
        told.teller
            .advance(report.imported + report.existing + report.updated + report.refused);
        if let Err(error) = told.keep_receipts(receipts) {
            failed.get_or_insert(error);
        }
    };
    let report = directory::import(channel, &coordinator.token, reader, &mut progress).await?;
    story.teller.end_long_part();
    failed.map_or(Ok(()), Err)?;
    story.teller.say(&format!(
        "{what}: {} came in, {} were there already, {} changed, {} were refused.",
        report.imported, report.existing, report.updated, report.refused
    ));
    for record in report.refusals.iter().take(REFUSED_RECORDS_TOLD) {
        let why = text::not_imported(&record.cause);
        story.teller.say(&format!("{record}: {why}"));
    }
    Ok(report)
}

async fn sum_up(
    story: &Story,
    staff: &Staff,
    directory: DirectorySummary,
) -> Result<Summary, DemoError> {
    let desk = &staff.administrator;
    let mut client = AdminServiceClient::new(desk.channel.clone());
    let status = client
        .get_status(with_token(&desk.token, admin::GetStatusRequest {}))
        .await;
    let status = status
        .map_err(|status| DemoError::of("status", &status))?
        .into_inner();
    let asked = admin::GetCountsRequest {
        at_least_position: status.size.checked_sub(1),
    };
    let counts = client.get_counts(with_token(&desk.token, asked)).await;
    let counts = counts
        .map_err(|status| DemoError::of("counts", &status))?
        .into_inner();
    let count = |name: &str| {
        let of_name = counts.counts.iter().find(|count| count.event_name == name);
        of_name.map_or(0, |count| count.count)
    };
    Ok(Summary {
        directory,
        cases: count("CaseOpened"),
        referrals: count("ReferralDrafted"),
        events: status.size,
        refusals: story.state.refusals(),
        shredded: status.shredded_leaves,
        checkpoint: status.checkpoint,
        cards: Vec::new(),
    })
}

/// The one invented service that nobody has assessed.
const NOT_ASSESSED: &str = "Neighbours who help";
/// Refused records that the story names; the import's report has them all.
const REFUSED_RECORDS_TOLD: usize = 10;

#[cfg(test)]
mod tests;
