//! The order of the worklist is each side's own.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on is a failed test"
)]

mod world;

use ledger::clock::{Day, Timestamp};
use ledger::domain::codes::*;
use ledger::domain::event::*;
use ledger::domain::ids::*;
use ledger::domain::stream::StreamId;
use projections::worklist::{Cursor, Query, Side};
use world::World;

const SENDER: OrganisationId = OrganisationId([1; 16]);
const RECIPIENT: OrganisationId = OrganisationId([2; 16]);

#[test]
fn what_a_recipient_is_not_told_moves_nothing_in_its_order_and_nothing_is_lost() {
    let mut world = World::default();
    let case = world.case(SENDER);
    let referral = world.draft(case, RECIPIENT);
    world.send(case, referral);
    let told = of(&world, Side::Recipient(RECIPIENT));
    let own = of(&world, Side::Sender(SENDER));
    assert_eq!(told.0.first().map(|(id, _)| *id), Some(referral));
    let staff = StaffId([9; 16]);
    let late = ReferralReviewed {
        referral,
        read_back: true,
        copy_given: false,
    };
    let tried = FollowUpRecorded {
        person: Some(PersonId([8; 16])),
        referral,
        outcome: FollowUpOutcome::Answered,
        channel: Channel::Phone,
    };
    let mut own = own;
    for hidden in [
        Event::from(StaffAssigned { staff }),
        late.into(),
        tried.into(),
        closed().into(),
        CaseReopened {
            reason: ReopeningReason::CameBack,
        }
        .into(),
    ] {
        world.push(StreamId::Case(case), hidden);
        assert_eq!(of(&world, Side::Recipient(RECIPIENT)), told);
        let moved = of(&world, Side::Sender(SENDER));
        assert_ne!(moved, own);
        own = moved;
    }
}

/// The rows of a side in its order, and where it goes on.
fn of(world: &World, side: Side) -> (Vec<(ReferralId, Cursor)>, Cursor) {
    let (views, from) = (world.views(), Cursor::default());
    let page = views
        .worklist()
        .changes_since(Some(side), from, 9, world.now, &|_| true);
    let items = page.items.iter().map(|item| (item.referral, item.place));
    (items.collect(), page.next)
}

fn closed() -> CaseWorkClosed {
    CaseWorkClosed {
        reason: ClosingReason::NeedsMet,
        transferred_by: None,
        followed_up: None,
        no_follow_up: Some(NoFollowUp::NotReached),
        told: ClosingTold::NotReached,
    }
}

#[test]
fn c4_what_nobody_was_heard_of_is_due_again_once_the_case_is_open_again() {
    let mut world = World::default();
    let case = world.case(SENDER);
    let stream = StreamId::Case(case);
    let referrals = [(); 2].map(|()| world.draft(case, RECIPIENT));
    let on = Day(world.now.day().0 + 7);
    for referral in referrals {
        world.send(case, referral);
        let agreed = FollowUpAgreed {
            referral,
            channel: Channel::Phone,
            on,
            items: [FollowUpItem::Reached].into(),
        };
        world.push(stream, agreed);
    }
    let [heard, tried] = referrals;
    for (referral, outcome) in [
        (heard, FollowUpOutcome::Answered),
        (tried, FollowUpOutcome::NoAnswer),
    ] {
        let followed = FollowUpRecorded {
            person: None,
            referral,
            outcome,
            channel: Channel::Phone,
        };
        world.push(stream, followed);
    }
    assert_eq!(due(&world, on.start()), [tried]);
    world.push(stream, closed());
    assert_eq!(due(&world, on.start()), []);
    let reason = ReopeningReason::CameBack;
    world.push(stream, CaseReopened { reason });
    assert_eq!(due(&world, on.start()), [tried]);
}

fn due(world: &World, now: Timestamp) -> Vec<ReferralId> {
    let query = Query {
        follow_up_due_only: true,
        ..Query::default()
    };
    let views = world.views();
    let page = views
        .worklist()
        .page(&query, Cursor::default(), 5, now, &|_| true);
    page.items.iter().map(|item| item.referral).collect()
}
