//! What figures do not tell, and that they say so.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod world;

use ledger::clock::Day;
use ledger::domain::event::*;
use ledger::domain::ids::*;
use ledger::domain::stream::StreamId;
use projections::statistics::{Cohort, Made};
use world::World;

const HOME: OrganisationId = OrganisationId([1; 16]);
const CLINIC: OrganisationId = OrganisationId([2; 16]);

fn made(world: &World) -> Made {
    let cohort = Cohort {
        organisation: HOME,
        from: Day(0),
        until: Day(365),
        as_of: world.now,
        limit: 1,
    };
    Made::of(&world.views(), &cohort).unwrap()
}

#[test]
fn e7_no_rate_mixes_one_organisation_with_the_whole_ledger_and_the_figures_say_so() {
    // given refusals and a need that another organisation may have met as well as this one
    let mut world = World::default();
    world.case(HOME);
    for _ in 0..3 {
        let refused = RecordRefused { reason: None };
        world.push(StreamId::Ledger, refused);
    }
    // when figures are made
    let made = made(&world);
    let mut tables = made.tables.iter();
    let records = tables.find(|table| table.name == "records").unwrap();
    // then the count stands, and no rate is made of it
    assert_eq!(
        records.all,
        [1, 1].map(Some),
        "what the whole ledger counts stands apart"
    );
    for name in ["refused_of_asked", "unmet_of_needs"] {
        assert!(made.indicators.iter().all(|one| one.name != name), "{name}");
        let left_out = made.left_out.iter().find(|one| one.name == name).unwrap();
        assert!(left_out.why.contains("the whole ledger"), "{left_out:?}");
    }
}

#[test]
fn e9_e7_figures_say_that_cases_whose_record_ended_are_counted_no_more() {
    let mut world = World::default();
    let ended = |world: &World| {
        let left_out = made(world).left_out;
        left_out.iter().any(|one| one.name == "ended_records")
    };
    let of = |kind: &str| {
        let counts = Event::NAMES.iter().map(|name| u32::from(*name == kind));
        counts.collect::<Vec<_>>()
    };
    // A link of two files ends likewise, and is in no figure.
    for (organisation, kind, expected) in [
        (CLINIC, "CaseOpened", false),
        (HOME, "FilesLinked", false),
        (HOME, "CaseOpened", true),
    ] {
        let closed = StreamClosed {
            leaf: LeafKeyId([1; 16]),
            organisation,
            rule: PublicText("record".to_owned()),
            version: 1,
            events: of(kind),
            keys: 0,
            parts: 0,
        };
        world.push(StreamId::Ledger, closed);
        assert_eq!(ended(&world), expected);
    }
}
