//! The directory: services and how they are found. Published text only.
//!
//! - A confidential entry (MISSION D3) shows only to a query that says it may; not by id either.
//! - Rows are in the order of name. A page goes on behind a service, not at a number of rows.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use ledger::clock::Day;
use ledger::domain::codes::Assessment;
use ledger::domain::event::{Event, Record, ServiceEntry};
use ledger::domain::ids::{OrganisationId, ServiceId};
use ledger::domain::stream::StreamId;
use ledger::limits::{SEARCH_WORDS_MAX, VIEW_ROWS_MAX};
use serde::{Deserialize, Serialize};

use crate::projection::Projection;
use crate::words::{phrase, words};

/// Every service.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Directory {
    services: BTreeMap<ServiceId, Service>,
    #[serde(skip)]
    found: BTreeMap<ServiceId, Findable>,
    #[serde(skip)]
    by_name: BTreeSet<(String, ServiceId)>,
}

/// A service and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Which.
    pub service: ServiceId,
    /// What the entry says.
    pub entry: ServiceEntry,
    /// Whether it was assessed.
    pub assessment: Assessment,
    /// When it is due for review again.
    pub review_on: Option<Day>,
    /// Whether it ended.
    pub retired: bool,
    /// The version of its stream now.
    pub version: u64,
}

/// Which services are asked for. The default asks for all that are open to everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Every word of it starts a word of name, organisation, sector or description.
    pub text: String,
    /// This sector, in any case of letters.
    pub sector: Option<String>,
    /// Every word of it starts a word of one of the locations.
    pub area: Option<String>,
    /// This language, in any case of letters.
    pub language: Option<String>,
    /// Of this organisation.
    pub organisation: Option<OrganisationId>,
    /// Takes referrals, or does not.
    pub accepts_referrals: Option<bool>,
    /// Assessed so.
    pub assessment: Option<Assessment>,
    /// Shows services that ended, too.
    pub retired: bool,
    /// Shows confidential entries, too: the caller was checked and may see them.
    pub confidential: bool,
    /// Goes on behind this service.
    pub after: Option<ServiceId>,
}

/// Folded words of an entry. Built from the rows; left out of snapshots.
#[derive(Debug, PartialEq)]
struct Findable {
    name: String,
    words: BTreeSet<String>,
    sectors: Vec<String>,
    languages: Vec<String>,
    locations: Vec<BTreeSet<String>>,
}

impl Directory {
    /// Services that fit, by name, at most `rows_max`.
    pub fn search(&self, search: &Search, rows_max: usize) -> Vec<&Service> {
        let wanted = Wanted::new(search);
        let after = search.after.and_then(|after| self.place(after));
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.by_name
            .range((after, Bound::Unbounded))
            .filter_map(|(_, id)| Some((self.services.get(id)?, self.found.get(id)?)))
            .filter(|(service, found)| wanted.fits(service, found))
            .map(|(service, _)| service)
            .take(rows_max.clamp(1, VIEW_ROWS_MAX))
            .collect()
    }

    /// One service; a confidential one only for who may see it.
    pub fn find(&self, service: ServiceId, confidential: bool) -> Option<&Service> {
        let service = self.services.get(&service)?;
        (confidential || !service.entry.confidential).then_some(service)
    }

    /// Services that have not ended, confidential ones included: for counting.
    pub fn in_use(&self) -> impl Iterator<Item = &Service> {
        let all = self.services.values();
        all.filter(|service| !service.retired)
    }

    /// Services in use that are due for a new assessment, or whose entry nobody has confirmed since
    /// `confirmed_since`; the longest overdue first. For the coordinator: confidential ones
    /// included.
    pub fn due_for_review(
        &self,
        today: Day,
        confirmed_since: Day,
        rows_max: usize,
    ) -> Vec<&Service> {
        let in_use = self.services.values().filter(|service| !service.retired);
        let mut due: Vec<_> = in_use
            .filter(|service| {
                let confirmed = service.entry.assured_on;
                service.review_on.is_some_and(|review| review <= today)
                    || confirmed.is_none_or(|day| day < confirmed_since)
            })
            .collect();
        due.sort_by_key(|service| (service.review_on, service.entry.assured_on, service.service));
        due.truncate(rows_max.clamp(1, VIEW_ROWS_MAX));
        due
    }

    /// How many services are in use.
    pub fn count(&self) -> usize {
        let in_use = self.services.values().filter(|service| !service.retired);
        in_use.count()
    }

