//! `request`: what persons ask for about their data, by when it is answered, and what comes of it.

use clap::{Args, Subcommand};
use ledger::domain::codes::*;
use serde::Serialize;

use super::shared::{PageArgs, uuid};
use crate::cli::call::{Call, Meta, codes};
use crate::cli::failure::Failure;

/// Requests about data.
#[derive(Subcommand)]
pub(crate) enum Request {
    /// Record what a person asks for; one month to answer begins
    Receive(Receive),
    /// Record what came of checking who is asking; no papers are kept
    Identity(Identity),
    /// Take two months more, once, within the first
    Extend(Extend),
    /// Advise what to answer (data protection officer)
    Advise(Advise),
    /// Show what granting a deletion would come to; changes nothing
    Preview(Preview),
    /// Decide (controller's delegate; what others ask for a child, child protection)
    Decide(Decide),
    /// Do what was granted (data protection officer); a deletion destroys keys at once
    CarryOut(CarryOut),
    /// End a request, and say whether the person was told
    Close(Close),
    /// Let data be used again that were restricted
    Lift(Lift),
    /// List requests, open ones first, by when they are due
    List(List),
}

/// A request, by its case and its id.
#[derive(Args, Serialize)]
struct Which {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Which request
    #[arg(value_parser = uuid)]
    subject_request_id: String,
}

