//! Who may do what: the table, the rules no table can lift, and what is not revealed.

use super::*;
use crate::clock::DAY_MS;
use crate::decide::tests::*;
use crate::domain::codes::*;
use crate::domain::command::{Action, Trained};
use crate::domain::event::ViewTarget;
use crate::domain::ids::*;
use crate::domain::scope::Scope;

const NEEDS: DataCategory = DataCategory::Needs;

/// A world with a referral that the clinic received.
fn sent() -> (World, ReferralId) {
    sent_in(Sensitivity::Standard)
}

fn sent_in(sensitivity: Sensitivity) -> (World, ReferralId) {
    let mut world = World::with_case(AgeGroup::Adult, sensitivity);
    world.consent_to(scope(CLINIC, &[NEEDS]));
    let command = world.drafting(HEALTH, &[NEEDS]);
    let referral = world.drafted(command);
    let command = world.reviewing(referral);
    world.ask(CHILD, command).done(&["ReferralReviewed"]);
    let command = world.sending(referral);
    world.ask(CHILD, command).done(&["ReferralSent"]);
    (world, referral)
}

fn view(world: &World, target: ViewTarget, purpose: ViewPurpose) -> Command {
    Command::ViewPersonalData {
        case: world.id(),
        target,
        purpose,
    }
}

fn everybody(world: &mut World, roles: &[Role]) {
    for staff in world.staff.values_mut() {
        std::sync::Arc::make_mut(staff).roles.extend(roles);
    }
}

/// Opens every action and reading to every role, without conditions.
fn open_table() -> Policy {
    let quoted = |words: Vec<&str>| format!("{words:?}");
    let actions = Action::ALL.iter();
    let actions = actions.filter(|one| !BY_THE_LEDGER.contains(one));
    let table = format!(
        "version = 1\n[[rule]]\nroles = {}\nactions = {}\nreadings = {}\n",
        quoted(Role::ALL.iter().map(|one| one.code()).collect()),
        quoted(actions.map(|one| one.name()).collect()),
        quoted(Reading::ALL.iter().map(|one| one.code()).collect()),
    );
    Policy::parse(&table).expect("a table")
}

#[test]
fn the_matrix_that_auditors_read_is_the_one_that_was_reviewed() {
    let policy = Policy::parse(DEFAULT_POLICY).expect("the table that ships is sound");
    let found = policy.matrix();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write("src/authorise/golden/policy-matrix.txt", &found).expect("written");
    }
    let reviewed = include_str!("golden/policy-matrix.txt");
    assert_eq!(
        found, reviewed,
        "UPDATE_GOLDEN=1 writes it anew; read the change"
    );
}

#[test]
fn an_empty_table_allows_nothing() {
    let mut world = World::new();
    world.policy = Policy::parse("version = 1").expect("a table");
    for caller in [FRONT, FOCAL, CHILD, ADMIN, COORDINATOR] {
        let command = Command::RefuseRecord { reason: None };
        world.ask(caller, command).refused(Refusal::NotAllowed);
        let staff = &world.staff[&caller];
        for reading in Reading::ALL.iter().copied() {
            let refused = may_read(&world.policy, reading, staff, None, world.now);
            assert_eq!(refused.unwrap_err().refusal, Refusal::NotAllowed);
        }
    }
}

#[test]
fn who_is_not_allowed_is_told_which_role_or_condition_is_missing() {
    let mut world = World::new();
    let table = r#"
        version = 1
        [[rule]]
        roles = ["coordinator", "focal_point"]
        actions = ["RetireService"]
        conditions = ["own_organisation", "stated_purpose"]
        [[rule]]
        roles = ["focal_point"]
        actions = ["RetireService"]
        conditions = ["stated_purpose"]"#;
    world.policy = Policy::parse(table).expect("a table");
    // given neither role, then both are named; given one, then what it lacks, where that is least
    for (caller, missing) in [
        (FRONT, "focal_point, coordinator"),
        (FOCAL, "stated_purpose"),
        (COORDINATOR, "own_organisation, stated_purpose"),
    ] {
        let command = Command::RetireService { service: HEALTH };
        world
            .ask(caller, command)
            .refused_about(Refusal::NotAllowed, missing);
    }
}

