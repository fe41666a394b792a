//! A report that a law obliges to, from the procedure to the auditor's list, and who may read what.

use ledger::organisation::DEFAULT_ORGANISATION;
use proto::audit::v1::{ExceptionEntry, ListExceptionsRequest};
use proto::consent::v1::*;
use proto::tracking::v1::{ListReviewsRequest, ReviewDue};

use super::*;

/// A procedure that leads to the one service there is, assessed lately.
fn file() -> String {
    let day = |days: u64| {
        let day = SystemClock
            .now()
            .plus_ms(days * ledger::clock::DAY_MS)
            .day();
        crate::wire::time::day_to_wire(day)
    };
    let procedure = |id: &str, from: &str, until: &str| {
        format!(
            "\n[[procedure]]\nid = \"{id}\"\nservice = \"{SERVICE}\"\nlaw = \"an Act\"\n\
             categories = [\"needs\"]\nwithin = \"2 days\"\nassessed_on = \"{from}\"\n\
             assess_again_on = \"{until}\"\nsteps = [\"Ask first.\"]\n"
        )
    };
    let good = procedure("needs-report", &day(0), &day(300));
    let old = procedure("old-report", "2020-01-01", "2021-01-01");
    format!("{DEFAULT_ORGANISATION}{good}{old}")
}

fn invoke(case_id: &str, procedure: Option<&str>) -> InvokeExceptionRequest {
    InvokeExceptionRequest {
        meta: meta(),
        case_id: case_id.to_owned(),
        kind: common::ExceptionKind::LegalMandate.into(),
        reason: common::ExceptionReason::MandatoryReport.into(),
        scope: Some(common::Scope {
            purposes: vec![common::Purpose::Referral.into()],
            recipient_ids: vec![CLINIC.to_string()],
            categories: vec![common::DataCategory::Needs.into()],
            ..Default::default()
        }),
        note: "Invented reasons".to_owned(),
        told: None,
        told_by: None,
        procedure: procedure.map(str::to_owned),
    }
}

fn review(case_id: &str, exception_id: &str) -> ReviewExceptionRequest {
    ReviewExceptionRequest {
        meta: meta(),
        case_id: case_id.to_owned(),
        exception_id: exception_id.to_owned(),
        found: common::ReviewOutcome::JustifiedWithLessons.into(),
        measures: vec![common::ReviewMeasure::ProcedureRevised.into()],
    }
}

impl Running {
    /// A page that shows all that is in the log by now.
    pub(super) async fn up_to_now(&self) -> Option<common::PageRequest> {
        let mut admin = AdminServiceClient::new(self.channel.clone());
        let status = admin.get_status(by(FOUNDER, GetStatusRequest {})).await;
        let size = status.expect("status").into_inner().size;
        Some(common::PageRequest {
            at_least_position: size.checked_sub(1),
            ..Default::default()
        })
    }

    async fn listed(&self, who: StaffId) -> Result<Vec<ExceptionEntry>, Status> {
        let mut audit = AuditServiceClient::new(self.channel.clone());
        let asked = ListExceptionsRequest {
            page: self.up_to_now().await,
            ..Default::default()
        };
        let answer = audit.list_exceptions(by(who, asked)).await?;
        Ok(answer.into_inner().exceptions)
    }

    async fn to_look_at(&self, who: StaffId) -> Result<Vec<ReviewDue>, Status> {
        let mut tracking = TrackingServiceClient::new(self.channel.clone());
        let asked = ListReviewsRequest {
            page: self.up_to_now().await,
            ..Default::default()
        };
        let answer = tracking.list_reviews(by(who, asked)).await?;
        Ok(answer.into_inner().reviews)
    }

    /// Drafts, signs off and sends a report on an exception.
    async fn report(&self, case_id: &str, exception_id: &str) {
        let mut referrals = ReferralServiceClient::new(self.channel.clone());
        let mut asked = draft(case_id);
        asked.ground_id = Some(exception_id.to_owned());
        let drafted = referrals.draft_referral(by(FOCAL, asked)).await;
        let referral_id = drafted.expect("drafted").into_inner().referral_id;
        let review = referral::ReviewReferralRequest {
            meta: meta(),
            case_id: None,
            referral_id: referral_id.clone(),
            read_back: false,
            copy_given: false,
        };
        let reviewed = referrals.review_referral(by(FOCAL, review)).await;
        reviewed.expect("reviewed");
        let send = referral::SendReferralRequest {
            meta: meta(),
            case_id: None,
            referral_id,
            channel: common::Channel::Portal.into(),
            follow_up: None,
        };
        let sent = referrals.send_referral(by(FOCAL, send)).await;
        sent.expect("sent");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b5_a_mandate_without_a_procedure_that_may_be_gone_by_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start_with(folder.path(), false, Some(file())).await;
    running.staff_and_service().await;
    let mut consents = ConsentServiceClient::new(running.channel.clone());
    let (case, _) = running.reviewed_referral().await;
    let case_id = case.case_id.clone();

    // the procedures, for who may have to report
    let known = consents
        .list_procedures(by(FOCAL, ListProceduresRequest {}))
        .await;
    let known = known.expect("listed").into_inner().procedures;
    let usable: Vec<_> = known
        .iter()
        .map(|it| (it.procedure.as_str(), it.usable))
        .collect();
    assert_eq!(usable, [("needs-report", true), ("old-report", false)]);
    let refused = consents
        .list_procedures(by(PROVIDER, ListProceduresRequest {}))
        .await;
    let refused = refused.expect_err("nothing to report on");
    assert_eq!(refusal(&refused), Some(Refusal::NotAllowed));

    // refused without one, with one nobody assessed lately, and with a name that is none
    for (named, why) in [
        (None, Refusal::ProcedureMissing),
        (Some("unheard-of"), Refusal::ProcedureMissing),
        (Some("old-report"), Refusal::ProcedureNotAssessed),
        (Some("Mrs. Invented"), Refusal::Malformed),
    ] {
        let asked = invoke(&case_id, named);
        let refused = consents.invoke_exception(by(FOCAL, asked)).await;
        assert_eq!(
            refusal(&refused.expect_err("refused")),
            Some(why),
            "{named:?}"
        );
    }
    running.stop().await;
}

/// Uses an exception, has it confirmed and reports on it: the case and the exception.
async fn reported(running: &Running) -> (OpenCaseResponse, String) {
    let mut consents = ConsentServiceClient::new(running.channel.clone());
    let (case, _) = running.reviewed_referral().await;
    let case_id = case.case_id.clone();
    let asked = invoke(&case_id, Some("needs-report"));
    let invoked = consents.invoke_exception(by(FOCAL, asked)).await;
    let exception_id = invoked.expect("used").into_inner().exception_id;

    // a second person sees that it waits, and decides; the third one looks at it
    let waiting = running.to_look_at(OFFICER).await.expect("listed");
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].step(), common::ReviewStep::Decide);
    assert_eq!(waiting[0].exception_id(), exception_id);
    let decide = DecideExceptionRequest {
        meta: meta(),
        case_id: case_id.clone(),
        exception_id: exception_id.clone(),
        confirm: true,
    };
    let decided = consents.decide_exception(by(OFFICER, decide)).await;
    decided.expect("confirmed");
    running.report(&case_id, &exception_id).await;
    let waiting = running.to_look_at(OFFICER).await.expect("listed");
    assert_eq!(waiting[0].step(), common::ReviewStep::Review);
    assert!(!waiting[0].late && waiting[0].escalated_to.is_none());
    (case, exception_id)
}

