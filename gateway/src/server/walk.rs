//! The server as clients meet it: over a real socket, on a real ledger in a folder of its own.

use std::path::Path;
use std::time::Duration;

use ledger::clock::{Clock, SystemClock};
use ledger::domain::codes::Role;
use ledger::domain::ids::{OrganisationId, StaffId};
use ledger::domain::personal::Text;
use ledger::ledger::{InitOptions, Ledger, OpenOptions, init};
use ledger::refusal::{Refusal, Refused};
use proto::admin::v1::admin_service_client::AdminServiceClient;
use proto::admin::v1::{GetStatusRequest, IssueTokenRequest, RegisterStaffRequest};
use proto::audit::v1::StreamSealedEntriesRequest;
use proto::audit::v1::audit_service_client::AuditServiceClient;
use proto::common::v1 as common;
use proto::consent::v1::GiveConsentRequest;
use proto::consent::v1::consent_service_client::ConsentServiceClient;
use proto::directory::v1 as directory;
use proto::directory::v1::directory_service_client::DirectoryServiceClient;
use proto::intake::v1::intake_service_client::IntakeServiceClient;
use proto::intake::v1::{NoteUnmetNeedRequest, OpenCaseRequest};
use proto::protection::v1::data_protection_service_client::DataProtectionServiceClient;
use proto::protection::v1::{ShredWish, WithdrawConsentRequest};
use proto::referral::v1 as referral;
use proto::referral::v1::referral_service_client::ReferralServiceClient;
use proto::tracking::v1 as tracking;
use proto::tracking::v1::tracking_service_client::TrackingServiceClient;
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::Channel;
use tonic::{Code, Status};

use super::*;
use crate::answer::with_token;
use crate::rpc::status::refused_of;
use ledger::domain::command::{Caller, Command, Request};
use ledger::domain::ids::RequestId;

const OWN: OrganisationId = OrganisationId([0x0a; 16]);
const CLINIC: OrganisationId = OrganisationId([0x0b; 16]);
const FOUNDER: StaffId = StaffId([0x01; 16]);
const FOCAL: StaffId = StaffId([0x02; 16]);
const COORDINATOR: StaffId = StaffId([0x03; 16]);
const PROVIDER: StaffId = StaffId([0x04; 16]);
const SERVICE: &str = "3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f00";

struct Running {
    channel: Channel,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), Fault>>,
}

async fn start(folder: &Path, reflection: bool) -> Running {
    let (data, vault) = (folder.join("data"), folder.join("vault"));
    let origin = "test.invalid/log".to_owned();
    init(&InitOptions {
        data: data.clone(),
        vault: vault.clone(),
        origin,
        test_tier: true,
    })
    .expect("a new ledger");
    let ledger = Ledger::open(OpenOptions {
        data,
        vault,
        policy: None,
        probe: None,
        shred_after_days: 30,
        progress: None,
    });
    let ledger = ledger.expect("opened");
    found(&ledger);
    let api = Api::open(ledger).expect("views");
    let options = ServeOptions {
        address: "127.0.0.1:0".parse().expect("an address"),
        tls: None,
        insecure: false,
        reflection,
    };
    let server = Server::bind(api, &options).await.expect("bound");
    let address = format!("http://{}", server.address());
    let (stop, stopped) = oneshot::channel();
    let served = tokio::spawn(server.run(async { drop(stopped.await) }));
    let channel = Channel::from_shared(address)
        .expect("a URI")
        .connect()
        .await
        .expect("there");
    Running {
        channel,
        stop,
        served,
    }
}

/// Registers the first administrator, as `init` does.
fn found(ledger: &Ledger) {
    let registered = Command::RegisterStaff {
        staff: FOUNDER,
        organisation: OWN,
        name: Text::new("An invented administrator".to_owned()),
        roles: [Role::Administrator].into(),
    };
    let expires = SystemClock.now().plus_ms(3_600_000);
    let token = Command::IssueToken {
        staff: FOUNDER,
        digest: digest(FOUNDER),
        expires,
    };
    for command in [registered, token] {
        let request = RequestId::fresh(&mut ledger::clock::SystemEntropy);
        let submitted = ledger.submit(Request {
            request,
            caller: Caller::Founder,
            expected_version: None,
            occurred: None,
            command,
        });
        submitted.expect("founded");
    }
}

