//! Taking a referral back: the sender asks for it, the person does not want it any more.

use super::*;

fn seen(referral_id: &str) -> tracking::ViewPersonalDataRequest {
    tracking::ViewPersonalDataRequest {
        meta: meta(),
        case_id: None,
        referral_id: Some(referral_id.to_owned()),
        purpose: common::ViewPurpose::Service.into(),
    }
}

fn recall(referral_id: &str) -> referral::RecallReferralRequest {
    referral::RecallReferralRequest {
        meta: meta(),
        case_id: None,
        referral_id: referral_id.to_owned(),
        reason: common::ReferralReason::WrongService.into(),
    }
}

fn answer(referral_id: &str, answer: common::RecallAnswer) -> referral::AnswerRecallRequest {
    referral::AnswerRecallRequest {
        meta: meta(),
        case_id: None,
        referral_id: referral_id.to_owned(),
        answer: answer.into(),
    }
}

fn cancel(referral_id: &str, asked_by_id: Option<String>) -> referral::CancelReferralRequest {
    referral::CancelReferralRequest {
        meta: meta(),
        case_id: None,
        referral_id: referral_id.to_owned(),
        asked_by_id,
    }
}

impl Running {
    /// Received and accepted by the clinic.
    async fn accepted(&self, referral_id: &str) {
        let mut referrals = ReferralServiceClient::new(self.channel.clone());
        let receive = referral::ReceiveReferralRequest {
            meta: meta(),
            case_id: None,
            referral_id: referral_id.to_owned(),
        };
        let received = referrals.receive_referral(by(PROVIDER, receive)).await;
        received.expect("received");
        let accept = accept(referral_id);
        let accepted = referrals.accept_referral(by(PROVIDER, accept)).await;
        accepted.expect("accepted");
    }

    /// What the clinic reads of what was sent to it.
    async fn read_by_clinic(&self, referral_id: &str) -> Result<usize, Option<Refusal>> {
        let mut views = TrackingServiceClient::new(self.channel.clone());
        let asked = by(PROVIDER, seen(referral_id));
        let parts = views.view_personal_data(asked).await;
        let parts = parts.map_err(|status| refusal(&status))?.into_inner().parts;
        let open = |part: &&tracking::PersonalPart| part.state() == tracking::PartState::Open;
        Ok(parts.iter().filter(open).count())
    }

    /// What the list of what left says of the one referral's recall and its answer.
    async fn asked_back(&self, case_id: &str) -> Option<Option<common::RecallAnswer>> {
        let mut lists = DataProtectionServiceClient::new(self.channel.clone());
        let asked = proto::protection::v1::ListDisclosedRequest {
            case_id: Some(case_id.to_owned()),
            ..Default::default()
        };
        let left = lists.list_disclosed(by(FOCAL, asked)).await;
        let left = left.expect("a list").into_inner().disclosed;
        let recalled = left.into_iter().next()?.recalled?;
        Some(recalled.answer.is_some().then(|| recalled.answer()))
    }

    /// Where it stands, to both sides alike.
    async fn state(&self, referral_id: &str) -> common::ReferralState {
        let mut views = TrackingServiceClient::new(self.channel.clone());
        let mut states = Vec::new();
        for caller in [FOCAL, PROVIDER] {
            let referral_id = referral_id.to_owned();
            let asked = tracking::GetReferralRequest { referral_id };
            let found = views.get_referral(by(caller, asked)).await;
            let found = found.expect("found").into_inner().referral;
            states.push(found.expect("a record").state());
        }
        assert_eq!(states[0], states[1]);
        states[0]
    }
}

