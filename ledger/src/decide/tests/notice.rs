//! B6, E5. Recipients are asked to stop, return or destroy, and what they answer is recorded.

use super::*;
use crate::domain::case::Notice;

const NEEDS: DataCategory = DataCategory::Needs;

fn sent() -> (World, ReferralId) {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[NEEDS]));
    let referral = world.reviewed(&[NEEDS]);
    world.send(referral).done(&["ReferralSent"]);
    (world, referral)
}

fn stopped() -> (World, ReferralId) {
    let (mut world, referral) = sent();
    let command = world.withdrawing(None);
    let withdrawn = world.ask(FRONT, command).0;
    assert!(withdrawn.is_ok(), "withdrawn");
    (world, referral)
}

fn notice(
    world: &World,
    given: Given,
    state: NoticeState,
    outcome: Option<NoticeOutcome>,
) -> Command {
    Command::RecordNotice(Noticing {
        case: world.id(),
        about: NoticeAbout::Erasure,
        given,
        state,
        outcome,
        channel: Channel::Phone,
    })
}

fn now(world: &World, given: Given) -> Option<Notice> {
    world.cases[&world.id()].notices.get(&given).copied()
}

#[test]
fn e5_a_recipient_whose_referral_stopped_is_to_be_asked_and_its_answer_is_kept() {
    let (mut world, referral) = stopped();
    let given = Given::Referral(referral);
    let planned = Notice {
        state: NoticeState::Planned,
        outcome: None,
    };
    assert_eq!(now(&world, given), Some(planned));
    for (state, outcome) in [
        (NoticeState::Sent, None),
        (NoticeState::Sent, None),
        (NoticeState::Failed, None),
        (NoticeState::Sent, None),
        (NoticeState::Confirmed, Some(NoticeOutcome::Stopped)),
        (NoticeState::Confirmed, Some(NoticeOutcome::Destroyed)),
    ] {
        let command = notice(&world, given, state, outcome);
        world.ask(FOCAL, command).done(&["NoticeRecorded"]);
        assert_eq!(now(&world, given), Some(Notice { state, outcome }));
    }
}

#[test]
fn e5_only_who_confirmed_says_what_it_did() {
    let (mut world, referral) = stopped();
    let given = Given::Referral(referral);
    for (state, outcome) in [
        (NoticeState::Confirmed, None),
        (NoticeState::Sent, Some(NoticeOutcome::Stopped)),
        (NoticeState::Failed, Some(NoticeOutcome::Destroyed)),
        (NoticeState::Impossible, Some(NoticeOutcome::Returned)),
    ] {
        let command = notice(&world, given, state, outcome);
        let asked = world.ask(FOCAL, command);
        asked.refused_about(Refusal::Malformed, "outcome");
    }
}

#[test]
fn e5_no_step_leads_back_to_planned_and_none_is_answered_before_it_was_asked() {
    let (mut world, referral) = stopped();
    let given = Given::Referral(referral);
    let again = notice(&world, given, NoticeState::Planned, None);
    world.ask(FOCAL, again).refused(Refusal::NothingToDo);
    let done = Some(NoticeOutcome::Destroyed);
    let confirm = notice(&world, given, NoticeState::Confirmed, done);
    world.ask(FOCAL, confirm.clone()).done(&["NoticeRecorded"]);
    world.ask(FOCAL, confirm).refused(Refusal::NothingToDo);
    for state in [
        NoticeState::Planned,
        NoticeState::Sent,
        NoticeState::Failed,
        NoticeState::Impossible,
    ] {
        let command = notice(&world, given, state, None);
        let asked = world.ask(FOCAL, command);
        asked.refused_about(Refusal::NoticeState, "confirmed");
    }
    let disclosed = disclosed(&mut world);
    let early = notice(&world, disclosed, NoticeState::Confirmed, done);
    let asked = world.ask(FOCAL, early);
    asked.refused_about(Refusal::NoticeState, "none");
}

