//! What must not grow with the log, or by how much: receipts, proofs, replay, views, opening,
//! shredding.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use benches::FITTING_BYTES;
use benches::place::Place;
use benches::unkept::Unkept;
use benches::world::World;
use criterion::{BenchmarkGroup, Criterion, SamplingMode, Throughput, measurement::WallTime};
use ledger::domain::ids::{CaseId, PersonId};
use projections::runner::Runner;

/// Events that one pass of the replay bench reads.
const REPLAYED: u64 = 10_000;

pub(crate) fn reading(criterion: &mut Criterion) {
    for size in crate::sizes() {
        let mut world = World::make(Place::Ram, 500);
        world.fill(size, FITTING_BYTES);
        let mut group = criterion.benchmark_group(format!("events_{size}"));
        group.sampling_mode(SamplingMode::Flat);
        proofs(&mut group, &mut world, size);
        replay(&mut group, &world, size);
        group.bench_function("open_after_clean_close", |bencher| {
            world.close();
            bencher.iter_custom(|times| openings(&world, times));
            world.reopen();
        });
        group.finish();
    }
}

fn proofs(group: &mut BenchmarkGroup<'_, WallTime>, world: &mut World, size: u64) {
    group.bench_function("receipt", |bencher| {
        bencher.iter(|| {
            let position = world.corpus.number() % size;
            black_box(world.ledger.receipt(position).is_ok())
        });
    });
    group.bench_function("inclusion_proof", |bencher| {
        bencher.iter(|| {
            let position = world.corpus.number() % size;
            black_box(world.ledger.inclusion_proof(position, size).is_ok())
        });
    });
}

fn replay(group: &mut BenchmarkGroup<'_, WallTime>, world: &World, size: u64) {
    let count = REPLAYED.min(size);
    group.throughput(Throughput::Elements(count));
    group.bench_function("replay_records", |bencher| {
        bencher.iter(|| {
            let most = usize::try_from(count).unwrap_or(usize::MAX);
            world
                .ledger
                .records(0, most)
                .map(|entries| entries.len())
                .unwrap_or(0)
        });
    });
    group.throughput(Throughput::Elements(size));
    group.bench_function("views_from_nothing", |bencher| {
        bencher.iter(|| Runner::open(Arc::new(Unkept(world.ledger.clone()))).is_ok());
    });
}

/// Opens the folder again and again; closing is not counted.
fn openings(world: &World, times: u64) -> Duration {
    let mut spent = Duration::ZERO;
    for _ in 0..times {
        let start = Instant::now();
        let ledger = world.open_again();
        spent += start.elapsed();
        let _ = ledger.close();
    }
    spent
}

/// From the withdrawal of one person's consent to the last certificate, among so many leaf keys.
pub(crate) fn shredding(criterion: &mut Criterion) {
    for leaves in crate::sizes() {
        let place = if leaves > 200_000 {
            Place::Disk
        } else {
            Place::Ram
        };
        let mut world = World::make(place, 1);
        world.fill_leaves(leaves);
        let mut opened = Vec::new();
        let mut group = criterion.benchmark_group(format!("leaves_{leaves}"));
        group.sampling_mode(SamplingMode::Flat);
        group.bench_function("shred_one_person", |bencher| {
            bencher.iter_custom(|times| {
                let mut spent = Duration::ZERO;
                for _ in 0..times {
                    spent += shred(&mut world, &mut opened);
                }
                spent
            });
        });
        group.finish();
    }
}

fn shred(world: &mut World, opened: &mut Vec<(CaseId, PersonId)>) -> Duration {
    if opened.is_empty() {
        *opened = world.open_cases(50);
    }
    let Some((case, _)) = opened.pop() else {
        return Duration::ZERO;
    };
    let request = world.withdrawal(case);
    let epoch = world.ledger.status().epoch;
    let start = Instant::now();
    assert!(
        world.ledger.submit(request).is_ok(),
        "a client may withdraw"
    );
    while world.ledger.status().epoch == epoch || world.ledger.status().shreds_pending > 0 {
        std::thread::yield_now();
    }
    start.elapsed()
}
