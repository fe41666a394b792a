//! The server as clients meet it: over a real socket, on a real ledger in a folder of its own.

mod breaches;
mod children;
mod closing;
mod complaints;
mod contact;
mod deputies;
mod duplicates;
mod exceptions;
mod family;
mod fees;
mod figures;
mod handover;
mod hidden_complaints;
mod holds;
mod incoming;
mod inquiries;
mod interview;
mod journey;
mod merging;
mod packets;
mod readings;
mod recall;
mod reviews;
mod rights;
mod specialist;
mod streams;
mod training;
mod wrong;

use std::path::Path;
use std::time::Duration;

use ledger::clock::{Clock, SystemClock};
use ledger::domain::codes::Role;
use ledger::domain::ids::{OrganisationId, StaffId};
use ledger::domain::personal::Text;
use ledger::ledger::{InitOptions, Ledger, OpenOptions, Protection, init};
use ledger::refusal::{Refusal, Refused};
use proto::admin::v1::admin_service_client::AdminServiceClient;
use proto::admin::v1::{
    DecideRoleRequest, GetStatusRequest, IssueTokenRequest, RegisterStaffRequest,
};
use proto::audit::v1::StreamSealedEntriesRequest;
use proto::audit::v1::audit_service_client::AuditServiceClient;
use proto::common::v1 as common;
use proto::consent::v1::GiveConsentRequest;
use proto::consent::v1::consent_service_client::ConsentServiceClient;
use proto::directory::v1 as directory;
use proto::directory::v1::directory_service_client::DirectoryServiceClient;
use proto::intake::v1::intake_service_client::IntakeServiceClient;
use proto::intake::v1::{NoteUnmetNeedRequest, OpenCaseRequest, OpenCaseResponse};
use proto::protection::v1::data_protection_service_client::DataProtectionServiceClient;
use proto::protection::v1::{
    CutOutRequest, GetCertificatesRequest, GetCertificatesResponse, GetErasureStatusRequest,
    IssueCertificateRequest, RecordNoticeRequest, ShredWish, WithdrawConsentRequest,
};
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
const AUDITOR: StaffId = StaffId([0x05; 16]);
/// Decides what the administrator asks for.
const OFFICER: StaffId = StaffId([0x07; 16]);
/// Works for an organisation that has nothing to do with any case here.
const STRANGER: StaffId = StaffId([0x06; 16]);
const SERVICE: &str = "3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f00";

struct Running {
    channel: Channel,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), Fault>>,
}

async fn start(folder: &Path, reflection: bool) -> Running {
    start_with(folder, reflection, None).await
}

/// The same, under an organisation's file of its own.
async fn start_with(folder: &Path, reflection: bool, organisation: Option<String>) -> Running {
    let (data, vault) = (folder.join("data"), folder.join("vault"));
    let origin = "test.invalid/log".to_owned();
    init(&InitOptions {
        data: data.clone(),
        vault: vault.clone(),
        origin,
        test_tier: true,
        protection: Protection::default(),
        organisation,
    })
    .expect("a new ledger");
    let ledger = Ledger::open(OpenOptions::of(data, vault));
    let ledger = ledger.expect("opened");
    found(&ledger);
    serving(ledger, reflection).await
}

