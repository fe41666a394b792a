//! `protection notice`: recipients asked to stop using data, to return or to destroy them, or told
//! that data were put right, restricted or released.

use clap::Args;
use ledger::domain::codes::{Channel, NoticeAbout, NoticeOutcome, NoticeState};
use serde::Serialize;

use super::shared::uuid;
use crate::cli::call::{Call, Meta, codes};
use crate::cli::failure::Failure;

/// Flags of `protection notice`.
#[derive(Args, Serialize)]
pub(crate) struct Notice {
    /// Of which referral
    #[arg(value_parser = uuid, required_unless_present = "disclosure_id")]
    referral_id: Option<String>,
    /// Of which disclosure, if it was none of a referral
    #[arg(long, value_parser = uuid, value_name = "UUID", requires = "case_id")]
    #[arg(conflicts_with = "referral_id")]
    disclosure_id: Option<String>,
    /// In which case (required with a disclosure)
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    case_id: Option<String>,
    /// What of: that the data are to go (if not said), were put right, are restricted or released
    #[arg(long, value_parser = codes(NoticeAbout::ALL, NoticeAbout::code))]
    about: Option<String>,
    /// Where asking the recipient stands now
    #[arg(long, value_parser = codes(NoticeState::ALL, NoticeState::code))]
    state: String,
    /// What the recipient says it did (required with confirmed)
    #[arg(long, value_parser = codes(NoticeOutcome::ALL, NoticeOutcome::code))]
    #[arg(required_if_eq("state", "confirmed"))]
    outcome: Option<String>,
    /// How it was asked, or answered
    #[arg(long, value_parser = codes(Channel::ALL, Channel::code))]
    channel: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

impl Notice {
    /// The call that this asks for.
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        Call::command(RECORD, self, &self.meta)
    }
}

const RECORD: &str = "referral.protection.v1.DataProtectionService/RecordNotice";
