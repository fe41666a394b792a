//! Wrong callers, wrong messages, and too much of everything.

use std::sync::atomic::Ordering;

use proto::audit::v1::GetDecisionRecordRequest;

use super::*;
use crate::api::turns::CUT_SHORT;

#[tokio::test(flavor = "multi_thread")]
async fn wrong_callers_and_wrong_messages_get_their_own_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let mut intake = IntakeServiceClient::new(running.channel.clone());
    let mut admin = AdminServiceClient::new(running.channel.clone());
    let need = || NoteUnmetNeedRequest {
        meta: meta(),
        need: 1,
        ..Default::default()
    };

    let stranger = intake.note_unmet_need(need()).await.expect_err("no token");
    assert_eq!(stranger.code(), Code::Unauthenticated);
    let guess = intake
        .note_unmet_need(with_token("rl_guess", need()))
        .await
        .expect_err("guess");
    assert_eq!(refusal(&guess), Some(Refusal::Unauthenticated));

    let unknown = NoteUnmetNeedRequest {
        meta: meta(),
        need: 999,
        ..Default::default()
    };
    let unknown = intake
        .note_unmet_need(by(FOCAL, unknown))
        .await
        .expect_err("no such need");
    assert_eq!(
        refused_of(&unknown),
        Some(Refused::about(Refusal::Malformed, "need"))
    );
    let case = intake
        .open_case(by(FOUNDER, open_case()))
        .await
        .expect_err("no cases");
    assert_eq!(refusal(&case), Some(Refusal::NotAllowed));
    let status = admin
        .get_status(by(PROVIDER, GetStatusRequest {}))
        .await
        .expect_err("no");
    assert_eq!(status.code(), Code::PermissionDenied);

    let mut huge = open_case();
    if let Some(identity) = &mut huge.identity {
        identity.name = "x".repeat(REQUEST_BYTES_MAX);
    }
    let huge = intake
        .open_case(by(FOCAL, huge))
        .await
        .expect_err("too large");
    assert_eq!(refusal(&huge), Some(Refusal::TooLarge));
    intake
        .note_unmet_need(by(FOCAL, need()))
        .await
        .expect("the server lives");

    let mut health = tonic_health::pb::health_client::HealthClient::new(running.channel.clone());
    let asked = tonic_health::pb::HealthCheckRequest {
        service: "referral.tracking.v1.TrackingService".to_owned(),
    };
    let healthy = health.check(asked).await.expect("health").into_inner();
    assert_eq!(healthy.status, 1);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_requests_at_once_get_an_answer_each_and_the_server_lives() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let mut asking = JoinSet::new();
    for _ in 0..10_000 {
        let mut intake = IntakeServiceClient::new(running.channel.clone());
        let need = NoteUnmetNeedRequest {
            meta: meta(),
            need: 1,
            ..Default::default()
        };
        asking.spawn(async move { intake.note_unmet_need(by(FOCAL, need)).await });
    }
    let mut recorded = 0_u32;
    while let Some(asked) = asking.join_next().await {
        match asked.expect("no panic") {
            Ok(_) => recorded += 1,
            Err(status) => {
                let clear = [
                    Code::Unavailable,
                    Code::ResourceExhausted,
                    Code::DeadlineExceeded,
                ];
                assert!(clear.contains(&status.code()), "{status:?}");
            }
        }
    }
    assert!(recorded > 0);
    let mut admin = AdminServiceClient::new(running.channel.clone());
    let status = admin
        .get_status(by(FOUNDER, GetStatusRequest {}))
        .await
        .expect("it lives");
    assert!(!status.into_inner().poisoned);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_that_is_past_ends_the_request_and_not_the_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let mut intake = IntakeServiceClient::new(running.channel.clone());
    let need = || NoteUnmetNeedRequest {
        meta: meta(),
        need: 1,
        ..Default::default()
    };
    let mut hasty = by(FOCAL, need());
    hasty.set_timeout(Duration::from_nanos(1));
    let late = intake.note_unmet_need(hasty).await.expect_err("too late");
    assert!(
        [Code::DeadlineExceeded, Code::Cancelled].contains(&late.code()),
        "{late:?}"
    );
    intake
        .note_unmet_need(by(FOCAL, need()))
        .await
        .expect("the server lives");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_stops_working_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let mut admin = AdminServiceClient::new(running.channel.clone());
    let mut intake = IntakeServiceClient::new(running.channel.clone());
    let asked = proto::admin::v1::ListStaffRequest::default();
    let staff = admin
        .list_staff(by(FOUNDER, asked))
        .await
        .expect("staff")
        .into_inner()
        .staff;
    let focal = staff
        .iter()
        .find(|one| one.staff_id == FOCAL.to_string())
        .expect("registered");
    let revoked = proto::admin::v1::RevokeTokenRequest {
        meta: meta(),
        staff_id: FOCAL.to_string(),
        token_id: focal.tokens.first().expect("a token").token_id.clone(),
    };
    admin
        .revoke_token(by(FOUNDER, revoked))
        .await
        .expect("revoked");
    let need = NoteUnmetNeedRequest {
        meta: meta(),
        need: 1,
        ..Default::default()
    };
    let refused = intake
        .note_unmet_need(by(FOCAL, need))
        .await
        .expect_err("revoked");
    assert_eq!(refused.code(), Code::Unauthenticated);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_that_nobody_waits_for_any_more_ends_and_the_server_lives() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let (case, _) = running.sent_referral().await;
    let mut views = TrackingServiceClient::new(running.channel.clone());
    for _ in 0..30 {
        let view = tracking::ViewPersonalDataRequest {
            meta: meta(),
            case_id: Some(case.case_id.clone()),
            referral_id: None,
            purpose: common::ViewPurpose::CaseWork.into(),
        };
        let seen = views.view_personal_data(by(FOCAL, view)).await;
        seen.expect("seen");
    }
    let ask = || GetDecisionRecordRequest {
        case_id: case.case_id.clone(),
        with_proofs: true,
        page: None,
    };
    let cut_short = || CUT_SHORT.load(Ordering::Relaxed);
    let before = cut_short();
    // Whoever asks goes away at once; whether the reading had begun by then is a matter of luck.
    for patience in (0..2_000_u64).map(|tries| tries % 20) {
        let mut audit = AuditServiceClient::new(running.channel.clone());
        let asking = audit.get_decision_record(by(AUDITOR, ask()));
        let gone = tokio::time::timeout(Duration::from_millis(patience), asking).await;
        drop(gone);
        if cut_short() > before {
            break;
        }
    }
    assert!(cut_short() > before, "none was cut short");
    let mut audit = AuditServiceClient::new(running.channel.clone());
    let whole = audit.get_decision_record(by(AUDITOR, ask())).await;
    assert!(whole.expect("it lives").into_inner().entries.len() > 30);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e6_who_holds_a_token_that_waits_for_a_second_person_is_told_and_who_guesses_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let mut admin = AdminServiceClient::new(running.channel.clone());
    let asked = IssueTokenRequest {
        meta: meta(),
        staff_id: AUDITOR.to_string(),
        token_sha256: Sha256::digest(b"rl_another").to_vec(),
        expires_at: in_an_hour(),
    };
    let asked = admin.issue_token(by(FOUNDER, asked)).await;
    let outcome = asked.expect("asked for").into_inner().outcome;
    assert_eq!(outcome.expect("one").receipts[0].event_name, "TokenAsked");
    for (token, about) in [("rl_another", Some("waits")), ("rl_guessed", None)] {
        let status = admin.get_status(with_token(token, GetStatusRequest::default()));
        let status = status.await.expect_err("not in force");
        let told = refused_of(&status).expect("a refusal");
        assert_eq!(told.refusal, Refusal::Unauthenticated);
        assert_eq!(told.about.as_deref(), about, "{token}");
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c15_whoever_takes_the_role_of_somebody_with_cases_is_told_how_many() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    running.sent_referral().await;
    let mut admin = AdminServiceClient::new(running.channel.clone());
    let revoke = |staff: StaffId, role: common::Role| proto::admin::v1::RevokeRoleRequest {
        meta: meta(),
        staff_id: staff.to_string(),
        role: role.into(),
    };
    let focal = revoke(FOCAL, common::Role::FocalPoint);
    let told = admin.revoke_role(by(FOUNDER, focal)).await;
    let told = told.expect("revoked").into_inner();
    assert_eq!((told.cases_left, told.cases_alone), (Some(1), Some(1)));
    let other = revoke(COORDINATOR, common::Role::Coordinator);
    let told = admin.revoke_role(by(FOUNDER, other)).await;
    assert_eq!(told.expect("revoked").into_inner().cases_left, None);
    running.stop().await;
}
