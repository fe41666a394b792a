//! E3. What a person asks for about their data: who does what, in which order, by when.

use super::*;

const HEALTH_DATA: DataCategory = DataCategory::Health;
const NEEDS: DataCategory = DataCategory::Needs;

pub(super) fn asking(world: &World, kind: RequestKind) -> Asking {
    Asking {
        case: world.id(),
        person: None,
        kind,
        by: RequestedBy::Person,
        categories: BTreeSet::new(),
        channel: Channel::InPerson,
    }
}

pub(super) fn received(world: &mut World, asking: Asking) -> SubjectRequestId {
    let done = world.ask(FRONT, Command::ReceiveRequest(asking));
    match &done.done(&["RequestReceived"]).records[0].event {
        Event::RequestReceived(it) => it.request,
        other => panic!("{other:?}"),
    }
}

pub(super) fn of_kind(world: &mut World, kind: RequestKind) -> SubjectRequestId {
    let asking = asking(world, kind);
    received(world, asking)
}

pub(super) fn identify(
    world: &World,
    request: SubjectRequestId,
    outcome: IdentityOutcome,
) -> Command {
    Command::CheckIdentity(Identifying {
        case: world.id(),
        request,
        outcome,
    })
}

pub(super) fn advise(world: &World, request: SubjectRequestId, answer: RequestAnswer) -> Command {
    let refused = (answer != RequestAnswer::Grant).then_some(RequestReason::LegalClaims);
    Command::AdviseRequest(Advising {
        case: world.id(),
        request,
        answer,
        reason: refused,
    })
}

pub(super) fn decide(
    world: &World,
    request: SubjectRequestId,
    answer: RequestAnswer,
    categories: &[DataCategory],
) -> Command {
    let refused = (answer != RequestAnswer::Grant).then_some(RequestReason::LegalClaims);
    Command::DecideRequest(Ruling {
        case: world.id(),
        request,
        answer,
        reason: refused,
        categories: categories.iter().copied().collect(),
    })
}

pub(super) fn carry_out(world: &World, request: SubjectRequestId) -> Command {
    Command::CarryOutRequest(CarryingOut {
        case: world.id(),
        request,
    })
}

pub(super) fn close(world: &World, request: SubjectRequestId, end: RequestEnd) -> Command {
    Command::CloseRequest(Closing {
        case: world.id(),
        request,
        end,
        told: PersonTold::NotToldUnsafe,
        channel: Channel::Phone,
    })
}

/// Up to a decision, by those who may.
pub(super) fn decided(
    world: &mut World,
    request: SubjectRequestId,
    answer: RequestAnswer,
    categories: &[DataCategory],
) {
    let known = identify(world, request, IdentityOutcome::KnownToStaff);
    world.ask(FRONT, known).done(&["RequestIdentityChecked"]);
    let advice = advise(world, request, RequestAnswer::Grant);
    world.ask(DPO, advice).done(&["RequestAdvised"]);
    let ruling = decide(world, request, answer, categories);
    world.ask(DELEGATE, ruling).done(&["RequestDecided"]);
}

fn due(world: &World, request: SubjectRequestId) -> String {
    world.state().requests[&request].due.to_rfc3339()
}

#[test]
fn e3_a_request_is_due_at_the_end_of_the_day_one_calendar_month_after_it_came() {
    let mut world = World::adult();
    // 31 January 2027 has no such day in February, whose last is a Sunday.
    world.now = Day(20_849).start().plus_ms(9 * 3_600_000);
    let asked = asking(&world, RequestKind::Access);
    let request = received(&mut world, asked);
    assert_eq!(due(&world, request), "2027-03-02T00:00:00.000Z");
    let end = world.state().requests[&request].due;
    assert!(!world.state().requests[&request].is_late(end));
    assert!(world.state().requests[&request].is_late(end.plus_ms(1)));
}

