//! What people do at the command line, through a running server: one call each, answered as data.

pub mod audit;
pub mod case;
pub mod consent;
pub mod directory;
pub mod referral;
pub mod shared;
pub mod staff;

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::call::Call;
use super::connection::{Connection, ServerArgs};
use super::failure::Failure;
use super::output::{Output, say};
use super::secret::Secret;
use super::{answer, import};

/// The commands of people, by what they are about.
#[derive(Subcommand)]
pub enum People {
    /// Cases: open, add persons, show, history, personal data, who works on it
    #[command(subcommand)]
    Case(case::Case),
    /// Consent: give, refuse, withdraw, list, and the exceptions
    #[command(subcommand)]
    Consent(consent::Consent),
    /// Referrals: from draft to completed, and the worklist
    #[command(subcommand)]
    Referral(referral::Referral),
    /// The directory of services: import, search, assess
    #[command(subcommand)]
    Directory(directory::Directory),
    /// Decisions, checkpoints and proofs; no names
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Withdrawal, erasure, and copies for a person
    #[command(subcommand)]
    Protection(consent::Protection),
    /// Staff and their roles
    #[command(subcommand)]
    Staff(staff::Staff),
    /// Bearer tokens
    #[command(subcommand)]
    Token(staff::Token),
}

/// Where receipts go.
#[derive(Args)]
pub struct ReceiptArgs {
    /// Keep the receipts of a command as DIR/POSITION.tlog-proof
    #[arg(long, value_name = "DIR", global = true, help_heading = "Server")]
    receipts: Option<PathBuf>,
}

/// What a command of people comes to.
enum Ask {
    Once(Call, Option<Secret>),
    Follow(Call),
    Import(PathBuf),
}

impl People {
    fn ask(&self) -> Result<Ask, Failure> {
        Ok(match self {
            Self::Case(it) => Ask::Once(it.call()?, None),
            Self::Consent(it) => Ask::Once(it.call()?, None),
            Self::Referral(it) if it.streams() => Ask::Follow(it.call()?),
            Self::Referral(it) => Ask::Once(it.call()?, None),
            Self::Directory(it) => match (it.call()?, it) {
                (Some(call), _) => Ask::Once(call, None),
                (None, directory::Directory::Import(import)) => Ask::Import(import.file.clone()),
                (None, _) => return Err(Failure::Broken("a command without a call".to_owned())),
            },
            Self::Audit(it) if it.streams() => Ask::Follow(it.call()?),
            Self::Audit(it) => Ask::Once(it.call()?, None),
            Self::Protection(it) => Ask::Once(it.call()?, None),
            Self::Staff(it) => Ask::Once(it.call()?, None),
            Self::Token(it) => {
                let (call, secret) = it.call()?;
                Ask::Once(call, secret)
            }
        })
    }

    /// Asks the server and prints what it answers.
    pub async fn run(
        &self,
        server: &ServerArgs,
        receipts: &ReceiptArgs,
        output: Output,
    ) -> Result<(), Failure> {
        let ask = self.ask()?;
        let connection = Connection::open(server).await?;
        match ask {
            Ask::Once(call, secret) => {
                let id = new_id(&call);
                let mut answer = connection.call(call).await?;
                keep(&answer, receipts)?;
                if let (Some(fields), Some((name, id))) = (answer.as_object_mut(), id) {
                    fields.entry(name).or_insert(id);
                }
                if let (Some(fields), Some(secret)) = (answer.as_object_mut(), secret) {
                    fields.insert("token".to_owned(), secret.reveal().into());
                    say("Keep this token now: it is shown once and stored nowhere.");
                }
                answer::show(answer, output)
            }
            Ask::Follow(call) => {
                let lines = Output { json: true };
                connection.follow(call, |item| lines.show(&item)).await
            }
            Ask::Import(file) => import::run(&connection, &file, output).await,
        }
    }
}

/// An id that was made here and that the answer does not repeat.
fn new_id(call: &Call) -> Option<(String, Value)> {
    let name = if call.path.ends_with("/RegisterStaff") {
        "staff_id"
    } else if call.path.ends_with("/RegisterService") {
        "service_id"
    } else {
        return None;
    };
    Some((name.to_owned(), call.body.get(name)?.clone()))
}

fn keep(answer: &Value, receipts: &ReceiptArgs) -> Result<(), Failure> {
    let Some(folder) = &receipts.receipts else {
        return Ok(());
    };
    let none = json!([]);
    let outcome = answer.pointer("/outcome/receipts").unwrap_or(&none);
    for receipt in outcome.as_array().into_iter().flatten() {
        let position = receipt.get("position").and_then(Value::as_u64);
        let proof = receipt.get("tlog_proof").and_then(Value::as_str);
        if let (Some(position), Some(proof)) = (position, proof) {
            write(folder, position, proof).map_err(|error| {
                // The command itself is done: say so, lest somebody repeats it.
                Failure::Broken(format!(
                    "recorded, but its receipt cannot be kept in {}: {error}; \
                     `referral-ledger audit receipt {position}` shows it again",
                    folder.display()
                ))
            })?;
        }
    }
    Ok(())
}

fn write(folder: &Path, position: u64, proof: &str) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join(format!("{position:010}.tlog-proof")), proof)
}
