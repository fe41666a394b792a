//! Counts: how many events of each kind, links, refusals, needs that no service meets, shredded
//! keys.
//!
//! - Nothing here leads back to a person: whole numbers by code or service.
//! - Nothing of complaints and breaches is counted, their destructions and certificates neither:
//!   that would be their number.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::BTreeMap;

use ledger::domain::codes::{Need, RefusalReason};
use ledger::domain::event::{Event, Record};
use ledger::domain::ids::ServiceId;
use serde::{Deserialize, Serialize};

use crate::projection::Projection;

/// Numbers for statistics and dashboards. Referrals by state are [`crate::worklist::Worklist`]'s.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// By the event's place in [`Event::NAMES`].
    events: Vec<u64>,
    links: BTreeMap<ServiceId, u64>,
    attested: BTreeMap<ServiceId, u64>,
    refusals: BTreeMap<Option<RefusalReason>, u64>,
    needs: BTreeMap<Need, u64>,
    shredded_keys: u64,
    shredded_parts: u64,
}

impl Counts {
    /// Events by name, in the order of their stored numbers; those that never happened included.
    pub fn events(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counted = self.events.iter().copied().chain(std::iter::repeat(0));
        Event::NAMES.iter().copied().zip(counted)
    }

    /// Events of one name.
    pub fn of(&self, name: &str) -> u64 {
        self.events()
            .find(|(one, _)| *one == name)
            .map_or(0, |(_, count)| count)
    }

    /// All events.
    pub fn total(&self) -> u64 {
        self.events.iter().sum()
    }

    /// Links given, by service pointed to (MISSION A1).
    pub fn links(&self) -> &BTreeMap<ServiceId, u64> {
        &self.links
    }

    /// Referrals agreed to without documentation, by service (MISSION A6).
    pub fn attested(&self) -> &BTreeMap<ServiceId, u64> {
        &self.attested
    }

    /// People who did not want to be recorded, by what was said, if anything (MISSION A2).
    pub fn refusals(&self) -> &BTreeMap<Option<RefusalReason>, u64> {
        &self.refusals
    }

    /// Needs that no service meets (MISSION A5).
    pub fn needs(&self) -> &BTreeMap<Need, u64> {
        &self.needs
    }

    /// Keys destroyed.
    pub fn shredded_keys(&self) -> u64 {
        self.shredded_keys
    }

    /// Personal parts that became unreadable.
    pub fn shredded_parts(&self) -> u64 {
        self.shredded_parts
    }
}

impl Projection for Counts {
    const NAME: &'static str = "counts";
    const VERSION: u32 = 3;

    fn apply(&mut self, _position: u64, record: &Record) {
        if record.stream.is_counted_for_nobody() {
            return;
        }
        if self.events.len() < Event::NAMES.len() {
            self.events.resize(Event::NAMES.len(), 0);
        }
        let name = record.event.name();
        let place = Event::NAMES.iter().position(|one| *one == name);
        if let Some(count) = place.and_then(|place| self.events.get_mut(place)) {
            *count += 1;
        }
        match &record.event {
            Event::LinkGiven(link) => {
                for service in &link.services {
                    *self.links.entry(*service).or_default() += 1;
                }
            }
            Event::ReferralAttested(attested) if attested.agreed => {
                *self.attested.entry(attested.service).or_default() += 1;
            }
            Event::RecordRefused(refused) => {
                *self.refusals.entry(refused.reason).or_default() += 1;
            }
            Event::NeedUnmet(unmet) => *self.needs.entry(unmet.need).or_default() += 1,
            Event::Shredded(shredded) => {
                let keys = u64::try_from(shredded.keys.len()).unwrap_or(u64::MAX);
                self.shredded_keys = self.shredded_keys.saturating_add(keys);
                let parts = u64::from(shredded.parts);
                self.shredded_parts = self.shredded_parts.saturating_add(parts);
            }
            // Its events were passed by: views are built anew when a stream is closed.
            Event::StreamClosed(closed) => {
                for (count, more) in self.events.iter_mut().zip(&closed.events) {
                    *count = count.saturating_add(u64::from(*more));
                }
                self.shredded_keys = self.shredded_keys.saturating_add(u64::from(closed.keys));
                let parts = u64::from(closed.parts);
                self.shredded_parts = self.shredded_parts.saturating_add(parts);
            }
            _ => {}
        }
    }
}
