//! `protection breach`: the register of breaches, reported, assessed, notified, told, closed.

use clap::{Args, Subcommand};
use ledger::domain::codes::{
    BreachConsequence, BreachHarm, BreachKind, BreachMeasure, BreachRisk, BreachTelling,
    DataCategory, LateReason, NotificationPhase, NotifiedTo, UntoldGround,
};
use serde::Serialize;

use super::shared::{PageArgs, uuid};
use crate::cli::call::{Call, Meta, codes, moment};
use crate::cli::failure::Failure;

/// Breaches of data; whom one is suspected of never knows of it.
#[derive(Subcommand)]
pub(crate) enum Breach {
    /// Report that something happened to data: what is enough, everybody may
    #[command(after_help = REPORT_EXAMPLE)]
    Report(Report),
    /// List those that you may know of, open ones first, by when an authority is to be notified
    List(List),
    /// Show one: where it stands, and everything that was recorded of it
    Show(Show),
    /// Open the words about one; that they were seen is recorded first
    View(Named),
    /// Assess it, or assess it anew (data protection officer)
    #[command(after_help = ASSESS_EXAMPLE)]
    Assess(Box<Assess>),
    /// Record that an authority was notified, or told more; --occurred-at says when
    Notify(Notify),
    /// Record that people were told; --occurred-at says when
    Tell(Tell),
    /// Decide that people are not told of a high risk (controller's delegate)
    Withhold(Withhold),
    /// Close one that somebody else assessed
    Close(Named),
    /// Look up who could be affected: what left and what was opened; that you asked is recorded
    Affected(Affected),
}

impl Breach {
    /// The call that this asks for.
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        match self {
            Self::Report(it) => Call::command(REPORT, it, &it.meta),
            Self::List(it) => Call::question(LIST, it),
            Self::Show(it) => Call::question(SHOW, it),
            Self::View(it) => Call::command(VIEW, it, &it.meta),
            Self::Assess(it) => Call::command(ASSESS, it, &it.meta),
            Self::Notify(it) => Call::command(NOTIFY, it, &it.meta),
            Self::Tell(it) => Call::command(TELL, it, &it.meta),
            Self::Withhold(it) => Call::command(WITHHOLD, it, &it.meta),
            Self::Close(it) => Call::command(CLOSE, it, &it.meta),
            Self::Affected(it) => Call::command(AFFECTED, it, &it.meta),
        }
    }
}