fn token(staff: StaffId) -> String {
    format!("rl_{staff}")
}

fn digest(staff: StaffId) -> [u8; 32] {
    Sha256::digest(token(staff).as_bytes()).into()
}

fn by<T>(staff: StaffId, message: T) -> tonic::Request<T> {
    with_token(&token(staff), message)
}

fn meta() -> Option<common::CommandMeta> {
    let request = RequestId::fresh(&mut ledger::clock::SystemEntropy);
    Some(common::CommandMeta {
        request_id: request.to_string(),
        ..Default::default()
    })
}

fn in_an_hour() -> Option<prost_types::Timestamp> {
    Some(crate::wire::time::to_wire(
        SystemClock.now().plus_ms(3_600_000),
    ))
}

fn refusal(status: &Status) -> Option<Refusal> {
    refused_of(status).map(|refused| refused.refusal)
}

impl Running {
    async fn stop(self) {
        let _ = self.stop.send(());
        self.served.await.expect("no panic").expect("closed");
    }

    async fn employ(&self, staff: StaffId, organisation: OrganisationId, role: common::Role) {
        let mut admin = AdminServiceClient::new(self.channel.clone());
        let registered = RegisterStaffRequest {
            meta: meta(),
            staff_id: staff.to_string(),
            organisation_id: organisation.to_string(),
            name: "An invented member of staff".to_owned(),
            roles: vec![role.into()],
        };
        admin
            .register_staff(by(FOUNDER, registered))
            .await
            .expect("registered");
        let issued = IssueTokenRequest {
            meta: meta(),
            staff_id: staff.to_string(),
            token_sha256: digest(staff).to_vec(),
            expires_at: in_an_hour(),
        };
        admin
            .issue_token(by(FOUNDER, issued))
            .await
            .expect("issued");
    }

    async fn staff_and_service(&self) {
        self.employ(FOCAL, OWN, common::Role::FocalPoint).await;
        self.employ(COORDINATOR, OWN, common::Role::Coordinator)
            .await;
        self.employ(PROVIDER, CLINIC, common::Role::ServiceProvider)
            .await;
        let mut services = DirectoryServiceClient::new(self.channel.clone());
        let entry = directory::ServiceEntry {
            name: "An invented clinic".to_owned(),
            organisation_id: CLINIC.to_string(),
            organisation_name: "An invented organisation".to_owned(),
            recipient_class: common::RecipientClass::Service.into(),
            accepts_referrals: true,
            needs: vec![
                common::DataCategory::Identity.into(),
                common::DataCategory::Needs.into(),
            ],
            ..Default::default()
        };
        let registered = directory::RegisterServiceRequest {
            meta: meta(),
            service_id: SERVICE.to_owned(),
            entry: Some(entry),
        };
        services
            .register_service(by(COORDINATOR, registered))
            .await
            .expect("registered");
        let assessed = directory::AssessServiceRequest {
            meta: meta(),
            service_id: SERVICE.to_owned(),
            assessment: common::Assessment::Approved.into(),
            review_on: "2100-01-01".to_owned(),
        };
        services
            .assess_service(by(COORDINATOR, assessed))
            .await
            .expect("assessed");
    }
}

fn taken() -> common::ConsentTaken {
    common::ConsentTaken {
        capacity: common::Capacity::Own.into(),
        form: common::ConsentForm::Oral.into(),
        explained: (1..=9).collect(),
        interpreter_id: None,
        expires_at: None,
        note: Some(common::ConsentNote {
            language: "Arabic".to_owned(),
            ..Default::default()
        }),
    }
}

fn open_case() -> OpenCaseRequest {
    OpenCaseRequest {
        meta: meta(),
        identity: Some(common::Identity {
            name: "مريم".to_owned(),
            ..Default::default()
        }),
        age_group: common::AgeGroup::Adult.into(),
        sensitivity: common::Sensitivity::Standard.into(),
        consent: Some(taken()),
        categories: vec![
            common::DataCategory::Identity.into(),
            common::DataCategory::Needs.into(),
        ],
    }
}

fn draft(case_id: &str) -> referral::DraftReferralRequest {
    let item = |category: common::DataCategory, text: &str| common::Item {
        category: category.into(),
        text: text.to_owned(),
    };
    referral::DraftReferralRequest {
        meta: meta(),
        case_id: case_id.to_owned(),
        service_id: SERVICE.to_owned(),
        urgency: common::Urgency::Routine.into(),
        ground_id: None,
        items: vec![item(common::DataCategory::Needs, "A doctor, please")],
        follows_id: None,
    }
}

