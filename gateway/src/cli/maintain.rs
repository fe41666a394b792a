//! Maintenance on a folder: `init`, `fsck`, `status`, `checkpoint`, and the hidden `store-probe`.

use std::path::PathBuf;

use clap::Args;
use ledger::clock::SystemEntropy;
use ledger::copies::{BackupReport, MirrorReport, mend};
use ledger::domain::codes::Role;
use ledger::domain::ids::{OrganisationId, StaffId};
use ledger::keys::{Hardness, Statement};
use ledger::ledger::{CutOptions, InitOptions, Protection, Shares};
use serde_json::{Value, json};

use super::failure::Failure;
use super::folder::{FolderArgs, bar};
use super::founder::Founder;
use super::output::{Output, say};
use super::secret::Secret;
use crate::config::read;

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
    /// A folder that holds shares of the vault's root, at best on a device of its own; once for
    /// each holder
    #[arg(long, value_name = "DIR", requires = "threshold")]
    holder: Vec<PathBuf>,
    /// How many holders it takes to read
    #[arg(long, value_name = "K", requires = "holder")]
    threshold: Option<u8>,
    /// The organisation's file, instead of the one that ships (`check` reads it first)
    #[arg(long, value_name = "FILE")]
    organisation: Option<PathBuf>,
    /// Put the vault under a passphrase, asked for at every start
    #[arg(long)]
    passphrase: bool,
}

impl Init {
    /// Makes a ledger, the first two persons and their tokens.
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        let (data, vault) = (self.folders.data.clone(), self.folders.vault()?);
        let fresh = || format!("referral-ledger/{}", StaffId::fresh(&mut SystemEntropy));
        let origin = self.origin.clone().unwrap_or_else(fresh);
        let organisation = self.organisation_id;
        let organisation =
            organisation.unwrap_or_else(|| OrganisationId::fresh(&mut SystemEntropy));
        let second_role = Role::from_code(&self.second_role);
        let second_role = second_role.unwrap_or(Role::Administrator);
        let (second, second_secret) = self.person(organisation, &self.second_name, second_role);
        let (first, secret) = self.person(organisation, &self.admin_name, Role::Administrator);
        let (staff, second_staff) = (first.staff, second.staff);
        let options = InitOptions {
            data,
            vault: vault.clone(),
            origin: origin.clone(),
            test_tier: self.test_vault,
            protection: self.protection()?,
            organisation: self
                .organisation
                .as_ref()
                .map(read)
                .transpose()
                .map_err(Failure::Usage)?,
        };
        ledger::ledger::init_founded(&options, |ledger| {
            second.found(ledger)?;
            first.found(ledger)?;
            // Shown before the ledger counts as made: a crash locks nobody out.
            say("Keep both tokens now: they are shown once. Give each to one person.");
            say("Never copy the vault's roots or shares: a copy outlives what is forgotten.");
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
                "second_staff_id": second_staff.to_string(),
                "second_token": second_secret.reveal(),
            }))
        })
    }

    /// One of the first two persons, with a fresh token.
    fn person(&self, organisation: OrganisationId, name: &str, role: Role) -> (Founder, Secret) {
        let secret = Secret::fresh();
        let founder = Founder {
            staff: StaffId::fresh(&mut SystemEntropy),
            organisation,
            name: name.to_owned(),
            role,
            digest: secret.digest(),
            token_days: self.token_days,
        };
        (founder, secret)
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

/// Flags of `fsck`.
#[derive(Args)]
pub(crate) struct Fsck {
    #[command(flatten)]
    folders: FolderArgs,
    /// Check without the vault: everything but what needs keys
    #[arg(long)]
    without_vault: bool,
    /// First write damaged frames of the journal again from this mirror or backup
    #[arg(long, value_name = "DIR")]
    mend_from: Option<PathBuf>,
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
        let (data, vault) = (&self.folders.data, vault.as_deref());
        let mended = self.mend_from.as_deref().map(|from| mend(data, from));
        let mended = mended.transpose()?;
        let (bar, progress) = bar();
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
        let mut shown = json!({
            "ok": well,
            "events": report.events,
            "frames": report.frames,
            "opened": report.opened,
            "findings": findings,
        });
        if let (Some(fields), Some(mended)) = (shown.as_object_mut(), mended) {
            fields.insert("frames_mended".to_owned(), mended.into());
        }
        // People need no empty list to see that all is well.
        if let Some(fields) = shown.as_object_mut().filter(|_| well && !output.json) {
            fields.remove("findings");
        }
        output.show(&shown)?;
        if well { Ok(()) } else { Err(Failure::Findings) }
    }
}

/// Cuts out whatever was destroyed, on whatever day; of a folder that no server has open.
pub(crate) fn cut_out(folders: &FolderArgs, output: Output) -> Result<(), Failure> {
    let ledger = folders.open()?;
    let now = CutOptions {
        after_days: 0,
        store: true,
    };
    let report = ledger.cut_out(now)?;
    ledger.close()?;
    output.show(&json!({
        "segments": report.segments,
        "streams": report.streams,
        "finished": report.finished,
    }))
}

/// What `status` says of a folder.
pub(crate) fn status(folders: &FolderArgs, output: Output) -> Result<(), Failure> {
    let ledger = folders.open()?;
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
        "sending_held": status.sending_held,
        "mirrors": mirrors,
        "backups": copies.backups.iter().map(backup).collect::<Vec<_>>(),
        "program_version": env!("CARGO_PKG_VERSION"),
    }))
}

/// A backup as `status` shows it; without a folder where only the log knows of it.
pub(super) fn backup(backup: &BackupReport) -> Value {
    let known = !backup.folder.as_os_str().is_empty();
    json!({
        "id": backup.id.to_string(),
        "folder": known.then_some(&backup.folder),
        "frame": backup.frame,
        "epoch": backup.epoch,
    })
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
    let ledger = folders.open()?;
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
