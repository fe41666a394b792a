//! Referrals from outside, over the wire: who takes them down, who decides, who sees that one is
//! late, and that nothing leads from one to a case.

use proto::intake::v1 as intake;
use proto::intake::v1::record_incoming_request::Sender;

use super::*;

/// Works with people, and decides on nothing that came in.
const FRONT: StaffId = StaffId([0x0f; 16]);

fn came(sender: Sender) -> intake::RecordIncomingRequest {
    intake::RecordIncomingRequest {
        meta: meta(),
        channel: common::Channel::Paper.into(),
        urgency: common::Urgency::Emergency.into(),
        reference: Some("SC-2026/17".to_owned()),
        consent_claim: common::ConsentClaim::Shown.into(),
        sender: Some(sender),
    }
}

fn school() -> Sender {
    Sender::SenderClass(common::SenderClass::School.into())
}

fn decide(incoming_id: &str) -> intake::DecideIncomingRequest {
    intake::DecideIncomingRequest {
        meta: meta(),
        incoming_id: incoming_id.to_owned(),
        decision: common::IncomingDecision::Taken.into(),
        reason: None,
        passed_to_id: None,
    }
}

impl Running {
    /// What somebody sees of what came in, page by page of one each.
    async fn incoming(
        &self,
        who: StaffId,
        at: u64,
        late_only: bool,
    ) -> Result<Vec<intake::IncomingRecord>, Status> {
        let mut desk = IntakeServiceClient::new(self.channel.clone());
        let (mut seen, mut token) = (Vec::new(), String::new());
        loop {
            let asked = intake::ListIncomingRequest {
                late_only,
                page: Some(common::PageRequest {
                    page_size: 1,
                    page_token: token,
                    at_least_position: Some(at),
                }),
                ..Default::default()
            };
            let some = desk.list_incoming(by(who, asked)).await?.into_inner();
            seen.extend(some.incoming);
            token = some.page.expect("a page").next_page_token;
            if token.is_empty() {
                return Ok(seen);
            }
        }
    }
}

fn last(outcome: Option<common::Outcome>) -> u64 {
    let outcome = outcome.expect("an outcome");
    outcome.receipts.last().expect("a receipt").position
}

