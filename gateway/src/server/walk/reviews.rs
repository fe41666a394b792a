//! What waits for a second look, page by page: a case that the caller may not know of is no row and
//! no place where a page ends.

use proto::tracking::v1::ListReviewsRequest;

use super::*;

const CHILD: StaffId = StaffId([0x0c; 16]);

impl Running {
    /// An emergency of somebody's own case that went out without a sign-off.
    async fn emergency(&self, who: StaffId, sensitivity: common::Sensitivity) -> String {
        let mut intake = IntakeServiceClient::new(self.channel.clone());
        let open = OpenCaseRequest {
            sensitivity: sensitivity.into(),
            ..open_case()
        };
        let opened = intake.open_case(by(who, open)).await;
        let opened = opened.expect("opened").into_inner();
        let mut consents = ConsentServiceClient::new(self.channel.clone());
        let agreed = consent_to_refer(&opened.case_id, &opened.client_person_id);
        let given = consents.give_consent(by(who, agreed)).await;
        given.expect("given");
        let mut referrals = ReferralServiceClient::new(self.channel.clone());
        let urgent = referral::DraftReferralRequest {
            urgency: common::Urgency::Emergency.into(),
            ..draft(&opened.case_id)
        };
        let drafted = referrals.draft_referral(by(who, urgent)).await;
        let send = referral::SendReferralRequest {
            meta: meta(),
            case_id: None,
            referral_id: drafted.expect("drafted").into_inner().referral_id,
            channel: common::Channel::Phone.into(),
            follow_up: None,
        };
        let sent = referrals.send_referral(by(who, send)).await;
        sent.expect("sent");
        opened.case_id
    }

    /// The cases on each page of what somebody is to look at.
    async fn pages(&self, who: StaffId, page_size: u32) -> Vec<Vec<String>> {
        let mut tracking = TrackingServiceClient::new(self.channel.clone());
        let mut token = String::new();
        let mut pages = Vec::new();
        loop {
            let page = self.up_to_now().await.map(|page| common::PageRequest {
                page_size,
                page_token: token,
                ..page
            });
            let asked = ListReviewsRequest {
                page,
                ..Default::default()
            };
            let listed = tracking.list_reviews(by(who, asked)).await;
            let listed = listed.expect("a list").into_inner();
            let cases = listed.reviews.into_iter().map(|due| due.case_id);
            pages.push(cases.collect());
            token = listed.page.expect("a page").next_page_token;
            if token.is_empty() {
                return pages;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c12_a_page_of_reviews_tells_of_no_case_that_the_caller_may_not_know_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    running
        .employ(CHILD, OWN, common::Role::ChildProtection)
        .await;
    // given urgent care without a sign-off, of which the first, the middle and the last are hidden
    // from a focal point
    let mut all = Vec::new();
    let mut open = Vec::new();
    for hidden in [true, false, true, false, true] {
        let case = match hidden {
            true => running.emergency(CHILD, common::Sensitivity::Restricted),
            false => running.emergency(FOCAL, common::Sensitivity::Standard),
        };
        let case = case.await;
        open.extend((!hidden).then(|| case.clone()));
        all.push(case);
    }
    // when each reads page by page, then nothing is lost, nothing is there twice, and no page is
    // empty or says that more follows where nothing does
    for (who, cases) in [(CHILD, &all), (FOCAL, &open)] {
        for page_size in [1, 2, 100] {
            let pages = running.pages(who, page_size).await;
            assert_eq!(&pages.concat(), cases, "{page_size} at a time");
            let size = usize::try_from(page_size).expect("small");
            assert_eq!(pages.len(), cases.len().div_ceil(size));
        }
    }
    // and who may see none of it is told the same as if there were none
    let nothing: [Vec<String>; 1] = [Vec::new()];
    assert_eq!(running.pages(STRANGER, 1).await, nothing);
    running.stop().await;
}
