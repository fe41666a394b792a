//! What is recorded of restoring and of copies since their first events: two persons for a mirror,
//! the way back to sending, the anchor, the list of backups.

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::codes::{AnchorReason, DetachReason};
use super::super::ids::{CopyId, OrganisationId};
use super::super::record::PublicText;
use super::Event;
use crate::clock::Timestamp;

fields! {
    /// The ledger goes on from a copy, under another name: what lies between may be lost.
    Restored {
        /// From which copy.
        from: CopyId,
        /// The log's name before.
        origin: PublicText,
        /// Events that the copy held.
        size: u64,
        /// Its last frame.
        frame: u64,
        /// The last frame that was known to be acknowledged.
        known_frame: u64,
    }
    /// Somebody wants to end a mirror's say; a second person decides.
    MirrorDetachAsked {
        /// Which.
        mirror: CopyId,
        /// Why.
        reason: DetachReason,
        /// The organisation of who asked; whoever decides is of it.
        organisation: OrganisationId,
    }
    /// A second person left a mirror its say.
    MirrorDetachRejected {
        /// Which.
        mirror: CopyId,
    }
    /// What may be lost of withdrawals since a restored copy was entered again: sending goes on.
    WithdrawalsConfirmed {}
    /// A backup came onto the ledger's list, or knows of more destructions than before.
    BackupListed {
        /// Which.
        backup: CopyId,
        /// The last frame in it.
        frame: u64,
        /// The epoch of the last finished rotation in it.
        epoch: u64,
        /// When it was made last.
        made: Timestamp,
    }
    /// A backup was struck off the list.
    BackupStruckOff {
        /// Which.
        backup: CopyId,
    }
    /// The ledger has an anchor, or another one.
    AnchorSet {
        /// Why.
        reason: AnchorReason,
    }
}
