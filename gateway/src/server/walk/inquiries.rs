//! Asking a service first, over the wire: the provider sees the question and no case, answers, and
//! nobody else knows of it.

use proto::common::v1::ArrangementState::{Arranged, Offered, Wanted};

use super::*;

const OTHER: &str = "3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f01";

fn ask(service_id: &str) -> directory::AskServiceRequest {
    directory::AskServiceRequest {
        meta: meta(),
        service_id: service_id.to_owned(),
        questions: vec![common::InquiryQuestion::Availability.into()],
        need: common::Need::Legal.into(),
        age_group: common::AgeGroup::Adult.into(),
        gender: common::GenderGroup::Female.into(),
        area: Some("JO21".to_owned()),
        channel: common::Channel::Portal.into(),
    }
}

fn answer(inquiry_id: &str) -> directory::AnswerInquiryRequest {
    directory::AnswerInquiryRequest {
        meta: meta(),
        service_id: SERVICE.to_owned(),
        inquiry_id: inquiry_id.to_owned(),
        answer: common::InquiryAnswer::Wait.into(),
        wait_days: Some(14),
        fee: common::InquiryFee::Free.into(),
        channel: common::Channel::Portal.into(),
    }
}

impl Running {
    /// What somebody sees of inquiries, page by page of one each.
    async fn inquiries(
        &self,
        who: StaffId,
        at: u64,
    ) -> Result<Vec<directory::InquiryRecord>, Status> {
        let mut services = DirectoryServiceClient::new(self.channel.clone());
        let (mut seen, mut token) = (Vec::new(), String::new());
        loop {
            let asked = directory::ListInquiriesRequest {
                page: Some(common::PageRequest {
                    page_size: 1,
                    page_token: token,
                    at_least_position: Some(at),
                }),
                ..Default::default()
            };
            let some = services.list_inquiries(by(who, asked)).await?.into_inner();
            seen.extend(some.inquiries);
            token = some.page.expect("a page").next_page_token;
            if token.is_empty() {
                return Ok(seen);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c11_the_provider_sees_the_question_without_a_case_and_answers_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let mut services = DirectoryServiceClient::new(running.channel.clone());
    // A case is under way meanwhile; nothing of it is in the question.
    let (case, _) = running.reviewed_referral().await;
    for who in [PROVIDER, AUDITOR, COORDINATOR, FOUNDER] {
        let refused = services.ask_service(by(who, ask(SERVICE))).await;
        let refused = refused.expect_err("it is not theirs to ask");
        assert_eq!(refusal(&refused), Some(Refusal::NotAllowed), "{who}");
    }
    let nowhere = services.ask_service(by(FOCAL, ask(OTHER))).await;
    let expected = Refused::about(Refusal::NotFound, "service");
    assert_eq!(refused_of(&nowhere.expect_err("unknown")), Some(expected));
    let street = directory::AskServiceRequest {
        area: Some("Rainbow Street 4".to_owned()),
        ..ask(SERVICE)
    };
    let street = services.ask_service(by(FOCAL, street)).await;
    let expected = Refused::about(Refusal::Malformed, "area");
    assert_eq!(refused_of(&street.expect_err("an address")), Some(expected));
    let asked = services.ask_service(by(FOCAL, ask(SERVICE))).await;
    let asked = asked.expect("asked").into_inner();
    let at = asked.outcome.expect("an outcome").receipts[0].position;
    let twice = services.ask_service(by(FOCAL, ask(SERVICE))).await;
    let twice = twice.expect_err("it was not answered yet");
    assert_eq!(refusal(&twice), Some(Refusal::AlreadyExists));

    let seen = running.inquiries(PROVIDER, at).await.expect("a list");
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].inquiry_id, asked.inquiry_id);
    let shown = format!("{seen:?}");
    for hidden in [&case.case_id, &case.client_code, &case.client_person_id] {
        assert!(!shown.contains(hidden.as_str()), "{shown}");
    }
    let stranger = running.inquiries(STRANGER, at).await;
    assert!(stranger.expect("a list").is_empty());
    for nobody in [AUDITOR, FOUNDER] {
        let refused = running.inquiries(nobody, at).await.expect_err("refused");
        assert_eq!(refusal(&refused), Some(Refusal::NotAllowed));
    }
    let theirs = services
        .answer_inquiry(by(STRANGER, answer(&asked.inquiry_id)))
        .await;
    let expected = Refused::about(Refusal::NotFound, "inquiry");
    assert_eq!(refused_of(&theirs.expect_err("not theirs")), Some(expected));
    let answered = services
        .answer_inquiry(by(PROVIDER, answer(&asked.inquiry_id)))
        .await;
    let outcome = answered.expect("answered").into_inner().outcome;
    let at = outcome.expect("an outcome").receipts[0].position;
    let seen = running.inquiries(FOCAL, at).await.expect("a list");
    assert_eq!((seen.len(), seen[0].wait_days), (1, Some(14)));
    let again = services
        .answer_inquiry(by(FOCAL, answer(&asked.inquiry_id)))
        .await;
    let again = again.expect_err("it was answered");
    assert_eq!(refusal(&again), Some(Refusal::AlreadyExists));
    // What is so later is asked anew.
    let later = services.ask_service(by(FOCAL, ask(SERVICE))).await;
    later.expect("asked anew");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c11_how_somebody_gets_there_is_arranged_and_is_not_for_the_recipient() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let mut referrals = ReferralServiceClient::new(running.channel.clone());
    let mut views = TrackingServiceClient::new(running.channel.clone());
    let watch = tracking::WatchReferralsRequest::default();
    let watch = views.watch_referrals(by(PROVIDER, watch)).await;
    let mut news = watch.expect("watch").into_inner();
    let (_, referral_id) = running.sent_referral().await;
    let heard = news.message().await.expect("no status").expect("an item");
    assert_eq!(heard.event_name, "ReferralSent");
    let sensitivity = heard.referral.expect("a referral").sensitivity;
    assert_eq!(sensitivity, 0, "theirs to know");
    let arrange = |state: common::ArrangementState| referral::RecordArrangementRequest {
        meta: meta(),
        case_id: None,
        referral_id: referral_id.clone(),
        kind: common::ArrangementKind::Interpreter.into(),
        state: state.into(),
    };
    let early = referrals
        .record_arrangement(by(FOCAL, arrange(Arranged)))
        .await;
    let expected = Refused::about(Refusal::ArrangementState, "none");
    assert_eq!(refused_of(&early.expect_err("not offered")), Some(expected));
    for state in [Offered, Wanted, Arranged] {
        let recorded = referrals
            .record_arrangement(by(FOCAL, arrange(state)))
            .await;
        recorded.expect("recorded");
    }
    let theirs = referrals
        .record_arrangement(by(PROVIDER, arrange(Offered)))
        .await;
    let theirs = refusal(&theirs.expect_err("not theirs")).expect("a refusal");
    assert_eq!(theirs, Refusal::NotAllowed);
    for (who, shown) in [(FOCAL, 1), (PROVIDER, 0)] {
        let asked = tracking::GetReferralRequest {
            referral_id: referral_id.clone(),
        };
        let one = views
            .get_referral(by(who, asked))
            .await
            .expect("a referral");
        let one = one.into_inner().referral.expect("a referral");
        assert_eq!(one.arrangements.len(), shown, "{who}");
    }
    // Nor does a follower hear that something was arranged: what comes next is their own deed.
    let receive = referral::ReceiveReferralRequest {
        meta: meta(),
        case_id: None,
        referral_id,
    };
    let received = referrals.receive_referral(by(PROVIDER, receive)).await;
    received.expect("received");
    let heard = news.message().await.expect("no status").expect("an item");
    assert_eq!(heard.event_name, "ReferralReceived");
    running.stop().await;
}
