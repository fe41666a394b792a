//! Looking at things in the story: personal data before and after, erasure, history, the log
//! itself.

use std::time::Duration;

use ledger::merkle::Hash;
use ledger::prove::verify_checkpoint_consistency;
use ledger::refusal::Refusal;
use proto::audit::v1 as audit;
use proto::audit::v1::audit_service_client::AuditServiceClient;
use proto::common::v1::{Receipt, ViewPurpose};
use proto::protection::v1::GetErasureStatusRequest;
use proto::protection::v1::data_protection_service_client::DataProtectionServiceClient;
use proto::tracking::v1 as tracking;
use proto::tracking::v1::tracking_service_client::TrackingServiceClient;
use tonic::Status;

use super::DemoError;
use super::desk::{Ask as _, Desk};
use super::story::Story;
use super::words::view;
use crate::answer::{refused, with_token};

impl Story {
    /// Opens what a referral says; some of it must be readable.
    pub(super) async fn look(
        &mut self,
        desk: &Desk,
        name: &str,
        words: &str,
        referral: &str,
    ) -> Result<(), DemoError> {
        let mut step = self.state.step(name)?;
        if step.done {
            return Ok(());
        }
        self.teller.say(words);
        let seen = opened(desk, &step.request, view(referral, ViewPurpose::Service)).await;
        if seen.as_ref().is_err_and(was_seen) {
            step.done = true;
            return Ok(self.state.finish(name, step)?);
        }
        let seen = seen.map_err(|status| DemoError::of(name, &status))?;
        if open_parts(&seen) == 0 {
            return Err(DemoError::Unexpected(
                name.to_owned(),
                "nothing could be read",
            ));
        }
        self.keep(&seen.outcome.unwrap_or_default())?;
        step.done = true;
        self.state.finish(name, step)?;
        Ok(())
    }

    /// Looks where everything was destroyed: a refusal, or parts that nobody can open.
    pub(super) async fn look_in_vain(
        &mut self,
        desk: &Desk,
        name: &str,
        words: &str,
        referral: &str,
    ) -> Result<(), DemoError> {
        let mut step = self.state.step(name)?;
        if step.done {
            return Ok(());
        }
        match opened(desk, &step.request, view(referral, ViewPurpose::CaseWork)).await {
            Ok(seen) if open_parts(&seen) > 0 => {
                return Err(DemoError::Unexpected(
                    name.to_owned(),
                    "it could still be read",
                ));
            }
            Ok(seen) => {
                self.teller.say(words);
                self.teller
                    .say("SHREDDED: every part of it, for everybody, us included.");
                self.keep(&seen.outcome.unwrap_or_default())?;
            }
            // Recorded before the story broke off: nobody sees twice under one name.
            Err(status) if was_seen(&status) => self.teller.say(words),
            Err(status) => {
                let no = refused(&status).ok_or_else(|| DemoError::of(name, &status))?;
                self.teller.refused(words, &no);
                step.refused = true;
            }
        }
        step.done = true;
        self.state.finish(name, step)?;
        Ok(())
    }

    /// Waits until the keys of everything withdrawn in a case are destroyed.
    pub(super) async fn await_shredding(&self, desk: &Desk, case: &str) -> Result<(), DemoError> {
        let mut client = DataProtectionServiceClient::new(desk.channel.clone());
        for _ in 0..SHREDDING_LOOKS_MAX {
            let asked = GetErasureStatusRequest {
                case_id: case.to_owned(),
                consent_id: None,
            };
            let status = client
                .get_erasure_status(with_token(&desk.token, asked))
                .await;
            let status = status.map_err(|status| DemoError::of("erasure status", &status))?;
            let states = status.into_inner().states;
            let keys: u32 = states.iter().map(|state| state.keys).sum();
            let gone: u32 = states.iter().map(|state| state.keys_shredded).sum();
            let complete = states.iter().all(|state| state.complete || state.keys == 0);
            if keys > 0 && keys == gone && complete {
                let words =
                    format!("{gone} keys are destroyed; the data are noise, in every copy.");
                self.teller.say(&words);
                return Ok(());
            }
            tokio::time::sleep(SHREDDING_LOOK_EVERY).await;
        }
        Err(DemoError::Unexpected(
            "shredding".to_owned(),
            "the keys were not destroyed in time",
        ))
    }

    /// The history of a case is whole, whatever became of its personal data.
    pub(super) async fn read_history(&self, desk: &Desk, case: &str) -> Result<(), DemoError> {
        let entries = history(desk, case).await?;
        let words = format!(
            "The history is whole: {} events, from {} to {}, each with its proof.",
            entries.len(),
            entries.first().map_or("nothing", |entry| entry.1.as_str()),
            entries.last().map_or("nothing", |entry| entry.1.as_str()),
        );
        self.teller.say(&words);
        Ok(())
    }

