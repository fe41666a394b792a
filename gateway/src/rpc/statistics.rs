//! `StatisticsService`: figures are made here, frozen by the ledger, and shown as they were frozen.

use proto::statistics::v1::statistics_service_server::StatisticsService;
use proto::statistics::v1::*;
use tonic::{Request, Response, Status};

use super::{Answered, Rpc, finish};
use crate::api::Outcome;
use crate::telemetry::Line;
use crate::wire::answer::answer;
use crate::wire::command::{Publishing, request};
use crate::wire::statistics::{billing, publication};
use crate::wire::time::day;

#[tonic::async_trait]
impl StatisticsService for Rpc {
    async fn publish_figures(
        &self,
        message: Request<PublishFiguresRequest>,
    ) -> Result<Response<PublishFiguresResponse>, Status> {
        let line = Line::begin("PublishFigures");
        finish(line, self.published(message).await)
    }

    async fn get_figures(
        &self,
        message: Request<GetFiguresRequest>,
    ) -> Result<Response<GetFiguresResponse>, Status> {
        self.query("GetFigures", message, |reader, message| {
            let found = reader.figures(day(&message.first_day, "first_day")?)?;
            Ok(GetFiguresResponse {
                publication: Some(publication(&found)),
                figures: found.figures,
            })
        })
        .await
    }

    async fn list_figures(
        &self,
        message: Request<ListFiguresRequest>,
    ) -> Answered<ListFiguresResponse> {
        self.query("ListFigures", message, |reader, message| {
            let ListFiguresRequest {} = message;
            let all = reader.publications()?;
            Ok(ListFiguresResponse {
                publications: all.iter().map(publication).collect(),
            })
        })
        .await
    }

    async fn get_billing(
        &self,
        message: Request<GetBillingRequest>,
    ) -> Answered<GetBillingResponse> {
        self.query("GetBilling", message, |reader, message| {
            let bills = reader.bills(day(&message.first_day, "first_day")?)?;
            Ok(billing(&bills))
        })
        .await
    }
}

impl Rpc {
    async fn published(
        &self,
        message: Request<PublishFiguresRequest>,
    ) -> Outcome<PublishFiguresResponse> {
        let known = self.known(&message).await?;
        let message = message.into_inner();
        let from = day(&message.first_day, "first_day")?;
        let until = day(&message.until_day, "until_day")?;
        let made = self
            .api
            .read(&known, move |reader| reader.make_figures(from, until));
        let publishing = Publishing {
            message,
            made: made.await?,
        };
        let asked = request(publishing, known.caller(), None)?;
        Ok(answer(&self.api.submit(asked).await?))
    }
}
