//! Which personal parts a rotation made unreadable, and which can still be read on what ground.
//!
//! - The stored events of a stream are read once, however many certificates ask.

use std::collections::{BTreeMap, BTreeSet};

use crate::clear::is_clear;
use crate::domain::event::Event;
use crate::domain::ids::{GroundId, LeafKeyId};
use crate::domain::stream::StreamId;
use crate::erase::cut::grants_of;
use crate::error::Fault;
use crate::keys::KeyId;
use crate::shared::Shared;
use crate::submit::answer::Entry;
use crate::submit::held::Held;

use super::facts;

/// Personal parts and the events they stand in.
#[derive(Default)]
pub(super) struct Lost {
    pub(super) parts: u32,
    pub(super) positions: BTreeSet<u64>,
}

/// The sealed personal parts of a stream.
pub(super) struct Parts(Vec<Part>);

struct Part {
    position: u64,
    /// The keys of each grant.
    grants: Vec<Vec<LeafKeyId>>,
    /// Whether it is on a list of what is cut out.
    cut: bool,
}

/// A stream as certificates read it, up to some entry.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) entries: &'a [Entry],
    parts: &'a Parts,
}

/// How many parts of a stream the death of these keys closes, beside what was dead before. The
/// event that completes an erasure counts by the same judgement as its certificate.
pub(crate) fn count_lost(
    shared: &Shared,
    stream: StreamId,
    keys: &BTreeSet<LeafKeyId>,
) -> Result<u32, Fault> {
    // The ledger's own stream has no personal parts; what a record leaf held is no part of one.
    if stream == StreamId::Ledger {
        return Ok(0);
    }
    let mut dead = match shared.held(stream)?.and_then(Held::case) {
        Some(case) => case.shredded.clone(),
        None => dead(&shared.stream(stream)?),
    };
    dead.extend(keys);
    let parts = Parts::at(shared, shared.positions(stream)?)?;
    Ok(closed_by(parts.0.iter(), keys, &dead).parts)
}

impl Parts {
    /// Those of these entries.
    pub(super) fn of(shared: &Shared, entries: &[Entry]) -> Result<Self, Fault> {
        Self::at(shared, entries.iter().map(|entry| entry.position))
    }

    fn at(shared: &Shared, positions: impl IntoIterator<Item = u64>) -> Result<Self, Fault> {
        let mut parts = Vec::new();
        for position in positions {
            let stored = shared.event_at(position)?;
            for (number, segment) in (0_u8..).zip(&stored.segments).skip(1) {
                if is_clear(segment) {
                    continue;
                }
                let named = |grant: Vec<KeyId>| grant.iter().map(|key| LeafKeyId(key.0)).collect();
                let grants = grants_of(&shared.reader, (position, number), segment)?;
                parts.push(Part {
                    position,
                    grants: grants.into_iter().map(named).collect(),
                    cut: shared.reader.is_cut(position, number)?,
                });
            }
        }
        Ok(Self(parts))
    }
}

impl<'a> Reading<'a> {
    pub(super) fn of(entries: &'a [Entry], parts: &'a Parts) -> Self {
        Self { entries, parts }
    }

    /// The same up to a position, this included.
    pub(super) fn until(self, position: u64) -> Self {
        let later = self
            .entries
            .partition_point(|entry| entry.position <= position);
        let (entries, _) = self.entries.split_at(later);
        Self { entries, ..self }
    }

    fn parts(self) -> impl Iterator<Item = &'a Part> {
        let end = self.entries.last().map(|entry| entry.position);
        let parts = self.parts.0.iter();
        parts.filter(move |part| Some(part.position) <= end)
    }

    /// What the death of these keys closed.
    pub(super) fn lost(self, keys: &BTreeSet<LeafKeyId>) -> Lost {
        closed_by(self.parts(), keys, &dead(self.entries))
    }

    /// What can still be read, by ground.
    pub(super) fn kept(self) -> BTreeMap<GroundId, Lost> {
        let dead = dead(self.entries);
        let leaves = facts::leaves(self.entries);
        let mut kept: BTreeMap<GroundId, Lost> = BTreeMap::new();
        for part in self.parts() {
            let lives = |grant: &&Vec<LeafKeyId>| !grant.iter().any(|key| dead.contains(key));
            let living = part.grants.iter().filter(lives).flatten();
            let grounds: BTreeSet<GroundId> = living
                .filter_map(|key| leaves.get(key))
                .map(|(_, ground)| *ground)
                .collect();
            for ground in grounds {
                let of_ground = kept.entry(ground).or_default();
                of_ground.parts = of_ground.parts.saturating_add(1);
                of_ground.positions.insert(part.position);
            }
        }
        kept
    }

    /// Whether any part that these keys closed still lies in this ledger's files.
    pub(super) fn is_still_stored(self, keys: &BTreeSet<LeafKeyId>) -> bool {
        let dead = dead(self.entries);
        self.parts()
            .any(|part| !part.cut && part.is_closed_with(keys, &dead))
    }
}