#[test]
fn a_table_that_is_not_understood_is_refused_with_line_and_meaning() {
    for (table, line, meaning) in [
        ("version = 2", 1, "only version 1"),
        ("", 1, "version"),
        ("version = 1\nrules = []\n", 2, "unknown field"),
        (
            "version = 1\n[[rule]]\nroles = [\"boss\"]",
            3,
            "`boss` is not a role",
        ),
        (
            "version = 1\n[[rule]]\nroles = []\nactions = [\n \"OpenCase\",\n \"Fly\"]",
            6,
            "`Fly` is not an action",
        ),
        (
            "version = 1\n[[rule]]\nroles = []\nactions = [\"ShredDue\"]",
            4,
            "`ShredDue` is not an action",
        ),
        (
            "version = 1\n[[rule]]\nroles = []\nreadings = [\"minds\"]",
            4,
            "`minds` is not a reading",
        ),
        (
            "version = 1\n[[rule]]\nroles = []\nconditions = [\"weekend\"]",
            4,
            "`weekend` is not a condition",
        ),
        ("version = 1\n[[rule]]\nactions = []", 2, "roles"),
        ("version = 1\n[[rule]\n", 2, "expected"),
    ] {
        let error = Policy::parse(table).expect_err(table);
        assert_eq!(error.line, line, "{table}: {error}");
        assert!(error.meaning.contains(meaning), "{table}: {error}");
    }
    let huge = " ".repeat(crate::limits::POLICY_BYTES_MAX + 1);
    assert!(Policy::parse(&huge).is_err());
}

#[test]
fn another_table_has_another_digest() {
    let one = Policy::parse("version = 1").expect("a table");
    let two = Policy::parse("version = 1\n").expect("a table");
    assert_ne!(one.digest(), two.digest());
}

#[test]
fn who_is_not_registered_is_not_authenticated() {
    let mut world = World::adult();
    let command = Command::RefuseRecord { reason: None };
    world
        .ask(StaffId([98; 16]), command)
        .refused(Refusal::Unauthenticated);
}

#[test]
fn a_case_one_may_not_know_of_answers_as_one_that_is_not_there() {
    let (world, referral) = sent_in(Sensitivity::Restricted);
    let here = world.id();
    let commands = |case| {
        [
            Command::AssignStaff { case, staff: FRONT },
            Command::WithdrawConsent {
                case,
                person: None,
                consent: None,
                part: None,
                shred: crate::domain::command::ShredWish::AtOnce,
            },
            Command::ReceiveReferral { case, referral },
            Command::ViewPersonalData {
                case,
                target: ViewTarget::Case,
                purpose: ViewPurpose::CaseWork,
            },
        ]
    };
    for caller in [FRONT_TWO, FOCAL, STRANGER, TEACHER, COORDINATOR, ADMIN] {
        let known = commands(here).into_iter().zip(commands(CaseId([90; 16])));
        for (real, absent) in known {
            let real = world.clone().ask(caller, real).refused(Refusal::NotFound);
            let absent = world.clone().ask(caller, absent).refused(Refusal::NotFound);
            assert_eq!(real, absent);
        }
        let staff = &world.staff[&caller];
        let state = world.state();
        let refused = may_read(
            &world.policy,
            Reading::CaseHistory,
            staff,
            Some(&state),
            world.now,
        );
        assert_eq!(refused.unwrap_err().refusal, Refusal::NotFound);
    }
}

#[test]
fn e6_auditors_see_no_names_whatever_else_they_are_and_whatever_the_table_says() {
    let (mut world, referral) = sent();
    world.policy = open_table();
    everybody(&mut world, &[Role::Auditor, Role::FocalPoint]);
    for target in [ViewTarget::Case, ViewTarget::Referral(referral)] {
        for purpose in ViewPurpose::ALL.iter().copied() {
            let command = view(&world, target, purpose);
            world.ask(FRONT, command).refused(Refusal::NotAllowed);
        }
    }
}

#[test]
fn e6_administrators_see_no_cases_whatever_the_table_says() {
    let (mut world, _) = sent();
    world.policy = open_table();
    everybody(&mut world, &[Role::Administrator, Role::FocalPoint]);
    let command = view(&world, ViewTarget::Case, ViewPurpose::Emergency);
    world.ask(FRONT, command).refused(Refusal::NotFound);
    let open = Command::OpenCase {
        identity: None,
        age_group: AgeGroup::Adult,
        sensitivity: Sensitivity::Standard,
        consent: None,
        categories: BTreeSet::new(),
    };
    world.ask(FRONT, open).refused(Refusal::NotAllowed);
    let state = world.state();
    for reading in Reading::ALL.iter().copied() {
        let refused = may_read(
            &world.policy,
            reading,
            &world.staff[&FRONT],
            Some(&state),
            world.now,
        );
        assert_eq!(refused.is_err(), reading.is_about_cases());
    }
}

