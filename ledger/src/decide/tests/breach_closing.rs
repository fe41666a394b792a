//! E8. Telling people of a breach or not, closing it, and looking up whom it could concern.

use super::breach::{
    assess, assessing, every, lost, notify, notifying, some, tell, trace, withhold,
};
use super::*;

#[test]
fn e8_not_telling_people_of_a_high_risk_is_decided_by_the_delegate_on_a_ground() {
    let mut world = World::new();
    let breach = world.assessed(BreachRisk::Risk);
    let refused = world.ask(DELEGATE, withhold(breach)).no();
    assert_eq!(refused, Refused::about(Refusal::BreachState, "not_high"));
    world
        .ask(DPO, assess(breach, BreachRisk::High))
        .done(&["BreachAssessed"]);
    let refused = world.ask(DPO, withhold(breach)).no();
    assert_eq!(refused.refusal, Refusal::NotAllowed);
    world
        .ask(DELEGATE, withhold(breach))
        .done(&["BreachWithheld"]);
    let refused = world.ask(DELEGATE, withhold(breach)).no();
    assert_eq!(refused.refusal, Refusal::NothingToDo);
    // Who could not be told then may be told later.
    world.ask(DPO, tell(breach)).done(&["BreachTold"]);
}

#[test]
fn e8_it_is_closed_once_all_is_done_that_its_risk_asks_for() {
    let close = |breach| Command::CloseBreach { breach };
    let mut world = World::new();
    let breach = world.reported(lost());
    let refused = world.ask(DELEGATE, close(breach)).no();
    assert_eq!(refused, Refused::about(Refusal::BreachState, "reported"));
    let high = world.assessed(BreachRisk::High);
    let refused = world.ask(DELEGATE, close(high)).no();
    assert_eq!(
        refused,
        Refused::about(Refusal::BreachState, "not_notified")
    );
    world
        .ask(DPO, notify(high, NotificationPhase::First))
        .done(&["BreachNotified"]);
    let refused = world.ask(DELEGATE, close(high)).no();
    assert_eq!(
        refused,
        Refused::about(Refusal::BreachState, "not_notified")
    );
    world
        .ask(DPO, notify(high, NotificationPhase::Last))
        .done(&["BreachNotified"]);
    let refused = world.ask(DELEGATE, close(high)).no();
    assert_eq!(refused, Refused::about(Refusal::BreachState, "not_told"));
    world
        .ask(DELEGATE, withhold(high))
        .done(&["BreachWithheld"]);
    world.ask(DELEGATE, close(high)).done(&["BreachClosed"]);
    for command in every(high).into_iter().skip(1).take(5) {
        let action = command.action();
        let command = match command {
            Command::WithholdBreach { breach, .. } => Command::WithholdBreach {
                breach,
                ground: UntoldGround::Unreadable,
            },
            other => other,
        };
        let by = if action == Action::WithholdBreach || action == Action::CloseBreach {
            DELEGATE
        } else {
            DPO
        };
        let refused = world.ask(by, command).no();
        assert_eq!(
            refused,
            Refused::about(Refusal::BreachState, "closed"),
            "{action:?}"
        );
    }
    let unlikely = world.assessed(BreachRisk::Unlikely);
    assert_eq!(world.breaches[&unlikely].due(), None);
    world.ask(DELEGATE, close(unlikely)).done(&["BreachClosed"]);
}