fn disclosed(world: &mut World) -> Given {
    let command = Command::RecordDisclosure {
        case: world.id(),
        recipient: CLINIC,
        categories: [NEEDS].into(),
        channel: Channel::Phone,
    };
    let done = world.ask(FOCAL, command).done(&["DisclosureRecorded"]);
    let Event::DisclosureRecorded(it) = &done.records[0].event else {
        panic!("a disclosure");
    };
    Given::Disclosure(it.disclosure)
}

#[test]
fn e5_what_was_told_outside_can_be_asked_back_and_what_never_was_cannot() {
    let (mut world, _) = stopped();
    let given = disclosed(&mut world);
    let plan = notice(&world, given, NoticeState::Planned, None);
    world.ask(FOCAL, plan).done(&["NoticeRecorded"]);
    let unknown = Given::Disclosure(DisclosureId([7; 16]));
    let command = notice(&world, unknown, NoticeState::Sent, None);
    let asked = world.ask(FOCAL, command);
    asked.refused_about(Refusal::NotFound, "disclosure");
    let unknown = Given::Referral(ReferralId([7; 16]));
    let command = notice(&world, unknown, NoticeState::Sent, None);
    let asked = world.ask(FOCAL, command);
    asked.refused_about(Refusal::NotFound, "referral");
}

#[test]
fn b6_nobody_is_asked_who_may_still_have_it_or_was_sent_nothing() {
    let (mut world, referral) = sent();
    let command = notice(&world, Given::Referral(referral), NoticeState::Sent, None);
    world.ask(FOCAL, command).refused(Refusal::NotDue);
    let unsent = world.reviewed(&[NEEDS]);
    let command = notice(&world, Given::Referral(unsent), NoticeState::Sent, None);
    let asked = world.ask(FOCAL, command);
    asked.refused_about(Refusal::ReferralState, "reviewed");
    let recall = Command::RecallReferral {
        case: world.id(),
        referral,
        reason: ReferralReason::Other,
    };
    world.ask(FOCAL, recall).done(&["RecallAsked"]);
    let command = notice(&world, Given::Referral(referral), NoticeState::Sent, None);
    world.ask(FOCAL, command).done(&["NoticeRecorded"]);
}

#[test]
fn e5_who_received_data_answers_for_itself_and_asks_nobody() {
    let (mut world, referral) = stopped();
    let given = Given::Referral(referral);
    for state in [NoticeState::Planned, NoticeState::Sent] {
        let command = notice(&world, given, state, None);
        world.ask(PROVIDER, command).refused(Refusal::NotAllowed);
    }
    let done = Some(NoticeOutcome::Destroyed);
    let command = notice(&world, given, NoticeState::Confirmed, done);
    for other in [AUDITOR, COORDINATOR] {
        let refused = world.ask(other, command.clone()).0;
        assert!(refused.is_err(), "not theirs");
    }
    // Before it was asked it is told the same as if nothing were planned.
    world
        .ask(PROVIDER, command.clone())
        .refused(Refusal::NotDue);
    for state in [NoticeState::Failed, NoticeState::Impossible] {
        let of_sender = notice(&world, given, state, None);
        world.ask(PROVIDER, of_sender).refused(Refusal::NotAllowed);
    }
    let planned = now(&world, given).map(|it| it.state);
    assert_eq!(planned, Some(NoticeState::Planned));
    let ask = notice(&world, given, NoticeState::Sent, None);
    world.ask(FOCAL, ask).done(&["NoticeRecorded"]);
    world.ask(PROVIDER, command).done(&["NoticeRecorded"]);
}

/// What telling recipients came to so far.
fn informed(world: &World, about: NoticeAbout) -> Vec<(Given, NoticeState)> {
    let case = world.state();
    let told = case.informed.iter().filter(|((of, _), _)| *of == about);
    told.map(|((_, given), notice)| (*given, notice.state))
        .collect()
}

fn telling(
    world: &World,
    about: NoticeAbout,
    given: Given,
    state: NoticeState,
    outcome: Option<NoticeOutcome>,
) -> Command {
    Command::RecordNotice(Noticing {
        case: world.id(),
        about,
        given,
        state,
        outcome,
        channel: Channel::Phone,
    })
}

fn correcting(world: &World) -> Command {
    Command::CorrectPerson(Correcting {
        case: world.id(),
        person: world.client(),
        identity: identity("Right"),
    })
}

