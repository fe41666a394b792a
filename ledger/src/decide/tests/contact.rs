//! B10. A person is contacted with consent to that, and as they agreed; a service is asked how it
//! went with consent to that.

use super::*;
use crate::domain::contact::SafeContact;

const NEEDS: DataCategory = DataCategory::Needs;

/// A referral that the clinic accepted, in a case without any agreement about contact.
fn accepted() -> (World, ReferralId) {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[NEEDS]));
    let referral = world.reviewed(&[NEEDS]);
    world.send(referral).done(&["ReferralSent"]);
    let case = world.id();
    let command = Command::ReceiveReferral { case, referral };
    world.ask(PROVIDER, command).done(&["ReferralReceived"]);
    let command = Command::AcceptReferral { case, referral };
    world.ask(PROVIDER, command).done(&["ReferralAccepted"]);
    (world, referral)
}

fn calling(world: &World, referral: ReferralId, outcome: FollowUpOutcome) -> Command {
    Command::RecordFollowUp(FollowingUp {
        case: world.id(),
        referral,
        person: Some(world.client()),
        outcome,
        channel: Channel::Phone,
        note: None,
    })
}

fn asking(world: &World, referral: ReferralId) -> Command {
    Command::RecordFollowUp(FollowingUp {
        case: world.id(),
        referral,
        person: None,
        outcome: FollowUpOutcome::Answered,
        channel: Channel::Phone,
        note: None,
    })
}

fn agreed() -> SafeContact {
    SafeContact {
        channels: [Channel::Phone].into(),
        days: BTreeSet::new(),
        hours: None,
        staff: [FRONT].into(),
        words: ContactWords::Nothing,
    }
}

fn agreeing(world: &World, contact: SafeContact) -> Command {
    Command::AgreeContact(Agreeing {
        case: world.id(),
        person: world.client(),
        contact,
    })
}

fn to(purpose: Purpose, recipient: OrganisationId) -> Scope {
    Scope {
        purposes: [purpose].into(),
        recipients: [recipient].into(),
        categories: [DataCategory::Contact].into(),
        ..Scope::default()
    }
}

#[test]
fn b10_nobody_is_contacted_without_consent_to_that_and_an_agreement_how() {
    use FollowUpOutcome::*;
    let (mut world, referral) = accepted();
    let call = calling(&world, referral, Answered);
    let refused = world.ask(FRONT, call.clone());
    refused.refused_about(Refusal::PurposeNotCovered, "follow_up");
    let consent = world.consent_to(to(Purpose::FollowUp, HOME));
    let refused = world.ask(FRONT, call.clone());
    refused.refused_about(Refusal::ContactNotSafe, "not_agreed");
    let agree = agreeing(&world, agreed());
    world.ask(FRONT, agree.clone()).done(&["ContactAgreed"]);
    world.ask(FRONT, agree).refused(Refusal::NothingToDo);
    world.ask(FRONT, call.clone()).done(&["FollowUpRecorded"]);
    let none = calling(&world, referral, NoAnswer);
    world.ask(FRONT, none).done(&["FollowUpRecorded"]);
    // By somebody else, and with words left where none may be said.
    let refused = world.ask(FOCAL, call.clone());
    refused.refused_about(Refusal::ContactNotSafe, "staff");
    let left = calling(&world, referral, MessageLeft);
    let refused = world.ask(FRONT, left);
    refused.refused_about(Refusal::ContactNotSafe, "words");
    // Whoever takes the consent back is not contacted any more, and that can be said at any time.
    let withdraw = world.withdrawing(Some(consent));
    assert!(world.ask(FRONT, withdraw).0.is_ok());
    let refused = world.ask(FRONT, call);
    refused.refused_about(Refusal::PurposeNotCovered, "follow_up");
    let unsafe_to = calling(&world, referral, NotToldUnsafe);
    world.ask(FOCAL, unsafe_to).done(&["FollowUpRecorded"]);
}

#[test]
fn b10_the_hour_that_counts_is_that_of_the_call_and_not_of_writing_it_down() {
    let (mut world, referral) = accepted();
    world.consent_to(to(Purpose::FollowUp, HOME));
    let (day, minute) = world.rules.organisation.clock_at(world.now).unwrap();
    let hours = Some((minute, (minute + 60).min(24 * 60)));
    let contact = SafeContact {
        days: [day].into(),
        hours,
        ..agreed()
    };
    let agree = agreeing(&world, contact);
    world.ask(FRONT, agree).done(&["ContactAgreed"]);
    let call = calling(&world, referral, FollowUpOutcome::Answered);
    let called = world.now;
    world.ask(FRONT, call.clone()).done(&["FollowUpRecorded"]);
    world.now = called.plus_ms(DAY_MS);
    let refused = world.ask(FRONT, call.clone());
    refused.refused_about(Refusal::ContactNotSafe, "time");
    let caller = Caller::Staff(FRONT);
    let claimed = world.ask_as(caller, None, Some(called), call);
    claimed.done(&["FollowUpRecorded"]);
}

#[test]
fn b10_a_service_is_asked_how_it_went_with_consent_to_that_and_whether_it_got_it_always() {
    let (mut world, referral) = accepted();
    let ask = asking(&world, referral);
    let refused = world.ask(FRONT, ask.clone());
    refused.refused_about(Refusal::PurposeNotCovered, "feedback");
    world.consent_to(to(Purpose::Feedback, SCHOOL));
    let refused = world.ask(FRONT, ask.clone());
    refused.refused_about(Refusal::RecipientNotCovered, "feedback");
    world.consent_to(to(Purpose::Feedback, CLINIC));
    world.ask(FRONT, ask).done(&["FollowUpRecorded"]);
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[NEEDS]));
    let sent = world.reviewed(&[NEEDS]);
    world.send(sent).done(&["ReferralSent"]);
    let chase = asking(&world, sent);
    world.ask(FRONT, chase).done(&["FollowUpRecorded"]);
}

