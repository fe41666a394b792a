//! Commands of `RightsService`.

use ledger::domain::command::*;
use proto::rights::v1::*;

use super::command_message;
use crate::wire::codes::{code, optional, set};
use crate::wire::field::{id, optional_id, required};
use crate::wire::shared::correction;

command_message!(ReceiveRequestRequest => ReceiveRequestResponse, |message| {
    Command::ReceiveRequest(Asking {
        case: id(&message.case_id, "case_id")?,
        person: optional_id(message.person_id.as_deref(), "person_id")?,
        kind: code(message.kind, "kind")?,
        by: code(message.requested_by, "requested_by")?,
        categories: set(&message.categories, "categories")?,
        channel: code(message.channel, "channel")?,
    })
});

command_message!(CheckIdentityRequest => CheckIdentityResponse, |message| {
    Command::CheckIdentity(Identifying {
        case: id(&message.case_id, "case_id")?,
        request: id(&message.subject_request_id, "subject_request_id")?,
        outcome: code(message.outcome, "outcome")?,
    })
});

command_message!(ExtendRequestRequest => ExtendRequestResponse, |message| {
    Command::ExtendRequest(Extending {
        case: id(&message.case_id, "case_id")?,
        request: id(&message.subject_request_id, "subject_request_id")?,
        reason: code(message.reason, "reason")?,
        told: code(message.told, "told")?,
        channel: optional(message.channel, "channel")?,
    })
});

command_message!(AdviseRequestRequest => AdviseRequestResponse, |message| {
    Command::AdviseRequest(Advising {
        case: id(&message.case_id, "case_id")?,
        request: id(&message.subject_request_id, "subject_request_id")?,
        answer: code(message.answer, "answer")?,
        reason: optional(message.reason, "reason")?,
    })
});

command_message!(DecideRequestRequest => DecideRequestResponse, |message| {
    Command::DecideRequest(Ruling {
        case: id(&message.case_id, "case_id")?,
        request: id(&message.subject_request_id, "subject_request_id")?,
        answer: code(message.answer, "answer")?,
        reason: optional(message.reason, "reason")?,
        categories: set(&message.categories, "categories")?,
    })
});

command_message!(CarryOutRequestRequest => CarryOutRequestResponse, |message| {
    Command::CarryOutRequest(CarryingOut {
        case: id(&message.case_id, "case_id")?,
        request: id(&message.subject_request_id, "subject_request_id")?,
    })
});

command_message!(CloseRequestRequest => CloseRequestResponse, |message| {
    Command::CloseRequest(Closing {
        case: id(&message.case_id, "case_id")?,
        request: id(&message.subject_request_id, "subject_request_id")?,
        end: code(message.end, "end")?,
        told: code(message.told, "told")?,
        channel: code(message.channel, "channel")?,
    })
});

command_message!(LiftRestrictionRequest => LiftRestrictionResponse, |message| {
    Command::LiftRestriction(Lifting {
        case: id(&message.case_id, "case_id")?,
        request: id(&message.subject_request_id, "subject_request_id")?,
        told: code(message.told, "told")?,
        channel: optional(message.channel, "channel")?,
    })
});

command_message!(CorrectPersonRequest => CorrectPersonResponse, |message| {
    Command::CorrectPerson(Correcting {
        case: id(&message.case_id, "case_id")?,
        person: id(&message.person_id, "person_id")?,
        identity: correction(required(message.identity, "identity")?)?,
    })
});