/// A person of whom a clinic knows the name.
fn named() -> (World, Given) {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[NEEDS, DataCategory::Identity]));
    let referral = world.reviewed(&[NEEDS, DataCategory::Identity]);
    world.send(referral).done(&["ReferralSent"]);
    (world, Given::Referral(referral))
}

#[test]
fn e5_who_holds_what_was_put_right_is_to_be_told_and_its_answer_is_kept() {
    let (mut world, given) = named();
    let asked = correcting(&world);
    world
        .ask(FRONT, asked)
        .done(&["PersonCorrected", "RecipientNotified"]);
    let about = NoticeAbout::Correction;
    assert_eq!(informed(&world, about), [(given, NoticeState::Planned)]);
    for (by, state, outcome) in [
        (FOCAL, NoticeState::Sent, None),
        (
            PROVIDER,
            NoticeState::Confirmed,
            Some(NoticeOutcome::Corrected),
        ),
    ] {
        let asked = telling(&world, about, given, state, outcome);
        world.ask(by, asked).done(&["RecipientNotified"]);
    }
    assert_eq!(informed(&world, about), [(given, NoticeState::Confirmed)]);
    // What is put right again is told again.
    let asked = correcting(&world);
    world
        .ask(FRONT, asked)
        .done(&["PersonCorrected", "RecipientNotified"]);
    assert_eq!(informed(&world, about), [(given, NoticeState::Planned)]);
    assert_eq!(now(&world, given), None, "nobody is asked to destroy");
}

#[test]
fn e5_who_holds_nothing_of_what_was_put_right_is_not_told() {
    let (mut world, _) = sent();
    let asked = correcting(&world);
    world.ask(FRONT, asked).done(&["PersonCorrected"]);
    let (mut world, given) = named();
    let destroyed = Some(NoticeOutcome::Destroyed);
    let withdrawn = world.withdrawing(None);
    assert!(world.clone().ask(FRONT, withdrawn).0.is_ok());
    let recall = Command::RecallReferral {
        case: world.id(),
        referral: match given {
            Given::Referral(id) => id,
            Given::Disclosure(_) => panic!("a referral"),
        },
        reason: ReferralReason::WrongService,
    };
    world.ask(FOCAL, recall).done(&["RecallAsked"]);
    for (state, outcome) in [
        (NoticeState::Sent, None),
        (NoticeState::Confirmed, destroyed),
    ] {
        let asked = notice(&world, given, state, outcome);
        world.ask(FOCAL, asked).done(&["NoticeRecorded"]);
    }
    let asked = correcting(&world);
    world.ask(FRONT, asked).done(&["PersonCorrected"]);
}

#[test]
fn e5_a_recipient_says_what_fits_what_it_was_told() {
    let (mut world, given) = named();
    let asked = correcting(&world);
    assert!(world.ask(FRONT, asked).0.is_ok());
    let about = NoticeAbout::Correction;
    let sent = telling(&world, about, given, NoticeState::Sent, None);
    assert!(world.ask(FOCAL, sent).0.is_ok());
    for outcome in [
        None,
        Some(NoticeOutcome::Stopped),
        Some(NoticeOutcome::Restricted),
        Some(NoticeOutcome::Released),
    ] {
        let asked = telling(&world, about, given, NoticeState::Confirmed, outcome);
        let refused = world.ask(PROVIDER, asked);
        refused.refused_about(Refusal::Malformed, "outcome");
    }
    // The recipient answers and asks nobody; where there is no restriction, nobody is told of one.
    let asked = telling(&world, about, given, NoticeState::Sent, None);
    world.ask(PROVIDER, asked).refused(Refusal::NotAllowed);
    for about in [NoticeAbout::Restriction, NoticeAbout::Lifting] {
        let asked = telling(&world, about, given, NoticeState::Sent, None);
        world.ask(FOCAL, asked).refused(Refusal::NotDue);
    }
}

