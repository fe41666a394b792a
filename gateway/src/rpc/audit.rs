//! `AuditService`: decisions, proofs and the sealed log; no names anywhere.

use ledger::merkle::Hash;
use proto::audit::v1::audit_service_server::AuditService;
use proto::audit::v1::*;
use tonic::{Request, Response, Status};

use super::Rpc;
use super::stream::Items;
use crate::api::exceptions::Wanted;
use crate::wire;
use crate::wire::codes::set;
use crate::wire::field::id;
use crate::wire::page::{page, paged};

#[tonic::async_trait]
impl AuditService for Rpc {
    async fn get_decision_record(
        &self,
        request: Request<GetDecisionRecordRequest>,
    ) -> Result<Response<GetDecisionRecordResponse>, Status> {
        self.query("GetDecisionRecord", request, |reader, message| {
            let case = id(&message.case_id, "case_id")?;
            let asked = page(message.page)?;
            let (rows, next) = reader.decision_record(case, message.with_proofs, &asked)?;
            let shown = match reader.knows_every_case() {
                true => wire::entry::counted,
                false => wire::entry::entry,
            };
            let entries = rows.into_iter().map(|(entry, tlog_proof)| DecisionEntry {
                entry: Some(shown(&entry)),
                tlog_proof,
            });
            Ok(GetDecisionRecordResponse {
                entries: entries.collect(),
                checkpoint: reader.ledger.checkpoint(),
                page: Some(paged(next, reader.ledger.size())),
            })
        })
        .await
    }

    async fn get_checkpoint(
        &self,
        request: Request<GetCheckpointRequest>,
    ) -> Result<Response<GetCheckpointResponse>, Status> {
        self.query("GetCheckpoint", request, |reader, message| {
            let GetCheckpointRequest {} = message;
            let checkpoint = reader.checkpoint()?;
            Ok(GetCheckpointResponse {
                checkpoint: checkpoint.note,
                vkey: checkpoint.vkey,
                size: checkpoint.size,
            })
        })
        .await
    }

    async fn get_inclusion_proof(
        &self,
        request: Request<GetInclusionProofRequest>,
    ) -> Result<Response<GetInclusionProofResponse>, Status> {
        self.query("GetInclusionProof", request, |reader, message| {
            let (tree_size, path) = reader.inclusion(message.position, message.tree_size)?;
            Ok(GetInclusionProofResponse {
                tree_size,
                hashes: bytes(path),
            })
        })
        .await
    }

    async fn get_consistency_proof(
        &self,
        request: Request<GetConsistencyProofRequest>,
    ) -> Result<Response<GetConsistencyProofResponse>, Status> {
        self.query("GetConsistencyProof", request, |reader, message| {
            let (new_size, path) = reader.consistency(message.old_size, message.new_size)?;
            Ok(GetConsistencyProofResponse {
                new_size,
                hashes: bytes(path),
            })
        })
        .await
    }

    type StreamSealedEntriesStream = Items<StreamSealedEntriesResponse>;

    async fn stream_sealed_entries(
        &self,
        request: Request<StreamSealedEntriesRequest>,
    ) -> Result<Response<Self::StreamSealedEntriesStream>, Status> {
        self.sealed_entries(request).await
    }

    async fn get_receipt(
        &self,
        request: Request<GetReceiptRequest>,
    ) -> Result<Response<GetReceiptResponse>, Status> {
        self.query("GetReceipt", request, |reader, message| {
            let tlog_proof = reader.receipt(message.position)?;
            Ok(GetReceiptResponse { tlog_proof })
        })
        .await
    }

    async fn list_disclosures(
        &self,
        request: Request<ListDisclosuresRequest>,
    ) -> Result<Response<ListDisclosuresResponse>, Status> {
        self.query("ListDisclosures", request, |reader, message| {
            let case = id(&message.case_id, "case_id")?;
            let (entries, next) = reader.disclosures(case, &page(message.page)?)?;
            Ok(ListDisclosuresResponse {
                entries: entries.iter().map(wire::entry::entry).collect(),
                page: Some(paged(next, reader.ledger.size())),
            })
        })
        .await
    }

    async fn get_policy_matrix(
        &self,
        request: Request<GetPolicyMatrixRequest>,
    ) -> Result<Response<GetPolicyMatrixResponse>, Status> {
        self.query("GetPolicyMatrix", request, |reader, message| {
            let GetPolicyMatrixRequest {} = message;
            let (digest, matrix) = reader.policy()?;
            Ok(GetPolicyMatrixResponse {
                digest: ledger::hex::hex(&digest),
                matrix,
            })
        })
        .await
    }

    async fn get_organisation(
        &self,
        request: Request<GetOrganisationRequest>,
    ) -> Result<Response<GetOrganisationResponse>, Status> {
        self.query("GetOrganisation", request, |reader, message| {
            let GetOrganisationRequest {} = message;
            let file = reader.organisation()?;
            Ok(GetOrganisationResponse {
                version: file.version(),
                digest: ledger::hex::hex(&file.digest()),
                file: file.text().to_owned(),
            })
        })
        .await
    }

    async fn get_processing(
        &self,
        request: Request<GetProcessingRequest>,
    ) -> Result<Response<GetProcessingResponse>, Status> {
        self.query("GetProcessing", request, |reader, message| {
            let GetProcessingRequest {} = message;
            let register = reader.processing()?;
            let (rules, file) = (reader.ledger.retention(), reader.ledger.organisation());
            Ok(wire::processing::processing(
                register,
                rules,
                file.version(),
            ))
        })
        .await
    }

    async fn list_exceptions(
        &self,
        request: Request<ListExceptionsRequest>,
    ) -> Result<Response<ListExceptionsResponse>, Status> {
        self.query("ListExceptions", request, |reader, message| {
            let wanted = Wanted {
                states: set(&message.states, "states")?,
                late_only: message.late_only,
            };
            let (rows, next, position) = reader.exceptions(&wanted, &page(message.page)?)?;
            let (file, now) = (reader.ledger.organisation(), reader.ledger.now());
            let entry = |row| wire::exception::entry(row, file, now);
            Ok(ListExceptionsResponse {
                exceptions: rows.iter().map(entry).collect(),
                page: Some(paged(next, position)),
            })
        })
        .await
    }
}

fn bytes(hashes: Vec<Hash>) -> Vec<Vec<u8>> {
    hashes.into_iter().map(|hash| hash.0.to_vec()).collect()
}
