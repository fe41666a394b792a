//! Our figures beside the limits of the same machine, in turn in one run, as the table of the
//! README.
//!
//! - Rounds alternate between limit and ledger, so that a slow minute of the disk slows both.
//! - Grouped figures are sustained: more is appended than the tail holds, until sled has it all.
#![expect(clippy::print_stdout, reason = "the table is this program's output")]
#![expect(
    clippy::expect_used,
    reason = "a bench that cannot run has nothing to measure"
)]

mod large;
mod sweep;

use std::time::{Duration, Instant};

use benches::cpu;
use benches::place::Place;
use benches::quantile::{median, quantile};
use benches::raw::{RawFile, RawSled, groups};
use benches::world::{World, submit_all};
use benches::{CONTENT_BYTES, FITTING_BYTES};
use clap::Parser;

/// Measures the ledger beside the limits of this machine.
#[derive(Parser)]
struct Options {
    /// Rounds of each measurement.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Commands of one sustained round.
    #[arg(long, default_value_t = 20_000)]
    sustained: usize,
    /// Events, and then leaf keys, of the large ledgers; none with 0.
    #[arg(long, value_delimiter = ',', default_value = "100000")]
    sizes: Vec<u64>,
    /// Leaves that are shredded one after the other, to be compared with as many at once.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    singles: u32,
    /// Only the measurements whose name holds this.
    #[arg(long, default_value = "")]
    only: String,
}

/// Commands of one round of the lone append.
const LONE: usize = 200;
/// Commands that raw sled gets at once, and that are queued at the ledger.
const GROUP: usize = 256;
/// Cases that commands go to in turn.
const CASES: usize = 256;

fn main() {
    let options = Options::parse();
    let wanted = |name: &str| name.contains(options.only.as_str());
    println!("| what | place | content | limit | ledger | ratio |");
    println!("|---|---|---|---|---|---|");
    for place in Place::all() {
        for bytes in [FITTING_BYTES, CONTENT_BYTES] {
            if wanted("lone") {
                lone(place, bytes, options.rounds);
            }
            if wanted("grouped") {
                grouped(place, bytes, &options);
            }
            if wanted("threads") {
                threads(place, bytes, options.rounds);
            }
            if wanted("cpu") {
                processor(place, bytes, &options);
            }
        }
    }
    for size in options.sizes.iter().copied().filter(|size| *size > 0) {
        if wanted("events") {
            large::events(size);
        }
        if wanted("leaves") {
            large::leaves(size, options.singles);
        }
        if wanted("sweep") {
            sweep::retention(size);
        }
    }
}

/// One command at a time, beside one write and sync of the same bytes and beside raw sled.
fn lone(place: Place, bytes: usize, rounds: usize) {
    let mut world = World::make(place, CASES);
    let warm = world.revisions(GROUP, bytes);
    submit_all(&world.ledger, warm);
    let event = last_event(&world);
    let folder = place.temporary();
    let (mut file, mut sled) = (RawFile::make(folder.path()), RawSled::make(folder.path()));
    let (mut ours, mut files, mut sleds) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let requests = world.revisions(LONE, bytes);
        ours.extend(requests.into_iter().map(|request| {
            timed(|| assert!(world.ledger.submit(request).is_ok(), "the draft is revised"))
        }));
        files.extend((0..LONE).map(|_| timed(|| file.append(&event))));
        sleds.extend((0..LONE).map(|_| timed(|| sled.put(std::slice::from_ref(&event)))));
    }
    for (name, limit) in [
        ("raw file + sync", &mut files),
        ("raw sled + sync", &mut sleds),
    ] {
        for (share, thousandths) in [("p50", 500), ("p99", 990)] {
            let (limit, own) = (
                quantile(limit, thousandths),
                quantile(&mut ours, thousandths),
            );
            let ratio = own.as_secs_f64() / limit.as_secs_f64();
            println!(
                "| lone append {share}, limit {name} | {} | {bytes} B | {limit:.0?} | {own:.0?} | \
                 {ratio:.2} × the time |",
                place.name()
            );
        }
    }
}

