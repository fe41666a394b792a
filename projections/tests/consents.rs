//! Consents: what the ledger must expire or shred now, what waits for a second person.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::panic,
    reason = "a test stops where something is not as it must be"
)]

mod world;

use std::collections::BTreeSet;

use ledger::clock::Timestamp;
use ledger::domain::codes::{DataCategory, HoldReason};
use ledger::domain::event::*;
use ledger::domain::ids::*;
use ledger::domain::stream::StreamId;
use projections::consents::{Due, Standing};
use world::{HOUR_MS, World};

const HOLDER: OrganisationId = OrganisationId([1; 16]);

fn hours(hours: u64) -> Timestamp {
    Timestamp(hours * HOUR_MS)
}

#[test]
fn a_consent_is_due_to_expire_at_its_time_and_not_before() {
    let mut world = World::default();
    let case = world.case(HOLDER);
    let consent = world.consent(case, Some(hours(50)));
    world.consent(case, None);
    let views = world.views();
    assert_eq!(
        views.consents().due(hours(49), &BTreeSet::new()),
        Due::default()
    );
    assert_eq!(
        views.consents().due(hours(50), &BTreeSet::new()).expire,
        [(case, consent)]
    );
    assert_eq!(views.consents().in_force(case, hours(49)).count(), 2);
    assert_eq!(views.consents().in_force(case, hours(50)).count(), 1);
    assert_eq!(views.consents().expiring(hours(50), 9), []);
    assert_eq!(views.consents().expiring(hours(51), 9)[0].consent, consent);
    let shred_due = hours(100);
    world.push(StreamId::Case(case), ConsentExpired { consent, shred_due });
    let views = world.views();
    assert_eq!(
        views.consents().due(hours(99), &BTreeSet::new()),
        Due::default()
    );
    assert_eq!(
        views.consents().due(hours(100), &BTreeSet::new()).shred,
        [case]
    );
    let shown = views.consents().of_case(case).next().unwrap();
    assert_eq!(shown.standing, Standing::Expired { shred_due });
}

#[test]
fn a_withdrawn_consent_is_due_for_shredding_once_per_case_until_all_its_leaves_are_dead() {
    let mut world = World::default();
    let case = world.case(HOLDER);
    let one = world.consent(case, Some(hours(500)));
    let two = world.consent(case, None);
    world.withdraw(case, one, hours(20));
    world.withdraw(case, two, hours(30));
    let views = world.views();
    assert_eq!(
        views.consents().due(hours(19), &BTreeSet::new()),
        Due::default()
    );
    assert_eq!(
        views.consents().due(hours(40), &BTreeSet::new()).shred,
        [case]
    );
    // Withdrawn consents do not expire on top.
    assert!(
        views
            .consents()
            .due(hours(600), &BTreeSet::new())
            .expire
            .is_empty()
    );
    assert_eq!(views.consents().withdrawn(9).len(), 2);
    let standing = |views: &projections::views::Views| -> Vec<_> {
        let consents = views.consents();
        consents.of_case(case).map(|it| it.standing).collect()
    };
    let before = standing(&views);
    let of = |one: ConsentId| vec![LeafKeyId(one.0), world::health_key(one.into())];
    let (words, all) = (vec![LeafKeyId(one.0)], [of(one), of(two)].concat());
    let started = ShredStarted {
        rotation: RotationId([1; 16]),
        keys: all.clone(),
    };
    world.push(StreamId::Case(case), started);
    let mut shredded = |keys: &[LeafKeyId]| {
        let done = Shredded {
            keys: keys.to_vec(),
            epoch: 4,
            parts: 9,
            found: false,
        };
        world.push(StreamId::Case(case), done);
        world.views()
    };
    // One of four leaves is not all of them: the rest is still to be destroyed.
    let views = shredded(&words);
    assert_eq!(
        views.consents().due(hours(40), &BTreeSet::new()).shred,
        [case]
    );
    assert_eq!(standing(&views), before);
    let views = shredded(&all);
    assert_eq!(
        views.consents().due(hours(40), &BTreeSet::new()),
        Due::default()
    );
    assert_eq!(standing(&views), [Standing::Shredded; 2]);
    let counts = views.counts();
    assert_eq!((counts.shredded_keys(), counts.shredded_parts()), (5, 18));
}

#[test]
fn a_withdrawal_taken_back_is_due_for_nothing_and_expires_again_in_its_time() {
    let mut world = World::default();
    let case = world.case(HOLDER);
    let consent = world.consent(case, Some(hours(50)));
    world.withdraw(case, consent, hours(20));
    world.push(StreamId::Case(case), WithdrawalUndone { consent });
    let views = world.views();
    assert!(
        views
            .consents()
            .due(hours(40), &BTreeSet::new())
            .shred
            .is_empty()
    );
    assert_eq!(
        views.consents().due(hours(50), &BTreeSet::new()).expire,
        [(case, consent)]
    );
}

#[test]
fn a_withdrawal_without_a_time_is_due_at_once() {
    let mut world = World::default();
    let case = world.case(HOLDER);
    let consent = world.consent(case, None);
    let event = ConsentWithdrawn {
        consent,
        part: None,
        shred_due: None,
    };
    world.push(StreamId::Case(case), event);
    assert_eq!(
        world
            .views()
            .consents()
            .due(world.now, &BTreeSet::new())
            .shred,
        [case]
    );
}