/// A ledger that is open, behind a real socket.
async fn serving(ledger: Ledger, reflection: bool) -> Running {
    let api = Api::open(ledger).expect("views");
    let options = ServeOptions {
        address: "127.0.0.1:0".parse().expect("an address"),
        tls: None,
        insecure: false,
        reflection,
        cut_after_days: 7,
        metrics: None,
        sweep_at: None,
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

/// Registers the first two persons, as `init` does.
fn found(ledger: &Ledger) {
    let registering = |staff, role| Command::RegisterStaff {
        staff,
        organisation: OWN,
        name: Text::new("An invented founder".to_owned()),
        roles: [role].into(),
    };
    let issuing = |staff| Command::IssueToken {
        staff,
        digest: digest(staff),
        expires: SystemClock.now().plus_ms(3_600_000),
    };
    for command in [
        registering(FOUNDER, Role::Administrator),
        registering(OFFICER, Role::DataProtectionOfficer),
        issuing(FOUNDER),
        issuing(OFFICER),
    ] {
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

fn in_half_a_year() -> String {
    let day = SystemClock.now().plus_ms(180 * ledger::clock::DAY_MS).day();
    crate::wire::time::day_to_wire(day)
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
        let privileged = [
            common::Role::Auditor,
            common::Role::ChildProtection,
            common::Role::ControllerDelegate,
            common::Role::Safeguarding,
        ];
        if organisation != OWN || privileged.contains(&role) {
            let confirmed = DecideRoleRequest {
                meta: meta(),
                staff_id: staff.to_string(),
                role: role.into(),
                confirm: true,
            };
            let decided = admin.decide_role(by(OFFICER, confirmed)).await;
            decided.expect("confirmed");
        }
    }

    async fn staff_and_service(&self) {
        self.employ(FOCAL, OWN, common::Role::FocalPoint).await;
        self.employ(COORDINATOR, OWN, common::Role::Coordinator)
            .await;
        self.employ(PROVIDER, CLINIC, common::Role::ServiceProvider)
            .await;
        self.employ(AUDITOR, OWN, common::Role::Auditor).await;
        self.employ(
            STRANGER,
            OrganisationId([0x0c; 16]),
            common::Role::FocalPoint,
        )
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
            review_on: in_half_a_year(),
            how: None,
        };
        services
            .assess_service(by(COORDINATOR, assessed))
            .await
            .expect("assessed");
    }
}

impl Running {
    /// A case of its own with a referral that is ready to go.
    async fn reviewed_referral(&self) -> (OpenCaseResponse, String) {
        let mut intake = IntakeServiceClient::new(self.channel.clone());
        let mut referrals = ReferralServiceClient::new(self.channel.clone());
        let opened = intake
            .open_case(by(FOCAL, open_case()))
            .await
            .expect("opened")
            .into_inner();
        let drafted = referrals
            .draft_referral(by(FOCAL, draft(&opened.case_id)))
            .await;
        let referral_id = drafted.expect("drafted").into_inner().referral_id;
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
        (opened, referral_id)
    }

    /// A case of its own with a referral that was sent to the clinic.
    async fn sent_referral(&self) -> (OpenCaseResponse, String) {
        let mut consents = ConsentServiceClient::new(self.channel.clone());
        let mut referrals = ReferralServiceClient::new(self.channel.clone());
        let (opened, referral_id) = self.reviewed_referral().await;
        let agreed = consent_to_refer(&opened.case_id, &opened.client_person_id);
        consents
            .give_consent(by(FOCAL, agreed))
            .await
            .expect("given");
        let send = referral::SendReferralRequest {
            meta: meta(),
            case_id: None,
            referral_id: referral_id.clone(),
            channel: common::Channel::Portal.into(),
            follow_up: None,
        };
        referrals
            .send_referral(by(FOCAL, send))
            .await
            .expect("sent");
        (opened, referral_id)
    }

    /// Waits until the erasure of a case is recorded as done, where it was wished at once.
    async fn wait_until_shredded(&self, case_id: &str, wish: ShredWish) {
        if wish != ShredWish::AtOnce {
            return;
        }
        let mut protection = DataProtectionServiceClient::new(self.channel.clone());
        loop {
            let case_id = case_id.to_owned();
            let asked = GetErasureStatusRequest {
                case_id,
                consent_id: None,
            };
            let status = protection
                .get_erasure_status(by(FOCAL, asked))
                .await
                .expect("a status");
            if status
                .into_inner()
                .states
                .iter()
                .all(|state| state.complete)
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn taken() -> common::ConsentTaken {
    common::ConsentTaken {
        capacity: common::Capacity::Own.into(),
        form: common::ConsentForm::Oral.into(),
        explained: (1..=9).collect(),
        interpreter: None,
        expires_at: None,
        best_interests: None,
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
