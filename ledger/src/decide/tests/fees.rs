//! D4: what services cost is recorded exactly, and a person knows what they would pay before they
//! are sent there.

use super::*;
use crate::domain::codes::FeePayer;
use crate::domain::event::PublicText;
use crate::domain::fees::{Currency, FeeOption, Money};
use crate::limits::SERVICE_FEES_MAX;

fn price(payer: FeePayer, minor: u64) -> FeeOption {
    let currency = Currency::of("JOD").expect("a currency");
    FeeOption {
        payer,
        option: PublicText("adults".to_owned()),
        amount: (minor > 0).then_some(Money { minor, currency }),
        amount_description: PublicText(String::new()),
        valid_from: None,
        valid_to: None,
    }
}

fn day(days: i64) -> Day {
    let today = i64::from(START.day().0);
    Day(u32::try_from(today + days).expect("a day"))
}

fn costing(fees: &[FeeOption]) -> Command {
    let listing = Listing::of(HEALTH, entry(CLINIC));
    let fees = fees.to_vec();
    Command::UpdateService(Listing { fees, ..listing })
}

/// A world in which a referral to a service with these prices is reviewed.
fn reviewed(fees: &[FeeOption]) -> (World, ReferralId) {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[DataCategory::Needs]));
    world
        .ask(COORDINATOR, costing(fees))
        .done(&["ServiceFeesSet"]);
    let referral = world.reviewed(&[DataCategory::Needs]);
    (world, referral)
}

fn telling(world: &World, referral: ReferralId) -> Command {
    Command::TellFees(TellingFees {
        case: world.id(),
        referral,
        fees_version: world.services[&HEALTH].fees_version,
    })
}

#[test]
fn d4_what_a_service_costs_is_recorded_with_its_entry_and_only_where_it_changed() {
    let mut world = World::new();
    let asked = [price(FeePayer::Person, 2_500)];
    let fresh = ServiceId([53; 16]);
    let listing = Listing::of(fresh, entry(CLINIC));
    let fees = asked.to_vec();
    let register = Command::RegisterService(Listing { fees, ..listing });
    let done = ["ServiceRegistered", "ServiceFeesSet"];
    world.ask(COORDINATOR, register).done(&done);
    assert_eq!(world.services[&fresh].fees, asked);

    world
        .ask(COORDINATOR, costing(&asked))
        .done(&["ServiceFeesSet"]);
    let version = world.services[&HEALTH].fees_version;
    assert_eq!(version, world.services[&HEALTH].version);
    world
        .ask(COORDINATOR, costing(&asked))
        .refused(Refusal::NothingToDo);
    // Another entry leaves what it costs as it is, with its version.
    let mut other = entry(CLINIC);
    other.assured_on = Some(day(0));
    let listing = Listing::of(HEALTH, other);
    let fees = asked.to_vec();
    let update = Command::UpdateService(Listing { fees, ..listing });
    world.ask(COORDINATOR, update).done(&["ServiceUpdated"]);
    assert_eq!(world.services[&HEALTH].fees_version, version);
    // Not known any more is something that is said, too.
    let both = ["ServiceUpdated", "ServiceFeesSet"];
    world.ask(COORDINATOR, costing(&[])).done(&both);
    assert!(world.services[&HEALTH].fees.is_empty());
}

#[test]
fn d4_prices_that_cannot_be_meant_are_refused() {
    let mut world = World::new();
    let costs_nobody = price(FeePayer::Person, 0);
    let free_with_a_price = price(FeePayer::Free, 1);
    let never = FeeOption {
        valid_from: Some(day(2)),
        valid_to: Some(day(1)),
        ..price(FeePayer::Person, 1)
    };
    let one = price(FeePayer::Funder, 1);
    let many: Vec<_> = (1..=SERVICE_FEES_MAX + 1)
        .map(|minor| price(FeePayer::Person, u64::try_from(minor).expect("small")))
        .collect();
    for (fees, refusal, about) in [
        (
            vec![costs_nobody],
            Refusal::ItemsInvalid,
            "cost_options.payer",
        ),
        (
            vec![free_with_a_price],
            Refusal::ItemsInvalid,
            "cost_options.amount",
        ),
        (
            vec![one.clone(), one],
            Refusal::ItemsInvalid,
            "cost_options",
        ),
        (vec![never], Refusal::TimeInvalid, "cost_options.valid_to"),
        (many, Refusal::TooLarge, "cost_options"),
    ] {
        world
            .ask(COORDINATOR, costing(&fees))
            .refused_about(refusal, about);
    }
    // Words alone are a price, and a day is a time.
    let words = FeeOption {
        amount_description: PublicText("by donation".to_owned()),
        valid_from: Some(day(1)),
        valid_to: Some(day(1)),
        ..price(FeePayer::Person, 0)
    };
    let free = price(FeePayer::Free, 0);
    world
        .ask(COORDINATOR, costing(&[words, free]))
        .done(&["ServiceFeesSet"]);
}

