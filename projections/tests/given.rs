//! What left: by case and by recipient, with its grounds, and what became of asking for it back.
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
use projections::given::{Left, LeftSearch};
use world::{HOUR_MS, World};

const CLINIC: OrganisationId = OrganisationId([0xc1; 16]);
const SCHOOL: OrganisationId = OrganisationId([0x5c; 16]);

fn found(world: &World, search: &LeftSearch) -> Vec<Left> {
    let views = world.views();
    views
        .given()
        .find(search, 100)
        .into_iter()
        .cloned()
        .collect()
}

#[test]
fn f4_what_left_is_told_by_case_and_by_recipient_as_last_written_with_its_grounds() {
    let mut world = World::default();
    let (case, other) = (world.case(CLINIC), world.case(CLINIC));
    let referral = world.draft(case, SCHOOL);
    let revised = ReferralRevised {
        referral,
        categories: [DataCategory::Needs].into(),
        ground: GroundId([0; 16]),
    };
    world.push(StreamId::Case(case), revised);
    // A draft that never went left nothing.
    world.draft(case, SCHOOL);
    assert!(found(&world, &LeftSearch::default()).is_empty());
    world.send(case, referral);
    let sent_at = world.now;
    world.now = Timestamp(world.now.0 + 10 * HOUR_MS);
    let told = DisclosureRecorded {
        disclosure: DisclosureId([9; 16]),
        recipient: CLINIC,
        categories: [DataCategory::Contact].into(),
        channel: Channel::Phone,
        basis: Vec::new(),
        incident: true,
    };
    world.push(StreamId::Case(other), told);

    let of_case = found(
        &world,
        &LeftSearch {
            case: Some(case),
            ..LeftSearch::default()
        },
    );
    assert_eq!(of_case.len(), 1);
    assert_eq!(of_case[0].recipient, SCHOOL);
    assert_eq!(of_case[0].person, PersonId(case.0));
    assert_eq!(of_case[0].categories, [DataCategory::Needs].into());
    assert!(!of_case[0].incident && of_case[0].service.is_some());

    let to = |recipient| LeftSearch {
        recipient: Some(recipient),
        ..LeftSearch::default()
    };
    let to_clinic = found(&world, &to(CLINIC));
    assert_eq!(to_clinic.len(), 1);
    assert!(to_clinic[0].incident && to_clinic[0].basis.is_empty());
    assert_eq!(found(&world, &to(SCHOOL)), of_case);
    let late = LeftSearch {
        from: Some(Timestamp(sent_at.0 + 1)),
        ..to(SCHOOL)
    };
    assert!(found(&world, &late).is_empty());
    let early = LeftSearch {
        until: Some(Timestamp(sent_at.0 + 1)),
        ..LeftSearch::default()
    };
    assert_eq!(found(&world, &early), of_case);
}

#[test]
fn f4_pages_of_what_left_go_on_where_the_last_one_ended() {
    let mut world = World::default();
    let case = world.case(CLINIC);
    for _ in 0..5 {
        let referral = world.draft(case, SCHOOL);
        world.send(case, referral);
    }
    let all = found(&world, &LeftSearch::default());
    assert_eq!(all.len(), 5);
    for (by_case, recipient) in [(None, None), (Some(case), None), (None, Some(SCHOOL))] {
        let mut search = LeftSearch {
            case: by_case,
            recipient,
            ..LeftSearch::default()
        };
        let mut paged = Vec::new();
        loop {
            let views = world.views();
            let some: Vec<Left> = views
                .given()
                .find(&search, 2)
                .into_iter()
                .cloned()
                .collect();
            let Some(last) = some.last() else { break };
            search.after = Some(last.position);
            paged.extend(some);
        }
        assert_eq!(paged, all);
    }
}

#[test]
fn e5_what_became_of_asking_for_it_back_is_told_with_it() {
    let mut world = World::default();
    let case = world.case(CLINIC);
    let referral = world.draft(case, SCHOOL);
    world.send(case, referral);
    let given = Given::Referral(referral);
    let all = |world: &World| found(world, &LeftSearch::default())[0].notice;
    assert_eq!(all(&world), None);
    let stopped = ReferralStopped {
        referral,
        recipient_asked: true,
    };
    world.push(StreamId::Case(case), stopped);
    assert_eq!(all(&world), Some((NoticeState::Planned, None)));
    let noted = NoticeRecorded {
        given,
        state: NoticeState::Confirmed,
        outcome: Some(NoticeOutcome::Destroyed),
        channel: Channel::Email,
    };
    world.push(StreamId::Case(case), noted);
    let confirmed = Some((NoticeState::Confirmed, Some(NoticeOutcome::Destroyed)));
    assert_eq!(all(&world), confirmed);
    // What it confirmed while it was asked for it back is no answer once it goes on with it.
    let answered = |answer| RecallAnswered { referral, answer };
    for (answer, told) in [
        (RecallAnswer::Destroyed, confirmed),
        (RecallAnswer::AlreadyActed, None),
    ] {
        world.push(StreamId::Case(case), answered(answer));
        assert_eq!(all(&world), told);
    }
    let cancelled = ReferralCancelled {
        referral,
        asked_by: PersonId([1; 16]),
        recipient_asked: true,
    };
    world.push(StreamId::Case(case), cancelled);
    assert_eq!(all(&world), Some((NoticeState::Planned, None)));
}
