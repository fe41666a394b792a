//! Staff: who may be what, at which organisation, and whose token a digest is.
//!
//! - Only SHA-256 digests of tokens are here. A digest is of 32 random bytes, so looking it up in
//!   an ordered map tells a guesser nothing that helps.
//! - Names of staff are personal parts and not here.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::{BTreeMap, BTreeSet};

use ledger::clock::{Day, Timestamp};
use ledger::domain::codes::{Role, Training};
use ledger::domain::event::{self, DeputyAsked, DeputyNamed, Event, Record};
use ledger::domain::ids::*;
use ledger::domain::stream::StreamId;
use serde::{Deserialize, Serialize};

use crate::projection::{Projection, moment};

/// Every member of staff and every token that is not over.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Staff {
    members: BTreeMap<StaffId, Member>,
    /// A digest that two tokens share is nobody's: both stand here, and neither is answered.
    #[serde(skip)]
    by_digest: ByDigest,
}

/// A member of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub staff: StaffId,
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// What they may be.
    pub roles: BTreeSet<Role>,
    /// Their tokens that were not revoked; some may be over.
    pub tokens: Vec<Token>,
    /// Roles that wait for a second person, and who asked.
    pub roles_asked: BTreeMap<Role, Option<StaffId>>,
    /// Tokens that wait for a second person.
    pub tokens_asked: BTreeMap<TokenId, TokenAsked>,
    /// On which day they were last trained, or signed the code of conduct.
    pub trained: BTreeMap<Training, Day>,
    /// For whom they stand in, stood in, or will.
    pub stands_in: BTreeMap<StaffId, StandingIn>,
    /// When they were registered.
    pub registered: Timestamp,
    /// The version of their stream now.
    pub version: u64,
}

/// That somebody stands in for somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingIn {
    /// Who.
    pub staff: StaffId,
    /// For whom.
    pub absent: StaffId,
    /// The first day.
    pub first: Day,
    /// The last day.
    pub last: Day,
    /// Whether it waits for a second person.
    pub waits: bool,
}

/// A bearer token, without the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Its public name.
    pub token: TokenId,
    /// SHA-256 of it.
    pub digest: [u8; 32],
    /// When it stops working.
    pub expires: Timestamp,
}

/// A token that works once a second person agrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenAsked {
    /// SHA-256 of it.
    pub digest: [u8; 32],
    /// When it would stop working.
    pub expires: Timestamp,
    /// Who asked.
    pub by: Option<StaffId>,
}

/// Whose token it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bearer {
    /// The member of staff.
    pub staff: StaffId,
    /// The token's public name.
    pub token: TokenId,
    /// When it stops working.
    pub expires: Timestamp,
}

impl TokenAsked {
    fn of(asked: &event::TokenAsked, by: Option<StaffId>) -> Self {
        Self {
            digest: asked.digest,
            expires: asked.expires,
            by,
        }
    }
}

impl StandingIn {
    fn asked(it: &DeputyAsked) -> Self {
        Self {
            staff: it.staff,
            absent: it.absent,
            first: it.first,
            last: it.last,
            waits: true,
        }
    }

    fn named(it: &DeputyNamed) -> Self {
        Self {
            staff: it.staff,
            absent: it.absent,
            first: it.first,
            last: it.last,
            waits: false,
        }
    }
}

impl Member {
    /// Whether they hold a token that works at that moment.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.tokens.iter().any(|token| now < token.expires)
    }
}

impl Staff {
    /// Whose token this is the digest of, if it works at that moment.
    pub fn bearer(&self, digest: &[u8; 32], now: Timestamp) -> Option<Bearer> {
        let least = (*digest, TokenId([0; 16]));
        let greatest = (*digest, TokenId([0xff; 16]));
        let mut found = self.by_digest.range(least..=greatest);
        let (_, bearer) = found.next()?;
        (found.next().is_none() && now < bearer.expires).then_some(*bearer)
    }

    /// Whether this is the digest of a token that waits for a second person. Only who has the token
    /// can ask.
    pub fn waits(&self, digest: &[u8; 32], now: Timestamp) -> bool {
        let asked = self
            .members
            .values()
            .flat_map(|it| it.tokens_asked.values());
        let mut waiting = asked.filter(|it| now < it.expires);
        waiting.any(|it| it.digest == *digest)
    }

