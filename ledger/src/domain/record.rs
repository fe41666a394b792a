//! What stands around an event in its record part: who, when, which leaf keys; and a directory
//! entry.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::codes::{DataCategory, RecipientClass};
use super::directory::ServiceDetails;
use super::event::Event;
use super::ids::*;
use super::stream::StreamId;
use crate::clock::{Day, Timestamp};

/// The record part of one event, as sealed in segment 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Which stream the event belongs to.
    pub stream: StreamId,
    /// Its place in the stream, from 1.
    pub version: u64,
    /// When it was recorded.
    pub recorded: Recorded,
    /// When it is claimed to have happened, if that is another time (MISSION C9).
    pub occurred: Option<Timestamp>,
    /// Who acted.
    pub actor: Actor,
    /// Leaf keys made with this event.
    pub leaves: Vec<LeafMade>,
    /// What happened.
    pub event: Event,
}

/// Text that an organisation published about itself or its services; never about a client.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PublicText(pub String);

/// What a leaf key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LeafOf {
    /// Whose data it protects.
    pub person: PersonId,
    /// The ground they rest on.
    pub ground: GroundId,
    /// The data category of a referral's content; none for everything else on that ground.
    pub category: Option<DataCategory>,
}

/// A leaf key, noted in the event that needed it first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeafMade {
    /// What it is for.
    pub of: LeafOf,
    /// The key's fingerprint.
    pub key: LeafKeyId,
}

/// Who acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Actor {
    /// A member of staff.
    Staff(StaffId),
    /// The ledger itself, by a rule (expiry, due shredding).
    System,
    /// Not recorded, so that an anonymous count stays anonymous (MISSION A2).
    Nobody,
    /// A member of staff, on behalf of somebody absent whom they stand in for (MISSION C15).
    Deputy {
        /// Whose deed it is.
        staff: StaffId,
        /// On whose behalf.
        absent: StaffId,
    },
}

/// Who interpreted while a consent was taken (MISSION B2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interpreter {
    /// Which person of the case; none for somebody who is not in it, on the phone for instance.
    pub person: Option<PersonId>,
    /// Whether they were vetted before.
    pub vetted: bool,
    /// Whether the person accepted them.
    pub accepted: bool,
}

/// When something was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Recorded {
    /// At this moment.
    At(Timestamp),
    /// On this day, no closer.
    On(Day),
}

/// What a view of personal data was of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ViewTarget {
    /// The whole case file.
    Case,
    /// One referral and what it says.
    Referral(ReferralId),
    /// One interview and what was answered.
    Interview(InterviewId),
    /// What was decided on a person's profile, and determined of them.
    Profile(PersonId),
}

impl ViewTarget {
    /// Whether it is of an interview, or of what was made of one (MISSION C8).
    pub fn is_of_interview(self) -> bool {
        match self {
            Self::Interview(_) | Self::Profile(_) => true,
            Self::Case | Self::Referral(_) => false,
        }
    }
}

/// Data that somebody outside was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Given {
    /// With a referral.
    Referral(ReferralId),
    /// In a disclosure that was recorded afterwards.
    Disclosure(DisclosureId),
}

/// A directory entry (MISSION D1, D2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceEntry {
    /// The service's name.
    pub name: PublicText,
    /// Which organisation runs it.
    pub organisation: OrganisationId,
    /// The organisation's name.
    pub organisation_name: PublicText,
    /// What kind of recipient it is.
    pub class: RecipientClass,
    /// Its sector in the organisation's words, for example `HEALTH`.
    pub sectors: Vec<PublicText>,
    /// What it offers.
    pub description: PublicText,
    /// Where it is.
    pub locations: Vec<PublicText>,
    /// Languages it can serve in.
    pub languages: Vec<PublicText>,
    /// Who can use it.
    pub eligibility: PublicText,
    /// What it costs.
    pub fees: PublicText,
    /// Opening hours.
    pub schedules: Vec<PublicText>,
    /// Documents it asks for.
    pub documents: Vec<PublicText>,
    /// Physical access, transport.
    pub accessibility: Vec<PublicText>,
    /// How to refer, in the organisation's words.
    pub how_to_refer: PublicText,
    /// Phone and mail of the service itself, as published.
    pub contact: PublicText,
    /// Whether it takes referrals at all.
    pub accepts_referrals: bool,
    /// Which data it needs; a referral may carry no others (MISSION A3).
    pub needs: BTreeSet<DataCategory>,
    /// The day the entry was last confirmed.
    pub assured_on: Option<Day>,
    /// Shown only to who needs to know (MISSION D3).
    pub confidential: bool,
    /// The rest of what lists of the field ask for.
    pub details: ServiceDetails,
}
