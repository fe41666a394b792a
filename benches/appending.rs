//! Commands through the whole spine, beside one write and one sync of the same bytes, and beside
//! sled inserting the same records with a sync of our own.

use benches::place::Place;
use benches::raw::{RawFile, RawSled, groups};
use benches::world::{World, submit_all};
use benches::{CONTENT_BYTES, FITTING_BYTES};
use criterion::{BatchSize, Criterion, SamplingMode, Throughput};

/// Commands that are queued at once.
const GROUP: usize = 256;
/// Threads that submit one command after the other.
const THREADS: usize = 64;
/// Cases that commands go to in turn.
const CASES: usize = 64;

/// One command at a time: nobody else to share the sync with.
pub(crate) fn lone(criterion: &mut Criterion) {
    for place in Place::all() {
        let mut world = World::make(place, CASES);
        let ledger = world.ledger.clone();
        let mut group = criterion.benchmark_group(format!("lone/{}", place.name()));
        group.sampling_mode(SamplingMode::Flat);
        for bytes in [FITTING_BYTES, CONTENT_BYTES] {
            group.bench_function(format!("spine_{bytes}"), |bencher| {
                bencher.iter_batched(
                    || world.revision(bytes),
                    |request| ledger.submit(request).is_ok(),
                    BatchSize::NumIterations(1),
                );
            });
            let event = last_event(&world);
            let folder = place.temporary();
            let (mut file, mut sled) = (RawFile::make(folder.path()), RawSled::make(folder.path()));
            group.bench_function(format!("raw_file_{bytes}"), |bencher| {
                bencher.iter(|| file.append(&event));
            });
            group.bench_function(format!("raw_sled_{bytes}"), |bencher| {
                bencher.iter(|| sled.put(std::slice::from_ref(&event)));
            });
        }
        group.finish();
    }
}

/// Many commands queued at once, which share frames and syncs.
pub(crate) fn grouped(criterion: &mut Criterion) {
    for place in Place::all() {
        let mut world = World::make(place, CASES);
        let ledger = world.ledger.clone();
        let mut group = criterion.benchmark_group(format!("grouped/{}", place.name()));
        group.sampling_mode(SamplingMode::Flat);
        group.throughput(Throughput::Elements(GROUP.try_into().unwrap_or(u64::MAX)));
        for bytes in [FITTING_BYTES, CONTENT_BYTES] {
            group.bench_function(format!("spine_{bytes}"), |bencher| {
                bencher.iter_batched(
                    || world.revisions(GROUP, bytes),
                    |requests| submit_all(&ledger, requests).len(),
                    BatchSize::NumIterations(1),
                );
            });
            let groups = groups(&last_event(&world), GROUP);
            let folder = place.temporary();
            let (mut file, mut sled) = (RawFile::make(folder.path()), RawSled::make(folder.path()));
            group.bench_function(format!("raw_file_{bytes}"), |bencher| {
                bencher.iter(|| {
                    groups
                        .iter()
                        .for_each(|events| file.append(&events.concat()))
                });
            });
            group.bench_function(format!("raw_sled_{bytes}"), |bencher| {
                bencher.iter(|| groups.iter().for_each(|events| sled.put(events)));
            });
        }
        group.finish();
    }
}

/// Threads that each submit, wait for the answer and submit again.
pub(crate) fn many_threads(criterion: &mut Criterion) {
    for place in Place::all() {
        let mut world = World::make(place, CASES);
        let ledger = world.ledger.clone();
        let mut group = criterion.benchmark_group(format!("threads_{THREADS}/{}", place.name()));
        group.sampling_mode(SamplingMode::Flat);
        group.throughput(Throughput::Elements(
            (THREADS * 4).try_into().unwrap_or(u64::MAX),
        ));
        for bytes in [FITTING_BYTES, CONTENT_BYTES] {
            group.bench_function(format!("spine_{bytes}"), |bencher| {
                bencher.iter_batched(
                    || {
                        (0..THREADS)
                            .map(|_| world.revisions(4, bytes))
                            .collect::<Vec<_>>()
                    },
                    |shares| {
                        std::thread::scope(|scope| {
                            for share in shares {
                                let ledger = &ledger;
                                scope.spawn(move || {
                                    share.into_iter().all(|one| ledger.submit(one).is_ok())
                                });
                            }
                        });
                    },
                    BatchSize::NumIterations(1),
                );
            });
        }
        group.finish();
    }
}

fn last_event(world: &World) -> Vec<u8> {
    world.stored(world.ledger.size().saturating_sub(1))
}