    /// One member of staff.
    pub fn find(&self, staff: StaffId) -> Option<&Member> {
        self.members.get(&staff)
    }

    /// Everybody, by id.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }
}

impl Projection for Staff {
    const NAME: &'static str = "staff";
    const VERSION: u32 = 5;

    fn apply(&mut self, _position: u64, record: &Record) {
        let StreamId::Staff(staff) = record.stream else {
            return;
        };
        if let Event::StaffRegistered(registered) = &record.event {
            let member = Member {
                staff,
                organisation: registered.organisation,
                roles: BTreeSet::new(),
                tokens: Vec::new(),
                roles_asked: BTreeMap::new(),
                tokens_asked: BTreeMap::new(),
                trained: BTreeMap::new(),
                stands_in: BTreeMap::new(),
                registered: moment(record.recorded),
                version: record.version,
            };
            self.members.insert(staff, member);
        }
        let Some(member) = self.members.get_mut(&staff) else {
            return;
        };
        member.version = record.version;
        member.stand_in(&record.event);
        match &record.event {
            Event::TrainingRecorded(it) => {
                member.trained.insert(it.training, it.on);
            }
            Event::RoleAsked(asked) => {
                member.roles_asked.insert(asked.role, record.actor.staff());
            }
            Event::RoleGranted(granted) => {
                member.roles_asked.remove(&granted.role);
                member.roles.insert(granted.role);
            }
            Event::RoleRejected(rejected) => {
                member.roles_asked.remove(&rejected.role);
            }
            Event::RoleRevoked(revoked) => {
                member.roles_asked.remove(&revoked.role);
                member.roles.remove(&revoked.role);
            }
            Event::TokenAsked(asked) => {
                let waiting = TokenAsked::of(asked, record.actor.staff());
                member.tokens_asked.insert(asked.token, waiting);
            }
            Event::TokenRejected(rejected) => {
                member.tokens_asked.remove(&rejected.token);
            }
            Event::TokenIssued(issued) => {
                member.tokens_asked.remove(&issued.token);
                let now = moment(record.recorded);
                let token = Token {
                    token: issued.token,
                    digest: issued.digest,
                    expires: issued.expires,
                };
                // Tokens that are over make room, so that years of them do not pile up.
                drop_tokens(&mut self.by_digest, member, |old| old.expires <= now);
                member.tokens.push(token);
                self.by_digest.insert(token.key(), token.bearer(staff));
            }
            Event::TokenRevoked(revoked) => {
                member.tokens_asked.remove(&revoked.token);
                drop_tokens(&mut self.by_digest, member, |old| {
                    old.token == revoked.token
                });
            }
            _ => {}
        }
    }

    fn reindex(&mut self) {
        let tokens = self.members.values().flat_map(|member| {
            let bearer = |token: &Token| (token.key(), token.bearer(member.staff));
            member.tokens.iter().map(bearer)
        });
        self.by_digest = tokens.collect();
    }
}

impl Member {
    /// For whom somebody stands in. It is in the streams of both, and told of who stands in.
    fn stand_in(&mut self, event: &Event) {
        match event {
            Event::DeputyAsked(it) => {
                self.stands_in.insert(it.absent, StandingIn::asked(it));
            }
            Event::DeputyNamed(it) if it.staff == self.staff => {
                self.stands_in.insert(it.absent, StandingIn::named(it));
            }
            Event::DeputyRejected(it) => {
                self.stands_in.remove(&it.absent);
            }
            Event::DeputyEnded(it) if it.staff == self.staff => {
                self.stands_in.remove(&it.absent);
            }
            _ => {}
        }
    }
}

type ByDigest = BTreeMap<([u8; 32], TokenId), Bearer>;

impl Token {
    fn key(&self) -> ([u8; 32], TokenId) {
        (self.digest, self.token)
    }

    fn bearer(&self, staff: StaffId) -> Bearer {
        Bearer {
            staff,
            token: self.token,
            expires: self.expires,
        }
    }
}

fn drop_tokens(by_digest: &mut ByDigest, member: &mut Member, goes: impl Fn(&Token) -> bool) {
    for token in member.tokens.iter().filter(|token| goes(token)) {
        by_digest.remove(&token.key());
    }
    member.tokens.retain(|token| !goes(token));
}
