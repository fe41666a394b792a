//! `IntakeService`: links, anonymous counts, cases and the persons in them.

use proto::intake::v1::intake_service_server::IntakeService;
use proto::intake::v1::*;
use tonic::{Request, Response, Status};

use super::Rpc;
use crate::wire::incoming::incoming;
use crate::wire::page::{page, paged};

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

    async fn record_incoming(
        &self,
        request: Request<RecordIncomingRequest>,
    ) -> Result<Response<RecordIncomingResponse>, Status> {
        self.command("RecordIncoming", request).await
    }

    async fn assess_incoming(
        &self,
        request: Request<AssessIncomingRequest>,
    ) -> Result<Response<AssessIncomingResponse>, Status> {
        self.command("AssessIncoming", request).await
    }

    async fn decide_incoming(
        &self,
        request: Request<DecideIncomingRequest>,
    ) -> Result<Response<DecideIncomingResponse>, Status> {
        self.incoming_decided(request).await
    }

    async fn answer_incoming(
        &self,
        request: Request<AnswerIncomingRequest>,
    ) -> Result<Response<AnswerIncomingResponse>, Status> {
        self.command("AnswerIncoming", request).await
    }

    async fn link_incoming(
        &self,
        request: Request<LinkIncomingRequest>,
    ) -> Result<Response<LinkIncomingResponse>, Status> {
        self.command("LinkIncoming", request).await
    }

    async fn list_incoming(
        &self,
        request: Request<ListIncomingRequest>,
    ) -> Result<Response<ListIncomingResponse>, Status> {
        self.query("ListIncoming", request, |reader, message| {
            let asked = page(message.page)?;
            let (open, late) = (message.open_only, message.late_only);
            let (rows, next, position) = reader.incoming(open, late, &asked)?;
            let (now, rules) = (reader.ledger.now(), reader.ledger.retention());
            Ok(ListIncomingResponse {
                incoming: rows.iter().map(|row| incoming(row, (now, rules))).collect(),
                page: Some(paged(next, position)),
            })
        })
        .await
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

    async fn take_packet(
        &self,
        request: Request<TakePacketRequest>,
    ) -> Result<Response<TakePacketResponse>, Status> {
        self.packet_taken(request).await
    }

    async fn make_reply(
        &self,
        request: Request<MakeReplyRequest>,
    ) -> Result<Response<MakeReplyResponse>, Status> {
        self.reply_made(request).await
    }
}