    /// Fetches receipts that came with no answer, as the ledger's own events have none.
    pub(super) async fn fetch_receipts(
        &self,
        auditor: &Desk,
        cases: &[String],
        size: u64,
    ) -> Result<(), DemoError> {
        let have = self.check_receipts()?;
        let mut names = std::collections::BTreeMap::new();
        for case in cases {
            names.extend(history(auditor, case).await?);
        }
        let mut client = AuditServiceClient::new(auditor.channel.clone());
        for position in (0..size).filter(|position| have.binary_search(position).is_err()) {
            let asked = audit::GetReceiptRequest { position };
            let found = client.get_receipt(with_token(&auditor.token, asked)).await;
            let found = found.map_err(|status| DemoError::of("receipt", &status))?;
            let name = names.get(&position).cloned();
            self.keep_receipts(&[Receipt {
                position,
                event_name: name.unwrap_or_else(|| "Event".to_owned()),
                tlog_proof: found.into_inner().tlog_proof,
            }])?;
        }
        Ok(())
    }

    /// Proves that the log only grew since a checkpoint; the newest one.
    pub(super) async fn prove_growth(
        &self,
        desk: &Desk,
        before: &audit::GetCheckpointResponse,
    ) -> Result<audit::GetCheckpointResponse, DemoError> {
        let after = checkpoint(desk).await?;
        if before.size == 0 || before.size == after.size {
            return Ok(after);
        }
        let asked = audit::GetConsistencyProofRequest {
            old_size: before.size,
            new_size: Some(after.size),
        };
        let mut client = AuditServiceClient::new(desk.channel.clone());
        let proof = client
            .get_consistency_proof(with_token(&desk.token, asked))
            .await;
        let proof = proof.map_err(|status| DemoError::of("consistency proof", &status))?;
        let hashes = proof.into_inner().hashes.into_iter();
        let hashes = hashes.map(|hash| <[u8; 32]>::try_from(hash).map(Hash));
        let hashes: Result<Vec<Hash>, _> = hashes.collect();
        let hashes = hashes.map_err(|_| DemoError::Proof(after.size, "hash_length"))?;
        let (old, new) = (before.checkpoint.as_bytes(), after.checkpoint.as_bytes());
        verify_checkpoint_consistency(old, new, &hashes, &self.key)
            .map_err(|error| DemoError::Proof(after.size, error.code()))?;
        Ok(after)
    }
}

/// The newest checkpoint and the key that verifies it.
pub(super) async fn checkpoint(desk: &Desk) -> Result<audit::GetCheckpointResponse, DemoError> {
    let mut client = AuditServiceClient::new(desk.channel.clone());
    let asked = with_token(&desk.token, audit::GetCheckpointRequest {});
    let found = client.get_checkpoint(asked).await;
    let found = found.map_err(|status| DemoError::of("checkpoint", &status))?;
    Ok(found.into_inner())
}

/// Positions and names of what happened in a case.
async fn history(desk: &Desk, case: &str) -> Result<Vec<(u64, String)>, DemoError> {
    let mut client = TrackingServiceClient::new(desk.channel.clone());
    let mut events = Vec::new();
    let mut page_token = String::new();
    loop {
        let asked = tracking::GetHistoryRequest {
            subject: Some(tracking::get_history_request::Subject::CaseId(
                case.to_owned(),
            )),
            page: Some(proto::common::v1::PageRequest {
                page_token,
                ..Default::default()
            }),
        };
        let found = client.get_history(with_token(&desk.token, asked)).await;
        let found = found
            .map_err(|status| DemoError::of("history", &status))?
            .into_inner();
        let entries = found.entries.into_iter();
        events.extend(entries.map(|entry| (entry.position, entry.event_name)));
        page_token = found.page.unwrap_or_default().next_page_token;
        if page_token.is_empty() {
            return Ok(events);
        }
    }
}

async fn opened(
    desk: &Desk,
    request_id: &str,
    mut asked: tracking::ViewPersonalDataRequest,
) -> Result<tracking::ViewPersonalDataResponse, Status> {
    asked.put(request_id);
    let mut client = TrackingServiceClient::new(desk.channel.clone());
    let seen = client
        .view_personal_data(with_token(&desk.token, asked))
        .await?;
    Ok(seen.into_inner())
}

/// Whether this view was recorded already, by a story that broke off before it noted so.
fn was_seen(status: &Status) -> bool {
    refused(status).is_some_and(|no| no.refusal == Refusal::RequestIdReused)
}

fn open_parts(seen: &tracking::ViewPersonalDataResponse) -> usize {
    let open = i32::from(tracking::PartState::Open);
    seen.parts.iter().filter(|part| part.state == open).count()
}

const SHREDDING_LOOK_EVERY: Duration = Duration::from_millis(250);
const SHREDDING_LOOKS_MAX: u32 = 480;
