//! `ReferralService`: a referral's steps, and what happens beside them.

use proto::referral::v1::referral_service_server::ReferralService;
use proto::referral::v1::*;
use tonic::{Request, Response, Status};

use super::Rpc;

#[tonic::async_trait]
impl ReferralService for Rpc {
    async fn draft_referral(
        &self,
        request: Request<DraftReferralRequest>,
    ) -> Result<Response<DraftReferralResponse>, Status> {
        self.command("DraftReferral", request).await
    }

    async fn revise_referral(
        &self,
        request: Request<ReviseReferralRequest>,
    ) -> Result<Response<ReviseReferralResponse>, Status> {
        self.command("ReviseReferral", request).await
    }

    async fn return_referral(
        &self,
        request: Request<ReturnReferralRequest>,
    ) -> Result<Response<ReturnReferralResponse>, Status> {
        self.command("ReturnReferral", request).await
    }

    async fn review_referral(
        &self,
        request: Request<ReviewReferralRequest>,
    ) -> Result<Response<ReviewReferralResponse>, Status> {
        self.command("ReviewReferral", request).await
    }

    async fn record_arrangement(
        &self,
        request: Request<RecordArrangementRequest>,
    ) -> Result<Response<RecordArrangementResponse>, Status> {
        self.command("RecordArrangement", request).await
    }

    async fn tell_fees(
        &self,
        request: Request<TellFeesRequest>,
    ) -> Result<Response<TellFeesResponse>, Status> {
        self.command("TellFees", request).await
    }

    async fn consult_specialist(
        &self,
        request: Request<ConsultSpecialistRequest>,
    ) -> Result<Response<ConsultSpecialistResponse>, Status> {
        self.command("ConsultSpecialist", request).await
    }

    async fn confirm_consultation(
        &self,
        request: Request<ConfirmConsultationRequest>,
    ) -> Result<Response<ConfirmConsultationResponse>, Status> {
        self.command("ConfirmConsultation", request).await
    }

    async fn send_referral(
        &self,
        request: Request<SendReferralRequest>,
    ) -> Result<Response<SendReferralResponse>, Status> {
        self.command("SendReferral", request).await
    }

    async fn receive_referral(
        &self,
        request: Request<ReceiveReferralRequest>,
    ) -> Result<Response<ReceiveReferralResponse>, Status> {
        self.command("ReceiveReferral", request).await
    }

    async fn accept_referral(
        &self,
        request: Request<AcceptReferralRequest>,
    ) -> Result<Response<AcceptReferralResponse>, Status> {
        self.command("AcceptReferral", request).await
    }

    async fn decline_referral(
        &self,
        request: Request<DeclineReferralRequest>,
    ) -> Result<Response<DeclineReferralResponse>, Status> {
        self.command("DeclineReferral", request).await
    }

    async fn complete_referral(
        &self,
        request: Request<CompleteReferralRequest>,
    ) -> Result<Response<CompleteReferralResponse>, Status> {
        self.command("CompleteReferral", request).await
    }

    async fn fail_referral(
        &self,
        request: Request<FailReferralRequest>,
    ) -> Result<Response<FailReferralResponse>, Status> {
        self.command("FailReferral", request).await
    }

    async fn recall_referral(
        &self,
        request: Request<RecallReferralRequest>,
    ) -> Result<Response<RecallReferralResponse>, Status> {
        self.command("RecallReferral", request).await
    }

    async fn cancel_referral(
        &self,
        request: Request<CancelReferralRequest>,
    ) -> Result<Response<CancelReferralResponse>, Status> {
        self.command("CancelReferral", request).await
    }

    async fn answer_recall(
        &self,
        request: Request<AnswerRecallRequest>,
    ) -> Result<Response<AnswerRecallResponse>, Status> {
        self.command("AnswerRecall", request).await
    }

    async fn record_follow_up(
        &self,
        request: Request<RecordFollowUpRequest>,
    ) -> Result<Response<RecordFollowUpResponse>, Status> {
        self.command("RecordFollowUp", request).await
    }

    async fn record_disclosure(
        &self,
        request: Request<RecordDisclosureRequest>,
    ) -> Result<Response<RecordDisclosureResponse>, Status> {
        self.command("RecordDisclosure", request).await
    }

    async fn make_packet(
        &self,
        request: Request<MakePacketRequest>,
    ) -> Result<Response<MakePacketResponse>, Status> {
        self.packet_made(request).await
    }

    async fn take_reply(
        &self,
        request: Request<TakeReplyRequest>,
    ) -> Result<Response<TakeReplyResponse>, Status> {
        self.reply_taken(request).await
    }
}
