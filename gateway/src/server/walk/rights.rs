//! A person's requests about their data, over the real API: from the first word to the certificate.

use proto::rights::v1::rights_service_client::RightsServiceClient;
use proto::rights::v1::*;

use super::*;

/// The controller's delegate.
const DELEGATE: StaffId = StaffId([0x0d; 16]);

type Client = RightsServiceClient<Channel>;

async fn received(client: &mut Client, case_id: &str, kind: common::RequestKind) -> String {
    let asked = ReceiveRequestRequest {
        meta: meta(),
        case_id: case_id.to_owned(),
        kind: kind.into(),
        requested_by: common::RequestedBy::Person.into(),
        channel: common::Channel::InPerson.into(),
        ..Default::default()
    };
    let answer = client.receive_request(by(FOCAL, asked)).await;
    let answer = answer.expect("received").into_inner();
    assert!(answer.due.is_some());
    answer.subject_request_id
}

async fn identified(client: &mut Client, case_id: &str, request: &str) {
    let checked = CheckIdentityRequest {
        meta: meta(),
        case_id: case_id.to_owned(),
        subject_request_id: request.to_owned(),
        outcome: common::IdentityOutcome::KnownToStaff.into(),
    };
    let checked = client.check_identity(by(FOCAL, checked)).await;
    checked.expect("identified");
    let advised = AdviseRequestRequest {
        meta: meta(),
        case_id: case_id.to_owned(),
        subject_request_id: request.to_owned(),
        answer: common::RequestAnswer::Grant.into(),
        reason: None,
    };
    let advised = client.advise_request(by(OFFICER, advised)).await;
    advised.expect("advised");
}

fn ruling(case_id: &str, request: &str) -> DecideRequestRequest {
    DecideRequestRequest {
        meta: meta(),
        case_id: case_id.to_owned(),
        subject_request_id: request.to_owned(),
        answer: common::RequestAnswer::Grant.into(),
        reason: None,
        categories: Vec::new(),
    }
}

fn carrying_out(case_id: &str, request: &str) -> CarryOutRequestRequest {
    CarryOutRequestRequest {
        meta: meta(),
        case_id: case_id.to_owned(),
        subject_request_id: request.to_owned(),
    }
}

async fn decided(client: &mut Client, case_id: &str, request: &str) {
    let decided = client
        .decide_request(by(DELEGATE, ruling(case_id, request)))
        .await;
    decided.expect("decided");
}

async fn carried_out(
    client: &mut Client,
    case_id: &str,
    request: &str,
) -> Result<CarryOutRequestResponse, Status> {
    let asked = carrying_out(case_id, request);
    let done = client.carry_out_request(by(OFFICER, asked)).await;
    done.map(tonic::Response::into_inner)
}

/// Where it is closed: a list that has not seen it yet shows it among the open ones.
async fn closed(client: &mut Client, case_id: &str, request: &str) -> Option<u64> {
    let closing = CloseRequestRequest {
        meta: meta(),
        case_id: case_id.to_owned(),
        subject_request_id: request.to_owned(),
        end: common::RequestEnd::Fulfilled.into(),
        told: common::PersonTold::Told.into(),
        channel: common::Channel::InPerson.into(),
    };
    let closed = client.close_request(by(OFFICER, closing)).await;
    let outcome = closed.expect("closed").into_inner().outcome;
    outcome
        .expect("an outcome")
        .receipts
        .first()
        .map(|receipt| receipt.position)
}

