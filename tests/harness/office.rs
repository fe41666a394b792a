//! An office at a running server: staff with tokens, a service to refer to, and their calls.

use ledger::clock::{Clock, SystemClock, SystemEntropy};
use ledger::domain::ids::{OrganisationId, RequestId, ServiceId, StaffId};
use proto::admin::v1 as admin;
use proto::admin::v1::admin_service_client::AdminServiceClient;
use proto::common::v1 as common;
use proto::consent::v1::GiveConsentRequest;
use proto::directory::v1 as directory;
use proto::directory::v1::directory_service_client::DirectoryServiceClient;
use proto::intake::v1::OpenCaseRequest;
use proto::protection::v1::{ShredWish, WithdrawConsentRequest};
use proto::referral::v1::DraftReferralRequest;
use proto::tracking::v1::{CloseCaseWorkRequest, ViewPersonalDataRequest};
use sha2::{Digest, Sha256};
use tonic::transport::{Channel, Endpoint};

pub use gateway::answer::{refused, with_token};

/// Who works here, by their tokens. What is known of it outlives the server.
#[derive(Clone)]
pub struct Office {
    /// The first administrator's token.
    pub administrator: String,
    /// The token of who decides what the administrator asks for.
    pub officer: String,
    /// A focal point's.
    pub focal: String,
    /// Further focal points', who take turns at withdrawing: one alone would reach the limit of a
    /// day.
    pub withdrawing: Vec<String>,
    /// The coordinator's, who keeps the directory.
    pub coordinator: String,
    /// An auditor's.
    pub auditor: String,
    /// The organisation that receives referrals.
    pub partner: String,
    /// Its service, assessed.
    pub service: String,
}

/// How many focal points take turns at withdrawing.
const WITHDRAWING: usize = 4;

/// A new connection to a server.
pub async fn connect(endpoint: &str) -> Channel {
    let endpoint = Endpoint::from_shared(endpoint.to_owned()).expect("an endpoint");
    endpoint.connect().await.expect("the server is there")
}

impl Office {
    /// Views follow the log: a page that is true up to everything that is in it now.
    pub async fn up_to_now(&self, channel: &Channel) -> common::PageRequest {
        let mut client = AdminServiceClient::new(channel.clone());
        let asked = with_token(&self.administrator, admin::GetStatusRequest {});
        let status = client.get_status(asked).await.expect("status");
        common::PageRequest {
            at_least_position: status.into_inner().size.checked_sub(1),
            ..Default::default()
        }
    }

    /// Hires everybody and lists the service, with the tokens of the first two persons.
    pub async fn found(channel: &Channel, [administrator, officer]: [&str; 2]) -> Self {
        let mut client = AdminServiceClient::new(channel.clone());
        let asked = with_token(administrator, admin::ListStaffRequest::default());
        let founders = client.list_staff(asked).await.expect("the founders");
        let founder = founders.into_inner().staff.into_iter().next();
        let own = founder.expect("a founder").organisation_id;
        let partner = OrganisationId::fresh(&mut SystemEntropy).to_string();
        let mut office = Self {
            administrator: administrator.to_owned(),
            officer: officer.to_owned(),
            focal: String::new(),
            withdrawing: Vec::new(),
            coordinator: String::new(),
            auditor: String::new(),
            partner,
            service: ServiceId::fresh(&mut SystemEntropy).to_string(),
        };
        office.focal = office.hire(channel, &own, common::Role::FocalPoint).await;
        for _ in 0..WITHDRAWING {
            let further = office.hire(channel, &own, common::Role::FocalPoint).await;
            office.withdrawing.push(further);
        }
        office.auditor = office.hire(channel, &own, common::Role::Auditor).await;
        office.coordinator = office.hire(channel, &own, common::Role::Coordinator).await;
        office.list_service(channel, &office.coordinator).await;
        office
    }

    async fn hire(&self, channel: &Channel, organisation: &str, role: common::Role) -> String {
        let staff = StaffId::fresh(&mut SystemEntropy).to_string();
        let mut client = AdminServiceClient::new(channel.clone());
        let register = admin::RegisterStaffRequest {
            meta: meta(),
            staff_id: staff.clone(),
            organisation_id: organisation.to_owned(),
            name: STAFF_NAME.to_owned(),
            roles: vec![role.into()],
        };
        let registered = client
            .register_staff(with_token(&self.administrator, register))
            .await;
        registered.expect("registered");
        let token = self.token(channel, &staff, 3_600).await;
        if role == common::Role::Auditor {
            let decide = admin::DecideRoleRequest {
                meta: meta(),
                staff_id: staff,
                role: role.into(),
                confirm: true,
            };
            let decided = client.decide_role(with_token(&self.officer, decide)).await;
            decided.expect("confirmed");
        }
        token
    }

    /// A fresh token of a member of staff that works for so many seconds.
    pub async fn token(&self, channel: &Channel, staff_id: &str, seconds: u32) -> String {
        let token = format!("rl_{}", RequestId::fresh(&mut SystemEntropy));
        let mut client = AdminServiceClient::new(channel.clone());
        let issue = admin::IssueTokenRequest {
            meta: meta(),
            staff_id: staff_id.to_owned(),
            token_sha256: Sha256::digest(token.as_bytes()).to_vec(),
            expires_at: Some(in_seconds(seconds)),
        };
        let issued = client
            .issue_token(with_token(&self.administrator, issue))
            .await;
        issued.expect("issued");
        token
    }

