//! A breach from the report to the end, who could be affected, and who must not know of it.

use proto::admin::v1::{GetCountsRequest, GetStatusResponse};
use proto::breach::v1::breach_service_client::BreachServiceClient;
use proto::breach::v1::*;
use proto::tracking::v1::personal_part::Content;

use super::*;

const DELEGATE: StaffId = StaffId([0x31; 16]);

type Client = BreachServiceClient<Channel>;

fn report(suspected: Option<StaffId>) -> ReportBreachRequest {
    ReportBreachRequest {
        meta: meta(),
        kind: common::BreachKind::WrongRecipient.into(),
        suspected: suspected.map(|it| report_breach_request::Suspected::StaffId(it.to_string())),
        words: Some("To the wrong desk".to_owned()),
        ..Default::default()
    }
}

fn assess(id: &str) -> AssessBreachRequest {
    let some = |at_least| {
        Some(Counted {
            at_least,
            at_most: None,
        })
    };
    AssessBreachRequest {
        meta: meta(),
        breach_id: id.to_owned(),
        harms: vec![common::BreachHarm::Confidentiality.into()],
        categories: vec![common::DataCategory::Contact.into()],
        people: some(1),
        records: some(1),
        consequences: vec![common::BreachConsequence::Located.into()],
        measures: vec![common::BreachMeasure::RecipientAsked.into()],
        risk: common::BreachRisk::High.into(),
    }
}

fn view(id: &str) -> ViewBreachRequest {
    ViewBreachRequest {
        meta: meta(),
        breach_id: id.to_owned(),
    }
}

fn notify(id: &str) -> NotifyBreachRequest {
    NotifyBreachRequest {
        meta: meta(),
        breach_id: id.to_owned(),
        to: common::NotifiedTo::SupervisoryAuthority.into(),
        phase: common::NotificationPhase::Whole.into(),
        reference: Some("DPA-2026/1".to_owned()),
        late: None,
    }
}

fn trace(id: &str) -> TraceBreachRequest {
    TraceBreachRequest {
        meta: meta(),
        breach_id: id.to_owned(),
        ..Default::default()
    }
}

fn get(id: &str) -> GetBreachRequest {
    GetBreachRequest {
        breach_id: id.to_owned(),
    }
}

async fn office(folder: &Path) -> (Running, Client) {
    let running = start(folder, false).await;
    running.staff_and_service().await;
    let delegate = common::Role::ControllerDelegate;
    running.employ(DELEGATE, OWN, delegate).await;
    let client = BreachServiceClient::new(running.channel.clone());
    (running, client)
}

async fn reported(client: &mut Client, suspected: Option<StaffId>) -> ReportBreachResponse {
    let done = client.report_breach(by(FOCAL, report(suspected))).await;
    done.expect("reported").into_inner()
}

async fn standing(running: &Running, who: StaffId) -> GetStatusResponse {
    let mut admin = AdminServiceClient::new(running.channel.clone());
    let told = admin.get_status(by(who, GetStatusRequest {})).await;
    told.expect("the standing").into_inner()
}

async fn listed(client: &mut Client, who: StaffId) -> Result<Vec<BreachRecord>, Status> {
    let asked = ListBreachesRequest {
        open_only: true,
        page: None,
    };
    Ok(client
        .list_breaches(by(who, asked))
        .await?
        .into_inner()
        .breaches)
}

