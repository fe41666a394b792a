//! `staff` and `token`: who works here, as what, and with which tokens.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, Subcommand};
use ledger::clock::{Clock, DAY_MS, SystemClock, SystemEntropy};
use ledger::domain::codes::{Role, Training};
use ledger::domain::ids::StaffId;
use serde::Serialize;
use serde_json::json;

use super::Ask;
use super::shared::{PageArgs, Verdict, day, uuid};
use crate::cli::call::{Call, Meta, codes};
use crate::cli::failure::Failure;
use crate::cli::secret::Secret;

/// Staff and their roles.
#[derive(Subcommand)]
pub(crate) enum Staff {
    /// Register a member of staff
    Register(Register),
    /// Give a role, or ask for it where a second person has to give it
    Grant(RoleOf),
    /// Give a role that somebody else asked for, or not
    Decide(Decide),
    /// Take a role
    Revoke(RoleOf),
    /// Record the day on which a colleague was trained, or signed the code of conduct
    #[command(after_help = TRAIN_EXAMPLE)]
    Train(Train),
    /// Name who stands in for you while you are absent; for somebody else a second person decides
    #[command(after_help = DEPUTY_EXAMPLE)]
    Deputy(NameDeputy),
    /// Let a colleague stand in whom somebody else asked for, or do not
    DecideDeputy(DecideDeputy),
    /// End that a colleague stands in, before the last day
    EndDeputy(EndDeputy),
    /// List who stands in for whom, now or later
    Deputies,
    /// List staff with their roles and tokens, and what waits for a second person; without names
    List(List),
    /// Open name and contact of a colleague; that they were seen is recorded first
    View(View),
}

/// Bearer tokens.
#[derive(Subcommand)]
pub(crate) enum Token {
    /// Make a token here and tell the server its SHA-256; the token is printed once
    Issue(Issue),
    /// Let a token work that somebody else made, or not
    Decide(DecideToken),
    /// Stop a token
    Revoke(Revoke),
}

impl Staff {
    /// The call that this asks for.
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        match self {
            Self::Register(it) => {
                let mut call = Call::command(REGISTER, it, &it.meta)?;
                if let Some(fields) = call.body.as_object_mut() {
                    let fresh = || json!(StaffId::fresh(&mut SystemEntropy).to_string());
                    fields.entry("staff_id").or_insert_with(fresh);
                }
                Ok(call)
            }
            Self::Grant(it) => Call::command(GRANT, it, &it.meta),
            Self::Revoke(it) => Call::command(REVOKE_ROLE, it, &it.meta),
            Self::Decide(it) => Call::command(DECIDE_ROLE, it, &it.meta),
            Self::Train(it) => Call::command(TRAIN, it, &it.meta),
            Self::Deputy(it) => Call::command(NAME_DEPUTY, it, &it.meta),
            Self::DecideDeputy(it) => Call::command(DECIDE_DEPUTY, it, &it.meta),
            Self::EndDeputy(it) => Call::command(END_DEPUTY, it, &it.meta),
            Self::Deputies => Call::question(DEPUTIES, &json!({})),
            Self::List(it) => Call::question(LIST, it),
            Self::View(it) => Call::command(VIEW, it, &it.meta),
        }
    }
}

impl Token {
    /// What this asks for; a new token is shown once it is in force.
    pub(super) fn ask(&self) -> Result<Ask, Failure> {
        match self {
            Self::Issue(it) => {
                let secret = Secret::fresh();
                let mut call = Call::command(ISSUE, it, &it.meta)?;
                if let Some(fields) = call.body.as_object_mut() {
                    let digest = STANDARD.encode(secret.digest());
                    fields.insert("token_sha256".to_owned(), digest.into());
                    fields.insert("expires_at".to_owned(), days_from_now(it.days).into());
                }
                Ok(Ask::Issue(call, secret))
            }
            Self::Decide(it) => Call::command(DECIDE_TOKEN, it, &it.meta).map(Ask::Once),
            Self::Revoke(it) => Call::command(REVOKE_TOKEN, it, &it.meta).map(Ask::Once),
        }
    }
}

/// The moment a number of days from now, as the API takes it.
fn days_from_now(days: u16) -> String {
    use time::OffsetDateTime;
    use time::format_description::well_known::Rfc3339;
    let end = SystemClock.now().plus_ms(u64::from(days) * DAY_MS).0 / 1000;
    let end = i64::try_from(end).unwrap_or(i64::MAX);
    let end = OffsetDateTime::from_unix_timestamp(end);
    end.ok()
        .and_then(|end| end.format(&Rfc3339).ok())
        .unwrap_or_default()
}

