//! Two files of one person: merged by two persons, pointing to each other, and taken apart again.

use proto::rights::v1::rights_service_client::RightsServiceClient;
use proto::rights::v1::{PreviewDeletionRequest, ReceiveRequestRequest};

use super::*;

/// Opened a second file of somebody who had one.
const FRONT: StaffId = StaffId([0x21; 16]);

impl Running {
    fn files(&self) -> TrackingServiceClient<Channel> {
        TrackingServiceClient::new(self.channel.clone())
    }

    async fn merge_of(&self, who: StaffId, case_id: &str) -> Option<tracking::MergeRecord> {
        let by_id = tracking::get_case_request::Case::CaseId(case_id.to_owned());
        let asked = tracking::GetCaseRequest { case: Some(by_id) };
        let found = self.files().get_case(by(who, asked)).await;
        let record = found.expect("found").into_inner().case_record;
        record.expect("a record").merge
    }

    /// Waits until the views have seen a merging of this file, or its end.
    async fn points(&self, case_id: &str, other: Option<&str>) {
        for _ in 0..200 {
            let merge = self.merge_of(FOCAL, case_id).await;
            if merge.and_then(|it| it.other_case_id).as_deref() == other {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the file does not point there");
    }

    async fn previewed(&self, case_id: &str) -> proto::protection::v1::PreviewWithdrawalResponse {
        let withdraw = WithdrawConsentRequest {
            meta: meta(),
            case_id: case_id.to_owned(),
            shred: ShredWish::AfterPeriod.into(),
            ..Default::default()
        };
        let mut protection = DataProtectionServiceClient::new(self.channel.clone());
        let told = protection.preview_withdrawal(by(FOCAL, withdraw)).await;
        told.expect("a preview").into_inner()
    }

    /// What a deletion that is asked for in one file would come to.
    async fn deletion_told(
        &self,
        case_id: &str,
    ) -> proto::protection::v1::PreviewWithdrawalResponse {
        let mut rights = RightsServiceClient::new(self.channel.clone());
        let asked = ReceiveRequestRequest {
            meta: meta(),
            case_id: case_id.to_owned(),
            kind: common::RequestKind::Deletion.into(),
            requested_by: common::RequestedBy::Person.into(),
            channel: common::Channel::InPerson.into(),
            ..Default::default()
        };
        let asked = rights.receive_request(by(FOCAL, asked)).await;
        let preview = PreviewDeletionRequest {
            case_id: case_id.to_owned(),
            subject_request_id: asked.expect("received").into_inner().subject_request_id,
            categories: Vec::new(),
        };
        let told = rights.preview_deletion(by(OFFICER, preview)).await;
        let told = told.expect("a preview").into_inner();
        told.consequences.expect("some")
    }
}

fn tells_of_both(told: &proto::protection::v1::PreviewWithdrawalResponse, case_id: &str) {
    assert_eq!(told.merged_case_id.as_deref(), Some(case_id));
    let there = told.merged.as_ref().expect("the other file's");
    assert!(!there.ending_consent_ids.is_empty());
    assert_ne!(there.ending_consent_ids, told.ending_consent_ids);
}

#[tokio::test(flavor = "multi_thread")]
async fn c15_a_person_with_two_files_is_merged_by_two_persons_and_taken_apart_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    running.employ(FRONT, OWN, common::Role::FrontLine).await;
    let mut intake = IntakeServiceClient::new(running.channel.clone());
    let mut opened = Vec::new();
    for _ in 0..2 {
        let file = intake.open_case(by(FRONT, open_case())).await;
        opened.push(file.expect("opened").into_inner().case_id);
    }
    let (case_id, other_case_id) = (opened[0].clone(), opened[1].clone());
    let ask = tracking::AskMergeRequest {
        meta: meta(),
        case_id: case_id.clone(),
        other_case_id: other_case_id.clone(),
    };
    let outside = running.files().ask_merge(by(STRANGER, ask.clone())).await;
    let outside = outside.expect_err("another organisation");
    assert_eq!(refusal(&outside), Some(Refusal::NotFound));
    let asked = running.files().ask_merge(by(FRONT, ask)).await;
    asked.expect("asked");
    assert!(
        running
            .merge_of(FRONT, &case_id)
            .await
            .expect("asked")
            .waits
    );
    let decide = || tracking::DecideMergeRequest {
        meta: meta(),
        case_id: case_id.clone(),
        other_case_id: other_case_id.clone(),
        confirm: true,
    };
    let alone = running.files().decide_merge(by(FRONT, decide())).await;
    assert!(alone.is_err());
    let merged = running.files().decide_merge(by(FOCAL, decide())).await;
    merged.expect("merged");
    running.points(&case_id, Some(&other_case_id)).await;
    running.points(&other_case_id, Some(&case_id)).await;
    for (file, leads) in [(&case_id, true), (&other_case_id, false)] {
        let merge = running.merge_of(FOCAL, file).await;
        assert_eq!(merge.expect("merged").leads, leads);
    }

    // Work goes on in the leading one.
    let mut referrals = ReferralServiceClient::new(running.channel.clone());
    let wrong = referrals
        .draft_referral(by(FRONT, draft(&other_case_id)))
        .await;
    let wrong = wrong.expect_err("work goes on elsewhere");
    assert_eq!(refusal(&wrong), Some(Refusal::MergedCase));
    let right = referrals.draft_referral(by(FRONT, draft(&case_id)));
    right.await.expect("drafted");
    // Whoever withdraws in one is told of both.
    let told = running.previewed(&other_case_id).await;
    tells_of_both(&told, &case_id);

    // Whoever asks for a deletion in one is told of both, and of the other one's what is asked for.
    let told = running.deletion_told(&other_case_id).await;
    tells_of_both(&told, &case_id);

    let apart = tracking::UnmergeCasesRequest {
        meta: meta(),
        case_id: case_id.clone(),
        other_case_id: other_case_id.clone(),
    };
    let apart = running.files().unmerge_cases(by(FOCAL, apart)).await;
    apart.expect("taken apart");
    assert_eq!(running.merge_of(FOCAL, &other_case_id).await, None);
    assert_eq!(running.previewed(&other_case_id).await.merged, None);
    let again = referrals
        .draft_referral(by(FRONT, draft(&other_case_id)))
        .await;
    again.expect("drafted");
    running.stop().await;
}
