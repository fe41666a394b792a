//! Messages that are well formed and say what cannot be: dates, texts, codes, tokens, repeated
//! requests.

use std::time::Duration;

use harness::office::{in_seconds, meta, with_token};
use proto::admin::v1::admin_service_client::AdminServiceClient;
use proto::admin::v1::{IssueTokenRequest, ListStaffRequest, RevokeTokenRequest};
use proto::consent::v1::consent_service_client::ConsentServiceClient;
use proto::directory::v1::AssessServiceRequest;
use proto::directory::v1::directory_service_client::DirectoryServiceClient;
use proto::intake::v1::intake_service_client::IntakeServiceClient;
use proto::intake::v1::{GiveLinkRequest, NoteUnmetNeedRequest};
use proto::tracking::v1::WatchReferralsRequest;
use proto::tracking::v1::tracking_service_client::TrackingServiceClient;
use sha2::{Digest, Sha256};
use tonic::{Code, Request};

use super::{Host, code_about, code_of};

/// Legitimate writing: every script, both directions, combining marks, joiners, several lines of
/// thought.
const GOOD_TEXTS: [&str; 9] = [
    "مَرْيَم عبد الله",
    "שרה כהן",
    "e\u{301}\u{327}a\u{308}o\u{302}\u{301}",
    "می\u{200C}خواهم",
    "क्षि\u{200D}त\u{94D}र",
    "မြန်မာစာ",
    "👩🏽\u{200D}👧\u{200D}👦 🏳\u{FE0F}",
    "Mary \u{200F}(مريم)\u{200E} 16",
    "Z\u{335}\u{321}\u{322}\u{327}\u{328}\u{301}\u{300}\u{316}a\u{335}\u{321}l\u{338}g\u{337}o",
];