/// Flags of `staff register`.
#[derive(Args, Serialize)]
pub(crate) struct Register {
    /// Of which organisation (required)
    #[arg(long, value_parser = uuid, value_name = "UUID", required_unless_present = "from")]
    organisation_id: Option<String>,
    /// Name and contact (better in --from FILE: others can see command lines) (required)
    #[arg(long, required_unless_present = "from")]
    name: Option<String>,
    /// First roles
    #[arg(long, value_delimiter = ',', value_parser = codes(Role::ALL, Role::code))]
    roles: Vec<String>,
    /// The new member's id; a fresh one if not said
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    staff_id: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `staff grant` and `staff revoke`.
#[derive(Args, Serialize)]
pub(crate) struct RoleOf {
    /// Whose
    #[arg(value_parser = uuid)]
    staff_id: String,
    /// Which
    #[arg(value_parser = codes(Role::ALL, Role::code))]
    role: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `staff decide`.
#[derive(Args, Serialize)]
pub(crate) struct Decide {
    /// Whose
    #[arg(value_parser = uuid)]
    staff_id: String,
    /// Which role
    #[arg(value_parser = codes(Role::ALL, Role::code))]
    role: String,
    #[command(flatten)]
    #[serde(flatten)]
    verdict: Verdict,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `staff train`.
#[derive(Args, Serialize)]
pub(crate) struct Train {
    /// Who
    #[arg(value_parser = uuid)]
    staff_id: String,
    /// What they went through
    #[arg(value_parser = codes(Training::ALL, Training::code))]
    training: String,
    /// On which day
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    on: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `staff deputy`.
#[derive(Args, Serialize)]
pub(crate) struct NameDeputy {
    /// Who stands in
    #[arg(value_parser = uuid)]
    staff_id: String,
    /// For whom
    #[arg(long = "for", value_parser = uuid, value_name = "UUID")]
    absent_id: String,
    /// The first day
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    first_day: String,
    /// The last day
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    last_day: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `staff decide-deputy`.
#[derive(Args, Serialize)]
pub(crate) struct DecideDeputy {
    /// Who would stand in
    #[arg(value_parser = uuid)]
    staff_id: String,
    /// For whom
    #[arg(long = "for", value_parser = uuid, value_name = "UUID")]
    absent_id: String,
    #[command(flatten)]
    #[serde(flatten)]
    verdict: Verdict,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `staff end-deputy`.
#[derive(Args, Serialize)]
pub(crate) struct EndDeputy {
    /// Who stands in
    #[arg(value_parser = uuid)]
    staff_id: String,
    /// For whom
    #[arg(long = "for", value_parser = uuid, value_name = "UUID")]
    absent_id: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `staff view`.
#[derive(Args, Serialize)]
pub(crate) struct View {
    /// Whose
    #[arg(value_parser = uuid)]
    staff_id: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `token decide`.
#[derive(Args, Serialize)]
pub(crate) struct DecideToken {
    /// Whose
    #[arg(value_parser = uuid)]
    staff_id: String,
    /// Which, by its public name
    #[arg(value_parser = uuid)]
    token_id: String,
    #[command(flatten)]
    #[serde(flatten)]
    verdict: Verdict,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `staff list`.
#[derive(Args, Serialize)]
pub(crate) struct List {
    /// Only of this organisation
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    organisation_id: Option<String>,
    #[command(flatten)]
    page: PageArgs,
}

/// Flags of `token issue`.
#[derive(Args, Serialize)]
pub(crate) struct Issue {
    /// For whom
    #[arg(value_parser = uuid)]
    staff_id: String,
    /// In how many days it stops working
    #[arg(long, default_value_t = 90, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    #[serde(skip)]
    days: u16,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `token revoke`.
#[derive(Args, Serialize)]
pub(crate) struct Revoke {
    /// Whose
    #[arg(value_parser = uuid)]
    staff_id: String,
    /// Which, by its public name
    #[arg(value_parser = uuid)]
    token_id: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

const TRAIN_EXAMPLE: &str = "Example:\n  referral-ledger staff train \
                             0b9d7c1e-4f0a-4c58-9d52-5d0e8f0a1b2c code_of_conduct --on 2026-11-02";
const DEPUTY_EXAMPLE: &str = "Example:\n  referral-ledger staff deputy \
                              0b9d7c1e-4f0a-4c58-9d52-5d0e8f0a1b2c --for \
                              3f2b8c1e-0d4a-4a57-9b1c-6c1a2e5d7f00 --first-day 2026-12-21 \
                              --last-day 2027-01-08";
const NAME_DEPUTY: &str = "referral.admin.v1.AdminService/NameDeputy";
const DECIDE_DEPUTY: &str = "referral.admin.v1.AdminService/DecideDeputy";
const END_DEPUTY: &str = "referral.admin.v1.AdminService/EndDeputy";
const DEPUTIES: &str = "referral.admin.v1.AdminService/ListDeputies";
const TRAIN: &str = "referral.admin.v1.AdminService/RecordTraining";
const REGISTER: &str = "referral.admin.v1.AdminService/RegisterStaff";
const GRANT: &str = "referral.admin.v1.AdminService/GrantRole";
const REVOKE_ROLE: &str = "referral.admin.v1.AdminService/RevokeRole";
const DECIDE_ROLE: &str = "referral.admin.v1.AdminService/DecideRole";
const DECIDE_TOKEN: &str = "referral.admin.v1.AdminService/DecideToken";
const VIEW: &str = "referral.admin.v1.AdminService/ViewStaff";
const LIST: &str = "referral.admin.v1.AdminService/ListStaff";
const ISSUE: &str = "referral.admin.v1.AdminService/IssueToken";
const REVOKE_TOKEN: &str = "referral.admin.v1.AdminService/RevokeToken";
