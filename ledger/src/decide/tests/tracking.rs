//! C4, C9, E6, F4. Follow-up, disclosures, views, assignments.

use super::*;

const NEEDS: DataCategory = DataCategory::Needs;

fn sent() -> (World, ReferralId) {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[NEEDS]));
    let referral = world.reviewed(&[NEEDS]);
    world.send(referral).done(&["ReferralSent"]);
    (world, referral)
}

fn follow_up(world: &World, referral: ReferralId, note: Option<Text>) -> Command {
    Command::RecordFollowUp(FollowingUp {
        case: world.id(),
        referral,
        person: None,
        outcome: FollowUpOutcome::NotToldUnsafe,
        channel: Channel::Phone,
        note,
    })
}

#[test]
fn c4_follow_up_is_recorded_of_what_was_sent_with_and_without_words() {
    let (mut world, referral) = sent();
    let silent = follow_up(&world, referral, None);
    let noted = follow_up(&world, referral, Some(text("words")));
    let done = world.ask(FRONT, silent).done(&["FollowUpRecorded"]);
    assert_eq!(done.personal, [0]);
    let done = world.ask(FRONT, noted).done(&["FollowUpRecorded"]);
    assert_eq!(done.personal, [1]);
    let unsent = world.reviewed(&[NEEDS]);
    let command = follow_up(&world, unsent, None);
    world
        .ask(FRONT, command)
        .refused_about(Refusal::ReferralState, "reviewed");
}

#[test]
fn b6_after_withdrawal_follow_up_has_an_outcome_and_no_words() {
    let (mut world, referral) = sent();
    let command = world.withdrawing(None);
    world.ask(FRONT, command).0.map(|_| ()).expect("withdrawn");
    let silent = follow_up(&world, referral, None);
    let noted = follow_up(&world, referral, Some(text("words")));
    world
        .ask(FRONT, noted)
        .refused(Refusal::RecordConsentMissing);
    world.ask(FRONT, silent).done(&["FollowUpRecorded"]);
}

