//! One holder of shares: a folder, at best on a device of its own, with a share of each epoch's
//! root.
//!
//! - A share names ledger, root, holder and split, so that foreign, swapped and old ones are known.
//! - What cannot be read counts as a lost holder; what belongs elsewhere is an error.

use std::path::Path;

use super::home::{make_folder, require_tier, sync_folder, write_new};
use super::sealed::Seal;
use super::settings::{self, FORMAT, Settings, Sharing};
use super::slots::{Entry, Layout, Slots};
use crate::clock::Entropy;
use crate::error::{Fault, VaultFault};
use crate::hex::{from_hex, hex};
use crate::keys::secret::{Key, KeyId};

/// Names of everything in a holder's folder.
pub(crate) const NAMES: [&str; 2] = [SLOTS_NAME, FILE_NAME];
pub(super) const SLOTS_NAME: &str = "share";
const FILE_NAME: &str = "holder.toml";
const OPEN_LABEL: &[u8] = b"referral-ledger share slot v1";
const SEALED_LABEL: &[u8] = b"referral-ledger sealed share slot v1";
/// log id ‖ root id ‖ holders ‖ threshold ‖ index.
const HEAD_BYTES: usize = 32 + 16 + 3;

/// What every holder of a vault has in common.
#[derive(Clone, Copy)]
pub(super) struct Split {
    pub(super) log_id: [u8; 32],
    pub(super) holders: u8,
    pub(super) threshold: u8,
}

/// A holder that is there.
pub(super) struct Holder {
    split: Split,
    index: u8,
    /// The first epoch that it can have a share of: what a holder before it in the same place had
    /// of earlier ones it cannot wipe.
    since: u64,
    slots: Slots,
}

/// A share as found.
pub(super) struct Share {
    pub(super) epoch: u64,
    pub(super) root: KeyId,
    pub(super) index: u8,
    pub(super) value: Key,
}

impl Split {
    pub(super) fn of(settings: &Settings, sharing: &Sharing) -> Self {
        Self {
            log_id: settings.log_id,
            holders: u8::try_from(sharing.holders.len()).unwrap_or(u8::MAX),
            threshold: sharing.threshold,
        }
    }

    /// How many holders must have overwritten a share before its root is gone: then at most
    /// `threshold − 1` are left that may not have.
    pub(super) fn acknowledgements(self) -> u8 {
        self.holders
            .saturating_sub(self.threshold)
            .saturating_add(1)
    }

    /// How many must hold a new root before the old one may go: enough to read it, and enough to
    /// acknowledge.
    pub(super) fn quorum(self) -> u8 {
        self.threshold.max(self.acknowledgements())
    }
}

impl Holder {
    /// Makes the folder of a holder, with the first epoch that it can have a share of.
    pub(super) fn create(
        folder: &Path,
        settings: &Settings,
        split: Split,
        (index, since): (u8, u64),
        seal: &Seal,
    ) -> Result<Self, Fault> {
        make_folder(folder)?;
        require_tier(folder, settings.tier)?;
        let slots = Slots::create(&folder.join(SLOTS_NAME), layout(seal))?;
        slots.lock(folder)?;
        let id = hex(&split.log_id);
        let text = format!(
            "# A holder of shares of a referral-ledger vault. Never copy it, never back it up.\n\
             format = {FORMAT}\nlog_id = \"{id}\"\nindex = {index}\nholders = {}\n\
             threshold = {}\nsince = {since}\n",
            split.holders, split.threshold
        );
        write_new(&folder.join(FILE_NAME), text.as_bytes())?;
        sync_folder(folder)?;
        Ok(Self {
            split,
            index,
            since,
            slots,
        })
    }

