//! Rows of the views as the wire shows them: worklist, consents, services, staff.

use ledger::copies::MirrorReport;
use ledger::organisation::Attention;
use projections::consents::{Consent, Standing};
use projections::staff::{Member, StandingIn};
use proto::{admin, common, tracking};

use super::codes::{Code, numbers};
use super::record::leaving;
use super::shared::scope_to_wire;
use super::time::{day_to_wire, to_wire};
use crate::api::Side;
use crate::api::worklist::Row;

/// A referral of the worklist. The receiving side knows the outward reference, not the case or
/// code.
pub fn referral(row: &Row) -> tracking::v1::ReferralSummary {
    let (item, side) = (&row.item, row.side);
    // That a case became a restricted one, that much was done in it, or that somebody was reached
    // is not theirs to know.
    let (sensitivity, version, follow_up_due) = match side {
        Side::Sender => (item.sensitivity.number(), item.version, item.follow_up_due),
        Side::Recipient => (0, 0, false),
    };
    let sender = |text: String| match side {
        Side::Sender => text,
        Side::Recipient => String::new(),
    };
    let assigned = match side {
        Side::Sender => item.assigned.as_slice(),
        Side::Recipient => &[],
    };
    tracking::v1::ReferralSummary {
        referral_id: item.referral.to_string(),
        case_id: sender(item.case.to_string()),
        client_code: sender(item.code.to_string()),
        organisation_id: item.organisation.to_string(),
        service_id: item.service.to_string(),
        recipient_id: item.recipient.to_string(),
        state: item.state.number(),
        urgency: item.urgency.number(),
        sensitivity,
        since: Some(to_wire(item.since)),
        due: row.due.map(to_wire),
        late: item.late.is_some(),
        waits_for_id: item.waits_for.map(|organisation| organisation.to_string()),
        assigned_ids: assigned.iter().map(ToString::to_string).collect(),
        outward_reference: item.reference.map(|reference| reference.to_string()),
        version,
        attention: row.attention.map_or(0, attention),
        escalated_to: row.escalated_to.map_or(0, Code::number),
        without_response: row.without_response,
        follow_up_on: item.follow_up_on.map(day_to_wire),
        follow_up_due,
        waits_for_specialist: numbers(&row.waits_for_specialist),
    }
}

fn attention(attention: Attention) -> i32 {
    let told = match attention {
        Attention::DueSoon => tracking::v1::Attention::DueSoon,
        Attention::Late => tracking::v1::Attention::Late,
        Attention::Escalated => tracking::v1::Attention::Escalated,
    };
    told.into()
}

/// A consent.
pub fn consent(consent: &Consent) -> common::v1::ConsentSummary {
    let shred_due = match consent.standing {
        Standing::Withdrawn { shred_due } | Standing::Expired { shred_due } => {
            Some(to_wire(shred_due))
        }
        Standing::InForce | Standing::Shredded => None,
    };
    let standing = match consent.standing {
        Standing::InForce => common::v1::Standing::InForce,
        Standing::Withdrawn { .. } => common::v1::Standing::Withdrawn,
        Standing::Expired { .. } => common::v1::Standing::Expired,
        Standing::Shredded => common::v1::Standing::Shredded,
    };
    common::v1::ConsentSummary {
        consent_id: consent.consent.to_string(),
        case_id: consent.case.to_string(),
        person_id: consent.person.to_string(),
        given_by_id: consent.given_by.to_string(),
        capacity: consent.capacity.number(),
        scope: Some(scope_to_wire(&consent.scope)),
        expires_at: consent.expires.map(to_wire),
        standing: standing.into(),
        shred_due,
        leaving: leaving(consent.leaving.iter().copied()),
    }
}

/// A member of staff, without a name and without the hashes of tokens.
pub fn member(member: &Member) -> admin::v1::StaffRecord {
    let tokens = member.tokens.iter().map(|token| admin::v1::TokenRecord {
        token_id: token.token.to_string(),
        expires_at: Some(to_wire(token.expires)),
    });
    let by = |staff: Option<ledger::domain::ids::StaffId>| staff.map(|staff| staff.to_string());
    let roles_asked = member.roles_asked.iter();
    let tokens_asked = member.tokens_asked.iter();
    let trained = member.trained.iter();
    admin::v1::StaffRecord {
        staff_id: member.staff.to_string(),
        version: member.version,
        organisation_id: member.organisation.to_string(),
        roles: numbers(&member.roles),
        tokens: tokens.collect(),
        roles_asked: roles_asked
            .map(|(role, asked_by)| admin::v1::RoleAsked {
                role: role.number(),
                asked_by_id: by(*asked_by),
            })
            .collect(),
        tokens_asked: tokens_asked
            .map(|(token, asked)| admin::v1::TokenAsked {
                token_id: token.to_string(),
                expires_at: Some(to_wire(asked.expires)),
                asked_by_id: by(asked.by),
            })
            .collect(),
        trained: trained
            .map(|(training, on)| admin::v1::TrainingRecord {
                training: training.number(),
                on: day_to_wire(*on),
            })
            .collect(),
    }
}

/// Who stands in for whom.
pub fn deputy(it: &StandingIn) -> admin::v1::DeputyRecord {
    admin::v1::DeputyRecord {
        staff_id: it.staff.to_string(),
        absent_id: it.absent.to_string(),
        first_day: day_to_wire(it.first),
        last_day: day_to_wire(it.last),
        waits: it.waits,
    }
}

/// A mirror of the journal.
pub fn mirror(mirror: &MirrorReport) -> admin::v1::MirrorStatus {
    let folder = mirror.folder.as_ref();
    admin::v1::MirrorStatus {
        mirror_id: mirror.id.to_string(),
        folder: folder.map_or_else(String::new, |folder| folder.display().to_string()),
        state: mirror.state.word().to_owned(),
        problem: mirror.state.why().unwrap_or_default().to_owned(),
        frame: mirror.frame,
        frames_behind: mirror.frames_behind,
        seconds_behind: mirror.seconds_behind,
        epoch: mirror.epoch,
        fence_missing: mirror.fence_missing,
        detach_asked: mirror.detach_asked.map_or(0, Code::number),
    }
}
