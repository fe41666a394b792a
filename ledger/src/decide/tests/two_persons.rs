//! Roles and tokens that one person asks for and a second one gives (MISSION E6).

use super::*;

const NEWCOMER: StaffId = StaffId([52; 16]);
const ADMIN_TWO: StaffId = StaffId([51; 16]);

fn registering(organisation: OrganisationId, roles: &[Role]) -> Command {
    Command::RegisterStaff {
        staff: NEWCOMER,
        organisation,
        name: text("Invented"),
        roles: roles.iter().copied().collect(),
    }
}

fn deciding(role: Role, confirm: bool) -> Command {
    Command::DecideRole {
        staff: NEWCOMER,
        role,
        confirm,
    }
}

fn issuing(staff: StaffId, digest: u8) -> Command {
    Command::IssueToken {
        staff,
        digest: [digest; 32],
        expires: START.plus_ms(DAY_MS),
    }
}

/// A world with a second administrator.
fn world() -> World {
    let mut world = World::new();
    let mut second = (*world.staff[&ADMIN]).clone();
    second.id = ADMIN_TWO;
    world.staff.insert(ADMIN_TWO, Arc::new(second));
    world
}

fn roles(world: &World) -> Vec<Role> {
    world.staff[&NEWCOMER].roles.iter().copied().collect()
}

#[test]
fn e6_one_person_alone_gives_no_privileged_role_and_none_in_another_organisation() {
    for (organisation, role, waits) in [
        (HOME, Role::FrontLine, false),
        (HOME, Role::FocalPoint, false),
        (HOME, Role::Coordinator, false),
        (HOME, Role::ServiceProvider, false),
        (HOME, Role::Administrator, true),
        (HOME, Role::Auditor, true),
        (HOME, Role::DataProtectionOfficer, true),
        (HOME, Role::ChildProtection, true),
        (CLINIC, Role::ServiceProvider, true),
        (CLINIC, Role::FrontLine, true),
        (CLINIC, Role::Auditor, true),
    ] {
        let outcome = if waits { "RoleAsked" } else { "RoleGranted" };
        let mut registered = world();
        registered
            .ask(ADMIN, registering(organisation, &[role]))
            .done(&["StaffRegistered", outcome]);
        assert_eq!(roles(&registered).is_empty(), waits, "{role:?}");
        let mut granted = world();
        granted
            .ask(ADMIN, registering(organisation, &[]))
            .done(&["StaffRegistered"]);
        let grant = Command::GrantRole {
            staff: NEWCOMER,
            role,
        };
        granted.ask(ADMIN, grant.clone()).done(&[outcome]);
        granted.ask(ADMIN, grant).refused(Refusal::NothingToDo);
        assert_eq!(roles(&granted).is_empty(), waits, "{role:?}");
    }
}

#[test]
fn e6_who_asked_does_not_decide_and_nobody_decides_on_their_own() {
    let mut world = world();
    let asked = registering(HOME, &[Role::Auditor, Role::DataProtectionOfficer]);
    world
        .ask(ADMIN, asked)
        .done(&["StaffRegistered", "RoleAsked", "RoleAsked"]);
    let confirm = deciding(Role::Auditor, true);
    world
        .ask(ADMIN, confirm.clone())
        .refused(Refusal::SecondPersonRequired);
    for nobody in [FRONT, FOCAL, CHILD, AUDITOR, COORDINATOR, PROVIDER] {
        world
            .ask(nobody, confirm.clone())
            .refused(Refusal::NotAllowed);
    }
    world.ask(DPO, confirm.clone()).done(&["RoleGranted"]);
    assert_eq!(roles(&world), [Role::Auditor]);
    // Decided is decided.
    world
        .ask(ADMIN_TWO, confirm)
        .refused_about(Refusal::NotFound, "role");
    // Somebody who may decide still does not decide on a role for themselves.
    let grant = Command::GrantRole {
        staff: DPO,
        role: Role::Administrator,
    };
    world.ask(ADMIN, grant).done(&["RoleAsked"]);
    let own = Command::DecideRole {
        staff: DPO,
        role: Role::Administrator,
        confirm: true,
    };
    world
        .ask(DPO, own.clone())
        .refused(Refusal::SecondPersonRequired);
    world.ask(ADMIN_TWO, own).done(&["RoleGranted"]);
}

#[test]
fn e6_the_second_person_is_of_the_organisation_that_asked() {
    let mut world = world();
    let elsewhere = Arc::make_mut(world.staff.get_mut(&PROVIDER).expect("there"));
    elsewhere.roles.insert(Role::DataProtectionOfficer);
    world
        .ask(ADMIN, registering(CLINIC, &[Role::ServiceProvider]))
        .done(&["StaffRegistered", "RoleAsked"]);
    let confirm = deciding(Role::ServiceProvider, true);
    world
        .ask(PROVIDER, confirm.clone())
        .refused(Refusal::NotAllowed);
    world.ask(DPO, confirm).done(&["RoleGranted"]);
}

