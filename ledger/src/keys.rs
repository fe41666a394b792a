//! Keys: the tree, the vault, the signer. The only place that touches key bytes (SPEC §5).
//!
//! - A leaf key is a ground: it lives exactly as long as someone may read what it opens.
//! - Only the 32-byte root, in the vault, is ever truly erased; every other key is a wrap in the
//!   journal.
//! - Outside this module a key is a handle: it can be passed on, compared by id, and dropped.

pub mod boot;
pub(crate) mod cipher;
pub mod cut;
pub mod index;
pub mod index_key;
pub mod opening;
pub mod place;
pub mod record;
pub mod rotation;
pub(crate) mod said;
pub(crate) mod sealed_value;
pub mod secret;
pub mod signer;
pub mod tree;
pub mod unfenced;
pub mod vault;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use cut::Cut;
pub use index::{IndexRecord, KeyIndex, MemoryIndex, Overlay};
pub use index_key::IndexKeys;
pub use place::{Cohort, LeafNumber, Place};
pub use record::{KeyRecord, RotationId, index_records};
pub use rotation::{ReadBack, Rotation, verify_rotation};
pub use secret::{Key, KeyId, LeafHandle};
pub use signer::Signer;
pub use tree::{KeyState, KeyTree, NewLeaf};
pub use unfenced::Unfenced;
pub use vault::{
    Destroyed, FileVault, Hardness, NotedFrame, Passphrase, Position, PositionFile, ShareVault,
    Statement, Tier, Vault,
};

pub(crate) use record::is_fence;
pub(crate) use said::said;
#[cfg(test)]
pub(crate) use tree::leaf_number;
pub(crate) use tree::{is_dead, is_fenced};
