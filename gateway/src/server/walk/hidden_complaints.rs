//! Complaints that somebody must not know of: nothing beside the list tells that there are any.

use proto::admin::v1::{GetCountsRequest, GetStatusResponse, Safeguards};
use proto::complaint::v1::complaint_service_client::ComplaintServiceClient;
use proto::complaint::v1::*;

use super::*;

const SAFE: StaffId = StaffId([0x31; 16]);
const SAFE_TWO: StaffId = StaffId([0x32; 16]);

type Client = ComplaintServiceClient<Channel>;

async fn recorded(
    client: &mut Client,
    kind: common::ComplaintKind,
    accused: Option<StaffId>,
) -> RecordComplaintResponse {
    let against = accused.map(|it| record_complaint_request::Against::StaffId(it.to_string()));
    let asked = RecordComplaintRequest {
        meta: meta(),
        kind: kind.into(),
        against,
        anonymous: true,
        words: "Invented words".to_owned(),
        contact: None,
    };
    let done = client.record_complaint(by(FOCAL, asked)).await;
    done.expect("taken down").into_inner()
}

fn at(done: &RecordComplaintResponse) -> u64 {
    let outcome = done.outcome.as_ref().expect("an outcome");
    outcome.receipts[0].position
}

async fn page(client: &mut Client, who: StaffId, token: &str, seen: u64) -> (Vec<String>, String) {
    let asked = ListComplaintsRequest {
        open_only: false,
        page: Some(common::PageRequest {
            page_size: 1,
            page_token: token.to_owned(),
            at_least_position: Some(seen),
        }),
    };
    let told = client.list_complaints(by(who, asked)).await;
    let told = told.expect("a page").into_inner();
    let ids = told.complaints.into_iter().map(|it| it.complaint_id);
    let next = told.page.expect("a page").next_page_token;
    (ids.collect(), next)
}

async fn standing(running: &Running, who: StaffId) -> GetStatusResponse {
    let mut admin = AdminServiceClient::new(running.channel.clone());
    let told = admin.get_status(by(who, GetStatusRequest {})).await;
    told.expect("the standing").into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn c6_neither_a_page_nor_a_count_tells_of_complaints_that_one_must_not_know_of() {
    use common::ComplaintKind::{Conduct, ExploitationOrAbuse};
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    running.employ(SAFE, OWN, common::Role::Safeguarding).await;
    let mut client = Client::new(running.channel.clone());

    // given hidden ones among those that the coordinator may read
    let mut open = Vec::new();
    let mut all = Vec::new();
    let mut last = 0;
    for (kind, accused) in [
        (Conduct, None),
        (ExploitationOrAbuse, None),
        (Conduct, Some(COORDINATOR)),
        (Conduct, None),
        (ExploitationOrAbuse, Some(COORDINATOR)),
    ] {
        let done = recorded(&mut client, kind, accused).await;
        last = at(&done);
        all.push(done.complaint_id.clone());
        if (kind, accused) == (Conduct, None) {
            open.push(done.complaint_id);
        }
    }

    // then their pages are as if the hidden ones were not there: the last one has no token, and no
    // token names another complaint than the last one shown
    for (who, mut expected) in [(COORDINATOR, open), (SAFE, all)] {
        let (mut found, mut token) = (Vec::new(), String::new());
        loop {
            let (rows, next) = page(&mut client, who, &token, last).await;
            assert_eq!(rows.len(), 1, "no page is empty");
            assert!(next.is_empty() || next.ends_with(&rows[0]));
            found.extend(rows);
            if next.is_empty() {
                break;
            }
            token = next;
        }
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
    }

    // and nobody counts them
    let mut admin = AdminServiceClient::new(running.channel.clone());
    let at_least_position = Some(last);
    for who in [COORDINATOR, FOCAL, FOUNDER] {
        let asked = GetCountsRequest { at_least_position };
        let told = admin.get_counts(by(who, asked)).await.expect("counts");
        let names = told.into_inner().counts.into_iter();
        let names: Vec<_> = names.map(|it| it.event_name).collect();
        assert!(names.iter().all(|name| !name.contains("Complaint")));
        assert!(names.iter().any(|name| name == "StaffRegistered"));
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c6_a_complaint_that_nobody_may_read_says_so_and_the_status_says_it_before() {
    use common::ComplaintKind::{Conduct, ExploitationOrAbuse};
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let mut client = Client::new(running.channel.clone());
    let readers = |done: RecordComplaintResponse| done.readers;
    let wanted = |organisation: OrganisationId, active| Safeguards {
        organisation_id: organisation.to_string(),
        active,
    };

    // given nobody for safeguarding
    let done = recorded(&mut client, Conduct, None).await;
    assert_eq!(readers(done), Some(1));
    for accused in [None, Some(COORDINATOR)] {
        let done = recorded(&mut client, ExploitationOrAbuse, accused).await;
        assert_eq!(readers(done), Some(0));
    }
    let told = standing(&running, COORDINATOR).await.safeguards_wanted;
    assert_eq!(told, [wanted(OWN, 0)], "of one's own organisation");
    let told = standing(&running, FOUNDER).await.safeguards_wanted;
    assert!(told.contains(&wanted(OWN, 0)) && told.contains(&wanted(CLINIC, 0)));

    // one is not enough where the complaint is about that one
    running.employ(SAFE, OWN, common::Role::Safeguarding).await;
    let done = recorded(&mut client, ExploitationOrAbuse, Some(SAFE)).await;
    assert_eq!(readers(done), Some(0));
    let told = standing(&running, COORDINATOR).await.safeguards_wanted;
    assert_eq!(told, [wanted(OWN, 1)]);

    // two are
    let safeguarding = common::Role::Safeguarding;
    running.employ(SAFE_TWO, OWN, safeguarding).await;
    let done = recorded(&mut client, ExploitationOrAbuse, Some(SAFE)).await;
    let seen = at(&done);
    assert_eq!(readers(done), Some(1));
    page(&mut client, SAFE_TWO, "", seen).await;
    let told = standing(&running, COORDINATOR).await.safeguards_wanted;
    assert_eq!(told, []);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c6_the_words_of_a_complaint_come_without_their_place_in_the_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let mut client = Client::new(running.channel.clone());
    let done = recorded(&mut client, common::ComplaintKind::Conduct, None).await;
    assert!(at(&done) > 0);
    let view = ViewComplaintRequest {
        meta: meta(),
        complaint_id: done.complaint_id,
    };
    let opened = client.view_complaint(by(COORDINATOR, view)).await;
    let parts = opened.expect("opened").into_inner().parts;
    assert_eq!(parts.len(), 1);
    assert_eq!(parts[0].position, 0);
    running.stop().await;
}