fn accept(referral_id: &str) -> referral::AcceptReferralRequest {
    referral::AcceptReferralRequest {
        meta: meta(),
        case_id: None,
        referral_id: referral_id.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c1_what_was_asked_back_is_closed_to_its_recipient_who_says_what_became_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let (case, id) = running.sent_referral().await;
    let mut referrals = ReferralServiceClient::new(running.channel.clone());
    running.accepted(&id).await;
    assert!(running.read_by_clinic(&id).await.expect("open") > 0);

    let destroyed = common::RecallAnswer::Destroyed;
    let early = referrals.answer_recall(by(PROVIDER, answer(&id, destroyed)));
    let early = early.await.expect_err("nobody asked for it");
    assert_eq!(refusal(&early), Some(Refusal::ReferralState));
    for (caller, told) in [
        (STRANGER, Refusal::NotFound),
        (PROVIDER, Refusal::NotAllowed),
        (AUDITOR, Refusal::NotAllowed),
    ] {
        let refused = referrals.recall_referral(by(caller, recall(&id))).await;
        let refused = refused.expect_err("not theirs to recall");
        assert_eq!(refusal(&refused), Some(told), "{caller}");
    }
    let asked = referrals.recall_referral(by(FOCAL, recall(&id))).await;
    let outcome = asked.expect("asked back").into_inner().outcome;
    assert_eq!(outcome.expect("one").receipts[0].event_name, "RecallAsked");

    assert_eq!(running.state(&id).await, common::ReferralState::RecallAsked);
    assert_eq!(running.asked_back(&case.case_id).await, Some(None));
    let closed = Err(Some(Refusal::ReferralState));
    assert_eq!(running.read_by_clinic(&id).await, closed);
    let complete = referral::CompleteReferralRequest {
        meta: meta(),
        case_id: None,
        referral_id: id.clone(),
    };
    let completed = referrals.complete_referral(by(PROVIDER, complete)).await;
    let completed = completed.expect_err("it was asked back");
    assert_eq!(refusal(&completed), Some(Refusal::ReferralState));
    let nobody = referrals.answer_recall(by(STRANGER, answer(&id, destroyed)));
    let nobody = nobody.await.expect_err("not theirs");
    assert_eq!(refusal(&nobody), Some(Refusal::NotFound));

    let told = referrals.answer_recall(by(PROVIDER, answer(&id, destroyed)));
    told.await.expect("answered");
    assert_eq!(running.state(&id).await, common::ReferralState::Recalled);
    let twice = referrals.answer_recall(by(PROVIDER, answer(&id, destroyed)));
    let twice = twice.await.expect_err("it was answered");
    assert_eq!(refusal(&twice), Some(Refusal::ReferralState));
    assert_eq!(running.read_by_clinic(&id).await, closed);
    assert_eq!(
        running.asked_back(&case.case_id).await,
        Some(Some(destroyed))
    );
    // Whoever sent it goes on reading their own case.
    let mut views = TrackingServiceClient::new(running.channel.clone());
    let own = tracking::ViewPersonalDataRequest {
        case_id: Some(case.case_id),
        referral_id: None,
        purpose: common::ViewPurpose::CaseWork.into(),
        ..seen(&id)
    };
    let own = views.view_personal_data(by(FOCAL, own)).await;
    assert!(!own.expect("their own").into_inner().parts.is_empty());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c1_what_was_acted_on_already_is_told_to_its_end_and_not_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let (_, id) = running.sent_referral().await;
    let mut referrals = ReferralServiceClient::new(running.channel.clone());
    running.accepted(&id).await;
    let asked = referrals.recall_referral(by(FOCAL, recall(&id))).await;
    asked.expect("asked back");
    let acted = answer(&id, common::RecallAnswer::AlreadyActed);
    let acted = referrals.answer_recall(by(PROVIDER, acted)).await;
    acted.expect("answered");
    assert_eq!(running.state(&id).await, common::ReferralState::Accepted);
    let closed = Err(Some(Refusal::ReferralState));
    assert_eq!(running.read_by_clinic(&id).await, closed);
    let unclear = answer(&id, common::RecallAnswer::Unspecified);
    let unclear = referrals.answer_recall(by(PROVIDER, unclear)).await;
    let unclear = unclear.expect_err("no answer");
    let about = Refused::about(Refusal::Malformed, "answer");
    assert_eq!(refused_of(&unclear), Some(about));
    let complete = referral::CompleteReferralRequest {
        meta: meta(),
        case_id: None,
        referral_id: id.clone(),
    };
    let completed = referrals.complete_referral(by(PROVIDER, complete)).await;
    completed.expect("the help was given");
    assert_eq!(running.state(&id).await, common::ReferralState::Completed);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c1_a_person_cancels_what_was_sent_and_its_recipient_opens_it_no_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let (case, id) = running.sent_referral().await;
    let mut referrals = ReferralServiceClient::new(running.channel.clone());
    running.accepted(&id).await;
    for (caller, told) in [
        (STRANGER, Refusal::NotFound),
        (PROVIDER, Refusal::NotAllowed),
        (AUDITOR, Refusal::NotAllowed),
    ] {
        let refused = referrals.cancel_referral(by(caller, cancel(&id, None)));
        let refused = refused.await.expect_err("not said to them");
        assert_eq!(refusal(&refused), Some(told), "{caller}");
    }
    let nobody = cancel(&id, Some(SERVICE.to_owned()));
    let nobody = referrals.cancel_referral(by(FOCAL, nobody)).await;
    let nobody = nobody.expect_err("not a person of the case");
    assert_eq!(refusal(&nobody), Some(Refusal::NotFound));
    assert!(running.read_by_clinic(&id).await.expect("still open") > 0);

    let person = cancel(&id, Some(case.client_person_id));
    let cancelled = referrals.cancel_referral(by(FOCAL, person)).await;
    cancelled.expect("cancelled");
    assert_eq!(running.state(&id).await, common::ReferralState::Cancelled);
    let closed = Err(Some(Refusal::ReferralState));
    assert_eq!(running.read_by_clinic(&id).await, closed);
    let late = referrals.cancel_referral(by(FOCAL, cancel(&id, None)));
    let late = late.await.expect_err("it was cancelled");
    assert_eq!(refusal(&late), Some(Refusal::ReferralState));

    // What was not sent goes nowhere; its recipient never learns that it was.
    let (_, unsent) = running.reviewed_referral().await;
    let cancelled = referrals.cancel_referral(by(FOCAL, cancel(&unsent, None)));
    cancelled.await.expect("cancelled");
    let unknown = running.read_by_clinic(&unsent).await;
    assert_eq!(unknown, Err(Some(Refusal::NotFound)));
    running.stop().await;
}
