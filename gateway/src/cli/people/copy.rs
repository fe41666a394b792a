//! `protection copy`: what is recorded about a person, as data or as a page for them.
//!
//! - The page holds personal data: its file is new, and nobody but its owner reads it.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use clap::Args;
use ledger::domain::codes::ViewPurpose;
use serde::Serialize;
use serde_json::{Value, json};

use super::shared::uuid;
use crate::cli::call::{Call, Meta};
use crate::cli::connection::Connection;
use crate::cli::failure::Failure;
use crate::cli::output::say;
use crate::page::copy::page;

/// Flags of `protection copy`.
#[derive(Args, Serialize)]
pub(crate) struct Copy {
    /// Of which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Of this referral only
    #[arg(long, value_parser = uuid, value_name = "UUID", conflicts_with = "html")]
    referral_id: Option<String>,
    /// Write it to this new file as a page that the person can read and print
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    html: Option<PathBuf>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// A page of a case that is to be written.
pub(crate) struct Paper {
    case: String,
    path: PathBuf,
}

impl Copy {
    /// The call that this asks for, and the page if one is wanted.
    pub(crate) fn ask(&self) -> Result<(Call, Option<Paper>), Failure> {
        let mut call = Call::command(VIEW_PERSONAL_DATA, self, &self.meta)?;
        if let Some(fields) = call.body.as_object_mut() {
            let purpose = ViewPurpose::CopyForPerson.code();
            fields.insert("purpose".to_owned(), purpose.into());
        }
        let paper = self.html.clone().map(|path| Paper {
            case: self.case_id.clone(),
            path,
        });
        if let Some(paper) = &paper
            && paper.path.exists()
        {
            let there = format!("{} is there already; name a new file", paper.path.display());
            return Err(Failure::Usage(there));
        }
        Ok((call, paper))
    }
}

impl Paper {
    /// Writes the page of what a server answered, with the consents of the case.
    pub(crate) async fn write(
        &self,
        connection: &Connection,
        answer: &Value,
    ) -> Result<(), Failure> {
        let parts = answer.get("parts").and_then(Value::as_array);
        let consents = self.consents(connection).await?;
        let made = page(&self.case, parts.map_or(&[], Vec::as_slice), &consents);
        let made = made.map_err(|error| Failure::Broken(format!("no page: {error}")))?;
        keep_private(&self.path, &made)?;
        say("Read the page before you hand it over: what it says of other people may be theirs.");
        Ok(())
    }

    async fn consents(&self, connection: &Connection) -> Result<Vec<Value>, Failure> {
        let mut all = Vec::new();
        let mut token = String::new();
        loop {
            let question = json!({ "case_id": self.case, "page": { "page_token": token } });
            let answer = connection
                .call(Call::question(CONSENTS, &question)?)
                .await?;
            let some = answer.get("consents").and_then(Value::as_array);
            all.extend(some.into_iter().flatten().cloned());
            let next = answer.pointer("/page/next_page_token");
            match next.and_then(Value::as_str) {
                Some(next) if !next.is_empty() => token = next.to_owned(),
                Some(_) | None => return Ok(all),
            }
        }
    }
}

fn keep_private(path: &Path, text: &str) -> Result<(), Failure> {
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(OWNER_ONLY)
        .open(path);
    made.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| {
            let what = format!("recorded as seen, but {} cannot be written", path.display());
            Failure::Broken(format!("{what}: {error}; repeat it with another file"))
        })
}

const OWNER_ONLY: u32 = 0o600;
const VIEW_PERSONAL_DATA: &str = "referral.tracking.v1.TrackingService/ViewPersonalData";
const CONSENTS: &str = "referral.consent.v1.ConsentService/ListConsents";