    /// Opens a holder's folder. `Ok(Err(why))` if it is lost, as far as can be seen from here.
    pub(super) fn open(
        folder: &Path,
        settings: &Settings,
        split: Split,
        index: u8,
        seal: &Seal,
    ) -> Result<Result<Self, String>, Fault> {
        let text = match std::fs::read_to_string(folder.join(FILE_NAME)) {
            Ok(text) => text,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let table = match settings::parse_format(&text, FILE_NAME, "holder") {
            Ok(table) => table,
            Err(Fault::Damaged { place, .. }) => return Ok(Err(format!("damaged: {place}"))),
            Err(fault) => return Err(fault),
        };
        require_ours(folder, &table, split, index)?;
        let since = table.get("since").and_then(toml::Value::as_integer);
        let Some(since) = since.and_then(|since| u64::try_from(since).ok()) else {
            return Ok(Err("damaged: since".to_owned()));
        };
        require_tier(folder, settings.tier)?;
        let slots = match Slots::open(&folder.join(SLOTS_NAME), layout(seal)) {
            Ok(slots) => slots,
            Err(lost) => return Ok(Err(lost.to_string())),
        };
        slots.lock(folder)?;
        Ok(Ok(Self {
            split,
            index,
            since,
            slots,
        }))
    }

    /// Whether a folder is a holder's: this file is written last.
    pub(super) fn is_at(folder: &Path) -> bool {
        folder.join(FILE_NAME).exists()
    }

    /// The shares that it holds: none, one, or two in the middle of a rotation.
    pub(super) fn shares(&self, seal: &Seal) -> Result<Vec<Share>, Fault> {
        let entries = self.slots.entries()?;
        entries
            .iter()
            .map(|entry| self.share(entry, seal))
            .collect()
    }

    /// Whether its word that it holds nothing of an epoch says that nobody in its place does.
    pub(super) fn answers_for(&self, epoch: u64) -> bool {
        self.since <= epoch
    }

    /// Whether a new share fits beside what it holds, and can be written.
    pub(super) fn require_room(&self, entropy: &mut dyn Entropy) -> Result<(), Fault> {
        self.slots.require_room(entropy)
    }

    /// Puts a share of a new root beside the present one.
    pub(super) fn install(
        &self,
        share: &Share,
        seal: &Seal,
        entropy: &mut dyn Entropy,
    ) -> Result<(), Fault> {
        let mut body = self.head(share.root);
        let context = context(&body, share.epoch);
        body.extend_from_slice(&seal.close(&share.value, &context, entropy));
        let body = zeroize::Zeroizing::new(body);
        self.slots.install(share.epoch, &body, entropy)
    }

    /// Overwrites the shares that `doomed` names, what names no root, and torn remains; reads back.
    pub(super) fn destroy(
        &self,
        doomed: impl Fn(u64, KeyId) -> bool,
        entropy: &mut dyn Entropy,
    ) -> Result<(), Fault> {
        let doomed = |entry: &Entry| root_of(entry).is_none_or(|root| doomed(entry.epoch, root));
        self.slots.destroy(doomed, entropy)
    }

    fn share(&self, entry: &Entry, seal: &Seal) -> Result<Share, Fault> {
        let foreign = || Fault::damaged("share", format!("holder {}: not its own", self.index));
        let root = root_of(entry).ok_or_else(foreign)?;
        let (head, value) = entry
            .body
            .split_at_checked(HEAD_BYTES)
            .ok_or_else(foreign)?;
        if head != self.head(root) {
            return Err(foreign());
        }
        let value = seal.open(value, &context(head, entry.epoch));
        Ok(Share {
            epoch: entry.epoch,
            root,
            index: self.index,
            value: value.ok_or_else(foreign)?,
        })
    }

    fn head(&self, root: KeyId) -> Vec<u8> {
        let Split {
            log_id,
            holders,
            threshold,
        } = self.split;
        [&log_id[..], &root.0, &[holders, threshold, self.index]].concat()
    }
}

/// Refuses the folder of another ledger, another vault or another place in the list.
fn require_ours(folder: &Path, table: &toml::Table, split: Split, index: u8) -> Result<(), Fault> {
    let number = |name: &str| table.get(name).and_then(toml::Value::as_integer);
    let word = table.get("log_id").and_then(toml::Value::as_str);
    let why = if word.and_then(from_hex) != Some(split.log_id) {
        "it belongs to another ledger".to_owned()
    } else if number("holders") != Some(split.holders.into())
        || number("threshold") != Some(split.threshold.into())
    {
        "it belongs to another sharing".to_owned()
    } else if number("index") != Some(index.into()) {
        format!("it is not holder {index}: keep the holders of vault.toml in their order")
    } else {
        return Ok(());
    };
    Err(Fault::Vault(VaultFault::ForeignHolder {
        folder: folder.display().to_string(),
        why,
    }))
}

fn root_of(entry: &Entry) -> Option<KeyId> {
    let (_, rest) = entry.body.split_first_chunk::<32>()?;
    rest.first_chunk::<16>().map(|id| KeyId(*id))
}

/// What binds a sealed share to its place.
fn context(head: &[u8], epoch: u64) -> Vec<u8> {
    [SLOTS_NAME.as_bytes(), &[0], head, &epoch.to_be_bytes()].concat()
}

fn layout(seal: &Seal) -> Layout {
    Layout {
        label: if seal.is_open() {
            OPEN_LABEL
        } else {
            SEALED_LABEL
        },
        body_bytes: HEAD_BYTES + seal.bytes(),
    }
}

/// How a holder is spoken of where an operator has to find it.
pub(super) fn named(index: u8, folder: &Path, why: &str) -> String {
    format!("holder {index} at {}: {why}", folder.display())
}