#[test]
fn e3_the_clock_runs_from_the_day_the_request_reached_the_organisation_however_late_it_is_recorded()
{
    let mut world = World::adult();
    world.now = Day(20_849).start();
    let asked = asking(&world, RequestKind::Deletion);
    let came = Day(20_840).start();
    let command = Command::ReceiveRequest(asked);
    let done = world.ask_as(Caller::Staff(FRONT), None, Some(came), command);
    match &done.done(&["RequestReceived"]).records[0].event {
        Event::RequestReceived(it) => {
            assert_eq!(it.received, came);
            assert_eq!(it.due.to_rfc3339(), "2027-02-23T00:00:00.000Z");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn e3_two_months_more_are_taken_once_and_only_within_the_first() {
    let mut world = World::adult();
    world.now = Day(20_787).start();
    let request = of_kind(&mut world, RequestKind::Access);
    assert_eq!(due(&world, request), "2026-12-31T00:00:00.000Z");
    let longer = Command::ExtendRequest(Extending {
        case: world.id(),
        request,
        reason: ExtensionReason::Complexity,
        told: PersonTold::Told,
        channel: Some(Channel::InPerson),
    });
    let mut late = world.clone();
    late.now = late.state().requests[&request].due.plus_ms(1);
    let refused = late.ask(DPO, longer.clone());
    refused.refused_about(Refusal::TimeInvalid, "due");
    world
        .ask(FRONT, longer.clone())
        .refused(Refusal::NotAllowed);
    let done = world.ask(DPO, longer.clone());
    done.done(&["RequestExtended", "PersonToldBy"]);
    assert_eq!(due(&world, request), "2027-03-02T00:00:00.000Z");
    world.ask(DPO, longer).refused(Refusal::NothingToDo);
}

#[test]
fn e3_nobody_is_answered_before_it_was_looked_who_asks_and_lacking_papers_is_no_reason() {
    let mut world = World::adult();
    let request = of_kind(&mut world, RequestKind::Access);
    let advice = advise(&world, request, RequestAnswer::Grant);
    let asked = world.ask(DPO, advice.clone());
    asked.refused(Refusal::IdentityUnchecked);
    let unknown = identify(&world, request, IdentityOutcome::NotConfirmed);
    world.ask(FRONT, unknown).done(&["RequestIdentityChecked"]);
    let asked = world.ask(DPO, advice.clone());
    asked.refused(Refusal::IdentityNotConfirmed);
    // Somebody knows the person: no paper is needed, and nobody is refused as unknown any more.
    let known = identify(&world, request, IdentityOutcome::KnownToStaff);
    world.ask(FOCAL, known).done(&["RequestIdentityChecked"]);
    let as_unknown = Command::AdviseRequest(Advising {
        case: world.id(),
        request,
        answer: RequestAnswer::Refuse,
        reason: Some(RequestReason::IdentityNotConfirmed),
    });
    let asked = world.ask(DPO, as_unknown);
    asked.refused_about(Refusal::Malformed, "reason");
    world.ask(DPO, advice).done(&["RequestAdvised"]);
}

#[test]
fn e3_who_asks_for_another_shows_authority_and_who_asks_for_themselves_needs_none() {
    let mut world = World::adult();
    let mut for_another = asking(&world, RequestKind::Access);
    for_another.by = RequestedBy::Representative;
    let request = received(&mut world, for_another);
    let known = identify(&world, request, IdentityOutcome::KnownToStaff);
    let asked = world.ask(FRONT, known);
    asked.refused_about(Refusal::Malformed, "outcome");
    let shown = identify(&world, request, IdentityOutcome::AuthorityShown);
    world.ask(FRONT, shown).done(&["RequestIdentityChecked"]);
    let own = of_kind(&mut world, RequestKind::Restriction);
    let shown = identify(&world, own, IdentityOutcome::AuthorityShown);
    let asked = world.ask(FRONT, shown);
    asked.refused_about(Refusal::Malformed, "outcome");
}

#[test]
fn e3_the_delegate_decides_the_officer_advises_and_carries_out_and_nobody_does_two_of_these() {
    let mut world = World::adult();
    let request = of_kind(&mut world, RequestKind::Deletion);
    let known = identify(&world, request, IdentityOutcome::Questions);
    world.ask(FRONT, known).done(&["RequestIdentityChecked"]);
    let ruling = decide(&world, request, RequestAnswer::Grant, &[]);
    let asked = world.ask(DELEGATE, ruling.clone());
    asked.refused(Refusal::AdviceMissing);
    let advice = advise(&world, request, RequestAnswer::Grant);
    world
        .ask(DELEGATE, advice.clone())
        .refused(Refusal::NotAllowed);
    world.ask(DPO, advice).done(&["RequestAdvised"]);
    for other in [FRONT, FOCAL, DPO, AUDITOR, COORDINATOR] {
        assert!(world.ask(other, ruling.clone()).0.is_err(), "{other:?}");
    }
    // One who holds both roles still does only one of the two.
    let both = |world: &mut World, id: StaffId, roles: [Role; 2]| {
        let mut staff = (*world.staff[&id]).clone();
        staff.roles = roles.into();
        world.staff.insert(id, Arc::new(staff));
    };
    let two = [Role::ControllerDelegate, Role::DataProtectionOfficer];
    both(&mut world, DPO, two);
    let asked = world.ask(DPO, ruling.clone());
    asked.refused(Refusal::SecondPersonRequired);
    both(&mut world, DELEGATE, two);
    world
        .ask(DELEGATE, ruling.clone())
        .done(&["RequestDecided"]);
    let done = carry_out(&world, request);
    let asked = world.ask(DELEGATE, done.clone());
    asked.refused(Refusal::SecondPersonRequired);
    let again = world.ask(DELEGATE, ruling);
    again.refused_about(Refusal::RequestState, "granted");
    assert!(world.ask(DPO, done).0.is_ok());
}

#[test]
fn e3_a_deletion_ends_every_consent_of_the_person_and_destroys_their_keys_at_once() {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[NEEDS]));
    let referral = world.reviewed(&[NEEDS]);
    world.send(referral).done(&["ReferralSent"]);
    let request = of_kind(&mut world, RequestKind::Deletion);
    decided(&mut world, request, RequestAnswer::Grant, &[]);
    let done = carry_out(&world, request);
    let done = world.ask(DPO, done).done(&[
        "RequestCarriedOut",
        "ConsentWithdrawn",
        "ConsentWithdrawn",
        "ReferralStopped",
    ]);
    assert!(!done.fence.is_empty());
    assert_eq!(done.fence, done.shred, "all of it, at once");
}

#[test]
fn e3_a_deletion_granted_in_part_takes_these_kinds_of_data_only() {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[NEEDS, HEALTH_DATA]));
    world.reviewed(&[NEEDS, HEALTH_DATA]);
    let request = of_kind(&mut world, RequestKind::Deletion);
    decided(
        &mut world,
        request,
        RequestAnswer::GrantInPart,
        &[HEALTH_DATA],
    );
    let done = carry_out(&world, request);
    let done = world.ask(DPO, done).0.unwrap();
    let state = world.state();
    let taken = done.shred.iter().map(|leaf| {
        let mut leaves = state.leaves.iter();
        leaves.find(|(_, key)| *key == leaf).unwrap().0.category
    });
    assert!(taken.clone().count() > 0);
    for category in taken {
        assert_eq!(category, Some(HEALTH_DATA));
    }
    let early = close(&world, request, RequestEnd::FulfilledInPart);
    world.ask(DPO, early).refused(Refusal::NotDue);
    world.shredded(done.shred);
    let wrong = close(&world, request, RequestEnd::Fulfilled);
    let asked = world.ask(DPO, wrong);
    asked.refused_about(Refusal::RequestState, "carried_out");
    let right = close(&world, request, RequestEnd::FulfilledInPart);
    world.ask(DPO, right).done(&["RequestClosed"]);
}

