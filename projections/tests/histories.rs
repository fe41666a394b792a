//! Histories, decision records, disclosures and erasures, as read from one stream.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::panic,
    reason = "a test stops where something is not as it must be"
)]

mod world;

use ledger::domain::codes::*;
use ledger::domain::event::*;
use ledger::domain::ids::*;
use ledger::domain::stream::StreamId;
use projections::disclosures::{DisclosureKind, disclosures, erasures};
use projections::history::{decisions, history, history_of_referral};
use world::World;

const SENDER: OrganisationId = OrganisationId([1; 16]);
const RECIPIENT: OrganisationId = OrganisationId([2; 16]);

fn seen(target: ViewTarget) -> PersonalDataSeen {
    PersonalDataSeen {
        target,
        purpose: ViewPurpose::Service,
    }
}

#[test]
fn a_history_holds_every_event_and_that_of_a_referral_only_its_own() {
    let mut world = World::default();
    let case = world.case(SENDER);
    let stream = StreamId::Case(case);
    world.consent(case, None);
    let one = world.draft(case, RECIPIENT);
    let two = world.draft(case, RECIPIENT);
    world.send(case, one);
    world.push(stream, seen(ViewTarget::Referral(one)));
    world.push(stream, seen(ViewTarget::Case));
    let reason = ReferralReason::NoCapacity;
    world.push(
        stream,
        ReferralNotAccepted {
            referral: one,
            reason,
        },
    );
    let entries = world.of(stream);
    let all = history(&entries);
    let versions: Vec<_> = all.iter().map(|step| step.version).collect();
    assert_eq!(versions, (1..=8).collect::<Vec<_>>());
    let steps = history_of_referral(&entries, one);
    let names: Vec<_> = steps.iter().map(|step| step.event).collect();
    assert_eq!(
        names,
        [
            "ReferralDrafted",
            "ReferralSent",
            "PersonalDataSeen",
            "ReferralNotAccepted"
        ]
    );
    assert_eq!(steps[3].state, Some(ReferralState::NotAccepted));
    assert_eq!(steps[3].reason, Some(reason));
    assert_eq!(steps[1].channel, Some(Channel::Portal));
    assert_eq!(history_of_referral(&entries, two).len(), 1);
    assert!(history_of_referral(&entries, ReferralId([0; 16])).is_empty());
}

#[test]
fn b8_that_a_recipient_is_told_of_a_correction_is_a_step_of_the_referral_with_its_channel() {
    let mut world = World::default();
    let case = world.case(SENDER);
    let stream = StreamId::Case(case);
    let referral = world.draft(case, RECIPIENT);
    world.send(case, referral);
    let told = |given, state, channel| RecipientNotified {
        about: NoticeAbout::Correction,
        given,
        state,
        outcome: None,
        channel,
    };
    let of_it = Given::Referral(referral);
    world.push(stream, told(of_it, NoticeState::Planned, None));
    let by_phone = Some(Channel::Phone);
    world.push(stream, told(of_it, NoticeState::Sent, by_phone));
    let other = Given::Disclosure(DisclosureId([3; 16]));
    world.push(stream, told(other, NoticeState::Sent, by_phone));
    let to_person = PersonToldBy {
        request: SubjectRequestId([4; 16]),
        channel: Channel::Email,
    };
    world.push(stream, to_person);
    let entries = world.of(stream);
    let steps = history_of_referral(&entries, referral);
    let told = |step: &projections::history::Step| (step.event, step.channel);
    let told: Vec<_> = steps[2..].iter().map(told).collect();
    let name = "RecipientNotified";
    assert_eq!(told, [(name, None), (name, by_phone)]);
    let last = history(&entries).pop().unwrap();
    assert_eq!((last.referral, last.channel), (None, Some(Channel::Email)));
}

#[test]
fn a_decision_record_names_the_ground_of_each_decision() {
    let mut world = World::default();
    let case = world.case(SENDER);
    let stream = StreamId::Case(case);
    let consent = world.consent(case, None);
    let referral = world.draft(case, RECIPIENT);
    world.send(case, referral);
    world.push(stream, seen(ViewTarget::Case));
    world.withdraw(case, consent, world.now);
    let rows = decisions(&world.of(stream));
    let names: Vec<_> = rows.iter().map(|row| row.step.event).collect();
    assert_eq!(
        names,
        [
            "CaseOpened",
            "ConsentGiven",
            "ReferralSent",
            "ConsentWithdrawn"
        ]
    );
    assert_eq!(rows[1].grounds, [GroundId::from(consent)]);
    assert_eq!(rows[1].scope, Some(world::scope()));
    assert_eq!(rows[2].grounds, [GroundId([0; 16])]);
    assert_eq!(rows[3].grounds, [GroundId::from(consent)]);
}

#[test]
fn disclosures_say_who_opened_what_and_what_was_sent_as_last_written() {
    let mut world = World::default();
    let case = world.case(SENDER);
    let stream = StreamId::Case(case);
    let referral = world.draft(case, RECIPIENT);
    let event = ReferralRevised {
        referral,
        categories: [DataCategory::Needs].into(),
        ground: GroundId([0; 16]),
    };
    world.push(stream, event);
    world.draft(case, RECIPIENT);
    world.send(case, referral);
    world.push(stream, seen(ViewTarget::Referral(referral)));
    let rows = disclosures(&world.of(stream));
    assert_eq!(rows.len(), 2);
    let DisclosureKind::Sent {
        recipient,
        categories,
        ..
    } = &rows[0].kind
    else {
        panic!("the first disclosure is the sending");
    };
    assert_eq!(*recipient, RECIPIENT);
    assert_eq!(*categories, [DataCategory::Needs].into());
    assert_eq!(rows[1].actor, Actor::Staff(StaffId([1; 16])));
    let opened = DisclosureKind::Opened {
        target: ViewTarget::Referral(referral),
        purpose: ViewPurpose::Service,
    };
    assert_eq!(rows[1].kind, opened);
}

#[test]
fn an_erasure_is_started_by_the_last_rotation_and_done_only_when_recorded() {
    let mut world = World::default();
    let case = world.case(SENDER);
    let stream = StreamId::Case(case);
    let consent = world.consent(case, None);
    let keys = vec![LeafKeyId(consent.0)];
    for rotation in [RotationId([1; 16]), RotationId([2; 16])] {
        let keys = keys.clone();
        world.push(stream, ShredStarted { rotation, keys });
    }
    let rows = erasures(&world.of(stream));
    assert_eq!(rows.len(), 1);
    let of = LeafOf {
        person: PersonId(case.0),
        ground: consent.into(),
        category: None,
    };
    assert_eq!(rows[0].leaf, Some(of));
    assert_eq!(rows[0].started, Some((3, RotationId([2; 16]))));
    assert_eq!(rows[0].shredded, None);
    world.push(
        stream,
        Shredded {
            keys,
            epoch: 6,
            parts: 1,
            found: false,
        },
    );
    assert_eq!(erasures(&world.of(stream))[0].shredded, Some((4, 6)));
}