impl Part {
    /// Whether the death of these keys closed it: no grant lives with them dead, one did before.
    fn is_closed_by(&self, keys: &BTreeSet<LeafKeyId>, dead: &BTreeSet<LeafKeyId>) -> bool {
        let earlier = |key: &LeafKeyId| dead.contains(key) && !keys.contains(key);
        let mut lived = self.grants.iter();
        self.is_closed_with(keys, dead) && lived.any(|grant| !grant.iter().any(earlier))
    }

    /// Whether no grant of it lives, and one of its keys is among these.
    fn is_closed_with(&self, keys: &BTreeSet<LeafKeyId>, dead: &BTreeSet<LeafKeyId>) -> bool {
        let touched = self.grants.iter().flatten().any(|key| keys.contains(key));
        let closed = |grant: &Vec<LeafKeyId>| grant.iter().any(|key| dead.contains(key));
        touched && self.grants.iter().all(closed)
    }
}

fn closed_by<'a>(
    parts: impl Iterator<Item = &'a Part>,
    keys: &BTreeSet<LeafKeyId>,
    dead: &BTreeSet<LeafKeyId>,
) -> Lost {
    let mut lost = Lost::default();
    for part in parts.filter(|part| part.is_closed_by(keys, dead)) {
        lost.parts = lost.parts.saturating_add(1);
        lost.positions.insert(part.position);
    }
    lost
}

/// Keys that the stream itself says are destroyed.
fn dead(entries: &[Entry]) -> BTreeSet<LeafKeyId> {
    let mut dead = BTreeSet::new();
    for entry in entries {
        if let Event::Shredded(shredded) = &entry.record.event {
            dead.extend(&shredded.keys);
        }
    }
    dead
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u8) -> LeafKeyId {
        LeafKeyId([number; 16])
    }

    fn part(grants: &[&[u8]]) -> Part {
        let keys = |grant: &&[u8]| grant.iter().copied().map(key).collect();
        Part {
            position: 7,
            grants: grants.iter().map(keys).collect(),
            cut: false,
        }
    }

    /// How many parts each of these deaths closes, one after another.
    fn closed(part: &Part, deaths: &[u8]) -> Vec<u32> {
        let mut dead = BTreeSet::new();
        let mut close = |number: &u8| {
            let keys = BTreeSet::from([key(*number)]);
            dead.extend(&keys);
            closed_by([part].into_iter(), &keys, &dead).parts
        };
        deaths.iter().map(&mut close).collect()
    }

    #[test]
    fn a_part_is_lost_once_by_the_death_that_closed_it() {
        let both_needed = part(&[&[1, 2]]);
        assert_eq!(closed(&both_needed, &[1, 2]), [1, 0]);
        assert_eq!(closed(&both_needed, &[2, 1]), [1, 0]);
        let either_is_enough = part(&[&[1], &[2]]);
        assert_eq!(closed(&either_is_enough, &[1, 2]), [0, 1]);
        let mixed = part(&[&[1, 2], &[3]]);
        assert_eq!(closed(&mixed, &[1, 3, 2]), [0, 1, 0]);
    }

    #[test]
    fn a_part_that_still_lies_in_the_files_concerns_every_key_it_hung_on() {
        let both_needed = part(&[&[1, 2]]);
        let dead = BTreeSet::from([key(1), key(2)]);
        for number in [1, 2] {
            assert!(both_needed.is_closed_with(&BTreeSet::from([key(number)]), &dead));
        }
    }
}
