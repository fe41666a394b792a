//! Commands of `IntakeService`.

use ledger::domain::codes::Urgency;
use ledger::domain::command::{Age, Command, RaisingConcern};
use ledger::domain::event::{NeedUnmet, PublicText};
use ledger::refusal::{Refusal, Refused};
use proto::intake::v1::*;

use super::command_message;
use crate::wire::Checked;
use crate::wire::codes::{code, optional, set};
use crate::wire::field::{id, ids, required};
use crate::wire::shared::{consent, identity};
use crate::wire::time::birth_day;

command_message!(GiveLinkRequest => GiveLinkResponse, |message| Command::GiveLink {
    services: ids(&message.service_ids, "service_ids")?,
});

command_message!(RefuseRecordRequest => RefuseRecordResponse, |message| {
    Command::RefuseRecord { reason: optional(message.reason, "reason")? }
});

command_message!(NoteUnmetNeedRequest => NoteUnmetNeedResponse, |message| {
    Command::NoteUnmetNeed {
        unmet: NeedUnmet {
            need: code(message.need, "need")?,
            area: message.area.map(PublicText),
            age_group: optional(message.age_group, "age_group")?,
        },
    }
});

command_message!(OpenCaseRequest => OpenCaseResponse, |message| Command::OpenCase {
    identity: message.identity.map(identity).transpose()?,
    age_group: code(message.age_group, "age_group")?,
    sensitivity: code(message.sensitivity, "sensitivity")?,
    consent: message.consent.map(|taken| consent(Some(taken))).transpose()?,
    categories: set(&message.categories, "categories")?,
});

command_message!(AddPersonRequest => AddPersonResponse, |message| Command::AddPerson {
    case: id(&message.case_id, "case_id")?,
    role: code(message.role, "role")?,
    relationship_checked: message.relationship_checked,
    identity: identity(required(message.identity, "identity")?)?,
    consent: consent(message.consent)?,
});

command_message!(AssessAgeRequest => AssessAgeResponse, |message| Command::AssessAge {
    case: id(&message.case_id, "case_id")?,
    age: age(message.birth_date.as_deref(), message.about_years)?,
    company: code(message.company, "company")?,
});

/// A day of birth or a number of years, not both; with neither the age is in doubt.
fn age(born: Option<&str>, about: Option<u32>) -> Checked<Age> {
    match (born, about) {
        (Some(_), Some(_)) => Err(Refused::about(Refusal::Malformed, "about_years")),
        (Some(born), None) => Ok(Age::Born(birth_day(born, "birth_date")?)),
        (None, Some(years)) => {
            let wrong = |_| Refused::about(Refusal::Malformed, "about_years");
            Ok(Age::About(u8::try_from(years).map_err(wrong)?))
        }
        (None, None) => Ok(Age::Unknown),
    }
}

command_message!(RaiseConcernRequest => RaiseConcernResponse, |message| {
    Command::RaiseConcern(RaisingConcern {
        case: id(&message.case_id, "case_id")?,
        concerns: set(&message.concerns, "concerns")?,
    })
});

command_message!(AttestReferralRequest => AttestReferralResponse, |message| {
    Command::AttestReferral {
        case: id(&message.case_id, "case_id")?,
        service: id(&message.service_id, "service_id")?,
        agreed: message.agreed,
        urgency: optional(message.urgency, "urgency")?.unwrap_or(Urgency::Routine),
    }
});