#[test]
fn b10_hours_that_run_backwards_and_strangers_are_refused() {
    let (mut world, _) = accepted();
    for hours in [(600, 600), (700, 600), (0, 1441)] {
        let contact = SafeContact {
            hours: Some(hours),
            ..agreed()
        };
        let agree = agreeing(&world, contact);
        let refused = world.ask(FRONT, agree);
        refused.refused_about(Refusal::Malformed, "contact.hours");
    }
    let stranger = Command::AgreeContact(Agreeing {
        case: world.id(),
        person: PersonId([99; 16]),
        contact: agreed(),
    });
    let refused = world.ask(FRONT, stranger);
    refused.refused_about(Refusal::NotFound, "person");
    let withdraw = world.withdrawing(None);
    assert!(world.ask(FRONT, withdraw).0.is_ok());
    let agree = agreeing(&world, agreed());
    let refused = world.ask(FRONT, agree);
    refused.refused(Refusal::RecordConsentMissing);
}

#[test]
fn b10_who_took_their_number_back_is_not_called_any_more_and_can_be_met() {
    let (mut world, referral) = accepted();
    world.consent_to(to(Purpose::FollowUp, HOME));
    let agree = agreeing(&world, agreed());
    world.ask(FRONT, agree).done(&["ContactAgreed"]);
    let part = Scope {
        categories: [DataCategory::Contact].into(),
        ..Scope::default()
    };
    let state = world.state();
    let record = state
        .record_ground(state.client, world.now)
        .expect("recorded");
    let withdraw = Command::WithdrawConsent {
        case: world.id(),
        person: None,
        consent: Some(ConsentId(record.0)),
        part: Some(part),
        shred: ShredWish::AfterPeriod,
    };
    world.ask(FRONT, withdraw).0.expect("taken back");
    let call = calling(&world, referral, FollowUpOutcome::Answered);
    let refused = world.ask(FRONT, call);
    refused.refused_about(Refusal::ContactNotSafe, "withdrawn");
    let mut other = agreed();
    other.words = ContactWords::CallBack;
    let refused = world.ask(FRONT, agreeing(&world, other.clone()));
    refused.refused_about(Refusal::CategoryNotCovered, "contact");
    other.channels = [Channel::InPerson].into();
    let agree = agreeing(&world, other);
    world.ask(FRONT, agree).done(&["ContactAgreed"]);
}

#[test]
fn b10_a_call_that_was_made_as_agreed_is_recorded_after_the_number_was_taken_back() {
    let (mut world, referral) = accepted();
    world.consent_to(to(Purpose::FollowUp, HOME));
    let agree = agreeing(&world, agreed());
    world.ask(FRONT, agree).done(&["ContactAgreed"]);
    let called = world.now;
    world.pass_ms(3_600_000);
    let state = world.state();
    let record = state.record_ground(state.client, world.now).expect("it");
    let withdraw = Command::WithdrawConsent {
        case: world.id(),
        person: None,
        consent: Some(ConsentId(record.0)),
        part: Some(Scope {
            categories: [DataCategory::Contact].into(),
            ..Scope::default()
        }),
        shred: ShredWish::AfterPeriod,
    };
    world.ask(FRONT, withdraw).0.expect("taken back");
    let taken_back = world.now;
    world.pass_ms(3_600_000);
    let call = calling(&world, referral, FollowUpOutcome::Answered);
    let caller = Caller::Staff(FRONT);
    for late in [None, Some(taken_back)] {
        let refused = world.ask_as(caller, None, late, call.clone());
        refused.refused_about(Refusal::ContactNotSafe, "withdrawn");
    }
    let made = world.ask_as(caller, None, Some(called), call);
    made.done(&["FollowUpRecorded"]);
}

#[test]
fn b10_whether_a_person_came_is_asked_as_agreed_whatever_the_service_did_since() {
    for (items, asks) in [
        ([FollowUpItem::Reached, FollowUpItem::Appointment], false),
        ([FollowUpItem::Reached, FollowUpItem::HelpGiven], true),
    ] {
        let mut world = World::adult();
        world.consent_to(scope(CLINIC, &[NEEDS]));
        let feedback = world.consent_to(to(Purpose::Feedback, CLINIC));
        let referral = world.reviewed(&[NEEDS]);
        let case = world.id();
        let send = Command::SendReferral {
            case,
            referral,
            channel: Channel::Portal,
            follow_up: Some(FollowUpContract {
                channel: Channel::Phone,
                on: Day(world.now.day().0 + 7),
                items: items.into(),
            }),
        };
        world
            .ask(FOCAL, send)
            .done(&["ReferralSent", "FollowUpAgreed"]);
        let withdraw = world.withdrawing(Some(feedback));
        world.ask(FRONT, withdraw).0.expect("taken back");
        let command = Command::ReceiveReferral { case, referral };
        world.ask(PROVIDER, command).done(&["ReferralReceived"]);
        let command = Command::AcceptReferral { case, referral };
        world.ask(PROVIDER, command).done(&["ReferralAccepted"]);
        let ask = asking(&world, referral);
        let asked = world.ask(FRONT, ask);
        if asks {
            asked.refused_about(Refusal::PurposeNotCovered, "feedback");
        } else {
            asked.done(&["FollowUpRecorded"]);
        }
    }
}
