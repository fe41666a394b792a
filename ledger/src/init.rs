//! Making a ledger: data folder, vault, log, and the first frame; and clearing what an earlier
//! attempt left.
//!
//! - Each new folder holds a marker from its first moment, and loses it last: the data folder's is
//!   the very last. Opening refuses a folder with a marker, so nothing was ever acknowledged there.
//! - Only marked folders are cleared, and only of names that are ours: anybody's data stay.

use std::path::PathBuf;
use std::sync::Arc;

use crate::authorise::{DEFAULT_POLICY, Policy};
use crate::clock::{Entropy, SystemClock, SystemEntropy};
use crate::copies::Copying;
use crate::domain::event::LedgerCreated;
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::hex::hex;
use crate::keys::vault::{holder, home};
use crate::keys::{FileVault, Hardness, KeyTree, Passphrase, ShareVault, Tier, Vault};
use crate::ledger::Ledger;
use crate::log::Log;
use crate::merkle::Tree;
use crate::open::{Files, Folders, Started, log_options, policy_record, require_apart, unusable};
use crate::organisation::Organisation;
use crate::shared::Published;
use crate::submit::writer::Writer;
use crate::unfinished::Place;

/// How to make a ledger.
pub struct InitOptions {
    /// The ledger's folder; new or empty.
    pub data: PathBuf,
    /// The vault's folder; new or empty, outside the ledger's.
    pub vault: PathBuf,
    /// The log's name on checkpoints, for example `referrals.example.org/log`.
    pub origin: String,
    /// Tier `test`: a vault anywhere, printed wherever it matters.
    pub test_tier: bool,
    /// What protects the vault besides.
    pub protection: Protection,
    /// Text of the organisation's file; none for the one that ships.
    pub organisation: Option<String>,
}

/// What protects a vault besides lying apart.
#[derive(Default)]
pub struct Protection {
    /// Shares of the root, in folders of their own.
    pub shares: Option<Shares>,
    /// A passphrase over everything, and what guessing it costs.
    pub passphrase: Option<(Passphrase, Hardness)>,
}

/// Who holds shares of the root, and how many it takes to read it.
pub struct Shares {
    /// The holders' folders; new or empty, at best on devices of their own.
    pub holders: Vec<PathBuf>,
    /// How many it takes.
    pub threshold: u8,
}

/// Makes an empty ledger and its vault.
pub fn init(options: &InitOptions) -> Result<(), Fault> {
    init_founded(options, |_| Ok(()))
}

/// The same, with what has to be in the ledger before it counts as made. Where that fails, or a
/// crash comes before its end, the next `init` clears everything and begins anew.
pub fn init_founded<E: From<Fault>>(
    options: &InitOptions,
    found: impl FnOnce(&Ledger) -> Result<(), E>,
) -> Result<(), E> {
    by_steps(options, found, &mut |_| Ok(()))
}

/// `step` is told of every durable step, so that tests can stop after each.
fn by_steps<E: From<Fault>>(
    options: &InitOptions,
    found: impl FnOnce(&Ledger) -> Result<(), E>,
    step: Step<'_>,
) -> Result<(), E> {
    // Read before anything is made.
    let organisation = options.organisation.as_deref().map(Organisation::parse);
    let organisation = organisation.transpose().map_err(unusable)?;
    let mut places = places(options)?;
    let mut unfinished = None;
    if let Some(data) = places.first() {
        unfinished = data.marked_for()?;
    }
    for place in &places {
        place.require_free(unfinished.as_deref())?;
    }
    for place in places.iter().rev() {
        place.clear()?;
        step("cleared")?;
    }
    let mut log_id = [0; 32];
    SystemEntropy.fill(&mut log_id);
    for place in &mut places {
        place.begin(&hex(&log_id))?;
        step("marked")?;
    }
    let ledger = Ledger::start(make(options, organisation, log_id, step)?, &options.data)?;
    let founded = found(&ledger);
    ledger.close()?;
    founded?;
    step("founded")?;
    // The data folder's mark goes last: as long as it stands the ledger is not made.
    for place in places.iter().rev() {
        place.finish()?;
        step("unmarked")?;
    }
    Ok(())
}

