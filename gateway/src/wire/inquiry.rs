//! Inquiries on the wire.

use proto::directory::v1 as wire;

use super::codes::{Code, numbers};
use super::time::to_wire;
use crate::api::inquiries::Row;

/// What a service was asked, and what it answered.
pub fn inquiry(row: &Row) -> wire::InquiryRecord {
    let it = &row.inquiry;
    let answered = it.answered.as_ref();
    wire::InquiryRecord {
        inquiry_id: row.place.id.to_string(),
        service_id: row.service.to_string(),
        organisation_id: it.organisation.to_string(),
        questions: numbers(&it.asked.questions),
        need: it.asked.need.number(),
        age_group: it.asked.age_group.map_or(0, Code::number),
        gender: it.asked.gender.map_or(0, Code::number),
        area: it.asked.area.as_ref().map(|area| area.0.clone()),
        channel: it.channel.number(),
        asked_at: Some(to_wire(it.at)),
        answered_at: answered.map(|one| to_wire(one.at)),
        answer: answered.and_then(|one| one.answer).map_or(0, Code::number),
        wait_days: answered.and_then(|one| one.wait_days),
        fee: answered.and_then(|one| one.fee).map_or(0, Code::number),
        answered_by: answered.map_or(0, |one| one.channel.number()),
    }
}
