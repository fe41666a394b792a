//! Deputies: who stands in for whom, for how long (MISSION C15), and what they ask for.
//!
//! - Who stands in works on the absent person's cases with roles of their own; nobody gets a role
//!   by it, and what they do stands in the record as their own deed on behalf of the other.
//! - It ends at its end by itself; nothing has to be recorded for that.
//! - The two count as one person: neither confirms what the other did (`is_one_with`).

use std::collections::BTreeMap;

use serde::Serialize;

use super::case::Case;
use super::codes::Role;
use super::event::{Event, Record};
use super::ids::{OrganisationId, StaffId};
use super::staff::Staff;
use crate::clock::{DAY_MS, Day, Timestamp};
use crate::limits::DEPUTY_APART_DAYS;

/// From when until when somebody stands in for somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deputyship {
    /// From when on.
    pub from: Timestamp,
    /// Until when, or until when it lasted where it was ended before.
    pub until: Timestamp,
}

impl Deputyship {
    /// The days meant: the first one from its beginning, the last one to its end.
    pub fn of(first: Day, last: Day) -> Self {
        Self {
            from: first.start(),
            until: last.start().plus_ms(DAY_MS),
        }
    }

    /// Whether it is in force.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.until
    }

    /// Whether the two have a moment in common.
    pub fn meets(&self, other: &Self) -> bool {
        self.from < other.until && other.from < self.until
    }
}

/// A wish that somebody stand in, which a second person decides on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeputyWish {
    /// Who asked.
    pub by: Option<StaffId>,
    /// Of which organisation; whoever decides is of it.
    pub organisation: OrganisationId,
    /// The first day.
    pub first: Day,
    /// The last day.
    pub last: Day,
}

/// That a colleague stand in for somebody.
#[derive(Clone, Serialize)]
pub struct NamingDeputy {
    /// Who stands in.
    pub staff: StaffId,
    /// For whom.
    pub absent: StaffId,
    /// The first day.
    pub first: Day,
    /// The last day.
    pub last: Day,
}

/// What a second person says to such a wish.
#[derive(Clone, Serialize)]
pub struct DecidingDeputy {
    /// Who would stand in.
    pub staff: StaffId,
    /// For whom.
    pub absent: StaffId,
    /// Let them stand in.
    pub confirm: bool,
}

impl Staff {
    /// On whose behalf they act in a case: of who works on it and is absent, unless they work on it
    /// themselves.
    pub fn on_behalf(&self, case: &Case, now: Timestamp) -> Option<StaffId> {
        if case.assigned.contains(&self.id) {
            return None;
        }
        let mut absent = self.absent(now);
        absent.find(|one| case.assigned.contains(one))
    }

    /// For whom they stand in now.
    pub fn absent(&self, now: Timestamp) -> impl Iterator<Item = StaffId> + '_ {
        let stands_in = self.stands_in.iter();
        let now_on = stands_in.filter(move |(_, span)| span.is_in_force(now));
        now_on.map(|(absent, _)| *absent)
    }

    /// Whether they count as one person with somebody where two are wanted: one stands in for the
    /// other, or did until a while ago.
    pub fn is_one_with(&self, other: StaffId, now: Timestamp) -> bool {
        let lately = |until: Timestamp| now < until.plus_ms(DEPUTY_APART_DAYS * DAY_MS);
        let one = |span: &Deputyship| span.from <= now && lately(span.until);
        let between = [self.stands_in.get(&other), self.deputies.get(&other)];
        let earlier = self.stood_together.get(&other).copied();
        self.id == other || between.into_iter().flatten().any(one) || earlier.is_some_and(lately)
    }

    /// A role of somebody absent that they lack, if any: nobody stands in with less than what the
    /// work needs. Whoever reviews or protects children does what the front line does, too.
    pub fn lacks(&self, absent: &Staff) -> Option<Role> {
        let does = |role: &Role| match role {
            Role::FrontLine => {
                let as_much = [Role::FrontLine, Role::FocalPoint, Role::ChildProtection];
                as_much.iter().any(|one| self.roles.contains(one))
            }
            Role::FocalPoint
            | Role::ChildProtection
            | Role::DataProtectionOfficer
            | Role::Auditor
            | Role::Administrator
            | Role::ControllerDelegate
            | Role::Safeguarding => self.roles.contains(role),
            // What they do hangs on no case.
            Role::ServiceProvider | Role::Coordinator => true,
        };
        absent.roles.iter().copied().find(|role| !does(role))
    }

    /// Folds in who stands in; the event stands in the streams of both.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a fold names the events that concern it and passes all others by"
    )]
    pub(super) fn apply_deputy(&mut self, record: &Record) {
        match &record.event {
            Event::DeputyAsked(it) => {
                let wish = DeputyWish {
                    by: record.actor.staff(),
                    organisation: it.organisation,
                    first: it.first,
                    last: it.last,
                };
                self.deputy_asked.insert(it.absent, wish);
            }
            Event::DeputyNamed(it) => {
                let span = Deputyship::of(it.first, it.last);
                if it.staff == self.id {
                    self.deputy_asked.remove(&it.absent);
                    let earlier = self.stands_in.insert(it.absent, span);
                    self.stood_with(it.absent, earlier);
                } else {
                    let earlier = self.deputies.insert(it.staff, span);
                    self.stood_with(it.staff, earlier);
                }
            }
            Event::DeputyRejected(it) => {
                self.deputy_asked.remove(&it.absent);
            }
            Event::DeputyEnded(it) => {
                let at = record.recorded.at();
                if it.staff == self.id {
                    end(&mut self.stands_in, it.absent, at);
                } else {
                    end(&mut self.deputies, it.staff, at);
                }
            }
            _ => {}
        }
    }

    /// Keeps until when an earlier deputyship lasted: a new one does not make two persons of them.
    fn stood_with(&mut self, other: StaffId, earlier: Option<Deputyship>) {
        if let Some(earlier) = earlier {
            let until = self.stood_together.entry(other).or_insert(earlier.until);
            *until = earlier.until.max(*until);
        }
    }
}

/// What never began leaves nothing; what began lasted until then.
fn end(spans: &mut BTreeMap<StaffId, Deputyship>, of: StaffId, at: Option<Timestamp>) {
    let Some(at) = at else { return };
    if let Some(span) = spans.get_mut(&of) {
        span.until = span.until.min(at);
    }
    spans.retain(|_, span| span.from < span.until);
}
