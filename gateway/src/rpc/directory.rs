//! `DirectoryService`: services that people can be referred to.

use proto::directory::v1::directory_service_server::DirectoryService;
use proto::directory::v1::*;
use tonic::{Request, Response, Status};

use super::Rpc;
use crate::wire::field::id;
use crate::wire::page::{page, paged};
use crate::wire::{filter, record, row};

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
            Ok(GetServiceResponse {
                service: Some(record::service(&service)),
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
            let (rows, next, position) = reader.services(filter::services(message)?, &asked)?;
            Ok(SearchServicesResponse {
                services: rows.iter().map(row::service).collect(),
                page: Some(paged(next, position)),
            })
        })
        .await
    }
}
