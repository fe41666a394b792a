//! What to do with the vault's roots when a ledger opens: one pure decision, before any read or
//! write.
//!
//! - A missing, wrong, old or unreadable vault is a refusal, never "erased" (I7).
//! - A rotation is finished only under exactly the root that its intent names, after a read-back.
//! - After any answer but `Refuse` the caller runs `Vault::keep_only` with the epoch it opens at.

use super::index::{DONE_KEY, INTENT_KEY, KeyIndex, READY_KEY};
use super::record::{KeyRecord, RotationId};
use super::secret::KeyId;
use crate::error::{Fault, VaultFault};

/// What the ledger's own records say of its root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootHistory {
    /// Epoch of the last `Done`.
    pub epoch: u64,
    /// Root of the last `Done`.
    pub root: KeyId,
    /// The rotation that is neither done nor abandoned.
    pub pending: Option<Pending>,
}

/// A rotation found without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Which.
    pub rotation: RotationId,
    /// The root that it would install.
    pub new_root: KeyId,
    /// Whether its `Ready` record is there.
    pub ready: bool,
}

/// What reading the pending rotation back through the vault's new root gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadBackResult {
    /// Not ready, not whole, or not openable by the vault's new root (also if there is none).
    Failed,
    /// `verify_rotation` passed.
    Passed,
}

/// One root in the vault, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedRoot {
    /// Its epoch.
    pub epoch: u64,
    /// Its key id.
    pub id: KeyId,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Boot {
    /// Open under the root of this epoch.
    Open {
        /// The ledger's epoch.
        epoch: u64,
    },
    /// Destroy whatever is not the root of this epoch, then write the closing records.
    Finish {
        /// The pending rotation.
        rotation: RotationId,
        /// Its epoch.
        epoch: u64,
    },
    /// Erase whatever is not the root of `keep`, then record `Abandoned` and open at `keep`.
    Abandon {
        /// The pending rotation.
        rotation: RotationId,
        /// The epoch that stays.
        keep: u64,
        /// The epoch of a new root that had been installed, if any.
        erase: Option<u64>,
    },
    /// Do not open.
    Refuse(VaultFault),
}

impl RootHistory {
    /// Reads the last `Done` and the pending rotation; `None` if no tree was ever made here.
    pub fn read(index: &dyn KeyIndex) -> Result<Option<Self>, Fault> {
        let Some(bytes) = index.value(DONE_KEY)? else {
            return Ok(None);
        };
        let KeyRecord::Done { epoch, root, .. } = KeyRecord::from_bytes(&bytes)? else {
            return Err(damaged());
        };
        let pending = Self::read_pending(index, epoch, root)?;
        Ok(Some(Self {
            epoch,
            root,
            pending,
        }))
    }

    fn read_pending(
        index: &dyn KeyIndex,
        epoch: u64,
        root: KeyId,
    ) -> Result<Option<Pending>, Fault> {
        let Some(bytes) = index.value(INTENT_KEY)? else {
            return Ok(None);
        };
        let KeyRecord::Intent {
            rotation,
            epoch: next,
            old_root,
            new_root,
        } = KeyRecord::from_bytes(&bytes)?
        else {
            return Err(damaged());
        };
        if epoch.checked_add(1) != Some(next) || old_root != root {
            return Err(damaged());
        }
        let ready = match index.value(READY_KEY)? {
            None => false,
            Some(bytes) => matches!(
                KeyRecord::from_bytes(&bytes)?,
                KeyRecord::Ready { rotation: of, .. } if of == rotation
            ),
        };
        Ok(Some(Pending {
            rotation,
            new_root,
            ready,
        }))
    }
}

/// The decision. `roots` are the vault's slots with a good checksum.
pub fn decide(history: &RootHistory, roots: &[NamedRoot], read_back: ReadBackResult) -> Boot {
    let old = NamedRoot {
        epoch: history.epoch,
        id: history.root,
    };
    let new = history.pending.as_ref().map(|pending| NamedRoot {
        epoch: history.epoch.saturating_add(1),
        id: pending.new_root,
    });
    // A root that the records do not know is never wiped and never opened beside: it may be the
    // living root of a ledger of which this folder is an old copy. Leftovers of earlier epochs are
    // wiped.
    let foreign = roots
        .iter()
        .any(|root| *root != old && Some(*root) != new && root.epoch >= history.epoch);
    let old_lives = roots.contains(&old);
    let new_lives = new.is_some_and(|new| roots.contains(&new));
    if foreign {
        return Boot::Refuse(VaultFault::WrongRoot);
    }
    let Some(pending) = &history.pending else {
        return if old_lives {
            Boot::Open {
                epoch: history.epoch,
            }
        } else {
            Boot::Refuse(absent(history.epoch, roots))
        };
    };
    let passed = pending.ready && read_back == ReadBackResult::Passed;
    match (old_lives, new_lives) {
        (_, true) if passed => Boot::Finish {
            rotation: pending.rotation,
            epoch: history.epoch.saturating_add(1),
        },
        (true, new_lives) => Boot::Abandon {
            rotation: pending.rotation,
            keep: history.epoch,
            erase: new_lives.then_some(history.epoch.saturating_add(1)),
        },
        (false, true) => Boot::Refuse(VaultFault::WrongRoot),
        (false, false) => Boot::Refuse(absent(history.epoch, roots)),
    }
}

/// None of the roots is one of ours, and none is newer.
fn absent(expected: u64, roots: &[NamedRoot]) -> VaultFault {
    match roots.iter().map(|root| root.epoch).max() {
        Some(found) => VaultFault::Old { found, expected },
        None => VaultFault::Unreadable,
    }
}

fn damaged() -> Fault {
    Fault::damaged("key records", "the rotation's state")
}