#[tokio::test(flavor = "multi_thread")]
async fn b5_a_report_goes_by_its_procedure_is_looked_at_and_listed_without_a_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start_with(folder.path(), false, Some(file())).await;
    running.staff_and_service().await;
    let mut consents = ConsentServiceClient::new(running.channel.clone());
    let (case, exception_id) = reported(&running).await;
    let case_id = case.case_id.clone();
    // nobody else's organisation, nobody who has nothing to do with it
    for outside in [STRANGER, COORDINATOR, PROVIDER] {
        let own_case = match running.to_look_at(outside).await {
            Ok(rows) => rows.len(),
            Err(status) => {
                assert_eq!(refusal(&status), Some(Refusal::NotAllowed), "{outside}");
                0
            }
        };
        assert_eq!(own_case, 0, "{outside}");
    }

    let told = TellOfExceptionRequest {
        meta: meta(),
        case_id: case_id.clone(),
        exception_id: exception_id.clone(),
        told: common::ExceptionTold::NotToldUnsafe.into(),
        told_by: None,
    };
    let told = consents.tell_of_exception(by(FOCAL, told)).await;
    told.expect("a valid outcome");
    for own in [FOCAL, OFFICER] {
        let own_deed = consents
            .review_exception(by(own, review(&case_id, &exception_id)))
            .await;
        let refused = refusal(&own_deed.expect_err("their own"));
        assert_eq!(refused, Some(Refusal::SecondPersonRequired), "{own}");
    }
    let third = StaffId([0x41; 16]);
    running.employ(third, OWN, common::Role::FocalPoint).await;
    let reviewed = consents
        .review_exception(by(third, review(&case_id, &exception_id)))
        .await;
    reviewed.expect("looked at");
    assert!(running.to_look_at(third).await.expect("listed").is_empty());

    let listed = running.listed(AUDITOR).await.expect("listed");
    names_nobody(&listed, &case, third);
    assert_eq!(running.listed(OFFICER).await.expect("listed").len(), 1);
    for nobody in [FOCAL, COORDINATOR, PROVIDER, FOUNDER, STRANGER] {
        let refused = running.listed(nobody).await.expect_err("not theirs");
        assert_eq!(refusal(&refused), Some(Refusal::NotAllowed), "{nobody}");
    }
    let foreign = StaffId([0x42; 16]);
    let elsewhere = OrganisationId([0x0c; 16]);
    running
        .employ(foreign, elsewhere, common::Role::Auditor)
        .await;
    let of_others = running.listed(foreign).await.expect("their own");
    assert!(of_others.is_empty(), "{of_others:?}");
    running.stop().await;
}

/// The auditor's list, in which nobody is named.
fn names_nobody(listed: &[ExceptionEntry], case: &OpenCaseResponse, third: StaffId) {
    let [entry] = listed else {
        panic!("{listed:?}")
    };
    assert_eq!(entry.state(), common::ExceptionState::Reviewed);
    assert_eq!(
        (entry.procedure.as_str(), entry.law.as_str()),
        ("needs-report", "an Act")
    );
    assert_eq!(entry.confirmed, Some(true));
    assert!(!entry.decided_late && !entry.report_late && !entry.reviewed_late);
    assert!(!entry.acted_first, "it was authorised before anything went");
    assert_eq!(entry.sent.len(), 1);
    assert_eq!(entry.sent[0].recipient_id, CLINIC.to_string());
    assert_eq!(entry.told(), common::ExceptionTold::NotToldUnsafe);
    assert_eq!(entry.found(), common::ReviewOutcome::JustifiedWithLessons);
    let shown = format!("{entry:?}");
    for somebody in [&case.client_person_id, &case.client_code] {
        assert!(!shown.contains(somebody.as_str()), "{shown}");
    }
    for staff in [FOCAL, OFFICER, third] {
        assert!(!shown.contains(&staff.to_string()), "{shown}");
    }
}
