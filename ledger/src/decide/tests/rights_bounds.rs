//! E3. What a request does not reach: other persons, other requests, what others decided.

use super::rights::{asking, carry_out, close, decided, identify, of_kind, received};
use super::*;

const HEALTH_DATA: DataCategory = DataCategory::Health;
const NEEDS: DataCategory = DataCategory::Needs;

#[test]
fn e3_only_the_restriction_itself_is_lifted() {
    let mut world = World::adult();
    let kept = of_kind(&mut world, RequestKind::Restriction);
    let objected = of_kind(&mut world, RequestKind::Objection);
    let copy = of_kind(&mut world, RequestKind::Access);
    for request in [kept, objected] {
        decided(&mut world, request, RequestAnswer::Grant, &[]);
    }
    let done = carry_out(&world, kept);
    world.ask(DPO, done).done(&["RequestCarriedOut"]);
    for request in [objected, copy] {
        let lift = Command::LiftRestriction(Lifting {
            case: world.id(),
            request,
            told: PersonTold::Told,
            channel: Some(Channel::InPerson),
        });
        world.ask(DPO, lift).refused(Refusal::NothingToDo);
    }
    let done = carry_out(&world, objected);
    world.ask(DPO, done).done(&["RequestCarriedOut"]);
    assert!(world.state().requests[&objected].restricts());
}

#[test]
fn e3_a_restriction_is_of_the_person_the_case_is_about_and_of_everything() {
    let mut world = World::adult();
    let interpreter = world.add(PersonRole::Interpreter, false);
    for kind in [RequestKind::Restriction, RequestKind::Objection] {
        let mut of_another = asking(&world, kind);
        of_another.person = Some(interpreter);
        let asked = world.ask(FRONT, Command::ReceiveRequest(of_another));
        asked.refused_about(Refusal::Malformed, "person_id");
        let mut of_a_part = asking(&world, kind);
        of_a_part.categories = [NEEDS].into();
        let asked = world.ask(FRONT, Command::ReceiveRequest(of_a_part));
        asked.refused_about(Refusal::Malformed, "categories");
    }
}

#[test]
fn e3_the_copy_of_a_referral_or_for_somebody_else_is_not_the_copy_that_was_asked_for() {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[NEEDS]));
    let referral = world.reviewed(&[NEEDS]);
    let access = of_kind(&mut world, RequestKind::Access);
    decided(&mut world, access, RequestAnswer::Grant, &[]);
    let part = Command::ViewPersonalData {
        case: world.id(),
        target: ViewTarget::Referral(referral),
        purpose: ViewPurpose::CopyForPerson,
    };
    world.ask(DPO, part).done(&["PersonalDataSeen"]);
    let done = carry_out(&world, access);
    world.ask(DPO, done).refused(Refusal::CopyMissing);
}

#[test]
fn e3_a_deletion_of_some_data_takes_what_is_closed_already_and_waits() {
    let mut world = World::adult();
    let consent = world.consent_to(scope(CLINIC, &[NEEDS, HEALTH_DATA]));
    let draft = Command::DraftReferral {
        case: world.id(),
        service: HEALTH,
        urgency: Urgency::Routine,
        ground: Some(consent.into()),
        items: items(&[NEEDS, HEALTH_DATA]),
        follows: None,
    };
    world.ask(FRONT, draft).done(&["ReferralDrafted"]);
    let later = Command::WithdrawConsent {
        case: world.id(),
        person: None,
        consent: Some(consent),
        part: None,
        shred: ShredWish::AfterPeriod,
    };
    assert!(world.ask(FRONT, later).0.unwrap().shred.is_empty());
    let mut asked = asking(&world, RequestKind::Deletion);
    asked.categories = [HEALTH_DATA].into();
    let request = received(&mut world, asked);
    decided(&mut world, request, RequestAnswer::Grant, &[]);
    let done = carry_out(&world, request);
    let done = world.ask(DPO, done).0.unwrap();
    let state = world.state();
    let ground = GroundId::from(consent);
    let wanted: Vec<LeafKeyId> = state
        .leaves_of_categories(ground, &[HEALTH_DATA].into())
        .collect();
    assert!(!wanted.is_empty());
    assert!(wanted.iter().all(|leaf| done.shred.contains(leaf)));
    let kept: BTreeSet<DataCategory> = [NEEDS].into();
    let mut kept = state.leaves_of_categories(ground, &kept);
    assert!(kept.all(|leaf| !done.shred.contains(&leaf)));
}