#[test]
fn e3_what_was_asked_for_some_data_is_not_granted_for_other_data() {
    let mut world = World::adult();
    let mut asked = asking(&world, RequestKind::Deletion);
    asked.categories = [NEEDS].into();
    let request = received(&mut world, asked);
    let known = identify(&world, request, IdentityOutcome::Documents);
    world.ask(FRONT, known).done(&["RequestIdentityChecked"]);
    let advice = advise(&world, request, RequestAnswer::Grant);
    world.ask(DPO, advice).done(&["RequestAdvised"]);
    let ruling = decide(&world, request, RequestAnswer::GrantInPart, &[HEALTH_DATA]);
    let asked = world.ask(DELEGATE, ruling);
    asked.refused_about(Refusal::Malformed, "categories");
}

#[test]
fn e3_an_access_or_a_correction_is_carried_out_once_it_was_made() {
    let mut world = World::adult();
    let access = of_kind(&mut world, RequestKind::Access);
    decided(&mut world, access, RequestAnswer::Grant, &[]);
    let done = carry_out(&world, access);
    world.ask(DPO, done.clone()).refused(Refusal::CopyMissing);
    let copy = Command::ViewPersonalData {
        case: world.id(),
        target: ViewTarget::Case,
        purpose: ViewPurpose::CopyForPerson,
    };
    world.ask(DPO, copy).done(&["PersonalDataSeen"]);
    world.ask(DPO, done).done(&["RequestCarriedOut"]);
    let wrong = of_kind(&mut world, RequestKind::Correction);
    decided(&mut world, wrong, RequestAnswer::Grant, &[]);
    let done = carry_out(&world, wrong);
    let asked = world.ask(DPO, done.clone());
    asked.refused(Refusal::CorrectionMissing);
    let right = Command::CorrectPerson(Correcting {
        case: world.id(),
        person: world.client(),
        identity: identity("Right"),
    });
    world.ask(FOCAL, right).done(&["PersonCorrected"]);
    world.ask(DPO, done).done(&["RequestCarriedOut"]);
}