#[test]
fn e10_nobody_records_a_training_of_their_own_whatever_the_table_says() {
    let mut world = World::new();
    world.policy = open_table();
    let training = |staff| {
        Command::RecordTraining(Trained {
            staff,
            training: Training::SafeReferral,
            on: world.now.day(),
        })
    };
    let (own, other) = (training(FOCAL), training(FRONT));
    world.ask(FOCAL, own).refused(Refusal::SecondPersonRequired);
    world.ask(FOCAL, other).done(&["TrainingRecorded"]);
}

#[test]
fn e6_a_restricted_case_is_open_to_who_is_assigned_and_to_child_protection() {
    let (mut world, _) = sent_in(Sensitivity::Restricted);
    world.policy = open_table();
    let command = view(&world, ViewTarget::Case, ViewPurpose::CaseWork);
    for caller in [FRONT, CHILD] {
        world
            .ask(caller, command.clone())
            .done(&["PersonalDataSeen"]);
    }
    for caller in [FRONT_TWO, FOCAL] {
        world
            .ask(caller, command.clone())
            .refused(Refusal::NotFound);
    }
    world.ask(DPO, command).refused(Refusal::NotAllowed);
    let state = world.state();
    for (caller, open) in [(AUDITOR, true), (DPO, true), (FOCAL, false), (FRONT, true)] {
        let staff = &world.staff[&caller];
        let read = may_read(
            &world.policy,
            Reading::DecisionRecord,
            staff,
            Some(&state),
            world.now,
        );
        assert_eq!(read.is_ok(), open, "{caller:?}");
    }
}

#[test]
fn c12_urgent_care_is_open_to_every_role_of_the_organisation() {
    let (mut world, _) = sent_in(Sensitivity::Restricted);
    let command = view(&world, ViewTarget::Case, ViewPurpose::Emergency);
    let mut draft = world.drafting(HEALTH, &[NEEDS]);
    if let Command::DraftReferral { urgency, .. } = &mut draft {
        *urgency = Urgency::Emergency;
    }
    for caller in [FRONT, FRONT_TWO, FOCAL, CHILD, DPO, COORDINATOR] {
        world
            .ask(caller, command.clone())
            .done(&["PersonalDataSeen"]);
        world.ask(caller, draft.clone()).done(&["ReferralDrafted"]);
    }
    world
        .ask(AUDITOR, command.clone())
        .refused(Refusal::NotAllowed);
    for caller in [ADMIN, STRANGER, TEACHER] {
        world
            .ask(caller, command.clone())
            .refused(Refusal::NotFound);
    }
    let provider = world.ask(PROVIDER, command);
    provider.refused(Refusal::NotAllowed);
}

#[test]
fn e6_a_provider_knows_only_what_was_sent_to_its_organisation() {
    let (mut world, referral) = sent();
    let unsent = world.reviewed(&[NEEDS]);
    let case = world.id();
    let receive = |referral| Command::ReceiveReferral { case, referral };
    world
        .ask(PROVIDER, receive(unsent))
        .refused_about(Refusal::NotFound, "referral");
    world
        .ask(TEACHER, receive(referral))
        .refused_about(Refusal::NotFound, "case");
    let file = view(&world, ViewTarget::Case, ViewPurpose::Service);
    let other = view(
        &world,
        ViewTarget::Referral(referral),
        ViewPurpose::CaseWork,
    );
    world.ask(PROVIDER, file).refused(Refusal::NotAllowed);
    world.ask(PROVIDER, other).refused(Refusal::NotAllowed);
    let recall = Command::RecallReferral {
        case,
        referral,
        reason: ReferralReason::Other,
    };
    world.ask(PROVIDER, recall).refused(Refusal::NotAllowed);
    world
        .ask(PROVIDER, receive(referral))
        .done(&["ReferralReceived"]);
}

#[test]
fn c3_a_focal_point_records_the_answer_that_came_by_phone() {
    let (mut world, referral) = sent();
    let case = world.id();
    let receive = Command::ReceiveReferral { case, referral };
    world
        .ask(FRONT, receive.clone())
        .refused(Refusal::NotAllowed);
    world.ask(FOCAL, receive).done(&["ReferralReceived"]);
}

#[test]
fn e6_a_purpose_must_fit_the_role() {
    let (mut world, referral) = sent();
    let form = ViewTarget::Referral(referral);
    for (caller, target, purpose, fits) in [
        (FRONT, ViewTarget::Case, ViewPurpose::CaseWork, true),
        (FRONT, form, ViewPurpose::Review, false),
        (FRONT, form, ViewPurpose::Service, false),
        (FOCAL, form, ViewPurpose::Review, true),
        (FOCAL, ViewTarget::Case, ViewPurpose::Review, false),
        (FOCAL, ViewTarget::Case, ViewPurpose::Service, false),
        (DPO, ViewTarget::Case, ViewPurpose::CopyForPerson, true),
        (DPO, ViewTarget::Case, ViewPurpose::CaseWork, false),
        (PROVIDER, form, ViewPurpose::Service, true),
        (PROVIDER, form, ViewPurpose::CopyForPerson, false),
    ] {
        let command = view(&world, target, purpose);
        let outcome = world.ask(caller, command);
        if fits {
            outcome.done(&["PersonalDataSeen"]);
        } else {
            outcome.refused(Refusal::NotAllowed);
        }
    }
}

