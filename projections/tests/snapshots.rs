//! A snapshot and the tail after it give the same views as a rebuild, whatever happened and
//! wherever the snapshot was taken; a snapshot that is no use costs a rebuild and nothing else.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::panic,
    reason = "a test stops where something is not as it must be"
)]

mod world;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use projections::runner::Runner;
use projections::views::Views;
use proptest::prelude::*;
use world::{Memory, Op, World};

fn ops() -> impl Strategy<Value = Vec<Op>> {
    proptest::collection::vec(any::<Op>(), 0..400)
}

/// The views as opened from the source's snapshots, with the rest of the log folded in.
fn opened(memory: &Arc<Memory>) -> Runner {
    Runner::open(memory.clone()).unwrap()
}

fn snapshot_at(world: &World, cut: usize) -> Arc<Memory> {
    let (before, after) = world.entries.split_at(cut);
    let memory = Arc::new(Memory::with(before));
    opened(&memory).save_snapshots().unwrap();
    memory.append(after);
    memory
}

proptest! {
    #[test]
    fn a_snapshot_plus_the_tail_equals_a_rebuild(
        ops in ops(),
        cut in any::<prop::sample::Index>(),
    ) {
        let world = World::played(&ops);
        let cut = cut.index(world.entries.len() + 1);
        let memory = snapshot_at(&world, cut);
        memory.reads.lock().unwrap().clear();
        let runner = opened(&memory);
        prop_assert!(*runner.read().unwrap() == world.views());
        prop_assert_eq!(runner.position(), world.entries.len() as u64);
        // Nothing that the snapshot holds was read again.
        let reads = memory.reads.lock().unwrap().clone();
        prop_assert!(reads.iter().all(|from| *from >= cut as u64));
    }

    #[test]
    fn views_whose_snapshots_are_of_different_positions_meet_at_the_end(
        ops in ops(),
        cuts in any::<[prop::sample::Index; 6]>(),
    ) {
        let world = World::played(&ops);
        let memory = Arc::new(Memory::with(&world.entries));
        for (name, cut) in NAMES.iter().zip(&cuts) {
            let one = snapshot_at(&world, cut.index(world.entries.len() + 1));
            let kept = one.snapshots.lock().unwrap()[*name].clone();
            memory.snapshots.lock().unwrap().insert((*name).to_owned(), kept);
        }
        prop_assert!(*opened(&memory).read().unwrap() == world.views());
    }

    #[test]
    fn a_snapshot_cut_short_or_of_another_version_costs_a_rebuild_only(
        ops in ops(),
        name in 0_usize..6,
        kept_bytes in any::<prop::sample::Index>(),
        version in any::<bool>(),
    ) {
        let world = World::played(&ops);
        let memory = snapshot_at(&world, world.entries.len());
        {
            let mut snapshots = memory.snapshots.lock().unwrap();
            let (_, bytes) = snapshots.get_mut(NAMES[name]).unwrap();
            if version {
                bytes[0] ^= 0x80;
            } else {
                bytes.truncate(kept_bytes.index(bytes.len()));
            }
        }
        prop_assert!(*opened(&memory).read().unwrap() == world.views());
    }

    #[test]
    fn noise_in_a_snapshot_never_stops_opening(
        noise in proptest::collection::vec(any::<u8>(), 0..200),
        keep_head in any::<bool>(),
    ) {
        let world = World::played(&[(5, 0, 0, 0), (7, 1, 0, 0), (17, 0, 2, 0)]);
        let memory = snapshot_at(&world, 3);
        for (_, bytes) in memory.snapshots.lock().unwrap().values_mut() {
            bytes.truncate(if keep_head { 12 } else { 0 });
            bytes.extend_from_slice(&noise);
        }
        // The ledger's seal would notice noise; here it may even decode. Opening must not fail.
        opened(&memory);
    }
}

#[test]
fn a_snapshot_from_beyond_the_end_of_the_log_is_not_used() {
    let world = World::played(&[(7, 1, 0, 0), (17, 0, 2, 0), (17, 0, 2, 0)]);
    let longer = snapshot_at(&world, 3);
    let shorter = Memory::with(&world.entries[..2]);
    *shorter.snapshots.lock().unwrap() = longer.snapshots.lock().unwrap().clone();
    let runner = opened(&Arc::new(shorter));
    let mut rebuilt = Views::default();
    for entry in &world.entries[..2] {
        rebuilt.apply(entry.position, &entry.record);
    }
    assert!(*runner.read().unwrap() == rebuilt);
}

#[test]
fn an_unreadable_snapshot_store_costs_a_rebuild_only() {
    let world = World::played(&[(7, 1, 0, 0), (17, 0, 2, 0)]);
    let memory = snapshot_at(&world, 2);
    memory.snapshots_fail.store(true, Ordering::Relaxed);
    let runner = opened(&memory);
    assert!(*runner.read().unwrap() == world.views());
    assert!(runner.save_snapshots().is_err());
}

#[test]
fn an_event_that_is_folded_already_changes_nothing() {
    let world = World::played(&[(0, 0, 0, 0), (7, 1, 0, 0), (17, 0, 2, 0)]);
    let mut views = world.views();
    for entry in &world.entries {
        views.apply(entry.position, &entry.record);
    }
    assert!(views == world.views());
}

const NAMES: [&str; 6] = [
    "worklist",
    "consents",
    "directory",
    "staff",
    "cases",
    "counts",
];
