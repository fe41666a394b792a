//! Links between the files of a family (MISSION C14). Who may know of one is the gateway's to ask,
//! of both files.

use std::collections::{BTreeMap, BTreeSet};

use ledger::clock::Timestamp;
use ledger::domain::codes::{Capacity, Purpose, Relationship};
use ledger::domain::event::{Event, FilesLinked, Record};
use ledger::domain::ids::{CaseId, LinkId, PersonId};
use serde::{Deserialize, Serialize};

use crate::consents::{Consent, Consents};
use crate::projection::Projection;

/// Every link that was not ended; of one that was the log tells nothing.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Links {
    links: BTreeMap<LinkId, Row>,
    #[serde(skip)]
    by_case: BTreeMap<CaseId, BTreeSet<LinkId>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Row {
    one: (CaseId, PersonId),
    other: (CaseId, PersonId),
    relationship: Relationship,
}

/// A link as one of its files sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linked {
    /// Which link.
    pub link: LinkId,
    /// The other file.
    pub case: CaseId,
    /// What its person is to this one's.
    pub relationship: Relationship,
}

impl Links {
    /// The links of one file.
    pub fn of_case(&self, case: CaseId) -> Vec<Linked> {
        let links = self.by_case.get(&case).into_iter().flatten();
        let seen = links.filter_map(|link| {
            let row = self.links.get(link)?;
            let (other, relationship) = if row.one.0 == case {
                (row.other.0, row.relationship)
            } else {
                (row.one.0, row.relationship.inverse())
            };
            Some(Linked {
                link: *link,
                case: other,
                relationship,
            })
        });
        seen.collect()
    }

    /// Links that one of their files carries no more: its client's consent to be recorded is gone,
    /// or the file is.
    pub fn due(&self, consents: &Consents, now: Timestamp) -> Vec<LinkId> {
        let carries = |(case, client): (CaseId, PersonId)| {
            let mut in_force = consents.in_force(case, now);
            in_force.any(|consent| is_record_of(&consent, client))
        };
        let over = |row: &Row| !carries(row.one) || !carries(row.other);
        let links = self.links.iter().filter(|(_, row)| over(row));
        links.map(|(link, _)| *link).collect()
    }
}

fn is_record_of(consent: &Consent, client: PersonId) -> bool {
    consent.person == client
        && matches!(consent.capacity, Capacity::Own | Capacity::Assent)
        && consent.scope.purposes.contains(&Purpose::Record)
}

impl Row {
    fn of(it: &FilesLinked) -> Self {
        Self {
            one: (it.one, it.one_client),
            other: (it.other, it.other_client),
            relationship: it.relationship,
        }
    }
}

impl Projection for Links {
    const NAME: &'static str = "links";
    const VERSION: u32 = 1;

    fn apply(&mut self, _position: u64, record: &Record) {
        if let Event::FilesLinked(it) = &record.event {
            self.links.insert(it.link, Row::of(it));
            for case in [it.one, it.other] {
                self.by_case.entry(case).or_default().insert(it.link);
            }
        }
    }

    fn reindex(&mut self) {
        let mut by_case: BTreeMap<CaseId, BTreeSet<LinkId>> = BTreeMap::new();
        for (link, row) in &self.links {
            for (case, _) in [row.one, row.other] {
                by_case.entry(case).or_default().insert(*link);
            }
        }
        self.by_case = by_case;
    }
}
