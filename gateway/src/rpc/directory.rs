//! `DirectoryService`: services that people can be referred to.

use ledger::domain::directory::Service;
use proto::directory::v1::directory_service_server::DirectoryService;
use proto::directory::v1::*;
use tonic::{Request, Response, Status};

use super::Rpc;
use crate::wire::field::{id, optional_id};
use crate::wire::inquiry::inquiry;
use crate::wire::mechanism::MembersAsked;
use crate::wire::page::{page, paged};
use crate::wire::{filter, mechanism, service};

#[tonic::async_trait]
impl DirectoryService for Rpc {
    async fn register_service(
        &self,
        request: Request<RegisterServiceRequest>,
    ) -> Result<Response<RegisterServiceResponse>, Status> {
        self.command("RegisterService", request).await
    }

    async fn update_service(
        &self,
        request: Request<UpdateServiceRequest>,
    ) -> Result<Response<UpdateServiceResponse>, Status> {
        self.command("UpdateService", request).await
    }

    async fn assess_service(
        &self,
        request: Request<AssessServiceRequest>,
    ) -> Result<Response<AssessServiceResponse>, Status> {
        self.command("AssessService", request).await
    }

    async fn report_places(
        &self,
        request: Request<ReportPlacesRequest>,
    ) -> Result<Response<ReportPlacesResponse>, Status> {
        self.command("ReportPlaces", request).await
    }

    async fn record_member(
        &self,
        request: Request<RecordMemberRequest>,
    ) -> Result<Response<RecordMemberResponse>, Status> {
        self.command("RecordMember", request).await
    }

    async fn record_agreement(
        &self,
        request: Request<RecordAgreementRequest>,
    ) -> Result<Response<RecordAgreementResponse>, Status> {
        self.command("RecordAgreement", request).await
    }

    async fn record_pathway(
        &self,
        request: Request<RecordPathwayRequest>,
    ) -> Result<Response<RecordPathwayResponse>, Status> {
        self.command("RecordPathway", request).await
    }

    async fn retire_pathway(
        &self,
        request: Request<RetirePathwayRequest>,
    ) -> Result<Response<RetirePathwayResponse>, Status> {
        self.command("RetirePathway", request).await
    }

    async fn list_members(
        &self,
        request: Request<ListMembersRequest>,
    ) -> Result<Response<ListMembersResponse>, Status> {
        self.query("ListMembers", request, |reader, message| {
            let asked = page(message.page.clone())?;
            let (_, today) = reader.reviewing();
            let MembersAsked { search, area } = mechanism::members(message, today)?;
            let (rows, next, position) = reader.members(search, &area, &asked)?;
            Ok(ListMembersResponse {
                members: rows
                    .iter()
                    .map(|row| mechanism::member(row, today))
                    .collect(),
                page: Some(paged(next, position)),
            })
        })
        .await
    }

    async fn list_pathways(
        &self,
        request: Request<ListPathwaysRequest>,
    ) -> Result<Response<ListPathwaysResponse>, Status> {
        self.query("ListPathways", request, |reader, message| {
            let asked = page(message.page.clone())?;
            let search = mechanism::pathways(message)?;
            let (rows, next, position) = reader.pathways(search, &asked)?;
            Ok(ListPathwaysResponse {
                pathways: rows.iter().map(mechanism::pathway).collect(),
                page: Some(paged(next, position)),
            })
        })
        .await
    }

    async fn ask_service(
        &self,
        request: Request<AskServiceRequest>,
    ) -> Result<Response<AskServiceResponse>, Status> {
        self.command("AskService", request).await
    }

    async fn answer_inquiry(
        &self,
        request: Request<AnswerInquiryRequest>,
    ) -> Result<Response<AnswerInquiryResponse>, Status> {
        self.command("AnswerInquiry", request).await
    }

    async fn list_inquiries(
        &self,
        request: Request<ListInquiriesRequest>,
    ) -> Result<Response<ListInquiriesResponse>, Status> {
        self.query("ListInquiries", request, |reader, message| {
            let service = optional_id(message.service_id.as_deref(), "service_id")?;
            let asked = page(message.page)?;
            let (rows, next, position) = reader.inquiries(service, message.open_only, &asked)?;
            Ok(ListInquiriesResponse {
                inquiries: rows.iter().map(inquiry).collect(),
                page: Some(paged(next, position)),
            })
        })
        .await
    }

    async fn retire_service(
        &self,
        request: Request<RetireServiceRequest>,
    ) -> Result<Response<RetireServiceResponse>, Status> {
        self.command("RetireService", request).await
    }

    async fn get_service(
        &self,
        request: Request<GetServiceRequest>,
    ) -> Result<Response<GetServiceResponse>, Status> {
        self.query("GetService", request, |reader, message| {
            let service = reader.service(id(&message.service_id, "service_id")?)?;
            let (rules, today) = reader.reviewing();
            let pathways = reader.pathways_to(service.id)?;
            Ok(GetServiceResponse {
                service: Some(service::service(&service, rules, today)),
                pathways: pathways.iter().map(mechanism::pathway).collect(),
            })
        })
        .await
    }

    async fn search_services(
        &self,
        request: Request<SearchServicesRequest>,
    ) -> Result<Response<SearchServicesResponse>, Status> {
        self.query("SearchServices", request, |reader, message| {
            let asked = page(message.page.clone())?;
            let (rules, today) = reader.reviewing();
            let search = filter::services(message, rules, today)?;
            let (rows, next, position) = reader.services(search, &asked)?;
            let row = |row: &Service| service::service(row, rules, today);
            Ok(SearchServicesResponse {
                services: rows.iter().map(row).collect(),
                page: Some(paged(next, position)),
            })
        })
        .await
    }
}
