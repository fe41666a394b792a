//! What persons asked for about their data: which requests there are, open ones first, by the time
//! that they are due. Where one stands is in its case.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::{BTreeMap, BTreeSet};

use ledger::domain::event::{Event, Record};
use ledger::domain::ids::{CaseId, SubjectRequestId};
use ledger::domain::stream::StreamId;
use serde::{Deserialize, Serialize};

use crate::place;
use crate::projection::Projection;

/// Requests by when they are due.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rights {
    requests: BTreeMap<SubjectRequestId, (CaseId, Place)>,
    #[serde(skip)]
    by_due: BTreeSet<Place>,
}

/// A request's place in the list.
pub type Place = place::Place<SubjectRequestId>;

impl Rights {
    /// Requests behind a place, with their cases.
    pub fn after(&self, place: Option<Place>) -> impl Iterator<Item = (Place, CaseId)> + '_ {
        place::behind(&self.by_due, place).filter_map(|place| {
            let (case, _) = self.requests.get(&place.id)?;
            Some((place, *case))
        })
    }

    fn set(&mut self, case: CaseId, place: Place) {
        if let Some((_, before)) = self.requests.insert(place.id, (case, place)) {
            self.by_due.remove(&before);
        }
        self.by_due.insert(place);
    }

    fn change(&mut self, request: SubjectRequestId, change: impl Fn(&mut Place)) {
        let Some((case, mut place)) = self.requests.get(&request).copied() else {
            return;
        };
        change(&mut place);
        self.set(case, place);
    }
}

impl Projection for Rights {
    const NAME: &'static str = "rights";
    const VERSION: u32 = 1;

    fn apply(&mut self, _position: u64, record: &Record) {
        let StreamId::Case(case) = record.stream else {
            return;
        };
        match &record.event {
            Event::RequestReceived(it) => self.set(
                case,
                Place {
                    closed: false,
                    due: it.due,
                    id: it.request,
                },
            ),
            Event::RequestExtended(it) => self.change(it.request, |place| place.due = it.due),
            Event::RequestClosed(it) => self.change(it.request, |place| place.closed = true),
            _ => {}
        }
    }

    fn reindex(&mut self) {
        self.by_due = self.requests.values().map(|(_, place)| *place).collect();
    }
}
