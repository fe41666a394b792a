//! `mirror`: which copies of the journal have a say before keys are destroyed.

use clap::{Args, Subcommand};
use ledger::domain::codes::DetachReason;
use serde::Serialize;

use super::shared::{Verdict, uuid};
use crate::cli::call::{Call, Meta, codes};
use crate::cli::failure::Failure;

/// Mirrors of the journal.
#[derive(Subcommand)]
pub(crate) enum Mirror {
    /// Ask for the end of a mirror's say; a second person decides (ids: `audit status`)
    Detach(Detach),
    /// End a mirror's say, which somebody else asked for: keys are destroyed without its word
    Decide(Decide),
}

impl Mirror {
    /// The call that this asks for.
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        match self {
            Self::Detach(it) => Call::command(DETACH, it, &it.meta),
            Self::Decide(it) => Call::command(DECIDE, it, &it.meta),
        }
    }
}

/// Flags of `mirror detach`.
#[derive(Args, Serialize)]
pub(crate) struct Detach {
    /// Which
    #[arg(value_parser = uuid)]
    mirror_id: String,
    /// Why
    #[arg(long, value_parser = codes(DetachReason::ALL, DetachReason::code))]
    reason: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `mirror decide`.
#[derive(Args, Serialize)]
pub(crate) struct Decide {
    /// Which
    #[arg(value_parser = uuid)]
    mirror_id: String,
    #[command(flatten)]
    #[serde(flatten)]
    verdict: Verdict,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

const DECIDE: &str = "referral.admin.v1.AdminService/DecideMirror";
const DETACH: &str = "referral.admin.v1.AdminService/DetachMirror";
