//! `RightsService`: what persons ask for about their data, and what comes of it.

use proto::rights::v1::rights_service_server::RightsService;
use proto::rights::v1::*;
use tonic::{Request, Response, Status};

use super::Rpc;
use crate::api::rights::RequestFilter;
use crate::wire::codes::set;
use crate::wire::consequences::told;
use crate::wire::field::{id, optional_id};
use crate::wire::page::{page, paged};
use crate::wire::rights;

#[tonic::async_trait]
impl RightsService for Rpc {
    async fn receive_request(
        &self,
        request: Request<ReceiveRequestRequest>,
    ) -> Result<Response<ReceiveRequestResponse>, Status> {
        self.command("ReceiveRequest", request).await
    }

    async fn check_identity(
        &self,
        request: Request<CheckIdentityRequest>,
    ) -> Result<Response<CheckIdentityResponse>, Status> {
        self.command("CheckIdentity", request).await
    }

    async fn extend_request(
        &self,
        request: Request<ExtendRequestRequest>,
    ) -> Result<Response<ExtendRequestResponse>, Status> {
        self.command("ExtendRequest", request).await
    }

    async fn advise_request(
        &self,
        request: Request<AdviseRequestRequest>,
    ) -> Result<Response<AdviseRequestResponse>, Status> {
        self.command("AdviseRequest", request).await
    }

    async fn decide_request(
        &self,
        request: Request<DecideRequestRequest>,
    ) -> Result<Response<DecideRequestResponse>, Status> {
        self.command("DecideRequest", request).await
    }

    async fn carry_out_request(
        &self,
        request: Request<CarryOutRequestRequest>,
    ) -> Result<Response<CarryOutRequestResponse>, Status> {
        self.command("CarryOutRequest", request).await
    }

    async fn close_request(
        &self,
        request: Request<CloseRequestRequest>,
    ) -> Result<Response<CloseRequestResponse>, Status> {
        self.command("CloseRequest", request).await
    }

    async fn lift_restriction(
        &self,
        request: Request<LiftRestrictionRequest>,
    ) -> Result<Response<LiftRestrictionResponse>, Status> {
        self.command("LiftRestriction", request).await
    }

    async fn correct_person(
        &self,
        request: Request<CorrectPersonRequest>,
    ) -> Result<Response<CorrectPersonResponse>, Status> {
        self.command("CorrectPerson", request).await
    }

    async fn preview_deletion(
        &self,
        request: Request<PreviewDeletionRequest>,
    ) -> Result<Response<PreviewDeletionResponse>, Status> {
        self.query("PreviewDeletion", request, |reader, message| {
            let case = id(&message.case_id, "case_id")?;
            let request = id(&message.subject_request_id, "subject_request_id")?;
            let categories = set(&message.categories, "categories")?;
            let both = reader.preview_deletion(case, request, categories)?;
            let mut consequences = told(&both.here.consequences);
            let mut holds = both.here.holds;
            if let Some(there) = both.merged {
                consequences.merged = Some(Box::new(told(&there.consequences)));
                consequences.merged_case_id = Some(there.case.to_string());
                holds.extend(there.holds);
            }
            Ok(PreviewDeletionResponse {
                consequences: Some(consequences),
                hold_ids: holds.iter().map(ToString::to_string).collect(),
            })
        })
        .await
    }

    async fn list_requests(
        &self,
        request: Request<ListRequestsRequest>,
    ) -> Result<Response<ListRequestsResponse>, Status> {
        self.query("ListRequests", request, |reader, message| {
            let filter = RequestFilter {
                case: optional_id(message.case_id.as_deref(), "case_id")?,
                open_only: message.open_only,
                late_only: message.late_only,
            };
            let (rows, next, position) = reader.requests(filter, &page(message.page)?)?;
            let now = reader.ledger.now();
            Ok(ListRequestsResponse {
                requests: rows.iter().map(|row| rights::request(row, now)).collect(),
                page: Some(paged(next, position)),
            })
        })
        .await
    }
}
