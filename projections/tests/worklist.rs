//! The worklist: who waits for what, what is late, paging that skips nothing, the feed of changes.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::panic,
    reason = "a test stops where something is not as it must be"
)]

mod world;

use std::collections::BTreeSet;

use ledger::clock::{Day, Timestamp};
use ledger::domain::codes::*;
use ledger::domain::event::*;
use ledger::domain::ids::*;
use ledger::domain::stream::StreamId;
use projections::worklist::{Cursor, Late, Query, Side, WorkItem};
use proptest::prelude::*;
use world::{HOUR_MS, Op, World};

const SENDER: OrganisationId = OrganisationId([1; 16]);
const RECIPIENT: OrganisationId = OrganisationId([2; 16]);

fn everybody(_: &WorkItem) -> bool {
    true
}

fn asked(world: &World, query: &Query) -> Vec<ReferralId> {
    let views = world.views();
    let page = views
        .worklist()
        .page(query, Cursor::default(), 500, world.now, &everybody);
    page.items.iter().map(|item| item.referral).collect()
}

#[test]
fn a_draft_waits_for_the_sender_and_is_unknown_to_the_recipient() {
    let mut world = World::default();
    let case = world.case(SENDER);
    let referral = world.draft(case, RECIPIENT);
    assert_eq!(
        asked(&world, &Query::waiting(Side::Sender(SENDER))),
        [referral]
    );
    assert!(asked(&world, &Query::waiting(Side::Recipient(RECIPIENT))).is_empty());
    assert!(asked(&world, &Query::waiting(Side::Either(RECIPIENT))).is_empty());
    let item = world.views().worklist().find(referral, world.now).unwrap();
    assert_eq!(item.waits_for, Some(SENDER));
}

#[test]
fn a_referral_stopped_before_it_was_sent_stays_unknown_to_the_recipient() {
    let mut world = World::default();
    let case = world.case(SENDER);
    let referral = world.draft(case, RECIPIENT);
    let event = ReferralStopped {
        referral,
        recipient_asked: false,
    };
    world.push(StreamId::Case(case), event);
    let query = Query {
        side: Some(Side::Recipient(RECIPIENT)),
        ..Query::default()
    };
    assert!(asked(&world, &query).is_empty());
}

#[test]
fn a_sent_referral_waits_for_the_recipient_and_shows_on_both_sides() {
    let mut world = World::default();
    let case = world.case(SENDER);
    let referral = world.draft(case, RECIPIENT);
    world.send(case, referral);
    assert_eq!(
        asked(&world, &Query::waiting(Side::Recipient(RECIPIENT))),
        [referral]
    );
    assert_eq!(
        asked(&world, &Query::waiting(Side::Sender(SENDER))),
        [referral]
    );
    assert!(asked(&world, &Query::waiting(Side::Sender(RECIPIENT))).is_empty());
    assert!(asked(&world, &Query::waiting(Side::Recipient(SENDER))).is_empty());
    let item = world.views().worklist().find(referral, world.now).unwrap();
    assert_eq!(
        (item.waits_for, item.state),
        (Some(RECIPIENT), ReferralState::Sent)
    );
    assert!(item.reference.is_some());
}

#[test]
fn an_internal_referral_shows_once() {
    let mut world = World::default();
    let case = world.case(SENDER);
    let referral = world.draft(case, SENDER);
    world.send(case, referral);
    assert_eq!(
        asked(&world, &Query::waiting(Side::Either(SENDER))),
        [referral]
    );
}

#[test]
fn a_referral_is_late_by_the_clock_alone() {
    let mut world = World::default();
    let case = world.case(SENDER);
    let referral = world.draft(case, RECIPIENT);
    world.send(case, referral);
    let views = world.views();
    let late = |hours: u64, views: &projections::views::Views| {
        let now = world.now.plus_ms(hours * HOUR_MS);
        views.worklist().find(referral, now).unwrap().late
    };
    // Sending took an hour itself: acknowledgement is due nine hours after it, completion 99.
    assert_eq!(late(9, &views), None);
    assert_eq!(late(10, &views), Some(Late::Acknowledgement));
    assert_eq!(late(100, &views), Some(Late::Completion));
    let query = Query {
        late_only: true,
        ..Query::default()
    };
    let page = |hours: u64| {
        let now = world.now.plus_ms(hours * HOUR_MS);
        views
            .worklist()
            .page(&query, Cursor::default(), 5, now, &everybody)
            .items
            .len()
    };
    assert_eq!((page(9), page(10)), (0, 1));
}

