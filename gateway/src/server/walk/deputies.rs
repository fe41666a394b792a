//! Deputies: who stands in for somebody sees and does what those cases allow, until it ends.

use ledger::clock::DAY_MS;
use proto::admin::v1 as admin;

use super::*;

/// Works on a case, and will be absent.
const ABSENT: StaffId = StaffId([0x21; 16]);
/// Stands in.
const DEPUTY: StaffId = StaffId([0x22; 16]);
/// Works here, too, and has nothing to do with it.
const BYSTANDER: StaffId = StaffId([0x23; 16]);

fn day(ahead: u64) -> String {
    let day = SystemClock.now().plus_ms(ahead * DAY_MS).day();
    crate::wire::time::day_to_wire(day)
}

fn naming(staff: StaffId, absent: StaffId) -> admin::NameDeputyRequest {
    admin::NameDeputyRequest {
        meta: meta(),
        staff_id: staff.to_string(),
        absent_id: absent.to_string(),
        first_day: day(0),
        last_day: day(7),
    }
}

fn ending() -> admin::EndDeputyRequest {
    admin::EndDeputyRequest {
        meta: meta(),
        staff_id: DEPUTY.to_string(),
        absent_id: ABSENT.to_string(),
    }
}

impl Running {
    fn admin(&self) -> AdminServiceClient<Channel> {
        AdminServiceClient::new(self.channel.clone())
    }

    async fn sees(&self, who: StaffId, case_id: &str) -> bool {
        let mut views = TrackingServiceClient::new(self.channel.clone());
        let view = tracking::ViewPersonalDataRequest {
            meta: meta(),
            case_id: Some(case_id.to_owned()),
            referral_id: None,
            purpose: common::ViewPurpose::CaseWork.into(),
        };
        views.view_personal_data(by(who, view)).await.is_ok()
    }

    async fn deputies(&self, who: StaffId) -> Vec<admin::DeputyRecord> {
        let asked = self
            .admin()
            .list_deputies(by(who, admin::ListDeputiesRequest {}))
            .await;
        let told = asked.expect("a list");
        told.into_inner().deputies
    }

    /// A case of its own that only `ABSENT` works on, restricted.
    async fn case_of_absent(&self) -> String {
        self.staff_and_service().await;
        for staff in [ABSENT, DEPUTY, BYSTANDER] {
            self.employ(staff, OWN, common::Role::FrontLine).await;
        }
        let mut intake = IntakeServiceClient::new(self.channel.clone());
        let restricted = OpenCaseRequest {
            sensitivity: common::Sensitivity::Restricted.into(),
            ..open_case()
        };
        let opened = intake.open_case(by(ABSENT, restricted)).await;
        let case_id = opened.expect("opened").into_inner().case_id;
        let mut referrals = ReferralServiceClient::new(self.channel.clone());
        let drafted = referrals.draft_referral(by(ABSENT, draft(&case_id))).await;
        drafted.expect("drafted");
        case_id
    }
}

/// Nobody outside, nobody else, and nobody who could not do the work.
async fn nobody_else_names(running: &Running) {
    for (who, message) in [
        (BYSTANDER, naming(BYSTANDER, ABSENT)),
        (STRANGER, naming(STRANGER, ABSENT)),
        (FOCAL, naming(DEPUTY, ABSENT)),
    ] {
        let named = running.admin().name_deputy(by(who, message)).await;
        let told = refusal(&named.expect_err("not theirs to name")).expect("a refusal");
        let fits = matches!(told, Refusal::NotAllowed | Refusal::NotFound);
        assert!(fits, "{who}: {told}");
    }
    let unfit = running
        .admin()
        .name_deputy(by(FOCAL, naming(DEPUTY, FOCAL)))
        .await;
    let unfit = unfit.expect_err("a focal point's work is another");
    let told = Refused::about(Refusal::DeputyUnsuitable, "focal_point");
    assert_eq!(refused_of(&unfit), Some(told));
}

