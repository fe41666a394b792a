//! `mechanism draw` and `directory print`: pathways and the directory on paper.
//!
//! - The server decides what a page may hold. The community edition is asked of it as such: what is
//!   confidential never arrives here, whoever asks.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use ledger::clock::{Clock, SystemClock};
use ledger::domain::codes::Need;
use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::call::{Call, codes};
use crate::cli::connection::Connection;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::private;
use crate::limits::PAGE_ITEMS_MAX;
use crate::page::booklet::{self, Printing};
use crate::page::labels::{Labels, is_easy_read, primary};
use crate::page::pathways;
use crate::wire::time::day_to_wire;

/// Flags of `mechanism draw`.
#[derive(Args, Clone, Serialize)]
pub(crate) struct Draw {
    #[command(flatten)]
    #[serde(skip)]
    paper: Paper,
    /// Only from this need
    #[arg(long, value_parser = codes(Need::ALL, Need::code))]
    need: Option<String>,
    /// Only for an area with these words, and for all areas
    #[arg(long)]
    area: Option<String>,
    /// Only for a group with these words, and for everybody
    #[arg(long)]
    group: Option<String>,
}

/// Flags of `directory print`.
#[derive(Args, Clone, Serialize)]
pub(crate) struct Booklet {
    #[command(flatten)]
    #[serde(skip)]
    paper: Paper,
    /// Only what answers this need
    #[arg(long, value_parser = codes(Need::ALL, Need::code))]
    #[serde(skip)]
    need: Option<String>,
    /// Only where a location contains this text
    #[arg(long)]
    location: Option<String>,
}

/// What a page looks like, and where it goes.
#[derive(Args, Clone)]
struct Paper {
    /// The new file: a page (HTML) to read, and to print on A4
    file: PathBuf,
    /// For whom: a community edition holds no shelters and may hang on a wall
    #[arg(long, value_enum, default_value_t = Edition::Community)]
    edition: Edition,
    /// In which language (BCP 47: en, fr, ar); what is not held in it says so
    #[arg(long = "in", value_name = "LANGUAGE", default_value = "en", value_parser = language)]
    language: String,
    /// Easy to read: the easy-read texts, less, and in larger letters
    #[arg(long)]
    easy_read: bool,
}

/// For whom something is printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Edition {
    /// Everybody: without confidential entries, whoever prints it
    Community,
    /// Staff: with the confidential entries that you may see
    Staff,
}

/// Draws pathways.
pub(crate) async fn draw(
    connection: &Connection,
    draw: &Draw,
    output: Output,
) -> Result<(), Failure> {
    let paper = &draw.paper;
    private::new_name(&paper.file)?;
    let asked = paper.asked(Call::question(PATHWAYS, draw)?);
    let pathways = all(connection, &asked, "pathways").await?;
    let mut services = BTreeMap::new();
    for id in pathways::services_of(&pathways) {
        let asked = Call::question(SERVICE, &json!({ "service_id": id }))?;
        let answer = connection.call(asked).await?;
        if let Some(service) = answer.get("service").filter(|it| leads_there(it)) {
            services.insert(id, service.clone());
        }
    }
    let how = paper.printing();
    let printed = pathways::page(&pathways, &services, &how).map_err(unmade)?;
    write(&paper.file, &printed.html)?;
    output.show(&json!({
        "pathways": printed.pathways,
        "in_another_language": printed.in_another_language,
        "our_words_in": Labels::of(&how.language).language,
    }))
}

/// Prints the directory.
pub(crate) async fn print(
    connection: &Connection,
    booklet: &Booklet,
    output: Output,
) -> Result<(), Failure> {
    let paper = &booklet.paper;
    private::new_name(&paper.file)?;
    let asked = paper.asked(Call::question(SERVICES, booklet)?);
    let mut services = all(connection, &asked, "services").await?;
    services.retain(leads_there);
    let mut answering = BTreeMap::new();
    let wanted = booklet.need.as_deref().and_then(Need::from_code);
    for need in Need::ALL.iter().filter(|need| **need != Need::Other) {
        let mut of_need = Call {
            path: asked.path,
            body: asked.body.clone(),
        };
        set(&mut of_need, "need", json!(need.code()));
        let found = all(connection, &of_need, "services").await?;
        let ids: BTreeSet<String> = found.iter().filter_map(id).collect();
        answering.insert(*need, ids);
    }
    if let Some(wanted) = wanted {
        let others: BTreeSet<String> = answering.values().flatten().cloned().collect();
        let kept = answering.get(&wanted).cloned();
        services.retain(|one| {
            let id = id(one).unwrap_or_default();
            kept.as_ref()
                .map_or_else(|| !others.contains(&id), |it| it.contains(&id))
        });
        // Under the other needs that they answer the same would stand again.
        answering.retain(|need, _| *need == wanted || wanted == Need::Other);
    }
    let how = paper.printing();
    let made = booklet::page(&services, &answering, &how).map_err(unmade)?;
    write(&paper.file, &made)?;
    output.show(&json!({
        "services": services.len(),
        "our_words_in": Labels::of(&how.language).language,
    }))
}

