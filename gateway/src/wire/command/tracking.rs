//! Commands of `TrackingService`.

use ledger::domain::codes::ViewPurpose;
use ledger::domain::command::{ClosingWork, Command, Linking, Merging, Reopening, Seeking};
use ledger::domain::event::ViewTarget;
use ledger::domain::ids::CaseId;
use ledger::domain::link::LinkAgreed;
use proto::common::v1::CommandMeta;
use proto::tracking::v1::*;

use super::{CommandMessage, command_message, referral_in_case};
use crate::wire::Checked;
use crate::wire::codes::{code, optional};
use crate::wire::field::{id, ids, malformed, optional_id};
use crate::wire::time::day;

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
        // What leaves in a packet is no look at a screen: `MakePacket` says so.
        if purpose == ViewPurpose::Packet {
            return Err(malformed("purpose"));
        }
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
        with: ids(&message.with_case_ids, "with_case_ids")?,
    }
});

command_message!(TakeHandoverRequest => TakeHandoverResponse, |message| {
    Command::TakeHandover {
        case: id(&message.case_id, "case_id")?,
        take: !message.decline,
        with: ids(&message.with_case_ids, "with_case_ids")?,
    }
});

command_message!(LinkCasesRequest => LinkCasesResponse, |message| {
    Command::LinkCases(Linking {
        case: id(&message.case_id, "case_id")?,
        other: id(&message.other_case_id, "other_case_id")?,
        relationship: code(message.relationship, "relationship")?,
        agreed: agreed(message.agreed.as_ref(), "agreed")?,
        other_agreed: agreed(message.other_agreed.as_ref(), "other_agreed")?,
    })
});

fn agreed(message: Option<&LinkAgreement>, field: &str) -> Checked<LinkAgreed> {
    let message = message.ok_or_else(|| malformed(field))?;
    let within = |name: &str| format!("{field}.{name}");
    Ok(LinkAgreed {
        given_by: optional_id(message.given_by_id.as_deref(), &within("given_by_id"))?,
        capacity: code(message.capacity, &within("capacity"))?,
        child_agrees: message.child_agrees,
        form: code(message.form, &within("form"))?,
    })
}

command_message!(AskMergeRequest => AskMergeResponse, |message| {
    Command::AskMerge(files(&message.case_id, &message.other_case_id)?)
});

command_message!(DecideMergeRequest => DecideMergeResponse, |message| {
    Command::DecideMerge {
        files: files(&message.case_id, &message.other_case_id)?,
        confirm: message.confirm,
    }
});

command_message!(UnmergeCasesRequest => UnmergeCasesResponse, |message| {
    Command::UnmergeCases(files(&message.case_id, &message.other_case_id)?)
});

command_message!(FindDuplicatesRequest => FindDuplicatesResponse, |message| {
    let on = |text: Option<&str>, field| text.map(|text| day(text, field)).transpose();
    Command::FindDuplicates(Seeking {
        case: id(&message.case_id, "case_id")?,
        opened_from: on(message.opened_from.as_deref(), "opened_from")?,
        opened_until: on(message.opened_until.as_deref(), "opened_until")?,
        // The ledger says so itself.
        compared: 0,
        shown: 0,
    })
});

fn files(case: &str, other: &str) -> Checked<Merging> {
    Ok(Merging::of(
        id(case, "case_id")?,
        id(other, "other_case_id")?,
    ))
}

command_message!(EndLinkRequest => EndLinkResponse, |message| {
    Command::EndLink {
        case: id(&message.case_id, "case_id")?,
        link: id(&message.link_id, "link_id")?,
    }
});

command_message!(CloseCaseWorkRequest => CloseCaseWorkResponse, |message| {
    Command::CloseCaseWork(ClosingWork {
        case: id(&message.case_id, "case_id")?,
        reason: code(message.reason, "reason")?,
        transferred_by: optional_id(message.transferred_by_id.as_deref(), "transferred_by_id")?,
        no_follow_up: optional(message.no_follow_up, "no_follow_up")?,
        told: code(message.told, "told")?,
    })
});

command_message!(ReopenCaseRequest => ReopenCaseResponse, |message| {
    Command::ReopenCase(Reopening {
        case: id(&message.case_id, "case_id")?,
        reason: code(message.reason, "reason")?,
    })
});

command_message!(UnassignStaffRequest => UnassignStaffResponse, |message| {
    Command::UnassignStaff {
        case: id(&message.case_id, "case_id")?,
        staff: id(&message.staff_id, "staff_id")?,
    }
});