/// Flags of `request receive`.
#[derive(Args, Serialize)]
pub(crate) struct Receive {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Whose data; the client's if not said
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    person_id: Option<String>,
    /// What is asked for (required)
    #[arg(long, value_parser = codes(RequestKind::ALL, RequestKind::code))]
    #[arg(required_unless_present = "from")]
    kind: Option<String>,
    /// Who asks (required)
    #[arg(long, value_parser = codes(RequestedBy::ALL, RequestedBy::code))]
    #[arg(required_unless_present = "from")]
    requested_by: Option<String>,
    /// Only these kinds of data; all of them if not said
    #[arg(long, value_delimiter = ',')]
    #[arg(value_parser = codes(DataCategory::ALL, DataCategory::code))]
    categories: Vec<String>,
    /// How it came (required)
    #[arg(long, value_parser = codes(Channel::ALL, Channel::code))]
    #[arg(required_unless_present = "from")]
    channel: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `request identity`.
#[derive(Args, Serialize)]
pub(crate) struct Identity {
    #[command(flatten)]
    #[serde(flatten)]
    which: Which,
    /// The outcome (required)
    #[arg(long, value_parser = codes(IdentityOutcome::ALL, IdentityOutcome::code))]
    #[arg(required_unless_present = "from")]
    outcome: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `request extend`.
#[derive(Args, Serialize)]
pub(crate) struct Extend {
    #[command(flatten)]
    #[serde(flatten)]
    which: Which,
    /// Why (required)
    #[arg(long, value_parser = codes(ExtensionReason::ALL, ExtensionReason::code))]
    #[arg(required_unless_present = "from")]
    reason: Option<String>,
    /// Whether the person was told (required)
    #[arg(long, value_parser = codes(PersonTold::ALL, PersonTold::code))]
    #[arg(required_unless_present = "from")]
    told: Option<String>,
    /// How they were told (required if they were); another way than they came must be one agreed
    #[arg(long, value_parser = codes(Channel::ALL, Channel::code))]
    #[arg(required_if_eq("told", "told"))]
    channel: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `request advise`.
#[derive(Args, Serialize)]
pub(crate) struct Advise {
    #[command(flatten)]
    #[serde(flatten)]
    which: Which,
    /// What to answer (required)
    #[arg(long, value_parser = codes(RequestAnswer::ALL, RequestAnswer::code))]
    #[arg(required_unless_present = "from")]
    answer: Option<String>,
    /// Why not, or not all of it
    #[arg(long, value_parser = codes(RequestReason::ALL, RequestReason::code))]
    reason: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `request preview`.
#[derive(Args, Serialize)]
pub(crate) struct Preview {
    #[command(flatten)]
    #[serde(flatten)]
    which: Which,
    /// If it were granted for these kinds of data only
    #[arg(long, value_delimiter = ',')]
    #[arg(value_parser = codes(DataCategory::ALL, DataCategory::code))]
    categories: Vec<String>,
}

/// Flags of `request decide`.
#[derive(Args, Serialize)]
pub(crate) struct Decide {
    #[command(flatten)]
    #[serde(flatten)]
    which: Which,
    /// The answer (required)
    #[arg(long, value_parser = codes(RequestAnswer::ALL, RequestAnswer::code))]
    #[arg(required_unless_present = "from")]
    answer: Option<String>,
    /// Why not, or not all of it
    #[arg(long, value_parser = codes(RequestReason::ALL, RequestReason::code))]
    reason: Option<String>,
    /// Granted in part: for these kinds of data
    #[arg(long, value_delimiter = ',')]
    #[arg(value_parser = codes(DataCategory::ALL, DataCategory::code))]
    categories: Vec<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `request carry-out`.
#[derive(Args, Serialize)]
pub(crate) struct CarryOut {
    #[command(flatten)]
    #[serde(flatten)]
    which: Which,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `request close`.
#[derive(Args, Serialize)]
pub(crate) struct Close {
    #[command(flatten)]
    #[serde(flatten)]
    which: Which,
    /// How it ends (required)
    #[arg(long, value_parser = codes(RequestEnd::ALL, RequestEnd::code))]
    #[arg(required_unless_present = "from")]
    end: Option<String>,
    /// Whether the person was told (required)
    #[arg(long, value_parser = codes(PersonTold::ALL, PersonTold::code))]
    #[arg(required_unless_present = "from")]
    told: Option<String>,
    /// How (required)
    #[arg(long, value_parser = codes(Channel::ALL, Channel::code))]
    #[arg(required_unless_present = "from")]
    channel: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `request lift`.
#[derive(Args, Serialize)]
pub(crate) struct Lift {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// The request that the restriction came from
    #[arg(value_parser = uuid)]
    subject_request_id: String,
    /// Whether the person was told beforehand (required)
    #[arg(long, value_parser = codes(PersonTold::ALL, PersonTold::code))]
    #[arg(required_unless_present = "from")]
    told: Option<String>,
    /// How they were told (required if they were); another way than they came must be one agreed
    #[arg(long, value_parser = codes(Channel::ALL, Channel::code))]
    #[arg(required_if_eq("told", "told"))]
    channel: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `request list`.
#[derive(Args, Serialize)]
pub(crate) struct List {
    /// Only of this case
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    case_id: Option<String>,
    /// Only those that are not closed
    #[arg(long)]
    open_only: bool,
    /// Only those past their time
    #[arg(long)]
    late_only: bool,
    #[command(flatten)]
    page: PageArgs,
}

impl Request {
    /// The call that this asks for.
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        match self {
            Self::Receive(it) => Call::command(RECEIVE, it, &it.meta),
            Self::Identity(it) => Call::command(IDENTITY, it, &it.meta),
            Self::Extend(it) => Call::command(EXTEND, it, &it.meta),
            Self::Advise(it) => Call::command(ADVISE, it, &it.meta),
            Self::Preview(it) => Call::question(PREVIEW, it),
            Self::Decide(it) => Call::command(DECIDE, it, &it.meta),
            Self::CarryOut(it) => Call::command(CARRY_OUT, it, &it.meta),
            Self::Close(it) => Call::command(CLOSE, it, &it.meta),
            Self::Lift(it) => Call::command(LIFT, it, &it.meta),
            Self::List(it) => Call::question(LIST, it),
        }
    }
}

const RECEIVE: &str = "referral.rights.v1.RightsService/ReceiveRequest";
const IDENTITY: &str = "referral.rights.v1.RightsService/CheckIdentity";
const EXTEND: &str = "referral.rights.v1.RightsService/ExtendRequest";
const ADVISE: &str = "referral.rights.v1.RightsService/AdviseRequest";
const PREVIEW: &str = "referral.rights.v1.RightsService/PreviewDeletion";
const DECIDE: &str = "referral.rights.v1.RightsService/DecideRequest";
const CARRY_OUT: &str = "referral.rights.v1.RightsService/CarryOutRequest";
const CLOSE: &str = "referral.rights.v1.RightsService/CloseRequest";
const LIFT: &str = "referral.rights.v1.RightsService/LiftRestriction";
const LIST: &str = "referral.rights.v1.RightsService/ListRequests";
