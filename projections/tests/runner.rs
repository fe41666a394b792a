//! The runner: follows, waits, keeps snapshots, and outlives failures of what it reads from.
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
use std::time::Duration;

use ledger::clock::Timestamp;
use ledger::domain::codes::Need;
use ledger::domain::event::{Event, NeedUnmet, StaffAssigned, StreamClosed};
use ledger::domain::ids::{CaseId, LeafKeyId, OrganisationId, StaffId};
use ledger::domain::record::PublicText;
use ledger::domain::stream::StreamId;
use ledger::error::Fault;
use ledger::ledger::Entry;
use ledger::limits::VIEW_SNAPSHOT_EVENTS;
use projections::runner::Runner;
use world::{Memory, World};

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(1);

fn needs(events: u64) -> World {
    let mut world = World::default();
    for _ in 0..events {
        world.push(
            StreamId::Ledger,
            NeedUnmet {
                need: Need::Cash,
                area: None,
                age_group: None,
            },
        );
    }
    world
}

#[test]
fn a_reader_can_wait_for_an_event_that_comes_later() {
    let world = needs(5_000);
    let memory = Arc::new(Memory::with(&world.entries[..10]));
    let runner = Runner::open(memory.clone()).unwrap();
    assert!(runner.at_least(9, SHORT));
    assert!(!runner.at_least(10, SHORT));
    let follower = runner.follow().unwrap();
    let waiting = {
        let runner = runner.clone();
        std::thread::spawn(move || runner.at_least(4_999, LONG))
    };
    memory.append(&world.entries[10..]);
    assert!(waiting.join().unwrap());
    assert_eq!(runner.read().unwrap().counts().total(), 5_000);
    drop(follower);
    assert!(!runner.at_least(5_000, SHORT));
}

#[test]
fn a_snapshot_is_kept_each_twenty_thousand_events_and_not_before() {
    let world = needs(VIEW_SNAPSHOT_EVENTS + 1);
    let (first, rest) = world.entries.split_at(world.entries.len() - 2);
    let memory = Arc::new(Memory::with(first));
    let runner = Runner::open(memory.clone()).unwrap();
    assert!(memory.snapshots.lock().unwrap().is_empty());
    memory.append(rest);
    runner.catch_up().unwrap();
    let snapshots = memory.snapshots.lock().unwrap();
    let mut names = runner.read().unwrap().names();
    names.sort_unstable();
    let kept: Vec<&str> = snapshots.keys().map(String::as_str).collect();
    assert_eq!(
        kept, names,
        "one of each view, each under a name of its own"
    );
    assert!(
        snapshots
            .values()
            .all(|(position, _)| *position == VIEW_SNAPSHOT_EVENTS + 1)
    );
}

#[test]
fn a_snapshot_that_cannot_be_kept_stops_nothing() {
    let world = needs(VIEW_SNAPSHOT_EVENTS);
    let memory = Arc::new(Memory::with(&world.entries));
    memory.snapshots_fail.store(true, Ordering::Relaxed);
    let runner = Runner::open(memory).unwrap();
    assert_eq!(runner.position(), VIEW_SNAPSHOT_EVENTS);
}

#[test]
fn views_that_cannot_read_the_log_say_so_and_catch_up_once_they_can() {
    let world = needs(20);
    let memory = Arc::new(Memory::with(&world.entries[..10]));
    let runner = Runner::open(memory.clone()).unwrap();
    memory.reads_fail.store(true, Ordering::Relaxed);
    memory.append(&world.entries[10..]);
    assert!(runner.catch_up().is_err());
    let follower = runner.follow().unwrap();
    while !runner.is_failing() {
        std::thread::yield_now();
    }
    // What is there goes on being readable.
    assert_eq!(runner.read().unwrap().counts().total(), 10);
    memory.reads_fail.store(false, Ordering::Relaxed);
    assert!(runner.at_least(19, LONG));
    assert!(follower.is_alive());
}

#[test]
fn a_gap_in_the_log_is_damage_and_nothing_behind_it_is_shown() {
    let mut world = needs(10);
    world.entries.remove(4);
    let memory = Arc::new(Memory::with(&world.entries));
    let fault = Runner::open(memory).err();
    assert!(matches!(fault, Some(Fault::Damaged { .. })));
}

