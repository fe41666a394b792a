//! `referral`: from draft to completed, the worklist, and what a referral says.

use clap::{Args, Subcommand};
use ledger::domain::codes::{
    Channel, DataCategory, FollowUpItem, FollowUpOutcome, RecallAnswer, ReferralReason,
    ReferralState, Urgency, ViewPurpose,
};
use serde::Serialize;

use super::consult::{CONFIRM_CONSULT, CONSULT};
pub(crate) use super::consult::{ConfirmConsult, Consult};
use super::inquiry::{ARRANGE, Arrange};
pub(crate) use super::packet::{MakePacket, TakeReply};
use super::shared::{ItemArg, PageArgs, item, uuid};
use super::{Ask, once_or_follow};
use crate::cli::call::{Call, Meta, codes};
use crate::cli::failure::Failure;

/// Referrals and the worklist.
#[derive(Subcommand)]
pub(crate) enum Referral {
    /// Draft a referral
    Draft(Draft),
    /// Write a draft again
    Revise(Revise),
    /// Send a draft back for correction
    Return(WithReason),
    /// Sign a draft off
    Review(Review),
    /// Record what a specialist advises on a referral of a suspected case, before it is sent
    Consult(Consult),
    /// Say, as the specialist, whether you advised so
    ConfirmConsult(ConfirmConsult),
    /// Record where accompaniment, transport or an interpreter stands
    Arrange(Arrange),
    /// Record that the person was told what they would pay, and wants to go all the same
    TellFees(TellFees),
    /// Send a referral to the service
    Send(Send),
    /// Confirm receipt
    Receive(Step),
    /// Accept
    Accept(Step),
    /// Do not accept
    Decline(WithReason),
    /// The help was given
    Complete(Step),
    /// The help was not given
    Fail(WithReason),
    /// Recall; what was sent is asked back, and the recipient answers
    Recall(WithReason),
    /// Say what became of a referral that was asked back
    AnswerRecall(AnswerRecall),
    /// The person does not want it any more
    Cancel(Cancel),
    /// Record a follow-up
    FollowUp(FollowUp),
    /// Record a disclosure that already happened
    Disclosure(Disclosure),
    /// The worklist: what waits, for whom, since when, late or not
    List(List),
    /// Show where a referral stands
    Show(Show),
    /// Show what happened to a referral, oldest first
    History(History),
    /// Open what a referral says; that it was seen is recorded first
    View(View),
    /// Follow changes as they happen, one JSON object per line, until Ctrl-C
    Watch(Watch),
    /// Make the encrypted file of a referral that was sent; its passphrase takes another road
    Packet(MakePacket),
    /// Take in the reply to such a file: where the referral stands with its recipient
    TakeReply(TakeReply),
}

