//! A complaint from the first word to the answer, and everybody who must not read it.

use ledger::domain::event::{Actor, Recorded};
use ledger::domain::stream::StreamId;
use proto::complaint::v1::complaint_service_client::ComplaintServiceClient;
use proto::complaint::v1::*;
use proto::tracking::v1::personal_part::Content;

use super::*;

/// Handles what is about exploitation and abuse.
const SAFE: StaffId = StaffId([0x21; 16]);
const SAFE_TWO: StaffId = StaffId([0x22; 16]);
/// Handles complaints of another organisation.
const ELSEWHERE: StaffId = StaffId([0x23; 16]);

type Client = ComplaintServiceClient<Channel>;

fn complaint(kind: common::ComplaintKind, accused: Option<StaffId>) -> RecordComplaintRequest {
    let against = accused.map(|it| record_complaint_request::Against::StaffId(it.to_string()));
    RecordComplaintRequest {
        meta: meta(),
        kind: kind.into(),
        against,
        anonymous: false,
        words: "Sent away without a word".to_owned(),
        contact: Some("Through an invented friend".to_owned()),
    }
}

fn view(id: &str) -> ViewComplaintRequest {
    ViewComplaintRequest {
        meta: meta(),
        complaint_id: id.to_owned(),
    }
}

fn acknowledge(id: &str, expected_version: Option<u64>) -> AcknowledgeComplaintRequest {
    let mut meta = meta();
    if let Some(meta) = &mut meta {
        meta.expected_version = expected_version;
    }
    AcknowledgeComplaintRequest {
        meta,
        complaint_id: id.to_owned(),
        told: common::PersonTold::Told.into(),
    }
}

fn answer(id: &str) -> AnswerComplaintRequest {
    AnswerComplaintRequest {
        meta: meta(),
        complaint_id: id.to_owned(),
        outcome: common::ComplaintOutcome::Upheld.into(),
        told: common::PersonTold::Told.into(),
        note: Some("It was so".to_owned()),
    }
}

async fn office(folder: &Path) -> (Running, Client) {
    let running = start(folder, false).await;
    running.staff_and_service().await;
    let safeguarding = common::Role::Safeguarding;
    running.employ(SAFE, OWN, safeguarding).await;
    running.employ(SAFE_TWO, OWN, safeguarding).await;
    running.employ(ELSEWHERE, CLINIC, safeguarding).await;
    let client = ComplaintServiceClient::new(running.channel.clone());
    (running, client)
}

async fn recorded(client: &mut Client, asked: RecordComplaintRequest) -> (String, u64) {
    let done = client.record_complaint(by(FOCAL, asked)).await;
    let done = done.expect("taken down").into_inner();
    let receipts = done.outcome.expect("an outcome").receipts;
    (done.complaint_id, receipts[0].position)
}

async fn listed(
    client: &mut Client,
    who: StaffId,
    position: u64,
) -> Result<Vec<ComplaintRecord>, Status> {
    let asked = ListComplaintsRequest {
        open_only: false,
        page: Some(common::PageRequest {
            at_least_position: Some(position),
            ..Default::default()
        }),
    };
    let told = client.list_complaints(by(who, asked)).await?;
    Ok(told.into_inner().complaints)
}