#[test]
fn a_key_of_another_ground_takes_no_consent_with_it() {
    let mut world = World::default();
    let case = world.case(HOLDER);
    world.consent(case, None);
    let keys = vec![LeafKeyId([0xaa; 16])];
    world.push(
        StreamId::Case(case),
        Shredded {
            keys,
            epoch: 1,
            parts: 1,
            found: false,
        },
    );
    assert_eq!(
        world.views().consents().in_force(case, world.now).count(),
        1
    );
}

#[test]
fn an_exception_waits_for_a_second_person_until_decided_either_way() {
    for confirmed in [true, false] {
        let mut world = World::default();
        let case = world.case(HOLDER);
        let exception = ExceptionId([3; 16]);
        let event = ExceptionInvoked {
            exception,
            person: PersonId(case.0),
            kind: ledger::domain::codes::ExceptionKind::ImmediateRisk,
            reason: ledger::domain::codes::ExceptionReason::RiskToSelf,
            scope: world::scope(),
            told: false,
            authorise_by: hours(9),
            expires: hours(80),
        };
        world.push(StreamId::Case(case), event);
        let awaiting = world.views().consents().awaiting(9);
        assert_eq!(awaiting.len(), 1);
        let lapse = |at| world.views().consents().due(at, &BTreeSet::new()).lapse;
        assert!(lapse(hours(8)).is_empty());
        assert_eq!(lapse(hours(9)), [(case, exception)]);
        assert_eq!(awaiting[0].scope, world::scope());
        assert_eq!(awaiting[0].invoked_by, Some(StaffId([1; 16])));
        match confirmed {
            true => world.push(StreamId::Case(case), ExceptionAuthorised { exception }),
            false => world.push(
                StreamId::Case(case),
                ExceptionRejected {
                    exception,
                    shred_due: hours(30),
                },
            ),
        };
        let views = world.views();
        assert!(views.consents().awaiting(9).is_empty());
        let decided = views.consents().exceptions_of(case).next().unwrap();
        assert_eq!(decided.confirmed, Some(confirmed));
        let due = views.consents().due(hours(30), &BTreeSet::new());
        assert_eq!(due.shred.is_empty(), confirmed);
        assert!(due.lapse.is_empty());
        let due = views.consents().due(hours(80), &BTreeSet::new());
        assert_eq!(due.lapse.is_empty(), !confirmed);
    }
}

#[test]
fn a_category_taken_out_of_a_consent_is_due_by_itself_and_the_consent_stays() {
    let mut world = World::default();
    let case = world.case(HOLDER);
    let consent = world.consent(case, None);
    let event = ConsentWithdrawn {
        consent,
        part: Some(ledger::domain::scope::Scope {
            categories: [DataCategory::Health].into(),
            ..Default::default()
        }),
        shred_due: Some(hours(20)),
    };
    world.push(StreamId::Case(case), event);
    let views = world.views();
    assert_eq!(
        views.consents().due(hours(19), &BTreeSet::new()),
        Due::default()
    );
    assert_eq!(
        views.consents().due(hours(20), &BTreeSet::new()).shred,
        [case]
    );
    let shown = views.consents().withdrawn(9);
    assert_eq!(shown[0].leaving, [(DataCategory::Health, hours(20))]);
    assert_eq!(shown[0].standing, Standing::InForce);
    let done = Shredded {
        keys: vec![world::health_key(consent.into())],
        epoch: 4,
        parts: 1,
        found: false,
    };
    world.push(StreamId::Case(case), done);
    let views = world.views();
    assert_eq!(
        views.consents().due(hours(99), &BTreeSet::new()),
        Due::default()
    );
    assert_eq!(views.consents().in_force(case, hours(99)).count(), 1);
}

#[test]
fn what_is_held_back_is_not_asked_for_again_and_keeps_no_other_case_waiting() {
    let mut world = World::default();
    let (one, two) = (world.case(HOLDER), world.case(HOLDER));
    for case in [one, two] {
        let consent = world.consent(case, None);
        world.withdraw(case, consent, hours(20));
    }
    let views = world.views();
    let due = |held: &[CaseId]| {
        let held = held.iter().copied().collect();
        views.consents().due(hours(20), &held).shred
    };
    assert_eq!(due(&[]).len(), 2);
    assert_eq!(due(&[one]), [two]);
    assert!(due(&[one, two]).is_empty());
}

#[test]
fn what_a_hold_keeps_is_not_asked_for_and_what_a_person_took_back_is() {
    let mut world = World::default();
    let (one, two) = (world.case(HOLDER), world.case(HOLDER));
    for case in [one, two] {
        let hold = HoldPlaced {
            hold: HoldId([7; 16]),
            person: None,
            reason: HoldReason::LegalOrder,
            until: hours(60),
        };
        world.push(StreamId::Case(case), hold);
    }
    let consent = world.consent(one, None);
    let shred_due = hours(20);
    let expired = ConsentExpired { consent, shred_due };
    world.push(StreamId::Case(one), expired);
    let consent = world.consent(two, None);
    world.withdraw(two, consent, hours(20));
    let due = |world: &World, at| world.views().consents().due(at, &BTreeSet::new()).shred;
    assert_eq!(due(&world, hours(59)), [two], "only what was taken back");
    assert_eq!(due(&world, hours(60)).len(), 2, "its day has come");
    let hold = HoldId([7; 16]);
    world.push(StreamId::Case(one), HoldReleased { hold });
    assert_eq!(due(&world, hours(20)).len(), 2);
}
