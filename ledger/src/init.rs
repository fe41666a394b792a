//! Making a ledger: data folder, vault, log, and the first frame.

use std::path::{Path, PathBuf};

use crate::authorise::{DEFAULT_POLICY, Policy};
use crate::clock::{Entropy, SystemEntropy};
use crate::decide::Rules;
use crate::domain::event::LedgerCreated;
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::keys::{FileVault, KeyTree, Tier, Vault};
use crate::log::Log;
use crate::merkle::Tree;
use crate::open::{Folders, Started, log_options, policy_record, require_apart, unusable};
use crate::shared::Published;

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
}

/// Makes an empty ledger and its vault.
pub fn init(options: &InitOptions) -> Result<(), Fault> {
    require_apart(&options.data, &options.vault)?;
    require_empty(&options.data)?;
    require_empty(&options.vault)?;
    let mut entropy = SystemEntropy;
    let mut log_id = [0; 32];
    entropy.fill(&mut log_id);
    let tier = if options.test_tier {
        Tier::Test
    } else {
        Tier::File
    };
    std::fs::create_dir_all(&options.data).map_err(Fault::io("making the ledger's folder"))?;
    let mut vault: Box<dyn Vault> = Box::new(FileVault::create(
        &options.vault,
        tier,
        log_id,
        Box::new(SystemEntropy),
    )?);
    let (keys, root, done) = KeyTree::create(&mut entropy);
    // A crash from here to the first frame leaves folders that open refuses and init refuses: both
    // are new and hold nothing, so the operator removes them.
    vault.install(keys.epoch(), &root)?;
    let folders = Folders(&options.data);
    Log::create(&folders.log(), log_id)?;
    let signer = vault.signer(&options.origin)?;
    std::fs::write(folders.vkey(), format!("{}\n", signer.vkey()))
        .map_err(Fault::io("writing log.vkey"))?;
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
        policy,
        published,
    };
    let mut writer = started.writer(Rules::default(), Box::new(SystemEntropy))?;
    let event = writer.told(StreamId::Ledger, begun.into());
    let mut staged = writer.stage_events(vec![event])?;
    staged.key_records.insert(0, done.to_bytes());
    staged
        .index_records
        .push(policy_record(&writer.shared.policy));
    writer.append(&mut staged, false)?;
    writer.close()
}

fn require_empty(folder: &Path) -> Result<(), Fault> {
    let Ok(mut entries) = std::fs::read_dir(folder) else {
        return Ok(());
    };
    if entries.next().is_none() {
        return Ok(());
    }
    let place = folder.display();
    Err(Fault::Unusable(format!(
        "{place} is not empty; nothing was touched, choose another"
    )))
}