impl Referral {
    /// The call that this asks for.
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        match self {
            Self::Draft(it) => Call::command(DRAFT, it, &it.meta),
            Self::Revise(it) => Call::command(REVISE, it, &it.meta),
            Self::Return(it) => Call::command(RETURN, it, &it.meta),
            Self::Review(it) => Call::command(REVIEW, it, &it.meta),
            Self::Consult(it) => Call::command(CONSULT, it, &it.meta),
            Self::ConfirmConsult(it) => Call::command(CONFIRM_CONSULT, it, &it.meta),
            Self::Arrange(it) => Call::command(ARRANGE, it, &it.meta),
            Self::TellFees(it) => Call::command(TELL_FEES, it, &it.meta),
            Self::Send(it) => Call::command(SEND, it, &it.meta),
            Self::Receive(it) => Call::command(RECEIVE, it, &it.meta),
            Self::Accept(it) => Call::command(ACCEPT, it, &it.meta),
            Self::Decline(it) => Call::command(DECLINE, it, &it.meta),
            Self::Complete(it) => Call::command(COMPLETE, it, &it.meta),
            Self::Fail(it) => Call::command(FAIL, it, &it.meta),
            Self::Recall(it) => Call::command(RECALL, it, &it.meta),
            Self::AnswerRecall(it) => Call::command(ANSWER_RECALL, it, &it.meta),
            Self::Cancel(it) => Call::command(CANCEL, it, &it.meta),
            Self::FollowUp(it) => Call::command(FOLLOW_UP, it, &it.meta),
            Self::Disclosure(it) => Call::command(DISCLOSURE, it, &it.meta),
            Self::List(it) => Call::question(LIST, it),
            Self::Show(it) => Call::question(GET, it),
            Self::History(it) => Call::question(HISTORY, it),
            Self::View(it) => Call::command(VIEW, it, &it.meta),
            Self::Watch(it) => Call::question(WATCH, it),
            Self::Packet(it) => it.call(),
            Self::TakeReply(it) => it.call(),
        }
    }

    /// What this comes to.
    pub(super) fn ask(&self) -> Result<Ask, Failure> {
        let call = self.call()?;
        if let Self::Packet(it) = self {
            return Ok(it.ask(call));
        }
        if let Self::TakeReply(it) = self {
            return Ok(it.ask(call));
        }
        Ok(once_or_follow(call, self.streams()))
    }

    /// Whether the answer is a stream.
    pub(crate) fn streams(&self) -> bool {
        matches!(self, Self::Watch(_))
    }
}

/// Which referral.
#[derive(Args, Serialize)]
pub(super) struct Which {
    /// Which referral
    #[arg(value_parser = uuid)]
    referral_id: String,
    /// In which case; the referral is enough
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    case_id: Option<String>,
}

