//! `InterviewService`: forms, interviews and what they suggest, profiles, determinations.

use ledger::interview::indicators;
use ledger::ledger::PersonalPart;
use proto::interview::v1::interview_service_server::InterviewService;
use proto::interview::v1::*;
use tonic::{Request, Response, Status};

use super::{Answered, Rpc, finish};
use crate::telemetry::Line;
use crate::wire::answer::answer;
use crate::wire::codes::code;
use crate::wire::field::optional_id;
use crate::wire::{interview, record};

#[tonic::async_trait]
impl InterviewService for Rpc {
    async fn get_form(
        &self,
        request: Request<GetFormRequest>,
    ) -> Result<Response<GetFormResponse>, Status> {
        self.query("GetForm", request, |reader, message| {
            let which = code(message.form, "form")?;
            let case = optional_id(message.case_id.as_deref(), "case_id")?;
            let person = optional_id(message.person_id.as_deref(), "person_id")?;
            let held = reader.asked_of(case, person)?;
            let file = reader.interviews();
            let asked = interview::asked_in(which, &message.language)?;
            Ok(interview::form(asked, file, held.as_ref()))
        })
        .await
    }

    async fn record_interview(
        &self,
        request: Request<RecordInterviewRequest>,
    ) -> Result<Response<RecordInterviewResponse>, Status> {
        self.command("RecordInterview", request).await
    }

    async fn view_interview(
        &self,
        request: Request<ViewInterviewRequest>,
    ) -> Result<Response<ViewInterviewResponse>, Status> {
        self.interview_viewed(request).await
    }

    async fn record_profile(
        &self,
        request: Request<RecordProfileRequest>,
    ) -> Result<Response<RecordProfileResponse>, Status> {
        self.command("RecordProfile", request).await
    }

    async fn view_profile(
        &self,
        request: Request<ViewProfileRequest>,
    ) -> Result<Response<ViewProfileResponse>, Status> {
        self.profile_viewed(request).await
    }

    async fn record_determination(
        &self,
        request: Request<RecordDeterminationRequest>,
    ) -> Result<Response<RecordDeterminationResponse>, Status> {
        self.command("RecordDetermination", request).await
    }
}

impl Rpc {
    /// Records that the answers are seen, opens them once that is durable, and says what those that
    /// could be opened suggest.
    async fn interview_viewed(
        &self,
        request: Request<ViewInterviewRequest>,
    ) -> Answered<ViewInterviewResponse> {
        let line = Line::begin("ViewInterview");
        let outcome = async {
            let (known, seen) = self.submitted(request).await?;
            let mut message: ViewInterviewResponse = answer(&seen);
            let read = self.api.read(&known, move |reader| {
                let parts = reader.ledger.open_personal(&seen)?;
                let suggested = reader.suggested(&parts)?;
                Ok((parts, suggested))
            });
            let (parts, suggested) = read.await?;
            message.parts = shown(&parts);
            let suggested = suggested.iter();
            let suggested = suggested.map(|(one, pathways)| interview::suggestion(one, pathways));
            message.suggestions = suggested.collect();
            message.indicators_version = indicators().version();
            message.indicators_digest = indicators().digest().to_vec();
            Ok(message)
        };
        finish(line, outcome.await)
    }

    /// Records that a profile is seen, and opens it once that is durable.
    async fn profile_viewed(
        &self,
        request: Request<ViewProfileRequest>,
    ) -> Answered<ViewProfileResponse> {
        let line = Line::begin("ViewProfile");
        let outcome = async {
            let (known, seen) = self.submitted(request).await?;
            let mut message: ViewProfileResponse = answer(&seen);
            let open = self.api.read(&known, move |reader| {
                Ok(reader.ledger.open_personal(&seen)?)
            });
            message.parts = shown(&open.await?);
            Ok(message)
        };
        finish(line, outcome.await)
    }
}

fn shown(parts: &[PersonalPart]) -> Vec<proto::tracking::v1::PersonalPart> {
    parts.iter().map(record::personal).collect()
}