/// Flags of `protection breach report`.
#[derive(Args, Serialize)]
pub(crate) struct Report {
    /// What happened (required)
    #[arg(value_parser = codes(BreachKind::ALL, BreachKind::code))]
    #[arg(required_unless_present = "from")]
    kind: Option<String>,
    /// Who answers for the data, if it is not your own organisation
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    organisation_id: Option<String>,
    /// Suspected of this member of staff, who will not know of it
    #[arg(long, value_parser = uuid, value_name = "UUID", group = "suspected")]
    staff_id: Option<String>,
    /// Suspected of this service
    #[arg(long, value_parser = uuid, value_name = "UUID", group = "suspected")]
    service_id: Option<String>,
    /// Suspected of this organisation
    #[arg(long, value_parser = uuid, value_name = "UUID", group = "suspected")]
    suspected_organisation_id: Option<String>,
    /// When it happened, or began (2026-11-22T09:30:00Z or 2026-11-22)
    #[arg(long, value_name = "TIME", value_parser = moment)]
    happened_from: Option<String>,
    /// When it was over
    #[arg(long, value_name = "TIME", value_parser = moment)]
    happened_until: Option<String>,
    /// When it was first suspected
    #[arg(long, value_name = "TIME", value_parser = moment)]
    suspected_at: Option<String>,
    /// When it became known; now if not said. The 72 hours run from here
    #[arg(long, value_name = "TIME", value_parser = moment)]
    known_at: Option<String>,
    /// What else is to be said; name nobody (better in --from FILE: others can see command lines)
    #[arg(long)]
    words: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `protection breach list`.
#[derive(Args, Serialize)]
pub(crate) struct List {
    /// Only those that are not closed
    #[arg(long)]
    open_only: bool,
    #[command(flatten)]
    page: PageArgs,
}

/// Flags of `protection breach show`.
#[derive(Args, Serialize)]
pub(crate) struct Show {
    /// Which
    #[arg(value_parser = uuid)]
    breach_id: String,
}

/// Flags of commands that only name one.
#[derive(Args, Serialize)]
pub(crate) struct Named {
    /// Which
    #[arg(value_parser = uuid)]
    breach_id: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// How many people.
#[derive(Args, Serialize)]
struct People {
    /// How many people at least
    #[arg(long)]
    #[serde(rename = "at_least")]
    people_at_least: Option<u32>,
    /// How many people at most; not known if not said
    #[arg(long)]
    #[serde(rename = "at_most")]
    people_at_most: Option<u32>,
}

/// How many records.
#[derive(Args, Serialize)]
struct Records {
    /// How many records at least
    #[arg(long)]
    #[serde(rename = "at_least")]
    records_at_least: Option<u32>,
    /// How many records at most; not known if not said
    #[arg(long)]
    #[serde(rename = "at_most")]
    records_at_most: Option<u32>,
}

/// Flags of `protection breach assess`.
#[derive(Args, Serialize)]
pub(crate) struct Assess {
    /// Which
    #[arg(value_parser = uuid)]
    breach_id: String,
    /// What of the data was broken (required)
    #[arg(long, value_delimiter = ',', required_unless_present = "from")]
    #[arg(value_parser = codes(BreachHarm::ALL, BreachHarm::code))]
    harms: Vec<String>,
    /// Which kinds of data
    #[arg(long, value_delimiter = ',', hide_possible_values = true)]
    #[arg(value_parser = codes(DataCategory::ALL, DataCategory::code))]
    categories: Vec<String>,
    #[command(flatten)]
    people: People,
    #[command(flatten)]
    records: Records,
    /// What is likely to come of it for the people
    #[arg(long, value_delimiter = ',')]
    #[arg(value_parser = codes(BreachConsequence::ALL, BreachConsequence::code))]
    consequences: Vec<String>,
    /// What was done about it
    #[arg(long, value_delimiter = ',')]
    #[arg(value_parser = codes(BreachMeasure::ALL, BreachMeasure::code))]
    measures: Vec<String>,
    /// How likely and how bad it is for the people (required)
    #[arg(long, value_parser = codes(BreachRisk::ALL, BreachRisk::code))]
    #[arg(required_unless_present = "from")]
    risk: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `protection breach notify`.
#[derive(Args, Serialize)]
pub(crate) struct Notify {
    /// Which
    #[arg(value_parser = uuid)]
    breach_id: String,
    /// Who was notified (required)
    #[arg(long, value_parser = codes(NotifiedTo::ALL, NotifiedTo::code))]
    #[arg(required_unless_present = "from")]
    to: Option<String>,
    /// Which part it was; what is not known yet may follow (required)
    #[arg(long, value_parser = codes(NotificationPhase::ALL, NotificationPhase::code))]
    #[arg(required_unless_present = "from")]
    phase: Option<String>,
    /// The number that the authority gave it
    #[arg(long)]
    reference: Option<String>,
    /// Why it came after 72 hours
    #[arg(long, value_parser = codes(LateReason::ALL, LateReason::code))]
    late: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `protection breach tell`.
#[derive(Args, Serialize)]
pub(crate) struct Tell {
    /// Which
    #[arg(value_parser = uuid)]
    breach_id: String,
    /// How (required)
    #[arg(long, value_parser = codes(BreachTelling::ALL, BreachTelling::code))]
    #[arg(required_unless_present = "from")]
    way: Option<String>,
    #[command(flatten)]
    people: People,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `protection breach withhold`.
#[derive(Args, Serialize)]
pub(crate) struct Withhold {
    /// Which
    #[arg(value_parser = uuid)]
    breach_id: String,
    /// Why people are not told (required)
    #[arg(long, value_parser = codes(UntoldGround::ALL, UntoldGround::code))]
    #[arg(required_unless_present = "from")]
    ground: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `protection breach affected`; what is not said does not restrict.
#[derive(Args, Serialize)]
pub(crate) struct Affected {
    /// Which
    #[arg(value_parser = uuid)]
    breach_id: String,
    /// What went to this recipient
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    recipient_id: Option<String>,
    /// What went to this service
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    service_id: Option<String>,
    /// What this member of staff sent, told or opened
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    staff_id: Option<String>,
    /// Not before (2026-11-22T09:30:00Z or 2026-11-22)
    #[arg(long, value_name = "TIME", value_parser = moment)]
    not_before: Option<String>,
    /// Before this
    #[arg(long, value_name = "TIME", value_parser = moment)]
    until: Option<String>,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

const REPORT_EXAMPLE: &str = "\
Example:
  referral-ledger protection breach report device_lost --known-at 2026-11-22T09:30:00Z";

const ASSESS_EXAMPLE: &str = "\
Example:
  referral-ledger protection breach assess ID --harms confidentiality --categories contact \
    --people-at-least 3 --records-at-least 3 --consequences located --risk high";

const REPORT: &str = "referral.breach.v1.BreachService/ReportBreach";
const LIST: &str = "referral.breach.v1.BreachService/ListBreaches";
const SHOW: &str = "referral.breach.v1.BreachService/GetBreach";
const VIEW: &str = "referral.breach.v1.BreachService/ViewBreach";
const ASSESS: &str = "referral.breach.v1.BreachService/AssessBreach";
const NOTIFY: &str = "referral.breach.v1.BreachService/NotifyBreach";
const TELL: &str = "referral.breach.v1.BreachService/TellBreach";
const WITHHOLD: &str = "referral.breach.v1.BreachService/WithholdBreach";
const CLOSE: &str = "referral.breach.v1.BreachService/CloseBreach";
const AFFECTED: &str = "referral.breach.v1.BreachService/TraceBreach";
