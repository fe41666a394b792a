//! Requests of persons about their data, on the wire.

use ledger::clock::Timestamp;
use proto::rights::v1 as wire;

use super::codes::{Code, numbers};
use super::time::to_wire;
use crate::api::rights::Asked;

/// A request and where it stands.
pub fn request((case, id, request): &Asked, now: Timestamp) -> wire::SubjectRequest {
    let restricts = case.restriction_on(request.person) == Some(*id);
    wire::SubjectRequest {
        subject_request_id: id.to_string(),
        case_id: case.id.to_string(),
        person_id: request.person.to_string(),
        kind: request.kind.number(),
        requested_by: request.by.number(),
        categories: numbers(&request.categories),
        state: request.state().number(),
        received: Some(to_wire(request.received)),
        due: Some(to_wire(request.due)),
        extended: request.extended,
        late: request.is_late(now),
        identity: request.identity.map(Code::number),
        advised: request.advised.map(|(answer, _)| answer.number()),
        decided: request.decided.map(|(answer, _)| answer.number()),
        end: request.end.map(Code::number),
        restricts,
    }
}
