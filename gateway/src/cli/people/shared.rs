//! Groups of flags that several commands take, with the API's field names.

use clap::Args;
use ledger::domain::codes::{
    Capacity, CaregiverGap, ChildView, ConsentForm, DataCategory, Explained, Purpose, SupportKind,
    SupportedBy,
};
use ledger::domain::ids::CaseId;
use serde::Serialize;

use crate::cli::call::{codes, moment};

/// A text that is a UUID.
pub(crate) fn uuid(text: &str) -> Result<String, String> {
    let id = text.parse::<CaseId>().map_err(|wrong| wrong.to_string())?;
    Ok(id.to_string())
}

/// What a consent or an exception covers.
#[derive(Args, Serialize)]
pub(crate) struct ScopeArgs {
    /// What the data may be used for
    #[arg(long, value_delimiter = ',', value_parser = codes(Purpose::ALL, Purpose::code))]
    purposes: Vec<String>,
    /// Organisations that may receive them
    #[arg(long, value_delimiter = ',', value_name = "UUID", value_parser = uuid)]
    recipient_ids: Vec<String>,
    /// Which kinds of data
    #[arg(long, value_delimiter = ',', hide_possible_values = true)]
    #[arg(value_parser = codes(DataCategory::ALL, DataCategory::code))]
    categories: Vec<String>,
    /// Which kinds the person keeps back; wins over the categories
    #[arg(long, value_delimiter = ',')]
    #[arg(value_parser = codes(DataCategory::ALL, DataCategory::code))]
    withheld: Vec<String>,
}

/// Who a person is.
#[derive(Args, Serialize)]
#[command(next_help_heading = "Person (better in --from FILE: others can see command lines)")]
pub(crate) struct IdentityArgs {
    /// What the person is called; an invented name is fine
    #[arg(long)]
    name: Option<String>,
    /// Birth date or age in the person's words
    #[arg(long)]
    birth: Option<String>,
    /// Gender in the person's words
    #[arg(long)]
    gender: Option<String>,
    /// Languages the person speaks
    #[arg(long)]
    languages: Option<String>,
    /// Safe ways, hours and words for contact; none means: do not contact
    #[arg(long)]
    safe_contact: Option<String>,
    /// Relationship to the client, for further persons
    #[arg(long)]
    relationship: Option<String>,
}

/// What a consent says.
#[derive(Args, Serialize)]
#[command(next_help_heading = "Consent")]
pub(crate) struct ConsentArgs {
    /// In which capacity it was given (required with a consent)
    #[arg(long, value_parser = codes(Capacity::ALL, Capacity::code))]
    capacity: Option<String>,
    /// How it was expressed (required with a consent)
    #[arg(long, value_parser = codes(ConsentForm::ALL, ConsentForm::code))]
    form: Option<String>,
    /// What was explained before (required with a consent)
    #[arg(long, value_delimiter = ',')]
    #[arg(value_parser = codes(Explained::ALL, Explained::code))]
    explained: Vec<String>,
    #[command(flatten)]
    #[serde(skip_serializing_if = "InterpreterArgs::is_none")]
    interpreter: InterpreterArgs,
    /// When it ends by itself (2027-05-01T00:00:00Z or 2027-05-01)
    #[arg(long, value_name = "TIME", value_parser = moment)]
    expires_at: Option<String>,
    #[command(flatten)]
    #[serde(skip_serializing_if = "BestInterestsArgs::is_none")]
    best_interests: BestInterestsArgs,
    #[command(flatten)]
    note: NoteArgs,
}

/// Who interpreted.
#[derive(Args, Serialize)]
struct InterpreterArgs {
    /// Which person of the case interpreted; none for somebody who is not in it
    #[arg(long, value_name = "UUID", value_parser = uuid)]
    #[serde(rename = "person_id")]
    interpreter_id: Option<String>,
    /// Whoever interpreted was vetted before (required with an interpreter)
    #[arg(long)]
    #[serde(rename = "vetted")]
    interpreter_vetted: bool,
    /// The person accepted them (required with an interpreter)
    #[arg(long)]
    #[serde(rename = "accepted")]
    interpreter_accepted: bool,
}

impl InterpreterArgs {
    fn is_none(&self) -> bool {
        self.interpreter_id.is_none() && !self.interpreter_vetted && !self.interpreter_accepted
    }
}

