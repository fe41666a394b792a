//! The specialist first, over the wire: who waits for whom, what the refusal names, and that the
//! recipient learns nothing of it.

use proto::intake::v1::RaiseConcernRequest;

use super::*;

/// Who protects children, and is the specialist where the file names nobody else.
const CHILD: StaffId = StaffId([0x0e; 16]);

fn concern(case_id: &str, concerns: &[common::Concern]) -> RaiseConcernRequest {
    RaiseConcernRequest {
        meta: meta(),
        case_id: case_id.to_owned(),
        concerns: concerns.iter().map(|one| (*one).into()).collect(),
    }
}

fn consult(
    referral_id: &str,
    asked: Option<StaffId>,
    advice: common::Advice,
) -> referral::ConsultSpecialistRequest {
    referral::ConsultSpecialistRequest {
        meta: meta(),
        case_id: None,
        referral_id: referral_id.to_owned(),
        specialist_id: asked.map(|it| it.to_string()),
        advice: advice.into(),
        channel: common::Channel::Phone.into(),
    }
}

fn confirm(referral_id: &str, confirm: bool) -> referral::ConfirmConsultationRequest {
    referral::ConfirmConsultationRequest {
        meta: meta(),
        case_id: None,
        referral_id: referral_id.to_owned(),
        confirm,
    }
}

fn send(referral_id: &str) -> referral::SendReferralRequest {
    referral::SendReferralRequest {
        meta: meta(),
        case_id: None,
        referral_id: referral_id.to_owned(),
        channel: common::Channel::Portal.into(),
        follow_up: None,
    }
}

impl Running {
    /// The referrals that somebody sees as waiting for a specialist, once the views are there.
    async fn waiting_for_specialist(&self, who: StaffId, at: u64) -> Vec<String> {
        let mut views = TrackingServiceClient::new(self.channel.clone());
        let asked = tracking::ListReferralsRequest {
            filter: Some(tracking::ReferralFilter {
                specialist_only: true,
                ..Default::default()
            }),
            page: Some(common::PageRequest {
                at_least_position: Some(at),
                ..Default::default()
            }),
        };
        let listed = views.list_referrals(by(who, asked)).await.expect("a list");
        let rows = listed.into_inner().referrals.into_iter();
        rows.map(|row| row.referral_id).collect()
    }

    async fn shown(&self, who: StaffId, referral_id: &str) -> tracking::ReferralRecord {
        let mut views = TrackingServiceClient::new(self.channel.clone());
        let asked = tracking::GetReferralRequest {
            referral_id: referral_id.to_owned(),
        };
        let shown = views
            .get_referral(by(who, asked))
            .await
            .expect("a referral");
        shown.into_inner().referral.expect("a referral")
    }
}

fn position(outcome: Option<common::Outcome>) -> u64 {
    outcome.expect("an outcome").receipts[0].position
}

/// A ledger with the specialist, and a reviewed referral with consent.
async fn ready(folder: &Path) -> (Running, OpenCaseResponse, String) {
    let running = start(folder, false).await;
    running.staff_and_service().await;
    running
        .employ(CHILD, OWN, common::Role::ChildProtection)
        .await;
    let mut consents = ConsentServiceClient::new(running.channel.clone());
    let (case, referral_id) = running.reviewed_referral().await;
    let agreed = consent_to_refer(&case.case_id, &case.client_person_id);
    let given = consents.give_consent(by(FOCAL, agreed)).await;
    given.expect("given");
    (running, case, referral_id)
}

#[tokio::test(flavor = "multi_thread")]
async fn c10_only_who_works_on_a_case_marks_it_and_something_is_suspected() {
    let folder = tempfile::tempdir().expect("a folder");
    let (running, case, _) = ready(folder.path()).await;
    let mut intake = IntakeServiceClient::new(running.channel.clone());
    let nothing = concern(&case.case_id, &[]);
    let nothing = intake.raise_concern(by(FOCAL, nothing)).await;
    let expected = Refused::about(Refusal::Malformed, "concerns");
    assert_eq!(refused_of(&nothing.expect_err("nothing")), Some(expected));
    for who in [PROVIDER, STRANGER, AUDITOR, COORDINATOR] {
        let marked = concern(&case.case_id, &[common::Concern::Sgbv]);
        let refused = intake.raise_concern(by(who, marked)).await;
        let told = refusal(&refused.expect_err("not theirs")).expect("a refusal");
        let closed = matches!(told, Refusal::NotAllowed | Refusal::NotFound);
        assert!(closed, "{who}: {told}");
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c10_a_suspected_case_waits_for_its_specialist_and_the_recipient_learns_nothing_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (running, case, referral_id) = ready(folder.path()).await;
    let mut intake = IntakeServiceClient::new(running.channel.clone());
    let mut referrals = ReferralServiceClient::new(running.channel.clone());
    let id = referral_id.as_str();
    let sgbv = [common::Concern::Sgbv];
    let raised = intake
        .raise_concern(by(FOCAL, concern(&case.case_id, &sgbv)))
        .await;
    let at = position(raised.expect("raised").into_inner().outcome);
    assert_eq!(running.waiting_for_specialist(CHILD, at).await, [id]);
    assert_eq!(running.waiting_for_specialist(FOCAL, at).await, [id]);

    let refused = referrals.send_referral(by(FOCAL, send(id))).await;
    let refused = refused.expect_err("nobody was consulted");
    assert_eq!(refused.code(), Code::FailedPrecondition);
    let expected = Refused::about(Refusal::SpecialistFirst, "child_protection");
    assert_eq!(refused_of(&refused), Some(expected));
    let go_on = common::Advice::GoOn;
    let own = referrals
        .consult_specialist(by(FOCAL, consult(id, None, go_on)))
        .await;
    let own = own.expect_err("no specialist");
    assert_eq!(refusal(&own), Some(Refusal::NotAllowed));
    let said = consult(id, Some(CHILD), go_on);
    let said = referrals.consult_specialist(by(FOCAL, said)).await;
    let at = position(said.expect("recorded").into_inner().outcome);
    assert_eq!(running.waiting_for_specialist(CHILD, at).await, [id]);
    let shown = running.shown(CHILD, id).await;
    assert!(!shown.consultations[0].confirmed);
    assert_eq!(
        shown.waits_for_specialist,
        [i32::from(common::Concern::Sgbv)]
    );
    let theirs = referrals
        .confirm_consultation(by(FOCAL, confirm(id, true)))
        .await;
    let theirs = theirs.expect_err("it is the specialist's word");
    assert_eq!(refusal(&theirs), Some(Refusal::NothingToDo));
    let confirmed = referrals
        .confirm_consultation(by(CHILD, confirm(id, true)))
        .await;
    let at = position(confirmed.expect("confirmed").into_inner().outcome);
    assert!(running.waiting_for_specialist(CHILD, at).await.is_empty());

    let sent = referrals.send_referral(by(FOCAL, send(id))).await;
    sent.expect("sent");
    let received = running.shown(PROVIDER, id).await;
    assert!(received.consultations.is_empty() && received.waits_for_specialist.is_empty());
    let kept = running.shown(FOCAL, id).await;
    assert_eq!(kept.consultations[0].specialist_id, CHILD.to_string());
    let record = running.record(&case.case_id).await;
    assert_eq!(record.concerns, [i32::from(common::Concern::Sgbv)]);
    assert_eq!(
        record.sensitivity,
        i32::from(common::Sensitivity::Restricted)
    );
    running.stop().await;
}
