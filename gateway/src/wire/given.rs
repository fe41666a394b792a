//! What left, onto the wire: names and codes, never what was said.

use ledger::domain::event::Given;
use ledger::domain::ids::ExceptionId;
use projections::given::{AskedBack, Left, LeftSearch};
use proto::protection::v1 as wire;

use super::Checked;
use super::codes::{Code, numbers};
use super::field::optional_id;
use super::time::{optional, to_wire};
use crate::api::given::Disclosed;

/// What is asked for.
pub fn search(from: &wire::ListDisclosedRequest) -> Checked<LeftSearch> {
    Ok(LeftSearch {
        case: optional_id(from.case_id.as_deref(), "case_id")?,
        recipient: optional_id(from.recipient_id.as_deref(), "recipient_id")?,
        service: None,
        by: None,
        from: optional(from.from, "from")?,
        until: optional(from.until, "until")?,
        after: None,
    })
}

/// One thing that left.
pub fn disclosed(from: &Disclosed) -> wire::Disclosed {
    let left = &from.left;
    let (referral_id, disclosure_id) = named(left.given);
    let grounds = left.basis.iter().map(|ground| {
        let exception = from.case.exceptions.get(&ExceptionId(ground.0));
        wire::DisclosedOn {
            ground_id: ground.to_string(),
            exception: exception.map(|it| it.kind.number()),
        }
    });
    wire::Disclosed {
        position: left.position,
        case_id: left.case.to_string(),
        client_code: from.case.code.to_string(),
        person_id: left.person.to_string(),
        referral_id,
        disclosure_id,
        recipient_id: left.recipient.to_string(),
        recipient_name: from.recipient_name.clone().unwrap_or_default(),
        service_id: left.service.map(|id| id.to_string()),
        service_name: from.service_name.clone().unwrap_or_default(),
        categories: numbers(&left.categories),
        channel: left.channel.number(),
        recorded_at: Some(to_wire(left.recorded)),
        occurred_at: left.occurred.map(to_wire),
        grounds: grounds.collect(),
        incident: left.incident,
        notice: left.notice.map(|(state, _)| state.number()),
        outcome: left
            .notice
            .and_then(|(_, outcome)| outcome)
            .map(Code::number),
        informed: informed(left),
        recalled: left.recalled.map(asked_back),
    }
}

fn asked_back(from: AskedBack) -> wire::AskedBack {
    wire::AskedBack {
        asked_at: Some(to_wire(from.asked)),
        answered_at: from.answered.map(|(_, at)| to_wire(at)),
        answer: from.answered.map(|(answer, _)| answer.number()),
    }
}

fn informed(left: &Left) -> Vec<wire::RecipientNotice> {
    let (referral_id, disclosure_id) = named(left.given);
    let told = left.informed.iter();
    let told = told.map(|(about, (state, outcome))| wire::RecipientNotice {
        referral_id: referral_id.clone(),
        disclosure_id: disclosure_id.clone(),
        recipient_id: left.recipient.to_string(),
        state: state.number(),
        outcome: outcome.map(Code::number),
        about: about.number(),
    });
    told.collect()
}

/// The ids of a referral and of a disclosure, one of them empty.
fn named(given: Given) -> (String, String) {
    match given {
        Given::Referral(id) => (id.to_string(), String::new()),
        Given::Disclosure(id) => (String::new(), id.to_string()),
    }
}
