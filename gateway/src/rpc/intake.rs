//! `IntakeService`: links, anonymous counts, cases and the persons in them.

use proto::intake::v1::intake_service_server::IntakeService;
use proto::intake::v1::*;
use tonic::{Request, Response, Status};

use super::Rpc;

#[tonic::async_trait]
impl IntakeService for Rpc {
    async fn give_link(
        &self,
        request: Request<GiveLinkRequest>,
    ) -> Result<Response<GiveLinkResponse>, Status> {
        self.command("GiveLink", request).await
    }

    async fn refuse_record(
        &self,
        request: Request<RefuseRecordRequest>,
    ) -> Result<Response<RefuseRecordResponse>, Status> {
        self.command("RefuseRecord", request).await
    }

    async fn note_unmet_need(
        &self,
        request: Request<NoteUnmetNeedRequest>,
    ) -> Result<Response<NoteUnmetNeedResponse>, Status> {
        self.command("NoteUnmetNeed", request).await
    }

    async fn open_case(
        &self,
        request: Request<OpenCaseRequest>,
    ) -> Result<Response<OpenCaseResponse>, Status> {
        self.command("OpenCase", request).await
    }

    async fn add_person(
        &self,
        request: Request<AddPersonRequest>,
    ) -> Result<Response<AddPersonResponse>, Status> {
        self.command("AddPerson", request).await
    }

    async fn assess_age(
        &self,
        request: Request<AssessAgeRequest>,
    ) -> Result<Response<AssessAgeResponse>, Status> {
        self.command("AssessAge", request).await
    }

    async fn raise_concern(
        &self,
        request: Request<RaiseConcernRequest>,
    ) -> Result<Response<RaiseConcernResponse>, Status> {
        self.command("RaiseConcern", request).await
    }

    async fn attest_referral(
        &self,
        request: Request<AttestReferralRequest>,
    ) -> Result<Response<AttestReferralResponse>, Status> {
        self.command("AttestReferral", request).await
    }
}