/// What hides, breaks or turns text around, or says nothing.
const BAD_TEXTS: [&str; 12] = [
    "",
    " \u{3000}\u{A0}",
    "a\0b",
    "a\u{7}b",
    "a\u{1b}[31mb",
    "a\nb",
    "a\u{85}b",
    "a\u{202E}gnp.exe",
    "a\u{2066}b\u{2069}",
    "a\u{2028}b",
    "\u{FEFF}a",
    "a\u{E0041}b",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_script_reads_back_as_it_was_written_and_hiding_characters_are_refused() {
    let host = Host::new().await;
    for text in GOOD_TEXTS {
        assert_eq!(host.read_back(text).await.expect(text), text);
    }
    let size = host.size().await;
    for text in BAD_TEXTS {
        let status = host.read_back(text).await.expect_err("not a name");
        assert_eq!(
            code_about(&status),
            ("malformed", "identity.name".to_owned()),
            "{text:?}"
        );
    }
    for text in ["a".repeat(513), "ا".repeat(257), "😀".repeat(20_000)] {
        let status = host.read_back(&text).await.expect_err("not a name");
        assert_eq!(
            code_about(&status),
            ("too_large", "identity.name".to_owned())
        );
    }
    assert_eq!(host.size().await, size, "a refusal appends nothing");
    host.must_be_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn absurd_moments_and_days_are_refused() {
    let host = Host::new().await;
    let mut intake = IntakeServiceClient::new(host.channel.clone());
    let size = host.size().await;
    let later = in_seconds(60).seconds;
    let moments = [
        (i64::MIN, 0),
        (i64::MAX, 0),
        (-1, 0),
        (later, -1),
        (later, 1_000_000_000),
        (later, i32::MAX),
        (later, i32::MIN),
        (253_402_300_800, 0),
        (-62_135_596_801, 0),
    ];
    for (seconds, nanos) in moments {
        let absurd = prost_types::Timestamp { seconds, nanos };
        let mut open = host.office.open_case("Somebody");
        open.consent.as_mut().unwrap().expires_at = Some(absurd);
        let status = intake.open_case(with_token(&host.office.focal, open)).await;
        let told = code_about(&status.expect_err("no such moment"));
        assert_eq!(
            told,
            ("malformed", "consent.expires_at".to_owned()),
            "{absurd:?}"
        );
        let mut open = host.office.open_case("Somebody");
        open.meta.as_mut().unwrap().occurred_at = Some(absurd);
        let status = intake.open_case(with_token(&host.office.focal, open)).await;
        let told = code_about(&status.expect_err("no such moment"));
        assert_eq!(
            told,
            ("malformed", "meta.occurred_at".to_owned()),
            "{absurd:?}"
        );
    }
    // Moments that are, but not for this: an end in the past or in a century, a deed in the future.
    for seconds in [1, later - 3_600, later + 100 * 365 * 86_400] {
        let mut open = host.office.open_case("Somebody");
        let at = prost_types::Timestamp { seconds, nanos: 0 };
        open.consent.as_mut().unwrap().expires_at = Some(at);
        let status = intake.open_case(with_token(&host.office.focal, open)).await;
        assert_eq!(
            code_of(&status.expect_err("no end")),
            "time_invalid",
            "{seconds}"
        );
    }
    let mut open = host.office.open_case("Somebody");
    open.meta.as_mut().unwrap().occurred_at = Some(in_seconds(86_400));
    let status = intake.open_case(with_token(&host.office.focal, open)).await;
    assert_eq!(code_of(&status.expect_err("not yet")), "time_invalid");
    days(&host).await;
    assert_eq!(host.size().await, size, "a refusal appends nothing");
    host.must_be_well().await;
}

async fn days(host: &Host) {
    let mut directory = DirectoryServiceClient::new(host.channel.clone());
    let days = [
        "",
        "2024-02-30",
        "0000-00-00",
        "9999-12-31",
        "2027-1-1",
        "+2027-01-01",
        "2027-01-01T00:00:00Z",
        "２０２７-０１-０１",
        "2027-13-01",
        "-001-01-01",
    ];
    for day in days {
        let assess = AssessServiceRequest {
            meta: meta(),
            service_id: host.office.service.clone(),
            assessment: proto::common::v1::Assessment::Approved.into(),
            review_on: day.to_owned(),
            how: None,
        };
        let status = directory
            .assess_service(with_token(&host.office.focal, assess))
            .await;
        let told = code_about(&status.expect_err("no such day"));
        assert_eq!(told, ("malformed", "review_on".to_owned()), "{day:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_that_no_code_has_are_refused_by_field() {
    let host = Host::new().await;
    let mut intake = IntakeServiceClient::new(host.channel.clone());
    let size = host.size().await;
    for number in [0, -1, 99, i32::MAX, i32::MIN] {
        let expected = |field: &str| ("malformed", field.to_owned());
        let need = NoteUnmetNeedRequest {
            meta: meta(),
            need: number,
            ..Default::default()
        };
        let status = intake
            .note_unmet_need(with_token(&host.office.focal, need))
            .await;
        assert_eq!(
            code_about(&status.expect_err("no such need")),
            expected("need")
        );
        let fresh = || host.office.open_case("Somebody");
        let (mut age, mut secret, mut kinds, mut form) = (fresh(), fresh(), fresh(), fresh());
        age.age_group = number;
        secret.sensitivity = number;
        kinds.categories.push(number);
        form.consent.as_mut().unwrap().form = number;
        let wrong = [
            (age, "age_group"),
            (secret, "sensitivity"),
            (kinds, "categories"),
            (form, "consent.form"),
        ];
        for (open, field) in wrong {
            let status = intake.open_case(with_token(&host.office.focal, open)).await;
            assert_eq!(
                code_about(&status.expect_err(field)),
                expected(field),
                "{number}"
            );
        }
    }
    assert_eq!(host.size().await, size, "a refusal appends nothing");
    host.must_be_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_lists_and_wrong_ids_are_refused() {
    let host = Host::new().await;
    let mut intake = IntakeServiceClient::new(host.channel.clone());
    let size = host.size().await;
    let service = host.office.service.clone();
    let link = |ids: Vec<String>| {
        let message = GiveLinkRequest {
            meta: meta(),
            service_ids: ids,
        };
        with_token(&host.office.focal, message)
    };
    for count in [65, 1_000, 6_000] {
        let status = intake.give_link(link(vec![service.clone(); count])).await;
        let told = code_about(&status.expect_err("too long"));
        assert_eq!(told, ("too_large", "service_ids".to_owned()), "{count}");
    }
    let wrong = [
        "",
        "x",
        "3f2b8c1e",
        "../../../etc/passwd",
        "3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7fgg",
    ];
    for id in wrong {
        let status = intake.give_link(link(vec![id.to_owned()])).await;
        assert_eq!(code_of(&status.expect_err("no id")), "malformed", "{id}");
        let mut open = host.office.open_case("Somebody");
        open.meta.as_mut().unwrap().request_id = id.to_owned();
        let status = intake.open_case(with_token(&host.office.focal, open)).await;
        let told = code_about(&status.expect_err("no id"));
        assert_eq!(told, ("malformed", "meta.request_id".to_owned()), "{id}");
    }
    let mut open = host.office.open_case("Somebody");
    open.categories = vec![1; 50_000];
    let status = intake.open_case(with_token(&host.office.focal, open)).await;
    assert_eq!(
        code_about(&status.expect_err("too long")),
        ("too_large", "categories".to_owned())
    );
    assert_eq!(host.size().await, size, "a refusal appends nothing");
    host.must_be_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_request_many_times_at_once_is_done_once() {
    let host = Host::new().await;
    let size = host.size().await;
    let open = host.office.open_case("Somebody");
    let mut asking = Vec::new();
    for _ in 0..64 {
        let mut client = IntakeServiceClient::new(host.channel.clone());
        let request = with_token(&host.office.focal, open.clone());
        asking.push(tokio::spawn(async move { client.open_case(request).await }));
    }
    let (mut cases, mut first) = (Vec::new(), 0);
    for answer in asking {
        let answer = answer.await.unwrap().expect("the same answer").into_inner();
        first += usize::from(!answer.outcome.as_ref().unwrap().repeated);
        let receipts = answer.outcome.unwrap().receipts;
        let positions: Vec<u64> = receipts.iter().map(|receipt| receipt.position).collect();
        cases.push((answer.case_id, positions));
    }
    cases.dedup();
    assert_eq!((cases.len(), first), (1, 1));
    let added = u64::try_from(cases[0].1.len()).unwrap();
    assert_eq!(host.size().await, size + added);

    let mut client = IntakeServiceClient::new(host.channel.clone());
    let same = with_token(&host.office.focal, open.clone());
    let again = client.open_case(same).await;
    let again = again.expect("the answer to the first").into_inner();
    assert!(again.case_id == cases[0].0 && again.outcome.unwrap().repeated);
    let mut other = open.clone();
    other.identity.as_mut().unwrap().name = "Somebody else".to_owned();
    let status = client
        .open_case(with_token(&host.office.focal, other))
        .await;
    assert_eq!(
        code_of(&status.expect_err("another name")),
        "request_id_reused"
    );
    let mut later = open.clone();
    later.meta.as_mut().unwrap().expected_version = Some(7);
    let status = client
        .open_case(with_token(&host.office.focal, later))
        .await;
    assert_eq!(
        code_of(&status.expect_err("another version")),
        "request_id_reused"
    );
    let mut consents = ConsentServiceClient::new(host.channel.clone());
    let mut give = host.office.give_consent(&cases[0].0, &cases[0].0);
    give.meta.clone_from(&open.meta);
    let status = consents
        .give_consent(with_token(&host.office.focal, give))
        .await;
    assert_eq!(
        code_of(&status.expect_err("another command")),
        "request_id_reused"
    );
    assert_eq!(host.size().await, size + added);
    host.must_be_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_no_token_that_works_learns_nothing() {
    let host = Host::new().await;
    let mut admin = AdminServiceClient::new(host.channel.clone());
    let asked = with_token(&host.office.administrator, ListStaffRequest::default());
    let staff = admin
        .list_staff(asked)
        .await
        .expect("staff")
        .into_inner()
        .staff;
    // A further token of the focal point needs no second person.
    let mut everyday = staff.iter().filter(|one| {
        let focal = i32::from(proto::common::v1::Role::FocalPoint);
        one.roles == [focal]
    });
    let somebody = everyday.next().expect("somebody").staff_id.clone();
    let expired = host.office.token(&host.channel, &somebody, 1).await;
    let (revoked, revoked_id) = issue(&host, &somebody).await;
    let revoke = RevokeTokenRequest {
        meta: meta(),
        staff_id: somebody,
        token_id: revoked_id,
    };
    let revoke = with_token(&host.office.administrator, revoke);
    admin.revoke_token(revoke).await.expect("revoked");
    tokio::time::sleep(Duration::from_millis(1_100)).await;

    let size = host.size().await;
    let right = &host.office.focal;
    let wrong = [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some("Bearer ".to_owned()),
        Some(format!("Basic {right}")),
        Some(right.clone()),
        Some(format!("Bearer {right} {right}")),
        Some(format!("Bearer {}", &right[..right.len() - 1])),
        Some(format!("Bearer {}", right.to_uppercase())),
        Some(format!("Bearer rl_{}", "A".repeat(10_000))),
        Some(format!("Bearer {expired}")),
        Some(format!("Bearer {revoked}")),
    ];
    for header in wrong {
        unauthenticated(&host, header.as_deref()).await;
    }
    assert_eq!(host.size().await, size, "a refusal appends nothing");
    host.must_be_well().await;
}

async fn issue(host: &Host, staff: &str) -> (String, String) {
    let token = "rl_a_token_that_is_revoked_at_once".to_owned();
    let issue = IssueTokenRequest {
        meta: meta(),
        staff_id: staff.to_owned(),
        token_sha256: Sha256::digest(token.as_bytes()).to_vec(),
        expires_at: Some(in_seconds(3_600)),
    };
    let mut admin = AdminServiceClient::new(host.channel.clone());
    let issued = admin
        .issue_token(with_token(&host.office.administrator, issue))
        .await;
    (token, issued.expect("issued").into_inner().token_id)
}

/// A command, a reading and a stream are refused in the same words, well formed or not.
async fn unauthenticated(host: &Host, header: Option<&str>) {
    fn with<T>(header: Option<&str>, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(header) = header {
            request
                .metadata_mut()
                .insert("authorization", header.parse().expect("a header"));
        }
        request
    }
    let mut intake = IntakeServiceClient::new(host.channel.clone());
    let mut tracking = TrackingServiceClient::new(host.channel.clone());
    let mut malformed = host.office.open_case("");
    malformed.age_group = 99;
    let fine = host.office.open_case("Somebody");
    let watch = WatchReferralsRequest::default();
    let refused = [
        intake.open_case(with(header, fine)).await.map(drop),
        intake.open_case(with(header, malformed)).await.map(drop),
        tracking
            .list_referrals(with(header, Default::default()))
            .await
            .map(drop),
        tracking
            .watch_referrals(with(header, watch))
            .await
            .map(drop),
    ];
    for status in refused {
        let status = status.expect_err("nobody");
        assert_eq!(
            (status.code(), code_of(&status)),
            (Code::Unauthenticated, "unauthenticated")
        );
    }
}
