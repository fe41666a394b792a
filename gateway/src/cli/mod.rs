//! The command line: one program for everybody who works with the ledger.
//!
//! - Maintenance works on a folder, people's commands speak to a running server.
//! - Data go to stdout, everything else to stderr; exit codes stand in `--help`.

mod answer;
mod call;
mod check;
mod confirm;
mod connection;
mod copies;
mod demo;
mod export;
mod failure;
mod flags;
mod folder;
mod founder;
mod grpc_status;
mod import;
mod maintain;
mod memory;
mod output;
mod packet;
mod papers;
mod passphrase;
mod people;
mod private;
mod secret;
mod serve;
mod shredcheck;
mod vault;
mod verify;
mod words;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use clap::{Args, Parser, Subcommand};

use self::failure::{EXIT_CODES, Failure};
use self::folder::FolderArgs;
use self::output::{Output, say};
use self::people::Remote;

/// The encrypted, provable system of record for safe referrals
#[derive(Parser)]
#[command(name = "referral-ledger", version, after_help = EXIT_CODES)]
#[command(propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// Print data as one JSON value
    #[arg(long, global = true, help_heading = "Output")]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

/// What can be asked for.
#[derive(Subcommand)]
enum Command {
    /// Make a ledger with its vault, the first two persons and their tokens
    Init(maintain::Init),
    /// Serve a ledger
    Serve(serve::Serve),
    /// Try it all: a running ledger with example data, clients and roles
    Demo(demo::Demo),
    /// Check everything stored, and name what is wrong
    Fsck(maintain::Fsck),
    /// Search raw copies for a way back to what was shredded
    Shredcheck(shredcheck::Shredcheck),
    /// Cut the ciphertext of destroyed keys out of a folder's files now (a server does it itself)
    CutOut(Folder),
    /// Check files that decisions go by, before a server is given them
    Check(check::Check),
    /// Check receipts offline, with nothing but the log's public key
    Verify(verify::Verify),
    /// Open a packet offline with its passphrase, and read it; nothing is recorded
    OpenPacket(packet::OpenPacket),
    /// Show the newest signed checkpoint of a folder (of a server: `audit checkpoint`)
    Checkpoint(Folder),
    /// Show where the ledger in a folder stands (of a server: `audit status`)
    Status(Folder),
    /// Work on a vault, while no server has it open
    #[command(subcommand)]
    Vault(vault::Vault),
    /// Bring a backup up to the ledger in a folder, also while it is served
    Backup(copies::Backup),
    /// Key records, for old backups
    #[command(subcommand)]
    Keys(copies::Keys),
    /// Restore a ledger from a mirror or a backup, or check whether that could be done
    Restore(copies::Restore),
    #[command(flatten)]
    Remote(Remote),
    /// Show what W3C DPV and HL7 FHIR call our states of consents, requests, notices and referrals
    Words,
    /// Show every state of referrals, notices, complaints and breaches, and every legal step
    States,
    /// Print a completion script for a shell
    Completions(papers::Completions),
    /// Write man pages, one per command
    Man(papers::Man),
    /// Open a store in a child process (used by the program itself)
    #[command(hide = true)]
    StoreProbe(maintain::StoreProbe),
}

/// Flags of what only needs a folder.
#[derive(Args)]
struct Folder {
    #[command(flatten)]
    folders: FolderArgs,
}

/// The program. Called by `main` and by whoever tests it whole.
pub fn main() -> ExitCode {
    memory::keep_to_ourselves();
    let cli = match Cli::try_parse_from(arranged(std::env::args_os())) {
        Ok(cli) => cli,
        Err(asked) => {
            // Help and version are data and exit with 0, mistakes are talk and exit with 2.
            let asked = without_secrets(asked);
            let _ = asked.print();
            return ExitCode::from(u8::try_from(asked.exit_code()).unwrap_or(2));
        }
    };
    let output = Output { json: cli.json };
    match cli.command.run(output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            tell(&failure, output);
            failure.exit_code()
        }
    }
}