#[test]
fn e3_what_is_restricted_is_kept_and_not_used_until_it_is_lifted() {
    for kind in [RequestKind::Restriction, RequestKind::Objection] {
        let mut world = World::adult();
        world.consent_to(scope(CLINIC, &[NEEDS]));
        let referral = world.reviewed(&[NEEDS]);
        let request = of_kind(&mut world, kind);
        decided(&mut world, request, RequestAnswer::Grant, &[]);
        let done = carry_out(&world, request);
        world.ask(DPO, done).done(&["RequestCarriedOut"]);
        world.send(referral).refused(Refusal::ProcessingRestricted);
        let draft = world.drafting(HEALTH, &[NEEDS]);
        let asked = world.ask(FRONT, draft.clone());
        asked.refused(Refusal::ProcessingRestricted);
        let view = |purpose| Command::ViewPersonalData {
            case: world.id(),
            target: ViewTarget::Case,
            purpose,
        };
        let (work, copy) = (
            view(ViewPurpose::CaseWork),
            view(ViewPurpose::CopyForPerson),
        );
        let asked = world.ask(FRONT, work.clone());
        asked.refused(Refusal::ProcessingRestricted);
        world.ask(DPO, copy).done(&["PersonalDataSeen"]);
        // Ending the request is not ending the restriction.
        let closing = close(&world, request, RequestEnd::Fulfilled);
        world.ask(DPO, closing).done(&["RequestClosed"]);
        let asked = world.ask(FRONT, work.clone());
        asked.refused(Refusal::ProcessingRestricted);
        let lift = Command::LiftRestriction(Lifting {
            case: world.id(),
            request,
            told: PersonTold::Told,
            channel: Some(Channel::InPerson),
        });
        let lifted = world.ask(DPO, lift.clone());
        lifted.done(&["RestrictionLifted", "PersonToldBy"]);
        world.ask(DPO, lift).refused(Refusal::NothingToDo);
        world.ask(FRONT, work).done(&["PersonalDataSeen"]);
        world.send(referral).done(&["ReferralSent"]);
    }
}

