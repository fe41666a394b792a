//! A referral's way, who hears of it, and that its data go with the consent.

use super::*;

fn send(referral_id: &str) -> referral::SendReferralRequest {
    referral::SendReferralRequest {
        meta: meta(),
        case_id: None,
        referral_id: referral_id.to_owned(),
        channel: common::Channel::Portal.into(),
        follow_up: None,
    }
}

fn view(case_id: &str) -> tracking::ViewPersonalDataRequest {
    tracking::ViewPersonalDataRequest {
        meta: meta(),
        case_id: Some(case_id.to_owned()),
        referral_id: None,
        purpose: common::ViewPurpose::CaseWork.into(),
    }
}

fn is_open(part: &tracking::PersonalPart) -> bool {
    part.state == i32::from(tracking::PartState::Open)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_referral_is_sent_with_consent_only_and_once_however_often_it_is_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let mut consents = ConsentServiceClient::new(running.channel.clone());
    let mut referrals = ReferralServiceClient::new(running.channel.clone());
    let (case, referral_id) = running.reviewed_referral().await;

    let unsent = referrals.send_referral(by(FOCAL, send(&referral_id))).await;
    let unsent = unsent.expect_err("no consent");
    assert_eq!(unsent.code(), Code::FailedPrecondition);
    let agreed = consent_to_refer(&case.case_id, &case.client_person_id);
    consents
        .give_consent(by(FOCAL, agreed))
        .await
        .expect("given");

    let message = send(&referral_id);
    let sent = referrals
        .send_referral(by(FOCAL, message.clone()))
        .await
        .expect("sent");
    let again = referrals
        .send_referral(by(FOCAL, message))
        .await
        .expect("the same");
    let (sent, again) = (sent.into_inner(), again.into_inner());
    assert!(
        again
            .outcome
            .as_ref()
            .is_some_and(|outcome| outcome.repeated)
    );
    assert_eq!(again.outward_reference, sent.outward_reference);
    let twice = referrals
        .send_referral(by(FOCAL, send(&referral_id)))
        .await
        .expect_err("twice");
    assert_eq!(refusal(&twice), Some(Refusal::ReferralState));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clinic_hears_of_a_referral_and_answers_it_without_knowing_the_case() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let mut views = TrackingServiceClient::new(running.channel.clone());
    let mut referrals = ReferralServiceClient::new(running.channel.clone());
    let watch = tracking::WatchReferralsRequest::default();
    let mut news = views
        .watch_referrals(by(PROVIDER, watch))
        .await
        .expect("watch")
        .into_inner();

    let (_, referral_id) = running.sent_referral().await;
    let heard = news.message().await.expect("no status").expect("an item");
    assert_eq!(heard.event_name, "ReferralSent");
    let heard = heard.referral.expect("a referral");
    assert_eq!(
        (heard.referral_id.as_str(), heard.case_id.as_str()),
        (referral_id.as_str(), "")
    );
    assert!(heard.outward_reference.is_some());

    let receive = referral::ReceiveReferralRequest {
        meta: meta(),
        case_id: None,
        referral_id: heard.referral_id,
    };
    referrals
        .receive_referral(by(PROVIDER, receive))
        .await
        .expect("received");
    let heard = news.message().await.expect("no status").expect("an item");
    assert_eq!(heard.event_name, "ReferralReceived");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn personal_data_are_fenced_when_consent_is_withdrawn_and_gone_when_asked_for_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let mut views = TrackingServiceClient::new(running.channel.clone());
    let mut protection = DataProtectionServiceClient::new(running.channel.clone());
    for (wish, state) in [
        (ShredWish::AfterPeriod, tracking::PartState::Fenced),
        (ShredWish::AtOnce, tracking::PartState::Shredded),
    ] {
        let (case, referral_id) = running.sent_referral().await;
        let seen = views
            .view_personal_data(by(FOCAL, view(&case.case_id)))
            .await
            .expect("seen");
        let parts = seen.into_inner().parts;
        assert!(parts.iter().all(is_open));
        assert!(parts.iter().any(|part| matches!(
            &part.content,
            Some(tracking::personal_part::Content::Name(name)) if name == "مريم"
        )));

        let withdraw = WithdrawConsentRequest {
            meta: meta(),
            case_id: case.case_id.clone(),
            shred: wish.into(),
            ..Default::default()
        };
        let gone = protection
            .withdraw_consent(by(FOCAL, withdraw))
            .await
            .expect("withdrawn");
        assert_eq!(gone.into_inner().stopped_referral_ids, vec![referral_id]);
        running.wait_until_shredded(&case.case_id, wish).await;
        let seen = views
            .view_personal_data(by(FOCAL, view(&case.case_id)))
            .await
            .expect("seen");
        let parts = seen.into_inner().parts;
        assert!(!parts.is_empty());
        assert!(
            parts
                .iter()
                .all(|part| part.state == i32::from(state) && part.content.is_none())
        );
    }
    running.stop().await;
}

