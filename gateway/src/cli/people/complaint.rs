//! `complaint`: feedback and complaints, taken down, acknowledged, answered.

use clap::{Args, Subcommand};
use ledger::domain::codes::{ComplaintKind, ComplaintOutcome, PersonTold};
use serde::Serialize;

use super::shared::{PageArgs, uuid};
use crate::cli::call::{Call, Meta, codes};
use crate::cli::failure::Failure;

/// Feedback and complaints; whom one is about never reads it.
#[derive(Subcommand)]
pub(crate) enum Complaint {
    /// Take down feedback or a complaint
    #[command(after_help = RECORD_EXAMPLE)]
    Record(Record),
    /// List those that you may know of, open ones first, without their words
    List(List),
    /// Open the words of one; that they were seen is recorded first
    View(View),
    /// Say whether whoever complained was told that it came
    Acknowledge(Acknowledge),
    /// Answer it
    Answer(Answer),
}

impl Complaint {
    /// The call that this asks for.
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        match self {
            Self::Record(it) => Call::command(RECORD, it, &it.meta),
            Self::List(it) => Call::question(LIST, it),
            Self::View(it) => Call::command(VIEW, it, &it.meta),
            Self::Acknowledge(it) => Call::command(ACKNOWLEDGE, it, &it.meta),
            Self::Answer(it) => Call::command(ANSWER, it, &it.meta),
        }
    }
}

/// Flags of `complaint record`.
#[derive(Args, Serialize)]
pub(crate) struct Record {
    /// What about (required)
    #[arg(long, value_parser = codes(ComplaintKind::ALL, ComplaintKind::code))]
    #[arg(required_unless_present = "from")]
    kind: Option<String>,
    /// About this member of staff
    #[arg(long, value_parser = uuid, value_name = "UUID", group = "against")]
    staff_id: Option<String>,
    /// About this service
    #[arg(long, value_parser = uuid, value_name = "UUID", group = "against")]
    service_id: Option<String>,
    /// About this organisation
    #[arg(long, value_parser = uuid, value_name = "UUID", group = "against")]
    organisation_id: Option<String>,
    /// Do not record who takes it down, and only the day
    #[arg(long)]
    anonymous: bool,
    /// What was said (better in --from FILE: others can see command lines) (required)
    #[arg(long, required_unless_present = "from")]
    words: Option<String>,
    /// A safe way to answer (better in --from FILE)
    #[arg(long)]
    contact: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `complaint list`.
#[derive(Args, Serialize)]
pub(crate) struct List {
    /// Only those that were not answered
    #[arg(long)]
    open_only: bool,
    #[command(flatten)]
    page: PageArgs,
}

/// Flags of `complaint view`.
#[derive(Args, Serialize)]
pub(crate) struct View {
    /// Which
    #[arg(value_parser = uuid)]
    complaint_id: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `complaint acknowledge`.
#[derive(Args, Serialize)]
pub(crate) struct Acknowledge {
    /// Which
    #[arg(value_parser = uuid)]
    complaint_id: String,
    /// Whether whoever complained was told (required)
    #[arg(long, value_parser = codes(PersonTold::ALL, PersonTold::code))]
    #[arg(required_unless_present = "from")]
    told: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `complaint answer`.
#[derive(Args, Serialize)]
pub(crate) struct Answer {
    /// Which
    #[arg(value_parser = uuid)]
    complaint_id: String,
    /// What looking into it came to (required)
    #[arg(long, value_parser = codes(ComplaintOutcome::ALL, ComplaintOutcome::code))]
    #[arg(required_unless_present = "from")]
    outcome: Option<String>,
    /// Whether whoever complained was told (required)
    #[arg(long, value_parser = codes(PersonTold::ALL, PersonTold::code))]
    #[arg(required_unless_present = "from")]
    told: Option<String>,
    /// What was found (better in --from FILE: others can see command lines)
    #[arg(long)]
    note: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

const RECORD_EXAMPLE: &str = "\
Example:
  referral-ledger complaint record --kind conduct --anonymous --words 'Sent away without a word'";

const RECORD: &str = "referral.complaint.v1.ComplaintService/RecordComplaint";
const LIST: &str = "referral.complaint.v1.ComplaintService/ListComplaints";
const VIEW: &str = "referral.complaint.v1.ComplaintService/ViewComplaint";
const ACKNOWLEDGE: &str = "referral.complaint.v1.ComplaintService/AcknowledgeComplaint";
const ANSWER: &str = "referral.complaint.v1.ComplaintService/AnswerComplaint";
