//! Record parts as the wire shows them: names, ids, codes and times, nothing personal.

mod detail;
mod details;

use ledger::domain::event::{Actor, Recorded};
use ledger::domain::stream::StreamId;
use ledger::ledger::Entry;
use proto::common::v1 as wire;

use super::time::{day_to_wire, to_wire};

/// One event's record part.
pub fn entry(entry: &Entry) -> wire::Entry {
    let record = &entry.record;
    let (recorded_at, recorded_on) = match record.recorded {
        Recorded::At(moment) => (Some(to_wire(moment)), None),
        Recorded::On(day) => (None, Some(day_to_wire(day))),
    };
    let actor_kind = match record.actor {
        Actor::Staff(_) | Actor::Deputy { .. } => wire::ActorKind::Staff,
        Actor::System => wire::ActorKind::System,
        Actor::Nobody => wire::ActorKind::Nobody,
    };
    wire::Entry {
        position: entry.position,
        stream: stream(record.stream),
        version: record.version,
        recorded_at,
        recorded_on,
        occurred_at: record.occurred.map(to_wire),
        actor_kind: actor_kind.into(),
        actor_id: record.actor.staff().map(|staff| staff.to_string()),
        event_name: record.event.name().to_owned(),
        details: details::of(&record.event),
        on_behalf_of_id: record.actor.on_behalf_of().map(|absent| absent.to_string()),
    }
}

/// The same for who may know of every file of their organisation.
pub fn counted(one: &Entry) -> wire::Entry {
    let mut shown = entry(one);
    shown.details.extend(details::counted(&one.record.event));
    shown
}

fn stream(stream: StreamId) -> String {
    match stream {
        StreamId::Ledger => "ledger".to_owned(),
        StreamId::Staff(id) => format!("staff:{id}"),
        StreamId::Service(id) => format!("service:{id}"),
        StreamId::Case(id) => format!("case:{id}"),
        StreamId::Complaint(id) => format!("complaint:{id}"),
        StreamId::Member(id) => format!("member:{id}"),
        StreamId::Pathway(id) => format!("pathway:{id}"),
        StreamId::Breach(id) => format!("breach:{id}"),
        StreamId::Incoming(id) => format!("incoming:{id}"),
        StreamId::Link(id) => format!("link:{id}"),
    }
}