#[test]
fn e6_no_administrator_is_made_in_another_organisation() {
    let mut world = world();
    let role = Role::Administrator;
    world
        .ask(ADMIN, registering(CLINIC, &[role]))
        .refused(Refusal::NotAllowed);
    world
        .ask(
            ADMIN,
            Command::GrantRole {
                staff: PROVIDER,
                role,
            },
        )
        .refused(Refusal::NotAllowed);
}

#[test]
fn e6_a_role_that_was_not_given_gives_nothing_and_can_be_asked_for_again() {
    let mut world = world();
    let role = Role::Auditor;
    world
        .ask(ADMIN, registering(HOME, &[role]))
        .done(&["StaffRegistered", "RoleAsked"]);
    world
        .ask(DPO, deciding(role, false))
        .done(&["RoleRejected"]);
    world
        .ask(DPO, deciding(role, true))
        .refused_about(Refusal::NotFound, "role");
    assert!(roles(&world).is_empty());
    let grant = Command::GrantRole {
        staff: NEWCOMER,
        role,
    };
    world.ask(ADMIN, grant).done(&["RoleAsked"]);
    // Whoever asked may also take the wish back.
    let revoke = Command::RevokeRole {
        staff: NEWCOMER,
        role,
    };
    world.ask(ADMIN, revoke).done(&["RoleRevoked"]);
    assert!(world.staff[&NEWCOMER].roles_asked.is_empty());
}

#[test]
fn e6_a_further_token_of_who_is_privileged_works_once_a_second_person_agrees() {
    let mut world = world();
    let working = |world: &World, staff| world.staff[&staff].tokens.len();
    // A token for a member of one's own staff with everyday roles needs one person.
    world.ask(ADMIN, issuing(FRONT, 1)).done(&["TokenIssued"]);
    for staff in [DPO, AUDITOR, CHILD, ADMIN, ADMIN_TWO, PROVIDER] {
        let mut world = world.clone();
        world.ask(ADMIN, issuing(staff, 2)).done(&["TokenAsked"]);
        assert_eq!(working(&world, staff), 0);
        world
            .ask(ADMIN_TWO, issuing(staff, 2))
            .refused(Refusal::AlreadyExists);
        let token = *world.staff[&staff].tokens_asked.keys().next().expect("one");
        let decide = |confirm| Command::DecideToken {
            staff,
            token,
            confirm,
        };
        world
            .ask(ADMIN, decide(true))
            .refused(Refusal::SecondPersonRequired);
        world.ask(FRONT, decide(true)).refused(Refusal::NotAllowed);
        let mut rejected = world.clone();
        rejected.ask(DPO, decide(false)).done(&["TokenRejected"]);
        assert_eq!(working(&rejected, staff), 0);
        // Also the data protection officer about a token of their own, which somebody else made.
        world.ask(DPO, decide(true)).done(&["TokenIssued"]);
        assert_eq!(working(&world, staff), 1);
        world
            .ask(DPO, decide(true))
            .refused_about(Refusal::NotFound, "token");
    }
}

#[test]
fn e6_a_token_that_waited_past_its_end_is_not_agreed_to() {
    let mut world = world();
    world.ask(ADMIN, issuing(DPO, 2)).done(&["TokenAsked"]);
    let token = *world.staff[&DPO].tokens_asked.keys().next().expect("one");
    world.now = START.plus_ms(DAY_MS);
    let confirm = Command::DecideToken {
        staff: DPO,
        token,
        confirm: true,
    };
    world
        .ask(ADMIN_TWO, confirm)
        .refused_about(Refusal::TimeInvalid, "expires");
}

#[test]
fn e6_a_name_of_a_colleague_is_seen_by_who_works_with_them_and_seeing_it_is_an_event() {
    let mut world = world();
    let view = |staff| Command::ViewStaff { staff };
    for (caller, staff, may) in [
        (FOCAL, FRONT, true),
        (COORDINATOR, FRONT, true),
        (ADMIN, FRONT, true),
        (ADMIN, PROVIDER, true),
        (FOCAL, PROVIDER, false),
        (FRONT, FOCAL, false),
        (AUDITOR, FRONT, false),
        (PROVIDER, FRONT, false),
    ] {
        let outcome = world.ask(caller, view(staff));
        if may {
            outcome.done(&["StaffSeen"]);
        } else {
            outcome.refused(Refusal::NotAllowed);
        }
    }
}
