//! C3, C7. A referral leaves in a packet, and one comes in: who may, of what, and only once.

use super::*;
use crate::domain::incoming::{Incoming, Sender};
use crate::packet::Trusted;
use crate::packet::exchange_tests::{trusted_of, trusted_with};

const NEEDS: DataCategory = DataCategory::Needs;
const THEIRS: OrganisationId = OrganisationId([0x5d; 16]);

fn sent() -> (World, ReferralId) {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[NEEDS]));
    let referral = world.reviewed(&[NEEDS]);
    world.send(referral).done(&["ReferralSent"]);
    (world, referral)
}

fn packet(world: &World, target: ViewTarget) -> Command {
    Command::ViewPersonalData {
        case: world.id(),
        target,
        purpose: ViewPurpose::Packet,
    }
}

fn taking(packet: u8) -> Command {
    taking_in(trusted_of(THEIRS, packet))
}

fn taking_in(trusted: Trusted) -> Command {
    Command::RecordIncoming(TakingDown {
        from: Sender::Organisation(trusted.from()),
        channel: Channel::Email,
        urgency: trusted.urgency(),
        reference: Some(PublicText(trusted.reference().to_string().to_uppercase())),
        consent: trusted.consent(),
        packet: Some(trusted),
    })
}

#[test]
fn c3_a_packet_is_made_of_what_was_sent_and_is_an_opening_like_any_other() {
    let (mut world, referral) = sent();
    let command = packet(&world, ViewTarget::Referral(referral));
    let done = world.ask(FOCAL, command).done(&["PersonalDataSeen"]);
    let seen = PersonalDataSeen {
        target: ViewTarget::Referral(referral),
        purpose: ViewPurpose::Packet,
    };
    assert_eq!(done.records[0].event, seen.into());
    // Making it is not the recipient's opening it.
    assert!(!world.state().referrals[&referral].opened);
}

#[test]
fn c3_nothing_is_handed_over_that_was_not_sent_or_that_the_recipient_is_done_with() {
    let (mut world, referral) = sent();
    let unsent = world.reviewed(&[NEEDS]);
    let command = packet(&world, ViewTarget::Referral(unsent));
    world
        .ask(FOCAL, command)
        .refused_about(Refusal::ReferralState, "reviewed");
    let recall = Command::RecallReferral {
        case: world.id(),
        referral,
        reason: ReferralReason::WrongService,
    };
    world.ask(FOCAL, recall).done(&["RecallAsked"]);
    let command = packet(&world, ViewTarget::Referral(referral));
    world
        .ask(FOCAL, command)
        .refused_about(Refusal::ReferralState, "recall_asked");
}

#[test]
fn c3_no_packet_leaves_without_a_ground_that_covers_it_now() {
    let (mut world, referral) = sent();
    let withdraw = Command::WithdrawConsent {
        case: world.id(),
        person: None,
        consent: None,
        part: None,
        shred: ShredWish::AfterPeriod,
    };
    world.ask(FOCAL, withdraw).0.ok();
    let command = packet(&world, ViewTarget::Referral(referral));
    world
        .ask(FOCAL, command)
        .refused_about(Refusal::ReferralState, "stopped");
}

#[test]
fn c3_only_who_sends_referrals_hands_one_over_and_never_a_whole_case() {
    let (mut world, referral) = sent();
    let command = packet(&world, ViewTarget::Referral(referral));
    for nobody in [FRONT, DPO, AUDITOR, PROVIDER] {
        let refused = world.ask(nobody, command.clone());
        refused.refused(Refusal::NotAllowed);
    }
    let command = packet(&world, ViewTarget::Case);
    world.ask(FOCAL, command).refused(Refusal::NotAllowed);
}

#[test]
fn c7_a_packet_is_taken_in_as_an_incoming_referral_with_its_sender_and_reference() {
    let mut world = World::adult();
    let done = world.ask(FRONT, taking(0x77));
    let done = done.done(&["IncomingReceived", "PacketTaken"]);
    let incoming = Incoming::received(&done.records[0]).expect("received");
    assert_eq!(incoming.from, Sender::Organisation(THEIRS));
    assert_eq!(incoming.consent, ConsentClaim::Said);
    assert_eq!(incoming.id, trusted_of(THEIRS, 0x77).incoming());
    let came = world.incoming[&incoming.id].came.clone();
    assert_eq!(came.map(|came| came.packet), Some(PacketId([0x77; 16])));
    assert_eq!(done.personal, [0, 0], "no word about the person");
}

#[test]
fn c7_a_packet_is_taken_in_once_whatever_became_of_it() {
    let mut world = World::adult();
    world.ask(FRONT, taking(0x77)).0.ok();
    for who in [FRONT, FOCAL] {
        world.ask(who, taking(0x77)).refused(Refusal::PacketTaken);
    }
    world
        .ask(FOCAL, taking(0x78))
        .done(&["IncomingReceived", "PacketTaken"]);
}

#[test]
fn c7_who_takes_nothing_down_takes_no_packet_in() {
    let mut world = World::adult();
    for nobody in [DPO, AUDITOR, PROVIDER] {
        world.ask(nobody, taking(0x77)).refused(Refusal::NotAllowed);
    }
}

