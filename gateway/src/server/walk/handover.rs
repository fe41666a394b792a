//! Handing a case over: who is offered it sees it, who declines sees it no more.

use super::*;

/// Works on cases, and is offered one.
const COLLEAGUE: StaffId = StaffId([0x11; 16]);
/// Works on cases, and is offered none.
const BYSTANDER: StaffId = StaffId([0x12; 16]);

fn offer(case_id: &str, staff: StaffId) -> tracking::OfferHandoverRequest {
    tracking::OfferHandoverRequest {
        meta: meta(),
        case_id: case_id.to_owned(),
        staff_id: staff.to_string(),
        with_case_ids: Vec::new(),
    }
}

fn take(case_id: &str, decline: bool) -> tracking::TakeHandoverRequest {
    tracking::TakeHandoverRequest {
        meta: meta(),
        case_id: case_id.to_owned(),
        decline,
        with_case_ids: Vec::new(),
    }
}

impl Running {
    /// Waits until lists have seen what was recorded.
    async fn seen(&self, outcome: Option<common::Outcome>) {
        let receipts = outcome.expect("an outcome").receipts;
        let mut views = TrackingServiceClient::new(self.channel.clone());
        let asked = tracking::ListCasesRequest {
            page: Some(common::PageRequest {
                at_least_position: receipts.last().map(|last| last.position),
                ..Default::default()
            }),
            ..Default::default()
        };
        views.list_cases(by(FOCAL, asked)).await.expect("a list");
    }

    /// The cases that somebody finds.
    async fn cases_listed(
        &self,
        who: StaffId,
        asked: tracking::ListCasesRequest,
    ) -> Vec<tracking::CaseSummary> {
        let mut views = TrackingServiceClient::new(self.channel.clone());
        let listed = views.list_cases(by(who, asked)).await;
        listed.map_or_else(|_| Vec::new(), |listed| listed.into_inner().cases)
    }

    /// Opens the case's personal data.
    async fn opens(&self, who: StaffId, case_id: &str) -> bool {
        let mut views = TrackingServiceClient::new(self.channel.clone());
        let view = tracking::ViewPersonalDataRequest {
            meta: meta(),
            case_id: Some(case_id.to_owned()),
            referral_id: None,
            purpose: common::ViewPurpose::CaseWork.into(),
        };
        views.view_personal_data(by(who, view)).await.is_ok()
    }

    pub(super) async fn record(&self, case_id: &str) -> tracking::CaseRecord {
        let mut views = TrackingServiceClient::new(self.channel.clone());
        let by_id = tracking::get_case_request::Case::CaseId(case_id.to_owned());
        let asked = tracking::GetCaseRequest { case: Some(by_id) };
        let found = views.get_case(by(FOCAL, asked)).await;
        let found = found.expect("found").into_inner().case_record;
        found.expect("a record")
    }
}

async fn with_colleagues(folder: &Path) -> Running {
    let running = start(folder, false).await;
    running.staff_and_service().await;
    for staff in [COLLEAGUE, BYSTANDER] {
        running.employ(staff, OWN, common::Role::FrontLine).await;
    }
    running
}