#[test]
fn b4_nobody_asks_in_place_of_an_adult_and_b8_what_anybody_asks_for_a_child_goes_to_its_protection()
{
    let mut world = World::adult();
    for by in [RequestedBy::Caregiver, RequestedBy::Guardian] {
        let mut asked = asking(&world, RequestKind::Deletion);
        asked.by = by;
        let asked = world.ask(FRONT, Command::ReceiveRequest(asked));
        asked.refused_about(Refusal::CapacityInvalid, by.code());
    }
    let mut world = World::minor();
    let mut asked = asking(&world, RequestKind::Deletion);
    asked.by = RequestedBy::Representative;
    let request = received(&mut world, asked);
    let shown = identify(&world, request, IdentityOutcome::AuthorityShown);
    world.ask(FRONT, shown).done(&["RequestIdentityChecked"]);
    let advice = rights::advise(&world, request, RequestAnswer::Grant);
    world.ask(DPO, advice).done(&["RequestAdvised"]);
    let ruling = rights::decide(&world, request, RequestAnswer::Grant, &[]);
    let asked = world.ask(DELEGATE, ruling);
    asked.refused(Refusal::ChildProtectionDecides);
}

#[test]
fn e3_what_two_decided_is_taken_back_by_the_officer_alone_and_a_refusal_by_nobody() {
    let mut world = World::adult();
    let request = of_kind(&mut world, RequestKind::Deletion);
    decided(&mut world, request, RequestAnswer::Grant, &[]);
    let back = close(&world, request, RequestEnd::TakenBack);
    world.ask(FOCAL, back.clone()).refused(Refusal::NotAllowed);
    world.ask(DPO, back).done(&["RequestClosed"]);
    let refused = of_kind(&mut world, RequestKind::Deletion);
    decided(&mut world, refused, RequestAnswer::Refuse, &[]);
    let back = close(&world, refused, RequestEnd::TakenBack);
    let asked = world.ask(DPO, back);
    asked.refused_about(Refusal::RequestState, "refused");
}

#[test]
fn e3_nobody_takes_a_deletion_back_that_two_persons_decided_though_its_keys_wait() {
    let mut world = World::adult();
    let before = world.consent_to(scope(CLINIC, &[NEEDS, HEALTH_DATA]));
    let request = of_kind(&mut world, RequestKind::Deletion);
    decided(&mut world, request, RequestAnswer::Grant, &[]);
    let done = carry_out(&world, request);
    assert!(world.ask(DPO, done).0.is_ok());
    // A mirror is away: the keys are not dead yet.
    let undo = Command::UndoWithdrawal {
        case: world.id(),
        consent: before,
    };
    for caller in [FRONT, FOCAL, CHILD, DPO] {
        let asked = world.ask(caller, undo.clone());
        asked.refused(Refusal::ShreddingStarted);
    }
    let end = close(&world, request, RequestEnd::Fulfilled);
    world.ask(DPO, end.clone()).refused(Refusal::NotDue);
    let leaves: Vec<LeafKeyId> = world.state().leaves.values().copied().collect();
    world.shredded(leaves);
    world.ask(DPO, end).done(&["RequestClosed"]);
}

#[test]
fn e3_one_detail_of_a_person_is_deleted_by_itself_and_the_name_too() {
    for category in [DataCategory::Contact, DataCategory::Identity] {
        let mut world = World::adult();
        let mut known = identity("Somebody");
        let contact = Text::new("555 0100".to_owned());
        known.details.insert(DataCategory::Contact, contact);
        let correct = Command::CorrectPerson(Correcting {
            case: world.id(),
            person: world.client(),
            identity: known,
        });
        world.ask(FOCAL, correct).done(&["PersonCorrected"]);
        let mut asked = asking(&world, RequestKind::Deletion);
        asked.categories = [category].into();
        let request = received(&mut world, asked);
        decided(&mut world, request, RequestAnswer::Grant, &[]);
        let done = carry_out(&world, request);
        let done = world.ask(DPO, done).0.unwrap();
        let state = world.state();
        let meant = state
            .leaves
            .iter()
            .filter(|(of, _)| of.category == Some(category));
        let meant: Vec<_> = meant.map(|(_, key)| *key).collect();
        assert_eq!((meant.len(), done.shred), (1, meant), "{category}");
        let record = world.state().record_ground(world.client(), world.now);
        assert!(record.is_some(), "the record goes on under the code");
    }
}

/// The person lets nothing but their needs be recorded any more.
fn narrow_the_record(world: &mut World) {
    let record = *world.state().consents.keys().next().unwrap();
    let narrow = Command::WithdrawConsent {
        case: world.id(),
        person: None,
        consent: Some(record),
        part: Some(Scope {
            categories: &all_categories() - &[NEEDS].into(),
            ..Scope::default()
        }),
        shred: ShredWish::AtOnce,
    };
    assert!(world.ask(FRONT, narrow).0.is_ok());
}