#[test]
fn c9_what_already_happened_is_recorded_and_without_consent_it_is_an_incident() {
    let mut world = World::adult();
    let command = |recipient| Command::RecordDisclosure {
        case: world.id(),
        recipient,
        categories: [NEEDS].into(),
        channel: Channel::Phone,
    };
    let (clinic, school) = (command(CLINIC), command(SCHOOL));
    let consent = world.consent_to(scope(CLINIC, &[NEEDS]));
    let claimed = Some(Timestamp(START.0 - DAY_MS));
    for (command, basis) in [(clinic, vec![consent.into()]), (school, vec![])] {
        let outcome = world.ask_as(Caller::Staff(FRONT), None, claimed, command);
        let done = outcome.done(&["DisclosureRecorded"]);
        assert_eq!(done.records[0].occurred, claimed);
        assert_eq!(done.records[0].recorded, Recorded::At(START));
        match &done.records[0].event {
            Event::DisclosureRecorded(it) => {
                assert_eq!((&it.basis, it.incident), (&basis, basis.is_empty()));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn c9_what_was_told_about_a_child_names_both_consents_that_covered_it() {
    let mut world = World::minor();
    let fits = || scope(CLINIC, &[NEEDS]);
    let client = world.client();
    let child = world.consent_by(FRONT, Some(client), Capacity::Assent, fits());
    let adult = world.consent_by(CHILD, None, Capacity::BestInterests, fits());
    let command = Command::RecordDisclosure {
        case: world.id(),
        recipient: CLINIC,
        categories: [NEEDS].into(),
        channel: Channel::Phone,
    };
    let done = world.ask(FRONT, command).done(&["DisclosureRecorded"]);
    match &done.records[0].event {
        Event::DisclosureRecorded(it) => {
            assert_eq!(it.basis, [child.into(), adult.into()]);
            assert!(!it.incident);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn c9_a_claimed_time_lies_neither_ahead_nor_absurdly_back() {
    let mut world = World::adult();
    let command = Command::RecordDisclosure {
        case: world.id(),
        recipient: CLINIC,
        categories: [NEEDS].into(),
        channel: Channel::Phone,
    };
    for claimed in [START.0 + 1, START.0 - 7_306 * DAY_MS, 0, u64::MAX] {
        let claimed = Some(Timestamp(claimed));
        world
            .ask_as(Caller::Staff(FRONT), None, claimed, command.clone())
            .refused_about(Refusal::TimeInvalid, "occurred");
    }
}

#[test]
fn e6_every_view_of_personal_data_is_an_event() {
    let (mut world, referral) = sent();
    let view = |target, purpose| Command::ViewPersonalData {
        case: world.id(),
        target,
        purpose,
    };
    let file = view(ViewTarget::Case, ViewPurpose::CaseWork);
    let form = view(ViewTarget::Referral(referral), ViewPurpose::Service);
    world.ask(FRONT, file).done(&["PersonalDataSeen"]);
    world.ask(PROVIDER, form).done(&["PersonalDataSeen"]);
}

#[test]
fn b6_a_recipient_sees_nothing_of_what_was_recalled_or_stopped() {
    let (mut world, referral) = sent();
    let view = Command::ViewPersonalData {
        case: world.id(),
        target: ViewTarget::Referral(referral),
        purpose: ViewPurpose::Service,
    };
    let recall = Command::RecallReferral {
        case: world.id(),
        referral,
        reason: ReferralReason::Unsafe,
    };
    world.ask(FOCAL, recall).done(&["RecallAsked"]);
    world
        .ask(PROVIDER, view)
        .refused_about(Refusal::ReferralState, "recall_asked");
}

#[test]
fn e6_staff_are_assigned_once_and_taken_off_once() {
    let mut world = World::adult();
    let case = world.id();
    let assign = |staff| Command::AssignStaff { case, staff };
    let unassign = |staff| Command::UnassignStaff { case, staff };
    world.ask(FRONT, assign(FRONT_TWO)).done(&["StaffAssigned"]);
    world
        .ask(FRONT, assign(FRONT_TWO))
        .refused(Refusal::NothingToDo);
    world
        .ask(FOCAL, unassign(FRONT_TWO))
        .done(&["StaffUnassigned"]);
    world
        .ask(FOCAL, unassign(FRONT_TWO))
        .refused(Refusal::NothingToDo);
    world
        .ask(FRONT, assign(PROVIDER))
        .refused_about(Refusal::NotFound, "staff");
}

#[test]
fn b6_a_recipient_sees_nothing_once_no_ground_covers_it_finished_or_not() {
    for finished in [false, true] {
        let (mut world, referral) = sent();
        let case = world.id();
        let view = Command::ViewPersonalData {
            case,
            target: ViewTarget::Referral(referral),
            purpose: ViewPurpose::Service,
        };
        if finished {
            let received = Command::ReceiveReferral { case, referral };
            let accepted = Command::AcceptReferral { case, referral };
            let completed = Command::CompleteReferral { case, referral };
            for command in [received, accepted, completed] {
                world.ask(PROVIDER, command).0.map(|_| ()).expect("a step");
            }
        }
        let of_clinic = |(_, one): &(&ConsentId, &crate::domain::case::Consent)| {
            one.scope.recipients.contains(&CLINIC)
        };
        let consent = *world.state().consents.iter().find(of_clinic).unwrap().0;
        world
            .ask(PROVIDER, view.clone())
            .done(&["PersonalDataSeen"]);
        let command = world.withdrawing(Some(consent));
        world.ask(FOCAL, command).0.map(|_| ()).expect("withdrawn");
        let refused = world
            .ask(PROVIDER, view)
            .0
            .map(|_| ())
            .expect_err("too late");
        let expected = [Refusal::ReferralState, Refusal::ConsentWithdrawn];
        assert_eq!(refused.refusal, expected[usize::from(finished)]);
    }
}

#[test]
fn b5_a_recipient_sees_nothing_once_the_exception_is_over() {
    let mut world = World::adult();
    let exception = world.invoked(ExceptionKind::ImmediateRisk);
    let draft = Command::DraftReferral {
        case: world.id(),
        service: HEALTH,
        urgency: Urgency::Emergency,
        ground: Some(exception.into()),
        items: items(&[DataCategory::Health]),
        follows: None,
    };
    let referral = world.drafted(draft);
    world.send(referral).done(&["ReferralSent"]);
    let view = Command::ViewPersonalData {
        case: world.id(),
        target: ViewTarget::Referral(referral),
        purpose: ViewPurpose::Service,
    };
    world
        .ask(PROVIDER, view.clone())
        .done(&["PersonalDataSeen"]);
    world.pass(|it| it.exceptions.authorise);
    world
        .ask(PROVIDER, view)
        .refused(Refusal::ExceptionNotAuthorised);
}

#[test]
fn b6_a_copy_for_the_person_is_made_where_the_case_is_held_and_nowhere_else() {
    let (mut world, referral) = sent();
    let mut receiver = (*world.staff[&PROVIDER]).clone();
    receiver.roles = [Role::FocalPoint].into();
    world.staff.insert(PROVIDER, Arc::new(receiver));
    let view = |purpose| Command::ViewPersonalData {
        case: world.id(),
        target: ViewTarget::Referral(referral),
        purpose,
    };
    let views = ViewPurpose::ALL
        .iter()
        .map(|purpose| (*purpose, view(*purpose)));
    let views: Vec<_> = views.collect();
    for (purpose, command) in views {
        let outcome = world.ask(PROVIDER, command);
        if purpose == ViewPurpose::Service {
            outcome.done(&["PersonalDataSeen"]);
        } else {
            outcome.refused(Refusal::NotAllowed);
        }
    }
}
