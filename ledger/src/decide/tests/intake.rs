//! A. Link, referral, and what is not kept.

use super::*;
use crate::domain::event::Actor;

fn opening() -> (AgeGroup, ConsentTaken) {
    (AgeGroup::Adult, taken(Capacity::Own))
}

fn open(identity: Option<Identity>, age_group: AgeGroup, consent: Option<ConsentTaken>) -> Command {
    Command::OpenCase {
        categories: if consent.is_some() {
            [DataCategory::Identity].into()
        } else {
            BTreeSet::new()
        },
        identity,
        age_group,
        sensitivity: Sensitivity::Standard,
        consent,
    }
}

#[test]
fn a1_a2_a5_links_refusals_and_gaps_are_counted_with_a_day_and_without_an_actor() {
    let commands = [
        Command::GiveLink {
            services: vec![HEALTH],
        },
        Command::RefuseRecord { reason: None },
        Command::NoteUnmetNeed {
            unmet: NeedUnmet {
                need: Need::Shelter,
                area: None,
                age_group: None,
            },
        },
    ];
    for command in commands {
        let mut world = World::new();
        let done = world.ask(FRONT, command).0.expect("anybody may count");
        assert_eq!(done.personal, [0]);
        let record = &done.records[0];
        assert_eq!(record.stream, StreamId::Ledger);
        assert_eq!(record.actor, Actor::Nobody);
        assert_eq!(record.recorded, Recorded::On(START.day()));
        assert_eq!(record.occurred, None);
    }
}

#[test]
fn a2_the_claimed_time_of_a_count_is_kept_as_a_day() {
    let mut world = World::new();
    let command = Command::RefuseRecord { reason: None };
    let yesterday = Timestamp(START.0 - DAY_MS);
    let caller = Caller::Staff(FRONT);
    let outcome = world.ask_as(caller, None, Some(yesterday), command.clone());
    let done = outcome.done(&["RecordRefused"]);
    assert_eq!(done.records[0].occurred, Some(yesterday.day().start()));
    let today = Timestamp(START.0 - 60_000);
    let done = world.ask_as(caller, None, Some(today), command).0;
    assert_eq!(done.expect("counted").records[0].occurred, None);
}

#[test]
fn a2_consent_to_the_record_stands_in_the_log_before_the_name_it_allows() {
    let mut world = World::new();
    let (age_group, consent) = opening();
    let command = open(Some(identity("Invented")), age_group, Some(consent));
    let outcome = world.ask(FRONT, command);
    let done = outcome.done(&["CaseOpened", "ConsentGiven", "PersonAdded", "StaffAssigned"]);
    assert_eq!(done.personal, [0, 1, 1, 0]);
    let state = world.state();
    assert!(state.record_ground(state.client, world.now).is_some());
    assert_eq!(state.assigned, [FRONT].into());
    let of: Vec<_> = state.leaves.keys().map(|of| of.category).collect();
    assert_eq!(of, [None, Some(DataCategory::Identity)]);
}

#[test]
fn e3_each_detail_of_a_person_is_sealed_by_itself_under_its_category() {
    let mut world = World::new();
    let (age_group, consent) = opening();
    let mut who = identity("Invented");
    let details = [DataCategory::Contact, DataCategory::Age];
    let details = details.map(|category| (category, text("said")));
    who.details = details.into();
    let command = Command::OpenCase {
        identity: Some(who),
        age_group,
        sensitivity: Sensitivity::Standard,
        consent: Some(consent),
        categories: all_categories(),
    };
    let done = world.ask(FRONT, command);
    let done = done.done(&["CaseOpened", "ConsentGiven", "PersonAdded", "StaffAssigned"]);
    assert_eq!(done.personal, [0, 1, 3, 0]);
    let state = world.state();
    let of = state.leaves.keys().filter_map(|of| of.category);
    let expected = [
        DataCategory::Identity,
        DataCategory::Contact,
        DataCategory::Age,
    ];
    assert!(of.eq(expected));
}

#[test]
fn a2_a_name_is_written_only_where_the_person_let_it_be() {
    let mut world = World::new();
    let (age_group, consent) = opening();
    let command = Command::OpenCase {
        identity: Some(identity("Invented")),
        age_group,
        sensitivity: Sensitivity::Standard,
        consent: Some(consent),
        categories: [DataCategory::Needs].into(),
    };
    let asked = world.ask(FRONT, command);
    asked.refused_about(Refusal::CategoryNotCovered, "identity");
}

#[test]
fn a2_a_name_without_consent_to_record_it_is_refused() {
    let mut world = World::new();
    let command = open(Some(identity("Invented")), AgeGroup::Adult, None);
    world
        .ask(FRONT, command)
        .refused(Refusal::RecordConsentMissing);
}

