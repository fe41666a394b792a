//! What people do at the command line, through a running server: one call each, answered as data.

pub(crate) mod audit;
pub(crate) mod breach;
pub(crate) mod case;
pub(crate) mod certificate;
pub(crate) mod complaint;
pub(crate) mod consent;
pub(crate) mod consult;
mod contact;
pub(crate) mod copy;
pub(crate) mod directory;
mod exception;
pub(crate) mod family;
pub(crate) mod figures;
pub(crate) mod given;
pub(crate) mod incoming;
pub(crate) mod inquiry;
pub(crate) mod interview;
pub(crate) mod mechanism;
pub(crate) mod mirror;
pub(crate) mod notice;
mod packet;
pub(crate) mod printed;
pub(crate) mod referral;
pub(crate) mod retention;
pub(crate) mod rights;
pub(crate) mod shared;
pub(crate) mod staff;

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::call::Call;
use super::connection::{Connection, ServerArgs};
use super::failure::Failure;
use super::output::{Output, say};
use super::secret::Secret;
use super::{answer, export, import};

/// The commands of people, by what they are about.
#[derive(Subcommand)]
pub(crate) enum Remote {
    /// Cases: open, add persons, show, history, personal data, who works on it
    Case(Asked<case::Case>),
    /// Consent: give, refuse, withdraw, list, and the exceptions
    Consent(Asked<consent::Consent>),
    /// Referrals: from draft to completed, and the worklist
    Referral(Asked<referral::Referral>),
    /// Referrals that come in from outside: taken down, assessed, decided, answered
    Incoming(Asked<incoming::Incoming>),
    /// The directory of services: import, search, assess
    Directory(Asked<directory::Directory>),
    /// The referral mechanism: members, agreements, pathways
    Mechanism(Asked<mechanism::Mechanism>),
    /// Decisions, checkpoints and proofs; no names
    Audit(Asked<audit::Audit>),
    /// Withdrawal, erasure, and copies for a person
    Protection(Asked<consent::Protection>),
    /// What persons ask for about their data, by when it is answered, and what comes of it
    Request(Asked<rights::Request>),
    /// How long data are kept: rules, what is due, sweeps, legal holds
    Retention(Asked<retention::Retention>),
    /// Figures for reports: published once for a cohort, without small counts
    Figures(Asked<figures::Figures>),
    /// Feedback and complaints; whom one is about never reads it
    Complaint(Asked<complaint::Complaint>),
    /// Interviews, profiles and determinations; off unless the organisation's file says so
    Interview(Asked<interview::Interview>),
    /// Staff and their roles
    Staff(Asked<staff::Staff>),
    /// Bearer tokens
    Token(Asked<staff::Token>),
    /// Mirrors of the journal
    Mirror(Asked<mirror::Mirror>),
}

/// A command of people, and the server that it goes to.
#[derive(Args)]
pub(crate) struct Asked<T: Subcommand> {
    #[command(subcommand)]
    what: T,
    #[command(flatten)]
    server: Through,
}

/// Which server a command goes through, and where its receipts are kept.
#[derive(Args)]
pub(crate) struct Through {
    #[command(flatten)]
    server: ServerArgs,
    /// Keep the receipts of a command as DIR/POSITION-EVENT.tlog-proof
    #[arg(long, value_name = "DIR", global = true, help_heading = "Server")]
    receipts: Option<PathBuf>,
}

/// What a command of people comes to.
enum Ask {
    Once(Call),
    Issue(Call, Secret),
    Follow(Call),
    Import(PathBuf),
    Export(export::Export),
    Draw(printed::Draw),
    Print(printed::Booklet),
    Certificate(Call, certificate::Files),
    Copy(Call, Option<copy::Paper>),
    Disclosed(Call, Option<PathBuf>),
    /// A call whose answer has a file in this field, and where it goes.
    Packet(Call, &'static str, PathBuf),
    /// A call that takes something from a file first.
    Given(Call, packet::Given),
}

impl Remote {
    /// Asks the server and prints what it answers.
    pub(crate) async fn run(&self, output: Output) -> Result<(), Failure> {
        let ask = self.ask()?;
        match self {
            Self::Case(it) => it.server.run(ask, output).await,
            Self::Consent(it) => it.server.run(ask, output).await,
            Self::Referral(it) => it.server.run(ask, output).await,
            Self::Directory(it) => it.server.run(ask, output).await,
            Self::Mechanism(it) => it.server.run(ask, output).await,
            Self::Audit(it) => it.server.run(ask, output).await,
            Self::Protection(it) => it.server.run(ask, output).await,
            Self::Request(it) => it.server.run(ask, output).await,
            Self::Retention(it) => it.server.run(ask, output).await,
            Self::Figures(it) => it.server.run(ask, output).await,
            Self::Complaint(it) => it.server.run(ask, output).await,
            Self::Incoming(it) => it.server.run(ask, output).await,
            Self::Interview(it) => it.server.run(ask, output).await,
            Self::Staff(it) => it.server.run(ask, output).await,
            Self::Token(it) => it.server.run(ask, output).await,
            Self::Mirror(it) => it.server.run(ask, output).await,
        }
    }

