//! `DataProtectionService`: withdrawal of consent, and what became of the data.

use ledger::domain::command::Caller;
use proto::protection::v1::data_protection_service_server::DataProtectionService;
use proto::protection::v1::*;
use tonic::{Request, Response, Status};

use super::{Answered, Rpc, finish};
use crate::telemetry::Line;
use crate::wire::answer::answer;
use crate::wire::command::request;
use crate::wire::consequences::told;
use crate::wire::field::{id, optional_id};
use crate::wire::page::{cut, page, paged};
use crate::wire::time::optional;
use crate::wire::{erasure, given, retention};

#[tonic::async_trait]
impl DataProtectionService for Rpc {
    async fn withdraw_consent(
        &self,
        request: Request<WithdrawConsentRequest>,
    ) -> Result<Response<WithdrawConsentResponse>, Status> {
        self.command("WithdrawConsent", request).await
    }

    async fn preview_withdrawal(
        &self,
        message: Request<WithdrawConsentRequest>,
    ) -> Result<Response<PreviewWithdrawalResponse>, Status> {
        self.query("PreviewWithdrawal", message, |reader, message| {
            let caller = Caller::Staff(reader.caller.id);
            let asked = request(message.clone(), caller, None)?;
            let case = asked.command.case();
            let mut answer = told(&reader.ledger.preview_withdrawal(asked)?);
            if let Some(other) = reader.merged_file(case)? {
                // Of the whole other file, whatever is taken out of this one.
                let there = WithdrawConsentRequest {
                    meta: message.meta,
                    case_id: other.id.to_string(),
                    shred: message.shred,
                    ..Default::default()
                };
                let asked = request(there, caller, None)?;
                // Nothing is told where nothing is left there, or it is not this caller's.
                if let Ok(there) = reader.ledger.preview_withdrawal(asked) {
                    answer.merged = Some(Box::new(told(&there)));
                    answer.merged_case_id = Some(other.id.to_string());
                }
            }
            Ok(answer)
        })
        .await
    }

    async fn undo_withdrawal(
        &self,
        request: Request<UndoWithdrawalRequest>,
    ) -> Result<Response<UndoWithdrawalResponse>, Status> {
        self.command("UndoWithdrawal", request).await
    }

    async fn get_erasure_status(
        &self,
        request: Request<GetErasureStatusRequest>,
    ) -> Result<Response<GetErasureStatusResponse>, Status> {
        self.query("GetErasureStatus", request, |reader, message| {
            let only = optional_id(message.consent_id.as_deref(), "consent_id")?;
            let (case, entries) = reader.erasure(id(&message.case_id, "case_id")?)?;
            let status = reader.ledger.status();
            let waiting = reader.ledger.pending_copy();
            Ok(GetErasureStatusResponse {
                states: erasure::states(&case, &entries, &waiting, only),
                epoch: status.epoch,
                shreds_pending: status.shreds_pending,
                notices: erasure::notices(&case),
            })
        })
        .await
    }

    async fn get_certificates(
        &self,
        request: Request<GetCertificatesRequest>,
    ) -> Result<Response<GetCertificatesResponse>, Status> {
        self.query("GetCertificates", request, |reader, message| {
            let only = optional_id(message.rotation_id.as_deref(), "rotation_id")?;
            let case = optional_id(message.case_id.as_deref(), "case_id")?;
            let found = reader.certificates(case, only)?;
            Ok(GetCertificatesResponse {
                certificates: found.into_iter().map(erasure::certificate).collect(),
                vkey: reader.ledger.vkey(),
            })
        })
        .await
    }

    async fn issue_certificate(
        &self,
        request: Request<IssueCertificateRequest>,
    ) -> Result<Response<IssueCertificateResponse>, Status> {
        self.command("IssueCertificate", request).await
    }

    async fn cut_out(
        &self,
        request: Request<CutOutRequest>,
    ) -> Result<Response<CutOutResponse>, Status> {
        self.cut_out_now(request).await
    }

    async fn confirm_withdrawals(
        &self,
        request: Request<ConfirmWithdrawalsRequest>,
    ) -> Result<Response<ConfirmWithdrawalsResponse>, Status> {
        self.command("ConfirmWithdrawals", request).await
    }