#[test]
fn b8_what_a_caregiver_asks_about_a_child_is_decided_by_the_child_protection_focal_point() {
    let mut world = World::minor();
    let mut asked = asking(&world, RequestKind::Deletion);
    asked.by = RequestedBy::Caregiver;
    let request = received(&mut world, asked);
    let shown = identify(&world, request, IdentityOutcome::AuthorityShown);
    world.ask(FRONT, shown).done(&["RequestIdentityChecked"]);
    let advice = advise(&world, request, RequestAnswer::Grant);
    world.ask(DPO, advice).done(&["RequestAdvised"]);
    let ruling = decide(&world, request, RequestAnswer::Refuse, &[]);
    let asked = world.ask(DELEGATE, ruling.clone());
    asked.refused(Refusal::ChildProtectionDecides);
    world.ask(CHILD, ruling).done(&["RequestDecided"]);
    // And of what the child asks for itself the delegate decides.
    let own = of_kind(&mut world, RequestKind::Access);
    let known = identify(&world, own, IdentityOutcome::KnownToStaff);
    world.ask(FRONT, known).done(&["RequestIdentityChecked"]);
    let advice = advise(&world, own, RequestAnswer::Grant);
    world.ask(DPO, advice).done(&["RequestAdvised"]);
    let ruling = decide(&world, own, RequestAnswer::Grant, &[]);
    world
        .ask(CHILD, ruling.clone())
        .refused(Refusal::NotAllowed);
    world.ask(DELEGATE, ruling).done(&["RequestDecided"]);
}

#[test]
fn e3_a_refusal_has_a_reason_and_a_grant_has_none_and_a_part_names_itself() {
    let mut world = World::adult();
    let request = of_kind(&mut world, RequestKind::Access);
    let ruling = |answer, reason, categories: &[DataCategory]| {
        Command::DecideRequest(Ruling {
            case: world.id(),
            request,
            answer,
            reason,
            categories: categories.iter().copied().collect(),
        })
    };
    let claims = Some(RequestReason::LegalClaims);
    let wrong = [
        (ruling(RequestAnswer::Refuse, None, &[]), "reason"),
        (ruling(RequestAnswer::Grant, claims, &[]), "reason"),
        (ruling(RequestAnswer::GrantInPart, None, &[NEEDS]), "reason"),
        (
            ruling(RequestAnswer::GrantInPart, claims, &[]),
            "categories",
        ),
        (
            ruling(RequestAnswer::Refuse, claims, &[NEEDS]),
            "categories",
        ),
        (ruling(RequestAnswer::Grant, None, &[NEEDS]), "categories"),
    ];
    for (command, field) in wrong {
        let asked = world.ask(DELEGATE, command);
        asked.refused_about(Refusal::Malformed, field);
    }
}

#[test]
fn e3_a_request_ends_as_it_was_answered_and_once() {
    let mut world = World::adult();
    let request = of_kind(&mut world, RequestKind::Access);
    for end in [
        RequestEnd::Fulfilled,
        RequestEnd::FulfilledInPart,
        RequestEnd::NotFulfilled,
    ] {
        let early = close(&world, request, end);
        let asked = world.ask(DPO, early);
        asked.refused_about(Refusal::RequestState, "received");
    }
    let twice = asking(&world, RequestKind::Access);
    let asked = world.ask(FRONT, Command::ReceiveRequest(twice));
    asked.refused_about(Refusal::AlreadyExists, "request");
    decided(&mut world, request, RequestAnswer::Refuse, &[]);
    let done = carry_out(&world, request);
    let asked = world.ask(DPO, done);
    asked.refused_about(Refusal::RequestState, "refused");
    let end = close(&world, request, RequestEnd::NotFulfilled);
    world.ask(FOCAL, end.clone()).done(&["RequestClosed"]);
    let asked = world.ask(FOCAL, end);
    asked.refused_about(Refusal::RequestState, "closed");
    let again = of_kind(&mut world, RequestKind::Access);
    let back = close(&world, again, RequestEnd::TakenBack);
    world.ask(DPO, back).done(&["RequestClosed"]);
}
