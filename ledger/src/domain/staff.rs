//! A member of staff as decisions see them.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::{BTreeMap, BTreeSet};

use super::codes::{Role, Training};
use super::deputy::{DeputyWish, Deputyship};
use super::event::{Actor, Event, Record};
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
    /// Roles that wait for a second person.
    pub roles_asked: BTreeMap<Role, Asked>,
    /// Tokens that wait for a second person, by public name.
    pub tokens_asked: BTreeMap<TokenId, TokenWaiting>,
    /// The ground that the name rests on.
    pub ground: GroundId,
    /// The leaf of the name.
    pub name: Option<LeafKeyId>,
    /// Whether the name's time is over: its key is fenced, and being destroyed or gone.
    pub name_ended: bool,
    /// On which day they were last trained, or signed the code of conduct.
    pub trained: BTreeMap<Training, Day>,
    /// For whom they stand in, stood in, or will.
    pub stands_in: BTreeMap<StaffId, Deputyship>,
    /// Who stands in for them, stood in, or will.
    pub deputies: BTreeMap<StaffId, Deputyship>,
    /// Until when earlier deputyships with somebody lasted, on whichever side; they count as one
    /// person for a while after.
    pub stood_together: BTreeMap<StaffId, Timestamp>,
    /// For whom somebody asked that they stand in.
    pub deputy_asked: BTreeMap<StaffId, DeputyWish>,
    /// When somebody last changed something here; never earlier than before.
    pub touched: Timestamp,
}

/// Who asked for something that a second person decides on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Who.
    pub by: Option<StaffId>,
    /// Of which organisation; whoever decides is of it.
    pub organisation: OrganisationId,
}

/// A token that does not work yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenWaiting {
    /// SHA-256 of it.
    pub digest: [u8; 32],
    /// When it would stop working.
    pub expires: Timestamp,
    /// Who asked.
    pub asked: Asked,
}

impl Role {
    /// Whether one person alone may not give it: who has it reads what nobody else reads, or opens
    /// the door to others.
    pub fn is_privileged(self) -> bool {
        match self {
            Self::Administrator
            | Self::Auditor
            | Self::DataProtectionOfficer
            | Self::ChildProtection
            | Self::ControllerDelegate
            | Self::Safeguarding => true,
            Self::FrontLine | Self::FocalPoint | Self::ServiceProvider | Self::Coordinator => false,
        }
    }
}

impl Staff {
    /// Since when they have left: no role, none that is asked for, and no token that works or could
    /// work since then.
    pub fn left(&self) -> Option<Timestamp> {
        let stays = !self.roles.is_empty() || !self.roles_asked.is_empty();
        let tokens = self.tokens.values().map(|(_, expires)| *expires);
        let waiting = self.tokens_asked.values().map(|it| it.expires);
        let last = tokens
            .chain(waiting)
            .max()
            .map_or(self.touched, |last| last.max(self.touched));
        (!stays).then_some(last)
    }

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
            roles_asked: BTreeMap::new(),
            tokens_asked: BTreeMap::new(),
            ground: registered.ground,
            name: record.leaves.first().map(|made| made.key),
            name_ended: false,
            trained: BTreeMap::new(),
            stands_in: BTreeMap::new(),
            deputies: BTreeMap::new(),
            stood_together: BTreeMap::new(),
            deputy_asked: BTreeMap::new(),
            touched: moment(record),
        })
    }

    /// Folds the next event in.
    pub fn apply(&mut self, record: &Record) {
        self.version = record.version;
        let seen = matches!(record.event, Event::StaffSeen(_));
        if !seen && record.actor != Actor::System {
            self.touched = self.touched.max(moment(record));
        }
        let asked = |organisation| Asked {
            by: record.actor.staff(),
            organisation,
        };
        self.apply_deputy(record);
        match &record.event {
            Event::StaffNameEnded(_) => self.name_ended = true,
            Event::TrainingRecorded(it) => {
                self.trained.insert(it.training, it.on);
            }
            Event::RoleAsked(it) => {
                self.roles_asked.insert(it.role, asked(it.organisation));
            }
            Event::RoleGranted(it) => {
                self.roles_asked.remove(&it.role);
                self.roles.insert(it.role);
            }
            Event::RoleRejected(it) => {
                self.roles_asked.remove(&it.role);
            }
            Event::RoleRevoked(it) => {
                self.roles_asked.remove(&it.role);
                self.roles.remove(&it.role);
            }
            Event::TokenAsked(it) => {
                let waiting = TokenWaiting {
                    digest: it.digest,
                    expires: it.expires,
                    asked: asked(it.organisation),
                };
                self.tokens_asked.insert(it.token, waiting);
            }
            Event::TokenIssued(it) => {
                self.tokens_asked.remove(&it.token);
                self.tokens.insert(it.token, (it.digest, it.expires));
            }
            Event::TokenRejected(it) => {
                self.tokens_asked.remove(&it.token);
            }
            Event::TokenRevoked(it) => {
                self.tokens_asked.remove(&it.token);
                self.tokens.remove(&it.token);
            }
            _ => {}
        }
    }
}

fn moment(record: &Record) -> Timestamp {
    record.recorded.at().unwrap_or(Timestamp(0))
}
