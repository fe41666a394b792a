//! `audit`: decisions, checkpoints and proofs; no names anywhere.

use clap::{Args, Subcommand};
use ledger::domain::codes::ExceptionState;
use serde::Serialize;
use serde_json::json;

use super::shared::{PageArgs, uuid};
use crate::cli::call::{Call, codes};
use crate::cli::failure::Failure;

/// Decisions and their proofs.
#[derive(Subcommand)]
pub(crate) enum Audit {
    /// Every decision in a case; complete also after personal data are gone
    Decisions(Decisions),
    /// Who opened personal data of a case and to whom they went
    Disclosures(Disclosures),
    /// The newest signed checkpoint and the key that verifies it
    Checkpoint,
    /// The receipt of an event at the newest checkpoint
    Receipt(Receipt),
    /// Prove that an event is in the log
    Inclusion(Inclusion),
    /// Prove that a later log holds an earlier one unchanged
    Consistency(Consistency),
    /// The stored bytes of events as they are, one JSON object per line
    Sealed(Sealed),
    /// Who may do what: the policy table in force
    Policy,
    /// What the organisation decided by itself: its file in force
    Organisation,
    /// The register of processing activities: purposes, legal basis, data, people, recipients,
    /// limits and measures
    #[command(after_help = PROCESSING_EXAMPLE)]
    Processing,
    /// The exceptions to confidentiality by themselves: ground, procedure, times, what went, if the
    /// person was told, what a third person found; no names
    #[command(after_help = EXCEPTIONS_EXAMPLE)]
    Exceptions(Exceptions),
    /// How often what happened
    Counts(Counts),
    /// Where the ledger of the server stands
    Status,
}

impl Audit {
    /// The call that this asks for.
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        match self {
            Self::Decisions(it) => Call::question(DECISIONS, it),
            Self::Disclosures(it) => Call::question(DISCLOSURES, it),
            Self::Checkpoint => Call::question(CHECKPOINT, &json!({})),
            Self::Receipt(it) => Call::question(RECEIPT, it),
            Self::Inclusion(it) => Call::question(INCLUSION, it),
            Self::Consistency(it) => Call::question(CONSISTENCY, it),
            Self::Sealed(it) => Call::question(SEALED, it),
            Self::Policy => Call::question(POLICY, &json!({})),
            Self::Organisation => Call::question(ORGANISATION, &json!({})),
            Self::Processing => Call::question(PROCESSING, &json!({})),
            Self::Exceptions(it) => Call::question(EXCEPTIONS, it),
            Self::Counts(it) => Call::question(COUNTS, it),
            Self::Status => Call::question(STATUS, &json!({})),
        }
    }

    /// Whether the answer is a stream.
    pub(crate) fn streams(&self) -> bool {
        matches!(self, Self::Sealed(_))
    }
}

/// Flags of `audit decisions`.
#[derive(Args, Serialize)]
pub(crate) struct Decisions {
    /// Of which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Each with its proof
    #[arg(long)]
    with_proofs: bool,
    #[command(flatten)]
    page: PageArgs,
}

/// Flags of `audit disclosures`.
#[derive(Args, Serialize)]
pub(crate) struct Disclosures {
    /// Of which case
    #[arg(value_parser = uuid)]
    case_id: String,
    #[command(flatten)]
    page: PageArgs,
}

/// Flags of `audit exceptions`.
#[derive(Args, Serialize)]
pub(crate) struct Exceptions {
    /// Only those that stand so, separated by commas
    #[arg(long, value_delimiter = ',')]
    #[arg(value_parser = codes(ExceptionState::ALL, ExceptionState::code))]
    states: Vec<String>,
    /// Only those of which the decision, the report or the review is late
    #[arg(long)]
    late_only: bool,
    #[command(flatten)]
    page: PageArgs,
}

/// Flags of `audit receipt`.
#[derive(Args, Serialize)]
pub(crate) struct Receipt {
    /// Which event
    position: u64,
}

/// Flags of `audit inclusion`.
#[derive(Args, Serialize)]
pub(crate) struct Inclusion {
    /// Which event
    position: u64,
    /// In the tree of this size; the newest if not said
    #[arg(long, value_name = "N")]
    tree_size: Option<u64>,
}

/// Flags of `audit consistency`.
#[derive(Args, Serialize)]
pub(crate) struct Consistency {
    /// The earlier size
    old_size: u64,
    /// The later size; the newest if not said
    new_size: Option<u64>,
}

/// Flags of `audit sealed`.
#[derive(Args, Serialize)]
pub(crate) struct Sealed {
    /// From this position on
    #[arg(default_value_t = 0)]
    from_position: u64,
    /// How many; up to the end of the log if not said
    #[arg(long, value_name = "N")]
    count: Option<u64>,
}

/// Flags of `audit counts`.
#[derive(Args, Serialize)]
pub(crate) struct Counts {
    /// Wait until the counts have seen this position of the log
    #[arg(long, value_name = "N")]
    at_least_position: Option<u64>,
}

const DECISIONS: &str = "referral.audit.v1.AuditService/GetDecisionRecord";
const DISCLOSURES: &str = "referral.audit.v1.AuditService/ListDisclosures";
const CHECKPOINT: &str = "referral.audit.v1.AuditService/GetCheckpoint";
const RECEIPT: &str = "referral.audit.v1.AuditService/GetReceipt";
const INCLUSION: &str = "referral.audit.v1.AuditService/GetInclusionProof";
const CONSISTENCY: &str = "referral.audit.v1.AuditService/GetConsistencyProof";
const SEALED: &str = "referral.audit.v1.AuditService/StreamSealedEntries";
const POLICY: &str = "referral.audit.v1.AuditService/GetPolicyMatrix";
const PROCESSING: &str = "referral.audit.v1.AuditService/GetProcessing";
const PROCESSING_EXAMPLE: &str = "Example:\n  referral-ledger audit processing --json";
const ORGANISATION: &str = "referral.audit.v1.AuditService/GetOrganisation";
const EXCEPTIONS: &str = "referral.audit.v1.AuditService/ListExceptions";
const EXCEPTIONS_EXAMPLE: &str =
    "Example:\n  referral-ledger audit exceptions --states lapsed,reviewed --json";
const COUNTS: &str = "referral.admin.v1.AdminService/GetCounts";
const STATUS: &str = "referral.admin.v1.AdminService/GetStatus";