#[test]
fn c3_what_could_not_be_sent_now_does_not_leave_in_a_packet_either() {
    let (world, referral) = sent();
    let packet = packet(&world, ViewTarget::Referral(referral));
    let refused = |change: &dyn Fn(&mut World), refusal| {
        let mut world = world.clone();
        change(&mut world);
        world.ask(FOCAL, packet.clone()).refused(refusal);
    };
    refused(&|world| world.restored = true, Refusal::RestoredUnconfirmed);
    let retire = |world: &mut World| {
        let service = world.services.get_mut(&HEALTH).expect("known");
        Arc::make_mut(service).retired = true;
    };
    refused(&retire, Refusal::ServiceRetired);
    let moved = |world: &mut World| {
        let service = world.services.get_mut(&HEALTH).expect("known");
        Arc::make_mut(service).entry.organisation = THEIRS;
    };
    refused(&moved, Refusal::RecipientNotCovered);
}

/// A packet that says something else.
fn saying(packet: u8, from: String, to: String) -> Command {
    let change = |text: String| {
        assert!(text.contains(&from), "{from}");
        text.replacen(&from, &to, 1)
    };
    taking_in(trusted_with(THEIRS, packet, change))
}

fn id(byte: u8) -> PacketId {
    PacketId([byte; 16])
}

#[test]
fn c7_a_packet_is_taken_in_by_whom_it_is_for_and_nobody_else_learns_whether_it_came() {
    let mut world = World::adult();
    let elsewhere = |packet| {
        let (from, to) = (id(0xa2), OrganisationId([0x44; 16]));
        saying(
            packet,
            format!("recipient {from}"),
            format!("recipient {to}"),
        )
    };
    for who in [FRONT, FOCAL] {
        let refused = world.ask(who, elsewhere(0x77));
        refused.refused(Refusal::PacketRecipient);
    }
    // It came to whom it is for, and is refused to others in the same words.
    world.ask(FRONT, taking(0x78)).0.ok();
    let came = world.incoming.values().next().expect("one").id;
    let trusted = trusted_with(THEIRS, 0x79, |text| {
        let (from, to) = (id(0xa2), OrganisationId([0x44; 16]));
        text.replacen(&format!("recipient {from}"), &format!("recipient {to}"), 1)
    });
    assert_ne!(trusted.incoming(), came);
    world
        .ask(FRONT, taking_in(trusted))
        .refused(Refusal::PacketRecipient);
}

#[test]
fn c7_another_packet_of_the_same_referral_is_no_second_referral() {
    let mut world = World::adult();
    world.ask(FRONT, taking(0x77)).0.ok();
    let again = || {
        saying(
            0x78,
            format!("reference {}", id(0x78)),
            format!("reference {}", id(0x77)),
        )
    };
    world.ask(FOCAL, again()).done(&["PacketTaken"]);
    assert_eq!(world.incoming.len(), 1);
    let incoming = world.incoming.values().next().expect("one").clone();
    let came = incoming.came.clone().expect("in packets");
    assert_eq!(came.packet, id(0x78), "replies go to the newest");
    assert!(incoming.came_in(id(0x77)) && incoming.came_in(id(0x78)));
    // Neither of them is taken in again, and an older one does not come back to the front.
    for repeated in [taking(0x77), again()] {
        world.ask(FRONT, repeated).refused(Refusal::PacketTaken);
    }
}

#[test]
fn c7_an_answer_is_due_when_the_sender_waits_for_it_and_never_later_than_counted_here() {
    let due = |by: Timestamp| {
        let mut world = World::adult();
        let sent = world.now.0 - 4 * DAY_MS;
        let trusted = trusted_with(THEIRS, 0x77, |text| {
            text.replacen("sent 1\n", &format!("sent {sent}\n"), 1)
                .replacen(
                    "acknowledge-by 2\n",
                    &format!("acknowledge-by {}\n", by.0),
                    1,
                )
        });
        let done = world.ask(FRONT, taking_in(trusted));
        let done = done.done(&["IncomingReceived", "PacketTaken"]);
        let received = Incoming::received(&done.records[0]).expect("received");
        (received.answer_by, received.is_late(world.now))
    };
    let now = World::adult().now;
    let over = Timestamp(now.0 - DAY_MS);
    assert_eq!(due(over), (over, true), "it is over with the sender");
    let (own, late) = due(Timestamp(now.0 + 300 * DAY_MS));
    assert!(own.0 < now.0 + 300 * DAY_MS && !late);
    let soon = Timestamp(now.0 + 60_000);
    assert_eq!(due(soon), (soon, false));
}

#[test]
fn c3_a_packet_says_consent_by_what_covers_it_now_and_not_when_it_was_sent() {
    let mut world = World::adult();
    let consent = world.consent_to(scope(CLINIC, &[DataCategory::Health]));
    let referral = world.reviewed(&[DataCategory::Health]);
    world.send(referral).done(&["ReferralSent"]);
    let said = |world: &World| {
        let (case, file) = (world.state(), &world.rules.organisation);
        let sent = &case.referrals[&referral];
        rests_on_consent(&case, (sent, &world.services[&HEALTH]), (world.now, file))
    };
    assert!(said(&world));
    world.invoked(ExceptionKind::ImmediateRisk);
    assert!(said(&world), "consent goes first");
    let withdraw = world.withdrawing(Some(consent));
    world.ask(FOCAL, withdraw).0.ok();
    assert!(!said(&world), "the exception alone carries it now");
}