#[test]
fn c4_a_follow_up_is_due_from_the_day_agreed_until_something_is_heard() {
    let mut world = World::default();
    let case = world.case(SENDER);
    let referral = world.draft(case, RECIPIENT);
    world.send(case, referral);
    let on = Day(world.now.day().0 + 7);
    let agreed = FollowUpAgreed {
        referral,
        channel: Channel::Phone,
        on,
        items: [FollowUpItem::Reached].into(),
    };
    let stream = StreamId::Case(case);
    world.push(stream, agreed);
    let due = |world: &World, now: Timestamp| {
        let query = Query {
            follow_up_due_only: true,
            ..Query::default()
        };
        let views = world.views();
        let page = views
            .worklist()
            .page(&query, Cursor::default(), 5, now, &everybody);
        page.items.len()
    };
    let eve = Timestamp(on.start().0 - 1);
    assert_eq!((due(&world, eve), due(&world, on.start())), (0, 1));
    for (outcome, left) in [
        (FollowUpOutcome::NoAnswer, 1),
        (FollowUpOutcome::MessageLeft, 1),
        (FollowUpOutcome::Answered, 0),
    ] {
        let channel = Channel::Phone;
        let tried = FollowUpRecorded {
            person: None,
            referral,
            outcome,
            channel,
        };
        world.push(stream, tried);
        assert_eq!(due(&world, on.start()), left, "{outcome}");
    }
}

#[test]
fn c1_what_was_asked_back_waits_for_its_recipient_and_is_late_by_the_clock() {
    let mut world = World::default();
    let case = world.case(SENDER);
    let referral = world.draft(case, RECIPIENT);
    world.send(case, referral);
    let answer_by = world.now.plus_ms(9 * HOUR_MS);
    let asked_back = RecallAsked {
        referral,
        reason: ReferralReason::Unsafe,
        answer_by,
    };
    let stream = StreamId::Case(case);
    world.push(stream, asked_back);
    let item = |world: &World, now| world.views().worklist().find(referral, now).unwrap();
    let row = item(&world, answer_by);
    assert_eq!((row.waits_for, row.late), (Some(RECIPIENT), None));
    let late = item(&world, answer_by.plus_ms(1)).late;
    assert_eq!(late, Some(Late::RecallAnswer));
    let waiting = Query::waiting(Side::Recipient(RECIPIENT));
    assert_eq!(asked(&world, &waiting), [referral]);
    let answer = RecallAnswer::NotRead;
    world.push(stream, RecallAnswered { referral, answer });
    assert_eq!(item(&world, answer_by).state, ReferralState::Recalled);
    assert!(asked(&world, &waiting).is_empty());
}

#[test]
fn c15_how_much_each_member_of_staff_works_on_is_counted_without_naming_a_case() {
    let mut world = World::default();
    let (one, two) = (StaffId([71; 16]), StaffId([72; 16]));
    let case = world.case(SENDER);
    let other = world.case(SENDER);
    let elsewhere = world.case(RECIPIENT);
    for (case, staff) in [(case, one), (other, one), (case, two), (elsewhere, one)] {
        world.push(StreamId::Case(case), StaffAssigned { staff });
    }
    let referral = world.draft(case, RECIPIENT);
    world.send(case, referral);
    let much_later = world.now.plus_ms(1_000 * HOUR_MS);
    let loads = world.views().worklist().caseload(SENDER, much_later);
    let told = |staff| (loads[&staff].cases, loads[&staff].open, loads[&staff].late);
    assert_eq!((told(one), told(two)), ((2, 1, 1), (1, 1, 1)));
    // A person whose two files are merged is counted once.
    let merge = MergeId([9; 16]);
    let leads = false;
    world.push(StreamId::Case(other), CasesMerged { merge, leads });
    let merged = world.views().worklist().caseload(SENDER, much_later);
    assert_eq!(merged[&one].cases, 1);
    world.push(StreamId::Case(other), CasesUnmerged { merge });
    let apart = world.views().worklist().caseload(SENDER, much_later);
    assert_eq!(apart[&one].cases, 2);
    // Nor does anybody work on a case that is closed, until it is opened again.
    let closed = CaseWorkClosed {
        reason: ClosingReason::NeedsMet,
        transferred_by: None,
        followed_up: None,
        no_follow_up: Some(NoFollowUp::NotAgreed),
        told: ClosingTold::MayReturn,
    };
    world.push(StreamId::Case(other), closed);
    let closed = world.views().worklist().caseload(SENDER, much_later);
    assert_eq!(closed[&one].cases, 1);
    let reason = ReopeningReason::CameBack;
    world.push(StreamId::Case(other), CaseReopened { reason });
    let open = world.views().worklist().caseload(SENDER, much_later);
    assert_eq!(open[&one].cases, 2);
    world.push(StreamId::Case(case), StaffUnassigned { staff: two });
    let loads = world.views().worklist().caseload(SENDER, much_later);
    assert!(!loads.contains_key(&two));
}

