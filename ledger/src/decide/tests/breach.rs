//! E8. Breaches of data: who reports, who knows, the clock of 72 hours, and what closing asks for.

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

const HOUR_MS: u64 = 60 * 60 * 1000;

impl World {
    pub(super) fn fold_breach(&mut self, id: BreachId, record: &mut Record) {
        record.version = self.breaches.get(&id).map_or(0, |one| one.version) + 1;
        if let Some(breach) = self.breaches.get_mut(&id) {
            Arc::make_mut(breach).apply(record);
        } else {
            let breach = Breach::reported(record).expect("it begins reported");
            self.breaches.insert(id, Arc::new(breach));
        }
    }

    pub(super) fn reported(&mut self, it: ReportingBreach) -> BreachId {
        let done = self.ask(FRONT, Command::ReportBreach(it));
        match &done.done(&["BreachReported"]).records[0].event {
            Event::BreachReported(it) => it.breach,
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn assessed(&mut self, risk: BreachRisk) -> BreachId {
        let breach = self.reported(lost());
        self.ask(DPO, assess(breach, risk))
            .done(&["BreachAssessed"]);
        breach
    }
}

pub(super) fn lost() -> ReportingBreach {
    ReportingBreach {
        organisation: None,
        kind: BreachKind::DeviceLost,
        suspected: None,
        happened_from: None,
        happened_until: None,
        suspected_at: None,
        known_at: None,
        words: None,
    }
}

pub(super) fn through(staff: StaffId) -> ReportingBreach {
    ReportingBreach {
        suspected: Some(Against::Staff(staff)),
        ..lost()
    }
}

pub(super) fn some(at_least: u32) -> Counted {
    Counted {
        at_least,
        at_most: None,
    }
}

pub(super) fn assessing(breach: BreachId, risk: BreachRisk) -> AssessingBreach {
    AssessingBreach {
        breach,
        harms: [BreachHarm::Confidentiality].into(),
        categories: [DataCategory::Contact].into(),
        people: some(3),
        records: some(3),
        consequences: [BreachConsequence::Located].into(),
        measures: [BreachMeasure::AccessTaken].into(),
        risk,
    }
}

pub(super) fn assess(breach: BreachId, risk: BreachRisk) -> Command {
    Command::AssessBreach(assessing(breach, risk))
}

pub(super) fn notifying(breach: BreachId, phase: NotificationPhase) -> NotifyingBreach {
    NotifyingBreach {
        breach,
        to: NotifiedTo::SupervisoryAuthority,
        phase,
        reference: None,
        late: None,
    }
}

pub(super) fn notify(breach: BreachId, phase: NotificationPhase) -> Command {
    Command::NotifyBreach(notifying(breach, phase))
}

pub(super) fn tell(breach: BreachId) -> Command {
    Command::TellBreach(TellingBreach {
        breach,
        how: BreachTelling::Each,
        people: some(2),
    })
}

pub(super) fn withhold(breach: BreachId) -> Command {
    let ground = UntoldGround::UnsafeToTell;
    Command::WithholdBreach { breach, ground }
}

pub(super) fn trace(breach: BreachId) -> Command {
    Command::TraceBreach(TracingBreach {
        breach,
        recipient: None,
        service: None,
        staff: None,
        from: None,
        until: None,
    })
}

pub(super) fn every(breach: BreachId) -> [Command; 7] {
    [
        Command::ViewBreach { breach },
        assess(breach, BreachRisk::High),
        notify(breach, NotificationPhase::Whole),
        tell(breach),
        withhold(breach),
        Command::CloseBreach { breach },
        trace(breach),
    ]
}

impl Outcome {
    /// Why it was refused.
    pub(super) fn no(self) -> Refused {
        self.0.err().expect("refused")
    }
}

pub(super) fn not_found() -> Refused {
    Refused::about(Refusal::NotFound, "breach")
}

#[test]
fn e8_everybody_who_works_here_reports_with_next_to_nothing() {
    for caller in EVERYBODY {
        let mut world = World::new();
        let asked = world.ask(caller, Command::ReportBreach(lost()));
        let done = asked.done(&["BreachReported"]);
        let Event::BreachReported(it) = &done.records[0].event else {
            panic!("another event")
        };
        assert_eq!(it.known_at, world.now);
        let organisation = world.staff[&caller].organisation;
        assert_eq!(it.organisation, organisation, "their own looks into it");
    }
}

#[test]
fn e8_a_partner_reports_what_it_did_with_anothers_data_to_who_answers_for_them() {
    let mut world = World::new();
    let it = ReportingBreach {
        organisation: Some(HOME),
        ..lost()
    };
    let asked = world.ask(PROVIDER, Command::ReportBreach(it));
    asked.done(&["BreachReported"]);
    let breach = *world.breaches.keys().next().expect("one");
    let asked = assess(breach, BreachRisk::Risk);
    world.ask(DPO, asked).done(&["BreachAssessed"]);
}

#[test]
fn e8_a_breach_does_not_exist_but_for_who_works_on_it_and_who_audits() {
    let mut world = World::new();
    let it = ReportingBreach {
        words: Some(text("the blue bag")),
        ..lost()
    };
    let breach = world.reported(it);
    for caller in EVERYBODY {
        let told = [DPO, DELEGATE, AUDITOR].contains(&caller);
        for command in every(breach) {
            let action = command.action();
            match world.clone().ask(caller, command).0 {
                Ok(_) => assert!([DPO, DELEGATE].contains(&caller), "{caller} {action:?}"),
                Err(refused) => {
                    let hidden = refused == not_found();
                    assert_eq!(hidden, !told, "{caller} {action:?} {refused:?}");
                }
            }
        }
        let knows = world.breaches[&breach].may_be_read_by(&world.staff[&caller]);
        assert_eq!(knows, told);
    }
}

#[test]
fn e8_auditors_read_that_it_is_there_and_open_nothing_of_it() {
    let mut world = World::new();
    let breach = world.reported(lost());
    for command in every(breach) {
        let action = command.action();
        let refused = world.ask(AUDITOR, command).no();
        assert_eq!(refused.refusal, Refusal::NotAllowed, "{action:?}");
    }
}

#[test]
fn e8_through_whom_it_is_suspected_never_knows_of_it_whatever_their_roles() {
    for accused in [DPO, DELEGATE, AUDITOR] {
        let mut world = World::new();
        let breach = world.reported(through(accused));
        let staff = world.staff.get_mut(&accused).expect("staff");
        Arc::make_mut(staff).roles.extend(Role::ALL);
        for command in every(breach) {
            assert_eq!(world.ask(accused, command).no(), not_found());
        }
    }
}

#[test]
fn e8_about_the_officer_another_officer_decides() {
    let mut world = World::new();
    let breach = world.reported(through(DPO));
    let officer = [Role::DataProtectionOfficer].into();
    let assessors = |world: &World| {
        let breach = &world.breaches[&breach];
        let able =
            |one: &&Arc<Staff>| breach.may_be_assessed_by(one.id, one.organisation, &one.roles);
        world
            .staff
            .values()
            .filter(able)
            .map(|one| one.id)
            .collect()
    };
    let nobody: Vec<StaffId> = assessors(&world);
    assert!(nobody.is_empty());
    let other = world.staff.get_mut(&SAFE).expect("staff");
    Arc::make_mut(other).roles = officer;
    assert_eq!(assessors(&world), [SAFE]);
    let asked = assess(breach, BreachRisk::Unlikely);
    world.ask(SAFE, asked).done(&["BreachAssessed"]);
}

#[test]
fn e8_words_about_it_are_a_personal_part_and_opening_them_is_recorded() {
    let mut world = World::new();
    let words = Some(text("on the bus"));
    let it = ReportingBreach { words, ..lost() };
    let done = world.ask(FRONT, Command::ReportBreach(it));
    assert_eq!(done.done(&["BreachReported"]).personal, [1]);
    let breach = *world.breaches.keys().next().expect("one");
    let view = Command::ViewBreach { breach };
    world.ask(DPO, view).done(&["BreachSeen"]);
    let without = world.reported(lost());
    let view = Command::ViewBreach { breach: without };
    assert_eq!(world.ask(DPO, view).no().refusal, Refusal::NothingToDo);
}

#[test]
fn e8_nothing_happened_or_was_known_in_the_future_or_out_of_turn() {
    let world = World::new();
    let (now, later) = (world.now, Timestamp(world.now.0 + 1));
    let before = Timestamp(now.0 - HOUR_MS);
    let wrong = [
        (
            "known_at",
            ReportingBreach {
                known_at: Some(later),
                ..lost()
            },
        ),
        (
            "suspected_at",
            ReportingBreach {
                suspected_at: Some(later),
                ..lost()
            },
        ),
        (
            "happened_from",
            ReportingBreach {
                happened_from: Some(later),
                ..lost()
            },
        ),
        (
            "happened_until",
            ReportingBreach {
                happened_until: Some(later),
                ..lost()
            },
        ),
        (
            "suspected_at",
            ReportingBreach {
                suspected_at: Some(now),
                known_at: Some(before),
                ..lost()
            },
        ),
        (
            "happened_until",
            ReportingBreach {
                happened_from: Some(now),
                happened_until: Some(before),
                ..lost()
            },
        ),
    ];
    for (field, it) in wrong {
        let refused = world.clone().ask(FRONT, Command::ReportBreach(it)).no();
        assert_eq!(refused, Refused::about(Refusal::TimeInvalid, field));
    }
}

#[test]
fn e8_the_authority_is_notified_within_72_hours_whatever_the_calendar_does() {
    // A leap day, the ends of daylight saving in Europe (29 March and 25 October 2026), new year.
    for known in [
        1_835_308_800_000, // 2028-02-28
        1_774_656_000_000, // 2026-03-28
        1_792_800_000_000, // 2026-10-24
        1_798_675_200_000, // 2026-12-31
    ] {
        let by = notify_by(Timestamp(known));
        assert_eq!(by.0 - known, 72 * HOUR_MS);
    }
}

#[test]
fn e8_what_is_late_says_why_and_nothing_else_does() {
    let mut world = World::new();
    let breach = world.reported(lost());
    assert_eq!(world.breaches[&breach].due(), Some(notify_by(world.now)));
    let late = Some(LateReason::StillLookedInto);
    let early = NotifyingBreach {
        late,
        ..notifying(breach, NotificationPhase::First)
    };
    let refused = world
        .clone()
        .ask(DPO, Command::NotifyBreach(early.clone()))
        .no();
    assert_eq!(refused, Refused::about(Refusal::BreachState, "in_time"));
    let mut in_time = world.clone();
    in_time.now = notify_by(world.now);
    let asked = notify(breach, NotificationPhase::First);
    in_time.ask(DPO, asked.clone()).done(&["BreachNotified"]);
    world.now = Timestamp(notify_by(world.now).0 + 1);
    let refused = world.ask(DPO, asked).no();
    assert_eq!(refused, Refused::about(Refusal::BreachState, "late"));
    let asked = Command::NotifyBreach(early);
    world.ask(DPO, asked).done(&["BreachNotified"]);
    assert_eq!(world.breaches[&breach].due(), None);
    // What follows in parts is not late (Art. 33(4)).
    let rest = notify(breach, NotificationPhase::Last);
    world.ask(DPO, rest).done(&["BreachNotified"]);
}

#[test]
fn e8_a_notification_comes_whole_or_in_parts_in_their_order() {
    use NotificationPhase::{First, Further, Last, Whole};
    for (before, after, legal) in [
        (vec![], Whole, true),
        (vec![], First, true),
        (vec![], Further, false),
        (vec![], Last, false),
        (vec![Whole], Whole, false),
        (vec![Whole], Further, true),
        (vec![First], First, false),
        (vec![First], Whole, false),
        (vec![First], Further, true),
        (vec![First, Further], Last, true),
        (vec![First, Last], Further, true),
        (vec![First, Last], Last, false),
    ] {
        let mut world = World::new();
        let breach = world.reported(lost());
        for phase in &before {
            world
                .ask(DPO, notify(breach, *phase))
                .done(&["BreachNotified"]);
        }
        let asked = world.ask(DPO, notify(breach, after));
        if legal {
            asked.done(&["BreachNotified"]);
        } else {
            let phase = Refused::about(Refusal::BreachState, "phase");
            assert_eq!(asked.no(), phase, "{before:?} {after:?}");
        }
    }
}

#[test]
fn e8_nobody_is_notified_before_it_was_known_or_in_the_future() {
    let mut world = World::new();
    let breach = world.reported(lost());
    for at in [world.now.0 - 1, world.now.0 + 1] {
        for command in [notify(breach, NotificationPhase::Whole), tell(breach)] {
            let asked = world.ask_as(Caller::Staff(DPO), None, Some(Timestamp(at)), command);
            assert_eq!(asked.no(), Refused::about(Refusal::TimeInvalid, "occurred"));
        }
    }
}

#[test]
fn e8_counts_that_cannot_be_and_references_that_could_name_somebody_are_refused() {
    let mut world = World::new();
    let breach = world.reported(lost());
    let absurd = Counted {
        at_least: 5,
        at_most: Some(4),
    };
    let good = assessing(breach, BreachRisk::Risk);
    for (field, it) in [
        (
            "people",
            AssessingBreach {
                people: absurd,
                ..good.clone()
            },
        ),
        (
            "records",
            AssessingBreach {
                records: absurd,
                ..good.clone()
            },
        ),
        (
            "harms",
            AssessingBreach {
                harms: BTreeSet::new(),
                ..good
            },
        ),
    ] {
        let refused = world.ask(DPO, Command::AssessBreach(it)).no();
        assert_eq!(refused, Refused::about(Refusal::Malformed, field));
    }
    for reference in ["Mary Smith", "about mary 1", "", "AB", &"1".repeat(41)] {
        let reference = Some(PublicText(reference.to_owned()));
        let it = NotifyingBreach {
            reference,
            ..notifying(breach, NotificationPhase::Whole)
        };
        let refused = world.ask(DPO, Command::NotifyBreach(it)).no();
        assert_eq!(refused, Refused::about(Refusal::Malformed, "reference"));
    }
    let reference = Some(PublicText("DPA-2026/114".to_owned()));
    let it = NotifyingBreach {
        reference,
        ..notifying(breach, NotificationPhase::Whole)
    };
    let asked = Command::NotifyBreach(it);
    world.ask(DPO, asked).done(&["BreachNotified"]);
}