#[tokio::test(flavor = "multi_thread")]
async fn c15_who_is_offered_a_case_sees_it_and_who_declines_sees_it_no_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = with_colleagues(folder.path()).await;
    let (case, referral_id) = running.sent_referral().await;
    let id = case.case_id.as_str();
    let mut views = TrackingServiceClient::new(running.channel.clone());
    assert!(!running.opens(COLLEAGUE, id).await);
    // Nobody outside the organisation, and nobody who does not work on it offers it.
    let outside = views.offer_handover(by(FOCAL, offer(id, STRANGER))).await;
    let outside = outside.expect_err("not one of ours");
    let unknown = Refused::about(Refusal::NotFound, "staff");
    assert_eq!(refused_of(&outside), Some(unknown));
    let theirs = views.offer_handover(by(BYSTANDER, offer(id, COLLEAGUE)));
    let theirs = theirs.await.expect_err("not on the case");
    assert_eq!(refusal(&theirs), Some(Refusal::NotAllowed));
    let hidden = views.offer_handover(by(STRANGER, offer(id, COLLEAGUE)));
    let hidden = hidden.await.expect_err("another organisation");
    assert_eq!(refusal(&hidden), Some(Refusal::NotFound));

    let offered = views.offer_handover(by(FOCAL, offer(id, COLLEAGUE))).await;
    let offered = offered.expect("offered").into_inner();
    assert_eq!(offered.referral_ids, [referral_id]);
    running.seen(offered.outcome).await;
    let now = running.record(id).await;
    assert_eq!(now.handover_to_id, Some(COLLEAGUE.to_string()));
    assert_eq!(now.handover_from_id, Some(FOCAL.to_string()));
    let offered = tracking::ListCasesRequest {
        offered: true,
        ..Default::default()
    };
    for (who, listed) in [(COLLEAGUE, 1), (FOCAL, 0), (BYSTANDER, 0)] {
        assert_eq!(
            running.cases_listed(who, offered.clone()).await.len(),
            listed,
            "{who}"
        );
    }
    for (who, sees) in [(FOCAL, true), (COLLEAGUE, true), (BYSTANDER, false)] {
        assert_eq!(running.opens(who, id).await, sees, "{who}");
    }
    for who in [BYSTANDER, STRANGER, PROVIDER] {
        let taken = views.take_handover(by(who, take(id, false))).await;
        let taken = taken.expect_err("it was not offered to them");
        let told = refusal(&taken).expect("a refusal");
        assert!(
            matches!(told, Refusal::NotAllowed | Refusal::NotFound),
            "{who}"
        );
    }
    let declined = views.take_handover(by(COLLEAGUE, take(id, true))).await;
    declined.expect("declined");
    assert!(!running.opens(COLLEAGUE, id).await);
    assert!(running.opens(FOCAL, id).await);
    let now = running.record(id).await;
    assert_eq!(now.assigned_ids, [FOCAL.to_string()]);
    assert_eq!(now.handover_to_id, None);
    let late = views.take_handover(by(COLLEAGUE, take(id, false))).await;
    let late = late.expect_err("it was declined");
    assert_eq!(refusal(&late), Some(Refusal::NotAllowed));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c15_who_takes_a_case_works_on_it_and_who_offered_it_does_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = with_colleagues(folder.path()).await;
    let (case, _) = running.sent_referral().await;
    let id = case.case_id.as_str();
    let mut views = TrackingServiceClient::new(running.channel.clone());
    let offered = views.offer_handover(by(FOCAL, offer(id, COLLEAGUE))).await;
    offered.expect("offered");
    let twice = views.offer_handover(by(FOCAL, offer(id, BYSTANDER))).await;
    let twice = twice.expect_err("it is offered already");
    assert_eq!(refusal(&twice), Some(Refusal::AlreadyExists));
    let message = take(id, false);
    let taken = views.take_handover(by(COLLEAGUE, message.clone())).await;
    let outcome = taken.expect("taken").into_inner().outcome;
    let position = outcome.expect("an outcome").receipts[1].position;
    let again = views.take_handover(by(COLLEAGUE, message)).await;
    let again = again.expect("the same answer").into_inner().outcome;
    assert!(again.expect("an outcome").repeated);
    assert!(running.opens(COLLEAGUE, id).await);

    // The list of who works on how much has seen it once it has seen that position.
    let seen = tracking::ListReferralsRequest {
        page: Some(common::PageRequest {
            at_least_position: Some(position),
            ..Default::default()
        }),
        ..Default::default()
    };
    let seen = views.list_referrals(by(FOCAL, seen)).await;
    seen.expect("a list");
    let load = tracking::GetCaseloadRequest {};
    let load = views.get_caseload(by(COORDINATOR, load)).await;
    let load = load.expect("counts").into_inner().staff;
    let of = |who: StaffId| load.iter().find(|row| row.staff_id == who.to_string());
    assert_eq!(
        of(COLLEAGUE).map(|row| (row.cases, row.open_referrals)),
        Some((1, 1))
    );
    assert_eq!(of(FOCAL).map_or(0, |row| row.cases), 0);
    for who in [STRANGER, PROVIDER, COLLEAGUE] {
        let asked = tracking::GetCaseloadRequest {};
        let told = views.get_caseload(by(who, asked)).await;
        let nothing = told.map(|told| told.into_inner().staff.is_empty());
        assert!(
            nothing.unwrap_or(true),
            "{who} learns who works on how much"
        );
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c15_cases_are_listed_to_who_may_read_them_and_to_nobody_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = with_colleagues(folder.path()).await;
    let (case, _) = running.sent_referral().await;
    let assigned = tracking::AssignStaffRequest {
        meta: meta(),
        case_id: case.case_id.clone(),
        staff_id: COLLEAGUE.to_string(),
    };
    let mut views = TrackingServiceClient::new(running.channel.clone());
    let assigned = views.assign_staff(by(FOCAL, assigned)).await;
    running
        .seen(assigned.expect("assigned").into_inner().outcome)
        .await;
    let all = tracking::ListCasesRequest::default;
    let found = running.cases_listed(FOCAL, all()).await;
    let [only] = &found[..] else {
        panic!("one case");
    };
    assert_eq!(only.case_id, case.case_id);
    assert_eq!(only.client_code, case.client_code);
    assert_eq!(
        only.assigned_ids,
        [FOCAL, COLLEAGUE].map(|who| who.to_string())
    );
    // Neither another organisation, nor the recipient of its referral, nor who gives roles.
    for who in [STRANGER, PROVIDER, FOUNDER] {
        assert!(running.cases_listed(who, all()).await.is_empty(), "{who}");
    }
    let mine = tracking::ListCasesRequest {
        mine: true,
        ..all()
    };
    assert_eq!(running.cases_listed(FOCAL, mine.clone()).await.len(), 1);
    assert!(running.cases_listed(BYSTANDER, mine).await.is_empty());
    let of = |who: StaffId| tracking::ListCasesRequest {
        assigned_id: Some(who.to_string()),
        ..all()
    };
    assert_eq!(running.cases_listed(FOCAL, of(FOCAL)).await.len(), 1);
    assert!(running.cases_listed(FOCAL, of(BYSTANDER)).await.is_empty());
    running.stop().await;
}