#[test]
fn e5_recipients_hear_of_a_restriction_and_those_who_know_of_its_end() {
    use super::rights::{carry_out, decided, of_kind};
    let (mut world, given) = named();
    let request = of_kind(&mut world, RequestKind::Restriction);
    decided(&mut world, request, RequestAnswer::Grant, &[]);
    let done = carry_out(&world, request);
    world
        .ask(DPO, done)
        .done(&["RequestCarriedOut", "RecipientNotified"]);
    let about = NoticeAbout::Restriction;
    assert_eq!(informed(&world, about), [(given, NoticeState::Planned)]);
    let lift = Command::LiftRestriction(Lifting {
        case: world.id(),
        request,
        told: PersonTold::NotToldUnsafe,
        channel: None,
    });
    // Who was not told yet is not told any more, of neither.
    let mut untold = world.clone();
    untold.ask(DPO, lift.clone()).done(&["RestrictionLifted"]);
    assert_eq!(informed(&untold, about), []);
    for (by, state, outcome) in [
        (FOCAL, NoticeState::Sent, None),
        (
            PROVIDER,
            NoticeState::Confirmed,
            Some(NoticeOutcome::Restricted),
        ),
    ] {
        let asked = telling(&world, about, given, state, outcome);
        world.ask(by, asked).done(&["RecipientNotified"]);
    }
    world
        .ask(DPO, lift)
        .done(&["RestrictionLifted", "RecipientNotified"]);
    let over = informed(&world, NoticeAbout::Lifting);
    assert_eq!(over, [(given, NoticeState::Planned)]);
}

#[test]
fn e5_while_another_restriction_goes_on_its_notices_stay_planned() {
    use super::rights::{carry_out, decided, of_kind};
    let (mut world, given) = named();
    let mut restrict = |kind| {
        let request = of_kind(&mut world, kind);
        decided(&mut world, request, RequestAnswer::Grant, &[]);
        let done = carry_out(&world, request);
        world.ask(DPO, done).0.expect("restricted");
        request
    };
    let first = restrict(RequestKind::Restriction);
    let second = restrict(RequestKind::Objection);
    let planned = [(given, NoticeState::Planned)];
    for (request, left) in [(first, planned.as_slice()), (second, &[])] {
        let lift = Command::LiftRestriction(Lifting {
            case: world.id(),
            request,
            told: PersonTold::NotToldUnsafe,
            channel: None,
        });
        world.ask(DPO, lift).done(&["RestrictionLifted"]);
        assert_eq!(informed(&world, NoticeAbout::Restriction), left);
    }
}

#[test]
fn e5_who_was_not_told_of_an_end_before_the_next_restriction_hears_of_the_last_end() {
    use super::rights::{carry_out, decided, of_kind};
    let (mut world, given) = named();
    let restrict = |world: &mut World, kind| {
        let request = of_kind(world, kind);
        decided(world, request, RequestAnswer::Grant, &[]);
        (request, carry_out(world, request))
    };
    let lifting = |world: &World, request| {
        Command::LiftRestriction(Lifting {
            case: world.id(),
            request,
            told: PersonTold::NotToldUnsafe,
            channel: None,
        })
    };
    let planned = [(given, NoticeState::Planned)];
    let (first, command) = restrict(&mut world, RequestKind::Restriction);
    world.ask(DPO, command).0.expect("restricted");
    let about = NoticeAbout::Restriction;
    let asked = telling(&world, about, given, NoticeState::Sent, None);
    world.ask(FOCAL, asked).0.expect("told");
    let lift = lifting(&world, first);
    world.ask(DPO, lift).0.expect("lifted");
    assert_eq!(informed(&world, NoticeAbout::Lifting), planned);
    // It restricts still: nobody has to tell it anything until the next one is over, too.
    let (second, command) = restrict(&mut world, RequestKind::Objection);
    world.ask(DPO, command).done(&["RequestCarriedOut"]);
    assert_eq!(informed(&world, NoticeAbout::Lifting), []);
    assert_eq!(informed(&world, about), [(given, NoticeState::Sent)]);
    let lift = lifting(&world, second);
    world
        .ask(DPO, lift)
        .done(&["RestrictionLifted", "RecipientNotified"]);
    assert_eq!(informed(&world, NoticeAbout::Lifting), planned);
}
