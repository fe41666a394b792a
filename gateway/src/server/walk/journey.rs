//! A referral's whole way, and that its data go with the consent.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_referral_goes_from_consent_to_accepted_and_its_data_go_with_the_consent() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), true).await;
    running.staff_and_service().await;
    let mut intake = IntakeServiceClient::new(running.channel.clone());
    let mut consents = ConsentServiceClient::new(running.channel.clone());
    let mut referrals = ReferralServiceClient::new(running.channel.clone());
    let mut views = TrackingServiceClient::new(running.channel.clone());

    let opened = intake
        .open_case(by(FOCAL, open_case()))
        .await
        .expect("opened")
        .into_inner();
    let case_id = opened.case_id.clone();
    let drafted = referrals
        .draft_referral(by(FOCAL, draft(&case_id)))
        .await
        .expect("drafted");
    let referral_id = drafted.into_inner().referral_id;

    // By the referral alone, right after it was drafted.
    let review = referral::ReviewReferralRequest {
        meta: meta(),
        case_id: None,
        referral_id: referral_id.clone(),
        read_back: true,
        copy_given: false,
    };
    referrals
        .review_referral(by(FOCAL, review))
        .await
        .expect("reviewed");

    let send = referral::SendReferralRequest {
        meta: meta(),
        case_id: None,
        referral_id: referral_id.clone(),
        channel: common::Channel::Portal.into(),
    };
    let unsent = referrals
        .send_referral(by(FOCAL, send.clone()))
        .await
        .expect_err("no consent");
    assert_eq!(unsent.code(), Code::FailedPrecondition);

    let watch = tracking::WatchReferralsRequest::default();
    let mut news = views
        .watch_referrals(by(PROVIDER, watch))
        .await
        .expect("watch")
        .into_inner();

    let agreed = consent_to_refer(&case_id, &opened.client_person_id);
    consents
        .give_consent(by(FOCAL, agreed))
        .await
        .expect("given");
    let send = referral::SendReferralRequest {
        meta: meta(),
        ..send
    };
    let sent = referrals
        .send_referral(by(FOCAL, send.clone()))
        .await
        .expect("sent")
        .into_inner();
    let again = referrals
        .send_referral(by(FOCAL, send))
        .await
        .expect("the same")
        .into_inner();
    assert!(
        again
            .outcome
            .as_ref()
            .is_some_and(|outcome| outcome.repeated)
    );
    assert_eq!(again.outward_reference, sent.outward_reference);

    // The clinic hears of it, and knows neither case nor code.
    let heard = news.message().await.expect("no status").expect("an item");
    let heard = heard.referral.expect("a referral");
    assert_eq!(
        (heard.referral_id.as_str(), heard.case_id.as_str()),
        (referral_id.as_str(), "")
    );
    assert_eq!(
        heard.outward_reference.as_deref(),
        Some(sent.outward_reference.as_str())
    );

    let receive = referral::ReceiveReferralRequest {
        meta: meta(),
        case_id: None,
        referral_id: referral_id.clone(),
    };
    referrals
        .receive_referral(by(PROVIDER, receive))
        .await
        .expect("received");

    let view = tracking::ViewPersonalDataRequest {
        meta: meta(),
        case_id: Some(case_id.clone()),
        referral_id: None,
        purpose: common::ViewPurpose::CaseWork.into(),
    };
    let seen = views
        .view_personal_data(by(FOCAL, view.clone()))
        .await
        .expect("seen")
        .into_inner();
    let open = |state: i32| state == i32::from(tracking::PartState::Open);
    assert!(seen.parts.iter().any(|part| matches!(
        &part.content,
        Some(tracking::personal_part::Content::Identity(who)) if who.name == "مريم"
    )));
    assert!(seen.parts.iter().all(|part| open(part.state)));

    let mut protection = DataProtectionServiceClient::new(running.channel.clone());
    let withdraw = WithdrawConsentRequest {
        meta: meta(),
        case_id: case_id.clone(),
        shred: ShredWish::AfterPeriod.into(),
        ..Default::default()
    };
    let gone = protection
        .withdraw_consent(by(FOCAL, withdraw))
        .await
        .expect("withdrawn");
    assert_eq!(gone.into_inner().stopped_referral_ids, vec![referral_id]);
    let view = tracking::ViewPersonalDataRequest {
        meta: meta(),
        ..view
    };
    let seen = views
        .view_personal_data(by(FOCAL, view))
        .await
        .expect("seen")
        .into_inner();
    assert!(!seen.parts.iter().any(|part| open(part.state)));
    running.stop().await;
}