fn consent_to_refer(case_id: &str, person_id: &str) -> GiveConsentRequest {
    GiveConsentRequest {
        meta: meta(),
        case_id: case_id.to_owned(),
        person_id: person_id.to_owned(),
        given_by_id: Some(person_id.to_owned()),
        scope: Some(common::Scope {
            purposes: vec![common::Purpose::Referral.into()],
            recipient_ids: vec![CLINIC.to_string()],
            categories: vec![common::DataCategory::Needs.into()],
            withheld: Vec::new(),
        }),
        consent: Some(taken()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_referral_goes_from_consent_to_accepted_and_its_data_go_with_the_consent() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), true).await;
    running.staff_and_service().await;
    let mut intake = IntakeServiceClient::new(running.channel.clone());
    let mut consents = ConsentServiceClient::new(running.channel.clone());
    let mut referrals = ReferralServiceClient::new(running.channel.clone());
    let mut views = TrackingServiceClient::new(running.channel.clone());

    let opened = intake
        .open_case(by(FOCAL, open_case()))
        .await
        .expect("opened")
        .into_inner();
    let case_id = opened.case_id.clone();
    let drafted = referrals
        .draft_referral(by(FOCAL, draft(&case_id)))
        .await
        .expect("drafted");
    let referral_id = drafted.into_inner().referral_id;

    // By the referral alone, right after it was drafted.
    let review = referral::ReviewReferralRequest {
        meta: meta(),
        case_id: None,
        referral_id: referral_id.clone(),
        read_back: true,
        copy_given: false,
    };
    referrals
        .review_referral(by(FOCAL, review))
        .await
        .expect("reviewed");

    let send = referral::SendReferralRequest {
        meta: meta(),
        case_id: None,
        referral_id: referral_id.clone(),
        channel: common::Channel::Portal.into(),
    };
    let unsent = referrals
        .send_referral(by(FOCAL, send.clone()))
        .await
        .expect_err("no consent");
    assert_eq!(unsent.code(), Code::FailedPrecondition);

    let watch = tracking::WatchReferralsRequest::default();
    let mut news = views
        .watch_referrals(by(PROVIDER, watch))
        .await
        .expect("watch")
        .into_inner();

    let agreed = consent_to_refer(&case_id, &opened.client_person_id);
    consents
        .give_consent(by(FOCAL, agreed))
        .await
        .expect("given");
    let send = referral::SendReferralRequest {
        meta: meta(),
        ..send
    };
    let sent = referrals
        .send_referral(by(FOCAL, send.clone()))
        .await
        .expect("sent")
        .into_inner();
    let again = referrals
        .send_referral(by(FOCAL, send))
        .await
        .expect("the same")
        .into_inner();
    assert!(
        again
            .outcome
            .as_ref()
            .is_some_and(|outcome| outcome.repeated)
    );
    assert_eq!(again.outward_reference, sent.outward_reference);

    // The clinic hears of it, and knows neither case nor code.
    let heard = news.message().await.expect("no status").expect("an item");
    let heard = heard.referral.expect("a referral");
    assert_eq!(
        (heard.referral_id.as_str(), heard.case_id.as_str()),
        (referral_id.as_str(), "")
    );
    assert_eq!(
        heard.outward_reference.as_deref(),
        Some(sent.outward_reference.as_str())
    );

    let receive = referral::ReceiveReferralRequest {
        meta: meta(),
        case_id: None,
        referral_id: referral_id.clone(),
    };
    referrals
        .receive_referral(by(PROVIDER, receive))
        .await
        .expect("received");

    let view = tracking::ViewPersonalDataRequest {
        meta: meta(),
        case_id: Some(case_id.clone()),
        referral_id: None,
        purpose: common::ViewPurpose::CaseWork.into(),
    };
    let seen = views
        .view_personal_data(by(FOCAL, view.clone()))
        .await
        .expect("seen")
        .into_inner();
    let open = |state: i32| state == i32::from(tracking::PartState::Open);
    assert!(seen.parts.iter().any(|part| matches!(
        &part.content,
        Some(tracking::personal_part::Content::Identity(who)) if who.name == "مريم"
    )));
    assert!(seen.parts.iter().all(|part| open(part.state)));

    let mut protection = DataProtectionServiceClient::new(running.channel.clone());
    let withdraw = WithdrawConsentRequest {
        meta: meta(),
        case_id: case_id.clone(),
        shred: ShredWish::AfterPeriod.into(),
        ..Default::default()
    };
    let gone = protection
        .withdraw_consent(by(FOCAL, withdraw))
        .await
        .expect("withdrawn");
    assert_eq!(gone.into_inner().stopped_referral_ids, vec![referral_id]);
    let view = tracking::ViewPersonalDataRequest {
        meta: meta(),
        ..view
    };
    let seen = views
        .view_personal_data(by(FOCAL, view))
        .await
        .expect("seen")
        .into_inner();
    assert!(!seen.parts.iter().any(|part| open(part.state)));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_callers_and_wrong_messages_get_their_own_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let mut intake = IntakeServiceClient::new(running.channel.clone());
    let mut admin = AdminServiceClient::new(running.channel.clone());
    let need = || NoteUnmetNeedRequest {
        meta: meta(),
        need: 1,
    };

    let stranger = intake.note_unmet_need(need()).await.expect_err("no token");
    assert_eq!(stranger.code(), Code::Unauthenticated);
    let guess = intake
        .note_unmet_need(with_token("rl_guess", need()))
        .await
        .expect_err("guess");
    assert_eq!(refusal(&guess), Some(Refusal::Unauthenticated));

    let unknown = NoteUnmetNeedRequest {
        meta: meta(),
        need: 999,
    };
    let unknown = intake
        .note_unmet_need(by(FOCAL, unknown))
        .await
        .expect_err("no such need");
    assert_eq!(
        refused_of(&unknown),
        Some(Refused::about(Refusal::Malformed, "need"))
    );
    let case = intake
        .open_case(by(FOUNDER, open_case()))
        .await
        .expect_err("no cases");
    assert_eq!(refusal(&case), Some(Refusal::NotAllowed));
    let status = admin
        .get_status(by(PROVIDER, GetStatusRequest {}))
        .await
        .expect_err("no");
    assert_eq!(status.code(), Code::PermissionDenied);

    let mut huge = open_case();
    if let Some(identity) = &mut huge.identity {
        identity.name = "x".repeat(REQUEST_BYTES_MAX);
    }
    let huge = intake
        .open_case(by(FOCAL, huge))
        .await
        .expect_err("too large");
    assert_eq!(refusal(&huge), Some(Refusal::TooLarge));
    intake
        .note_unmet_need(by(FOCAL, need()))
        .await
        .expect("the server lives");

    let mut health = tonic_health::pb::health_client::HealthClient::new(running.channel.clone());
    let asked = tonic_health::pb::HealthCheckRequest {
        service: "referral.tracking.v1.TrackingService".to_owned(),
    };
    let healthy = health.check(asked).await.expect("health").into_inner();
    assert_eq!(healthy.status, 1);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sealed_entries_stream_whole_and_a_stop_does_not_wait_for_a_follower() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(folder.path(), false).await;
    running.staff_and_service().await;
    let mut audit = AuditServiceClient::new(running.channel.clone());
    let mut views = TrackingServiceClient::new(running.channel.clone());
    let all = StreamSealedEntriesRequest {
        from_position: 0,
        count: None,
    };
    let mut sealed = audit
        .stream_sealed_entries(by(FOCAL, all))
        .await
        .expect("s")
        .into_inner();
    let mut positions = Vec::new();
    while let Some(entry) = sealed.message().await.expect("no status") {
        assert!(!entry.header.is_empty() && !entry.segments.is_empty());
        positions.push(entry.position);
    }
    let end = u64::try_from(positions.len()).expect("few");
    assert!(end > 5);
    assert_eq!(positions, (0..end).collect::<Vec<_>>());

    let watch = tracking::WatchReferralsRequest::default();
    let mut news = views
        .watch_referrals(by(FOCAL, watch))
        .await
        .expect("watch")
        .into_inner();
    let stopped = tokio::time::timeout(Duration::from_secs(9), running.stop()).await;
    assert!(stopped.is_ok(), "the stop waits for its time bound");
    let last = news
        .message()
        .await
        .expect_err("the stream ends with a status");
    assert_eq!(last.code(), Code::Unavailable);
}
