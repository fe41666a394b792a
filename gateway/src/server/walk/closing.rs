//! Closing a case as work: what waits is named, nothing begins until it is opened again, and what
//! protects the person goes on.

use super::*;

fn closing(case_id: &str) -> tracking::CloseCaseWorkRequest {
    tracking::CloseCaseWorkRequest {
        meta: meta(),
        case_id: case_id.to_owned(),
        reason: common::ClosingReason::NeedsMet.into(),
        transferred_by_id: None,
        no_follow_up: Some(common::NoFollowUp::NotAgreed.into()),
        told: common::ClosingTold::MayReturn.into(),
    }
}

fn reopening(case_id: &str) -> tracking::ReopenCaseRequest {
    tracking::ReopenCaseRequest {
        meta: meta(),
        case_id: case_id.to_owned(),
        reason: common::ReopeningReason::CameBack.into(),
    }
}

impl Running {
    /// The service takes a referral and does not accept it: nothing waits any more.
    async fn declines(&self, referral_id: &str) {
        let mut referrals = ReferralServiceClient::new(self.channel.clone());
        let receive = referral::ReceiveReferralRequest {
            meta: meta(),
            case_id: None,
            referral_id: referral_id.to_owned(),
        };
        let received = referrals.receive_referral(by(PROVIDER, receive)).await;
        received.expect("received");
        let decline = referral::DeclineReferralRequest {
            meta: meta(),
            case_id: None,
            referral_id: referral_id.to_owned(),
            reason: common::ReferralReason::NoCapacity.into(),
        };
        let declined = referrals.decline_referral(by(PROVIDER, decline)).await;
        declined.expect("declined");
    }

    async fn close(&self, case_id: &str) -> Result<u64, Status> {
        let mut views = TrackingServiceClient::new(self.channel.clone());
        let closed = views.close_case_work(by(FOCAL, closing(case_id))).await?;
        let outcome = closed.into_inner().outcome.expect("an outcome");
        Ok(outcome.receipts[0].position)
    }

    /// The cases in the list of those that are closed, or of those that are not.
    async fn in_list(&self, closed: bool, upon: u64) -> Vec<tracking::CaseSummary> {
        let mut views = TrackingServiceClient::new(self.channel.clone());
        let asked = tracking::ListCasesRequest {
            closed,
            page: Some(common::PageRequest {
                at_least_position: Some(upon),
                ..Default::default()
            }),
            ..Default::default()
        };
        let listed = views.list_cases(by(FOCAL, asked)).await.expect("a list");
        listed.into_inner().cases
    }

    async fn load_of(&self, who: StaffId) -> u64 {
        let mut views = TrackingServiceClient::new(self.channel.clone());
        let asked = tracking::GetCaseloadRequest {};
        let load = views.get_caseload(by(COORDINATOR, asked)).await;
        let staff = load.expect("counts").into_inner().staff;
        let own = staff.iter().find(|row| row.staff_id == who.to_string());
        own.map_or(0, |row| row.cases)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c15_a_case_is_closed_when_nothing_waits_and_leaves_the_caseload() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let (case, referral_id) = running.sent_referral().await;
    let id = case.case_id.as_str();
    let waits = running.close(id).await.expect_err("a referral waits");
    let named = Refused::about(Refusal::ReferralOpen, referral_id.clone());
    assert_eq!(refused_of(&waits), Some(named));
    let mut views = TrackingServiceClient::new(running.channel.clone());
    // Whoever received a referral knows that there is a case, and does not close it.
    for (who, no) in [
        (STRANGER, Refusal::NotFound),
        (PROVIDER, Refusal::NotAllowed),
    ] {
        let hidden = views.close_case_work(by(who, closing(id))).await;
        let hidden = hidden.expect_err("not theirs");
        assert_eq!(refusal(&hidden), Some(no), "{who}");
    }
    running.declines(&referral_id).await;
    let position = running.close(id).await.expect("closed");
    assert!(running.in_list(false, position).await.is_empty());
    let listed = running.in_list(true, position).await;
    assert_eq!(listed.len(), 1);
    assert!(listed[0].closed_at.is_some());
    assert_eq!(running.load_of(FOCAL).await, 0);
    let shown = running.record(id).await.closed.expect("closed");
    assert_eq!(shown.reason(), common::ClosingReason::NeedsMet);

    let again = views.reopen_case(by(FOCAL, reopening(id))).await;
    let outcome = again.expect("open again").into_inner().outcome;
    let position = outcome.expect("an outcome").receipts[0].position;
    assert_eq!(running.in_list(false, position).await.len(), 1);
    assert_eq!(running.load_of(FOCAL).await, 1);
    let twice = views.reopen_case(by(FOCAL, reopening(id))).await;
    let twice = twice.expect_err("it is open");
    assert_eq!(refusal(&twice), Some(Refusal::NothingToDo));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c15_in_a_closed_case_nothing_begins_and_a_withdrawal_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let (case, referral_id) = running.sent_referral().await;
    let id = case.case_id.as_str();
    running.declines(&referral_id).await;
    running.close(id).await.expect("closed");
    let mut referrals = ReferralServiceClient::new(running.channel.clone());
    let draft = referrals.draft_referral(by(FOCAL, draft(id))).await;
    let refused = Refused::about(Refusal::CaseWorkClosed, "case");
    let draft = draft.expect_err("it is closed");
    assert_eq!(refused_of(&draft), Some(refused));
    let withdraw = WithdrawConsentRequest {
        meta: meta(),
        case_id: id.to_owned(),
        shred: ShredWish::AtOnce.into(),
        ..Default::default()
    };
    let mut protection = DataProtectionServiceClient::new(running.channel.clone());
    let withdrawn = protection.withdraw_consent(by(FOCAL, withdraw)).await;
    withdrawn.expect("a right");
    running.stop().await;
}