/// The queue always full, until sled has everything, beside raw sled and the raw file.
fn grouped(place: Place, bytes: usize, options: &Options) {
    let (mut acknowledged, mut applied) = (Vec::new(), Vec::new());
    let (mut files, mut sleds) = (Vec::new(), Vec::new());
    let mut stored = 0;
    for _ in 0..options.rounds {
        let mut world = World::make(place, CASES);
        let requests = world.revisions(options.sustained, bytes);
        let start = Instant::now();
        submit_all(&world.ledger, requests);
        acknowledged.push(start.elapsed());
        let event = last_event(&world);
        stored = event.len();
        world.close();
        applied.push(start.elapsed());
        let folder = place.temporary();
        let (mut file, mut sled) = (RawFile::make(folder.path()), RawSled::make(folder.path()));
        let groups = groups(&event, GROUP);
        let times = options.sustained.div_ceil(GROUP);
        let both = |work: &mut dyn FnMut(&Vec<Vec<u8>>)| {
            timed(|| (0..times).for_each(|_| groups.iter().for_each(&mut *work)))
        };
        files.push(both(&mut |events| file.append(&events.concat())));
        sleds.push(both(&mut |events| sled.put(events)));
    }
    let rate = |spent: &mut Vec<Duration>| per_second(options.sustained, median(spent));
    let (file, sled) = (rate(&mut files), rate(&mut sleds));
    let (acknowledged, applied) = (rate(&mut acknowledged), rate(&mut applied));
    for (what, own) in [("acknowledged", acknowledged), ("in sled too", applied)] {
        for (name, limit) in [("raw sled + sync", sled), ("raw file + sync", file)] {
            println!(
                "| grouped append {what}, limit {name} | {} | {bytes} B ({stored} B stored) | \
                 {limit:.0}/s | {own:.0}/s | {:.0} % |",
                place.name(),
                100.0 * own / limit
            );
        }
    }
}

/// Threads that each submit, wait and submit again.
fn threads(place: Place, bytes: usize, rounds: usize) {
    for threads in [1, 8, 32, 64] {
        let mut world = World::make(place, CASES);
        let mut spent = Vec::new();
        let each = (2_000 / threads).max(50);
        for _ in 0..rounds {
            let shares: Vec<_> = (0..threads).map(|_| world.revisions(each, bytes)).collect();
            let ledger = &world.ledger;
            spent.push(timed(|| {
                std::thread::scope(|scope| {
                    for share in shares {
                        scope.spawn(move || {
                            share.into_iter().for_each(|one| {
                                assert!(ledger.submit(one).is_ok(), "the draft is revised");
                            });
                        });
                    }
                });
            }));
        }
        let rate = per_second(threads * each, median(&mut spent));
        println!(
            "| threads: {threads} submitting | {} | {bytes} B | | {rate:.0}/s | |",
            place.name()
        );
    }
}

/// CPU time of one command by thread, alone and grouped: these figures hardly move with the load.
fn processor(place: Place, bytes: usize, options: &Options) {
    let mut world = World::make(place, CASES);
    let alone = world.revisions(LONE * 5, bytes);
    let together = world.revisions(options.sustained, bytes);
    let counts = (alone.len(), together.len());
    let before = cpu::by_thread();
    for request in alone {
        assert!(world.ledger.submit(request).is_ok(), "the draft is revised");
    }
    let between = cpu::by_thread();
    submit_all(&world.ledger, together);
    let after = cpu::by_thread();
    for (what, count, before, after) in [
        ("lone", counts.0, &before, &between),
        ("grouped", counts.1, &between, &after),
    ] {
        let count = u32::try_from(count).expect("a small number");
        let spent = cpu::between(before, after);
        let sum: Duration = spent.iter().map(|(_, spent)| *spent).sum();
        let each: Vec<_> = spent
            .iter()
            .map(|(name, spent)| format!("{name} {:.1}", micros(*spent / count)))
            .collect();
        println!(
            "| CPU of a {what} command, by thread, µs | {} | {bytes} B | | {:.0} | {} |",
            place.name(),
            micros(sum / count),
            each.join(", ")
        );
    }
    world.close();
}

fn micros(spent: Duration) -> f64 {
    spent.as_secs_f64() * 1e6
}

fn last_event(world: &World) -> Vec<u8> {
    world.stored(world.ledger.size().saturating_sub(1))
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn per_second(count: usize, spent: Duration) -> f64 {
    let count = u32::try_from(count).expect("a small number");
    f64::from(count) / spent.as_secs_f64()
}
