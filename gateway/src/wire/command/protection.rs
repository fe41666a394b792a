//! Commands of `DataProtectionService`.

use ledger::domain::codes::HoldReason;
use ledger::domain::command::{Command, ShredWish};
use proto::protection::v1 as wire;
use proto::protection::v1::*;

use super::command_message;
use crate::wire::Checked;
use crate::wire::field::{id, malformed, optional_id};
use crate::wire::shared::scope;
use crate::wire::time::required;

command_message!(WithdrawConsentRequest => WithdrawConsentResponse, |message| {
    Command::WithdrawConsent {
        case: id(&message.case_id, "case_id")?,
        person: optional_id(message.person_id.as_deref(), "person_id")?,
        consent: optional_id(message.consent_id.as_deref(), "consent_id")?,
        part: message.part.map(|part| scope(Some(part), "part")).transpose()?,
        shred: wish(message.shred)?,
    }
});

command_message!(UndoWithdrawalRequest => UndoWithdrawalResponse, |message| {
    Command::UndoWithdrawal {
        case: id(&message.case_id, "case_id")?,
        consent: id(&message.consent_id, "consent_id")?,
    }
});

command_message!(IssueCertificateRequest => IssueCertificateResponse, |message| {
    Command::IssueCertificate {
        case: id(&message.case_id, "case_id")?,
        rotation: id(&message.rotation_id, "rotation_id")?,
    }
});

command_message!(PlaceHoldRequest => PlaceHoldResponse, |message| {
    Command::PlaceHold {
        case: id(&message.case_id, "case_id")?,
        person: optional_id(message.person_id.as_deref(), "person_id")?,
        reason: hold_reason(message.reason)?,
        until: required(message.until, "until")?,
    }
});

command_message!(ReleaseHoldRequest => ReleaseHoldResponse, |message| {
    Command::ReleaseHold {
        case: id(&message.case_id, "case_id")?,
        hold: id(&message.hold_id, "hold_id")?,
    }
});

command_message!(RequestSweepRequest => RequestSweepResponse, |message| {
    Command::RequestSweep {
        sweep: id(&message.sweep_id, "sweep_id")?,
        cases: message.cases,
    }
});

command_message!(ApproveSweepRequest => ApproveSweepResponse, |message| {
    Command::ApproveSweep {
        sweep: id(&message.sweep_id, "sweep_id")?,
    }
});

fn hold_reason(number: i32) -> Checked<HoldReason> {
    match wire::HoldReason::try_from(number) {
        Ok(wire::HoldReason::LegalOrder) => Ok(HoldReason::LegalOrder),
        Ok(wire::HoldReason::LegalClaim) => Ok(HoldReason::LegalClaim),
        Ok(wire::HoldReason::Complaint) => Ok(HoldReason::Complaint),
        Ok(wire::HoldReason::Investigation) => Ok(HoldReason::Investigation),
        Ok(wire::HoldReason::Audit) => Ok(HoldReason::Audit),
        Ok(wire::HoldReason::Unspecified) | Err(_) => Err(malformed("reason")),
    }
}

/// Not said means after the period: the wish that can still be undone.
fn wish(number: i32) -> Checked<ShredWish> {
    match wire::ShredWish::try_from(number) {
        Ok(wire::ShredWish::AtOnce) => Ok(ShredWish::AtOnce),
        Ok(wire::ShredWish::AfterPeriod | wire::ShredWish::Unspecified) => {
            Ok(ShredWish::AfterPeriod)
        }
        Err(_) => Err(malformed("shred")),
    }
}