/// A mistake told without the server's options, which come from the environment: nobody is led to
/// put a token on a command line.
fn without_secrets(mut wrong: clap::Error) -> clap::Error {
    let tip = wrong.get(ContextKind::SuggestedArg);
    if tip == Some(&ContextValue::String("--token".to_owned())) {
        wrong.remove(ContextKind::SuggestedArg);
    }
    if let Some(ContextValue::StyledStr(usage)) = wrong.get(ContextKind::Usage) {
        let usage = usage.to_string().replace("--server <URL> ", "");
        let usage = usage.replace("--token <TOKEN> ", "");
        wrong.insert(ContextKind::Usage, ContextValue::StyledStr(usage.into()));
    }
    wrong
}

/// Whether the program takes a command line, its own name left out: tests hold the documents to it.
pub fn understands(line: &str) -> Result<(), String> {
    let words = std::iter::once("referral-ledger").chain(line.split_whitespace());
    match Cli::try_parse_from(arranged(words.map(OsString::from))) {
        Err(wrong) if wrong.use_stderr() => Err(wrong.to_string()),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// The words with options of a server behind the command that they are for, where they stand before
/// it: both orders are understood.
fn arranged(words: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let (mut kept, mut moved) = (Vec::new(), Vec::new());
    let mut words = words.into_iter();
    kept.extend(words.next());
    while let Some(word) = words.next() {
        let text = word.to_string_lossy();
        let name = text.split('=').next().unwrap_or_default();
        if SERVER_OPTIONS.contains(&name) {
            let joined = text.contains('=');
            moved.push(word);
            if !joined {
                moved.extend(words.next());
            }
        } else if text.starts_with('-') {
            kept.push(word);
        } else {
            kept.push(word);
            break;
        }
    }
    kept.extend(moved);
    kept.extend(words);
    kept
}

/// Options of every command that speaks to a server.
const SERVER_OPTIONS: [&str; 4] = ["--server", "--ca", "--token", "--receipts"];

impl Command {
    fn run(self, output: Output) -> Result<(), Failure> {
        match self {
            Self::Init(init) => init.run(output),
            Self::Serve(serve) => serve.run(),
            Self::Demo(demo) => demo.run(output),
            Self::Fsck(fsck) => fsck.run(output),
            Self::Shredcheck(shredcheck) => shredcheck.run(output),
            Self::CutOut(it) => maintain::cut_out(&it.folders, output),
            Self::Check(check) => check.run(output),
            Self::Verify(verify) => verify.run(output),
            Self::OpenPacket(it) => it.run(output),
            Self::Checkpoint(it) => maintain::checkpoint(&it.folders, output),
            Self::Status(it) => maintain::status(&it.folders, output),
            Self::Vault(vault) => vault.run(output),
            Self::Backup(backup) => backup.run(output),
            Self::Keys(keys) => keys.run(output),
            Self::Restore(restore) => restore.run(output),
            Self::Remote(remote) => runtime()?.block_on(remote.run(output)),
            Self::Words => papers::words(output),
            Self::States => papers::states(output),
            Self::Completions(completions) => completions.run(),
            Self::Man(man) => man.run(output),
            Self::StoreProbe(probe) => probe.run(),
        }
    }
}

fn tell(failure: &Failure, output: Output) {
    if let Some(data) = failure.to_json().filter(|_| output.json) {
        // The exit code says it too, if stdout is gone.
        let _ = output.show(&data);
    }
    let talk = failure.to_string();
    if !talk.is_empty() {
        say(&talk);
    }
}

/// The runtime of what speaks or serves gRPC.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Runtime::new()
        .map_err(|error| Failure::Broken(format!("cannot start: {error}")))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    use super::*;

    fn mistake(line: &str) -> Option<ErrorKind> {
        let words = std::iter::once("referral-ledger").chain(line.split_whitespace());
        Cli::try_parse_from(words).err().map(|error| error.kind())
    }

    #[test]
    fn the_command_line_is_consistent_in_itself() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_name_that_scripts_rely_on_is_there() {
        let command = Cli::command();
        let names: Vec<&str> = command
            .get_subcommands()
            .map(clap::Command::get_name)
            .collect();
        for name in [
            "init",
            "serve",
            "demo",
            "fsck",
            "cut-out",
            "shredcheck",
            "check",
            "verify",
            "checkpoint",
            "status",
            "vault",
            "directory",
            "case",
            "consent",
            "referral",
            "audit",
            "protection",
            "request",
            "retention",
            "figures",
            "staff",
            "token",
            "backup",
            "keys",
            "restore",
            "mirror",
            "words",
            "completions",
            "man",
        ] {
            assert!(names.contains(&name), "{name}");
        }
        for line in [
            "demo --exit --json --data d --directory f",
            "demo --port 0",
            "fsck --data d",
            "shredcheck --vault v --memory core data backup --json",
            "verify a.tlog-proof b.tlog-proof --key log.vkey",
            "directory import services.json --server http://127.0.0.1:1 --token x",
            "referral list --open-only --json",
        ] {
            assert_eq!(mistake(line), None, "{line}");
        }
    }

    #[test]
    fn what_is_missing_or_unknown_is_a_mistake() {
        let id = "3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f00";
        for line in [
            "verify a.tlog-proof".to_owned(),
            "verify --key k".to_owned(),
            "case open".to_owned(),
            "case open --age-group child --sensitivity standard".to_owned(),
            "case show not-an-id".to_owned(),
            "case view".to_owned(),
            format!("case view {id}"),
            format!("consent decide {id} {id}"),
            format!("consent decide {id} {id} --confirm --reject"),
            format!("consent withdraw {id} --shred soon"),
            format!("referral draft {id} --service-id {id} --urgency urgent --item needs"),
            format!("referral draft {id} --service-id {id} --urgency urgent --item shoes=x"),
            format!("token issue {id} --days 0"),
            "serve --tls-cert a".to_owned(),
            "no-such-command".to_owned(),
        ] {
            assert!(mistake(&line).is_some(), "{line}");
        }
    }

    #[test]
    fn options_of_a_server_may_stand_before_the_command() {
        for line in [
            "--server http://127.0.0.1:1 case show --code K7Q4M-92MDX",
            "--json --token=x --server http://127.0.0.1:1 referral list --open-only",
            "referral list --server http://127.0.0.1:1",
        ] {
            assert_eq!(understands(line), Ok(()), "{line}");
        }
        assert!(understands("--server http://127.0.0.1:1 fsck").is_err());
        assert!(understands("--server").is_err());
    }

    #[test]
    fn no_mistake_leads_anybody_to_put_a_token_on_the_command_line() {
        let id = "3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f00";
        let told = |line: &str| {
            let words = std::iter::once("referral-ledger").chain(line.split_whitespace());
            let wrong = Cli::try_parse_from(words).err().expect("a mistake");
            without_secrets(wrong).to_string()
        };
        for line in [
            format!("case offer-handover {id}"),
            format!("case offer-handover {id} --to {id}"),
            format!("staff decide {id} auditor"),
        ] {
            let told = told(&line);
            assert!(!told.contains("--token"), "{told}");
            assert!(!told.contains("--server"), "{told}");
            assert!(told.contains("Usage: referral-ledger"), "{told}");
        }
    }

    #[test]
    fn a_file_stands_in_for_what_flags_would_have_to_say() {
        assert_eq!(mistake("case open --from request.json"), None);
        let id = "3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f00";
        assert_eq!(mistake(&format!("consent give {id} --from -")), None);
    }

    #[test]
    fn no_help_text_shows_the_value_of_a_token() {
        let mut command = Cli::command();
        let help = command.render_long_help().to_string();
        assert!(help.contains("Exit codes"), "{help}");
        assert!(!help.contains("rl_"), "{help}");
    }
}