#[test]
fn a_received_referral_is_late_for_completion_only_and_a_completed_one_never() {
    let mut world = World::default();
    let case = world.case(SENDER);
    let referral = world.draft(case, RECIPIENT);
    world.send(case, referral);
    world.push(StreamId::Case(case), ReferralReceived { referral });
    let late = |world: &World, hours: u64| {
        let now = world.now.plus_ms(hours * HOUR_MS);
        world.views().worklist().find(referral, now).unwrap().late
    };
    assert_eq!(late(&world, 50), None);
    assert_eq!(late(&world, 150), Some(Late::Completion));
    world.push(StreamId::Case(case), ReferralCompleted { referral });
    assert_eq!(late(&world, 150), None);
}

#[test]
fn filters_leave_out_what_was_not_asked_for() {
    let mut world = World::default();
    let case = world.case(SENDER);
    let other = world.case(SENDER);
    let mine = world.draft(case, RECIPIENT);
    let theirs = world.draft(other, RECIPIENT);
    let staff = StaffId([9; 16]);
    world.push(StreamId::Case(case), StaffAssigned { staff });
    let assigned = Query {
        assigned: [staff].into(),
        ..Query::default()
    };
    assert_eq!(asked(&world, &assigned), [mine]);
    world.push(StreamId::Case(case), StaffUnassigned { staff });
    assert!(asked(&world, &assigned).is_empty());
    world.send(other, theirs);
    let sent = Query {
        states: [ReferralState::Sent].into(),
        ..Query::default()
    };
    assert_eq!(asked(&world, &sent), [theirs]);
    let urgent = Query {
        urgency: Some(Urgency::Urgent),
        ..Query::default()
    };
    assert!(asked(&world, &urgent).is_empty());
}

#[test]
fn what_the_caller_may_not_see_fills_no_page_and_hides_nothing_else() {
    let mut world = World::default();
    let case = world.case(SENDER);
    let referrals: Vec<_> = (0..6).map(|_| world.draft(case, RECIPIENT)).collect();
    let hidden = [referrals[0], referrals[2], referrals[5]];
    let may_see = |item: &WorkItem| !hidden.contains(&item.referral);
    let views = world.views();
    let worklist = views.worklist();
    let first = worklist.page(&Query::default(), Cursor::default(), 2, world.now, &may_see);
    assert_eq!(first.items.len(), 2);
    assert!(first.more);
    let second = worklist.page(&Query::default(), first.next, 2, world.now, &may_see);
    assert_eq!(second.items[0].referral, referrals[4]);
    // That a hidden row follows must not show as "more".
    assert!(!second.more);
}

#[test]
fn a_page_is_never_larger_than_the_limit_nor_empty_by_wish() {
    let mut world = World::default();
    let case = world.case(SENDER);
    for _ in 0..600 {
        world.draft(case, RECIPIENT);
    }
    let views = world.views();
    let rows = |rows_max: usize| {
        let query = Query::default();
        let page =
            views
                .worklist()
                .page(&query, Cursor::default(), rows_max, world.now, &everybody);
        page.items.len()
    };
    assert_eq!((rows(usize::MAX), rows(0)), (500, 1));
}

#[test]
fn whoever_is_put_in_charge_finds_the_referrals_in_the_feed() {
    let mut world = World::default();
    let case = world.case(SENDER);
    let referral = world.draft(case, RECIPIENT);
    let from = Cursor::at(world.entries.len() as u64);
    let feed = |world: &World| {
        let views = world.views();
        let side = Some(Side::Sender(SENDER));
        views
            .worklist()
            .changes_since(side, from, 9, world.now, &everybody)
    };
    assert!(feed(&world).items.is_empty());
    let since = world
        .views()
        .worklist()
        .find(referral, world.now)
        .unwrap()
        .since;
    let staff = StaffId([9; 16]);
    world.push(StreamId::Case(case), StaffAssigned { staff });
    let page = feed(&world);
    assert_eq!(page.items.len(), 1);
    // It did not wait less long for that.
    assert_eq!(page.items[0].since, since);
}