#[test]
fn e3_what_became_the_whole_record_since_it_was_granted_is_not_carried_out_as_a_part() {
    let mut world = World::adult();
    let request = of_kind(&mut world, RequestKind::Deletion);
    decided(&mut world, request, RequestAnswer::GrantInPart, &[NEEDS]);
    narrow_the_record(&mut world);
    let done = carry_out(&world, request);
    let asked = world.ask(DPO, done);
    asked.refused_about(Refusal::Malformed, "categories");
}

#[test]
fn e3_a_part_that_would_take_the_whole_record_is_not_granted_as_a_part() {
    let mut world = World::adult();
    narrow_the_record(&mut world);
    let request = of_kind(&mut world, RequestKind::Deletion);
    let known = identify(&world, request, IdentityOutcome::KnownToStaff);
    world.ask(FRONT, known).done(&["RequestIdentityChecked"]);
    let advice = rights::advise(&world, request, RequestAnswer::Grant);
    world.ask(DPO, advice).done(&["RequestAdvised"]);
    let ruling = rights::decide(&world, request, RequestAnswer::GrantInPart, &[NEEDS]);
    let asked = world.ask(DELEGATE, ruling);
    asked.refused_about(Refusal::Malformed, "categories");
}

#[test]
fn e2_a_request_that_nobody_answers_keeps_a_case_from_the_rules_for_a_year_and_no_longer() {
    let mut world = World::adult();
    let request = of_kind(&mut world, RequestKind::Access);
    let due = world.state().requests[&request].due;
    let rules = &world.rules.retention;
    let far = world.now.plus_months(12 * 50);
    assert!(
        crate::retention::Plan::of(&world.state(), rules, due)
            .due
            .is_empty()
    );
    assert!(
        !crate::retention::Plan::of(&world.state(), rules, far)
            .due
            .is_empty()
    );
}

#[test]
fn e3_a_correction_stays_within_what_may_be_recorded() {
    let mut world = World::adult();
    let consent = *world.state().consents.keys().next().unwrap();
    let narrow = Command::WithdrawConsent {
        case: world.id(),
        person: None,
        consent: Some(consent),
        part: Some(Scope {
            categories: [DataCategory::Contact].into(),
            ..Scope::default()
        }),
        shred: ShredWish::AtOnce,
    };
    assert!(world.ask(FRONT, narrow).0.is_ok());
    let mut wider = identity("Somebody");
    let contact = Text::new("555 0100".to_owned());
    wider.details.insert(DataCategory::Contact, contact);
    let correct = Command::CorrectPerson(Correcting {
        case: world.id(),
        person: world.client(),
        identity: wider,
    });
    let asked = world.ask(FOCAL, correct);
    asked.refused_about(Refusal::CategoryNotCovered, "contact");
    // What may be recorded still is put right by itself.
    let mut older = identity("Somebody");
    older.name = None;
    older
        .details
        .insert(DataCategory::Age, Text::new("31".to_owned()));
    let correct = Command::CorrectPerson(Correcting {
        case: world.id(),
        person: world.client(),
        identity: older,
    });
    world.ask(FOCAL, correct).done(&["PersonCorrected"]);
    let strange = Command::CorrectPerson(Correcting {
        case: world.id(),
        person: PersonId([99; 16]),
        identity: identity("Nobody"),
    });
    let asked = world.ask(FOCAL, strange);
    asked.refused_about(Refusal::NotFound, "person");
}

#[test]
fn b6_after_a_deletion_of_some_data_a_mistaken_withdrawal_of_the_rest_is_taken_back_still() {
    let mut world = World::adult();
    let consent = world.consent_to(scope(CLINIC, &[NEEDS, HEALTH_DATA]));
    let mut asked = asking(&world, RequestKind::Deletion);
    asked.categories = [HEALTH_DATA].into();
    let request = received(&mut world, asked);
    decided(&mut world, request, RequestAnswer::Grant, &[]);
    let done = carry_out(&world, request);
    let done = world.ask(DPO, done).0.unwrap();
    world.shredded(done.shred);
    let later = Command::WithdrawConsent {
        case: world.id(),
        person: None,
        consent: Some(consent),
        part: None,
        shred: ShredWish::AfterPeriod,
    };
    assert!(world.ask(FRONT, later).0.is_ok());
    let undo = Command::UndoWithdrawal {
        case: world.id(),
        consent,
    };
    world.ask(FOCAL, undo).done(&["WithdrawalUndone"]);
    assert!(!world.state().consents[&consent].scope.holds(HEALTH_DATA));
}