/// The folders to fill, the data folder first. None lies in another.
fn places(options: &InitOptions) -> Result<Vec<Place>, Fault> {
    let mut places = vec![
        Place::new(&options.data, &DATA_NAMES),
        Place::new(&options.vault, &home::NAMES),
    ];
    if let Some(shares) = &options.protection.shares {
        let holders = shares.holders.iter();
        places.extend(holders.map(|folder| Place::new(folder, &holder::NAMES)));
    }
    for (number, place) in places.iter().enumerate() {
        for other in places.iter().skip(number + 1) {
            require_apart(place.folder(), other.folder())?;
        }
    }
    Ok(places)
}

/// The vault, the log and the first frame, in marked folders.
fn make(
    options: &InitOptions,
    organisation: Option<Organisation>,
    log_id: [u8; 32],
    step: Step<'_>,
) -> Result<Writer, Fault> {
    let mut entropy = SystemEntropy;
    let mut vault = make_vault(options, log_id)?;
    step("vault made")?;
    let (keys, root, done) = KeyTree::create(&mut entropy);
    vault.install(keys.epoch(), &root)?;
    step("root installed")?;
    let folders = Folders(&options.data);
    Log::create(&folders.log(), log_id)?;
    step("log made")?;
    let signer = vault.signer(&options.origin)?;
    std::fs::write(folders.vkey(), format!("{}\n", signer.vkey()))
        .map_err(Fault::io("writing log.vkey"))?;
    step("key written")?;
    let (log, _) = Log::open(&folders.log(), log_options(None, None, None))?;
    let policy = Policy::parse(DEFAULT_POLICY).map_err(unusable)?;
    let begun = LedgerCreated {
        policy: policy.digest(),
    };
    let tree = Tree::open(&folders.tiles(), 0, None, &mut |_| Err(Fault::Poisoned))?;
    let published = Published {
        size: 0,
        checkpoint: String::new().into(),
    };
    let started = Started {
        log,
        vault,
        signer,
        keys,
        tree,
        files: Files {
            policy,
            retention: None,
            organisation,
        },
        clock: Arc::new(SystemClock),
        published,
    };
    let (copying, entropy) = (Copying::default(), Box::new(SystemEntropy));
    let mut writer = started.writer(&copying, entropy)?;
    let event = writer.told(StreamId::Ledger, begun.into());
    let events = std::iter::once(event).chain(writer.files_installed());
    let mut staged = writer.stage_events(events.collect())?;
    staged.key_records.insert(0, done.to_bytes());
    staged
        .index_records
        .push(policy_record(&writer.shared.policy));
    writer.append(&mut staged, false)?;
    step("first frame")?;
    Ok(writer)
}

fn make_vault(options: &InitOptions, log_id: [u8; 32]) -> Result<Box<dyn Vault>, Fault> {
    let protection = &options.protection;
    let words = protection.passphrase.as_ref();
    let words = words.map(|(words, hardness)| (words, *hardness));
    let entropy = Box::new(SystemEntropy);
    let tier = match (options.test_tier, &protection.shares) {
        (true, _) => Tier::Test,
        (false, None) => Tier::File,
        (false, Some(_)) => Tier::Shares,
    };
    let Some(shares) = &protection.shares else {
        let vault = FileVault::create(&options.vault, tier, log_id, words, entropy)?;
        return Ok(Box::new(vault));
    };
    let absolute = |folder: &PathBuf| std::path::absolute(folder);
    let holders: Result<Vec<PathBuf>, _> = shares.holders.iter().map(absolute).collect();
    let holders = holders.map_err(Fault::io("resolving a path"))?;
    let sharing = (shares.threshold, holders.as_slice());
    let vault = ShareVault::create(&options.vault, tier, log_id, sharing, words, entropy)?;
    Ok(Box::new(vault))
}

#[cfg(test)]
mod tests;

/// Everything that making a ledger puts into its data folder.
const DATA_NAMES: [&str; 4] = ["log", "tiles", "snapshots", "log.vkey"];

/// Told of every durable step.
type Step<'a> = &'a mut dyn FnMut(&'static str) -> Result<(), Fault>;
