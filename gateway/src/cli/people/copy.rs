//! `protection copy`: what is recorded about a person, as data or as a page for them.
//!
//! - The page holds personal data: its file is new, and nobody but its owner reads it.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use ledger::clock::{Clock as _, SystemClock};
use ledger::domain::codes::ViewPurpose;
use serde::Serialize;
use serde_json::{Value, json};

use super::shared::uuid;
use crate::cli::call::{Call, Meta};
use crate::cli::connection::Connection;
use crate::cli::failure::Failure;
use crate::cli::output::say;
use crate::cli::private;
use crate::page::copy::page;
use crate::wire::time::moment_to_text;

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
        if let Some(paper) = &paper {
            private::new_name(&paper.path)?;
        }
        Ok((call, paper))
    }
}

impl Paper {
    /// Writes the page of what a server answered, with what the case says of itself.
    pub(crate) async fn write(
        &self,
        connection: &Connection,
        answer: &Value,
    ) -> Result<(), Failure> {
        let question = json!({ "case_id": self.case });
        let case = connection
            .call(Call::question(GET_CASE, &question)?)
            .await?;
        let case = case.get("case_record").unwrap_or(&Value::Null);
        let parts = answer.get("parts").and_then(Value::as_array);
        let now = moment_to_text(SystemClock.now());
        let made = page(case, parts.map_or(&[], Vec::as_slice), &now);
        let made = made.map_err(|error| Failure::Broken(format!("no page: {error}")))?;
        keep_private(&self.path, &made)?;
        say(
            "Read the page before you hand it over. Parts about other people, and the reasons of \
             exceptions, are not on it; `--json` shows all.",
        );
        Ok(())
    }
}

fn keep_private(path: &Path, text: &str) -> Result<(), Failure> {
    let made = private::file(path).and_then(|mut file| file.write_all(text.as_bytes()));
    made.map_err(|error| {
        let what = format!("recorded as seen, but {} cannot be written", path.display());
        Failure::Broken(format!("{what}: {error}; repeat it with another file"))
    })
}

const VIEW_PERSONAL_DATA: &str = "referral.tracking.v1.TrackingService/ViewPersonalData";
const GET_CASE: &str = "referral.tracking.v1.TrackingService/GetCase";
