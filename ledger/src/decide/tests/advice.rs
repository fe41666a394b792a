//! C10. What a specialist advised stands: nobody sets it aside by writing down another word.

use super::specialist::{
    NEEDS, by_phone, confirming, consulting, named, revising, suspected, waits,
};
use super::*;

#[test]
fn c10_advice_against_stands_whatever_somebody_notes_of_another_specialist() {
    let (mut world, referral) = suspected(&[Concern::Sgbv]);
    named(&mut world, "sgbv = [\"child_protection\", \"focal_point\"]");
    let against = consulting(&world, referral, Advice::NotThisService);
    world.ask(CHILD, against).done(&["SpecialistConsulted"]);
    let other = by_phone(&world, referral, Advice::GoOn, FOCAL);
    let refused = world.ask(FRONT, other);
    refused.refused_about(Refusal::SpecialistFirst, "not_this_service");
    // What the same one is said to have said waits, and takes nothing away, also when it is not so.
    let same = by_phone(&world, referral, Advice::GoOn, CHILD);
    world
        .ask(FRONT, same.clone())
        .done(&["SpecialistConsulted"]);
    let refused = world.send(referral);
    refused.refused_about(Refusal::SpecialistFirst, "not_this_service");
    let denied = confirming(&world, referral, false);
    world.ask(CHILD, denied).done(&["ConsultationConfirmed"]);
    let refused = world.send(referral);
    refused.refused_about(Refusal::SpecialistFirst, "not_this_service");
    let mut by_themself = world.clone();
    world.ask(FRONT, same).done(&["SpecialistConsulted"]);
    let confirm = confirming(&world, referral, true);
    world.ask(CHILD, confirm).done(&["ConsultationConfirmed"]);
    world.send(referral).done(&["ReferralSent"]);
    let go_on = consulting(&by_themself, referral, Advice::GoOn);
    by_themself.ask(FOCAL, go_on).done(&["SpecialistConsulted"]);
    by_themself.send(referral).done(&["ReferralSent"]);
}

#[test]
fn c10_a_note_from_before_does_not_overrule_advice_against_that_came_since() {
    let (mut world, referral) = suspected(&[Concern::Sgbv]);
    named(&mut world, "sgbv = [\"child_protection\", \"focal_point\"]");
    let note = by_phone(&world, referral, Advice::GoOn, FOCAL);
    world.ask(FRONT, note).done(&["SpecialistConsulted"]);
    let against = consulting(&world, referral, Advice::NotNow);
    world.ask(CHILD, against).done(&["SpecialistConsulted"]);
    let confirm = confirming(&world, referral, true);
    let refused = world.ask(FOCAL, confirm);
    refused.refused_about(Refusal::SpecialistFirst, "not_now");
    let denied = confirming(&world, referral, false);
    world.ask(FOCAL, denied).done(&["ConsultationConfirmed"]);
}

#[test]
fn c10_a_note_is_not_changed_before_its_specialist_confirms_it_and_stops_nothing_that_may_go() {
    let (mut world, referral) = suspected(&[Concern::Sgbv]);
    let note = by_phone(&world, referral, Advice::NotNow, CHILD);
    world.ask(FRONT, note).done(&["SpecialistConsulted"]);
    let other = by_phone(&world, referral, Advice::GoOn, CHILD);
    let refused = world.ask(FRONT, other.clone());
    refused.refused_about(Refusal::AlreadyExists, "consultation");
    let denied = confirming(&world, referral, false);
    world.ask(CHILD, denied).done(&["ConsultationConfirmed"]);
    let go_on = consulting(&world, referral, Advice::GoOn);
    world.ask(CHILD, go_on).done(&["SpecialistConsulted"]);
    let note = by_phone(&world, referral, Advice::NotNow, CHILD);
    world.ask(FRONT, note).done(&["SpecialistConsulted"]);
    assert!(waits(&world, referral).is_empty());
    world.send(referral).done(&["ReferralSent"]);
    // What has gone is not confirmed any more.
    let confirm = confirming(&world, referral, true);
    let late = world.ask(CHILD, confirm);
    late.refused_about(Refusal::ReferralState, "sent");
}

#[test]
fn c10_nobody_is_the_specialist_for_what_they_wrote_themselves() {
    let (mut world, referral) = suspected(&[Concern::Sgbv]);
    let command = world.drafting(HEALTH, NEEDS);
    let done = world.ask(CHILD, command).0.expect("drafted");
    let Event::ReferralDrafted(it) = &done.records[0].event else {
        panic!("a draft")
    };
    let own = consulting(&world, it.referral, Advice::GoOn);
    let refused = world.ask(CHILD, own);
    refused.refused(Refusal::SecondPersonRequired);
    let noted = by_phone(&world, it.referral, Advice::GoOn, CHILD);
    let refused = world.ask(FOCAL, noted);
    refused.refused(Refusal::SecondPersonRequired);
    // Of what was somebody else's when it was noted, and then was written again.
    let note = by_phone(&world, referral, Advice::NotNow, CHILD);
    world.ask(FOCAL, note).done(&["SpecialistConsulted"]);
    let back = Command::ReturnReferral {
        case: world.id(),
        referral,
        reason: ReferralReason::Other,
    };
    world.ask(FOCAL, back).done(&["ReferralReturned"]);
    let revise = revising(&world, referral);
    world.ask(CHILD, revise).done(&["ReferralRevised"]);
    let confirm = confirming(&world, referral, true);
    let refused = world.ask(CHILD, confirm);
    refused.refused(Refusal::SecondPersonRequired);
}

#[test]
fn c10_who_is_no_specialist_any_more_confirms_nothing_but_may_say_that_it_is_not_so() {
    let (mut world, referral) = suspected(&[Concern::Sgbv]);
    let note = by_phone(&world, referral, Advice::GoOn, CHILD);
    world.ask(FOCAL, note).done(&["SpecialistConsulted"]);
    named(&mut world, "sgbv = [\"focal_point\"]");
    let confirm = confirming(&world, referral, true);
    let refused = world.ask(CHILD, confirm);
    refused.refused_about(Refusal::NotAllowed, "focal_point");
    let denied = confirming(&world, referral, false);
    world.ask(CHILD, denied).done(&["ConsultationConfirmed"]);
}

#[test]
fn c9_what_of_a_suspected_case_was_told_without_a_specialist_is_an_incident() {
    let (mut world, referral) = suspected(&[Concern::Sgbv]);
    let told = |world: &mut World| {
        let command = Command::RecordDisclosure {
            case: world.id(),
            recipient: CLINIC,
            categories: NEEDS.iter().copied().collect(),
            channel: Channel::Phone,
        };
        let done = world.ask(FRONT, command).done(&["DisclosureRecorded"]);
        let Event::DisclosureRecorded(it) = &done.records[0].event else {
            panic!("a disclosure")
        };
        (it.basis.is_empty(), it.incident)
    };
    assert_eq!(told(&mut world), (false, true));
    let advice = consulting(&world, referral, Advice::NotThisService);
    world.ask(CHILD, advice).done(&["SpecialistConsulted"]);
    assert_eq!(told(&mut world), (false, true));
    let advice = consulting(&world, referral, Advice::GoOn);
    world.ask(CHILD, advice).done(&["SpecialistConsulted"]);
    assert_eq!(told(&mut world), (false, false));
    world.send(referral).done(&["ReferralSent"]);
    assert_eq!(told(&mut world), (false, false));
}