#[test]
fn an_empty_log_gives_empty_views() {
    let runner = Runner::open(Arc::new(Memory::default())).unwrap();
    assert_eq!((runner.position(), runner.catch_up().unwrap()), (0, 0));
    assert_eq!(runner.read().unwrap().cases().count(), 0);
}

/// A case with a few events, and what is recorded when it is closed.
fn with_a_case() -> (World, CaseId, Event) {
    let mut world = needs(5);
    let case = world.case(OrganisationId([1; 16]));
    let first = world.entries.len() as u64 - 1;
    world.push(
        StreamId::Case(case),
        StaffAssigned {
            staff: StaffId([1; 16]),
        },
    );
    world.push(
        StreamId::Ledger,
        NeedUnmet {
            need: Need::Cash,
            area: None,
            age_group: None,
        },
    );
    let mut events = vec![0; Event::NAMES.len()];
    for entry in &world.entries[first as usize..] {
        if entry.record.stream == StreamId::Case(case) {
            let name = entry.record.event.name();
            let place = Event::NAMES.iter().position(|one| *one == name).unwrap();
            events[place] += 1;
        }
    }
    let closed = StreamClosed {
        leaf: LeafKeyId([1; 16]),
        organisation: OrganisationId([1; 16]),
        rule: PublicText("record".to_owned()),
        version: 1,
        events,
        keys: 2,
        parts: 3,
    };
    (world, case, closed.into())
}

#[test]
fn a_closed_case_is_in_no_view_any_more_and_what_is_counted_stays() {
    let (mut world, case, closed) = with_a_case();
    let memory = Arc::new(Memory::with(&world.entries));
    let runner = Runner::open(memory.clone()).unwrap();
    assert!(runner.read().unwrap().cases().find(case).is_some());
    let before = runner.read().unwrap().counts().total();
    let of_case = |it: &&Entry| it.record.stream == StreamId::Case(case);
    let gone: Vec<u64> = world
        .entries
        .iter()
        .filter(of_case)
        .map(|it| it.position)
        .collect();
    let known = world.entries.len();
    world.push(StreamId::Ledger, closed);
    world.push(
        StreamId::Ledger,
        NeedUnmet {
            need: Need::Cash,
            area: None,
            age_group: None,
        },
    );
    memory.closed.lock().unwrap().extend(gone);
    memory.append(&world.entries[known..]);
    runner.catch_up().unwrap();
    let views = runner.read().unwrap();
    assert!(views.cases().find(case).is_none());
    assert_eq!(
        views
            .retention()
            .untouched_since(OrganisationId([1; 16]), Timestamp(u64::MAX))
            .count(),
        0
    );
    assert_eq!(
        views.counts().total(),
        before + 2,
        "the closing and the need behind it"
    );
    assert_eq!(
        (
            views.counts().shredded_keys(),
            views.counts().shredded_parts()
        ),
        (2, 3)
    );
    assert_eq!(runner.position(), world.entries.len() as u64);
    // Whoever builds them from the beginning gets the same.
    let again = Runner::open(memory).unwrap();
    assert!(*again.read().unwrap() == *views);
}

#[test]
fn each_organisation_is_told_its_own_cases_the_longest_untouched_first() {
    let (one, other) = (OrganisationId([1; 16]), OrganisationId([2; 16]));
    let mut world = needs(1);
    let cases = [one, other, one, other, one].map(|of| world.case(of));
    let staff = StaffId([1; 16]);
    let touch = StaffAssigned { staff };
    world.push(StreamId::Case(cases[0]), touch);
    let runner = Runner::open(Arc::new(Memory::with(&world.entries))).unwrap();
    let views = runner.read().unwrap();
    let of = |of| {
        let due = views.retention().untouched_since(of, world.now);
        due.collect::<Vec<_>>()
    };
    assert_eq!(of(one), [cases[2], cases[4], cases[0]]);
    assert_eq!(of(other), [cases[1], cases[3]]);
    assert_eq!(of(OrganisationId([3; 16])), []);
    let before = Timestamp(world.now.0 - 1);
    let earlier = views.retention().untouched_since(one, before);
    assert_eq!(earlier.collect::<Vec<_>>(), [cases[2], cases[4]]);
}
