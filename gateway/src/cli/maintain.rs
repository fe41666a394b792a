//! Maintenance on a folder: `init`, `fsck`, `status`, `checkpoint`, and the hidden `store-probe`.

use std::path::PathBuf;

use clap::Args;
use ledger::clock::SystemEntropy;
use ledger::domain::codes::Role;
use ledger::domain::ids::{OrganisationId, StaffId};
use ledger::ledger::InitOptions;
use serde_json::{Value, json};

use super::failure::Failure;
use super::folder::{FolderArgs, bar};
use super::founder::Founder;
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
    /// Name and contact of the second person, who decides what the administrator asks for
    #[arg(long, value_name = "NAME", default_value = "second person")]
    second_name: String,
    /// What the second person is
    #[arg(long, default_value = "data_protection_officer")]
    #[arg(value_parser = ["data_protection_officer", "administrator"])]
    second_role: String,
    /// The organisation that runs the ledger [default: a fresh id]
    #[arg(long, value_name = "UUID")]
    organisation_id: Option<OrganisationId>,
    /// In how many days the tokens of the two stop working
    #[arg(long, default_value_t = 90, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    token_days: u16,
    /// A vault for trying things out: allowed anywhere, and printed wherever it matters
    #[arg(long)]
    test_vault: bool,
}

impl Init {
    /// Makes a ledger, the first two persons and their tokens.
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        let made = self.make()?;
        say(
            "Keep the tokens now: they are shown once and stored nowhere. Give each to one person.",
        );
        say("Never copy the vault's `roots`: a copy outlives what is forgotten (SECURITY.md).");
        output.show(&made)
    }

    fn make(&self) -> Result<Value, Failure> {
        let (data, vault) = (self.folders.data.clone(), self.folders.vault()?);
        let fresh = || format!("referral-ledger/{}", StaffId::fresh(&mut SystemEntropy));
        let origin = self.origin.clone().unwrap_or_else(fresh);
        ledger::ledger::init(&InitOptions {
            data,
            vault: vault.clone(),
            origin: origin.clone(),
            test_tier: self.test_vault,
        })?;
        let ledger = self.folders.open(None, SHRED_AFTER_DAYS)?;
        let organisation = self.organisation_id;
        let organisation =
            organisation.unwrap_or_else(|| OrganisationId::fresh(&mut SystemEntropy));
        let second_role = Role::from_code(&self.second_role);
        let persons = [
            (
                &self.second_name,
                second_role.unwrap_or(Role::Administrator),
            ),
            (&self.admin_name, Role::Administrator),
        ];
        let mut tokens = Vec::new();
        for (name, role) in persons {
            let staff = StaffId::fresh(&mut SystemEntropy);
            let secret = Secret::fresh();
            let founder = Founder {
                staff,
                organisation,
                name: name.clone(),
                role,
                digest: secret.digest(),
                token_days: self.token_days,
            };
            founder.found(&ledger)?;
            tokens.push((staff.to_string(), secret));
        }
        let mut persons = tokens
            .iter()
            .map(|(staff, secret)| (staff, secret.reveal()));
        let (second, first) = (persons.next(), persons.next());
        let made = json!({
            "data": self.folders.data,
            "vault": vault,
            "origin": origin,
            "vkey": ledger.vkey(),
            "organisation_id": organisation.to_string(),
            "staff_id": first.map(|it| it.0),
            "token": first.map(|it| it.1),
            "second_staff_id": second.map(|it| it.0),
            "second_token": second.map(|it| it.1),
        });
        ledger.close()?;
        Ok(made)
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
        let (bar, progress) = bar();
        let report = ledger::fsck::fsck(&self.folders.data, vault.as_deref(), &progress);
        bar.finish_and_clear();
        let report = report?;
        let finding = |found: &ledger::fsck::Finding| {
            json!({
                "place": found.place, "what": found.what,
            })
        };
        let findings: Vec<Value> = report.findings.iter().map(finding).collect();
        let well = findings.is_empty();
        let mut shown = json!({
            "ok": well,
            "events": report.events,
            "frames": report.frames,
            "opened": report.opened,
            "findings": findings,
        });
        // People need no empty list to see that all is well.
        if let Some(fields) = shown.as_object_mut().filter(|_| well && !output.json) {
            fields.remove("findings");
        }
        output.show(&shown)?;
        if well { Ok(()) } else { Err(Failure::Findings) }
    }
}

/// What `status` says of a folder.
pub(crate) fn status(folders: &FolderArgs, output: Output) -> Result<(), Failure> {
    let ledger = folders.open(None, SHRED_AFTER_DAYS)?;
    let status = ledger.status();
    ledger.close()?;
    output.show(&json!({
        "size": status.size,
        "checkpoint": status.checkpoint,
        "epoch": status.epoch,
        "vault_tier": status.vault_tier,
        "poisoned": status.poisoned,
        "shreds_pending": status.shreds_pending,
        "program_version": env!("CARGO_PKG_VERSION"),
    }))
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
