//! `incoming`: referrals that come in from outside, by any channel.

use clap::{Args, Subcommand};
use ledger::domain::codes::{
    Channel, ConsentClaim, IncomingDecision, IncomingFinding, PersonTold, ReferralReason,
    SenderClass, Urgency,
};
use serde::Serialize;

use super::Ask;
pub(crate) use super::packet::{MakeReply, TakePacket};
use super::shared::{PageArgs, uuid};
use crate::cli::call::{Call, Meta, codes};
use crate::cli::failure::Failure;

/// Referrals that come in from outside.
#[derive(Subcommand)]
pub(crate) enum Incoming {
    /// Take one down, by whatever channel it came; nothing about the person
    #[command(after_help = RECORD_EXAMPLE)]
    Record(Record),
    /// Record what looking at it came to
    Assess(Assess),
    /// Take it, do not, or tell the sender who takes such referrals
    Decide(Decide),
    /// Say that the sender was answered, or cannot be
    Answer(Answer),
    /// Say in the person's case, opened with their own consent, which one it came from
    Link(Link),
    /// List those of your organisation, open ones first
    List(List),
    /// Take in a packet of another ledger; the words about the person stay in the file
    TakePacket(TakePacket),
    /// Make the reply to a packet: where it stands with you
    Reply(MakeReply),
}

impl Incoming {
    /// The call that this asks for.
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        match self {
            Self::Record(it) => Call::command(RECORD, it, &it.meta),
            Self::Assess(it) => Call::command(ASSESS, it, &it.meta),
            Self::Decide(it) => Call::command(DECIDE, it, &it.meta),
            Self::Answer(it) => Call::command(ANSWER, it, &it.meta),
            Self::Link(it) => Call::command(LINK, it, &it.meta),
            Self::List(it) => Call::question(LIST, it),
            Self::TakePacket(it) => it.call(),
            Self::Reply(it) => it.call(),
        }
    }

    /// What this comes to.
    pub(super) fn ask(&self) -> Result<Ask, Failure> {
        let call = self.call()?;
        if let Self::Reply(it) = self {
            return Ok(it.ask(call));
        }
        if let Self::TakePacket(it) = self {
            return Ok(it.ask(call));
        }
        Ok(Ask::Once(call))
    }
}

/// Flags of `incoming record`.
#[derive(Args, Serialize)]
pub(crate) struct Record {
    /// Sent by this organisation
    #[arg(long, value_parser = uuid, value_name = "UUID", group = "sender")]
    organisation_id: Option<String>,
    /// Sent by this service
    #[arg(long, value_parser = uuid, value_name = "UUID", group = "sender")]
    service_id: Option<String>,
    /// Sent by somebody else, by kind
    #[arg(long, group = "sender")]
    #[arg(value_parser = codes(SenderClass::ALL, SenderClass::code))]
    sender_class: Option<String>,
    /// How it came (required)
    #[arg(long, value_parser = codes(Channel::ALL, Channel::code))]
    #[arg(required_unless_present = "from")]
    channel: Option<String>,
    /// How quickly it must be answered (required)
    #[arg(long, value_parser = codes(Urgency::ALL, Urgency::code))]
    #[arg(required_unless_present = "from")]
    urgency: Option<String>,
    /// What the sender calls it: capitals, digits and -/. with a digit among them; never a name
    #[arg(long, value_name = "CODE")]
    reference: Option<String>,
    /// What the sender says of the person's consent (required)
    #[arg(long, value_parser = codes(ConsentClaim::ALL, ConsentClaim::code))]
    #[arg(required_unless_present = "from")]
    consent_claim: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `incoming assess`.
#[derive(Args, Serialize)]
pub(crate) struct Assess {
    /// Which
    #[arg(value_parser = uuid)]
    incoming_id: String,
    /// What looking at it came to (required)
    #[arg(long, value_parser = codes(IncomingFinding::ALL, IncomingFinding::code))]
    #[arg(required_unless_present = "from")]
    finding: Option<String>,
    /// How quickly it must be answered, as you see it; as the sender said if not said
    #[arg(long, value_parser = codes(Urgency::ALL, Urgency::code))]
    urgency: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `incoming decide`.
#[derive(Args, Serialize)]
pub(crate) struct Decide {
    /// Which
    #[arg(value_parser = uuid)]
    incoming_id: String,
    /// What is done with it (required)
    #[arg(long, value_parser = codes(IncomingDecision::ALL, IncomingDecision::code))]
    #[arg(required_unless_present = "from")]
    decision: Option<String>,
    /// Why it is not taken (required with not_taken)
    #[arg(long, value_parser = codes(ReferralReason::ALL, ReferralReason::code))]
    #[arg(required_if_eq("decision", "not_taken"))]
    reason: Option<String>,
    /// Who takes such referrals, as the sender is told, with passed_on
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    passed_to_id: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `incoming answer`.
#[derive(Args, Serialize)]
pub(crate) struct Answer {
    /// Which
    #[arg(value_parser = uuid)]
    incoming_id: String,
    /// Whether the sender was told (required)
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

/// Flags of `incoming link`.
#[derive(Args, Serialize)]
pub(crate) struct Link {
    /// The person's case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Which incoming referral it came from
    #[arg(value_parser = uuid)]
    incoming_id: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `incoming list`.
#[derive(Args, Serialize)]
pub(crate) struct List {
    /// Only those that are not done with
    #[arg(long)]
    open_only: bool,
    /// Only those whose sender was not answered in time
    #[arg(long)]
    late_only: bool,
    #[command(flatten)]
    page: PageArgs,
}

const RECORD_EXAMPLE: &str = "\
Example:
  referral-ledger incoming record --sender-class school --channel phone --urgency urgent \\
    --reference SC-2026/17 --consent-claim said --occurred-at 2026-11-20T09:30:00Z";

const RECORD: &str = "referral.intake.v1.IntakeService/RecordIncoming";
const ASSESS: &str = "referral.intake.v1.IntakeService/AssessIncoming";
const DECIDE: &str = "referral.intake.v1.IntakeService/DecideIncoming";
const ANSWER: &str = "referral.intake.v1.IntakeService/AnswerIncoming";
const LINK: &str = "referral.intake.v1.IntakeService/LinkIncoming";
const LIST: &str = "referral.intake.v1.IntakeService/ListIncoming";
