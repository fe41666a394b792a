//! `ComplaintService`: feedback and complaints.

use ledger::domain::ids::ComplaintId;
use proto::complaint::v1::complaint_service_server::ComplaintService;
use proto::complaint::v1::*;
use tonic::{Request, Response, Status};

use super::{Answered, Rpc, finish};
use crate::telemetry::Line;
use crate::wire::answer::answer;
use crate::wire::complaint::complaint;
use crate::wire::page::{page, paged};
use crate::wire::record;

#[tonic::async_trait]
impl ComplaintService for Rpc {
    async fn record_complaint(
        &self,
        request: Request<RecordComplaintRequest>,
    ) -> Result<Response<RecordComplaintResponse>, Status> {
        self.complaint_recorded(request).await
    }

    async fn list_complaints(
        &self,
        request: Request<ListComplaintsRequest>,
    ) -> Result<Response<ListComplaintsResponse>, Status> {
        self.query("ListComplaints", request, |reader, message| {
            let asked = page(message.page)?;
            let (rows, next, position) = reader.complaints(message.open_only, &asked)?;
            let (now, rules) = (reader.ledger.now(), reader.ledger.retention());
            Ok(ListComplaintsResponse {
                complaints: rows
                    .iter()
                    .map(|row| complaint(row, (now, rules)))
                    .collect(),
                page: Some(paged(next, position)),
            })
        })
        .await
    }

    async fn view_complaint(
        &self,
        request: Request<ViewComplaintRequest>,
    ) -> Result<Response<ViewComplaintResponse>, Status> {
        self.complaint_viewed(request).await
    }

    async fn acknowledge_complaint(
        &self,
        request: Request<AcknowledgeComplaintRequest>,
    ) -> Result<Response<AcknowledgeComplaintResponse>, Status> {
        self.command("AcknowledgeComplaint", request).await
    }

    async fn answer_complaint(
        &self,
        request: Request<AnswerComplaintRequest>,
    ) -> Result<Response<AnswerComplaintResponse>, Status> {
        self.command("AnswerComplaint", request).await
    }
}

impl Rpc {
    /// Records it, and says how many people may read it.
    async fn complaint_recorded(
        &self,
        request: Request<RecordComplaintRequest>,
    ) -> Answered<RecordComplaintResponse> {
        let line = Line::begin("RecordComplaint");
        let outcome = async {
            let (known, done) = self.submitted(request).await?;
            let mut message: RecordComplaintResponse = answer(&done);
            if let Ok(complaint) = message.complaint_id.parse::<ComplaintId>() {
                let at = done.entries.last().map(|entry| entry.position);
                let readers = self
                    .api
                    .read(&known, move |reader| reader.readers_of(complaint, at));
                // It is recorded, whether or not this can be told.
                message.readers = readers.await.ok();
            }
            Ok(message)
        };
        finish(line, outcome.await)
    }

    /// Records that the words are seen, and opens them once that is durable.
    async fn complaint_viewed(
        &self,
        request: Request<ViewComplaintRequest>,
    ) -> Answered<ViewComplaintResponse> {
        let line = Line::begin("ViewComplaint");
        let outcome = async {
            let (known, seen) = self.submitted(request).await?;
            let mut message: ViewComplaintResponse = answer(&seen);
            let open = self.api.read(&known, move |reader| {
                Ok(reader.ledger.open_personal(&seen)?)
            });
            message.parts = open.await?.iter().map(record::personal).collect();
            for part in &mut message.parts {
                part.position = 0;
            }
            Ok(message)
        };
        finish(line, outcome.await)
    }
}
