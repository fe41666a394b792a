//! What is recorded of retention: rules, holds, sweeps, the end of a record.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::codes::{DataCategory, HoldReason};
use super::super::ids::*;
use super::super::record::PublicText;
use super::Event;
use crate::clock::Timestamp;

fields! {
    /// A legal hold was placed: retention rules destroy nothing that it covers.
    HoldPlaced {
        /// Which.
        hold: HoldId,
        /// Whose data; everybody's in the case if not said.
        person: Option<PersonId>,
        /// Why.
        reason: HoldReason,
        /// When it ends by itself.
        until: Timestamp,
    }
    /// A legal hold was ended before its day.
    HoldReleased {
        /// Which.
        hold: HoldId,
    }
    /// A hold kept data that are over by the rules; told once for each hold.
    RetentionHeld {
        /// Which.
        hold: HoldId,
    }
    /// A consent's data are over by the retention rules; its keys are fenced with this event.
    RetentionApplied {
        /// Which consent.
        consent: ConsentId,
        /// Only these kinds of data; none for all of it.
        categories: Option<BTreeSet<DataCategory>>,
        /// The rule that it is over by.
        rule: PublicText,
        /// The version of the rules.
        version: u32,
        /// When the keys are to be destroyed.
        shred_due: Timestamp,
    }
    /// Other retention rules came into force.
    RetentionInstalled {
        /// SHA-256 of the file.
        digest: [u8; 32],
        /// The file's own number.
        version: u32,
        /// The file, word for word.
        rules: PublicText,
    }
    /// Somebody asked for a sweep by hand.
    SweepRequested {
        /// Which.
        sweep: SweepId,
        /// Of whose cases.
        organisation: OrganisationId,
        /// How many cases it may take.
        cases: u32,
        /// The version of the rules.
        version: u32,
    }
    /// A second person agreed to it; once it has run, the rules are applied by night, too.
    SweepApproved {
        /// Which.
        sweep: SweepId,
        /// Of whose cases.
        organisation: OrganisationId,
        /// The version of the rules.
        version: u32,
    }
    /// A sweep ended; the keys of its cases go in one rotation, as far as there is room in one.
    SweepDone {
        /// Which.
        sweep: SweepId,
        /// Of whose cases.
        organisation: OrganisationId,
        /// In how many cases something was over.
        cases: u32,
        /// In how many a hold kept something.
        held: u32,
        /// How many cases were closed, their record included.
        closed: u32,
        /// Of how many members of staff who left the name ended.
        staff: u32,
        /// The version of the rules.
        version: u32,
        /// How many cases were due, if that was more than it might take: then it took none, and
        /// lets nothing loose.
        too_many: Option<u32>,
    }
    /// The clock was not believed: the rules are not applied until two persons agree to a sweep.
    ClockDoubted {
        /// The moment that the log and the time passed since lead to.
        known: Timestamp,
        /// What the clock said.
        told: Timestamp,
    }
    /// The retention of a stream's record ended: its record leaf is fenced with this event and
    /// destroyed next. On the ledger's own stream; no case is named, so that nothing leads back.
    StreamClosed {
        /// The leaf that its record parts rested on.
        leaf: LeafKeyId,
        /// The organisation that held it.
        organisation: OrganisationId,
        /// The rule that it ended by.
        rule: PublicText,
        /// The version of the rules.
        version: u32,
        /// How many events of each kind it had, by their stored numbers: what counts keep.
        events: Vec<u32>,
        /// How many keys were destroyed in it before.
        keys: u32,
        /// How many personal parts went with those.
        parts: u32,
    }
    /// A sweep that nobody agreed to yet was taken back.
    SweepWithdrawn {
        /// Which.
        sweep: SweepId,
        /// Of whose cases.
        organisation: OrganisationId,
    }
    /// Somebody wants to end a hold before its day; a second person decides.
    HoldReleaseAsked {
        /// Which.
        hold: HoldId,
    }
    /// A second person left a hold in force.
    HoldReleaseRejected {
        /// Which.
        hold: HoldId,
    }
    /// The name of a member of staff who left is over by the retention rules; its key is fenced
    /// with this event.
    StaffNameEnded {
        /// The ground that it rested on.
        ground: GroundId,
        /// The rule that it is over by.
        rule: PublicText,
        /// The version of the rules.
        version: u32,
    }
}
