//! `consent` and `protection`: what persons agree to, take back, and what became of their keys.

use clap::{Args, Subcommand, ValueEnum};
use ledger::domain::codes::{Channel, ExceptionKind, ExceptionReason, ExceptionTold};
use serde::Serialize;
use serde_json::Value;

use super::breach::Breach;
use super::certificate::{Certificate, Certify};
use super::contact::{CONTACT_EXAMPLE, Contact, Renew};
use super::copy::Copy;
use super::given::Disclosed;
use super::notice::Notice;
use super::shared::{ConsentArgs, PageArgs, ScopeArgs, Verdict, uuid};
use super::{Ask, exception};
use crate::cli::call::{Call, Meta, codes};
use crate::cli::confirm::confirmed;
use crate::cli::failure::Failure;

/// Consents and the exceptions to them.
#[derive(Subcommand)]
pub(crate) enum Consent {
    /// Record a consent, an assent or a decision in its place
    Give(Box<Give>),
    /// Record that a particular consent was refused
    Refuse(Refuse),
    /// Give a consent anew: it goes on as it was until another day
    Renew(Box<Renew>),
    /// Record how a person agrees to be contacted; without it they are not
    #[command(after_help = CONTACT_EXAMPLE)]
    Contact(Box<Contact>),
    /// Withdraw a consent, or all of a person's
    Withdraw(Box<Withdraw>),
    /// Take a withdrawal back before anything was destroyed
    Undo(Undo),
    /// List consents in force
    List(List),
    /// Use an exception to confidentiality; a second person must decide on it
    Exception(Box<Exception>),
    /// Confirm an exception that somebody else used, or not
    Decide(Decide),
    /// Record whether the person was told of an exception, and how, or why not
    #[command(after_help = exception::TOLD_EXAMPLE)]
    Told(exception::Told),
    /// Say what came of looking at an exception afterwards, as neither who used it nor who decided
    #[command(after_help = exception::REVIEW_EXAMPLE)]
    Review(exception::Review),
    /// The prepared procedures for reports that a law obliges to, step by step
    Procedures,
}

/// What became of a person's data.
#[derive(Subcommand)]
pub(crate) enum Protection {
    /// Show what was withdrawn, what is destroyed and what waits
    Status(ErasureStatus),
    /// Withdraw a consent, or all of a person's
    Withdraw(Box<Withdraw>),
    /// Take a withdrawal back before anything was destroyed
    Undo(Undo),
    /// A copy of the personal data for the person; that they were seen is recorded first
    Copy(Copy),
    /// Certificates of erasure: list them, or keep the newest as a file or a page
    Certificate(Certificate),
    /// What left, to whom, when and on which ground: of a case (also as a page for the person), or
    /// to a recipient
    #[command(after_help = DISCLOSED_EXAMPLE)]
    Disclosed(Disclosed),
    /// Issue a certificate again, where there is more to say by now
    Certify(Certify),
    /// Record that a recipient is to be asked to stop, return or destroy, was asked, or answered
    Notice(Notice),
    /// The register of breaches: report, assess, notify, tell, close; who could be affected
    #[command(subcommand)]
    Breach(Box<Breach>),
    /// Cut the ciphertext of destroyed keys out of the server's files now
    CutOut(CutOut),
    /// After a restore: say that the withdrawals that may be missing were entered again; sending
    /// goes on
    ConfirmWithdrawals(ConfirmWithdrawals),
}

impl Consent {
    /// The call that this asks for.
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        match self {
            Self::Give(it) => Call::command(GIVE, it, &it.meta),
            Self::Refuse(it) => Call::command(REFUSE, it, &it.meta),
            Self::Renew(it) => it.call(),
            Self::Contact(it) => it.call(),
            Self::Withdraw(it) => it.call(),
            Self::Undo(it) => Call::command(UNDO, it, &it.meta),
            Self::List(it) => Call::question(LIST, it),
            Self::Exception(it) => Call::command(EXCEPTION, it, &it.meta),
            Self::Decide(it) => Call::command(DECIDE, it, &it.meta),
            Self::Told(it) => it.call(),
            Self::Review(it) => it.call(),
            Self::Procedures => exception::procedures(),
        }
    }
}

