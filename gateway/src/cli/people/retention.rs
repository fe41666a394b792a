//! `protection hold` and `protection sweep`: the retention rules, what stops them, and who lets them
//! run.

use clap::{Args, Subcommand};
use ledger::clock::SystemEntropy;
use ledger::domain::codes::HoldReason;
use ledger::domain::ids::SweepId;
use serde::Serialize;
use serde_json::json;

use super::shared::uuid;
use crate::cli::call::{Call, Meta, codes, moment};
use crate::cli::failure::Failure;

/// Legal holds.
#[derive(Subcommand)]
pub(crate) enum Hold {
    /// Keep a case, or one person in it, from the retention rules
    Place(Place),
    /// End a hold before its day
    Release(Release),
}

/// Flags of `protection hold place`.
#[derive(Args, Serialize)]
pub(crate) struct Place {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// On whose data; everybody's in the case if not said
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    person_id: Option<String>,
    /// Why
    #[arg(long, value_parser = codes(HoldReason::ALL, HoldReason::code))]
    #[arg(required_unless_present = "from")]
    reason: Option<String>,
    /// When it ends by itself (2026-11-22T09:30:00Z or 2026-11-22); at most five years ahead
    #[arg(long, value_name = "TIME", value_parser = moment, required_unless_present = "from")]
    until: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `protection hold release`.
#[derive(Args, Serialize)]
pub(crate) struct Release {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Which hold
    #[arg(value_parser = uuid)]
    hold_id: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `protection sweep`.
#[derive(Args)]
pub(crate) struct Sweep {
    /// Show what a sweep would take, and what keeps the rest; changes nothing
    #[arg(long, required_unless_present_any = ["request", "approve"])]
    dry_run: bool,
    /// Ask for a sweep of so many cases: what the dry run said
    #[arg(long, value_name = "CASES", conflicts_with_all = ["dry_run", "approve"])]
    request: Option<u32>,
    /// Agree to a sweep that somebody else asked for
    #[arg(long, value_parser = uuid, value_name = "SWEEP", conflicts_with = "dry_run")]
    approve: Option<String>,
    #[command(flatten)]
    meta: Meta,
}

impl Hold {
    /// The call that this asks for.
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        match self {
            Self::Place(it) => Call::command(PLACE, it, &it.meta),
            Self::Release(it) => Call::command(RELEASE, it, &it.meta),
        }
    }
}

impl Sweep {
    /// The call that this asks for.
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        if let Some(sweep) = &self.approve {
            return Call::command(APPROVE, &json!({ "sweep_id": sweep }), &self.meta);
        }
        let Some(cases) = self.request else {
            return Call::question(PREVIEW, &json!({}));
        };
        let sweep = SweepId::fresh(&mut SystemEntropy).to_string();
        Call::command(
            REQUEST,
            &json!({ "sweep_id": sweep, "cases": cases }),
            &self.meta,
        )
    }
}

const PLACE: &str = "referral.protection.v1.DataProtectionService/PlaceHold";
const RELEASE: &str = "referral.protection.v1.DataProtectionService/ReleaseHold";
const PREVIEW: &str = "referral.protection.v1.DataProtectionService/PreviewSweep";
const REQUEST: &str = "referral.protection.v1.DataProtectionService/RequestSweep";
const APPROVE: &str = "referral.protection.v1.DataProtectionService/ApproveSweep";
