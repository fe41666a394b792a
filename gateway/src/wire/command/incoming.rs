//! Commands of `IntakeService` about referrals that come in from outside.

use ledger::domain::command::{
    AnsweringIncoming, AssessingIncoming, Command, DecidingIncoming, LinkingIncoming, TakingDown,
};
use ledger::domain::event::PublicText;
use ledger::domain::incoming::Sender;
use proto::intake::v1::record_incoming_request::Sender as Named;
use proto::intake::v1::*;

use super::command_message;
use crate::wire::Checked;
use crate::wire::codes::{code, optional};
use crate::wire::field::{id, optional_id, required};

command_message!(RecordIncomingRequest => RecordIncomingResponse, |message| {
    Command::RecordIncoming(TakingDown {
        from: sender(required(message.sender, "sender")?)?,
        channel: code(message.channel, "channel")?,
        urgency: code(message.urgency, "urgency")?,
        reference: message.reference.map(PublicText),
        consent: code(message.consent_claim, "consent_claim")?,
        packet: None,
    })
});

fn sender(named: Named) -> Checked<Sender> {
    Ok(match named {
        Named::OrganisationId(text) => Sender::Organisation(id(&text, "organisation_id")?),
        Named::ServiceId(text) => Sender::Service(id(&text, "service_id")?),
        Named::SenderClass(number) => Sender::Class(code(number, "sender_class")?),
    })
}

command_message!(AssessIncomingRequest => AssessIncomingResponse, |message| {
    Command::AssessIncoming(AssessingIncoming {
        incoming: id(&message.incoming_id, "incoming_id")?,
        finding: code(message.finding, "finding")?,
        urgency: optional(message.urgency, "urgency")?,
    })
});

command_message!(DecideIncomingRequest => DecideIncomingResponse, |message| {
    Command::DecideIncoming(DecidingIncoming {
        incoming: id(&message.incoming_id, "incoming_id")?,
        decision: code(message.decision, "decision")?,
        reason: optional(message.reason, "reason")?,
        passed_to: optional_id(message.passed_to_id.as_deref(), "passed_to_id")?,
    })
});

command_message!(AnswerIncomingRequest => AnswerIncomingResponse, |message| {
    Command::AnswerIncoming(AnsweringIncoming {
        incoming: id(&message.incoming_id, "incoming_id")?,
        told: code(message.told, "told")?,
        channel: code(message.channel, "channel")?,
    })
});

command_message!(LinkIncomingRequest => LinkIncomingResponse, |message| {
    Command::LinkIncoming(LinkingIncoming {
        case: id(&message.case_id, "case_id")?,
        incoming: id(&message.incoming_id, "incoming_id")?,
    })
});
