//! D4, D5, D7. Members, agreements, pathways, and what a lapsed agreement stops.

use super::*;
use crate::domain::mechanism::*;

const PAPER: AgreementId = AgreementId([61; 16]);
const WAY: PathwayId = PathwayId([62; 16]);

fn day(offset: i64) -> Day {
    let day = i64::from(START.day().0) + offset;
    Day(u32::try_from(day).expect("a day"))
}

fn membership() -> Membership {
    let words = |text: &str| PublicText(text.to_owned());
    Membership {
        name: words("Invented clinic"),
        roles: [MechanismRole::Serves].into(),
        since: day(-100),
        until: None,
        focal_point: words("Intake desk"),
        focal_contact: words("555 0100"),
        conduct_signed: Some(day(-100)),
        procedures: words("SOP 3"),
    }
}

fn member(membership: Membership) -> Command {
    Command::RecordMember(RecordingMember {
        member: CLINIC,
        membership,
    })
}

fn terms(ends: Option<Day>) -> Agreement {
    Agreement {
        kind: AgreementKind::DataSharing,
        parties: [HOME].into(),
        categories: BTreeSet::new(),
        services: BTreeSet::new(),
        starts: day(-50),
        ends,
        reference: PublicText(String::new()),
    }
}

fn agree(terms: Agreement) -> Command {
    Command::RecordAgreement(RecordingAgreement {
        member: CLINIC,
        agreement: PAPER,
        terms,
    })
}

#[test]
fn d7_a_member_is_recorded_with_its_roles_its_days_and_what_it_signed() {
    let mut world = World::new();
    let backwards = Membership {
        until: Some(day(-101)),
        ..membership()
    };
    world
        .ask(COORDINATOR, member(backwards))
        .refused_about(Refusal::TimeInvalid, "until");
    let promised = Membership {
        conduct_signed: Some(day(1)),
        ..membership()
    };
    world
        .ask(COORDINATOR, member(promised))
        .refused_about(Refusal::TimeInvalid, "conduct_signed");
    let idle = Membership {
        roles: BTreeSet::new(),
        ..membership()
    };
    world
        .ask(COORDINATOR, member(idle))
        .refused_about(Refusal::ItemsInvalid, "roles");
    world
        .ask(FOCAL, member(membership()))
        .refused(Refusal::NotAllowed);
    world
        .ask(COORDINATOR, member(membership()))
        .done(&["MemberRecorded"]);
    world
        .ask(COORDINATOR, member(membership()))
        .refused(Refusal::NothingToDo);
    let leaves = Membership {
        until: Some(day(30)),
        ..membership()
    };
    world
        .ask(COORDINATOR, member(leaves.clone()))
        .done(&["MemberRecorded"]);
    assert_eq!(world.members[&CLINIC].membership, leaves);
}

#[test]
fn d4_an_agreement_is_with_a_member_between_two_and_not_backwards() {
    let mut world = World::new();
    world
        .ask(COORDINATOR, agree(terms(None)))
        .refused_about(Refusal::NotFound, "member");
    world
        .ask(COORDINATOR, member(membership()))
        .done(&["MemberRecorded"]);
    world
        .ask(COORDINATOR, agree(terms(Some(day(-51)))))
        .refused_about(Refusal::TimeInvalid, "ends");
    let alone = Agreement {
        parties: [CLINIC].into(),
        ..terms(None)
    };
    let provider = world.staff.get_mut(&PROVIDER).expect("staff");
    Arc::make_mut(provider).roles.insert(Role::Coordinator);
    world
        .ask(PROVIDER, agree(alone))
        .refused_about(Refusal::ItemsInvalid, "parties");
    world
        .ask(COORDINATOR, agree(terms(None)))
        .done(&["AgreementRecorded"]);
    world
        .ask(COORDINATOR, agree(terms(None)))
        .refused(Refusal::NothingToDo);
}

#[test]
fn d4_where_an_agreement_is_wanted_nothing_is_sent_without_one_that_covers_it() {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[DataCategory::Needs]));
    let referral = world.reviewed(&[DataCategory::Needs]);
    let sending = world.sending(referral);
    let send = || sending.clone();
    // Nobody asked for one: a referral goes without.
    let mut free = world.clone();
    free.ask(FOCAL, send()).done(&["ReferralSent"]);

    world.organisation().services.agreement_required = true;
    world.ask(FOCAL, send()).refused(Refusal::AgreementMissing);
    world
        .ask(COORDINATOR, member(membership()))
        .done(&["MemberRecorded"]);
    world.ask(FOCAL, send()).refused(Refusal::AgreementMissing);
    let elsewhere = Agreement {
        parties: [SCHOOL].into(),
        ..terms(None)
    };
    // Of other organisations' agreements nobody here has a say; the member itself has.
    world
        .ask(COORDINATOR, agree(elsewhere.clone()))
        .refused(Refusal::NotAllowed);
    let provider = world.staff.get_mut(&PROVIDER).expect("staff");
    Arc::make_mut(provider).roles.insert(Role::Coordinator);
    world
        .ask(PROVIDER, agree(elsewhere))
        .done(&["AgreementRecorded"]);
    world.ask(FOCAL, send()).refused(Refusal::AgreementMissing);
    let over = agree(terms(None));
    world.ask(COORDINATOR, over).refused(Refusal::NotAllowed);
    let withdrawn = Agreement {
        parties: [SCHOOL, HOME].into(),
        kind: AgreementKind::Memorandum,
        ..terms(None)
    };
    world
        .ask(PROVIDER, agree(withdrawn))
        .done(&["AgreementRecorded"]);
    let other_kind = Agreement {
        kind: AgreementKind::Memorandum,
        ..terms(None)
    };
    let other_service = Agreement {
        services: [UNASSESSED].into(),
        ..terms(None)
    };
    let other_data = Agreement {
        categories: [DataCategory::Employment].into(),
        ..terms(None)
    };
    let later = Agreement {
        starts: day(1),
        ..terms(None)
    };
    for not_covering in [other_kind, other_service, other_data, later] {
        world
            .ask(COORDINATOR, agree(not_covering))
            .done(&["AgreementRecorded"]);
        world.ask(FOCAL, send()).refused(Refusal::AgreementMissing);
    }
    // One that lapsed: refused with the day.
    world
        .ask(COORDINATOR, agree(terms(Some(day(-1)))))
        .done(&["AgreementRecorded"]);
    let lapsed = day(-1).start().to_rfc3339();
    world
        .ask(FOCAL, send())
        .refused_about(Refusal::AgreementMissing, &lapsed[..10]);
    // Its last day is a day on which it holds.
    world
        .ask(COORDINATOR, agree(terms(Some(day(0)))))
        .done(&["AgreementRecorded"]);
    world.ask(FOCAL, send()).done(&["ReferralSent"]);
}

