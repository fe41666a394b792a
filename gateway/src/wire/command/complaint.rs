//! Commands of `ComplaintService`.

use ledger::domain::command::{AnsweringComplaint, Command, Complaining};
use ledger::domain::complaint::Against;
use proto::complaint::v1::record_complaint_request::Against as Named;
use proto::complaint::v1::*;

use super::command_message;
use crate::wire::Checked;
use crate::wire::codes::code;
use crate::wire::field::id;
use crate::wire::text::{long, optional_long, optional_short};

command_message!(RecordComplaintRequest => RecordComplaintResponse, |message| {
    Command::RecordComplaint(Complaining {
        kind: code(message.kind, "kind")?,
        against: message.against.map(against).transpose()?,
        anonymous: message.anonymous,
        words: long(message.words, "words")?,
        contact: optional_short(message.contact, "contact")?,
    })
});

fn against(named: Named) -> Checked<Against> {
    Ok(match named {
        Named::StaffId(text) => Against::Staff(id(&text, "staff_id")?),
        Named::ServiceId(text) => Against::Service(id(&text, "service_id")?),
        Named::OrganisationId(text) => Against::Organisation(id(&text, "organisation_id")?),
    })
}

command_message!(ViewComplaintRequest => ViewComplaintResponse, |message| {
    Command::ViewComplaint { complaint: id(&message.complaint_id, "complaint_id")? }
});

command_message!(AcknowledgeComplaintRequest => AcknowledgeComplaintResponse, |message| {
    Command::AcknowledgeComplaint {
        complaint: id(&message.complaint_id, "complaint_id")?,
        told: code(message.told, "told")?,
    }
});

command_message!(AnswerComplaintRequest => AnswerComplaintResponse, |message| {
    Command::AnswerComplaint(AnsweringComplaint {
        complaint: id(&message.complaint_id, "complaint_id")?,
        outcome: code(message.outcome, "outcome")?,
        told: code(message.told, "told")?,
        note: optional_long(message.note, "note")?,
    })
});
