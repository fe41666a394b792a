//! Files that may be of one person: found among what one may open, shown without a name, and
//! merged.

use proto::audit::v1::GetDecisionRecordRequest;

use super::*;

/// Works on cases, and opened two files of one person.
const FRONT: StaffId = StaffId([0x31; 16]);
/// The child-protection focal point.
const CHILD: StaffId = StaffId([0x33; 16]);
const NAME: &str = "Zanzibara Quillfeather";

fn seek(case_id: &str) -> tracking::FindDuplicatesRequest {
    tracking::FindDuplicatesRequest {
        meta: meta(),
        case_id: case_id.to_owned(),
        ..Default::default()
    }
}

fn own(person: &str) -> Option<tracking::LinkAgreement> {
    Some(tracking::LinkAgreement {
        given_by_id: Some(person.to_owned()),
        capacity: common::Capacity::Own.into(),
        child_agrees: false,
        form: common::ConsentForm::Oral.into(),
    })
}

impl Running {
    fn seeking(&self) -> TrackingServiceClient<Channel> {
        TrackingServiceClient::new(self.channel.clone())
    }

    /// A file of somebody of this name, with one phone for all.
    async fn named(&self, who: StaffId, name: &str, restricted: bool) -> OpenCaseResponse {
        let mut open = open_case();
        open.identity = Some(common::Identity {
            name: name.to_owned(),
            safe_contact: Some("+962 79 555 0199".to_owned()),
            ..Default::default()
        });
        open.categories.push(common::DataCategory::Contact.into());
        if restricted {
            open.sensitivity = common::Sensitivity::Restricted.into();
        }
        let mut intake = IntakeServiceClient::new(self.channel.clone());
        let opened = intake.open_case(by(who, open)).await;
        opened.expect("opened").into_inner()
    }

    async fn duplicates(
        &self,
        who: StaffId,
        asked: tracking::FindDuplicatesRequest,
    ) -> Result<tracking::FindDuplicatesResponse, Status> {
        let found = self.seeking().find_duplicates(by(who, asked)).await;
        found.map(tonic::Response::into_inner)
    }

    /// The details of the last search in a case, as its decision record tells them to somebody.
    async fn told_of_search(&self, who: StaffId, case_id: &str) -> Vec<String> {
        let mut audit = AuditServiceClient::new(self.channel.clone());
        let asked = GetDecisionRecordRequest {
            case_id: case_id.to_owned(),
            ..Default::default()
        };
        let told = audit.get_decision_record(by(who, asked)).await;
        let entries = told.expect("a record").into_inner().entries.into_iter();
        let mut entries = entries.filter_map(|it| it.entry).rev();
        let search = entries.find(|it| it.event_name == "DuplicatesSought");
        let details = search.expect("a search").details.into_iter();
        details.map(|it| it.name).collect()
    }
}

fn files(found: &tracking::FindDuplicatesResponse) -> Vec<&str> {
    let mut files: Vec<_> = found
        .duplicates
        .iter()
        .map(|it| it.case_id.as_str())
        .collect();
    files.sort_unstable();
    files
}

