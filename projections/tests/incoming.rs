//! Figures of referrals from outside (MISSION C13, E7).
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod world;

use ledger::clock::Day;
use ledger::domain::codes::*;
use ledger::domain::event::*;
use ledger::domain::ids::*;
use ledger::domain::incoming::Sender;
use ledger::domain::stream::StreamId;
use projections::statistics::{Cohort, Made, Table};
use world::{CLINIC, HOME, HOUR_MS, World};

fn made(world: &World, limit: u64) -> Made {
    let cohort = Cohort {
        organisation: HOME,
        from: Day(0),
        until: Day(365),
        as_of: world.now,
        limit,
    };
    Made::of(&world.views(), &cohort).unwrap()
}

fn table<'a>(made: &'a Made, name: &str) -> &'a Table {
    made.tables.iter().find(|table| table.name == name).unwrap()
}

fn rate(made: &Made, name: &str) -> (Option<u64>, Option<u64>) {
    let rate = made.indicators.iter().find(|one| one.name == name).unwrap();
    (rate.count, rate.of)
}

/// A referral from outside, to an organisation, due four hours (events of the world) later.
fn comes_in(world: &mut World, to: OrganisationId, from: Sender) -> StreamId {
    let incoming = IncomingId(world.id());
    let stream = StreamId::Incoming(incoming);
    let received = IncomingReceived {
        incoming,
        organisation: to,
        from,
        state_of_origin: false,
        channel: Channel::Phone,
        urgency: Urgency::Urgent,
        reference: Some(PublicText("CANARY-7".to_owned())),
        consent: ConsentClaim::NotSaid,
        answer_by: world.now.plus_ms(5 * HOUR_MS),
    };
    world.push(stream, received);
    stream
}

/// What the log keeps of a referral from outside that has ended.
fn one_closed() -> StreamClosed {
    let mut events = vec![0; Event::NAMES.len()];
    let place = Event::NAMES
        .iter()
        .position(|name| *name == "IncomingReceived");
    events[place.unwrap()] = 1;
    StreamClosed {
        leaf: LeafKeyId([7; 16]),
        organisation: HOME,
        rule: PublicText("apart".to_owned()),
        version: 1,
        events,
        keys: 0,
        parts: 0,
    }
}

fn answer(world: &mut World, stream: StreamId, decision: IncomingDecision) {
    let decided = IncomingDecided {
        decision,
        reason: None,
        passed_to: None,
    };
    world.push(stream, decided);
    let answered = IncomingAnswered {
        told: PersonTold::Told,
        channel: Channel::Phone,
    };
    world.push(stream, answered);
}

#[test]
fn c13_e7_what_came_in_is_told_by_decision_answer_urgency_and_sender_and_by_no_name() {
    // given one that was taken and answered in time, one answered late, one that waits, and one
    // that came to somebody else
    let mut world = World::default();
    let school = Sender::Class(SenderClass::School);
    let service = Sender::Service(ServiceId(world.id()));
    let taken = comes_in(&mut world, HOME, school);
    answer(&mut world, taken, IncomingDecision::Taken);
    let late = comes_in(&mut world, HOME, service);
    world.now = world.now.plus_ms(9 * HOUR_MS);
    answer(&mut world, late, IncomingDecision::PassedOn);
    comes_in(&mut world, HOME, service);
    comes_in(&mut world, CLINIC, school);
    // then
    let figures = made(&world, 1);
    let incoming = table(&figures, "incoming");
    assert_eq!(incoming.all, [1, 0, 1, 1, 3].map(Some));
    let rows = |place: usize| {
        let rows = incoming.by[place].rows.iter();
        let sum = |row: &projections::statistics::Row| row.counts.last().copied().flatten();
        let rows = rows.map(|row| (row.name.as_str(), sum(row)));
        rows.collect::<Vec<_>>()
    };
    let one = Some(1);
    assert_eq!(
        rows(0),
        [("in_time", one), ("late", one), ("unanswered", one)]
    );
    assert_eq!(rows(1), [("urgent", Some(3))]);
    assert_eq!(rows(2), [("school", one), ("service", Some(2))]);
    assert_eq!(rate(&figures, "incoming_taken_of_all"), (one, Some(3)));
    assert_eq!(
        rate(&figures, "incoming_answered_in_time_of_all"),
        (one, Some(3))
    );
    let said = serde_json::to_string(&figures).unwrap();
    assert!(!said.contains("CANARY"), "{said}");
    // and so few are not told
    let shown = table(&made(&world, 10), "incoming").all.clone();
    assert!(shown.iter().flatten().all(|count| *count == 0), "{shown:?}");
    // and of what ended nothing is counted, which the figures say
    world.push(StreamId::Ledger, one_closed());
    let figures = made(&world, 1);
    assert!(
        figures
            .left_out
            .iter()
            .any(|it| it.name == "ended_incoming")
    );
    assert!(figures.left_out.iter().all(|it| it.name != "ended_records"));
}