#[tokio::test(flavor = "multi_thread")]
async fn c13_who_meets_people_takes_one_down_from_somebody_and_without_a_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let mut desk = IntakeServiceClient::new(running.channel.clone());
    for who in [PROVIDER, AUDITOR, COORDINATOR, FOUNDER] {
        let refused = desk.record_incoming(by(who, came(school()))).await;
        let refused = refused.expect_err("it is not theirs to take down");
        assert_eq!(refusal(&refused), Some(Refusal::NotAllowed), "{who}");
    }
    let nobody = intake::RecordIncomingRequest {
        sender: None,
        ..came(school())
    };
    let nobody = desk.record_incoming(by(FOCAL, nobody)).await;
    let expected = Refused::about(Refusal::Malformed, "sender");
    assert_eq!(refused_of(&nobody.expect_err("nobody")), Some(expected));
    let name = intake::RecordIncomingRequest {
        reference: Some("Mariam".to_owned()),
        ..came(school())
    };
    let name = desk.record_incoming(by(FOCAL, name)).await;
    let expected = Refused::about(Refusal::Malformed, "reference");
    assert_eq!(refused_of(&name.expect_err("a name")), Some(expected));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c13_what_comes_in_is_taken_down_decided_linked_and_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    running.employ(FRONT, OWN, common::Role::FrontLine).await;
    let mut desk = IntakeServiceClient::new(running.channel.clone());
    let taken_down = desk.record_incoming(by(FRONT, came(school()))).await;
    let taken_down = taken_down.expect("taken down").into_inner();
    let (id, at) = (taken_down.incoming_id, last(taken_down.outcome));
    assert!(taken_down.answer_by.is_some());
    let seen = running.incoming(FOCAL, at, false).await.expect("a list");
    assert_eq!((seen.len(), seen[0].late), (1, false));
    assert!(
        running
            .incoming(FOCAL, at, true)
            .await
            .expect("a list")
            .is_empty()
    );
    let outside = running.incoming(STRANGER, at, false).await;
    assert!(outside.expect("a list").is_empty());
    for nobody in [FRONT, PROVIDER, COORDINATOR, FOUNDER] {
        let refused = running.incoming(nobody, at, false).await;
        let refused = refused.expect_err("not theirs to read");
        assert_eq!(refusal(&refused), Some(Refusal::NotAllowed), "{nobody}");
    }
    let theirs = desk.decide_incoming(by(STRANGER, decide(&id))).await;
    let expected = Refused::about(Refusal::NotFound, "incoming");
    assert_eq!(refused_of(&theirs.expect_err("not theirs")), Some(expected));
    let taken = desk.decide_incoming(by(FOCAL, decide(&id))).await;
    taken.expect("taken");

    // The person is met and asked: the case rests on their own consent.
    let case = desk.open_case(by(FOCAL, open_case())).await;
    let case = case.expect("opened").into_inner();
    let link = intake::LinkIncomingRequest {
        meta: meta(),
        case_id: case.case_id.clone(),
        incoming_id: id.clone(),
    };
    desk.link_incoming(by(FOCAL, link)).await.expect("linked");
    let answered = intake::AnswerIncomingRequest {
        meta: meta(),
        incoming_id: id.clone(),
        told: common::PersonTold::Told.into(),
        channel: common::Channel::Phone.into(),
    };
    let answered = desk.answer_incoming(by(FOCAL, answered)).await;
    let at = last(answered.expect("answered").into_inner().outcome);
    let seen = running.incoming(AUDITOR, at, false).await.expect("a list");
    assert!(!seen[0].waits_for_case);
    let shown = format!("{seen:?}");
    assert!(!shown.contains(&case.case_id) && !shown.contains(&case.client_code));
    assert_eq!(running.record(&case.case_id).await.incoming_ids, [id]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c13_a_hidden_service_that_sent_one_is_not_named_to_who_may_not_know_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    running.employ(FRONT, OWN, common::Role::FrontLine).await;
    let mut services = DirectoryServiceClient::new(running.channel.clone());
    let mut desk = IntakeServiceClient::new(running.channel.clone());
    let shelter = "3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f02";
    let entry = directory::ServiceEntry {
        name: "An invented shelter".to_owned(),
        organisation_id: CLINIC.to_string(),
        organisation_name: "An invented organisation".to_owned(),
        recipient_class: common::RecipientClass::Service.into(),
        confidential: true,
        ..Default::default()
    };
    let registered = directory::RegisterServiceRequest {
        meta: meta(),
        service_id: shelter.to_owned(),
        entry: Some(entry),
    };
    let registered = services.register_service(by(COORDINATOR, registered)).await;
    registered.expect("registered");
    let from = || Sender::ServiceId(shelter.to_owned());
    let unknown = desk.record_incoming(by(FRONT, came(from()))).await;
    let expected = Refused::about(Refusal::NotFound, "service");
    assert_eq!(refused_of(&unknown.expect_err("hidden")), Some(expected));
    let taken_down = desk.record_incoming(by(FOCAL, came(from()))).await;
    let at = last(taken_down.expect("taken down").into_inner().outcome);
    for (who, hidden) in [(FOCAL, false), (AUDITOR, true)] {
        let seen = running.incoming(who, at, false).await.expect("a list");
        assert_eq!(seen[0].sender_hidden, hidden, "{who}");
        assert_eq!(format!("{seen:?}").contains(shelter), !hidden, "{who}");
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c13_one_is_passed_on_to_who_is_known_never_to_the_state_of_origin_and_hidden_ones_stay_so()
{
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let mut services = DirectoryServiceClient::new(running.channel.clone());
    let mut desk = IntakeServiceClient::new(running.channel.clone());
    let (shelters, embassy) = (OrganisationId([0x1e; 16]), OrganisationId([0x1f; 16]));
    let (service, origin) = (
        common::RecipientClass::Service,
        common::RecipientClass::StateOfOrigin,
    );
    for (number, of, class) in [(3, shelters, service), (4, embassy, origin)] {
        let entry = directory::ServiceEntry {
            name: "An invented service".to_owned(),
            organisation_id: of.to_string(),
            organisation_name: "An invented organisation".to_owned(),
            recipient_class: class.into(),
            confidential: class == service,
            ..Default::default()
        };
        let registered = directory::RegisterServiceRequest {
            meta: meta(),
            service_id: format!("3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f0{number}"),
            entry: Some(entry),
        };
        let registered = services.register_service(by(COORDINATOR, registered)).await;
        registered.expect("registered");
    }
    let taken_down = desk.record_incoming(by(FOCAL, came(school()))).await;
    let id = taken_down.expect("taken down").into_inner().incoming_id;
    let on_to = |to: OrganisationId| intake::DecideIncomingRequest {
        decision: common::IncomingDecision::PassedOn.into(),
        passed_to_id: Some(to.to_string()),
        ..decide(&id)
    };
    let class = ledger::domain::codes::RecipientClass::StateOfOrigin;
    for (to, expected) in [
        (
            OrganisationId([0x2e; 16]),
            Refused::about(Refusal::NotFound, "passed_to_id"),
        ),
        (
            embassy,
            Refused::about(Refusal::RecipientNotCovered, class.code()),
        ),
    ] {
        let refused = desk.decide_incoming(by(FOCAL, on_to(to))).await;
        assert_eq!(refused_of(&refused.expect_err("refused")), Some(expected));
    }
    let decided = desk.decide_incoming(by(FOCAL, on_to(shelters))).await;
    let at = last(decided.expect("decided").into_inner().outcome);
    for (who, hidden) in [(FOCAL, false), (AUDITOR, true)] {
        let seen = running.incoming(who, at, false).await.expect("a list");
        assert_eq!(seen[0].passed_to_hidden, hidden, "{who}");
        assert_eq!(seen[0].passed_to_id.is_none(), hidden, "{who}");
    }
    running.stop().await;
}
