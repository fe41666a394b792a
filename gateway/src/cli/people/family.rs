//! `case link-family`, `case family` and `case unlink-family`: linked files; `case ask-merge`,
//! `decide-merge` and `unmerge`: two files of one person.

use clap::Args;
use ledger::domain::codes::{Capacity, ConsentForm, Relationship};
use serde::Serialize;
use serde_json::{Value, json};

use super::shared::{Verdict, uuid};
use crate::cli::call::{Call, Meta, codes};
use crate::cli::failure::Failure;

/// Flags of `case link-family`.
#[derive(Args, Serialize)]
pub(crate) struct LinkFamily {
    /// One file
    #[arg(value_parser = uuid)]
    case_id: String,
    /// The other one
    #[arg(value_parser = uuid)]
    other_case_id: String,
    /// What the person of the other file is to the person of the first
    #[arg(long, value_parser = codes(Relationship::ALL, Relationship::code))]
    relationship: String,
    /// Who agreed for the first file, of the persons in it; nobody for a best-interests decision
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    #[serde(skip)]
    given_by_id: Option<String>,
    /// In which capacity
    #[arg(long, default_value = "own", value_parser = codes(Capacity::ALL, Capacity::code))]
    #[serde(skip)]
    capacity: String,
    /// The child whose file it is agrees
    #[arg(long)]
    #[serde(skip)]
    child_agrees: bool,
    /// How it was expressed
    #[arg(long, default_value = "oral", value_parser = codes(ConsentForm::ALL, ConsentForm::code))]
    #[serde(skip)]
    form: String,
    /// Who agreed for the other file
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    #[serde(skip)]
    other_given_by_id: Option<String>,
    /// In which capacity
    #[arg(long, default_value = "own", value_parser = codes(Capacity::ALL, Capacity::code))]
    #[serde(skip)]
    other_capacity: String,
    /// The child whose file that is agrees
    #[arg(long)]
    #[serde(skip)]
    other_child_agrees: bool,
    /// How it was expressed
    #[arg(long, default_value = "oral", value_parser = codes(ConsentForm::ALL, ConsentForm::code))]
    #[serde(skip)]
    other_form: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

impl LinkFamily {
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        let mut call = Call::command(LINK, self, &self.meta)?;
        if let Some(fields) = call.body.as_object_mut() {
            let one = (&self.given_by_id, &self.capacity, self.child_agrees);
            fields.insert("agreed".to_owned(), agreed(one, &self.form));
            let other = (&self.other_given_by_id, &self.other_capacity);
            let other = (other.0, other.1, self.other_child_agrees);
            fields.insert("other_agreed".to_owned(), agreed(other, &self.other_form));
        }
        Ok(call)
    }
}

fn agreed((given_by, capacity, child): (&Option<String>, &String, bool), form: &str) -> Value {
    let mut agreed = json!({"capacity": capacity, "child_agrees": child, "form": form});
    if let (Some(fields), Some(by)) = (agreed.as_object_mut(), given_by) {
        fields.insert("given_by_id".to_owned(), json!(by));
    }
    agreed
}

/// Flags of `case family`.
#[derive(Args, Serialize)]
pub(crate) struct Family {
    /// Of which file
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Wait until the list has seen this position of the log
    #[arg(long, value_name = "N")]
    at_least_position: Option<u64>,
}

impl Family {
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        Call::question(LIST, self)
    }
}

/// Flags of `case unlink-family`.
#[derive(Args, Serialize)]
pub(crate) struct UnlinkFamily {
    /// One of the two files
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Which link
    #[arg(value_parser = uuid)]
    link_id: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

impl UnlinkFamily {
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        Call::command(END, self, &self.meta)
    }
}

/// Flags of `case ask-merge` and `case unmerge`.
#[derive(Args, Serialize)]
pub(crate) struct Merge {
    /// The file in which work goes on
    #[arg(value_parser = uuid)]
    case_id: String,
    /// The other one
    #[arg(value_parser = uuid)]
    other_case_id: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

impl Merge {
    pub(crate) fn call(&self, method: &'static str) -> Result<Call, Failure> {
        Call::command(method, self, &self.meta)
    }
}

/// Flags of `case decide-merge`.
#[derive(Args, Serialize)]
pub(crate) struct DecideMerge {
    /// The file in which work goes on
    #[arg(value_parser = uuid)]
    case_id: String,
    /// The other one
    #[arg(value_parser = uuid)]
    other_case_id: String,
    #[command(flatten)]
    #[serde(flatten)]
    verdict: Verdict,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

impl DecideMerge {
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        Call::command(DECIDE_MERGE, self, &self.meta)
    }
}

pub(crate) const ASK_MERGE: &str = "referral.tracking.v1.TrackingService/AskMerge";
pub(crate) const UNMERGE: &str = "referral.tracking.v1.TrackingService/UnmergeCases";
const DECIDE_MERGE: &str = "referral.tracking.v1.TrackingService/DecideMerge";
pub(crate) const LINK_EXAMPLE: &str = "Example: a mother's file and her daughter's\n  \
    referral-ledger case link-family MOTHER DAUGHTER --relationship child --given-by-id P1 \\\n    \
    --other-given-by-id P2 --other-capacity caregiver --other-child-agrees";
const LINK: &str = "referral.tracking.v1.TrackingService/LinkCases";
const LIST: &str = "referral.tracking.v1.TrackingService/ListLinks";
const END: &str = "referral.tracking.v1.TrackingService/EndLink";
