//! The order of the worklist is each side's own.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on is a failed test"
)]

mod world;

use ledger::domain::event::StaffAssigned;
use ledger::domain::ids::*;
use ledger::domain::stream::StreamId;
use projections::worklist::{Cursor, Side};
use world::World;

const SENDER: OrganisationId = OrganisationId([1; 16]);
const RECIPIENT: OrganisationId = OrganisationId([2; 16]);

#[test]
fn what_a_recipient_is_not_told_moves_nothing_in_its_order_and_nothing_is_lost() {
    let mut world = World::default();
    let case = world.case(SENDER);
    let referral = world.draft(case, RECIPIENT);
    world.send(case, referral);
    let of = |world: &World, side| {
        let (views, from) = (world.views(), Cursor::default());
        let page = views
            .worklist()
            .changes_since(Some(side), from, 9, world.now, &|_| true);
        let items = page.items.iter().map(|item| (item.referral, item.place));
        (items.collect::<Vec<_>>(), page.next)
    };
    let told = of(&world, Side::Recipient(RECIPIENT));
    let own = of(&world, Side::Sender(SENDER));
    assert_eq!(told.0.first().map(|(id, _)| *id), Some(referral));
    let staff = StaffId([9; 16]);
    world.push(StreamId::Case(case), StaffAssigned { staff });
    assert_eq!(of(&world, Side::Recipient(RECIPIENT)), told);
    assert_ne!(of(&world, Side::Sender(SENDER)), own);
}
