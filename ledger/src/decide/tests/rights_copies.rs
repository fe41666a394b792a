//! E3, B8. When a copy is owed, to whom and of what: only then it shows what is fenced.

use super::rights::{
    advise, asking, carry_out, close, decide, decided, identify, of_kind, received,
};
use super::*;

const HEALTH_DATA: DataCategory = DataCategory::Health;

fn owed(world: &World) -> BTreeSet<LeafKeyId> {
    world.state().owed_in_a_copy()
}

fn all(world: &World) -> BTreeSet<LeafKeyId> {
    world.state().leaves.values().copied().collect()
}

fn copying(world: &World) -> Command {
    Command::ViewPersonalData {
        case: world.id(),
        target: ViewTarget::Case,
        purpose: ViewPurpose::CopyForPerson,
    }
}

#[test]
fn e3_a_copy_made_before_it_was_known_who_asks_is_not_the_copy_that_was_asked_for() {
    let mut world = World::adult();
    let access = of_kind(&mut world, RequestKind::Access);
    let copy = copying(&world);
    world.ask(DPO, copy.clone()).done(&["PersonalDataSeen"]);
    decided(&mut world, access, RequestAnswer::Grant, &[]);
    let done = carry_out(&world, access);
    let asked = world.ask(DPO, done.clone());
    asked.refused(Refusal::CopyMissing);
    world.ask(DPO, copy).done(&["PersonalDataSeen"]);
    world.ask(DPO, done).done(&["RequestCarriedOut"]);
}

#[test]
fn b6_a_copy_is_owed_to_the_person_from_when_they_are_known_until_it_was_given() {
    let mut world = World::adult();
    let access = of_kind(&mut world, RequestKind::Access);
    assert!(owed(&world).is_empty());
    let mut unknown = world.clone();
    let nobody = identify(&unknown, access, IdentityOutcome::NotConfirmed);
    unknown.ask(FRONT, nobody).done(&["RequestIdentityChecked"]);
    assert!(owed(&unknown).is_empty());
    let mut refused = world.clone();
    decided(&mut refused, access, RequestAnswer::Refuse, &[]);
    assert!(owed(&refused).is_empty());
    let mut closed = world.clone();
    let known = identify(&closed, access, IdentityOutcome::KnownToStaff);
    closed.ask(FRONT, known.clone()).0.expect("known");
    assert_eq!(owed(&closed), all(&closed));
    let back = close(&closed, access, RequestEnd::TakenBack);
    closed.ask(DPO, back).done(&["RequestClosed"]);
    assert!(owed(&closed).is_empty());
    decided(&mut world, access, RequestAnswer::Grant, &[]);
    let copy = copying(&world);
    world.ask(DPO, copy).done(&["PersonalDataSeen"]);
    assert_eq!(owed(&world), all(&world));
    let done = carry_out(&world, access);
    world.ask(DPO, done).done(&["RequestCarriedOut"]);
    assert!(owed(&world).is_empty());
}

#[test]
fn b8_a_copy_is_owed_to_whoever_asks_for_a_child_once_it_was_granted_and_not_before() {
    for (by, answer) in [
        (RequestedBy::Caregiver, RequestAnswer::Grant),
        (RequestedBy::Guardian, RequestAnswer::Refuse),
        (RequestedBy::Representative, RequestAnswer::Grant),
    ] {
        let mut world = World::minor();
        let mut asked = asking(&world, RequestKind::Access);
        asked.by = by;
        let access = received(&mut world, asked);
        let shown = identify(&world, access, IdentityOutcome::AuthorityShown);
        world.ask(FRONT, shown).done(&["RequestIdentityChecked"]);
        assert!(owed(&world).is_empty());
        // What is made of it until then is not the copy that was asked for either.
        let copy = copying(&world);
        world.ask(DPO, copy).done(&["PersonalDataSeen"]);
        assert!(!world.state().requests[&access].copied);
        let advice = advise(&world, access, RequestAnswer::Grant);
        world.ask(DPO, advice).done(&["RequestAdvised"]);
        assert!(owed(&world).is_empty());
        let ruling = decide(&world, access, answer, &[]);
        world.ask(CHILD, ruling).done(&["RequestDecided"]);
        let granted = answer == RequestAnswer::Grant;
        assert_eq!(owed(&world) == all(&world), granted);
        assert_eq!(owed(&world).is_empty(), !granted);
    }
}

#[test]
fn e3_a_copy_is_owed_of_the_kinds_of_data_that_it_was_asked_for_and_of_the_client() {
    let mut world = World::adult();
    let draft = world.drafting(HEALTH, &[HEALTH_DATA, DataCategory::Needs]);
    world.drafted(draft);
    world.add(PersonRole::TrustedPerson, false);
    let mut asked = asking(&world, RequestKind::Access);
    asked.categories = [HEALTH_DATA].into();
    let access = received(&mut world, asked);
    let known = identify(&world, access, IdentityOutcome::KnownToStaff);
    world.ask(FRONT, known.clone()).0.expect("known");
    let state = world.state();
    let health = state
        .leaves
        .iter()
        .filter(|(of, _)| of.category == Some(HEALTH_DATA));
    let health: BTreeSet<LeafKeyId> = health.map(|(_, key)| *key).collect();
    assert_eq!((health.len(), owed(&world)), (1, health));
    // One for all of it shows nothing of others.
    let whole = of_kind(&mut world, RequestKind::Portability);
    let known = identify(&world, whole, IdentityOutcome::KnownToStaff);
    world.ask(FRONT, known).0.expect("known");
    let state = world.state();
    let owed = owed(&world);
    for (of, key) in &state.leaves {
        assert_eq!(owed.contains(key), of.person == state.client, "{of:?}");
    }
}
