//! `ConsentService`: consents and the exceptions to confidentiality.

use proto::consent::v1::consent_service_server::ConsentService;
use proto::consent::v1::*;
use tonic::{Request, Response, Status};

use super::Rpc;
use crate::api::cases::ConsentFilter;
use crate::wire::field::optional_id;
use crate::wire::page::{page, paged};
use crate::wire::{exception, row};

#[tonic::async_trait]
impl ConsentService for Rpc {
    async fn give_consent(
        &self,
        request: Request<GiveConsentRequest>,
    ) -> Result<Response<GiveConsentResponse>, Status> {
        self.command("GiveConsent", request).await
    }

    async fn refuse_consent(
        &self,
        request: Request<RefuseConsentRequest>,
    ) -> Result<Response<RefuseConsentResponse>, Status> {
        self.command("RefuseConsent", request).await
    }

    async fn invoke_exception(
        &self,
        request: Request<InvokeExceptionRequest>,
    ) -> Result<Response<InvokeExceptionResponse>, Status> {
        self.command("InvokeException", request).await
    }

    async fn decide_exception(
        &self,
        request: Request<DecideExceptionRequest>,
    ) -> Result<Response<DecideExceptionResponse>, Status> {
        self.command("DecideException", request).await
    }

    async fn tell_of_exception(
        &self,
        request: Request<TellOfExceptionRequest>,
    ) -> Result<Response<TellOfExceptionResponse>, Status> {
        self.command("TellOfException", request).await
    }

    async fn review_exception(
        &self,
        request: Request<ReviewExceptionRequest>,
    ) -> Result<Response<ReviewExceptionResponse>, Status> {
        self.command("ReviewException", request).await
    }

    async fn list_procedures(
        &self,
        request: Request<ListProceduresRequest>,
    ) -> Result<Response<ListProceduresResponse>, Status> {
        self.query("ListProcedures", request, |reader, message| {
            let ListProceduresRequest {} = message;
            let today = reader.ledger.now().day();
            Ok(ListProceduresResponse {
                procedures: exception::procedures(&reader.procedures()?, today),
            })
        })
        .await
    }

    async fn renew_consent(
        &self,
        request: Request<RenewConsentRequest>,
    ) -> Result<Response<RenewConsentResponse>, Status> {
        self.command("RenewConsent", request).await
    }

    async fn agree_contact(
        &self,
        request: Request<AgreeContactRequest>,
    ) -> Result<Response<AgreeContactResponse>, Status> {
        self.command("AgreeContact", request).await
    }

    async fn list_consents(
        &self,
        request: Request<ListConsentsRequest>,
    ) -> Result<Response<ListConsentsResponse>, Status> {
        self.query("ListConsents", request, |reader, message| {
            let filter = ConsentFilter {
                case: optional_id(message.case_id.as_deref(), "case_id")?,
                person: optional_id(message.person_id.as_deref(), "person_id")?,
                recipient: optional_id(message.recipient_id.as_deref(), "recipient_id")?,
            };
            let (rows, next, position) = reader.consents(&filter, &page(message.page)?)?;
            Ok(ListConsentsResponse {
                consents: rows.iter().map(row::consent).collect(),
                page: Some(paged(next, position)),
            })
        })
        .await
    }
}
