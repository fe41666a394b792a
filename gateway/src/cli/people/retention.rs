//! `retention`: how long data are kept, what is due, what stops it, and who lets the rules run.

use clap::{Args, Subcommand};
use ledger::clock::SystemEntropy;
use ledger::domain::codes::HoldReason;
use ledger::domain::ids::SweepId;
use serde::Serialize;
use serde_json::json;

use super::shared::{PageArgs, Verdict, uuid};
use crate::cli::call::{Call, Meta, codes, moment};
use crate::cli::failure::Failure;

/// How long data are kept.
#[derive(Subcommand)]
pub(crate) enum Retention {
    /// Show the rules in force, and whether they are applied by night
    Rules,
    /// List the cases in which something is over by the rules, or will be
    Due(Due),
    /// Show how much a sweep would take now, and what it would leave; changes nothing
    DryRun,
    /// Ask for a sweep of as many cases as the dry run says; a second person must approve it
    Request(Request),
    /// Approve a sweep that somebody else asked for; once it ran, the rules are applied by night
    Approve(Approve),
    /// Keep a case, or one person in it, from the rules; never from what the person asks for
    Hold(Hold),
    /// Keep a complaint, a breach or a referral from outside from the rules until a day
    HoldApart(HoldApart),
    /// Take back a sweep that nobody approved yet
    Withdraw(Withdraw),
    /// Ask for the end of a hold before its day; a second person decides
    Release(Release),
    /// End a hold before its day, which somebody else asked for
    Decide(Decide),
    /// List the holds of a case
    Holds(Holds),
}

/// Flags of `retention due`.
#[derive(Args, Serialize)]
pub(crate) struct Due {
    /// What will be over then (2026-11-22T09:30:00Z or 2026-11-22); now if not said
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Option<String>,
    #[command(flatten)]
    page: PageArgs,
}

/// Flags of `retention request`.
#[derive(Args)]
pub(crate) struct Request {
    /// How many cases and names of former staff it may take together
    cases: u32,
    #[command(flatten)]
    meta: Meta,
}

/// Flags of `retention approve`.
#[derive(Args, Serialize)]
pub(crate) struct Approve {
    /// Which sweep
    #[arg(value_parser = uuid)]
    sweep_id: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `retention hold`.
#[derive(Args, Serialize)]
pub(crate) struct Hold {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// On whose data; everybody's in the case if not said
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    person_id: Option<String>,
    /// Why (required)
    #[arg(long, value_parser = codes(HoldReason::ALL, HoldReason::code))]
    #[arg(required_unless_present = "from")]
    reason: Option<String>,
    /// When it ends by itself (2026-11-22T09:30:00Z or 2026-11-22), at most five years ahead
    /// (required)
    #[arg(long, value_name = "TIME", value_parser = moment, required_unless_present = "from")]
    until: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `retention hold-apart`.
#[derive(Args, Serialize)]
pub(crate) struct HoldApart {
    /// Which complaint; this, a breach or a referral from outside (required)
    #[arg(long, value_parser = uuid, value_name = "UUID", group = "what")]
    #[arg(required_unless_present_any = ["breach_id", "incoming_id", "from"])]
    complaint_id: Option<String>,
    /// Which breach (required) if no other
    #[arg(long, value_parser = uuid, value_name = "UUID", group = "what")]
    breach_id: Option<String>,
    /// Which referral from outside (required) if no other
    #[arg(long, value_parser = uuid, value_name = "UUID", group = "what")]
    incoming_id: Option<String>,
    /// Why (required)
    #[arg(long, value_parser = codes(HoldReason::ALL, HoldReason::code))]
    #[arg(required_unless_present = "from")]
    reason: Option<String>,
    /// Until when (2026-11-22T09:30:00Z or 2026-11-22), at most five years ahead and not ended
    /// before (required)
    #[arg(long, value_name = "TIME", value_parser = moment, required_unless_present = "from")]
    until: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `retention release`.
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

/// Flags of `retention withdraw`.
#[derive(Args, Serialize)]
pub(crate) struct Withdraw {
    /// Which sweep
    #[arg(value_parser = uuid)]
    sweep_id: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `retention decide`.
#[derive(Args, Serialize)]
pub(crate) struct Decide {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Which hold
    #[arg(value_parser = uuid)]
    hold_id: String,
    #[command(flatten)]
    #[serde(flatten)]
    verdict: Verdict,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `retention holds`.
#[derive(Args, Serialize)]
pub(crate) struct Holds {
    /// Of which case
    #[arg(value_parser = uuid)]
    case_id: String,
}

impl Retention {
    /// The call that this asks for.
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        match self {
            Self::Rules => Call::question(RULES, &json!({})),
            Self::Due(it) => Call::question(DUE, it),
            Self::DryRun => Call::question(PREVIEW, &json!({})),
            Self::Request(it) => {
                let sweep = SweepId::fresh(&mut SystemEntropy).to_string();
                let body = json!({ "sweep_id": sweep, "cases": it.cases });
                Call::command(REQUEST, &body, &it.meta)
            }
            Self::Approve(it) => Call::command(APPROVE, it, &it.meta),
            Self::Hold(it) => Call::command(PLACE, it, &it.meta),
            Self::HoldApart(it) => Call::command(HOLD_APART, it, &it.meta),
            Self::Withdraw(it) => Call::command(WITHDRAW, it, &it.meta),
            Self::Release(it) => Call::command(RELEASE, it, &it.meta),
            Self::Decide(it) => Call::command(DECIDE, it, &it.meta),
            Self::Holds(it) => Call::question(HOLDS, it),
        }
    }
}

const RULES: &str = "referral.protection.v1.DataProtectionService/GetRetentionRules";
const DUE: &str = "referral.protection.v1.DataProtectionService/ListDueCases";
const PREVIEW: &str = "referral.protection.v1.DataProtectionService/PreviewSweep";
const REQUEST: &str = "referral.protection.v1.DataProtectionService/RequestSweep";
const APPROVE: &str = "referral.protection.v1.DataProtectionService/ApproveSweep";
const PLACE: &str = "referral.protection.v1.DataProtectionService/PlaceHold";
const HOLD_APART: &str = "referral.protection.v1.DataProtectionService/HoldApart";
const RELEASE: &str = "referral.protection.v1.DataProtectionService/ReleaseHold";
const WITHDRAW: &str = "referral.protection.v1.DataProtectionService/WithdrawSweep";
const DECIDE: &str = "referral.protection.v1.DataProtectionService/DecideHold";
const HOLDS: &str = "referral.protection.v1.DataProtectionService/ListHolds";
