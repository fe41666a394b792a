//! A desk: one member of the story's staff at the API, and the commands that they ask for.

use proto::common::v1::{CommandMeta, Outcome};
use proto::{admin, consent, directory, intake, protection, referral, rights, tracking};
use tonic::Status;
use tonic::transport::Channel;
use zeroize::Zeroizing;

use crate::answer::with_token;

/// A member of staff with their token.
#[derive(Clone)]
pub(super) struct Desk {
    /// The connection that all desks share.
    pub(super) channel: Channel,
    /// The bearer token.
    pub(super) token: Zeroizing<String>,
    /// Their id.
    pub(super) staff: String,
}

/// A command of the API: can be given what comes with every command, and sent.
pub(super) trait Ask: Send {
    /// Puts the request id in.
    fn put(&mut self, request_id: &str);
    /// Sends it from a desk.
    fn ask(self, desk: &Desk) -> impl Future<Output = Result<Answered, Status>> + Send;
}

/// What a command answered: receipts, and the ids that it made by the names of the API's fields.
pub(super) struct Answered {
    pub(super) outcome: Outcome,
    pub(super) made: Vec<(&'static str, String)>,
}

/// An id in an answer, if it is there.
trait Made {
    fn made(self) -> Option<String>;
}

impl Made for String {
    fn made(self) -> Option<String> {
        Some(self).filter(|id| !id.is_empty())
    }
}

impl Made for Option<String> {
    fn made(self) -> Option<String> {
        self.and_then(Made::made)
    }
}

macro_rules! asks {
    ($($area:ident::$client:ident::$call:ident($request:ident) { $($id:ident),* })*) => {$(
        impl Ask for $area::v1::$request {
            fn put(&mut self, request_id: &str) {
                let meta = self.meta.get_or_insert_with(CommandMeta::default);
                request_id.clone_into(&mut meta.request_id);
            }

            async fn ask(self, desk: &Desk) -> Result<Answered, Status> {
                let mut client = clients::$client::new(desk.channel.clone());
                let answer = client.$call(with_token(&desk.token, self)).await?.into_inner();
                let outcome = answer.outcome.unwrap_or_default();
                let ids: Vec<(&'static str, Option<String>)> =
                    vec![$((stringify!($id), answer.$id.made())),*];
                let made = ids.into_iter().filter_map(|(name, id)| Some((name, id?)));
                Ok(Answered { outcome, made: made.collect() })
            }
        }
    )*};
}

mod clients {
    pub(super) use protection::DataProtectionServiceClient;
    pub(super) use proto::admin::v1::admin_service_client::AdminServiceClient;
    pub(super) use proto::consent::v1::consent_service_client::ConsentServiceClient;
    pub(super) use proto::directory::v1::directory_service_client::DirectoryServiceClient;
    pub(super) use proto::intake::v1::intake_service_client::IntakeServiceClient;
    pub(super) use proto::protection::v1::data_protection_service_client as protection;
    pub(super) use proto::referral::v1::referral_service_client::ReferralServiceClient;
    pub(super) use proto::rights::v1::rights_service_client::RightsServiceClient;
    pub(super) use proto::tracking::v1::tracking_service_client::TrackingServiceClient;
}

asks! {
    admin::AdminServiceClient::register_staff(RegisterStaffRequest) {}
    admin::AdminServiceClient::issue_token(IssueTokenRequest) { token_id }
    admin::AdminServiceClient::decide_role(DecideRoleRequest) {}
    directory::DirectoryServiceClient::assess_service(AssessServiceRequest) {}
    intake::IntakeServiceClient::give_link(GiveLinkRequest) {}
    intake::IntakeServiceClient::refuse_record(RefuseRecordRequest) {}
    intake::IntakeServiceClient::note_unmet_need(NoteUnmetNeedRequest) {}
    intake::IntakeServiceClient::open_case(OpenCaseRequest) {
        case_id, client_person_id, client_code, consent_id
    }
    consent::ConsentServiceClient::give_consent(GiveConsentRequest) { consent_id }
    consent::ConsentServiceClient::invoke_exception(InvokeExceptionRequest) { exception_id }
    consent::ConsentServiceClient::review_exception(ReviewExceptionRequest) {}
    consent::ConsentServiceClient::decide_exception(DecideExceptionRequest) {}
    referral::ReferralServiceClient::draft_referral(DraftReferralRequest) {
        referral_id, recipient_id
    }
    referral::ReferralServiceClient::review_referral(ReviewReferralRequest) {}
    referral::ReferralServiceClient::send_referral(SendReferralRequest) { outward_reference }
    referral::ReferralServiceClient::receive_referral(ReceiveReferralRequest) {}
    referral::ReferralServiceClient::accept_referral(AcceptReferralRequest) {}
    referral::ReferralServiceClient::complete_referral(CompleteReferralRequest) {}
    tracking::TrackingServiceClient::view_personal_data(ViewPersonalDataRequest) {}
    tracking::TrackingServiceClient::assign_staff(AssignStaffRequest) {}
    protection::DataProtectionServiceClient::withdraw_consent(WithdrawConsentRequest) {}
    rights::RightsServiceClient::receive_request(ReceiveRequestRequest) { subject_request_id }
    rights::RightsServiceClient::check_identity(CheckIdentityRequest) {}
}