#[test]
fn c9_what_was_told_while_the_data_were_restricted_is_an_incident() {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[NEEDS]));
    let telling = |world: &World| Command::RecordDisclosure {
        case: world.id(),
        recipient: CLINIC,
        categories: [NEEDS].into(),
        channel: Channel::Phone,
    };
    let is_incident = |world: &mut World| {
        let command = telling(world);
        match &world
            .ask(FRONT, command)
            .done(&["DisclosureRecorded"])
            .records[0]
            .event
        {
            Event::DisclosureRecorded(it) => it.incident,
            other => panic!("{other:?}"),
        }
    };
    assert!(!is_incident(&mut world));
    let request = of_kind(&mut world, RequestKind::Restriction);
    decided(&mut world, request, RequestAnswer::Grant, &[]);
    let done = carry_out(&world, request);
    let done = world.ask(DPO, done);
    done.done(&["RequestCarriedOut", "RecipientNotified"]);
    assert!(is_incident(&mut world));
}

#[test]
fn c4_a_deadline_runs_from_when_it_went_however_late_that_is_recorded() {
    let mut world = World::adult();
    world.consent_to(scope(CLINIC, &[NEEDS]));
    let referral = world.reviewed(&[NEEDS]);
    let went = world.now;
    world.now = went.plus_ms(2 * DAY_MS);
    let command = Command::SendReferral {
        case: world.id(),
        referral,
        channel: Channel::Phone,
        follow_up: None,
    };
    let sent = world.ask_as(Caller::Staff(FOCAL), None, Some(went), command);
    match &sent.done(&["ReferralSent"]).records[0].event {
        Event::ReferralSent(it) => {
            let due = world.rules.organisation.due(Urgency::Routine, went);
            assert_eq!(it.acknowledge_by, due.acknowledge_by);
            assert_eq!(it.complete_by, due.complete_by);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn e6_nobody_takes_a_role_from_themselves_that_needs_a_second_person() {
    let mut world = World::adult();
    let revoke = |staff, role| Command::RevokeRole { staff, role };
    let own = world.ask(ADMIN, revoke(ADMIN, Role::Administrator));
    own.refused(Refusal::SecondPersonRequired);
    let other = world.ask(ADMIN, revoke(COORDINATOR, Role::Coordinator));
    other.done(&["RoleRevoked"]);
}

#[test]
fn e3_a_correction_is_done_once_all_was_put_right_that_was_to_be() {
    let mut world = World::adult();
    let mut asked = asking(&world, RequestKind::Correction);
    asked.categories = [DataCategory::Contact].into();
    let request = received(&mut world, asked);
    decided(&mut world, request, RequestAnswer::Grant, &[]);
    let done = carry_out(&world, request);
    for (category, text) in [
        (DataCategory::Gender, "woman"),
        (DataCategory::Contact, "555 0100"),
    ] {
        let asked = world.ask(DPO, done.clone());
        asked.refused(Refusal::CorrectionMissing);
        let correct = Command::CorrectPerson(Correcting {
            case: world.id(),
            person: world.client(),
            identity: Identity {
                name: None,
                details: [(category, Text::new(text.to_owned()))].into(),
            },
        });
        world.ask(FOCAL, correct).done(&["PersonCorrected"]);
    }
    world.ask(DPO, done).done(&["RequestCarriedOut"]);
}

#[test]
fn e3_a_correction_of_what_no_correction_holds_is_carried_out_on_the_officers_word() {
    let mut world = World::adult();
    let mut asked = asking(&world, RequestKind::Correction);
    asked.categories = [HEALTH_DATA, DataCategory::Contact, DataCategory::Age].into();
    let request = received(&mut world, asked);
    decided(&mut world, request, RequestAnswer::Grant, &[]);
    let done = carry_out(&world, request);
    let asked = world.ask(DPO, done.clone());
    asked.refused_about(Refusal::CorrectionMissing, "contact");
    let age = Command::CorrectPerson(Correcting {
        case: world.id(),
        person: world.client(),
        identity: Identity {
            name: None,
            details: [(DataCategory::Age, text("31"))].into(),
        },
    });
    world.ask(FOCAL, age).done(&["PersonCorrected"]);
    let asked = world.ask(DPO, done.clone());
    asked.refused_about(Refusal::CorrectionMissing, "contact");
    // What may not be recorded any more is put right by nobody.
    let narrow = Command::WithdrawConsent {
        case: world.id(),
        person: None,
        consent: None,
        part: Some(Scope {
            categories: [DataCategory::Contact].into(),
            ..Scope::default()
        }),
        shred: ShredWish::AfterPeriod,
    };
    assert!(world.ask(FRONT, narrow).0.is_ok());
    world.ask(DPO, done).done(&["RequestCarriedOut"]);
}
