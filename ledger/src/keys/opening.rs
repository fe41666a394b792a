//! Opening the key tree: the boot decision carried out, before any read, append or key insertion.

use super::boot::{Boot, ReadBackResult, RootHistory, decide};
use super::index::KeyIndex;
use super::record::{KeyRecord, RotationId};
use super::rotation::{ReadBack, Rotation, verify_rotation};
use super::tree::KeyTree;
use super::vault::{Vault, VaultRoots};
use crate::error::{Fault, VaultFault};

/// Reads the records of a rotation, intent to ready, back from the journal files.
pub type RotationRecords<'a> = &'a mut dyn FnMut(RotationId) -> Result<Vec<Vec<u8>>, Fault>;

/// An opened tree, and what to write first.
#[must_use]
pub struct Opening {
    /// The tree under the root that stays.
    pub tree: KeyTree,
    /// Closing records of a finished rotation, or `Abandoned`: written in one frame and synced
    /// before anything else. A crash before that comes to the same decision again.
    pub records: Vec<KeyRecord>,
    /// The rotation that was finished and still wants its certificate.
    pub finished: Option<RotationId>,
}

/// Decides by `boot::decide`, settles the vault, and opens the tree.
///
/// Fails with `Fault::Vault` when the decision is to refuse; then nothing was changed.
pub fn open_tree(
    vault: &mut dyn Vault,
    index: &dyn KeyIndex,
    rotation_records: RotationRecords<'_>,
) -> Result<Opening, Fault> {
    let history = RootHistory::read(index)?
        .ok_or_else(|| Fault::damaged("key records", "no root was ever recorded"))?;
    let roots = vault.roots()?;
    let recovered = recover(&history, &roots, rotation_records)?;
    let read_back = match &recovered {
        Some(_) => ReadBackResult::Passed,
        None => ReadBackResult::Failed,
    };
    let (epoch, records, finished) = match decide(&history, &roots.named(), read_back) {
        Boot::Refuse(fault) => return Err(Fault::Vault(fault)),
        Boot::Open { epoch } => (epoch, Vec::new(), None),
        Boot::Abandon { rotation, keep, .. } => {
            (keep, vec![KeyRecord::Abandoned { rotation }], None)
        }
        Boot::Finish { rotation, epoch } => {
            let closing = recovered.map_or_else(Vec::new, |found| found.closing_records());
            (epoch, closing, Some(rotation))
        }
    };
    let root = roots
        .of_epoch(epoch)
        .ok_or(Fault::Vault(VaultFault::Unreadable))?
        .duplicate();
    // From here on the other root, if there was one, is gone for ever: the decision above is final.
    vault.keep_only(epoch)?;
    if finished.is_some() {
        // What is about to be called shredded rests on this acknowledgement (I5).
        vault.destroy(epoch.saturating_sub(1))?;
    }
    Ok(Opening {
        tree: KeyTree::open(root, epoch),
        records,
        finished,
    })
}

/// The pending rotation, if the vault holds its root and the journal's records pass the read-back.
fn recover(
    history: &RootHistory,
    roots: &VaultRoots,
    rotation_records: RotationRecords<'_>,
) -> Result<Option<Rotation>, Fault> {
    let Some(pending) = history.pending.as_ref().filter(|pending| pending.ready) else {
        return Ok(None);
    };
    let Some(root) = roots
        .0
        .iter()
        .find(|root| root.key.id() == pending.new_root)
    else {
        return Ok(None);
    };
    let records = rotation_records(pending.rotation)?;
    // A read-back that fails is not an error here: with the old root alive the rotation is given
    // up.
    let rotation =
        ReadBack::from_records(records.iter().map(Vec::as_slice)).and_then(|read_back| {
            let rotation = Rotation::recover(&read_back, root.key.duplicate());
            verify_rotation(&read_back, &rotation)?;
            Ok(rotation)
        });
    Ok(rotation.ok())
}
