//! Who could have been affected by a breach: what left and what was opened, in one order, page by
//! page, of one organisation's cases only (MISSION E8).
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::panic,
    reason = "a test stops where something is not as it must be"
)]

mod world;

use ledger::clock::Timestamp;
use ledger::domain::codes::*;
use ledger::domain::event::*;
use ledger::domain::ids::*;
use ledger::domain::stream::StreamId;
use projections::given::{LeftSearch, Traced, TracedCounts};
use projections::views::Views;
use world::{HOME, World};

const OTHER: OrganisationId = OrganisationId([0x07; 16]);
const SCHOOL: OrganisationId = OrganisationId([0x5c; 16]);
/// Who does everything in the made-up log.
const WHO: StaffId = StaffId([1; 16]);

fn open(world: &mut World, case: CaseId, target: ViewTarget) -> u64 {
    let seen = PersonalDataSeen {
        target,
        purpose: ViewPurpose::CaseWork,
    };
    world.push(StreamId::Case(case), seen)
}

/// Two cases of ours and one of another organisation: each sent, each opened twice. Positions of
/// what is of ours, in the order of the log.
fn happened() -> (World, [CaseId; 2], Vec<u64>) {
    let mut world = World::default();
    let cases = [HOME, OTHER, HOME].map(|of| world.case(of));
    let mut ours = Vec::new();
    for case in cases {
        let mine = case != cases[1];
        let referral = world.draft(case, SCHOOL);
        let first = open(&mut world, case, ViewTarget::Case);
        world.send(case, referral);
        let sent = first + 1;
        let last = open(&mut world, case, ViewTarget::Referral(referral));
        ours.extend([first, sent, last].into_iter().filter(|_| mine));
    }
    (world, [cases[0], cases[2]], ours)
}

fn positions(views: &Views, search: &LeftSearch, of: OrganisationId, rows_max: usize) -> Vec<u64> {
    let found = views.given().trace(search, of, rows_max);
    found.iter().map(Traced::position).collect()
}

#[test]
fn e8_what_left_and_what_was_opened_are_traced_in_one_order_and_no_page_loses_any() {
    let (world, cases, ours) = happened();
    let views = world.views();
    let all = LeftSearch::default();
    assert_eq!(positions(&views, &all, HOME, 100), ours);
    let of: Vec<_> = views.given().trace(&all, HOME, 100);
    assert!(of.iter().all(|row| cases.contains(&row.case())));
    let left = of.iter().filter(|row| matches!(row, Traced::Left(_)));
    assert_eq!(left.count(), 2);
    for rows_max in 1..=ours.len() {
        let mut search = LeftSearch::default();
        let mut paged = Vec::new();
        loop {
            let some = positions(&views, &search, HOME, rows_max);
            assert!(some.len() <= rows_max);
            let Some(last) = some.last().copied() else {
                break;
            };
            search.after = Some(last);
            paged.extend(some);
            let whole = TracedCounts {
                cases: 2,
                left: 2,
                opened: 4,
            };
            let counts = views.given().trace_counts(&search, HOME);
            assert_eq!(counts, whole, "whatever page it is");
        }
        assert_eq!(paged, ours, "{rows_max} at a time");
    }
}

#[test]
fn e8_nobody_traces_what_another_organisation_did() {
    let (world, _, ours) = happened();
    let views = world.views();
    let all = LeftSearch::default();
    let theirs = positions(&views, &all, OTHER, 100);
    assert_eq!(theirs.len(), 3);
    assert!(theirs.iter().all(|position| !ours.contains(position)));
    assert!(positions(&views, &all, SCHOOL, 100).is_empty());
    let counts = views.given().trace_counts(&all, SCHOOL);
    assert_eq!(counts, TracedCounts::default());
}

#[test]
fn e8_what_was_opened_went_to_no_recipient_and_is_left_out_where_one_is_asked_for() {
    let (world, _, ours) = happened();
    let views = world.views();
    let sent = [ours[1], ours[4]];
    let service = Some(ServiceId(SCHOOL.0));
    let recipient = Some(SCHOOL);
    for search in [
        LeftSearch {
            recipient,
            ..LeftSearch::default()
        },
        LeftSearch {
            service,
            ..LeftSearch::default()
        },
    ] {
        assert_eq!(positions(&views, &search, HOME, 100), sent);
        let counts = views.given().trace_counts(&search, HOME);
        assert_eq!((counts.cases, counts.left, counts.opened), (2, 2, 0));
    }
    let nobody = LeftSearch {
        recipient: Some(HOME),
        ..LeftSearch::default()
    };
    assert!(positions(&views, &nobody, HOME, 100).is_empty());
}

#[test]
fn e8_a_trace_keeps_to_its_time_and_to_who_did_it() {
    let (world, _, ours) = happened();
    let views = world.views();
    // Each event is an hour after the one before, the first at one o'clock.
    let at = |position: u64| Timestamp((position + 1) * world::HOUR_MS);
    let search = LeftSearch {
        from: Some(at(ours[1])),
        until: Some(at(ours[4])),
        ..LeftSearch::default()
    };
    assert_eq!(positions(&views, &search, HOME, 100), ours[1..4]);
    for (who, number) in [(WHO, ours.len()), (StaffId([2; 16]), 0)] {
        let search = LeftSearch {
            by: Some(who),
            ..LeftSearch::default()
        };
        assert_eq!(positions(&views, &search, HOME, 100).len(), number);
    }
}
