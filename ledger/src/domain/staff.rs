//! A member of staff and a directory entry as decisions see them.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::{BTreeMap, BTreeSet};

use super::codes::{Assessment, Role};
use super::event::{Event, Record, ServiceEntry};
use super::ids::*;
use crate::clock::{Day, Timestamp};

/// A member of staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    /// Who.
    pub id: StaffId,
    /// Events in the stream so far.
    pub version: u64,
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// What they may be.
    pub roles: BTreeSet<Role>,
    /// Tokens by public name: hash and end.
    pub tokens: BTreeMap<TokenId, ([u8; 32], Timestamp)>,
}

impl Staff {
    /// The member of staff that a first event registers; nothing if it is another event.
    pub fn registered(record: &Record) -> Option<Self> {
        let Event::StaffRegistered(registered) = &record.event else {
            return None;
        };
        Some(Self {
            id: registered.staff,
            version: record.version,
            organisation: registered.organisation,
            roles: BTreeSet::new(),
            tokens: BTreeMap::new(),
        })
    }

    /// Folds the next event in.
    pub fn apply(&mut self, record: &Record) {
        self.version = record.version;
        match &record.event {
            Event::RoleGranted(granted) => {
                self.roles.insert(granted.role);
            }
            Event::RoleRevoked(revoked) => {
                self.roles.remove(&revoked.role);
            }
            Event::TokenIssued(issued) => {
                self.tokens
                    .insert(issued.token, (issued.digest, issued.expires));
            }
            Event::TokenRevoked(revoked) => {
                self.tokens.remove(&revoked.token);
            }
            _ => {}
        }
    }
}

/// A directory entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Which.
    pub id: ServiceId,
    /// Events in the stream so far.
    pub version: u64,
    /// What it says.
    pub entry: ServiceEntry,
    /// Whether it was assessed.
    pub assessment: Assessment,
    /// When it is due for review again.
    pub review_on: Option<Day>,
    /// Whether it ended.
    pub retired: bool,
}

impl Service {
    /// The service that a first event registers; nothing if it is another event.
    pub fn registered(record: &Record) -> Option<Self> {
        let Event::ServiceRegistered(registered) = &record.event else {
            return None;
        };
        Some(Self {
            id: registered.service,
            version: record.version,
            entry: registered.entry.clone(),
            assessment: Assessment::NotAssessed,
            review_on: None,
            retired: false,
        })
    }

    /// Folds the next event in.
    pub fn apply(&mut self, record: &Record) {
        self.version = record.version;
        match &record.event {
            Event::ServiceUpdated(updated) => self.entry = updated.entry.clone(),
            Event::ServiceAssessed(assessed) => {
                self.assessment = assessed.assessment;
                self.review_on = Some(assessed.review_on);
            }
            Event::ServiceRetired(_) => self.retired = true,
            _ => {}
        }
    }
}
