//! Maintenance on a folder: `init`, `fsck`, `status`, `checkpoint`, and the hidden `store-probe`.

use std::path::PathBuf;

use clap::Args;
use ledger::clock::{Clock, DAY_MS, SystemClock, SystemEntropy};
use ledger::copies::MirrorReport;
use ledger::domain::codes::Role;
use ledger::domain::command::{Caller, Command, Request};
use ledger::domain::ids::{OrganisationId, RequestId, StaffId};
use ledger::domain::personal::Text;
use ledger::keys::{Hardness, Statement};
use ledger::ledger::{InitOptions, Ledger, Protection, Rejection, Shares};
use serde_json::{Value, json};

use super::failure::Failure;
use super::folder::{FolderArgs, bar};
use super::output::{Output, say};
use super::secret::Secret;
use crate::config::SHRED_AFTER_DAYS;

/// Flags of `init`.
#[derive(Args)]
pub(crate) struct Init {
    #[command(flatten)]
    folders: FolderArgs,
    /// The log's name on checkpoints, for example referrals.example.org/log [default: a random one]
    #[arg(long, value_name = "NAME")]
    origin: Option<String>,
    /// Name and contact of the first administrator
    #[arg(long, value_name = "NAME", default_value = "first administrator")]
    admin_name: String,
    /// The organisation that runs the ledger [default: a fresh id]
    #[arg(long, value_name = "UUID")]
    organisation_id: Option<OrganisationId>,
    /// In how many days the administrator's token stops working
    #[arg(long, default_value_t = 90, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    token_days: u16,
    /// A vault for trying things out: allowed anywhere, and printed wherever it matters
    #[arg(long)]
    test_vault: bool,
    /// A folder that holds shares of the vault's root, at best on a device of its own; once for
    /// each holder
    #[arg(long, value_name = "DIR", requires = "threshold")]
    holder: Vec<PathBuf>,
    /// How many holders it takes to read
    #[arg(long, value_name = "K", requires = "holder")]
    threshold: Option<u8>,
    /// Put the vault under a passphrase, asked for at every start
    #[arg(long)]
    passphrase: bool,
}

impl Init {
    /// Makes a ledger, its first administrator and that one's token.
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        say("Keep the token now: it is shown once and stored nowhere.");
        say("Never copy the vault's roots or shares: a copy outlives what is forgotten.");
        self.make(output)
    }

    fn make(&self, output: Output) -> Result<(), Failure> {
        let (data, vault) = (self.folders.data.clone(), self.folders.vault()?);
        let fresh = || format!("referral-ledger/{}", StaffId::fresh(&mut SystemEntropy));
        let origin = self.origin.clone().unwrap_or_else(fresh);
        let organisation = self.organisation_id;
        let organisation =
            organisation.unwrap_or_else(|| OrganisationId::fresh(&mut SystemEntropy));
        let staff = StaffId::fresh(&mut SystemEntropy);
        let secret = Secret::fresh();
        let founder = Founder {
            staff,
            organisation,
            name: self.admin_name.clone(),
            digest: secret.digest(),
            token_days: self.token_days,
        };
        let options = InitOptions {
            data,
            vault: vault.clone(),
            origin: origin.clone(),
            test_tier: self.test_vault,
            protection: self.protection()?,
        };
        ledger::ledger::init_founded(&options, |ledger| {
            founder.found(ledger)?;
            // Shown before the ledger counts as made: a crash locks nobody out.
            output.show(&json!({
                "data": self.folders.data,
                "vault": vault,
                "vault_tier": ledger.status().vault_tier,
                "holders": self.holder,
                "origin": origin,
                "vkey": ledger.vkey(),
                "organisation_id": organisation.to_string(),
                "staff_id": staff.to_string(),
                "token": secret.reveal(),
            }))
        })
    }

    fn protection(&self) -> Result<Protection, Failure> {
        let shares = self.threshold.map(|threshold| Shares {
            holders: self.holder.clone(),
            threshold,
        });
        let passphrase = self.folders.passphrase.fresh(self.passphrase)?;
        Ok(Protection {
            shares,
            passphrase: passphrase.map(|words| (words, Hardness::default())),
        })
    }
}

/// The first administrator of a new ledger. Only who has the folder can set one up, and only until
/// that administrator holds a token.
pub(crate) struct Founder {
    /// Who.
    pub(crate) staff: StaffId,
    /// Of which organisation.
    pub(crate) organisation: OrganisationId,
    /// Name and contact.
    pub(crate) name: String,
    /// SHA-256 of the token.
    pub(crate) digest: [u8; 32],
    /// In how many days the token stops working.
    pub(crate) token_days: u16,
}

