//! C6. Feedback and complaints: who takes them down, who reads them, and who never does.

use super::*;

const EVERYBODY: [StaffId; 13] = [
    FRONT,
    FRONT_TWO,
    FOCAL,
    CHILD,
    PROVIDER,
    DPO,
    AUDITOR,
    COORDINATOR,
    ADMIN,
    STRANGER,
    DELEGATE,
    SAFE,
    SAFE_TWO,
];

impl World {
    pub(super) fn fold_complaint(&mut self, id: ComplaintId, record: &mut Record) {
        record.version = self.complaints.get(&id).map_or(0, |one| one.version) + 1;
        if let Some(complaint) = self.complaints.get_mut(&id) {
            Arc::make_mut(complaint).apply(record);
        } else {
            let complaint = Complaint::received(record).expect("it begins received");
            self.complaints.insert(id, Arc::new(complaint));
        }
    }
}

fn complaining(kind: ComplaintKind, against: Option<Against>) -> Complaining {
    Complaining {
        kind,
        against,
        anonymous: false,
        words: text("what happened"),
        contact: Some(text("through a friend")),
    }
}

fn recorded(world: &mut World, it: Complaining) -> ComplaintId {
    let command = Command::RecordComplaint(it);
    let done = world.ask(FRONT, command).done(&["ComplaintReceived"]);
    assert_eq!(done.personal, [1], "the words are a personal part");
    match &done.records[0].event {
        Event::ComplaintReceived(it) => it.complaint,
        other => panic!("{other:?}"),
    }
}

fn view(complaint: ComplaintId) -> Command {
    Command::ViewComplaint { complaint }
}

fn acknowledge(complaint: ComplaintId, told: PersonTold) -> Command {
    Command::AcknowledgeComplaint { complaint, told }
}

fn answer(complaint: ComplaintId, told: PersonTold) -> Command {
    Command::AnswerComplaint(AnsweringComplaint {
        complaint,
        outcome: ComplaintOutcome::UpheldInPart,
        told,
        note: Some(text("what was found")),
    })
}

/// Who opens it; to everybody else it does not exist.
fn readers(world: &World, complaint: ComplaintId) -> Vec<StaffId> {
    let mut readers = Vec::new();
    for caller in EVERYBODY {
        let mut world = world.clone();
        match world.ask(caller, view(complaint)).0 {
            Ok(_) => readers.push(caller),
            Err(refused) => {
                assert_eq!(refused, Refused::about(Refusal::NotFound, "complaint"));
            }
        }
    }
    readers
}

#[test]
fn c6_a_complaint_is_read_by_who_handles_it_and_does_not_exist_for_anybody_else() {
    let mut world = World::new();
    let ordinary = complaining(ComplaintKind::Conduct, Some(Against::Staff(FRONT)));
    let ordinary = recorded(&mut world, ordinary);
    assert_eq!(readers(&world, ordinary), [COORDINATOR, SAFE, SAFE_TWO]);
}

#[test]
fn c6_about_exploitation_and_abuse_only_the_named_role_knows() {
    for kind in ComplaintKind::ALL.iter().copied() {
        let mut world = World::new();
        let complaint = recorded(&mut world, complaining(kind, None));
        let coordinator = readers(&world, complaint).contains(&COORDINATOR);
        assert_eq!(coordinator, !kind.is_serious(), "{kind}");
    }
    assert!(ComplaintKind::ExploitationOrAbuse.is_serious());
    assert!(ComplaintKind::AskedInExchange.is_serious());
}

#[test]
fn c6_who_a_complaint_is_about_never_reads_nor_answers_it() {
    for (kind, accused, left) in [
        (ComplaintKind::Conduct, COORDINATOR, vec![SAFE, SAFE_TWO]),
        (ComplaintKind::Conduct, SAFE, vec![COORDINATOR, SAFE_TWO]),
        (ComplaintKind::ExploitationOrAbuse, SAFE, vec![SAFE_TWO]),
    ] {
        let mut world = World::new();
        let complaint = complaining(kind, Some(Against::Staff(accused)));
        let complaint = recorded(&mut world, complaint);
        assert_eq!(readers(&world, complaint), left);
        for command in [
            acknowledge(complaint, PersonTold::Told),
            answer(complaint, PersonTold::Told),
        ] {
            let refused = world.ask(accused, command);
            refused.refused_about(Refusal::NotFound, "complaint");
        }
    }
}

#[test]
fn c6_how_often_something_happened_to_complaints_is_told_by_no_count() {
    let kept = |name: &&&str| {
        let about = ["Complaint", "Breach"].map(|about| name.starts_with(about));
        about.contains(&true) || ["WordsEnded", "EndHeld"].contains(name) || name.ends_with("Seen")
    };
    let names: Vec<_> = Event::NAMES.iter().filter(kept).collect();
    for name in &names {
        assert!(UNCOUNTED.contains(name), "{name}");
    }
    assert_eq!(names.len(), UNCOUNTED.len());
}

