//! What is recorded of destroying keys and of the copies that must know.

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::codes::DetachReason;
use super::super::ids::*;
use super::super::record::PublicText;
use super::Event;

fields! {
    /// Keys of these leaves are being destroyed; nothing can be undone from here on.
    ShredStarted {
        /// Which rotation of the key tree.
        rotation: RotationId,
        /// Which leaves.
        keys: Vec<LeafKeyId>,
    }
    /// The keys are gone: what rested on them alone is unreadable to everyone.
    Shredded {
        /// Which leaves.
        keys: Vec<LeafKeyId>,
        /// The key tree's epoch that no longer has them.
        epoch: u64,
        /// How many personal parts became unreadable.
        parts: u32,
        /// Whether the keys were found dead: destroyed where this log did not see it, before it was
        /// restored.
        found: bool,
    }
    /// A rotation of the key tree ended, on the ledger's own stream: counts only.
    KeysRotated {
        /// The key tree's epoch now.
        epoch: u64,
        /// How many leaves it left behind.
        keys: u32,
    }
    /// A mirror has a say from here on: no root is destroyed before it has the new key records.
    MirrorAttached {
        /// Which.
        mirror: CopyId,
    }
    /// A mirror has no say any more, whatever it still holds.
    MirrorDetached {
        /// Which.
        mirror: CopyId,
        /// Why.
        reason: DetachReason,
    }
    /// A certificate of an erasure was issued; its digest stands in a clear segment beside.
    ErasureCertified {
        /// Which rotation of the key tree destroyed the keys.
        rotation: RotationId,
        /// Where the event that completed it stands.
        completed: u64,
        /// Which issue: the first, or a later one that knows more.
        issue: u32,
        /// The certificate, word for word, as signed.
        note: PublicText,
    }
    /// What the destroyed keys had opened is zeros in every file of the ledger, and in every
    /// attached mirror but those named. On the ledger's own stream: the sum of a round, without
    /// keys.
    CiphertextCut {
        /// The leaves whose destruction this ends.
        keys: Vec<LeafKeyId>,
        /// How many segments were cut out.
        segments: u32,
        /// Mirrors that had not yet done the same.
        outstanding: Vec<CopyId>,
        /// The last frame that lists any of them: a copy that has it has done the same.
        frame: u64,
    }
}
