//! Linked files of a family: only who may see both files learns that there is a link, and it ends
//! with either.

use proto::admin::v1::GetCountsRequest;

use super::*;

/// Works on one of the two files.
const FRONT: StaffId = StaffId([0x21; 16]);

fn own(person: &str) -> Option<tracking::LinkAgreement> {
    Some(tracking::LinkAgreement {
        given_by_id: Some(person.to_owned()),
        capacity: common::Capacity::Own.into(),
        child_agrees: false,
        form: common::ConsentForm::Oral.into(),
    })
}

fn linking(one: &OpenCaseResponse, other: &OpenCaseResponse) -> tracking::LinkCasesRequest {
    tracking::LinkCasesRequest {
        meta: meta(),
        case_id: one.case_id.clone(),
        other_case_id: other.case_id.clone(),
        relationship: common::Relationship::Parent.into(),
        agreed: own(&one.client_person_id),
        other_agreed: own(&other.client_person_id),
    }
}

fn ending(case: &OpenCaseResponse, link_id: &str) -> tracking::EndLinkRequest {
    tracking::EndLinkRequest {
        meta: meta(),
        case_id: case.case_id.clone(),
        link_id: link_id.to_owned(),
    }
}

impl Running {
    fn tracking(&self) -> TrackingServiceClient<Channel> {
        TrackingServiceClient::new(self.channel.clone())
    }

    /// Two files: `FRONT` works on the first, the focal point on the second, a restricted one.
    async fn family(&self) -> (OpenCaseResponse, OpenCaseResponse) {
        self.staff_and_service().await;
        self.employ(FRONT, OWN, common::Role::FrontLine).await;
        let mut intake = IntakeServiceClient::new(self.channel.clone());
        let one = intake.open_case(by(FRONT, open_case())).await;
        let restricted = OpenCaseRequest {
            sensitivity: common::Sensitivity::Restricted.into(),
            ..open_case()
        };
        let other = intake.open_case(by(FOCAL, restricted)).await;
        let one = one.expect("opened").into_inner();
        (one, other.expect("opened").into_inner())
    }

    async fn links(
        &self,
        who: StaffId,
        case_id: &str,
        upon: u64,
    ) -> Option<Vec<common::Relationship>> {
        let asked = tracking::ListLinksRequest {
            case_id: case_id.to_owned(),
            at_least_position: Some(upon),
        };
        let told = self.tracking().list_links(by(who, asked)).await.ok()?;
        let links = told.into_inner().links;
        Some(links.iter().map(|it| it.relationship()).collect())
    }

    async fn linked(&self, one: &OpenCaseResponse, other: &OpenCaseResponse) -> (String, u64) {
        let linked = self
            .tracking()
            .link_cases(by(FOCAL, linking(one, other)))
            .await;
        let linked = linked.expect("linked").into_inner();
        let receipts = linked.outcome.expect("an outcome").receipts;
        (linked.link_id, receipts[0].position)
    }

