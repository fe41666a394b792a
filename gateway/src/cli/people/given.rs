//! `protection disclosed`: what left, to whom, when and on which ground; listed, or as a page that
//! the person can be given.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use ledger::clock::{Clock, SystemClock};
use serde::Serialize;
use serde_json::{Value, json};

use super::shared::{PageArgs, uuid};
use crate::cli::answer;
use crate::cli::call::{Call, moment};
use crate::cli::connection::Connection;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::private;
use crate::limits::PAGE_ITEMS_MAX;
use crate::page::given::page;
use crate::wire::time::day_to_wire;

/// Flags of `protection disclosed`.
#[derive(Args, Serialize)]
pub(crate) struct Disclosed {
    /// Of this case
    #[arg(value_parser = uuid)]
    case_id: Option<String>,
    /// To this recipient, over all cases that you may read
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    recipient_id: Option<String>,
    /// Not before (2026-11-22T09:30:00Z or 2026-11-22)
    #[arg(long, value_name = "TIME", value_parser = moment)]
    from: Option<String>,
    /// Before this
    #[arg(long, value_name = "TIME", value_parser = moment)]
    until: Option<String>,
    /// Write all of a case to this new file as a page that the person can read and print; hand it
    /// over only where that is safe
    #[arg(long, value_name = "FILE", requires = "case_id")]
    #[serde(skip)]
    html: Option<PathBuf>,
    #[command(flatten)]
    page: PageArgs,
}

impl Disclosed {
    /// The question that this asks, and the page that is made of all answers, if any.
    pub(crate) fn ask(&self) -> Result<(Call, Option<PathBuf>), Failure> {
        if let Some(path) = &self.html {
            private::new_name(path)?;
        }
        Ok((Call::question(DISCLOSED, self)?, self.html.clone()))
    }
}

/// Asks, and shows a part of the list or makes the page of the whole.
pub(crate) async fn run(
    connection: &Connection,
    call: Call,
    html: Option<&Path>,
    output: Output,
) -> Result<(), Failure> {
    let Some(path) = html else {
        return answer::show(connection.call(call).await?, output);
    };
    let (mut all, mut token) = (Vec::new(), String::new());
    loop {
        let mut body = call.body.clone();
        if let Some(fields) = body.as_object_mut() {
            let part = json!({ "page_size": PAGE_ITEMS_MAX, "page_token": token });
            fields.insert("page".to_owned(), part);
        }
        let asked = Call {
            path: call.path,
            body,
        };
        let answer = connection.call(asked).await?;
        let some = answer.get("disclosed").and_then(Value::as_array);
        all.extend(some.into_iter().flatten().cloned());
        let next = answer.pointer("/page/next_page_token");
        token = next.and_then(Value::as_str).unwrap_or_default().to_owned();
        if token.is_empty() {
            break;
        }
    }
    let code = all.first().and_then(|one| one.get("client_code")?.as_str());
    let case = call.body.get("case_id").and_then(Value::as_str);
    let named = code.or(case).unwrap_or_default();
    let today = day_to_wire(SystemClock.now().day());
    let made = page(named, &all, &today);
    let made = made.map_err(|error| Failure::Broken(format!("no page could be made: {error}")))?;
    let written = private::file(path).and_then(|mut file| file.write_all(made.as_bytes()));
    written
        .map_err(|error| Failure::Broken(format!("cannot write {}: {error}", path.display())))?;
    output.show(&json!({ "disclosed": all.len() }))
}

const DISCLOSED: &str = "referral.protection.v1.DataProtectionService/ListDisclosed";