#[test]
fn c6_no_table_opens_a_complaint_to_who_must_not_read_it() {
    let mut world = World::new();
    let complaint = complaining(
        ComplaintKind::ExploitationOrAbuse,
        Some(Against::Staff(SAFE)),
    );
    let complaint = recorded(&mut world, complaint);
    let roles: Vec<_> = Role::ALL.iter().map(|role| role.code()).collect();
    let table =
        format!("version = 1\n[[rule]]\nroles = {roles:?}\nactions = [\"ViewComplaint\"]\n");
    world.policy = Policy::parse(&table).expect("a table");
    assert_eq!(readers(&world, complaint), [SAFE_TWO]);
}

#[test]
fn c6_of_an_anonymous_complaint_neither_who_took_it_down_nor_the_hour_is_kept() {
    let mut world = World::new();
    let command = Command::RecordComplaint(Complaining {
        anonymous: true,
        ..complaining(ComplaintKind::Conduct, None)
    });
    let caller = Caller::Staff(FRONT);
    let happened = Some(Timestamp(world.now.0 - 1000));
    let done = world.ask_as(caller, None, happened, command);
    let done = done.done(&["ComplaintReceived"]);
    let record = &done.records[0];
    assert_eq!(record.actor, Actor::Nobody);
    assert_eq!(record.recorded, Recorded::On(world.now.day()));
    assert_eq!(record.occurred, None);
    let Event::ComplaintReceived(received) = &record.event else {
        panic!("{record:?}")
    };
    let from = world.now.day().start();
    let file = &world.rules.organisation;
    assert_eq!(received.answer_by, file.answered_by(from, false));
    assert_ne!(
        file.answered_by(from, false).0 % DAY_MS,
        world.now.0 % DAY_MS
    );
}

#[test]
fn c6_a_complaint_is_acknowledged_and_answered_once_each_and_is_late_by_the_clock() {
    let mut world = World::new();
    let complaint = recorded(&mut world, complaining(ComplaintKind::Quality, None));
    let due = |world: &World| world.complaints[&complaint].due();
    let state = world.complaints[&complaint].clone();
    assert_eq!(due(&world), Some(state.acknowledge_by));
    let told = acknowledge(complaint, PersonTold::Told);
    let names = ["ComplaintAcknowledged"];
    world.ask(COORDINATOR, told.clone()).done(&names);
    assert_eq!(due(&world), Some(state.answer_by));
    let again = world.ask(SAFE, told);
    again.refused_about(Refusal::ComplaintState, "acknowledged");
    let answering = answer(complaint, PersonTold::NotReached);
    let done = world.ask(COORDINATOR, answering.clone());
    let done = done.done(&["ComplaintAnswered"]);
    assert_eq!(done.personal, [1]);
    assert!(done.records[0].leaves.is_empty(), "the same ground and key");
    assert_eq!(due(&world), None);
    let again = world.ask(COORDINATOR, answering);
    again.refused_about(Refusal::ComplaintState, "answered");
}

#[test]
fn c6_nobody_was_told_where_there_is_no_safe_way_to_tell_them() {
    let mut world = World::new();
    let complaint = Complaining {
        contact: None,
        ..complaining(ComplaintKind::Quality, None)
    };
    let complaint = recorded(&mut world, complaint);
    for command in [
        acknowledge(complaint, PersonTold::Told),
        answer(complaint, PersonTold::Told),
    ] {
        let refused = world.ask(COORDINATOR, command);
        refused.refused_about(Refusal::ComplaintState, "no_contact");
    }
    let unsafe_to = acknowledge(complaint, PersonTold::NotToldUnsafe);
    world
        .ask(COORDINATOR, unsafe_to)
        .done(&["ComplaintAcknowledged"]);
}

#[test]
fn c6_a_complaint_survives_a_withdrawal() {
    let mut world = World::adult();
    let complaint = recorded(&mut world, complaining(ComplaintKind::Quality, None));
    let Command::WithdrawConsent {
        case,
        person,
        consent,
        part,
        ..
    } = world.withdrawing(None)
    else {
        panic!("a withdrawal")
    };
    let at_once = Command::WithdrawConsent {
        case,
        person,
        consent,
        part,
        shred: ShredWish::AtOnce,
    };
    let done = world.ask(FRONT, at_once).0.expect("withdrawn");
    let words = world.complaints[&complaint].leaves.values().next();
    let words = words.expect("a leaf of its own");
    assert!(!done.shred.contains(words) && !done.fence.contains(words));
    world
        .ask(COORDINATOR, view(complaint))
        .done(&["ComplaintSeen"]);
}

#[test]
fn c6_whom_it_is_about_must_be_known_here() {
    let mut world = World::new();
    for (against, what) in [
        (Against::Staff(StaffId([99; 16])), "staff"),
        (Against::Service(ServiceId([99; 16])), "service"),
        // Whoever need not know of a shelter is not told that there is one.
        (Against::Service(SHELTER), "service"),
    ] {
        let it = complaining(ComplaintKind::Quality, Some(against));
        let refused = world.ask(FRONT, Command::RecordComplaint(it));
        refused.refused_about(Refusal::NotFound, what);
    }
    for caller in [AUDITOR, ADMIN, DELEGATE] {
        let it = complaining(ComplaintKind::Quality, None);
        let refused = world.ask(caller, Command::RecordComplaint(it));
        refused.refused(Refusal::NotAllowed);
    }
}