#[test]
fn d4_nobody_is_sent_where_they_pay_what_they_were_not_told() {
    let (mut world, referral) = reviewed(&[price(FeePayer::Person, 2_500)]);
    let sending = world.sending(referral);
    world
        .ask(FOCAL, sending.clone())
        .refused_about(Refusal::FeesNotTold, "2.500 JOD");
    let tell = telling(&world, referral);
    // Who does not work on the case tells nobody anything.
    world
        .ask(COORDINATOR, tell.clone())
        .refused(Refusal::NotFound);
    let done = world.ask(FRONT, tell.clone()).done(&["FeesTold"]);
    assert_eq!(done.records[0].stream, StreamId::Case(world.id()));
    world.ask(FRONT, tell).refused(Refusal::NothingToDo);
    world.ask(FOCAL, sending).done(&["ReferralSent"]);
    let sent = telling(&world, referral);
    world
        .ask(FRONT, sent)
        .refused_about(Refusal::ReferralState, "sent");
}

#[test]
fn d4_what_changed_since_the_person_was_told_is_named_and_told_again() {
    let (mut world, referral) = reviewed(&[price(FeePayer::Person, 2_500)]);
    let stale = telling(&world, referral);
    world.ask(FRONT, stale.clone()).done(&["FeesTold"]);
    let dearer = price(FeePayer::Person, 3_000);
    world
        .ask(COORDINATOR, costing(std::slice::from_ref(&dearer)))
        .done(&["ServiceFeesSet"]);
    let sending = world.sending(referral);
    world
        .ask(FOCAL, sending.clone())
        .refused_about(Refusal::FeesChanged, "3.000 JOD, 2.500 JOD");
    // Whoever told them what was so before told them something else.
    world
        .ask(FRONT, stale)
        .refused_about(Refusal::FeesChanged, "3.000 JOD");
    let tell = telling(&world, referral);
    world.ask(FRONT, tell).done(&["FeesTold"]);
    // The same price for longer is no other price.
    let longer = FeeOption {
        valid_to: Some(day(400)),
        ..dearer
    };
    world
        .ask(COORDINATOR, costing(&[longer]))
        .done(&["ServiceFeesSet"]);
    world.ask(FOCAL, sending).done(&["ReferralSent"]);
}

#[test]
fn d4_a_price_that_comes_with_a_day_is_another_one_on_that_day() {
    let until = FeeOption {
        valid_to: Some(day(0)),
        ..price(FeePayer::Person, 1_000)
    };
    let after = FeeOption {
        valid_from: Some(day(1)),
        ..price(FeePayer::Person, 9_000)
    };
    let (mut world, referral) = reviewed(&[until, after]);
    let tell = telling(&world, referral);
    world.ask(FRONT, tell.clone()).done(&["FeesTold"]);
    world.pass_ms(DAY_MS);
    let sending = world.sending(referral);
    world
        .ask(FOCAL, sending.clone())
        .refused_about(Refusal::FeesChanged, "9.000 JOD, 1.000 JOD");
    world.ask(FRONT, tell).done(&["FeesTold"]);
    world.ask(FOCAL, sending).done(&["ReferralSent"]);
}

#[test]
fn d4_where_the_person_pays_nothing_there_is_nothing_to_tell() {
    let others = [
        price(FeePayer::Free, 0),
        price(FeePayer::SendingOrganisation, 7_000),
        price(FeePayer::Funder, 7_000),
    ];
    for fees in [&others[..], &others[..1]] {
        let (mut world, referral) = reviewed(fees);
        let tell = telling(&world, referral);
        world.ask(FRONT, tell).refused(Refusal::NothingToDo);
        let sending = world.sending(referral);
        world.ask(FOCAL, sending).done(&["ReferralSent"]);
    }
}

#[test]
fn d4_an_emergency_does_not_wait_for_a_price() {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[DataCategory::Needs]));
    let asked = [price(FeePayer::Person, 2_500)];
    world
        .ask(COORDINATOR, costing(&asked))
        .done(&["ServiceFeesSet"]);
    let mut draft = world.drafting(HEALTH, &[DataCategory::Needs]);
    if let Command::DraftReferral { urgency, .. } = &mut draft {
        *urgency = Urgency::Emergency;
    }
    let referral = world.drafted(draft);
    let sending = world.sending(referral);
    world.ask(FOCAL, sending).done(&["ReferralSent"]);
}
