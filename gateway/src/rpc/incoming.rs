//! Referrals from outside, where answering takes more than the command itself.

use ledger::domain::codes::IncomingDecision;
use proto::intake::v1::{DecideIncomingRequest, DecideIncomingResponse};
use tonic::Request;

use super::{Answered, Rpc, finish};
use crate::telemetry::Line;
use crate::wire::answer::answer;
use crate::wire::codes::Code as _;
use crate::wire::field::optional_id;
use crate::wire::shared::meta;

impl Rpc {
    /// Decides on one. Who else takes such referrals is an organisation that the caller knows of:
    /// the sender is told its id.
    pub(super) async fn incoming_decided(
        &self,
        message: Request<DecideIncomingRequest>,
    ) -> Answered<DecideIncomingResponse> {
        let line = Line::begin("DecideIncoming");
        let outcome = async {
            let known = self.known(&message).await?;
            let message = message.into_inner();
            meta(message.meta.clone())?;
            let to = optional_id(message.passed_to_id.as_deref(), "passed_to_id")?;
            let passed_on = message.decision == IncomingDecision::PassedOn.number();
            if let Some(to) = to.filter(|_| passed_on) {
                let may = self
                    .api
                    .read(&known, move |reader| reader.may_be_passed_on_to(to));
                may.await?;
            }
            Ok(answer(&self.step(&known, message).await?))
        };
        finish(line, outcome.await)
    }
}