/// The first certificate of a case, as its page.
async fn certified(running: &Running, case_id: &str) -> String {
    let mut protection = DataProtectionServiceClient::new(running.channel.clone());
    loop {
        let asked = GetCertificatesRequest {
            case_id: Some(case_id.to_owned()),
            rotation_id: None,
        };
        let answer = protection.get_certificates(by(OFFICER, asked)).await;
        let answer = answer.expect("certificates").into_inner();
        if let Some(first) = answer.certificates.first() {
            let key = answer.vkey.parse().expect("a key");
            let verified = ledger::prove::verify_certificate(first.file.as_bytes(), &key);
            return crate::page::certificate::page(&verified.expect("it holds")).expect("a page");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn listed(
    client: &mut Client,
    caller: StaffId,
    at_least_position: Option<u64>,
) -> Result<Vec<SubjectRequest>, Status> {
    let asked = ListRequestsRequest {
        page: Some(common::PageRequest {
            page_size: 1,
            at_least_position,
            ..Default::default()
        }),
        ..Default::default()
    };
    let mut all = Vec::new();
    let mut asked = asked;
    loop {
        let answer = client.list_requests(by(caller, asked.clone())).await?;
        let answer = answer.into_inner();
        all.extend(answer.requests);
        let token = answer.page.expect("a page").next_page_token;
        if token.is_empty() {
            return Ok(all);
        }
        asked.page.as_mut().expect("a page").page_token = token;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e3_a_deletion_is_asked_for_decided_carried_out_by_three_and_certified_with_its_request() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let delegate = common::Role::ControllerDelegate;
    running.employ(DELEGATE, OWN, delegate).await;
    let (case, referral_id) = running.sent_referral().await;
    let id = case.case_id.as_str();
    let mut client = RightsServiceClient::new(running.channel.clone());
    let request = received(&mut client, id, common::RequestKind::Deletion).await;
    let other = received(&mut client, id, common::RequestKind::Access).await;

    let refused = client
        .decide_request(by(DELEGATE, ruling(id, &request)))
        .await;
    let refused = refused.expect_err("nobody checked who is asking");
    assert_eq!(refusal(&refused), Some(Refusal::IdentityUnchecked));
    identified(&mut client, id, &request).await;

    let preview = PreviewDeletionRequest {
        case_id: id.to_owned(),
        subject_request_id: request.clone(),
        categories: Vec::new(),
    };
    let told = client.preview_deletion(by(DELEGATE, preview.clone())).await;
    let told = told.expect("told").into_inner().consequences.expect("some");
    assert_eq!(told.ending_consent_ids.len(), 2);
    assert_eq!(told.stopped[0].referral_id, referral_id);
    for caller in [STRANGER, PROVIDER, FOUNDER] {
        let unseen = client.preview_deletion(by(caller, preview.clone())).await;
        assert!(unseen.is_err(), "{caller}");
    }

    let refused = client
        .decide_request(by(OFFICER, ruling(id, &request)))
        .await;
    let refused = refused.expect_err("not the officer's");
    assert_eq!(refusal(&refused), Some(Refusal::NotAllowed));
    decided(&mut client, id, &request).await;
    let refused = client
        .carry_out_request(by(DELEGATE, carrying_out(id, &request)))
        .await;
    let refused = refused.expect_err("not the delegate's");
    assert_eq!(refusal(&refused), Some(Refusal::NotAllowed));
    let done = carried_out(&mut client, id, &request).await;
    let done = done.expect("carried out");
    let mut ended = done.consent_ids.clone();
    ended.sort();
    let mut foretold = told.ending_consent_ids;
    foretold.sort();
    assert_eq!(ended, foretold, "what was told is what happened");
    assert_eq!(done.stopped_referral_ids, [referral_id]);

    // "Fulfilled" is said once the keys are gone.
    let page = certified(&running, id).await;
    let position = closed(&mut client, id, &request).await;
    let requests = listed(&mut client, OFFICER, position)
        .await
        .expect("a list");
    let found: Vec<&str> = requests
        .iter()
        .map(|one| one.subject_request_id.as_str())
        .collect();
    assert_eq!(found, [other.as_str(), request.as_str()], "open ones first");
    assert_eq!(requests[1].state(), common::RequestState::Closed);
    assert_eq!(
        listed(&mut client, STRANGER, position).await.expect("none"),
        []
    );
    assert!(listed(&mut client, FOUNDER, None).await.is_err());

    assert!(page.contains(&request), "the request that it follows from");
    assert!(page.contains(&DELEGATE.to_string()), "and who decided");
    running.stop().await;
}

async fn put_right(client: &mut Client, case_id: &str, person_id: &str) {
    let right = CorrectPersonRequest {
        meta: meta(),
        case_id: case_id.to_owned(),
        person_id: person_id.to_owned(),
        identity: Some(common::Identity {
            name: "An invented name".to_owned(),
            ..Default::default()
        }),
    };
    assert!(!format!("{right:?}").contains("invented"), "hidden");
    let corrected = client.correct_person(by(FOCAL, right)).await;
    corrected.expect("corrected");
}

#[tokio::test(flavor = "multi_thread")]
async fn e3_a_correction_and_a_restriction_go_through_the_api() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let delegate = common::Role::ControllerDelegate;
    running.employ(DELEGATE, OWN, delegate).await;
    let (case, _) = running.sent_referral().await;
    let id = case.case_id.as_str();
    let mut client = RightsServiceClient::new(running.channel.clone());
    let wrong = received(&mut client, id, common::RequestKind::Correction).await;
    identified(&mut client, id, &wrong).await;
    decided(&mut client, id, &wrong).await;
    let early = carried_out(&mut client, id, &wrong).await;
    let early = early.expect_err("nothing was put right");
    assert_eq!(refusal(&early), Some(Refusal::CorrectionMissing));
    put_right(&mut client, id, &case.client_person_id).await;
    let done = carried_out(&mut client, id, &wrong).await;
    done.expect("carried out");

    let kept = received(&mut client, id, common::RequestKind::Restriction).await;
    let longer = ExtendRequestRequest {
        meta: meta(),
        case_id: id.to_owned(),
        subject_request_id: kept.clone(),
        reason: common::ExtensionReason::Complexity.into(),
        told: common::PersonTold::NotReached.into(),
        channel: None,
    };
    let longer = client.extend_request(by(OFFICER, longer)).await;
    assert!(longer.expect("extended").into_inner().due.is_some());
    identified(&mut client, id, &kept).await;
    decided(&mut client, id, &kept).await;
    let done = carried_out(&mut client, id, &kept).await;
    let outcome = done.expect("carried out").outcome;
    let receipts = outcome.expect("an outcome").receipts;
    let position = receipts.first().map(|receipt| receipt.position);
    let requests = listed(&mut client, AUDITOR, position)
        .await
        .expect("a list");
    assert!(requests.iter().any(|one| one.restricts && one.extended));
    let mut views = TrackingServiceClient::new(running.channel.clone());
    let look = || tracking::ViewPersonalDataRequest {
        meta: meta(),
        case_id: Some(id.to_owned()),
        purpose: common::ViewPurpose::CaseWork.into(),
        ..Default::default()
    };
    let refused = views.view_personal_data(by(FOCAL, look())).await;
    let refused = refused.expect_err("kept and not used");
    assert_eq!(refusal(&refused), Some(Refusal::ProcessingRestricted));
    let lifted = LiftRestrictionRequest {
        meta: meta(),
        case_id: id.to_owned(),
        subject_request_id: kept,
        told: common::PersonTold::Told.into(),
        channel: Some(common::Channel::InPerson.into()),
    };
    let lifted = client.lift_restriction(by(OFFICER, lifted)).await;
    lifted.expect("lifted");
    let seen = views.view_personal_data(by(FOCAL, look())).await;
    let parts = seen.expect("seen").into_inner().parts;
    let names = parts.iter().filter_map(|part| match &part.content {
        Some(tracking::personal_part::Content::Name(name)) => Some(name),
        _ => None,
    });
    assert!(
        names.eq(["An invented name"]),
        "what was put right took the place of the rest"
    );
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e4_a_withdrawal_after_another_request_is_certified_as_the_withdrawal_that_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let delegate = common::Role::ControllerDelegate;
    running.employ(DELEGATE, OWN, delegate).await;
    let (case, _) = running.sent_referral().await;
    let id = case.case_id.as_str();
    let mut client = RightsServiceClient::new(running.channel.clone());
    let access = received(&mut client, id, common::RequestKind::Access).await;
    identified(&mut client, id, &access).await;
    decided(&mut client, id, &access).await;
    let copy = tracking::ViewPersonalDataRequest {
        meta: meta(),
        case_id: Some(id.to_owned()),
        purpose: common::ViewPurpose::CopyForPerson.into(),
        ..Default::default()
    };
    let mut views = TrackingServiceClient::new(running.channel.clone());
    let copied = views.view_personal_data(by(OFFICER, copy)).await;
    copied.expect("a copy");
    let done = carried_out(&mut client, id, &access).await;
    done.expect("carried out");
    // The next thing in the case is an ordinary withdrawal.
    let withdraw = WithdrawConsentRequest {
        meta: meta(),
        case_id: id.to_owned(),
        shred: ShredWish::AtOnce.into(),
        ..Default::default()
    };
    let mut protection = DataProtectionServiceClient::new(running.channel.clone());
    let withdrawn = protection.withdraw_consent(by(FOCAL, withdraw)).await;
    withdrawn.expect("withdrawn");
    let page = certified(&running, id).await;
    assert!(!page.contains(&access), "that request destroyed nothing");
    running.stop().await;
}