#[test]
fn rows_survive_the_shredding_of_personal_parts() {
    let mut world = World::default();
    let case = world.case(SENDER);
    let consent = world.consent(case, None);
    let referral = world.draft(case, RECIPIENT);
    let before = world.views().worklist().find(referral, world.now);
    let keys = vec![LeafKeyId(consent.0)];
    let rotation = RotationId([5; 16]);
    world.push(
        StreamId::Case(case),
        ShredStarted {
            rotation,
            keys: keys.clone(),
        },
    );
    world.push(
        StreamId::Case(case),
        Shredded {
            keys,
            epoch: 1,
            parts: 3,
            found: false,
        },
    );
    let after = world.views().worklist().find(referral, world.now);
    let version = after.as_ref().map(|item| item.version);
    assert_eq!(version, Some(5));
    assert_eq!(
        after.map(|item| (item.state, item.since)),
        before.map(|item| (item.state, item.since))
    );
}

/// Rows by their id: each side has an order of its own.
fn unplaced<'a>(items: impl Iterator<Item = &'a WorkItem>) -> Vec<WorkItem> {
    let place = Cursor::default();
    let mut all: Vec<_> = items
        .map(|item| WorkItem {
            place,
            ..item.clone()
        })
        .collect();
    all.sort_by_key(|item| item.referral);
    all
}

proptest! {
    #[test]
    fn paging_while_the_log_grows_misses_no_referral(
        ops in proptest::collection::vec(any::<Op>(), 0..300),
        rows_max in 1_usize..7,
        events_between in 0_usize..40,
    ) {
        let world = World::played(&ops);
        let mut views = projections::views::Views::default();
        let mut log = world.entries.iter();
        let mut cursor = Cursor::default();
        let mut seen = BTreeSet::new();
        loop {
            for entry in log.by_ref().take(events_between.max(1)) {
                views.apply(entry.position, &entry.record);
            }
            let query = Query::default();
            let page = views.worklist().page(&query, cursor, rows_max, world.now, &everybody);
            let order: Vec<_> = page.items.iter().map(|item| item.place.position()).collect();
            prop_assert!(order.is_sorted());
            seen.extend(page.items.iter().map(|item| (item.referral, item.place.position())));
            cursor = page.next;
            if !page.more && log.len() == 0 {
                break;
            }
        }
        // Each referral was seen as it is at the end, whatever was seen of it before.
        let end = world.views();
        let all = Query::default();
        let everything =
            end.worklist().page(&all, Cursor::default(), 500, world.now, &everybody);
        for item in everything.items {
            prop_assert!(seen.contains(&(item.referral, item.place.position())));
        }
    }

    #[test]
    fn every_filter_answers_as_a_search_of_all_rows_does(
        ops in proptest::collection::vec(any::<Op>(), 0..300),
        states in proptest::collection::btree_set(0_usize..11, 0..4),
        side in 0_u8..4,
        organisation in 0_u8..4,
        late_only in any::<bool>(),
    ) {
        let world = World::played(&ops);
        let organisation = OrganisationId([organisation; 16]);
        let query = Query {
            states: states.iter().map(|state| ReferralState::ALL[*state]).collect(),
            side: match side {
                0 => None,
                1 => Some(Side::Sender(organisation)),
                2 => Some(Side::Recipient(organisation)),
                _ => Some(Side::Either(organisation)),
            },
            late_only,
            ..Query::default()
        };
        let views = world.views();
        let worklist = views.worklist();
        let all = worklist.page(&Query::default(), Cursor::default(), 500, world.now, &everybody);
        let sent_to = |item: &WorkItem| item.recipient == organisation && item.reference.is_some();
        let fits = |item: &&WorkItem| {
            (query.states.is_empty() || query.states.contains(&item.state))
                && (!late_only || item.late.is_some())
                && match side {
                    0 => true,
                    1 => item.organisation == organisation,
                    2 => sent_to(item),
                    _ => item.organisation == organisation || sent_to(item),
                }
        };
        let expected = unplaced(all.items.iter().filter(fits));
        let page = worklist.page(&query, Cursor::default(), 500, world.now, &everybody);
        prop_assert!(page.items.is_sorted_by_key(|item| item.place));
        prop_assert_eq!(unplaced(page.items.iter()), expected);
        let counted: u64 = worklist.by_state().values().sum();
        prop_assert_eq!(counted, all.items.len() as u64);
    }
}
