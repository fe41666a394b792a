//! The register of breaches, each only to who may know of it; and who could have been affected.

use std::sync::Arc;

use ledger::authorise::Reading;
use ledger::domain::breach::Breach;
use ledger::domain::case::Case;
use ledger::domain::event::{BreachTraced, Event};
use ledger::domain::ids::{BreachId, ClientCode};
use ledger::domain::stream::StreamId;
use ledger::ledger::{Answer, Entry};
use ledger::refusal::{Refusal, Refused};
use projections::breaches::Place;
use projections::given::{Left, LeftSearch, Opened, Traced, TracedCounts};
use projections::views::Views;

use super::given::Disclosed;
use super::paging::Walked;
use super::{Outcome, Reader};
use crate::wire::page::Page;

/// Breaches, where the list goes on, and the position up to which it is true.
pub type Listed = (Vec<Arc<Breach>>, Option<Place>, u64);

/// Something that could have reached somebody.
pub enum Affected {
    /// It left.
    Left(Box<Disclosed>),
    /// It was opened; with the code of the case.
    Opened(Opened, ClientCode),
}

/// What could have reached somebody.
pub struct Found {
    /// A page of it.
    pub affected: Vec<Affected>,
    /// Where the list goes on.
    pub next: Option<u64>,
    /// The position up to which it is true.
    pub position: u64,
    /// How much there is in all.
    pub counts: TracedCounts,
}

/// Breaches of which an authority is still to be notified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Alarms {
    /// In time still.
    pub due: u32,
    /// Late by now.
    pub late: u32,
}

impl Reader<'_> {
    /// A page of breaches that the caller may know of. That it goes on, and where, is said of these
    /// alone: those in between do not exist for the caller.
    pub fn breaches(&self, open_only: bool, page: &Page<Place>) -> Outcome<Listed> {
        self.may(Reading::Breaches, None)?;
        self.wait_for(page.at_least)?;
        let piece = |views: &Views, after| {
            let places = views.breaches().after(after);
            places.take(page.items_max).collect()
        };
        self.walked(
            page,
            piece,
            |place| *place,
            |place: Place| {
                if open_only && place.closed {
                    return Ok(Walked::End);
                }
                let found = self.ledger.breach(place.id)?;
                let found = found.filter(|it| it.may_be_read_by(self.caller));
                Ok(found.map_or(Walked::Passed, Walked::Shown))
            },
        )
    }

    /// One breach, and everything that was recorded of it.
    pub fn breach(&self, id: BreachId) -> Outcome<(Arc<Breach>, Vec<Entry>)> {
        self.may(Reading::Breaches, None)?;
        let breach = self.ledger.breach(id)?;
        let breach = breach.filter(|it| it.may_be_read_by(self.caller));
        let breach = breach.ok_or_else(|| Refused::about(Refusal::NotFound, "breach"))?;
        let entries = self.ledger.stream(StreamId::Breach(id))?;
        Ok((breach, entries))
    }

    /// Whether somebody who holds a token that works may take a breach up.
    pub fn is_taken_up(&self, breach: BreachId, at: Option<u64>) -> Outcome<bool> {
        self.wait_for(at)?;
        let Some(breach) = self.ledger.breach(breach)? else {
            return Ok(false);
        };
        let now = self.ledger.now();
        let views = self.views.read()?;
        let mut active = views.staff().members().filter(|one| one.is_active(now));
        Ok(active.any(|it| breach.may_be_assessed_by(it.staff, it.organisation, &it.roles)))
    }

    /// How many breaches wait for an authority to be notified, of those that the caller may know
    /// of.
    pub fn breach_alarms(&self) -> Outcome<Alarms> {
        let mut alarms = Alarms::default();
        if self.may(Reading::Breaches, None).is_err() {
            return Ok(alarms);
        }
        let views = self.views.read()?;
        let open = views.breaches().after(None).take_while(|it| !it.closed);
        let open: Vec<Place> = open.collect();
        drop(views);
        let now = self.ledger.now();
        for place in open {
            self.go_on()?;
            let breach = self.ledger.breach(place.id)?;
            let breach = breach.filter(|it| it.may_be_read_by(self.caller));
            let Some(due) = breach.and_then(|it| it.due()) else {
                continue;
            };
            let counter = if due < now {
                &mut alarms.late
            } else {
                &mut alarms.due
            };
            *counter = counter.saturating_add(1);
        }
        Ok(alarms)
    }

    /// What left and what was opened, as was asked for with an event that is durable by now.
    pub fn affected(&self, asked: &Answer, page: &Page<u64>) -> Outcome<Found> {
        let event = asked.entries.first().map(|entry| &entry.record.event);
        let Some(Event::BreachTraced(asked)) = event else {
            return Err(Refused::from(Refusal::NotAllowed).into());
        };
        self.wait_for(page.at_least)?;
        let mut search = search(asked);
        search.after = page.after;
        let own = self.caller.organisation;
        let (counts, position) = {
            let views = self.views.read()?;
            (views.given().trace_counts(&search, own), views.position())
        };
        let mut affected = Vec::new();
        loop {
            self.go_on()?;
            let found: Vec<Row> = {
                let views = self.views.read()?;
                let found = views.given().trace(&search, own, page.items_max);
                found.into_iter().map(Row::of).collect()
            };
            let last = found.len() < page.items_max;
            for row in found {
                search.after = Some(row.position());
                affected.extend(self.shown(row)?);
                if affected.len() == page.items_max {
                    let next = search.after;
                    return Ok(found_so_far(affected, next, position, counts));
                }
            }
            if last {
                return Ok(found_so_far(affected, None, position, counts));
            }
        }
    }

    /// A row, if the caller may read the decisions of its case.
    fn shown(&self, row: Row) -> Outcome<Option<Affected>> {
        let (Row::Left(Left { case, .. }) | Row::Opened(Opened { case, .. })) = &row;
        let case = self.ledger.case(*case)?;
        let may = |case: &Arc<Case>| self.may(Reading::DecisionRecord, Some(case)).is_ok();
        let Some(case) = case.filter(may) else {
            return Ok(None);
        };
        Ok(Some(match row {
            Row::Left(left) => Affected::Left(Box::new(self.named(left, case)?)),
            Row::Opened(opened) => Affected::Opened(opened, case.code),
        }))
    }
}

/// A row that outlives the lock of the views.
enum Row {
    Left(Left),
    Opened(Opened),
}

impl Row {
    fn of(traced: Traced<'_>) -> Self {
        match traced {
            Traced::Left(left) => Self::Left(left.clone()),
            Traced::Opened(opened) => Self::Opened(*opened),
        }
    }

    fn position(&self) -> u64 {
        match self {
            Self::Left(left) => left.position,
            Self::Opened(opened) => opened.position,
        }
    }
}

fn search(asked: &BreachTraced) -> LeftSearch {
    LeftSearch {
        case: None,
        recipient: asked.recipient,
        service: asked.service,
        by: asked.staff,
        from: asked.from,
        until: asked.until,
        after: None,
    }
}

fn found_so_far(
    affected: Vec<Affected>,
    next: Option<u64>,
    position: u64,
    counts: TracedCounts,
) -> Found {
    Found {
        affected,
        next,
        position,
        counts,
    }
}
