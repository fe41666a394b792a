//! Who saw a person's data, and what became of the keys: read from one case's record parts
//! (`Ledger::stream`). Pure; nothing is stored.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each question names the events that concern it and passes all others by"
)]

use std::collections::{BTreeMap, BTreeSet};

use ledger::clock::Timestamp;
use ledger::domain::codes::*;
use ledger::domain::event::{Actor, Event, LeafOf, Recorded, ViewTarget};
use ledger::domain::ids::*;
use ledger::ledger::Entry;

/// One time that data of a person left the sealed record (MISSION E6, F4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disclosure {
    /// Where it is in the log.
    pub position: u64,
    /// When it was recorded.
    pub recorded: Recorded,
    /// When it is claimed to have happened, if that is another time.
    pub occurred: Option<Timestamp>,
    /// Who acted.
    pub actor: Actor,
    /// What happened.
    pub kind: DisclosureKind,
}

/// How data left the sealed record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DisclosureKind {
    /// Opened by staff.
    Opened {
        /// What of.
        target: ViewTarget,
        /// What for.
        purpose: ViewPurpose,
    },
    /// Sent to a service with a referral.
    Sent {
        /// Which referral.
        referral: ReferralId,
        /// To whom.
        recipient: OrganisationId,
        /// Which data.
        categories: BTreeSet<DataCategory>,
        /// How.
        channel: Channel,
        /// The grounds that covered it.
        basis: Vec<GroundId>,
    },
    /// Told to somebody outside this system, recorded afterwards (MISSION C9).
    Outside {
        /// Which.
        disclosure: DisclosureId,
        /// To whom.
        recipient: OrganisationId,
        /// Which data.
        categories: BTreeSet<DataCategory>,
        /// How.
        channel: Channel,
        /// The grounds that covered it, if any did.
        basis: Vec<GroundId>,
        /// Whether it is to be reviewed as an incident.
        incident: bool,
    },
}

/// What became of one leaf key whose ground ended (MISSION B6, E4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// The key's fingerprint.
    pub key: LeafKeyId,
    /// What it was for, where this stream made it.
    pub leaf: Option<LeafOf>,
    /// Where the destruction was started, and by which rotation.
    pub started: Option<(u64, RotationId)>,
    /// Where the destruction was recorded as done, and the epoch that no longer has the key.
    pub shredded: Option<(u64, u64)>,
    /// Where it was recorded that its ciphertext is in no file of the ledger any more.
    pub cut_out: Option<u64>,
}

/// Every disclosure in a case, oldest first.
pub fn disclosures(entries: &[Entry]) -> Vec<Disclosure> {
    let mut drafts = BTreeMap::new();
    let rows = entries.iter().filter_map(|entry| {
        let kind = kind(&entry.record.event, &mut drafts)?;
        Some(Disclosure {
            position: entry.position,
            recorded: entry.record.recorded,
            occurred: entry.record.occurred,
            actor: entry.record.actor,
            kind,
        })
    });
    rows.collect()
}

/// Every leaf key of a case whose destruction was started, in the order of starting.
pub fn erasures(entries: &[Entry]) -> Vec<Erasure> {
    let mut leaves = BTreeMap::new();
    let mut rows: Vec<Erasure> = Vec::new();
    for entry in entries {
        for made in &entry.record.leaves {
            leaves.insert(made.key, made.of);
        }
        let keys = match &entry.record.event {
            Event::ShredStarted(started) => &started.keys,
            Event::Shredded(done) => &done.keys,
            Event::CiphertextCut(cut) => &cut.keys,
            _ => continue,
        };
        for key in keys {
            let place = rows.iter().position(|row| row.key == *key);
            let place = place.unwrap_or_else(|| {
                rows.push(Erasure {
                    key: *key,
                    leaf: leaves.get(key).copied(),
                    started: None,
                    shredded: None,
                    cut_out: None,
                });
                rows.len() - 1
            });
            let Some(row) = rows.get_mut(place) else {
                continue;
            };
            match &entry.record.event {
                // A rotation that was abandoned is followed by another: the last one counts.
                Event::ShredStarted(it) => row.started = Some((entry.position, it.rotation)),
                Event::Shredded(it) => row.shredded = Some((entry.position, it.epoch)),
                Event::CiphertextCut(_) => row.cut_out = Some(entry.position),
                _ => {}
            }
        }
    }
    rows
}

/// What a referral carries, and to whom, as last written before it was sent.
type Drafts = BTreeMap<ReferralId, (OrganisationId, BTreeSet<DataCategory>)>;

fn kind(event: &Event, drafts: &mut Drafts) -> Option<DisclosureKind> {
    Some(match event {
        Event::ReferralDrafted(it) => {
            drafts.insert(it.referral, (it.recipient, it.categories.clone()));
            return None;
        }
        Event::ReferralRevised(it) => {
            if let Some((_, categories)) = drafts.get_mut(&it.referral) {
                categories.clone_from(&it.categories);
            }
            return None;
        }
        Event::PersonalDataSeen(it) => DisclosureKind::Opened {
            target: it.target,
            purpose: it.purpose,
        },
        Event::ReferralSent(it) => {
            let (recipient, categories) = drafts.get(&it.referral)?.clone();
            DisclosureKind::Sent {
                referral: it.referral,
                recipient,
                categories,
                channel: it.channel,
                basis: it.basis.clone(),
            }
        }
        Event::DisclosureRecorded(it) => DisclosureKind::Outside {
            disclosure: it.disclosure,
            recipient: it.recipient,
            categories: it.categories.clone(),
            channel: it.channel,
            basis: it.basis.clone(),
            incident: it.incident,
        },
        _ => return None,
    })
}
