//! C3, C7. A referral leaves in a packet, and one comes in: who may, of what, and only once.

use super::*;
use crate::domain::incoming::{Incoming, Sender};
use crate::packet::tests::trusted_of;

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
    let trusted = trusted_of(THEIRS, packet);
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
