//! Commands of `DataProtectionService`.

use ledger::domain::codes::{HoldReason, NoticeAbout};
use ledger::domain::command::{Apart, Command, Holding, HoldingApart, Noticing, ShredWish};
use ledger::domain::event::Given;
use ledger::domain::ids::CaseId;
use proto::common::v1::CommandMeta;
use proto::protection::v1 as wire;
use proto::protection::v1::*;

use super::{CommandMessage, command_message, referral_in_case};
use crate::wire::Checked;
use crate::wire::codes::{code, optional};
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

command_message!(CutOutRequest => CutOutResponse, |message| {
    Command::CutOut {
        after_days: message.after_days,
    }
});

command_message!(ConfirmWithdrawalsRequest => ConfirmWithdrawalsResponse, |_message| {
    Command::ConfirmWithdrawals {}
});

impl CommandMessage for RecordNoticeRequest {
    type Answer = RecordNoticeResponse;

    fn take_meta(&mut self) -> Option<CommandMeta> {
        self.meta.take()
    }

    fn case_sought(&self) -> Option<&str> {
        let referral = self.referral_id.as_deref();
        referral.filter(|_| self.case_id.is_none())
    }

    fn command(self, found: Option<CaseId>) -> Checked<Command> {
        let named = self.case_id.as_deref();
        let (case, given) = match (self.referral_id.as_deref(), self.disclosure_id.as_deref()) {
            (Some(referral), None) => {
                let (case, referral) = referral_in_case(named, referral, found)?;
                (case, Given::Referral(referral))
            }
            (None, Some(disclosure)) => {
                let case = named.ok_or_else(|| malformed("case_id"))?;
                let disclosure = id(disclosure, "disclosure_id")?;
                (id(case, "case_id")?, Given::Disclosure(disclosure))
            }
            (Some(_), Some(_)) => return Err(malformed("disclosure_id")),
            (None, None) => return Err(malformed("referral_id")),
        };
        Ok(Command::RecordNotice(Noticing {
            case,
            about: optional(self.about, "about")?.unwrap_or(NoticeAbout::Erasure),
            given,
            state: code(self.state, "state")?,
            outcome: optional(self.outcome, "outcome")?,
            channel: code(self.channel, "channel")?,
        }))
    }
}

command_message!(PlaceHoldRequest => PlaceHoldResponse, |message| {
    Command::PlaceHold(Holding {
        case: id(&message.case_id, "case_id")?,
        person: optional_id(message.person_id.as_deref(), "person_id")?,
        reason: hold_reason(message.reason)?,
        until: required(message.until, "until")?,
    })
});

command_message!(HoldApartRequest => HoldApartResponse, |message| {
    use hold_apart_request::What;
    Command::HoldApart(HoldingApart {
        what: match message.what.as_ref().ok_or_else(|| malformed("what"))? {
            What::ComplaintId(it) => Apart::Complaint(id(it, "complaint_id")?),
            What::BreachId(it) => Apart::Breach(id(it, "breach_id")?),
            What::IncomingId(it) => Apart::Incoming(id(it, "incoming_id")?),
        },
        reason: hold_reason(message.reason)?,
        until: required(message.until, "until")?,
    })
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

command_message!(WithdrawSweepRequest => WithdrawSweepResponse, |message| {
    Command::WithdrawSweep {
        sweep: id(&message.sweep_id, "sweep_id")?,
    }
});

command_message!(DecideHoldRequest => DecideHoldResponse, |message| {
    Command::DecideHold {
        case: id(&message.case_id, "case_id")?,
        hold: id(&message.hold_id, "hold_id")?,
        confirm: message.confirm,
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
