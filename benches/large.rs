//! Large ledgers: proofs, replay, opening and memory by events; shredding by leaf keys.

use std::sync::Arc;
use std::time::{Duration, Instant};

use benches::FITTING_BYTES;
use benches::place::Place;
use benches::quantile::{median, quantile};
use benches::unkept::Unkept;
use benches::world::{LEAVES_OF_A_CASE, World};
use ledger::domain::event::Event;
use ledger::domain::ids::CaseId;
use ledger::domain::stream::StreamId;
use ledger::ledger::Entry;
use ledger::shredcheck::{Asked, shredcheck};
use projections::runner::Runner;

/// Receipts and proofs that are timed.
const PROOFS: usize = 2_000;
/// Times that the folder is opened.
const TIMES: usize = 5;

/// Leaves of a sweep.
const SWEPT: u64 = 10_000;
/// Leaf keys up to which the RAM disk is used.
const RAM_LEAVES_MAX: u64 = 200_000;

/// A ledger of so many events.
pub(crate) fn events(size: u64) {
    let mut world = World::make(Place::Ram, 2_000);
    let filling = Instant::now();
    world.fill(size, FITTING_BYTES);
    let filled = filling.elapsed();
    println!("| events: filling to {size} | ram | {FITTING_BYTES} B | | {filled:.1?} | |");
    row(
        size,
        "resident after filling",
        &format!("{} MiB", resident_mib()),
    );
    proofs(&mut world, size);
    let start = Instant::now();
    let mut next = 0;
    while next < size {
        let entries = world.ledger.records(next, 1_000).expect("the log reads");
        next += u64::try_from(entries.len().max(1)).expect("a small number");
    }
    let spent = start.elapsed().as_secs_f64();
    let count = u32::try_from(size).expect("a small number");
    row(
        size,
        "replay of record parts",
        &format!("{:.0}/s", f64::from(count) / spent),
    );
    views(&world, size, f64::from(count));
    world.close();
    let mut openings = Vec::new();
    for _ in 0..TIMES {
        let start = Instant::now();
        let ledger = world.open_again();
        openings.push(start.elapsed());
        ledger.close().expect("a healthy ledger");
    }
    row(
        size,
        "opening after a clean close",
        &format!("{:.1?}", median(&mut openings)),
    );
}

/// Views from nothing, and from their snapshots.
fn views(world: &World, size: u64, count: f64) {
    let start = Instant::now();
    let runner = Runner::open(Arc::new(Unkept(world.ledger.clone()))).expect("the log reads");
    let spent = start.elapsed().as_secs_f64();
    row(
        size,
        "rebuilding all views",
        &format!("{:.0}/s", count / spent),
    );
    drop(runner);
    let runner = Runner::open(Arc::new(world.ledger.clone())).expect("the log reads");
    runner.save_snapshots().expect("snapshots are kept");
    drop(runner);
    let start = Instant::now();
    let runner = Runner::open(Arc::new(world.ledger.clone())).expect("snapshots read");
    row(
        size,
        "opening all views from snapshots",
        &format!("{:.1?}", start.elapsed()),
    );
    row(
        size,
        "resident with views",
        &format!("{} MiB", resident_mib()),
    );
    drop(runner);
}

fn proofs(world: &mut World, size: u64) {
    let (mut receipts, mut paths) = (Vec::new(), Vec::new());
    for _ in 0..PROOFS {
        let position = world.corpus.number() % size;
        let start = Instant::now();
        world.ledger.receipt(position).expect("the log reads");
        receipts.push(start.elapsed());
        let start = Instant::now();
        world
            .ledger
            .inclusion_proof(position, size)
            .expect("the tree reads");
        paths.push(start.elapsed());
    }
    for (name, spent) in [("receipt", &mut receipts), ("inclusion proof", &mut paths)] {
        let (middle, late) = (median(spent), quantile(spent, 990));
        row(size, name, &format!("p50 {middle:.1?}, p99 {late:.1?}"));
    }
}

/// A key tree of so many leaves: from one person's withdrawal to the record that the keys are gone;
/// then as many people at once as have ten thousand leaves.
pub(crate) fn leaves(count: u64, singles: u32) {
    // Ledgers of this size would fill the memory that a RAM disk takes.
    let places = Place::all()
        .into_iter()
        .filter(|place| *place == Place::Disk || count <= RAM_LEAVES_MAX);
    for place in places {
        let mut world = World::make(place, 1);
        let filling = Instant::now();
        let mut full = world.fill_leaves(count);
        let mut opened = world.open_cases(usize::try_from(singles).expect("small"));
        let row = |what: &str, figure: &str| {
            let name = place.name();
            println!("| leaves: {what} among {count} | {name} | | | {figure} | |");
        };
        row("filling", &format!("{:.1?}", filling.elapsed()));
        let mut spent: Vec<Duration> = Vec::new();
        while let Some((case, _)) = opened.pop() {
            spent.push(shred(&mut world, &[case]));
        }
        let all: Duration = spent.iter().sum();
        let of_one = all.as_secs_f64() / f64::from(singles);
        let middle = median(&mut spent);
        let told = format!("p50 {middle:.1?}, {all:.1?} for {singles} of them");
        row("one leaf shredded", &told);
        // The record's own leaf stays.
        let swept = SWEPT / (LEAVES_OF_A_CASE - 1);
        let kept = full
            .len()
            .saturating_sub(usize::try_from(swept).expect("small"));
        let due = full.split_off(kept);
        let leaves = u32::try_from(due.len()).expect("small") * 15;
        let sweep = shred(&mut world, &due);
        let ratio = sweep.as_secs_f64() / (of_one * f64::from(leaves));
        let share = format!("{sweep:.1?}, {:.1} % of as many single ones", ratio * 100.0);
        row(
            &format!("{leaves} leaves of {} people at once", due.len()),
            &share,
        );
        world.close();
        row(
            "living leaves counted by shredcheck",
            &living(&world).to_string(),
        );
    }
}

/// From withdrawals to the record that all their keys are gone.
fn shred(world: &mut World, cases: &[CaseId]) -> Duration {
    let requests = cases.iter().map(|case| world.withdrawal(*case));
    let requests: Vec<_> = requests.collect();
    let last = *cases.last().expect("somebody withdraws");
    let start = Instant::now();
    for answer in world.ledger.submit_together(requests) {
        assert!(answer.is_ok(), "a client may withdraw");
    }
    while !is_gone(world, last) {
        std::thread::sleep(Duration::from_micros(50));
    }
    start.elapsed()
}

fn is_gone(world: &World, case: CaseId) -> bool {
    let told = world.ledger.stream(StreamId::Case(case));
    let told = told.expect("the log reads");
    let shredded = |entry: &Entry| matches!(entry.record.event, Event::Shredded(_));
    told.iter().any(shredded)
}

/// Leaves that live, by the tool that reads every byte.
fn living(world: &World) -> usize {
    let asked = Asked {
        copies: vec![world.folder().join("data")],
        memories: Vec::new(),
        vault: world.folder().join("vault"),
        passphrase: None,
        records_only: true,
    };
    let report = shredcheck(&asked, &|_, _, _| {}).expect("every file reads");
    assert!(report.findings().is_empty(), "nothing leads back");
    report.living.len()
}

fn row(size: u64, what: &str, figure: &str) {
    println!("| events: {what} at {size} | ram | {FITTING_BYTES} B | | {figure} | |");
}

/// Resident memory of this process, in MiB, generator and all.
fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}
