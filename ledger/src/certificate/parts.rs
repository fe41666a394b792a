//! Which personal parts a rotation made unreadable, and which can still be read on what ground.

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
    let positions = shared.positions(stream)?;
    closed_by(shared, positions, keys, &dead).map(|lost| lost.parts)
}

/// What the death of these keys closed, as the entries up to their end tell.
pub(super) fn lost(
    shared: &Shared,
    entries: &[Entry],
    keys: &BTreeSet<LeafKeyId>,
) -> Result<Lost, Fault> {
    let positions = entries.iter().map(|entry| entry.position);
    closed_by(shared, positions, keys, &dead(entries))
}

/// Parts of which no grant lives, one of whose keys is among these.
fn closed_by(
    shared: &Shared,
    positions: impl IntoIterator<Item = u64>,
    keys: &BTreeSet<LeafKeyId>,
    dead: &BTreeSet<LeafKeyId>,
) -> Result<Lost, Fault> {
    let mut lost = Lost::default();
    each_part(shared, positions, &mut |position, grants| {
        let touched = grants.iter().flatten().any(|key| keys.contains(key));
        let closed = |grant: &Vec<LeafKeyId>| grant.iter().any(|key| dead.contains(key));
        if touched && grants.iter().all(closed) {
            lost.parts = lost.parts.saturating_add(1);
            lost.positions.insert(position);
        }
    })?;
    Ok(lost)
}

/// What can still be read, by ground.
pub(super) fn kept(shared: &Shared, entries: &[Entry]) -> Result<BTreeMap<GroundId, Lost>, Fault> {
    let dead = dead(entries);
    let leaves = facts::leaves(entries);
    let mut kept: BTreeMap<GroundId, Lost> = BTreeMap::new();
    let positions = entries.iter().map(|entry| entry.position);
    each_part(shared, positions, &mut |position, grants| {
        let lives = |grant: &&Vec<LeafKeyId>| !grant.iter().any(|key| dead.contains(key));
        let living = grants.iter().filter(lives).flatten();
        let grounds: BTreeSet<GroundId> = living
            .filter_map(|key| leaves.get(key))
            .map(|(_, ground)| *ground)
            .collect();
        for ground in grounds {
            let part = kept.entry(ground).or_default();
            part.parts = part.parts.saturating_add(1);
            part.positions.insert(position);
        }
    })?;
    Ok(kept)
}

/// Whether any part that these keys closed still lies in this ledger's files.
pub(super) fn still_stored(
    shared: &Shared,
    entries: &[Entry],
    keys: &BTreeSet<LeafKeyId>,
) -> Result<bool, Fault> {
    let lost = lost(shared, entries, keys)?;
    for position in lost.positions {
        let stored = shared.event_at(position)?;
        for (number, segment) in (0_u8..).zip(&stored.segments).skip(1) {
            if is_clear(segment) || shared.reader.is_cut(position, number)? {
                continue;
            }
            let grants = grants_of(&shared.reader, (position, number), segment)?;
            let hit = |key: &KeyId| keys.contains(&LeafKeyId(key.0));
            if grants.iter().flatten().any(hit) {
                return Ok(true);
            }
        }
    }
    Ok(false)
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

/// Every sealed part of the events at these positions, with the keys of its grants.
fn each_part(
    shared: &Shared,
    positions: impl IntoIterator<Item = u64>,
    each: &mut dyn FnMut(u64, Vec<Vec<LeafKeyId>>),
) -> Result<(), Fault> {
    for position in positions {
        let stored = shared.event_at(position)?;
        for (number, segment) in (0_u8..).zip(&stored.segments).skip(1) {
            if is_clear(segment) {
                continue;
            }
            let named = |grant: Vec<KeyId>| grant.iter().map(|key| LeafKeyId(key.0)).collect();
            let grants = grants_of(&shared.reader, (position, number), segment)?;
            let grants = grants.into_iter().map(named);
            each(position, grants.collect());
        }
    }
    Ok(())
}