#[test]
fn e6_front_line_staff_work_only_on_cases_they_are_assigned_to() {
    let mut world = World::adult();
    let draft = world.drafting(HEALTH, &[NEEDS]);
    world
        .ask(FRONT_TWO, draft.clone())
        .refused(Refusal::NotAllowed);
    let assign = Command::AssignStaff {
        case: world.id(),
        staff: FRONT_TWO,
    };
    world.ask(FOCAL, assign).done(&["StaffAssigned"]);
    world.ask(FRONT_TWO, draft).done(&["ReferralDrafted"]);
}

#[test]
fn only_the_ledger_itself_expires_and_shreds_and_it_does_nothing_else() {
    let mut world = World::adult();
    world.policy = open_table();
    let consent = world.consent_to(scope(CLINIC, &[NEEDS]));
    let case = world.id();
    let due = Command::ShredDue { case };
    let expire = Command::ExpireConsent { case, consent };
    let exception = world.invoked(ExceptionKind::ImmediateRisk);
    let lapse = Command::LapseException { case, exception };
    let retention = Command::ApplyRetention { case };
    for command in [&due, &expire, &lapse, &retention] {
        let asked = world.ask(FOCAL, command.clone());
        asked.refused(Refusal::NotAllowed);
    }
    for command in [due, expire, lapse, retention] {
        world.ask_system(command).refused(Refusal::NotDue);
    }
    let withdraw = world.withdrawing(None);
    world.ask_system(withdraw).refused(Refusal::NotAllowed);
    let count = Command::RefuseRecord { reason: None };
    world.ask_system(count).refused(Refusal::NotAllowed);
}

#[test]
fn every_action_is_opened_to_somebody_or_belongs_to_the_ledger() {
    let matrix = Policy::parse(DEFAULT_POLICY).expect("sound").matrix();
    let nobody = matrix.lines().filter(|line| line.ends_with(" nobody"));
    let names: Vec<_> = nobody.filter_map(|line| line.split(' ').next()).collect();
    let by_ledger: Vec<_> = BY_THE_LEDGER.iter().map(|one| one.name()).collect();
    assert_eq!(names, by_ledger);
}

#[test]
fn lists_are_asked_for_as_a_whole_and_then_row_by_row() {
    let (world, _) = sent();
    let state = world.state();
    for (caller, list, row) in [
        (FRONT, true, true),
        (FRONT_TWO, true, false),
        (FOCAL, true, true),
        (PROVIDER, true, true),
        (TEACHER, true, false),
        (AUDITOR, false, false),
        (ADMIN, false, false),
    ] {
        let staff = &world.staff[&caller];
        let whole = may_read(&world.policy, Reading::Worklist, staff, None, world.now);
        let one = may_read(
            &world.policy,
            Reading::Worklist,
            staff,
            Some(&state),
            world.now,
        );
        assert_eq!((whole.is_ok(), one.is_ok()), (list, row), "{caller:?}");
    }
}

#[test]
fn somebody_without_a_role_may_do_nothing() {
    let mut world = World::adult();
    let staff = world.staff.get_mut(&FRONT).expect("there");
    std::sync::Arc::make_mut(staff).roles.clear();
    let count = Command::RefuseRecord { reason: None };
    world.ask(FRONT, count).refused(Refusal::NotAllowed);
    let emergency = view(&world, ViewTarget::Case, ViewPurpose::Emergency);
    world.ask(FRONT, emergency).refused(Refusal::NotFound);
    let withdraw = world.withdrawing(None);
    world.ask(FRONT, withdraw).refused(Refusal::NotFound);
}

#[test]
fn a_scope_or_a_time_never_opens_what_the_role_does_not() {
    let mut world = World::adult();
    world.consent_to(Scope {
        purposes: Purpose::ALL.iter().copied().collect(),
        ..scope(CLINIC, &[NEEDS])
    });
    world.pass_ms(365 * DAY_MS);
    let command = view(&world, ViewTarget::Case, ViewPurpose::Service);
    world.ask(PROVIDER, command).refused(Refusal::NotFound);
}
