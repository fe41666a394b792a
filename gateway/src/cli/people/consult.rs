//! `referral consult`: the specialist who is asked before a referral of a suspected case is sent.

use clap::Args;
use ledger::domain::codes::{Advice, Channel};
use serde::Serialize;

use super::referral::Which;
use super::shared::{Verdict, uuid};
use crate::cli::call::{Meta, codes};

/// Flags of `referral consult`.
#[derive(Args, Serialize)]
pub(crate) struct Consult {
    #[command(flatten)]
    #[serde(flatten)]
    which: Which,
    /// Who was asked, where you write it down for them; it counts once they confirm it. Left out,
    /// you are the specialist
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    specialist_id: Option<String>,
    /// What they advise (required)
    #[arg(long, value_parser = codes(Advice::ALL, Advice::code))]
    #[arg(required_unless_present = "from")]
    advice: Option<String>,
    /// How they were asked (required)
    #[arg(long, value_parser = codes(Channel::ALL, Channel::code))]
    #[arg(required_unless_present = "from")]
    channel: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    pub(super) meta: Meta,
}

/// Flags of `referral confirm-consult`.
#[derive(Args, Serialize)]
pub(crate) struct ConfirmConsult {
    #[command(flatten)]
    #[serde(flatten)]
    which: Which,
    #[command(flatten)]
    #[serde(flatten)]
    answer: Verdict,
    #[command(flatten)]
    #[serde(skip)]
    pub(super) meta: Meta,
}

pub(super) const CONSULT: &str = "referral.referral.v1.ReferralService/ConsultSpecialist";
pub(super) const CONFIRM_CONSULT: &str = "referral.referral.v1.ReferralService/ConfirmConsultation";
