//! gRPC: one file per service, a few lines per rpc; what they share is here.
//!
//! - Order of a request: who asks, what it says, what comes of it. A stranger learns nothing about
//!   whether a request was well formed.

mod admin;
mod audit;
mod breach;
mod complaint;
mod consent;
mod directory;
mod incoming;
mod intake;
mod interview;
mod packet;
mod protection;
mod referral;
mod rights;
mod statistics;
pub mod status;
mod stream;
mod tracking;

use std::sync::Arc;

use ledger::domain::ids::{CaseId, ReferralId};
use ledger::ledger::{Answer, Rejection};
use ledger::refusal::{Refusal, Refused};
use tokio::sync::{Semaphore, watch};
use tonic::{Code, Request, Response, Status};

use crate::api::{Api, Outcome, Reader};
use crate::caller::{Known, presented};
use crate::limits::{SEALED_STREAMS_MAX, WATCHERS_MAX};
use crate::telemetry::Line;
use crate::wire::answer::answer;
use crate::wire::command::{CommandMessage, request};

/// The gRPC door. Implements every service. Clone to share.
#[derive(Clone)]
pub struct Rpc {
    api: Api,
    /// The position that the views have reached; closed when the server stops.
    reached: watch::Receiver<u64>,
    watchers: Arc<Semaphore>,
    sealed: Arc<Semaphore>,
}

/// What an rpc answers.
type Answered<T> = Result<Response<T>, Status>;

impl Rpc {
    /// The door over an api; `reached` tells followers that there is something new.
    pub fn new(api: Api, reached: watch::Receiver<u64>) -> Self {
        Self {
            api,
            reached,
            watchers: Arc::new(Semaphore::new(WATCHERS_MAX)),
            sealed: Arc::new(Semaphore::new(SEALED_STREAMS_MAX)),
        }
    }

    /// A command: the message, authenticated, parsed, submitted and answered.
    async fn command<M: CommandMessage>(
        &self,
        method: &'static str,
        message: Request<M>,
    ) -> Answered<M::Answer> {
        let line = Line::begin(method);
        let outcome = self.submitted(message).await;
        finish(line, outcome.map(|(_, done)| answer(&done)))
    }

    /// A reading: the message, authenticated, and what `work` makes of it on a blocking thread.
    async fn query<M, T, F>(
        &self,
        method: &'static str,
        message: Request<M>,
        work: F,
    ) -> Answered<T>
    where
        M: Send + 'static,
        T: Send + 'static,
        F: FnOnce(&Reader<'_>, M) -> Outcome<T> + Send + 'static,
    {
        let line = Line::begin(method);
        let outcome = async {
            let known = self.known(&message).await?;
            let message = message.into_inner();
            self.api
                .read(&known, move |reader| work(reader, message))
                .await
        };
        finish(line, outcome.await)
    }

    /// Submits a command message; also who asked, for what follows.
    async fn submitted<M: CommandMessage>(&self, message: Request<M>) -> Outcome<(Known, Answer)> {
        let known = self.known(&message).await?;
        let message = message.into_inner();
        let sought = message
            .case_sought()
            .and_then(|text| text.parse::<ReferralId>().ok());
        let found = match sought {
            Some(referral) => Some(self.api.case_of(referral).await?.unwrap_or(NOWHERE)),
            None => None,
        };
        let request = request(message, known.caller(), found)?;
        let answer = self.api.submit(request).await;
        let answer = answer.map_err(|no| if found.is_some() { unseen(no) } else { no })?;
        Ok((known, answer))
    }

    async fn known<M>(&self, message: &Request<M>) -> Outcome<Known> {
        let digest = presented(message.metadata());
        let digest = digest.map_err(|refusal| Rejection::Refused(refusal.into()))?;
        self.api.known(digest).await
    }
}

/// A referral that is hidden answers as one that is not there, whatever of it was not found.
fn unseen(rejection: Rejection) -> Rejection {
    match rejection {
        Rejection::Refused(refused) if refused.refusal == Refusal::NotFound => {
            Refused::about(Refusal::NotFound, "referral_id").into()
        }
        Rejection::Refused(_) | Rejection::Fault(_) => rejection,
    }
}

/// The case of a referral that is not there: the same road as for one that is hidden.
const NOWHERE: CaseId = CaseId([0; 16]);

/// Logs how a request ended, and turns its outcome into what the caller sees.
fn finish<T>(line: Line, outcome: Outcome<T>) -> Answered<T> {
    let answered = outcome.map(Response::new).map_err(status::rejected);
    line.end(answered.as_ref().map_or_else(Status::code, |_| Code::Ok));
    answered
}
