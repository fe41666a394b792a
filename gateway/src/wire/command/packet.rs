//! Commands of packets (MISSION C3, C7).

use ledger::domain::codes::ViewPurpose;
use ledger::domain::command::{Command, TakingDown};
use ledger::domain::event::{PublicText, ViewTarget};
use ledger::domain::ids::CaseId;
use ledger::domain::incoming::Sender;
use ledger::domain::stream::StreamId;
use ledger::ledger::Entry;
use ledger::packet::Trusted;
use proto::common::v1::{CommandMeta, Outcome};
use proto::intake::v1::{RecordIncomingResponse, TakePacketRequest, TakePacketResponse};
use proto::referral::v1::{MakePacketRequest, MakePacketResponse};

use super::{CommandMessage, command_message, referral_in_case};
use crate::wire::Checked;
use crate::wire::answer::AnswerMessage;
use crate::wire::codes::code;

command_message!(MakePacketRequest => MakePacketResponse, by referral, |message, found| {
    let (case, referral) =
        referral_in_case(message.case_id.as_deref(), &message.referral_id, found)?;
    Command::ViewPersonalData {
        case,
        target: ViewTarget::Referral(referral),
        purpose: ViewPurpose::Packet,
    }
});

/// A packet that is to be taken in, and what a known ledger signed of it.
pub struct Taking {
    /// What was asked.
    pub message: TakePacketRequest,
    /// What its note says.
    pub trusted: Trusted,
}

impl CommandMessage for Taking {
    type Answer = TakePacketResponse;

    fn take_meta(&mut self) -> Option<CommandMeta> {
        self.message.meta.take()
    }

    fn command(self, _found: Option<CaseId>) -> Checked<Command> {
        let Self { message, trusted } = self;
        // As a sender's reference is written: capitals and digits.
        let reference = trusted.reference().to_string().to_uppercase();
        Ok(Command::RecordIncoming(TakingDown {
            from: Sender::Organisation(trusted.from()),
            channel: code(message.channel, "channel")?,
            urgency: trusted.urgency(),
            reference: Some(PublicText(reference)),
            consent: trusted.consent(),
            packet: Some(trusted),
        }))
    }
}

impl AnswerMessage for TakePacketResponse {
    fn answer(outcome: Outcome, entries: &[Entry]) -> Self {
        let RecordIncomingResponse {
            outcome,
            incoming_id,
            answer_by,
        } = RecordIncomingResponse::answer(outcome, entries);
        let came_before = incoming_id.is_empty();
        let mut streams = entries.iter().map(|entry| entry.record.stream);
        let before = streams.find_map(|stream| {
            if let StreamId::Incoming(id) = stream {
                came_before.then(|| id.to_string())
            } else {
                None
            }
        });
        Self {
            outcome,
            incoming_id: before.unwrap_or(incoming_id),
            answer_by,
            came_before,
        }
    }
}
