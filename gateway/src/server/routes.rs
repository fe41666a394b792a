//! What the server offers: every service with its size limits, health, and reflection if asked for.

use std::sync::Arc;

use ledger::error::Fault;
use ledger::refusal::{Refusal, Refused};
use proto::admin::v1::admin_service_server::{self, AdminServiceServer};
use proto::audit::v1::audit_service_server::{self, AuditServiceServer};
use proto::breach::v1::breach_service_server::{self, BreachServiceServer};
use proto::complaint::v1::complaint_service_server::{self, ComplaintServiceServer};
use proto::consent::v1::consent_service_server::{self, ConsentServiceServer};
use proto::directory::v1::directory_service_server::{self, DirectoryServiceServer};
use proto::intake::v1::intake_service_server::{self, IntakeServiceServer};
use proto::interview::v1::interview_service_server::{self, InterviewServiceServer};
use proto::protection::v1::data_protection_service_server::{self, DataProtectionServiceServer};
use proto::referral::v1::referral_service_server::{self, ReferralServiceServer};
use proto::rights::v1::rights_service_server::{self, RightsServiceServer};
use proto::statistics::v1::statistics_service_server::{self, StatisticsServiceServer};
use proto::tracking::v1::tracking_service_server::{self, TrackingServiceServer};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Server as Transport;
use tonic::transport::server::Router;
use tonic::{Request, Status};
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_reflection::server::Builder;

use crate::caller::presented;
use crate::limits::{REQUEST_BYTES_MAX, REQUESTS_RECEIVING_MAX, RESPONSE_BYTES_MAX};
use crate::rpc::Rpc;
use crate::rpc::status::of_refused;

/// Names of the services, for health; the empty one stands for the whole.
pub(super) const NAMES: [&str; 14] = [
    "",
    intake_service_server::SERVICE_NAME,
    consent_service_server::SERVICE_NAME,
    referral_service_server::SERVICE_NAME,
    tracking_service_server::SERVICE_NAME,
    directory_service_server::SERVICE_NAME,
    data_protection_service_server::SERVICE_NAME,
    rights_service_server::SERVICE_NAME,
    audit_service_server::SERVICE_NAME,
    statistics_service_server::SERVICE_NAME,
    complaint_service_server::SERVICE_NAME,
    breach_service_server::SERVICE_NAME,
    interview_service_server::SERVICE_NAME,
    admin_service_server::SERVICE_NAME,
];

/// What health says of the journal's files under this name: not serving once something in them
/// was found damaged. No client waits for it; whoever watches the server does.
pub(super) const JOURNAL: &str = "journal";

/// Services that still do what matters on a full disk: withdrawals are taken, and most of the
/// others is answered without recording anything.
pub(super) const ON_A_FULL_DISK: [&str; 3] = [
    data_protection_service_server::SERVICE_NAME,
    audit_service_server::SERVICE_NAME,
    tracking_service_server::SERVICE_NAME,
];

/// All routes. Every service asks [`Porter`] before a message is received.
pub(super) fn all(
    mut transport: Transport,
    rpc: Rpc,
    health: HealthServer<impl Health>,
    reflection: bool,
) -> Result<Router, Fault> {
    let porter = Porter {
        places: Arc::new(Semaphore::new(REQUESTS_RECEIVING_MAX)),
    };
    let mut router = transport.add_service(health);
    macro_rules! serve {
        ($($server:ident)*) => {$({
            let service = $server::new(rpc.clone())
                .max_decoding_message_size(REQUEST_BYTES_MAX)
                .max_encoding_message_size(RESPONSE_BYTES_MAX);
            router = router.add_service(InterceptedService::new(service, porter.clone()));
        })*};
    }
    serve! {
        IntakeServiceServer
        ConsentServiceServer
        ReferralServiceServer
        TrackingServiceServer
        DirectoryServiceServer
        DataProtectionServiceServer
        RightsServiceServer
        AuditServiceServer
        StatisticsServiceServer
        ComplaintServiceServer
        BreachServiceServer
        InterviewServiceServer
        AdminServiceServer
    }
    if !reflection {
        return Ok(router);
    }
    // Many clients, Python's among them, still speak the older version of reflection.
    let unusable = |error| Fault::Unusable(format!("reflection cannot be served: {error}"));
    let newer = described().build_v1().map_err(unusable)?;
    let older = described().build_v1alpha().map_err(unusable)?;
    Ok(router.add_service(newer).add_service(older))
}

fn described() -> Builder<'static> {
    Builder::configure()
        .register_encoded_file_descriptor_set(proto::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
}

/// Stands before every service and looks at headers only: turns away who shows no token at all, and
/// bounds how many messages are received at the same time, so that strangers cannot fill the
/// memory.
#[derive(Clone)]
struct Porter {
    places: Arc<Semaphore>,
}

/// A place among the messages being received; given back when the request is taken apart.
#[derive(Clone)]
struct Receiving {
    _place: Arc<OwnedSemaphorePermit>,
}

impl Interceptor for Porter {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Err(refusal) = presented(request.metadata()) {
            return Err(of_refused(&refusal.into()));
        }
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| of_refused(&Refused::about(Refusal::Unavailable, "requests")))?;
        request.extensions_mut().insert(Receiving {
            _place: Arc::new(place),
        });
        Ok(request)
    }
}
