//! The first refusal in `Refusal::ALL` wins: one request that every rule is against, righted step
//! by step.

use super::*;
use crate::domain::case::Standing;

/// A wrong, and what rights it.
type Step = (Refusal, fn(&mut Trial));

struct Trial {
    world: World,
    caller: StaffId,
    expected_version: Option<u64>,
    command: Command,
    occurred: Option<Timestamp>,
}

impl Trial {
    fn ask(&mut self) -> Outcome {
        self.world.ask_as(
            Caller::Staff(self.caller),
            self.expected_version,
            self.occurred,
            self.command.clone(),
        )
    }

    #[track_caller]
    fn walk(&mut self, steps: &[Step]) {
        let refusals: Vec<_> = steps.iter().map(|(refusal, _)| *refusal).collect();
        assert!(refusals.is_sorted(), "the table itself is in order");
        for (refusal, right) in steps {
            self.ask().refused(*refusal);
            right(self);
        }
        let done = self.ask().0;
        assert!(done.is_ok(), "nothing is wrong any more: {:?}", done.err());
    }

    fn service(&mut self) -> &mut Service {
        let service = self.world.services.get_mut(&HEALTH);
        Arc::make_mut(service.expect("the clinic"))
    }

    fn case(&mut self) -> &mut Case {
        let id = self.world.id();
        Arc::make_mut(self.world.cases.get_mut(&id).expect("open"))
    }
}

fn on_the_consent(trial: &mut Trial, change: fn(&mut ConsentTaken, &mut Option<PersonId>)) {
    if let Command::GiveConsent {
        consent, given_by, ..
    } = &mut trial.command
    {
        change(consent, given_by);
    }
}

#[test]
fn the_refusals_of_a_consent_come_in_their_order() {
    let mut world = World::minor();
    let caregiver = world.add(PersonRole::Caregiver, false);
    let mut consent = taken(Capacity::Caregiver);
    consent.explained.clear();
    consent.expires = Some(Timestamp(1));
    consent.interpreter = Some(interpreting(Some(caregiver)));
    let command = Command::GiveConsent {
        case: world.id(),
        person: world.client(),
        given_by: Some(caregiver),
        scope: Scope::default(),
        consent,
    };
    let mut trial = Trial {
        world,
        caller: StaffId([98; 16]),
        expected_version: Some(1),
        command,
        occurred: Some(Timestamp(u64::MAX)),
    };
    trial.case().documentation = Documentation::AttestationOnly;
    for consent in trial.case().consents.values_mut() {
        consent.standing = EXPIRED;
    }
    trial.walk(&[
        (Refusal::Unauthenticated, |it| it.caller = STRANGER),
        (Refusal::Malformed, |it| {
            if let Command::GiveConsent { scope: given, .. } = &mut it.command {
                *given = scope(CLINIC, &[DataCategory::Needs]);
            }
        }),
        (Refusal::NotFound, |it| it.caller = FRONT_TWO),
        (Refusal::NotAllowed, |it| it.caller = FRONT),
        (Refusal::VersionConflict, |it| {
            it.expected_version = Some(it.world.state().version);
        }),
        (Refusal::DocumentationRefused, |it| {
            it.case().documentation = Documentation::Full;
        }),
        (Refusal::RecordConsentMissing, |it| {
            for consent in it.case().consents.values_mut() {
                consent.standing = Standing::InForce;
            }
        }),
        (Refusal::ExplanationIncomplete, |it| {
            on_the_consent(it, |consent, _| {
                consent.explained = Explained::ALL.iter().copied().collect();
            });
        }),
        (Refusal::TimeInvalid, |it| it.occurred = None),
        (Refusal::TimeInvalid, |it| {
            on_the_consent(it, |consent, _| consent.expires = None);
        }),
        (Refusal::CapacityInvalid, |it| {
            on_the_consent(it, |consent, _| consent.interpreter = None);
        }),
        (Refusal::RelationshipNotChecked, |it| {
            on_the_consent(it, |consent, given_by| {
                *consent = taken(Capacity::BestInterests);
                *given_by = None;
            });
        }),
        (Refusal::ChildProtectionDecides, |it| it.caller = CHILD),
    ]);
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "one table of refusals, read from top to bottom"
)]
fn the_refusals_of_sending_come_in_their_order() {
    let mut world = World::adult();
    let referral = {
        let command = world.drafting(HEALTH, &[DataCategory::Needs]);
        world.drafted(command)
    };
    let command = Command::SendReferral {
        case: world.id(),
        referral: ReferralId([97; 16]),
        channel: Channel::Portal,
        follow_up: None,
    };
    let mut trial = Trial {
        world,
        caller: FRONT,
        expected_version: Some(0),
        command,
        occurred: Some(Timestamp(u64::MAX)),
    };
    let service = trial.service();
    service.retired = true;
    service.entry.accepts_referrals = false;
    service.assessment = Assessment::NotAssessed;
    service.entry.needs.clear();
    trial.ask().refused_about(Refusal::NotFound, "referral");
    if let Command::SendReferral { referral: it, .. } = &mut trial.command {
        *it = referral;
    }
    trial.walk(&[
        (Refusal::NotAllowed, |it| it.caller = FOCAL),
        (Refusal::VersionConflict, |it| it.expected_version = None),
        (Refusal::TimeInvalid, |it| it.occurred = None),
        (Refusal::ServiceRetired, |it| it.service().retired = false),
        (Refusal::ServiceTakesNoReferrals, |it| {
            it.service().entry.accepts_referrals = true;
        }),
        (Refusal::ServiceNotAssessed, |it| {
            it.service().assessment = Assessment::Rejected;
        }),
        (Refusal::ServiceRejected, |it| {
            it.service().assessment = Assessment::Approved;
        }),
        (Refusal::CategoryNotNeeded, |it| {
            it.service().entry.needs.insert(DataCategory::Needs);
        }),
        (Refusal::ReferralState, |it| {
            let referrals = it.case().referrals.values_mut();
            referrals.for_each(|one| one.state = ReferralState::Reviewed);
        }),
        (Refusal::ConsentMissing, |it| {
            let id = it.world.consent_to(scope(CLINIC, &[DataCategory::Needs]));
            let command = it.world.withdrawing(Some(id));
            it.world.ask(FRONT, command).done(&["ConsentWithdrawn"]);
            it.world.consent_to(scope(SCHOOL, &[DataCategory::Needs]));
        }),
        (Refusal::ConsentWithdrawn, |it| {
            let withdrawn = |one: &&mut _| {
                let one: &crate::domain::case::Consent = one;
                one.standing != Standing::InForce
            };
            let mut consents = it.case().consents.values_mut();
            let consent = consents.find(withdrawn).expect("withdrawn");
            consent.standing = EXPIRED;
        }),
        (Refusal::ConsentExpired, |it| {
            let standing = Standing::InForce;
            it.case().consents.retain(|_, one| one.standing == standing);
        }),
        (Refusal::RecipientNotCovered, |it| {
            it.world.consent_to(scope(CLINIC, &[DataCategory::Health]));
        }),
        (Refusal::CategoryNotCovered, |it| {
            it.world.invoked(ExceptionKind::LegalMandate);
            let case = it.case();
            for exception in case.exceptions.values_mut() {
                exception.scope = scope(CLINIC, &[DataCategory::Needs]);
            }
        }),
        (Refusal::ExceptionNotAuthorised, |it| {
            let exceptions = it.case().exceptions.values_mut();
            exceptions.for_each(|one| one.confirmed = Some(true));
        }),
    ]);
}