/// What an auditor reads of it, and what happened by name.
async fn read(client: &mut Client, id: &str) -> (BreachRecord, Vec<String>) {
    let told = client.get_breach(by(AUDITOR, get(id))).await;
    let told = told.expect("read").into_inner();
    let names = told.entries.into_iter().map(|it| it.event_name);
    (told.breach.expect("one"), names.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn e8_everybody_reports_and_who_does_not_work_on_it_learns_nothing_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (running, mut client) = office(folder.path()).await;
    let done = reported(&mut client, None).await;
    let id = done.breach_id;
    assert_eq!(done.taken_up, Some(true));
    for nobody in [FOCAL, COORDINATOR, PROVIDER, FOUNDER] {
        let refused = listed(&mut client, nobody).await.expect_err("closed");
        assert_eq!(refusal(&refused), Some(Refusal::NotAllowed), "{nobody}");
        let refused = client.get_breach(by(nobody, get(&id))).await;
        let refused = refused.expect_err("closed");
        assert_eq!(refusal(&refused), Some(Refusal::NotAllowed), "{nobody}");
        let refused = client.assess_breach(by(nobody, assess(&id))).await;
        let refused = refused.expect_err("closed");
        let unknown = Refused::about(Refusal::NotFound, "breach");
        assert_eq!(refused_of(&refused), Some(unknown), "{nobody}");
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e8_a_breach_goes_from_the_report_to_the_end_and_two_persons_see_to_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (running, mut client) = office(folder.path()).await;
    let id = reported(&mut client, None).await.breach_id;
    let told = standing(&running, OFFICER).await;
    assert_eq!((told.breaches_due, told.breaches_late), (1, 0));
    let told = standing(&running, COORDINATOR).await;
    assert_eq!((told.breaches_due, told.breaches_late), (0, 0));

    let view = view(&id);
    let opened = client.view_breach(by(OFFICER, view)).await;
    let parts = opened.expect("opened").into_inner().parts;
    assert_eq!(
        parts[0].content,
        Some(Content::Note("To the wrong desk".to_owned()))
    );

    client
        .assess_breach(by(OFFICER, assess(&id)))
        .await
        .expect("assessed");
    let notify = notify(&id);
    client
        .notify_breach(by(OFFICER, notify))
        .await
        .expect("notified");
    assert_eq!(standing(&running, OFFICER).await.breaches_due, 0);
    let close = || CloseBreachRequest {
        meta: meta(),
        breach_id: id.clone(),
    };
    let refused = client
        .close_breach(by(OFFICER, close()))
        .await
        .expect_err("one's own");
    assert_eq!(refusal(&refused), Some(Refusal::SecondPersonRequired));
    let refused = client
        .close_breach(by(DELEGATE, close()))
        .await
        .expect_err("untold");
    let untold = Refused::about(Refusal::BreachState, "not_told");
    assert_eq!(refused_of(&refused), Some(untold));
    let withhold = WithholdBreachRequest {
        meta: meta(),
        breach_id: id.clone(),
        ground: common::UntoldGround::UnsafeToTell.into(),
    };
    client
        .withhold_breach(by(DELEGATE, withhold))
        .await
        .expect("decided");
    client
        .close_breach(by(DELEGATE, close()))
        .await
        .expect("closed");

    let (breach, names) = read(&mut client, &id).await;
    let expected = [
        "BreachReported",
        "BreachSeen",
        "BreachAssessed",
        "BreachNotified",
        "BreachWithheld",
        "BreachClosed",
    ];
    assert_eq!(names, expected);
    assert!(!breach.due && !breach.late);
    assert_eq!(breach.state, i32::from(common::BreachState::Closed));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e8_of_a_breach_suspected_of_the_officer_the_officer_learns_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (running, mut client) = office(folder.path()).await;
    let done = reported(&mut client, Some(OFFICER)).await;
    assert_eq!(done.taken_up, Some(false), "there is no other officer");
    let id = done.breach_id;
    let unknown = Refused::about(Refusal::NotFound, "breach");
    // What an invented id gets, one that is there gets in the same words.
    for id in [&*id, SERVICE] {
        let told = [
            client.get_breach(by(OFFICER, get(id))).await.map(drop),
            client
                .assess_breach(by(OFFICER, assess(id)))
                .await
                .map(drop),
            client.trace_breach(by(OFFICER, trace(id))).await.map(drop),
        ];
        for status in told {
            let status = status.expect_err("hidden");
            assert_eq!(refused_of(&status).as_ref(), Some(&unknown));
        }
    }
    assert_eq!(
        listed(&mut client, DELEGATE).await.expect("a list").len(),
        1
    );
    assert!(
        listed(&mut client, OFFICER)
            .await
            .expect("a list")
            .is_empty()
    );
    assert_eq!(standing(&running, OFFICER).await.breaches_due, 0);
    let mut admin = AdminServiceClient::new(running.channel.clone());
    let asked = GetCountsRequest::default();
    let counts = admin.get_counts(by(OFFICER, asked)).await.expect("counts");
    let counts = counts.into_inner().counts;
    assert!(counts.iter().all(|it| !it.event_name.starts_with("Breach")));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e8_who_could_be_affected_is_answered_to_the_officer_and_recorded() {
    let folder = tempfile::tempdir().expect("a folder");
    let (running, mut client) = office(folder.path()).await;
    let (case, referral_id) = running.sent_referral().await;
    running.sent_referral().await;
    let id = reported(&mut client, None).await.breach_id;

    for nobody in [AUDITOR, DELEGATE] {
        let refused = client.trace_breach(by(nobody, trace(&id))).await;
        let refused = refused.expect_err("the officer's");
        assert_eq!(refusal(&refused), Some(Refusal::NotAllowed));
    }
    let to_clinic = TraceBreachRequest {
        recipient_id: Some(CLINIC.to_string()),
        page: Some(common::PageRequest {
            page_size: 1,
            ..Default::default()
        }),
        ..trace(&id)
    };
    let found = client.trace_breach(by(OFFICER, to_clinic.clone())).await;
    let found = found.expect("found").into_inner();
    assert_eq!((found.cases, found.left, found.opened), (2, 2, 0));
    let Some(affected::What::Left(left)) = &found.affected[0].what else {
        panic!("nothing left")
    };
    assert_eq!(found.affected.len(), 1);
    assert_eq!(
        (&left.case_id, &left.referral_id),
        (&case.case_id, &referral_id)
    );
    let next = found.page.expect("a page").next_page_token;
    let rest = TraceBreachRequest {
        meta: meta(),
        page: Some(common::PageRequest {
            page_token: next,
            ..Default::default()
        }),
        ..to_clinic
    };
    let rest = client
        .trace_breach(by(OFFICER, rest))
        .await
        .expect("found")
        .into_inner();
    assert_eq!((rest.affected.len(), rest.cases), (1, 2));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e8_what_somebody_opened_is_found_and_each_asking_is_on_record() {
    let folder = tempfile::tempdir().expect("a folder");
    let (running, mut client) = office(folder.path()).await;
    let (_, referral_id) = running.sent_referral().await;
    let view = tracking::ViewPersonalDataRequest {
        meta: meta(),
        case_id: None,
        referral_id: Some(referral_id.clone()),
        purpose: common::ViewPurpose::Service.into(),
    };
    let mut views = TrackingServiceClient::new(running.channel.clone());
    views
        .view_personal_data(by(PROVIDER, view))
        .await
        .expect("opened");
    let id = reported(&mut client, None).await.breach_id;
    let by_provider = TraceBreachRequest {
        staff_id: Some(PROVIDER.to_string()),
        ..trace(&id)
    };
    let found = client.trace_breach(by(OFFICER, by_provider)).await;
    let found = found.expect("found").into_inner();
    assert_eq!((found.cases, found.left, found.opened), (1, 0, 1));
    let Some(affected::What::Opened(seen)) = &found.affected[0].what else {
        panic!("nothing opened")
    };
    assert_eq!(seen.referral_id.as_ref(), Some(&referral_id));

    let wrong = TraceBreachRequest {
        page: Some(common::PageRequest {
            page_token: "x".to_owned(),
            ..Default::default()
        }),
        ..trace(&id)
    };
    let refused = client
        .trace_breach(by(OFFICER, wrong))
        .await
        .expect_err("no page");
    assert_eq!(refusal(&refused), Some(Refusal::Malformed));
    let (_, names) = read(&mut client, &id).await;
    let traced = names.iter().filter(|name| *name == "BreachTraced");
    assert_eq!(traced.count(), 1, "nothing of what was refused");
    running.stop().await;
}
