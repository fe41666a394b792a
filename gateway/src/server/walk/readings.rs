//! What each role may read, and what it is told of what it may not.

use ledger::organisation::DEFAULT_ORGANISATION;
use proto::admin::v1::{GetCountsRequest, ListStaffRequest};
use proto::audit::v1::{
    GetConsistencyProofRequest, GetDecisionRecordRequest, GetInclusionProofRequest,
    GetOrganisationRequest, GetPolicyMatrixRequest, GetReceiptRequest, ListDisclosuresRequest,
};
use proto::consent::v1::ListConsentsRequest;
use proto::directory::v1::SearchServicesRequest;
use proto::tracking::v1::{get_case_request, get_history_request};

use super::*;

fn page(page_size: u32, page_token: String) -> Option<common::PageRequest> {
    Some(common::PageRequest {
        page_size,
        page_token,
        at_least_position: None,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_holding_side_reads_a_case_whole_and_by_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let (case, referral_id) = running.sent_referral().await;
    let mut views = TrackingServiceClient::new(running.channel.clone());

    let by_code = get_case_request::Case::ClientCode(case.client_code.to_lowercase());
    let asked = tracking::GetCaseRequest {
        case: Some(by_code),
    };
    let record = views
        .get_case(by(FOCAL, asked))
        .await
        .expect("a case")
        .into_inner();
    let record = record.case_record.expect("a record");
    assert_eq!(record.case_id, case.case_id);
    assert_eq!((record.consents.len(), record.referrals.len()), (2, 1));

    let mut names = Vec::new();
    let mut token = String::new();
    loop {
        let subject = get_history_request::Subject::ReferralId(referral_id.clone());
        let asked = tracking::GetHistoryRequest {
            subject: Some(subject),
            page: page(2, token),
        };
        let some = views
            .get_history(by(FOCAL, asked))
            .await
            .expect("history")
            .into_inner();
        names.extend(some.entries.into_iter().map(|entry| entry.event_name));
        token = some.page.expect("a page").next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(
        names,
        ["ReferralDrafted", "ReferralReviewed", "ReferralSent"]
    );

    let mut consents = ConsentServiceClient::new(running.channel.clone());
    let recipient_id = Some(CLINIC.to_string());
    let asked = ListConsentsRequest {
        recipient_id,
        ..Default::default()
    };
    let in_force = consents
        .list_consents(by(FOCAL, asked))
        .await
        .expect("a list")
        .into_inner();
    assert_eq!(in_force.consents.len(), 1);
    let mut protection = DataProtectionServiceClient::new(running.channel.clone());
    let asked = GetErasureStatusRequest {
        case_id: case.case_id,
        consent_id: None,
    };
    let status = protection
        .get_erasure_status(by(FOCAL, asked))
        .await
        .expect("a status");
    assert!(
        status
            .into_inner()
            .states
            .iter()
            .all(|state| !state.complete)
    );
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receiving_side_sees_its_referral_and_nothing_of_the_case() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let (case, referral_id) = running.sent_referral().await;
    let mut views = TrackingServiceClient::new(running.channel.clone());

    let asked = tracking::GetReferralRequest {
        referral_id: referral_id.clone(),
    };
    let own = views
        .get_referral(by(PROVIDER, asked.clone()))
        .await
        .expect("its own")
        .into_inner();
    let own = own.referral.expect("a record");
    assert_eq!((own.case_id.as_str(), own.ground_ids.len()), ("", 0));
    let strange = views
        .get_referral(by(STRANGER, asked))
        .await
        .expect_err("not theirs");
    let nowhere = tracking::GetReferralRequest {
        referral_id: SERVICE.to_owned(),
    };
    let nowhere = views
        .get_referral(by(STRANGER, nowhere))
        .await
        .expect_err("nowhere");
    // What is hidden answers exactly as what is not there.
    assert_eq!(refused_of(&strange), refused_of(&nowhere));
    assert_eq!(refusal(&strange), Some(Refusal::NotFound));

    let by_id = get_case_request::Case::CaseId(case.case_id.clone());
    let asked = tracking::GetCaseRequest { case: Some(by_id) };
    let hidden = views
        .get_case(by(STRANGER, asked))
        .await
        .expect_err("not theirs");
    let by_id = get_case_request::Case::CaseId(SERVICE.to_owned());
    let asked = tracking::GetCaseRequest { case: Some(by_id) };
    let absent = views
        .get_case(by(STRANGER, asked))
        .await
        .expect_err("nowhere");
    assert_eq!(refused_of(&hidden), refused_of(&absent));

    let asked = tracking::ListReferralsRequest::default();
    let rows = views
        .list_referrals(by(PROVIDER, asked.clone()))
        .await
        .expect("rows")
        .into_inner();
    assert_eq!(rows.referrals.len(), 1);
    assert!(rows.referrals.iter().all(|row| row.client_code.is_empty()));
    let rows = views
        .list_referrals(by(STRANGER, asked))
        .await
        .expect("rows")
        .into_inner();
    assert!(rows.referrals.is_empty());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn auditors_read_decisions_and_proofs_and_no_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let (case, _) = running.sent_referral().await;
    let case_id = case.case_id;
    let mut audit = AuditServiceClient::new(running.channel.clone());

    let asked = GetDecisionRecordRequest {
        case_id: case_id.clone(),
        with_proofs: true,
        page: None,
    };
    let record = audit
        .get_decision_record(by(AUDITOR, asked))
        .await
        .expect("r")
        .into_inner();
    assert!(
        record
            .entries
            .iter()
            .all(|entry| entry.tlog_proof.is_some())
    );
    let sent = record
        .entries
        .iter()
        .filter_map(|entry| entry.entry.as_ref());
    let sent = sent
        .filter(|entry| entry.event_name == "ReferralSent")
        .count();
    assert_eq!(sent, 1);
    let asked = ListDisclosuresRequest {
        case_id: case_id.clone(),
        page: None,
    };
    let disclosed = audit
        .list_disclosures(by(AUDITOR, asked))
        .await
        .expect("l")
        .into_inner();
    assert_eq!(disclosed.entries.len(), 1);

    let view = tracking::ViewPersonalDataRequest {
        meta: meta(),
        case_id: Some(case_id),
        referral_id: None,
        purpose: common::ViewPurpose::CaseWork.into(),
    };
    let mut views = TrackingServiceClient::new(running.channel.clone());
    let names = views
        .view_personal_data(by(AUDITOR, view))
        .await
        .expect_err("no names");
    assert_eq!(names.code(), Code::PermissionDenied);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn proofs_are_given_to_who_asks_within_the_log_and_refused_beyond_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let mut audit = AuditServiceClient::new(running.channel.clone());
    let asked = GetInclusionProofRequest {
        position: 0,
        tree_size: None,
    };
    let proof = audit
        .get_inclusion_proof(by(AUDITOR, asked))
        .await
        .expect("p")
        .into_inner();
    assert!(proof.hashes.iter().all(|hash| hash.len() == 32));
    let beyond = GetInclusionProofRequest {
        position: proof.tree_size,
        tree_size: None,
    };
    let beyond = audit
        .get_inclusion_proof(by(AUDITOR, beyond))
        .await
        .expect_err("beyond");
    assert_eq!(refusal(&beyond), Some(Refusal::NotFound));
    let shrunk = GetConsistencyProofRequest {
        old_size: 2,
        new_size: Some(1),
    };
    let shrunk = audit
        .get_consistency_proof(by(AUDITOR, shrunk))
        .await
        .expect_err("shrunk");
    assert_eq!(refusal(&shrunk), Some(Refusal::Malformed));
    let nothing = GetReceiptRequest { position: u64::MAX };
    let nothing = audit
        .get_receipt(by(AUDITOR, nothing))
        .await
        .expect_err("nothing there");
    assert_eq!(refusal(&nothing), Some(Refusal::NotFound));
    let matrix = audit
        .get_policy_matrix(by(AUDITOR, GetPolicyMatrixRequest {}))
        .await;
    assert!(
        matrix
            .expect("a matrix")
            .into_inner()
            .matrix
            .contains("SendReferral")
    );
    let file = audit
        .get_organisation(by(AUDITOR, GetOrganisationRequest {}))
        .await;
    let file = file.expect("a file").into_inner();
    assert_eq!(file.file, DEFAULT_ORGANISATION);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_wait_for_a_position_that_the_caller_knows_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let mut admin = AdminServiceClient::new(running.channel.clone());
    let mut services = DirectoryServiceClient::new(running.channel.clone());
    let status = admin
        .get_status(by(FOUNDER, GetStatusRequest {}))
        .await
        .expect("status");
    let size = status.into_inner().size;
    let asked = GetCountsRequest {
        at_least_position: size.checked_sub(1),
    };
    let counts = admin
        .get_counts(by(FOUNDER, asked))
        .await
        .expect("counts")
        .into_inner();
    assert_eq!(counts.position, size);
    // What was looked at is counted for nobody, nor are complaints.
    assert!(
        counts
            .counts
            .iter()
            .all(|one| !one.event_name.ends_with("Seen"))
    );
    let told = counts.counts.iter().map(|one| one.count).sum::<u64>();
    assert!(told > size / 2 && told <= size, "{told} of {size}");
    let asked = GetCountsRequest {
        at_least_position: Some(size),
    };
    let future = admin
        .get_counts(by(FOUNDER, asked))
        .await
        .expect_err("not there yet");
    assert_eq!(refusal(&future), Some(Refusal::Malformed));

    let asked = ListStaffRequest {
        organisation_id: None,
        page: page(2, String::new()),
    };
    let some = admin
        .list_staff(by(FOUNDER, asked))
        .await
        .expect("staff")
        .into_inner();
    assert_eq!(some.staff.len(), 2);
    assert!(!some.page.expect("a page").next_page_token.is_empty());
    let asked = SearchServicesRequest {
        text: "invented CLINIC".to_owned(),
        ..Default::default()
    };
    let found = services
        .search_services(by(PROVIDER, asked))
        .await
        .expect("found")
        .into_inner();
    assert_eq!(found.services.len(), 1);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_referral_that_is_hidden_answers_everywhere_as_one_that_is_not_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let (_, hidden) = running.sent_referral().await;
    let mut views = TrackingServiceClient::new(running.channel.clone());
    let mut referrals = ReferralServiceClient::new(running.channel.clone());
    // Another organisation's, and an administrator, who knows of no case.
    for caller in [STRANGER, FOUNDER] {
        let mut told = Vec::new();
        for referral_id in [hidden.clone(), SERVICE.to_owned()] {
            let asked = tracking::GetReferralRequest {
                referral_id: referral_id.clone(),
            };
            let got = views.get_referral(by(caller, asked)).await;
            let subject = get_history_request::Subject::ReferralId(referral_id.clone());
            let asked = tracking::GetHistoryRequest {
                subject: Some(subject),
                page: None,
            };
            let history = views.get_history(by(caller, asked)).await;
            let receive = referral::ReceiveReferralRequest {
                meta: meta(),
                case_id: None,
                referral_id: referral_id.clone(),
            };
            let received = referrals.receive_referral(by(caller, receive)).await;
            let view = tracking::ViewPersonalDataRequest {
                meta: meta(),
                case_id: None,
                referral_id: Some(referral_id),
                purpose: common::ViewPurpose::Service.into(),
            };
            let viewed = views.view_personal_data(by(caller, view)).await;
            told.push([
                refused_of(&got.expect_err("hidden")),
                refused_of(&history.expect_err("hidden")),
                refused_of(&received.expect_err("hidden")),
                refused_of(&viewed.expect_err("hidden")),
            ]);
        }
        assert_eq!(told[0], told[1]);
        let codes = told[0].iter().flatten().map(|refused| refused.refusal);
        assert!(codes.eq([Refusal::NotFound; 4]));
    }
    running.stop().await;
}
