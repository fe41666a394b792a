//! `BreachService`: the register of breaches.

use ledger::domain::ids::BreachId;
use proto::breach::v1::breach_service_server::BreachService;
use proto::breach::v1::*;
use tonic::{Request, Response, Status};

use super::{Answered, Rpc, finish};
use crate::telemetry::Line;
use crate::wire::answer::answer;
use crate::wire::breach::{affected, breach};
use crate::wire::entry::entry;
use crate::wire::field::id;
use crate::wire::page::{page, paged};
use crate::wire::record;
use crate::wire::shared::meta;

#[tonic::async_trait]
impl BreachService for Rpc {
    async fn report_breach(
        &self,
        request: Request<ReportBreachRequest>,
    ) -> Result<Response<ReportBreachResponse>, Status> {
        self.breach_reported(request).await
    }

    async fn list_breaches(
        &self,
        request: Request<ListBreachesRequest>,
    ) -> Result<Response<ListBreachesResponse>, Status> {
        self.query("ListBreaches", request, |reader, message| {
            let asked = page(message.page)?;
            let (rows, next, position) = reader.breaches(message.open_only, &asked)?;
            let (now, rules) = (reader.ledger.now(), reader.ledger.retention());
            Ok(ListBreachesResponse {
                breaches: rows.iter().map(|row| breach(row, (now, rules))).collect(),
                page: Some(paged(next, position)),
            })
        })
        .await
    }

    async fn get_breach(
        &self,
        request: Request<GetBreachRequest>,
    ) -> Result<Response<GetBreachResponse>, Status> {
        self.query("GetBreach", request, |reader, message| {
            let (found, entries) = reader.breach(id(&message.breach_id, "breach_id")?)?;
            Ok(GetBreachResponse {
                breach: Some(breach(
                    &found,
                    (reader.ledger.now(), reader.ledger.retention()),
                )),
                entries: entries.iter().map(entry).collect(),
            })
        })
        .await
    }

    async fn view_breach(
        &self,
        request: Request<ViewBreachRequest>,
    ) -> Result<Response<ViewBreachResponse>, Status> {
        self.breach_viewed(request).await
    }

    async fn assess_breach(
        &self,
        request: Request<AssessBreachRequest>,
    ) -> Result<Response<AssessBreachResponse>, Status> {
        self.command("AssessBreach", request).await
    }

    async fn notify_breach(
        &self,
        request: Request<NotifyBreachRequest>,
    ) -> Result<Response<NotifyBreachResponse>, Status> {
        self.command("NotifyBreach", request).await
    }

    async fn tell_breach(
        &self,
        request: Request<TellBreachRequest>,
    ) -> Result<Response<TellBreachResponse>, Status> {
        self.command("TellBreach", request).await
    }

    async fn withhold_breach(
        &self,
        request: Request<WithholdBreachRequest>,
    ) -> Result<Response<WithholdBreachResponse>, Status> {
        self.command("WithholdBreach", request).await
    }

    async fn close_breach(
        &self,
        request: Request<CloseBreachRequest>,
    ) -> Result<Response<CloseBreachResponse>, Status> {
        self.command("CloseBreach", request).await
    }

    async fn trace_breach(
        &self,
        request: Request<TraceBreachRequest>,
    ) -> Result<Response<TraceBreachResponse>, Status> {
        self.breach_traced(request).await
    }
}

impl Rpc {
    /// Records a report, and tells whether somebody may take it up.
    async fn breach_reported(
        &self,
        request: Request<ReportBreachRequest>,
    ) -> Answered<ReportBreachResponse> {
        let line = Line::begin("ReportBreach");
        let outcome = async {
            let (known, done) = self.submitted(request).await?;
            let mut message: ReportBreachResponse = answer(&done);
            if let Ok(breach) = message.breach_id.parse::<BreachId>() {
                let at = done.entries.last().map(|entry| entry.position);
                let taken_up = self
                    .api
                    .read(&known, move |reader| reader.is_taken_up(breach, at));
                // It is recorded, whether or not this can be told.
                message.taken_up = taken_up.await.ok();
            }
            Ok(message)
        };
        finish(line, outcome.await)
    }

    /// Records that the words are seen, and opens them once that is durable.
    async fn breach_viewed(
        &self,
        request: Request<ViewBreachRequest>,
    ) -> Answered<ViewBreachResponse> {
        let line = Line::begin("ViewBreach");
        let outcome = async {
            let (known, seen) = self.submitted(request).await?;
            let mut message: ViewBreachResponse = answer(&seen);
            let open = self.api.read(&known, move |reader| {
                Ok(reader.ledger.open_personal(&seen)?)
            });
            message.parts = open.await?.iter().map(record::personal).collect();
            Ok(message)
        };
        finish(line, outcome.await)
    }

    /// Records what is asked for, and answers once that is durable.
    async fn breach_traced(
        &self,
        mut request: Request<TraceBreachRequest>,
    ) -> Answered<TraceBreachResponse> {
        let line = Line::begin("TraceBreach");
        let outcome = async {
            let part = request.get_mut().page.take();
            // A wrong page is told before anything is recorded, and to nobody who is unknown.
            self.known(&request).await?;
            meta(request.get_ref().meta.clone())?;
            let part = page(part)?;
            let (known, asked) = self.submitted(request).await?;
            let mut message: TraceBreachResponse = answer(&asked);
            let found = self
                .api
                .read(&known, move |reader| reader.affected(&asked, &part))
                .await?;
            message.affected = found.affected.iter().map(affected).collect();
            message.page = Some(paged(found.next, found.position));
            message.cases = found.counts.cases;
            message.left = found.counts.left;
            message.opened = found.counts.opened;
            Ok(message)
        };
        finish(line, outcome.await)
    }
}
