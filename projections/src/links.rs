//! Links between the files of a family (MISSION C14), and files of one person that are merged
//! (C15). Who may know of one is the gateway's to ask, of both files.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::{BTreeMap, BTreeSet};

use ledger::clock::{Day, Timestamp};
use ledger::domain::codes::{AgeGroup, Capacity, Purpose, Relationship};
use ledger::domain::event::{Event, FilesLinked, Record};
use ledger::domain::ids::{CaseId, LinkId, MergeId, PersonId};
use ledger::domain::stream::StreamId;
use serde::{Deserialize, Serialize};

use crate::consents::{Consent, Consents};
use crate::projection::Projection;

/// Every link that was not ended; of one that was the log tells nothing.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Links {
    links: BTreeMap<LinkId, Row>,
    /// The files of each merging, asked for or confirmed; their streams do not name each other.
    merges: BTreeMap<MergeId, BTreeSet<CaseId>>,
    /// The files of children, and of whom no age is known: when they are of age, as far as that was
    /// said.
    children: BTreeMap<CaseId, Option<Timestamp>>,
    #[serde(skip)]
    by_case: BTreeMap<CaseId, BTreeSet<LinkId>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Row {
    one: (CaseId, PersonId),
    other: (CaseId, PersonId),
    relationship: Relationship,
    /// Whether somebody else agreed for the person of each file.
    agreed_for: (bool, bool),
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

    /// The other file of a merging.
    pub fn merged_with(&self, merge: MergeId, case: CaseId) -> Option<CaseId> {
        let files = self.merges.get(&merge)?;
        files.iter().copied().find(|one| *one != case)
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

impl Links {
    /// Links that somebody agreed to for the person of a file, who was a child then and is of age
    /// now, and that file.
    pub fn agreed_for_grown(&self, now: Timestamp) -> impl Iterator<Item = (LinkId, CaseId)> + '_ {
        let links = self.links.iter().flat_map(|(link, row)| {
            let one = row.agreed_for.0.then_some((*link, row.one.0));
            let other = row.agreed_for.1.then_some((*link, row.other.0));
            one.into_iter().chain(other)
        });
        links.filter(move |(_, case)| self.is_grown(*case, now))
    }

    fn is_grown(&self, case: CaseId, now: Timestamp) -> bool {
        match self.children.get(&case) {
            None => true,
            Some(of_age) => of_age.is_some_and(|at| at <= now),
        }
    }

    /// What was said of somebody's age last holds.
    fn said_of_age(&mut self, case: CaseId, group: AgeGroup, adult_on: Option<Day>) {
        match group {
            AgeGroup::Adult => drop(self.children.remove(&case)),
            AgeGroup::Minor | AgeGroup::Unknown => {
                self.children.insert(case, adult_on.map(Day::start));
            }
        }
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
            agreed_for: (
                it.one_agreed.is_for_another(),
                it.other_agreed.is_for_another(),
            ),
        }
    }
}

impl Projection for Links {
    const NAME: &'static str = "links";
    const VERSION: u32 = 3;

    fn apply(&mut self, _position: u64, record: &Record) {
        match &record.event {
            Event::FilesLinked(it) => {
                self.links.insert(it.link, Row::of(it));
                for case in [it.one, it.other] {
                    self.by_case.entry(case).or_default().insert(it.link);
                }
            }
            Event::CaseOpened(it) => self.said_of_age(it.case, it.age_group, None),
            Event::AgeAssessed(it) => {
                if let StreamId::Case(case) = record.stream {
                    self.said_of_age(case, it.age_group, it.adult_on);
                }
            }
            Event::MergeAsked(it) => {
                if let StreamId::Case(case) = record.stream {
                    self.merges.entry(it.merge).or_default().insert(case);
                }
            }
            Event::MergeRejected(it) => drop(self.merges.remove(&it.merge)),
            Event::CasesUnmerged(it) => drop(self.merges.remove(&it.merge)),
            _ => {}
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