fn step(service: ServiceId) -> PathwayStep {
    PathwayStep {
        services: vec![service],
        within_hours: Some(72),
        ..PathwayStep::default()
    }
}

fn text(language: &str, steps: usize) -> PathwayText {
    PathwayText {
        language: PublicText(language.to_owned()),
        title: PublicText("A way".to_owned()),
        steps: vec![PublicText("A step".to_owned()); steps],
    }
}

fn write(steps: Vec<PathwayStep>, texts: Vec<PathwayText>) -> Command {
    Command::RecordPathway(WritingPathway {
        pathway: WAY,
        plan: PathwayPlan {
            need: Need::Legal,
            area: PublicText(String::new()),
            group: PublicText(String::new()),
            steps,
            texts,
        },
    })
}

#[test]
fn d5_a_pathway_has_words_for_each_step_in_each_language_and_each_change_is_a_version() {
    let mut world = World::new();
    let cases = [
        (write(vec![], vec![text("en", 0)]), "steps"),
        (write(vec![step(HEALTH)], vec![]), "texts"),
        (write(vec![step(HEALTH)], vec![text("en", 2)]), "texts"),
        (
            write(vec![step(HEALTH)], vec![text("en", 1), text("en", 1)]),
            "texts",
        ),
    ];
    for (command, about) in cases {
        world
            .ask(COORDINATOR, command)
            .refused_about(Refusal::ItemsInvalid, about);
    }
    let mut endless = step(HEALTH);
    endless.within_hours = Some(u32::MAX);
    world
        .ask(COORDINATOR, write(vec![endless], vec![text("en", 1)]))
        .refused_about(Refusal::TimeInvalid, "within_hours");
    let nowhere = step(ServiceId([0xee; 16]));
    world
        .ask(COORDINATOR, write(vec![nowhere], vec![text("en", 1)]))
        .refused_about(Refusal::NotFound, "service_ids");
    let retire = || Command::RetirePathway { pathway: WAY };
    world
        .ask(COORDINATOR, retire())
        .refused_about(Refusal::NotFound, "pathway");
    let written = || write(vec![step(HEALTH)], vec![text("en", 1), text("ar", 1)]);
    world.ask(FRONT, written()).refused(Refusal::NotAllowed);
    world.ask(COORDINATOR, written()).done(&["PathwayRecorded"]);
    world
        .ask(COORDINATOR, written())
        .refused(Refusal::NothingToDo);
    world
        .ask(COORDINATOR, write(vec![step(CLASSES)], vec![text("en", 1)]))
        .done(&["PathwayRecorded"]);
    assert_eq!(world.pathways[&WAY].version, 2);
    world.ask(COORDINATOR, retire()).done(&["PathwayRetired"]);
    world
        .ask(COORDINATOR, retire())
        .refused(Refusal::NothingToDo);
    world.ask(COORDINATOR, written()).done(&["PathwayRecorded"]);
    assert_eq!(world.pathways[&WAY].version, 4);
    assert!(!world.pathways[&WAY].retired);
}

#[test]
fn b5_what_an_exception_carries_waits_for_no_agreement() {
    for kind in [ExceptionKind::LegalMandate, ExceptionKind::ImmediateRisk] {
        let mut world = World::minor();
        world.organisation().services.agreement_required = true;
        let exception = world.invoked(kind);
        let decide = world.deciding(exception, true);
        world.ask(FOCAL, decide).0.expect("confirmed");
        let draft = Command::DraftReferral {
            case: world.id(),
            service: HEALTH,
            urgency: Urgency::Urgent,
            ground: Some(GroundId(exception.0)),
            items: items(&[DataCategory::Health]),
            follows: None,
        };
        let referral = world.drafted(draft);
        let review = world.reviewing(referral);
        world.ask(CHILD, review).0.expect("reviewed");
        world.send(referral).done(&["ReferralSent"]);
    }
}
