//! `case link-family`, `case family` and `case unlink-family`: linked files; `case ask-merge`,
//! `decide-merge` and `unmerge`: two files of one person.

use clap::Args;
use ledger::domain::codes::{Capacity, ConsentForm, Relationship};
use serde::Serialize;
use serde_json::json;

use super::shared::{Verdict, uuid};
use crate::cli::call::{Call, Meta, codes};
use crate::cli::failure::Failure;
use crate::cli::words;

/// Flags of `case link-family`.
#[derive(Args, Serialize)]
pub(crate) struct LinkFamily {
    /// One file
    #[arg(value_parser = uuid)]
    case_id: String,
    /// The other one
    #[arg(value_parser = uuid)]
    other_case_id: String,
    /// What the person of the other file is to the person of the first (required)
    #[arg(long, value_parser = codes(Relationship::ALL, Relationship::code))]
    #[arg(required_unless_present = "from")]
    relationship: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    agreed: Agreed,
    #[command(flatten)]
    #[serde(skip)]
    other: OtherAgreed,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// How the first file's side agreed.
#[derive(Args, Serialize)]
struct Agreed {
    /// Who agreed for the first file, of the persons in it; nobody for a best-interests decision
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    given_by_id: Option<String>,
    /// In which capacity (own if not said)
    #[arg(long, value_parser = codes(Capacity::ALL, Capacity::code))]
    capacity: Option<String>,
    /// The child whose file it is agrees
    #[arg(long)]
    child_agrees: bool,
    /// How it was expressed (oral if not said)
    #[arg(long, value_parser = codes(ConsentForm::ALL, ConsentForm::code))]
    form: Option<String>,
}

/// How the other's did.
#[derive(Args, Serialize)]
struct OtherAgreed {
    /// Who agreed for the other file
    #[arg(long = "other-given-by-id", value_parser = uuid, value_name = "UUID")]
    #[serde(rename = "given_by_id")]
    other_given_by_id: Option<String>,
    /// In which capacity (own if not said)
    #[arg(long = "other-capacity", value_parser = codes(Capacity::ALL, Capacity::code))]
    #[serde(rename = "capacity")]
    other_capacity: Option<String>,
    /// The child whose file that is agrees
    #[arg(long = "other-child-agrees")]
    #[serde(rename = "child_agrees")]
    other_child_agrees: bool,
    /// How it was expressed (oral if not said)
    #[arg(long = "other-form", value_parser = codes(ConsentForm::ALL, ConsentForm::code))]
    #[serde(rename = "form")]
    other_form: Option<String>,
}

impl LinkFamily {
    /// What neither a flag nor the file says of an agreement is as it is most of the time.
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        let mut call = Call::command(LINK, self, &self.meta)?;
        let usual = || json!({"capacity": Capacity::Own.code(), "form": ConsentForm::Oral.code()});
        let mut body = json!({"agreed": usual(), "other_agreed": usual()});
        words::lay_over(&mut body, call.body);
        let said = json!({"agreed": self.agreed, "other_agreed": self.other});
        if let Some(said) = words::said(said) {
            words::lay_over(&mut body, said);
        }
        call.body = body;
        Ok(call)
    }
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

/// Flags of `case duplicates`.
#[derive(Args, Serialize)]
pub(crate) struct Duplicates {
    /// The file whose person may have another one
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Only files that were opened on this day or later
    #[arg(long, value_name = "YYYY-MM-DD")]
    opened_from: Option<String>,
    /// Only files that were opened on this day or earlier
    #[arg(long, value_name = "YYYY-MM-DD")]
    opened_until: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

impl Duplicates {
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        Call::command(FIND_DUPLICATES, self, &self.meta)
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
const FIND_DUPLICATES: &str = "referral.tracking.v1.TrackingService/FindDuplicates";
const DECIDE_MERGE: &str = "referral.tracking.v1.TrackingService/DecideMerge";
pub(crate) const LINK_EXAMPLE: &str = "Example: a mother's file and her daughter's\n  \
    referral-ledger case link-family MOTHER DAUGHTER --relationship child --given-by-id P1 \\\n    \
    --other-given-by-id P2 --other-capacity caregiver --other-child-agrees";
const LINK: &str = "referral.tracking.v1.TrackingService/LinkCases";
const LIST: &str = "referral.tracking.v1.TrackingService/ListLinks";
const END: &str = "referral.tracking.v1.TrackingService/EndLink";

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::Parser;

    use super::*;

    const ID: &str = "3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f00";

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        link: LinkFamily,
    }

    fn body(flags: &[&str]) -> serde_json::Value {
        let words = ["x", ID, ID].iter().chain(flags);
        let line = Line::try_parse_from(words).expect("a line");
        line.link.call().expect("a call").body
    }

    #[test]
    fn c14_what_a_file_says_of_who_agreed_to_a_link_stays_unless_a_flag_says_otherwise() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("link.json");
        let said = json!({
            "relationship": "child",
            "agreed": {"given_by_id": ID},
            "other_agreed": {"capacity": "caregiver", "given_by_id": ID, "child_agrees": true,
                "form": "thumbprint"},
        });
        fs::write(&path, said.to_string()).expect("written");
        let path = path.display().to_string();
        let from_file = body(&["--from", &path]);
        assert_eq!(from_file["relationship"], "child");
        assert_eq!(from_file["other_agreed"], said["other_agreed"]);
        let usual = json!({"capacity": "own", "given_by_id": ID, "form": "oral"});
        assert_eq!(from_file["agreed"], usual);
        let flags = [
            "--from",
            &path,
            "--other-form",
            "written",
            "--capacity",
            "assent",
        ];
        let both = body(&flags);
        assert_eq!(both["other_agreed"]["form"], "written");
        assert_eq!(both["other_agreed"]["child_agrees"], true);
        assert_eq!(both["agreed"]["capacity"], "assent");
    }
}