/// The certificates of a case, waiting for the first.
async fn certificates(running: &Running, case_id: &str) -> GetCertificatesResponse {
    let mut protection = DataProtectionServiceClient::new(running.channel.clone());
    loop {
        let asked = GetCertificatesRequest {
            case_id: Some(case_id.to_owned()),
            rotation_id: None,
        };
        let answer = protection.get_certificates(by(FOCAL, asked)).await;
        let answer = answer.expect("certificates").into_inner();
        if !answer.certificates.is_empty() {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The recipient answers for itself, naming the referral only; the officer reads it.
async fn recipient_answers(running: &Running, case_id: &str, referral_id: &str) {
    let mut protection = DataProtectionServiceClient::new(running.channel.clone());
    let answered = RecordNoticeRequest {
        meta: meta(),
        referral_id: Some(referral_id.to_owned()),
        state: common::NoticeState::Confirmed.into(),
        outcome: Some(common::NoticeOutcome::Destroyed.into()),
        channel: common::Channel::Portal.into(),
        ..Default::default()
    };
    let ask = RecordNoticeRequest {
        meta: meta(),
        state: common::NoticeState::Sent.into(),
        outcome: None,
        ..answered.clone()
    };
    let early = protection.record_notice(by(PROVIDER, answered.clone()));
    early.await.expect_err("nobody asked it yet");
    let asked = protection.record_notice(by(FOCAL, ask)).await;
    asked.expect("asked");
    let told = protection.record_notice(by(PROVIDER, answered)).await;
    told.expect("recorded");
    let asked = GetErasureStatusRequest {
        case_id: case_id.to_owned(),
        consent_id: None,
    };
    let status = protection.get_erasure_status(by(FOCAL, asked)).await;
    let notices = status.expect("a status").into_inner().notices;
    assert_eq!(notices.len(), 1);
    assert_eq!(notices[0].referral_id, referral_id);
    assert_eq!(notices[0].state(), common::NoticeState::Confirmed);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_destroyed_is_certified_for_a_stranger_and_on_a_page_for_a_person() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let mut protection = DataProtectionServiceClient::new(running.channel.clone());
    let (case, referral_id) = running.sent_referral().await;
    let withdraw = WithdrawConsentRequest {
        meta: meta(),
        case_id: case.case_id.clone(),
        shred: ShredWish::AtOnce.into(),
        ..Default::default()
    };
    protection
        .withdraw_consent(by(FOCAL, withdraw))
        .await
        .expect("withdrawn");
    let answer = certificates(&running, &case.case_id).await;
    let file = &answer.certificates[0].file;
    let key = answer.vkey.parse().expect("a key");
    let verified = ledger::prove::verify_certificate(file.as_bytes(), &key).expect("it holds");
    assert!(!file.contains("مريم"), "no name");
    let page = crate::page::certificate::page(&verified).expect("a page");
    for said in [
        &case.case_id,
        &referral_id,
        "Asked to stop",
        "portal",
        "through this system",
    ] {
        let there = page.contains(said) || file.contains(said);
        assert!(there, "{said}");
    }
    assert!(!page.contains("<script") && !page.contains("http:") && page.contains("dir=\"ltr\""));
    assert!(page.contains("Shown to them in this system since"));
    recipient_answers(&running, &case.case_id, &referral_id).await;
    // The next issue tells of it.
    let mut page = page;
    while !page.contains("Destroyed the data, ") {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let answer = certificates(&running, &case.case_id).await;
        let newest = answer.certificates.last().expect("one");
        let verified = ledger::prove::verify_certificate(newest.file.as_bytes(), &key);
        page = crate::page::certificate::page(&verified.expect("it holds")).expect("a page");
    }
    if let Some(file) = std::env::var_os("REFERRAL_LEDGER_PAGE") {
        std::fs::write(file, &page).expect("written");
    }
    // Nothing new to say: asked for again by the officer it is refused to others, and stays one.
    let again = IssueCertificateRequest {
        meta: meta(),
        case_id: case.case_id.clone(),
        rotation_id: answer.certificates[0].rotation_id.clone(),
    };
    let refused = protection.issue_certificate(by(FOCAL, again)).await;
    let refused = refused.expect_err("not theirs");
    assert_eq!(refusal(&refused), Some(Refusal::NotAllowed));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_cuts_out_what_is_dead_when_the_data_protection_officer_asks() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let mut protection = DataProtectionServiceClient::new(running.channel.clone());
    let case_id = running.forgotten().await;
    let cut = |after_days: u32| CutOutRequest {
        after_days,
        meta: meta(),
    };
    let refused = protection.cut_out(by(FOCAL, cut(0))).await;
    assert_eq!(
        refused.expect_err("not hers").code(),
        Code::PermissionDenied
    );
    let asked = protection.cut_out(by(OFFICER, cut(3))).await;
    assert_eq!(asked.expect("nothing is so old").into_inner().segments, 0);
    let done = protection.cut_out(by(OFFICER, cut(0))).await;
    let done = done.expect("cut out").into_inner();
    assert!(done.finished && done.segments > 0 && done.streams == 1);
    let told = done.outcome.expect("what was recorded").receipts;
    assert_eq!(told[0].event_name, "CuttingAsked");
    let asked = GetErasureStatusRequest {
        case_id,
        consent_id: None,
    };
    let status = protection.get_erasure_status(by(FOCAL, asked)).await;
    let states = status.expect("a status").into_inner().states;
    assert!(states.iter().all(|it| it.keys_cut_out == it.keys));
    // The store is not built anew at every wish: the journal is done, the rest follows.
    let _ = running.forgotten().await;
    let again = protection.cut_out(by(OFFICER, cut(0))).await;
    let again = again.expect("cut out of the journal").into_inner();
    assert!(!again.finished && again.segments > 0);
    running.stop().await;
}

impl Running {
    /// A case whose data were destroyed at once.
    async fn forgotten(&self) -> String {
        let mut protection = DataProtectionServiceClient::new(self.channel.clone());
        let (case, _) = self.sent_referral().await;
        let withdraw = WithdrawConsentRequest {
            meta: meta(),
            case_id: case.case_id.clone(),
            shred: ShredWish::AtOnce.into(),
            ..Default::default()
        };
        let withdrawn = protection.withdraw_consent(by(FOCAL, withdraw)).await;
        withdrawn.expect("withdrawn");
        let wish = ShredWish::AtOnce;
        self.wait_until_shredded(&case.case_id, wish).await;
        case.case_id
    }
}