    /// How many streams were closed so far.
    async fn closed(&self) -> u64 {
        let mut admin = AdminServiceClient::new(self.channel.clone());
        let counted = admin.get_counts(by(AUDITOR, GetCountsRequest::default()));
        let counts = counted.await.expect("counts").into_inner().counts;
        let closed = counts.iter().find(|it| it.event_name == "StreamClosed");
        closed.map_or(0, |it| it.count)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c14_a_link_is_seen_by_who_may_see_both_files_and_does_not_exist_for_anybody_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    let (one, other) = running.family().await;
    // Who works on one of them learns nothing of the other, there or not.
    let mut nowhere = linking(&one, &other);
    nowhere.other_case_id = SERVICE.to_owned();
    for message in [linking(&one, &other), nowhere] {
        let refused = running.tracking().link_cases(by(FRONT, message)).await;
        let hidden = Refused::about(Refusal::NotFound, "other_case");
        assert_eq!(refused_of(&refused.expect_err("hidden")), Some(hidden));
    }
    let (link_id, position) = running.linked(&one, &other).await;
    use common::Relationship::{Child, Parent};
    let seen = running.links(FOCAL, &one.case_id, position).await;
    assert_eq!(seen, Some(vec![Parent]));
    let seen = running.links(FOCAL, &other.case_id, position).await;
    assert_eq!(seen, Some(vec![Child]));
    let seen = running.links(FRONT, &one.case_id, position).await;
    assert_eq!(seen, Some(Vec::new()));
    for who in [FRONT, STRANGER, PROVIDER] {
        let seen = running.links(who, &other.case_id, position).await;
        assert_eq!(seen, None, "{who}");
    }
    // Neither file's history tells of it, to nobody.
    for (who, case) in [(FRONT, &one), (FOCAL, &one), (FOCAL, &other)] {
        let of = tracking::get_history_request::Subject::CaseId(case.case_id.clone());
        let asked = tracking::GetHistoryRequest {
            subject: Some(of),
            ..Default::default()
        };
        let told = running.tracking().get_history(by(who, asked)).await;
        let text = format!("{:?}", told.expect("a history").into_inner());
        let (link, file) = if case.case_id == one.case_id {
            (&link_id, &other.case_id)
        } else {
            (&link_id, &one.case_id)
        };
        assert!(!text.contains(link.as_str()) && !text.contains(file.as_str()));
    }
    let theirs = running
        .tracking()
        .end_link(by(FRONT, ending(&one, &link_id)))
        .await;
    let theirs = theirs.expect_err("it does not exist for them");
    let hidden = Refused::about(Refusal::NotFound, "link");
    assert_eq!(refused_of(&theirs), Some(hidden.clone()));
    let ended = running
        .tracking()
        .end_link(by(FOCAL, ending(&one, &link_id)))
        .await;
    let outcome = ended.expect("ended").into_inner().outcome;
    let receipt = &outcome.expect("an outcome").receipts[0];
    assert_eq!(receipt.event_name, "StreamClosed");
    let seen = running.links(FOCAL, &one.case_id, receipt.position).await;
    assert_eq!(seen, Some(Vec::new()));
    let again = running
        .tracking()
        .end_link(by(FOCAL, ending(&one, &link_id)))
        .await;
    let again = again.expect_err("there is none any more");
    assert_eq!(refused_of(&again), Some(hidden));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c14_a_withdrawal_on_one_side_ends_the_link_at_once_and_then_its_record() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    let (one, other) = running.family().await;
    let (_, position) = running.linked(&one, &other).await;
    let before = running.closed().await;
    let withdraw = WithdrawConsentRequest {
        meta: meta(),
        case_id: other.case_id.clone(),
        shred: ShredWish::AtOnce.into(),
        ..Default::default()
    };
    let mut protection = DataProtectionServiceClient::new(running.channel.clone());
    let withdrawn = protection.withdraw_consent(by(FOCAL, withdraw)).await;
    withdrawn.expect("withdrawn");
    for case in [&one, &other] {
        let seen = running.links(FOCAL, &case.case_id, position).await;
        assert_eq!(seen, Some(Vec::new()));
    }
    // The ledger itself closes the link's stream: its key is destroyed.
    while running.closed().await == before {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c14_who_offers_a_file_is_told_which_linked_ones_they_work_on_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    let (one, other) = running.family().await;
    running.linked(&one, &other).await;
    let offer = |case: &OpenCaseResponse, to: StaffId| tracking::OfferHandoverRequest {
        meta: meta(),
        case_id: case.case_id.clone(),
        staff_id: to.to_string(),
        with_case_ids: Vec::new(),
    };
    let assign = tracking::AssignStaffRequest {
        meta: meta(),
        case_id: one.case_id.clone(),
        staff_id: FOCAL.to_string(),
    };
    running
        .tracking()
        .assign_staff(by(FOCAL, assign))
        .await
        .expect("assigned");
    let offered = running
        .tracking()
        .offer_handover(by(FOCAL, offer(&other, FRONT)))
        .await;
    let offered = offered.expect("offered").into_inner();
    assert_eq!(offered.linked_case_ids, std::slice::from_ref(&one.case_id));

    // Taken back, and offered with it: both go or neither does.
    let mut files = running.tracking();
    let answer = |decline, with_case_ids: &[String]| tracking::TakeHandoverRequest {
        meta: meta(),
        case_id: other.case_id.clone(),
        decline,
        with_case_ids: with_case_ids.to_vec(),
    };
    let back = files.take_handover(by(FOCAL, answer(true, &[])));
    back.await.expect("taken back");
    let with = std::slice::from_ref(&one.case_id);
    let both = tracking::OfferHandoverRequest {
        with_case_ids: with.to_vec(),
        ..offer(&other, FRONT)
    };
    let offered = files.offer_handover(by(FOCAL, both)).await;
    let offered = offered.expect("offered").into_inner();
    assert!(offered.linked_case_ids.is_empty());
    let alone = files.take_handover(by(FRONT, answer(false, &[])));
    let alone = alone.await.expect_err("they were offered together");
    assert_eq!(refusal(&alone), Some(Refusal::HandoverWhole));
    let taken = files.take_handover(by(FRONT, answer(false, with)));
    taken.await.expect("taken");
    // The restricted one is now open to who took it, and not to who gave it.
    assert_eq!(running.links(FOCAL, &other.case_id, 0).await, None);
    let seen = running.links(FRONT, &other.case_id, 0).await;
    assert_eq!(seen.map(|links| links.len()), Some(1));
    running.stop().await;
}