    async fn list_service(&self, channel: &Channel, coordinator: &str) {
        let mut client = DirectoryServiceClient::new(channel.clone());
        let entry = directory::ServiceEntry {
            name: "An invented clinic".to_owned(),
            organisation_id: self.partner.clone(),
            organisation_name: "Invented helpers".to_owned(),
            recipient_class: common::RecipientClass::Service.into(),
            accepts_referrals: true,
            needs: vec![common::DataCategory::Needs.into()],
            ..Default::default()
        };
        let register = directory::RegisterServiceRequest {
            meta: meta(),
            service_id: self.service.clone(),
            entry: Some(entry),
        };
        let registered = client
            .register_service(with_token(coordinator, register))
            .await;
        registered.expect("listed");
        let assess = directory::AssessServiceRequest {
            meta: meta(),
            service_id: self.service.clone(),
            assessment: common::Assessment::Approved.into(),
            review_on: ledger_day_in(300),
            how: None,
        };
        let assessed = client.assess_service(with_token(coordinator, assess)).await;
        assessed.expect("assessed");
    }

    /// A request to open a case of an invented adult.
    pub fn open_case(&self, name: &str) -> OpenCaseRequest {
        OpenCaseRequest {
            meta: meta(),
            identity: Some(common::Identity {
                name: name.to_owned(),
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

    /// A request to record a consent to be referred to the partner.
    pub fn give_consent(&self, case: &str, person: &str) -> GiveConsentRequest {
        GiveConsentRequest {
            meta: meta(),
            case_id: case.to_owned(),
            person_id: person.to_owned(),
            given_by_id: Some(person.to_owned()),
            scope: Some(common::Scope {
                purposes: vec![common::Purpose::Referral.into()],
                recipient_ids: vec![self.partner.clone()],
                categories: vec![common::DataCategory::Needs.into()],
                withheld: Vec::new(),
            }),
            consent: Some(taken()),
        }
    }

    /// A request to draft a referral whose one item rests on a consent.
    pub fn draft(&self, case: &str, ground: Option<&str>, needs: &str) -> DraftReferralRequest {
        DraftReferralRequest {
            meta: meta(),
            case_id: case.to_owned(),
            service_id: self.service.clone(),
            urgency: common::Urgency::Routine.into(),
            ground_id: ground.map(str::to_owned),
            items: vec![common::Item {
                category: common::DataCategory::Needs.into(),
                text: needs.to_owned(),
            }],
            follows_id: None,
        }
    }

    /// A request to draft what cannot wait, resting on the consent to be recorded.
    pub fn draft_urgent(&self, case: &str, needs: &str) -> DraftReferralRequest {
        DraftReferralRequest {
            urgency: common::Urgency::Emergency.into(),
            ..self.draft(case, None, needs)
        }
    }

    /// A request to close a case of whom nothing was ever sent.
    pub fn close_work(&self, case: &str) -> CloseCaseWorkRequest {
        CloseCaseWorkRequest {
            meta: meta(),
            case_id: case.to_owned(),
            reason: common::ClosingReason::NeedsMet.into(),
            transferred_by_id: None,
            no_follow_up: Some(common::NoFollowUp::NothingSent.into()),
            told: common::ClosingTold::MayReturn.into(),
        }
    }

    /// A request to withdraw a consent and to destroy its keys at once.
    pub fn withdraw_now(&self, case: &str, consent: &str) -> WithdrawConsentRequest {
        WithdrawConsentRequest {
            meta: meta(),
            case_id: case.to_owned(),
            consent_id: Some(consent.to_owned()),
            shred: ShredWish::AtOnce.into(),
            ..Default::default()
        }
    }

    /// A request to open what is known of a case.
    pub fn view(&self, case: &str) -> ViewPersonalDataRequest {
        ViewPersonalDataRequest {
            meta: meta(),
            case_id: Some(case.to_owned()),
            referral_id: None,
            purpose: common::ViewPurpose::CaseWork.into(),
        }
    }
}

/// What comes with every command: a fresh request id.
pub fn meta() -> Option<common::CommandMeta> {
    Some(common::CommandMeta {
        request_id: RequestId::fresh(&mut SystemEntropy).to_string(),
        ..Default::default()
    })
}

/// A moment so many seconds from now on.
pub fn in_seconds(seconds: u32) -> prost_types::Timestamp {
    let later = SystemClock.now().plus_ms(u64::from(seconds) * 1_000);
    gateway::wire::time::to_wire(later)
}

fn ledger_day_in(days: u64) -> String {
    let later = SystemClock.now().plus_ms(days * ledger::clock::DAY_MS);
    gateway::wire::time::day_to_wire(later.day())
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

/// Every member of staff is called so; a scan for names looks for it.
pub const STAFF_NAME: &str = "Canary Colleague (invented)";