#[test]
fn the_refusals_of_a_draft_come_in_their_order() {
    let world = World::adult();
    let mut command = world.drafting(HEALTH, &[]);
    if let Command::DraftReferral { items: given, .. } = &mut command {
        given.extend(items(&[DataCategory::Place, DataCategory::Place]));
    }
    let mut trial = Trial {
        world,
        caller: AUDITOR,
        expected_version: None,
        command,
        occurred: None,
    };
    trial.case().documentation = Documentation::AttestationOnly;
    for consent in trial.case().consents.values_mut() {
        consent.standing = Standing::Shredded;
    }
    trial.walk(&[
        (Refusal::NotAllowed, |it| it.caller = FRONT),
        (Refusal::Shredded, |it| {
            for consent in it.case().consents.values_mut() {
                consent.standing = EXPIRED;
            }
        }),
        (Refusal::DocumentationRefused, |it| {
            it.case().documentation = Documentation::Full;
        }),
        (Refusal::RecordConsentMissing, |it| {
            for consent in it.case().consents.values_mut() {
                consent.standing = Standing::InForce;
                consent.scope.withheld.insert(DataCategory::Needs);
            }
        }),
        (Refusal::CategoryNotNeeded, |it| {
            if let Command::DraftReferral { items: given, .. } = &mut it.command {
                *given = items(&[DataCategory::Needs, DataCategory::Needs]);
            }
        }),
        (Refusal::ItemsInvalid, |it| {
            if let Command::DraftReferral { items: given, .. } = &mut it.command {
                given.truncate(1);
            }
        }),
        (Refusal::CategoryNotCovered, |it| {
            for consent in it.case().consents.values_mut() {
                consent.scope.withheld.clear();
            }
        }),
    ]);
}

#[test]
fn a_version_conflict_says_which_version_is_current() {
    let mut world = World::adult();
    let command = world.drafting(HEALTH, &[DataCategory::Needs]);
    let version = world.state().version;
    let caller = Caller::Staff(FRONT);
    for stale in [0, version - 1, version + 1, u64::MAX] {
        world
            .ask_as(caller, Some(stale), None, command.clone())
            .refused_about(Refusal::VersionConflict, &version.to_string());
    }
    world
        .ask_as(caller, Some(version), None, command)
        .done(&["ReferralDrafted"]);
    // Each kind of stream by its own version.
    let retire = Command::RetireService { service: HEALTH };
    world
        .ask_as(Caller::Staff(COORDINATOR), Some(1), None, retire.clone())
        .refused_about(Refusal::VersionConflict, "2");
    world
        .ask_as(Caller::Staff(COORDINATOR), Some(2), None, retire)
        .done(&["ServiceRetired"]);
    let grant = Command::GrantRole {
        staff: FRONT,
        role: Role::FocalPoint,
    };
    world
        .ask_as(Caller::Staff(ADMIN), Some(9), None, grant)
        .refused_about(Refusal::VersionConflict, "2");
}

#[test]
fn a_refused_command_changes_nothing() {
    let mut world = World::adult();
    let before = world.state();
    let referral_missing = world.sending(ReferralId([97; 16]));
    world
        .ask(FOCAL, referral_missing)
        .refused(Refusal::NotFound);
    assert_eq!(world.state(), before);
}

/// Fenced, and not due.
const EXPIRED: Standing = Standing::Expired {
    shred_due: Timestamp(u64::MAX),
};
