//! Commands of `TrackingService`.

use ledger::domain::command::Command;
use ledger::domain::event::ViewTarget;
use ledger::domain::ids::CaseId;
use proto::common::v1::CommandMeta;
use proto::tracking::v1::*;

use super::{CommandMessage, command_message, referral_in_case};
use crate::wire::Checked;
use crate::wire::codes::code;
use crate::wire::field::{id, malformed};

impl CommandMessage for ViewPersonalDataRequest {
    type Answer = ViewPersonalDataResponse;

    fn take_meta(&mut self) -> Option<CommandMeta> {
        self.meta.take()
    }

    fn case_sought(&self) -> Option<&str> {
        let referral = self.referral_id.as_deref();
        referral.filter(|_| self.case_id.is_none())
    }

    fn command(self, found: Option<CaseId>) -> Checked<Command> {
        let named = self.case_id.as_deref();
        let (case, target) = match self.referral_id.as_deref() {
            Some(referral) => {
                let (case, referral) = referral_in_case(named, referral, found)?;
                (case, ViewTarget::Referral(referral))
            }
            None => {
                let case = named.ok_or_else(|| malformed("case_id"))?;
                (id(case, "case_id")?, ViewTarget::Case)
            }
        };
        let purpose = code(self.purpose, "purpose")?;
        Ok(Command::ViewPersonalData {
            case,
            target,
            purpose,
        })
    }
}

command_message!(AssignStaffRequest => AssignStaffResponse, |message| {
    Command::AssignStaff {
        case: id(&message.case_id, "case_id")?,
        staff: id(&message.staff_id, "staff_id")?,
    }
});

command_message!(OfferHandoverRequest => OfferHandoverResponse, |message| {
    Command::OfferHandover {
        case: id(&message.case_id, "case_id")?,
        staff: id(&message.staff_id, "staff_id")?,
    }
});

command_message!(TakeHandoverRequest => TakeHandoverResponse, |message| {
    Command::TakeHandover {
        case: id(&message.case_id, "case_id")?,
        take: !message.decline,
    }
});

command_message!(UnassignStaffRequest => UnassignStaffResponse, |message| {
    Command::UnassignStaff {
        case: id(&message.case_id, "case_id")?,
        staff: id(&message.staff_id, "staff_id")?,
    }
});