#[test]
fn a2_details_outside_the_categories_that_may_be_recorded_are_refused() {
    let mut world = World::new();
    let mut who = identity("Invented");
    who.details.insert(DataCategory::Age, text("about 30"));
    let command = open(Some(who), AgeGroup::Adult, Some(taken(Capacity::Own)));
    world
        .ask(FRONT, command)
        .refused_about(Refusal::CategoryNotCovered, "age");
}

#[test]
fn a4_a_person_may_be_recorded_under_the_code_alone() {
    let mut world = World::new();
    let command = open(None, AgeGroup::Adult, Some(taken(Capacity::Own)));
    let names = ["CaseOpened", "ConsentGiven", "StaffAssigned"];
    world.ask(FRONT, command).done(&names);
}

#[test]
fn a6_a_case_without_documentation_holds_nothing_personal_and_can_be_attested() {
    let mut world = World::undocumented();
    assert!(world.state().leaves.is_empty());
    let attest = |agreed| Command::AttestReferral {
        case: world.id(),
        service: HEALTH,
        agreed,
        urgency: Urgency::Routine,
    };
    let (yes, no) = (attest(true), attest(false));
    world.ask(FRONT, yes).done(&["ReferralAttested"]);
    world.ask(FRONT, no).refused(Refusal::ConsentMissing);
}

#[test]
fn a6_nothing_personal_is_written_where_documentation_was_refused() {
    let mut world = World::undocumented();
    let person = Command::AddPerson {
        case: world.id(),
        role: PersonRole::Caregiver,
        relationship_checked: true,
        identity: identity("Somebody"),
        consent: taken(Capacity::Own),
    };
    let given = world.giving(
        Some(world.client()),
        Capacity::Own,
        scope(CLINIC, &[DataCategory::Needs]),
    );
    let draft = world.drafting(HEALTH, &[DataCategory::Needs]);
    for command in [person, given, draft] {
        world
            .ask(FRONT, command)
            .refused(Refusal::DocumentationRefused);
    }
}

#[test]
fn a6_an_attestation_does_not_take_the_place_of_consent_where_a_record_is_kept() {
    let mut world = World::adult();
    let command = Command::AttestReferral {
        case: world.id(),
        service: HEALTH,
        agreed: true,
        urgency: Urgency::Routine,
    };
    world.ask(FRONT, command).refused(Refusal::ConsentMissing);
}

#[test]
fn b3_b4_a_case_opens_on_the_persons_own_word() {
    use AgeGroup::*;
    use Capacity::*;
    let fine = [
        (Adult, Own),
        (Minor, Own),
        (Minor, Assent),
        (Unknown, Own),
        (Unknown, Assent),
    ];
    for age_group in AgeGroup::ALL.iter().copied() {
        for capacity in Capacity::ALL.iter().copied() {
            let mut world = World::new();
            let command = open(None, age_group, Some(taken(capacity)));
            let outcome = world.ask(FRONT, command);
            if fine.contains(&(age_group, capacity)) {
                outcome.0.map(|_| ()).expect("own word");
            } else if age_group == Adult {
                outcome.refused_about(Refusal::SubstitutionNotAllowed, capacity.code());
            } else {
                outcome.refused_about(Refusal::CapacityInvalid, capacity.code());
            }
        }
    }
}

#[test]
fn b2_a_case_does_not_open_before_rights_and_limits_are_explained() {
    for missing in [
        Explained::Options,
        Explained::ConfidentialityLimits,
        Explained::RightToRefuse,
        Explained::RightToWithdraw,
        Explained::Risks,
    ] {
        let mut world = World::new();
        let mut consent = taken(Capacity::Own);
        consent.explained.remove(&missing);
        let command = open(None, AgeGroup::Adult, Some(consent));
        world
            .ask(FRONT, command)
            .refused_about(Refusal::ExplanationIncomplete, missing.code());
    }
}

#[test]
fn b8_another_person_rests_on_a_leaf_and_consent_of_their_own() {
    let mut world = World::minor();
    let caregiver = world.add(PersonRole::Caregiver, true);
    let state = world.state();
    let ground = state
        .record_ground(caregiver, world.now)
        .expect("their own");
    let of = LeafOf {
        person: caregiver,
        ground,
        category: None,
    };
    let key = state.leaves[&of];
    let others = state.leaves.iter().filter(|(_, one)| **one == key);
    assert_eq!(others.count(), 1);
}

#[test]
fn b8_nobody_is_added_as_a_second_client_or_on_somebody_elses_consent() {
    let mut world = World::minor();
    let add = |role, capacity| Command::AddPerson {
        case: world.id(),
        role,
        relationship_checked: false,
        identity: identity("Somebody"),
        consent: taken(capacity),
    };
    let client = add(PersonRole::Client, Capacity::Own);
    let spoken_for = add(PersonRole::Interpreter, Capacity::Guardian);
    world.ask(FRONT, client).refused(Refusal::AlreadyExists);
    world
        .ask(FRONT, spoken_for)
        .refused(Refusal::SubstitutionNotAllowed);
}
