//! What a load client needs to be there: a worker's token and a service that takes referrals.

use benches::Corpus;
use ledger::clock::{Clock, DAY_MS, Entropy, SystemClock, SystemEntropy};
use ledger::domain::ids::{OrganisationId, ServiceId, StaffId};
use proto::admin::v1::admin_service_client::AdminServiceClient;
use proto::admin::v1::{IssueTokenRequest, ListStaffRequest, RegisterStaffRequest};
use proto::common::v1::{Assessment, DataCategory, RecipientClass, Role};
use proto::directory::v1::directory_service_client::DirectoryServiceClient;
use proto::directory::v1::{
    AssessServiceRequest, RegisterServiceRequest, SearchServicesRequest, ServiceEntry,
};
use sha2::{Digest, Sha256};
use tonic::transport::Channel;

use super::load_ledger::{Bearer, meta};
use super::{Failure, Options, connect};

/// Where the clients work.
pub(crate) struct Workplace {
    pub(crate) bearer: Bearer,
    pub(crate) service: String,
    /// Different in every run, so that request ids are.
    pub(crate) seed: u64,
}

/// Finds an approved service, or makes staff and a service with an administrator's token.
pub(crate) async fn workplace(options: &Options) -> Result<Workplace, Failure> {
    let mut seed = [0; 8];
    SystemEntropy.fill(&mut seed);
    let seed = u64::from_le_bytes(seed);
    let channel = connect(options).await?;
    let bearer = Bearer::of(&options.token)?;
    if !options.setup {
        let service = find(&channel, &bearer).await?;
        return Ok(Workplace {
            bearer,
            service,
            seed,
        });
    }
    let mut corpus = Corpus::seeded(!seed);
    let organisation = own_organisation(&channel, &bearer).await?;
    let mut hired = Vec::new();
    for roles in [
        vec![Role::FrontLine, Role::FocalPoint],
        vec![Role::Coordinator],
    ] {
        hired.push(hire(&channel, &bearer, &mut corpus, (&organisation, &roles)).await?);
    }
    let (Some(coordinator), Some(bearer)) = (hired.pop(), hired.pop()) else {
        return Err("nobody was hired".into());
    };
    let service = register(&channel, &coordinator, &mut corpus).await?;
    Ok(Workplace {
        bearer,
        service,
        seed,
    })
}

/// The administrator's own organisation: hiring for another one takes two persons.
async fn own_organisation(channel: &Channel, bearer: &Bearer) -> Result<String, Failure> {
    let mut administration = AdminServiceClient::new(channel.clone());
    let asked = bearer.with(ListStaffRequest::default());
    let staff = administration.list_staff(asked).await?.into_inner().staff;
    let is_one = |roles: &[i32]| roles.contains(&Role::Administrator.into());
    let administrator = staff.into_iter().find(|one| is_one(&one.roles));
    Ok(administrator
        .ok_or("no administrator is there")?
        .organisation_id)
}

/// An approved service that takes referrals of what the clients write.
async fn find(channel: &Channel, bearer: &Bearer) -> Result<String, Failure> {
    let search = SearchServicesRequest {
        accepting_only: true,
        assessment: Some(Assessment::Approved.into()),
        ..SearchServicesRequest::default()
    };
    let mut directory = DirectoryServiceClient::new(channel.clone());
    let found = directory
        .search_services(bearer.with(search))
        .await?
        .into_inner()
        .services;
    let needs = i32::from(DataCategory::Needs);
    let fits = found.into_iter().find(|service| {
        service
            .entry
            .as_ref()
            .is_some_and(|entry| entry.needs.contains(&needs))
    });
    Ok(fits
        .ok_or("no approved service that takes `needs`; try --setup")?
        .service_id)
}

/// Registers a member of staff and gives them a token.
async fn hire(
    channel: &Channel,
    administrator: &Bearer,
    corpus: &mut Corpus,
    (organisation, roles): (&str, &[Role]),
) -> Result<Bearer, Failure> {
    let mut administration = AdminServiceClient::new(channel.clone());
    let staff_id = StaffId::fresh(corpus).to_string();
    let register = RegisterStaffRequest {
        meta: meta(corpus),
        staff_id: staff_id.clone(),
        organisation_id: organisation.to_owned(),
        name: "load client".to_owned(),
        roles: roles.iter().map(|role| i32::from(*role)).collect(),
    };
    administration
        .register_staff(administrator.with(register))
        .await?;
    let token = format!(
        "rl_load{}",
        StaffId::fresh(corpus).to_string().replace('-', "")
    );
    let issue = IssueTokenRequest {
        meta: meta(corpus),
        staff_id,
        token_sha256: Sha256::digest(token.as_bytes()).to_vec(),
        expires_at: Some(prost_types::Timestamp {
            seconds: in_days(7)?,
            nanos: 0,
        }),
    };
    administration
        .issue_token(administrator.with(issue))
        .await?;
    Bearer::of(&token)
}

/// Brings an approved service into the directory.
async fn register(
    channel: &Channel,
    coordinator: &Bearer,
    corpus: &mut Corpus,
) -> Result<String, Failure> {
    let mut directory = DirectoryServiceClient::new(channel.clone());
    let service_id = ServiceId::fresh(corpus).to_string();
    let entry = ServiceEntry {
        name: "Invented clinic".to_owned(),
        organisation_id: OrganisationId::fresh(corpus).to_string(),
        organisation_name: "Invented organisation".to_owned(),
        recipient_class: RecipientClass::Service.into(),
        description: "Does not exist.".to_owned(),
        accepts_referrals: true,
        needs: vec![DataCategory::Needs.into()],
        ..ServiceEntry::default()
    };
    let register = RegisterServiceRequest {
        meta: meta(corpus),
        service_id: service_id.clone(),
        entry: Some(entry),
    };
    directory
        .register_service(coordinator.with(register))
        .await?;
    let review_on = time::OffsetDateTime::from_unix_timestamp(in_days(30)?)?;
    let assess = AssessServiceRequest {
        meta: meta(corpus),
        service_id: service_id.clone(),
        assessment: Assessment::Approved.into(),
        review_on: review_on.date().to_string(),
        how: None,
    };
    directory.assess_service(coordinator.with(assess)).await?;
    Ok(service_id)
}

/// So many days from now, in seconds since 1970.
fn in_days(days: u64) -> Result<i64, Failure> {
    Ok(i64::try_from(
        SystemClock.now().plus_ms(days * DAY_MS).0 / 1000,
    )?)
}
