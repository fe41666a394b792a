//! Publications of figures as callers see them.

use ledger::domain::event::Event;
use ledger::hex::hex;
use ledger::ledger::Entry;
use projections::statistics::Published;
use proto::common::v1::Outcome;
use proto::statistics::v1::{Publication, PublishFiguresResponse};

use super::answer::AnswerMessage;
use super::time::{day_to_wire, to_wire};

/// What was published, without the figures.
pub fn publication(of: &Published) -> Publication {
    Publication {
        first_day: day_to_wire(of.from),
        until_day: day_to_wire(of.until),
        events: of.events,
        digest: hex(&of.digest),
        position: of.position,
        published_at: Some(to_wire(of.at)),
        staff_id: of.by.map(|staff| staff.to_string()).unwrap_or_default(),
    }
}

impl AnswerMessage for PublishFiguresResponse {
    fn answer(outcome: Outcome, entries: &[Entry]) -> Self {
        let published = entries.iter().find_map(|entry| {
            let Event::FiguresPublished(it) = &entry.record.event else {
                return None;
            };
            Some(Published::of(entry.position, &entry.record, it))
        });
        Self {
            outcome: Some(outcome),
            publication: published.as_ref().map(publication),
            figures: published.map(|it| it.figures).unwrap_or_default(),
        }
    }
}
