//! Copies: the journal in other folders, so that nothing acknowledged is lost with one disk, and
//! so that nobody comes back from a copy who was forgotten (SPEC §13).
//!
//! - A mirror follows the journal while the ledger is open. A root dies only after every attached
//!   mirror has the key records of the new one.
//! - No copy ever holds a root, a signing key, a token or anything else that lies outside the
//!   journal.

mod attached;
mod folder;
mod mirror;
mod recorded;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

pub(crate) use attached::{Copies, mirror_key};
pub(crate) use mirror::{Mirrors, open_mirrors};
pub(crate) use recorded::attached_record;

pub use attached::{CopiesReport, MirrorReport, MirrorState};
pub use folder::{CopyFolder, CopyKind};

/// Which copies an open ledger keeps.
#[derive(Clone, Debug, Default)]
pub struct Copying {
    /// Folders of mirrors: each an empty one, or a mirror of this ledger.
    pub mirrors: Vec<PathBuf>,
    /// Destroy keys although no mirror is attached (always so with a vault of tier `test`).
    pub alone: bool,
}
