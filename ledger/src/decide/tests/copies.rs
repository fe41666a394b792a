//! Which mirror has a say takes two persons; and what a restored ledger sends waits for one.

use super::*;
use crate::domain::subjects::{DetachAsked, Mirror};

const MIRROR: CopyId = CopyId([61; 16]);

fn detaching() -> Command {
    Command::DetachMirror {
        mirror: MIRROR,
        reason: DetachReason::Lost,
    }
}

fn deciding(confirm: bool) -> Command {
    let mirror = MIRROR;
    Command::DecideMirror { mirror, confirm }
}

/// A world with a mirror whose end an administrator asked for.
fn asked() -> World {
    let mut world = World::new();
    world.mirror = Some(Mirror {
        asked: Some(DetachAsked {
            by: ADMIN,
            organisation: HOME,
            reason: DetachReason::Stolen,
        }),
    });
    world
}

#[test]
fn a_mirror_is_only_asked_to_be_detached_and_only_one_that_has_a_say() {
    let mut world = World::new();
    world
        .ask(ADMIN, detaching())
        .refused_about(Refusal::NotFound, "mirror");
    world.mirror = Some(Mirror::default());
    for nobody in [FRONT, FOCAL, DPO, AUDITOR, COORDINATOR, PROVIDER] {
        world.ask(nobody, detaching()).refused(Refusal::NotAllowed);
    }
    world
        .ask(DPO, deciding(true))
        .refused_about(Refusal::NotFound, "mirror");
    world.ask(ADMIN, detaching()).done(&["MirrorDetachAsked"]);
    asked()
        .ask(ADMIN, detaching())
        .refused_about(Refusal::AlreadyExists, "mirror");
}

#[test]
fn a_second_person_of_the_same_organisation_ends_a_mirrors_say_or_leaves_it() {
    let mut world = asked();
    for confirm in [true, false] {
        world
            .ask(ADMIN, deciding(confirm))
            .refused(Refusal::SecondPersonRequired);
        for nobody in [FRONT, FOCAL, CHILD, AUDITOR, COORDINATOR, PROVIDER] {
            world
                .ask(nobody, deciding(confirm))
                .refused(Refusal::NotAllowed);
        }
    }
    let elsewhere = Arc::make_mut(world.staff.get_mut(&PROVIDER).expect("there"));
    elsewhere.roles.insert(Role::DataProtectionOfficer);
    world
        .ask(PROVIDER, deciding(true))
        .refused(Refusal::NotAllowed);
    let done = world.ask(DPO, deciding(true)).done(&["MirrorDetached"]);
    let Event::MirrorDetached(detached) = &done.records[0].event else {
        panic!("detached");
    };
    assert_eq!(detached.reason, DetachReason::Stolen, "as it was asked for");
    let mut second = (*world.staff[&ADMIN]).clone();
    second.id = StaffId([51; 16]);
    world.staff.insert(second.id, Arc::new(second.clone()));
    world
        .ask(second.id, deciding(false))
        .done(&["MirrorDetachRejected"]);
}

#[test]
fn a_restored_ledger_sends_nothing_until_a_data_protection_officer_confirms() {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[DataCategory::Needs]));
    let command = world.drafting(HEALTH, &[DataCategory::Needs]);
    let referral = world.drafted(command);
    let command = world.reviewing(referral);
    world.ask(FOCAL, command).done(&["ReferralReviewed"]);
    world.restored = true;
    let sending = world.sending(referral);
    world
        .ask(FOCAL, sending.clone())
        .refused(Refusal::RestoredUnconfirmed);
    for nobody in [FRONT, FOCAL, CHILD, AUDITOR, COORDINATOR, PROVIDER, ADMIN] {
        world
            .ask(nobody, Command::ConfirmWithdrawals {})
            .refused(Refusal::NotAllowed);
    }
    world
        .ask(DPO, Command::ConfirmWithdrawals {})
        .done(&["WithdrawalsConfirmed"]);
    world.restored = false;
    world
        .ask(DPO, Command::ConfirmWithdrawals {})
        .refused(Refusal::NothingToDo);
    world.ask(FOCAL, sending).done(&["ReferralSent"]);
}

#[test]
fn only_a_data_protection_officer_has_ciphertext_cut_out_and_the_log_names_who() {
    let mut world = World::adult();
    let cut = Command::CutOut { after_days: 0 };
    for nobody in [FRONT, FOCAL, CHILD, AUDITOR, COORDINATOR, PROVIDER, ADMIN] {
        world.ask(nobody, cut.clone()).refused(Refusal::NotAllowed);
    }
    let done = world.ask(DPO, cut).done(&["CuttingAsked"]);
    assert_eq!(done.records[0].actor, Actor::Staff(DPO));
    assert_eq!(done.records[0].stream, StreamId::Ledger);
}