impl Founder {
    /// Registers the administrator and issues the token, as far as that was not done before: a
    /// crash between the two locks nobody out.
    pub(crate) fn found(self, ledger: &Ledger) -> Result<(), Failure> {
        let staff = self.staff;
        let there = ledger.staff(staff)?;
        if there.is_none() {
            let register = Command::RegisterStaff {
                staff,
                organisation: self.organisation,
                name: Text::new(self.name),
                roles: [Role::Administrator].into(),
            };
            submit(ledger, register)?;
        }
        if there.is_some_and(|there| !there.tokens.is_empty()) {
            return Ok(());
        }
        let life = u64::from(self.token_days) * DAY_MS;
        let issue = Command::IssueToken {
            staff,
            digest: self.digest,
            expires: SystemClock.now().plus_ms(life),
        };
        submit(ledger, issue)
    }
}

fn submit(ledger: &Ledger, command: Command) -> Result<(), Failure> {
    let answer = ledger.submit(Request {
        request: RequestId::fresh(&mut SystemEntropy),
        caller: Caller::Founder,
        expected_version: None,
        occurred: None,
        command,
    });
    match answer {
        Ok(_) => Ok(()),
        Err(Rejection::Refused(refused)) => Err(Failure::refused(&refused)),
        Err(Rejection::Fault(fault)) => Err(fault.into()),
    }
}

/// Flags of `fsck`.
#[derive(Args)]
pub(crate) struct Fsck {
    #[command(flatten)]
    folders: FolderArgs,
    /// Check without the vault: everything but what needs keys
    #[arg(long)]
    without_vault: bool,
}

impl Fsck {
    /// Checks a folder that no other process has open; findings make the exit code 1.
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        let vault = self.folders.vault()?;
        let vault = (!self.without_vault).then_some(vault);
        if self.folders.is_empty() {
            let nothing = self.folders.data.display();
            return Err(Failure::Usage(format!("no ledger at {nothing}")));
        }
        let words = match &vault {
            Some(vault) => self.folders.passphrase.present(vault)?,
            None => None,
        };
        let (bar, progress) = bar();
        let (data, vault) = (&self.folders.data, vault.as_deref());
        let report = ledger::fsck::fsck(data, vault, words.as_ref(), &progress);
        bar.finish_and_clear();
        let report = report?;
        let finding = |found: &ledger::fsck::Finding| {
            json!({
                "place": found.place, "what": found.what,
            })
        };
        let findings: Vec<Value> = report.findings.iter().map(finding).collect();
        let well = findings.is_empty();
        output.show(&json!({
            "ok": well,
            "events": report.events,
            "frames": report.frames,
            "opened": report.opened,
            "findings": findings,
        }))?;
        if well { Ok(()) } else { Err(Failure::Findings) }
    }
}

/// What `status` says of a folder.
pub(crate) fn status(folders: &FolderArgs, output: Output) -> Result<(), Failure> {
    let ledger = folders.open(None, SHRED_AFTER_DAYS)?;
    let status = ledger.status();
    let copies = ledger.copies();
    ledger.close()?;
    let mirrors: Vec<Value> = copies.mirrors.iter().map(mirror).collect();
    output.show(&json!({
        "size": status.size,
        "checkpoint": status.checkpoint,
        "epoch": status.epoch,
        "vault_tier": status.vault_tier,
        "vault": promised(&status.vault),
        "poisoned": status.poisoned,
        "shreds_pending": status.shreds_pending,
        "mirrors": mirrors,
        "program_version": env!("CARGO_PKG_VERSION"),
    }))
}

/// A mirror as `status` shows it. Of a folder that no server has open every mirror is away, so only
/// its id is told.
fn mirror(mirror: &MirrorReport) -> Value {
    json!({ "id": mirror.id.to_string(), "state": mirror.state.word() })
}

/// What a vault says of itself.
fn promised(vault: &Statement) -> Value {
    json!({
        "covers": vault.covers(),
        "does_not_cover": vault.does_not_cover(),
        "passphrase": vault.passphrase,
        "holders": vault.holders,
        "threshold": vault.threshold,
        "missing": vault.missing,
        "behind": vault.behind,
    })
}

/// What `checkpoint` says of a folder: the signed note as it is, for files and witnesses.
pub(crate) fn checkpoint(folders: &FolderArgs, output: Output) -> Result<(), Failure> {
    let ledger = folders.open(None, SHRED_AFTER_DAYS)?;
    let (checkpoint, vkey, size) = (ledger.checkpoint(), ledger.vkey(), ledger.size());
    ledger.close()?;
    if output.json {
        return output.show(&json!({ "checkpoint": checkpoint, "vkey": vkey, "size": size }));
    }
    output.text(checkpoint.trim_end_matches('\n'))
}

/// Flags of `store-probe`.
#[derive(Args)]
pub(crate) struct StoreProbe {
    /// The log's folder, whose lock the parent process holds
    folder: PathBuf,
}

impl StoreProbe {
    /// Opens the store as a child process, so that what kills it does not kill the ledger.
    pub(crate) fn run(&self) -> Result<(), Failure> {
        Ok(ledger::log::store_probe(&self.folder)?)
    }
}
