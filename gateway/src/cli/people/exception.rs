//! `consent told`, `consent review`, `consent procedures`: what an exception is accounted for with.

use clap::Args;
use ledger::domain::codes::{Channel, ExceptionTold, ReviewMeasure, ReviewOutcome};
use serde::Serialize;
use serde_json::json;

use super::shared::uuid;
use crate::cli::call::{Call, Meta, codes};
use crate::cli::failure::Failure;

/// Flags of `consent told`.
#[derive(Args, Serialize)]
pub(crate) struct Told {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Of which exception
    #[arg(value_parser = uuid)]
    exception_id: String,
    /// Told, or why not (required)
    #[arg(long, value_parser = codes(ExceptionTold::ALL, ExceptionTold::code))]
    #[arg(required_unless_present = "from")]
    told: Option<String>,
    /// How, where the person was told or it was tried
    #[arg(long, value_parser = codes(Channel::ALL, Channel::code))]
    told_by: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

impl Told {
    pub(super) fn call(&self) -> Result<Call, Failure> {
        Call::command(TELL, self, &self.meta)
    }
}

/// Flags of `consent review`.
#[derive(Args, Serialize)]
pub(crate) struct Review {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Which exception
    #[arg(value_parser = uuid)]
    exception_id: String,
    /// What was found (required)
    #[arg(long, value_parser = codes(ReviewOutcome::ALL, ReviewOutcome::code))]
    #[arg(required_unless_present = "from")]
    found: Option<String>,
    /// What follows, separated by commas; at least one where it was not justified
    #[arg(long, value_delimiter = ',')]
    #[arg(value_parser = codes(ReviewMeasure::ALL, ReviewMeasure::code))]
    measures: Vec<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

impl Review {
    pub(super) fn call(&self) -> Result<Call, Failure> {
        Call::command(REVIEW, self, &self.meta)
    }
}

/// The call of `consent procedures`.
pub(super) fn procedures() -> Result<Call, Failure> {
    Call::question(PROCEDURES, &json!({}))
}

const TELL: &str = "referral.consent.v1.ConsentService/TellOfException";
const REVIEW: &str = "referral.consent.v1.ConsentService/ReviewException";
const PROCEDURES: &str = "referral.consent.v1.ConsentService/ListProcedures";
pub(super) const TOLD_EXAMPLE: &str = "Example:
  referral-ledger consent told 7d0f3c52-6a41-4e0b-9f2d-1c8e5b7a9034 \\
    3b0e1f6a-27c4-4d9e-8a51-6f0c2d9b7e18 --told after --told-by in_person";
pub(super) const REVIEW_EXAMPLE: &str = "Example:
  referral-ledger consent review 7d0f3c52-6a41-4e0b-9f2d-1c8e5b7a9034 \\
    3b0e1f6a-27c4-4d9e-8a51-6f0c2d9b7e18 --found not_justified --measures redress,training";
