//! Referrals that came in from outside, on the wire.

use ledger::clock::Timestamp;
use ledger::domain::incoming::Sender;
use ledger::retention::RetentionRules;
use proto::intake::v1 as wire;
use proto::intake::v1::incoming_record::Sender as Named;

use super::codes::Code;
use super::retention::end_by_rule;
use super::time::to_wire;
use crate::api::incoming::Row;

/// An incoming referral and where it stands.
pub fn incoming(row: &Row, (now, rules): (Timestamp, &RetentionRules)) -> wire::IncomingRecord {
    let it = &row.incoming;
    let from = match it.from {
        Sender::Organisation(id) => Named::OrganisationId(id.to_string()),
        Sender::Service(id) => Named::ServiceId(id.to_string()),
        Sender::Class(class) => Named::SenderClass(class.number()),
    };
    wire::IncomingRecord {
        incoming_id: it.id.to_string(),
        sender: (!row.sender_hidden).then_some(from),
        channel: it.channel.number(),
        urgency: it.urgency.number(),
        reference: it.reference.as_ref().map(|text| text.0.clone()),
        consent_claim: it.consent.number(),
        received_at: Some(to_wire(it.received)),
        answer_by: Some(to_wire(it.answer_by)),
        late: it.is_late(now),
        state: it.state.number(),
        finding: it.finding.map_or(0, Code::number),
        decision: it.decision.map_or(0, Code::number),
        reason: it.reason.map_or(0, Code::number),
        passed_to_id: (it.passed_to.filter(|_| !row.passed_to_hidden)).map(|id| id.to_string()),
        passed_to_hidden: row.passed_to_hidden,
        told: it.answered.map_or(0, |(told, _)| told.number()),
        answered_by: it.answered.map_or(0, |(_, channel)| channel.number()),
        waits_for_case: it.waits_for_case(),
        version: it.version,
        sender_hidden: row.sender_hidden,
        ends: Some(end_by_rule(&it.into(), rules)),
    }
}
