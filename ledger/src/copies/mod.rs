//! Copies: the journal in other folders, so that nothing acknowledged is lost with one disk, and
//! so that nobody comes back from a copy who was forgotten (SPEC §13).
//!
//! - A mirror follows the journal while the ledger is open. A root dies only after every attached
//!   mirror has the key records of the new one.
//! - No copy ever holds a root, a signing key, a token or anything else that lies outside the
//!   journal.

pub(crate) mod anchor;
mod attached;
mod backup;
mod begun;
mod check;
mod folder;
mod keyfile;
mod manifest;
mod mend;
mod mirror;
mod notes;
mod recorded;
pub(crate) mod registry;
mod restore;
mod source;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use crate::domain::codes::AnchorReason;

pub(crate) use attached::{Copies, mirror_key};
pub(crate) use mirror::{Mirrors, open_mirrors};
pub(crate) use notes::Notes;
pub(crate) use recorded::{RESTORED_KEY, copies_records, mirror_events, mirror_standing};
pub(crate) use registry::BackupList;
pub(crate) use restore::RESTORED;

pub use attached::{CopiesReport, MirrorReport, MirrorState};
pub use backup::{BackupMade, back_up};
pub use check::{CheckOptions, CopyChecked, check_copy};
pub use folder::{CopyFolder, CopyKind};
pub use keyfile::{KeysExported, export_keys};
pub use manifest::Manifest;
pub use mend::mend;
pub use registry::{BackupReport, forget_backup};
pub use restore::{RestoreDone, RestoreOptions, restore};

/// Which copies an open ledger keeps.
#[derive(Clone, Debug, Default)]
pub struct Copying {
    /// Folders of mirrors: each an empty one, or a mirror of this ledger.
    pub mirrors: Vec<PathBuf>,
    /// A file outside the machine's image that says how far the ledger was: behind it, it does not
    /// start.
    pub anchor: Option<PathBuf>,
    /// Begin a new anchor although the ledger has one, and why; recorded.
    pub anchor_new: Option<AnchorReason>,
    /// Destroy keys although no mirror is attached (always so with a vault of tier `test`).
    pub alone: bool,
}
