//! Exceptions by themselves, and what somebody else is to look at afterwards.
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
use projections::exceptions::Used;
use world::{HOUR_MS, World};

const HOME: OrganisationId = OrganisationId([1; 16]);
const CLINIC: OrganisationId = OrganisationId([2; 16]);
const EXCEPTION: ExceptionId = ExceptionId([3; 16]);

fn hours(of: u64) -> Timestamp {
    Timestamp(of * HOUR_MS)
}

/// An exception of the hour 1, to be decided by the hour 7 and looked at by the hour 100.
fn used(world: &mut World) -> CaseId {
    let case = world.case(HOME);
    world.now = hours(1);
    let event = ExceptionInvoked {
        exception: EXCEPTION,
        person: PersonId(case.0),
        kind: ExceptionKind::LegalMandate,
        reason: ExceptionReason::MandatoryReport,
        scope: world::scope(),
        told: false,
        authorise_by: hours(7),
        expires: hours(90),
    };
    world.push(StreamId::Case(case), event);
    let terms = ExceptionTermsSet {
        exception: EXCEPTION,
        procedure: "report".parse().ok(),
        file: 3,
        report_by: Some(hours(48)),
        review_by: hours(100),
    };
    world.push(StreamId::Case(case), terms);
    case
}

fn row(world: &World) -> Used {
    world
        .views()
        .exceptions()
        .after(None)
        .next()
        .unwrap()
        .clone()
}

#[test]
fn b5_where_an_exception_stands_is_told_by_what_was_decided_and_by_the_clock() {
    let mut world = World::default();
    let case = used(&mut world);
    let row_now = row(&world);
    assert_eq!(row_now.state(hours(6)), ExceptionState::Invoked);
    assert_eq!(row_now.step(hours(6)), Some((ReviewStep::Decide, hours(7))));
    assert_eq!(
        row_now.state(hours(7)),
        ExceptionState::Lapsed,
        "swept or not"
    );
    assert!(row_now.decided_late(hours(7)) && !row_now.decided_late(hours(6)));
    assert_eq!(
        row_now.step(hours(7)),
        Some((ReviewStep::Review, hours(100)))
    );
    assert!(!row_now.reviewed_late(hours(100)) && row_now.reviewed_late(hours(101)));
    world.now = hours(3);
    world.push(
        StreamId::Case(case),
        ExceptionAuthorised {
            exception: EXCEPTION,
        },
    );
    let row_now = row(&world);
    assert_eq!(row_now.state(hours(95)), ExceptionState::Authorised);
    assert!(!row_now.decided_late(hours(95)), "it was in time");
    world.now = hours(99);
    let reviewed = ExceptionReviewed {
        exception: EXCEPTION,
        outcome: ReviewOutcome::NotJustified,
        measures: [ReviewMeasure::Redress].into(),
    };
    world.push(StreamId::Case(case), reviewed);
    let row_now = row(&world);
    assert_eq!(row_now.state(hours(200)), ExceptionState::Reviewed);
    assert_eq!(row_now.step(hours(200)), None);
    assert!(!row_now.reviewed_late(hours(200)));
    // What goes on it afterwards waits for a review again, for as long.
    world.now = hours(300);
    let told = DisclosureRecorded {
        disclosure: DisclosureId([88; 16]),
        recipient: HOME,
        categories: [DataCategory::Needs].into(),
        channel: Channel::Phone,
        basis: vec![EXCEPTION.into()],
        incident: false,
    };
    world.push(StreamId::Case(case), told);
    let row_now = row(&world);
    let again = Some((ReviewStep::Review, hours(300 + 99)));
    assert_eq!(row_now.step(hours(301)), again);
}

#[test]
fn b5_the_newest_word_on_telling_the_person_counts_and_lapses_are_told() {
    let mut world = World::default();
    let case = used(&mut world);
    for (told, channel) in [
        (ExceptionTold::NotToldUnsafe, None),
        (ExceptionTold::After, Some(Channel::InPerson)),
        // Who was told is not untold.
        (ExceptionTold::NotReached, Some(Channel::Phone)),
    ] {
        let event = ToldOfException {
            exception: EXCEPTION,
            told,
            channel,
        };
        world.push(StreamId::Case(case), event);
    }
    let lapsed = ReportedWhileLapsed {
        exception: EXCEPTION,
        training: Training::SafeReferral,
    };
    world.push(StreamId::Case(case), lapsed);
    let row = row(&world);
    let (told, channel, _) = row.told.unwrap();
    assert_eq!(
        (told, channel),
        (ExceptionTold::After, Some(Channel::InPerson))
    );
    assert_eq!(row.without, [Training::SafeReferral].into());
}

#[test]
fn c12_an_emergency_without_a_sign_off_waits_for_one() {
    let mut world = World::default();
    let case = world.case(HOME);
    let waiting = |world: &World| world.views().exceptions().unsigned().count();
    let drafted = |referral, urgency| ReferralDrafted {
        referral,
        service: ServiceId([5; 16]),
        recipient: CLINIC,
        categories: [DataCategory::Needs].into(),
        urgency,
        ground: GroundId([0; 16]),
        follows: None,
    };
    let sent = |referral| ReferralSent {
        referral,
        channel: Channel::Phone,
        basis: vec![EXCEPTION.into()],
        reference: OutwardReference::fresh(&mut ledger::clock::SystemEntropy),
        acknowledge_by: hours(5),
        complete_by: hours(9),
    };
    let reviewed = |referral| ReferralReviewed {
        referral,
        read_back: false,
        copy_given: false,
    };
    let (first, second, third) = (
        ReferralId([6; 16]),
        ReferralId([7; 16]),
        ReferralId([8; 16]),
    );
    let stream = StreamId::Case(case);
    world.push(stream, drafted(first, Urgency::Emergency));
    assert_eq!(waiting(&world), 0, "it has not gone");
    world.push(stream, sent(first));
    world.push(stream, drafted(second, Urgency::Emergency));
    world.push(stream, reviewed(second));
    world.push(stream, sent(second));
    world.push(stream, drafted(third, Urgency::Routine));
    world.push(stream, sent(third));
    assert_eq!(waiting(&world), 1);
    let (referral, of, _) = world.views().exceptions().unsigned().next().unwrap();
    assert_eq!((referral, of), (first, case));
    world.push(stream, reviewed(first));
    assert_eq!(waiting(&world), 0);
}