impl Protection {
    /// What this comes to.
    pub(super) fn ask(&self) -> Result<Ask, Failure> {
        let call = match self {
            Self::Status(it) => Call::question(ERASURE_STATUS, it),
            Self::Withdraw(it) => it.call(),
            Self::Undo(it) => Call::command(UNDO, it, &it.meta),
            Self::Copy(it) => {
                return it.ask().map(|(call, paper)| Ask::Copy(call, paper));
            }
            Self::Certificate(it) => {
                return it.ask().map(|(call, files)| Ask::Certificate(call, files));
            }
            Self::Disclosed(it) => return it.ask().map(|(call, html)| Ask::Disclosed(call, html)),
            Self::Certify(it) => it.call(),
            Self::Breach(it) => it.call(),
            Self::CutOut(it) => Call::command(CUT_OUT, it, &it.meta),
            Self::Notice(it) => it.call(),
            Self::ConfirmWithdrawals(it) => Call::command(CONFIRM, it, &it.meta),
        };
        call.map(Ask::Once)
    }
}

/// Flags of `protection confirm-withdrawals`.
#[derive(Args, Serialize)]
pub(crate) struct ConfirmWithdrawals {
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `consent give`.
#[derive(Args, Serialize)]
pub(crate) struct Give {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Whose data (required)
    #[arg(long, value_parser = uuid, value_name = "UUID", required_unless_present = "from")]
    person_id: Option<String>,
    /// Who gave it; leave out for a best-interests decision
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    given_by_id: Option<String>,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    consent: ConsentArgs,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `consent refuse`.
#[derive(Args, Serialize)]
pub(crate) struct Refuse {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Whose data (required)
    #[arg(long, value_parser = uuid, value_name = "UUID", required_unless_present = "from")]
    person_id: Option<String>,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `protection cut-out`.
#[derive(Args, Serialize)]
pub(crate) struct CutOut {
    /// Only what was destroyed so many days ago, or earlier
    #[arg(long, default_value_t = 0, value_name = "N")]
    after_days: u32,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// When the keys of a withdrawn consent are destroyed.
#[derive(Clone, core::marker::Copy, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
enum Shred {
    /// At once, as the person asks
    #[value(name = "at_once")]
    AtOnce,
    /// After the configured period, in which it can be undone
    #[value(name = "after_period")]
    AfterPeriod,
}

/// Flags of `consent withdraw`.
#[derive(Args, Serialize)]
pub(crate) struct Withdraw {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Whose; the client's if not said
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    person_id: Option<String>,
    /// Which; all that are in force if not said
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    consent_id: Option<String>,
    /// When the keys are destroyed (required)
    #[arg(
        long,
        required_unless_present = "from",
        value_name = "at_once|after_period"
    )]
    shred: Option<Shred>,
    /// Do not ask whether all consents of the person are meant
    #[arg(long)]
    #[serde(skip)]
    yes: bool,
    #[command(flatten, next_help_heading = "Only this part of it")]
    part: ScopeArgs,
    /// Only tell what it would come to: what stops, who is asked, what goes and what stays
    #[arg(long)]
    #[serde(skip)]
    preview: bool,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

impl Withdraw {
    /// The call; keys of everything that a person agreed to are not destroyed by a slip.
    fn call(&self) -> Result<Call, Failure> {
        let path = if self.preview { PREVIEW } else { WITHDRAW };
        let call = Call::command(path, self, &self.meta)?;
        let at_once = call.body.get("shred") == Some(&Value::from("at_once"));
        let whole = call.body.get("consent_id").is_none() && call.body.get("part").is_none();
        if at_once && whole && !self.preview {
            confirmed(ALL_AT_ONCE, self.yes)?;
        }
        Ok(call)
    }
}

const ALL_AT_ONCE: &str = "\
This withdraws every consent of the person in this case and destroys its keys at once: what was
written on them is unreadable to everyone from then on, and nobody can undo it. For one consent give
--consent-id; for a period in which it can be undone, --shred after_period.";

/// Flags of `consent undo`.
#[derive(Args, Serialize)]
pub(crate) struct Undo {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Which consent
    #[arg(value_parser = uuid)]
    consent_id: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `consent list`.
#[derive(Args, Serialize)]
pub(crate) struct List {
    /// Only of this case
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    case_id: Option<String>,
    /// Only of this person
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    person_id: Option<String>,
    /// Only those that name this organisation as a recipient
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    recipient_id: Option<String>,
    #[command(flatten)]
    page: PageArgs,
}

/// Flags of `consent exception`.
#[derive(Args, Serialize)]
pub(crate) struct Exception {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Which of the two (required)
    #[arg(long, value_parser = codes(ExceptionKind::ALL, ExceptionKind::code))]
    #[arg(required_unless_present = "from")]
    kind: Option<String>,
    /// Why (required)
    #[arg(long, value_parser = codes(ExceptionReason::ALL, ExceptionReason::code))]
    #[arg(required_unless_present = "from")]
    reason: Option<String>,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Whether the person was told; it may be said later (`consent told`)
    #[arg(long, value_parser = codes(ExceptionTold::ALL, ExceptionTold::code))]
    told: Option<String>,
    /// How, where the person was told or it was tried
    #[arg(long, value_parser = codes(Channel::ALL, Channel::code))]
    told_by: Option<String>,
    /// The prepared procedure that a report goes by (`consent procedures`): a legal mandate has one
    #[arg(long, value_name = "NAME")]
    procedure: Option<String>,
    /// The reasons in words (better in --from FILE: others can see command lines)
    #[arg(long)]
    note: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `consent decide`.
#[derive(Args, Serialize)]
pub(crate) struct Decide {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Which exception
    #[arg(value_parser = uuid)]
    exception_id: String,
    #[command(flatten)]
    #[serde(flatten)]
    verdict: Verdict,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `protection status`.
#[derive(Args, Serialize)]
pub(crate) struct ErasureStatus {
    /// Of which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Only of this consent
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    consent_id: Option<String>,
}

const GIVE: &str = "referral.consent.v1.ConsentService/GiveConsent";
const REFUSE: &str = "referral.consent.v1.ConsentService/RefuseConsent";
const EXCEPTION: &str = "referral.consent.v1.ConsentService/InvokeException";
const DECIDE: &str = "referral.consent.v1.ConsentService/DecideException";
const LIST: &str = "referral.consent.v1.ConsentService/ListConsents";
const WITHDRAW: &str = "referral.protection.v1.DataProtectionService/WithdrawConsent";
const PREVIEW: &str = "referral.protection.v1.DataProtectionService/PreviewWithdrawal";
const UNDO: &str = "referral.protection.v1.DataProtectionService/UndoWithdrawal";
const CUT_OUT: &str = "referral.protection.v1.DataProtectionService/CutOut";
const CONFIRM: &str = "referral.protection.v1.DataProtectionService/ConfirmWithdrawals";
const ERASURE_STATUS: &str = "referral.protection.v1.DataProtectionService/GetErasureStatus";
const DISCLOSED_EXAMPLE: &str = "Examples:
  referral-ledger protection disclosed 7d0f3c52-6a41-4e0b-9f2d-1c8e5b7a9034 --html page.html
  referral-ledger protection disclosed --recipient-id 3b0e1f6a-27c4-4d9e-8a51-6f0c2d9b7e18 \\
    --from 2026-01-01";
