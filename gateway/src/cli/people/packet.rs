//! `referral packet`, `referral take-reply`, `incoming take-packet`, `incoming reply`: a referral,
//! and where it stands, as files between two ledgers (MISSION C3, C7).

use std::path::PathBuf;

use clap::Args;
use ledger::domain::codes::Channel;
use serde::Serialize;
use serde_json::json;

use super::Ask;
use super::referral::Which;
use super::shared::uuid;
use crate::cli::call::{Call, Meta, codes};
use crate::cli::failure::Failure;
use crate::cli::packet::{SpokenSource, encoded, read};
use crate::cli::words;

/// Flags of `referral packet`.
#[derive(Args, Serialize)]
pub(crate) struct MakePacket {
    #[command(flatten)]
    #[serde(flatten)]
    which: Which,
    /// Write the file here; a name that says nothing of anybody (required)
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    out: PathBuf,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

impl MakePacket {
    pub(super) fn call(&self) -> Result<Call, Failure> {
        Call::command(MAKE_PACKET, self, &self.meta)
    }

    pub(super) fn ask(&self, call: Call) -> Ask {
        Ask::Packet(call, "packet", self.out.clone())
    }
}

/// Flags of `referral take-reply`.
#[derive(Args, Serialize)]
pub(crate) struct TakeReply {
    /// To a packet of which referral
    #[arg(value_parser = uuid)]
    referral_id: String,
    /// The file that came back
    #[arg(id = "reply", value_name = "FILE")]
    #[serde(skip)]
    file: PathBuf,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

impl TakeReply {
    pub(super) fn call(&self) -> Result<Call, Failure> {
        Call::command(TAKE_REPLY, self, &self.meta)
    }

    pub(super) fn ask(&self, call: Call) -> Ask {
        Ask::Given(call, Given::Reply(self.file.clone()))
    }
}

/// Flags of `incoming take-packet`.
#[derive(Args, Serialize)]
pub(crate) struct TakePacket {
    /// The file that came; it stays as it is
    #[arg(id = "note", value_name = "FILE")]
    #[serde(skip)]
    file: PathBuf,
    /// How it came (required)
    #[arg(long, value_parser = codes(Channel::ALL, Channel::code))]
    #[arg(required_unless_present = "from")]
    channel: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    source: SpokenSource,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

impl TakePacket {
    pub(super) fn call(&self) -> Result<Call, Failure> {
        Call::command(TAKE_PACKET, self, &self.meta)
    }

    pub(super) fn ask(&self, call: Call) -> Ask {
        let given = Given::Packet(self.file.clone(), self.source.clone());
        Ask::Given(call, given)
    }
}

/// Flags of `incoming reply`.
#[derive(Args, Serialize)]
pub(crate) struct MakeReply {
    /// To which incoming referral
    #[arg(value_parser = uuid)]
    incoming_id: String,
    /// How the reply travels (required)
    #[arg(long, value_parser = codes(Channel::ALL, Channel::code))]
    #[arg(required_unless_present = "from")]
    channel: Option<String>,
    /// Write the file here (required)
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    out: PathBuf,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

impl MakeReply {
    pub(super) fn call(&self) -> Result<Call, Failure> {
        Call::command(MAKE_REPLY, self, &self.meta)
    }

    pub(super) fn ask(&self, call: Call) -> Ask {
        Ask::Packet(call, "reply", self.out.clone())
    }
}

/// A file that a call takes something from.
pub(super) enum Given {
    /// All of it.
    Reply(PathBuf),
    /// The signed text alone: the words about the person stay on this machine.
    Packet(PathBuf, SpokenSource),
}

impl Given {
    /// The call with what it takes from the file.
    pub(super) fn into(self, mut call: Call) -> Result<Call, Failure> {
        let fields = match self {
            Self::Reply(path) => json!({ "reply": encoded(&read(&path)?) }),
            Self::Packet(path, source) => json!({ "note": source.open(&path)?.note }),
        };
        words::lay_over(&mut call.body, fields);
        Ok(call)
    }
}

const MAKE_PACKET: &str = "referral.referral.v1.ReferralService/MakePacket";
const TAKE_REPLY: &str = "referral.referral.v1.ReferralService/TakeReply";
const TAKE_PACKET: &str = "referral.intake.v1.IntakeService/TakePacket";
const MAKE_REPLY: &str = "referral.intake.v1.IntakeService/MakeReply";
