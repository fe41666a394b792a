//! `directory ask`, `answer`, `inquiries`: asking a service first, about a group and never about a
//! person; `referral arrange`: how somebody gets there.

use clap::Args;
use ledger::domain::codes::{
    AgeGroup, ArrangementKind, ArrangementState, Channel, GenderGroup, InquiryAnswer, InquiryFee,
    InquiryQuestion, Need,
};
use serde::Serialize;

use super::referral::Which;
use super::shared::{PageArgs, uuid};
use crate::cli::call::{Meta, codes};

/// Flags of `directory ask`.
#[derive(Args, Serialize)]
pub(crate) struct AskService {
    /// Which service
    #[arg(value_parser = uuid)]
    service_id: String,
    /// What it is asked (required)
    #[arg(long, value_delimiter = ',', required_unless_present = "from")]
    #[arg(value_parser = codes(InquiryQuestion::ALL, InquiryQuestion::code))]
    questions: Vec<String>,
    /// The need (required)
    #[arg(long, value_parser = codes(Need::ALL, Need::code), required_unless_present = "from")]
    need: Option<String>,
    /// Of which age group, where it matters
    #[arg(long, value_parser = codes(AgeGroup::ALL, AgeGroup::code))]
    age_group: Option<String>,
    /// Of which gender, where it matters
    #[arg(long, value_parser = codes(GenderGroup::ALL, GenderGroup::code))]
    gender: Option<String>,
    /// A place code (JO21), where it matters; never an address
    #[arg(long, value_name = "CODE")]
    area: Option<String>,
    /// How it is asked; through the portal it sees the question here (required)
    #[arg(long, value_parser = codes(Channel::ALL, Channel::code))]
    #[arg(required_unless_present = "from")]
    channel: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    pub(super) meta: Meta,
}

/// Flags of `directory answer`.
#[derive(Args, Serialize)]
pub(crate) struct AnswerInquiry {
    /// Which service
    #[arg(value_parser = uuid)]
    service_id: String,
    /// Which inquiry
    #[arg(value_parser = uuid)]
    inquiry_id: String,
    /// What the service says; may be left out where it says a fee only
    #[arg(long, value_parser = codes(InquiryAnswer::ALL, InquiryAnswer::code))]
    answer: Option<String>,
    /// After how many days, with `--answer wait`
    #[arg(long, value_name = "N")]
    wait_days: Option<u32>,
    /// What it costs the person
    #[arg(long, value_parser = codes(InquiryFee::ALL, InquiryFee::code))]
    fee: Option<String>,
    /// How the answer came (required)
    #[arg(long, value_parser = codes(Channel::ALL, Channel::code))]
    #[arg(required_unless_present = "from")]
    channel: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    pub(super) meta: Meta,
}

/// Flags of `directory inquiries`.
#[derive(Args, Serialize)]
pub(crate) struct Inquiries {
    /// Only of this service
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    service_id: Option<String>,
    /// Only those that were not answered
    #[arg(long)]
    open_only: bool,
    #[command(flatten)]
    page: PageArgs,
}

/// Flags of `referral arrange`.
#[derive(Args, Serialize)]
pub(crate) struct Arrange {
    #[command(flatten)]
    #[serde(flatten)]
    which: Which,
    /// What (required)
    #[arg(long, value_parser = codes(ArrangementKind::ALL, ArrangementKind::code))]
    #[arg(required_unless_present = "from")]
    kind: Option<String>,
    /// Where it stands now (required)
    #[arg(long, value_parser = codes(ArrangementState::ALL, ArrangementState::code))]
    #[arg(required_unless_present = "from")]
    state: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    pub(super) meta: Meta,
}

pub(super) const ASK: &str = "referral.directory.v1.DirectoryService/AskService";
pub(super) const ANSWER: &str = "referral.directory.v1.DirectoryService/AnswerInquiry";
pub(super) const INQUIRIES: &str = "referral.directory.v1.DirectoryService/ListInquiries";
pub(super) const ARRANGE: &str = "referral.referral.v1.ReferralService/RecordArrangement";
