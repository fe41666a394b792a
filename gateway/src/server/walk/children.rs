//! Children without a responsible adult: who sees that they wait, and that nobody else does.

use proto::intake::v1::AssessAgeRequest;
use proto::tracking::v1::ListWaitingChildrenRequest;

use super::*;

/// Who protects children.
const CHILD: StaffId = StaffId([0x0e; 16]);

/// A case in which the age was assessed as a child's, in this company.
async fn child(running: &Running, company: common::Company) -> String {
    let mut intake = IntakeServiceClient::new(running.channel.clone());
    let opened = intake.open_case(by(FOCAL, open_case())).await;
    let case_id = opened.expect("opened").into_inner().case_id;
    let assess = AssessAgeRequest {
        meta: meta(),
        case_id: case_id.clone(),
        about_years: Some(12),
        company: company.into(),
        ..Default::default()
    };
    let assessed = intake.assess_age(by(FOCAL, assess)).await;
    assessed.expect("assessed");
    case_id
}

/// Whom somebody sees waiting, page by page of one each.
async fn waiting(running: &Running, who: StaffId) -> Result<Vec<String>, Status> {
    let mut views = TrackingServiceClient::new(running.channel.clone());
    let mut seen = Vec::new();
    let mut token = String::new();
    loop {
        let page = running.up_to_now().await.map(|page| common::PageRequest {
            page_size: 1,
            page_token: token,
            ..page
        });
        let asked = ListWaitingChildrenRequest { page };
        let some = views.list_waiting_children(by(who, asked)).await?;
        let some = some.into_inner();
        assert!(some.cases.iter().all(|case| case.waits_for_mandated_body));
        seen.extend(some.cases.into_iter().map(|case| case.case_id));
        token = some.page.expect("a page").next_page_token;
        if token.is_empty() {
            return Ok(seen);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_child_protection_sees_who_waits_for_the_mandated_body_and_a_stranger_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    running
        .employ(CHILD, OWN, common::Role::ChildProtection)
        .await;
    let alone = child(&running, common::Company::Unaccompanied).await;
    child(&running, common::Company::Accompanied).await;
    let separated = child(&running, common::Company::Separated).await;
    let both = vec![alone, separated];
    let seen = waiting(&running, CHILD).await.expect("a list");
    assert_eq!(seen, both);
    let stranger = waiting(&running, STRANGER).await;
    assert_eq!(stranger.expect("a list"), Vec::<String>::new());
    for nobody in [FOUNDER, PROVIDER] {
        let refused = waiting(&running, nobody).await.expect_err("refused");
        assert_eq!(refusal(&refused), Some(Refusal::NotAllowed));
    }
    running.stop().await;
}