/// Flags of `referral draft`.
#[derive(Args, Serialize)]
pub(crate) struct Draft {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// To which service (required)
    #[arg(long, value_parser = uuid, value_name = "UUID", required_unless_present = "from")]
    service_id: Option<String>,
    /// How quickly (required)
    #[arg(long, value_parser = codes(Urgency::ALL, Urgency::code))]
    #[arg(required_unless_present = "from")]
    urgency: Option<String>,
    /// The consent or exception its content rests on; the record's own if not said
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    ground_id: Option<String>,
    /// The content, one per category (better in --from FILE: others can see command lines)
    #[arg(long = "item", value_parser = item, value_name = "CATEGORY=TEXT")]
    items: Vec<ItemArg>,
    /// The referral that this one follows after "not accepted"
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    follows_id: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `referral revise`.
#[derive(Args, Serialize)]
pub(crate) struct Revise {
    #[command(flatten)]
    #[serde(flatten)]
    which: Which,
    /// The consent or exception its content rests on; the record's own if not said
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    ground_id: Option<String>,
    /// The content now (better in --from FILE: others can see command lines)
    #[arg(long = "item", value_parser = item, value_name = "CATEGORY=TEXT")]
    items: Vec<ItemArg>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of steps that need a reason.
#[derive(Args, Serialize)]
pub(crate) struct WithReason {
    #[command(flatten)]
    #[serde(flatten)]
    which: Which,
    /// Why (required)
    #[arg(long, value_parser = codes(ReferralReason::ALL, ReferralReason::code))]
    #[arg(required_unless_present = "from")]
    reason: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `referral review`.
#[derive(Args, Serialize)]
pub(crate) struct Review {
    #[command(flatten)]
    #[serde(flatten)]
    which: Which,
    /// It was read back to the person
    #[arg(long)]
    read_back: bool,
    /// A copy was given, as far as safe
    #[arg(long)]
    copy_given: bool,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `referral tell-fees`.
#[derive(Args, Serialize)]
pub(crate) struct TellFees {
    #[command(flatten)]
    #[serde(flatten)]
    which: Which,
    /// The version of the prices that they were told, as `referral show` has it (required)
    #[arg(long, value_name = "N", required_unless_present = "from")]
    fees_version: Option<u64>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `referral send`.
#[derive(Args, Serialize)]
pub(crate) struct Send {
    #[command(flatten)]
    #[serde(flatten)]
    which: Which,
    /// How it travels (required)
    #[arg(long, value_parser = codes(Channel::ALL, Channel::code))]
    #[arg(required_unless_present = "from")]
    channel: Option<String>,
    #[command(flatten)]
    #[serde(skip_serializing_if = "FollowUpArgs::is_none")]
    follow_up: FollowUpArgs,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// What is agreed with the service for following up; all three or none.
#[derive(Args, Serialize)]
struct FollowUpArgs {
    /// The day on which it is followed up, as agreed with the service
    #[arg(long = "follow-up-on", value_name = "YYYY-MM-DD")]
    #[arg(requires = "follow_up_channel", requires = "follow_up_items")]
    #[serde(rename = "on")]
    follow_up_on: Option<String>,
    /// How it is followed up
    #[arg(long = "follow-up-by", value_parser = codes(Channel::ALL, Channel::code))]
    #[arg(requires = "follow_up_on")]
    #[serde(rename = "channel")]
    follow_up_channel: Option<String>,
    /// What is told then: that something is so, never what a person said
    #[arg(
        long = "follow-up-items",
        value_delimiter = ',',
        requires = "follow_up_on"
    )]
    #[arg(value_parser = codes(FollowUpItem::ALL, FollowUpItem::code))]
    #[serde(rename = "items")]
    follow_up_items: Vec<String>,
}

impl FollowUpArgs {
    fn is_none(&self) -> bool {
        self.follow_up_on.is_none()
    }
}

/// Flags of `referral answer-recall`.
#[derive(Args, Serialize)]
pub(crate) struct AnswerRecall {
    #[command(flatten)]
    #[serde(flatten)]
    which: Which,
    /// What became of it (required)
    #[arg(long, value_parser = codes(RecallAnswer::ALL, RecallAnswer::code))]
    #[arg(required_unless_present = "from")]
    answer: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `referral cancel`.
#[derive(Args, Serialize)]
pub(crate) struct Cancel {
    #[command(flatten)]
    #[serde(flatten)]
    which: Which,
    /// Who says so for a child, a caregiver or guardian in the case; the client if not said
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    asked_by_id: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of steps that need nothing more.
#[derive(Args, Serialize)]
pub(crate) struct Step {
    #[command(flatten)]
    #[serde(flatten)]
    which: Which,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `referral follow-up`.
#[derive(Args, Serialize)]
pub(crate) struct FollowUp {
    #[command(flatten)]
    #[serde(flatten)]
    which: Which,
    /// Who of the case was contacted; left out, the service was asked
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    person_id: Option<String>,
    /// What came of it (required)
    #[arg(long, value_parser = codes(FollowUpOutcome::ALL, FollowUpOutcome::code))]
    #[arg(required_unless_present = "from")]
    outcome: Option<String>,
    /// How (required)
    #[arg(long, value_parser = codes(Channel::ALL, Channel::code))]
    #[arg(required_unless_present = "from")]
    channel: Option<String>,
    /// In words (better in --from FILE: others can see command lines)
    #[arg(long)]
    note: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `referral disclosure`.
#[derive(Args, Serialize)]
pub(crate) struct Disclosure {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// To whom (required)
    #[arg(long, value_parser = uuid, value_name = "UUID", required_unless_present = "from")]
    recipient_id: Option<String>,
    /// Which data
    #[arg(long, value_delimiter = ',')]
    #[arg(value_parser = codes(DataCategory::ALL, DataCategory::code))]
    categories: Vec<String>,
    /// How (required)
    #[arg(long, value_parser = codes(Channel::ALL, Channel::code))]
    #[arg(required_unless_present = "from")]
    channel: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Which referrals are wanted.
#[derive(Args, Serialize)]
struct Filter {
    /// Only in one of these states
    #[arg(long, value_delimiter = ',')]
    #[arg(value_parser = codes(ReferralState::ALL, ReferralState::code))]
    states: Vec<String>,
    /// Only of this case
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    case_id: Option<String>,
    /// Only of cases that this organisation holds
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    organisation_id: Option<String>,
    /// Only to this organisation
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    recipient_id: Option<String>,
    /// Only to this service
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    service_id: Option<String>,
    /// Only of cases that this member of staff works on
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    assigned_id: Option<String>,
    /// Only of one of these urgencies
    #[arg(long, value_delimiter = ',', value_parser = codes(Urgency::ALL, Urgency::code))]
    urgencies: Vec<String>,
    /// Only those whose next step is late
    #[arg(long)]
    late_only: bool,
    /// Only those that are late for so long that a role of yours must see them
    #[arg(long)]
    escalated_only: bool,
    /// Only those that are not finished
    #[arg(long)]
    open_only: bool,
    /// Only those whose follow-up is due, as agreed when they were sent
    #[arg(long)]
    follow_up_due_only: bool,
    /// Only those that wait for a specialist to be consulted
    #[arg(long)]
    specialist_only: bool,
}

/// Flags of `referral list`.
#[derive(Args, Serialize)]
pub(crate) struct List {
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    page: PageArgs,
}

/// Flags of `referral show`.
#[derive(Args, Serialize)]
pub(crate) struct Show {
    /// Which referral
    #[arg(value_parser = uuid)]
    referral_id: String,
}

/// Flags of `referral history`.
#[derive(Args, Serialize)]
pub(crate) struct History {
    /// Which referral
    #[arg(value_parser = uuid)]
    referral_id: String,
    #[command(flatten)]
    page: PageArgs,
}

/// Flags of `referral view`.
#[derive(Args, Serialize)]
pub(crate) struct View {
    #[command(flatten)]
    #[serde(flatten)]
    which: Which,
    /// What for; it is recorded
    #[arg(long, value_parser = codes(ViewPurpose::ALL, ViewPurpose::code))]
    purpose: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `referral watch`.
#[derive(Args, Serialize)]
pub(crate) struct Watch {
    #[command(flatten)]
    filter: Filter,
    /// From this position of the log on; from now on if not said
    #[arg(long, value_name = "N")]
    from_position: Option<u64>,
}

const DRAFT: &str = "referral.referral.v1.ReferralService/DraftReferral";
const REVISE: &str = "referral.referral.v1.ReferralService/ReviseReferral";
const RETURN: &str = "referral.referral.v1.ReferralService/ReturnReferral";
const REVIEW: &str = "referral.referral.v1.ReferralService/ReviewReferral";
const TELL_FEES: &str = "referral.referral.v1.ReferralService/TellFees";
const SEND: &str = "referral.referral.v1.ReferralService/SendReferral";
const RECEIVE: &str = "referral.referral.v1.ReferralService/ReceiveReferral";
const ACCEPT: &str = "referral.referral.v1.ReferralService/AcceptReferral";
const DECLINE: &str = "referral.referral.v1.ReferralService/DeclineReferral";
const COMPLETE: &str = "referral.referral.v1.ReferralService/CompleteReferral";
const FAIL: &str = "referral.referral.v1.ReferralService/FailReferral";
const RECALL: &str = "referral.referral.v1.ReferralService/RecallReferral";
const ANSWER_RECALL: &str = "referral.referral.v1.ReferralService/AnswerRecall";
const CANCEL: &str = "referral.referral.v1.ReferralService/CancelReferral";
const FOLLOW_UP: &str = "referral.referral.v1.ReferralService/RecordFollowUp";
const DISCLOSURE: &str = "referral.referral.v1.ReferralService/RecordDisclosure";
const LIST: &str = "referral.tracking.v1.TrackingService/ListReferrals";
const GET: &str = "referral.tracking.v1.TrackingService/GetReferral";
const HISTORY: &str = "referral.tracking.v1.TrackingService/GetHistory";
const VIEW: &str = "referral.tracking.v1.TrackingService/ViewPersonalData";
const WATCH: &str = "referral.tracking.v1.TrackingService/WatchReferrals";