#[test]
fn e8_what_turns_out_worse_is_told_or_decided_anew() {
    let mut worse = assessing(BreachId([0; 16]), BreachRisk::High);
    worse.people = some(1000);
    for answer in [tell, withhold] {
        let mut world = World::new();
        let breach = world.assessed(BreachRisk::High);
        let whole = notify(breach, NotificationPhase::Whole);
        world.ask(DPO, whole).done(&["BreachNotified"]);
        let answered = [answer(breach)].map(|it| (it.action() == Action::TellBreach, it));
        for (told, command) in answered.clone() {
            let by = if told { DPO } else { DELEGATE };
            world.ask(by, command).0.expect("answered");
        }
        let close = Command::CloseBreach { breach };
        // The same once more changes nothing.
        let again = assess(breach, BreachRisk::High);
        world.ask(DPO, again).done(&["BreachAssessed"]);
        world
            .clone()
            .ask(DELEGATE, close.clone())
            .done(&["BreachClosed"]);
        let worse = Command::AssessBreach(AssessingBreach {
            breach,
            ..worse.clone()
        });
        world.ask(DPO, worse).done(&["BreachAssessed"]);
        let refused = world.ask(DELEGATE, close.clone()).no();
        assert_eq!(refused, Refused::about(Refusal::BreachState, "not_told"));
        for (told, command) in answered {
            let by = if told { DPO } else { DELEGATE };
            world.ask(by, command).0.expect("answered anew");
        }
        world.ask(DELEGATE, close).done(&["BreachClosed"]);
    }
}

#[test]
fn e8_each_body_is_notified_by_itself_and_who_answers_for_the_data_is_no_authority() {
    let mut world = World::new();
    let breach = world.assessed(BreachRisk::Risk);
    let to = |to, phase| {
        Command::NotifyBreach(NotifyingBreach {
            to,
            ..notifying(breach, phase)
        })
    };
    let due = world.breaches[&breach].due();
    assert!(due.is_some());
    let whole = NotificationPhase::Whole;
    let controller = to(NotifiedTo::Controller, whole);
    world.ask(DPO, controller).done(&["BreachNotified"]);
    assert_eq!(world.breaches[&breach].due(), due, "the clock goes on");
    let first = to(NotifiedTo::SupervisoryAuthority, NotificationPhase::First);
    world.ask(DPO, first).done(&["BreachNotified"]);
    assert_eq!(world.breaches[&breach].due(), None);
    let close = Command::CloseBreach { breach };
    let refused = world.ask(DELEGATE, close.clone()).no();
    assert_eq!(
        refused,
        Refused::about(Refusal::BreachState, "not_notified")
    );
    let last = to(NotifiedTo::SupervisoryAuthority, NotificationPhase::Last);
    world.ask(DPO, last).done(&["BreachNotified"]);
    world.ask(DELEGATE, close).done(&["BreachClosed"]);
}

#[test]
fn e8_who_assessed_it_never_closes_it() {
    let mut world = World::new();
    let breach = world.assessed(BreachRisk::Unlikely);
    let other = world.staff.get_mut(&SAFE).expect("staff");
    Arc::make_mut(other).roles = [Role::DataProtectionOfficer].into();
    // An earlier assessment counts as well as the last.
    let again = assess(breach, BreachRisk::Unlikely);
    world.ask(SAFE, again).done(&["BreachAssessed"]);
    for caller in [DPO, SAFE] {
        let refused = world.ask(caller, Command::CloseBreach { breach }).no();
        assert_eq!(refused.refusal, Refusal::SecondPersonRequired);
    }
    let close = Command::CloseBreach { breach };
    world.ask(DELEGATE, close).done(&["BreachClosed"]);
}

#[test]
fn e8_looking_up_who_could_be_affected_is_the_officers_and_is_recorded_with_what_was_asked() {
    let mut world = World::new();
    let breach = world.reported(lost());
    for caller in [DELEGATE, AUDITOR] {
        let refused = world.ask(caller, trace(breach)).no();
        assert_eq!(refused.refusal, Refusal::NotAllowed);
    }
    let it = TracingBreach {
        breach,
        recipient: Some(CLINIC),
        service: None,
        staff: Some(FRONT),
        from: Some(Timestamp(1)),
        until: Some(Timestamp(2)),
    };
    let asked = Command::TraceBreach(it.clone());
    let done = world.ask(DPO, asked).done(&["BreachTraced"]);
    let Event::BreachTraced(traced) = &done.records[0].event else {
        panic!("another event")
    };
    assert_eq!(
        (traced.recipient, traced.staff),
        (Some(CLINIC), Some(FRONT))
    );
    let turned = Command::TraceBreach(TracingBreach {
        until: Some(Timestamp(1)),
        ..it
    });
    let refused = world.ask(DPO, turned).no();
    assert_eq!(refused, Refused::about(Refusal::Malformed, "until"));
}
