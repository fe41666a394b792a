//! `interview`: forms, answers and what they suggest, profiles, determinations.

use clap::{Args, Subcommand};
use ledger::clock::SystemEntropy;
use ledger::domain::codes::{
    DeterminationOutcome, Explained, InterviewForm, Profile as Profiles, ProfileReason,
};
use ledger::domain::ids::InterviewId;
use serde::Serialize;

use super::mechanism::with_id;
use super::shared::uuid;
use crate::cli::call::{Call, Meta, codes};
use crate::cli::failure::Failure;

/// Interviews; off unless the organisation's file says so.
#[derive(Subcommand)]
pub(crate) enum Interview {
    /// Show a form: what is asked and what for, and what may be asked of somebody
    Form(Form),
    /// Record what somebody answered, or put it right, from --from FILE
    #[command(after_help = RECORD_EXAMPLE)]
    Record(Record),
    /// Open an interview, and see what its answers suggest; that it was seen is recorded first
    View(View),
    /// Decide on somebody's profile
    Profile(Profile),
    /// Open somebody's profile and what was determined; that they were seen is recorded first
    ViewProfile(ViewProfile),
    /// Record what a mandated body determined; no help waits for it
    Determination(Determination),
}

impl Interview {
    /// The call that this asks for.
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        match self {
            Self::Form(it) => Call::question(FORM, it),
            Self::Record(it) => {
                let call = Call::command(RECORD, it, &it.meta)?;
                let fresh = InterviewId::fresh(&mut SystemEntropy);
                Ok(with_id(call, "interview_id", fresh))
            }
            Self::View(it) => Call::command(VIEW, it, &it.meta),
            Self::Profile(it) => Call::command(PROFILE, it, &it.meta),
            Self::ViewProfile(it) => Call::command(VIEW_PROFILE, it, &it.meta),
            Self::Determination(it) => Call::command(DETERMINATION, it, &it.meta),
        }
    }
}

/// Flags of `interview form`.
#[derive(Args, Serialize)]
pub(crate) struct Form {
    /// Which
    #[arg(value_parser = codes(InterviewForm::ALL, InterviewForm::code))]
    form: String,
    /// As it may be asked in this case
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    case_id: Option<String>,
    /// Of this person in it; the client if not said
    #[arg(long, value_parser = uuid, value_name = "UUID", requires = "case_id")]
    person_id: Option<String>,
    /// In this language (fr), where the form is there in it; the answer says which it is
    #[arg(long)]
    language: Option<String>,
}

/// Flags of `interview record`.
#[derive(Args, Serialize)]
pub(crate) struct Record {
    /// In which case
    #[arg(value_parser = uuid, requires = "from")]
    case_id: String,
    /// With whom
    #[arg(value_parser = uuid)]
    person_id: String,
    /// Which interview, to put it right; a fresh id if not said
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    interview_id: Option<String>,
    /// By which form
    #[arg(long, value_parser = codes(InterviewForm::ALL, InterviewForm::code))]
    form: Option<String>,
    /// In which language it was held, of those that the form is there in; English if not said
    #[arg(long)]
    language: Option<String>,
    /// What was explained before
    #[arg(long, value_delimiter = ',', value_parser = codes(Explained::ALL, Explained::code))]
    explained: Vec<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `interview view`.
#[derive(Args, Serialize)]
pub(crate) struct View {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Which
    #[arg(value_parser = uuid)]
    interview_id: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `interview profile`.
#[derive(Args, Serialize)]
pub(crate) struct Profile {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Whose
    #[arg(value_parser = uuid)]
    person_id: String,
    /// The interview that it was decided after
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    interview_id: Option<String>,
    /// By what it was decided (required)
    #[arg(long, value_parser = codes(ProfileReason::ALL, ProfileReason::code))]
    #[arg(required_unless_present = "from")]
    reason: Option<String>,
    /// What was decided (better in --from FILE: others can see command lines) (required)
    #[arg(long, value_delimiter = ',', value_parser = codes(Profiles::ALL, Profiles::code))]
    #[arg(required_unless_present = "from")]
    profiles: Vec<String>,
    /// Why, in words; never details of an incident
    #[arg(long)]
    words: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `interview view-profile`.
#[derive(Args, Serialize)]
pub(crate) struct ViewProfile {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Whose
    #[arg(value_parser = uuid)]
    person_id: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `interview determination`.
#[derive(Args, Serialize)]
pub(crate) struct Determination {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Of whom
    #[arg(value_parser = uuid)]
    person_id: String,
    /// Which member of the mechanism determined (required)
    #[arg(long, value_parser = uuid, value_name = "UUID", required_unless_present = "from")]
    body_id: Option<String>,
    /// On which day (required)
    #[arg(long, value_name = "YYYY-MM-DD", required_unless_present = "from")]
    on: Option<String>,
    /// What as (better in --from FILE: others can see command lines) (required)
    #[arg(long, value_parser = codes(Profiles::ALL, Profiles::code))]
    #[arg(required_unless_present = "from")]
    profile: Option<String>,
    /// What it came to (required)
    #[arg(long, value_parser = codes(DeterminationOutcome::ALL, DeterminationOutcome::code))]
    #[arg(required_unless_present = "from")]
    outcome: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

const FORM: &str = "referral.interview.v1.InterviewService/GetForm";
const RECORD: &str = "referral.interview.v1.InterviewService/RecordInterview";
const VIEW: &str = "referral.interview.v1.InterviewService/ViewInterview";
const PROFILE: &str = "referral.interview.v1.InterviewService/RecordProfile";
const VIEW_PROFILE: &str = "referral.interview.v1.InterviewService/ViewProfile";
const DETERMINATION: &str = "referral.interview.v1.InterviewService/RecordDetermination";
const RECORD_EXAMPLE: &str = concat!(
    "An example of FILE:\n",
    include_str!("../examples/interview.json")
);
