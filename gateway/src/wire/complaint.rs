//! Feedback and complaints on the wire.

use ledger::clock::Timestamp;
use ledger::domain::complaint::{Against, Complaint};
use ledger::retention::RetentionRules;
use proto::complaint::v1 as wire;

use super::codes::Code;
use super::retention::end_by_rule;
use super::time::to_wire;

/// A complaint and where it stands, without its words.
pub fn complaint(
    it: &Complaint,
    (now, rules): (Timestamp, &RetentionRules),
) -> wire::ComplaintRecord {
    wire::ComplaintRecord {
        complaint_id: it.id.to_string(),
        kind: it.kind.number(),
        against: it.against.map(|against| match against {
            Against::Staff(id) => wire::complaint_record::Against::StaffId(id.to_string()),
            Against::Service(id) => wire::complaint_record::Against::ServiceId(id.to_string()),
            Against::Organisation(id) => {
                wire::complaint_record::Against::OrganisationId(id.to_string())
            }
        }),
        anonymous: it.anonymous,
        answerable: it.answerable,
        state: it.state.number(),
        acknowledge_by: Some(to_wire(it.acknowledge_by)),
        answer_by: Some(to_wire(it.answer_by)),
        late: it.due().is_some_and(|due| due < now),
        outcome: it.answered.map_or(0, |(outcome, _)| outcome.number()),
        told: it.answered.map_or(0, |(_, told)| told.number()),
        version: it.version,
        ends: Some(end_by_rule(&it.into(), rules)),
    }
}