#[tokio::test(flavor = "multi_thread")]
async fn c15_a_deputy_works_on_the_absent_persons_cases_until_it_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    let case_id = running.case_of_absent().await;
    assert!(!running.sees(DEPUTY, &case_id).await);
    nobody_else_names(&running).await;

    let named = running
        .admin()
        .name_deputy(by(ABSENT, naming(DEPUTY, ABSENT)))
        .await;
    let outcome = named.expect("named").into_inner().outcome;
    let position = outcome.expect("an outcome").receipts[1].position;
    for (who, sees) in [(ABSENT, true), (DEPUTY, true), (BYSTANDER, false)] {
        assert_eq!(running.sees(who, &case_id).await, sees, "{who}");
    }
    // The worklist of what one works on holds what one stands in for.
    let mut views = TrackingServiceClient::new(running.channel.clone());
    let mine = |who: StaffId| tracking::ListReferralsRequest {
        filter: Some(tracking::ReferralFilter {
            assigned_id: Some(who.to_string()),
            ..Default::default()
        }),
        page: Some(common::PageRequest {
            at_least_position: Some(position),
            ..Default::default()
        }),
    };
    for (who, rows) in [(DEPUTY, 1), (BYSTANDER, 0)] {
        let listed = views.list_referrals(by(who, mine(who))).await;
        let listed = listed.expect("a list").into_inner().referrals;
        assert_eq!(listed.len(), rows, "{who}");
        let mine = tracking::ListCasesRequest {
            mine: true,
            ..Default::default()
        };
        let listed = views.list_cases(by(who, mine)).await.expect("a list");
        assert_eq!(listed.into_inner().cases.len(), rows, "{who}");
    }
    // What the deputy did is theirs, on behalf of the other.
    let history = tracking::GetHistoryRequest {
        subject: Some(tracking::get_history_request::Subject::CaseId(
            case_id.clone(),
        )),
        ..Default::default()
    };
    let told = views.get_history(by(ABSENT, history)).await;
    let steps = told.expect("a history").into_inner().entries;
    let seen = steps.iter().rev();
    let mut seen = seen.filter(|step| step.event_name == "PersonalDataSeen");
    let behalf = seen.find(|step| step.actor_id == Some(DEPUTY.to_string()));
    let behalf = behalf.expect("the deputy looked").on_behalf_of_id.clone();
    assert_eq!(behalf, Some(ABSENT.to_string()));

    assert_eq!(running.deputies(DEPUTY).await.len(), 1);
    assert_eq!(running.deputies(COORDINATOR).await.len(), 1);
    assert!(running.deputies(BYSTANDER).await.is_empty());
    let stays = tracking::AssignStaffRequest {
        meta: meta(),
        case_id: case_id.clone(),
        staff_id: DEPUTY.to_string(),
    };
    let stays = views.assign_staff(by(DEPUTY, stays)).await;
    let stays = stays.expect_err("it would outlast the time");
    assert_eq!(refusal(&stays), Some(Refusal::NotAllowed));

    let other = running.admin().end_deputy(by(BYSTANDER, ending())).await;
    assert_eq!(
        refusal(&other.expect_err("not theirs")),
        Some(Refusal::NotAllowed)
    );
    let ended = running.admin().end_deputy(by(ABSENT, ending())).await;
    ended.expect("ended");
    assert!(!running.sees(DEPUTY, &case_id).await);
    assert!(running.sees(ABSENT, &case_id).await);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c15_somebody_who_fell_ill_gets_a_deputy_by_two_persons() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    let case_id = running.case_of_absent().await;
    let asked = running
        .admin()
        .name_deputy(by(COORDINATOR, naming(DEPUTY, ABSENT)))
        .await;
    let outcome = asked.expect("asked").into_inner().outcome;
    let receipts = outcome.expect("an outcome").receipts;
    assert_eq!(receipts[0].event_name, "DeputyAsked");
    assert!(!running.sees(DEPUTY, &case_id).await);
    let decide = |confirm| admin::DecideDeputyRequest {
        meta: meta(),
        staff_id: DEPUTY.to_string(),
        absent_id: ABSENT.to_string(),
        confirm,
    };
    for who in [COORDINATOR, DEPUTY, STRANGER] {
        let decided = running.admin().decide_deputy(by(who, decide(true))).await;
        assert!(decided.is_err(), "{who}");
    }
    let decided = running
        .admin()
        .decide_deputy(by(OFFICER, decide(true)))
        .await;
    decided.expect("confirmed");
    assert!(running.sees(DEPUTY, &case_id).await);
    running.stop().await;
}