fn sorted<const N: usize>(files: [&String; N]) -> Vec<&str> {
    let mut files: Vec<&str> = files.into_iter().map(String::as_str).collect();
    files.sort_unstable();
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn c15_each_finds_duplicates_among_the_files_they_may_open_and_in_no_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    running.employ(FRONT, OWN, common::Role::FrontLine).await;
    running
        .employ(CHILD, OWN, common::Role::ChildProtection)
        .await;
    let own = running.named(FRONT, NAME, false).await.case_id;
    let mine = running
        .named(FRONT, "QUILLFEATHER Zanzibara", false)
        .await
        .case_id;
    let theirs = running
        .named(FOCAL, "Zanzibára Quillfeather", false)
        .await
        .case_id;
    let hidden = running.named(CHILD, NAME, true).await.case_id;
    // Refusals first: who does not work with the file, and what is no question.
    for who in [STRANGER, COORDINATOR, OFFICER, PROVIDER] {
        let refused = running.duplicates(who, seek(&own)).await;
        let refused = refusal(&refused.expect_err("refused"));
        let fits = [Some(Refusal::NotAllowed), Some(Refusal::NotFound)];
        assert!(fits.contains(&refused), "{refused:?}");
    }
    let nothing = refusal(
        &running
            .duplicates(FRONT, seek(&hidden))
            .await
            .expect_err("hidden"),
    );
    assert_eq!(nothing, Some(Refusal::NotFound));
    let mut turned = seek(&own);
    turned.opened_from = Some("2026-02-01".to_owned());
    turned.opened_until = Some("2026-01-01".to_owned());
    let turned = running.duplicates(FRONT, turned).await.expect_err("turned");
    assert_eq!(refusal(&turned), Some(Refusal::Malformed));

    let by_front = running.duplicates(FRONT, seek(&own)).await.expect("found");
    assert_eq!(
        (files(&by_front), by_front.compared),
        (vec![mine.as_str()], 1)
    );
    let first = &by_front.duplicates[0];
    assert_eq!(first.strength(), common::LikenessStrength::Likely);
    assert!(first.reasons().any(|it| it == common::Likeness::NameSame));
    assert!(first.reasons().any(|it| it == common::Likeness::PhoneSame));
    let by_focal = running.duplicates(FOCAL, seek(&own)).await.expect("found");
    assert_eq!(files(&by_focal), sorted([&mine, &theirs]));
    let by_child = running.duplicates(CHILD, seek(&own)).await.expect("found");
    assert_eq!(files(&by_child), sorted([&mine, &theirs, &hidden]));
    // Neither a name nor a number leaves with them.
    let shown = format!("{by_child:?}");
    assert!(!shown.to_lowercase().contains("quill") && !shown.contains("0199"));

    // How many there are is told to who knows of every file.
    assert_eq!(running.told_of_search(FOCAL, &own).await, [""; 0]);
    let counted = running.told_of_search(AUDITOR, &own).await;
    assert_eq!(counted, ["compared", "shown"]);

    // Of files that were opened on other days there is none.
    let mut before = seek(&own);
    before.opened_until = Some("2020-01-01".to_owned());
    let before = running.duplicates(CHILD, before).await.expect("found");
    assert_eq!((before.duplicates.len(), before.compared), (0, 0));
    // What was looked at is not looked at again under one name.
    let named = seek(&own);
    running
        .duplicates(FRONT, named.clone())
        .await
        .expect("found");
    let again = running
        .duplicates(FRONT, named)
        .await
        .expect_err("a repetition");
    assert_eq!(refusal(&again), Some(Refusal::RequestIdReused));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c15_what_is_withdrawn_is_found_no_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let one = running.named(FOCAL, NAME, false).await;
    let sister = running.named(FOCAL, "Zanzibara Quillfeathers", false).await;
    let gone = running.named(FOCAL, NAME, false).await;
    let found = running
        .duplicates(FOCAL, seek(&one.case_id))
        .await
        .expect("found");
    let both = sorted([&sister.case_id, &gone.case_id]);
    assert_eq!(files(&found), both);

    let mut protection = DataProtectionServiceClient::new(running.channel.clone());
    let withdraw = WithdrawConsentRequest {
        meta: meta(),
        case_id: gone.case_id.clone(),
        shred: ShredWish::AtOnce.into(),
        ..Default::default()
    };
    let withdrawn = protection.withdraw_consent(by(FOCAL, withdraw)).await;
    withdrawn.expect("withdrawn");
    let found = running
        .duplicates(FOCAL, seek(&one.case_id))
        .await
        .expect("found");
    assert_eq!(files(&found), [sister.case_id.as_str()]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c15_who_is_linked_as_a_family_is_found_no_more_and_not_merged() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let one = running.named(FOCAL, NAME, false).await;
    let sister = running.named(FOCAL, "Zanzibara Quillfeathers", false).await;
    let link = tracking::LinkCasesRequest {
        meta: meta(),
        case_id: one.case_id.clone(),
        other_case_id: sister.case_id.clone(),
        relationship: common::Relationship::Sibling.into(),
        agreed: own(&one.client_person_id),
        other_agreed: own(&sister.client_person_id),
    };
    let linked = running.seeking().link_cases(by(FOCAL, link)).await;
    let link_id = linked.expect("linked").into_inner().link_id;
    let found = running
        .duplicates(FOCAL, seek(&one.case_id))
        .await
        .expect("found");
    assert_eq!(files(&found), [""; 0]);
    // Nor are two sisters merged, until the link is ended.
    let ask = |one: &str, other: &str| tracking::AskMergeRequest {
        meta: meta(),
        case_id: one.to_owned(),
        other_case_id: other.to_owned(),
    };
    for (one, other) in [
        (&one.case_id, &sister.case_id),
        (&sister.case_id, &one.case_id),
    ] {
        let refused = running
            .seeking()
            .ask_merge(by(FOCAL, ask(one, other)))
            .await;
        assert_eq!(
            refusal(&refused.expect_err("linked")),
            Some(Refusal::NotTheSame)
        );
    }
    let end = tracking::EndLinkRequest {
        meta: meta(),
        case_id: one.case_id.clone(),
        link_id,
    };
    running
        .seeking()
        .end_link(by(FOCAL, end))
        .await
        .expect("ended");
    let again = ask(&one.case_id, &sister.case_id);
    let asked = running.seeking().ask_merge(by(FOCAL, again)).await;
    asked.expect("asked");
    let found = running
        .duplicates(FOCAL, seek(&one.case_id))
        .await
        .expect("found");
    assert_eq!(files(&found), [""; 0], "it is known already");
    running.stop().await;
}