    /// What this comes to.
    fn ask(&self) -> Result<Ask, Failure> {
        match self {
            Self::Case(it) => it.what.call().map(Ask::Once),
            Self::Consent(it) => it.what.call().map(Ask::Once),
            Self::Referral(it) => it.what.ask(),
            Self::Directory(it) => it.what.ask(),
            Self::Mechanism(it) => it.what.ask(),
            Self::Audit(it) => Ok(once_or_follow(it.what.call()?, it.what.streams())),
            Self::Protection(it) => it.what.ask(),
            Self::Request(it) => it.what.call().map(Ask::Once),
            Self::Retention(it) => it.what.call().map(Ask::Once),
            Self::Figures(it) => it.what.call().map(Ask::Once),
            Self::Complaint(it) => it.what.call().map(Ask::Once),
            Self::Incoming(it) => it.what.ask(),
            Self::Interview(it) => it.what.call().map(Ask::Once),
            Self::Staff(it) => it.what.call().map(Ask::Once),
            Self::Token(it) => it.what.ask(),
            Self::Mirror(it) => it.what.call().map(Ask::Once),
        }
    }
}

fn once_or_follow(call: Call, streams: bool) -> Ask {
    if streams {
        Ask::Follow(call)
    } else {
        Ask::Once(call)
    }
}

impl Through {
    async fn run(&self, ask: Ask, output: Output) -> Result<(), Failure> {
        let connection = Connection::open(&self.server).await?;
        match ask {
            Ask::Once(call) => self.once(&connection, call, None, output).await,
            Ask::Issue(call, secret) => self.once(&connection, call, Some(secret), output).await,
            Ask::Follow(call) => {
                let lines = Output { json: true };
                connection.follow(call, |item| lines.show(&item)).await
            }
            Ask::Disclosed(call, html) => {
                given::run(&connection, call, html.as_deref(), output).await
            }
            Ask::Certificate(call, files) => {
                files.are_new()?;
                files.take(&connection.call(call).await?, output)
            }
            Ask::Given(call, given) => {
                let call = given.into(call)?;
                self.once(&connection, call, None, output).await
            }
            Ask::Packet(call, field, path) => {
                let file = super::packet::Kept::new(&path)?;
                let mut answer = connection.call(call).await?;
                if let Some(folder) = &self.receipts {
                    keep(&answer, folder)?;
                }
                file.fill(&mut answer, field)?;
                if answer.get("passphrase").is_some() {
                    say(
                        "Tell the recipient the passphrase by phone or in person, never with the \
                         file: it is shown once and stored nowhere.",
                    );
                }
                answer::show(answer, output)
            }
            Ask::Copy(call, None) => self.once(&connection, call, None, output).await,
            Ask::Copy(call, Some(paper)) => {
                let answer = connection.call(call).await?;
                if let Some(folder) = &self.receipts {
                    keep(&answer, folder)?;
                }
                paper.write(&connection, &answer).await
            }
            Ask::Export(it) => export::run(&connection, &it, output).await,
            Ask::Draw(it) => printed::draw(&connection, &it, output).await,
            Ask::Print(it) => printed::print(&connection, &it, output).await,
            Ask::Import(file) => import::run(&connection, &file, output).await,
        }
    }

    async fn once(
        &self,
        connection: &Connection,
        call: Call,
        secret: Option<Secret>,
        output: Output,
    ) -> Result<(), Failure> {
        let made_here = new_id(&call);
        let position = call.body.get("position").and_then(Value::as_u64);
        let asked = call.body.clone();
        let mut answer = connection.call(call).await?;
        if let Some(folder) = &self.receipts {
            keep(&answer, folder)?;
        }
        // A receipt that was asked for is a file of its own: as it is, for `verify`.
        if let Some(proof) = answer.get("tlog_proof").and_then(Value::as_str) {
            if let (Some(folder), Some(position)) = (&self.receipts, position) {
                write(folder, position, None, proof)
                    .map_err(|error| Failure::Broken(format!("{}: {error}", folder.display())))?;
            }
            if !output.json {
                return output.text(proof.trim_end_matches('\n'));
            }
        }
        if let Some(fields) = answer.as_object_mut() {
            fields.extend(made_here);
            if let Some(secret) = secret {
                fields.insert("token".to_owned(), secret.reveal().into());
                say("Keep this token now: it is shown once and stored nowhere.");
            }
        }
        answer::show_to(&asked, answer, output)
    }
}

/// An id that was made here and that the answer does not repeat.
fn new_id(call: &Call) -> Option<(String, Value)> {
    let name = if call.path.ends_with("/RegisterStaff") {
        "staff_id"
    } else if call.path.ends_with("/RegisterService") {
        "service_id"
    } else if call.path.ends_with("/RecordAgreement") {
        "agreement_id"
    } else if call.path.ends_with("/RecordPathway") {
        "pathway_id"
    } else if call.path.ends_with("/RecordInterview") {
        "interview_id"
    } else if call.path.ends_with("/RequestSweep") {
        "sweep_id"
    } else {
        return None;
    };
    Some((name.to_owned(), call.body.get(name)?.clone()))
}

fn keep(answer: &Value, folder: &Path) -> Result<(), Failure> {
    let none = json!([]);
    let outcome = answer.pointer("/outcome/receipts").unwrap_or(&none);
    for receipt in outcome.as_array().into_iter().flatten() {
        let position = receipt.get("position").and_then(Value::as_u64);
        let proof = receipt.get("tlog_proof").and_then(Value::as_str);
        if let (Some(position), Some(proof)) = (position, proof) {
            let event = receipt.get("event_name").and_then(Value::as_str);
            write(folder, position, event, proof).map_err(|error| {
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

/// Keeps a receipt under its position, and its event where that is known: in order, and told apart.
fn write(folder: &Path, position: u64, event: Option<&str>, proof: &str) -> std::io::Result<()> {
    let letters = event.unwrap_or_default().chars();
    let event: String = letters.filter(char::is_ascii_alphanumeric).collect();
    let dash = if event.is_empty() { "" } else { "-" };
    fs::create_dir_all(folder)?;
    let name = format!("{position:06}{dash}{event}.tlog-proof");
    fs::write(folder.join(name), proof)
}

#[cfg(test)]
mod tests;
