//! C10 with A6: what goes without documentation waits for the specialist as well.

use super::*;

fn attesting(world: &World, urgency: Urgency) -> Command {
    Command::AttestReferral {
        case: world.id(),
        service: HEALTH,
        agreed: true,
        urgency,
    }
}

/// Somebody who wants nothing written down, and a suspicion.
fn undocumented(concerns: &[Concern]) -> World {
    let mut world = World::undocumented();
    let command = raising(&world, concerns);
    world.ask(FRONT, command).done(&["ConcernRaised"]);
    world
}

#[test]
fn c10_without_documentation_a_suspected_case_waits_for_its_specialist_as_well() {
    for urgency in [Urgency::Routine, Urgency::Urgent] {
        let mut world = undocumented(&[Concern::Trafficking]);
        let attest = attesting(&world, urgency);
        world
            .ask(FRONT, attest.clone())
            .refused_about(Refusal::SpecialistFirst, "child_protection");
        // The specialist who was asked attests it themself.
        world.ask(CHILD, attest).done(&["ReferralAttested"]);
    }
}

#[test]
fn c10_a_specialist_for_one_suspicion_attests_nothing_while_another_has_its_own() {
    let mut world = undocumented(&[Concern::Trafficking, Concern::Sgbv]);
    named(&mut world, &format!("trafficking = [\"{FOCAL}\"]"));
    let case = world.id();
    let staff = FOCAL;
    let assign = Command::AssignStaff { case, staff };
    world.ask(FRONT, assign).done(&["StaffAssigned"]);
    let attest = attesting(&world, Urgency::Routine);
    world
        .ask(FOCAL, attest.clone())
        .refused_about(Refusal::SpecialistFirst, "child_protection");
    let other = world.ask(CHILD, attest);
    other.refused_about(Refusal::SpecialistFirst, &FOCAL.to_string());
}

#[test]
fn c10_an_emergency_without_documentation_waits_for_nobody_and_the_log_says_so() {
    let mut world = undocumented(&[Concern::Sgbv]);
    let attest = attesting(&world, Urgency::Emergency);
    let names = ["ReferralAttested", "AttestedInEmergency"];
    world.ask(FRONT, attest).done(&names);
    // Where nothing is suspected, or the specialist is there, nobody was passed over.
    let attest = attesting(&world, Urgency::Emergency);
    world.ask(CHILD, attest).done(&["ReferralAttested"]);
    let mut open = World::undocumented();
    let attest = attesting(&open, Urgency::Emergency);
    open.ask(FRONT, attest).done(&["ReferralAttested"]);
}

#[test]
fn c10_what_is_wrong_with_an_attestation_is_said_before_the_specialist() {
    let mut world = undocumented(&[Concern::Sgbv]);
    let not_agreed = Command::AttestReferral {
        case: world.id(),
        service: HEALTH,
        agreed: false,
        urgency: Urgency::Routine,
    };
    world
        .ask(FRONT, not_agreed)
        .refused(Refusal::ConsentMissing);
}