    async fn list_disclosed(
        &self,
        request: Request<ListDisclosedRequest>,
    ) -> Result<Response<ListDisclosedResponse>, Status> {
        self.query("ListDisclosed", request, |reader, message| {
            let asked = page(message.page.clone())?;
            let (rows, next, position) = reader.disclosed(given::search(&message)?, &asked)?;
            Ok(ListDisclosedResponse {
                disclosed: rows.iter().map(given::disclosed).collect(),
                page: Some(paged(next, position)),
            })
        })
        .await
    }

    async fn record_notice(
        &self,
        request: Request<RecordNoticeRequest>,
    ) -> Result<Response<RecordNoticeResponse>, Status> {
        self.command("RecordNotice", request).await
    }

    async fn place_hold(
        &self,
        request: Request<PlaceHoldRequest>,
    ) -> Result<Response<PlaceHoldResponse>, Status> {
        self.command("PlaceHold", request).await
    }

    async fn hold_apart(
        &self,
        request: Request<HoldApartRequest>,
    ) -> Result<Response<HoldApartResponse>, Status> {
        self.command("HoldApart", request).await
    }

    async fn release_hold(
        &self,
        request: Request<ReleaseHoldRequest>,
    ) -> Result<Response<ReleaseHoldResponse>, Status> {
        self.command("ReleaseHold", request).await
    }

    async fn list_holds(
        &self,
        request: Request<ListHoldsRequest>,
    ) -> Result<Response<ListHoldsResponse>, Status> {
        self.query("ListHolds", request, |reader, message| {
            let case = reader.holds(id(&message.case_id, "case_id")?)?;
            Ok(retention::holds(&case, reader.ledger.now()))
        })
        .await
    }

    async fn get_retention_rules(
        &self,
        request: Request<GetRetentionRulesRequest>,
    ) -> Result<Response<GetRetentionRulesResponse>, Status> {
        self.query("GetRetentionRules", request, |reader, message| {
            let GetRetentionRulesRequest {} = message;
            retention::rules(reader)
        })
        .await
    }

    async fn list_due_cases(
        &self,
        request: Request<ListDueCasesRequest>,
    ) -> Result<Response<ListDueCasesResponse>, Status> {
        self.query("ListDueCases", request, |reader, message| {
            let at = optional(message.at, "at")?;
            let due = reader.due_cases(at)?;
            let total = u32::try_from(due.len()).unwrap_or(u32::MAX);
            let (due, next) = cut(due, &page(message.page)?);
            Ok(ListDueCasesResponse {
                due: due.iter().map(retention::due_case).collect(),
                page: Some(paged(next, reader.views.position())),
                total,
            })
        })
        .await
    }

    async fn preview_sweep(
        &self,
        request: Request<PreviewSweepRequest>,
    ) -> Result<Response<PreviewSweepResponse>, Status> {
        self.query("PreviewSweep", request, |reader, message| {
            let PreviewSweepRequest {} = message;
            let due = reader.due_cases(None)?;
            let staff = reader.due_staff()?.len();
            Ok(retention::preview(reader, &due, staff)?)
        })
        .await
    }

    async fn request_sweep(
        &self,
        request: Request<RequestSweepRequest>,
    ) -> Result<Response<RequestSweepResponse>, Status> {
        self.command("RequestSweep", request).await
    }

    async fn approve_sweep(
        &self,
        request: Request<ApproveSweepRequest>,
    ) -> Result<Response<ApproveSweepResponse>, Status> {
        self.command("ApproveSweep", request).await
    }

    async fn withdraw_sweep(
        &self,
        request: Request<WithdrawSweepRequest>,
    ) -> Result<Response<WithdrawSweepResponse>, Status> {
        self.command("WithdrawSweep", request).await
    }

    async fn decide_hold(
        &self,
        request: Request<DecideHoldRequest>,
    ) -> Result<Response<DecideHoldResponse>, Status> {
        self.command("DecideHold", request).await
    }
}

impl Rpc {
    /// Records who wants it, then has it done; the answer waits for that.
    async fn cut_out_now(&self, request: Request<CutOutRequest>) -> Answered<CutOutResponse> {
        let line = Line::begin("CutOut");
        let outcome = async {
            let after_days = request.get_ref().after_days;
            let (known, asked) = self.submitted(request).await?;
            let round = self
                .api
                .read(&known, move |reader| reader.cut_out(after_days));
            let done = round.await?;
            Ok(CutOutResponse {
                segments: done.segments,
                streams: done.streams,
                finished: done.finished,
                ..answer(&asked)
            })
        };
        finish(line, outcome.await)
    }
}
