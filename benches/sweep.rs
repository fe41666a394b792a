//! A retention sweep: cases whose leaves lie together, as many scattered ones, and single ones.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use benches::cpu;
use benches::place::Place;
use benches::quantile::median;
use benches::world::{LEAVES_OF_A_CASE, World};
use ledger::clock::{Clock, SystemClock, Timestamp};
use ledger::domain::event::Event;
use ledger::domain::ids::CaseId;
use ledger::domain::stream::StreamId;
use ledger::ledger::Entry;

/// Leaves of a sweep.
const SWEPT: u64 = 10_000;
/// Months in which the cases were worked on last.
const MONTHS: u32 = 24;
/// Single cases that are timed.
const TIMES: usize = 7;

/// A clock that is set.
struct Hands(AtomicU64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Cases of two years, then one sweep of those of one month, one of as many of all months, and
/// single ones: by the same rules, in the same ledger, in this order.
pub(crate) fn retention(count: u64) {
    let start = SystemClock.now().minus_months(2 * MONTHS + 2);
    let hands = Arc::new(Hands(AtomicU64::new(start.0)));
    let set = |at: Timestamp| hands.0.store(at.0, Ordering::SeqCst);
    let mut world = World::make_by(Place::Disk, 1, hands.clone());
    let filling = Instant::now();
    let mut months: Vec<Vec<CaseId>> = Vec::new();
    for month in 0..MONTHS {
        set(start.plus_months(month));
        months.push(world.fill_leaves(count / u64::from(MONTHS)));
    }
    row(count, "filling", &format!("{:.1?}", filling.elapsed()));
    set(start.plus_months(2 * MONTHS + 1));
    world.let_loose();
    let swept = usize::try_from(SWEPT / (LEAVES_OF_A_CASE - 1)).expect("small");
    let each = swept.div_ceil(months.len());
    // What lies together: the oldest, of as many months as it takes.
    let mut together: Vec<CaseId> = Vec::new();
    for month in &mut months {
        let kept = month.len().saturating_sub(swept - together.len());
        let kept = kept.max(each + 1);
        together.extend(month.split_off(kept.min(month.len())));
    }
    let scattered = months
        .iter_mut()
        .flat_map(|month| month.split_off(month.len().saturating_sub(each)));
    let scattered: Vec<CaseId> = scattered.collect();
    let singles: Vec<CaseId> = months.iter_mut().filter_map(Vec::pop).take(TIMES).collect();
    let mut one: Vec<Duration> = Vec::new();
    for case in &singles {
        one.push(sweep(&mut world, std::slice::from_ref(case)).0);
    }
    let single = median(&mut one);
    row(count, "one case by itself", &format!("{single:.1?}"));
    for (name, cases) in [("of one time", together), ("of all months", scattered)] {
        let number = u32::try_from(cases.len()).expect("small");
        let (spent, cpu) = sweep(&mut world, &cases);
        let ratio = spent.as_secs_f64() / (single * number).as_secs_f64() * 100.0;
        let leaves = number * 15;
        let told = format!("{spent:.1?}, {cpu:.1?} of CPU, {ratio:.1} % of as many single ones");
        row(
            count,
            &format!("{number} cases {name} ({leaves} leaves) at once"),
            &told,
        );
    }
    world.close();
}

/// From the commands of a sweep to the record that all their keys are gone; and its CPU time.
fn sweep(world: &mut World, cases: &[CaseId]) -> (Duration, Duration) {
    let requests: Vec<_> = cases.iter().map(|case| world.applied(*case)).collect();
    let (start, before) = (Instant::now(), spent());
    for answer in world.ledger.submit_together(requests) {
        assert!(answer.is_ok(), "every case is over");
    }
    let last = *cases.last().expect("somebody's time is over");
    while !is_gone(world, last) || world.ledger.status().shreds_pending > 0 {
        std::thread::sleep(Duration::from_micros(50));
    }
    (start.elapsed(), spent().saturating_sub(before))
}

fn spent() -> Duration {
    cpu::by_thread().values().sum()
}

fn is_gone(world: &World, case: CaseId) -> bool {
    let told = world.ledger.stream(StreamId::Case(case));
    let told = told.expect("the log reads");
    let shredded = |entry: &Entry| matches!(entry.record.event, Event::Shredded(_));
    told.iter().any(shredded)
}

fn row(size: u64, what: &str, figure: &str) {
    println!("| sweep: {what} among {size} leaves | disk | | | {figure} | |");
}