    fn place(&self, service: ServiceId) -> Option<(String, ServiceId)> {
        let found = self.found.get(&service)?;
        Some((found.name.clone(), service))
    }

    fn index(&mut self, id: ServiceId) {
        let Some(service) = self.services.get(&id) else {
            return;
        };
        let findable = Findable::new(&service.entry);
        if let Some(old) = self.place(id) {
            self.by_name.remove(&old);
        }
        self.by_name.insert((findable.name.clone(), id));
        self.found.insert(id, findable);
    }
}

impl Projection for Directory {
    const NAME: &'static str = "directory";
    const VERSION: u32 = 1;

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a fold names the events that concern it and passes all others by"
    )]
    fn apply(&mut self, _position: u64, record: &Record) {
        let StreamId::Service(id) = record.stream else {
            return;
        };
        if let Event::ServiceRegistered(registered) = &record.event {
            let service = Service {
                service: id,
                entry: registered.entry.clone(),
                assessment: Assessment::NotAssessed,
                review_on: None,
                retired: false,
                version: record.version,
            };
            self.services.insert(id, service);
            self.index(id);
        }
        let Some(service) = self.services.get_mut(&id) else {
            return;
        };
        service.version = record.version;
        match &record.event {
            Event::ServiceUpdated(updated) => {
                service.entry = updated.entry.clone();
                self.index(id);
            }
            Event::ServiceAssessed(assessed) => {
                service.assessment = assessed.assessment;
                service.review_on = Some(assessed.review_on);
            }
            Event::ServiceRetired(_) => service.retired = true,
            _ => {}
        }
    }

    fn reindex(&mut self) {
        self.found.clear();
        self.by_name.clear();
        let ids: Vec<_> = self.services.keys().copied().collect();
        for id in ids {
            self.index(id);
        }
    }
}

/// A search with its texts folded once.
struct Wanted<'a> {
    search: &'a Search,
    words: Vec<String>,
    sector: Option<String>,
    area: Vec<String>,
    language: Option<String>,
}

impl<'a> Wanted<'a> {
    fn new(search: &'a Search) -> Self {
        let limited = |text: &str| {
            let mut words = words(text);
            words.truncate(SEARCH_WORDS_MAX);
            words
        };
        Self {
            search,
            words: limited(&search.text),
            sector: search.sector.as_deref().map(phrase),
            area: limited(search.area.as_deref().unwrap_or_default()),
            language: search.language.as_deref().map(phrase),
        }
    }

    fn fits(&self, service: &Service, found: &Findable) -> bool {
        let search = self.search;
        let entry = &service.entry;
        let among = |wanted: &Option<String>, all: &[String]| {
            wanted.as_ref().is_none_or(|one| all.contains(one))
        };
        (search.confidential || !entry.confidential)
            && (search.retired || !service.retired)
            && search
                .organisation
                .is_none_or(|one| entry.organisation == one)
            && search
                .accepts_referrals
                .is_none_or(|one| entry.accepts_referrals == one)
            && search
                .assessment
                .is_none_or(|one| service.assessment == one)
            && among(&self.sector, &found.sectors)
            && among(&self.language, &found.languages)
            && (self.area.is_empty() || found.locations.iter().any(|one| holds(one, &self.area)))
            && holds(&found.words, &self.words)
    }
}

impl Findable {
    fn new(entry: &ServiceEntry) -> Self {
        let texts = [&entry.name, &entry.organisation_name, &entry.description];
        let texts = texts
            .into_iter()
            .chain(&entry.sectors)
            .chain(&entry.locations);
        Self {
            name: phrase(&entry.name.0),
            words: texts.flat_map(|text| words(&text.0)).collect(),
            sectors: entry.sectors.iter().map(|text| phrase(&text.0)).collect(),
            languages: entry.languages.iter().map(|text| phrase(&text.0)).collect(),
            locations: entry
                .locations
                .iter()
                .map(|text| words(&text.0).into_iter().collect())
                .collect(),
        }
    }
}

/// Whether each of the wanted words starts one of these.
fn holds(words: &BTreeSet<String>, wanted: &[String]) -> bool {
    wanted.iter().all(|start| {
        let next = words
            .range::<str, _>((Bound::Included(start.as_str()), Bound::Unbounded))
            .next();
        next.is_some_and(|word| word.starts_with(start.as_str()))
    })
}