impl Paper {
    fn asked(&self, mut call: Call) -> Call {
        let community = self.edition == Edition::Community;
        set(&mut call, "community_edition", json!(community));
        call
    }

    fn printing(&self) -> Printing {
        Printing {
            language: self.language.clone(),
            easy: self.easy_read || is_easy_read(&self.language),
            staff: self.edition == Edition::Staff,
            made: day_to_wire(SystemClock.now().day()),
        }
    }
}

/// All rows of a list, page after page.
async fn all(connection: &Connection, call: &Call, rows: &str) -> Result<Vec<Value>, Failure> {
    let (mut found, mut token) = (Vec::new(), String::new());
    loop {
        let mut asked = Call {
            path: call.path,
            body: call.body.clone(),
        };
        let part = json!({ "page_size": PAGE_ITEMS_MAX, "page_token": token });
        set(&mut asked, "page", part);
        let answer = connection.call(asked).await?;
        let some = answer.get(rows).and_then(Value::as_array);
        found.extend(some.into_iter().flatten().cloned());
        let next = answer.pointer("/page/next_page_token");
        token = next.and_then(Value::as_str).unwrap_or_default().to_owned();
        if token.is_empty() {
            return Ok(found);
        }
    }
}

/// Whether anybody is told to go there: it goes on, and was not found unsafe.
fn leads_there(service: &Value) -> bool {
    let ended = service.get("retired") == Some(&Value::Bool(true));
    let unsafe_there = service.get("assessment") == Some(&json!("rejected"));
    !ended && !unsafe_there
}

fn set(call: &mut Call, field: &str, value: Value) {
    if let Some(fields) = call.body.as_object_mut() {
        fields.insert(field.to_owned(), value);
    }
}

fn id(service: &Value) -> Option<String> {
    Some(service.get("service_id")?.as_str()?.to_owned())
}

/// A language as BCP 47 writes it, as far as a page needs to know.
fn language(text: &str) -> Result<String, String> {
    let part =
        |it: &str| (1..=8).contains(&it.len()) && it.chars().all(|c| c.is_ascii_alphanumeric());
    let named = (2..=3).contains(&primary(text).len());
    if named && text.split('-').all(part) {
        Ok(text.to_owned())
    } else {
        Err("not a language such as en, fr or ar-SY".to_owned())
    }
}

fn write(path: &Path, page: &str) -> Result<(), Failure> {
    let written = private::file(path).and_then(|mut file| file.write_all(page.as_bytes()));
    written.map_err(|error| Failure::Broken(format!("cannot write {}: {error}", path.display())))
}

fn unmade(error: askama::Error) -> Failure {
    Failure::Broken(format!("no page could be made: {error}"))
}

const PATHWAYS: &str = "referral.directory.v1.DirectoryService/ListPathways";
const SERVICES: &str = "referral.directory.v1.DirectoryService/SearchServices";
const SERVICE: &str = "referral.directory.v1.DirectoryService/GetService";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_written_as_bcp_47_has_it() {
        for fine in ["en", "fr-CH", "ar", "prs", "en-easy", "zh-Hant-TW"] {
            assert_eq!(language(fine).as_deref(), Ok(fine));
        }
        for wrong in [
            "",
            "f",
            "french",
            "fr_CH",
            "fr-",
            "en\"><b>",
            "fr-toolonganame",
        ] {
            assert!(language(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn d5_nobody_is_sent_to_what_ended_or_is_unsafe() {
        assert!(leads_there(&json!({ "assessment": "approved" })));
        assert!(leads_there(&json!({ "assessment": "not_assessed" })));
        assert!(!leads_there(&json!({ "assessment": "rejected" })));
        assert!(!leads_there(
            &json!({ "assessment": "approved", "retired": true })
        ));
    }
}