/// To all of them it is, by every call, as if it were not there.
async fn hidden_from(client: &mut Client, id: &str, position: u64, who: &[StaffId]) {
    let unknown = Refused::about(Refusal::NotFound, "complaint");
    for who in who.iter().copied() {
        // What an invented id gets, one that is there gets in the same words.
        for id in [id, SERVICE] {
            let told = [
                client.view_complaint(by(who, view(id))).await.map(drop),
                client
                    .acknowledge_complaint(by(who, acknowledge(id, None)))
                    .await
                    .map(drop),
                client.answer_complaint(by(who, answer(id))).await.map(drop),
            ];
            for status in told {
                let status = status.expect_err("hidden");
                assert_eq!(refused_of(&status).as_ref(), Some(&unknown), "{who}");
            }
        }
        match listed(client, who, position).await {
            Ok(rows) => assert!(rows.iter().all(|row| row.complaint_id != id), "{who}"),
            Err(status) => assert_eq!(refusal(&status), Some(Refusal::NotAllowed), "{who}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c6_a_complaint_goes_from_the_first_word_to_the_answer_and_past_whom_it_is_about() {
    let folder = tempfile::tempdir().expect("a folder");
    let (running, mut client) = office(folder.path()).await;
    let conduct = common::ComplaintKind::Conduct;
    let (id, at) = recorded(&mut client, complaint(conduct, Some(COORDINATOR))).await;
    // Neither whom it is about nor who took it down, nor anybody elsewhere.
    let never = [
        COORDINATOR,
        FOCAL,
        AUDITOR,
        OFFICER,
        FOUNDER,
        PROVIDER,
        STRANGER,
        ELSEWHERE,
    ];
    hidden_from(&mut client, &id, at, &never).await;

    let rows = listed(&mut client, SAFE, at).await.expect("a list");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].state(), common::ComplaintState::Received);
    assert!(rows[0].answerable && !rows[0].late && rows[0].answer_by.is_some());
    let stale = client
        .acknowledge_complaint(by(SAFE, acknowledge(&id, Some(7))))
        .await;
    let stale = stale.expect_err("decided on something else");
    assert_eq!(refusal(&stale), Some(Refusal::VersionConflict));
    let right = acknowledge(&id, Some(rows[0].version));
    let told = client.acknowledge_complaint(by(SAFE, right)).await;
    told.expect("acknowledged");
    let twice = client
        .acknowledge_complaint(by(SAFE, acknowledge(&id, None)))
        .await;
    let twice = twice.expect_err("acknowledged already");
    assert_eq!(refusal(&twice), Some(Refusal::ComplaintState));
    let answered = client.answer_complaint(by(SAFE_TWO, answer(&id))).await;
    let outcome = answered.expect("answered").into_inner().outcome;
    let at = outcome.expect("an outcome").receipts[0].position;
    let again = client.answer_complaint(by(SAFE, answer(&id))).await;
    let again = again.expect_err("answered already");
    assert_eq!(refusal(&again), Some(Refusal::ComplaintState));

    let seen = client.view_complaint(by(SAFE, view(&id))).await;
    let seen = seen.expect("open").into_inner();
    let receipt = &seen.outcome.expect("the view is recorded").receipts[0];
    assert_eq!(receipt.event_name, "ComplaintSeen");
    let words = seen.parts.iter().find_map(|part| match &part.content {
        Some(Content::Complaint(words)) => Some(words.words.as_str()),
        _ => None,
    });
    assert_eq!(words, Some("Sent away without a word"));
    let found = Some(Content::Note("It was so".to_owned()));
    assert!(seen.parts.iter().any(|part| part.content == found));
    let rows = listed(&mut client, SAFE, at).await.expect("a list");
    assert_eq!(rows[0].state(), common::ComplaintState::Answered);
    assert_eq!(rows[0].outcome(), common::ComplaintOutcome::Upheld);
    // Now that it is answered it is hidden all the same.
    hidden_from(&mut client, &id, at, &never).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c6_what_is_about_abuse_is_known_to_safeguarding_alone_and_not_to_the_accused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (running, mut client) = office(folder.path()).await;
    for kind in [
        common::ComplaintKind::ExploitationOrAbuse,
        common::ComplaintKind::AskedInExchange,
    ] {
        let (id, at) = recorded(&mut client, complaint(kind, Some(SAFE))).await;
        let never = [
            COORDINATOR,
            SAFE,
            FOCAL,
            AUDITOR,
            OFFICER,
            FOUNDER,
            ELSEWHERE,
        ];
        hidden_from(&mut client, &id, at, &never).await;
        let message = view(&id);
        let seen = client.view_complaint(by(SAFE_TWO, message.clone())).await;
        seen.expect("open to the other one");
        // Each look is an event of its own.
        let again = client.view_complaint(by(SAFE_TWO, message)).await;
        let again = again.expect_err("under a name of its own");
        assert_eq!(refusal(&again), Some(Refusal::RequestIdReused));
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c6_an_anonymous_complaint_says_of_nobody_that_they_took_it_down() {
    let folder = tempfile::tempdir().expect("a folder");
    let (running, mut client) = office(folder.path()).await;
    let unsigned = RecordComplaintRequest {
        anonymous: true,
        contact: None,
        ..complaint(common::ComplaintKind::Quality, None)
    };
    assert!(!format!("{unsigned:?}").contains("Sent away"), "hidden");
    let (id, at) = recorded(&mut client, unsigned).await;
    let rows = listed(&mut client, COORDINATOR, at).await.expect("a list");
    assert!(rows[0].anonymous && !rows[0].answerable);
    // Their words are read; of who took them down nothing is in any answer.
    let seen = client.view_complaint(by(COORDINATOR, view(&id))).await;
    let seen = seen.expect("open").into_inner();
    assert_eq!(seen.parts.len(), 1);
    let impossible = client.acknowledge_complaint(by(COORDINATOR, acknowledge(&id, None)));
    let impossible = impossible.await.expect_err("there is nobody to tell");
    let about = Refused::about(Refusal::ComplaintState, "no_contact");
    assert_eq!(refused_of(&impossible), Some(about));
    running.stop().await;

    // What is on disk, read by the one who has all its keys.
    let (data, vault) = (folder.path().join("data"), folder.path().join("vault"));
    let ledger = Ledger::open(OpenOptions::of(data, vault)).expect("opened");
    let entries = ledger.records(at, 1).expect("read");
    let record = &entries[0].record;
    let complaint = StreamId::Complaint(id.parse().expect("an id"));
    assert_eq!((record.stream, record.actor), (complaint, Actor::Nobody));
    let day_only = matches!(record.recorded, Recorded::On(_));
    assert!(day_only && record.occurred.is_none());
    ledger.close().expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn c6_a_complaint_about_nobody_known_or_without_words_is_not_taken_down() {
    let folder = tempfile::tempdir().expect("a folder");
    let (running, mut client) = office(folder.path()).await;
    let quality = common::ComplaintKind::Quality;
    let plain = || complaint(quality, None);
    let about = |field| Some(Refused::about(Refusal::Malformed, field));
    let cases = [
        (
            complaint(common::ComplaintKind::Unspecified, None),
            about("kind"),
        ),
        (
            RecordComplaintRequest {
                words: String::new(),
                ..plain()
            },
            about("words"),
        ),
        (
            RecordComplaintRequest {
                words: "a\u{202E}b".to_owned(),
                ..plain()
            },
            about("words"),
        ),
        (
            RecordComplaintRequest {
                words: "x".repeat(100_000),
                ..plain()
            },
            Some(Refused::about(Refusal::TooLarge, "words")),
        ),
        (
            complaint(quality, Some(StaffId([0x77; 16]))),
            Some(Refused::about(Refusal::NotFound, "staff")),
        ),
        (
            RecordComplaintRequest {
                meta: None,
                ..plain()
            },
            about("meta"),
        ),
    ];
    for (wrong, told) in cases {
        let refused = client.record_complaint(by(FOCAL, wrong)).await;
        assert_eq!(refused_of(&refused.expect_err("wrong")), told);
    }
    let auditor = client.record_complaint(by(AUDITOR, plain())).await;
    let auditor = auditor.expect_err("meets nobody");
    assert_eq!(refusal(&auditor), Some(Refusal::NotAllowed));
    running.stop().await;
}
