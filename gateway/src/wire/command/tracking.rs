//! Commands of `TrackingService`.

use ledger::domain::command::Command;
use ledger::domain::event::ViewTarget;
use proto::tracking::v1::*;

use super::{command_message, referral_in_case};
use crate::wire::codes::code;
use crate::wire::field::{id, malformed};

command_message!(ViewPersonalDataRequest => ViewPersonalDataResponse, |message, cases| {
    let named = message.case_id.as_deref();
    let (case, target) = match message.referral_id.as_deref() {
        Some(referral) => {
            let (case, referral) = referral_in_case(named, referral, cases)?;
            (case, ViewTarget::Referral(referral))
        }
        None => {
            let case = named.ok_or_else(|| malformed("case_id"))?;
            (id(case, "case_id")?, ViewTarget::Case)
        }
    };
    Command::ViewPersonalData { case, target, purpose: code(message.purpose, "purpose")? }
});

command_message!(AssignStaffRequest => AssignStaffResponse, |message, _cases| {
    Command::AssignStaff {
        case: id(&message.case_id, "case_id")?,
        staff: id(&message.staff_id, "staff_id")?,
    }
});

command_message!(UnassignStaffRequest => UnassignStaffResponse, |message, _cases| {
    Command::UnassignStaff {
        case: id(&message.case_id, "case_id")?,
        staff: id(&message.staff_id, "staff_id")?,
    }
});