/// Support that the person had in deciding.
#[derive(Args, Serialize)]
struct SupportArgs {
    /// Support that the person had in deciding, for example plain_language,more_time
    #[arg(long = "support", value_delimiter = ',', requires = "supported_by")]
    #[arg(value_parser = codes(SupportKind::ALL, SupportKind::code))]
    #[serde(rename = "kinds")]
    support_kinds: Vec<String>,
    /// Who gave it
    #[arg(long, value_delimiter = ',', requires = "support_kinds")]
    #[arg(value_parser = codes(SupportedBy::ALL, SupportedBy::code))]
    #[serde(rename = "by")]
    supported_by: Vec<String>,
    /// Which person of the case gave it
    #[arg(long, value_name = "UUID", value_parser = uuid, requires = "support_kinds")]
    #[serde(rename = "person_id")]
    supporter_id: Option<String>,
}

impl SupportArgs {
    fn is_none(&self) -> bool {
        self.support_kinds.is_empty()
    }
}

/// What a best-interests decision rests on.
#[derive(Args, Serialize)]
struct BestInterestsArgs {
    /// Why no caregiver is asked (required with a best-interests decision)
    #[arg(long = "caregiver-gap", value_parser = codes(CaregiverGap::ALL, CaregiverGap::code))]
    caregiver: Option<String>,
    /// What became of the child's own view (required with a best-interests decision)
    #[arg(long = "child-view", value_parser = codes(ChildView::ALL, ChildView::code))]
    view: Option<String>,
}

impl BestInterestsArgs {
    fn is_none(&self) -> bool {
        self.caregiver.is_none() && self.view.is_none()
    }
}

/// How a consent was taken, in words.
#[derive(Args, Serialize)]
struct NoteArgs {
    /// The language it was explained in (required with a consent)
    #[arg(long = "explained-in", value_name = "LANGUAGE")]
    language: Option<String>,
    /// Who else was present
    #[arg(long)]
    present: Option<String>,
    /// A child's view, what the person asked to withhold, and whatever else was said, in words
    #[arg(long = "consent-note", value_name = "TEXT")]
    note: Option<String>,
    #[command(flatten)]
    #[serde(skip_serializing_if = "SupportArgs::is_none")]
    support: SupportArgs,
}

/// What somebody decides about what somebody else asked for.
#[derive(Args, Serialize)]
pub(crate) struct Verdict {
    /// Confirm it
    #[arg(long, required_unless_present = "reject")]
    confirm: bool,
    /// Do not confirm it
    #[arg(long, conflicts_with = "confirm")]
    #[serde(skip)]
    reject: bool,
}

/// Which part of a list.
#[derive(Args, Serialize)]
#[command(next_help_heading = "List")]
pub(crate) struct PageArgs {
    /// How many items at most
    #[arg(long, value_name = "N")]
    page_size: Option<u32>,
    /// Where to go on, from the last answer
    #[arg(long, value_name = "TOKEN")]
    page_token: Option<String>,
    /// Wait until the list has seen this position of the log
    #[arg(long, value_name = "N")]
    at_least_position: Option<u64>,
}

/// One item of a referral's content.
#[derive(Clone, Serialize)]
pub(crate) struct ItemArg {
    category: String,
    text: String,
}

/// Reads a day, `2026-11-22`.
pub(crate) fn day(text: &str) -> Result<String, String> {
    let wrong = || "not a day such as 2026-11-22".to_owned();
    let plain = text.len() == 10 && moment(text).is_ok();
    plain.then(|| text.to_owned()).ok_or_else(wrong)
}

/// Reads `CATEGORY=TEXT`.
pub(crate) fn item(text: &str) -> Result<ItemArg, String> {
    let Some((category, text)) = text.split_once('=') else {
        return Err("not CATEGORY=TEXT, for example needs=schooling".to_owned());
    };
    if DataCategory::from_code(category).is_none() {
        let known: Vec<&str> = DataCategory::ALL.iter().map(|one| one.code()).collect();
        return Err(format!("'{category}' is none of {}", known.join(", ")));
    }
    Ok(ItemArg {
        category: category.to_owned(),
        text: text.to_owned(),
    })
}
